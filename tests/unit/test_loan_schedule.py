"""Schedules to the cent: the golden loans, the three methods, grace, calendars, and the outside form."""

from datetime import date
from decimal import Decimal

import pytest

from creditfactory import loan
from creditfactory.kernel import BadInput, UnknownName
from creditfactory.loan import Fee, Grace, Terms

FORM = {
    "principal_cents": 25_000_000,
    "annual_rate": "0.18",
    "instalments": 36,
    "method": "equal_instalment",
    "disbursed_on": "2026-01-15",
}


@pytest.mark.parametrize(
    ("annual_rate", "instalment_cents", "total_interest_cents"),
    [("0.18", 903_810, 7_537_154), ("0.24", 980_821, 10_309_577)],
)
def test_golden_loan_of_the_articles(annual_rate, instalment_cents, total_interest_cents):
    """250,000 over 36 months: 9,038.10 and 75,371.54 at 18 %; 9,808.21 and 103,095.77 at 24 %."""
    schedule = loan.build_schedule(loan.read_terms({**FORM, "annual_rate": annual_rate}))
    assert {row.total_cents for row in schedule.instalments[:-1]} == {instalment_cents}
    assert schedule.total_interest_cents == total_interest_cents
    assert sum(row.principal_cents for row in schedule.instalments) == 25_000_000
    assert schedule.instalments[-1].balance_cents == 0
    assert round(schedule.annual_rate_nominal, 6) == Decimal(annual_rate)


def test_the_last_instalment_takes_the_rounding():
    rows = loan.build_schedule(loan.read_terms(FORM)).instalments
    assert rows[-1].total_cents != rows[0].total_cents
    assert sum(row.total_cents for row in rows) == 25_000_000 + 7_537_154


def test_equal_principal_repays_the_same_part_each_month():
    rows = loan.build_schedule(loan.read_terms({**FORM, "method": "equal_principal"})).instalments
    assert {row.principal_cents for row in rows[:-1]} == {694_444}
    assert rows[-1].principal_cents == 25_000_000 - 35 * 694_444
    assert rows[0].interest_cents == 375_000
    assert rows[1].interest_cents == 364_583  # (250,000 − 6,944.44) × 1.5 % = 3,645.8334


def test_interest_first_repays_the_principal_at_the_end():
    rows = loan.build_schedule(loan.read_terms({**FORM, "method": "interest_first"})).instalments
    assert [row.principal_cents for row in rows] == [0] * 35 + [25_000_000]
    assert {row.interest_cents for row in rows} == {375_000}


def test_a_loan_without_interest_costs_nothing():
    schedule = loan.build_schedule(loan.read_terms({**FORM, "annual_rate": "0"}))
    assert schedule.total_interest_cents == 0
    assert schedule.annual_rate_nominal == schedule.annual_rate_effective == 0


def test_grace_on_principal_asks_for_interest_only():
    rows = loan.build_schedule(loan.read_terms({**FORM, "grace": {"principal": 3}})).instalments
    assert [row.principal_cents for row in rows[:3]] == [0, 0, 0]
    assert rows[0].interest_cents == 375_000
    assert sum(row.principal_cents for row in rows) == 25_000_000


def test_grace_on_interest_puts_it_off_and_free_periods_forgive_it():
    put_off = loan.build_schedule(loan.read_terms({**FORM, "grace": {"interest": 2, "principal": 2}}))
    assert [row.interest_cents for row in put_off.instalments[:3]] == [0, 0, 3 * 375_000]
    free = loan.build_schedule(loan.read_terms({**FORM, "grace": {"free": 2, "principal": 2}}))
    assert [row.interest_cents for row in free.instalments[:3]] == [0, 0, 375_000]
    assert free.annual_rate_nominal < put_off.annual_rate_nominal < Decimal("0.18")


def test_grace_on_interest_longer_than_the_term_is_paid_with_the_last_instalment():
    terms = Terms(100_00, Decimal("0.12"), 2, "equal_instalment", date(2026, 1, 15), grace=Grace(interest=5))
    rows = loan.build_schedule(terms).instalments
    assert rows[0].interest_cents == 0
    assert rows[1].interest_cents > 100


