"""How a loan ends or changes early: paid off, paid in part before its time, given up, and some of it got back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from creditfactory.interest import round_ratio, year_fraction
from creditfactory.kernel import Reason, share_of
from creditfactory.loan.position import USUAL_RULES, Position, Repayment, ServicingRules
from creditfactory.loan.schedule import build_schedule, period_rates
from creditfactory.loan.servicing import age
from creditfactory.loan.terms import Grace, Schedule, Terms


@dataclass(frozen=True, slots=True)
class Payoff:
    """What settles the loan whole on a day. Interest is negative where more was paid in advance than has accrued."""

    on: date
    principal_cents: int
    interest_cents: int
    penalty_cents: int
    fee_cents: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class Prepayment:
    """A payment of principal before its time, and the terms and schedule that follow; none when refused."""

    on: date
    principal_cents: int
    interest_cents: int
    penalty_cents: int
    terms: Terms | None
    schedule: Schedule | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ChargeOff:
    """What is given up as lost: the principal becomes a loss, interest and penalty not yet paid are never booked."""

    on: date
    principal_cents: int
    interest_cents: int
    penalty_cents: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Recovery:
    """What came back after a charge-off; the borrower still owes the rest, and is owed what is over."""

    recovered_cents: int
    owed_cents: int
    credit_cents: int


def quote_payoff(
    terms: Terms,
    schedule: Schedule,
    repayments: Sequence[Repayment],
    on: date,
    *,
    fee_bps: int = 0,
    interest_until: Literal["day", "due_date"] = "day",
    rules: ServicingRules = USUAL_RULES,
) -> Payoff:
    """What pays the loan off on a day: open principal, interest accrued to that day, penalty, and the agreed fee.

    A period that has begun bears interest for the days that have passed, or, where the contract says so, to its end.

    >>> from decimal import Decimal
    >>> terms = Terms(100_00, Decimal("0.07"), 6, "equal_instalment", date(2024, 1, 1))
    >>> quote_payoff(terms, build_schedule(terms), [], date(2024, 1, 15)).total_cents
    10026
    """
    position = age(schedule, repayments, on, rules=rules)
    until = on if interest_until == "day" else _period_end(schedule, on)
    accrued = accrued_interest_cents(terms, schedule, until)
    interest_cents = accrued - position.interest_paid_cents
    fee = share_of(position.principal_open_cents - position.principal_due_cents, fee_bps)
    parts = (position.principal_open_cents, interest_cents, position.penalty_due_cents, fee)
    return Payoff(on, *parts, sum(parts) - position.credit_cents)


def accrued_interest_cents(terms: Terms, schedule: Schedule, on: date) -> int:
    """All interest the contract has borne from disbursement to a day, paid or not."""
    rates = period_rates(terms, [row.due_on for row in schedule.instalments])
    balance, start, accrued = terms.principal_cents, terms.disbursed_on, 0
    for row, rate in zip(schedule.instalments, rates, strict=True):
        if row.due_on <= on:
            accrued += round_ratio(balance * rate, terms.rounding)
        elif start < on:
            accrued += round_ratio(balance * rate * _share_passed(terms, start, on, row.due_on), terms.rounding)
        balance, start = row.balance_cents, row.due_on
    return accrued


def _period_end(schedule: Schedule, on: date) -> date:
    return next((row.due_on for row in schedule.instalments if row.due_on >= on), on)


def _share_passed(terms: Terms, start: date, on: date, end: date) -> Fraction:
    if terms.day_count == "act/act":
        return year_fraction(start, on, "act/act") / year_fraction(start, end, "act/act")
    return Fraction((on - start).days, (end - start).days)


def prepay(
    terms: Terms,
    schedule: Schedule,
    repayments: Sequence[Repayment],
    on: date,
    payment_cents: int,
    *,
    keep: Literal["term", "instalment"] = "term",
    rules: ServicingRules = USUAL_RULES,
) -> Prepayment:
    """Pay what is due with the interest to this day, then principal before its time; the rest is scheduled anew.

    ``keep="term"`` keeps the number of instalments and lowers them; ``instalment`` keeps their amount and needs fewer.

    >>> from decimal import Decimal
    >>> terms = Terms(120_000, Decimal(0), 12, "equal_instalment", date(2026, 1, 15))
    >>> result = prepay(terms, build_schedule(terms), [], date(2026, 2, 1), 60_000, keep="instalment")
    >>> len(result.schedule.instalments), result.schedule.instalments[0].total_cents
    (6, 10000)
    """
    quote = quote_payoff(terms, schedule, repayments, on, rules=rules)
    position = age(schedule, repayments, on, rules=rules)
    coming = [row for row in schedule.instalments if row.due_on > on]
    first = quote.interest_cents + quote.penalty_cents + position.principal_due_cents
    early = payment_cents + position.credit_cents - first
    left = position.principal_open_cents - position.principal_due_cents - early
    reasons = _check_prepayment(terms, early, left, len(coming), keep)
    if reasons:
        return Prepayment(on, 0, 0, 0, None, None, reasons)
    anew = replace(
        terms,
        principal_cents=left,
        instalments=len(coming),
        disbursed_on=on,
        first_due_on=coming[0].due_on,
        due_day=terms.due_day or (terms.first_due_on or terms.disbursed_on).day,
        grace=_grace_left(terms.grace, len(schedule.instalments) - len(coming)),
        fees=(),
        instalment_cents=None,
    )
    if keep == "instalment":
        usual = coming[-2] if len(coming) > 1 else coming[0]  # the last takes the rounding, the first may be in grace
        kept = usual.total_cents if terms.method == "equal_instalment" else usual.principal_cents
        anew = _shorten(replace(anew, instalment_cents=kept))
    paid = position.principal_due_cents + early
    return Prepayment(on, paid, quote.interest_cents, quote.penalty_cents, anew, build_schedule(anew), ())


def _check_prepayment(terms: Terms, early: int, left: int, coming: int, keep: str) -> tuple[Reason, ...]:
    if not coming or left <= 0:
        return (Reason("LON-PREPAY-IS-PAYOFF", {"over_cents": -left}),)
    if early <= 0:
        return (Reason("LON-PREPAY-TOO-SMALL", {"missing_cents": 1 - early}),)
    if keep == "instalment" and terms.method == "interest_first":
        return (Reason("LON-PREPAY-CANNOT-SHORTEN", {"method": terms.method}),)
    return ()


def _grace_left(grace: Grace, passed: int) -> Grace:
    return Grace(max(grace.principal - passed, 0), max(grace.interest - passed, 0), max(grace.free - passed, 0))


def _shorten(terms: Terms) -> Terms:
    rows = build_schedule(terms).instalments
    needed = next(row.number for row in rows if row.balance_cents == 0)
    return replace(terms, instalments=needed)


def charge_off(position: Position) -> ChargeOff:
    """Give up what is open on this day; with reasons, and nothing given up, where there is nothing to give up."""
    owed = sum(one.interest_cents for one in position.instalments_open if one.due_on <= position.on)
    if position.status == "charged_off":
        return ChargeOff(position.on, 0, 0, 0, (Reason("LON-ALREADY-CHARGED-OFF", {}),))
    if position.principal_open_cents == 0:
        return ChargeOff(position.on, 0, 0, 0, (Reason("LON-NOTHING-OPEN", {}),))
    return ChargeOff(position.on, position.principal_open_cents, owed, position.penalty_due_cents)


def recover(charged_off: ChargeOff, recovered_before_cents: int, payment_cents: int) -> Recovery:
    """Money that came in after a charge-off, against the whole claim that was given up.

    >>> recover(ChargeOff(date(2026, 12, 1), 1_000, 50, 0), 900, 200)
    Recovery(recovered_cents=150, owed_cents=0, credit_cents=50)
    """
    claim = charged_off.principal_cents + charged_off.interest_cents + charged_off.penalty_cents
    owed = max(claim - recovered_before_cents, 0)
    recovered = min(owed, payment_cents)
    return Recovery(recovered, owed - recovered, payment_cents - recovered)
