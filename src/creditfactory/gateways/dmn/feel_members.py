"""What can be asked of a value behind a point: a context's entries, a date's year, a duration's days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from creditfactory.gateways.dmn.feel_values import DateTime, DaysTime, Range, Time, Value, YearsMonths


def member_of(value: Value, name: str) -> Value:
    """A value's part of that name; null where it has none.

    >>> member_of(date(2026, 1, 31), "month")
    Decimal('1')
    """
    match value:
        case dict():
            return value.get(name)
        case DateTime():
            return _of_day(value.day, name) if name in DAY_PARTS else _of_time(value.time, name, value.offset)
        case date():
            return _of_day(value, name)
        case Time():
            return _of_time(value, name, value.offset_on())
        case DaysTime(seconds=seconds):
            return _of_days(seconds, name)
        case YearsMonths(months=months):
            years, rest = divmod(abs(months), 12)
            sign = -1 if months < 0 else 1
            return {"years": Decimal(sign * years), "months": Decimal(sign * rest)}.get(name)
        case Range():
            parts = {
                "start": value.low,
                "end": value.high,
                "start included": value.low_closed,
                "end included": value.high_closed,
            }
            return parts.get(name)
        case _:
            return None


DAY_PARTS = ("year", "month", "day", "weekday")


def _of_day(day: date, name: str) -> Value:
    parts = {"year": day.year, "month": day.month, "day": day.day, "weekday": day.isoweekday()}
    return Decimal(parts[name]) if name in parts else None


def _of_time(time: Time, name: str, offset: int | None) -> Value:
    match name:
        case "hour" | "minute":
            return Decimal(getattr(time, name))
        case "second":
            return time.second
        case "time offset":
            return None if offset is None else DaysTime(Decimal(offset))
        case "timezone":
            return time.zone or ("Z" if time.offset == 0 else None)
        case _:
            return None


def _of_days(seconds: Decimal, name: str) -> Value:
    minutes, second = divmod(abs(seconds), 60)
    hours, minute = divmod(int(minutes), 60)
    days, hour = divmod(hours, 24)
    sign = -1 if seconds < 0 else 1
    parts = {
        "days": Decimal(sign * days),
        "hours": Decimal(sign * hour),
        "minutes": Decimal(sign * minute),
        "seconds": sign * second,
    }
    return parts.get(name)
