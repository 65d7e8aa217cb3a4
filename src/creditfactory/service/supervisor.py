"""One process that starts all the others, restarts what dies, and leaves nothing behind when it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import structlog

from creditfactory.kernel import Misconfigured
from creditfactory.service.embedded import EmbeddedPostgres, die_with_parent
from creditfactory.service.installation import Installation

log = structlog.get_logger("supervisor")

RESTART_FIRST_SECONDS = 0.2
RESTART_MAX_SECONDS = 5.0

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""Children share the machine's cores: matrix threads of several would wait for each other. Whoever sets it, decides."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """A process to keep alive: what to run, what it is told beside the common settings, and how it is ended."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    end: signal.Signals = signal.SIGTERM
    orphan: signal.Signals = signal.SIGKILL
    grace_seconds: float = 8.0


@dataclass(slots=True)
class _Child:
    spec: ChildSpec
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    deaths: int = 0


class Supervisor:
    """A running factory: its database and its processes."""

    def __init__(self, installation: Installation, environment: Mapping[str, str]) -> None:
        self.installation = installation
        self.environment = dict(environment)
        self.postgres: EmbeddedPostgres | None = None
        self.children: list[_Child] = []
        self._stopping = False

    @property
    def database_url(self) -> str:
        """Where the database is."""
        return self.environment["DATABASE_URL"]

    @property
    def log_path(self) -> Path:
        """Where all processes write what they have to say, one JSON line an event."""
        return self.installation.data_dir / "factory.log"

    def start_database(self) -> None:
        """Use the server of ``DATABASE_URL``, or start the embedded one."""
        given = os.environ.get("DATABASE_URL")
        if given:
            check_database(given)
            self.environment["DATABASE_URL"] = given
            return
        self.postgres = EmbeddedPostgres(self.installation.data_dir)
        self.postgres.start()
        self.environment["DATABASE_URL"] = self.postgres.url

    def add(self, spec: ChildSpec) -> None:
        """Start a process and keep it alive."""
        child = _Child(spec)
        self.children.append(child)
        self._start(child)

    def pids(self, name: str) -> list[int]:
        """The ids of the living processes of that name."""
        return [c.process.pid for c in self.children if c.spec.name == name and c.process and c.process.poll() is None]

    def tend(self) -> None:
        """Look once after the database and every process; start again what has died, after a moment."""
        if self.postgres is not None and not self.postgres.is_running() and not self._stopping:
            log.warning("database_restarts")
            try:
                self.postgres.start()
            except (Misconfigured, OSError, psycopg.Error) as error:
                log.error("database_does_not_start", why=str(error))
                time.sleep(0.5)
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                code = child.process.returncode
                _end_session(child.process.pid)
                child.process = None
                child.deaths = 1 if now - child.started_at > 30 else child.deaths + 1
                wait = min(RESTART_MAX_SECONDS, RESTART_FIRST_SECONDS * 2 ** (child.deaths - 1))
                child.restart_at = now + wait
                log.warning("process_ended", process=child.spec.name, code=code, restarts_in=round(wait, 1))
            if child.process is None and now >= child.restart_at and not self._stopping:
                self._start(child)

    def run_until_told(self) -> None:
        """Tend everything until a signal to end comes."""
        told: list[int] = []

        def hear(number: int, frame: object) -> None:
            told.append(number)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, hear)
        while not told:
            self.tend()
            time.sleep(0.1)

    def stop(self) -> None:
        """End every process, then the database; what does not listen is killed."""
        self._stopping = True
        living = [c for c in self.children if c.process is not None and c.process.poll() is None]
        for child in living:
            assert child.process is not None
            child.process.send_signal(child.spec.end)
        deadline = time.monotonic() + max((c.spec.grace_seconds for c in living), default=0.0)
        for child in living:
            assert child.process is not None
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            if child.process.poll() is None:
                child.process.kill()
                child.process.wait()
            _end_session(child.process.pid)
        if self.postgres is not None:
            self.postgres.stop()

    def _start(self, child: _Child) -> None:
        with self.log_path.open("ab") as log_file:
            child.process = subprocess.Popen(
                child.spec.argv,
                env={**ONE_THREAD, **os.environ, **self.environment, **child.spec.environment},
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
                start_new_session=True,
                preexec_fn=die_with_parent(child.spec.orphan),
            )
        child.started_at = time.monotonic()


def _end_session(pid: int) -> None:
    """End what a dead child has left behind: each child leads a session of its own, and takes it along."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@contextlib.contextmanager
def supervise(
    installation: Installation, environment: Mapping[str, str], *, check: Callable[[], None] = lambda: None
) -> Iterator[Supervisor]:
    """Hold the installation, ``check`` what else must be so, start the database, and end everything at the end."""
    installation.hold()
    supervisor = Supervisor(installation, environment)
    try:
        check()
        supervisor.start_database()
        yield supervisor
    finally:
        supervisor.stop()
        installation.release()


def worker_specs(count: int, *, concurrency: int) -> list[ChildSpec]:
    """So many workers of the line."""
    return [
        ChildSpec(
            name="worker",
            argv=(sys.executable, "-m", "creditfactory.service.worker"),
            environment={"CREDITFACTORY_WORKER_CONCURRENCY": str(concurrency)},
        )
        for _ in range(count)
    ]


def web_spec(host: str, port: int, *, workers: int = 1, threads: int = 4) -> ChildSpec:
    """The web door: granian as a WSGI server."""
    return ChildSpec(
        name="web",
        argv=(
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(workers), "--blocking-threads", str(threads), "--workers-kill-timeout", "5",
            "--no-access-log", "--log-level", "warning", "creditfactory.service.wsgi:application",
        ),
        orphan=signal.SIGTERM,
    )  # fmt: skip


def check_database(url: str) -> None:
    """Refuse a database that does not answer, in one sentence and without its password."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.ProgrammingError:
        raise Misconfigured(
            "DATABASE_URL cannot be read as an address, expected one like postgresql://user:password@host:5432/name."
        ) from None
    except psycopg.Error as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0].strip()
        raise Misconfigured(f"The database that DATABASE_URL names does not answer: {why}.") from None


def check_port(host: str, port: int) -> None:
    """Refuse to start on a port that somebody else has, in words that say what to do."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Misconfigured(
                f"Port {port} on {host} cannot be used: {error.strerror}. "
                f"Choose another with --port, for example --port {port + 1 if port < 65_535 else 8000}."
            ) from error


def free_port() -> int:
    """A port of the loopback address that nobody has at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(host: str, port: int, *, seconds: float = 30.0) -> bool:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=0.5):
            return True
        time.sleep(0.05)
    return False
