"""Buckets, grades, vintages and asset quality, each number by its stated definition."""

from datetime import date

import polars as pl
import pytest

from creditfactory import portfolio
from creditfactory.kernel import BadInput

LOANS = pl.DataFrame(
    {
        "disbursed_on": [date(2024, 1, 10), date(2024, 2, 20), date(2024, 3, 31), date(2024, 5, 2)],
        "disbursed_cents": [1_000, 2_000, 3_000, 4_000],
        "ever_90_on": [date(2024, 7, 10), date(2024, 8, 21), None, date(2025, 6, 1)],
        "ever_90_cents": [900, 1_500, None, 3_000],
        "charged_off_on": [date(2024, 12, 1), None, None, None],
        "charged_off_cents": [880, None, None, None],
        "principal_open_cents": [880, 1_500, 2_000, 3_900],
        "arrears_days": [200, 130, 0, 20],
        "weight": [1.0, 3.0, 1.0, 2.0],
        "product": ["a", "a", "b", "b"],
    }
)


@pytest.mark.parametrize("steps", [portfolio.BUCKETS, portfolio.FIVE_GRADES])
def test_one_loan_and_a_column_of_them_fall_into_the_same_bucket(steps):
    days = list(range(400))
    column = pl.DataFrame({"days": days}).select(portfolio.bucket_column(pl.col("days"), steps))["literal"]
    assert column.to_list() == [portfolio.choose_bucket(day, steps) for day in days]


def test_unknown_lateness_falls_into_no_bucket():
    column = pl.DataFrame({"days": [None]}, schema={"days": pl.Int64}).select(portfolio.bucket_column(pl.col("days")))
    assert column["literal"].to_list() == [None]


@pytest.mark.parametrize(
    ("days", "grade"),
    [
        (0, "normal"),
        (1, "special_mention"),
        (90, "special_mention"),
        (91, "substandard"),
        (271, "doubtful"),
        (361, "loss"),
    ],
)
def test_five_grades_by_days_of_arrears(days, grade):
    assert portfolio.choose_bucket(days, portfolio.FIVE_GRADES) == grade


def test_a_vintage_counts_what_had_gone_bad_by_each_month_on_book():
    table = portfolio.build_vintage(LOANS, as_of=date(2025, 3, 31), months=(6, 9, 12))
    first = table.filter(pl.col("cohort") == date(2024, 1, 1))
    assert first["months_on_book"].to_list() == [6, 9, 12]
    assert first["bad_loans"].to_list() == [1.0, 2.0, 2.0]  # one to the day at six months, one a day after
    assert first["share_by_count"].to_list() == [1 / 3, 2 / 3, 2 / 3]
    assert first["share_by_amount"].to_list() == [900 / 6_000, 2_400 / 6_000, 2_400 / 6_000]


def test_a_vintage_shows_no_cell_before_its_youngest_loan_is_that_old():
    table = portfolio.build_vintage(LOANS, as_of=date(2025, 3, 30), months=(12,))
    assert date(2024, 1, 1) not in table["cohort"].to_list()


def test_a_vintage_does_not_know_what_came_after_the_day_it_looks_from():
    assert portfolio.build_vintage(LOANS, as_of=date(2025, 5, 31), months=(12,)).filter(
        pl.col("cohort") == date(2024, 4, 1)
    )["bad_loans"].to_list() == [0.0]


def test_a_vintage_by_product_and_weight():
    table = portfolio.build_vintage(LOANS, as_of=date(2025, 12, 31), months=(9,), by=["product"], weight="weight")
    row = table.filter((pl.col("cohort") == date(2024, 1, 1)) & (pl.col("product") == "a")).to_dicts()[0]
    assert (row["loans"], row["bad_loans"], row["bad_cents"]) == (4.0, 4.0, 900 + 3 * 1_500)
    assert row["share_by_amount"] == (900 + 4_500) / (1_000 + 6_000)


def test_a_vintage_of_charge_offs():
    table = portfolio.build_vintage(LOANS, as_of=date(2025, 12, 31), measure="charged_off", months=(9, 12))
    assert table.filter(pl.col("cohort") == date(2024, 1, 1))["bad_cents"].to_list() == [0.0, 880.0]


def test_a_vintage_of_no_loans_has_no_rows():
    assert portfolio.build_vintage(LOANS.clear(), as_of=date(2025, 1, 1)).is_empty()


def test_asset_quality_follows_its_definitions():
    """AQ-01: cumulative and after charge-off."""
    quality = portfolio.measure_quality(LOANS)
    assert quality.cumulative_bad_rate == (900 + 1_500 + 3_000) / 10_000
    assert quality.cumulative_bad_rate_by_count == 3 / 4
    assert quality.bad_rate_after_charge_off == 1_500 / (1_500 + 2_000 + 3_900)
    weighted = portfolio.measure_quality(LOANS, weight="weight")
    assert weighted.cumulative_bad_rate == (900 + 4_500 + 6_000) / (1_000 + 6_000 + 3_000 + 8_000)
    assert {"cumulative_bad_rate", "bad_rate_after_charge_off"} <= set(portfolio.DEFINITIONS)


def test_ninety_days_late_is_not_yet_bad():
    loans = LOANS.with_columns(arrears_days=pl.Series([90, 91, 0, 0]), charged_off_on=pl.lit(None, dtype=pl.Date))
    assert portfolio.measure_quality(loans).bad_open_cents == 1_500


def test_buckets_add_up_to_the_book():
    buckets = portfolio.count_buckets(LOANS)
    assert buckets["bucket"].to_list() == [name for name, _ in portfolio.BUCKETS]
    assert buckets["loans"].sum() == 4
    assert buckets["open_cents"].sum() == LOANS["principal_open_cents"].sum()


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda frame: frame.drop("disbursed_on"), "loans.disbursed_on"),
        (lambda frame: frame.with_columns(pl.col("disbursed_cents").cast(pl.Float64)), "loans.disbursed_cents"),
        (lambda frame: frame.with_columns(pl.lit(None, dtype=pl.Date).alias("disbursed_on")), "loans.disbursed_on"),
        (lambda frame: frame.with_columns(pl.lit(float("nan")).alias("weight")), "loans.weight"),
        (lambda frame: frame.with_columns(pl.lit(-1.0).alias("weight")), "loans.weight"),
        (lambda frame: frame.with_columns(pl.lit("1").alias("weight")), "loans.weight"),
        (lambda frame: frame.drop("weight"), "loans.weight"),
    ],
)
def test_a_table_that_cannot_be_counted_is_refused_by_its_column(spoil, place):
    with pytest.raises(BadInput) as caught:
        portfolio.build_vintage(spoil(LOANS), as_of=date(2025, 1, 1), weight="weight")
    assert caught.value.place == place


def test_a_debtor_is_graded_by_the_worst_of_their_loans():
    assert portfolio.lowest_grade(["normal", "substandard", "special_mention"]) == "substandard"
