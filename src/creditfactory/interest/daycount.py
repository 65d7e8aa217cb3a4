"""Day counts: which share of a year lies between two days, as the contract counts it."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, get_args

DayCount = Literal["30/360", "act/360", "act/365", "act/act"]
"""The ways of counting a year that our contracts may name."""

DAY_COUNTS: tuple[str, ...] = get_args(DayCount)
_DAY = timedelta(days=1)


def days_30_360(start: date, end: date) -> int:
    """Days between two dates when every month has thirty (bond basis: a 31st counts as a 30th).

    >>> days_30_360(date(2026, 1, 15), date(2026, 2, 15)), days_30_360(date(2026, 1, 31), date(2026, 3, 31))
    (30, 60)
    """
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def year_fraction(start: date, end: date, day_count: DayCount) -> Fraction:
    """The exact share of a year from one day to another; act/act gives each day to the year in which it ends.

    The night of 31 December thus bears interest at the new year's length, as lending systems have it; the ISDA
    convention, which ``irr_dated`` follows for comparison with markets, gives it to the old year.

    >>> year_fraction(date(2023, 12, 12), date(2024, 1, 12), "act/act") == Fraction(19, 365) + Fraction(12, 366)
    True
    >>> year_fraction(date(2026, 1, 15), date(2026, 2, 15), "act/365")
    Fraction(31, 365)
    """
    if day_count == "30/360":
        return Fraction(days_30_360(start, end), 360)
    if day_count == "act/360":
        return Fraction((end - start).days, 360)
    if day_count == "act/365":
        return Fraction((end - start).days, 365)
    return _actual_actual(start, end)


def _actual_actual(start: date, end: date) -> Fraction:
    if end < start:
        return -_actual_actual(end, start)
    start, end = start + _DAY, end + _DAY  # a day belongs to the year in which it ends
    share = Fraction(0)
    while start.year < end.year:
        turn = date(start.year + 1, 1, 1)
        share += Fraction((turn - start).days, _days_in_year(start.year))
        start = turn
    return share + Fraction((end - start).days, _days_in_year(end.year))


def _days_in_year(year: int) -> int:
    return (date(year, 12, 31) - date(year, 1, 1)).days + 1
