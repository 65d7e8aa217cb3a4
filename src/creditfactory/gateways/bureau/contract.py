"""The credit bureau: with the owner's consent, what other lenders know of the owner; and what we tell it in turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from creditfactory.application import BureauReport, check_bureau_report
from creditfactory.gateways.exchange import Exchange, Person

Purpose = Literal["loan_approval", "after_loan", "objection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauRequest:
    """One report, on one person, for one purpose; ``consent`` is the version of the signed permission."""

    application: str
    asked_at: datetime
    person: Person
    consent: str
    consent_signed_at: datetime | None = None
    purpose: Purpose = "loan_approval"
    institution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanLine:
    """One line of what is told of one loan: opened, how it stood at a month's end, closed, or a correction.

    ``key`` names the line for good: the same key again is the same line and changes nothing. ``status`` is one letter
    of the bureau's own codes; ``corrects`` is the key of the line put right.
    """

    key: str
    kind: Literal["opened", "status", "closed", "correction"]
    person: Person
    account: str
    month: date
    lender: str
    opened_on: date
    closed_on: date | None = None
    principal_cents: int
    balance_cents: int
    due_cents: int = 0
    overdue_cents: int = 0
    status: str = "N"
    corrects: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeBatch:
    """A month's lines, told in one go."""

    batch: str
    asked_at: datetime
    institution: str | None = None
    lines: tuple[LoanLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line the bureau will not take, and why."""

    key: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReceipt:
    """Which lines were taken, and which were not; a line taken before is taken again."""

    batch: str
    taken: tuple[str, ...] = ()
    refused: tuple[RefusedLine, ...] = field(default=())


def check_own_report(report: BureauReport) -> str | None:
    """The bureau tells what it says itself, and never contradicts itself."""
    return f"origin is {report.origin!r}" if report.origin != "bureau" else check_bureau_report(report)


EXCHANGES = (
    Exchange("report", BureauRequest, BureauReport, check=check_own_report),
    Exchange("outcomes", OutcomeBatch, OutcomeReceipt),
)
