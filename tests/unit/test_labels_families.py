"""The families of labels: whole declarations, right figures by hand, nothing from the future, nothing protected."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory import gateways, labels
from creditfactory.application import (
    Applicant,
    BureauAccounts,
    BureauQueries,
    BureauReport,
    Business,
    ChannelPath,
    Dossier,
    InvoiceList,
    Request,
    TelecomRecord,
    UtilityBills,
)
from creditfactory.gateways import rulebook
from creditfactory.labels.label import Source
from creditfactory.labels.ratios import KINDS, RATIO_WHY, Ratio, plan_ratios, tell_ratios
from creditfactory.service import label_report
from creditfactory.world import load_market, make_dossier

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
RULEBOOK = Path(__file__).resolve().parents[2] / "rulebook"


def ask(*evidence: Any, **firm: Any) -> Dossier:
    """A plain application with some evidence."""
    return Dossier(
        pack="cn-micro", reference="A-1", applied_at=NOON, utc_offset_minutes=480,
        request=Request(amount_cents=20_000_000, currency="CNY"),
        applicant=Applicant(token="t1", born_on=date(1985, 3, 1), city="shenzhen", years_in_city=9),
        business=Business(industry="6210", city="shenzhen", opened_on=date(2018, 3, 1), **firm),
        channel=ChannelPath(kind="direct", company="own"), evidence=evidence,
    )  # fmt: skip


def tell(dossier: Dossier, **more: Any) -> labels.Labels:
    """Its labels an hour later."""
    return labels.compute(dossier, as_of=NOON + timedelta(hours=1), **more)


@cache
def market_dossier(number: int) -> Dossier:
    """An applicant of the simulated market with everything that sources can tell."""
    return gateways.read_dossier(make_dossier(load_market(), 5, number))


def test_more_than_three_thousand_labels_each_declared_whole() -> None:
    """LAB-01: name, meaning in both languages, source, unit, owner, law, sensitivity, missing rule, lineage."""
    listed = labels.list_labels("cn-micro")
    assert len(listed) > 3_000
    assert set(get_args(Source)) == set(labels.SOURCES)
    for label in listed:
        assert label.meaning["en"].strip() and label.meaning["zh"].strip(), label.name
        assert not label.meaning["en"].isascii() or label.meaning["zh"] != label.meaning["en"], label.name
        assert label.owner and label.legal_basis in labels.LEGAL_BASES, label.name
        assert label.unit, label.name
    for language in ("en", "zh"):
        meanings = [label.meaning[language] for label in listed]
        assert len(set(meanings)) == len(meanings), "two labels say the same in words"
    for label in listed[::37]:
        way = labels.trace_label(label.name)
        assert way.field and way.legal_basis, label.name


def test_more_than_three_thousand_of_them_tell_something() -> None:
    """LAB-01: constant and duplicate labels are counted out, on applicants drawn here and in the kept count."""
    rows = list(label_report.each_applicant(60, 20_261_122, "building", say=lambda words: None))
    judged = label_report.judge_rows(rows)
    told = label_report.tell_totals(judged)
    assert told["informative"] > 3_000
    assert told["declared"] == sum(told[verdict] for verdict in label_report.WORDS)
    assert len(label_report.leave_out(labels.list_labels("cn-micro"))) > 3_000


def test_operations_industry_economy_and_place_are_all_there() -> None:
    """LAB-05: the four dimensions of a larger loan, and owner held against firm."""
    dossier = market_dossier(3)
    series = rulebook.load_series("cn-micro")
    parameters = rulebook.load_rulebook("cn-micro", locked=False).at(dossier.applied_on).parameters
    facts = labels.compute(
        dossier, as_of=dossier.applied_at + timedelta(hours=1), series=series, parameters=parameters
    ).facts
    for name in (
        "bank__sale__sum_cents__90d", "economy_industry__sales_yoy__latest", "economy_country__lpr_1y__latest",
        "economy_city__npl__latest", "place__business__is_in_territory", "linkage__age__owner_at_founding_years",
        "cross__banked_operating_to_banked_sale__bps__year",
    ):  # fmt: skip
        assert facts[name] is not None, name


def test_premium_neutral_and_adverse_labels_are_told_apart() -> None:
    """LAB-04: how credit officers read a high value stands with each label."""
    kinds = {label.polarity for label in labels.list_labels("cn-micro")}
    assert kinds == {"premium", "neutral", "adverse"}
    assert labels.explain_label("has_bachelor_degree").polarity == "premium"
    assert labels.explain_label("bureau_months__late__count__24m").polarity == "adverse"
    assert labels.explain_label("bank__sale__sum_cents__90d").polarity == "premium"


@pytest.mark.parametrize("name", sorted(labels.PROTECTED))
def test_a_rulebook_that_reads_a_protected_label_is_refused(tmp_path: Path, name: str) -> None:
    """LAB-04: declared, so that the check can name it; no fact, so that nothing can leak it."""
    folder = Path(shutil.copytree(RULEBOOK, tmp_path / "rulebook")) / "cn-micro"
    condition = {"bool": name, "str": f"{name} == 'x'"}[labels.PROTECTED[name].type]
    file = folder / "policy/network/phone_shared.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("has_network_view and phone_others > phone_others_max", condition), encoding="utf-8")
    told = [f"{finding.place} {finding.what}" for finding in rulebook.check_rulebook(folder).findings
            if finding.kind == "fault"]  # fmt: skip
    assert any("phone_shared" in one and "protected attribute" in one and name in one for one in told), told
    assert name not in tell(ask()).facts
    assert name not in labels.CATALOGUE


def test_no_label_counts_a_spouse() -> None:
    """LAB-04: marriage is protected; a spouse among the contacts is family and nothing more."""
    assert [name for name in labels.CATALOGUE if "spouse" in name or "marri" in name] == []


def make_report(**more: Any) -> BureauReport:
    """Two accounts: a card three months late two years ago, and an online loan of last month."""
    accounts = BureauAccounts(
        kind=("card", "loan"), lender=("bank", "online_lender"), lender_token=("b1", "o1"),
        opened_on=(date(2020, 1, 5), date(2026, 2, 10)), closed_on=(None, None),
        reported_on=(date(2026, 2, 28), date(2026, 2, 28)), state=("normal", "normal"),
        security=("unsecured", "unsecured"), purpose=("card", "consumption"), limit_cents=(5_000_000, 2_000_000),
        balance_cents=(4_600_000, 2_000_000), due_cents=(300_000, 100_000), paid_cents=(300_000, 50_000),
        overdue_cents=(0, 0), overdue_over_30_cents=(0, 0), overdue_over_90_cents=(0, 0), terms=(None, 12),
        terms_left=(None, 12), months=("N" * 20 + "321" + "N" * 30, "N"),
    )  # fmt: skip
    queries = BureauQueries(
        on=(date(2026, 3, 1), date(2026, 2, 1), date(2025, 12, 1)), lender=("bank", "online_lender", "bank"),
        lender_token=("b1", "o1", "b1"), reason=("loan_approval", "loan_approval", "after_loan"),
    )  # fmt: skip
    return BureauReport(
        obtained_at=NOON,
        has_record=True,
        accounts=accounts,
        queries=queries,
        oldest_account_on=date(2020, 1, 5),
        **more,
    )


def test_the_bureaus_report_by_hand() -> None:
    """WIL-01's ground: late months by window, accounts as they stand, openings, queries."""
    facts = tell(ask(make_report())).facts
    assert facts["bureau_months__late__count__24m"] == 3
    assert facts["bureau_months__late__count__12m"] == 0
    assert facts["bureau_months__late__max_months__24m"] == 3
    assert facts["bureau_months__late_2_up__count__24m"] == 2
    assert facts["bureau_months__late_cards__parties__60m"] == 1
    assert facts["bureau_accounts__all__count"] == 2
    assert facts["bureau_accounts__cards__use_bps"] == 9_200
    assert facts["bureau_accounts__cards__nearly_full"] == 1
    assert facts["bureau_accounts__online__balance_cents"] == 2_000_000
    assert facts["bureau_accounts__all__paid_bps"] == 8_750
    assert facts["bureau_accounts__home__count"] == 0
    assert facts["bureau_accounts__home__use_bps"] is None
    assert facts["bureau_opened__online__count__90d"] == 1
    assert facts["bureau_opened__online__sum_cents__90d"] == 2_000_000
    assert facts["bureau_queries__hard__count__30d"] == 2
    assert facts["bureau_queries__hard_online__count__30d"] == 1
    assert facts["bureau_queries__hard__count__90d"] == 2
    assert facts["bureau_queries__all__count__365d"] == 3


