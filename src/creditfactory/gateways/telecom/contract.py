"""The telephone companies: with consent, how long the number has been this person's and how it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import TelecomRecord
from creditfactory.gateways.exchange import Exchange, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class TelecomRequest:
    """One record, on one number and its holder; ``consent`` is the version of the signed permission."""

    application: str
    asked_at: datetime
    person: Person
    consent: str


def check_number(record: TelecomRecord) -> str | None:
    """Counts cannot be negative."""
    counts = {"tenure_months": record.tenure_months, "stops_12m": record.stops_12m, "number_sims": record.number_sims}
    return next((f"{name} is {count}" for name, count in counts.items() if count is not None and count < 0), None)


EXCHANGES = (Exchange("record", TelecomRequest, TelecomRecord, check=check_number),)
