"""Binning thousands of characteristics at once: one pass over each, then the best joining of its fine classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from creditfactory.kernel import BadInput
from creditfactory.lab.binning import BinningRules, Shape, name_shapes
from creditfactory.lab.sample import Flags, Floats
from creditfactory.lab.woe import tally_classes

SAMPLED = 20_000
"""Rows from which the fine cuts of a wide frame are drawn; every row is counted."""
TOGETHER = 256
"""Columns at a time, so that what is drawn from them stays small."""


@dataclass(frozen=True, slots=True)
class WideBins:
    """Bins of many number columns. ``cuts[i]`` are column i's; ``counts[i]`` are good, bad weight and good, bad rows of
    each class, of missing, and of each special code; ``shapes[i]`` is the shape used, None where no two classes fit."""

    names: tuple[str, ...]
    cuts: tuple[Floats, ...]
    counts: tuple[Floats, ...]
    shapes: tuple[Shape | None, ...]

    def measure_iv(self) -> Floats:
        """Information value of each column on the sample it was binned on, half a row added to every class."""
        return np.array([_information(counts) if len(counts) else 0.0 for counts in self.counts])


def bin_wide(
    columns: npt.NDArray[Any],
    names: Sequence[str],
    bad: Flags,
    weight: Floats,
    *,
    shape: Shape = "auto",
    rules: BinningRules | None = None,
    special: Sequence[float] = (),
    most: int = 128,
    seed: int = 0,
) -> WideBins:
    """Bin every row of ``columns`` (characteristics by applicants, NaN unknown, infinite refused) in parallel.

    ``special`` numbers are codes in every column: each is counted by itself and never as an amount.
    """
    from creditfactory.lab.kernels_binning import bin_columns  # compiles when first wanted

    rules = rules or BinningRules()
    _check(columns, names, bad, weight)
    total = tally_classes(np.zeros(len(bad), dtype=np.int64), 1, bad, weight)
    halves = np.array(total.half_row())
    totals = np.array([float(total.good[0]), float(total.bad[0])])
    trials = 1 / (1 / total.good_rows_effective + 1 / total.bad_rows_effective)
    alone = sorted(set(special))
    by_row = np.stack([weight * ~bad, weight * bad, ~bad, bad], axis=1).astype(np.float64)
    chance = np.random.default_rng(seed)
    picked = np.arange(len(bad)) if len(bad) <= SAMPLED else np.sort(chance.choice(len(bad), SAMPLED, replace=False))
    asked, codes = name_shapes(shape)
    size = rules.bins_max
    cuts = np.full((len(columns), size), np.nan)
    counts = np.zeros((len(columns), size + 1 + len(alone), 4))
    used = np.full(len(columns), -1, dtype=np.int64)
    for first in range(0, len(columns), TOGETHER):
        some = slice(first, first + TOGETHER)
        block = columns[some]
        for place, code in enumerate(alone, start=size + 1):
            held = block == code
            counts[some, place] = held @ by_row
            block = np.where(held, np.nan, block)
        drawn = np.sort(block[:, picked], axis=1)
        rows_min = np.maximum(rules.share_min * np.count_nonzero(~np.isnan(block), axis=1), rules.rows_needed(total))
        bin_columns(
            block, drawn, bad, weight, totals, halves, trials, rows_min, codes, rules.class_price, size, most,
            cuts[some], counts[some, : size + 1], used[some],
        )  # fmt: skip
        counts[some, size] -= counts[some, size + 1 :].sum(axis=1)
    found = [row[~np.isnan(row)] for row in cuts]
    return WideBins(
        tuple(names),
        tuple(found),
        tuple(
            np.vstack([row[: len(cut) + 1], row[size:]]) if place >= 0 else np.zeros((0, 4))
            for row, cut, place in zip(counts, found, used, strict=True)
        ),
        tuple(asked[place] if place >= 0 else None for place in used),
    )


def _check(columns: npt.NDArray[Any], names: Sequence[str], bad: Flags, weight: Floats) -> None:
    if columns.ndim != 2 or len(columns) != len(names):
        raise BadInput(place="columns", found=f"shape {columns.shape}", expected=f"{len(names)} rows of numbers")
    if columns.shape[1] != len(bad) or len(weight) != len(bad):
        found = f"{columns.shape[1]} values, {len(bad)} outcomes and {len(weight)} weights"
        raise BadInput(place="columns", found=found, expected="one outcome and one weight for each value")
    if bad.all() or not bad.any():
        raise BadInput(place="outcome", found="one outcome only", expected="good and bad applicants")
    for name, column in zip(names, columns, strict=True):
        if np.isinf(column).any():
            raise BadInput(place=f"column {name}", found="an infinite number", expected="finite numbers, or none")


def _information(counts: Floats) -> float:
    good, bad = counts[:, 0], counts[:, 1]
    gaps = good / good.sum() - bad / bad.sum()
    half_good = good.sum() / max(counts[:, 2].sum(), 1) / 2
    half_bad = bad.sum() / max(counts[:, 3].sum(), 1) / 2
    woe = np.log(good + half_good) - np.log(bad + half_bad) - np.log(good.sum() / bad.sum())
    return float((gaps * woe).sum())
