"""Checks by people: planted inconsistencies are found, each by its own reason (VER-01 to VER-04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from creditfactory import decision
from creditfactory.application import UtilityBills, add_evidence
from creditfactory.decision import OnlineCheckForm, PhoneCheckForm, SiteCounts, SitePhoto, SiteVisitForm
from creditfactory.decision.call_questions import share_wording
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.world.applications import make_dossier
from creditfactory.world.call_answers import answer_drawn
from creditfactory.world.market import load_market
from creditfactory.world.population import make_person

ROOT = Path(__file__).resolve().parents[2]
SOUND = read_dossier((ROOT / "docs/examples/cn-micro-approve.json").read_bytes())
BOOK = load_rulebook(ROOT / "rulebook" / "cn-micro").at(date(2026, 11, 20))
NINE = datetime(2026, 11, 20, 1, tzinfo=UTC)
MARKET = load_market()
PHONE = PhoneCheckForm(
    was_reached=True, recording="r-1", is_identity_answered=True, is_purpose_confirmed=True, is_consent_read_back=True,
    sales_monthly_said_cents=35_000_000, employees_said=9, was_fee_taken_by_broker=False, sounds_coached=False,
    was_form_filled_by_other=False,
)  # fmt: skip
PHOTOS = tuple(
    SitePhoto(what=what, digest=f"{at}" * 8, taken_at=NINE + timedelta(minutes=at), distance_m=12)
    for at, what in enumerate(("door", "licence", "stock", "investigator"), start=3)
)
COUNTS = SiteCounts(
    customers_a_day=300, ticket_cents=4_500, days_open=26, till_day_cents=1_330_000, margin_bps=3_000,
    stock_cents=9_000_000, stock_days=11, rent_cents=1_500_000, wages_cents=3_000_000, other_costs_cents=500_000,
    household_cents=1_000_000, debt_service_cents=500_000, months_open=40, capital_cents=40_000_000,
    spent_elsewhere_cents=0, receivables_cents=5_000_000, equipment_cents=60_000_000, cash_cents=20_000_000,
    deposits_cents=2_000_000, bank_debt_cents=0, supplier_debt_cents=0, other_debt_cents=0,
)  # fmt: skip
VISIT = SiteVisitForm(
    is_controller_present=True, is_operating=True, is_licence_original_seen=True, is_purpose_plausible=True, photos=4,
    distance_m=20, initial_capital_cents=50_000_000, profits_retained_cents=80_000_000, withdrawals_cents=30_000_000,
    assets_cents=120_000_000, debts_shown_cents=20_000_000, arrived_at=NINE, left_at=NINE + timedelta(minutes=45),
    photo_marks=PHOTOS, character_grade=2, product_grade=2, backing_grade=1,
)  # fmt: skip


def codes(result: decision.CheckResult) -> list[str]:
    return [reason.code for reason in result.reasons]


def test_a_clean_visit_raises_nothing() -> None:
    assert codes(decision.judge_site_visit(VISIT, SOUND, BOOK)) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"photo_marks": (*PHOTOS[:3], replace(PHOTOS[3], distance_m=2_000))}, "VIS-PHOTO-PLACE"),
        ({"photo_marks": (*PHOTOS[:3], replace(PHOTOS[3], distance_m=None))}, "VIS-PHOTO-PLACE"),
        ({"photo_marks": (*PHOTOS[:3], replace(PHOTOS[3], taken_at=NINE - timedelta(days=1)))}, "VIS-PHOTO-TIME"),
        ({"photo_marks": (*PHOTOS[:3], replace(PHOTOS[3], taken_at=None))}, "VIS-PHOTO-TIME"),
        ({"photo_marks": (*PHOTOS, PHOTOS[0])}, "VIS-PHOTO-TWICE"),
        ({"left_at": NINE + timedelta(minutes=8)}, "VIS-SHORT"),
        ({"left_at": None}, "VIS-TIME-UNKNOWN"),
        ({"character_grade": 0}, "VIS-GOODS-LOW"),
        ({"counts": replace(COUNTS, till_day_cents=300_000)}, "VIS-COUNTS-APART"),
        ({"counts": replace(COUNTS, household_cents=30_000_000)}, "VIS-NO-FREE-CASH"),
        ({"private_debts_found_cents": 2_000_000}, "VIS-DEBTS"),
        ({"assets_cents": 70_000_000}, "VIS-EQUITY-SHORT"),
        ({"assets_cents": 400_000_000}, "VIS-EQUITY-OVER"),
    ],
)
def test_a_planted_inconsistency_of_a_visit_is_found(change: dict[str, Any], code: str) -> None:
    """VER-03: each is a doubt under its own name, and only the one planted is raised (and what follows from it)."""
    found = decision.judge_site_visit(replace(VISIT, **change), SOUND, BOOK)
    assert found.verdict == "doubt" and code in codes(found)
    assert set(codes(found)) - {code} <= {"VIS-PHOTO-TIME"}


def test_photos_shown_in_another_case_are_found() -> None:
    found = decision.judge_site_visit(VISIT, SOUND, BOOK, seen_before=frozenset({PHOTOS[1].digest}))
    assert codes(found) == ["VIS-PHOTO-TWICE"]


def test_a_meter_that_runs_much_slower_than_its_bills_is_found() -> None:
    """三表: the meter on the wall against twelve bills."""
    months = tuple(date(2026, month, 1) for month in range(1, 11))
    bills = UtilityBills(
        obtained_at=SOUND.applied_at, month=months, meter=("electricity",) * 10, quantity=(900,) * 10,
        bill_cents=(90_000,) * 10, due_on=months, paid_on=months,
    )  # fmt: skip
    metered = add_evidence(SOUND, bills)
    assert codes(decision.judge_site_visit(replace(VISIT, power_kwh_month=880), metered, BOOK)) == []
    assert codes(decision.judge_site_visit(replace(VISIT, power_kwh_month=200), metered, BOOK)) == ["VIS-METER"]
    assert codes(decision.judge_site_visit(replace(VISIT, power_kwh_month=200), SOUND, BOOK)) == []


def test_the_counts_stand_in_for_an_equity_nobody_wrote_down() -> None:
    """The nine lines can come from what was counted; with one count missing the equity stays unknown."""
    bare = replace(VISIT, initial_capital_cents=None, counts=COUNTS)
    assert "VIS-EQUITY-UNKNOWN" not in codes(decision.judge_site_visit(bare, SOUND, BOOK))
    less = replace(bare, counts=replace(COUNTS, capital_cents=None))
    assert "VIS-EQUITY-UNKNOWN" in codes(decision.judge_site_visit(less, SOUND, BOOK))


@given(hidden=some.integers(0, 10**9))
def test_a_debt_kept_out_of_the_books_shows_in_the_equity(hidden: int) -> None:
    """B.2: money that was borrowed and not shown, and is gone, is missing from what is there by exactly its size."""
    honest = decision.rebuild_accounts(COUNTS, deviation_bps_max=1_500).equity
    assert COUNTS.equipment_cents is not None
    lied = decision.rebuild_accounts(
        replace(COUNTS, equipment_cents=COUNTS.equipment_cents - hidden), deviation_bps_max=1_500
    ).equity
    assert honest is not None and lied is not None
    assert honest.expected_cents == lied.expected_cents and honest.actual_cents is not None
    assert lied.actual_cents == honest.actual_cents - hidden


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_reading_out": True}, "PHO-COACHING-SIGNS"),
        ({"is_prompted": True, "has_voices_behind": True}, "PHO-COACHING-SIGNS"),
        ({"long_pauses": 4, "has_voices_behind": True}, "PHO-COACHING-SIGNS"),
        ({"purpose_said": "我想扩大经营多进一批货准备过年"}, "PHO-COACHING-SIGNS"),
    ],
)
def test_signs_of_coaching_are_weighed(change: dict[str, Any], code: str) -> None:
    """VER-02: one light sign is none, a heavy one or two light ones are a doubt; the same words are heavy."""
    others = ("我想扩大经营,多进一批货准备过年。", "修店面")
    asked = ("card_limits",)
    plain = replace(PHONE, answers={"card_limits": decision.know_answers(SOUND, SOUND.applied_at)["card_limits"]})
    assert code not in codes(decision.judge_phone_check(plain, SOUND, BOOK, asked=asked, others=others))
    light = replace(plain, has_voices_behind=True)
    assert code not in codes(decision.judge_phone_check(light, SOUND, BOOK, asked=asked, others=others))
    found = decision.judge_phone_check(replace(plain, **change), SOUND, BOOK, asked=asked, others=others)
    assert code in codes(found) and found.verdict == "doubt"


def test_short_or_different_words_are_not_the_same() -> None:
    assert share_wording("stock", ["stock"]) == 0
    assert share_wording("renovate the front room of the shop", ["buy flour and sugar for the winter"]) < 1_000


def test_drawn_questions_are_the_cases_own() -> None:
    """VER-02: the same case draws the same, other cases draw others and in another order; no more than there are."""
    known = decision.know_answers(SOUND, SOUND.applied_at)
    draws = {
        seed: tuple(q.code for q in decision.draw_questions(SOUND, SOUND.applied_at, seed=seed, count=3))
        for seed in map(str, range(20))
    }
    assert draws["1"] == tuple(q.code for q in decision.draw_questions(SOUND, SOUND.applied_at, seed="1", count=3))
    assert len(set(draws.values())) > 10
    assert all(set(drawn) <= set(known) for drawn in draws.values())
    assert len(decision.draw_questions(SOUND, SOUND.applied_at, seed="1", count=99)) == len(known)
    earlier = SOUND.applied_at - timedelta(days=3650)
    assert decision.draw_questions(SOUND, earlier, seed="1", count=3) == ()


def test_every_question_has_both_languages() -> None:
    assert all(question.en.endswith("?") and question.zh.endswith("?") for question in decision.QUESTIONS.values())


@pytest.mark.parametrize(("right", "verdict", "code"), [(3, "ok", None), (1, "doubt", "PHO-KNOWLEDGE"), (0, "fail", "PHO-KNOWLEDGE-NONE")])  # fmt: skip # noqa: E501
def test_who_knows_too_little_of_the_own_accounts_is_not_believed(right: int, verdict: str, code: str | None) -> None:
    known = decision.know_answers(SOUND, SOUND.applied_at)
    asked = tuple(sorted(known))[:3]
    answers = {code: known[code] if at < right else None for at, code in enumerate(asked)}
    found = decision.judge_phone_check(
        replace(PHONE, answers=answers, sales_monthly_said_cents=35_000_000), SOUND, BOOK, asked=asked
    )
    assert found.verdict == verdict
    assert code is None or code in codes(found)


def test_a_call_without_questions_is_a_doubt_where_the_pack_asks_for_them() -> None:
    assert "PHO-NO-QUESTIONS" in codes(decision.judge_phone_check(PHONE, SOUND, BOOK))
    earlier = load_rulebook(ROOT / "rulebook" / "cn-micro").at(date(2026, 6, 1))
    assert "PHO-NO-QUESTIONS" not in codes(decision.judge_phone_check(PHONE, SOUND, earlier))


def test_strangers_fail_the_drawn_questions_and_applicants_pass_them() -> None:
    """VER-02, in the market's own truth: of 60 people, who borrowed a name knows too little, the others enough."""
    least = int(BOOK.parameters["phone_right_share_bps_min"])
    passed: dict[bool, list[bool]] = {True: [], False: []}
    for index in range(60):
        person = make_person(MARKET, 7, index)
        dossier = read_dossier(make_dossier(MARKET, 7, index))
        at = dossier.applied_at + timedelta(days=1)
        asked = [q.code for q in decision.draw_questions(dossier, at, seed=str(index), count=5)]
        judged = decision.judge_answers(asked, answer_drawn(MARKET, person, asked), decision.know_answers(dossier, at))
        passed[person.truth.kind in ("impostor", "robot")].append((judged.right_bps or 0) >= least)
    assert len(passed[True]) >= 3 and not any(passed[True])
    assert sum(passed[False]) >= 0.95 * len(passed[False])


