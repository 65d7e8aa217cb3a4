"""A factory's processes under accidents: what dies comes back, what is taken is said, and nothing is left behind."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_parents() -> dict[int, tuple[int, str, str]]:
    """Every living process: its parent, its start, and its command."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if fields[0] != "Z":
                    found[int(folder.name)] = (int(fields[1]), fields[19], command)
    return found


def list_family(pid: int) -> dict[int, tuple[int, str, str]]:
    """A process and all that come from it."""
    living = read_parents()
    family = {pid: living[pid]}
    while True:
        more = {child: facts for child, facts in living.items() if facts[0] in family and child not in family}
        if not more:
            return family
        family |= more


def still_living(family: dict[int, tuple[int, str, str]]) -> list[str]:
    living = read_parents()
    return [facts[2] for pid, facts in family.items() if pid in living and living[pid][1] == facts[1]]


def find_one(family: dict[int, tuple[int, str, str]], word: str) -> int:
    """The topmost process of the family whose command holds a word."""
    return min(
        pid for pid, facts in family.items() if word in facts[2] and word not in family.get(facts[0], ("",) * 3)[2]
    )


def wait_for(condition: Callable[[], object], what: str, seconds: float = 30.0) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, what
        time.sleep(0.05)
    return time.monotonic() - began


class House:
    """A factory started with ``creditfactory serve`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port = free_port()
        self.words = folder / "words.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, port: int, data: Path) -> tuple[list[str], dict[str, str]]:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "CREDITFACTORY_CONN_MAX_AGE")
        }
        environment |= {"PYTHONPATH": str(ROOT / "src"), "CREDITFACTORY_DATA": str(data)}
        return [sys.executable, "-m", "creditfactory", "serve", "--port", str(port)], environment

    def start(self) -> None:
        words, environment = self.command(self.port, self.data)
        with self.words.open("ab") as said:
            self.process = subprocess.Popen(words, env=environment, stdout=said, stderr=said, start_new_session=True)
        wait_for(lambda: self.process.poll() is not None or self.get("/readyz") == 200, "it did not start", 60)
        assert self.process.poll() is None, self.words.read_text()
        wait_for(lambda: len([f for f in self.family().values() if "service.worker" in f[2]]) == 1, "no worker", 15)

    def try_start(self, port: int, data: Path) -> subprocess.CompletedProcess[str]:
        words, environment = self.command(port, data)
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def family(self) -> dict[int, tuple[int, str, str]]:
        assert self.process is not None
        return list_family(self.process.pid)

    def get(self, path: str, host: str | None = None) -> int:
        """The status of a page; 0 while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={} if host is None else {"Host": host})
            answer = connection.getresponse()
            self.body, self.headers = answer.read(), answer.headers
        except (OSError, http.client.HTTPException):
            return 0
        else:
            return answer.status
        finally:
            connection.close()

    def end(self) -> None:
        """Leave nothing of this test behind, whatever happened to it."""
        if self.process is not None and self.process.poll() is None:
            family = self.family()
            for how in (signal.SIGCONT, signal.SIGINT):
                self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            for pid in family:
                if still_living({pid: family[pid]}):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(5)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    try:
        yield house
    finally:
        house.end()


def test_a_factory_survives_its_accidents_and_leaves_nothing_behind(house: House, tmp_path: Path) -> None:
    house.start()
    check_pages(house)
    check_second_start(house, tmp_path)
    check_database_killed(house)
    check_web_and_worker_killed(house)
    where = json.loads((house.data / "where.json").read_text())
    with psycopg.connect(where["database_url"], autocommit=True) as connection:
        connection.execute("CREATE TABLE left_here AS SELECT 42 AS number")
    secrets = (house.data / "secrets.json").read_bytes()
    check_supervisor_killed(house)
    spoil_locks(house)
    house.start()
    with psycopg.connect(where["database_url"]) as connection:
        assert connection.execute("SELECT number FROM left_here").fetchone() == (42,)
    assert (house.data / "secrets.json").read_bytes() == secrets
    check_ended_by_hand(house)


