"""Classes of a characteristic: number ranges or groups of words that tell good from bad and are large enough to trust.

Ranges are found exactly: among all ways of joining up to 32 fine classes, the one of the largest information value
after a price for each class, under the shape asked for. The price keeps out classes that only noise would draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from creditfactory.lab.sample import Flags, Floats, Sample
from creditfactory.lab.saying import Saying, say
from creditfactory.lab.steadiness import Steadiness, number_periods, steady, tally_months
from creditfactory.lab.woe import Evidence, Tally, tally_classes, weigh_evidence

Shape = Literal["auto", "monotone", "free", "up", "down", "peak", "valley"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
"""What a modeller may ask for: points rise (up), fall (down) or either (monotone), or turn once (peak, valley)."""

Unknown = Literal["as_seen", "never_better", "least"]

EVERY = "*"
"""Where special values are named for every number."""

FINE_CLASSES = 32
FINE_WORDS = 128
CLASS_PRICE = 6.0
"""What one more class must add to the likelihood-ratio statistic; 3.84 would do for a class chosen beforehand."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinningRules:
    """How large a class must be, how many there may be, and what leaving a question open may earn.

    A class needs ``share_min`` of the rows, and so many that the average would show ``bads_min`` bad among them.
    ``steadiness`` joins classes that do not keep from month to month, where the sample has days. ``unknown`` is
    ``as_seen`` (the points that those without an answer deserved) , ``never_better`` (at most what the average
    answer earns: where an open question only marks the years in which nobody asked it) or ``least`` (what the least
    favourable class earns: leaving an answer out never helps).
    """

    share_min: float = 0.02
    bads_min: int = 5
    bins_max: int = 12
    word_rows_min: int = 20
    characteristics_max: int = 20
    class_price: float = CLASS_PRICE
    unknown: Unknown = "as_seen"
    steadiness: Steadiness | None = None

    def rows_needed(self, tally: Tally) -> float:
        """Rows of which the sample's average would show ``bads_min`` bad and as many good."""
        scarcer = min(float(tally.good_rows.sum()), float(tally.bad_rows.sum()))
        return self.bads_min * float(tally.rows.sum()) / max(scarcer, 1e-9)


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of one characteristic: ``cuts`` for numbers, groups of ``words`` otherwise.

    Codes run over the classes, then ``len`` for missing, then ``len + 1`` for a word of no group, then one for each
    group of ``special`` numbers, which stand for something else than an amount. A class that holds its own evidence
    says so in ``has_missing``, ``has_other`` and ``has_special``; where not, the card takes the least favourable.
    ``steady_joins`` of the classes were joined for being unsteady by month, at ``steady_price`` of information value.
    """

    label: str
    kind: Literal["number", "word"]
    cuts: tuple[float, ...]
    words: tuple[tuple[str, ...], ...]
    shape: Shape
    has_missing: bool
    has_other: bool
    evidence: Evidence
    special: tuple[tuple[float, ...], ...] = ()
    has_special: tuple[bool, ...] = ()
    steady_joins: int = 0
    steady_price: float = 0.0

    def __len__(self) -> int:
        return len(self.cuts) + 1 if self.kind == "number" else len(self.words)

    @property
    def width(self) -> int:
        """Places that codes run over: the classes, missing, other, and the groups of special numbers."""
        return len(self) + 2 + len(self.special)

    @property
    def own(self) -> tuple[bool, ...]:
        """For each place, whether its evidence is its own."""
        return (*(True,) * len(self), self.has_missing, self.has_other, *self.has_special)

    def encode(self, column: pl.Series) -> Codes:
        """The class of each value."""
        missing = column.is_null().to_numpy()
        if self.kind == "number":
            values = column.fill_null(0.0).to_numpy()
            codes = np.searchsorted(np.array(self.cuts), values, side="right").astype(np.int64)
            for code, named in enumerate(self.special, start=len(self) + 2):
                codes[np.isin(values, named)] = code
        else:
            place = {word: i for i, group in enumerate(self.words) for word in group}
            found = column.replace_strict(place, default=len(self) + 1, return_dtype=pl.Int64)
            codes = found.fill_null(0).to_numpy().astype(np.int64)
        return np.where(missing, len(self), codes)


def draw_classes(
    sample: Sample, label: str, *, shape: Shape, rules: BinningRules, special: Sequence[float] = ()
) -> Classes | Saying:
    """The classes of one characteristic, or in words why it has none worth asking for.

    Each ``special`` number (999: never asked) has a class of its own beside missing; those that too few hold share
    one, so that a code never passes for an amount, not even one that nobody in this sample holds.
    """
    column = sample.frame.get_column(label)
    known = column.is_not_null().to_numpy()
    if sample.kinds[label] == "number":
        groups_of_codes = _group_codes(column, special, sample, rules)
        amounts = known & ~np.isin(column.fill_null(0.0).to_numpy(), special)
        if not amounts.any():
            return say("it holds nothing but special values")
        drawn = _draw_cuts(column, amounts, sample, shape, rules)
        if isinstance(drawn, Saying):
            return drawn
        cuts, used = drawn
        classes = _Draft(label, "number", cuts, (), used, groups_of_codes)
    else:
        if shape not in ("auto", "free"):
            return say("words have no shape {shape!r}", shape=shape)
        groups = _draw_groups(column, known, sample, rules)
        if isinstance(groups, Saying):
            return groups
        classes = _Draft(label, "word", (), groups, "free", ())
    steadied = classes.steady(column, sample, rules)
    return steadied if isinstance(steadied, Saying) else steadied.settle(column, sample, rules)


def name_codes(special: Mapping[str, tuple[float, ...]], label: str) -> tuple[float, ...]:
    """The numbers that are codes in a characteristic: its own and those of every number.

    >>> name_codes({"*": (-1,), "overdue_days": (999,)}, "overdue_days")
    (-1, 999)
    """
    return tuple(dict.fromkeys((*special.get(EVERY, ()), *special.get(label, ()))))


@dataclass(frozen=True, slots=True)
class _Draft:
    label: str
    kind: Literal["number", "word"]
    cuts: tuple[float, ...]
    words: tuple[tuple[str, ...], ...]
    shape: Shape
    special: tuple[tuple[float, ...], ...]
    steady_joins: int = 0
    steady_price: float = 0.0

    def __len__(self) -> int:
        return len(self.cuts) + 1 if self.kind == "number" else len(self.words)

    def encode(self, column: pl.Series) -> Codes:
        width = len(self) + 2 + len(self.special)
        bare = Classes(
            self.label, self.kind, self.cuts, self.words, self.shape, True, True, Evidence.nothing(width), self.special
        )
        return bare.encode(column)

    def steady(self, column: pl.Series, sample: Sample, rules: BinningRules) -> _Draft | Saying:
        """The same classes, or fewer where some do not keep from month to month; in words where none is left."""
        if rules.steadiness is None or sample.days is None:
            return self
        codes = self.encode(column)
        answered = codes < len(self)
        months = number_periods(sample.days)
        tally = tally_months(
            codes[answered], len(self), months[answered], sample.bad[answered], sample.weight[answered]
        )
        found = steady(tally[tally[:, :, 2].sum(axis=1) > 0], rules.steadiness, _totals(sample).half_row())
        if len(found.starts) == len(self):
            return self
        if len(found.starts) == 1:
            return say("its classes do not keep their order or size from month to month")
        ends = (*found.starts[1:], len(self))
        return replace(
            self,
            cuts=tuple(self.cuts[start - 1] for start in found.starts[1:]) if self.cuts else (),
            words=tuple(
                tuple(sorted(word for group in self.words[start:end] for word in group))
                for start, end in zip(found.starts, ends, strict=True)
            ) if self.words else (),
            steady_joins=len(self) - len(found.starts),
            steady_price=found.price,
        )  # fmt: skip

    def settle(self, column: pl.Series, sample: Sample, rules: BinningRules) -> Classes | Saying:
        count, width = len(self), len(self) + 2 + len(self.special)
        tally = tally_classes(self.encode(column), width, sample.bad, sample.weight)
        has_own = [_is_large_enough(tally, place, sample.rows, rules) for place in range(count, width)]
        has_own[0] = has_own[0] and rules.unknown != "least"
        if count + sum(has_own) < 2:
            return say("no two classes tell good from bad")
        own = np.array([True] * count + has_own)
        evidence = weigh_evidence(tally, own)
        if rules.unknown == "never_better":
            evidence = evidence.cap_at_average(count, own)
        return Classes(
            self.label, self.kind, self.cuts, self.words, self.shape, has_own[0], has_own[1], evidence,
            self.special, tuple(has_own[2:]), self.steady_joins, self.steady_price,
        )  # fmt: skip


def _is_large_enough(tally: Tally, code: int, rows: int, rules: BinningRules) -> bool:
    needed = max(rules.share_min * rows, rules.word_rows_min, rules.rows_needed(tally))
    return bool(tally.rows[code] >= needed)


def _group_codes(
    column: pl.Series, special: Sequence[float], sample: Sample, rules: BinningRules
) -> tuple[tuple[float, ...], ...]:
    """Each code that enough applicants hold by itself, all others together."""
    codes = sorted(set(special))
    if not codes:
        return ()
    values = column.fill_null(float("nan")).to_numpy()
    places = np.select([values == code for code in codes], list(range(len(codes))), default=len(codes))
    tally = tally_classes(places.astype(np.int64), len(codes) + 1, sample.bad, sample.weight)
    large = [_is_large_enough(tally, place, sample.rows, rules) for place in range(len(codes))]
    rest = tuple(code for code, is_large in zip(codes, large, strict=True) if not is_large)
    alone = tuple((code,) for code, is_large in zip(codes, large, strict=True) if is_large)
    return (*alone, rest) if rest else alone


def _draw_cuts(
    column: pl.Series, known: Flags, sample: Sample, shape: Shape, rules: BinningRules
) -> tuple[tuple[float, ...], Shape] | Saying:
    values = column.filter(pl.Series(known)).to_numpy()
    fine = draw_fine_cuts(values)
    if not len(fine):
        return say("one value holds nearly all rows")
    codes = np.searchsorted(fine, values, side="right").astype(np.int64)
    tally = tally_classes(codes, len(fine) + 1, sample.bad[known], sample.weight[known])
    joined = join_classes(tally, _totals(sample), shape=shape, rules=rules)
    if joined is None:
        return say("too few rows for a class")
    starts, used = joined
    return tuple(float(fine[start - 1]) for start in starts[1:]), used


def draw_fine_cuts(values: Floats) -> Floats:
    """Cuts between at most ``FINE_CLASSES`` fine classes of about equal size; every value where they are few."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= FINE_CLASSES:
        return distinct[1:]
    reached = np.cumsum(counts) / counts.sum()
    at = np.searchsorted(reached, np.arange(1, FINE_CLASSES) / FINE_CLASSES, side="left") + 1
    cuts: Floats = distinct[np.unique(np.minimum(at, len(distinct) - 1))]
    return cuts


