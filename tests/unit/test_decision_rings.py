"""The network card's word before anything is paid: clear, the analyst looks, or it ends (IDF-01, GRA-01)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from creditfactory import decision, labels, scoring
from creditfactory.application import Applicant, Business, ChannelPath, Dossier, Request
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.kernel import Scalar

PACK = Path(__file__).resolve().parents[2] / "rulebook" / "cn-micro"
BOOK = load_rulebook(PACK, locked=False).at(date(2026, 12, 1))
CARD = BOOK.cards["network_fraud"]
NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
TODAY = NOON.date()
ASKED = Dossier(
    pack="cn-micro", reference="A-1", applied_at=NOON, request=Request(amount_cents=20_000_000, currency="CNY"),
    applicant=Applicant(token="t1"), business=Business(), channel=ChannelPath(kind="direct", company="own"),
)  # fmt: skip

ALONE: dict[str, Scalar] = {label: 0 for label in CARD.labels if label.startswith("network__")}
CLEAN: dict[str, Scalar] = {"contradictions": 0, "form_seconds": 900, "typing_ms_median": 250}


def look(*, has_network_view: bool | None = True, at: date = TODAY, **known: Scalar) -> decision.RingCheck:
    """The card's word where these facts are known of the surroundings and nobody else is in sight."""
    snapshot = labels.compute(ASKED, as_of=NOON, parameters=BOOK.parameters)
    facts = {**snapshot.facts, **ALONE, **CLEAN, "has_network_view": has_network_view, **known}
    return decision.check_ring(replace(snapshot, facts=facts), load_rulebook(PACK, locked=False).at(at))


_TIES_OF_NONE: dict[str, Scalar] = dict.fromkeys(
    (f"network__{kind}__people__all" for kind in ("device", "phone", "card", "contact", "employer", "company", "paper",
                                                  "agent", "address")), 0,
)  # fmt: skip


def _worst() -> dict[str, Scalar]:
    """The values that cost most at each of the card's questions."""
    found: dict[str, Scalar] = {}
    for question in CARD.characteristics:
        tried = {value: scoring.find_bin(question, value) for value in (0, 1, 2, 3, 5, 9, 40, 900, 90_000, 900_000)}
        found[question.label] = min(tried, key=lambda value: tried[value][1].points if tried[value] else 0)
    return found


def test_who_stands_alone_is_never_ended() -> None:
    """With most sources unknown the points lie a little below the line to look at; an empty picture goes to nobody."""
    found = look()
    assert found.verdict in ("clear", "refer")
    assert found.points is not None and found.points > BOOK.parameter("network_points_stop") + 100


def test_who_stands_amid_a_ring_is_stopped_with_what_the_card_saw() -> None:
    """GRA-01: the reasons name points, line, and the questions that cost most."""
    found = look(**_worst())
    assert found.verdict == "stop"
    assert found.reasons[0].code == "POL-NET-POINTS"
    assert found.reasons[0].facts["line"] == BOOK.parameter("network_points_stop")
    assert "SCO-SHARED" in {reason.code for reason in found.reasons[1:]}


def test_between_the_lines_the_analyst_looks() -> None:
    """The lower line ends it, the higher one asks; neither falls together with the other."""
    stop, refer = BOOK.parameter("network_points_stop"), BOOK.parameter("network_points_refer")
    assert stop < refer
    worst = _worst()
    seen = {look(**dict(list(worst.items())[:n])).verdict for n in range(len(worst) + 1)}
    assert {"refer", "stop"} <= seen


@pytest.mark.parametrize("has_view", [False, None])
def test_where_nobody_looked_around_nothing_is_said(has_view: bool | None) -> None:
    assert look(has_network_view=has_view, **_worst()).verdict == "unknown"


def test_before_the_card_was_in_force_nothing_is_said() -> None:
    assert look(at=date(2026, 10, 1), **_worst()).verdict == "unknown"


def _card(name: str, label: str, points: int) -> scoring.Card:
    """A card of one question that costs so many points from 1 on."""
    bins = [{"from": None, "to": 1, "points": 0}, {"from": 1, "to": None, "points": -points}]
    asked = {"label": label, "type": "number", "missing": {"points": 0}, "bins": bins}
    head = {"name": name, "version": "v001", "target": "ring", "method": "expert", "intercept_points": 700}
    return scoring.read_card(
        {**head, "calibration": {"slope": -0.03, "intercept": 14}, "characteristics": [asked]}, place=name
    )


def test_frauds_behind_the_same_mast_end_nobody() -> None:
    """GRA-01: robots on one's address of the net are weighed by a person; on one's device they end it."""
    amid = {**_worst(), **dict.fromkeys((label for label in ALONE if "__people__" in label), 0)}
    beside: dict[str, Scalar] = {
        **amid,
        **_TIES_OF_NONE,
        "network__hop1__frauds__all": 2,
        "network__ip__people__all": 2,
    }
    assert look(**beside).verdict == "refer"
    assert look(**{**beside, "network__device__people__all": 1}).verdict == "stop"


HAND: dict[str, Scalar] = {"form_seconds": 150, "typing_ms_median": 100, "device__behaviour__pastes": 8}


def test_another_hand_on_the_form_ends_nothing() -> None:
    """GRA-01: a bookkeeper fills in for many; where nothing else speaks a person looks, be the points too few."""
    strict = replace(
        BOOK, parameters={**BOOK.parameters, "network_points_stop": BOOK.parameter("network_points_refer")}
    )
    assert _say(strict, HAND).verdict == "refer"
    assert _say(strict, {**HAND, "contradictions": 3}).verdict == "stop"


def test_clean_papers_and_a_clean_hand_do_not_outweigh_known_frauds_around() -> None:
    """GRA-01: the most that a clean appearance can give does not lift who stands amid known frauds over it."""
    clean = sum(question.best_points for question in CARD.characteristics if not question.label.startswith("network__"))
    around: dict[str, Scalar] = {"network__community__bad_share__all": 9_500, "network__hop1__bad_share__all": 10_000,
                                 "network__proximity__frauds__all": 100_000}  # fmt: skip
    amid = sum(scoring.find_bin(question, around.get(question.label, 0))[1].points
               for question in CARD.characteristics if question.label.startswith("network__"))  # fmt: skip
    assert CARD.intercept_points + clean + amid < BOOK.parameter("network_points_refer")


def test_the_machine_ends_nobody_at_a_hub() -> None:
    """GRA-01: a bookkeeper's number serves many for long; a ring's is new. Who shares a hub is looked at instead."""
    for days, verdict in ((300, "refer"), (20, "stop")):
        hub: dict[str, Scalar] = {"network__contact__people__all": 40, "network__contact__age__all": days}
        assert look(**_worst(), **hub).verdict == verdict


def _say(book: decision.Book, known: dict[str, Scalar]) -> decision.RingCheck:
    """The card's word of somebody with nobody around of whom nothing else is known."""
    snapshot = labels.compute(ASKED, as_of=NOON, parameters=BOOK.parameters)
    return decision.check_ring(
        replace(snapshot, facts={**snapshot.facts, **ALONE, "has_network_view": True, **known}), book
    )
