"""What must hold for every card: one answer by every reading, shapes kept, classes large enough, best ones found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import polars as pl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from creditfactory import lab, scoring
from creditfactory.kernel import Refused
from creditfactory.lab.binning import CLASS_PRICE, join_classes
from creditfactory.lab.cards import CardPlan, build_card

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def draw_frame(seed: int, rows: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    size, age = chance.lognormal(3, 1, rows), chance.integers(0, 12, rows)
    trade = chance.choice([f"trade {i}" for i in range(9)] + ["trade one of a kind"], rows)
    bend = chance.normal(size=3)
    log_odds = (
        -1 + bend[0] * np.log(size / 20) + bend[1] * (age - 6) / 4 + bend[2] * np.isin(trade, ["trade 1", "trade 2"])
    )
    return pl.DataFrame(
        {
            "size": [None if u < 0.15 else float(s) for s, u in zip(size, chance.random(rows), strict=True)],
            "age": age,
            "trade": [None if u < 0.02 else str(t) for t, u in zip(trade, chance.random(rows), strict=True)],
            "flag": chance.random(rows) < 1 / (1 + np.exp(-log_odds / 2)),
            "weight": chance.choice([1.0, 4.5], rows),
            "bad": chance.random(rows) < 1 / (1 + np.exp(-log_odds)),
        }
    )


@SLOW
@given(seed=st.integers(0, 10_000), rows=st.integers(300, 1500))
def test_the_labs_points_are_the_scorers_live_and_columnar(seed: int, rows: int) -> None:
    frame = draw_frame(seed, rows)
    try:
        built = build_card(frame, CardPlan(target="bad", weight="weight", seed=seed))
    except Refused:
        assume(False)
    sample = lab.draw_sample(frame, target="bad", weight="weight")
    own = built.fitted.score(sample).tolist()
    card = scoring.read_card(built.card)
    columnar = scoring.score_frame(card, frame).to_list()
    live = [scoring.score(card, row).points for row in frame.iter_rows(named=True)]
    assert own == columnar == live
    odds = [scoring.score(card, row).probability for row in frame.head(20).iter_rows(named=True)]
    assert np.allclose(odds, built.fitted.probability(np.array(own[:20])), atol=1e-12)
    for applicant in lab.draw_golden(built.card, seed=seed):
        answer = scoring.score(card, applicant["labels"])
        assert answer.points == applicant["points"]


@SLOW
@given(
    seed=st.integers(0, 10_000),
    shape=st.sampled_from(["up", "down", "peak", "valley"]),
    label=st.sampled_from(["size", "age"]),
)
def test_a_shape_asked_for_is_the_shape_of_the_points(seed: int, shape: lab.Shape, label: str) -> None:
    plan = CardPlan(target="bad", weight="weight", only=(label, "flag"), shapes={label: shape})
    try:
        built = build_card(draw_frame(seed, 900), plan)
    except Refused:
        assume(False)
    points = {c["label"]: [b["points"] for b in c["bins"]] for c in built.card["characteristics"]}.get(label, [])
    steps = np.diff(points) if shape in ("up", "peak") else -np.diff(points)
    signs = [s for s in np.sign(steps) if s]
    if shape in ("up", "down"):
        assert -1 not in signs
    else:
        assert signs == sorted(signs, reverse=True)


@SLOW
@given(seed=st.integers(0, 10_000), unknown=st.sampled_from(["as_seen", "never_better"]))
def test_what_nobody_has_seen_is_never_good_news(seed: int, unknown: str) -> None:
    rules = lab.BinningRules(unknown="never_better" if unknown == "never_better" else "as_seen")
    try:
        built = build_card(draw_frame(seed, 700), CardPlan(target="bad", rules=rules))
    except Refused:
        assume(False)
    for c in built.card["characteristics"]:
        points = [b["points"] for b in c["bins"]]
        if c["type"] == "word" and c["other"]["bad_rate"] is None:
            assert c["other"]["points"] <= min(points)
        if c["missing"]["bad_rate"] is None:
            assert c["missing"]["points"] <= min(points)
        elif unknown == "never_better":
            assert c["missing"]["points"] <= max(points)


def partitions(count: int) -> Iterator[tuple[int, ...]]:
    for size in range(count):
        for inner in combinations(range(1, count), size):
            yield (0, *inner)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 7),
    shape=st.sampled_from(["free", "up", "down", "peak", "valley"]),
)
def test_the_joined_classes_are_the_best_of_all_ways_to_join(seed: int, count: int, shape: lab.Shape) -> None:
    chance = np.random.default_rng(seed)
    codes = chance.integers(0, count, 400)
    bad = chance.random(400) < np.linspace(0.1, 0.6, count)[codes]
    weight = chance.choice([1.0, 3.0], 400)
    fine = lab.tally_classes(codes, count, bad, weight)
    totals = lab.tally_classes(np.zeros(400, dtype=np.int64), 1, bad, weight)
    rules = lab.BinningRules(share_min=0.2, bads_min=3, bins_max=9)
    good_half, bad_half = totals.half_row()
    trials = 1 / (1 / totals.good_rows_effective + 1 / totals.bad_rows_effective)

    def judge(starts: tuple[int, ...]) -> float | None:
        woes, worth = [], 0.0
        for start, end in zip(starts, [*starts[1:], count], strict=True):
            part = slice(start, end)
            if fine.rows[part].sum() < max(0.2 * 400, 3 * 400 / min(bad.sum(), (~bad).sum())):
                return None
            good, was_bad = fine.good[part].sum(), fine.bad[part].sum()
            woe = np.log((good + good_half) / (was_bad + bad_half)) - np.log(totals.good[0] / totals.bad[0])
            worth += trials * (good / totals.good[0] - was_bad / totals.bad[0]) * woe - CLASS_PRICE
            woes.append(woe)
        signs = [1 if b > a else -1 for a, b in pairwise(woes)]
        fits = {
            "free": True, "up": -1 not in signs, "down": 1 not in signs,
            "peak": signs == sorted(signs, reverse=True), "valley": signs == sorted(signs),
        }  # fmt: skip
        return worth if fits[shape] else None

    judged = {starts: worth for starts in partitions(count) if (worth := judge(starts)) is not None}
    found = join_classes(fine, totals, shape=shape, rules=rules)
    if found is None:
        assert not judged
    else:
        assert judged[found[0]] >= max(judged.values()) - 1e-9