def _draw_groups(
    column: pl.Series, known: Flags, sample: Sample, rules: BinningRules
) -> tuple[tuple[str, ...], ...] | Saying:
    words = column.filter(pl.Series(known))
    frequent = sorted(
        str(word) for word, rows in words.value_counts().iter_rows() if rows >= min(rules.word_rows_min, len(words))
    )
    if not frequent:
        return say("no word occurs often enough")
    place = {word: i for i, word in enumerate(frequent)}
    codes = words.replace_strict(place, default=len(frequent), return_dtype=pl.Int64).to_numpy()
    tally = tally_classes(codes, len(frequent) + 1, sample.bad[known], sample.weight[known])
    totals = _totals(sample)
    if not _differ_beyond_chance(tally.reorder(np.arange(len(frequent))), totals):
        return say("its words differ no more than chance would let them")
    order = np.argsort(_drawn_to_mean(tally, totals)[: len(frequent)], kind="stable")
    runs = _run_alike(tally.rows[order])
    joined = join_classes(tally.reorder(order).gather(runs), totals, shape="free", rules=rules)
    if joined is None:
        return say("too few rows for a class")
    bounds = [*(int(runs[start]) for start in joined[0]), len(order)]
    return tuple(tuple(sorted(frequent[i] for i in order[start:end])) for start, end in pairwise(bounds))


