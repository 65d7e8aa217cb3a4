"""The sample a card is built on: known characteristics, a known outcome, a weight, and nothing that cannot be true."""

from __future__ import annotations

import csv
import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from creditfactory.kernel import BadInput, UnknownName
from creditfactory.lab.saying import Saying, say

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Kind = Literal["number", "word"]

ROWS_MIN = 100
BADS_MIN = 10
COLUMNS_MAX = 20_000
"""About three times the labels of the catalogue: more is a file turned on its side."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Characteristics (numbers as floats, words as text, unknown as null) beside outcome, weight and row count.

    ``left_out`` names the columns that cannot be a characteristic, each with its reason.
    """

    frame: pl.DataFrame
    kinds: dict[str, Kind]
    bad: Flags
    weight: Floats
    days: tuple[date, ...] | None
    left_out: dict[str, Saying]

    @property
    def rows(self) -> int:
        """How many applicants the sample holds."""
        return len(self.bad)

    def take(self, rows: Flags) -> Sample:
        """The part of the sample that the flags point at."""
        days = None if self.days is None else tuple(d for d, keep in zip(self.days, rows, strict=True) if keep)
        kept = self.frame.filter(pl.Series(rows))
        return Sample(kept, self.kinds, self.bad[rows], self.weight[rows], days, self.left_out)


def read_frame(path: Path) -> pl.DataFrame:
    """A CSV or Parquet file as a frame; what cannot be read is told in one sentence with the file's name."""
    if not path.is_file():
        raise BadInput(place=str(path), found="no such file", expected="a CSV or Parquet file")
    suffix = path.suffix.lower()
    if suffix not in {".csv", ".parquet", ".pq"}:
        raise BadInput(place=str(path), found=f"a file ending in {suffix!r}", expected="a CSV or Parquet file")
    try:
        if suffix == ".csv":
            _check_header(path)
            frame = pl.read_csv(path, infer_schema_length=None, try_parse_dates=True)
        else:
            _check_width(path, len(pl.read_parquet_schema(path)))
            frame = pl.read_parquet(path)
    except UnicodeDecodeError as failure:
        raise BadInput(place=str(path), found="text in another encoding", expected="a CSV file in UTF-8") from failure
    except (pl.exceptions.PolarsError, OSError, csv.Error) as failure:
        found = (str(failure).splitlines() or ["nothing readable"])[0][:160]
        raise BadInput(place=str(path), found=found, expected=f"a readable {suffix[1:].upper()} file") from failure
    if frame.height == 0:
        raise BadInput(place=str(path), found="no rows", expected=f"at least {ROWS_MIN} rows")
    return frame


