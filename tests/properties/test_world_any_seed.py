"""The simulated market holds for any seed and any number, not only for those the demo uses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from creditfactory import application, gateways, labels
from creditfactory.application import InvoiceList, TaxRecord
from creditfactory.kernel import add_months
from creditfactory.world.answers import plan_repayments
from creditfactory.world.applications import make_application, make_dossier
from creditfactory.world.bureau_details import detail_bureau
from creditfactory.world.chance import Chance
from creditfactory.world.market import load_market
from creditfactory.world.population import make_person, name_reference, read_reference

MARKET = load_market()
SEEDS = st.integers(0, 10**9 - 1)
NUMBERS = st.integers(0, 10**9)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, number=NUMBERS)
def test_details_and_summaries_never_contradict_each_other(seed: int, number: int) -> None:
    """LAB-05: accounts add up to the bureau's figures, lines to the statements' totals, invoices and returns to the
    tax bureau's; taxes and meters are paid from the statements.
    """
    dossier = gateways.read_dossier(make_dossier(MARKET, seed, number))
    report = application.find_evidence(dossier, application.BureauReport)
    assert report is not None and application.check_bureau_report(report) is None
    statements = application.find_each_evidence(dossier, application.BankStatement, by="account")
    flow, summed = application.find_evidence(dossier, application.BankFlow), labels.sum_up_statements(statements)
    assert flow == replace(summed, obtained_at=flow.obtained_at)
    invoices, tax = (application.find_evidence(dossier, kind) for kind in (InvoiceList, TaxRecord))
    assert sum(_standing(invoices)) == (tax.invoiced_12m_cents or 0)
    assert tax.returns is None or sum(tax.returns.tax_cents) == tax.tax_12m_cents
    registry = application.find_evidence(dossier, application.RegistryExtract)
    if registry.changes is not None:
        age = [(dossier.applied_on - on).days for on in registry.changes.on]
        assert sum(days <= 365 for days in age) == registry.changes_12m


def _standing(invoices: InvoiceList) -> list[int]:
    rows = zip(invoices.net_cents, invoices.direction, invoices.is_void, strict=True)
    return [net for net, direction, is_void in rows if direction == "output" and not is_void]


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, number=NUMBERS)
def test_anybody_hands_in_a_whole_dossier_with_valid_numbers(seed: int, number: int) -> None:
    dossier = gateways.read_dossier(make_dossier(MARKET, seed, number))
    assert read_reference(dossier.reference) == (seed, number)
    person = make_application(MARKET, seed, number)["person"]
    assert ric.is_valid(person["id_number"])
    assert ric.get_birth_date(person["id_number"]) == dossier.applicant.born_on
    assert all(amount >= 0 for row in dossier.evidence for amount in _amounts(row))


def _amounts(row: object) -> list[int]:
    names = [name for name in getattr(row, "__dataclass_fields__", {}) if name.endswith("_cents")]
    names = [name for name in names if name not in ("flow_cents", "net_cents", "vat_cents")]
    found = [getattr(row, name) for name in names]
    flat = [amount for value in found for amount in (value if isinstance(value, tuple) else (value,))]
    return [amount for amount in flat if amount is not None]


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS, number=NUMBERS, months=st.integers(1, 36), cents=st.integers(1, 10**8))
def test_nobody_pays_more_than_is_owed_and_only_who_defaults_pays_less(
    seed: int, number: int, months: int, cents: int
) -> None:
    plan = [
        {"number": n, "due_on": add_months(date(2026, 12, 1), n - 1).isoformat(), "total_cents": cents}
        for n in range(1, months + 1)
    ]
    paid = plan_repayments(MARKET, 0, name_reference(seed, number), plan)
    total = sum(payment.amount_cents for payment in paid)
    assert total <= months * cents
    assert all(payment.amount_cents > 0 for payment in paid)
    month = make_person(MARKET, seed, number).truth.default_month
    assert (total == months * cents) == (month is None or month > months) or cents < 10


@settings(max_examples=40, deadline=None)
@given(number=st.integers(0, 400), days=st.integers(1, 1200))
def test_a_bad_debt_lies_before_the_months_that_are_counted(number: int, days: int) -> None:
    """A short history gives way to a bad debt in it: the report's late months stay those that its summary tells."""
    person, on = make_person(MARKET, 7, number), date(2026, 11, 23)
    told = {
        "has_record": True, "card_limit_cents": 5_000_000, "card_used_cents": 1_000_000, "loan_count": 0,
        "loan_balance_cents": 0, "unsecured_balance_cents": 0, "monthly_due_cents": 0, "overdue_now_cents": 0,
        "overdue_months_24m": 0, "overdue_run_24m": 0, "has_bad_debt": True, "queries_1m": 0, "queries_3m": 0,
        "queries_6m": 0, "online_lenders": 0, "guarantees_cents": 0,
        "oldest_account_on": (on - timedelta(days=days)).isoformat(),
    }  # fmt: skip
    found = detail_bureau(Chance(7, f"bad:{number}"), person, told, [], {"executed_open": 0}, on)
    report = gateways.load_plain(
        application.BureauReport, {**found, "kind": "bureau", "obtained_at": "2026-11-23T04:00:00+00:00"}
    )
    assert application.check_bureau_report(report) is None