def check_pages(house: House) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/sign-in/"):
        assert house.get(path) == 200, path
        for name, value in (
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin"),
        ):  # fmt: skip
            assert house.headers[name] == value, (path, name)
    assert "script-src 'self'" in house.headers["Content-Security-Policy"]
    assert house.get("/metrics") == 200
    assert b"creditfactory_database_answers 1.0" in house.body
    assert house.get("/api/v1/clock") == 401
    assert house.get("/sign-in/", host="elsewhere.example") == 400
    assert "Traceback" not in (house.data / "factory.log").read_text()


def check_second_start(house: House, tmp_path: Path) -> None:
    """The same folder, or the same port: one sentence, exit 1, and no process more than before."""
    before = set(house.family())
    second = house.try_start(free_port(), house.data)
    assert house.process is not None
    assert second.returncode == 1
    assert "already running" in second.stderr
    assert f"pid {house.process.pid}" in second.stderr
    assert f"http://127.0.0.1:{house.port}" in second.stderr
    taken = house.try_start(house.port, tmp_path / "other")
    assert taken.returncode == 1
    assert taken.stderr.startswith(f"Port {house.port} on 127.0.0.1 cannot be used")
    assert not (tmp_path / "other" / "postgres").exists()
    assert taken.stderr.count("\n") == second.stderr.count("\n") == 1
    assert not [facts for facts in read_parents().values() if str(tmp_path / "other") in facts[2]]
    assert set(house.family()) & before == before


def check_database_killed(house: House) -> None:
    """While it is away, readyz says so and nothing breaks; it comes back by itself."""
    assert house.process is not None
    postgres = find_one(house.family(), "bin/postgres")
    house.process.send_signal(signal.SIGSTOP)
    os.kill(postgres, signal.SIGKILL)
    wait_for(lambda: house.get("/readyz") == 503, "readyz does not see that the database is gone", 15)
    assert house.get("/healthz") == 200
    assert house.get("/metrics") == 200
    assert b"creditfactory_database_answers 0.0" in house.body
    assert house.get("/api/v1/clock") == 401
    house.process.send_signal(signal.SIGCONT)
    wait_for(lambda: house.get("/readyz") == 200, "the database did not come back")
    assert find_one(house.family(), "bin/postgres") != postgres


def check_web_and_worker_killed(house: House) -> None:
    for word in ("granian", "service.worker"):
        family = house.family()
        first = find_one(family, word)
        below = {pid: facts for pid, facts in family.items() if pid == first or facts[0] == first}
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: not still_living(below), f"something of {word} is left", 6)  # noqa: B023
        wait_for(lambda: any(word in f[2] for f in house.family().values()), f"{word} did not come back", 15)  # noqa: B023
    wait_for(lambda: house.get("/readyz") == 200, "the web door did not come back")


def check_supervisor_killed(house: House) -> None:
    assert house.process is not None
    family = house.family()
    assert len(family) >= 4
    house.process.kill()
    house.process.wait()
    wait_for(lambda: not still_living(family), f"left: {still_living(family)}", 6)


def spoil_locks(house: House) -> None:
    """A lock file that names somebody else's process: ours, which is alive and no database."""
    lock = house.data / "postgres" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{house.data}\n")
    (house.data / "where.json").write_text("not json")


def check_ended_by_hand(house: House) -> None:
    assert house.process is not None
    family = house.family()
    assert os.getpgid(find_one(family, "bin/postgres")) != house.process.pid, "Ctrl-C would reach the database first"
    os.killpg(house.process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    assert house.process.wait(20) == 0
    assert still_living(family) == []
    said = house.words.read_text()
    assert said.rstrip().endswith("Stopped; nothing is left running.")
    assert "Traceback" not in said
    assert not (house.data / "where.json").exists()


def test_a_factory_that_is_told_to_stop_while_it_starts_leaves_nothing(house: House) -> None:
    words, environment = house.command(house.port, house.data)
    with house.words.open("ab") as said:
        house.process = subprocess.Popen(words, env=environment, stdout=said, stderr=said)
    wait_for(lambda: (house.data / "factory.lock").exists(), "it did not begin", 30)
    time.sleep(0.7)
    family = house.family()
    house.process.send_signal(signal.SIGINT)
    assert house.process.wait(30) in (0, 130)
    wait_for(lambda: not still_living(family), "something is left", 6)
    assert "Traceback" not in house.words.read_text()
