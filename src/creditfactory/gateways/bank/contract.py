"""A funding bank: it is handed a recommendation, and decides for itself; the platform cannot set its decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from creditfactory.gateways.exchange import Exchange, PartyReason, StatusRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendRequest:
    """The recommendation: the offer, the recommended score, and the facts the borrower consented to share.

    ``annual_rate`` is a decimal string; ``facts`` are labels by name (for example ``age``, ``industry``,
    ``months_open``, ``queries_3m``), never a name or a number of the person.
    """

    application: str
    funder: str
    asked_at: datetime
    product: str
    amount_cents: int
    currency: Literal["CNY", "USD"]
    term_months: int
    method: str
    annual_rate: str
    city: str | None = None
    industry: str | None = None
    tier: str | int | None = None
    lane: str | None = None
    points: int | None = None
    probability: float | None = None
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDecision:
    """The bank's own decision; what it approves or alters, it states in full."""

    application: str
    funder: str
    verdict: Literal["approve", "alter", "decline"]
    decided_at: datetime
    reference: str
    amount_cents: int | None = None
    term_months: int | None = None
    annual_rate: str | None = None
    reasons: tuple[PartyReason, ...] = ()


def check_decision(decision: BankDecision) -> str | None:
    """A yes names amount, term and rate; an altered offer and a no name their reasons."""
    if decision.verdict != "approve" and not decision.reasons:
        return f"the verdict {decision.verdict} carries no reason"
    if decision.verdict == "decline":
        return None
    if not decision.amount_cents or not decision.term_months or decision.annual_rate is None:
        return "a yes without amount, term or rate"
    try:
        rate = Decimal(decision.annual_rate)
    except InvalidOperation:
        return f"annual_rate is {decision.annual_rate[:20]!r}"
    return None if rate.is_finite() and 0 < rate < 1 else f"annual_rate is {decision.annual_rate[:20]!r}"


EXCHANGES = (
    Exchange("recommend", RecommendRequest, BankDecision, may_defer=True, check=check_decision),
    Exchange("status", StatusRequest, BankDecision, may_defer=True, check=check_decision),
)
CALL_BACKS = (Exchange("decision", RecommendRequest, BankDecision, check=check_decision),)
