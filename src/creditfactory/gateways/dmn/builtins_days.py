"""FEEL's own functions on days, times, durations and ranges."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal

from creditfactory.gateways.dmn.builtin import Null, builtin, number, text, whole
from creditfactory.gateways.dmn.feel_values import (
    DateTime,
    DaysTime,
    Range,
    Time,
    Value,
    YearsMonths,
    build_time,
    compare,
    read_date,
    read_date_time,
    read_duration,
    read_time,
)
from creditfactory.gateways.dmn.running import Exceeded, Run

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@builtin("date", "from", "year, month, day")
def as_date(source: Value, month: Value = None, day: Value = None) -> Value:
    """A day, from text, from a day with a time, or from year, month and day."""
    if month is not None or day is not None:
        try:
            return date(whole(source), whole(month), whole(day))
        except (ValueError, OverflowError):
            raise Null from None
    match source:
        case DateTime(day=found):
            return found
        case date():
            return source
        case _:
            return read_date(text(source))


@builtin("time", "from", "hour, minute, second, offset?")
def as_time(source: Value, minute: Value = None, second: Value = None, offset: Value = None) -> Value:
    """A time of day, from text, from a day with a time, or from hour, minute and second."""
    if minute is not None or second is not None:
        if offset is not None and not isinstance(offset, DaysTime):
            raise Null
        shift = None if offset is None else int(offset.seconds)
        return build_time(whole(source), whole(minute), number(second), shift)
    match source:
        case DateTime(time=found):
            return found
        case Time():
            return source
        case date():
            return Time(0, 0, Decimal(0), 0)
        case _:
            return read_time(text(source))


@builtin(
    "date and time", "from", "date, time", "year, month, day, hour, minute, second, offset?"
)  # fmt: skip
def as_date_time(*values: Value) -> Value:
    """A day with a time, from text, from the two, or from its parts."""
    if len(values) == 1:
        found = values[0]
        if isinstance(found, DateTime):
            return found
        return DateTime(found, Time(0, 0, Decimal(0), 0)) if isinstance(found, date) else read_date_time(text(found))
    if len(values) == 2:
        day = values[0].day if isinstance(values[0], DateTime) else values[0]
        if not isinstance(day, date) or not isinstance(values[1], Time):
            raise Null
        return DateTime(day, values[1])
    day, time = as_date(*values[:3]), as_time(*values[3:])
    return DateTime(day, time) if day and time else None


@builtin("duration", "from")
def as_duration(source: Value) -> Value:
    """A duration from text."""
    return source if isinstance(source, DaysTime | YearsMonths) else read_duration(text(source))


@builtin("years and months duration", "from, to")
def months_apart(start: Value, end: Value) -> Value:
    """Whole months from one day to another."""
    first, last = (point.day if isinstance(point, DateTime) else point for point in (start, end))
    if not isinstance(first, date) or not isinstance(last, date):
        raise Null
    sign, low, high = (1, first, last) if last >= first else (-1, last, first)
    months = (high.year - low.year) * 12 + high.month - low.month - (high.day < low.day)
    return YearsMonths(sign * months)


def day_of(value: Value) -> date:
    """The day of a day or of a day with a time."""
    found = value.day if isinstance(value, DateTime) else value
    if not isinstance(found, date):
        raise Null
    return found


@builtin("day of year", "date")
def day_of_year(value: Value) -> Value:
    """Which day of its year it is."""
    return Decimal(day_of(value).timetuple().tm_yday)


@builtin("day of week", "date")
def day_of_week(value: Value) -> Value:
    """The weekday's English name."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return names[day_of(value).weekday()]


@builtin("month of year", "date")
def month_of_year(value: Value) -> Value:
    """The month's English name."""
    return MONTHS[day_of(value).month - 1]


@builtin("week of year", "date")
def week_of_year(value: Value) -> Value:
    """The week's number by ISO 8601."""
    return Decimal(day_of(value).isocalendar().week)


@builtin("now", wants_run=True)
def now(run: Run) -> Value:
    """The time this evaluation is taken to be at."""
    if run.at is None:
        raise Exceeded("now() and today() need a time: hand one in, or make the day an input.")
    at = run.at.astimezone(UTC)
    return DateTime(at.date(), Time(at.hour, at.minute, Decimal(at.second), 0))


@builtin("today", wants_run=True)
def today(run: Run) -> Value:
    """The day this evaluation is taken to be on."""
    return now(run).day


# How two ranges, or a point and a range, lie to one another (DMN 1.3, table 78).


def as_span(value: Value) -> Range:
    """A range; a point is a range of itself."""
    if isinstance(value, Range):
        return value
    if value is None or isinstance(value, list | dict):
        raise Null
    return Range(value, value)


