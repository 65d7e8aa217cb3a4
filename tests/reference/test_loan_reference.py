"""The slow and obvious way to draw a schedule, to age a loan and to find a rate, held against the quick ones."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from creditfactory import interest, loan
from creditfactory.loan import Grace, Repayment, Terms

unhurried = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


# --- schedules, in exact fractions -------------------------------------------------------------------------------


def rounded(amount: Fraction, rounding: str) -> int:
    down = amount.numerator // amount.denominator
    rest = amount - down
    if rest == Fraction(1, 2):
        return down + 1 if rounding == "half_up" or down % 2 else down
    return down + 1 if rest > Fraction(1, 2) else down


def slow_year_share(start: date, end: date, day_count: str) -> Fraction:
    """Day by day: each day is a share of the year it ends in."""
    share = Fraction(0)
    day = start
    while day < end:
        day += timedelta(days=1)
        leap = date(day.year, 12, 31).timetuple().tm_yday == 366
        share += Fraction(1, {"act/360": 360, "act/365": 365}.get(day_count, 366 if leap else 365))
    return share


def slow_rates(terms: Terms, due_dates: list[date]) -> list[Fraction]:
    rate = Fraction(terms.annual_rate)
    if terms.day_count == "30/360":
        return [rate / 12] * len(due_dates)
    starts = [terms.disbursed_on, *due_dates[:-1]]
    return [rate * slow_year_share(start, end, terms.day_count) for start, end in zip(starts, due_dates, strict=True)]


def slow_payment(principal: int, rates: list[Fraction]) -> Fraction:
    """The payment that brings the balance to nothing: what the principal grows to over what the payments grow to."""
    grown, payments = Fraction(principal), Fraction(0)
    for rate in rates:
        grown *= 1 + rate
        payments = payments * (1 + rate) + 1
    return grown / payments


def slow_due_dates(terms: Terms) -> list[date]:
    dates = []
    for number in range(1, terms.instalments + 1):
        month = terms.disbursed_on.month - 1 + number
        year, month = terms.disbursed_on.year + month // 12, month % 12 + 1
        day = terms.disbursed_on.day
        while True:
            try:
                dates.append(date(year, month, day))
                break
            except ValueError:
                day -= 1
    return dates


def slow_rows(terms: Terms) -> list[tuple[date, int, int]]:
    dates = slow_due_dates(terms)
    rates = slow_rates(terms, dates)
    left = terms.principal_cents
    rows = []
    for number, (day, rate) in enumerate(zip(dates, rates, strict=True), start=1):
        borne = rounded(left * rate, terms.rounding)
        if number == terms.instalments:
            part = left
        elif number <= terms.grace.principal or terms.method == "interest_first":
            part = 0
        elif terms.method == "equal_principal":
            paying = terms.instalments - terms.grace.principal
            part = min(left, rounded(Fraction(terms.principal_cents, paying), terms.rounding))
        else:
            payment = rounded(slow_payment(terms.principal_cents, rates[terms.grace.principal :]), terms.rounding)
            part = max(0, min(left, payment - borne))
        left -= part
        rows.append((day, part, borne))
    return rows


@st.composite
def plain_terms(draw: st.DrawFn) -> Terms:
    instalments = draw(st.integers(1, 24))
    return Terms(
        principal_cents=draw(st.integers(1, 100_000_000)),
        annual_rate=draw(st.integers(0, 6_000).map(lambda bps: Decimal(bps) / 10_000)),
        instalments=instalments,
        method=draw(st.sampled_from(["equal_instalment", "equal_principal", "interest_first"])),
        disbursed_on=draw(st.dates(date(2019, 1, 1), date(2031, 12, 31))),
        day_count=draw(st.sampled_from(interest.DAY_COUNTS)),
        grace=Grace(principal=draw(st.integers(0, instalments - 1))),
        rounding=draw(st.sampled_from(["half_up", "half_even"])),
    )


@given(plain_terms())
@unhurried
def test_a_schedule_equals_the_one_drawn_in_exact_fractions(terms):
    rows = loan.build_schedule(terms).instalments
    assert [(row.due_on, row.principal_cents, row.interest_cents) for row in rows] == slow_rows(terms)


@pytest.mark.parametrize("day_count", ["act/360", "act/365", "act/act"])
def test_year_shares_equal_those_counted_day_by_day(day_count):
    start = date(2019, 12, 30)
    for days in (0, 1, 2, 3, 31, 366, 367, 800, 1_500):
        end = start + timedelta(days=days)
        assert interest.year_fraction(start, end, day_count) == slow_year_share(start, end, day_count)


# --- rates, by halving ---------------------------------------------------------------------------------------------


def slow_monthly_rate(received: int, payments: list[int]) -> Decimal:
    """Halve the interval until the payments, discounted, are worth what was received."""
    with localcontext() as context:
        context.prec = 40
        low, high = Decimal("-0.5"), Decimal(10)
        for _ in range(100):
            middle = (low + high) / 2
            worth, factor = Decimal(0), Decimal(1)
            for payment in payments:
                factor /= 1 + middle
                worth += payment * factor
            low, high = (middle, high) if worth > received else (low, middle)
        return low


@given(plain_terms(), st.integers(0, 1_000))
@unhurried
def test_the_all_in_rate_equals_the_one_found_by_halving(terms, fee_bps):
    terms = replace(terms, principal_cents=terms.principal_cents + 100_000, day_count="30/360")
    fee = terms.principal_cents * fee_bps // 10_000
    schedule = loan.build_schedule(terms, fees=[loan.Fee("service", "platform", fee)])
    monthly = slow_monthly_rate(terms.principal_cents - fee, [row.total_cents for row in schedule.instalments])
    assert abs(schedule.annual_rate_nominal - 12 * monthly) <= Decimal("0.00000002")
    assert abs(schedule.annual_rate_effective - ((1 + monthly) ** 12 - 1)) <= Decimal("0.00000005")


@given(plain_terms(), st.integers(1, 75), st.integers(0, 500))
@unhurried
def test_the_rate_of_a_loan_with_a_broken_first_period_discounts_its_flows_to_nothing(terms, days, fee_bps):
    terms = replace(
        terms,
        principal_cents=terms.principal_cents + 1_000_000,
        annual_rate=terms.annual_rate + Decimal("0.01"),
        first_due_on=terms.disbursed_on + timedelta(days=days),
    )
    fee = terms.principal_cents * fee_bps // 10_000
    schedule = loan.build_schedule(terms, fees=[loan.Fee("service", "platform", fee)])
    first = terms.first_due_on
    months = (first.year - terms.disbursed_on.year) * 12 + first.month - terms.disbursed_on.month
    lead = months + (min(first.day, 30) - min(terms.disbursed_on.day, 30)) / 30
    assume(lead > 0 and not (first.day == 31 and terms.disbursed_on.day < 30))
    assume(first != a_month_later(terms.disbursed_on))
    monthly = float(schedule.annual_rate_nominal) / 12
    worth = sum(row.total_cents * (1 + monthly) ** -(lead + index) for index, row in enumerate(schedule.instalments))
    assert abs(worth - (terms.principal_cents - fee)) < 1e-6 * terms.principal_cents


def a_month_later(day: date) -> date:
    """A whole month later: a regular loan, whose flows are discounted by whole months."""
    return slow_due_dates(Terms(1, Decimal(0), 1, "equal_instalment", day))[0]


# --- a loan's life, day by day ----------------------------------------------------------------------------------------


@dataclass
class SlowLoan:
    """One day after another: what falls due, what runs up, what is paid. No cleverness."""

    rows: list[tuple[date, int, int]]
    penalty_rate: Fraction
    unpaid: list[list[int]] = field(default_factory=list)
    run_up: list[Fraction] = field(default_factory=list)
    penalty_paid: list[int] = field(default_factory=list)
    credit: int = 0

    def __post_init__(self) -> None:
        self.unpaid = [[principal, borne] for _, principal, borne in self.rows]
        self.run_up = [Fraction(0) for _ in self.rows]
        self.penalty_paid = [0 for _ in self.rows]

    def penalty(self, index: int) -> int:
        return rounded(self.run_up[index], "half_up") - self.penalty_paid[index]

    def live(self, start: date, end: date, payments: list[Repayment]) -> None:
        day = start
        while day <= end:
            for index, (due_on, _, _) in enumerate(self.rows):
                if due_on < day:
                    self.run_up[index] += self.unpaid[index][0] * self.penalty_rate / 360
            for payment in payments:
                if payment.on == day:
                    self.pay(payment.cents, day)
            day += timedelta(days=1)

    def pay(self, cents: int, day: date) -> None:
        order = [index for index, row in enumerate(self.rows) if row[0] <= day]
        order += [index for index, row in enumerate(self.rows) if row[0] > day]
        for index in order:
            for part in ("penalty", "interest", "principal"):
                owed = {"penalty": self.penalty(index), "interest": self.unpaid[index][1]}.get(
                    part, self.unpaid[index][0]
                )
                paid = min(cents, owed)
                cents -= paid
                if part == "penalty":
                    self.penalty_paid[index] += paid
                else:
                    self.unpaid[index][1 if part == "interest" else 0] -= paid
        self.credit += cents

    def days_late(self, day: date) -> int:
        late = [
            (day - row[0]).days
            for index, row in enumerate(self.rows)
            if row[0] < day and (any(self.unpaid[index]) or self.penalty(index))
        ]
        return max(late, default=0)


@given(
    plain_terms(),
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 40)), max_size=10),
    st.integers(0, 500),
    st.sampled_from([Decimal(0), Decimal("0.27")]),
)
@unhurried
def test_a_position_equals_the_one_lived_through_day_by_day(terms, paid, days, penalty_rate):
    assume(terms.principal_cents > 1_000)
    schedule = loan.build_schedule(terms)
    payments = [
        Repayment(terms.disbursed_on + timedelta(days=day), max(terms.principal_cents * percent // 100, 1))
        for day, percent in paid
    ]
    on = terms.disbursed_on + timedelta(days=days)
    slow = SlowLoan(slow_rows(terms), Fraction(penalty_rate))
    slow.live(terms.disbursed_on, on, payments)
    rules = loan.ServicingRules(penalty_annual_rate=penalty_rate)
    position = loan.age(schedule, payments, on, rules=rules)
    assert position.principal_open_cents == sum(line[0] for line in slow.unpaid)
    assert position.penalty_paid_cents == sum(slow.penalty_paid)
    assert position.penalty_due_cents == sum(slow.penalty(index) for index in range(len(slow.rows)))
    assert position.credit_cents == slow.credit
    assert position.arrears_days == slow.days_late(on)