def _run_alike(rows: Floats) -> Codes:
    """Where runs of neighbouring words begin, at most ``FINE_WORDS`` of about equally many rows."""
    if len(rows) <= FINE_WORDS:
        return np.arange(len(rows), dtype=np.int64)
    before = (np.cumsum(rows) - rows) / rows.sum()
    return np.unique((before * FINE_WORDS).astype(np.int64), return_index=True)[1].astype(np.int64)


def _differ_beyond_chance(words: Tally, totals: Tally) -> bool:
    """Whether the words' gaps are wider than chance alone draws: two deviations above what so many words would show.

    Words are grouped by their own outcomes, so many words with few bad rows would always seem to tell something.
    """
    freedom = len(words.good) - 1
    if freedom < 1:
        return True
    if not words.bad.sum() or not words.good.sum():
        return False
    good, bad = totals.half_row()
    woe = np.log(words.good + good) - np.log(words.bad + bad)
    woe = woe - np.log(words.good.sum() / words.bad.sum())
    gaps = words.good / words.good.sum() - words.bad / words.bad.sum()
    trials = 1 / (1 / words.good_rows_effective + 1 / words.bad_rows_effective)
    return bool(trials * float((gaps * woe).sum()) > freedom + 2 * np.sqrt(2 * freedom))


