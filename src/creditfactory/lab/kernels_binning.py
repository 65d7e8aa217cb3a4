"""The inner loops of binning: fine classes of a column in one pass, and the best way of joining them under a shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Floats = npt.NDArray[np.float64]

FREE, UP, DOWN, PEAK, VALLEY = 0, 1, 2, 3, 4
"""Shapes as the kernels know them."""
STEPS = 4096
"""Equal steps over the range of a column's fine cuts, by which a value finds its class."""


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
    """Add each row to its fine class: ``into[class]`` is good, bad weight, good, bad rows; missing last.

    The range of the cuts is laid out in equal steps that know how many cuts lie before them, so that a value is placed
    by its step and, where cuts share one, by bisection among those.
    """
    classes = cuts.shape[0] + 1
    low, span = (np.float64(cuts[0]), np.float64(cuts[-1]) - np.float64(cuts[0])) if classes > 1 else (0.0, 0.0)
    scale = STEPS / span if 0.0 < span < np.inf else 0.0
    scale = scale if scale < np.inf else 0.0
    before = np.zeros(STEPS + 3, dtype=np.int32)
    for cut in cuts:
        before[int((np.float64(cut) - low) * scale) + 1 if scale > 0.0 else 1] += 1
    for step in range(1, STEPS + 3):
        before[step] += before[step - 1]
    for row in range(values.shape[0]):
        value = values[row]
        if value != value:
            place = classes
        elif classes == 1 or value < cuts[0]:
            place = 0
        elif value >= cuts[-1]:
            place = classes - 1
        else:
            step = int((np.float64(value) - low) * scale) if scale > 0.0 else 0
            place, last = before[step], before[step + 1]
            while place < last:
                middle = (place + last) >> 1
                if value >= cuts[middle]:
                    place = middle + 1
                else:
                    last = middle
        outcome = int(bad[row])
        into[place, outcome] += weight[row]
        into[place, outcome + 2] += 1.0


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
def order_runs(woe: Any, worth: Any, order: Any, known: Any, left: Any, right: Any) -> None:
    """Which runs may end before each class, by rising evidence, and where among them a run from there on would stand.

    ``order[first, :known[first]]`` are the starts of the runs that end just before ``first``; ``left[first, last]`` of
    them have less evidence than the run from ``first`` to ``last``, ``right[first, last]`` at most as much.
    """
    count = woe.shape[0]
    keys, runs = np.empty(count), 0
    for first in range(1, count):
        if first > 1:
            order[first, :runs] = order[first - 1, :runs]
        runs = _keep_sorted(woe[:, first - 1], worth[:, first - 1], order[first], keys, runs, first - 1)
        known[first] = runs
        if not runs:
            continue
        for last in range(first, count):
            if worth[first, last] == -np.inf:
                continue
            here = woe[first, last]
            left[first, last] = np.searchsorted(keys[:runs], here, side="left")
            right[first, last] = np.searchsorted(keys[:runs], here, side="right")


@njit(cache=True)
def _keep_sorted(evidence: Any, worth: Any, order: Any, keys: Any, runs: int, newest: int) -> int:
    """Sort the starts again by what they show one class further on, those grown large enough among them.

    Evidence changes little by one more fine class, so that inserting in the order of before is nearly no work.
    """
    first_new = order[:runs].max() + 1 if runs else 0
    for start in range(first_new, newest + 1):
        if worth[start] > -np.inf:
            order[runs] = start
            runs += 1
    for i in range(runs):
        start = order[i]
        key = evidence[start]
        j = i
        while j > 0 and keys[j - 1] > key:
            keys[j], order[j] = keys[j - 1], order[j - 1]
            j -= 1
        keys[j], order[j] = key, start
    return runs


@njit(cache=True)
def join_runs(
    worth: Any, order: Any, known: Any, left: Any, right: Any, price: float, shape: int, starts: Any
) -> tuple[float, int]:
    """The partition into runs worth most under a shape: its worth, how many classes, and where each starts.

    Dynamic programming over the last run; of the runs that may stand before it, sorted by evidence, the best of those
    below and of those above are at hand. Minus infinity and none where no partition fits.
    """
    count = worth.shape[0]
    turns = shape in (PEAK, VALLEY)
    rises = shape in (UP, PEAK)  # the first phase, where there are two
    best = np.full((2, count, count), -np.inf)
    came_phase = np.zeros((2, count, count), dtype=np.int8)
    came_start = np.full((2, count, count), -1, dtype=np.int32)
    for last in range(count):
        best[0, 0, last] = worth[0, last] - price
    below, below_at = np.empty((2, count + 1)), np.empty((2, count + 1), dtype=np.int32)
    above, above_at = np.empty((2, count + 1)), np.empty((2, count + 1), dtype=np.int32)
    for first in range(1, count):
        runs = known[first]
        if not runs:
            continue
        for phase in range(2 if turns else 1):
            ending = best[phase, :, first - 1]
            below[phase, 0], below_at[phase, 0] = -np.inf, -1
            above[phase, runs], above_at[phase, runs] = -np.inf, -1
            for i in range(runs):
                reached = ending[order[first, i]]
                better = reached > below[phase, i]
                below[phase, i + 1] = reached if better else below[phase, i]
                below_at[phase, i + 1] = order[first, i] if better else below_at[phase, i]
            for i in range(runs - 1, -1, -1):
                reached = ending[order[first, i]]
                better = reached > above[phase, i + 1]
                above[phase, i] = reached if better else above[phase, i + 1]
                above_at[phase, i] = order[first, i] if better else above_at[phase, i + 1]
        for last in range(first, count):
            gain = worth[first, last] - price
            if gain == -np.inf:
                continue
            lower = runs if shape == FREE else left[first, last]
            upper = right[first, last]
            if rises or shape == FREE:
                reached, start = below[0, lower], below_at[0, lower]
            else:
                reached, start = above[0, upper], above_at[0, upper]
            if start >= 0:
                best[0, first, last], came_start[0, first, last] = reached + gain, start
            if turns:
                for phase in range(2):
                    if rises:
                        reached, start = above[phase, upper], above_at[phase, upper]
                    else:
                        reached, start = below[phase, lower], below_at[phase, lower]
                    if start >= 0 and reached + gain > best[1, first, last]:
                        best[1, first, last], came_start[1, first, last] = reached + gain, start
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
    order, known = np.empty((count, count), dtype=np.int32), np.zeros(count, dtype=np.int32)
    left, right = np.zeros((count, count), dtype=np.int32), np.zeros((count, count), dtype=np.int32)
    order_runs(woe, worth, order, known, left, right)
    tried = np.empty(count, dtype=np.int32)
    asked = price
    while True:
        top, chosen, classes = -np.inf, -1, 0
        for i in range(shapes.shape[0]):
            reached, found = join_runs(worth, order, known, left, right, asked, shapes[i], tried)
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

    ``sampled`` are some values of each column in rising order, unknown ones last, from which the fine cuts are drawn; a
    column in which no classes fit is given -1.
    """
    for column in prange(columns.shape[0]):
        values, drawn = columns[column], sampled[column]
        known = np.searchsorted(drawn, np.inf)
        cuts = draw_fine_cuts(drawn[:known], most)
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
