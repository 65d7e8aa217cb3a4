"""Past loans through the line while its processes are killed in the middle of stations: the same result, to the cent.

Shows that a killed worker or database loses nothing and doubles nothing (FAC-01): every kill is proven, by the flight
recorder of the process that died, to have fallen between entering a station and leaving it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

SBA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sba" / "sba_7a_30k.parquet"
LOANS = os.environ.get("CREDITFACTORY_KILL_LOANS", "240")
WORKER_KILLS = 5
DATABASE_KILL_AFTER = 3

pytestmark = pytest.mark.skipif(not SBA.exists(), reason=f"the public SBA file is not at {SBA}")

FACTS = """
SELECT a.reference, a.status, a.station, a.lane, a.reason, a.points, a.tier, a.visits_made,
  l.number IS NOT NULL, l.status, l.principal_cents, l.paid_cents, l.loss_cents, l.ended_on::text,
  (SELECT string_agg(v.station || ':' || v.outcome || ':' || v.lane, ' ' ORDER BY v.sequence)
     FROM visit v WHERE v.application_id = a.id)
FROM application a LEFT JOIN loan l ON l.application_id = a.id ORDER BY a.reference
"""
SUMS = "SELECT e.account, count(*), sum(e.cents) FROM entry e GROUP BY 1 ORDER BY 1"
REPAID = "SELECT count(*), sum(principal_cents), sum(interest_cents) FROM repayment"


def start_import(data: Path) -> subprocess.Popen[bytes]:
    """The import as a user starts it, in a folder of its own, with flight recorders on."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "CREDITFACTORY_FLIGHT_RECORDER": str(data / "flights"),
        "CREDITFACTORY_DATA": str(data),
    }
    environment.pop("CREDITFACTORY_CONN_MAX_AGE", None)
    with (data / "report.json").open("wb") as report, (data / "words.txt").open("wb") as words:
        return subprocess.Popen(
            [
                sys.executable, "-m", "creditfactory", "history", "import", "sba", str(SBA),
                "--from", "2001", "--to", "2005", "--limit", LOANS, "--until", "2009-12-31",
            ],
            env=environment, stdout=report, stderr=words,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip


def read_results(data: Path) -> tuple[list[Any], list[Any], list[Any]]:
    """All facts of an import's end state that must not depend on what was killed, straight from its database."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
    from creditfactory.service.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(data)
    server.start()
    try:
        with psycopg.connect(host=str(server.socket_dir), user="postgres", dbname="creditfactory") as connection:
            return tuple(connection.execute(sql).fetchall() for sql in (FACTS, SUMS, REPAID))  # type: ignore[return-value]
    finally:
        server.stop()


def count_steps(flights: Path) -> int:
    """How much has been noted by all processes together."""
    return sum(flight.read_bytes().count(b"\n") for flight in flights.glob("*.flight")) if flights.exists() else 0


def last_line(flight: Path) -> str:
    """The last thing a process noted."""
    lines = flight.read_text(encoding="utf-8").splitlines()
    return lines[-1] if lines else ""


def kill_in_a_station(flights: Path, killed: set[int]) -> str | None:
    """Kill -9 a worker that is in a station now; what its recorder ends with if it died there, else None."""
    for flight in sorted(flights.glob("*.flight")):
        pid = int(flight.stem)
        if pid in killed or not Path(f"/proc/{pid}").exists() or not last_line(flight).startswith("enter"):
            continue
        os.kill(pid, signal.SIGKILL)
        killed.add(pid)
        time.sleep(0.05)
        return last_line(flight) if last_line(flight).startswith("enter") else None
    return None


def kill_database(data: Path, flights: Path, killed: set[int]) -> list[str]:
    """Kill -9 the postmaster while workers are in stations; which stations they were in."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        inside = [
            last_line(flight)
            for flight in flights.glob("*.flight")
            if int(flight.stem) not in killed and Path(f"/proc/{flight.stem}").exists()
        ]
        if any(line.startswith("enter") for line in inside):
            pid = int((data / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, signal.SIGKILL)
            return [line for line in inside if line.startswith("enter")]
    return []


def test_kills_in_mid_station_change_nothing(tmp_path: Path) -> None:
    """FAC-01: five workers and the database killed in mid-run; the end state equals an undisturbed run's."""
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    calm.mkdir()
    rough.mkdir()
    assert start_import(calm).wait(600) == 0, (calm / "words.txt").read_text()[-2000:]

    steps_between = count_steps(calm / "flights") // (WORKER_KILLS + 2)
    importing = start_import(rough)
    flights, killed, deaths = rough / "flights", set[int](), list[str]()
    database_deaths: list[str] = []
    next_at = steps_between
    while importing.poll() is None:
        if len(deaths) < WORKER_KILLS and count_steps(flights) > next_at:
            death = kill_in_a_station(flights, killed)
            if death is not None:
                deaths.append(death)
                next_at = count_steps(flights) + steps_between
        if len(deaths) >= DATABASE_KILL_AFTER and not database_deaths:
            time.sleep(1.0)
            database_deaths = kill_database(rough, flights, killed)
        time.sleep(0.002)

    assert importing.returncode == 0, (rough / "words.txt").read_text()[-2000:]
    assert len(deaths) == WORKER_KILLS and all(death.startswith("enter ") for death in deaths), deaths
    assert database_deaths, "the database was not killed while a worker was in a station"
    assert read_results(rough) == read_results(calm)
    report = json.loads((rough / "report.json").read_text(encoding="utf-8"))
    assert report["accounts_equal"] and report["none_lost_none_twice"] and report["cases"]["total"] == int(LOANS)
