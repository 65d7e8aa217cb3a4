"""Brokers that make customers up: what repeats counts, what is few proves nothing, what comes later is unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory.channel import STEPS, HandedIn, measure_house, measure_sign, screen_agent

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def hand_in(count: int, **same: object) -> list[HandedIn]:
    """So many applications of different people through one agent, alike in what is given."""
    plain = [
        HandedIn(application=f"A-{n}", person=f"p{n}", at=NOON - timedelta(days=n % 60 + 1),
                 amount_cents=21_700_000 + n, device=f"d{n}", ip=f"i{n}", employer=f"e{n}", papers=(f"x{n}",),
                 swing_bps=1_500)
        for n in range(count)
    ]  # fmt: skip
    return [replace(one, **same) for one in plain]  # type: ignore[arg-type]


def test_an_honest_agent_shows_nothing() -> None:
    found = screen_agent("a", hand_in(40), as_of=NOON)
    assert (found.step, found.points, found.reasons) == ("none", 0, ())


@pytest.mark.parametrize(
    ("same", "code"),
    [
        ({"papers": ("lease-7",)}, "CHP-TEMPLATE"), ({"device": "d"}, "CHP-DEVICE"), ({"ip": "i"}, "CHP-IP"),
        ({"employer": "e"}, "CHP-EMPLOYER"), ({"amount_cents": 29_900_000}, "CHP-BUNCHING"),
        ({"swing_bps": 120}, "CHP-EVEN"),
        ({"is_first_payment_bad": True, "outcome_at": NOON - timedelta(days=1)}, "CHP-FIRST-PAYMENT"),
        ({"is_stopped_for_fraud": True}, "CHP-STOPPED"),
    ],
)  # fmt: skip
def test_each_sign_is_told_by_its_own_reason(same: dict[str, object], code: str) -> None:
    """ACQ-09: template reuse, one device, one address, one employer, bunching, even statements, first payments."""
    found = screen_agent("a", hand_in(30, **same), as_of=NOON)
    assert [reason.code for reason in found.reasons] == [code]
    assert found.reasons[0].facts["found"] == found.reasons[0].facts["of"] == 30


def test_what_is_few_is_watched_at_most_and_steps_grow_with_the_signs() -> None:
    same = {"papers": ("lease-7",), "device": "d", "employer": "e", "swing_bps": 100, "amount_cents": 30_000_000}
    assert screen_agent("a", hand_in(7, **same), as_of=NOON).step in ("none", "watch")
    assert screen_agent("a", hand_in(30, **same), as_of=NOON).step == "suspend"
    steps = [
        STEPS.index(screen_agent("a", hand_in(30, **dict(list(same.items())[:count])), as_of=NOON).step)
        for count in range(6)
    ]
    assert steps == sorted(steps) and steps[0] == 0 and steps[-1] == len(STEPS) - 1


def test_an_outcome_that_becomes_known_later_is_not_seen() -> None:
    bad = {"is_first_payment_bad": True, "outcome_at": NOON + timedelta(days=1)}
    rows = hand_in(30, **bad)
    assert screen_agent("a", rows, as_of=NOON).step == "none"
    assert screen_agent("a", rows, as_of=NOON + timedelta(days=2)).points > 0
    later = [replace(row, at=NOON + timedelta(hours=1)) for row in hand_in(30, papers=("x",))]
    assert screen_agent("a", later, as_of=NOON).applications == 0


def test_what_everybody_does_is_held_against_nobody() -> None:
    everybody = hand_in(200, amount_cents=30_000_000)
    house = measure_house(everybody, as_of=NOON)
    assert house["bunching"] == 10_000
    assert screen_agent("a", everybody[:40], as_of=NOON, house=house).step == "none"


def test_one_person_applying_twice_is_no_template() -> None:
    rows = [replace(row, person="same") for row in hand_in(20, papers=("lease-1",), device="d")]
    assert screen_agent("a", rows, as_of=NOON).step == "none"


@given(found=st.integers(0, 200), more=st.integers(0, 200), prior=st.integers(0, 50), bps=st.integers(0, 10_000))
def test_an_interval_holds_its_share_and_narrows(found: int, more: int, prior: int, bps: int) -> None:
    sign = measure_sign("device", found, found + more, prior_bps=bps, prior=prior, line_bps=3_000)
    assert 0 <= sign.low_bps <= sign.share_bps <= sign.high_bps <= 10_000
    tenfold = measure_sign("device", 10 * found, 10 * (found + more), prior_bps=bps, prior=10 * prior, line_bps=3_000)
    assert tenfold.high_bps - tenfold.low_bps <= sign.high_bps - sign.low_bps + 1
