"""The index against the plain count on random networks: every indicator, at any instant, in any order of arrival."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import network
from creditfactory.network.index import NONE
from creditfactory.network.plain_reference import PlainNetwork, look_plainly
from creditfactory.network.scratch import DAY, LIMITS, Limits

SMALL = Limits(hub=6, visits=12, links=60, own=2, community=5, walk=200 * DAY)
CODES = [kind.code for kind in network.KINDS]


def draw_network(seed: int, limits: Limits, size: int) -> tuple[network.NetworkIndex, PlainNetwork, random.Random]:
    """A random market: few things for many applications, late ties, repeated persons, outcomes, some forgotten."""
    chance = random.Random(seed)
    span = chance.choice((5, 60, 400)) * DAY
    rows, outcomes = [], []
    for application in range(1, size + 1):
        at = chance.randrange(span) if chance.random() < 0.8 else chance.randrange(5) * DAY
        for number, kind in enumerate(CODES):
            if chance.random() < (0.9 if number == 0 else 0.6):
                for _ in range(2 if kind == "contact" else 1):
                    late = chance.randrange(30 * DAY) if chance.random() < 0.1 else 0
                    few = size // 2 + 1 if number == 0 else chance.choice((3, size // 3 + 1, size))
                    rows.append((application, kind, f"{kind}-{chance.randrange(few)}", at + late))
                if kind == "person" and rows[-1][3] != at:
                    rows[-1] = (*rows[-1][:3], at)
        for _ in range(chance.choice((0, 0, 1, 2))):
            outcomes.append((application, at + chance.randrange(-2 * DAY, 60 * DAY), chance.random() < 0.4))
    index, plain = network.NetworkIndex(limits), PlainNetwork(limits)
    for application, kind, token, known in rows:
        plain.add(application, kind, token, known)
    for application, known, is_fraud in outcomes:
        plain.turn(application, known, is_fraud=is_fraud)
    first = {(a, k, t): at for a, k, t, at in reversed(rows)}
    unique = [(*key, at) for key, at in first.items()]
    take_in(index, unique, outcomes, chance)
    gone = [a for a in range(1, size + 1) if chance.random() < 0.05]
    for application in gone:
        plain.forget(application)
    index.forget(gone)
    return index, plain, chance


def take_in(index: network.NetworkIndex, rows: list, outcomes: list, chance: random.Random) -> None:
    """In random order and in pieces, a part of it twice."""
    events = [("tie", row) for row in rows] + [("turn", row) for row in outcomes]
    events += chance.sample(events, len(events) // 4)
    chance.shuffle(events)
    while events:
        piece, events = events[:17], events[17:]
        epoch, step = network.index.EPOCH, network.index._MICROSECOND
        index.add([network.Tie(row[0], row[1], row[2], epoch + row[3] * step) for what, row in piece if what == "tie"])
        index.turn([network.Turned(row[0], epoch + row[1] * step, row[2]) for what, row in piece if what == "turn"])


def compare(index: network.NetworkIndex, plain: PlainNetwork, application: int, as_of: int) -> dict[str, tuple]:
    """Where the two differ."""
    numbers, bads = index.look(application, as_of)
    expected, expected_bads = look_plainly(plain, application, as_of)
    found = {i.name: None if n == NONE else n for i, n in zip(network.INDICATORS, numbers.tolist(), strict=True)}
    assert bads == expected_bads
    return {name: (found[name], value) for name, value in expected.items() if found[name] != value}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), limits=st.sampled_from([SMALL, LIMITS]), size=st.integers(2, 60))
def test_every_indicator_equals_the_plain_count(seed: int, limits: Limits, size: int) -> None:
    """GRA-01: degrees, velocity, hops, closeness, community and rings, as of any instant."""
    index, plain, chance = draw_network(seed, limits, size)
    for _ in range(6):
        application = chance.randrange(1, size + 1)
        at = min(plain.touches[application].values(), default=0)
        as_of = at + chance.choice((0, 1, DAY, 90 * DAY, chance.randrange(400 * DAY)))
        assert compare(index, plain, application, as_of) == {}
