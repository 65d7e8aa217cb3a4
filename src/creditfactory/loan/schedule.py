"""The schedule: every instalment to the cent, and the all-in rates that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from creditfactory import interest
from creditfactory.kernel import add_months, month_end
from creditfactory.loan.terms import Fee, Instalment, Schedule, Terms

_ROUNDERS: dict[str, Callable[[int, int], int]] = {
    "half_up": interest.round_half_up,
    "half_even": interest.round_half_even,
}
_QUANTIZERS = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


def build_schedule(terms: Terms, *, fees: Sequence[Fee] = ()) -> Schedule:
    """The instalments of a loan, the last one taking the rounding, with nominal and effective all-in rates.

    >>> terms = Terms(25_000_000, Decimal("0.18"), 36, "equal_instalment", date(2026, 1, 15))
    >>> schedule = build_schedule(terms)
    >>> schedule.instalments[0]
    Instalment(number=1, due_on=datetime.date(2026, 2, 15), principal_cents=528810, interest_cents=375000, \
total_cents=903810, balance_cents=24471190)
    >>> schedule.total_interest_cents
    7537154
    """
    due_dates = choose_due_dates(terms)
    rates = period_rates(terms, due_dates)
    rows, total_interest = _draw_instalments(terms, due_dates, rates)
    charged = (*terms.fees, *fees)
    nominal, effective = rate_flows(terms, rows, charged)
    return Schedule(rows, total_interest, nominal, effective, charged)


def choose_due_dates(terms: Terms) -> tuple[date, ...]:
    """The day each instalment falls due: plain contract dates, never moved for holidays.

    >>> choose_due_dates(Terms(1, Decimal(0), 3, "equal_instalment", date(2025, 12, 31)))[1:]
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    if terms.period_days is not None:
        step = timedelta(days=terms.period_days)
        start = terms.first_due_on or terms.disbursed_on + step
        return tuple(start + step * number for number in range(terms.instalments))
    months = terms.period_months
    if terms.first_due_on is None:
        anchor = terms.due_day or terms.disbursed_on.day
        first = add_months(terms.disbursed_on, months, anchor_day=anchor)
    else:
        first, anchor = terms.first_due_on, terms.due_day or terms.first_due_on.day
    dates = tuple(add_months(first, months * number, anchor_day=anchor) for number in range(terms.instalments))
    return tuple(month_end(day) for day in dates) if terms.month_end == "last_day" else dates


def period_rates(terms: Terms, due_dates: Sequence[date]) -> tuple[Fraction, ...]:
    """The exact rate that each period bears; under 30/360 a whole contract month is a twelfth, whatever the calendar.

    >>> terms = Terms(1, Decimal("0.12"), 2, "equal_instalment", date(2026, 1, 31))
    >>> period_rates(terms, choose_due_dates(terms))
    (Fraction(1, 100), Fraction(1, 100))
    """
    annual = Fraction(terms.annual_rate)
    free = min(terms.grace.free, terms.instalments)
    if terms.day_count == "30/360" and terms.period_days is None:
        regular = annual * terms.period_months / 12
        first = regular if starts_regularly(terms) else annual * first_period_days(terms, due_dates[0]) / 360
        rates = (first, *[regular] * (terms.instalments - 1))
    else:
        starts = (terms.disbursed_on, *due_dates[:-1])
        rates = tuple(
            annual * interest.year_fraction(start, end, terms.day_count)
            for start, end in zip(starts, due_dates, strict=True)
        )
    return (*[Fraction(0)] * free, *rates[free:]) if free else rates


def starts_regularly(terms: Terms) -> bool:
    """Whether the first period is as long as the others, so that the loan has no broken period."""
    if terms.period_days is not None:
        return terms.first_due_on in (None, terms.disbursed_on + timedelta(days=terms.period_days))
    regular = add_months(terms.disbursed_on, terms.period_months, anchor_day=terms.due_day)
    first = terms.first_due_on or regular
    if terms.month_end == "last_day":
        return month_end(first) == month_end(regular) and terms.disbursed_on == month_end(terms.disbursed_on)
    return first == regular


def first_period_days(terms: Terms, first_due_on: date) -> int:
    """Days in the first period when every month has thirty."""
    return interest.days_30_360(terms.disbursed_on, first_due_on)


