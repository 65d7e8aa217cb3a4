"""Sources held against each other: each finding with both numbers, none where they agree, none from silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from creditfactory import labels
from creditfactory.application import (
    Applicant,
    BankFlow,
    BankStatement,
    BureauAccounts,
    BureauReport,
    Business,
    ChannelPath,
    Dossier,
    InvoiceList,
    PaperCheck,
    RegistryExtract,
    Request,
    TaxRecord,
    TaxReturns,
    UtilityBills,
)
from creditfactory.kernel import BadInput
from creditfactory.labels.contradictions import DEFAULTS, FIELDS, Sources, list_signs
from creditfactory.labels.statement_sums import find_round_trips, list_month_ends

AT = datetime(2026, 3, 1, 1, tzinfo=UTC)
ON = date(2026, 3, 1)
ROOT = Path(__file__).resolve().parents[2]


def statement(*lines: tuple[date, int, str, str], account: str = "a", **more: Any) -> BankStatement:
    """A year's statement with these lines: day, cents, sort, other side."""
    ordered = sorted(lines, key=lambda line: line[0])
    balance, balances = 10_000_000, []
    for _, flow, _, _ in ordered:
        balance += flow
        balances.append(balance)
    return BankStatement(
        obtained_at=AT, account=account, origin="upload",
        **{"holder": "firm", "from_on": date(2025, 3, 1), "to_on": date(2026, 2, 28),
           "opening_balance_cents": 10_000_000, **more},
        on=tuple(line[0] for line in ordered), minute=(-1,) * len(ordered),
        flow_cents=tuple(line[1] for line in ordered), balance_cents=tuple(balances),
        party=tuple(line[3] for line in ordered), sort=tuple(line[2] for line in ordered),  # type: ignore[arg-type]
    )  # fmt: skip


