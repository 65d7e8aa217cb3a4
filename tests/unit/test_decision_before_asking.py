"""What is certain before anything is paid for: a rule hit by known facts declines, an unknown one never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from creditfactory import decision, labels
from creditfactory.application import Applicant, Business, ChannelPath, Dossier, Request
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.kernel import Scalar

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
BOOK = load_rulebook("cn-micro", locked=False).at(date(2026, 12, 1))
ASKED = Dossier(
    pack="cn-micro", reference="A-1", applied_at=NOON, request=Request(amount_cents=20_000_000, currency="CNY"),
    applicant=Applicant(token="t1", born_on=date(1985, 5, 1)), business=Business(),
    channel=ChannelPath(kind="direct", company="own"),
)  # fmt: skip


def look(**known: Scalar) -> tuple[str, ...]:
    """The reasons that are certain with these facts known and all others unknown."""
    snapshot = labels.compute(ASKED, as_of=NOON, parameters=BOOK.parameters)
    facts = {name: known.get(name, snapshot.facts[name]) for name in snapshot.facts}
    return tuple(reason.code for reason in decision.check_before_asking(replace(snapshot, facts=facts), BOOK))


def test_nothing_known_is_no_reason_to_decline() -> None:
    assert look() == ()


@pytest.mark.parametrize(
    "known",
    [
        {"network__device__others__30d": 1, "network__employer__others__30d": 1},
        {"network__card__people__all": 2},
        {"network__ring__mutual_contacts__all": 3},
    ],
)
def test_what_is_shared_alone_ends_nothing_before_the_bureau(known: dict[str, Scalar]) -> None:
    """GRA-01: a shared thing refers; only the network card, the analyst, or known bads end it (IDF-01)."""
    assert look(has_network_view=True, **known) == ()


def test_known_bads_by_strong_ties_are_told_before_the_bureau_is_paid() -> None:
    """IDF-01, GRA-01."""
    known: dict[str, Scalar] = {"strong_tie_bads": 2, "network__ring__strong_people__all": 3}
    assert look(has_network_view=True, **known) == ("POL-NET-BAD-TIE",)
    assert look(has_network_view=None, **known) == ()


def test_what_only_refers_is_left_for_the_whole_look() -> None:
    assert look(has_network_view=True, device_others=5, phone_others=4, network__card__people__all=1) == ()


def test_the_same_no_comes_with_everything_known() -> None:
    """A no that is certain early is one of the whole policy's reasons."""
    snapshot = labels.compute(ASKED, as_of=NOON, parameters=BOOK.parameters)
    ring = {"has_network_view": True, "strong_tie_bads": 2, "network__ring__strong_people__all": 3}
    facts = {name: ring.get(name, snapshot.facts[name]) for name in snapshot.facts}
    verdict = decision.check_policy(replace(snapshot, facts=facts), BOOK)
    assert verdict.verdict == "decline" and "POL-NET-BAD-TIE" in {reason.code for reason in verdict.reasons}