def order(one: Value, other: Value) -> int:
    """How two ends compare, or no answer."""
    found = compare(one, other)
    if found is None:
        raise Null
    return found


def ends_before(one: Range, other: Range) -> bool:
    """Whether a range ends before another begins."""
    found = order(one.high, other.low)
    return found < 0 or (found == 0 and not (one.high_closed and other.low_closed))


def same_start(one: Range, other: Range) -> bool:
    """Whether two ranges begin alike."""
    return order(one.low, other.low) == 0 and one.low_closed == other.low_closed


def same_end(one: Range, other: Range) -> bool:
    """Whether two ranges end alike."""
    return order(one.high, other.high) == 0 and one.high_closed == other.high_closed


def starts_no_later(one: Range, other: Range) -> bool:
    """Whether a range begins where another does, or before."""
    found = order(one.low, other.low)
    return found < 0 or (found == 0 and (one.low_closed or not other.low_closed))


def ends_no_earlier(one: Range, other: Range) -> bool:
    """Whether a range ends where another does, or after."""
    found = order(one.high, other.high)
    return found > 0 or (found == 0 and (one.high_closed or not other.high_closed))


def covers(one: Range, other: Range) -> bool:
    """Whether a range holds all of another."""
    return starts_no_later(one, other) and ends_no_earlier(one, other)


def overlaps(one: Range, other: Range) -> bool:
    """Whether two ranges share a value."""
    return not ends_before(one, other) and not ends_before(other, one)


def is_point(value: Value) -> bool:
    """Whether a value is no range."""
    return not isinstance(value, Range)


@builtin("before", "value1, value2", "point1, point2", "point, range", "range, point", "range1, range2")
def before(one: Value, other: Value) -> Value:
    """Whether the first ends before the second begins."""
    return ends_before(as_span(one), as_span(other))


@builtin("after", "value1, value2", "point1, point2", "point, range", "range, point", "range1, range2")
def after(one: Value, other: Value) -> Value:
    """Whether the first begins after the second ends."""
    return ends_before(as_span(other), as_span(one))


@builtin("meets", "range1, range2")
def meets(one: Value, other: Value) -> Value:
    """Whether the first ends where the second begins, both included."""
    a, b = as_span(one), as_span(other)
    return a.high_closed and b.low_closed and order(a.high, b.low) == 0


@builtin("met by", "range1, range2")
def met_by(one: Value, other: Value) -> Value:
    """Whether the second ends where the first begins, both included."""
    return meets(other, one)


@builtin("overlaps", "range1, range2")
def overlap(one: Value, other: Value) -> Value:
    """Whether two ranges share a value."""
    return overlaps(as_span(one), as_span(other))


@builtin("overlaps before", "range1, range2")
def overlaps_before(one: Value, other: Value) -> Value:
    """Whether the first begins before the second and ends within it."""
    a, b = as_span(one), as_span(other)
    return starts_no_later(a, b) and not same_start(a, b) and ends_no_earlier(b, a) and overlaps(a, b)


@builtin("overlaps after", "range1, range2")
def overlaps_after(one: Value, other: Value) -> Value:
    """Whether the first begins within the second and ends after it."""
    a, b = as_span(one), as_span(other)
    return starts_no_later(b, a) and ends_no_earlier(a, b) and not same_end(a, b) and overlaps(a, b)


@builtin("finishes", "range1, range2", "point, range")
def finishes(one: Value, other: Value) -> Value:
    """Whether the first lies at the second's end."""
    a, b = as_span(one), as_span(other)
    return same_end(a, b) and starts_no_later(b, a)


@builtin("finished by", "range1, range2", "range, point")
def finished_by(one: Value, other: Value) -> Value:
    """Whether the second lies at the first's end."""
    return finishes(other, one)


@builtin("includes", "range1, range2", "range, point")
def includes(one: Value, other: Value) -> Value:
    """Whether the first holds all of the second."""
    return covers(as_span(one), as_span(other))


@builtin("during", "range1, range2", "point, range")
def during(one: Value, other: Value) -> Value:
    """Whether the second holds all of the first."""
    return covers(as_span(other), as_span(one))


@builtin("starts", "range1, range2", "point, range")
def starts(one: Value, other: Value) -> Value:
    """Whether the first lies at the second's beginning."""
    a, b = as_span(one), as_span(other)
    return same_start(a, b) and ends_no_earlier(b, a)


@builtin("started by", "range1, range2", "range, point")
def started_by(one: Value, other: Value) -> Value:
    """Whether the second lies at the first's beginning."""
    return starts(other, one)


@builtin("coincides", "range1, range2", "point1, point2")
def coincides(one: Value, other: Value) -> Value:
    """Whether two ranges, or two points, are the same."""
    a, b = as_span(one), as_span(other)
    return same_start(a, b) and same_end(a, b)
