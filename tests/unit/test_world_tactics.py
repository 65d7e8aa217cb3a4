"""Tactics files: read strictly, cast over a year, the same for the same seed; the truth stays out of the dossiers."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from creditfactory import gateways, network
from creditfactory.application import DeviceSession, Dossier, find_evidence
from creditfactory.kernel import BadInput
from creditfactory.world.applications import draw_instant, make_application, make_dossier, show_tokens
from creditfactory.world.casting import cast_roles, find_looks
from creditfactory.world.market import Market, load_market
from creditfactory.world.population import make_person
from creditfactory.world.tactics import TACTICS, load_tactics

BUILDING = load_tactics("building")
SEED = 5


@pytest.fixture(scope="module")
def market() -> Market:
    """The building tactics without lines, which play no part here."""
    found = load_market(tactics="building")
    return replace(found, details=replace(found.details, level="session"))


def members(group: str) -> list[int]:
    """The numbers of the applicants who play this part."""
    roles = cast_roles(BUILDING, SEED)
    return [i for i, role in enumerate(roles) if role.group is not None and role.group.code == group]


def test_every_share_is_cast_and_time_runs_one_way(market: Market) -> None:
    roles = cast_roles(BUILDING, SEED)
    assert len(roles) == BUILDING.applicants and roles == cast_roles(BUILDING, SEED) != cast_roles(BUILDING, SEED + 1)
    count = Counter(role.group.code for role in roles if role.group is not None)
    assert {group.code: round(group.share * BUILDING.applicants) for group in BUILDING.groups} == count
    assert [role.day for role in roles] == sorted(role.day for role in roles)
    days = [draw_instant(market, SEED, i).date() for i in range(0, 20_000, 500)]
    assert (days[-1] - days[0]).days > 300


def touch(market: Market, index: int) -> dict[str, set[str]]:
    """What an applicant touches, by kind."""
    dossier = gateways.read_dossier(make_dossier(market, SEED, index))
    found: dict[str, set[str]] = defaultdict(set)
    for kind, token in network.list_touches(dossier, show_tokens(market, SEED, index)):
        found[kind].add(token)
    return found


def share_within(market: Market, group: str, kind: str) -> float:
    """Of the members of a tactic's largest gang, the share who touch something that another member touches."""
    roles = cast_roles(BUILDING, SEED)
    gang = Counter(roles[i].gang for i in members(group)).most_common(1)[0][0]
    told = [touch(market, i)[kind] for i in members(group) if roles[i].gang == gang]
    seen = Counter(token for tokens in told for token in tokens)
    return sum(any(seen[token] > 1 for token in tokens) for tokens in told) / len(told)


def test_gangs_share_what_their_file_says_and_the_crowd_shares_nothing(market: Market) -> None:
    """GRA-01: rings are planted in what applications touch, and so are the families they are mistaken for."""
    assert share_within(market, "device-rings", "device") > 0.6
    assert share_within(market, "contact-rings", "contact") > 0.7
    assert share_within(market, "contact-rings", "device") == 0
    assert share_within(market, "market-halls", "ip") > 0.7
    assert share_within(market, "market-halls", "device") == 0
    assert share_within(market, "packaging-brokers", "agent") == 1
    assert share_within(market, "families", "address") == 1


def read_device(market: Market, index: int) -> DeviceSession:
    """The session shown, as the factory reads it."""
    session = find_evidence(gateways.read_dossier(make_dossier(market, SEED, index)), DeviceSession)
    assert session is not None and session.behaviour is not None
    return session


def test_three_makes_of_robots_are_three_hands(market: Market) -> None:
    """IDF-03."""
    makes = {
        make: [read_device(market, i) for i in members(make)[:25]]
        for make in ("dumb-robots", "solving-robots", "human-like-robots")
    }
    assert all(d.form_seconds < 25 for d in makes["dumb-robots"])
    assert all(d.behaviour.proof_bits == 17 for d in makes["solving-robots"])
    assert min(d.typing_ms_median for d in makes["human-like-robots"]) >= 90
    headless = {make: sum(bool(d.is_headless) for d in devices) for make, devices in makes.items()}
    assert headless["dumb-robots"] > headless["solving-robots"] > headless["human-like-robots"]


def test_a_gang_that_is_caught_changes_its_looks(market: Market) -> None:
    roles = cast_roles(BUILDING, SEED)
    role = roles[members("changing-rings")[-1]]
    before, after = find_looks(role), find_looks(role, is_caught=True)
    assert after.shares["device"] < before.shares["device"] and after.fresh != before.fresh
    late = replace(role, day=300.0)
    assert find_looks(late).hand == "human" != find_looks(replace(role, day=10.0)).hand
    index = next(i for i in members("changing-rings") if "dev-" in read_device(market, i).device)
    known, unknown = (make_application(market, SEED, index, is_caught=caught) for caught in (False, True))
    assert known["person"] == unknown["person"]


