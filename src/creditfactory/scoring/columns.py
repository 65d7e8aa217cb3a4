"""The same card over many applicants at once: equal to the live card, value by value."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.scoring.card import NUMBER_LIMIT, Card, Characteristic
from creditfactory.scoring.score import SPOKEN

Whole = NDArray[np.int64]
Known = NDArray[np.bool_]


def score_frame(card: Card, frame: pl.DataFrame) -> pl.Series:
    """Each row's points, null where the live card would not answer; a column that is not there leaves all null.

    >>> from creditfactory.scoring import read_card
    >>> card = read_card({"name": "shop", "version": "v001", "target": "default", "method": "expert",
    ...     "intercept_points": 500, "calibration": {"slope": -0.02, "intercept": 8}, "characteristics": [
    ...         {"label": "years_open", "type": "number", "bins": [
    ...             {"from": None, "to": 2, "points": 5}, {"from": 2, "to": None, "points": 30}]}]})
    >>> score_frame(card, pl.DataFrame({"years_open": [1, 2, None]})).to_list()
    [505, 530, None]
    """
    total = np.full(frame.height, card.intercept_points, dtype=np.int64)
    answered = np.ones(frame.height, dtype=np.bool_)
    for characteristic in card.characteristics:
        if not {characteristic.label, characteristic.applies or characteristic.label} <= set(frame.columns):
            answered[:] = False
            continue
        column = frame.get_column(characteristic.label)
        read = _number_points if characteristic.kind == "number" else _word_points
        points, known = read(characteristic, column)
        if characteristic.applies is not None:
            points, known = _where_it_applies(characteristic, frame.get_column(characteristic.applies), points, known)
        total += points
        answered &= known
    return pl.DataFrame({"points": total, "known": answered}).select(
        pl.when(pl.col("known")).then(pl.col("points")).alias(card.name)
    )[card.name]


def _find_nulls(column: pl.Series) -> Known:
    """Where a column is unknown; for the many that are nowhere so, without looking row by row."""
    if not column.null_count():
        return np.zeros(len(column), dtype=np.bool_)
    nulls: Known = column.is_null().to_numpy()
    return nulls


def _number_points(characteristic: Characteristic, column: pl.Series) -> tuple[Whole, Known]:
    missing = _find_nulls(column)
    if not (column.dtype.is_integer() or column.dtype.is_float() or column.dtype == pl.Null):
        return _fill_missing(characteristic, np.zeros(len(column), dtype=np.int64), ~missing & False, missing)
    numbers = column.cast(pl.Float64)
    values = (numbers.fill_null(0.0) if missing.any() else numbers).to_numpy()
    known = np.isfinite(values) & (np.abs(values) <= NUMBER_LIMIT) & ~missing
    ends = np.array([b.end for b in characteristic.bins[:-1]], dtype=np.float64)
    points = np.array([b.points for b in characteristic.bins], dtype=np.int64)
    found = points[np.searchsorted(ends, np.where(known, values, 0.0), side="right")]
    for special in characteristic.special:
        found[np.isin(values, np.array(special.values, dtype=np.float64))] = special.points
    return _fill_missing(characteristic, found, known, missing)


def _word_points(characteristic: Characteristic, column: pl.Series) -> tuple[Whole, Known]:
    missing = _find_nulls(column)
    if column.dtype == pl.Boolean:
        column = column.replace_strict(SPOKEN, return_dtype=pl.String)
    elif column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if column.dtype != pl.String:
        return _fill_missing(characteristic, np.zeros(len(column), dtype=np.int64), ~missing & False, missing)
    points = {word: b.points for b in characteristic.bins for word in b.words}
    other = None if characteristic.other is None else characteristic.other.points
    found = column.replace_strict(points, default=other, return_dtype=pl.Int64)
    known = found.is_not_null().to_numpy() & ~missing
    return _fill_missing(characteristic, found.fill_null(0).to_numpy(), known, missing)


def _fill_missing(characteristic: Characteristic, points: Whole, known: Known, missing: Known) -> tuple[Whole, Known]:
    if characteristic.missing is None:
        return np.where(known, points, 0), known
    return np.where(missing, characteristic.missing.points, np.where(known, points, 0)), known | missing


def _where_it_applies(
    characteristic: Characteristic, applies: pl.Series, points: Whole, known: Known
) -> tuple[Whole, Known]:
    """The answers as they stand where the question applies; the absent class where it does not; missing if unknown."""
    unknown = _find_nulls(applies)
    if applies.dtype != pl.Boolean:
        return _fill_missing(characteristic, points, np.zeros(len(applies), dtype=np.bool_), unknown)
    assert characteristic.absent is not None, "a question that may not apply has an absent class"
    yes = applies.fill_null(False).to_numpy()
    no = ~yes & ~unknown
    points = np.where(no, characteristic.absent.points, points)
    return _fill_missing(characteristic, points, no | (yes & known), unknown)
