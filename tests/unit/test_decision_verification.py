"""Stations 14 to 16: what officers find out decides something; what they could not find out is a doubt (VER-01..03)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from creditfactory import decision
from creditfactory.decision import Book, OnlineCheckForm, PhoneCheckForm, SiteVisitForm
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook import load_rulebook

SOUND = read_dossier((Path(__file__).resolve().parents[2] / "docs/examples/cn-micro-approve.json").read_bytes())
ONLINE = OnlineCheckForm(
    is_licence_genuine=True, is_address_found=True, is_address_matching=True, is_trading_online=False,
    is_phone_in_service=True, is_phone_shared_with_others=False, are_pictures_reused=False, new_court_cases=0,
)  # fmt: skip
PHONE = PhoneCheckForm(
    was_reached=True, recording="r-1", is_identity_answered=True, is_purpose_confirmed=True,
    sales_monthly_said_cents=35_000_000, employees_said=9, was_fee_taken_by_broker=False,
    was_form_filled_by_other=False, sounds_coached=False, is_consent_read_back=True,
)  # fmt: skip
VISIT = SiteVisitForm(
    is_controller_present=True, is_operating=True, is_licence_original_seen=True, is_purpose_plausible=True, photos=6,
    distance_m=20, initial_capital_cents=50_000_000, profits_retained_cents=80_000_000, withdrawals_cents=30_000_000,
    assets_cents=120_000_000, debts_shown_cents=20_000_000,
)  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Book:
    return load_rulebook("cn-micro", locked=False).at(SOUND.applied_on)


def codes(result: decision.CheckResult) -> list[str]:
    return [reason.code for reason in result.reasons]


@pytest.mark.parametrize(
    ("change", "verdict", "code"),
    [
        ({"is_licence_genuine": False}, "fail", "ONL-LICENCE"),
        ({"are_pictures_reused": True}, "fail", "ONL-PICTURES"),
        ({"is_address_found": False}, "doubt", "ONL-ADDRESS"),
        ({"is_address_matching": False}, "doubt", "ONL-ADDRESS-OTHER"),
        ({"is_phone_in_service": False}, "doubt", "ONL-PHONE"),
        ({"is_phone_shared_with_others": True}, "doubt", "ONL-PHONE-SHARED"),
        ({"new_court_cases": 1}, "doubt", "ONL-COURT"),
        ({"new_court_cases": None}, "doubt", "ONL-UNKNOWN"),
        ({"is_licence_genuine": None}, "doubt", "ONL-UNKNOWN"),
    ],
)
def test_online_check(book: Book, change: dict[str, Any], verdict: str, code: str) -> None:
    assert decision.judge_online_check(ONLINE, SOUND, book).verdict == "ok"
    found = decision.judge_online_check(replace(ONLINE, **change), SOUND, book)
    assert (found.verdict, codes(found)) == (verdict, [code])


@pytest.mark.parametrize(
    ("change", "verdict", "code"),
    [
        ({"is_identity_answered": False}, "fail", "PHO-IDENTITY"),
        ({"is_purpose_confirmed": False}, "fail", "PHO-PURPOSE"),
        ({"was_fee_taken_by_broker": True}, "doubt", "PHO-BROKER-FEE"),
        ({"was_form_filled_by_other": True}, "doubt", "PHO-FILLED-BY-OTHER"),
        ({"sounds_coached": True}, "doubt", "PHO-COACHED"),
        ({"is_consent_read_back": False}, "doubt", "PHO-CONSENT"),
        ({"recording": None}, "doubt", "PHO-NO-RECORDING"),
        ({"sales_monthly_said_cents": 60_000_000}, "doubt", "PHO-SALES"),
        ({"sales_monthly_said_cents": 9_000_000}, "doubt", "PHO-SALES"),
        ({"sales_monthly_said_cents": None}, "doubt", "PHO-UNKNOWN"),
        ({"employees_said": 2}, "doubt", "PHO-EMPLOYEES"),
        ({"is_identity_answered": None}, "doubt", "PHO-UNKNOWN"),
    ],
)
def test_phone_check(book: Book, change: dict[str, Any], verdict: str, code: str) -> None:
    assert decision.judge_phone_check(PHONE, SOUND, book).verdict == "ok"
    found = decision.judge_phone_check(replace(PHONE, **change), SOUND, book)
    assert (found.verdict, codes(found)) == (verdict, [code])


def test_somebody_who_was_not_reached_is_a_doubt_and_nothing_more(book: Book) -> None:
    found = decision.judge_phone_check(PhoneCheckForm(was_reached=False), SOUND, book)
    assert (found.verdict, codes(found)) == ("doubt", ["PHO-NOT-REACHED"])


def test_a_story_is_held_against_statements_obtained_after_the_application(book: Book) -> None:
    later = tuple(
        replace(e, obtained_at=e.obtained_at.replace(hour=5)) if e.kind == "bank_flow" else e for e in SOUND.evidence
    )
    odd = replace(PHONE, sales_monthly_said_cents=60_000_000)
    assert "PHO-SALES" in codes(decision.judge_phone_check(odd, replace(SOUND, evidence=later), book))


@pytest.mark.parametrize(
    ("change", "verdict", "code"),
    [
        ({"is_operating": False}, "fail", "VIS-NOT-OPERATING"),
        ({"is_controller_present": False}, "fail", "VIS-CONTROLLER"),
        ({"is_purpose_plausible": False}, "fail", "VIS-PURPOSE"),
        ({"is_licence_original_seen": False}, "doubt", "VIS-LICENCE"),
        ({"photos": 3}, "doubt", "VIS-PHOTOS"),
        ({"distance_m": 301}, "doubt", "VIS-PLACE"),
        ({"distance_m": None}, "doubt", "VIS-PLACE"),
        ({"mutual_guarantors": 3}, "doubt", "VIS-GUARANTEES"),
        ({"assets_cents": None}, "doubt", "VIS-EQUITY-UNKNOWN"),
        ({"withdrawals_cents": 200_000_000}, "doubt", "VIS-EQUITY-NEGATIVE"),
        ({"is_operating": None}, "doubt", "VIS-UNKNOWN"),
    ],
)
def test_site_visit(book: Book, change: dict[str, Any], verdict: str, code: str) -> None:
    assert decision.judge_site_visit(VISIT, SOUND, book).verdict == "ok"
    found = decision.judge_site_visit(replace(VISIT, **change), SOUND, book)
    assert (found.verdict, codes(found)) == (verdict, [code])


@pytest.mark.parametrize(
    ("assets", "deviation", "expected"),
    [
        (105_000_000, 1_500, []),
        (104_000_000, 1_600, ["VIS-EQUITY-SHORT"]),
        (135_000_000, -1_500, []),
        (136_000_000, -1_600, ["VIS-EQUITY-OVER"]),
    ],
)
def test_the_equity_check_finds_hidden_debts_and_inflated_sales(
    book: Book, assets: int, deviation: int, expected: list[str]
) -> None:
    """权益检验: 500,000 put in + 800,000 kept − 300,000 taken out should leave 1,000,000."""
    found = decision.judge_site_visit(replace(VISIT, assets_cents=assets), SOUND, book)
    assert found.facts["equity_expected_cents"] == 100_000_000
    assert found.facts["equity_deviation_bps"] == deviation
    assert codes(found) == expected


def test_debts_found_on_site_are_weighed_against_the_amount(book: Book) -> None:
    """The amount asked for is 200,000: up to 60,000 of private debts are a doubt, more fail."""
    some = decision.judge_site_visit(replace(VISIT, private_debts_found_cents=6_000_000), SOUND, book)
    many = decision.judge_site_visit(replace(VISIT, private_debts_found_cents=6_000_001), SOUND, book)
    assert (some.verdict, many.verdict) == ("doubt", "fail")
    assert "VIS-DEBTS" in codes(some)
    assert some.facts["equity_actual_cents"] == 94_000_000
