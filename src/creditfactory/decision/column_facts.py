"""Labels of many applicants as whole numbers with a mark for what is known; read as strictly as one applicant's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.decision.book import Book
from creditfactory.rules import Declaration, LabelType

Whole = NDArray[np.int64]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]
COUNTED_MAX = 8_000_000
"""Keys within such a range are told apart by counting."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One whole-number fact of every applicant; where it is not known its value is 0 and means nothing."""

    values: Whole
    known: Flags


def read_whole(frame: pl.DataFrame, name: str, book: Book) -> Fact:
    """A declared whole number; of the wrong type, out of range or absent it is not known."""
    declared = book.declarations.get(name)
    if declared is None or declared.type != "int" or name not in frame.columns:
        return nothing_known(frame.height)
    column = frame.get_column(name)
    if not column.dtype.is_integer():
        return nothing_known(frame.height)
    wide = column if column.dtype == pl.Int64 else column.cast(pl.Int64, strict=False)
    has_nulls = wide.null_count() > 0
    values = (wide.fill_null(0) if has_nulls else wide).to_numpy()
    known = (values >= declared.lowest) & (values <= declared.highest)
    if has_nulls:
        known &= wide.is_not_null().to_numpy()
    return Fact(np.where(known, values, 0), known)


def read_words(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column of words, all null where it is absent or of another type."""
    if name in frame.columns:
        column = frame.get_column(name)
        if column.dtype in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        if column.dtype == pl.String:
            return column
    return pl.Series(name, [None] * frame.height, dtype=pl.String)


def is_false(frame: pl.DataFrame, name: str) -> Flags:
    """Where a yes-or-no label is known and says no."""
    if name not in frame.columns or frame.get_column(name).dtype != pl.Boolean:
        return np.zeros(frame.height, dtype=np.bool_)
    return (~frame.get_column(name).fill_null(value=True)).to_numpy()


def is_unknown(frame: pl.DataFrame, name: str, book: Book) -> Flags:
    """Where a declared label has no value that may be reckoned with."""
    declared = book.declarations.get(name)
    if declared is None or name not in frame.columns:
        return np.ones(frame.height, dtype=np.bool_)
    if declared.type == "int":
        return ~read_whole(frame, name, book).known
    words = read_words(frame, name)
    known = words.is_in(list(declared.words)) if declared.words else words.is_not_null()
    return ~known.fill_null(value=False).to_numpy()


def stop_broken(frame: pl.DataFrame, names: Iterable[str], book: Book) -> tuple[pl.DataFrame, dict[str, Flags]]:
    """Labels as cards may read them: a broken number is none; and where a word is broken, for those that have such.

    A column of another type than declared is turned into one that no card can read wherever it is filled.
    """
    changed: list[pl.Series] = []
    broken: dict[str, Flags] = {}
    numbers: dict[str, Declaration] = {}
    for name in dict.fromkeys(names):
        declared = book.declarations.get(name)
        if declared is None or name not in frame.columns:
            continue
        column = frame.get_column(name)
        if not _is_of_type(column.dtype, declared.type):
            odd = pl.select(pl.when(column.is_not_null()).then(pl.lit(date(1970, 1, 1)))).to_series()
            changed.append(odd.alias(name))
        elif declared.type in ("int", "float") and column.dtype != pl.Null:
            numbers[name] = declared
        elif declared.type == "str" and declared.words:
            odd_words = ~read_words(frame, name).is_in([*declared.words]).fill_null(value=True)
            if odd_words.any():
                broken[name] = odd_words.to_numpy()
    changed += _stop_numbers(frame, numbers)
    return frame.with_columns(changed), broken


def _stop_numbers(frame: pl.DataFrame, numbers: Mapping[str, Declaration]) -> list[pl.Series]:
    """Those columns of numbers in which one is out of range, with no number in its place."""
    if not numbers:
        return []
    inside = {name: pl.col(name).is_between(declared.lowest, declared.highest) for name, declared in numbers.items()}
    odd = frame.select((~fits).any().alias(name) for name, fits in inside.items()).row(0, named=True)
    kept = [
        pl.when(inside[name]).then(pl.col(name).cast(pl.Float64)).when(pl.col(name).is_null()).then(None)
        .otherwise(float("nan")).alias(name)
        for name, is_odd in odd.items() if is_odd
    ]  # fmt: skip
    return frame.select(kept).get_columns() if kept else []


def _is_of_type(dtype: pl.DataType, kind: LabelType) -> bool:
    match kind:
        case "int":
            return dtype.is_integer() or dtype == pl.Null
        case "float":
            return dtype.is_numeric() or dtype == pl.Null
        case "bool":
            return dtype in (pl.Boolean, pl.Null)
        case _:
            return dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)


def nothing_known(height: int) -> Fact:
    """A fact that nobody knows of anybody."""
    return Fact(np.zeros(height, dtype=np.int64), np.zeros(height, dtype=np.bool_))


def look_each(keys: Whole, find: Callable[[int], int]) -> Whole:
    """Answer each distinct key once, by the very function that answers for one applicant, and give it to all rows."""
    distinct, places = sort_out(keys)
    answers: Whole = np.array([find(int(key)) for key in distinct], dtype=np.int64)
    return answers[places]


def look_each_ratio(keys: Whole, find: Callable[[int], float]) -> NDArray[np.float64]:
    """The same for answers that are ratios."""
    distinct, places = sort_out(keys)
    answers: NDArray[np.float64] = np.array([find(int(key)) for key in distinct], dtype=np.float64)
    return answers[places]


def sort_out(keys: Whole) -> tuple[Whole, NDArray[np.int64]]:
    """The distinct keys, rising, and for each row the place of its own; keys that lie close are counted, not sorted.

    >>> [found.tolist() for found in sort_out(np.array([7, 5, 7]))]
    [[5, 7], [1, 0, 1]]
    """
    if not len(keys):
        return keys, keys
    low, high = int(keys.min()), int(keys.max())
    if high - low > COUNTED_MAX:
        distinct, places = np.unique(keys, return_inverse=True)
        return distinct, places.reshape(-1).astype(np.int64)
    there = np.zeros(high - low + 1, dtype=np.bool_)
    there[keys - low] = True
    found = np.flatnonzero(there)
    place_of = np.zeros(len(there), dtype=np.int64)
    place_of[found] = np.arange(len(found))
    return found + low, place_of[keys - low]


def share_down(values: Whole, share: Whole | int, whole: int) -> Whole:
    """``values * share // whole`` in whole numbers without leaving 64 bits on the way."""
    shared: Whole = values // whole * share + values % whole * share // whole
    return shared


def clean(frame: pl.DataFrame, names: Iterable[str], book: Book) -> pl.DataFrame:
    """Some labels as engines reckon with them: what is broken, or of the wrong type, is unknown like the rest."""
    columns = []
    for name in names:
        declared = book.declarations.get(name)
        kind = None if declared is None else declared.type
        if kind == "int":
            fact = read_whole(frame, name, book)
            columns.append(
                pl.select(pl.when(pl.Series(fact.known)).then(pl.Series(fact.values)).alias(name)).to_series()
            )
        elif kind == "bool" and name in frame.columns and frame.get_column(name).dtype == pl.Boolean:
            columns.append(frame.get_column(name))
        elif kind == "str" and declared is not None:
            words = read_words(frame, name)
            fine = words.is_in(list(declared.words)) if declared.words else words.is_not_null()
            columns.append(pl.select(pl.when(fine).then(words).alias(name)).to_series())
        else:
            columns.append(pl.Series(name, [None] * frame.height, dtype=pl.Null))
    return pl.DataFrame(columns)
