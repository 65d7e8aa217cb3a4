"""The people of the market as a real process, against a small factory that keeps only the API's promises."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from creditfactory import decision, gateways

SOURCE = Path(__file__).resolve().parents[2] / "src"
KEYS = {"people": "p-secret"}
WAITS = ("consents_signed", "work:phone_check", "work:review", "contract_signed", "use_proof", "")
ROLES = {"phone_check": "phone_officer", "review": "credit_officer"}


class SmallFactory:
    """Takes applications, asks for consents, a phone check, a review, the contract and a proof, one after the other."""

    def __init__(self) -> None:
        self.cases: dict[str, dict[str, Any]] = {}
        self.events: list[tuple[str, str]] = []
        self.results: list[tuple[str, str, dict[str, Any]]] = []
        self.submissions: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.broken = 0
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), build_door(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> SmallFactory:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        parts = path.strip("/").split("/")[2:]
        if parts == ["clock"]:
            return 200, {"now": "2026-11-03T02:00:00+00:00", "speed": 3600}
        if self.broken:
            self.broken -= 1
            return 503, {}
        if parts == ["applications"]:
            return self._submit(body)
        if parts[0] == "applications" and method == "GET":
            return 200, self._show(parts[1])
        if parts[0] == "applications":
            return self._hear(parts[1], body)
        if parts == ["work", "take"]:
            return self._give(body["role"], body["by"])
        return self._take_in(parts[1], body)

    def _submit(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        for number, case in self.cases.items():
            if case["reference"] == body["reference"]:
                return 200, {"case": number}
        number = f"C{len(self.cases) + 1}"
        self.submissions.append(body)
        self.cases[number] = {"reference": body["reference"], "step": 0, "claimed": None}
        return 201, {"case": number}

    def _show(self, number: str) -> dict[str, Any]:
        case = self.cases[number]
        waits = WAITS[case["step"]]
        return {
            "case": number,
            "reference": case["reference"],
            "status": "waiting" if waits else "done",
            "waits_for": waits,
        }

    def _hear(self, number: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        case = self.cases[number]
        if WAITS[case["step"]] != body["kind"]:
            return 409, {}
        self.events.append((case["reference"], body["kind"]))
        case["step"] += 1
        return 200, {}

    def _give(self, role: str, by: str) -> tuple[int, dict[str, Any] | None]:
        for number, case in self.cases.items():
            kind = WAITS[case["step"]].removeprefix("work:")
            if ROLES.get(kind) == role and case["claimed"] is None:
                case["claimed"] = by
                brief = {"amount_cents": 25_000_000, "declared_sales_12m_cents": 300_000_000}
                work = f"{number}-{kind}"
                return 200, {"number": work, "case": number, "station": kind, "kind": kind, "brief": brief}
        return 204, None

    def _take_in(self, work: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        number, _, kind = work.partition("-")
        case = self.cases[number]
        assert case["claimed"] == body["by"]
        self.results.append((case["reference"], kind, body["result"]))
        case["claimed"], case["step"] = None, case["step"] + 1
        return 200, {}


def build_door(factory: SmallFactory) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fault = gateways.check_signature(
                dict(self.headers.items()), KEYS, method=method, path=self.path, body=text, now_seconds=time.time()
            )
            with factory.lock:
                if fault:
                    factory.faults.append(f"{fault} {method} {self.path}")
                status, body = factory.answer(method, self.path, json.loads(text) if text else {})
            found = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Door


@contextmanager
def open_town(tmp_path: Path, url: str, *words: str) -> Any:
    """The process of the people."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KEYS))
    command = [sys.executable, "-W", "error", "-m", "creditfactory.world.people", "--url", url, "--keys", str(keys)]
    process = subprocess.Popen(
        [*command, "--rate", "3000", "--state", str(tmp_path / "people.jsonl"), *words],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=15)


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def factory() -> Any:
    with SmallFactory() as small:
        yield small


def test_people_apply_sign_and_work_until_the_money_is_used(factory: SmallFactory, tmp_path: Path) -> None:
    with open_town(tmp_path, factory.url, "--count", "4"):
        wait_for(lambda: len([e for e in factory.events if e[1] == "contract_signed"]) >= 3)
    assert factory.faults == []
    assert [s["reference"] for s in factory.submissions] == [f"W7-{number:06d}" for number in range(4)]
    for submission in factory.submissions:
        body = {name: value for name, value in submission.items() if name != "person"}
        body["applicant"] = {**body["applicant"], "token": "t"}
        assert gateways.read_dossier(body).applied_at.isoformat() == "2026-11-03T02:00:00+00:00"
    for reference, kind, result in factory.results:
        if kind == "phone_check":
            gateways.load_plain(decision.PhoneCheckForm, result)
        else:
            assert result["decision"] in ("approve", "decline"), reference
    assert len(set(factory.events)) == len(factory.events), "nothing is signed twice"


def test_killed_and_started_again_they_go_on_where_they_were(factory: SmallFactory, tmp_path: Path) -> None:
    with open_town(tmp_path, factory.url, "--no-staff") as process:
        wait_for(lambda: len(factory.submissions) >= 3)
        os.kill(process.pid, signal.SIGKILL)
    before = len(factory.submissions)
    signed_before = len(factory.events)
    with open_town(tmp_path, factory.url, "--no-staff"):
        wait_for(lambda: len(factory.submissions) >= before + 3)
        wait_for(lambda: {f"W7-{number:06d}" for number in range(before)} <= {event[0] for event in factory.events})
    references = [submission["reference"] for submission in factory.submissions]
    assert references == [f"W7-{number:06d}" for number in range(len(references))]
    assert signed_before < before, "some had not signed when they were killed, and were followed again"


def test_a_factory_that_stumbles_loses_no_application(factory: SmallFactory, tmp_path: Path) -> None:
    factory.broken = 2
    with open_town(tmp_path, factory.url, "--no-staff"):
        wait_for(lambda: len(factory.submissions) >= 2)
    assert [s["reference"] for s in factory.submissions][:2] == ["W7-000000", "W7-000001"]
