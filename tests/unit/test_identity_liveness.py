"""Whoever lives does what is asked in its time; pictures, recordings and injected frames do not (IDF-02, IDF-04)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory import identity
from creditfactory.identity import Asked, FrameSigns, Sitting

ASKED = (
    Asked(act="straight", from_ms=0, until_ms=1500),
    Asked(act="turn_left", from_ms=1500, until_ms=3900),
    Asked(act="blink", from_ms=3900, until_ms=6300),
    Asked(act="open_mouth", from_ms=6300, until_ms=8900),
)
SITTING = Sitting(
    is_nonce_ours=True, waited_ms=10_000, valid_ms=90_000, frames_seen_before=0, source="camera", faces_apart=0.2
)


def film(acts: dict[str, tuple[int, int]] | None = None, **changed: Any) -> list[FrameSigns]:
    """Ninety frames in which each act is done from and to these milliseconds."""
    done = {"turn_left": (2100, 3000), "blink": (4500, 4800), "open_mouth": (7000, 8000)} if acts is None else acts
    frames = []
    for number in range(90):
        at = 100 * number + number % 3 * 4

        def does(act: str, at: int = at) -> bool:
            return act in done and done[act][0] <= at <= done[act][1]

        yaw = 0.02 + 0.4 * does("turn_left") - 0.4 * does("turn_right")
        frames.append(FrameSigns(
            at_ms=at, digest=f"d{number}", faces=1, yaw=yaw, eyes=0.15 if does("blink") else 0.38,
            mouth=0.35 if does("open_mouth") else 0.03, still_share=0.01, place=(0.5, 0.5, 0.4),
        ))  # fmt: skip
    return [replace(frame, **changed) for frame in frames]


def judge(frames: list[FrameSigns], sitting: Sitting = SITTING, **known: Any) -> identity.Liveness:
    return identity.judge_liveness(ASKED, frames, replace(sitting, **known))


def codes(told: identity.Liveness) -> list[str]:
    return [reason.code for reason in told.reasons]


def test_a_willing_person_passes() -> None:
    told = judge(film())
    assert (told.verdict, told.challenges_passed, told.challenges_asked, told.reasons) == ("passed", 3, 3, ())
    assert (told.is_injected, told.is_replayed) == (False, False)


@pytest.mark.parametrize(
    ("acts", "missed"),
    [
        ({}, ["turn_left", "blink", "open_mouth"]),
        ({"turn_right": (2100, 3000), "blink": (4500, 4800), "open_mouth": (7000, 8000)}, ["turn_left"]),
        ({"blink": (2100, 2400), "open_mouth": (4500, 5500), "turn_left": (7000, 8000)},
         ["turn_left", "blink", "open_mouth"]),
        ({"turn_left": (2100, 3000), "blink": (3950, 8900), "open_mouth": (7000, 8000)}, ["blink"]),
    ],
    ids=["a still picture", "a mirrored film", "the acts in another order", "eyes shut and never opened again"],
)  # fmt: skip
def test_an_act_not_done_in_its_time_fails(acts: dict[str, tuple[int, int]], missed: list[str]) -> None:
    told = judge(film(acts))
    assert told.verdict == "failed"
    assert [r.facts["act"] for r in told.reasons if r.code == "IDV-ACT"] == missed
    assert told.challenges_passed == 3 - len(missed)


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"is_nonce_ours": False}, "IDV-NONCE"), ({"waited_ms": 91_000}, "IDV-LATE"),
        ({"frames_seen_before": 1}, "IDV-SEEN"),
    ],
)  # fmt: skip
def test_a_replay_fails_however_well_it_is_done(known: dict[str, Any], code: str) -> None:
    told = judge(film(), **known)
    assert (told.verdict, told.is_replayed, codes(told)) == ("failed", True, [code])


def test_injected_frames_fail_however_well_they_are_done() -> None:
    early = judge(film(), waited_ms=3_000)
    assert (early.verdict, early.is_injected, codes(early)) == ("failed", True, ["IDV-EARLY"])
    frames = film()
    backwards = [frames[1], frames[0], *frames[2:]]
    assert codes(judge(backwards)) == ["IDV-TIMES"]
    mixed = [replace(frames[47 * place % 90], at_ms=f.at_ms) for place, f in enumerate(frames)]
    assert "IDV-SHUFFLED" in codes(judge(mixed)), "right frames in a wrong order"
    same = [replace(frame, digest=f"d{place // 3}") for place, frame in enumerate(frames)]
    assert codes(judge(same)) == ["IDV-SAME-FRAMES"]


@pytest.mark.parametrize(
    ("changed", "known", "code"),
    [
        ({"still_share": 0.99}, {}, "IDV-FROZEN"), ({"faces": 2}, {}, "IDV-FACES"),
        ({}, {"faces_apart": 0.7}, "IDV-FACE-CHANGED"),
    ],
)  # fmt: skip
def test_what_an_honest_camera_may_do_too_goes_to_a_person(changed: Any, known: Any, code: str) -> None:
    told = judge(film(**changed), **known)
    assert (told.verdict, codes(told)) == ("unsure", [code])


def test_doing_everything_all_the_time_goes_to_a_person() -> None:
    told = judge(film({"turn_left": (2100, 3000), "blink": (4500, 4800), "open_mouth": (2000, 8500)}))
    assert (told.verdict, codes(told)) == ("unsure", ["IDV-ORDER"])


def test_clockwork_and_jumps_go_to_a_person() -> None:
    even = [replace(frame, at_ms=100 * place) for place, frame in enumerate(film())]
    assert codes(judge(even)) == ["IDV-CLOCKWORK"]
    jumping = [replace(f, place=(0.1 if p == 40 else 0.6, 0.5, 0.4)) for p, f in enumerate(film())]
    assert codes(judge(jumping)) == ["IDV-JUMP"]


def test_too_short_with_a_gap_or_without_a_face_is_done_again() -> None:
    assert codes(judge(film()[:25])) == ["IDV-FEW"]
    assert codes(judge(film()[:60])) == ["IDV-FEW"], "the last act was never filmed"
    assert codes(judge([f for f in film() if not 5000 < f.at_ms < 6200])) == ["IDV-FEW"]
    faceless = [replace(f, yaw=None, eyes=None, mouth=None, faces=0) if p % 3 == 0 else f for p, f in enumerate(film())]
    told = judge(faceless)
    assert (told.verdict, told.challenges_passed, codes(told)) == ("failed", 0, ["IDV-NO-FACE"])
    assert judge([]).verdict == "failed"


def test_photographs_as_files_never_pass() -> None:
    still = {"straight": 0, "turn_left": 2500, "blink": 4600, "open_mouth": 7500}
    frames = [min(film(), key=lambda f: abs(f.at_ms - at)) for at in still.values()]
    told = judge(frames, source="files")
    assert told.verdict in ("unsure", "failed")
    assert "IDV-FILES" in codes(told)
    assert judge(film(), source="files").verdict == "unsure"


@given(st.integers(0, 2**128))
def test_a_challenge_is_always_a_fair_one(chance: int) -> None:
    asked, colours = identity.draw_challenge(chance)
    acts = [one.act for one in asked]
    assert acts[0] == "straight" and len(set(acts)) == len(acts) == len(colours) == 4
    assert {"turn_left", "turn_right"} & set(acts) and {"blink", "open_mouth"} & set(acts)
    assert all(2_000 <= one.until_ms - one.from_ms <= 3_000 for one in asked[1:])
    assert all(a.until_ms == b.from_ms for a, b in pairwise(asked))


def test_every_order_comes_as_often_as_another() -> None:
    counts = Counter(
        tuple(one.act for one in identity.draw_challenge(chance)[0]) for chance in range(0, 24 * 25**3, 31)
    )
    assert len(counts) == 24
    assert max(counts.values()) <= 1.2 * min(counts.values())


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=120))
def test_no_film_without_its_nonce_passes(signs: list[tuple[float, float, float]]) -> None:
    frames = [
        FrameSigns(at_ms=97 * n, digest=str(n), faces=1, yaw=y, eyes=e, mouth=m, still_share=0.0, place=(0.5, 0.5, 0.4))
        for n, (y, e, m) in enumerate(signs)
    ]
    assert judge(frames, is_nonce_ours=False).verdict == "failed"


@given(st.floats(0, 2), st.floats(0, 2))
def test_farther_faces_are_never_more_alike(one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert identity.measure_similarity(near) >= identity.measure_similarity(far)
    told = identity.judge_faces(far, faces_on_paper=1, faces_in_portrait=1)
    assert (told.verdict == "same") == (identity.measure_similarity(far) >= 8_000)
    assert told.verdict == "same" or told.reasons
