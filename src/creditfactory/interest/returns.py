"""The yearly rate hidden in a row of cash flows: 12 times the monthly rate, and the compounded one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Literal

import pyxirr

from creditfactory.interest.daycount import DayCount

RATE_PLACES = Decimal("0.00000001")
"""Rates are stated to eight decimals; the rounding of instalments to cents moves them by about one in the seventh."""

_DAY_COUNTS = {
    "30/360": pyxirr.DayCount.THIRTY_360_ISDA,
    "act/360": pyxirr.DayCount.ACT_360,
    "act/365": pyxirr.DayCount.ACT_365F,
    "act/act": pyxirr.DayCount.ACT_ACT_ISDA,
}
_EPOCH = date(2000, 1, 1)
_MONTHLY_MAX = 1_000.0  # a loan of a few cents for a day may "cost" more a month; such a figure tells nobody anything
_WIDE = Context(prec=60)


def irr_monthly(flows: Sequence[int | float | Decimal], *, guess: float = 0.01) -> Decimal | None:
    """The rate a month at which equally spaced cash flows are worth nothing today; none when no rate does it.

    >>> irr_monthly([25_000_000] + [-903_810] * 36)
    Decimal('0.0150000')
    >>> irr_monthly([1, 2]) is None
    True
    """
    rate = _solve_monthly([float(flow) for flow in flows], guess)
    return None if rate is None or rate > _MONTHLY_MAX else _stated(rate, Decimal("0.0000001"))


def irr_dated(
    flows: Sequence[tuple[date, int | float | Decimal]],
    *,
    day_count: DayCount = "act/365",
    guess: float | None = None,
) -> float | None:
    """The compounded rate a year of cash flows on their own days; none when there is no such rate above −100 %.

    >>> round(irr_dated([(date(2026, 1, 1), -100), (date(2027, 1, 1), 110)]), 6)
    0.1
    """
    try:
        return pyxirr.xirr(
            [day for day, _ in flows], [float(flow) for _, flow in flows], guess=guess, day_count=_DAY_COUNTS[day_count]
        )
    except pyxirr.InvalidPaymentsError:
        return None


def effective_rate(monthly: float) -> float:
    """The compounded yearly rate of a monthly one.

    >>> round(effective_rate(0.015), 6)
    0.195618
    """
    return float((1 + monthly) ** 12 - 1)


def all_in_rates(
    flows: Sequence[tuple[int, int]], *, spacing: Literal["months", "days"] = "months", guess: float = 0.18
) -> tuple[Decimal, Decimal] | None:
    """The borrower's all-in rates, nominal (12 × monthly) and effective, from (time, cents) pairs in order of time.

    Time is counted in whole months, or in days of which thirty make a month. Cents received are positive and cents
    paid negative (or the other way round); none when no rate fits that is at most 100,000 % a month.

    >>> all_in_rates([(0, 25_000_000)] + [(month, -903_810) for month in range(1, 37)])
    (Decimal('0.18000009'), Decimal('0.19561828'))
    """
    if spacing == "months":
        row = [0.0] * (flows[-1][0] + 1)
        for month, cents in flows:
            row[month] += cents
        monthly = _solve_monthly(row, guess / 12)
    else:
        monthly = _solve_by_days(flows, guess)
    if monthly is None or monthly > _MONTHLY_MAX:
        return None
    return _stated(12 * monthly, RATE_PLACES), _stated(effective_rate(monthly), RATE_PLACES)


def _solve_monthly(flows: list[float], guess: float) -> float | None:
    if sum(flows) == 0 and flows[0] != 0:
        return 0.0  # what came in went out: nothing was charged, and a root finder need not be asked
    try:
        rate = pyxirr.irr(flows, guess=guess)
    except pyxirr.InvalidPaymentsError:
        return None
    return None if rate is None or rate <= -1 else rate


def _solve_by_days(flows: Sequence[tuple[int, int]], guess: float) -> float | None:
    if sum(cents for _, cents in flows) == 0:
        return 0.0
    dated = [(_EPOCH + timedelta(days=days), cents) for days, cents in flows]
    yearly = irr_dated(dated, day_count="act/360", guess=guess)
    return None if yearly is None or yearly <= -1 else float((1 + yearly) ** (1 / 12) - 1)


def _stated(rate: float, places: Decimal) -> Decimal:
    stated = Decimal(repr(rate)).quantize(places, context=_WIDE)
    return stated or abs(stated)  # nought has no sign
