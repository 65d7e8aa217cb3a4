"""How the points of a sample fell, counted by point: enough for every picture of a card, and nobody's own line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from creditfactory.kernel import BadInput
from creditfactory.lab.certainty import DRAWS, LEVEL, Interval
from creditfactory.lab.judging import Points
from creditfactory.lab.sample import Flags, Floats

BANDS_DRAWN = 24


@dataclass(frozen=True, slots=True)
class ScoreCounts:
    """Good and bad applicants by whole points, lowest first; masses are weighted, counts are rows."""

    points: tuple[int, ...]
    goods: tuple[int, ...]
    bads: tuple[int, ...]
    good_mass: tuple[float, ...]
    bad_mass: tuple[float, ...]

    @property
    def rows(self) -> int:
        """How many applicants were counted."""
        return sum(self.goods) + sum(self.bads)

    @property
    def bad_rate(self) -> float:
        """The share of bad, as weighted."""
        return sum(self.bad_mass) / (sum(self.good_mass) + sum(self.bad_mass))

    def as_json(self) -> dict[str, list[Any]]:
        """The columns; masses only where the sample is weighted."""
        told: dict[str, list[Any]] = {
            "points": list(self.points), "goods": list(self.goods), "bads": list(self.bads),
        }  # fmt: skip
        if self.good_mass != self.goods or self.bad_mass != self.bads:
            told["good_mass"] = [round(m, 4) for m in self.good_mass]
            told["bad_mass"] = [round(m, 4) for m in self.bad_mass]
        return told


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of points: how many fell in, what the card promised there, and what came with its 95 % interval."""

    start: int
    end: int
    rows: int
    share: float
    foretold: float
    found: Interval


def count_scores(points: Points, bad: Flags, weight: Floats) -> ScoreCounts:
    """Count a sample's points.

    >>> counted = count_scores(np.array([580, 600, 600]), np.array([True, False, False]), np.ones(3))
    >>> counted.points, counted.goods, counted.bads
    ((580, 600), (0, 2), (1, 0))
    """
    values, place = np.unique(points, return_inverse=True)
    size = len(values)

    def count(of: Flags) -> tuple[int, ...]:
        return tuple(int(n) for n in np.bincount(place[of], minlength=size))

    def weigh(of: Flags) -> tuple[float, ...]:
        return tuple(float(m) for m in np.bincount(place[of], weights=weight[of], minlength=size))

    return ScoreCounts(tuple(int(v) for v in values), count(~bad), count(bad), weigh(~bad), weigh(bad))


def read_score_counts(told: Mapping[str, Any], *, place: str = "scores.json") -> ScoreCounts:
    """The counts from their JSON form; columns that do not belong together are refused.

    >>> read_score_counts({"points": [580, 600], "goods": [0, 2], "bads": [1]})
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: scores.json: found columns of 2, 2, 1 numbers, \
expected points going up with goods and bads for each, and both outcomes
    """
    try:
        points, goods, bads = ([int(v) for v in told[name]] for name in ("points", "goods", "bads"))
        good_mass = [float(v) for v in told.get("good_mass", goods)]
        bad_mass = [float(v) for v in told.get("bad_mass", bads)]
    except (KeyError, TypeError, ValueError) as fault:
        raise BadInput(place=place, found=repr(fault)[:80], expected="columns points, goods and bads") from None
    sizes = {len(points), len(goods), len(bads), len(good_mass), len(bad_mass)}
    if len(sizes) != 1 or sorted(set(points)) != points or not sum(goods) or not sum(bads) or min(*goods, *bads) < 0:
        found = f"columns of {len(points)}, {len(goods)}, {len(bads)} numbers"
        expected = "points going up with goods and bads for each, and both outcomes"
        raise BadInput(place=place, found=found, expected=expected)
    return ScoreCounts(tuple(points), tuple(goods), tuple(bads), tuple(good_mass), tuple(bad_mass))


