"""The line's speed: applications a second through all 24 stations, and how soon one application is decided.

    python benchmarks/line.py PATH_TO_SBA_FILE [--applications 1000] [--workers 2]

Real past loans run through the real line (rules, card, offer, schedule, ledger), every move committed, on an embedded
PostgreSQL in a temporary folder. Beside it, in the same run and on the same server, stands the reference: the same
number of bare moves (one compare-and-set statement with its visit, a commit each) from as many processes, with nothing
done at the stations and no queue. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

BARE = """
WITH moved AS (UPDATE bare_case SET station = station + 1, version = version + 1
  WHERE id = %(id)s AND version = %(version)s RETURNING id)
INSERT INTO bare_visit (case_id, station, result) SELECT id, %(version)s, %(result)s FROM moved
"""


def move_bare(url: str, first: int, last: int) -> None:
    """Twenty-four bare moves for each case of a range."""
    with psycopg.connect(url, autocommit=True) as connection:
        for case in range(first, last):
            for version in range(24):
                connection.execute(
                    BARE, {"id": case, "version": version, "result": '{"why": "reference"}'}, prepare=True
                )


def measure_reference(url: str, cases: int, processes: int) -> float:
    """Cases a second through 24 bare moves."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare_case (id bigint PRIMARY KEY, station int, version int)")
        connection.execute(
            "CREATE TABLE bare_visit (id bigserial PRIMARY KEY, case_id bigint, station int, result text)"
        )
        connection.execute("INSERT INTO bare_case SELECT n, 0, 0 FROM generate_series(0, %s) n" % cases)
    size = cases // processes
    started = time.perf_counter()
    crew = [
        multiprocessing.Process(target=move_bare, args=(url, number * size, (number + 1) * size))
        for number in range(processes)
    ]
    for process in crew:
        process.start()
    for process in crew:
        process.join()
    return size * processes / (time.perf_counter() - started)


def measure_line(path: Path, applications: int, workers: int) -> dict[str, Any]:
    """Throughput and latency of the real line, and the reference beside it."""
    from creditfactory.service.importing import installation_secrets
    from creditfactory.service.installation import Installation
    from creditfactory.service.setting_up import make_tables, set_up_django
    from creditfactory.service.supervisor import supervise, worker_specs

    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder))
        with supervise(installation, installation_secrets(installation)) as supervisor:
            set_up_django(supervisor.environment)
            make_tables()
            reference = measure_reference(supervisor.database_url, max(200, applications // 4), workers)
            for spec in worker_specs(workers, concurrency=1):
                supervisor.add(spec)
            line = _run_line(path, applications)
            return {"reference_cases_a_second": round(reference, 1), **line, "workers": workers} | {
                "ratio": round(line["applications_a_second"] / reference, 3)
            }


def _run_line(path: Path, applications: int) -> dict[str, Any]:
    from creditfactory import records, stations
    from creditfactory.batches.history import _save_outcomes, drain
    from creditfactory.gateways.sba import read_sba

    tenant = records.open_tenant(
        code="bench", name="Benchmark", pack="us-sba", business_on=date(2003, 10, 1), speed=0, by="benchmark",
        now=datetime(2003, 10, 1, tzinfo=UTC),
    )  # fmt: skip
    loans, _ = read_sba(path, 2004, 2008, applications + 150)
    _save_outcomes(tenant, loans)
    for loan in loans[:50]:
        stations.submit_dossier(tenant, loan.dossier, by="benchmark")
    drain(tenant)
    ids = [
        stations.submit_dossier(tenant, loan.dossier, by="benchmark", start=False).application_id
        for loan in loans[50 : 50 + applications]
    ]
    started = time.perf_counter()
    with records.together():
        for application_id in ids:
            records.advance(application_id)
    drain(tenant)
    seconds = time.perf_counter() - started
    waits = []
    for loan in loans[50 + applications :]:
        begun = time.perf_counter()
        receipt = stations.submit_dossier(tenant, loan.dossier, by="benchmark")
        while (state := records.find_application(tenant_id=tenant.id, number=receipt.number)) is not None:
            if state.decided_at is not None:
                break
            time.sleep(0.001)
        waits.append(1000 * (time.perf_counter() - begun))
    cuts = statistics.quantiles(waits, n=20)
    return {
        "applications": len(ids),
        "applications_a_second": round(len(ids) / seconds, 1),
        "submit_to_decision_ms": {"p50": round(statistics.median(waits), 1), "p95": round(cuts[18], 1)},
        "visits": records.count_cases(tenant.id)["visits"],
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--applications", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(json.dumps(measure_line(arguments.path, arguments.applications, arguments.workers)))


if __name__ == "__main__":
    main()
