"""The tax bureau: with the firm's consent, tax paid and invoices issued in the last twelve months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import TaxRecord
from creditfactory.gateways.exchange import Exchange, Firm, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRequest:
    """One record, on one firm; ``consent`` is the version of the signed permission."""

    application: str
    asked_at: datetime
    person: Person
    firm: Firm
    consent: str


def check_record(record: TaxRecord) -> str | None:
    """Twelve months hold at most twelve months with invoices."""
    if record.invoiced_months_12m is not None and not 0 <= record.invoiced_months_12m <= 12:
        return f"invoiced_months_12m is {record.invoiced_months_12m}"
    return None


EXCHANGES = (Exchange("record", TaxRequest, TaxRecord, check=check_record),)