def months(day: int = 5) -> list[date]:
    return [date(2025 + (at + 2) // 12, (at + 2) % 12 + 1, day) for at in range(12)]


def trade(each: int = 5_000_000) -> list[tuple[date, int, str, str]]:
    """A year's honest trade: sales of many customers that swing, purchases below them."""
    sales = [(on, each + 300_000 * (at % 5), "sale", f"c{at}") for at, on in enumerate(months())]
    return [*sales, *((on, -each // 2, "purchase", "s1") for on in months(20))]


def dossier(*evidence: Any, **business: Any) -> Dossier:
    return Dossier(
        pack="cn-micro", reference="A-1", applied_at=AT, utc_offset_minutes=480,
        request=Request(amount_cents=25_000_000, currency="CNY"), applicant=Applicant(token="t"),
        business=Business(**business), channel=ChannelPath(kind="direct", company="own"), evidence=evidence,
    )  # fmt: skip


def signs_of(sources: Sources, **limits: int) -> dict[str, dict[str, Any]]:
    return {reason.code: dict(reason.facts) for reason in list_signs(sources, limits or None)}


def monthly(*sales: int) -> TaxRecord:
    days = [date(2025 + (at + 2) // 12, (at + 2) % 12 + 1, 1) for at in range(len(sales))]
    returns = TaxReturns(
        month=tuple(days), sales_cents=sales, tax_cents=sales, due_on=tuple(days), filed_on=tuple(days)
    )
    return TaxRecord(obtained_at=AT, invoiced_12m_cents=12_000_000, returns=returns)


def invoices(count: int, voids: int = 0, refund: int = 0, origin: Any = "tax_bureau") -> InvoiceList:
    days = [date(2025, 6, 1) + timedelta(days=at) for at in range(count)]
    net = [100_000] * (count - 1) + [-refund or 100_000]
    return InvoiceList(
        obtained_at=AT, origin=origin, from_on=date(2025, 1, 1), to_on=date(2026, 2, 28),
        number=tuple(map(str, range(count))), on=tuple(days), direction=("output",) * count, net_cents=tuple(net),
        vat_cents=(0,) * count, party=("c",) * count, is_void=tuple(at < voids for at in range(count)),
    )  # fmt: skip


def meters(*kwh: int) -> UtilityBills:
    days = tuple(date(2025, 9 + at, 1) if at < 4 else date(2026, at - 3, 1) for at in range(len(kwh)))
    return UtilityBills(
        obtained_at=AT, month=days, meter=("electricity",) * len(kwh), quantity=kwh, bill_cents=kwh, due_on=days,
        paid_on=days,
    )  # fmt: skip


def flow(*inflow: int) -> BankFlow:
    return BankFlow(obtained_at=AT, monthly_inflow_cents=inflow, monthly_outflow_cents=(0,) * len(inflow))


CIRCLE = [(on, 4_000_000, "sale", "friend") for on in months(8)]
BACK = [(on + timedelta(days=20), -4_000_000, "person_transfer", "friend") for on in months(8)]
REPAY = [(on, -600_000, "loan_repayment", "l:shadow") for on in months(15)]
CARD = BureauAccounts(
    kind=("card",), lender=("bank",), lender_token=("l:bank",), opened_on=(date(2020, 1, 1),), closed_on=(None,),
    reported_on=(date(2026, 2, 1),), state=("normal",), security=("unsecured",), purpose=("card",), limit_cents=(1,),
    balance_cents=(0,), due_cents=(0,), paid_cents=(0,), overdue_cents=(0,), overdue_over_30_cents=(0,),
    overdue_over_90_cents=(0,), terms=(None,), terms_left=(None,), months=("N",),
)  # fmt: skip
REPORT = BureauReport(obtained_at=AT, has_record=True, monthly_due_cents=0, accounts=CARD)
DUE = replace(REPORT, monthly_due_cents=500_000, accounts=None)
EACH: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("CSH-HIDDEN-DEBT", {"statements": (statement(*trade(), *REPAY),), "bureau": REPORT},
     {"statements": (statement(*trade()),), "bureau": REPORT}, {"shown_cents": 600_000, "said_cents": 0}),
    ("CSH-RELATED", {"statements": (statement(*trade(), *CIRCLE, *BACK),)}, {"statements": (statement(*trade()),)},
     {"parties": 1, "shown_cents": 48_000_000}),
    ("CSH-FLOWS-DIFFER", {"statements": (statement(*trade()),), "flow": flow(*[9_000_000] * 12)},
     {"statements": (statement(*trade()),), "flow": labels.sum_up_statements([statement(*trade())])},
     {"shown_cents": 9_000_000}),
    ("CSH-INVOICED-RETURNED", {"tax": monthly(*[500_000] * 12)}, {"tax": monthly(*[1_000_000] * 12)},
     {"said_cents": 12_000_000, "shown_cents": 6_000_000}),
    ("CSH-VOID", {"invoices": invoices(40, voids=12)}, {"invoices": invoices(40, voids=2)}, {"said": 40, "shown": 12}),
    ("CSH-REFUNDS", {"invoices": invoices(40, refund=2_000_000)}, {"invoices": invoices(40, refund=10_000)},
     {"shown_cents": 2_000_000}),
    ("CSH-METERS", {"utilities": meters(100, 100, 100, 50, 50, 50), "flow": flow(1, 1, 1, 3, 3, 3)},
     {"utilities": meters(100, 100, 100, 250, 250, 250), "flow": flow(1, 1, 1, 3, 3, 3)},
     {"said_bps": 30_000, "shown_bps": 5_000}),
    ("CSH-EVEN", {"flow": flow(*[1_000_000] * 8)}, {"flow": flow(*[1_000_000, 1_300_000] * 4)}, {"shown_bps": 0}),
    ("CSH-BULGE", {"flow": flow(*[1_000_000, 1_200_000] * 3, 9_000_000)},
     {"flow": flow(*[1_000_000, 1_200_000] * 3, 1_500_000)}, {"said_cents": 9_000_000}),
    ("CSH-STALE", {"statements": (statement(*trade()[:3], to_on=date(2025, 12, 31)),)},
     {"statements": (statement(*trade()),)}, {"days": 60}),
    ("CSH-UNSEEN-ACCOUNT",
     {"statements": (statement(*trade()),), "bureau": DUE},
     {"statements": (statement(*trade(), *REPAY),), "bureau": DUE},
     {"said_cents": 500_000, "shown_cents": 0}),
    ("CSH-INVOICES-DIFFER", {"invoices": invoices(40, origin="upload"), "tax": monthly()},
     {"invoices": invoices(120, origin="upload"), "tax": monthly()},
     {"said_cents": 4_000_000, "shown_cents": 12_000_000}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "odd", "sound", "facts"), EACH, ids=[one[0] for one in EACH])
def test_each_sign_is_told_with_both_numbers_and_only_then(
    code: str, odd: dict[str, Any], sound: dict[str, Any], facts: dict[str, Any]
) -> None:
    """VER-03: planted inconsistencies are found, and an honest year raises none of them."""
    found = signs_of(Sources(dossier=dossier(), **odd))
    assert code in found
    assert facts.items() <= found[code].items()
    assert code not in signs_of(Sources(dossier=dossier(), **sound))


@pytest.mark.parametrize(
    ("code", "business", "evidence", "sound"),
    [
        ("CSH-RETURNED", {"declared_sales_12m_cents": 99_000_000}, {"tax": monthly(*[1_000_000] * 12)},
         {"declared_sales_12m_cents": 20_000_000}),
        ("CSH-WAGES", {"employees": 9}, {"statements": (statement(*trade()),)}, {"employees": 2}),
        ("CSH-STAFF", {"employees": 40}, {"registry": RegistryExtract(obtained_at=AT, status="operating",
         insured_people=2)}, {"employees": 9}),
        ("CSH-OPENED", {"opened_on": date(2015, 1, 1)}, {"registry": RegistryExtract(obtained_at=AT,
         status="operating", registered_on=date(2024, 1, 1))}, {"opened_on": date(2023, 8, 1)}),
    ],
)  # fmt: skip
def test_what_was_stated_is_held_against_what_others_say(
    code: str, business: dict[str, Any], evidence: dict[str, Any], sound: dict[str, Any]
) -> None:
    assert code in signs_of(Sources(dossier=dossier(**business), **evidence))
    assert code not in signs_of(Sources(dossier=dossier(**sound), **evidence))


def test_nobody_insured_at_a_sole_traders_says_nothing_of_the_people_who_work_there() -> None:
    """VER-03: a sole trader's entry shows no insured people; a company's zero is a sign as before."""
    nobody = RegistryExtract(obtained_at=AT, status="operating", insured_people=0)
    for role, is_told in (("sole_trader", False), ("legal_representative", True), (None, True)):
        asked = dossier(employees=40)
        asked = replace(asked, applicant=replace(asked.applicant, role=role))
        assert ("CSH-STAFF" in signs_of(Sources(dossier=asked, registry=nobody))) is is_told


def test_an_honest_year_has_no_sign_and_silence_none_either() -> None:
    assert signs_of(Sources(dossier=dossier())) == {}
    whole = statement(*trade(), *((on, -200_000, "wage", "p") for on in months(25)))
    sources = Sources(
        dossier=dossier(employees=2, declared_sales_12m_cents=67_200_000), statements=(whole,),
        flow=labels.sum_up_statements([whole]), bureau=REPORT, tax=monthly(*[4_000_000] * 12),
    )  # fmt: skip
    assert signs_of(sources) == {}


def test_a_paper_that_contradicts_itself_counts_once_and_a_denied_role_too() -> None:
    paper = PaperCheck(obtained_at=AT, paper="bank_statement", digest="d", findings=("PAP-CHAIN", "PAP-GAP"))
    broken = replace(statement(*trade()), balance_cents=tuple(range(24)))
    denied = RegistryExtract(obtained_at=AT, status="operating", is_legal_representative=False)
    asked = dossier(broken, paper, denied)
    asked = replace(asked, applicant=replace(asked.applicant, role="legal_representative"))
    codes = [reason.code for reason in labels.verify_cash_flow(asked, AT).contradictions]
    assert codes.count("CSH-CHAIN") == 1 and "CSH-PAPER" not in codes, "told from the statement itself already"
    assert "CSH-ROLE" in codes
    alone = dossier(statement(*trade()), replace(paper, findings=("PAP-TOTALS",)))
    assert "CSH-PAPER" in [reason.code for reason in labels.verify_cash_flow(alone, AT).contradictions]


def test_statements_without_a_summary_are_summed_up_for_station_and_labels_alike() -> None:
    asked = dossier(statement(*trade()))
    cash = labels.verify_cash_flow(asked, AT)
    facts = labels.compute(asked, as_of=AT).facts
    assert cash.months == 12 and facts["inflow_months"] == 12
    assert facts["verified_sales_monthly_cents"] == cash.verified_monthly_sales_cents


def test_what_was_handed_in_later_is_not_known_yet() -> None:
    late = replace(statement(*trade()), obtained_at=AT + timedelta(hours=1))
    assert labels.verify_cash_flow(dossier(late), AT).months == 0


def test_only_money_that_customers_paid_is_inflow() -> None:
    sorts = ("sale", "own_transfer", "loan_in", "refund", "securities", "gambling", "insurance", "property")
    lines = [(on, 1_000_000, sort, "x") for on in months() for sort in sorts]
    summed = labels.sum_up_statements([statement(*lines)])
    assert summed.monthly_inflow_cents == (1_000_000,) * 12
    out = [(on, -1_000_000, sort, "x") for on in months() for sort in ("purchase", "own_transfer", "loan_repayment")]
    assert labels.sum_up_statements([statement(*out)]).monthly_outflow_cents == (2_000_000,) * 12
    with pytest.raises(BadInput):
        labels.sum_up_statements([])


def test_a_round_trip_is_found_at_once_or_in_parts_and_trade_is_none() -> None:
    came = (date(2026, 1, 5), 1_000_000, "sale", "friend")
    parts = [
        (date(2026, 1, 6), -600_000, "purchase", "friend"),
        (date(2026, 1, 8), -380_000, "person_transfer", "friend"),
    ]
    assert find_round_trips(statement(came, *parts)) == ((0, 1_000_000),)
    assert find_round_trips(statement(came, parts[0])) == ()
    assert find_round_trips(statement(came, (date(2026, 1, 9), -1_000_000, "purchase", "friend"))) == ()
    assert find_round_trips(statement(came, (date(2026, 1, 6), -1_000_000, "purchase", "other"))) == ()


@given(st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(0, 900))
def test_months_are_whole_and_end_with_the_statement(from_on: date, days: int) -> None:
    to_on = from_on + timedelta(days=days)
    ends = list_month_ends(from_on, to_on)
    assert list(ends) == sorted(ends)
    assert not ends or ends[-1] == to_on
    assert len(ends) <= (days + 1) // 28


@given(st.lists(st.tuples(st.dates(date(2025, 3, 1), date(2026, 2, 28)), st.integers(-(10**9), 10**9)), max_size=40))
def test_every_cent_of_sales_and_purchases_is_in_some_month(lines: list[tuple[date, int]]) -> None:
    asked = statement(*((on, cents, "sale" if cents > 0 else "purchase", "x") for on, cents in lines))
    summed = labels.sum_up_statements([asked])
    assert sum(summed.monthly_inflow_cents) == sum(cents for _, cents in lines if cents > 0)
    assert sum(summed.monthly_outflow_cents) == -sum(cents for _, cents in lines if cents < 0)
    assert summed.chain_breaks == (0 if lines else None)


def test_every_finding_has_words_fields_and_a_dated_threshold() -> None:
    reasons = yaml.safe_load((ROOT / "rulebook" / "reasons.yaml").read_text(encoding="utf-8"))
    for code in FIELDS:
        assert set(reasons[code]["staff"]) == {"en", "zh"} and set(reasons[code]["borrower"]) == {"en", "zh"}
    folder = ROOT / "rulebook" / "cn-micro" / "policy" / "flow"
    for name, value in DEFAULTS.items():
        told = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
        assert list(told["values"].values())[-1] == value, name
        assert told["reference"] and told["owner"]
