"""The inner loops of binning: fine classes of a column in one pass, and the best way of joining them under a shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Floats = npt.NDArray[np.float64]

FREE, UP, DOWN, PEAK, VALLEY = 0, 1, 2, 3, 4
"""Shapes as the kernels know them."""


@njit(cache=True)
def draw_fine_cuts(values: Any, most: int) -> Any:
    """Cuts between fine classes of about equal size, from a sorted sample: every distinct value where they are few.

    A cut is the lowest value of the class above it.
    """
    count = values.shape[0]
    distinct = 1 if count else 0
    for i in range(1, count):
        if values[i] != values[i - 1]:
            distinct += 1
            if distinct > most:
                break
    cuts = np.empty(most - 1, dtype=values.dtype)
    found = 0
    if distinct <= most:
        for i in range(1, count):
            if values[i] != values[i - 1]:
                cuts[found] = values[i]
                found += 1
        return cuts[:found]
    for step in range(1, most):
        place = int(np.ceil(count * step / most))
        value = values[min(place, count - 1)]
        if value > values[0] and (found == 0 or value > cuts[found - 1]):
            cuts[found] = value
            found += 1
    return cuts[:found]


@njit(cache=True)
def count_fine(values: Any, cuts: Any, bad: Any, weight: Any, into: Any) -> None:
    """Add each row to its fine class: ``into[class]`` is good, bad weight, good, bad rows; missing last."""
    classes = cuts.shape[0] + 1
    for row in range(values.shape[0]):
        value = values[row]
        if value != value:
            place = classes
        else:
            low, high = 0, classes - 1
            while low < high:
                middle = (low + high) >> 1
                if value >= cuts[middle]:
                    low = middle + 1
                else:
                    high = middle
            place = low
        if bad[row]:
            into[place, 1] += weight[row]
            into[place, 3] += 1
        else:
            into[place, 0] += weight[row]
            into[place, 2] += 1


@njit(cache=True)
def weigh_runs(fine: Any, totals: Any, halves: Any, trials: float, rows_min: float, woe: Any, worth: Any) -> None:
    """Weight of evidence and worth of every run of fine classes; a run with too few rows is worth minus infinity."""
    count = fine.shape[0]
    base = np.log(totals[0] / totals[1])
    for first in range(count):
        good, bad, rows = 0.0, 0.0, 0.0
        for last in range(first, count):
            good += fine[last, 0]
            bad += fine[last, 1]
            rows += fine[last, 2] + fine[last, 3]
            if rows < rows_min - 1e-9:
                worth[first, last] = -np.inf
                continue
            evidence = np.log(good + halves[0]) - np.log(bad + halves[1]) - base
            woe[first, last] = evidence
            worth[first, last] = trials * (good / totals[0] - bad / totals[1]) * evidence


@njit(cache=True)
def join_runs(woe: Any, worth: Any, price: float, shape: int, starts: Any) -> tuple[float, int]:
    """The partition into runs worth most under a shape: its worth, how many classes, and where each starts.

    Dynamic programming over the last run; the runs before it are kept sorted by their evidence with running best, so
    that a rising (or falling) neighbour is found by bisection. Minus infinity and none where no partition fits.
    """
    count = woe.shape[0]
    sign = -1.0 if shape in (DOWN, VALLEY) else 1.0
    turns = shape in (PEAK, VALLEY)
    phases = 2 if turns else 1
    best = np.full((2, count, count), -np.inf)
    came_phase = np.zeros((2, count, count), dtype=np.int8)
    came_start = np.full((2, count, count), -1, dtype=np.int32)
    for last in range(count):
        best[0, 0, last] = worth[0, last] - price
    key = np.empty(count)
    low_best, low_at = np.empty((2, count + 1)), np.empty((2, count + 1), dtype=np.int32)
    high_best, high_at = np.empty((2, count + 1)), np.empty((2, count + 1), dtype=np.int32)
    for first in range(1, count):
        known = 0
        order = np.empty(first, dtype=np.int32)
        for before in range(first):
            if best[0, before, first - 1] > -np.inf or best[1, before, first - 1] > -np.inf:
                order[known] = before
                key[known] = sign * woe[before, first - 1]
                known += 1
        if not known:
            continue
        ranks = np.argsort(key[:known])
        sorted_key = key[:known][ranks]
        for phase in range(phases):
            low_best[phase, 0], low_at[phase, 0] = -np.inf, -1
            for i in range(known):
                before = order[ranks[i]]
                reached = best[phase, before, first - 1]
                if reached > low_best[phase, i]:
                    low_best[phase, i + 1], low_at[phase, i + 1] = reached, before
                else:
                    low_best[phase, i + 1], low_at[phase, i + 1] = low_best[phase, i], low_at[phase, i]
            high_best[phase, known], high_at[phase, known] = -np.inf, -1
            for i in range(known - 1, -1, -1):
                before = order[ranks[i]]
                reached = best[phase, before, first - 1]
                if reached > high_best[phase, i + 1]:
                    high_best[phase, i], high_at[phase, i] = reached, before
                else:
                    high_best[phase, i], high_at[phase, i] = high_best[phase, i + 1], high_at[phase, i + 1]
        for last in range(first, count):
            gain = worth[first, last] - price
            if gain == -np.inf:
                continue
            here = sign * woe[first, last]
            below = known if shape == FREE else np.searchsorted(sorted_key, here, side="left")
            if low_at[0, below] >= 0:
                best[0, first, last] = low_best[0, below] + gain
                came_start[0, first, last] = low_at[0, below]
            if turns:
                above = np.searchsorted(sorted_key, here, side="right")
                for phase in range(2):
                    reached = high_best[phase, above] + gain
                    if high_at[phase, above] >= 0 and reached > best[1, first, last]:
                        best[1, first, last] = reached
                        came_start[1, first, last] = high_at[phase, above]
                        came_phase[1, first, last] = phase
    return _trace_back(best, came_phase, came_start, starts)


@njit(cache=True)
def _trace_back(best: Any, came_phase: Any, came_start: Any, starts: Any) -> tuple[float, int]:
    count = best.shape[1]
    reached, phase, first = -np.inf, 0, -1
    for p in range(2):
        for start in range(count):
            if best[p, start, count - 1] > reached:
                reached, phase, first = best[p, start, count - 1], p, start
    if first < 0:
        return -np.inf, 0
    found, last = 0, count - 1
    while True:
        starts[found] = first
        found += 1
        if first == 0:
            break
        before, before_phase = came_start[phase, first, last], came_phase[phase, first, last]
        last = first - 1
        first, phase = before, before_phase
    for i in range(found // 2):
        starts[i], starts[found - 1 - i] = starts[found - 1 - i], starts[i]
    return reached, found


@njit(cache=True)
def join_best(
    fine: Any,
    totals: Any,
    halves: Any,
    trials: float,
    rows_min: float,
    shapes: Any,
    price: float,
    bins_max: int,
    starts: Any,
) -> tuple[int, int]:
    """The best partition among the shapes asked for: which of them, and how many classes; (-1, 0) where none fits.

    A shape with a turn pays the price of one more class when another was asked for beside it. Where more classes than
    ``bins_max`` come out, the price rises by half until they do not.
    """
    count = fine.shape[0]
    woe, worth = np.zeros((count, count)), np.full((count, count), -np.inf)
    weigh_runs(fine, totals, halves, trials, rows_min, woe, worth)
    tried = np.empty(count, dtype=np.int32)
    asked = price
    while True:
        top, chosen, classes = -np.inf, -1, 0
        for i in range(shapes.shape[0]):
            reached, found = join_runs(woe, worth, asked, shapes[i], tried)
            if shapes.shape[0] > 1 and shapes[i] >= PEAK:
                reached -= price
            if found and reached > top:
                top, chosen, classes = reached, i, found
                starts[:found] = tried[:found]
        if chosen < 0 or classes <= bins_max:
            return chosen, classes
        asked = max(asked, 0.01) * 1.5


@njit(cache=True, parallel=True)
def bin_columns(
    columns: Any,
    sampled: Any,
    bad: Any,
    weight: Any,
    totals: Any,
    halves: Any,
    trials: float,
    rows_min: Any,
    shapes: Any,
    price: float,
    bins_max: int,
    most: int,
    cuts_out: Any,
    counts_out: Any,
    used_out: Any,
) -> None:
    """Bin many columns (one a row of ``columns``): cuts, counts by class with missing last, and the shape used.

    ``sampled`` are the rows whose values the fine cuts are drawn from; a column in which no classes fit is given -1.
    """
    for column in prange(columns.shape[0]):
        values = columns[column]
        drawn = np.empty(sampled.shape[0], dtype=values.dtype)
        known = 0
        for i in range(sampled.shape[0]):
            value = values[sampled[i]]
            if value == value:
                drawn[known] = value
                known += 1
        kept = drawn[:known]
        kept.sort()
        cuts = draw_fine_cuts(kept, most)
        classes = cuts.shape[0] + 1
        fine = np.zeros((classes + 1, 4))
        count_fine(values, cuts, bad, weight, fine)
        starts = np.empty(classes, dtype=np.int32)
        chosen, found = join_best(
            fine[:classes], totals, halves, trials, rows_min[column], shapes, price, bins_max, starts
        )
        used_out[column] = chosen
        counts_out[column, :, :] = 0.0
        counts_out[column, bins_max] = fine[classes]
        for i in range(found):
            if i:
                cuts_out[column, i - 1] = cuts[starts[i] - 1]
            end = starts[i + 1] if i + 1 < found else classes
            for j in range(starts[i], end):
                counts_out[column, i] += fine[j]
