"""Asset quality of the whole book, each number with the definition that stands beside it (AQ-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from creditfactory.portfolio.arrears import BUCKETS, Steps, bucket_column
from creditfactory.portfolio.frames import BALANCE_COLUMNS, LOAN_COLUMNS, check_frame

DEFINITIONS: Mapping[str, Mapping[str, str]] = {
    "cumulative_bad_rate": {
        "en": "Principal open when each loan first passed 90 days late, also of loans later charged off or cured, "
        "over all principal ever paid out.",
        "zh": "各笔贷款首次逾期超过90天时的未还本金(含其后核销或结清者)÷ 累计放款本金。",
    },
    "cumulative_bad_rate_by_count": {
        "en": "Loans ever more than 90 days late over all loans ever paid out.",
        "zh": "曾经逾期超过90天的贷款笔数 ÷ 累计放款笔数。",
    },
    "bad_rate_after_charge_off": {
        "en": "Open principal of loans now more than 90 days late and not charged off, over all open principal not "
        "charged off.",
        "zh": "当前逾期超过90天且未核销贷款的本金余额 ÷ 未核销贷款本金余额。",
    },
}


@dataclass(frozen=True, slots=True)
class AssetQuality:
    """The book's totals and rates on a day; a rate is none while there is nothing to divide by."""

    loans: float
    disbursed_cents: float
    ever_90_loans: float
    ever_90_cents: float
    charged_off_cents: float
    open_cents: float
    bad_open_cents: float
    cumulative_bad_rate: float | None
    cumulative_bad_rate_by_count: float | None
    bad_rate_after_charge_off: float | None


def measure_quality(loans: pl.DataFrame, *, weight: str | None = None) -> AssetQuality:
    """How good the book is: cumulative bad rate, and bad rate after charge-off, as ``DEFINITIONS`` says.

    >>> measure_quality(pl.DataFrame(schema={**LOAN_COLUMNS, **BALANCE_COLUMNS})).cumulative_bad_rate is None
    True
    """
    check_frame(loans, {**LOAN_COLUMNS, **BALANCE_COLUMNS}, weight=weight)
    weighed = pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0)
    on_book = pl.col("charged_off_on").is_null()
    ever_bad = pl.col("ever_90_on").is_not_null()
    bad_now = on_book & (pl.col("arrears_days") > 90)
    open_principal = pl.col("principal_open_cents").cast(pl.Float64)
    totals = loans.with_columns(weighed.alias("_weight")).select(
        pl.col("_weight").sum().alias("loans"),
        _total(pl.col("disbursed_cents")).alias("disbursed_cents"),
        (pl.col("_weight") * ever_bad).sum().alias("ever_90_loans"),
        _total(pl.col("ever_90_cents")).alias("ever_90_cents"),
        _total(pl.col("charged_off_cents")).alias("charged_off_cents"),
        _total(open_principal * on_book).alias("open_cents"),
        _total(open_principal * bad_now).alias("bad_open_cents"),
    )
    (row,) = totals.iter_rows(named=True)
    return AssetQuality(
        **row,
        cumulative_bad_rate=_share(row["ever_90_cents"], row["disbursed_cents"]),
        cumulative_bad_rate_by_count=_share(row["ever_90_loans"], row["loans"]),
        bad_rate_after_charge_off=_share(row["bad_open_cents"], row["open_cents"]),
    )


def count_buckets(loans: pl.DataFrame, *, steps: Steps = BUCKETS, weight: str | None = None) -> pl.DataFrame:
    """Loans and open principal in each bucket (or grade), every bucket named even when nobody is in it.

    >>> loans = pl.DataFrame({"principal_open_cents": [100, 50], "arrears_days": [0, 45]})
    >>> count_buckets(loans).filter(pl.col("loans") > 0).rows()
    [('M0', 1.0, 100.0), ('M2', 1.0, 50.0)]
    """
    check_frame(loans, BALANCE_COLUMNS, weight=weight)
    weighed = pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0)
    found = (
        loans.with_columns(bucket_column(pl.col("arrears_days"), steps).alias("bucket"), weighed.alias("_weight"))
        .group_by("bucket")
        .agg(pl.col("_weight").sum().alias("loans"), _total(pl.col("principal_open_cents")).alias("open_cents"))
    )
    names = pl.DataFrame({"bucket": [name for name, _ in steps]})
    return names.join(found, on="bucket", how="left", maintain_order="left").fill_null(0.0)


def _total(amount: pl.Expr) -> pl.Expr:
    return (pl.col("_weight") * amount.cast(pl.Float64).fill_null(0.0)).sum()


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
