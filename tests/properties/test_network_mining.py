"""Indicator mining: a planted pattern is found, pure noise gives nothing, what became known later changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, hypergeom

from creditfactory import network
from creditfactory.network import INDICATORS, NONE, PLACE, Past, Search, Tie, Turned, mine
from creditfactory.network.mining import bound_false, find_tails

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def draw_past(seed: int, rows: int = 2_000, bad_share: float = 0.05) -> Past:
    """Applications whose surroundings say nothing of how they turned out."""
    chance = np.random.default_rng(seed)
    values = chance.poisson(chance.uniform(0.05, 3, len(INDICATORS)), (rows, len(INDICATORS))).astype(np.int64)
    values[chance.random(values.shape) < 0.05] = NONE
    return Past(values, np.arange(rows, dtype=np.int64), chance.random(rows) < bad_share, np.zeros(rows, dtype=bool))


@pytest.mark.parametrize("seed", range(24))
def test_nothing_is_found_in_pure_noise(seed: int) -> None:
    """GRA-01: some 50,000 patterns tried on outcomes drawn blindly, and none put before a person."""
    mined = mine(draw_past(seed))
    assert mined.patterns == ()
    assert mined.tried > 50_000


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), places=st.permutations(range(60)).map(lambda p: sorted(p[:2])))
def test_a_planted_pair_is_found_whatever_it_is_made_of(seed: int, places: list[int]) -> None:
    """GRA-01: two conditions that mean nothing alone and eight bads in ten together."""
    past = draw_past(seed)
    chance = np.random.default_rng(seed + 1)
    hit = chance.random(len(past.at)) < 0.03
    for place in places:
        column = past.values[:, place]
        column[:] = chance.random(len(column)) < 0.2
        column[hit] = 1
        if INDICATORS[place].polarity == "premium":
            column[:] = 1 - column
    both = np.logical_and.reduce([
        past.values[:, p] == (0 if INDICATORS[p].polarity == "premium" else 1) for p in places
    ])  # fmt: skip
    is_bad = past.is_bad | (both & (chance.random(len(both)) < 0.8))
    best = mine(Past(past.values, past.at, is_bad, past.is_stopped)).patterns[0]
    assert [condition.name for condition in best.conditions] == sorted(INDICATORS[p].name for p in places)
    assert best.held.interval[0] > 0.4 and best.held.lift > 4 and best.chance < 0.05
    assert best.new_bads == int((is_bad & both).sum())


def test_what_holds_only_in_the_older_half_is_no_pattern() -> None:
    past = draw_past(7)
    column = past.values[:, PLACE["network__device__others__7d"]]
    column[:] = np.arange(len(column)) % 40 == 0
    old = np.arange(len(column)) < len(column) // 2
    faded = Past(past.values, past.at, past.is_bad | ((column == 1) & old), past.is_stopped)
    steady = Past(past.values, past.at, past.is_bad | (column == 1), past.is_stopped)
    assert mine(faded).patterns == () and mine(faded).candidates > 0
    assert len(mine(steady).patterns) >= 1


def test_patterns_that_hit_the_same_are_one_and_the_plainest_stands_for_them() -> None:
    past = draw_past(11)
    names = ("network__device__others__7d", "network__device__others__30d", "network__card__people__all")
    for name in names:
        past.values[:, PLACE[name]] = np.arange(len(past.at)) % 40 == 0
    past.values[1:5, PLACE[names[1]]] = 1
    found = mine(Past(past.values, past.at, past.is_bad | (past.values[:, PLACE[names[0]]] == 1), past.is_stopped))
    assert len(found.patterns) == 1
    assert len(found.patterns[0].conditions) == 1 and found.patterns[0].likes >= 1, "the plainest of them"


def test_bads_that_a_rule_stopped_are_not_new() -> None:
    past = draw_past(11)
    column = past.values[:, PLACE["network__device__others__7d"]]
    column[:] = np.arange(len(column)) % 40 == 0
    is_bad = past.is_bad | (column == 1)
    stopped = np.arange(len(column)) % 80 == 0
    best = mine(Past(past.values, past.at, is_bad, stopped)).patterns[0]
    assert best.new_bads == int((is_bad & (column == 1) & ~stopped).sum())


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_chances_are_those_of_the_textbook(seed: int) -> None:
    chance = np.random.default_rng(seed)
    whole = int(chance.integers(5, 3_000))
    bads = int(chance.integers(0, whole + 1))
    hits = chance.integers(0, whole + 1, 40)
    hit_bads = np.array([chance.integers(max(0, h + bads - whole), min(h, bads) + 1) for h in hits])
    tails = find_tails(hits, hit_bads, whole, bads)
    assert np.allclose(tails, hypergeom.sf(hit_bads - 1, whole, bads, hits), rtol=1e-6, atol=1e-12)
    assert np.allclose(bound_false(tails, len(tails)), false_discovery_control(tails))


def lay_market(seed: int, size: int = 1_200) -> tuple[network.NetworkIndex, dict[int, datetime], list[Turned]]:
    """People apply over 300 days; every ring of six comes from one device within a week and turns out bad."""
    chance = np.random.default_rng(seed)
    index, applied, turned = network.NetworkIndex(), {}, []
    for number in range(size):
        ring, place = divmod(number, 6)
        in_ring = ring % 10 == 0
        at = NOON + (300 * number / size) * DAY + (place * timedelta(hours=5) if in_ring else timedelta())
        device = f"ring-{ring}" if in_ring else f"own-{number // 2 if chance.random() < 0.1 else number}"
        index.add([
            Tie(number, "person", f"p-{number}", at), Tie(number, "device", device, at),
            Tie(number, "ip", f"ip-{chance.integers(80)}", at), Tie(number, "agent", f"a-{chance.integers(20)}", at),
            Tie(number, "address", f"ad-{chance.integers(size)}", at),
        ])  # fmt: skip
        applied[number] = at
        if in_ring or chance.random() < 0.03:
            turned.append(Turned(number, at + 40 * DAY))
    return index, applied, turned


def read_past(index: network.NetworkIndex, applied: dict[int, datetime], turned: list[Turned], on: datetime) -> Past:
    ripe = [number for number, at in applied.items() if at + 60 * DAY <= on]
    known = {one.application for one in turned if one.known_at <= on}
    return Past(
        np.array([index.look(number, network.to_instant(applied[number]))[0].copy() for number in ripe]),
        np.array([network.to_instant(applied[number]) for number in ripe]),
        np.array([number in known for number in ripe]), np.zeros(len(ripe), dtype=bool),
    )  # fmt: skip


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_rings_of_a_market_are_found_and_what_is_known_later_changes_nothing(seed: int) -> None:
    """GRA-01: one device, many strangers, in a week; what is planted after the day of mining counts nothing."""
    index, applied, turned = lay_market(seed)
    index.turn(turned)
    on = NOON + 330 * DAY
    before = read_past(index, applied, turned, on)
    mined = mine(before)
    ways = (
        "network__device",
        "network__ring",
        "network__pair",
        "network__hop1",
        "network__community",
        "network__proximity",
    )
    assert any(condition.name.startswith(ways) for condition in mined.patterns[0].conditions)
    assert mined.patterns[0].held.lift > 4
    last = max(applied.values())
    later = [Turned(number, last + (1 + number % 40) * DAY) for number in applied if number % 3 == 0]
    late_ones = [one for one in later if one.known_at > on]
    index.turn(later)
    index.add([Tie(number, "card", f"c-{number % 9}", last + DAY) for number in applied])
    assert len(late_ones) >= 100
    after = read_past(index, applied, [*turned, *late_ones], on)
    assert (after.values == before.values).all()
    assert mine(after) == mined


def test_too_little_past_finds_nothing_and_says_how_much_there_was() -> None:
    past = draw_past(1, rows=6)
    assert mine(past, Search()) == network.Mined((), 6, int(past.is_bad.sum()), 0, 0)
    empty = Past(np.empty((0, len(INDICATORS)), dtype=np.int64), *(np.empty(0, dtype=t) for t in (int, bool, bool)))
    assert mine(empty).applications == 0
