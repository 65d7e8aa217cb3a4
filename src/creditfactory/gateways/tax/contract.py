"""The tax bureau: with the firm's consent, tax paid and returned, and every invoice of the last twelve months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import InvoiceList, TaxRecord, check_columns
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
    return None if record.returns is None else check_columns(record.returns)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicesRequest:
    """The invoices of one firm, given and taken, over so many whole months before the asking."""

    application: str
    asked_at: datetime
    person: Person
    firm: Firm
    consent: str
    months: int = 12


def check_list(invoices: InvoiceList) -> str | None:
    """The tax bureau lists its own invoices, each with every field, oldest first, none outside the days it tells of."""
    if invoices.origin != "tax_bureau":
        return f"origin is {invoices.origin!r}"
    fault = check_columns(invoices)
    if fault is not None or not invoices.on:
        return fault
    if list(invoices.on) != sorted(invoices.on):
        return "on is not in order of time"
    return None if invoices.from_on <= invoices.on[0] and invoices.on[-1] <= invoices.to_on else "a day out of bounds"


EXCHANGES = (
    Exchange("record", TaxRequest, TaxRecord, check=check_record),
    Exchange("invoices", InvoicesRequest, InvoiceList, check=check_list),
)
