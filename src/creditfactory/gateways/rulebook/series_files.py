"""Reading `series/*.csv`: figures of the economy, of industries and of cities, each with the day it came out.

They lie beside the rulebook but are observations, not policy: they come in month by month, decide nothing by
themselves, and so stand neither in the lock nor in the digest. What a decision saw of them is kept in its snapshot.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from creditfactory import labels
from creditfactory.gateways.rulebook.files import PACK, SERIES_FOLDER, find_bases, find_folder, read_text
from creditfactory.gateways.rulebook.loading import default_folder
from creditfactory.kernel import BadInput
from creditfactory.rules import refuse, refuse_name

COLUMNS = ["key", "period", "value", "published_on"]


def load_series(pack_or_folder: str | Path) -> tuple[labels.Series, ...]:
    """Every series of a pack, its own files before those of the pack it extends; the first fault is raised.

    The same unchanged files are read once. A pack without such files, or without a folder on
    this machine, has no series, and labels of them are unknown.
    """
    if not Path(pack_or_folder).is_dir() and not (default_folder() / pack_or_folder).is_dir():
        return ()
    files = _list_files(find_folder(pack_or_folder, default_folder()))
    return _load(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files))


def read_series_faults(folder: Path) -> tuple[BadInput, ...]:
    """The first fault of every file of series that a pack has."""
    found = []
    for path in _list_files(folder):
        try:
            read_series_file(path, f"{SERIES_FOLDER}/{path.name}")
        except BadInput as fault:
            found.append(fault)
    return tuple(found)


def _list_files(folder: Path) -> tuple[Path, ...]:
    """A pack's files of series, those of the pack it extends among them; asked again, only times are looked at."""
    found: dict[str, Path] = {}
    for part in _find_parts(folder, (folder / PACK).stat().st_mtime_ns):
        place = part / SERIES_FOLDER
        found |= _list_folder(place, place.stat().st_mtime_ns) if place.is_dir() else {}
    return tuple(found.values())


@lru_cache(maxsize=16)
def _find_parts(folder: Path, stamp: int) -> tuple[Path, ...]:
    return tuple(reversed(find_bases(folder)))


@lru_cache(maxsize=16)
def _list_folder(folder: Path, stamp: int) -> dict[str, Path]:
    return {path.name: path for path in sorted(folder.glob("*.csv"))}


@lru_cache(maxsize=8)
def _load(stamp: tuple[tuple[Path, int, int], ...]) -> tuple[labels.Series, ...]:
    return tuple(read_series_file(path, f"{SERIES_FOLDER}/{path.name}") for path, _, _ in stamp)


def read_series_file(path: Path, place: str) -> labels.Series:
    """One series from its file, named as the series is; every line checked against what the series declares."""
    declared = labels.SERIES_BY_NAME.get(path.stem)
    if declared is None:
        refuse_name(place, path.stem, labels.SERIES_BY_NAME, "the name of a declared series")
    points: list[labels.SeriesPoint] = []
    said: set[tuple[str, date, date]] = set()
    for number, row in _each_row(path, place):
        where = f"{place}, line {number}"
        point = _read_point(row, declared, where)
        stamp = (point.key, point.period, point.published_on)
        if stamp in said:
            refuse(where, f"{point.period.isoformat()} twice on {point.published_on.isoformat()}", "one figure a day")
        said.add(stamp)
        points.append(point)
    return labels.Series(declared.name, tuple(points), declared.period_months)


def _each_row(path: Path, place: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(read_text(path, place), newline=""), strict=True)
    try:
        header = next(reader, [])
        if header != COLUMNS:
            refuse(f"{place}, line 1", ",".join(header) or "nothing", ",".join(COLUMNS))
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as fault:
        raise BadInput(place=f"{place}, line {reader.line_num}", found=str(fault), expected="plain CSV") from None


def _read_point(row: list[str], declared: labels.SeriesDeclaration, where: str) -> labels.SeriesPoint:
    if len(row) != len(COLUMNS):
        refuse(where, f"{len(row)} cells", f"{len(COLUMNS)}: {', '.join(COLUMNS)}")
    key, period_text, value_text, published_text = (cell.strip() for cell in row)
    if bool(key) != (declared.key != "none"):
        refuse(where, repr(key), "no key" if declared.key == "none" else f"an {declared.key} as key")
    try:
        period, published_on = date.fromisoformat(period_text), date.fromisoformat(published_text)
    except ValueError:
        refuse(where, f"{period_text}, {published_text}", "days such as 2026-01-01")
    if period.day != 1 or (period.month - 1) % declared.period_months:
        refuse(where, period_text, f"the first day of a period of {declared.period_months} months")
    if published_on <= period:
        refuse(where, published_text, "a day after the period began: nothing is known before it happens")
    try:
        value = int(value_text)
    except ValueError:
        refuse(where, repr(value_text), f"a whole number in {declared.unit}")
    if not declared.minimum <= value <= declared.maximum:
        refuse(where, value_text, f"a number from {declared.minimum} to {declared.maximum}")
    return labels.SeriesPoint(key, period, value, published_on)
