"""The best joining of fine classes is found, not nearly found: beside every joining tried one by one."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory.kernel import BadInput
from creditfactory.lab.binning import BinningRules, Shape, join_classes
from creditfactory.lab.wide import bin_wide
from creditfactory.lab.woe import Tally, tally_classes

TURNS = {"peak": 1, "valley": -1}


def make_fine(seed: int, count: int) -> tuple[Tally, Tally]:
    chance = np.random.default_rng(seed)
    rows = int(chance.integers(200, 600))
    codes = chance.integers(0, count, rows)
    bad = chance.random(rows) < chance.uniform(0.1, 0.6, count)[codes]
    bad[:2] = (True, False)
    weight = chance.choice([1.0, 2.5], rows)
    return tally_classes(codes, count, bad, weight), tally_classes(np.zeros(rows, dtype=np.int64), 1, bad, weight)


def weigh(fine: Tally, totals: Tally, start: int, end: int, price: float) -> tuple[float, float, float]:
    """Evidence, worth and rows of one run, by the definition."""
    good, bad = fine.good[start:end].sum(), fine.bad[start:end].sum()
    half_good, half_bad = totals.half_row()
    whole_good, whole_bad = totals.good[0], totals.bad[0]
    woe = np.log(good + half_good) - np.log(bad + half_bad) - np.log(whole_good / whole_bad)
    trials = 1 / (1 / totals.good_rows_effective + 1 / totals.bad_rows_effective)
    return woe, trials * (good / whole_good - bad / whole_bad) * woe - price, fine.rows[start:end].sum()


def is_shaped(woes: list[float], shape: str) -> bool:
    steps = [b - a for a, b in pairwise(woes)]
    if shape == "free":
        return True
    if shape in ("up", "down"):
        return all(step > 0 if shape == "up" else step < 0 for step in steps)
    signs = [step * TURNS[shape] > 0 for step in steps]
    return all(step != 0 for step in steps) and signs == sorted(signs, reverse=True)


def try_all(fine: Tally, totals: Tally, shape: Shape, rules: BinningRules) -> float:
    """The worth of the best joining, by trying every one."""
    count = len(fine.good)
    rows_min = max(rules.share_min * float(fine.rows.sum()), rules.rows_needed(totals))
    best = -np.inf
    for size in range(count):
        for inner in combinations(range(1, count), size):
            bounds = [0, *inner, count]
            runs = [weigh(fine, totals, a, b, rules.class_price) for a, b in pairwise(bounds)]
            if all(rows >= rows_min for _, _, rows in runs) and is_shaped([woe for woe, _, _ in runs], shape):
                best = max(best, sum(worth for _, worth, _ in runs))
    return best


@given(st.integers(0, 100_000), st.integers(2, 9), st.sampled_from(["free", "up", "down", "peak", "valley"]))
@settings(max_examples=120, deadline=None)
def test_the_joining_found_is_the_best_of_all(seed: int, count: int, shape: Shape) -> None:
    fine, totals = make_fine(seed, count)
    rules = BinningRules(bins_max=99, class_price=1.0, bads_min=1)
    best = try_all(fine, totals, shape, rules)
    found = join_classes(fine, totals, shape=shape, rules=rules)
    if found is None:
        assert best == -np.inf
        return
    runs = [weigh(fine, totals, a, b, rules.class_price) for a, b in pairwise([*found[0], count])]
    assert found[1] == shape and is_shaped([woe for woe, _, _ in runs], shape)
    assert sum(worth for _, worth, _ in runs) == pytest.approx(best, abs=1e-9)


@given(st.integers(0, 1_000))
@settings(max_examples=15, deadline=None)
def test_many_columns_at_once_are_as_each_alone(seed: int) -> None:
    """SCR-03: the wide pass counts every row once and joins as the narrow one does; few values keep their own class."""
    chance = np.random.default_rng(seed)
    bad = chance.random(900) < 0.3
    bad[:2] = (True, False)
    columns = np.stack(
        [np.round(chance.normal(size=900) + bad * chance.normal(), 1).astype(np.float64) for _ in range(4)]
    )
    columns = np.round(np.clip(columns, -1, 1), 1)
    columns[:, chance.random(900) < 0.05] = np.nan
    columns[3] = 7.0
    weight = chance.choice([1.0, 3.0], 900)
    rules = BinningRules(class_price=0.5)
    found = bin_wide(columns, ["a", "b", "c", "even"], bad, weight, shape="auto", rules=rules)
    totals = tally_classes(np.zeros(900, dtype=np.int64), 1, bad, weight)
    for column, cuts, counts, shape in zip(columns, found.cuts, found.counts, found.shapes, strict=True):
        codes = np.where(np.isnan(column), len(cuts) + 1, np.searchsorted(cuts, column, side="right"))
        tally = tally_classes(codes, len(cuts) + 2, bad, weight)
        expected = np.column_stack([tally.good, tally.bad, tally.good_rows, tally.bad_rows])
        assert counts == pytest.approx(expected)
        known = column[~np.isnan(column)]
        grid = np.unique(known)[1:]
        seen = ~np.isnan(column)
        codes = np.searchsorted(grid, known, side="right")
        fine = tally_classes(codes, len(grid) + 1, bad[seen], weight[seen])
        alone = join_classes(fine, totals, shape="auto", rules=rules)
        assert alone is not None and (tuple(grid[s - 1] for s in alone[0][1:]), alone[1]) == (tuple(cuts), shape)
    assert found.measure_iv().shape == (4,)
    apart = bin_wide(columns, ["a", "b", "c", "even"], bad, weight, rules=rules, special=(0.3, 7.0))
    for column, cuts, counts, shape in zip(columns, apart.cuts, apart.counts, apart.shapes, strict=True):
        if shape is None:
            continue
        kinds = [np.isnan(column), column == 0.3, column == 7.0]
        ends = [[(weight * ~bad)[k].sum(), (weight * bad)[k].sum(), (~bad)[k].sum(), bad[k].sum()] for k in kinds]
        assert counts[len(cuts) + 1 :] == pytest.approx(np.array(ends)) and 0.3 not in cuts
        assert counts.sum(axis=0)[2:].tolist() == [float((~bad).sum()), float(bad.sum())]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ({"bad": np.zeros(200, dtype=bool)}, "one outcome only"),
        ({"weight": np.ones(3)}, "3 weights"),
        ({"names": ["a"]}, "1 rows of numbers"),
        ({"columns": np.full((2, 200), np.inf)}, "column a: found an infinite number"),
    ],
)
def test_what_cannot_be_binned_is_refused_in_words(spoil: dict[str, object], says: str) -> None:
    given_: dict[str, object] = {
        "columns": np.zeros((2, 200)), "names": ["a", "b"], "bad": np.arange(200) < 50, "weight": np.ones(200),
    }  # fmt: skip
    with pytest.raises(BadInput, match=says):
        bin_wide(**{**given_, **spoil})  # type: ignore[arg-type]
