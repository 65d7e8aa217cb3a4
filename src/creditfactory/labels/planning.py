"""From the families of one source to what the kernel, the reference and the SQL are given: one plan for all three."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from creditfactory.labels import kernels
from creditfactory.labels.expanding import expand_all, is_meant
from creditfactory.labels.family import MEASURES, Cut, Family, Measure, Window
from creditfactory.labels.label import Label
from creditfactory.labels.tables import DAY, Ints, Shape, Table

_EPOCH = date(1970, 1, 1).toordinal()
CUTS_MAX = 62


@dataclass(frozen=True, slots=True)
class Edge:
    """The beginning of a stretch of time, told from the end: ``window`` long, ``times`` over, ``years`` back.

    With no window it is the end itself, a year back.
    """

    window: Window | None
    times: int = 1
    years: int = 0

    @property
    def asked(self) -> tuple[int, int, int]:
        """The edge as the kernel is asked for it: kind, length and years."""
        if self.window is None:
            return (kernels.E_SHIFTED, 0, self.years)
        if self.window.days is not None:
            return (kernels.E_DAYS, self.times * self.window.days, self.years)
        if self.window.months is not None:
            return (kernels.E_MONTHS, self.times * self.window.months, self.years)
        return (kernels.E_EVER, 0, 0)

    def minute(self, end: int) -> int:
        """The first minute of the stretch that ends before ``end``; the reference for the kernel's."""
        if self.window is None:
            return _shift_months(end, -12 * self.years)
        if self.window.days is not None:
            return _shift_months(end, -12 * self.years) - self.times * self.window.days * DAY
        if self.window.months is None:
            return kernels.EVER
        last = date.fromordinal((end - 1) // DAY + _EPOCH)
        number = last.year * 12 + last.month - self.times * self.window.months - 12 * self.years
        return (date(number // 12, number % 12 + 1, 1).toordinal() - _EPOCH) * DAY


def _shift_months(minute: int, months: int) -> int:
    """The same day and minute so many months on; where a month is too short, its last day."""
    if not months:
        return minute
    day = date.fromordinal(minute // DAY + _EPOCH)
    number = day.year * 12 + day.month - 1 + months
    first = date(number // 12, number % 12 + 1, 1).toordinal()
    following = date((number + 1) // 12, (number + 1) % 12 + 1, 1).toordinal()
    return (min(first + day.day - 1, following - 1) - _EPOCH) * DAY + minute % DAY


@dataclass(frozen=True, slots=True)
class Part:
    """One label in its parts."""

    label: Label
    family: Family
    cut: Cut
    measure: Measure
    window: Window


@dataclass(frozen=True, slots=True)
class Plan:
    """All labels of one source, ready to be computed together."""

    shape: Shape
    parts: tuple[Part, ...]
    cuts: tuple[Cut, ...]
    edges: tuple[Edge, ...]
    asked: Ints
    masks: Ints
    specs: Ints
    bits: Ints
    is_monthly: bool

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels, in the order of the values."""
        return tuple(part.label for part in self.parts)


def plan_labels(families: Iterable[Family]) -> Plan:
    """The plan of families that read the same source."""
    held = tuple(families)
    shape = held[0].shape
    assert all(family.shape is shape for family in held), "families of one plan read one source"
    labels = iter(expand_all(held))
    parts = tuple(
        Part(next(labels), family, cut, measure, window)
        for family in held
        for cut in family.cuts
        for window in family.windows
        for measure in family.measures
        if is_meant(family, cut, measure, window)
    )
    cuts = tuple({_key(cut): cut for family in held for cut in family.cuts}.values())
    assert len(cuts) <= CUTS_MAX, f"{shape.code}: more than {CUTS_MAX} cuts"
    place = {_key(cut): number for number, cut in enumerate(cuts)}
    edges: dict[Edge, int] = {}
    specs = np.array([_specify(part, place, edges) for part in parts], np.int64)
    stepped = {part.window.months is not None for part in parts if part.measure.needs_steps}
    assert len(stepped) < 2, f"{shape.code}: steps of 30 days and of months in one source"
    bits = [(1 << len(cuts)) - 1, 0, 0, 0]
    for part in parts:
        bit = 1 << place[_key(part.cut)]
        bits[1] |= bit if part.measure.basis == "parties" else 0
        bits[2] |= bit if part.measure.code == "spread" else 0
        bits[3] |= bit if part.measure.needs_steps else 0
    return Plan(
        shape=shape, parts=parts, cuts=cuts, edges=tuple(edges),
        asked=np.array([edge.asked for edge in edges], np.int64), masks=_mask(shape, cuts), specs=specs,
        bits=np.array(bits, np.int64), is_monthly=True in stepped,
    )  # fmt: skip


def _key(cut: Cut) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted((column, tuple(sorted(words))) for column, words in cut.where.items()))


def _specify(
    part: Part, place: dict[tuple[tuple[str, tuple[str, ...]], ...], int], edges: dict[Edge, int]
) -> list[int]:
    """The row of numbers by which the kernel makes a label."""
    window, measure = part.window, part.measure

    def find(edge: Edge) -> int:
        return edges.setdefault(edge, len(edges))

    row = [-1] * kernels.SPEC
    row[kernels.L_CUT], row[kernels.L_MEASURE] = place[_key(part.cut)], measure.number
    row[kernels.L_EDGE] = find(Edge(window))
    if measure.needs_before == "window":
        row[kernels.L_BEFORE] = find(Edge(window, times=2))
    if measure.needs_before == "year":
        row[kernels.L_YEAR_END], row[kernels.L_YEAR_START] = find(Edge(None, years=1)), find(Edge(window, years=1))
    if measure.code in ("share", "count_share"):
        row[kernels.L_WHOLE] = place[_key(next(c for c in part.family.cuts if c.code == part.family.whole))]
    row[kernels.L_STEPS] = window.steps
    row[kernels.L_WHAT_IS_THERE] = int(part.family.missing == "what_is_there")
    row[kernels.L_AMOUNTS] = int(measure.basis == "amounts" or measure.code == "top_share")
    low, high = part.label.minimum, part.label.maximum
    assert isinstance(low, int) and isinstance(high, int), "a label of a family has a range of whole numbers"
    row[kernels.L_LOW], row[kernels.L_HIGH] = low, high
    return row


def _mask(shape: Shape, cuts: tuple[Cut, ...]) -> Ints:
    """For each column and word the cuts that an event with this word may belong to, as bits."""
    masks = np.zeros((len(shape.columns), 256), np.int64)
    for row, (column, words) in enumerate(shape.columns.items()):
        assert len(words) <= 256, f"{shape.code}.{column}: more than 256 words"
        for place, word in enumerate(words):
            masks[row, place] = sum(1 << n for n, cut in enumerate(cuts) if word in cut.where.get(column, (word,)))
    return masks


def measure(plan: Plan, table: Table, as_of: Ints) -> tuple[Ints, NDArray[np.uint8]]:
    """Every label of every applicant of a table, by the compiled kernel.

    ``as_of`` is each applicant's minute to look from, on the own clock. ``why`` is 0 where a label is known, otherwise
    the place of its code in :data:`WHY_CODES`.
    """
    until = as_of + 1
    ends = until if plan.shape.ends == "as_of" else np.minimum(until, table.reaches_to)
    is_ended = table.reaches_to >= ends
    edges = kernels.find_edges(plan.asked, ends)
    size = (len(table), len(plan.parts))
    values, why = np.empty(size, np.int64), np.empty(size, np.uint8)
    kernels.measure_tables(
        table.offsets, table.happened, table.amounts, table.party, table.words, table.reaches_from, table.reaches_to,
        ends, is_ended, edges, plan.masks, plan.bits, table.parties, plan.is_monthly, plan.specs, len(plan.cuts),
        values, why,
    )  # fmt: skip
    return values, why


WHY_CODES = (
    "", "", "window_not_reached", "record_ends_early", "none_in_window", "too_few", "nothing_before", "whole_is_zero",
    "parties_unknown", "out_of_range",
)  # fmt: skip
"""What the kernel's numbers for unknown labels mean; 1 is the source's own code for nothing at all."""

assert [measure.number for measure in MEASURES] == list(range(len(MEASURES))), "a measure stands at its number"
