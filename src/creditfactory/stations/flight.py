"""A flight recorder: which station each worker was in, kept in a file that survives the worker's death.

Off unless ``CREDITFACTORY_FLIGHT_RECORDER`` names a folder; then each process appends one line on entering a station
and one on leaving it. A file that ends with an *enter* belongs to a process that died in the middle of a station.
"""

from __future__ import annotations

import os
from pathlib import Path


class FlightRecorder:
    """One process's own file of enters and leaves."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._file: int | None = None
        self._pid = 0

    def enter(self, number: str, station: str) -> None:
        """Note that this process begins a station's work."""
        self._write(f"enter {number} {station}\n")

    def leave(self, number: str, station: str) -> None:
        """Note that this process has ended it, one way or another."""
        self._write(f"leave {number} {station}\n")

    def _write(self, text: str) -> None:
        if not self._folder:
            return
        if self._file is None or self._pid != os.getpid():
            self._pid = os.getpid()
            Path(self._folder).mkdir(parents=True, exist_ok=True)
            path = Path(self._folder) / f"{self._pid}.flight"
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(self._file, text.encode())
