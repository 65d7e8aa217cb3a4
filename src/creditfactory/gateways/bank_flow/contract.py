"""Bank statements through a licensed collector: with consent, the totals of each month, and every account's lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import BankFlow, BankStatement
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """The statements of each account that owner and firm hold, line by line; none where the collector knows of none."""

    accounts: tuple[BankStatement, ...] = ()


def check_lines(found: StatementFile) -> str | None:
    """Each account once, each line whole, oldest first, inside the days the statement covers."""
    names = [statement.account for statement in found.accounts]
    if len(set(names)) < len(names):
        return "an account is listed twice"
    for statement in found.accounts:
        columns = (statement.minute, statement.flow_cents, statement.party, statement.sort)
        if any(len(column) != len(statement.on) for column in columns):
            return f"account {statement.account}: columns of unequal length"
        if statement.balance_cents and len(statement.balance_cents) != len(statement.on):
            return f"account {statement.account}: columns of unequal length"
        if list(statement.on) != sorted(statement.on):
            return f"account {statement.account}: lines are not in order of time"
        if statement.on and not statement.from_on <= statement.on[0] <= statement.on[-1] <= statement.to_on:
            return f"account {statement.account}: a line lies outside the days covered"
    return None


EXCHANGES = (
    Exchange("statements", BankFlowRequest, BankFlow, check=check_flow),
    Exchange("lines", BankFlowRequest, StatementFile, check=check_lines),
)
