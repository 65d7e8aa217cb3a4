"""How sure a figure is: how much it varies by fold, and how much between the same applicants drawn again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from creditfactory.kernel import BadInput
from creditfactory.lab.judging import measure_auc
from creditfactory.lab.sample import Flags, Floats, Sample

DRAWS = 500
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the range that holds it, as far as the sample can tell."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """The three numbers, rounded."""
        return {"value": round(self.value, 5), "low": round(self.low, 5), "high": round(self.high, 5)}


def draw_folds(sample: Sample, *, count: int = 5, seed: int = 0) -> npt.NDArray[np.int64]:
    """The fold of each row: drawn by chance from good and bad apart, so that each fold holds both.

    >>> import polars as pl
    >>> from creditfactory.lab.sample import draw_sample
    >>> folds = draw_folds(draw_sample(pl.DataFrame({"x": range(100), "bad": [0, 1] * 50}), target="bad"))
    >>> [int((folds == fold).sum()) for fold in range(5)]
    [20, 20, 20, 20, 20]
    """
    if not 2 <= count <= min(int(sample.bad.sum()), int((~sample.bad).sum())):
        raise BadInput(place="folds", found=str(count), expected="two or more, and good and bad for each")
    chance = np.random.default_rng(seed)
    folds = np.zeros(sample.rows, dtype=np.int64)
    for outcome in (False, True):
        rows = chance.permutation(np.flatnonzero(sample.bad == outcome))
        folds[rows] = np.arange(len(rows)) % count
    return folds


def sum_up_folds(figures: Sequence[float]) -> Interval:
    """The mean of a figure over folds with its 95 % interval.

    Folds share most of their training rows, so their spread alone would promise too much: the variance is widened as
    Nadeau and Bengio (2003) found, by the test share over the training share.

    >>> found = sum_up_folds([0.70, 0.72, 0.71, 0.69, 0.73])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.71, 0.681, 0.739)
    """
    from scipy.stats import t

    count = len(figures)
    if count < 2:
        raise BadInput(place="folds", found=str(count), expected="two or more")
    mean, spread = float(np.mean(figures)), float(np.var(figures, ddof=1))
    half = float(t.ppf((1 + LEVEL) / 2, count - 1)) * math.sqrt(spread * (1 / count + 1 / (count - 1)))
    return Interval(mean, mean - half, mean + half)


def compare_auc(
    one: npt.NDArray[Any], other: npt.NDArray[Any], bad: Flags, weight: Floats, *, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """AUC of one model less that of the other on the same applicants, drawn again with replacement (paired).

    What was fitted is kept, so the interval speaks of the applicants to come, not of another training sample. Good and
    bad are drawn apart.
    """
    if not len(one) == len(other) == len(bad) == len(weight):
        raise BadInput(place="points", found="lists of several lengths", expected="one number for each applicant")
    chance = np.random.default_rng(seed)
    good, lost = np.flatnonzero(~bad), np.flatnonzero(bad)
    gaps = np.empty(draws)
    places = [np.unique(points, return_inverse=True)[1].astype(np.int64) for points in (one, other)]
    for draw in range(draws):
        rows = np.concatenate([chance.choice(good, len(good)), chance.choice(lost, len(lost))])
        times = np.bincount(rows, minlength=len(bad)) * weight
        gaps[draw] = _quick_auc(places[0], bad, times) - _quick_auc(places[1], bad, times)
    low, high = np.quantile(gaps, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = measure_auc(one, bad, weight) - measure_auc(other, bad, weight)
    return Interval(value, float(low), float(high))


def _quick_auc(places: npt.NDArray[np.int64], bad: Flags, weight: Floats) -> float:
    goods, bads = np.bincount(places, weights=weight * ~bad), np.bincount(places, weights=weight * bad)
    below = np.cumsum(bads) - bads / 2
    return float((goods * below).sum() / (goods.sum() * bads.sum()))


def name_periods(days: Sequence[date], *, most: int = 36) -> tuple[str, ...]:
    """The period of each day: its month, or its year where there would be more than ``most`` months.

    >>> name_periods([date(2005, 1, 3), date(2005, 2, 1)])
    ('2005-01', '2005-02')
    """
    months = tuple(f"{d.year}-{d.month:02d}" for d in days)
    return months if len(set(months)) <= most else tuple(str(d.year) for d in days)
