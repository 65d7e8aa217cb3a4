"""The terms of a loan: how much, at what rate, for how long, repaid in which manner."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from creditfactory.interest import DayCount

Method = Literal["equal_instalment", "equal_principal", "interest_first"]
"""等额本息 · 等额本金 · 先息后本."""

Rounding = Literal["half_up", "half_even"]
StepRounding = Literal["nearest", "up"]
EqualOver = Literal["all_periods", "first_period"]
MonthEnd = Literal["clamp", "last_day"]
FeeTime = Literal["at_disbursement", "each_instalment", "at_maturity"]

METHODS: tuple[str, ...] = get_args(Method)
ROUNDINGS: tuple[str, ...] = get_args(Rounding)
STEP_ROUNDINGS: tuple[str, ...] = get_args(StepRounding)
EQUAL_OVERS: tuple[str, ...] = get_args(EqualOver)
MONTH_ENDS: tuple[str, ...] = get_args(MonthEnd)
FEE_TIMES: tuple[str, ...] = get_args(FeeTime)


@dataclass(frozen=True, slots=True)
class Grace:
    """Instalments at the start that ask for less: no principal, interest put off, or no interest at all."""

    principal: int = 0
    interest: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True)
class Fee:
    """What the borrower pays beside interest, to whom, and when; a contingent one only if something goes wrong."""

    item: str
    payee: str
    amount_cents: int
    method: FeeTime = "at_disbursement"
    contingent: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What was promised. Instalments fall every ``period_months`` months, or every ``period_days`` days if given.

    ``instalment_step_cents`` rounds the equal instalment (or the equal principal) to whole steps; the last instalment
    takes what rounding leaves. ``instalment_cents`` fixes the equal instalment (or the equal principal) instead of
    computing it. With ``equal_over="first_period"`` the equal instalment is figured as if every period were as long
    as the first, as some lenders do with actual days; ``all_periods`` solves it exactly.

    ``month_end="last_day"`` puts every due date on the last day of its month; ``clamp`` keeps the contract's own day
    (``due_day``, else that of the first due date) wherever the month has it.
    """

    principal_cents: int
    annual_rate: Decimal
    instalments: int
    method: Method
    disbursed_on: date
    day_count: DayCount = "30/360"
    first_due_on: date | None = None
    grace: Grace = Grace()
    rounding: Rounding = "half_up"
    instalment_step_cents: int = 1
    instalment_step_rounding: StepRounding = "nearest"
    instalment_cents: int | None = None
    equal_over: EqualOver = "all_periods"
    month_end: MonthEnd = "clamp"
    due_day: int | None = None
    period_months: int = 1
    period_days: int | None = None
    fees: tuple[Fee, ...] = ()


@dataclass(frozen=True, slots=True)
class Instalment:
    """One due date: what falls due, of which how much is principal, and what remains owed afterwards."""

    number: int
    due_on: date
    principal_cents: int
    interest_cents: int
    total_cents: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """All instalments, with the yearly rates of all cash that passes between borrower and funder.

    The rates are none when the fees leave no rate that fits the flows.
    """

    instalments: tuple[Instalment, ...]
    total_interest_cents: int
    annual_rate_nominal: Decimal | None
    annual_rate_effective: Decimal | None
    fees: tuple[Fee, ...] = field(default=())
