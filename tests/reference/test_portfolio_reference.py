"""Vintages counted loan by loan, held against the columnar ones."""

from datetime import date, timedelta

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditfactory import kernel, portfolio

DAY = st.dates(date(2020, 1, 1), date(2023, 12, 31))


@st.composite
def loans(draw: st.DrawFn) -> dict[str, object]:
    disbursed_on = draw(DAY)
    bad_on = draw(st.none() | st.integers(91, 1_200).map(lambda days: disbursed_on + timedelta(days=days)))
    cents = draw(st.integers(1, 10_000))
    return {
        "disbursed_on": disbursed_on,
        "disbursed_cents": cents,
        "ever_90_on": bad_on,
        "ever_90_cents": None if bad_on is None else draw(st.integers(0, cents)),
        "charged_off_on": None,
        "charged_off_cents": None,
        "weight": float(draw(st.integers(0, 4))),
    }


def slow_vintage(
    rows: list[dict[str, object]], as_of: date, month: int, weighted: bool
) -> dict[int, tuple[float, ...]]:
    """For each year of lending that is old enough: loans, cents, bad loans, bad cents."""
    cells: dict[int, tuple[float, ...]] = {}
    for year in {row["disbursed_on"].year for row in rows if row["disbursed_on"] <= as_of}:
        cohort = [row for row in rows if row["disbursed_on"].year == year and row["disbursed_on"] <= as_of]
        if any(kernel.add_months(row["disbursed_on"], month) > as_of for row in cohort):
            continue
        sums = [0.0, 0.0, 0.0, 0.0]
        for row in cohort:
            weight = row["weight"] if weighted else 1.0
            sums[0] += weight
            sums[1] += weight * row["disbursed_cents"]
            happened = row["ever_90_on"]
            if happened is not None and happened <= min(as_of, kernel.add_months(row["disbursed_on"], month)):
                sums[2] += weight
                sums[3] += weight * row["ever_90_cents"]
        cells[year] = tuple(sums)
    return cells


@given(st.lists(loans(), min_size=1, max_size=25), DAY, st.sampled_from([3, 6, 12, 24]), st.booleans())
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_a_vintage_equals_the_one_counted_loan_by_loan(rows, as_of, month, weighted):
    frame = pl.DataFrame(rows, schema={**portfolio.LOAN_COLUMNS, "weight": pl.Float64}, orient="row")
    table = portfolio.build_vintage(
        frame, as_of=as_of, season="year", months=(month,), weight="weight" if weighted else None
    )
    quick = {
        row["cohort"].year: (row["loans"], row["disbursed_cents"], row["bad_loans"], row["bad_cents"])
        for row in table.iter_rows(named=True)
    }
    assert quick == slow_vintage(rows, as_of, month, weighted)
