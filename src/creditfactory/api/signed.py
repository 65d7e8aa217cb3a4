"""Who is speaking: a partner's signed request, fresh and never seen before."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest

from creditfactory import gateways, records
from creditfactory.kernel import Refused
from creditfactory.records import PartnerRecord

WORDS = {
    "missing": "The request is not signed: X-CF-Key, X-CF-Time, X-CF-Nonce and X-CF-Signature are expected.",
    "unknown_key": "The key is not known here, or it is closed.",
    "stale": "The request's time lies more than 5 minutes from ours; set your clock and sign it anew.",
    "wrong": "The signature does not fit the request: method, path, time, nonce and the body's digest are signed.",
    "replayed": "This nonce was used before; each request needs its own.",
}


class NotSigned(Exception):
    """The request does not show who it is from."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(WORDS[fault])


class NotAllowed(Refused):
    """The request shows who it is from, and this door is for others."""


def open_to(role: str) -> Callable[[HttpRequest], PartnerRecord]:
    """Open a door to partners of a role only (the market may use all); looked at before anything else is read."""

    def let_in(request: HttpRequest) -> PartnerRecord:
        partner = read_partner(request)
        if role not in (partner.role, "any") and partner.role != "market":
            raise NotAllowed(f"The key {partner.key} may not use this door; it is for {role} keys.")
        return partner

    return let_in


def read_partner(request: HttpRequest) -> PartnerRecord:
    """The partner who signed this request, or :class:`NotSigned` with what is wrong."""
    headers = dict(request.headers.items())
    key = headers.get("X-Cf-Key", "")
    partner = records.load_partner(key) if key and not gateways.is_broken(key) else None
    fault = gateways.check_signature(
        headers,
        {} if partner is None else {partner.key: partner.secret},
        method=request.method or "",
        path=request.get_full_path(),
        body=request.body,
        now_seconds=time.time(),
    )
    if fault is not None or partner is None:
        raise NotSigned(fault or "unknown_key")
    if not records.use_nonce(key=partner.key, nonce=headers.get("X-Cf-Nonce", ""), at=datetime.now(UTC)):
        raise NotSigned("replayed")
    return partner
