"""Contract dates: months later, and months between, as a contract counts them."""

from __future__ import annotations

from calendar import isleap
from datetime import date

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def add_months(day: date, months: int, *, anchor_day: int | None = None) -> date:
    """The day so many months later, clamped to the month's end; ``anchor_day`` restores the contract's own day.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    >>> add_months(date(2026, 2, 28), 1, anchor_day=31)
    datetime.date(2026, 3, 31)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor_day or day.day, _count_days(year, month + 1)))


def months_between(earlier: date, later: date) -> int:
    """Whole months that have passed from one day to another; negative when the second lies before the first.

    >>> months_between(date(2025, 1, 15), date(2026, 1, 14)), months_between(date(2025, 1, 15), date(2026, 1, 15))
    (11, 12)
    """
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (1 if later < add_months(earlier, months) else 0)


def years_between(earlier: date, later: date) -> int:
    """Whole years that have passed: an age.

    >>> years_between(date(2000, 2, 29), date(2026, 2, 28)), years_between(date(2000, 2, 29), date(2026, 3, 1))
    (25, 26)
    """
    return later.year - earlier.year - ((later.month, later.day) < (earlier.month, earlier.day))


def month_end(day: date) -> date:
    """The last day of the month that holds this day.

    >>> month_end(date(2024, 2, 3))
    datetime.date(2024, 2, 29)
    """
    return date(day.year, day.month, _count_days(day.year, day.month))


def _count_days(year: int, month: int) -> int:
    return 29 if month == 2 and isleap(year) else _DAYS[month - 1]
