"""Brokers and agents: whether one may hand in applications, with what quota, and whose an application is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from creditfactory.application import Dossier
from creditfactory.kernel import BPS_WHOLE, Reason

Grade = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """What is known of one channel company today; counts hold only what was known by the day they are handed in.

    ``loans_known`` and ``bads_known`` count the loans of this channel whose outcome is known, and the bad among them.
    """

    code: str
    name: str
    kind: Literal["online", "offline", "direct"]
    grade: Grade
    status: Literal["admitted", "watched", "suspended", "left"]
    quota_open_cents: int | None = None
    deposit_cents: int = 0
    deposit_required_cents: int = 0
    licence_until: date | None = None
    applications_90d: int = 0
    approvals_90d: int = 0
    loans_known: int = 0
    bads_known: int = 0
    first_payment_bads_known: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """May this channel hand in this application; no reasons means yes."""

    grade: Grade | None
    quota_left_cents: int | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The one path an application is credited to, from kind to company to agent (ACQ-04)."""

    path: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()


def check_admission(facts: ChannelFacts | None, dossier: Dossier, parameters: Mapping[str, Any]) -> Admission:
    """May this channel hand in this application today: known, in good standing, deposit paid, quota left (ACQ-08).

    Reads the parameters ``channel_grades_accepted`` and ``channel_deposit_share_bps_min`` (paid of required).
    An unknown channel is never admitted.
    """
    code = dossier.channel.company
    if facts is None or facts.code != code:
        return Admission(grade=None, quota_left_cents=None, reasons=(Reason("CHN-UNKNOWN", {"channel": code}),))
    reasons = []
    if facts.kind != dossier.channel.kind:
        reasons.append(Reason("CHN-KIND", {"channel": code, "kind": dossier.channel.kind}))
    if facts.status in ("suspended", "left"):
        reasons.append(Reason("CHN-STATUS", {"channel": code, "status": facts.status}))
    accepted = parameters.get("channel_grades_accepted")
    if accepted is not None and facts.grade not in accepted:
        reasons.append(Reason("CHN-GRADE", {"channel": code, "grade": facts.grade}))
    if facts.licence_until is not None and facts.licence_until < dossier.applied_on:
        reasons.append(Reason("CHN-LICENCE", {"channel": code, "licence_until": facts.licence_until.isoformat()}))
    share = parameters.get("channel_deposit_share_bps_min", BPS_WHOLE)
    if facts.deposit_cents * BPS_WHOLE < facts.deposit_required_cents * share:
        due = {"deposit_cents": facts.deposit_cents, "deposit_required_cents": facts.deposit_required_cents}
        reasons.append(Reason("CHN-DEPOSIT", {"channel": code, **due}))
    left = None if facts.quota_open_cents is None else facts.quota_open_cents - dossier.request.amount_cents
    if left is not None and left < 0:
        reasons.append(Reason("CHN-QUOTA", {"channel": code, "quota_open_cents": facts.quota_open_cents}))
    return Admission(grade=facts.grade, quota_left_cents=left, reasons=tuple(reasons))


def attribute_lead(dossier: Dossier) -> Attribution:
    """The one path this application is credited to; an online or offline lead names its company.

    >>> from datetime import UTC, datetime
    >>> from creditfactory.application import Applicant, Business, ChannelPath, Request
    >>> lead = Dossier(
    ...     pack="cn-micro", reference="A-1", applied_at=datetime(2026, 3, 1, tzinfo=UTC),
    ...     request=Request(amount_cents=25_000_000, currency="CNY"), applicant=Applicant(token="t1"),
    ...     business=Business(), channel=ChannelPath(kind="offline", company="bright-broker", agent="g7"),
    ... )
    >>> attribute_lead(lead).path
    ('offline', 'bright-broker', 'g7')
    """
    channel = dossier.channel
    path = tuple(part for part in (channel.kind, channel.company, channel.agent) if part)
    reasons = () if channel.company.strip() else (Reason("LEA-NO-CHANNEL", {"kind": channel.kind}),)
    return Attribution(path=path, reasons=reasons)


def rate_bads(facts: ChannelFacts, *, prior_share_bps: int, prior_loans: int) -> int:
    """The channel's bad share in basis points, drawn towards the house's own while it has few loans behind it.

    >>> new = ChannelFacts(code="n", name="New", kind="offline", grade="C", status="admitted")
    >>> rate_bads(new, prior_share_bps=400, prior_loans=50)
    400
    """
    bads = facts.bads_known + prior_share_bps * prior_loans / BPS_WHOLE
    return round(BPS_WHOLE * bads / (facts.loans_known + prior_loans))
