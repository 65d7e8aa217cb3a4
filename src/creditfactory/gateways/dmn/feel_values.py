"""FEEL's values: numbers of 34 digits, texts, days, times, durations, ranges, lists, contexts; null is None."""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Value = Any
"""None, Decimal, str, bool, date, Time, DateTime, DaysTime, YearsMonths, Range, list, dict or Function."""

ARITHMETIC = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
DAY_SECONDS = 86_400
OFFSET_MAX = 18 * 3600

DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d(?:\.\d+)?)"
    r"(?:(?P<utc>[zZ])|(?P<offset>[+-]\d\d:\d\d(?::\d\d)?)|@(?P<zone>[A-Za-z_+\-/0-9]+))?"
)
DAYS_TIME = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
YEARS_MONTHS = re.compile(r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?")


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day, with its distance from UTC in seconds or its zone's name where it has one."""

    hour: int
    minute: int
    second: Decimal
    offset: int | None = None
    zone: str = ""

    @property
    def seconds(self) -> Decimal:
        """Seconds since midnight, where it is."""
        return self.second + (self.hour * 60 + self.minute) * 60

    def offset_on(self, day: date | None = None) -> int | None:
        """Its distance from UTC on a day; a zone without a day is taken as on 1 January 1970."""
        if not self.zone:
            return self.offset
        on = day or date(1970, 1, 1)
        local = datetime(on.year, on.month, on.day, self.hour, self.minute, tzinfo=ZoneInfo(self.zone))
        shift = local.utcoffset()
        return 0 if shift is None else int(shift.total_seconds())


@dataclass(frozen=True, slots=True)
class DateTime:
    """A day and a time on it."""

    day: date
    time: Time

    @property
    def offset(self) -> int | None:
        """Its distance from UTC in seconds, where it has one."""
        return self.time.offset_on(self.day)

    @property
    def instant(self) -> Decimal:
        """Seconds since the first day there is, in UTC where the distance is known."""
        return Decimal(self.day.toordinal()) * DAY_SECONDS + self.time.seconds - (self.offset or 0)


@dataclass(frozen=True, slots=True)
class DaysTime:
    """A duration in days, hours, minutes and seconds."""

    seconds: Decimal


@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A duration in years and months."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """All values from one end to another; an end that is None is open without bound."""

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True

    def holds(self, value: Value) -> bool | None:
        """Whether a value lies within; null where it cannot be compared."""
        if self.low is not None:
            found = compare(value, self.low)
            if found is None:
                return None
            if found < 0 or (found == 0 and not self.low_closed):
                return False
        if self.high is not None:
            found = compare(value, self.high)
            if found is None:
                return None
            return found < 0 or (found == 0 and self.high_closed)
        return True


@dataclass(frozen=True, slots=True)
class Function:
    """Something to be called with values for its parameters."""

    parameters: tuple[str, ...]
    call: Callable[..., Value]
    signature: str = ""


def read_date(text: str) -> date | None:
    """A day as ``2026-01-31``; None where there is no such day.

    >>> read_date("2026-02-30") is None
    True
    """
    try:
        return date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None


def read_time(text: str) -> Time | None:
    """A time of day such as ``10:00:00``, ``10:00:00Z``, ``10:00:00+08:00`` or ``10:00:00@Asia/Shanghai``."""
    found = TIME.fullmatch(text)
    if not found:
        return None
    offset = 0 if found["utc"] else None
    if found["offset"]:
        parts = [int(part) for part in found["offset"][1:].split(":")]
        offset = (parts[0] * 60 + parts[1]) * 60 + (parts[2] if len(parts) > 2 else 0)
        offset = -offset if found["offset"][0] == "-" else offset
        if abs(offset) > OFFSET_MAX or parts[1] > 59:
            return None
    zone = found["zone"] or ""
    if zone and not is_zone(zone):
        return None
    return build_time(int(found["hour"]), int(found["minute"]), Decimal(found["second"]), offset, zone)


def build_time(hour: int, minute: int, second: Decimal, offset: int | None = None, zone: str = "") -> Time | None:
    """A time of day; None where the clock has none such."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    return Time(hour, minute, second, offset, zone)


@lru_cache(maxsize=256)
def is_zone(name: str) -> bool:
    """Whether a zone of that name is known here."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def read_date_time(text: str) -> DateTime | None:
    """A day and a time as ``2026-01-31T10:00:00``; a day alone is its midnight."""
    day_text, mark, time_text = text.partition("T")
    day = read_date(day_text)
    time = read_time(time_text) if mark else Time(0, 0, Decimal(0))
    return DateTime(day, time) if day and time else None


def read_duration(text: str) -> DaysTime | YearsMonths | None:
    """A duration such as ``P1Y2M`` or ``P3DT4H``."""
    found = YEARS_MONTHS.fullmatch(text)
    if found and (found["years"] or found["months"]):
        months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
        return YearsMonths(-months if found["sign"] else months) if months < 10**12 else None
    found = DAYS_TIME.fullmatch(text)
    if not found or not any(found[part] for part in ("days", "hours", "minutes", "seconds")):
        return None
    seconds = (int(found["days"] or 0) * 24 + int(found["hours"] or 0)) * 60 + int(found["minutes"] or 0)
    whole = Decimal(seconds) * 60 + Decimal(found["seconds"] or 0)
    return DaysTime(-whole if found["sign"] else whole) if whole < 10**15 else None


def read_at(text: str) -> Value:
    """What an ``@"…"`` stands for: a day, a time, both, or a duration."""
    if "T" in text and not text.startswith(("P", "-P")):
        return read_date_time(text)
    return read_date(text) or read_time(text) or read_duration(text)


def write(value: Value, *, inner: bool = False) -> str:
    """A value as FEEL's ``string()`` writes it; texts within lists and contexts are quoted.

    >>> write(Decimal("1E+3")), write(DaysTime(Decimal(90061))), write(YearsMonths(14))
    ('1000', 'P1DT1H1M1S', 'P1Y2M')
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f") if -40 < value.adjusted() < 40 else str(value)
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if inner else value
        case Time():
            return write_time(value)
        case DateTime(day=day, time=time):
            return f"{day.isoformat()}T{write_time(time)}"
        case date():
            return value.isoformat()
        case DaysTime(seconds=seconds):
            return write_days_time(seconds)
        case YearsMonths(months=months):
            years, rest = divmod(abs(months), 12)
            shown = (f"{years}Y" if years else "") + (f"{rest}M" if rest or not years else "")
            return ("-" if months < 0 else "") + "P" + shown
        case list():
            return "[" + ", ".join(write(item, inner=True) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {write(item, inner=True)}" for key, item in value.items()) + "}"
        case Range():
            low, high = write(value.low, inner=True), write(value.high, inner=True)
            return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"
        case Function(parameters=parameters):
            return f"function({', '.join(parameters)})"
        case _:
            raise AssertionError(f"not a FEEL value: {value!r}")


def write_time(time: Time) -> str:
    """A time of day as text."""
    second = format(time.second.normalize(), "f") if time.second else "0"
    whole, point, part = second.partition(".")
    text = f"{time.hour:02}:{time.minute:02}:{int(whole):02}{point}{part}"
    if time.zone:
        return f"{text}@{time.zone}"
    if time.offset is None:
        return text
    if time.offset == 0:
        return text + "Z"
    minutes, seconds = divmod(abs(time.offset), 60)
    shown = f"{'-' if time.offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
    return text + shown + (f":{seconds:02}" if seconds else "")


def write_days_time(seconds: Decimal) -> str:
    """A duration of days and time as text."""
    minutes, second = divmod(abs(seconds), 60)
    hours, minute = divmod(int(minutes), 60)
    days, hour = divmod(hours, 24)
    parts = (f"{hour}H" if hour else "") + (f"{minute}M" if minute else "")
    parts += f"{format(second.normalize(), 'f')}S" if second else ""
    shown = (f"{days}D" if days else "") + (f"T{parts}" if parts else "")
    return ("-" if seconds < 0 else "") + "P" + (shown or "T0S")


def compare(one: Value, other: Value) -> int | None:
    """-1, 0 or 1 as the first comes before, with or after the second; None where the two have no order."""
    kind = type(one)
    if kind is not type(other):
        return None
    if kind in (Decimal, str, date):
        return int(one > other) - int(one < other)
    first, second = order_of(one), order_of(other)
    if first is None or second is None or first[0] != second[0]:
        return None
    return (first[1] > second[1]) - (first[1] < second[1])


def order_of(value: Value) -> tuple[str, Decimal] | None:
    """Where a value stands among those of its kind."""
    match value:
        case Time():
            offset = value.offset_on()
            return ("time" if offset is None else "time zoned", value.seconds - (offset or 0))
        case DateTime():
            return ("date time" if value.offset is None else "date time zoned", value.instant)
        case DaysTime(seconds=seconds):
            return ("days", seconds)
        case YearsMonths(months=months):
            return ("months", Decimal(months))
        case _:
            return None


def equal(one: Value, other: Value) -> bool | None:
    """Whether two values are the same; null where they are of different kinds."""
    if one is None or other is None:
        return one is other
    if type(one) is not type(other):
        return None
    if isinstance(one, list):
        return len(one) == len(other) and all(equal(a, b) is True for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(part, other[key]) is True for key, part in one.items())
    if isinstance(one, Time | DateTime):
        return compare(one, other) == 0
    if isinstance(one, Range):
        return (one.low_closed, one.high_closed) == (other.low_closed, other.high_closed) and all(
            equal(a, b) is True for a, b in ((one.low, other.low), (one.high, other.high))
        )
    return bool(one == other)


def shift_months(day: date, months: int) -> date | None:
    """A day so many months on; the last of the month where that has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    first_next = date(year + month // 11, (month + 1) % 12 + 1, 1) if (year, month) != (9999, 11) else None
    last = 31 if first_next is None else (first_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def from_instant(instant: Decimal, like: Time) -> DateTime | None:
    """A day and time from its seconds, told at the same distance from UTC as another."""
    local = instant + (like.offset or 0)
    if like.zone:
        local = instant + (like.offset_on(date.fromordinal(max(1, int(instant // DAY_SECONDS)))) or 0)
    days, seconds = divmod(local, DAY_SECONDS)
    if not 1 <= days <= date.max.toordinal():
        return None
    return DateTime(date.fromordinal(int(days)), time_at(seconds, like))


def time_at(seconds: Decimal, like: Time) -> Time:
    """A time of day from its seconds since midnight, the zone as in another."""
    minutes, second = divmod(seconds, 60)
    return Time(int(minutes) // 60, int(minutes) % 60, second, like.offset, like.zone)
