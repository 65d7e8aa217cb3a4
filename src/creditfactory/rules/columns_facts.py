"""Facts in columns: one label of many applicants at once, with what is unknown and what is broken beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.rules.declarations import NUMBER_LIMIT, Declaration, LabelType, is_iso_date, read_value, refuse

Array = NDArray[Any]
Mask = NDArray[np.bool_]

HELD = 2**62
"""Whole numbers below this are held in 64 bits with room for one sum; larger ones are reckoned one by one."""
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""The days of the years 1 to 9999, counted from 1970, as dates are held in columns."""
WORDS_TRIED_MAX = 12
"""Up to so many listed words are tried one after the other, which is quicker than looking each text up."""
HOLD: dict[LabelType, type[np.generic]] = {
    "int": np.int64,
    "float": np.float64,
    "bool": np.bool_,
    "str": np.int32,
    "date": np.int32,
}
"""How each type is held: words by their number in the vocabulary, dates by their day."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One name over many rows: its values, where it is unknown, and where it or what it is made of is broken.

    None stands for nowhere. A value that is unknown may be anything, but a yes or no that is unknown is held as no.
    """

    values: Array
    unknown: Mask | None = None
    broken: Mask | None = None

    def between(self, start: int, end: int) -> Facts:
        """The same name over some of the rows."""
        unknown = None if self.unknown is None else self.unknown[start:end]
        return Facts(self.values[start:end], unknown, None if self.broken is None else self.broken[start:end])


@dataclass(slots=True)
class Vocabulary:
    """Every word that was met, each with a number; two words are the same where their numbers are.

    >>> words = Vocabulary()
    >>> words.number("retail"), words.number("catering"), words.number("retail")
    (0, 1, 0)
    """

    texts: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """The number of a word, a new one for a new word."""
        found = self.numbers.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found

    def copy(self) -> Vocabulary:
        """The same words, to which others may be added."""
        return Vocabulary(list(self.texts), dict(self.numbers))


def either(masks: Iterable[Mask | None]) -> Mask | None:
    """Where any of these is so; None where none is."""
    found: Mask | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def put(code: Any, rows: Mask, codes: Array) -> Array:
    """Small codes with one of them, no smaller than any, put in some rows: quicker than choosing row by row."""
    return np.asarray(np.maximum(codes, np.multiply(rows.view(np.uint8), code, dtype=codes.dtype)))


def pick(rows: Any, one: Any, other: Any) -> Any:
    """Small codes, one where rows say so and the other elsewhere."""
    if np.result_type(one, other) != np.uint8:
        return np.where(rows, one, other)
    return other ^ ((one ^ other) & np.negative(np.asarray(rows).view(np.uint8)))


def day_number(text: str) -> int:
    """A date as the day counted from 1970.

    >>> day_number("1970-01-02")
    1
    """
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def hold(value: Any, kind: LabelType, words: Vocabulary) -> Any:
    """A plain value as columns hold it; what is None or a list, as anything.

    >>> hold("1970-01-02", "date", Vocabulary()), hold(7, "int", Vocabulary())
    (1, 7)
    """
    if value is None or isinstance(value, tuple):
        return HOLD[kind](0)
    return words.number(value) if kind == "str" else day_number(value) if kind == "date" else value


def check_range(declared: Declaration) -> None:
    """Refuse a range whose numbers 64 bits cannot hold."""
    if declared.type == "int" and not (declared.lowest > -HELD and declared.highest < HELD):
        refuse(declared.name, f"a range of {declared.lowest} to {declared.highest}", f"whole numbers within ±{HELD}")


def read_column(declared: Declaration, column: pl.Series | None, height: int, words: Vocabulary) -> Facts:
    """Read one label of every row as it is declared; what is not as declared is broken, never guessed.

    >>> age = Declaration("age", "int", minimum=18, maximum=70)
    >>> found = read_column(age, pl.Series([30, None, 17]), 3, Vocabulary())
    >>> found.unknown.tolist(), found.broken.tolist()
    ([False, True, True], [False, False, True])
    """
    if column is None:
        return _nobody_knows(declared, height, None)
    kind, dtype = declared.type, column.dtype
    if isinstance(dtype, pl.Object):
        return _read_singly(declared, column, words)
    if kind == "int" and dtype.is_integer():
        return _read_whole(declared, column)
    if kind == "float" and (dtype.is_float() or dtype.is_integer()):
        return _read_fractions(declared, column)
    if kind == "bool" and dtype == pl.Boolean:
        return Facts(column.fill_null(value=False).to_numpy(), _nulls(column))
    if kind == "str" and dtype in (pl.String, pl.Categorical, pl.Enum):
        return _read_words(declared, column, words)
    if kind == "date" and dtype == pl.Date:
        return _read_days(column)
    if kind == "date" and dtype in (pl.String, pl.Categorical, pl.Enum):
        return _read_dates(column)
    return _nobody_knows(declared, height, None if dtype == pl.Null else column.is_not_null().to_numpy())


