"""What each measure means, written out plainly and slowly: the judge of the compiled kernel and of the SQL.

Nothing here is shared with the kernel. Each figure is made from a plain list of the events of its window, in whole
numbers without limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import isqrt

from creditfactory.labels.family import Cut, Family, Measure, Window
from creditfactory.labels.planning import Part, Plan
from creditfactory.labels.tables import Shape, Table

EPOCH = date(1970, 1, 1)
MINUTES = 24 * 60
LIMIT = 900_000_000_000_000


@dataclass(frozen=True, slots=True)
class Event:
    """One event as the reference sees it."""

    minute: int
    amount: int
    party: int | None
    words: dict[str, str]

    @property
    def day(self) -> date:
        """The calendar day it happened on."""
        return EPOCH + timedelta(days=self.minute // MINUTES)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The events of one cut in one window, oldest first, with the window's first minute and the minute after its last.

    ``start`` is None where the window has no beginning.
    """

    events: list[Event]
    start: int | None
    end: int
    window: Window

    @property
    def total(self) -> int:
        """The sum of all sizes."""
        return sum(abs(event.amount) for event in self.events)


class Unknown(Exception):
    """The label is unknown, for this reason."""


def tell_all(plan: Plan, table: Table, one: int, as_of: int) -> list[tuple[int | None, str]]:
    """Every label of one applicant: its value, or None and the code that says why it is unknown."""
    events = list_events(table, one)
    reach = (int(table.reaches_from[one]), int(table.reaches_to[one]))
    found: list[tuple[int | None, str]] = []
    for part in plan.parts:
        try:
            found.append((tell(part, plan.shape, events, reach, as_of), ""))
        except Unknown as why:
            found.append((None, str(why)))
    return found


def tell(part: Part, shape: Shape, known: list[Event], reach: tuple[int, int], as_of: int) -> int:
    """One label of one applicant from all events of its source; :class:`Unknown` where it cannot be told."""
    reaches_from, reaches_to = reach
    if reaches_from == reaches_to:
        raise Unknown(shape.absent)
    end = as_of + 1 if shape.ends == "as_of" else min(as_of + 1, reaches_to)
    events = [event for event in known if event.minute < end]
    start = find_start(part.window, end)
    before = _find_before(part.measure, part.window, end)
    if part.family.missing == "whole_window":
        if reaches_to < end:
            raise Unknown("record_ends_early")
        if start is not None and start < reaches_from:
            raise Unknown("window_not_reached")
    if before is not None and before[0] < reaches_from:
        raise Unknown("window_not_reached")
    reads_amounts = part.measure.basis == "amounts" or part.measure.code == "top_share"
    if reads_amounts and sum(abs(event.amount) for event in events) > LIMIT:
        raise Unknown("out_of_range")

    def look(cut: Cut, first: int | None, last: int) -> Stretch:
        kept = [e for e in events if belongs(e, cut) and (first is None or e.minute >= first) and e.minute < last]
        return Stretch(kept, first, last, part.window)

    here = look(part.cut, start, end)
    whole = look(_find_whole(part.family), start, end) if part.family.whole else None
    earlier = look(part.cut, *before) if before is not None else None
    value = MEANINGS[part.measure.code](here, whole, earlier)
    low, high = part.label.minimum, part.label.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise Unknown("out_of_range")
    return value


def list_events(table: Table, one: int) -> list[Event]:
    """The events of one applicant, as the table holds them."""
    columns = list(table.shape.columns.items())
    found = []
    for i in range(int(table.offsets[one]), int(table.offsets[one + 1])):
        words = {name: allowed[int(table.words[row, i])] for row, (name, allowed) in enumerate(columns)}
        party = int(table.party[i])
        found.append(Event(int(table.happened[i]), int(table.amounts[i]), party if party >= 0 else None, words))
    return found


def belongs(event: Event, cut: Cut) -> bool:
    """Whether an event is one of a cut: in every column named, its word is among those asked for."""
    return all(event.words[column] in words for column, words in cut.where.items())


