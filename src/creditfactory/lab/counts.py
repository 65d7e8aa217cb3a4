"""What a card knew of the past, kept beside it as whole numbers: new outcomes are added without reading the old again.

How often classes occur and meet among good and among bad, for every characteristic that was looked at. Nobody's row is
in it, only sums; the file is text (JSON, compressed), and whoever adds to it gets what counting everything anew gives.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from creditfactory.kernel import BadInput
from creditfactory.lab.binning import Classes
from creditfactory.lab.forms import COUNTS_FILE, check_form
from creditfactory.lab.moments import UNITS, Layout, Moments, Wholes, count_moments, weigh_units
from creditfactory.lab.sample import Sample
from creditfactory.lab.woe import Evidence, Tally, weigh_evidence

COUNTS = "counts.json.gz"
MONTHS = "months.json.gz"
BYTES_MAX = 500_000_000
"""A file that says more once it is unpacked was made to fill the memory."""
FORM = "creditfactory counts 1"
FORM_BY_MONTH = "creditfactory counts by month 1"


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a sample by classes: ``moments`` in the order of ``classes``.

    ``squares`` are the sums of squared weights of good and bad, in units: they tell how many equally weighted
    applicants the counts are worth.
    """

    classes: tuple[Classes, ...]
    moments: Moments
    squares: Wholes

    def add(self, more: Counts) -> Counts:
        """Both together, equal to the last unit to counting all at once; the classes must be the same."""
        if [_tell(c) for c in more.classes] != [_tell(c) for c in self.classes]:
            raise BadInput(place="new counts", found="other classes", expected="those the card was built with")
        return Counts(self.classes, self.moments.add(more.moments), self.squares + more.squares)

    def take(self, names: Sequence[str]) -> Counts:
        """The same knowledge of some of the characteristics only, in this order."""
        by_label = {c.label: c for c in self.classes}
        if missing := [n for n in names if n not in by_label]:
            raise BadInput(place="counts", found=f"none of {missing[0]!r}", expected="counts of what the card asks")
        return Counts(tuple(by_label[n] for n in names), self.moments.take(names), self.squares)

    def weigh(self) -> tuple[Classes, ...]:
        """The classes with the evidence that these counts give them: weight of evidence, share, bad rate."""
        found = []
        nothing = np.zeros(1)
        for asked, span in zip(self.classes, self.moments.layout.spans(), strict=True):
            good, bad = (np.diagonal(m)[span] / UNITS for m in self.moments.meetings)
            spread = [np.concatenate([[float(s) / UNITS], np.zeros(len(good) - 1)]) for s in self.squares]
            tally = Tally(good, bad, nothing, nothing, *spread)
            own = np.array(asked.own)
            found.append(replace(asked, evidence=weigh_evidence(tally, own)))
        return tuple(found)


def count_sample(sample: Sample, classes: Sequence[Classes]) -> Counts:
    """Count a sample by these classes; the characteristics must be columns of its frame."""
    layout = Layout.of([(c.label, c.width) for c in classes])
    codes = [c.encode(sample.frame.get_column(c.label)) for c in classes]
    moments = count_moments(layout, codes, sample.bad, sample.weight)
    squares = weigh_units(sample.weight**2)
    return Counts(tuple(classes), moments, np.array([squares[~sample.bad].sum(), squares[sample.bad].sum()]))


def write_counts(folder: Path, counts: Counts) -> Path:
    """Write the counts into the card's folder; the same counts give the same bytes."""
    return _write(folder / COUNTS, tell_counts(counts))


def write_months(folder: Path, months: Mapping[str, Counts]) -> Path:
    """Write what each month taught into the card's folder, so that a month can be forgotten exactly."""
    told = {"form": FORM_BY_MONTH, "months": {month: tell_counts(counts) for month, counts in sorted(months.items())}}
    return _write(folder / MONTHS, told)


def _write(place: Path, told: Mapping[str, Any]) -> Path:
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    place.write_bytes(gzip.compress(text.encode(), compresslevel=6, mtime=0))
    return place


