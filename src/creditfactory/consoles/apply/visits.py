"""Who stands at the borrower's door: which factory is open, which session a link means, which device and address."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse

from creditfactory import identity, publishing, records, stations
from creditfactory.decision import Book
from creditfactory.records import reads

OWN_CHANNEL = "apply-page"
DEVICE_COOKIE = "apply_device"
COOKIE_SECONDS = 400 * 24 * 3600
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
STEPS = ("facts", "consents", "papers", "camera", "firm", "offer")
"""The steps in their order; beyond the last stands the status."""


@dataclass(frozen=True)
class House:
    """The factory whose door is open, its clock, and the rules in force today."""

    tenant: records.TenantRecord

    @cached_property
    def clock(self) -> reads.Factory:
        """What the factory's clock shows now, its day and its offset from UTC."""
        return reads.list_factories(frozenset({self.tenant.code}))[0]

    @cached_property
    def book(self) -> Book:
        """The rulebook's champion of today."""
        release = publishing.choose_champion(publishing.find_releases(self.tenant), self.clock.business_on)
        return publishing.load_rulebook(release.digest).at(self.clock.business_on)

    @cached_property
    def consents(self) -> tuple[str, ...]:
        """The permissions that the line needs signed."""
        return stations.read_line_plan(self.book).consents

    @property
    def cities(self) -> Mapping[str, str]:
        """The cities in which it lends, by the rulebook's name, with the other language's."""
        found = self.book.parameters.get("territory_cities")
        return found if isinstance(found, Mapping) else {}

    def number(self, name: str, otherwise: int) -> int:
        """A parameter that is a number, or what holds without it."""
        found = self.book.parameters.get(name, otherwise)
        return found if isinstance(found, int) else otherwise


def find_house(code: str = "") -> House | None:
    """The factory whose own door is open: the one named, or the first; None where none has opened it."""
    tenants = [t for t in records.list_tenants() if not code or t.code == code]
    for tenant in tenants:
        now = records.read_clock(tenant.id)
        channel = records.load_channel_facts(tenant_id=tenant.id, code=OWN_CHANNEL, on=now.business_on, at=now.now)
        if channel is not None and channel.status in ("admitted", "watched"):
            return House(tenant)
    return None


@dataclass(frozen=True)
class Visit:
    """One borrower at the page: the session behind the link and the house it stands in."""

    link: str
    session: records.SessionRecord
    house: House

    @property
    def draft(self) -> dict[str, Any]:
        """What was typed and measured so far."""
        return self.session.draft

    @property
    def handle(self) -> str:
        """The session's name before outside parties: unguessable, and not its link."""
        return records.name_sitting(self.link)

    def may_enter(self, step: str) -> bool:
        """Whether a step is open: those behind and the one that is next."""
        here = self.session.step
        return step in STEPS and (here == "status" or STEPS.index(step) <= STEPS.index(here))


def open_visit(link: str) -> Visit:
    """The visit a link means; an unknown link is no page at all."""
    session = records.find_session(link=link)
    if session is None:
        raise Http404
    tenant = next(t for t in records.list_tenants() if t.id == session.tenant_id)
    return Visit(link, session, House(tenant))


def is_over(visit: Visit) -> bool:
    """Whether an unfinished session has run out."""
    return visit.session.application_id is None and visit.house.clock.now > visit.session.until


def _secret(purpose: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"apply:{purpose}".encode(), hashlib.sha256).digest()


def _token(kind: str, value: str) -> str:
    return f"{kind}-{hmac.new(_secret(kind), value.encode(), hashlib.sha256).hexdigest()[:24]}"


def read_device(request: HttpRequest) -> tuple[str, str]:
    """The device's token and the cookie that stands for it; a fresh one where it brings none that we signed."""
    try:
        own = str(signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt="apply-device"))
    except signing.BadSignature:
        own = secrets.token_hex(12)
    return _token("dev", own), signing.dumps(own, salt="apply-device")


def read_address(request: HttpRequest) -> str:
    """The token of the address the request came from; of forwarded ones only what our own proxies added counts."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if settings.PROXIES and len(forwarded) >= settings.PROXIES:
        address = forwarded[-settings.PROXIES]
    return _token("ip", address or "unknown")


def set_task(visit: Visit) -> str:
    """The piece of work for this page view: signed, for this session and nonce alone, dearer on a busy address."""
    house = visit.house
    busy = records.count_sessions(
        tenant_id=house.tenant.id, ip=visit.session.ip, since=house.clock.now - timedelta(hours=1)
    )
    bits = identity.choose_bits(
        house.number("gate_proof_bits", 14), busy, sessions_free=house.number("gate_proof_sessions_free", 10),
        bits_max=house.number("gate_proof_bits_max", 20),
    )  # fmt: skip
    return identity.issue_challenge(
        session=_name_task(visit), salt=secrets.token_hex(6), bits=bits, at=datetime.now(UTC), secret=_secret("proof")
    )


def check_task(visit: Visit, task: str, answer: str) -> identity.ProofCheck:
    """The work shown for the task of this session's present page; one of another page or session counts nothing."""
    return identity.check_proof(
        task[:400], answer[:40], session=_name_task(visit), at=datetime.now(UTC),
        minutes_max=visit.house.number("gate_proof_minutes", 240), secret=_secret("proof"),
    )  # fmt: skip


def _name_task(visit: Visit) -> str:
    return hashlib.sha256(f"{visit.session.id}:{visit.session.nonce}".encode()).hexdigest()[:16]


def guard(response: HttpResponse) -> HttpResponse:
    """Our own files only, the camera for this page only, and nothing kept by the browser or told onwards."""
    response.headers["Content-Security-Policy"] = CONTENT_POLICY
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
