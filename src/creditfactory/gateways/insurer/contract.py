"""The credit insurer: its own review before any policy, and its own payment of claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from creditfactory.gateways.exchange import Exchange, PartyReason, StatusRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequest:
    """The insurer is asked to cover one loan; it is given the same package as the bank."""

    application: str
    funder: str
    asked_at: datetime
    amount_cents: int
    currency: Literal["CNY", "USD"]
    term_months: int
    annual_rate: str
    points: int | None = None
    probability: float | None = None
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurerDecision:
    """Covered, with a policy number and a premium, or refused with reasons."""

    application: str
    verdict: Literal["approve", "decline"]
    decided_at: datetime
    policy_number: str | None = None
    premium_cents: int | None = None
    cover_cents: int | None = None
    reasons: tuple[PartyReason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest:
    """One missed instalment of an insured loan."""

    application: str
    loan: str
    policy_number: str
    number: int
    due_on: date
    amount_cents: int
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """Paid to the lender, or refused with reasons."""

    loan: str
    number: int
    verdict: Literal["paid", "refused"]
    paid_cents: int
    paid_on: date | None = None
    reference: str | None = None
    reasons: tuple[PartyReason, ...] = ()


def check_cover(decision: InsurerDecision) -> str | None:
    """No cover without a policy number and a premium; no refusal without a reason."""
    if decision.verdict == "decline":
        return None if decision.reasons else "the verdict decline carries no reason"
    if not decision.policy_number or decision.premium_cents is None or not decision.cover_cents:
        return "cover without policy number, premium or sum"
    return None


def check_claim(answer: ClaimAnswer) -> str | None:
    """A paid claim says how much, when and under which reference."""
    if answer.verdict == "refused":
        return None if answer.reasons else "a refusal carries no reason"
    if answer.paid_cents <= 0 or answer.paid_on is None or not answer.reference:
        return "a paid claim without amount, day or reference"
    return None


EXCHANGES = (
    Exchange("review", ReviewRequest, InsurerDecision, may_defer=True, check=check_cover),
    Exchange("status", StatusRequest, InsurerDecision, may_defer=True, check=check_cover),
    Exchange("claim", ClaimRequest, ClaimAnswer, may_defer=True, check=check_claim),
)
CALL_BACKS = (
    Exchange("decision", ReviewRequest, InsurerDecision, check=check_cover),
    Exchange("claim", ClaimRequest, ClaimAnswer, check=check_claim),
)
