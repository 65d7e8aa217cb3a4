"""Challengers, comparison, leaks, reject inference and early targets: each shown on markets whose truth is planted."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.cards import CardPlan
from creditfactory.lab.certainty import Interval, compare_auc, draw_folds, sum_up_folds
from creditfactory.lab.challengers import SCHOOLS, Boosted, draw_table, fit_model, read_log_odds, with_chances
from creditfactory.lab.comparing import Standing, drop_vetoed
from creditfactory.lab.distilling import distil, measure_loss
from creditfactory.lab.early import cost_sample, draw_early_target, find_power, follow_survival, spread_auc, transfer
from creditfactory.lab.judging import Calibration, Judgement, measure_auc
from creditfactory.lab.leakage import find_later_days, find_leaks
from creditfactory.lab.rejects import METHODS, infer, try_methods
from creditfactory.lab.sample import Sample, draw_sample
from creditfactory.lab.standing import approve_share, find_stand_ins, judge_fairness, tell_profit, tell_swap

PLAN = CardPlan(target="bad")


def make_frame(seed: int = 0, rows: int = 3_000) -> pl.DataFrame:
    """Debt makes worse, years make better, a town matters a little, one number is noise; some debts are unknown."""
    chance = np.random.default_rng(seed)
    debt, years = chance.normal(size=rows), chance.integers(0, 20, rows)
    town = chance.choice(["Aba", "Bei", "Cau"], rows)
    log_odds = -1.2 + 1.1 * debt - 0.12 * (years - 10) + 0.5 * (town == "Cau")
    bad = chance.random(rows) < 1 / (1 + np.exp(-log_odds))
    shown = [None if lost else float(d) for d, lost in zip(debt, chance.random(rows) < 0.05, strict=True)]
    return pl.DataFrame(
        {"debt": shown, "years": years, "town": town, "noise": chance.normal(size=rows), "bad": bad.astype(int)}
    )


def make_sample(seed: int = 0, rows: int = 3_000) -> Sample:
    return draw_sample(make_frame(seed, rows), target="bad")


@pytest.mark.parametrize("school", SCHOOLS)
def test_each_school_learns_and_says_the_same_twice(school: str) -> None:
    """SCR-03: every challenger ranks applicants it has not seen, in whole points, alike each time it is fitted."""
    train, unseen = make_sample(0), make_sample(1)
    model = fit_model(school, train, PLAN)  # type: ignore[arg-type]
    points = model.score(unseen)
    assert points.dtype == np.int64
    assert measure_auc(points, unseen.bad, unseen.weight) > 0.72  # the truth itself reaches about .79
    chance = model.foretell(unseen)
    assert ((chance > 0) & (chance < 1)).all()
    assert model.foretell(train).mean() == pytest.approx(train.bad.mean(), abs=0.005)
    assert np.array_equal(fit_model(school, train, PLAN).score(unseen), points)  # type: ignore[arg-type]


def test_monotone_trees_never_turn_and_additive_trees_never_meet() -> None:
    """SCR-03: what a challenger was bound to, it keeps: tried on applicants made to find it out."""
    train = make_sample(2)
    bound = fit_model("boosted_monotone", train, PLAN)
    assert isinstance(bound, Boosted)
    assert dict(zip(bound.table.names, bound.table.directions, strict=True)) | {"noise": 0} == {
        "debt": 1, "years": -1, "town": 0, "noise": 0,
    }  # fmt: skip
    rows = bound.table.lay(train)[:200]
    ladder = np.linspace(-3, 3, 50)
    for row in rows:
        steps = np.tile(row, (50, 1))
        steps[:, 0] = ladder
        assert (np.diff(read_log_odds(bound.trees, steps)) >= -1e-9).all()
    additive = fit_model("boosted_additive", train, PLAN)
    assert isinstance(additive, Boosted)

    def tell(debt: float, years: float) -> float:
        return float(read_log_odds(additive.trees, np.array([[debt, years, 0.0, 0.0]]))[0])

    for one, other, low, high in ((-1, 1, 2, 15), (-2, 0.5, 0, 19)):
        assert tell(other, low) - tell(one, low) == pytest.approx(tell(other, high) - tell(one, high), abs=1e-9)


def test_words_never_seen_are_read_as_other_and_open_answers_stay_open() -> None:
    train = make_sample(3)
    table = draw_table(train, PLAN)
    asked = pl.DataFrame({"debt": [None, 1.0], "years": [1.0, 2.0], "town": ["Nowhere", None], "noise": [0.0, 0.0]})
    laid = table.lay(replace(train, frame=asked, bad=np.zeros(2, bool), weight=np.ones(2)))
    assert math.isnan(laid[0, 0]) and laid[0, 2] == 3 and math.isnan(laid[1, 2])


def test_unknown_schools_and_methods_are_refused() -> None:
    sample = make_sample(4, 400)
    with pytest.raises(BadInput, match="oracle"):
        fit_model("oracle", sample, PLAN)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="magic"):
        infer("magic", sample, sample, PLAN)  # type: ignore[arg-type]


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_the_same_model_differs_by_nought_and_the_truth_wins(seed: int) -> None:
    """SCR-06: a paired interval is nought for twins, turns when the two change places, and finds the better."""
    chance = np.random.default_rng(seed)
    bad = chance.random(600) < 0.3
    good = np.where(bad, 0, 12) + chance.integers(0, 20, 600)
    poor = chance.integers(0, 20, 600)
    weight = chance.uniform(0.5, 2.0, 600)
    twins = compare_auc(good, good, bad, weight, draws=20, seed=seed)
    assert (twins.value, twins.low, twins.high) == (0, 0, 0)
    there = compare_auc(good, poor, bad, weight, draws=60, seed=seed)
    back = compare_auc(poor, good, bad, weight, draws=60, seed=seed)
    assert there.low > 0 and there.value == pytest.approx(-back.value) and there.low == pytest.approx(-back.high)


def test_the_paired_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """SCR-06: of sixty samples whose true difference is known, the 95 % interval holds it in nearly all."""
    held, true = 0, 0.0
    chance = np.random.default_rng(0)
    big = chance.random(400_000) < 0.3
    one, two = chance.normal(size=400_000) - big, chance.normal(size=400_000) - 0.7 * big
    true = measure_auc(np.rint(one * 50), big, np.ones(400_000)) - measure_auc(np.rint(two * 50), big, np.ones(400_000))
    for seed in range(60):
        at = slice(seed * 1_000, seed * 1_000 + 1_000)
        gap = compare_auc(np.rint(one[at] * 50), np.rint(two[at] * 50), big[at], np.ones(1_000), draws=150, seed=seed)
        held += gap.low <= true <= gap.high
    assert 52 <= held <= 60 and gap.low < gap.high


def test_folds_hold_both_outcomes_and_their_interval_is_wider_than_their_spread_says() -> None:
    sample = make_sample(5, 500)
    folds = draw_folds(sample, count=4, seed=1)
    rates = [sample.bad[folds == f].mean() for f in range(4)]
    assert max(rates) - min(rates) < 0.02
    figures = [0.7, 0.72, 0.74, 0.71]
    naive = 3.182 * np.std(figures, ddof=1) / 2
    found = sum_up_folds(figures)
    assert found.high - found.value > 1.4 * naive
    with pytest.raises(BadInput):
        draw_folds(sample, count=1)


@given(st.integers(0, 10_000), st.floats(0.05, 1.0))
@settings(max_examples=60, deadline=None)
def test_as_many_come_in_as_go_out(seed: int, share: float) -> None:
    """SCR-06: at equal approval the swapped masses are equal, and their bad rates explain the change of the whole."""
    chance = np.random.default_rng(seed)
    bad, weight = chance.random(300) < 0.4, chance.uniform(0.2, 3, 300)
    new, old = (chance.integers(0, 15, 300) - 3 * bad for _ in range(2))
    for points in (new, old):
        taken = approve_share(points, weight, share)
        assert (weight * taken).sum() == pytest.approx(share * weight.sum())
        assert not ((taken[:, None] > taken[None, :]) & (points[:, None] < points[None, :])).any()
    swap = tell_swap(new, old, bad, weight, share)
    if swap["swapped"] > 0.01:
        change = swap["swapped"] / share * (swap["bad_rate_in"] - swap["bad_rate_out"])
        assert swap["bad_rate_after"] - swap["bad_rate_before"] == pytest.approx(change, abs=2e-4)
    assert tell_swap(new, new, bad, weight, share)["swapped"] == 0


def test_profit_is_counted_by_hand() -> None:
    points, bad = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), np.array([True] * 3 + [False] * 7)
    told = tell_profit(points, bad, np.ones(10), gain=0.1, loss=0.5)
    assert [row["per_applicant"] for row in told] == pytest.approx(
        [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.02, -0.03, -0.08]
    )
    assert tell_profit(points, bad, np.ones(10), gain=0.1, loss=0.5, amount=np.full(10, 3.0))[-1][
        "per_applicant"
    ] == pytest.approx(-0.24)
    with pytest.raises(BadInput):
        tell_profit(points, bad, np.ones(10), gain=0, loss=0.5)


def test_a_group_that_is_treated_worse_is_seen_and_its_stand_in_named() -> None:
    """SCR-06: fairness is judged by columns that no model reads."""
    chance = np.random.default_rng(0)
    rows = 4_000
    group = chance.choice(["a", "b"], rows)
    bad = chance.random(rows) < 0.2
    fair = 10 * ~bad + chance.integers(0, 20, rows)
    unfair = fair - 8 * (group == "b")
    told = {
        name: judge_fairness({"sex": list(group)}, points, bad, np.ones(rows), np.full(rows, 0.2), 0.6)["sex"]
        for name, points in (("fair", fair), ("unfair", unfair))
    }
    assert min(r["ratio"] for r in told["fair"]) > 0.93
    assert {r["group"]: r["ratio"] < 0.8 for r in told["unfair"]} == {"a": False, "b": True}
    shoe = np.where(group == "a", 43.0, 38.0) + chance.normal(size=rows)
    frame = pl.DataFrame({"shoe": shoe, "debt": chance.normal(size=rows), "bad": bad.astype(int)})
    named = find_stand_ins(draw_sample(frame, target="bad"), {"sex": list(group)})["sex"]
    assert named[0]["label"] == "shoe" and named[0]["tells_apart"] > 0.99 and named[1]["tells_apart"] < 0.53


def test_what_was_known_only_later_is_named_and_what_was_honest_is_not() -> None:
    """SCR-06: the alarm finds a copy of the outcome, a term rewritten after it, an answer filled in afterwards."""
    frame = make_frame(7)
    assert find_leaks(draw_sample(frame, target="bad")) == []
    bad = frame.get_column("bad").to_numpy() == 1
    chance = np.random.default_rng(7)
    plan = chance.choice([36, 48, 60, 84, 120], len(bad))
    ended = np.where(bad & (chance.random(len(bad)) < 0.9), plan - chance.integers(0, 12, len(bad)), plan)
    dirty = frame.with_columns(
        copy=pl.Series(np.where(chance.random(len(bad)) < 0.97, bad, ~bad).astype(float)),
        months=pl.Series(ended),
        amount=pl.Series(chance.integers(5, 300, len(bad)) * 1_000),
        collector=pl.Series([("Li" if chance.random() < 0.5 else "Wu") if b else None for b in bad]),
        recoveries=pl.Series(chance.normal(size=len(bad))),
    )
    found = {(a.label, a.kind): a for a in find_leaks(draw_sample(dirty, target="bad"))}
    assert {label for label, _ in found} == {"copy", "months", "collector", "recoveries"}
    assert found["months", "rewritten"].is_grave and "multiple of 12" in found["months", "rewritten"].says
    assert found["copy", "too good"].is_grave and found["collector", "left open"].is_grave
    assert not found["recoveries", "name"].is_grave


def test_days_after_the_decision_are_named() -> None:
    frame = pl.DataFrame(
        {"on": ["2020-01-01"] * 4, "born": ["1980-01-01"] * 4, "lost": [None, None, "2021-01-01", None]}
    )
    frame = frame.with_columns(pl.all().str.to_date())
    assert [a.label for a in find_later_days(frame, "on")] == ["lost"]


def test_a_card_takes_over_nearly_all_of_an_additive_teacher_and_less_of_one_whose_answers_meet() -> None:
    """SCR-03: what is lost in distilling is told, and it is small only where a card can hold what the teacher knows."""
    train, unseen = make_sample(8, 6_000), make_sample(9, 6_000)
    teacher = fit_model("boosted", train, PLAN)
    card = distil(teacher.foretell(train), train, PLAN)
    loss = measure_loss(teacher.score(unseen), card.score(unseen), unseen.bad, unseen.weight)
    assert abs(loss.lost) < 0.015 and loss.alike > 0.9
    assert card.foretell(train).mean() == pytest.approx(train.bad.mean(), abs=0.005)

    def cross(sample: Sample, seed: int) -> Sample:
        chance = np.random.default_rng(seed)
        years, noise = (sample.frame.get_column(n).to_numpy() for n in ("years", "noise"))
        return replace(sample, bad=chance.random(sample.rows) < np.where((years > 9) == (noise > 0), 0.7, 0.15))

    train, unseen = cross(train, 1), cross(unseen, 2)
    teacher = fit_model("boosted", train, PLAN)
    try:
        card = distil(teacher.foretell(train), train, PLAN)
    except Refused:
        return  # nothing that a sum of points could say
    loss = measure_loss(teacher.score(unseen), card.score(unseen), unseen.bad, unseen.weight)
    assert loss.teacher_auc > 0.7 and loss.lost > 0.1
    with pytest.raises(BadInput):
        distil(np.full(train.rows, 1.5), train, PLAN)


def test_a_card_that_fails_afterwards_is_not_proposed() -> None:
    """SCR-06: best across folds, worse on the holdout beyond chance: the holdout forbids; within chance it does not."""
    figures = Judgement(100, 20, 0.7, 0.3, 0.4, 1.0, 0.0, Calibration(0.2, 0.2, 1.0))

    def stand(name: str, low: float, high: float) -> Standing:
        return Standing(name, True, (), None, figures, figures, Interval((low + high) / 2, low, high))

    standings = [stand("worse", -0.05, -0.04), stand("alike", -0.02, 0.01), stand("better", 0.01, 0.02)]
    assert drop_vetoed(["worse", "alike", "better", "reference"], standings) == ["alike", "better", "reference"]


def test_soft_outcomes_keep_every_weight() -> None:
    sample = make_sample(1, 500)
    soft = with_chances(sample, np.linspace(0.01, 0.99, 500))
    assert soft.weight[:500] + soft.weight[500:] == pytest.approx(sample.weight)
    assert soft.bad[:500].all() and not soft.bad[500:].any()


def test_no_method_reads_what_the_refused_did() -> None:
    """AQ-04: outcomes of the refused are unknown; swapping them all changes no card."""
    sample = make_sample(11)
    refused = np.arange(sample.rows) % 3 == 0
    accepted, hidden = sample.take(~refused), sample.take(refused)
    for method in METHODS:
        one, other = (infer(method, accepted, replace(hidden, bad=b), PLAN) for b in (hidden.bad, ~hidden.bad))
        assert np.array_equal(one.score(sample), other.score(sample)), method


def test_methods_are_tried_where_the_truth_is_known() -> None:
    """AQ-04: side by side, on accepted and refused together; accepted alone look better than all who apply."""
    tried = {t.method: t for t in try_methods(make_sample(12, 8_000), PLAN, share=0.5)}
    assert set(tried) == {*METHODS, "truth"} and tried["ignore"].gap is None
    assert tried["truth"].foretold == pytest.approx(tried["truth"].found, abs=0.02)
    assert all(t.auc > 0.6 for t in tried.values())
    assert tried["parcelling"].foretold > tried["fuzzy"].foretold  # it takes the refused to be worse


def test_survival_is_the_share_of_failures_where_all_were_watched_to_the_end() -> None:
    """AQ-04: and with loans still running, what follow-up was short is not taken for health."""
    chance = np.random.default_rng(0)
    truth = chance.geometric(0.03, 20_000)
    curve = follow_survival(np.minimum(truth, 24), truth <= 24)
    assert curve.at(24) == pytest.approx((truth > 24).mean())
    cut = chance.integers(1, 25, 20_000)
    short = follow_survival(np.minimum(truth, cut), truth <= cut)
    assert short.at(20) == pytest.approx(0.97**20, abs=0.015)
    naive = 1 - (truth <= np.minimum(cut, 20)).mean()
    assert naive > short.at(20) + 0.1
    with pytest.raises(Refused, match="watched for 24"):
        curve.at(36)
    assert draw_early_target([1, 5, None], [30, 30, 2], by=3) == [True, False, None]


def test_trust_in_small_loans_helps_where_large_ones_are_few() -> None:
    """AQ-04: with no trust the card is the large loans' own; with some, a few large loans rank better."""
    small, unseen = make_sample(20, 6_000), make_sample(21, 6_000)
    own, taught = [], []
    for seed in range(30, 36):
        large = make_sample(seed, 250)
        for trust, found in ((0.0, own), (0.6, taught)):
            model = transfer(small, large, PLAN, trust=trust)
            found.append(measure_auc(model.score(unseen), unseen.bad, unseen.weight))
    assert np.mean(taught) > np.mean(own)
    with pytest.raises(BadInput):
        transfer(small, small, PLAN, trust=2)


