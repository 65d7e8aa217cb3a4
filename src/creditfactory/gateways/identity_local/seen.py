"""Pictures and frames that were handed in before, kept as digests and likenesses only, so that none comes twice."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from creditfactory.identity import Duplicates, SeenPicture, find_duplicates
from creditfactory.kernel import BadInput

FILE = "seen.jsonl"
DAYS_KEPT = 365
_FRAME_LETTERS = 24


class SeenBefore:
    """What was seen, in memory and, with a folder, in a file of its own that is read again at the start.

    No picture is kept and none can be made from what is: a digest, a mark of 256 bits, the application, the day.
    """

    def __init__(self, folder: Path | None = None, *, on: date | None = None) -> None:
        self._pictures: dict[str, list[SeenPicture]] = defaultdict(list)
        self._frames: dict[str, str] = {}
        self._lock = threading.Lock()
        self._file: Path | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = folder / FILE
            self._load(self._file, (on - timedelta(days=DAYS_KEPT)).isoformat() if on else "")

    def _load(self, file: Path, since: str) -> None:
        if not file.exists():
            return
        kept = []
        for number, line in enumerate(file.read_text("utf-8").splitlines(keepends=True), start=1):
            if not line.endswith("\n"):
                continue  # the last line was being written when the process ended
            try:
                row = json.loads(line)
                if row["on"] < since:
                    continue
                if "session" in row:
                    self._frames.update(dict.fromkeys(row["frames"], row["session"]))
                else:
                    picture = SeenPicture(**{name: row[name] for name in ("application", "what", "digest", "likeness")})
                    self._pictures[picture.what].append(picture)
            except (ValueError, KeyError, TypeError):
                raise BadInput(
                    place=f"{file}, line {number}", found="something else", expected="a line this program wrote"
                ) from None
            kept.append(line)
        fresh = file.with_suffix(".new")
        fresh.write_text("".join(kept), "utf-8")
        fresh.replace(file)

    def take_picture(
        self, application: str, what: str, digest: str, likeness: str | None, *, code: str, on: date
    ) -> Duplicates:
        """Other applications with this picture; from now on it is known."""
        with self._lock:
            found = find_duplicates(application, what, digest, likeness, self._pictures[what], code=code)
            new = SeenPicture(application=application, what=what, digest=digest, likeness=likeness or "00" * 32)
            if likeness is not None and new not in self._pictures[what]:
                self._pictures[what].append(new)
                self._write({**asdict(new), "on": on.isoformat()})
        return found

    def take_frames(self, session: str, digests: Iterable[str], *, on: date) -> int:
        """How many of these frames came in another sitting; from now on they are known."""
        short = list(dict.fromkeys(digest[:_FRAME_LETTERS] for digest in digests))
        with self._lock:
            known = sum(self._frames.get(one, session) != session for one in short)
            new = [one for one in short if one not in self._frames]
            self._frames.update(dict.fromkeys(new, session))
            if new:
                self._write({"session": session, "frames": new, "on": on.isoformat()})
        return known

    def _write(self, row: dict[str, object]) -> None:
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