def _nobody_knows(declared: Declaration, height: int, broken: Mask | None) -> Facts:
    values = np.zeros(height, dtype=HOLD[declared.type])
    return Facts(values, np.ones(height, dtype=np.bool_), broken if broken is not None and broken.any() else None)


def _nulls(column: pl.Series) -> Mask | None:
    return column.is_null().to_numpy() if column.null_count() else None


def _settle(values: Array, missing: Mask | None, fine: Mask) -> Facts:
    """Facts of which some are not fine: those are broken unless they are missing."""
    broken = ~fine if missing is None else ~(fine | missing)
    return Facts(values, either((missing, broken)), broken if broken.any() else None)


def _read_whole(declared: Declaration, column: pl.Series) -> Facts:
    low, high = math.ceil(declared.lowest), math.floor(declared.highest)
    missing = _nulls(column)
    whole = column if column.dtype == pl.Int64 else column.cast(pl.Int64, strict=False)
    lost = _nulls(whole) if whole.null_count() > column.null_count() else None
    values = whole.fill_null(min(max(0, low), high)).to_numpy() if whole.null_count() else whole.to_numpy()
    if lost is None and len(values) and values.min() >= low and values.max() <= high:
        return Facts(values, missing)
    fine = (values >= low) & (values <= high)
    return _settle(values, missing, fine if lost is None else fine & ~lost)


def _read_fractions(declared: Declaration, column: pl.Series) -> Facts:
    low, high = float(declared.lowest), float(declared.highest)
    missing = _nulls(column)
    known = column if missing is None else column.fill_null(0)
    values = known.cast(pl.Float64).to_numpy()
    limited = np.where(np.abs(values) <= NUMBER_LIMIT, values, np.inf) if column.dtype.is_integer() else values
    if missing is None and len(values) and limited.min() >= low and limited.max() <= high:
        return Facts(values)
    fine = (limited >= low) & (limited <= high)
    return _settle(values, missing, fine)


def _read_days(column: pl.Series) -> Facts:
    missing = _nulls(column)
    values = column.to_physical().fill_null(0).to_numpy()
    return _settle(values, missing, (values >= FIRST_DAY) & (values <= LAST_DAY))


def _spell(column: pl.Series) -> tuple[Array, list[str]]:
    """Each row's text as a place in a list of texts."""
    if not isinstance(column.dtype, pl.Enum):
        plain = column if column.dtype == pl.String else column.cast(pl.String)
        column = plain.cast(pl.Enum(plain.drop_nulls().unique()))
    assert isinstance(column.dtype, pl.Enum)
    return column.to_physical().fill_null(0).to_numpy(), column.dtype.categories.to_list()


def _find_words(column: pl.Series, listed: list[str]) -> tuple[Array, Mask | None]:
    """Each row's text as a place in a list, and where it is in the list; None where it is or nobody knows."""
    if len(listed) > WORDS_TRIED_MAX:
        found = column.cast(pl.Enum(listed), strict=False).to_physical()
    else:
        word = pl.col(column.name)
        tries = [pl.when(word == text).then(pl.lit(place, pl.UInt8)) for place, text in enumerate(listed)]
        found = column.to_frame().select(pl.coalesce(tries)).to_series()
    is_listed = None if found.null_count() == column.null_count() else found.is_not_null().to_numpy()
    return found.fill_null(0).to_numpy(), is_listed


def _read_words(declared: Declaration, column: pl.Series, words: Vocabulary) -> Facts:
    missing = _nulls(column)
    if declared.words and column.dtype == pl.String:
        places, is_listed = _find_words(column, list(dict.fromkeys(declared.words)))
        numbers = np.array([words.number(word) for word in dict.fromkeys(declared.words)], dtype=np.int32)
        if is_listed is None:
            return Facts(numbers[places], missing)
        return _settle(numbers[places], missing, is_listed)
    places, texts = _spell(column)
    if not texts:
        return _nobody_knows(declared, len(column), None)
    allowed = np.array([not declared.words or t in declared.words for t in texts])
    numbers = np.array([words.number(t) if a else 0 for t, a in zip(texts, allowed, strict=True)], dtype=np.int32)
    return Facts(numbers[places], missing) if allowed.all() else _settle(numbers[places], missing, allowed[places])


def _read_dates(column: pl.Series) -> Facts:
    missing = _nulls(column)
    places, texts = _spell(column)
    if not texts:
        return Facts(np.zeros(len(column), dtype=np.int32), missing)
    fine = np.array([is_iso_date(t) for t in texts])
    days = np.array([day_number(t) if f else 0 for t, f in zip(texts, fine, strict=True)], dtype=np.int32)
    return Facts(days[places], missing) if fine.all() else _settle(days[places], missing, fine[places])


def _read_singly(declared: Declaration, column: pl.Series, words: Vocabulary) -> Facts:
    """Read a column of plain Python objects, one by one."""
    read = [read_value(declared, value) for value in column]
    values = np.array([hold(value, declared.type, words) for _, value in read], dtype=HOLD[declared.type])
    missing = np.array([s == "missing" for s, _ in read], dtype=np.bool_)
    return _settle(values, missing, np.array([s == "known" for s, _ in read], dtype=np.bool_))
