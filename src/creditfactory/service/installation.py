"""One installation on one machine: its folder, its lock, its secrets, and the settings its processes are given."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import platformdirs

from creditfactory.kernel import Misconfigured


class AlreadyRunning(Misconfigured):
    """Another process runs this installation; ``where`` says which and at what address."""

    def __init__(self, where: dict[str, object]) -> None:
        self.where = where
        told = [f"{name} {where[name]}" for name in ("pid", "url") if name in where]
        known = ", ".join(told) or "an unknown process"
        super().__init__(f"This factory is already running ({known}). Stop it first, or use it as it is.")


class Installation:
    """The data folder, held by one supervisor at a time."""

    def __init__(self, data_dir: Path | None = None) -> None:
        given = os.environ.get("CREDITFACTORY_DATA")
        chosen = data_dir or (Path(given) if given else platformdirs.user_data_path("credit-factory"))
        self.data_dir = chosen.expanduser().absolute()
        self._lock: IO[str] | None = None

    def open_folder(self) -> None:
        """Make the folder if it is not there; one that cannot be written into is said at once."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data_dir):
                pass
        except OSError as error:
            raise Misconfigured(
                f"The data folder {self.data_dir} cannot be used: {error.strerror}."
                " Name another with --data or in CREDITFACTORY_DATA."
            ) from error

    def hold(self) -> None:
        """Take the folder for this process, or say who has it; the lock dies with its holder and is never stale."""
        self.open_folder()
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
        path.touch(0o600)
        path.write_text(json.dumps(where), encoding="utf-8")

    def read_where(self) -> dict[str, object]:
        """Where the running factory is to be found, as far as it left word."""
        with contextlib.suppress(OSError, ValueError):
            where = json.loads((self.data_dir / "where.json").read_text(encoding="utf-8"))
            if isinstance(where, dict):
                return where
        return {}

    def read_secrets(self) -> dict[str, str]:
        """This installation's own secrets, made on its first start and kept readable by its owner only."""
        kept = self.keep(
            "secrets.json",
            lambda: {
                "CREDITFACTORY_SECRET": secrets.token_urlsafe(48),
                "CREDITFACTORY_VAULT_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "demo_password": secrets.token_urlsafe(9),
                "world_secret": secrets.token_urlsafe(32),
            },
        )
        if len(_decode_key(kept["CREDITFACTORY_VAULT_KEY"])) != 32:
            raise self._unreadable("secrets.json", "its vault key is not 32 bytes in URL-safe base64")
        return kept

    def keep(self, name: str, make: Callable[[], dict[str, str]]) -> dict[str, str]:
        """A file of secrets: made once, whole or not at all, readable by its owner only; read and checked ever after.

        Two first starts at the same moment end with one file, which both read.
        """
        self.open_folder()
        path, made = self.data_dir / name, make()
        if not path.exists():
            handle, part = tempfile.mkstemp(dir=self.data_dir, prefix=f".{name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(made, file)
            with contextlib.suppress(FileExistsError):
                os.link(part, path)
            Path(part).unlink()
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self._unreadable(name, "it is no JSON" if isinstance(error, ValueError) else str(error)) from error
        missing = [key for key in made if not isinstance(kept, dict) or not isinstance(kept.get(key), str)]
        if missing:
            raise self._unreadable(name, f"{missing[0]} is missing")
        return dict(kept)

    def _unreadable(self, name: str, why: str) -> Misconfigured:
        return Misconfigured(
            f"{self.data_dir / name} cannot be used: {why}. Restore it from a backup: without it persons stay sealed"
            " and partners' keys do not fit. For a new factory, start with another data folder."
        )


def _decode_key(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
