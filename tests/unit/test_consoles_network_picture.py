"""The layout of a neighbourhood: always the same, nothing lost, nothing on top of another, everything on the page."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory.consoles.network_picture import SIZE, lay_out
from creditfactory.network import KINDS, Neighbourhood, NetworkIndex, Tie, Turned, draw_neighbourhood

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def draw(seed_ties: list[tuple[int, int, int]], bads: list[int]) -> Neighbourhood:
    index = NetworkIndex()
    index.add([Tie(a, "person", f"p-{a}", NOON + a * timedelta(hours=1)) for a in range(40)])
    index.add([Tie(a, KINDS[k].code, str(t), NOON + a * timedelta(hours=1)) for a, k, t in seed_ties])
    index.turn([Turned(a, NOON) for a in bads])
    return draw_neighbourhood(index, 39, as_of=NOON + timedelta(days=9))


@settings(max_examples=40, deadline=None)
@given(
    ties=st.lists(st.tuples(st.integers(0, 39), st.integers(1, 10), st.integers(0, 3)), max_size=120),
    bads=st.lists(st.integers(0, 38), max_size=9),
)
def test_nothing_is_lost_and_nothing_leaves_the_page(ties: list[tuple[int, int, int]], bads: list[int]) -> None:
    """GRA-01: every application of the neighbourhood is drawn or counted in a fold, bad ones always drawn."""
    seen = draw(ties, bads)
    drawn = lay_out(seen)
    assert drawn == lay_out(seen)
    assert len(drawn.discs) + sum(fold.count for fold in drawn.folds) == len(seen.applications) == len(drawn.rows)
    assert {n.application for n in seen.applications if n.is_bad} <= {disc.node.application for disc in drawn.discs}
    for node in (*drawn.discs, *drawn.marks, *drawn.folds):
        assert 10 <= node.x <= SIZE - 10 and 10 <= node.y <= SIZE - 10
    assert drawn.discs[0].is_root and (drawn.discs[0].x, drawn.discs[0].y) == (SIZE / 2, SIZE / 2)
    places = [(node.x, node.y) for node in (*drawn.discs, *drawn.marks, *drawn.folds)]
    assert len(set(places)) == len(places)


def test_ten_on_one_device_do_not_touch_each_other() -> None:
    drawn = lay_out(draw([(a, 2, 0) for a in range(39, 25, -1)], [30]))
    for one in drawn.discs:
        for other in drawn.discs:
            assert one is other or math.dist((one.x, one.y), (other.x, other.y)) > 22


def test_an_application_that_touches_nothing_gives_an_empty_picture() -> None:
    assert lay_out(Neighbourhood((), (), (), 0)).discs == ()