def test_a_report_that_knows_nobody_and_none_at_all_are_told_apart_from_a_clean_one() -> None:
    told = tell(ask(BureauReport(obtained_at=NOON, has_record=False)))
    assert told.facts["bureau_months__late__count__24m"] is None
    assert told.facts["has_bureau_accounts"] is False
    assert tell(ask(make_report())).facts["has_bureau_accounts"] is True


def test_invoices_void_refunded_and_net_by_hand() -> None:
    """LAB-05: verified sales, the void and the refunded among them, customers' concentration."""
    listed = InvoiceList(
        obtained_at=NOON, from_on=date(2025, 1, 1), to_on=date(2026, 3, 1), number=("1", "2", "3", "4", "5"),
        on=(date(2026, 1, 5), date(2026, 1, 9), date(2026, 2, 1), date(2026, 2, 9), date(2026, 2, 20)),
        direction=("output", "output", "output", "output", "input"),
        net_cents=(3_000_000, 1_000_000, -500_000, 9_000_000, 1_200_000), vat_cents=(0, 0, 0, 0, 0),
        party=("a", "b", "b", "c", "s"), is_void=(False, False, False, True, False),
    )  # fmt: skip
    facts = tell(ask(listed, declared_sales_12m_cents=7_000_000)).facts
    assert facts["invoice__sales__net_cents__90d"] == 3_500_000
    assert facts["invoice__sales_void__count__90d"] == 1
    assert facts["invoice__sales_void__count_share_bps__90d"] == 2_500
    assert facts["invoice__sales_refund__sum_cents__90d"] == 500_000
    assert facts["invoice__sales_valid__parties__90d"] == 2
    assert facts["invoice__sales_valid__top_share_bps__90d"] == 7_500
    assert facts["cross__bought_to_invoiced__bps__quarter"] == 1_200_000 * 10_000 // 3_500_000
    assert facts["cross__declared_to_invoiced__bps__year"] == 20_000


