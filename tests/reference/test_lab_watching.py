"""A card watched in worlds whose truth is known: chance is called chance, and each kind of change by its name."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from creditfactory import scoring
from creditfactory.kernel import BadInput
from creditfactory.lab import CardPlan, build_card, measure_auc, measure_divergence, measure_ks
from creditfactory.lab.explaining import explain
from creditfactory.lab.watching import (
    Reference,
    count_points,
    draw_auc,
    draw_reference,
    measure_shift,
    open_window,
    redraw,
    tell_watch,
)

EFFECTS = {"a": -0.9, "b": -0.6, "c": -0.4, "d": -0.3}


def live(seed: int, rows: int, kind: str = "same") -> pl.DataFrame:
    """Applicants of a world that stays the same, or in which one thing changes."""
    chance = np.random.default_rng(seed)
    asked = {name: chance.normal(size=rows) for name in EFFECTS}
    effects, level = dict(EFFECTS), -2.0
    if kind == "mix":
        asked["a"] = asked["a"] * 0.4 + 1.0
        asked["b"] = asked["b"] * 0.5
    if kind == "change":
        effects["a"] = 0.2
    if kind == "shift":
        level += 0.6
    odds = level + sum(effects[name] * asked[name] for name in asked)
    bad = chance.random(rows) < 1 / (1 + np.exp(-odds))
    days = [date(2026, 1, 1) + timedelta(days=int(d)) for d in chance.integers(0, 90, rows)]
    words = np.where(chance.random(rows) < 0.3, "north", "south")
    return pl.DataFrame({**asked, "bad": bad.astype(int), "day": days, "region": words})


@pytest.fixture(scope="module")
def card() -> scoring.Card:
    plan = CardPlan(target="bad", method="divergence", exclude=("day", "region"))
    return scoring.read_card(build_card(live(1, 12_000), plan).card)


@pytest.fixture(scope="module")
def reference(card: scoring.Card) -> Reference:
    return draw_reference(open_window(card, live(1, 12_000), target="bad"))


@pytest.mark.parametrize("kind", ["mix", "shift", "change"])
def test_each_kind_of_fall_is_called_by_its_name(card: scoring.Card, reference: Reference, kind: str) -> None:
    """LAB-03: mix, shift and real change are told apart, and a real change names the question that changed."""
    told = [explain(open_window(card, live(500 + s, 3_000, kind), target="bad"), reference) for s in range(8)]
    assert Counter(one.kind for one in told) == {kind: 8}
    named = Counter(label.label for one in told for label in one.changed)
    assert (named["a"] == 8) if kind == "change" else (sum(named.values()) <= 1)
    if kind == "mix":
        assert all({"a", "b"} <= set(one.moved) for one in told)
        assert all(one.auc.mix < -0.05 for one in told)
    if kind == "shift":
        assert all(abs(one.bad_rate.shift - (one.bad_rate.now - one.bad_rate.then)) < 0.015 for one in told)


def test_where_nothing_changed_nothing_is_blamed(card: scoring.Card, reference: Reference) -> None:
    """LAB-03: noise is called noise: in forty windows of an unchanged world hardly one is called anything else."""
    told = [explain(open_window(card, live(900 + s, 2_000), target="bad"), reference, seed=s) for s in range(40)]
    kinds = Counter(one.kind for one in told)
    assert kinds["mix"] + kinds["shift"] + kinds["change"] <= 2, kinds
    assert kinds["noise"] and kinds["sound"]
    assert all((one.kind == "noise") <= (one.auc.now < one.auc.then) for one in told)


def test_the_parts_add_up_and_the_new_mix_alone_reproduces_the_fall(card: scoring.Card, reference: Reference) -> None:
    """LAB-03: the old sample reweighted to the new applicants falls as the part called mix says."""
    window = open_window(card, live(7, 20_000, "mix"), target="bad")
    found = explain(window, reference)
    for parts in (found.auc, found.bad_rate):
        assert parts.then + parts.mix + parts.shift + parts.change + parts.rest == pytest.approx(parts.now, abs=1e-12)
        assert abs(parts.rest) < 0.006
    old = open_window(card, live(1, 12_000), target="bad")
    bands = np.quantile(old.points, np.arange(1, 20) / 20)
    then, now = (np.searchsorted(bands, w.points, side="right") for w in (old, window))
    share = np.bincount(now, minlength=20) / window.rows / (np.bincount(then, minlength=20) / old.rows)
    reweighted = measure_auc(old.points, old.bad, share[then])
    before = measure_auc(old.points, old.bad, old.weight)
    assert reweighted - before == pytest.approx(found.auc.mix, abs=0.01)
    assert found.auc.mix < 0.7 * (found.auc.now - found.auc.then), "the rest is mix within bands and classes"


def test_the_class_that_changed_is_shown_with_what_was_foretold_and_found(
    card: scoring.Card, reference: Reference
) -> None:
    changed = explain(open_window(card, live(8, 6_000, "change"), target="bad"), reference).changed[0]
    assert changed.label == "a" and changed.auc < -0.1 and changed.chance < 1e-6
    assert changed.foretold[0] > changed.foretold[-2] and changed.found[0] < changed.found[-2]


def test_psi_of_a_spread_that_did_not_move_lies_beyond_its_bound_once_in_twenty() -> None:
    """The sampling error of PSI is what it is said to be."""
    chance = np.random.default_rng(3)
    share = np.array([0.05, 0.15, 0.3, 0.3, 0.15, 0.05])
    beyond = 0
    for _ in range(600):
        then, now = (chance.multinomial(n, share).astype(float) for n in (2_000, 700))
        beyond += measure_shift(then, now, rows_then=2_000, rows_now=700).is_beyond
    assert 0.025 < beyond / 600 < 0.08


def test_figures_from_counts_are_those_of_the_rows(card: scoring.Card, reference: Reference) -> None:
    frame = live(11, 2_500).with_columns(wt=pl.Series(np.random.default_rng(1).choice([1.0, 2.5], 2_500)))
    window = open_window(card, frame, target="bad", weight="wt", days="day")
    told = tell_watch(window, reference, segments={"region": frame.get_column("region").to_list()})
    for name, measure in (("auc", measure_auc), ("ks", measure_ks), ("divergence", measure_divergence)):
        assert told[name]["now"]["value"] == pytest.approx(measure(window.points, window.bad, window.weight), abs=1e-5)
        assert told[name]["now"]["low"] < told[name]["now"]["value"] < told[name]["now"]["high"]
    assert [p["group"] for p in told["periods"]] == ["2026-01", "2026-02", "2026-03"]
    assert [p["group"] for p in told["segments"]["region"]] == ["north", "south"]
    assert sum(p["rows"] for p in told["periods"]) == 2_500
    again = Reference.of_json(json.loads(json.dumps(reference.as_json())))
    assert explain(window, again).as_json() == explain(window, reference).as_json()
    with pytest.raises(BadInput, match="good: found nothing, expected a list"):
        Reference.of_json({"points": [1]})


def test_an_interval_holds_the_truth_as_often_as_it_says(card: scoring.Card) -> None:
    whole = open_window(card, live(99, 60_000), target="bad")
    truth = measure_auc(whole.points, whole.bad, whole.weight)
    chance, held = np.random.default_rng(5), 0
    for _ in range(60):
        part = whole.take(chance.random(whole.rows) < 0.02)
        counted = count_points(part.points, part.bad, part.weight)
        low, high = np.quantile(draw_auc(counted.values, *redraw(counted, draws=200)), [0.025, 0.975])
        held += low <= truth <= high
    assert held >= 51
