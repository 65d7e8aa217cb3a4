"""The promise: contract and schedule, what is paid and what is late, and the journals that book it."""

from creditfactory.loan.forms import read_terms, schedule_as_json
from creditfactory.loan.posting import ACCOUNTS, post_charge_off, post_disbursement, post_recovery, post_repayment
from creditfactory.loan.schedule import build_schedule, choose_due_dates, period_rates
from creditfactory.loan.terms import Fee, Grace, Instalment, Schedule, Terms

__all__ = [
    "ACCOUNTS",
    "Fee",
    "Grace",
    "Instalment",
    "Schedule",
    "Terms",
    "build_schedule",
    "choose_due_dates",
    "period_rates",
    "post_charge_off",
    "post_disbursement",
    "post_recovery",
    "post_repayment",
    "read_terms",
    "schedule_as_json",
]
