"""A population to test policy on: past or made-up applicants as labels, with what became of them where it is known."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import polars as pl

from creditfactory.kernel import BadInput
from creditfactory.rules import Declaration

OUTCOMES: Mapping[str, str] = {
    "bad": "whether the loan went bad; unknown where nothing was lent or it is too early to say",
    "lost_share_bps": "the share of the amount lent that was lost, where it went bad",
    "lost_cents": "the loss in cents, where the share is not told",
    "weight": "how many applicants the row stands for",
    "applied_on": "the day of the application",
    "approved_before": "whether it was approved at the time",
    "reference": "the application's own key",
}
"""Columns beside the labels that a population may carry."""
CHECK_WORDS: Mapping[str, tuple[str, ...]] = {
    "gate_verdict": ("pass", "refer", "needs_facts", "reject"),
    "list_verdict": ("clear", "refer", "reject"),
    "intake_verdict": ("pass", "reject"),
}
"""What checks found that labels cannot show, where the population tells it."""
_MOST: Mapping[str, int] = {"lost_share_bps": 10_000, "lost_cents": 10**15}
WEIGHTS = (1e-6, 1_000_000_000)
"""The least and the most applicants that one row may stand for."""


def tidy_population(frame: pl.DataFrame, declared: Mapping[str, Declaration], *, place: str) -> pl.DataFrame:
    """The population with its columns in the types that rules read; nothing is guessed, no row is dropped.

    Whole numbers kept as fractions become whole numbers again where none is lost by it, days become ISO text. What
    still is of another type stays as it is and counts as broken. A column of outcomes that cannot be read is refused.

    >>> labels = {"queries_3m": Declaration("queries_3m", "int")}
    >>> raw = pl.DataFrame({"queries_3m": [2.0, None], "bad": [1, 0]})
    >>> tidy_population(raw, labels, place="past.csv").rows()
    [(2, True), (None, False)]
    """
    if frame.height and not set(frame.columns) & set(declared):
        raise BadInput(place=place, found="no column that is a label", expected="labels by name, one applicant a row")
    for name in frame.columns:
        column = frame.get_column(name)
        if name in declared:
            frame = frame.with_columns(_tidy_label(column, declared[name]))
        elif name in OUTCOMES or name in CHECK_WORDS:
            frame = frame.with_columns(_tidy_outcome(column, place))
    return frame


def find_strangers(columns: list[str], declared: Mapping[str, Declaration]) -> dict[str, str]:
    """Columns that are no label but look like one, each with the label it may have meant.

    >>> find_strangers(["querys_3m"], {"queries_3m": Declaration("queries_3m", "int")})
    {'querys_3m': 'queries_3m'}
    """
    known = {*declared, *OUTCOMES, *CHECK_WORDS, "requested_product"}
    absent = [name for name in declared if name not in columns]
    near = {name: get_close_matches(name, absent, n=1, cutoff=0.8) for name in columns if name not in known}
    return {name: match[0] for name, match in near.items() if match}


def _tidy_label(column: pl.Series, declared: Declaration) -> pl.Series:
    if declared.type == "int" and column.dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        if bool(((whole.cast(pl.Float64) == column) | column.is_null()).fill_null(value=False).all()):
            return whole
    if declared.type == "date" and column.dtype == pl.Date:
        return column.dt.to_string("%Y-%m-%d")
    return column


def _tidy_outcome(column: pl.Series, place: str) -> pl.Series:
    where = f"{place}: column {column.name}"
    if column.dtype == pl.Null:
        return column
    match column.name:
        case "bad" | "approved_before":
            if column.dtype.is_numeric() and set(column.drop_nulls().unique().to_list()) <= {0, 1}:
                return column.cast(pl.Boolean)
            if column.dtype != pl.Boolean:
                raise BadInput(place=where, found=_show(column), expected="true or false, or 1 and 0")
        case "weight":
            if not column.dtype.is_numeric() or column.null_count() or not bool(column.is_between(*WEIGHTS).all()):
                raise BadInput(place=where, found=_show(column),
                               expected=f"a number above 0, up to {WEIGHTS[1]:,}, in every row")  # fmt: skip
            return column.cast(pl.Float64)
        case "applied_on":
            return _read_days(column, where)
        case name if name in _MOST:
            whole = column.cast(pl.Int64, strict=False) if column.dtype.is_numeric() else column
            if (
                not whole.dtype.is_integer()
                or whole.null_count() > column.null_count()
                or not bool(whole.is_between(0, _MOST[name]).all())
            ):
                raise BadInput(place=where, found=_show(column),
                               expected=f"whole numbers from 0 to {_MOST[name]:,}")  # fmt: skip
            return whole
        case name if name in CHECK_WORDS:
            words = CHECK_WORDS[name]
            if column.dtype != pl.String or not set(column.drop_nulls().unique().to_list()) <= set(words):
                raise BadInput(place=where, found=_show(column), expected=f"one of {', '.join(words)}")
        case _:
            pass
    return column


def _read_days(column: pl.Series, where: str) -> pl.Series:
    days = column
    if column.dtype == pl.String:
        days = column.str.to_date("%Y-%m-%d", strict=False)
    elif column.dtype == pl.Datetime:
        days = column.dt.date()
    if days.dtype != pl.Date or days.null_count():
        raise BadInput(place=where, found=_show(column), expected="a day such as 2026-01-31 in every row")
    return days


def _show(column: pl.Series) -> str:
    odd = column.drop_nulls().unique().head(3).to_list()
    empty = f", {column.null_count()} empty" if column.null_count() else ""
    return f"{', '.join(repr(value)[:30] for value in odd) or 'nothing'}{empty}"