def hash_file(path: Path) -> str:
    """The sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def check_names(names: Iterable[str], columns: Sequence[str], *, place: str) -> None:
    """Refuse a column name that the data does not hold, naming the nearest that it does."""
    for name in names:
        if name not in columns:
            nearest = difflib.get_close_matches(name, columns, n=1)
            hint = f" (nearest: {nearest[0]})" if nearest else ""
            raise UnknownName(place=place, found=repr(name), expected=f"a column of the data{hint}")


def draw_sample(
    frame: pl.DataFrame,
    *,
    target: str,
    weight: str | None = None,
    time: str | None = None,
    exclude: Sequence[str] = (),
    only: Sequence[str] | None = None,
) -> Sample:
    """The frame as a sample; every column but target, weight, time and the excluded may become a characteristic.

    ``only`` narrows the characteristics to those named. Outcomes must be 0 or 1 and both must occur; weights must be
    positive and finite; a number may be unknown but never infinite: else :class:`BadInput` says where.
    """
    check_names([target], frame.columns, place="target")
    check_names([c for c in (weight, time) if c], frame.columns, place="weight or time")
    check_names(exclude, frame.columns, place="exclude")
    check_names(only or (), frame.columns, place="characteristics")
    bad = read_outcome(frame, target)
    taken = {target, weight, time, *exclude}
    names = [c for c in (frame.columns if only is None else only) if c not in taken]
    kinds: dict[str, Kind] = {}
    columns: dict[str, pl.Series] = {}
    left_out: dict[str, Saying] = {}
    for name in names:
        kind, column = _read_characteristic(frame.get_column(name))
        if not name.strip():
            left_out[name] = say("a column without a name")
        elif kind is None:
            left_out[name] = say("a {kind} column is neither a number nor a word", kind=frame.schema[name])
        elif column.null_count() == len(column):
            left_out[name] = say("unknown for every row")
        elif column.n_unique() == 1:
            left_out[name] = say("the same for every row")
        else:
            kinds[name], columns[name] = kind, column
    days = None if time is None else _read_days(frame, time)
    return Sample(pl.DataFrame(columns), kinds, bad, read_weight(frame, weight), days, left_out)


def read_outcome(frame: pl.DataFrame, target: str) -> Flags:
    """The outcome column as flags, True for bad."""
    column = frame.get_column(target)
    if column.dtype == pl.Boolean:
        column = column.cast(pl.Int8)
    if not column.dtype.is_numeric():
        raise BadInput(place=f"column {target}", found=f"{column.dtype} values", expected="0 (good) or 1 (bad)")
    empty = column.null_count()
    if empty:
        raise BadInput(place=f"column {target}", found=f"{empty} unknown outcomes", expected="0 or 1 in every row")
    values = column.to_numpy().astype(np.float64)
    odd = ~np.isin(values, (0.0, 1.0))
    if odd.any():
        row = int(odd.argmax())
        raise BadInput(place=f"column {target}, row {row + 1}", found=repr(column[row]), expected="0 or 1")
    bads = int(values.sum())
    if bads == 0 or bads == len(values):
        only = "0 (good)" if bads == 0 else "1 (bad)"
        raise BadInput(place=f"column {target}", found=f"only {only}", expected="both good and bad outcomes")
    if len(values) < ROWS_MIN or bads < BADS_MIN or len(values) - bads < BADS_MIN:
        found = f"{len(values)} rows with {bads} bad"
        raise BadInput(
            place=f"column {target}", found=found, expected=f"at least {ROWS_MIN} rows, {BADS_MIN} good, {BADS_MIN} bad"
        )
    return values.astype(np.bool_)


def read_weight(frame: pl.DataFrame, weight: str | None) -> Floats:
    """The weight column as floats; ones where there is none."""
    if weight is None:
        return np.ones(frame.height)
    column = frame.get_column(weight)
    if not column.dtype.is_numeric():
        raise BadInput(place=f"column {weight}", found=f"{column.dtype} values", expected="positive numbers")
    values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    odd = ~(np.isfinite(values) & (values > 0))
    if odd.any():
        row = int(odd.argmax())
        raise BadInput(place=f"column {weight}, row {row + 1}", found=repr(column[row]), expected="a positive number")
    return values.astype(np.float64)


def split_sample(
    sample: Sample, *, holdout_from: date | None, holdout_share: float, seed: int
) -> tuple[Sample, Sample | None]:
    """Train and holdout: by day where ``holdout_from`` is given, else a seeded draw of the share from good and bad."""
    if not sample.kinds:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(sample.left_out.items())[:5])
        raise BadInput(
            place="columns", found=why or "none beside the outcome", expected="a column that can tell something"
        )
    if holdout_from is not None:
        if sample.days is None:
            raise BadInput(place="holdout-from", found="no time column", expected="the time column named as well")
        later = np.array([day >= holdout_from for day in sample.days])
    elif holdout_share == 0:
        return sample, None
    elif not 0 < holdout_share < 1:
        raise BadInput(place="holdout", found=repr(holdout_share), expected="a share between 0 and 1")
    else:
        later = np.zeros(sample.rows, dtype=np.bool_)
        chance = np.random.default_rng(seed)
        for outcome in (False, True):
            rows = np.flatnonzero(sample.bad == outcome)
            later[chance.permutation(rows)[: round(len(rows) * holdout_share)]] = True
    for name, part in (("before", ~later), ("held out", later)):
        bads, rows_in_part = int(sample.bad[part].sum()), int(part.sum())
        if bads == 0 or bads == rows_in_part:
            found = f"{rows_in_part} rows {name} with {bads} bad"
            raise BadInput(place="holdout", found=found, expected="good and bad outcomes on both sides")
    return sample.take(~later), sample.take(later)


def _check_header(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream), [])
    _check_width(path, len(header))
    if len(header) == 1 and any(mark in header[0] for mark in "\t;|"):
        raise BadInput(place=f"{path}, line 1", found=header[0][:80], expected="columns separated by commas")
    twice = sorted(name for name, count in Counter(header).items() if count > 1)
    if twice:
        raise BadInput(place=f"{path}, line 1", found=f"{twice[0]!r} twice", expected="each column name once")


def _check_width(path: Path, columns: int) -> None:
    if columns > COLUMNS_MAX:
        raise BadInput(place=str(path), found=f"{columns:,} columns", expected=f"at most {COLUMNS_MAX:,}")


def read_characteristics(frame: pl.DataFrame) -> dict[str, tuple[Kind | None, pl.Series]]:
    """Each column as a characteristic: numbers as floats, words as text; None for what is neither."""
    return {name: _read_characteristic(frame.get_column(name)) for name in frame.columns}


def _read_characteristic(column: pl.Series) -> tuple[Kind | None, pl.Series]:
    if column.dtype == pl.Boolean:
        words = column.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String, default=None)
        return "word", words
    if column.dtype.is_numeric():
        numbers = column.cast(pl.Float64)
        endless = numbers.is_infinite().fill_null(False)
        if endless.any():
            row = int(endless.arg_true()[0]) + 1
            raise BadInput(place=f"column {column.name}, row {row}", found="infinity", expected="a finite number")
        return "number", numbers.fill_nan(None)
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        return "word", column.cast(pl.String)
    return None, column


def tell_numbers_in_words(column: pl.Series) -> Saying:
    """What is to be said of words most of which are numbers: the word that made them words; else nothing.

    >>> tell_numbers_in_words(pl.Series(["1.5", "2", None, "N/A"]))
    "; 67% of it reads as numbers, the first that does not is 'N/A'"
    >>> tell_numbers_in_words(pl.Series(["food", "shop"]))
    ''
    """
    if column.dtype != pl.String or column.null_count() == len(column):
        return Saying("", "")
    known = column.drop_nulls()
    reads = known.cast(pl.Float64, strict=False).is_not_null()
    share = float(reads.sum()) / len(known)
    if share == 1 or share < 0.5:
        return Saying("", "")
    odd = known.filter(~reads)[0]
    return say("; {share:.0%} of it reads as numbers, the first that does not is {odd!r}", share=share, odd=odd)


def _read_days(frame: pl.DataFrame, time: str) -> tuple[date, ...]:
    column = frame.get_column(time)
    if column.dtype == pl.String:
        column = column.str.to_date(strict=False)
    if column.dtype not in (pl.Date, pl.Datetime) or column.null_count():
        raise BadInput(place=f"column {time}", found="values that are not dates", expected="a date in every row")
    return tuple(v.date() if isinstance(v, datetime) else v for v in column)
