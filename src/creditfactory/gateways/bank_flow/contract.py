"""Bank statements through a licensed collector: with consent, the totals of each month, oldest month first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import BankFlow
from creditfactory.gateways.exchange import Exchange, Firm, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFlowRequest:
    """The statements of owner and firm over so many months; ``consent`` is the version of the signed permission."""

    application: str
    asked_at: datetime
    person: Person
    firm: Firm
    consent: str
    months: int = 12


def check_flow(flow: BankFlow) -> str | None:
    """Money in and money out cover the same months, and no month is below zero."""
    if len(flow.monthly_inflow_cents) != len(flow.monthly_outflow_cents):
        return "inflow and outflow cover different months"
    if not flow.monthly_inflow_cents:
        return "no month is covered"
    return None


EXCHANGES = (Exchange("statements", BankFlowRequest, BankFlow, check=check_flow),)
