"""One application from the gate to its labels, without pictures: what the gate itself costs, against 50 ms.

    python benchmarks/gate.py [--applications 2000] [--times 300]

On an embedded PostgreSQL with so many earlier applications that share devices, addresses and phones: count what was
seen around it, weigh the session, weigh it again with the identity check, look at the lists, compute the labels.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def open_house(folder: Path) -> Any:
    """A database of its own, with the tables and one factory."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from creditfactory.service.embedded import EmbeddedPostgres
    from creditfactory.service.setting_up import make_tables, open_factory, set_up_django

    server = EmbeddedPostgres(folder)
    server.start()
    set_up_django(
        {
            "DATABASE_URL": f"postgresql:///creditfactory?host={server.socket_dir}&user=postgres",
            "CREDITFACTORY_SECRET": "only-for-this-benchmark-" + "x" * 32, "CREDITFACTORY_VAULT_KEY": "A" * 43 + "=",
        }
    )  # fmt: skip
    make_tables()
    open_factory("bench", "Bench", "cn-micro", business_on=date(2026, 11, 23), hour=9, utc_offset_hours=8,
                 speed=0, officers=("guo", "lin"))  # fmt: skip
    return server


def fill(count: int) -> list[tuple[int, Any]]:
    """Earlier applications of the simulated market, a tenth of them on a handful of devices and addresses."""
    from creditfactory import gateways, records, stations
    from creditfactory.world import load_market, make_application

    tenant, market = records.find_tenant("bench"), load_market()
    assert tenant is not None
    found = []
    for index in range(count):
        body = make_application(market, 7, index, at=datetime(2026, 11, 23, 1, tzinfo=UTC) - timedelta(minutes=index))
        submission = gateways.read_submission(json.dumps(body, ensure_ascii=False).encode(), may_bring_sources=True)
        token, phone = records.seal_person(tenant=tenant, facts=submission.person, at=submission.dossier.applied_at)
        dossier = gateways.name_applicant(submission, token)
        if index % 10 == 0:
            session = dossier.evidence[0]
            shared = replace(session, device=f"dev-shared-{index % 50}", ip=f"ip-shared-{index % 3}")
            dossier = replace(dossier, evidence=(shared, *dossier.evidence[1:]))
        receipt = stations.submit_dossier(tenant, dossier, by="bench", phone_index=phone, start=False)
        found.append((receipt.application_id, dossier))
    return found


def main() -> None:
    """Measure each part and the whole; JSON on stdout."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    reader.add_argument("--applications", type=int, default=2_000)
    reader.add_argument("--times", type=int, default=300)
    asked = reader.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = open_house(Path(folder))
        try:
            print(json.dumps(measure(asked.applications, asked.times), indent=1))
        finally:
            from django.db import connection

            connection.close()
            server.stop()


def measure(applications: int, times: int) -> dict[str, Any]:
    """Milliseconds of each part, median and 99th per cent."""
    from django.db import connection

    from creditfactory import application, gateways, identity, labels, publishing, records
    from creditfactory.world import evidence_for, load_market

    known = fill(applications)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    tenant = records.find_tenant("bench")
    assert tenant is not None
    market, now = load_market(), datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    release = publishing.choose_champion(publishing.find_releases(tenant), now.date())
    book = publishing.load_rulebook(release.digest).at(now.date())
    took: dict[str, list[float]] = {name: [] for name in ("velocity", "first_look", "gate", "lists", "labels", "whole")}

    def clock(name: str, act: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        answer = act()
        took[name].append(1000 * (time.perf_counter() - begun))
        return answer

    for place in range(times + 20):
        number, dossier = known[place * 7 % len(known)]
        told = evidence_for(market, 7, dossier.reference, "identity", asked_at=now)
        check = gateways.load_plain(application.IdentityCheck, told)
        whole = application.add_evidence(dossier, check)
        look, read = partial(identity.check_front_gate, parameters=book.parameters), partial(labels.compute, as_of=now)
        begun = time.perf_counter()
        counted = clock("velocity", partial(records.count_velocity, application_id=number, at=now))
        seen = identity.Velocity(**asdict(counted))
        clock("first_look", partial(look, dossier, velocity=seen, is_identity_due=False))
        clock("gate", partial(look, whole, velocity=seen))
        clock("lists", partial(records.find_list_hits, tenant.id, dossier.applicant.token, now.date()))
        clock("labels", partial(read, whole, parameters=book.parameters))
        took["whole"].append(1000 * (time.perf_counter() - begun))
    figures = {}
    for name, spans in took.items():
        warm = sorted(spans[20:])
        figures[name] = {"p50_ms": round(statistics.median(warm), 2), "p99_ms": round(warm[int(len(warm) * 0.99)], 2)}
    return {"applications_before": applications, "measured": times, **figures, "reach_ms": 50}


if __name__ == "__main__":
    main()
