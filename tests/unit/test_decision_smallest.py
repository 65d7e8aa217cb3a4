"""The smallest changes: what one applicant could do to be offered more, told only after deciding again."""

from __future__ import annotations

from typing import Any

import pytest

from creditfactory import decision
from creditfactory.decision.changeable import CHANGEABLE, LINKS, SHOWN
from creditfactory.decision.smallest import Move, apply_moves, rank_of
from creditfactory.labels import CATALOGUE
from tests.properties.test_decision_columns import book_of, people

BOOK = book_of("cn-micro")
FACTS = people()[:24]


@pytest.mark.parametrize("facts", FACTS)
def test_every_change_told_is_within_reach_and_does_what_it_says(facts: dict[str, Any]) -> None:
    """DEC-09, POL-05: never age or a protected fact, at most three labels, and the new answer is the one decided."""
    now = decision.decide_labels(facts, BOOK)
    for change in decision.smallest_changes(facts, BOOK):
        assert 1 <= len(change.labels) <= 3
        for one in change.labels:
            label = CATALOGUE[one.label]
            assert not label.is_protected and one.label not in ("age_years", "education", "industry_section")
            assert one.label in CHANGEABLE or (one.was is None and label.source in SHOWN)
            if one.label in CHANGEABLE and one.was is not None and CHANGEABLE[one.label].goes != "words":
                assert isinstance(one.was, int) and isinstance(one.becomes, int)
                assert (one.becomes < one.was) is (CHANGEABLE[one.label].goes == "down")
        told = {**facts, **{one.label: one.becomes for one in change.labels}}
        for link in LINKS:
            if any(one.label == link.amount for one in change.labels):
                told[link.share] = int(told[link.amount]) * 10_000 // (link.times * int(told[link.whole]))
        again = decision.decide_labels(told, BOOK)
        assert rank_of(again) < rank_of(now)
        assert (again.verdict, again.lane, again.offer.amount_cents) == (
            change.verdict,
            change.lane,
            change.amount_cents,
        )


def test_fewer_labels_come_first_and_no_larger_set_holds_a_smaller_one() -> None:
    for facts in FACTS:
        sets = [frozenset(one.label for one in change.labels) for change in decision.smallest_changes(facts, BOOK)]
        assert [len(labels) for labels in sets] == sorted(len(labels) for labels in sets)
        assert not any(one < other for one in sets for other in sets)


def test_an_amount_just_above_the_instant_lane_is_told_to_ask_for_less() -> None:
    sound = next(f for f in FACTS if decision.decide_labels(f, BOOK).verdict == "approve")
    most = BOOK.parameters["lane_a_amount_cents_max"]
    facts = {**sound, "requested_amount_cents": most + 5_000_000}
    assert decision.decide_labels(facts, BOOK).lane == "B"
    first = decision.smallest_changes(facts, BOOK)[0]
    assert [(one.label, one.by) for one in first.labels] == [("requested_amount_cents", "ask")]
    assert first.labels[0].becomes == most and first.lane == "A"


def test_who_has_the_best_answer_has_nothing_to_change() -> None:
    sound = next(f for f in FACTS if decision.decide_labels(f, BOOK).verdict == "approve")
    assert decision.smallest_changes(sound, BOOK) == ()


def test_what_only_age_decides_cannot_be_changed() -> None:
    sound = next(f for f in FACTS if decision.decide_labels(f, BOOK).verdict == "approve")
    too_old = {**sound, "age_years": BOOK.parameters["age_years_max"] + 30}
    assert decision.decide_labels(too_old, BOOK).verdict == "decline"
    assert decision.smallest_changes(too_old, BOOK, wanted="offer") == ()


def test_a_share_follows_its_amount() -> None:
    told = {"monthly_due_cents": 500, "verified_income_cents": 1_000, "debt_to_income_bps": 5_000}
    assert apply_moves(told, [Move("monthly_due_cents", 300, "act", 1, 0.4)])["debt_to_income_bps"] == 3_000
