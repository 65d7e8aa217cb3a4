"""What an outside party said, read the same way whether it refused the question or answered it with a no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def read_codes(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """The party's own reason codes, kept as they are.

    >>> read_codes({"status": "refused", "body": {"code": "UNKNOWN-FUNDER", "message": "not here"}})
    ('UNKNOWN-FUNDER',)
    >>> read_codes({"status": "answered", "body": {"verdict": "decline", "reasons": [{"code": "BANK-AGE"}]}})
    ('BANK-AGE',)
    """
    body = answer["body"]
    given = [body.get("code")] if answer["status"] != "answered" else [r.get("code") for r in body.get("reasons") or ()]
    return tuple(str(code) for code in given if code)
