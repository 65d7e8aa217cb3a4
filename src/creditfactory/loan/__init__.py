"""The promise: contract and schedule, what is paid and what is late, and the journals that book it."""

from creditfactory.loan.contract import Cap, Contract, CostRow, check_cap, draft_contract
from creditfactory.loan.ending import (
    ChargeOff,
    Payoff,
    Prepayment,
    Recovery,
    accrued_interest_cents,
    charge_off,
    prepay,
    quote_payoff,
    recover,
)
from creditfactory.loan.forms import read_terms, schedule_as_json
from creditfactory.loan.position import (
    INTEREST_BEFORE_PRINCIPAL,
    PRINCIPAL_BEFORE_INTEREST,
    USUAL_RULES,
    Allocation,
    OpenInstalment,
    Position,
    Repayment,
    ServicingRules,
    allocate,
    draw_position,
)
from creditfactory.loan.posting import ACCOUNTS, post_charge_off, post_disbursement, post_recovery, post_repayment
from creditfactory.loan.schedule import build_schedule, choose_due_dates, period_rates
from creditfactory.loan.servicing import age
from creditfactory.loan.terms import Fee, Grace, Instalment, Schedule, Terms

__all__ = [
    "ACCOUNTS",
    "INTEREST_BEFORE_PRINCIPAL",
    "PRINCIPAL_BEFORE_INTEREST",
    "USUAL_RULES",
    "Allocation",
    "Cap",
    "ChargeOff",
    "Contract",
    "CostRow",
    "Fee",
    "Grace",
    "Instalment",
    "OpenInstalment",
    "Payoff",
    "Position",
    "Prepayment",
    "Recovery",
    "Repayment",
    "Schedule",
    "ServicingRules",
    "Terms",
    "accrued_interest_cents",
    "age",
    "allocate",
    "build_schedule",
    "charge_off",
    "check_cap",
    "choose_due_dates",
    "draft_contract",
    "draw_position",
    "period_rates",
    "post_charge_off",
    "post_disbursement",
    "post_recovery",
    "post_repayment",
    "prepay",
    "quote_payoff",
    "read_terms",
    "recover",
    "schedule_as_json",
]
