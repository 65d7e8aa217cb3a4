"""Day counts, equal payments, and the rate hidden in cash flows."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from creditfactory import interest


@pytest.mark.parametrize(
    ("day_count", "share"),
    [
        ("30/360", Fraction(30, 360)),
        ("act/360", Fraction(31, 360)),
        ("act/365", Fraction(31, 365)),
        ("act/act", Fraction(19, 365) + Fraction(12, 366)),
    ],
)
def test_one_month_over_new_year_in_each_day_count(day_count, share):
    assert interest.year_fraction(date(2023, 12, 12), date(2024, 1, 12), day_count) == share


def test_actual_days_over_many_years_and_backwards():
    start, end = date(2020, 6, 1), date(2026, 6, 1)
    forth = interest.year_fraction(start, end, "act/act")
    assert forth == 5 + Fraction(213, 366) + Fraction(152, 365)
    assert interest.year_fraction(end, start, "act/act") == -forth


@pytest.mark.parametrize(("numerator", "up", "even"), [(5, 3, 2), (7, 4, 4), (-5, -3, -2), (4, 2, 2), (-7, -4, -4)])
def test_halves_go_away_from_zero_or_to_the_even_neighbour(numerator, up, even):
    assert interest.round_half_up(numerator, 2) == up
    assert interest.round_half_even(numerator, 2) == even


def test_a_row_of_flows_without_a_rate_has_none():
    assert interest.irr_monthly([100, 100]) is None
    assert interest.all_in_rates([(0, -5), (1, -100)]) is None
    assert interest.irr_dated([(date(2026, 1, 1), 100), (date(2026, 2, 1), 100)]) is None


def test_monthly_and_dated_ways_agree_on_a_regular_loan():
    months = [(0, 25_000_000)] + [(month, -903_810) for month in range(1, 37)]
    days = [(30 * month, cents) for month, cents in months]
    by_months = interest.all_in_rates(months)
    by_days = interest.all_in_rates(days, spacing="days")
    assert all(abs(a - b) <= Decimal("0.00000002") for a, b in zip(by_months, by_days, strict=True))


def test_a_rate_that_tells_nobody_anything_is_not_stated():
    assert interest.all_in_rates([(0, 6), (1, -7)], spacing="days") is not None
    assert interest.all_in_rates([(0, 1), (1, -700)], spacing="days") is None
    assert interest.irr_monthly([1, -2_000]) is None
