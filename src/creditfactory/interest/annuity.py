"""Equal instalments: the one payment that repays a principal with its interest."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Literal

_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
"""Forty digits: far beyond a cent even for the largest loan over the longest term."""


def level_payment(principal: Decimal, periodic_rate: Decimal, periods: int) -> Decimal:
    """The unrounded equal payment at the end of each of so many periods, all bearing the same rate.

    >>> round(level_payment(Decimal(250_000), Decimal("0.015"), 36), 2)
    Decimal('9038.10')
    >>> level_payment(Decimal(1_000), Decimal(0), 4)
    Decimal('250')
    """
    if periodic_rate == 0:
        return _EXACT.divide(principal, Decimal(periods))
    growth = _EXACT.power(_EXACT.add(Decimal(1), periodic_rate), periods)
    return _EXACT.divide(
        _EXACT.multiply(_EXACT.multiply(principal, periodic_rate), growth), _EXACT.subtract(growth, Decimal(1))
    )


def equal_payment(principal: Decimal, period_rates: Sequence[Fraction]) -> Decimal:
    """The unrounded equal payment when each period bears its own rate (broken first period, actual days).

    >>> round(equal_payment(Decimal(1_000), [Fraction(1, 100)] * 6), 2)
    Decimal('172.55')
    """
    discount, annuity = Decimal(1), Decimal(0)
    for rate in period_rates:
        growth = _EXACT.divide(Decimal(rate.numerator + rate.denominator), Decimal(rate.denominator))
        discount = _EXACT.divide(discount, growth)
        annuity = _EXACT.add(annuity, discount)
    return _EXACT.divide(principal, annuity)


def round_half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a ratio, halves away from zero; the denominator is positive.

    >>> round_half_up(5, 2), round_half_up(-5, 2), round_half_up(7, 3)
    (3, -3, 2)
    """
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def round_half_even(numerator: int, denominator: int) -> int:
    """The nearest whole number to a ratio, halves to the even neighbour; the denominator is positive.

    >>> round_half_even(5, 2), round_half_even(7, 2), round_half_even(-5, 2)
    (2, 4, -2)
    """
    whole, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and whole % 2):
        return whole + 1
    return whole


def round_ratio(ratio: Fraction, rounding: Literal["half_up", "half_even"] = "half_up") -> int:
    """The nearest whole number to an exact ratio, halves as told.

    >>> round_ratio(Fraction(1, 2)), round_ratio(Fraction(1, 2), "half_even")
    (1, 0)
    """
    nearest = round_half_up if rounding == "half_up" else round_half_even
    return nearest(ratio.numerator, ratio.denominator)
