"""The licensed credit bureau's contract: who asks, with which permission, what for; and the report with its passage.

Source: 征信业务管理办法 (People's Bank 2021 no. 4): no credit information passes from a platform to a lender, or back,
except through a licensed bureau, with consent and a stated purpose (docs/sources.md#privacy).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import BureauReport, check_bureau_report
from creditfactory.gateways.bureau import OutcomeBatch, OutcomeReceipt, Purpose
from creditfactory.gateways.exchange import Exchange, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class HopRequest:
    """One report for one institution, on one person, for one purpose, on one permission signed at an instant."""

    application: str
    asked_at: datetime
    person: Person
    institution: str
    purpose: Purpose
    consent: str
    consent_signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HopReport:
    """The report, the number under which the passage is kept, and what the licensed bureau holds against it."""

    passage: str
    passed_at: datetime
    report: BureauReport


def check_hop(answer: HopReport) -> str | None:
    """A passage has a number, and the report in it holds together."""
    return "passage has no number" if not answer.passage else check_bureau_report(answer.report)


EXCHANGES = (
    Exchange("report", HopRequest, HopReport, check=check_hop),
    Exchange("outcomes", OutcomeBatch, OutcomeReceipt),
)
