"""A card over a frame gives each row exactly what the live card gives that applicant."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import scoring

cut = st.one_of(st.integers(-5, 5), st.sampled_from([0.1, 0.25, 1e-9, 2.5, 0.30000000000000004]))
points = st.integers(-60, 60)
single = st.one_of(st.none(), st.builds(lambda p: {"points": p}, points))


@st.composite
def number_question(draw: st.DrawFn, label: str) -> dict[str, Any]:
    cuts = sorted(draw(st.sets(cut, max_size=5)))
    edges = [None, *cuts, None]
    bins = [{"from": a, "to": b, "points": draw(points)} for a, b in pairwise(edges)]
    codes = draw(st.lists(st.one_of(cut, st.sampled_from([-7, 7, 999])), unique=True, max_size=3))
    groups = [g for g in (codes[:1], codes[1:]) if g]
    special = [{"values": group, "points": draw(points)} for group in groups]
    return {"label": label, "type": "number", "bins": bins, "missing": draw(single), "special": special or None}


@st.composite
def word_question(draw: st.DrawFn, label: str, words: tuple[str, ...]) -> dict[str, Any]:
    bins = [{"words": [w], "points": draw(points)} for w in words[: draw(st.integers(1, len(words)))]]
    return {"label": label, "type": "word", "bins": bins, "missing": draw(single), "other": draw(single)}


@st.composite
def cards(draw: st.DrawFn) -> scoring.Card:
    questions = [
        draw(number_question("whole")),
        draw(number_question("fraction")),
        draw(word_question("word", ("A", "B", "汉"))),
        draw(word_question("flag", ("yes", "no"))),
    ]
    asked = draw(st.lists(st.sampled_from(questions), min_size=1, max_size=4, unique_by=lambda q: q["label"]))
    for question in asked:
        if draw(st.booleans()):
            question |= {"applies": draw(st.sampled_from(["flag", "seen"])), "absent": {"points": draw(points)}}
    return scoring.read_card(
        {
            "name": "c",
            "version": "v001",
            "target": "bad",
            "method": "expert",
            "intercept_points": draw(points),
            "characteristics": asked,
            "calibration": {"slope": -0.02, "intercept": 1},
        }
    )


near = [math.nextafter(x, d) for x in (0.1, 0.25, 2.5, 1e-9) for d in (-9, 9)]
rows = st.lists(
    st.fixed_dictionaries(
        {
            "whole": st.one_of(st.none(), st.integers(-7, 7), st.sampled_from([10**15, 10**15 + 1, -(2**62)])),
            "fraction": st.one_of(st.none(), st.floats(), st.sampled_from([*near, 0.1, 0.25, 2.5, 1e15, 1.1e15])),
            "word": st.one_of(st.none(), st.sampled_from(["A", "B", "汉", "D", ""])),
            "flag": st.one_of(st.none(), st.booleans()),
            "seen": st.one_of(st.none(), st.booleans()),
        }
    ),
    min_size=1,
    max_size=12,
)
SCHEMA = {"whole": pl.Int64, "fraction": pl.Float64, "word": pl.String, "flag": pl.Boolean, "seen": pl.Boolean}


@settings(max_examples=300)
@given(cards(), rows)
def test_columnar_card_equals_live_card(card: scoring.Card, people: list[dict[str, Any]]) -> None:
    found = scoring.score_frame(card, pl.DataFrame(people, schema=SCHEMA))
    assert found.to_list() == [scoring.score(card, one).points for one in people]


def idle(card: scoring.Card, one: dict[str, Any]) -> set[str]:
    """Labels that are not looked at, since every question that asks for them does not apply or may not."""
    read = {q.label for q in card.characteristics if q.applies is None or one[q.applies] not in (False, None)}
    return set(card.labels) - read - {q.applies for q in card.characteristics if q.applies is not None}


@settings(max_examples=100)
@given(cards(), rows, st.sampled_from(sorted(SCHEMA)))
def test_a_label_that_is_not_there_or_of_another_kind_scores_nobody(
    card: scoring.Card, people: list[dict[str, Any]], lost: str
) -> None:
    frame = pl.DataFrame(people, schema=SCHEMA)
    asked = lost in card.labels
    without = [{k: v for k, v in one.items() if k != lost} for one in people]
    expected = [scoring.score(card, one).points for one in without]
    assert scoring.score_frame(card, frame.drop(lost)).to_list() == expected
    assert not asked or expected == [None] * len(people)
    odd: dict[str, Any] = {**people[0], lost: ["a list"]}
    assert scoring.score(card, odd).points is None or not asked or lost in idle(card, odd)
    swapped = frame.with_columns(pl.Series(lost, ["7"] * frame.height if lost != "word" else [7] * frame.height))
    theirs = scoring.score_frame(card, swapped).to_list()
    assert theirs == [scoring.score(card, one).points for one in swapped.to_dicts()]


@settings(max_examples=100)
@given(cards(), rows)
def test_reasons_tell_the_largest_losses_first_and_parts_add_up(
    card: scoring.Card, people: list[dict[str, Any]]
) -> None:
    for one in people:
        answer = scoring.score(card, one)
        if answer.points is None:
            assert answer.reasons and answer.probability is None
            continue
        assert card.intercept_points + sum(p.points for p in answer.parts) == answer.points
        losses = [int(r.facts["best_points"]) - int(r.facts["points"]) for r in answer.reasons]  # type: ignore[arg-type]
        assert losses == sorted(losses, reverse=True) and all(loss > 0 for loss in losses)
