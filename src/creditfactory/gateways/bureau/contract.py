"""The credit bureau: with the owner's consent, what other lenders know of the owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import BureauReport, check_bureau_report
from creditfactory.gateways.exchange import Exchange, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauRequest:
    """One report, on one person, for one purpose; ``consent`` is the version of the signed permission."""

    application: str
    asked_at: datetime
    person: Person
    consent: str
    purpose: str = "loan_approval"


EXCHANGES = (Exchange("report", BureauRequest, BureauReport, check=check_bureau_report),)
