"""What a rule does is what really changes when it is taken away; the search finds what trying everything finds."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import backtest
from creditfactory.backtest.parts import keep_rules, measure_parts
from creditfactory.backtest.searching import Net, each_way, find_best, weigh
from creditfactory.decision import decide_frame
from creditfactory.decision.by_labels import CHECKS
from creditfactory.gateways.populations import read_line
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.world import load_market, make_dossier
from tests.properties.test_decision_columns import DAYS, book_of, build_frame

APPLICANTS = 360

BOOK = book_of("cn-micro")


@cache
def population() -> pl.DataFrame:
    """The market's applicants with some facts taken away, and a made-up fate."""
    rulebook, market = load_rulebook("cn-micro", locked=False), load_market("cn-micro")
    lines = (json.dumps(make_dossier(market, 11, index), ensure_ascii=False).encode() for index in range(APPLICANTS))
    read = (read_line(line, rulebook, DAYS["cn-micro"], place="market") for line in lines)
    rows = [{name: row.get(name) for name in (*rulebook.declarations, *CHECKS)} for row in read]
    for place, row in enumerate(rows):
        row["list_verdict"] = "clear"
        for name in sorted(row)[place % 37 :: 37] if place % 4 == 0 else ():
            row[name] = None
    frame = build_frame("cn-micro", rows)
    fate = [None if place % 7 == 0 else place % 5 == 0 for place in range(frame.height)]
    weight = [1.0 + place % 3 for place in range(frame.height)]
    return frame.with_columns(pl.Series("bad", fate, dtype=pl.Boolean), pl.Series("weight", weight))


@cache
def as_decided() -> backtest.Cases:
    return backtest.Cases(decide_frame(population(), BOOK), population())


def tell(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    decided = decide_frame(frame, BOOK)
    cases, marked = backtest.Cases(decided, frame), backtest.mark_rules(BOOK.policy, decided)
    told = backtest.tell_rules([backtest.tally_rules(marked, cases)], [backtest.tally_overlap(marked, cases)])
    return {row["rule"]: row for row in told}


@pytest.mark.parametrize("rule", [rule.name for rule in BOOK.policy.rules])
def test_leaving_a_rule_out_changes_what_it_says(rule: str) -> None:
    """POL-05: each rule's marginal effect equals deciding anew without it, offer by offer."""
    frame, whole = population(), as_decided()
    kept = [one.name for one in BOOK.policy.rules if one.name != rule]
    without = backtest.Cases(decide_frame(frame, replace(BOOK, policy=keep_rules(BOOK.policy, kept, BOOK))), frame)
    told = told_once()[rule]
    gained = without.lends & ~whole.lends
    assert not np.any(whole.lends & ~without.lends), "a rule only ever stands in the way"
    assert told["offers_gained"] == whole.weight[gained].sum()
    assert told["bads_gained"] == whole.weight[gained & whole.bad].sum()
    assert told["known_gained"] == whole.weight[gained & whole.known].sum()
    assert told["visits_saved"] == whole.weight[whole.lane == 2].sum() - whole.weight[without.lane == 2].sum()
    approved = [float(c.weight[c.lends & (c.lane == 0)].sum()) for c in (without, whole)]
    assert told["approved_gained"] == approved[0] - approved[1]


@cache
def told_once() -> dict[str, dict[str, Any]]:
    return tell(population())


def test_some_rule_does_something_and_chunks_add_up() -> None:
    told = told_once()
    assert sum(row["offers_gained"] > 0 for row in told.values()) >= 5
    frame = population()
    pieces = [frame.slice(start, 50) for start in range(0, frame.height, 50)]
    tallies, overlaps = [], []
    for piece in pieces:
        decided = decide_frame(piece, BOOK)
        cases, marked = backtest.Cases(decided, piece), backtest.mark_rules(BOOK.policy, decided)
        tallies.append(backtest.tally_rules(marked, cases))
        overlaps.append(backtest.tally_overlap(marked, cases))
    again = {row["rule"]: row for row in backtest.tell_rules(tallies, overlaps)}
    for name, row in told.items():
        for key in ("against", "alone", "offers_gained", "bads_gained", "hit", "missing"):
            assert again[name][key] == pytest.approx(row[key])


def test_no_part_left_out_gives_the_same_and_each_left_out_does_what_its_name_says() -> None:
    """POL-04, POL-06: ablation of the five parts, and the house with rules only."""
    found = measure_parts(population(), BOOK, fraud_rules=["phone_shared", "device_shared"])
    assert set(found) == {"whole", *(f"without_{part}" for part in backtest.PARTS), "rules_only"}
    assert found["without_automation"].approved == 0 == found["without_automation"].lanes["A"]
    assert found["without_strategy"].lanes["A"] == found["without_strategy"].lanes["B"] == 0
    assert found["without_policy"].offered >= found["whole"].offered
    assert found["rules_only"].lanes["C"] > 0 and found["rules_only"].lanes["A"] == 0
    assert found["rules_only"].workload.minutes > found["whole"].workload.minutes


def test_nobody_is_better_off_without_a_fact() -> None:
    """Law 4, over a whole population: no fact missing for all gives anybody more than he has."""
    losses = backtest.measure_missing(population(), BOOK)
    assert len(losses) > 40
    assert [loss.label for loss in losses if loss.better_off > 0] == []
    assert all(loss.offered_change <= 0 for loss in losses)


def test_the_grey_zone_by_hand() -> None:
    """POL-05, POL-07: zones are policy's own; at the rules' bad rate the surest are taken first."""
    frame = population()
    cases = backtest.Cases(decide_frame(frame, BOOK), frame)
    zone = backtest.measure_grey(cases)
    assert sum(z.applications for z in zone.zones.values()) == pytest.approx(cases.weight.sum())
    floor = cases.decided.get_column("policy_lane").to_list()
    pool = sorted(
        (chance, weight, bad)
        for lane, chance, weight, bad in zip(
            floor, cases.chance.tolist(), cases.weight.tolist(), frame.get_column("bad"), strict=True
        )
        if lane != "decline" and bad is not None and not math.isnan(chance)
    )
    line, best = zone.equal_risk.bad_rate, 0.0
    assert line is not None
    for end in {chance for chance, _, _ in pool}:
        taken = [(w, b) for c, w, b in pool if c <= end]
        count, bads = sum(w for w, _ in taken), sum(w for w, b in taken if b)
        best = max(best, count if bads <= line * count + 1e-9 else 0.0)
    assert zone.equal_risk.with_cards == best
    price = zone.price
    if price.flat_rate is not None and price.good_rate is not None and price.bad_rate is not None:
        assert min(price.good_rate, price.bad_rate) <= price.flat_rate <= max(price.good_rate, price.bad_rate)


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """A small net: few tiers, lanes and groups, whole-number values and uses, some limits."""
    tiers, lanes, groups = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 5))
    limits = draw(st.integers(0, 2))
    cells = tiers * lanes * groups
    value = draw(st.lists(st.integers(-20, 20), min_size=cells, max_size=cells))
    use = draw(st.lists(st.integers(-3, 9), min_size=cells * limits, max_size=cells * limits))
    most = draw(st.lists(st.integers(0, 25), min_size=limits, max_size=limits))
    first = sorted(draw(st.lists(st.integers(0, groups), min_size=tiers, max_size=tiers)))
    return Net(
        np.array(value, dtype=np.float64).reshape(tiers, lanes, groups),
        np.array(use, dtype=np.float64).reshape(limits, tiers, lanes, groups),
        np.array(most, dtype=np.float64),
        tuple(first),
    )


