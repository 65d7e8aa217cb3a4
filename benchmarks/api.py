"""A served factory on loopback, asked by 16 connections: a decision at once, and applications handed in.

Run: ``.venv/bin/python benchmarks/api.py [--seconds 15] [--connections 16] [--workers 1 --threads 4]``. PostgreSQL is the
embedded one, the door is granian as it is served, requests are signed; client and server share the machine's cores.
The last part takes one process and one request after the other, and says where the time of a request goes.
"""

from __future__ import annotations

import argparse
import cProfile
import http.client
import json
import os
import pstats
import statistics
import sys
import tempfile
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
SECRET, KEY = "a-benchmark-has-no-secrets", "bench"
DECIDE, SUBMIT = "/api/v1/decisions", "/api/v1/applications"
PARTS = {
    "signature": ("check_signature", "unwrap_secret"),
    "find the key (database)": ("load_partner",),
    "keep the nonce (database)": ("use_nonce",),
    "clock, channel, release (database)": ("read_clock", "load_channel_facts", "find_releases"),
    "read the dossier": ("read_dossier", "read_submission"),
    "decide": ("decide",),
    "keep the event (database)": ("note_decision_at_once",),
    "person and case (database)": ("seal_person", "submit_dossier"),
    "tell": ("tell_decision", "_result_to_response"),
}
_numbers = count()


def build_dossier(is_submission: bool) -> bytes:
    """The documents' approved example under a reference of its own."""
    whole = json.loads((ROOT / "docs" / "examples" / "cn-micro-approve.json").read_text("utf-8"))
    whole["reference"] = f"B-{os.getpid()}-{next(_numbers)}"
    if is_submission:
        whole["applicant"].pop("token")
        whole["applicant"]["born_on"] = "1949-12-31"
        whole["person"] = {"name": "李小明", "id_number": "11010519491231002X", "phone": "13800000001"}
        own = ("device", "insurance_policy", "mortgage", "car_loan")
        whole["evidence"] = [record for record in whole["evidence"] if record["kind"] in own]
    return json.dumps(whole, ensure_ascii=False).encode()


def build_headers(path: str, body: bytes) -> dict[str, str]:
    from creditfactory import gateways

    nonce = f"{os.getpid()}-{next(_numbers)}"
    signed = gateways.build_signed_headers(
        KEY, SECRET, method="POST", path=path, time=str(int(time.time())), nonce=nonce, body=body
    )
    return {**signed, "Content-Type": "application/json"}


def open_house(environment: dict[str, str]) -> Any:
    """Tables, a factory on the example's day, and a key that may have decisions at once."""
    from creditfactory.service.setting_up import make_tables, open_factory, set_up_django

    set_up_django(environment)
    make_tables()
    from datetime import UTC, date, datetime

    from creditfactory import records

    asked = json.loads((ROOT / "docs" / "examples" / "cn-micro-approve.json").read_text("utf-8"))
    day = date.fromisoformat(asked["applied_at"][:10])
    tenant = open_factory("bench", "Bench", "cn-micro", business_on=day, hour=18, utc_offset_hours=8, speed=0,
                          officers=("guo", "lin"))  # fmt: skip
    channel = asked["channel"]
    records.save_channel(
        tenant=tenant, code=channel["company"], name="Bench", kind=channel["kind"], grade="A", status="admitted",
        deposit_cents=1, deposit_required_cents=1, since=day,
    )  # fmt: skip
    records.add_partner(
        tenant=tenant, key=KEY, party=channel["company"], role="broker", rights=("decide",), secret=SECRET,
        per_minute_max=10_000_000, by="bench", at=datetime.now(UTC),
    )  # fmt: skip
    return tenant


class Connection(threading.Thread):
    """One client: a request after the other until told to stop."""

    def __init__(self, port: int, path: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.path, self.stop = port, path, stop
        self.milliseconds: list[float] = []
        self.statuses: dict[int, int] = {}

    def run(self) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stop.is_set():
            body = build_dossier(self.path == SUBMIT)
            headers = build_headers(self.path, body)
            begun = time.perf_counter()
            link.request("POST", self.path, body, headers)
            answer = link.getresponse()
            answer.read()
            self.milliseconds.append((time.perf_counter() - begun) * 1e3)
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        link.close()


def press(port: int, path: str, *, connections: int, seconds: float) -> dict[str, Any]:
    """So many connections for so long: requests a second, median and 99th percentile."""
    stop = threading.Event()
    clients = [Connection(port, path, stop) for _ in range(connections)]
    begun = time.perf_counter()
    for client in clients:
        client.start()
    stop.wait(seconds)
    stop.set()
    for client in clients:
        client.join()
    lasted = time.perf_counter() - begun
    every = sorted(ms for client in clients for ms in client.milliseconds)
    statuses: dict[int, int] = {}
    for client in clients:
        for status, n in client.statuses.items():
            statuses[status] = statuses.get(status, 0) + n
    return {
        "path": path, "connections": connections, "requests": len(every), "per_second": round(len(every) / lasted, 1),
        "p50_ms": round(statistics.median(every), 1), "p99_ms": round(every[int(len(every) * 0.99)], 1),
        "max_ms": round(every[-1], 1), "statuses": statuses,
    }  # fmt: skip


def look_inside(path: str, *, rounds: int) -> dict[str, Any]:
    """Where the time of one request goes, in this process, one after the other: the profile's share of each part."""
    from django.test import Client

    client = Client()

    def ask() -> int:
        body = build_dossier(path == SUBMIT)
        return int(client.generic("POST", path, body, headers=build_headers(path, body)).status_code)

    for _ in range(20):
        assert ask() in (200, 201)
    begun = time.perf_counter()
    for _ in range(rounds):
        ask()
    plain = (time.perf_counter() - begun) / rounds * 1e3
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(rounds):
        ask()
    profile.disable()
    stats = pstats.Stats(profile)
    table: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = stats.stats  # type: ignore[attr-defined]
    total = stats.total_tt  # type: ignore[attr-defined]
    shares = {
        part: sum(row[3] for (_, _, name), row in table.items() if name in names) / total
        for part, names in PARTS.items()
    }
    return {
        "path": path, "alone_ms": round(plain, 2),
        "share_percent": {part: round(100 * share, 1) for part, share in shares.items() if share > 0.002},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1, help="granian's processes")
    parser.add_argument("--threads", type=int, default=4, help="granian's threads in each")
    chosen = parser.parse_args()
    from creditfactory.service.importing import installation_secrets
    from creditfactory.service.installation import Installation
    from creditfactory.service.supervisor import free_port, supervise, wait_for_port, web_spec

    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder) / "bench")
        environment = {**installation_secrets(installation), "CREDITFACTORY_HOSTS": "127.0.0.1,localhost,testserver"}
        with supervise(installation, environment) as supervisor:
            open_house(supervisor.environment)
            port = free_port()
            supervisor.add(web_spec("127.0.0.1", port, workers=chosen.workers, threads=chosen.threads))
            assert wait_for_port("127.0.0.1", port), "the web door did not open"
            print(json.dumps({"load": os.getloadavg(), "cores": os.cpu_count(), "workers": chosen.workers,
                              "threads": chosen.threads}), flush=True)  # fmt: skip
            for path in (DECIDE, SUBMIT):
                press(port, path, connections=2, seconds=2.0)
                for connections in (1, chosen.connections):
                    print(json.dumps(press(port, path, connections=connections, seconds=chosen.seconds)), flush=True)
            for path in (DECIDE, SUBMIT):
                print(json.dumps(look_inside(path, rounds=200), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
