"""Who is speaking: a partner's signed request, fresh and never seen before."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.http import HttpRequest

from creditfactory import gateways, records
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


def read_partner(request: HttpRequest) -> PartnerRecord:
    """The partner who signed this request, or :class:`NotSigned` with what is wrong."""
    headers = dict(request.headers.items())
    partner = records.load_partner(headers.get("X-Cf-Key", ""))
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