@settings(max_examples=300)
@given(nets())
def test_the_search_finds_the_best_there_is(net: Net) -> None:
    """POL-03: cut-offs and lanes that earn most within limits, as good as trying every one."""
    best = 0.0
    for ends, lanes in each_way(*net.value.shape):
        starts = (0, *ends[:-1])
        if any(
            end > start and start < net.start_of(t) for t, (start, end) in enumerate(zip(starts, ends, strict=True))
        ):
            continue
        way = weigh(net, ends, lanes)
        if np.all(np.array(way.use) <= net.most + 1e-9):
            best = max(best, way.value)
    found = find_best(net)
    assert found.is_proven and found.value == pytest.approx(best)
    again = weigh(net, found.ends, found.lanes)
    assert again.value == pytest.approx(found.value)
    assert np.all(np.array(again.use) <= net.most + 1e-9)


def test_cut_offs_of_a_whole_rulebook_keep_their_limits_and_worsen_nobody() -> None:
    """POL-03, SCR-05: on the half that is searched every limit holds, and today's points get no worse a tier."""
    frame = population()
    limits = backtest.read_ceilings("bad_rate<=0.2, visits_per_day<=20")
    found = backtest.optimise(frame, BOOK, limits, default_loss_bps=4_500)
    assert found.is_proven and found.goal == "profit"
    assert found.found_on.bad_rate is not None and found.found_on.bad_rate <= 0.2 + 1e-9
    assert found.found_on.visits_per_day <= 20 + 1e-9
    table = BOOK.tables["tier"]
    for cut in found.cuts:
        if cut.lane != "decline" and cut.low is not None and cut.high is not None:
            for points in (cut.low, cut.high - 1):
                today = table.look_up({"points": points}).outputs
                assert today["lane"] == "decline" or int(str(today["tier"])) >= cut.tier
    lows = [cut.low for cut in found.cuts if cut.low is not None]
    assert lows == sorted(lows, reverse=True) and found.cuts[-1].low is None
    text = backtest.write_tier_table(found)
    assert text.startswith("points,tier,lane,note") and len(text.splitlines()) == len(found.cuts) + 1