def test_meters_late_and_unpaid_by_hand() -> None:
    bills = UtilityBills(
        obtained_at=NOON, month=(date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)),
        meter=("electricity", "electricity", "electricity"), quantity=(900, 1_000, 1_100),
        bill_cents=(90_000, 100_000, 110_000), due_on=(date(2026, 1, 10), date(2026, 2, 10), date(2026, 2, 20)),
        paid_on=(date(2026, 1, 9), date(2026, 2, 15), None),
    )  # fmt: skip
    facts = tell(ask(bills)).facts
    assert facts["meter__electricity__sum_units__3m"] == 3_000
    assert facts["meter_bill__late__count__3m"] == 2
    assert facts["meter_bill__unpaid__sum_cents__3m"] == 110_000
    assert facts["meter_delay__late__max_days__3m"] == 10


def test_what_is_handed_in_later_changes_no_label() -> None:
    """LAB-01: point in time, whatever the source: evidence from after the instant is not read."""
    dossier = market_dossier(1)
    at = dossier.applied_at + timedelta(hours=1)
    before = labels.compute(dossier, as_of=at)
    later = tuple(
        replace(one, obtained_at=at + timedelta(minutes=1))
        for number in (2, 4)
        for one in market_dossier(number).evidence
    )
    after = labels.compute(replace(dossier, evidence=(*later, *dossier.evidence, *later)), as_of=at)
    assert dict(after.facts.items()) == dict(before.facts.items())
    assert dict(after.why_missing) == dict(before.why_missing)


def test_problem_users_are_found_by_labels_and_told_why() -> None:
    """LAB-02: a new telephone number, stacked online loans: each stops the instant lane with a reason in words."""
    book = rulebook.load_rulebook("cn-micro", locked=False).at(date(2026, 3, 2))
    phone = TelecomRecord(obtained_at=NOON, tenure_months=2)
    facts = tell(ask(phone, make_report())).facts
    judged = book.policy.judge(facts)
    assert "telecom_new" in {one.rule for one in judged if one.verdict == "hit"}
    assert {"en", "zh"} == set(book.reasons["POL-PER-PHONE-NEW"].staff)
    assert "{telecom__number__tenure_months}" in book.reasons["POL-PER-PHONE-NEW"].staff["zh"]


@given(
    st.lists(st.tuples(st.integers(-(10**15), 10**15), st.booleans()), min_size=6, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from(KINDS)), min_size=1, max_size=12),
)  # fmt: skip
def test_ratios_in_an_array_are_ratios_one_by_one(
    known: list[tuple[int, bool]], asked: list[tuple[int, int, Any]]
) -> None:
    """LAB-05: the array form equals the plain one, sign, size and unknown sides included."""
    label = replace(labels.explain_label("card_use_bps"), minimum=-(10**17), maximum=10**17)
    ratios = [Ratio(label=label, over=f"l{a}", under=f"l{b}", kind=kind) for a, b, kind in asked]
    places = {f"l{place}": place for place in range(5)}  # the sixth is a named one
    values = np.array([value for value, _ in known[:5]], np.int64)
    told, why = tell_ratios(
        plan_ratios(ratios, places), values, np.array([is_known for _, is_known in known[:5]]),
        {"l5": known[5][0] if known[5][1] else None},
    )  # fmt: skip
    for place, (a, b, _kind) in enumerate(asked):
        sides = [known[one][0] if known[one][1] else None for one in (a, b)]
        plain = ratios[place].tell(*sides)
        if plain is None:
            assert RATIO_WHY[why[place]] == "not_comparable"
        elif abs(plain) > 10**17:
            assert RATIO_WHY[why[place]] == "out_of_range"
        else:
            assert why[place] == 0 and told[place] == plain
