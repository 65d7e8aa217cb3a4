"""The courts' public lists: enforcement, dishonest debtors, consumption restriction, judgments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import CourtSearch
from creditfactory.gateways.exchange import Exchange, Firm, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtRequest:
    """One search, on the owner and the firm."""

    application: str
    asked_at: datetime
    person: Person
    firm: Firm


def check_search(search: CourtSearch) -> str | None:
    """Counts cannot be negative."""
    if search.executed_open < 0 or (search.judgments_24m or 0) < 0:
        return "a count is below zero"
    return None


EXCHANGES = (Exchange("search", CourtRequest, CourtSearch, check=check_search),)