def test_the_online_check_asks_where_it_was_seen() -> None:
    """VER-01: a finding without its evidence is a doubt; the street and the firm's phone are asked for."""
    seen = OnlineCheckForm(
        is_licence_genuine=True, is_address_found=True, is_address_matching=True, is_trading_online=False,
        is_phone_in_service=True, is_phone_shared_with_others=False, are_pictures_reused=False, new_court_cases=0,
        is_street_view_matching=True, is_employer_phone_reused=False,
        evidence={"is_licence_genuine": "a", "is_address_found": "b", "is_phone_in_service": "c"},
    )  # fmt: skip
    assert decision.judge_online_check(seen, SOUND, BOOK).verdict == "ok"
    for change, code in (
        ({"evidence": {}}, "ONL-NO-EVIDENCE"),
        ({"is_street_view_matching": False}, "ONL-STREET"),
        ({"is_employer_phone_reused": True}, "ONL-EMPLOYER-PHONE"),
    ):
        found = decision.judge_online_check(replace(seen, **change), SOUND, BOOK)  # type: ignore[arg-type]
        assert found.verdict == "doubt" and set(codes(found)) == {code}


ANSWERS = some.lists(some.tuples(some.sampled_from("abc"), some.sampled_from("abc")), min_size=3, max_size=40)


@given(ANSWERS)
def test_agreement_is_the_same_whoever_is_called_first_and_full_only_when_all_agree(
    pairs: list[tuple[str, str]],
) -> None:
    """VER-04: alpha by its definition over all values, kappa and alpha symmetric, the interval around alpha."""
    found = decision.measure_agreement(pairs)
    turned = decision.measure_agreement([(b, a) for a, b in pairs])
    assert (found.alpha, found.same) == (turned.alpha, turned.same)
    values = [v for pair in pairs for v in pair]
    differing = sum(a != b for a, b in pairs) / len(pairs)
    n = len(values)
    expected = sum(values[i] != values[j] for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    if expected == 0:
        assert found.alpha is None
    else:
        assert found.alpha == pytest.approx(1 - differing / expected)
        assert (found.alpha == pytest.approx(1.0)) == (found.same == len(pairs))
        if found.low is not None and found.high is not None:
            assert found.low <= found.alpha <= found.high or found.alpha in (-1.0, 1.0)


def test_agreement_counts_only_what_both_answered() -> None:
    found = decision.measure_agreement([("yes", None), (None, "no"), ("yes", "yes"), ("no", "no")])
    assert (found.cases, found.same, found.kappa) == (2, 2, 1.0)
