"""The custodian bank: moves the funder's money straight to the borrower, and tells of every repayment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from creditfactory.gateways.exchange import Exchange, PartyReason, StatusRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class DueInstalment:
    """What falls due on a day."""

    number: int
    due_on: date
    total_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisburseRequest:
    """Pay this sum from the funder's account to the borrower; the plan tells the custodian what to collect when."""

    application: str
    loan: str
    funder: str
    payee: str
    amount_cents: int
    currency: Literal["CNY", "USD"]
    on: date
    asked_at: datetime
    instalments: tuple[DueInstalment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one payment order; a failed one moved nothing."""

    application: str
    loan: str
    verdict: Literal["paid", "failed"]
    receipt: str
    amount_cents: int
    paid_on: date | None = None
    paid_at: datetime | None = None
    reasons: tuple[PartyReason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentNotice:
    """One repayment that reached the funder's account; ``receipt`` is unique."""

    application: str
    loan: str
    receipt: str
    amount_cents: int
    paid_on: date
    number: int | None = None


def check_receipt(receipt: Receipt) -> str | None:
    """A payment has a day and an amount; a failure has a reason and moved nothing."""
    if not receipt.receipt:
        return "the receipt has no number"
    if receipt.verdict == "failed":
        if receipt.amount_cents != 0:
            return "a failed payment that moved money"
        return None if receipt.reasons else "a failure carries no reason"
    if receipt.amount_cents <= 0 or receipt.paid_on is None or receipt.paid_at is None:
        return "a payment without amount or day"
    return None


def check_repayment(notice: RepaymentNotice) -> str | None:
    """A repayment moves money and has a number of its own."""
    return None if notice.amount_cents > 0 and notice.receipt else "a repayment without amount or receipt"


EXCHANGES = (
    Exchange("disburse", DisburseRequest, Receipt, may_defer=True, check=check_receipt),
    Exchange("status", StatusRequest, Receipt, may_defer=True, check=check_receipt),
)
CALL_BACKS = (
    Exchange("receipt", DisburseRequest, Receipt, check=check_receipt),
    Exchange("repayment", DisburseRequest, RepaymentNotice, check=check_repayment),
)
