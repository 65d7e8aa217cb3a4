"""Vintages: of the loans paid out in one season, how many had gone bad by each month on book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl

from creditfactory.portfolio.frames import LOAN_COLUMNS, check_frame

Measure = Literal["ever_90", "charged_off"]
Season = Literal["month", "quarter", "year"]
_EVERY: dict[Season, str] = {"month": "1mo", "quarter": "1q", "year": "1y"}


def build_vintage(
    loans: pl.DataFrame,
    *,
    as_of: date,
    measure: Measure = "ever_90",
    season: Season = "quarter",
    months: Sequence[int] = tuple(range(3, 37, 3)),
    by: Sequence[str] = (),
    weight: str | None = None,
) -> pl.DataFrame:
    """Cohort by months on book: the share ever more than 90 days late, or charged off, by count and by amount.

    A cell is shown only when the youngest loan of the cohort has been on the book that long by ``as_of``, so nothing
    that came later can enter it. The amount of a bad loan is the principal open when it became bad. With ``weight``,
    each loan counts as many times as its weight says; ``by`` splits the cohorts further (product, branch).

    >>> loans = pl.DataFrame(
    ...     {"disbursed_on": [date(2024, 1, 5), date(2024, 2, 5)], "disbursed_cents": [100, 300],
    ...      "ever_90_on": [date(2024, 8, 1), None], "ever_90_cents": [80, None],
    ...      "charged_off_on": [None, None], "charged_off_cents": [None, None]})
    >>> table = build_vintage(loans, as_of=date(2025, 1, 1), months=(6, 9, 12))
    >>> table.select("months_on_book", "share_by_count", "share_by_amount").rows()
    [(6, 0.0, 0.0), (9, 0.5, 0.2)]
    """
    check_frame(loans, LOAN_COLUMNS, weight=weight)
    weighed = pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0)
    event_on = pl.col(f"{measure}_on").cast(pl.Date)
    known = loans.with_columns(
        pl.col("disbursed_on").dt.truncate(_EVERY[season]).alias("cohort"),
        weighed.alias("_weight"),
        event_on.alias("_event_on"),
        pl.col(f"{measure}_cents").cast(pl.Int64).fill_null(0).cast(pl.Float64).alias("_event_cents"),
    ).filter(pl.col("disbursed_on") <= as_of)
    keys = ["cohort", *by]
    cells = [_draw_cells(known, keys, month, as_of) for month in months]
    if not cells:
        return _draw_cells(known, keys, 0, as_of).clear()
    return pl.concat(cells).sort([*keys, "months_on_book"])


def _draw_cells(known: pl.DataFrame, keys: list[str], month: int, as_of: date) -> pl.DataFrame:
    by_then = (pl.col("_event_on") <= pl.col("disbursed_on").dt.offset_by(f"{month}mo")).fill_null(False)
    weight, amount = pl.col("_weight"), pl.col("disbursed_cents").cast(pl.Float64)
    cells = known.group_by(keys).agg(
        pl.lit(month, dtype=pl.Int64).alias("months_on_book"),
        weight.sum().alias("loans"),
        (weight * amount).sum().alias("disbursed_cents"),
        (weight * by_then).sum().alias("bad_loans"),
        (weight * by_then * pl.col("_event_cents")).sum().alias("bad_cents"),
        pl.col("disbursed_on").max().dt.offset_by(f"{month}mo").alias("_whole_from"),
    )
    return (
        cells.filter(pl.col("_whole_from") <= as_of)
        .drop("_whole_from")
        .with_columns(
            _share("bad_loans", "loans").alias("share_by_count"),
            _share("bad_cents", "disbursed_cents").alias("share_by_amount"),
        )
    )


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