def trace_roc(counts: ScoreCounts) -> tuple[tuple[float, float], ...]:
    """Shares of good and of bad below each number of points, from (0, 0) to (1, 1).

    >>> trace_roc(ScoreCounts((580, 600), (1, 1), (2, 0), (1, 1), (2, 0)))
    ((0.0, 0.0), (0.5, 1.0), (1.0, 1.0))
    """
    goods, bads = np.cumsum(counts.good_mass), np.cumsum(counts.bad_mass)
    return ((0.0, 0.0), *zip((goods / goods[-1]).tolist(), (bads / bads[-1]).tolist(), strict=True))


def find_ks(counts: ScoreCounts) -> tuple[int, float]:
    """The points below or at which bad and good lie farthest apart, and how far."""
    gaps = [bad - good for good, bad in trace_roc(counts)[1:]]
    place = int(np.argmax(np.abs(gaps)))
    return counts.points[place], abs(gaps[place])


def tell_certainty(counts: ScoreCounts, *, draws: int = DRAWS, seed: int = 0) -> dict[str, Interval]:
    """AUC and KS with their 95 % intervals: applicants drawn again, good and bad apart.

    >>> told = tell_certainty(ScoreCounts((1, 2, 3), (5, 40, 60), (50, 30, 2), (5, 40, 60), (50, 30, 2)))
    >>> 0.8 < told["auc"].low < told["auc"].value < told["auc"].high < 0.95
    True
    """
    chance = np.random.default_rng(seed)
    sides = []
    for rows, mass in ((counts.goods, counts.good_mass), (counts.bads, counts.bad_mass)):
        seen, weighed = np.array(rows, dtype=np.float64), np.array(mass, dtype=np.float64)
        each = np.divide(weighed, seen, out=np.zeros_like(weighed), where=seen > 0)
        drawn = chance.multinomial(int(seen.sum()), seen / seen.sum(), size=draws) * each
        sides.append(np.vstack([weighed, drawn]))
    goods, bads = (side / side.sum(axis=1, keepdims=True) for side in sides)
    below = np.cumsum(bads, axis=1) - bads / 2
    auc = (goods * below).sum(axis=1)
    ks = np.abs(np.cumsum(bads, axis=1) - np.cumsum(goods, axis=1)).max(axis=1)
    return {"auc": _interval(auc), "ks": _interval(ks)}


def _interval(figures: npt.NDArray[np.float64]) -> Interval:
    low, high = np.quantile(figures[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(figures[0]), float(low), float(high))


def list_bands(counts: ScoreCounts, cuts: Sequence[int], *, slope: float, intercept: float) -> tuple[Band, ...]:
    """The bands between the cuts, lowest points first; those that nobody fell into are left out."""
    points = np.array(counts.points)
    rows = np.array(counts.goods) + np.array(counts.bads)
    good, bad = np.array(counts.good_mass), np.array(counts.bad_mass)
    chance = 1 / (1 + np.exp(-np.clip(intercept + slope * points, -700, 700)))
    band = np.searchsorted(np.array(cuts), points, side="right")
    told = []
    for place in range(len(cuts) + 1):
        inside = band == place
        mass = float((good + bad)[inside].sum())
        if mass <= 0:
            continue
        rate = float(bad[inside].sum() / mass)
        low, high = _wilson(rate, int(rows[inside].sum()))
        foretold = float((chance * (good + bad))[inside].sum() / mass)
        share = mass / float((good + bad).sum())
        told.append(Band(int(points[inside].min()), int(points[inside].max()), int(rows[inside].sum()), share, foretold,
                         Interval(rate, low, high)))  # fmt: skip
    return tuple(told)


def space_cuts(counts: ScoreCounts, most: int = BANDS_DRAWN) -> tuple[int, ...]:
    """Cuts at even distances, for the picture of a distribution; round numbers, at most so many bands."""
    low, high = counts.points[0], counts.points[-1]
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 10**6) if (high - low) / s < most)
    return tuple(range((low // step + 1) * step, high + 1, step))


def _wilson(rate: float, rows: int) -> tuple[float, float]:
    """The interval of a share that also holds where none or all were bad."""
    z = 1.959964
    mid, half = rate + z * z / (2 * rows), z * float(np.sqrt(rate * (1 - rate) / rows + z * z / (4 * rows * rows)))
    return (mid - half) / (1 + z * z / rows), (mid + half) / (1 + z * z / rows)
