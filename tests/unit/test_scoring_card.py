"""A points card: read strictly, scored with reasons, stopped by what is absent or broken."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest

from creditfactory import scoring
from creditfactory.kernel import BadInput, Reason

CARD: dict[str, Any] = {
    "name": "shop",
    "version": "v001",
    "target": "default within 36 months",
    "method": "expert",
    "pdo": 20,
    "base_points": 600,
    "base_odds": 30,
    "intercept_points": 500,
    "characteristics": [
        {
            "label": "overdue_months",
            "type": "number",
            "bins": [
                {"from": None, "to": 1, "points": 60},
                {"from": 1, "to": 3, "points": 20, "reason": "SCO-LATE"},
                {"from": 3, "to": None, "points": -40, "reason": "SCO-LATE"},
            ],
            "special": [{"values": [-1, 99], "points": 7}],
        },
        {
            "label": "owns_home",
            "type": "word",
            "bins": [{"words": ["yes"], "points": 30}, {"words": ["no"], "points": 5}],
            "missing": {"points": -10, "reason": "SCO-HOME"},
        },
    ],
    "calibration": {"slope": -0.02, "intercept": 8},
}


def labels(**facts: Any) -> dict[str, Any]:
    return {"overdue_months": 0, "owns_home": True, **facts}


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({}, 590),
        ({"overdue_months": 1}, 550),
        ({"overdue_months": 2}, 550),
        ({"overdue_months": 3}, 490),
        ({"overdue_months": 0.999}, 590),
        ({"overdue_months": 99}, 537),
        ({"overdue_months": 98.999}, 490),
        ({"owns_home": False}, 565),
        ({"owns_home": None}, 550),
        ({"overdue_months": None}, None),
        ({"overdue_months": "1"}, None),
        ({"overdue_months": True}, None),
        ({"overdue_months": math.nan}, None),
        ({"overdue_months": math.inf}, None),
        ({"owns_home": "maybe"}, None),
        ({"owns_home": 1}, None),
    ],
)
def test_points_by_class_and_none_where_there_is_no_class(facts: dict[str, Any], points: int | None) -> None:
    answer = scoring.score(scoring.read_card(CARD), labels(**facts))
    assert answer.points == points and answer.is_missing == (points is None)


def test_a_score_tells_its_parts_its_chance_of_bad_and_where_points_were_lost() -> None:
    answer = scoring.score(scoring.read_card(CARD), labels(overdue_months=4, owns_home=False))
    assert [(p.label, p.bin, p.points) for p in answer.parts] == [
        ("overdue_months", "[3, +∞)", -40),
        ("owns_home", "no", 5),
    ]
    assert answer.probability == pytest.approx(1 / (1 + math.exp(-(8 - 0.02 * 465))))
    assert [r.code for r in answer.reasons] == ["SCO-LATE", "SCO-POINTS-LOST"]


def test_law_4_an_absent_label_stops_the_card_and_says_which() -> None:
    answer = scoring.score(scoring.read_card(CARD), {"owns_home": True})
    assert answer.reasons == (Reason("SCO-FACT-ABSENT", {"card": "shop", "label": "overdue_months"}),)


def test_SCR_02_the_master_card_reads_the_points_of_the_others_and_stops_when_one_stopped() -> None:
    master = {
        **CARD,
        "name": "master",
        "role": "master",
        "characteristics": [
            {
                "label": "shop_points",
                "type": "number",
                "bins": [{"from": None, "to": 560, "points": 0}, {"from": 560, "to": None, "points": 80}],
            }
        ],
    }
    cards = {c["name"]: scoring.read_card(c) for c in (CARD, master)}
    good, bad = (scoring.score_cards(cards, labels(overdue_months=m)) for m in (0, 3))
    assert good.final is good.master and good.master is not None and bad.master is not None
    assert (good.master.points, bad.master.points) == (580, 500)
    stopped = scoring.score_cards(cards, labels(overdue_months=None))
    assert stopped.final is not None and stopped.final.is_missing
    assert [r.code for r in stopped.reasons] == ["SCO-FACT-MISSING", "SCO-FACT-ABSENT"]


def test_a_single_card_grades_by_itself_and_no_card_grades_nobody() -> None:
    card = scoring.read_card(CARD)
    assert scoring.score_cards({"shop": card}, labels()).final == scoring.score(card, labels())
    assert scoring.score_cards({}, labels()).final is None


def faulty(change: Any) -> dict[str, Any]:
    card = copy.deepcopy(CARD)
    change(card)
    return card


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c.pop("name"), "name: found nothing"),
        (lambda c: c.update(intercept_points=1.5), "intercept_points: found 1.5, expected whole points"),
        (lambda c: c["characteristics"][0]["bins"][0].update({"from": 0}), r"bins\[0\].from: found 0, expected null"),
        (lambda c: c["characteristics"][0]["bins"][2].update({"to": 9}), r"bins\[2\].to: found 9, expected null"),
        (lambda c: c["characteristics"][0]["bins"][1].update({"from": 2}), r"bins\[1\].from: found 2, expected 1"),
        (lambda c: c["characteristics"][0]["bins"][1].update({"from": 0}), r"bins\[1\].from: found 0, expected 1"),
        (
            lambda c: c["characteristics"][0]["bins"][1].update({"to": 1}),
            r"bins\[1\].to: found 1, expected more than 1",
        ),
        (lambda c: c["characteristics"][0]["bins"][0].update({"points": True}), "whole points"),
        (lambda c: c["characteristics"][0]["bins"][0].update({"to": math.nan}), "a finite number"),
        (lambda c: c["characteristics"][1]["bins"][1].update({"words": ["yes"]}), "each word in one class"),
        (lambda c: c["characteristics"][1]["bins"][1].update({"words": []}), "a list of words"),
        (lambda c: c["characteristics"][1].update({"label": "overdue_months"}), "each label once"),
        (lambda c: c["characteristics"][1].update({"type": "text"}), "'number' or 'word'"),
        (lambda c: c.update(characteristics=[]), "a list"),
        (
            lambda c: c["characteristics"][0].update(
                special=[{"values": [9, -1], "points": 1}, {"values": [9], "points": 2}]
            ),
            "special: found 9 twice, expected each code once",
        ),
        (lambda c: c["characteristics"][0].update(special=[{"values": [], "points": 1}]), "a list of finite numbers"),
        (lambda c: c["characteristics"][1].update(special=[{"values": [9], "points": 1}]), "codes on words"),
        (lambda c: c["calibration"].pop("slope"), "calibration.slope"),
        (lambda c: c.update(calibration=7), "calibration: found 7"),
    ],
)
def test_a_card_with_a_fault_is_refused_at_its_place(change: Any, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        scoring.read_card(faulty(change))


@pytest.mark.parametrize(
    ("applies", "months", "points"),
    [
        (True, 0, 590), (True, 2, 550), (True, None, None), (False, None, 545), (False, 9, 545), (None, 0, None),
        (1, 0, None), ("no", None, None),
    ],
)  # fmt: skip
def test_a_question_that_does_not_apply_gives_its_own_points_and_never_counts_as_missing(
    applies: Any, months: int | None, points: int | None
) -> None:
    """SCR-01: what a source cannot know of somebody is told apart from what somebody left out."""
    card = copy.deepcopy(CARD)
    card["characteristics"][0] |= {"applies": "has_record", "absent": {"points": 15, "reason": "SCO-NEW"}}
    answer = scoring.score(scoring.read_card(card), labels(overdue_months=months, has_record=applies))
    assert answer.points == points
    if applies is False:
        assert (answer.parts[0].bin, answer.reasons[0].code) == ("not applicable", "SCO-NEW")
    if isinstance(applies, str) or type(applies) is int:
        assert [(r.code, r.facts["label"]) for r in answer.reasons] == [("SCO-FACT-BROKEN", "has_record")]
    absent = scoring.score(scoring.read_card(card), labels())
    assert [(r.code, r.facts["label"]) for r in absent.reasons] == [("SCO-FACT-ABSENT", "has_record")]


def test_what_applies_and_its_points_come_together() -> None:
    card = copy.deepcopy(CARD)
    card["characteristics"][0]["applies"] = "has_record"
    with pytest.raises(BadInput, match="absent: found nothing, expected applies and absent together, or neither"):
        scoring.read_card(card)
    card["characteristics"][0]["absent"] = {"points": 1}
    assert "has_record" in scoring.read_card(card).labels
