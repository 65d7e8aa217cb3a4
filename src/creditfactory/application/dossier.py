"""The dossier: what was asked, by whom, through whom, and the evidence gathered; nothing derived."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

from creditfactory.application.evidence import Evidence

E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for."""

    amount_cents: int
    currency: Literal["CNY", "USD"]
    term_months: int | None = None
    purpose: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who asks, known by a token; name, numbers and address stay in the vault."""

    token: str
    born_on: date | None = None
    role: Literal["legal_representative", "sole_trader", "shareholder", "partner", "employee", "other"] | None = None
    education: Literal["primary", "secondary", "college", "bachelor", "postgraduate"] | None = None
    city: str | None = None
    years_in_city: int | None = None
    owns_home: bool | None = None
    declared_income_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """The firm the money is for; ``industry`` is a GB/T 4754 or NAICS code, ``city`` and ``state`` plain names."""

    trade_name: str | None = None
    industry: str | None = None
    city: str | None = None
    state: str | None = None
    opened_on: date | None = None
    employees: int | None = None
    declared_sales_12m_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPath:
    """Through whom the applicant came: exactly one path from kind to agent."""

    kind: Literal["online", "offline", "direct"]
    company: str
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One signed permission."""

    kind: str
    signed_at: datetime
    version: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One application as it stands today.

    ``reference`` is the submitter's own key: the same reference handed in twice is one application.
    ``applied_at`` is an instant in UTC; ``utc_offset_minutes`` gives the applicant's own clock.
    """

    pack: str
    reference: str
    applied_at: datetime
    utc_offset_minutes: int = 0
    request: Request
    applicant: Applicant
    business: Business
    channel: ChannelPath
    consents: tuple[Consent, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def applied_on(self) -> date:
        """The applicant's own calendar day of the application."""
        return (self.applied_at + timedelta(minutes=self.utc_offset_minutes)).date()


def find_evidence(dossier: Dossier, kind: type[E], *, as_of: datetime | None = None) -> E | None:
    """The latest evidence of a kind that was known by ``as_of`` (at any time when none is given), or None."""
    known = [e for e in dossier.evidence if isinstance(e, kind) and (as_of is None or e.obtained_at <= as_of)]
    return max(known, key=lambda e: e.obtained_at, default=None)


def find_each_evidence(dossier: Dossier, kind: type[E], *, by: str, as_of: datetime | None = None) -> tuple[E, ...]:
    """The latest evidence of a kind for each value of its field ``by`` (a statement for each account), in first order.

    What was handed in again later goes before what was handed in first; nothing obtained after ``as_of`` is seen.
    """
    latest: dict[object, E] = {}
    for found in dossier.evidence:
        if not isinstance(found, kind) or (as_of is not None and found.obtained_at > as_of):
            continue
        key = getattr(found, by)
        held = latest.get(key)
        if held is None or found.obtained_at >= held.obtained_at:  # type: ignore[attr-defined]
            latest[key] = found
    return tuple(latest.values())


def add_evidence(dossier: Dossier, *found: Evidence) -> Dossier:
    """The dossier with more evidence in it; what was there stays."""
    return replace(dossier, evidence=(*dossier.evidence, *found))


def add_consents(dossier: Dossier, *signed: Consent) -> Dossier:
    """The dossier with more signed consents in it."""
    return replace(dossier, consents=(*dossier.consents, *signed))