def _draw_instalments(
    terms: Terms, due_dates: Sequence[date], rates: Sequence[Fraction]
) -> tuple[tuple[Instalment, ...], int]:
    nearest = _ROUNDERS[terms.rounding]
    put_off = terms.grace.interest
    last = terms.instalments
    paying_from = min(terms.grace.principal, last - 1)
    payment, principal_part = _choose_amounts(terms, rates[paying_from:])
    balance, carried, total_interest = terms.principal_cents, 0, 0
    rows: list[Instalment] = []
    for number, (due_on, rate) in enumerate(zip(due_dates, rates, strict=True), start=1):
        borne = nearest(balance * rate.numerator, rate.denominator)
        if number == last:
            principal = balance
        elif number <= paying_from:
            principal = 0
        elif payment is not None:
            principal = min(max(payment - borne, 0), balance)
        else:
            principal = min(principal_part, balance)
        carried += borne
        asked, carried = (0, carried) if number <= put_off and number < last else (carried, 0)
        balance -= principal
        total_interest += asked
        rows.append(Instalment(number, due_on, principal, asked, principal + asked, balance))
    return tuple(rows), total_interest


def _choose_amounts(terms: Terms, rates: Sequence[Fraction]) -> tuple[int | None, int]:
    """The equal payment, or none and the equal principal part, of the instalments that repay principal."""
    if terms.method == "interest_first":
        return None, 0
    if terms.method == "equal_principal":
        part = terms.instalment_cents
        return None, part or _round_to_step(Decimal(terms.principal_cents) / len(rates), terms)
    if terms.instalment_cents is not None:
        return terms.instalment_cents, 0
    principal = Decimal(terms.principal_cents)
    if terms.equal_over == "first_period" or rates.count(rates[0]) == len(rates):
        rate = Decimal(rates[0].numerator) / Decimal(rates[0].denominator)
        return _round_to_step(interest.level_payment(principal, rate, len(rates)), terms), 0
    return _round_to_step(interest.equal_payment(principal, rates), terms), 0


def _round_to_step(amount: Decimal, terms: Terms) -> int:
    rounding = ROUND_CEILING if terms.instalment_step_rounding == "up" else _QUANTIZERS[terms.rounding]
    if terms.instalment_step_cents == 1:
        return int(amount.quantize(Decimal(1), rounding=rounding))
    steps = (amount / terms.instalment_step_cents).quantize(Decimal(1), rounding=rounding)
    return int(steps) * terms.instalment_step_cents


def rate_flows(
    terms: Terms, rows: Sequence[Instalment], fees: Sequence[Fee] = ()
) -> tuple[Decimal | None, Decimal | None]:
    """The nominal and effective all-in rates of these instalments and of the fees paid when all goes well."""
    certain = [fee for fee in fees if not fee.contingent]
    at_start = sum(fee.amount_cents for fee in certain if fee.method == "at_disbursement")
    each = sum(fee.amount_cents for fee in certain if fee.method == "each_instalment")
    at_end = sum(fee.amount_cents for fee in certain if fee.method == "at_maturity")
    received = terms.principal_cents - at_start
    guess = float(terms.annual_rate) or 0.01
    if terms.period_days is None and starts_regularly(terms):
        flows = [(0, received)]
        flows += [(row.number * terms.period_months, -row.total_cents - each) for row in rows]
        flows[-1] = (flows[-1][0], flows[-1][1] - at_end)
        found = interest.all_in_rates(flows, guess=guess)
    else:
        flows = [(0, received)]
        flows += [(_days_of_thirty(terms, rows[0].due_on, row), -row.total_cents - each) for row in rows]
        flows[-1] = (flows[-1][0], flows[-1][1] - at_end)
        found = interest.all_in_rates(flows, spacing="days", guess=guess)
    return found if found is not None else (None, None)


def _days_of_thirty(terms: Terms, first_due_on: date, row: Instalment) -> int:
    if terms.period_days is not None:
        return interest.days_30_360(terms.disbursed_on, row.due_on)
    return first_period_days(terms, first_due_on) + 30 * terms.period_months * (row.number - 1)
