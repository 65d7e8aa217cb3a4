"""Station 10: labels are what was known at one instant, each None says why, and none is invented (LAB-01, LAB-05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from creditfactory import labels
from creditfactory.application import BankFlow, BureauReport, Dossier, SbaForm, TaxRecord, add_evidence
from creditfactory.channel import ChannelFacts
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.kernel import UnknownName
from creditfactory.network import look_around

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SOUND = read_dossier((EXAMPLES / "cn-micro-approve.json").read_bytes())
SBA = read_dossier((EXAMPLES / "us-sba-restaurant.json").read_bytes())
THEN = SOUND.applied_at
CHANNEL = ChannelFacts(code="own", name="Own", kind="direct", grade="A", status="admitted")


def without(dossier: Dossier, kind: str) -> Dossier:
    return replace(dossier, evidence=tuple(e for e in dossier.evidence if e.kind != kind))


def with_changed(dossier: Dossier, kind: str, **change: Any) -> Dossier:
    return replace(dossier, evidence=tuple(replace(e, **change) if e.kind == kind else e for e in dossier.evidence))


def test_every_declared_label_is_there_and_every_unknown_one_says_why() -> None:
    for dossier in (SOUND, SBA, replace(SOUND, evidence=()), replace(SBA, evidence=())):
        found = labels.compute(dossier, as_of=dossier.applied_at)
        assert set(found.facts) == {label.name for label in labels.list_labels(dossier.pack)}
        named = [name for name in labels.NAMED if dossier.pack in labels.NAMED[name].packs]
        assert list(found.facts)[: len(named)] == named
        assert set(found.why_missing) == {name for name, value in found.facts.items() if value is None}
        assert set(found.why_missing.values()) <= set(labels.WHY_MISSING)


def test_values_are_of_the_declared_types() -> None:
    kinds = {"int": int, "float": float, "bool": bool, "str": str}
    for dossier in (SOUND, SBA):
        found = labels.compute(dossier, network=look_around((), as_of=THEN), channel=CHANNEL, as_of=dossier.applied_at)
        for name, value in found.facts.items():
            if value is not None:
                assert type(value) is kinds[labels.CATALOGUE[name].type], name


def test_the_catalogue_is_declared_in_both_languages_and_holds_no_protected_label() -> None:
    assert len(labels.CATALOGUE) >= 100
    for label in labels.CATALOGUE.values():
        assert set(label.meaning) == {"en", "zh"}
        assert all(label.meaning.values())
        assert not label.is_protected
    assert not {"sex", "gender", "is_female", "ethnicity", "is_married", "religion"} & set(labels.CATALOGUE)


def test_declarations_speak_the_rule_language() -> None:
    declared = labels.declarations("cn-micro")
    assert declared["queries_1m"].type == "int"
    assert declared["registry_status"].words == ("operating", "abnormal", "revoked", "not_found")
    assert "sba_state" not in declared


def test_an_unknown_label_is_refused_by_name() -> None:
    with pytest.raises(UnknownName, match="querys_1m"):
        labels.explain_label("querys_1m")


def test_an_unknown_pack_is_refused() -> None:
    with pytest.raises(UnknownName, match="pack: found 'de-retail'"):
        labels.compute(replace(SOUND, pack="de-retail"), as_of=THEN)


def test_evidence_from_after_the_instant_is_not_read() -> None:
    later = BureauReport(obtained_at=THEN + timedelta(seconds=1), has_record=True, queries_1m=9)
    seen = add_evidence(SOUND, later)
    assert labels.compute(seen, as_of=THEN)["queries_1m"] == 0
    assert labels.compute(seen, as_of=THEN + timedelta(seconds=1))["queries_1m"] == 9


def test_the_latest_report_counts_wherever_it_stands() -> None:
    older = BureauReport(obtained_at=THEN - timedelta(days=9), has_record=True, queries_1m=9)
    assert labels.compute(add_evidence(SOUND, older), as_of=THEN)["queries_1m"] == 0


def test_no_report_no_record_and_no_answer_are_three_things() -> None:
    none = labels.compute(without(SOUND, "bureau"), as_of=THEN)
    assert (none["has_bureau_record"], none.why_missing["queries_1m"]) == (None, "no_bureau")
    blank = replace(without(SOUND, "bureau"), evidence=(BureauReport(obtained_at=THEN, has_record=False),))
    white = labels.compute(blank, as_of=THEN)
    assert (white["has_bureau_record"], white.why_missing["queries_1m"]) == (False, "no_bureau_record")
    partly = labels.compute(with_changed(SOUND, "bureau", queries_1m=None), as_of=THEN)
    assert partly.why_missing["queries_1m"] == "not_reported"


def test_a_figure_that_cannot_be_is_unknown_rather_than_handed_on() -> None:
    odd = labels.compute(with_changed(SOUND, "bureau", overdue_months_24m=25), as_of=THEN)
    assert (odd["overdue_months_24m"], odd.why_missing["overdue_months_24m"]) == (None, "out_of_range")


def test_the_applicants_own_clock_tells_the_night() -> None:
    """POL-01: 19:40 UTC is 3:40 in the morning in China."""
    night = replace(SOUND, applied_at=datetime(2026, 3, 1, 19, 40, tzinfo=UTC))
    found = labels.compute(night, as_of=night.applied_at)
    assert (found["applied_minute_of_day"], found["applied_weekday"]) == (3 * 60 + 40, 1)


@pytest.mark.parametrize(
    ("code", "division", "section"),
    [("F5212", "52", "F"), ("5212", "52", "F"), ("0111", "01", "A"), ("C13", "13", "C"), ("97", "97", "T")],
)
def test_industry_codes(code: str, division: str, section: str) -> None:
    found = labels.compute(replace(SOUND, business=replace(SOUND.business, industry=code)), as_of=THEN)
    assert (found["industry_division"], found["industry_section"]) == (division, section)


@pytest.mark.parametrize("code", ["", "99", "00", "5", "retail", "٥٢١٢"])
def test_a_code_that_is_none_gives_no_industry(code: str) -> None:
    found = labels.compute(replace(SOUND, business=replace(SOUND.business, industry=code)), as_of=THEN)
    assert (found["industry_division"], found["industry_section"]) == (None, None)


def test_a_home_city_by_either_of_its_names() -> None:
    cities = {"territory_cities": {"shenzhen": "深圳"}}
    mixed = replace(SOUND, applicant=replace(SOUND.applicant, city="深圳市"))
    assert labels.compute(mixed, as_of=THEN, parameters=cities)["is_home_city"] is True
    other = replace(SOUND, applicant=replace(SOUND.applicant, city="wuhan"))
    assert labels.compute(other, as_of=THEN, parameters=cities)["is_home_city"] is False


def test_shares_are_of_what_they_say() -> None:
    found = labels.compute(SOUND, as_of=THEN)
    assert found["card_use_bps"] == 2_000
    assert found["debt_to_income_bps"] == 780_000 * 10_000 // int(str(found["verified_income_cents"]))
    blank = labels.compute(with_changed(SOUND, "bureau", card_limit_cents=0, card_used_cents=0), as_of=THEN)
    assert (blank["card_use_bps"], blank.why_missing["card_use_bps"]) == (None, "not_comparable")


def test_a_tax_bureau_that_grades_nothing_has_answered_and_one_not_asked_has_not() -> None:
    assert labels.compute(with_changed(SOUND, "tax", grade="none"), as_of=THEN)["tax_grade"] == "none"
    silent = labels.compute(with_changed(SOUND, "tax", grade=None), as_of=THEN)
    assert (silent["tax_grade"], silent.why_missing["tax_grade"]) == (None, "not_reported")
    assert labels.compute(without(SOUND, "tax"), as_of=THEN)["tax_grade"] is None


def test_a_report_that_knows_no_record_knows_of_nothing_in_it() -> None:
    """Else leaving out what cannot be there would look like good news."""
    odd = labels.compute(with_changed(SOUND, "bureau", has_record=False), as_of=THEN)
    assert (odd["has_bureau_record"], odd["monthly_due_cents"], odd["card_use_bps"]) == (False, None, None)
    assert odd.why_missing["monthly_due_cents"] == "no_bureau_record"
    bare = with_changed(SOUND, "bureau", has_record=False, monthly_due_cents=None)
    assert labels.compute(bare, as_of=THEN)["verified_income_cents"] == odd["verified_income_cents"]


def test_a_purpose_in_words_of_its_own_is_not_taken_for_another() -> None:
    misspelt = replace(SOUND, request=replace(SOUND.request, purpose="proprety"))
    found = labels.compute(misspelt, as_of=THEN)
    assert (found["purpose"], found.why_missing["purpose"]) == (None, "out_of_range")


def test_the_network_and_the_channel_are_unknown_until_looked_at() -> None:
    found = labels.compute(SOUND, as_of=THEN)
    assert (found["device_others"], found.why_missing["device_others"]) == (None, "no_network")
    assert (found["channel_grade"], found.why_missing["channel_grade"]) == (None, "no_channel")
    seen = labels.compute(SOUND, network=look_around((), as_of=THEN), as_of=THEN)
    assert (seen["device_others"], found["has_network_view"], seen["has_network_view"]) == (0, False, True)
    told = labels.compute(SOUND, channel=CHANNEL, as_of=THEN)
    assert (found["has_channel_facts"], told["has_channel_facts"]) == (False, True)


# --- the statements


def flow(inflow: tuple[int, ...], outflow: tuple[int, ...], **more: Any) -> Dossier:
    kept = replace(without(SOUND, "bank_flow"), applicant=replace(SOUND.applicant, declared_income_cents=None))
    shown = BankFlow(obtained_at=THEN, monthly_inflow_cents=inflow, monthly_outflow_cents=outflow, **more)
    return add_evidence(kept, shown)


def test_income_is_the_median_surplus_with_the_instalments_added_back() -> None:
    cash = labels.verify_cash_flow(flow((1_000,) * 6, (700,) * 6), THEN)
    assert cash.verified_monthly_income_cents == 300 + 780_000
    assert cash.verified_monthly_sales_cents == 1_000


def test_income_is_never_more_than_what_the_applicant_stated() -> None:
    stated = replace(SOUND, applicant=replace(SOUND.applicant, declared_income_cents=100))
    assert labels.verify_cash_flow(stated, THEN).verified_monthly_income_cents == 100


def test_money_that_goes_straight_out_again_is_no_sale() -> None:
    cash = labels.verify_cash_flow(flow((1_000_000,) * 6, (900_000,) * 6, round_trip_share_bps=5_000), THEN)
    assert cash.verified_monthly_sales_cents == 500_000
    assert "CSH-ROUND-TRIP" in [r.code for r in cash.contradictions]


def test_no_short_and_uneven_statements_leave_income_unknown() -> None:
    assert [r.code for r in labels.verify_cash_flow(without(SOUND, "bank_flow"), THEN).reasons] == ["CSH-NO-FLOW"]
    short = labels.verify_cash_flow(flow((1,) * 5, (1,) * 5), THEN)
    assert (short.verified_monthly_income_cents, [r.code for r in short.reasons]) == (None, ["CSH-SHORT"])
    uneven = labels.verify_cash_flow(flow((1,) * 6, (1,) * 7), THEN)
    assert (uneven.verified_monthly_income_cents, [r.code for r in uneven.contradictions]) == (None, ["CSH-UNEVEN"])
    empty = labels.compute(flow((), ()), as_of=THEN)
    assert empty["inflow_median_cents"] is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (replace(SOUND, business=replace(SOUND.business, declared_sales_12m_cents=900_000_000)), "CSH-DECLARED"),
        (with_changed(SOUND, "tax", invoiced_12m_cents=900_000_000), "CSH-INVOICED"),
        (replace(SOUND, applicant=replace(SOUND.applicant, declared_income_cents=30_000_000)), "CSH-INCOME"),
        (with_changed(SOUND, "bank_flow", round_trip_share_bps=3_001), "CSH-ROUND-TRIP"),
        (with_changed(SOUND, "bank_flow", chain_breaks=1), "CSH-CHAIN"),
    ],
)
def test_each_contradiction_is_found_and_counted(changed: Dossier, code: str) -> None:
    assert labels.verify_cash_flow(SOUND, THEN).contradictions == ()
    assert [r.code for r in labels.verify_cash_flow(changed, THEN).contradictions] == [code]
    assert labels.compute(changed, as_of=THEN)["contradictions"] == 1


def test_what_cannot_be_compared_is_named() -> None:
    assert labels.verify_cash_flow(SOUND, THEN).gaps == ()
    silent = replace(without(SOUND, "tax"), applicant=replace(SOUND.applicant, declared_income_cents=None))
    assert labels.verify_cash_flow(silent, THEN).gaps == ("declared_income_cents", "tax")
    unsaid = with_changed(SOUND, "tax", invoiced_12m_cents=None)
    assert labels.verify_cash_flow(unsaid, THEN).gaps == ("invoiced_12m_cents",)
    assert labels.verify_cash_flow(with_changed(SOUND, "tax", invoiced_12m_cents=0), THEN).gaps == ()


def test_contradictions_are_unknown_where_a_comparison_could_not_be_made() -> None:
    """Leaving out the one figure that contradicts the others must not look like a story without contradictions."""
    assert labels.compute(SOUND, as_of=THEN)["contradictions"] == 0
    for silent in (
        replace(SOUND, applicant=replace(SOUND.applicant, declared_income_cents=None)),
        with_changed(SOUND, "tax", invoiced_12m_cents=None),
        with_changed(SOUND, "bank_flow", chain_breaks=None),
        without(SOUND, "tax"),
    ):
        found = labels.compute(silent, as_of=THEN)
        assert (found["contradictions"], found.why_missing["contradictions"]) == (None, "not_comparable")


def test_a_packs_parameters_move_the_lines() -> None:
    strict = {"declared_over_banked_bps_max": 9_000}
    assert [r.code for r in labels.verify_cash_flow(SOUND, THEN, strict).contradictions] == ["CSH-DECLARED"]
    assert labels.compute(SOUND, as_of=THEN, parameters=strict)["contradictions"] == 1


def test_station_9_and_station_10_see_the_same_figures() -> None:
    cash, found = labels.verify_cash_flow(SOUND, THEN), labels.compute(SOUND, as_of=THEN)
    assert found["verified_income_cents"] == cash.verified_monthly_income_cents
    assert found["verified_sales_monthly_cents"] == cash.verified_monthly_sales_cents


# --- SBA


def test_an_sba_form_becomes_labels() -> None:
    found = labels.compute(SBA, as_of=SBA.applied_at)
    assert found["sba_guaranteed_share"] == 0.75
    assert (found["sba_naics_sector"], found["sba_subsector"]) == ("72", "722")
    assert found["sba_amount_per_employee_cents"] == 12_500_000 // 12
    assert found["sba_lender_is_local"] is True


@pytest.mark.parametrize(("naics", "sector"), [("332710", "31"), ("453110", "44"), ("492110", "48"), ("238990", "23")])
def test_sectors_that_are_one_are_joined(naics: str, sector: str) -> None:
    changed = replace(SBA, business=replace(SBA.business, industry=naics))
    assert labels.compute(changed, as_of=SBA.applied_at)["sba_naics_sector"] == sector


@pytest.mark.parametrize("naics", [None, "", "0", "000000", "unknown"])
def test_an_industry_code_of_zeros_is_none(naics: str | None) -> None:
    changed = replace(SBA, business=replace(SBA.business, industry=naics))
    assert labels.compute(changed, as_of=SBA.applied_at)["sba_naics_sector"] is None


def test_nobody_employed_and_nothing_said_differ() -> None:
    nobody = replace(SBA, business=replace(SBA.business, employees=0))
    found = labels.compute(nobody, as_of=SBA.applied_at)
    assert (found["sba_employees"], found["sba_amount_per_employee_cents"]) == (0, 12_500_000)
    silent = replace(SBA, business=replace(SBA.business, employees=None))
    assert labels.compute(silent, as_of=SBA.applied_at)["sba_amount_per_employee_cents"] is None


def test_without_the_form_its_labels_say_so() -> None:
    found = labels.compute(replace(SBA, evidence=()), as_of=SBA.applied_at)
    assert found.why_missing["sba_is_franchise"] == "no_sba_form"
    assert found["sba_amount_cents"] == 12_500_000


def test_no_sba_label_reads_what_was_known_only_afterwards() -> None:
    names = {label.name for label in labels.list_labels("us-sba")}
    assert not {n for n in names if any(w in n for w in ("term", "charge", "disburse", "balance", "status", "weight"))}
    assert "term_months" not in SbaForm.__dataclass_fields__


def test_tax_record_without_figures() -> None:
    bare = add_evidence(without(SOUND, "tax"), TaxRecord(obtained_at=THEN))
    found = labels.compute(bare, as_of=THEN)
    assert found.why_missing["invoiced_12m_cents"] == "not_reported"
