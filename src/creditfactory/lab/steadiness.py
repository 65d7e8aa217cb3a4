"""Classes that keep their order and their size from month to month: those that do not are joined with a neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from creditfactory.lab.sample import Flags, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """What a class must keep from month to month, and in how many months it may fail to.

    Two neighbours are joined where, in more than ``months_max`` (a share) of the months, the better of them was the
    worse; a class is joined where in more than that share of the months its own part of the PSI against the whole
    window was above ``shift_max``. A month counts where it has ``rows_min`` rows in every class concerned; with fewer
    than ``months_min`` such months nothing is said, and nothing is joined.
    """

    months_max: float = 0.25
    shift_max: float = 0.05
    rows_min: int = 30
    months_min: int = 4


@dataclass(frozen=True, slots=True)
class Steadied:
    """Where each class that is left starts among the former ones, and what joining cost in information value."""

    starts: tuple[int, ...]
    price: float


def number_periods(days: Sequence[date], *, most: int = 36) -> npt.NDArray[np.int64]:
    """The month of each day, numbered from the first; the year where there would be more than ``most`` months.

    >>> number_periods([date(2005, 3, 3), date(2005, 1, 9), date(2005, 3, 31)]).tolist()
    [1, 0, 1]
    """
    found = np.array(days, dtype="datetime64[D]")
    months, places = np.unique(found.astype("datetime64[M]"), return_inverse=True)
    if len(months) > most:
        places = np.unique(found.astype("datetime64[Y]"), return_inverse=True)[1]
    return places.astype(np.int64)


def tally_months(
    codes: npt.NDArray[np.int64], count: int, months: npt.NDArray[np.int64], bad: Flags, weight: Floats
) -> Floats:
    """Good weight, bad weight and rows by month and class: an array of months by classes by three."""
    cells = months * count + codes
    size = (int(months.max()) + 1) * count
    sums = [np.bincount(cells, weights=w, minlength=size) for w in (weight * ~bad, weight * bad, np.ones(len(bad)))]
    return np.stack(sums, axis=1).reshape(-1, count, 3).astype(np.float64)


def steady(tally: Floats, rule: Steadiness, halves: tuple[float, float]) -> Steadied:
    """Join neighbours until every class left keeps the rule; ``halves`` is half a row in weights, good and bad.

    The worst fault is mended first, at the least price. Where classes change places in too many months, few are left:

    >>> turning = np.array([[[40, 10, 50], [10, 40, 50]], [[10, 40, 50], [40, 11, 51]]] * 3, dtype=float)
    >>> steady(turning, Steadiness(), (0.5, 0.5)).starts
    (0,)
    >>> keeping = np.array([[[40, 10, 50], [10, 40, 50]]] * 6, dtype=float)
    >>> steady(keeping, Steadiness(), (0.5, 0.5))
    Steadied(starts=(0, 1), price=0.0)
    """
    starts = list(range(tally.shape[1]))
    before = _inform(tally.sum(axis=0), halves)
    while len(starts) > 1:
        joined = np.add.reduceat(tally, starts, axis=1)
        faults = _find_faults(joined, rule, halves)
        if not faults:
            break
        worst = max(fault for _, fault in faults)
        places = {place for pairs, fault in faults if fault == worst for place in pairs}
        whole = joined.sum(axis=0)
        kept = {
            place: _inform(np.add.reduceat(whole, _without(len(starts), place), axis=0), halves) for place in places
        }
        del starts[max(sorted(places), key=lambda place: kept[place])]
    after = _inform(np.add.reduceat(tally, starts, axis=1).sum(axis=0), halves)
    return Steadied(tuple(starts), round(before - after, 12) + 0.0)


def _find_faults(tally: Floats, rule: Steadiness, halves: tuple[float, float]) -> list[tuple[tuple[int, ...], float]]:
    """Each fault as the borders that could be taken away to mend it, and in what share of the months it occurs.

    Border ``i`` lies between class ``i - 1`` and class ``i``.
    """
    rows = tally[:, :, 2]
    woe = _weigh(tally, halves)
    whole = _weigh(tally.sum(axis=0, keepdims=True), halves)[0]
    count = tally.shape[1]
    found: list[tuple[tuple[int, ...], float]] = []
    for border in range(1, count):
        seen = (rows[:, border - 1] >= rule.rows_min) & (rows[:, border] >= rule.rows_min)
        turned = (woe[:, border] - woe[:, border - 1]) * (whole[border] - whole[border - 1]) < 0
        share = _share_of(turned, seen, rule)
        if share > rule.months_max:
            found.append(((border,), share))
    mass = tally[:, :, 0] + tally[:, :, 1]
    months = mass.sum(axis=1, keepdims=True)
    shares = np.maximum(mass, min(halves)) / months
    overall = np.maximum(mass.sum(axis=0), min(halves)) / mass.sum()
    parts = (shares - overall) * np.log(shares / overall)
    for place in range(count):
        share = _share_of(parts[:, place] > rule.shift_max, rows.sum(axis=1) >= rule.rows_min * count, rule)
        if share > rule.months_max:
            found.append((tuple(b for b in (place, place + 1) if 0 < b < count), share))
    return found


def _share_of(what: Flags, among: Flags, rule: Steadiness) -> float:
    seen = int(among.sum())
    return float((what & among).sum()) / seen if seen >= rule.months_min else 0.0


def _weigh(tally: Floats, halves: tuple[float, float]) -> Floats:
    good, bad = tally[:, :, 0], tally[:, :, 1]
    against: Floats = np.log(good.sum(axis=1) + halves[0]) - np.log(bad.sum(axis=1) + halves[1])
    return np.asarray(np.log(good + halves[0]) - np.log(bad + halves[1]) - against[:, None])


def _inform(tally: Floats, halves: tuple[float, float]) -> float:
    gaps = tally[:, 0] / tally[:, 0].sum() - tally[:, 1] / tally[:, 1].sum()
    return float((gaps * _weigh(tally[None], halves)[0]).sum())


def _without(count: int, border: int) -> list[int]:
    return [place for place in range(count) if place != border]