def _drawn_to_mean(tally: Tally, totals: Tally, pull_rows: float = 50.0) -> Floats:
    """Each word's bad rate, drawn to the sample's as if ``pull_rows`` average applicants stood beside it."""
    per_row = (totals.good[0] + totals.bad[0]) / totals.rows[0]
    rate = totals.bad[0] / (totals.good[0] + totals.bad[0])
    pull = pull_rows * per_row
    drawn: Floats = -(tally.bad + pull * rate) / (tally.good + tally.bad + pull)
    return drawn


def _totals(sample: Sample) -> Tally:
    return tally_classes(np.zeros(sample.rows, dtype=np.int64), 1, sample.bad, sample.weight)


def name_shapes(shape: Shape) -> tuple[tuple[Shape, ...], npt.NDArray[np.int64]]:
    """The shapes to try for the one asked for, and their numbers in the kernels.

    >>> name_shapes("auto")[0], name_shapes("up")[0]
    (('up', 'down', 'peak', 'valley'), ('up',))
    """
    places: dict[Shape, int] = {"free": 0, "up": 1, "down": 2, "peak": 3, "valley": 4}
    several: dict[Shape, tuple[Shape, ...]] = {"auto": ("up", "down", "peak", "valley"), "monotone": ("up", "down")}
    asked = several.get(shape, (shape,))
    return asked, np.array([places[s] for s in asked], dtype=np.int64)


def join_classes(
    fine: Tally, totals: Tally, *, shape: Shape, rules: BinningRules
) -> tuple[tuple[int, ...], Shape] | None:
    """The starts of the best classes joined from neighbouring fine ones, and the shape they have; None if none fits.

    ``auto`` and ``monotone`` take the better of up and down, ``auto`` a shape with one turn where it pays the price
    of another class.
    """
    from creditfactory.lab.kernels_binning import join_best  # compiles when first wanted

    asked, codes = name_shapes(shape)
    counts = np.column_stack([fine.good, fine.bad, fine.good_rows, fine.bad_rows])
    rows_min = max(rules.share_min * float(fine.rows.sum()), rules.rows_needed(totals))
    trials = 1 / (1 / totals.good_rows_effective + 1 / totals.bad_rows_effective)
    whole = np.array([float(totals.good[0]), float(totals.bad[0])])
    starts = np.empty(len(counts), dtype=np.int32)
    chosen, classes = join_best(
        counts, whole, np.array(totals.half_row()), trials, rows_min, codes, rules.class_price, rules.bins_max, starts
    )
    if chosen < 0:
        return None
    return tuple(int(start) for start in starts[:classes]), asked[chosen]
