"""The credit bureau and the licensed bureau before it, as this world runs them: who may ask, and what they are told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx

from creditfactory.world.answers import Body, NotAnswered, need, need_instant
from creditfactory.world.chance import hash_number
from creditfactory.world.signatures import sign_headers

PURPOSES = ("loan_approval", "after_loan", "objection")
CONSENT_DAYS = 1_900
LINES_MAX = 5_000
Ask = Callable[[str, str, str, Body], tuple[int, Body]]


class Hop:
    """The licensed bureau: it lets through what has a permission and a purpose, and asks the bureau in its own name.

    The bureau is asked where ``upstream`` says, or in this same office where it says nothing.
    """

    def __init__(self, *, ask_here: Ask, upstream: str | None, secret: str) -> None:
        self._ask_here = ask_here
        self._upstream = upstream.rstrip("/") if upstream else None
        self._secret = secret
        self._client = httpx.Client(trust_env=False, timeout=20.0) if upstream else None

    def answer(self, kind: str, key: str, body: Body) -> tuple[int, Body]:
        """One question, checked and passed on; refused before the bureau hears of it where it has no right to be."""
        if kind == "outcomes":
            return self._pass_on("outcomes", f"hop/{key}", body)
        if kind != "report":
            raise NotAnswered("UNKNOWN-QUESTION", "the licensed bureau answers report, outcomes")
        asked_at = need_instant(body)
        institution, purpose = need(body, "institution", str), need(body, "purpose", str)
        if purpose not in PURPOSES:
            raise NotAnswered("PURPOSE", f"no report is given for the purpose {purpose[:40]!r}")
        try:
            signed_at = datetime.fromisoformat(need(body, "consent_signed_at", str))
        except ValueError:
            raise NotAnswered("BAD-REQUEST", "consent_signed_at: expected an ISO 8601 instant") from None
        if signed_at > asked_at or (asked_at - signed_at).days > CONSENT_DAYS:
            raise NotAnswered("NO-CONSENT", "the permission was signed after the question, or too long ago")
        passed: Body = {name: body[name] for name in ("application", "asked_at", "person", "consent") if name in body}
        status, report = self._pass_on(
            "report", f"hop/{key}",
            {**passed, "consent_signed_at": signed_at.isoformat(), "purpose": purpose, "institution": institution},
        )  # fmt: skip
        if status != 200:
            return status, report
        number = hash_number(0, "passage", institution, key, below=10**12)
        return 200, {"passage": f"LB{number:012d}", "passed_at": asked_at.isoformat(), "report": report}

    def _pass_on(self, kind: str, key: str, body: Body) -> tuple[int, Body]:
        if self._client is None or self._upstream is None:
            return self._ask_here("bureau", kind, key, body)
        path = f"/bureau/{kind}"
        text = json.dumps(body, ensure_ascii=False).encode()
        headers = sign_headers("licensed_bureau", self._secret, "POST", path, text) | {
            "Content-Type": "application/json", "Idempotency-Key": key,
        }  # fmt: skip
        try:
            response = self._client.post(self._upstream + path, content=text, headers=headers)
            return response.status_code, response.json()
        except (httpx.HTTPError, ValueError):
            return 503, {"code": "UNAVAILABLE", "message": "the bureau does not answer"}


class OutcomeFile:
    """What lenders told the bureau of their loans, each line once."""

    def __init__(self) -> None:
        self._lines: dict[str, Mapping[str, Any]] = {}
        self._lock = threading.Lock()

    def take(self, body: Body) -> Body:
        """Take a batch: a line known is taken again, a line that cannot be so is refused."""
        batch, lines = need(body, "batch", str), body.get("lines")
        if not isinstance(lines, list) or len(lines) > LINES_MAX:
            raise NotAnswered("BAD-REQUEST", f"lines: expected a list of up to {LINES_MAX}")
        taken, refused = [], []
        with self._lock:
            for line in lines:
                code = self._find_fault(line)
                if code:
                    refused.append({"key": str(line.get("key", "")), "code": code})
                else:
                    self._lines.setdefault(line["key"], line)
                    taken.append(line["key"])
        return {"batch": batch, "taken": taken, "refused": refused}

    def _find_fault(self, line: Mapping[str, Any]) -> str:
        if not line.get("key") or not line.get("account"):
            return "NO-KEY"
        if line.get("kind") == "correction" and line.get("corrects") not in self._lines:
            return "NOTHING-TO-CORRECT"
        if line.get("kind") == "status" and f"{line['account']}:opened" not in self._lines:
            return "NOT-OPENED"
        known = self._lines.get(line["key"])
        return "KEY-REUSED" if known is not None and dict(known) != dict(line) else ""
