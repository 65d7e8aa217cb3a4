"""Station 1 and the look around: who may hand in, whose the lead is, who shares what with whom (ACQ-04, ACQ-08)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from creditfactory.application import Applicant, Business, ChannelPath, Dossier, Request
from creditfactory.channel import ChannelFacts, attribute_lead, check_admission, rate_bads
from creditfactory.network import Neighbour, look_around

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
DOSSIER = Dossier(
    pack="cn-micro", reference="A", applied_at=NOW, request=Request(amount_cents=20_000_000, currency="CNY"),
    applicant=Applicant(token="t"), business=Business(),
    channel=ChannelPath(kind="offline", company="bright", agent="g1"),
)  # fmt: skip
BRIGHT = ChannelFacts(
    code="bright", name="Bright Broker", kind="offline", grade="B", status="admitted", quota_open_cents=50_000_000,
    deposit_cents=1_000_000, deposit_required_cents=1_000_000, licence_until=date(2026, 3, 2),
)  # fmt: skip
PARAMETERS = {"channel_grades_accepted": ("A", "B", "C"), "channel_deposit_share_bps_min": 10_000}


def test_a_channel_in_good_standing_hands_in_and_its_quota_shrinks() -> None:
    admission = check_admission(BRIGHT, DOSSIER, PARAMETERS)
    assert (admission.grade, admission.quota_left_cents, admission.reasons) == ("B", 30_000_000, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "suspended"}, "CHN-STATUS"),
        ({"status": "left"}, "CHN-STATUS"),
        ({"grade": "D"}, "CHN-GRADE"),
        ({"kind": "online"}, "CHN-KIND"),
        ({"licence_until": date(2026, 3, 1)}, "CHN-LICENCE"),
        ({"deposit_cents": 999_999}, "CHN-DEPOSIT"),
        ({"quota_open_cents": 19_999_999}, "CHN-QUOTA"),
    ],
)
def test_each_reason_against_a_channel(change: dict[str, Any], code: str) -> None:
    assert [r.code for r in check_admission(replace(BRIGHT, **change), DOSSIER, PARAMETERS).reasons] == [code]


def test_an_unknown_or_another_channel_is_never_admitted() -> None:
    for facts in (None, replace(BRIGHT, code="other")):
        admission = check_admission(facts, DOSSIER, PARAMETERS)
        assert [r.code for r in admission.reasons] == ["CHN-UNKNOWN"]
        assert admission.grade is None


def test_every_application_has_exactly_one_path() -> None:
    """ACQ-04."""
    assert attribute_lead(DOSSIER).path == ("offline", "bright", "g1")
    direct = replace(DOSSIER, channel=ChannelPath(kind="direct", company="own"))
    assert attribute_lead(direct).path == ("direct", "own")
    nameless = replace(DOSSIER, channel=ChannelPath(kind="online", company=" "))
    assert [r.code for r in attribute_lead(nameless).reasons] == ["LEA-NO-CHANNEL"]


def test_a_channel_with_few_loans_is_drawn_to_the_house_and_one_with_many_is_not() -> None:
    one_bad = replace(BRIGHT, loans_known=1, bads_known=1)
    many_bad = replace(BRIGHT, loans_known=1_000, bads_known=500)
    assert rate_bads(BRIGHT, prior_share_bps=300, prior_loans=50) == 300
    assert 300 < rate_bads(one_bad, prior_share_bps=300, prior_loans=50) < 600
    assert 4_700 < rate_bads(many_bad, prior_share_bps=300, prior_loans=50) < 5_000


def neighbour(**more: Any) -> Neighbour:
    return Neighbour(**{"application": "B", "tie": "device", "applied_at": NOW - timedelta(days=3), **more})


def test_a_default_that_became_known_later_does_not_colour_the_view() -> None:
    bad = neighbour(bad_known_at=NOW + timedelta(hours=1))
    assert look_around((bad,), as_of=NOW).strong_tie_bads == 0
    assert look_around((bad,), as_of=NOW + timedelta(hours=1)).strong_tie_bads == 1


def test_an_application_that_came_later_is_not_seen() -> None:
    assert look_around((neighbour(applied_at=NOW),), as_of=NOW).device_others == 0


def test_ones_own_earlier_applications_are_counted_apart() -> None:
    own = neighbour(is_same_applicant=True, bad_known_at=NOW - timedelta(days=1))
    old = neighbour(application="C", is_same_applicant=True, applied_at=NOW - timedelta(days=91))
    view = look_around((own, old), as_of=NOW)
    assert (view.device_others, view.strong_tie_bads, view.own_applications_90d) == (0, 0, 1)


def test_one_neighbour_with_two_ties_counts_once_for_each() -> None:
    both = (neighbour(), neighbour(tie="phone"), neighbour(tie="ip", applied_at=NOW - timedelta(days=31)))
    view = look_around(both, as_of=NOW)
    assert (view.device_others, view.phone_others, view.ip_others_30d) == (1, 1, 0)


def test_a_weak_tie_to_a_bad_loan_is_no_strong_one() -> None:
    view = look_around((neighbour(tie="agent", bad_known_at=NOW - timedelta(days=1)),), as_of=NOW)
    assert (view.agent_bads, view.strong_tie_bads) == (1, 0)