def test_the_sample_reckoned_shows_the_difference_as_often_as_was_wanted() -> None:
    """AQ-04: the calculator tried by lending: of 300 made-up samples of its size, about 80 % show the difference."""
    cost = cost_sample(auc=0.70, better_than=0.64, bad_rate=0.1, amount=250_000, loss_share=0.6, loans_per_month=100,
                       months_to_outcome=36)  # fmt: skip
    assert cost.lent == cost.loans * 250_000 and cost.lost == cost.bads * 150_000
    assert cost.years == pytest.approx((cost.loans / 100 + 36) / 12)
    chance = np.random.default_rng(0)
    apart = math.sqrt(2) * 0.5244005  # two normals this far apart have an AUC of .70
    goods = cost.loans - cost.bads
    bad = np.arange(cost.loans) < cost.bads
    bar = 0.64 + 1.6449 * spread_auc(0.64, cost.bads, goods)
    shown = [
        measure_auc(chance.normal(size=cost.loans) - apart * bad, bad, np.ones(cost.loans)) > bar for _ in range(300)
    ]
    assert 0.7 < np.mean(shown) < 0.9
    assert find_power(0.7, 0.64, cost.bads * 4, goods * 4) > 0.99
    with pytest.raises(BadInput):
        cost_sample(auc=0.6, better_than=0.7, bad_rate=0.1, amount=1, loss_share=1, loans_per_month=1,
                    months_to_outcome=1)  # fmt: skip
