"""One installation on one machine: its folder, its lock, its secrets, and the settings its processes are given."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import IO

import platformdirs

from creditfactory.kernel import Misconfigured


class AlreadyRunning(Misconfigured):
    """Another process runs this installation; ``where`` says which and at what address."""

    def __init__(self, where: dict[str, object]) -> None:
        self.where = where
        known = ", ".join(f"{name} {value}" for name, value in where.items()) or "an unknown process"
        super().__init__(f"This factory is already running ({known}). Stop it first, or use it as it is.")


class Installation:
    """The data folder, held by one supervisor at a time."""

    def __init__(self, data_dir: Path | None = None) -> None:
        given = os.environ.get("CREDITFACTORY_DATA")
        chosen = data_dir or (Path(given) if given else platformdirs.user_data_path("credit-factory"))
        self.data_dir = chosen.expanduser().absolute()
        self._lock: IO[str] | None = None

    def hold(self) -> None:
        """Take the folder for this process, or say who has it; the lock dies with its holder and is never stale."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(
                f"The data folder {self.data_dir} cannot be used: {error.strerror}. Name another in CREDITFACTORY_DATA."
            ) from error
        lock = (self.data_dir / "factory.lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AlreadyRunning(self.read_where()) from None
        self._lock = lock

    def release(self) -> None:
        """Give the folder back."""
        with contextlib.suppress(FileNotFoundError):
            (self.data_dir / "where.json").unlink()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def write_where(self, **where: object) -> None:
        """Leave word for others where this factory is to be found."""
        path = self.data_dir / "where.json"
        path.write_text(json.dumps(where), encoding="utf-8")
        path.chmod(0o600)

    def read_where(self) -> dict[str, object]:
        """Where the running factory is to be found, as far as it left word."""
        with contextlib.suppress(OSError, ValueError):
            where: dict[str, object] = json.loads((self.data_dir / "where.json").read_text(encoding="utf-8"))
            return where
        return {}

    def read_secrets(self) -> dict[str, str]:
        """This installation's own secrets, made on its first start and kept readable by its owner only."""
        path = self.data_dir / "secrets.json"
        if not path.exists():
            made = {
                "CREDITFACTORY_SECRET": secrets.token_urlsafe(48),
                "CREDITFACTORY_VAULT_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "demo_password": secrets.token_urlsafe(9),
                "world_secret": secrets.token_urlsafe(32),
            }
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(made, file)
        try:
            kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise Misconfigured(
                f"{path} cannot be read ({error}). Restore it from a backup: without it persons stay sealed."
            ) from error
        return kept