def test_due_dates_keep_the_contract_day_and_yield_to_short_months():
    rows = loan.build_schedule(loan.read_terms({**FORM, "disbursed_on": "2024-01-31", "instalments": 3})).instalments
    assert [row.due_on for row in rows] == [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


def test_due_dates_on_the_last_day_of_the_month():
    form = {**FORM, "disbursed_on": "2026-01-15", "first_due_on": "2026-02-10", "month_end": "last_day"}
    rows = loan.build_schedule(loan.read_terms({**form, "instalments": 3})).instalments
    assert [row.due_on for row in rows] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_broken_first_period_bears_its_own_days_and_keeps_the_all_in_rate():
    schedule = loan.build_schedule(loan.read_terms({**FORM, "first_due_on": "2026-03-01"}))
    assert schedule.instalments[0].interest_cents == 575_000  # 46 of 360 days of 18 %
    assert abs(schedule.annual_rate_nominal - Decimal("0.18")) < Decimal("0.001")


def test_actual_days_count_february_short():
    rows = loan.build_schedule(loan.read_terms({**FORM, "day_count": "act/365"})).instalments
    assert rows[0].interest_cents == 382_192  # 31 days: 250,000 × 18 % × 31/365
    assert rows[1].interest_cents < 345_205  # 28 days, on less than the full principal
    assert rows[-1].balance_cents == 0


def test_instalments_in_whole_units_rounded_up():
    form = {**FORM, "instalment_step_cents": 100, "instalment_step_rounding": "up"}
    rows = loan.build_schedule(loan.read_terms(form)).instalments
    assert {row.total_cents for row in rows[:-1]} == {903_900}
    assert rows[-1].total_cents < 903_900


def test_fees_raise_the_all_in_rate_above_the_contract_rate():
    terms = loan.read_terms(FORM)
    plain = loan.build_schedule(terms)
    upfront = loan.build_schedule(terms, fees=[Fee("guarantee", "insurer", 500_000)])
    monthly = loan.build_schedule(terms, fees=[Fee("service", "platform", 20_000, "each_instalment")])
    contingent = loan.build_schedule(terms, fees=[Fee("reminder", "bank", 5_000, contingent=True)])
    assert upfront.annual_rate_nominal > plain.annual_rate_nominal
    assert monthly.annual_rate_nominal > plain.annual_rate_nominal
    assert contingent.annual_rate_nominal == plain.annual_rate_nominal


def test_fees_that_swallow_the_loan_leave_no_rate():
    schedule = loan.build_schedule(loan.read_terms(FORM), fees=[Fee("guarantee", "insurer", 25_000_000)])
    assert schedule.annual_rate_nominal is None


def test_the_outside_form_of_a_schedule():
    written = loan.schedule_as_json(loan.build_schedule(loan.read_terms(FORM)))
    assert list(written) == ["instalments", "total_interest_cents", "annual_rate_nominal", "annual_rate_effective"]
    assert written["instalments"][0] == {
        "due_on": "2026-02-15",
        "principal_cents": 528_810,
        "interest_cents": 375_000,
        "total_cents": 903_810,
        "balance_cents": 24_471_190,
    }
    assert written["annual_rate_effective"] == "0.19561816"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"principal_cents": 0}, "principal_cents"),
        ({"principal_cents": 10**16}, "principal_cents"),
        ({"principal_cents": True}, "principal_cents"),
        ({"principal_cents": "25000000"}, "principal_cents"),
        ({"annual_rate": 0.18}, "annual_rate"),
        ({"annual_rate": "NaN"}, "annual_rate"),
        ({"annual_rate": "Infinity"}, "annual_rate"),
        ({"annual_rate": "-0.1"}, "annual_rate"),
        ({"annual_rate": "1_8"}, "annual_rate"),
        ({"annual_rate": "18%"}, "annual_rate"),
        ({"annual_rate": "1" * 5_000}, "annual_rate"),
        ({"instalments": 36.0}, "instalments"),
        ({"instalments": 10**6}, "instalments"),
        ({"instalments": None}, "instalments"),
        ({"method": "flat"}, "method"),
        ({"method": ["equal_instalment"]}, "method"),
        ({"disbursed_on": "2026-02-30"}, "disbursed_on"),
        ({"disbursed_on": "15.01.2026"}, "disbursed_on"),
        ({"disbursed_on": "0001-01-01"}, "disbursed_on"),
        ({"disbursed_on": "2998-01-01"}, "instalments"),
        ({"first_due_on": "2026-01-15"}, "first_due_on"),
        ({"day_count": "30/365"}, "day_count"),
        ({"rounding": "down"}, "rounding"),
        ({"instalment_step_cents": 25_000_000}, "instalment_step_cents"),
        ({"grace": 3}, "grace"),
        ({"grace": {"principal": 36}}, "grace.principal"),
        ({"grace": {"all": 1}}, "grace.'all'"),
        ({"fees": {}}, "fees"),
        ({"fees": [{"item": "", "payee": "bank", "amount_cents": 1}]}, "fees[0].item"),
        ({"fees": [{"item": "x", "payee": "bank", "amount_cents": -1}]}, "fees[0].amount_cents"),
        ({"fees": [{"item": "x", "payee": "bank"}]}, "fees[0].amount_cents"),
        ({"period_days": 15, "period_months": 3}, "period_days"),
    ],
)
def test_terms_that_cannot_be_read_name_their_field(change, place):
    with pytest.raises(BadInput) as caught:
        loan.read_terms({**FORM, **change})
    assert caught.value.place == place
    assert len(str(caught.value)) < 300


def test_a_missing_and_a_misspelt_field_are_named():
    with pytest.raises(BadInput, match="method: found nothing"):
        loan.read_terms({name: value for name, value in FORM.items() if name != "method"})
    with pytest.raises(UnknownName, match="did you mean annual_rate"):
        loan.read_terms({**FORM, "anual_rate": "0.18"})
    with pytest.raises(BadInput, match="an object with the terms"):
        loan.read_terms([1, 2])  # type: ignore[arg-type]


def test_fees_in_the_form_count_in_the_rate():
    fees = [{"item": "guarantee", "payee": "insurer", "amount_cents": 500_000}]
    schedule = loan.build_schedule(loan.read_terms({**FORM, "fees": fees}))
    assert schedule.annual_rate_nominal > Decimal("0.19")


def test_words_are_read_whatever_their_case():
    terms = loan.read_terms({**FORM, "day_count": "ACT/365", "rounding": "HALF_EVEN"})
    assert (terms.day_count, terms.rounding) == ("act/365", "half_even")
