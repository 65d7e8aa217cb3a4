"""What a table of loans must hold before it is counted: named columns of the right kind, and nothing impossible."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from creditfactory.kernel import BadInput

LOAN_COLUMNS: Mapping[str, pl.DataType] = {
    "disbursed_on": pl.Date(),
    "disbursed_cents": pl.Int64(),
    "ever_90_on": pl.Date(),
    "ever_90_cents": pl.Int64(),
    "charged_off_on": pl.Date(),
    "charged_off_cents": pl.Int64(),
}
"""A loan's outcome: when it was first more than 90 days late and what principal was open then, when and how much of it
was charged off. Empty where it never happened."""

BALANCE_COLUMNS: Mapping[str, pl.DataType] = {"principal_open_cents": pl.Int64(), "arrears_days": pl.Int64()}
"""Where the loan stands on the day looked at."""


def check_frame(loans: pl.DataFrame, columns: Mapping[str, pl.DataType], *, weight: str | None = None) -> None:
    """Refuse a table that lacks a column, holds another kind of value, or weighs a loan with less than nothing.

    >>> check_frame(pl.DataFrame({"arrears_days": [1]}), BALANCE_COLUMNS)
    Traceback (most recent call last):
    creditfactory.kernel.errors.BadInput: loans.principal_open_cents: found no such column, expected a column of Int64
    """
    for name, kind in columns.items():
        if name not in loans.columns:
            raise BadInput(place=f"loans.{name}", found="no such column", expected=f"a column of {kind}")
        found = loans.schema[name]
        if found != kind and found != pl.Null:
            raise BadInput(place=f"loans.{name}", found=f"a column of {found}", expected=f"a column of {kind}")
    for name in ("disbursed_on", "disbursed_cents", "principal_open_cents", "arrears_days"):
        if name in columns and loans[name].null_count():
            raise BadInput(place=f"loans.{name}", found="empty values", expected="a value for every loan")
    if weight is not None:
        _check_weight(loans, weight)


def _check_weight(loans: pl.DataFrame, weight: str) -> None:
    if weight not in loans.columns:
        raise BadInput(place=f"loans.{weight}", found="no such column", expected="a column of weights")
    values = loans[weight]
    if not values.dtype.is_numeric():
        raise BadInput(place=f"loans.{weight}", found=f"a column of {values.dtype}", expected="a column of numbers")
    numbers = values.cast(pl.Float64)
    if numbers.null_count() or not numbers.is_finite().all() or (numbers < 0).any():
        raise BadInput(
            place=f"loans.{weight}", found="an empty, infinite or negative weight", expected="weights from nought up"
        )
