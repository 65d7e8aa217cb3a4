"""How many requests a key may send in a minute; counted by each web process for itself."""

from __future__ import annotations

from threading import Lock

MINUTE_SECONDS = 60.0


class Pace:
    """Requests of each key in the running minute.

    >>> pace = Pace()
    >>> [pace.count("k", 2, at=second) for second in (0.0, 20.0, 40.0, 61.0)]
    [0, 0, 20, 0]
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, int]] = {}
        self._lock = Lock()

    def count(self, key: str, most: int, *, at: float) -> int:
        """Count one request; 0 if it may pass, else in how many seconds the next one may. ``at`` is in seconds."""
        with self._lock:
            since, count = self._seen.get(key, (at, 0))
            if at - since >= MINUTE_SECONDS:
                since, count = at, 0
            if count >= most:
                return max(1, round(since + MINUTE_SECONDS - at))
            self._seen[key] = (since, count + 1)
            return 0