def tell_counts(counts: Counts) -> dict[str, Any]:
    """The counts as JSON holds them."""
    moments = counts.moments
    above = np.triu_indices(moments.layout.width)
    halves = [m[above] for m in moments.meetings]
    grain = math.gcd(*(int(np.gcd.reduce(h)) for h in halves)) or 1
    return {
        "form": FORM,
        "unit": UNITS,
        "grain": grain,
        "rows": list(moments.rows),
        "totals": moments.units.tolist(),
        "squares": counts.squares.tolist(),
        "characteristics": [_tell(c) for c in counts.classes],
        "good": (halves[0] // grain).tolist(),
        "bad": (halves[1] // grain).tolist(),
    }


def read_counts(folder: Path) -> Counts:
    """The counts in a card's folder; a file that is not theirs is refused by its name."""
    place = folder / COUNTS
    if not place.is_file():
        raise BadInput(place=str(place), found="no such file", expected="the counts of a card built with this lab")
    return take_counts(open_packed(place.read_bytes(), place=str(place)), place=str(place))


def read_months(folder: Path) -> dict[str, Counts]:
    """What each month taught, from a card's folder; empty where it was never refreshed."""
    place = folder / MONTHS
    if not place.is_file():
        return {}
    told = open_packed(place.read_bytes(), place=str(place))
    if not isinstance(told, dict) or told.get("form") != FORM_BY_MONTH or not isinstance(told.get("months"), dict):
        raise BadInput(place=str(place), found="another form", expected=repr(FORM_BY_MONTH))
    return {month: take_counts(counts, place=f"{place}: {month}") for month, counts in told["months"].items()}


def open_packed(body: bytes, *, place: str) -> Any:
    """What a compressed file says; one that cannot be unpacked is refused by its name."""
    try:
        return unpack_json(body)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as failure:
        raise BadInput(place=place, found=str(failure)[:120], expected="counts as compressed JSON") from failure


def unpack_json(body: bytes, *, most: int = BYTES_MAX) -> Any:
    """What compressed JSON says, unless it says more than so many bytes."""
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
        text = stream.read(most + 1)
    if len(text) > most:
        raise ValueError(f"more than {most:,} bytes")
    return json.loads(text)


def take_counts(told: Any, *, place: str = COUNTS) -> Counts:
    """The counts from their JSON form; anything else is refused by its place."""
    if not isinstance(told, dict) or told.get("form") != FORM or told.get("unit") != UNITS:
        raise BadInput(place=place, found="another form", expected=f"{FORM!r} in units of {UNITS}")
    check_form(told, COUNTS_FILE, place=place)
    try:
        return _read(told)
    except (KeyError, TypeError, ValueError, OverflowError) as failure:
        raise BadInput(place=place, found=f"{type(failure).__name__} {failure}"[:120], expected=FORM) from failure


def _read(told: Mapping[str, Any]) -> Counts:
    classes = tuple(_read_classes(part) for part in told["characteristics"])
    layout = Layout.of([(c.label, c.width) for c in classes])
    above = np.triu_indices(layout.width)
    meetings = np.zeros((2, layout.width, layout.width), dtype=np.int64)
    for half, name in zip(meetings, ("good", "bad"), strict=True):
        pairs = np.array(told[name], dtype=np.int64)
        if not 0 < told["grain"] <= float(2**62) / max(1.0, float(np.abs(pairs).max(initial=0))):
            raise ValueError("numbers too large to be counts")
        half[above] = pairs * int(told["grain"])
        half += np.triu(half, 1).T
    good, bad = (int(n) for n in told["rows"])
    totals, squares = (np.array(told[name], dtype=np.int64) for name in ("totals", "squares"))
    if totals.shape != (2,) or squares.shape != (2,) or (np.diagonal(meetings, axis1=1, axis2=2) < 0).any():
        raise ValueError("counts below nought, or not of good and bad")
    if min(good, bad) < 0 or any(
        (np.diagonal(half)[span].sum() != total) for half, total in zip(meetings, totals, strict=True)
        for span in layout.spans()
    ):  # fmt: skip
        raise ValueError("classes that do not add up to all applicants")
    return Counts(classes, Moments(layout, meetings, totals, (good, bad)), squares)


def _tell(classes: Classes) -> dict[str, Any]:
    """A characteristic's classes without their evidence, which the counts give."""
    told: dict[str, Any] = {f.name: getattr(classes, f.name) for f in fields(classes) if f.name != "evidence"}
    return {name: _as_list(value) for name, value in told.items()}


def _as_list(value: Any) -> Any:
    return [_as_list(v) for v in value] if isinstance(value, tuple) else value


def _read_classes(part: Mapping[str, Any]) -> Classes:
    told = {name: _as_tuple(value) for name, value in part.items()}
    bare = Classes(**told, evidence=Evidence.nothing(0))
    if len(bare.special) != len(bare.has_special) or list(bare.cuts) != sorted(set(bare.cuts)) or not len(bare):
        raise ValueError(f"{bare.label}: classes that do not fit together")
    return replace(bare, evidence=Evidence.nothing(bare.width))


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(v) for v in value) if isinstance(value, list) else value
