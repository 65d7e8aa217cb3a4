"""A loan's position on a day, from its promised payments and what came in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from creditfactory import loan, records


def load_position(record: records.LoanRecord, on: date) -> loan.Position:
    """Where a loan stands at the end of a day, replayed from the records."""
    instalments, balance, interest_total = [], record.principal_cents, 0
    for number, due_on, principal, interest in records.load_instalments(record.id):
        balance -= principal
        interest_total += interest
        instalments.append(loan.Instalment(number, due_on, principal, interest, principal + interest, balance))
    schedule = loan.Schedule(tuple(instalments), interest_total, Decimal(record.annual_rate), None)
    repayments = [
        loan.Repayment(day, principal + interest + penalty)
        for day, principal, interest, penalty in records.load_repayments(record.id)
        if principal + interest + penalty > 0
    ]
    ended = record.ended_on if record.status == "charged_off" else None
    return loan.age(schedule, repayments, on, charged_off_on=ended)
