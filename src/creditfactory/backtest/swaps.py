"""The swap set: who is in under one rulebook and out under another, and how they turned out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from creditfactory.backtest.cases import Cases, Flags
from creditfactory.backtest.figures import add_up, average
from creditfactory.backtest.intervals import Share, measure_share

CELLS: Mapping[str, tuple[bool, bool]] = {
    "in_in": (True, True),
    "in_out": (True, False),
    "out_in": (False, True),
    "out_out": (False, False),
}
"""Each cell: has an offer before, has an offer after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One group of a swap set; profit is that of the side that lends (after, where both do)."""

    rows: int
    applications: float
    known_share: float | None
    bad_rate: Share
    expected_bad_rate: float | None
    amount_cents: float
    profit_cents: float | None
    earned_cents: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapSet:
    """The four cells; and among those in twice, how many get a lighter or a graver lane, more or less money."""

    cells: Mapping[str, Cell]
    lighter_lane: float
    graver_lane: float
    more_money: float
    less_money: float


def compare(before: Cases, after: Cases) -> SwapSet:
    """Who swaps between two decisions on the same population, row by row."""
    assert len(before) == len(after), "both rulebooks decide on the same rows"
    weight, both = after.weight, before.lends & after.lends
    return SwapSet(
        cells={name: _count(before, after, was, is_) for name, (was, is_) in CELLS.items()},
        lighter_lane=float(weight[both & (after.lane < before.lane)].sum()),
        graver_lane=float(weight[both & (after.lane > before.lane)].sum()),
        more_money=float(weight[both & (after.amount > before.amount)].sum()),
        less_money=float(weight[both & (after.amount < before.amount)].sum()),
    )


def compare_with_past(cases: Cases) -> SwapSet | None:
    """The same against what was approved at the time, where the population tells it; lanes and amounts stay unsaid."""
    if "approved_before" not in cases.population.columns:
        return None
    was = cases.population.get_column("approved_before").fill_null(value=False).to_numpy()
    cells = {}
    for name, (before, after) in CELLS.items():
        rows = (was == before) & (cases.lends == after)
        cells[name] = _tell(cases, rows)
    return SwapSet(cells=cells, lighter_lane=0.0, graver_lane=0.0, more_money=0.0, less_money=0.0)


def _count(before: Cases, after: Cases, was: bool, is_: bool) -> Cell:
    rows = (before.lends == was) & (after.lends == is_)
    return _tell(after if is_ or not was else before, rows)


def _tell(cases: Cases, rows: Flags) -> Cell:
    weight, seen = cases.weight, rows & cases.known
    total, known = float(weight[rows].sum()), float(weight[seen].sum())
    lent = rows & cases.lends
    return Cell(
        rows=int(np.count_nonzero(rows)),
        applications=total,
        known_share=known / total if total else None,
        bad_rate=measure_share(cases.bad[seen], weight[seen]),
        expected_bad_rate=average(cases.chance, weight, rows),
        amount_cents=float((weight * cases.amount)[rows].sum()),
        profit_cents=add_up(weight * cases.profit, lent),
        earned_cents=add_up(weight * cases.earned, lent & seen),
    )
