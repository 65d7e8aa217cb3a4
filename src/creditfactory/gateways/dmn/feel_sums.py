"""FEEL's arithmetic: numbers, and days and durations among themselves; what makes no sense is null."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from creditfactory.gateways.dmn.feel_values import (
    DAY_SECONDS,
    DateTime,
    DaysTime,
    Time,
    Value,
    YearsMonths,
    from_instant,
    shift_months,
    time_at,
)

TEXT_RESULT_MAX = 100_000
UTC_MIDNIGHT = Time(0, 0, Decimal(0), 0)
SECONDS_MAX = 10**15


def add(one: Value, other: Value) -> Value:
    """The sum of two values, or null."""
    match one, other:
        case Decimal(), Decimal():
            return one + other
        case str(), str():
            return one + other if len(one) + len(other) <= TEXT_RESULT_MAX else None
        case DaysTime(seconds=first), DaysTime(seconds=second):
            return bounded_days(first + second)
        case YearsMonths(months=first), YearsMonths(months=second):
            return YearsMonths(first + second)
        case ((DaysTime() | YearsMonths()), (date() | DateTime() | Time())):
            return shift(other, one)
        case ((date() | DateTime() | Time()), (DaysTime() | YearsMonths())):
            return shift(one, other)
        case _:
            return None


def subtract(one: Value, other: Value) -> Value:
    """The difference of two values, or null."""
    match one, other:
        case Decimal(), Decimal():
            return one - other
        case (_, DaysTime(seconds=seconds)):
            return add(one, DaysTime(-seconds))
        case (_, YearsMonths(months=months)):
            return add(one, YearsMonths(-months))
        case Time(), Time():
            first, second = one.offset_on(), other.offset_on()
            if (first is None) != (second is None):
                return None
            return DaysTime(one.seconds - (first or 0) - other.seconds + (second or 0))
        case ((date() | DateTime()), (date() | DateTime())):
            start, end = at_midnight(other), at_midnight(one)
            if (start.offset is None) != (end.offset is None):
                return None
            return DaysTime(end.instant - start.instant)
        case _:
            return None


def multiply(one: Value, other: Value) -> Value:
    """The product of two values, or null."""
    match one, other:
        case Decimal(), Decimal():
            return one * other
        case (DaysTime(seconds=seconds), Decimal()) | (Decimal(), DaysTime(seconds=seconds)):
            factor = other if isinstance(other, Decimal) else one
            return bounded_days(seconds * factor)
        case (YearsMonths(months=months), Decimal()) | (Decimal(), YearsMonths(months=months)):
            factor = other if isinstance(other, Decimal) else one
            return bounded_months(months * factor)
        case _:
            return None


def divide(one: Value, other: Value) -> Value:
    """The quotient of two values, or null; nothing is divided by nought."""
    match one, other:
        case Decimal(), Decimal():
            return one / other if other else None
        case DaysTime(seconds=seconds), Decimal():
            return bounded_days(seconds / other) if other else None
        case YearsMonths(months=months), Decimal():
            return bounded_months(months / other) if other else None
        case DaysTime(seconds=first), DaysTime(seconds=second):
            return first / second if second else None
        case YearsMonths(months=first), YearsMonths(months=second):
            return Decimal(first) / Decimal(second) if second else None
        case _:
            return None


def raise_to(one: Value, other: Value) -> Value:
    """A power of a number, or null."""
    if not (isinstance(one, Decimal) and isinstance(other, Decimal)):
        return None
    if not one and not other:
        return Decimal(1)
    return one**other


def negate(value: Value) -> Value:
    """A number or duration with its sign turned, or null."""
    match value:
        case Decimal():
            return -value
        case DaysTime(seconds=seconds):
            return DaysTime(-seconds)
        case YearsMonths(months=months):
            return YearsMonths(-months)
        case _:
            return None


def shift(point: Any, by: DaysTime | YearsMonths) -> Value:
    """A day or time moved by a duration, or null where it would leave the calendar."""
    if isinstance(by, YearsMonths):
        if isinstance(point, Time):
            return None
        moved = shift_months(point.day if isinstance(point, DateTime) else point, by.months)
        return DateTime(moved, point.time) if moved and isinstance(point, DateTime) else moved
    match point:
        case Time():
            seconds = (point.seconds + by.seconds) % DAY_SECONDS
            return time_at((seconds + DAY_SECONDS) % DAY_SECONDS, point)
        case DateTime():
            return from_instant(point.instant + by.seconds, point.time)
        case _:
            found = from_instant(at_midnight(point).instant + by.seconds, UTC_MIDNIGHT)
            return found.day if found else None


def at_midnight(point: Any) -> DateTime:
    """A day as its midnight in UTC; a day with a time as it is."""
    return point if isinstance(point, DateTime) else DateTime(point, UTC_MIDNIGHT)


def bounded_days(seconds: Decimal) -> DaysTime | None:
    """A duration in seconds, unless it is beyond all reckoning."""
    return DaysTime(seconds) if abs(seconds) < SECONDS_MAX else None


def bounded_months(months: Decimal) -> YearsMonths | None:
    """A duration in whole months, unless it is beyond all reckoning."""
    return YearsMonths(int(months)) if abs(months) < SECONDS_MAX else None


OPERATORS = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": raise_to}
