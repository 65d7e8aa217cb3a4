"""Signed requests: who sent this, is it whole, is it fresh; the same form in both directions."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

KEY_HEADER = "X-CF-Key"
TIME_HEADER = "X-CF-Time"
NONCE_HEADER = "X-CF-Nonce"
SIGNATURE_HEADER = "X-CF-Signature"
WINDOW_SECONDS = 300

SignatureFault = Literal["missing", "unknown_key", "stale", "wrong"]


def sign(secret: str, *, method: str, path: str, time: str, nonce: str, body: bytes) -> str:
    """The signature of a request: HMAC-SHA256 over method, path with query, time, nonce and the body's digest.

    >>> sign("s", method="POST", path="/a", time="1", nonce="n", body=b"{}")[:12]
    'fa3042f9d060'
    """
    text = f"{method.upper()}\n{path}\n{time}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def build_signed_headers(
    key_id: str, secret: str, *, method: str, path: str, time: str, nonce: str, body: bytes
) -> dict[str, str]:
    """The four headers of a signed request; ``time`` is whole seconds since 1970 in UTC, written as text."""
    return {
        KEY_HEADER: key_id,
        TIME_HEADER: time,
        NONCE_HEADER: nonce,
        SIGNATURE_HEADER: sign(secret, method=method, path=path, time=time, nonce=nonce, body=body),
    }


def check_signature(
    headers: Mapping[str, str], secrets: Mapping[str, str], *, method: str, path: str, body: bytes, now_seconds: float
) -> SignatureFault | None:
    """What is wrong with a signed request, or None; whether its nonce was seen before is the caller's to keep.

    >>> headers = build_signed_headers("k", "s", method="GET", path="/", time="100", nonce="n", body=b"")
    >>> check_signature(headers, {"k": "s"}, method="GET", path="/", body=b"", now_seconds=130) is None
    True
    >>> check_signature(headers, {"k": "s"}, method="GET", path="/", body=b"x", now_seconds=130)
    'wrong'
    >>> check_signature(headers, {"k": "s"}, method="GET", path="/", body=b"", now_seconds=1000)
    'stale'
    """
    given = {name.lower(): value for name, value in headers.items()}
    key_id, time, nonce, signature = (
        given.get(name.lower(), "") for name in (KEY_HEADER, TIME_HEADER, NONCE_HEADER, SIGNATURE_HEADER)
    )
    if not (key_id and time and nonce and signature):
        return "missing"
    secret = secrets.get(key_id)
    if secret is None:
        return "unknown_key"
    if not (time.isascii() and time.isdigit() and len(time) <= 12) or abs(now_seconds - int(time)) > WINDOW_SECONDS:
        return "stale"
    expected = sign(secret, method=method, path=path, time=time, nonce=nonce, body=body)
    return None if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")) else "wrong"
