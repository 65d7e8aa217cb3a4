"""The desk of a party that answers later: what it has accepted, what it still has to tell, kept over a restart."""

from __future__ import annotations

import hashlib
import heapq
import http.client
import itertools
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from creditfactory.world.signatures import sign_headers

RETRY_MINUTES = 3
RETRY_SECONDS_MAX = 60.0
REFUSED_TRIES_MAX = 5
TRIES_MAX = 200
POST_SECONDS = 10.0


@dataclass(slots=True)
class Matter:
    """One accepted question and the answer that will be told at ``due`` (seconds since 1970)."""

    party: str
    key: str
    kind: str
    digest: str
    request: dict[str, Any]
    answer: dict[str, Any]
    due: float


@dataclass(order=True, slots=True)
class Telling:
    """One call-back still to be delivered."""

    due: float
    order: int
    party: str = field(compare=False)
    message: dict[str, Any] = field(compare=False)
    tries: int = field(default=0, compare=False)


def read_digest(request: dict[str, Any]) -> str:
    """The fingerprint of a question."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


class Desk:
    """Accepts questions once per key, tells the answers when due, retries until they are taken."""

    def __init__(self, *, url: str | None, keys: dict[str, str], speed: float, journal: Path | None) -> None:
        self._url = urlsplit(url) if url else None
        self._keys = keys
        self._speed = speed
        self._matters: dict[tuple[str, str], Matter] = {}
        self._told: set[str] = set()
        self._queue: list[Telling] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._is_closing = False
        self._journal = self._open_journal(journal)

    def seconds(self, minutes: float) -> float:
        """Real seconds for simulated minutes."""
        return minutes * 60 / self._speed

    def start(self, *, workers: int = 4) -> None:
        """Begin to tell what is due."""
        for number in range(workers):
            threading.Thread(target=self._work, name=f"call-back-{number}", daemon=True).start()

    def close(self) -> None:
        """Stop telling; what is left stays in the journal."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()

    def find(self, party: str, key: str) -> Matter | None:
        """The matter a question with this key began, or None."""
        with self._changed:
            return self._matters.get((party, key))

    def list_matters(self, party: str) -> list[Matter]:
        """All matters of a party, in the order they came."""
        with self._changed:
            return [matter for matter in self._matters.values() if matter.party == party]

    def accept(self, matter: Matter, *, kind: str, copies: int) -> Matter:
        """Take a question up once; ``copies`` call-backs will tell its answer (none at all when it gets lost)."""
        with self._changed:
            known = self._matters.get((matter.party, matter.key))
            if known is not None:
                return known
            self._matters[(matter.party, matter.key)] = matter
            self._write({"event": "accepted", "matter": [getattr(matter, name) for name in Matter.__slots__]})
            for copy in range(copies):
                due = matter.due + self.seconds(2.0) * copy
                self.tell(matter.party, matter.key, kind, matter.answer, due=due, mark=f"#{copy}")
        return matter

    def tell(self, party: str, key: str, kind: str, body: dict[str, Any], *, due: float, mark: str = "") -> bool:
        """Queue one call-back; the same party, key and mark are told once, also after a restart."""
        name = f"{party}:{key}:{kind}{mark}"
        message = {"key": key, "kind": kind, "body": body}
        with self._changed:
            if name in self._told:
                return False
            self._told.add(name)
            self._write({"event": "queued", "name": name, "party": party, "message": message, "due": due})
            heapq.heappush(self._queue, Telling(due, next(self._order), party, {**message, "_name": name}))
            self._changed.notify()
        return True

    def _open_journal(self, path: Path | None) -> Any:
        if path is None:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        waiting: dict[str, Telling] = {}
        if path.is_file():
            for line in path.read_text("utf-8").splitlines():
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                if event["event"] == "accepted":
                    matter = Matter(*event["matter"])
                    self._matters[(matter.party, matter.key)] = matter
                elif event["event"] == "queued":
                    self._told.add(event["name"])
                    message = {**event["message"], "_name": event["name"]}
                    waiting[event["name"]] = Telling(event["due"], next(self._order), event["party"], message)
                else:
                    waiting.pop(event["name"], None)
        self._queue = list(waiting.values())
        heapq.heapify(self._queue)
        return path.open("a", encoding="utf-8")

    def _write(self, event: dict[str, Any]) -> None:
        if self._journal is not None:
            self._journal.write(json.dumps(event, ensure_ascii=False) + "\n")
            self._journal.flush()

    def _next(self) -> Telling | None:
        with self._changed:
            while not self._is_closing:
                if self._queue and self._queue[0].due <= time.time():
                    return heapq.heappop(self._queue)
                pause = self._queue[0].due - time.time() if self._queue else 60.0
                self._changed.wait(max(0.0, min(pause, 60.0)))
        return None

    def _work(self) -> None:
        while (telling := self._next()) is not None:
            name = telling.message["_name"]
            message = {part: value for part, value in telling.message.items() if part != "_name"}
            status = self.post(telling.party, f"/api/v1/callbacks/{telling.party}", message)
            telling.tries += 1
            is_taken = 200 <= status < 300 or status == 409
            is_refused = 400 <= status < 500 and not is_taken and status not in (401, 403, 408, 425, 429)
            if is_taken or telling.tries >= (REFUSED_TRIES_MAX if is_refused else TRIES_MAX):
                if not is_taken:
                    print(f"{telling.party}: gave up telling {name} (status {status})", file=sys.stderr, flush=True)
                with self._changed:
                    self._write({"event": "told", "name": name, "status": status})
                continue
            pause = min(self.seconds(RETRY_MINUTES) * 2 ** min(telling.tries - 1, 5), RETRY_SECONDS_MAX)
            telling.due = time.time() + max(pause, 0.05)
            with self._changed:
                heapq.heappush(self._queue, telling)
                self._changed.notify()

    def post(self, party: str, path: str, message: dict[str, Any]) -> int:
        """One signed call-back; 0 stands for a factory that could not be reached."""
        status, _ = self.send(party, "POST", path, json.dumps(message, ensure_ascii=False).encode())
        return status

    def send(self, party: str, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One signed request to the factory in a party's name."""
        if self._url is None or self._url.hostname is None:
            return 0, b""
        whole = self._url.path.rstrip("/") + path
        headers = sign_headers(party, self._keys.get(party, ""), method, whole, body)
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname, self._url.port, timeout=POST_SECONDS)
        try:
            connection.request(method, whole, body, {**headers, "Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()
