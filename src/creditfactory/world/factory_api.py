"""The factory's web API as an outside user sees it."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any
from urllib.parse import urlsplit

from creditfactory.kernel import Unavailable
from creditfactory.world.signatures import sign_headers

TIMEOUT_SECONDS = 15.0


class FactoryApi:
    """Signed requests, one connection for each thread."""

    def __init__(self, url: str, key_id: str, secret: str) -> None:
        self._at = urlsplit(url)
        self._key_id = key_id
        self._secret = secret
        self._local = threading.local()
        self._open: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and JSON body; Unavailable when the factory cannot be reached."""
        text = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        whole = self._at.path.rstrip("/") + path
        headers = sign_headers(self._key_id, self._secret, method, whole, text)
        for attempt in (1, 2):
            if self._is_closed:
                break
            connection = self._connect()
            try:
                connection.request(method, whole, text, {**headers, "Content-Type": "application/json"})
                response = connection.getresponse()
                found = response.read()
                return response.status, self._read(found)
            except (OSError, http.client.HTTPException):
                connection.close()  # the next request opens it anew
                if attempt == 2 or method == "POST":
                    break
        raise Unavailable("the factory cannot be reached")

    def _connect(self) -> http.client.HTTPConnection:
        held: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if held is None:
            kind = http.client.HTTPSConnection if self._at.scheme == "https" else http.client.HTTPConnection
            held = kind(self._at.hostname or "127.0.0.1", self._at.port, timeout=TIMEOUT_SECONDS)
            self._local.connection = held
            with self._lock:
                self._open.append(held)
        return held

    def close(self) -> None:
        """Close every connection."""
        self._is_closed = True
        with self._lock:
            for connection in self._open:
                connection.close()

    def _read(self, text: bytes) -> dict[str, Any]:
        try:
            found = json.loads(text) if text else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {"items": found}
