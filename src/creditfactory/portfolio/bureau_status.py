"""The one letter by which a loan's month is told to the credit bureau."""

from __future__ import annotations

DAYS_A_GRADE = 30
GRADE_MAX = 7


def read_bureau_status(arrears_days: int, *, is_charged_off: bool = False, is_repaid: bool = False) -> str:
    """N in time, 1 to 7 by started thirties of days late (7 beyond 180), B charged off, C repaid in full.

    >>> [read_bureau_status(days) for days in (0, 1, 30, 31, 180, 181, 900)]
    ['N', '1', '1', '2', '6', '7', '7']
    >>> read_bureau_status(40, is_charged_off=True), read_bureau_status(0, is_repaid=True)
    ('B', 'C')
    """
    if is_charged_off:
        return "B"
    if is_repaid:
        return "C"
    if arrears_days <= 0:
        return "N"
    return str(min(GRADE_MAX, (arrears_days - 1) // DAYS_A_GRADE + 1))
