"""The power, water and gas companies: with consent, what the meters at the place of business read and who paid when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import UtilityBills, check_columns
from creditfactory.gateways.exchange import Exchange, Firm, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilitiesRequest:
    """The bills of one place of business over so many months; ``consent`` is the version of the signed permission."""

    application: str
    asked_at: datetime
    person: Person
    firm: Firm
    consent: str
    months: int = 24


def check_bills(bills: UtilityBills) -> str | None:
    """Every bill has its month, its meter, its quantity and its sum."""
    return check_columns(bills)


EXCHANGES = (Exchange("bills", UtilitiesRequest, UtilityBills, check=check_bills),)