def find_start(window: Window, end: int) -> int | None:
    """The first minute of a window that ends before ``end``; None for all there is."""
    if window.days is not None:
        return end - window.days * MINUTES
    if window.months is None:
        return None
    last = EPOCH + timedelta(days=(end - 1) // MINUTES)
    first = last.replace(day=1)
    for _ in range(window.months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return (first - EPOCH).days * MINUTES


def _find_before(measure: Measure, window: Window, end: int) -> tuple[int, int] | None:
    """The earlier stretch that a change is held against."""
    if not measure.needs_before:
        return None
    start = find_start(window, end)
    assert start is not None, "a change needs a window with a beginning"
    if measure.needs_before == "window":
        if window.days is not None:
            return start - window.days * MINUTES, start
        earlier = find_start(window, start)
        assert earlier is not None
        return earlier, start
    last = _year_before(end)
    if window.days is not None:
        return last - window.days * MINUTES, last
    return _year_before(start), last


def _year_before(minute: int) -> int:
    day = EPOCH + timedelta(days=minute // MINUTES)
    is_leap_day = (day.month, day.day) == (2, 29)
    earlier = date(day.year - 1, 2, 28) if is_leap_day else day.replace(year=day.year - 1)
    return (earlier - EPOCH).days * MINUTES + minute % MINUTES


def _find_whole(family: Family) -> Cut:
    return next(cut for cut in family.cuts if cut.code == family.whole)


# The measures, one after the other.


def _some(here: Stretch) -> list[Event]:
    if not here.events:
        raise Unknown("none_in_window")
    return here.events


def _parties(here: Stretch) -> list[Event]:
    known = [event for event in here.events if event.party is not None]
    if here.events and not known:
        raise Unknown("parties_unknown")
    return known


def _in_bps(part: int, whole: int, why: str) -> int:
    if whole == 0:
        raise Unknown(why)
    return part * 10_000 // whole


def _spread(numbers: list[int]) -> int:
    """Standard deviation (over all of them) by mean, in basis points, halves up, in exact whole numbers."""
    total = sum(numbers)
    if total == 0:
        raise Unknown("whole_is_zero")
    square = Fraction(len(numbers) * sum(n * n for n in numbers) - total * total, total * total) * 10_000**2
    # the greatest k with (k - 1/2)^2 <= square, that is with (2k - 1)^2 <= 4 * square
    return (isqrt(int(4 * square)) + 1) // 2


def _top_share(here: Stretch) -> int:
    _some(here)
    sums: dict[int | None, int] = {}
    for event in _parties(here):
        sums[event.party] = sums.get(event.party, 0) + abs(event.amount)
    return _in_bps(max(sums.values()), here.total, "whole_is_zero")


def _gap(here: Stretch) -> int:
    assert here.start is not None
    first = EPOCH + timedelta(days=here.start // MINUTES)
    last = EPOCH + timedelta(days=(here.end - 1) // MINUTES)
    days = [first, *(event.day for event in here.events), last]
    return max((later - earlier).days for earlier, later in pairwise(days))


def _steps(here: Stretch) -> list[list[Event]]:
    """The events by steps, the latest step first: 30 days each from the end, or calendar months."""
    steps: list[list[Event]] = [[] for _ in range(here.window.steps)]
    last = EPOCH + timedelta(days=(here.end - 1) // MINUTES)
    for event in here.events:
        if here.window.months is not None:
            place = (last.year - event.day.year) * 12 + last.month - event.day.month
        else:
            place = (here.end - 1 - event.minute) // (30 * MINUTES)
        steps[place].append(event)
    return steps


def _step_sums(here: Stretch) -> list[int]:
    return [sum(abs(event.amount) for event in step) for step in _steps(here)]


def _step_run(here: Stretch) -> int:
    longest = run = 0
    for step in _steps(here):
        run = run + 1 if step else 0
        longest = max(longest, run)
    return longest


def _spread_of_events(here: Stretch) -> int:
    if len(_some(here)) < 2:
        raise Unknown("too_few")
    return _spread([abs(event.amount) for event in here.events])


MEANINGS: dict[str, Callable[..., int]] = {
    "count": lambda here, *_: len(here.events),
    "sum": lambda here, *_: here.total,
    "net": lambda here, *_: sum(event.amount for event in here.events),
    "mean": lambda here, *_: here.total // len(_some(here)),
    "max": lambda here, *_: max(abs(event.amount) for event in _some(here)),
    "min": lambda here, *_: min(abs(event.amount) for event in _some(here)),
    "parties": lambda here, *_: len({event.party for event in _parties(here)}),
    "days": lambda here, *_: len({event.day for event in here.events}),
    "days_since": lambda here, *_: (EPOCH + timedelta((here.end - 1) // MINUTES) - _some(here)[-1].day).days,
    "span_days": lambda here, *_: (_some(here)[-1].day - here.events[0].day).days,
    "gap_days": lambda here, *_: _gap(here),
    "spread": lambda here, *_: _spread_of_events(here),
    "top_share": lambda here, *_: _top_share(here),
    "share": lambda here, whole, _: _in_bps(here.total, whole.total, "whole_is_zero"),
    "count_share": lambda here, whole, _: _in_bps(len(here.events), len(whole.events), "whole_is_zero"),
    "change": lambda here, _, earlier: _in_bps(here.total, earlier.total, "nothing_before"),
    "count_change": lambda here, _, earlier: _in_bps(len(here.events), len(earlier.events), "nothing_before"),
    "year_change": lambda here, _, earlier: _in_bps(here.total, earlier.total, "nothing_before"),
    "empty_steps": lambda here, *_: sum(not step for step in _steps(here)),
    "low_step": lambda here, *_: min(_step_sums(here)),
    "top_step_share": lambda here, *_: _in_bps(max(_step_sums(here)), here.total, "whole_is_zero"),
    "step_spread": lambda here, *_: _spread(_step_sums(here)),
    "active_steps": lambda here, *_: sum(bool(step) for step in _steps(here)),
    "step_run": lambda here, *_: _step_run(here),
}
"""What each measure is, by its code."""