def test_nothing_of_the_truth_is_in_a_dossier(market: Market) -> None:
    for group in BUILDING.groups:
        index = members(group.code)[0]
        text = json.dumps(make_dossier(market, SEED, index))
        person = make_person(market, SEED, index)
        assert person.role is not None and person.role.gang_name is not None
        assert person.role.gang_name not in text and group.code not in text
        assert "gang" not in text and "default" not in text


def test_night_people_apply_at_night_and_robots_around_the_clock(market: Market) -> None:
    hours = [(draw_instant(market, SEED, i) + timedelta(hours=8)).hour for i in members("night-people")[:80]]
    assert all(2 <= hour < 5 for hour in hours)
    robots = {(draw_instant(market, SEED, i) + timedelta(hours=8)).hour for i in members("dumb-robots")}
    assert len(robots) > 12


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("tactics: building", "tactic: building", "odd.yaml: tactics"),
        ("share: 0.015", "share: plenty", "odd.yaml: groups.0.share"),
        ("share: 0.015", "share: 1.5", "odd.yaml: groups.0.share: found 1.5, expected 0 to 1"),
        ("size: {low: 30, high: 80}", "size: {low: 80, high: 30}", "odd.yaml: groups.0.size"),
        ("hand: dumb", "hand: clever", "odd.yaml: groups.0.looks.hand"),
        ("device: 1.0, ip: 1.0, phone: 0.2", "devices: 1.0, ip: 1.0, phone: 0.2", "odd.yaml: groups.0.looks.shares"),
        ("device: 1.0, ip: 1.0, phone: 0.2", "device: 1.1, ip: 1.0, phone: 0.2", "odd.yaml: groups.0.looks.shares.dev"),
        ("code: solving-robots", "code: dumb-robots", "odd.yaml: groups.0.code: found 'dumb-robots'"),
        ("honest: 0.94", "honest: 0.54", "odd.yaml: crowd.kinds: found shares that add up to 0.600"),
        ("caught_share: 0.5 ", "caught_share: 0.5, from_day: 3 #", "odd.yaml"),
        (
            "looks: {fresh: 1, shares: {device: 0.25",
            "looks: {colour: 1, shares: {device: 0.25",
            "changes.0.looks.colour",
        ),
        ("share: 0.060", "share: 0.960", "odd.yaml: groups: found shares that add up to more than 1"),
        ("groups:", "groups: [", "odd.yaml"),
        ("days: 365", "days: 365\ndays: 30", "odd.yaml, line 7: found days a second time"),
        ("days: 365", "days: 365\nweeks: 52", "odd.yaml: weeks: found an unknown field"),
        ("tactics: building", "tactic: building", "odd.yaml: tactics: found nothing, expected this field"),
        ("share: 0.015", "share: plenty", "groups.0.share: found 'plenty', expected a valid number"),
        ("honest: 0.94", "honest: .nan", "odd.yaml: crowd.kinds: found shares that add up to nan"),
    ],
)
def test_a_faulty_file_names_the_place_what_was_found_and_what_was_expected(
    tmp_path: Path, old: str, new: str, place: str
) -> None:
    text = (TACTICS / "building.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "odd.yaml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BadInput) as caught:
        load_tactics(tmp_path / "odd.yaml")
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (b"", "found nothing"),
        (b"- 1", "found [1]"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 5_000, "found"),
        (b"x" * 1_000_001, "1,000,001 bytes"),
        (b"!!python/object/apply:os.getcwd []", "found could not determine a constructor"),
        (b"a: &a [*a]", "recursive"),
    ],
)
def test_what_is_no_tactics_file_at_all_is_told_in_one_sentence(tmp_path: Path, written: bytes, found: str) -> None:
    (tmp_path / "odd.yaml").write_bytes(written)
    with pytest.raises(BadInput) as caught:
        load_tactics(tmp_path / "odd.yaml")
    assert str(caught.value).startswith("odd.yaml")
    assert found in str(caught.value)


def test_unknown_tactics_are_named_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="building"):
        load_tactics("chess")


def test_the_same_file_and_seed_give_the_same_dossiers(market: Market, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text((TACTICS / "building.yaml").read_text("utf-8"), "utf-8")
    again = load_market(tactics=tmp_path / "mine.yaml")
    again = replace(again, details=replace(again.details, level="session"))
    for index in (3, 77, 4_000):
        assert make_dossier(market, SEED, index) == make_dossier(again, SEED, index)
    dossier: Dossier = gateways.read_dossier(make_dossier(market, SEED, 3))
    assert isinstance(dossier.applied_at, datetime)
