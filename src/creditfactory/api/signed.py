"""Who is speaking: a partner's signed request, fresh and never seen before, at a door that is open to it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from ninja.security.base import AuthBase

from creditfactory import gateways, records
from creditfactory.api.pace import Pace
from creditfactory.kernel import Refused
from creditfactory.records import PartnerRecord

WORDS = {
    "missing": "The request is not signed: X-CF-Key, X-CF-Time, X-CF-Nonce and X-CF-Signature are expected.",
    "unknown_key": "The key is not known here, or it is closed.",
    "stale": "The request's time lies more than 5 minutes from ours; set your clock and sign it anew.",
    "wrong": "The signature does not fit the request: method, path, time, nonce and the body's digest are signed.",
    "replayed": "This nonce was used before; each request needs its own.",
}
JSON_KIND = "application/json"
pace = Pace()


class NotSigned(Exception):
    """The request does not show who it is from."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(WORDS[fault])


class NotAllowed(Refused):
    """The request shows who it is from, and this door is for others."""


class NotJson(Refused):
    """A body in another form than this door reads."""


class TooMany(Refused):
    """More requests in a minute than the key may send."""

    def __init__(self, per_minute_max: int, wait_seconds: int) -> None:
        self.per_minute_max = per_minute_max
        self.wait_seconds = wait_seconds
        super().__init__(
            f"This key may send {per_minute_max:,} requests a minute; the next is taken in {wait_seconds} seconds."
        )


class Signed(AuthBase):
    """Open a door to partners of a role only, or of a right (the market may use all); read before anything else.

    A request is signed with HMAC-SHA256 over method, path with query, time, nonce and the body's SHA-256, joined by
    line feeds, in the headers X-CF-Key, X-CF-Time (seconds since 1970), X-CF-Nonce and X-CF-Signature.
    """

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "X-CF-Signature"

    def __init__(self, role: str, *, right: str | None = None) -> None:
        self.role, self.right = role, right
        super().__init__()
        self.openapi_security_schema["description"] = " ".join((type(self).__doc__ or "").split())

    def __call__(self, request: HttpRequest) -> PartnerRecord:
        """The partner who may pass."""
        partner = read_partner(request)
        if self.role not in (partner.role, "any") and partner.role != "market":
            raise NotAllowed(f"The key {partner.key} may not use this door; it is for {self.role} keys.")
        if self.right is not None and self.right not in partner.rights and partner.role != "market":
            raise NotAllowed(f"The key {partner.key} may not use this door; it needs the right {self.right!r}.")
        most = settings.API_PER_MINUTE_MAX if partner.per_minute_max is None else partner.per_minute_max
        wait = pace.count(partner.key, most, at=time.monotonic())
        if wait:
            raise TooMany(most, wait)
        if request.method == "POST" and request.body and request.content_type != JSON_KIND:
            raise NotJson(f"Found a body of type {request.content_type[:60]!r}, expected {JSON_KIND}.")
        return partner


def open_to(role: str, *, right: str | None = None) -> Signed:
    """A door for one role, or for any, that may ask for a right."""
    return Signed(role, right=right)


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
    nonce = headers.get("X-Cf-Nonce", "")
    if gateways.is_broken(nonce) or not records.use_nonce(key=partner.key, nonce=nonce, at=datetime.now(UTC)):
        raise NotSigned("replayed")
    return partner
