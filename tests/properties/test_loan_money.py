"""Whatever the terms and the payments: no cent is lost, entries balance, and better terms never cost more."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from creditfactory import interest, ledger, loan
from creditfactory.kernel import BadInput
from creditfactory.loan import Grace, Repayment, ServicingRules, Terms

DAYS = st.dates(date(2019, 1, 1), date(2031, 12, 31))


@st.composite
def any_terms(draw: st.DrawFn, **fixed: object) -> Terms:
    instalments = draw(st.integers(1, 60))
    principal = draw(st.integers(1, 100_000_000))
    disbursed_on = draw(DAYS)
    first_due_on = draw(st.none() | st.integers(1, 70).map(lambda days: disbursed_on + timedelta(days=days)))
    grace = st.integers(0, instalments - 1)
    made = Terms(
        principal_cents=principal,
        annual_rate=draw(st.integers(0, 4_000).map(lambda bps: Decimal(bps) / 10_000)),
        instalments=instalments,
        method=draw(st.sampled_from(["equal_instalment", "equal_principal", "interest_first"])),
        disbursed_on=disbursed_on,
        day_count=draw(st.sampled_from(interest.DAY_COUNTS)),
        first_due_on=first_due_on,
        grace=Grace(draw(grace), draw(grace), draw(grace)),
        rounding=draw(st.sampled_from(["half_up", "half_even"])),
        instalment_step_cents=draw(st.sampled_from([1, 1, 100])),
        instalment_step_rounding=draw(st.sampled_from(["nearest", "up"])),
        equal_over=draw(st.sampled_from(["all_periods", "first_period"])),
        month_end=draw(st.sampled_from(["clamp", "last_day"])),
    )
    made = replace(made, **fixed)  # type: ignore[arg-type]
    assume(loan.choose_due_dates(made)[0] > made.disbursed_on)
    return made


PLAIN = {
    "grace": Grace(),
    "first_due_on": None,
    "instalment_step_cents": 1,
    "month_end": "clamp",
    "day_count": "30/360",
}


@given(any_terms())
def test_no_cent_of_principal_is_lost_or_made(terms):
    schedule = loan.build_schedule(terms)
    balance = terms.principal_cents
    for row in schedule.instalments:
        assert row.principal_cents >= 0
        assert row.interest_cents >= 0
        assert row.total_cents == row.principal_cents + row.interest_cents
        balance -= row.principal_cents
        assert row.balance_cents == balance
    assert balance == 0
    assert schedule.total_interest_cents == sum(row.interest_cents for row in schedule.instalments)
    days = [row.due_on for row in schedule.instalments]
    assert days == sorted(set(days))
    assert len(days) == terms.instalments


@given(any_terms())
def test_interest_put_off_is_still_paid_in_full(terms):
    schedule = loan.build_schedule(terms)
    whole = loan.accrued_interest_cents(terms, schedule, schedule.instalments[-1].due_on)
    assert whole == schedule.total_interest_cents


@given(any_terms(**PLAIN), st.integers(1, 500))
def test_a_dearer_loan_never_costs_less(terms, more_bps):
    dearer = replace(terms, annual_rate=terms.annual_rate + Decimal(more_bps) / 10_000)
    slack = terms.instalments  # every instalment may be rounded by a cent
    cost, dearer_cost = (loan.build_schedule(one).total_interest_cents for one in (terms, dearer))
    assert dearer_cost >= cost - slack


@given(any_terms(**PLAIN))
def test_the_all_in_rate_of_a_plain_loan_is_its_contract_rate(terms):
    terms = replace(terms, principal_cents=terms.principal_cents + 1_000_000)  # cents' rounding moves smaller ones
    schedule = loan.build_schedule(terms)
    assert abs(schedule.annual_rate_nominal - terms.annual_rate) < Decimal("0.0001")
    assert schedule.annual_rate_effective >= schedule.annual_rate_nominal - Decimal("0.0000001")


@given(any_terms(), st.integers(0, 3_000))
def test_a_fee_never_makes_a_loan_cheaper(terms, fee_bps):
    fee = loan.Fee("service", "platform", terms.principal_cents * fee_bps // 10_000)
    plain, charged = loan.build_schedule(terms), loan.build_schedule(terms, fees=[fee])
    assume(plain.annual_rate_nominal is not None and charged.annual_rate_nominal is not None)
    assert charged.annual_rate_nominal >= plain.annual_rate_nominal


@st.composite
def lives(draw: st.DrawFn) -> tuple[Terms, list[Repayment], ServicingRules, date]:
    """A loan, the payments that came in, the rules, and a day to look from."""
    terms = draw(any_terms(instalments=draw(st.integers(1, 12)), grace=Grace()))
    span = 31 * terms.instalments + 200
    day = st.integers(0, span).map(lambda days: terms.disbursed_on + timedelta(days=days))
    amount = st.integers(1, max(terms.principal_cents // 2, 1))
    payments = draw(st.lists(st.builds(Repayment, day, amount), max_size=12))
    rules = ServicingRules(
        across=draw(st.sampled_from(["instalment", "part"])),
        advance=draw(st.sampled_from(["next", "hold"])),
        order_non_performing=draw(st.sampled_from([None, loan.PRINCIPAL_BEFORE_INTEREST])),
        penalty_annual_rate=draw(st.sampled_from([Decimal(0), Decimal("0.27")])),
    )
    return terms, payments, rules, draw(day)


@given(lives())
def test_every_cent_paid_is_accounted_for_on_every_day(life):
    terms, payments, rules, on = life
    schedule = loan.build_schedule(terms)
    position = loan.age(schedule, payments, on, rules=rules)
    received = sum(payment.cents for payment in payments if payment.on <= on)
    shared = position.principal_paid_cents + position.interest_paid_cents + position.penalty_paid_cents
    assert shared + position.credit_cents == received
    assert position.principal_paid_cents + position.principal_open_cents == terms.principal_cents
    assert min(one.penalty_cents for one in position.instalments_open) >= 0 if position.instalments_open else True
    assert (position.arrears_days > 0) == (position.status == "in_arrears")
    assert position.arrears_days_max >= position.arrears_days


@given(lives(), st.randoms(use_true_random=False))
def test_the_order_in_which_payments_are_found_does_not_matter(life, chance):
    terms, payments, rules, on = life
    payments = list({payment.on: payment for payment in payments}.values())
    schedule = loan.build_schedule(terms)
    shuffled = chance.sample(payments, len(payments))
    assert loan.age(schedule, payments, on, rules=rules) == loan.age(schedule, shuffled, on, rules=rules)


@given(lives())
def test_the_books_say_what_the_position_says(life):
    """Each payment shared out on its day and booked: the accounts equal the replayed position, and balance."""
    terms, payments, rules, _ = life
    assume(rules.advance == "next")
    schedule = loan.build_schedule(terms)
    payments = sorted(payments, key=lambda payment: payment.on)
    journals = [loan.post_disbursement("L-1", "bank-a", terms.principal_cents, terms.disbursed_on)]
    for index, payment in enumerate(payments):
        before = loan.age(schedule, payments[:index], payment.on, rules=rules)
        shared = loan.allocate(payment.cents, before, rules=rules)
        journals.append(
            loan.post_repayment(
                "L-1",
                "bank-a",
                payment.on,
                receipt=str(index),
                principal_cents=shared.principal_cents,
                interest_cents=shared.interest_cents,
                penalty_cents=shared.penalty_cents,
                credit_cents=shared.credit_cents,
            )
        )
    assert all(ledger.check_balance(journal) == () for journal in journals)
    assert len({journal.key for journal in journals}) == len(journals)
    balances = ledger.trial_balance(entry for journal in journals for entry in journal.entries)
    after = loan.age(schedule, payments, date(2040, 1, 1), rules=rules)
    assert sum(balances.values()) == 0
    assert balances["assets:loans:principal", "CNY"] == after.principal_open_cents
    assert balances.get(("income:interest", "CNY"), 0) == -after.interest_paid_cents
    assert balances.get(("income:penalty", "CNY"), 0) == -after.penalty_paid_cents


@given(lives())
def test_paying_off_never_costs_more_than_waiting(life):
    terms, payments, _, on = life
    schedule = loan.build_schedule(terms)
    quote = loan.quote_payoff(terms, schedule, payments, on)
    position = loan.age(schedule, payments, on)
    assert quote.principal_cents == position.principal_open_cents
    assert quote.total_cents <= sum(
        one.principal_cents + one.interest_cents + one.penalty_cents for one in position.instalments_open
    ) + len(schedule.instalments)


@given(any_terms(), st.integers(1, 100), st.sampled_from(["term", "instalment"]))
def test_a_prepayment_moves_every_cent_into_the_new_schedule(terms, percent, keep):
    schedule = loan.build_schedule(terms)
    on = terms.disbursed_on + timedelta(days=20)
    payment = max(terms.principal_cents * percent // 100, 1)
    result = loan.prepay(terms, schedule, [], on, payment, keep=keep)
    if result.reasons:
        assert result.schedule is None
        return
    assert result.principal_cents + result.interest_cents + result.penalty_cents == payment
    assert result.terms.principal_cents == terms.principal_cents - result.principal_cents
    assert sum(row.principal_cents for row in result.schedule.instalments) == result.terms.principal_cents
    left = [row.due_on for row in schedule.instalments if row.due_on > on]
    assert [row.due_on for row in result.schedule.instalments] == left[: result.terms.instalments]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner))
FIELDS = ["principal_cents", "annual_rate", "instalments", "method", "disbursed_on", "first_due_on", "day_count"]
FIELDS += [
    "grace",
    "fees",
    "rounding",
    "instalment_step_cents",
    "instalment_cents",
    "period_days",
    "due_day",
    "month_end",
]
GOOD = {
    "principal_cents": 25_000_000,
    "annual_rate": "0.18",
    "instalments": 36,
    "method": "equal_instalment",
    "disbursed_on": "2026-01-15",
}


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=2))
def test_terms_are_read_or_refused_by_name_and_never_break(spoiled):
    try:
        terms = loan.read_terms({**GOOD, **spoiled})
    except BadInput as fault:
        assert fault.place
        assert fault.expected
    else:
        assert loan.build_schedule(terms).instalments[-1].balance_cents == 0


@given(st.integers(1, 10**15), st.integers(0, 10**20), st.integers(1, 1_200), st.integers(1, 120))
def test_extreme_terms_that_are_accepted_can_be_scheduled(principal, rate, instalments, months):
    form = {**GOOD, "principal_cents": principal, "annual_rate": f"{Decimal(rate) / 10**18:f}"}
    try:
        terms = loan.read_terms({**form, "instalments": instalments, "period_months": months})
    except BadInput:
        return
    schedule = loan.build_schedule(terms)
    assert schedule.instalments[-1].balance_cents == 0
