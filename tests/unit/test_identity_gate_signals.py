"""The gate's signals and points, the piece of work, and the rhythm of a hand (IDF-03 to IDF-05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory.application import Behaviour, DeviceMarks
from creditfactory.gateways import load_rulebook
from creditfactory.identity import (
    SIGNALS,
    Velocity,
    check_front_gate,
    check_proof,
    choose_bits,
    find_answer,
    issue_challenge,
    measure_rhythm,
)
from tests.unit.test_identity_front_gate import BARE, HUMAN, KNOWN, NOW

BOOK = load_rulebook(Path(__file__).resolve().parents[2] / "rulebook" / "cn-micro").at(date(2026, 11, 23))
PARAMETERS = BOOK.parameters
CALM = Behaviour(
    pastes=1, corrections=3, focus_losses=0, keys=140, typing_spread_bps=4_500, pointer_straight_bps=9_200,
    pointer_pause_ms=180, touches=0, scrolls=20, proof_ms=400, proof_bits=14, fields_autofilled=1,
    field_seconds=(3, 9, 6, 14, 4),
)  # fmt: skip
OWN_PHONE = DeviceMarks(platform="windows", is_automated=False, has_touch=False, zone_minutes=0)
SEEN = Velocity(
    device_applications_1d=0, device_persons_30d=0, ip_applications_1h=1, ip_persons_1d=1, phone_persons_90d=0,
    person_applications_7d=0, trace_sessions=0, device_listed=0,
)  # fmt: skip
PERSON = replace(HUMAN, behaviour=CALM, marks=OWN_PHONE)


def gate(device: Any = PERSON, identity: Any = KNOWN, velocity: Velocity | None = SEEN, *, own: bool = True) -> Any:
    channel = replace(BARE.channel, company="apply-page" if own else "broker")
    return check_front_gate(replace(BARE, channel=channel, evidence=(device, identity)), PARAMETERS, velocity=velocity)


def test_a_person_at_the_own_page_passes() -> None:
    found = gate()
    assert (found.verdict, found.points, found.reasons) == ("pass", 0, ())


@pytest.mark.parametrize("lacking", ["typing_spread_bps", "proof_bits", "is_automated", "trace_sessions"])
def test_what_the_own_page_could_not_measure_goes_to_a_person_and_never_rejects(lacking: str) -> None:
    device, velocity = PERSON, SEEN
    if lacking == "is_automated":
        device = replace(PERSON, marks=replace(OWN_PHONE, is_automated=None))
    elif lacking == "trace_sessions":
        velocity = replace(SEEN, trace_sessions=None)
    else:
        device = replace(PERSON, behaviour=replace(CALM, **{lacking: None}))
    found = gate(device, velocity=velocity)
    assert found.verdict == "refer"
    assert [(r.code, r.facts["signal"]) for r in found.reasons] == [("GTE-UNKNOWN", lacking)]
    assert gate(device, velocity=velocity, own=False).verdict == "pass", "a broker's page is not ours to measure"


@pytest.mark.parametrize(
    ("velocity", "marks", "code"),
    [
        ({"trace_sessions": 1}, {}, "GTE-RECORDED"), ({"device_listed": 1}, {}, "GTE-DEVICE-LISTED"),
        ({}, {"is_automated": True}, "GTE-AUTOMATED"),
    ],
)  # fmt: skip
def test_one_of_these_stops_by_itself(velocity: dict[str, int], marks: dict[str, Any], code: str) -> None:
    found = gate(replace(PERSON, marks=replace(OWN_PHONE, **marks)), velocity=replace(SEEN, **velocity))
    assert found.verdict == "reject" and found.reasons[0].code == code


def test_a_weak_sign_alone_changes_nothing_and_many_reject_with_their_sum() -> None:
    proxied = gate(replace(PERSON, marks=replace(OWN_PHONE, is_proxy=True)))
    assert (proxied.verdict, proxied.points, dict(proxied.hits)) == ("pass", 10, {"is_proxy": 10})
    shared = gate(velocity=replace(SEEN, device_persons_30d=3))
    assert (shared.verdict, [r.code for r in shared.reasons]) == ("refer", ["GTE-DEVICE-SHARED"])
    ring = gate(velocity=replace(SEEN, device_persons_30d=3, device_applications_1d=4, phone_persons_90d=2))
    assert (ring.verdict, ring.points) == ("reject", 100)
    assert ring.reasons[0].code == "GTE-POINTS" and ring.reasons[0].facts == {"points": 100}


@given(drop=st.sets(st.sampled_from([signal.name for signal in SIGNALS])))
def test_knowing_less_never_adds_points_and_never_passes_more(drop: set[str]) -> None:
    """Unknown adds nothing: whoever hides a sign has no fewer looks, and is never rejected for hiding it."""
    behaviour = replace(CALM, pastes=9, typing_spread_bps=100)
    hidden = replace(behaviour, **{name: None for name in drop if name in Behaviour.__dataclass_fields__})
    seen = replace(SEEN, **{name: None for name in drop if name in Velocity.__dataclass_fields__})
    whole, less = gate(replace(PERSON, behaviour=behaviour)), gate(replace(PERSON, behaviour=hidden), velocity=seen)
    assert less.points <= whole.points
    assert less.verdict != "reject"
    if {"typing_spread_bps"} & drop:
        assert less.verdict == "refer"


def test_the_first_look_asks_for_no_papers() -> None:
    bare = replace(BARE, evidence=(replace(PERSON, is_trap_filled=True),))
    assert check_front_gate(bare, PARAMETERS, is_identity_due=False).verdict == "reject"
    honest = check_front_gate(replace(BARE, evidence=(PERSON,)), PARAMETERS, velocity=SEEN, is_identity_due=False)
    assert honest.verdict == "pass"


def test_every_signal_with_points_has_its_line_and_its_words() -> None:
    points, lines = PARAMETERS["gate_points"], PARAMETERS["gate_lines"]
    fixed = {"form_seconds", "typing_ms_median"}
    assert {s.name for s in SIGNALS} == set(points)
    assert {s.name for s in SIGNALS if s.side in ("below", "above")} - fixed == set(lines)
    reasons = BOOK.reasons
    assert {s.code for s in SIGNALS} <= set(reasons)


AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
TASK = issue_challenge(session="s", salt="a", bits=6, at=AT, secret=b"k")
ANSWER = find_answer(TASK)


def show(task: str = TASK, answer: str = ANSWER, session: str = "s", at: datetime = AT, secret: bytes = b"k") -> Any:
    found = check_proof(task, answer, session=session, at=at, minutes_max=60, secret=secret)
    return found.bits, found.fault


def test_work_counts_for_its_own_session_fresh_and_under_our_signature_only() -> None:
    assert show() == (6, None)
    assert show(at=AT + timedelta(minutes=60)) == (6, None)
    assert show(at=AT + timedelta(minutes=61)) == (0, "too_old")
    assert show(at=AT - timedelta(minutes=1)) == (0, "too_old")
    assert show(session="other") == (0, "other_session")
    assert show(secret=b"another") == (0, "not_ours")
    assert show(task=TASK.replace(".6.", ".1.")) == (0, "not_ours")
    assert show(answer="") == (0, "not_given")
    assert show(answer="9" * 21) == (0, "not_solved")


@given(st.text(max_size=60), st.text(max_size=30))
def test_nothing_made_up_counts_as_work(task: str, answer: str) -> None:
    assert show(task=task, answer=answer)[0] == 0


def test_a_busy_address_works_harder_up_to_the_most() -> None:
    assert [choose_bits(14, n, sessions_free=10, bits_max=17) for n in (0, 19, 20, 40, 80, 10**6)] == [
        14,
        14,
        15,
        16,
        17,
        17,
    ]


@given(
    st.lists(st.integers(0, 3_000), max_size=80),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=40),
)
def test_a_rhythm_is_the_same_for_the_same_hand_and_says_nothing_of_too_little(
    gaps: list[int], path: list[tuple[int, int]]
) -> None:
    found = measure_rhythm(gaps, [path], [])
    assert found == measure_rhythm(gaps, [path], [])
    if len([g for g in gaps if g <= 2_000]) < 12:
        assert found.typing_ms_median is None
    assert found.pointer_straight_bps is None or 0 <= found.pointer_straight_bps <= 10_000


def test_the_same_milliseconds_twice_are_one_trace_and_one_more_is_another() -> None:
    gaps = [90, 130, 75, 210, 160] * 6
    assert measure_rhythm(gaps, [], []).trace == measure_rhythm(list(gaps), [], []).trace != ""
    assert measure_rhythm([*gaps[:-1], 161], [], []).trace != measure_rhythm(gaps, [], []).trace
    assert NOW.tzinfo is not None
