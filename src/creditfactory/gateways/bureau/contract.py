"""The credit bureau: with the owner's consent, what other lenders know of the owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import BureauReport
from creditfactory.gateways.exchange import Exchange, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauRequest:
    """One report, on one person, for one purpose; ``consent`` is the version of the signed permission."""

    application: str
    asked_at: datetime
    person: Person
    consent: str
    purpose: str = "loan_approval"


def check_report(report: BureauReport) -> str | None:
    """A person without a record has no accounts; whoever has a record has its overdue months counted."""
    if not report.has_record and (report.loan_count or report.overdue_months_24m or report.card_limit_cents):
        return "has_record is false, yet accounts are listed"
    counts = (report.overdue_months_24m, report.overdue_run_24m)
    if any(count is not None and not 0 <= count <= 24 for count in counts):
        return f"overdue months within 24 months are {counts}"
    return None


EXCHANGES = (Exchange("report", BureauRequest, BureauReport, check=check_report),)
