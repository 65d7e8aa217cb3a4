"""How the parties of this world sign and check: written from the contract, not from the factory's own code."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from creditfactory.kernel import BadInput

WINDOW_SECONDS = 300


def read_keys(path: str | Path) -> dict[str, str]:
    """The secrets by key id, from a JSON file ``{key_id: secret}``."""
    file = Path(path)
    if not file.is_file():
        raise BadInput(place="--keys", found=f"no file {file}", expected="a JSON file {key id: secret}")
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError:
        raise BadInput(place=str(file), found="something that is not JSON", expected="{key id: secret}") from None
    if not isinstance(found, dict) or not all(isinstance(secret, str) and secret for secret in found.values()):
        raise BadInput(place=str(file), found="something else", expected="an object of key ids and secrets as text")
    return found


def build_signature(secret: str, method: str, path: str, stamp: str, nonce: str, body: bytes) -> str:
    """The contract's signature over one request.

    >>> len(build_signature("s", "POST", "/x", "1", "n", b""))
    64
    """
    lines = (method, path, stamp, nonce, hashlib.sha256(body).hexdigest())
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def sign_headers(key_id: str, secret: str, method: str, path: str, body: bytes) -> dict[str, str]:
    """The headers that say who sends this, now, once."""
    stamp, nonce = str(int(time.time())), secrets.token_hex(12)
    signature = build_signature(secret, method, path, stamp, nonce, body)
    return {"X-CF-Key": key_id, "X-CF-Time": stamp, "X-CF-Nonce": nonce, "X-CF-Signature": signature}


class Doorkeeper:
    """Lets in only whole, fresh requests signed with a known key, each once."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys
        self._seen: set[str] = set()
        self._order: deque[tuple[float, str]] = deque()
        self._lock = Lock()

    def check(self, headers: Mapping[str, str], method: str, path: str, body: bytes) -> str | None:
        """What is wrong with this request's signature, or None."""
        key_id, stamp, nonce = headers.get("X-CF-Key"), headers.get("X-CF-Time"), headers.get("X-CF-Nonce")
        given = headers.get("X-CF-Signature")
        if not (key_id and stamp and nonce and given):
            return "the signature's headers are missing"
        secret = self._keys.get(key_id)
        if secret is None:
            return f"the key {key_id[:40]!r} is not known here"
        if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp)) > WINDOW_SECONDS:
            return "the time of signing is too far from now"
        if not hmac.compare_digest(build_signature(secret, method, path, stamp, nonce, body), given):
            return "the signature does not fit the request"
        return None if self._take(f"{key_id}:{nonce}") else "this request was handed in before"

    def _take(self, nonce: str) -> bool:
        now = time.time()
        with self._lock:
            while self._order and self._order[0][0] < now - 2 * WINDOW_SECONDS:
                self._seen.discard(self._order.popleft()[1])
            if nonce in self._seen:
                return False
            self._seen.add(nonce)
            self._order.append((now, nonce))
            return True
