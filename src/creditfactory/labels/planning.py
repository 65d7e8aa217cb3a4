"""From the families of one source to what the kernel, the reference and the SQL are given: one plan for all three."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from creditfactory.labels import kernels
from creditfactory.labels.expanding import expand_all, is_meant
from creditfactory.labels.family import MEASURES, Cut, Family, Measure, Window
from creditfactory.labels.label import Label
from creditfactory.labels.tables import DAY, Events, Ints, Shape, Table

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


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One plan, or several one after the other, as the kernel is asked for them.

    Plan ``i`` has the edges ``edges`` from ``edge_firsts[i]`` and the labels ``specs`` from ``spec_firsts[i]``;
    ``masks`` says by column and word which cuts an event may belong to, ``bits`` what else there is to a source, and
    ``codes`` what number each of :data:`WHY_CODES` is told by.
    """

    masks: Ints
    bits: Ints
    edges: Ints
    edge_firsts: Ints
    specs: NDArray[np.uint16]
    spec_firsts: Ints
    ranges: Ints
    codes: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Plan:
    """All labels of one source, ready to be computed together."""

    shape: Shape
    parts: tuple[Part, ...]
    cuts: tuple[Cut, ...]
    edges: tuple[Edge, ...]
    specs: NDArray[np.uint16]
    asked: Asked
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
    ranges = {bounds: number for number, bounds in enumerate(dict.fromkeys(_range(part.label) for part in parts))}
    specs = np.array([_specify(part, place, edges, ranges) for part in parts], np.uint16)
    stepped = {part.window.months is not None for part in parts if part.measure.needs_steps}
    assert len(stepped) < 2, f"{shape.code}: steps of 30 days and of months in one source"
    bits = [(1 << len(cuts)) - 1, 0, 0, 0, int(True in stepped), int(shape.ends == "record"), len(cuts)]
    for part in parts:
        bit = 1 << place[_key(part.cut)]
        bits[kernels.B_PARTIES] |= bit if part.measure.basis == "parties" else 0
        bits[kernels.B_SQUARES] |= bit if part.measure.code == "spread" else 0
        bits[kernels.B_STEPS] |= bit if part.measure.needs_steps else 0
    asked = Asked(
        masks=_mask(shape, cuts)[None], bits=np.array([bits], np.int64),
        edges=np.array([edge.asked for edge in edges], np.int64), edge_firsts=np.array([0, len(edges)], np.int64),
        specs=specs, spec_firsts=np.array([0, len(specs)], np.int64), ranges=np.array(list(ranges), np.int64),
        codes=np.arange(len(WHY_CODES), dtype=np.uint8)[None],
    )  # fmt: skip
    return Plan(shape, parts, cuts, tuple(edges), specs, asked, True in stepped)


def join_plans(plans: Sequence[Plan], codes: Sequence[Sequence[int]]) -> Asked:
    """Several plans one after the other; ``codes`` gives for each what number each of :data:`WHY_CODES` is told by."""
    columns = max(len(plan.shape.columns) for plan in plans)
    asked = [plan.asked for plan in plans]
    masks = np.empty((len(plans), columns, 256), np.int64)
    specs = [one.specs.copy() for one in asked]
    ranges = np.cumsum([0, *(len(one.ranges) for one in asked)])
    for number, one in enumerate(asked):
        masks[number] = one.bits[0, kernels.B_ALL]
        masks[number, : one.masks.shape[1]] = one.masks[0]
        specs[number][:, kernels.L_RANGE] += int(ranges[number])
    return Asked(
        masks=masks,
        bits=np.concatenate([one.bits for one in asked]),
        edges=np.concatenate([one.edges for one in asked]),
        edge_firsts=np.cumsum([0, *(len(one.edges) for one in asked)]),
        specs=np.concatenate(specs),
        spec_firsts=np.cumsum([0, *(len(one) for one in specs)]),
        ranges=np.concatenate([one.ranges for one in asked]),
        codes=np.array(codes, np.uint8),
    )


def _key(cut: Cut) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted((column, tuple(sorted(words))) for column, words in cut.where.items()))


def _specify(
    part: Part,
    place: dict[tuple[tuple[str, tuple[str, ...]], ...], int],
    edges: dict[Edge, int],
    ranges: Mapping[tuple[int, int], int],
) -> list[int]:
    """The row of numbers by which the kernel makes a label."""
    window, measure = part.window, part.measure

    def find(edge: Edge) -> int:
        return edges.setdefault(edge, len(edges))

    row = [kernels.NO_EDGE] * kernels.SPEC
    row[kernels.L_CUT], row[kernels.L_MEASURE] = place[_key(part.cut)], measure.number
    row[kernels.L_EDGE] = find(Edge(window))
    if measure.needs_before == "window":
        row[kernels.L_BEFORE] = find(Edge(window, times=2))
    if measure.needs_before == "year":
        row[kernels.L_YEAR_END], row[kernels.L_YEAR_START] = find(Edge(None, years=1)), find(Edge(window, years=1))
    if measure.code in ("share", "count_share"):
        row[kernels.L_WHOLE] = place[_key(next(c for c in part.family.cuts if c.code == part.family.whole))]
    furthest = max(row[kernels.L_BEFORE], row[kernels.L_YEAR_START], key=lambda place: place != kernels.NO_EDGE)
    is_all_asked = part.family.missing != "what_is_there"
    row[kernels.L_REACH] = row[kernels.L_EDGE] if furthest == kernels.NO_EDGE and is_all_asked else furthest
    row[kernels.L_STEPS] = window.steps
    row[kernels.L_WHAT_IS_THERE] = int(not is_all_asked)
    row[kernels.L_AMOUNTS] = int(measure.basis == "amounts" or measure.code == "top_share")
    row[kernels.L_RANGE] = ranges[_range(part.label)]
    return row


def _range(label: Label) -> tuple[int, int]:
    low, high = label.minimum, label.maximum
    assert isinstance(low, int) and isinstance(high, int), "a label of a family has a range of whole numbers"
    return low, high


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
    values = np.empty((len(table), len(plan.parts)), np.int64)
    why = np.empty(values.shape, np.uint8)
    plans = np.zeros(len(table), np.int64)
    places = np.arange(len(table)) * len(plan.parts)
    measure_sources(plan.asked, table, plans, places, as_of, values.reshape(-1), why.reshape(-1))
    return values, why


def measure_sources(
    asked: Asked,
    events: Events,
    plans: Ints,
    places: Ints,
    as_of: Ints,
    values: Ints,
    why: NDArray[np.uint8],
) -> None:
    """The labels of every source there are events of, by the number of its plan, written from its place on."""
    kernels.measure_sources(
        events.offsets[:-1], events.offsets[1:], events.happened, events.amounts, events.party, events.words,
        events.reaches_from, events.reaches_to, events.parties, as_of + 1, plans, asked.masks, asked.bits,
        asked.edges, asked.edge_firsts, asked.specs, asked.spec_firsts, asked.ranges, asked.codes, places, values, why,
    )  # fmt: skip


WHY_CODES = (
    "", "", "window_not_reached", "record_ends_early", "none_in_window", "too_few", "nothing_before", "whole_is_zero",
    "parties_unknown", "out_of_range",
)  # fmt: skip
"""What the kernel's numbers for unknown labels mean; 1 is the source's own code for nothing at all."""

assert [measure.number for measure in MEASURES] == list(range(len(MEASURES))), "a measure stands at its number"
