"""Servicing: how payments are shared out, how late a loan is, and how it ends."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from creditfactory import loan
from creditfactory.kernel import BadInput
from creditfactory.loan import Cap, Fee, Repayment, ServicingRules, Terms

TERMS = Terms(25_000_000, Decimal("0.18"), 36, "equal_instalment", date(2026, 1, 15))
SCHEDULE = loan.build_schedule(TERMS)
FIRST = SCHEDULE.instalments[0]


def paid_on_time(months: int) -> list[Repayment]:
    return [Repayment(row.due_on, row.total_cents, f"R{row.number}") for row in SCHEDULE.instalments[:months]]


def test_a_loan_paid_on_time_is_never_late_and_ends_paid():
    position = loan.age(SCHEDULE, paid_on_time(36), date(2029, 1, 15))
    assert position.status == "paid"
    assert (position.principal_open_cents, position.arrears_days_max, position.credit_cents) == (0, 0, 0)
    assert position.principal_paid_cents == 25_000_000
    assert position.interest_paid_cents == 7_537_154


@pytest.mark.parametrize(
    ("on", "arrears_days", "status", "due_cents"),
    [
        (date(2026, 2, 14), 0, "active", 0),
        (date(2026, 2, 15), 0, "active", 903_810),
        (date(2026, 2, 16), 1, "in_arrears", 903_810),
        (date(2026, 3, 15), 28, "in_arrears", 2 * 903_810),
        (date(2026, 5, 17), 91, "in_arrears", 4 * 903_810),
    ],
)
def test_days_late_count_from_the_day_after_the_oldest_unpaid_due_date(on, arrears_days, status, due_cents):
    position = loan.age(SCHEDULE, [], on)
    assert (position.arrears_days, position.status) == (arrears_days, status)
    assert position.principal_due_cents + position.interest_due_cents == due_cents


def test_a_partial_payment_leaves_the_oldest_instalment_late():
    position = loan.age(SCHEDULE, [Repayment(date(2026, 2, 15), 903_809)], date(2026, 3, 1))
    assert position.arrears_days == 14
    assert position.arrears_cents == 1
    assert (
        loan.age(
            SCHEDULE,
            [Repayment(date(2026, 2, 15), 903_809)],
            date(2026, 3, 1),
            rules=ServicingRules(tolerance_cents=100),
        ).status
        == "active"
    )


def test_interest_comes_before_principal_and_the_oldest_instalment_first():
    position = loan.age(SCHEDULE, [], date(2026, 3, 20))
    allocation = loan.allocate(400_000, position)
    assert (allocation.interest_cents, allocation.principal_cents) == (375_000, 25_000)
    assert [part.number for part in allocation.parts] == [1]


def test_part_by_part_settles_all_interest_before_any_principal():
    position = loan.age(SCHEDULE, [], date(2026, 3, 20))
    allocation = loan.allocate(400_000, position, rules=ServicingRules(across="part"))
    assert (allocation.interest_cents, allocation.principal_cents) == (400_000, 0)
    assert [part.number for part in allocation.parts] == [1, 2]


def test_principal_may_come_first_once_a_loan_is_non_performing():
    rules = ServicingRules(order_non_performing=loan.PRINCIPAL_BEFORE_INTEREST)
    at_90 = loan.age(SCHEDULE, [], date(2026, 5, 16), rules=rules)
    at_91 = loan.age(SCHEDULE, [], date(2026, 5, 17), rules=rules)
    assert loan.allocate(100_000, at_90, rules=rules).interest_cents == 100_000
    assert loan.allocate(100_000, at_91, rules=rules).principal_cents == 100_000


def test_what_is_over_goes_to_the_next_instalment_or_is_held():
    payment = [Repayment(date(2026, 2, 15), 1_000_000)]
    next_one = loan.age(SCHEDULE, payment, date(2026, 2, 20))
    assert (next_one.credit_cents, next_one.next_due_cents) == (0, 903_810 - 96_190)
    hold = ServicingRules(advance="hold")
    held = loan.age(SCHEDULE, payment, date(2026, 2, 20), rules=hold)
    assert (held.credit_cents, held.next_due_cents) == (96_190, 903_810)
    used = loan.age(SCHEDULE, payment, date(2026, 3, 15), rules=hold)
    assert used.credit_cents == 0
    assert used.interest_due_cents + used.principal_due_cents == 903_810 - 96_190


def test_more_than_the_whole_debt_is_owed_to_the_borrower():
    position = loan.age(SCHEDULE, [Repayment(date(2026, 2, 15), 40_000_000)], date(2026, 2, 15))
    assert position.status == "paid"
    assert position.credit_cents == 40_000_000 - 25_000_000 - 7_537_154


def test_penalty_runs_on_overdue_principal_by_the_day_and_does_not_depend_on_when_one_looks():
    rules = ServicingRules(penalty_annual_rate=Decimal("0.27"))
    on = date(2026, 3, 10)
    position = loan.age(SCHEDULE, [], on, rules=rules)
    assert position.penalty_due_cents == round(FIRST.principal_cents * Decimal("0.27") * 23 / 360)
    looked_often = [Repayment(date(2026, 2, 16) + timedelta(days=day), 1) for day in range(20)]
    often = loan.age(SCHEDULE, looked_often, on, rules=rules)
    assert often.penalty_due_cents + often.penalty_paid_cents == position.penalty_due_cents


def test_penalty_is_paid_first():
    rules = ServicingRules(penalty_annual_rate=Decimal("0.27"))
    position = loan.age(SCHEDULE, [], date(2026, 3, 10), rules=rules)
    allocation = loan.allocate(position.penalty_due_cents + 1, position, rules=rules)
    assert (allocation.penalty_cents, allocation.interest_cents) == (position.penalty_due_cents, 1)


def test_allocation_and_replay_agree_payment_by_payment():
    rules = ServicingRules(penalty_annual_rate=Decimal("0.27"))
    payments = [Repayment(date(2026, 3, 3), 500_000), Repayment(date(2026, 4, 20), 1_500_000)]
    shared = []
    for index, payment in enumerate(payments):
        before = loan.age(SCHEDULE, payments[:index], payment.on, rules=rules)
        shared.append(loan.allocate(payment.cents, before, rules=rules))
    after = loan.age(SCHEDULE, payments, date(2026, 4, 20), rules=rules)
    assert after.principal_paid_cents == sum(one.principal_cents for one in shared)
    assert after.interest_paid_cents == sum(one.interest_cents for one in shared)
    assert after.penalty_paid_cents == sum(one.penalty_cents for one in shared)


def test_a_payment_found_late_is_replayed_as_if_it_had_always_been_there():
    late = [Repayment(date(2026, 4, 1), 903_810, "B"), Repayment(date(2026, 2, 15), 903_810, "A")]
    assert loan.age(SCHEDULE, late, date(2026, 5, 1)) == loan.age(SCHEDULE, late[::-1], date(2026, 5, 1))


def test_a_payment_of_nothing_is_refused():
    with pytest.raises(BadInput, match=r"repayments\[0\].cents"):
        loan.age(SCHEDULE, [Repayment(date(2026, 2, 15), 0)], date(2026, 3, 1))


def test_a_charge_off_freezes_the_loan_and_later_money_is_recovery():
    payments = [*paid_on_time(2), Repayment(date(2026, 12, 1), 70_000)]
    position = loan.age(SCHEDULE, payments, date(2027, 1, 1), charged_off_on=date(2026, 10, 1))
    assert position.status == "charged_off"
    assert position.recovered_cents == 70_000
    assert position.principal_open_cents == SCHEDULE.instalments[1].balance_cents
    assert position.arrears_days == (date(2026, 10, 1) - date(2026, 4, 15)).days
    before = loan.age(SCHEDULE, payments, date(2026, 9, 30), charged_off_on=date(2026, 10, 1))
    assert before.status == "in_arrears"


def test_what_is_paid_on_the_day_of_the_charge_off_still_counts_as_repaid():
    on = date(2026, 10, 1)
    position = loan.age(SCHEDULE, [Repayment(on, 903_810)], on, charged_off_on=on)
    assert (position.recovered_cents, position.interest_paid_cents) == (0, 375_000)


def test_charging_off_gives_up_what_is_open_once():
    position = loan.age(SCHEDULE, paid_on_time(2), date(2026, 10, 1))
    given_up = loan.charge_off(position)
    assert given_up.principal_cents == position.principal_open_cents
    assert given_up.interest_cents == position.interest_due_cents
    again = loan.charge_off(replace(position, status="charged_off"))
    assert [reason.code for reason in again.reasons] == ["LON-ALREADY-CHARGED-OFF"]
    settled = loan.age(SCHEDULE, paid_on_time(36), date(2029, 1, 15))
    assert [reason.code for reason in loan.charge_off(settled).reasons] == ["LON-NOTHING-OPEN"]


def test_paying_off_on_a_due_date_costs_the_balance_and_the_interest_due():
    quote = loan.quote_payoff(TERMS, SCHEDULE, paid_on_time(1), date(2026, 3, 15))
    second = SCHEDULE.instalments[1]
    assert quote.total_cents == FIRST.balance_cents + second.interest_cents
    with_fee = loan.quote_payoff(TERMS, SCHEDULE, paid_on_time(1), date(2026, 3, 15), fee_bps=100)
    assert with_fee.fee_cents == round(second.balance_cents / 100)


def test_paying_off_between_due_dates_bears_only_the_days_passed():
    quote = loan.quote_payoff(TERMS, SCHEDULE, [], date(2026, 1, 25))
    assert quote.interest_cents == round(Decimal(375_000) * 10 / 31)
    assert loan.quote_payoff(TERMS, SCHEDULE, [], date(2026, 1, 15)).interest_cents == 0


def test_prepaying_lowers_the_instalment_or_the_number_of_them():
    on, payments = date(2026, 3, 15), paid_on_time(1)
    lower = loan.prepay(TERMS, SCHEDULE, payments, on, 5_000_000)
    shorter = loan.prepay(TERMS, SCHEDULE, payments, on, 5_000_000, keep="instalment")
    assert lower.interest_cents + lower.principal_cents == 5_000_000
    assert len(lower.schedule.instalments) == 34
    assert lower.schedule.instalments[0].total_cents < FIRST.total_cents
    assert len(shorter.schedule.instalments) < 34
    assert shorter.schedule.instalments[0].total_cents == FIRST.total_cents
    assert shorter.schedule.instalments[-1].total_cents <= FIRST.total_cents
    assert shorter.schedule.total_interest_cents < lower.schedule.total_interest_cents
    assert lower.schedule.instalments[0].due_on == date(2026, 4, 15)
    for result in (lower, shorter):
        assert result.terms.principal_cents == FIRST.balance_cents - result.principal_cents


@pytest.mark.parametrize(
    ("method", "payment_cents", "code"),
    [
        ("equal_instalment", 40_000_000, "LON-PREPAY-IS-PAYOFF"),
        ("equal_instalment", 1_000, "LON-PREPAY-TOO-SMALL"),
        ("equal_instalment", 205_645, "LON-PREPAY-TOO-SMALL"),  # 17 of 31 days of interest to the cent, and no more
        ("interest_first", 5_000_000, "LON-PREPAY-CANNOT-SHORTEN"),
    ],
)
def test_why_a_prepayment_is_not_taken(method, payment_cents, code):
    terms = replace(TERMS, method=method)
    result = loan.prepay(terms, loan.build_schedule(terms), [], date(2026, 2, 1), payment_cents, keep="instalment")
    assert [reason.code for reason in result.reasons] == [code]
    assert result.schedule is None


def test_prepaying_a_month_end_loan_keeps_the_contract_day():
    terms = replace(TERMS, disbursed_on=date(2026, 1, 31))
    schedule = loan.build_schedule(terms)
    first = schedule.instalments[0]
    result = loan.prepay(terms, schedule, [], first.due_on, first.total_cents + 1_000_000)
    assert [row.due_on for row in result.schedule.instalments[:2]] == [date(2026, 3, 31), date(2026, 4, 30)]
    assert result.schedule.instalments[0].interest_cents == round(
        Decimal(first.balance_cents - 1_000_000) * Decimal("0.015")
    )


CAP_24 = Cap(Decimal("0.24"), "nominal", "金规〔2025〕9号")


def test_the_cost_table_names_every_cost_and_its_yearly_shares_add_up():
    fees = [
        Fee("guarantee insurance", "insurer", 300_000),
        Fee("service", "platform", 10_000, "each_instalment"),
        Fee("notary", "notary", 5_000, contingent=True),
    ]
    contract = loan.draft_contract(TERMS, funder="bank-a", fees=fees, cap=CAP_24, penalty_annual_rate=Decimal("0.27"))
    assert [row.item for row in contract.cost_table] == [
        "principal",
        "interest",
        "guarantee insurance",
        "service",
        "notary",
        "penalty_interest",
    ]
    certain = [row.annualised for row in contract.cost_table if not row.contingent and row.annualised is not None]
    assert sum(certain) == contract.annual_rate_nominal
    assert contract.cost_table[3].amount_cents == 360_000
    assert contract.reasons == ()


@pytest.mark.parametrize(
    ("rate", "fees", "cap", "codes"),
    [
        ("0.24", [], CAP_24, []),
        ("0.2401", [], CAP_24, ["CTR-RATE-ABOVE-CAP"]),
        ("0.24", [Fee("service", "platform", 1_000)], CAP_24, []),  # under half a basis point
        ("0.24", [Fee("service", "platform", 5_000)], CAP_24, ["CTR-RATE-ABOVE-CAP"]),
        ("0.22", [], replace(CAP_24, meaning="effective"), ["CTR-RATE-ABOVE-CAP"]),
        ("0.10", [], None, ["CTR-CAP-UNKNOWN"]),
        ("0.10", [Fee("service", "platform", 25_000_000)], CAP_24, ["CTR-RATE-UNKNOWN"]),
    ],
)
def test_a_contract_above_the_cap_or_with_an_unknown_rate_may_not_be_signed(rate, fees, cap, codes):
    contract = loan.draft_contract(replace(TERMS, annual_rate=Decimal(rate)), funder="bank-a", fees=fees, cap=cap)
    assert [reason.code for reason in contract.reasons] == codes
