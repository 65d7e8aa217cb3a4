"""The fine counts behind a card's classes: what a person needs to draw a class anew by hand, and nobody's row.

For each fine class of a characteristic: good and bad, and the sum and the sum of squares of the points that the rest of
the card gave them. With these the divergence of the changed card is exact without reading the past again.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from creditfactory.kernel import BadInput
from creditfactory.lab.binning import FINE_WORDS, Classes, draw_fine_cuts
from creditfactory.lab.counts import unpack_json
from creditfactory.lab.fitting import Fitted
from creditfactory.lab.forms import FINE_FILE, check_form
from creditfactory.lab.sample import Floats, Sample
from creditfactory.lab.woe import Evidence, Tally

FINE = "fine.json.gz"
FORM = "creditfactory fine counts 1"
COLUMNS = 8
"""Good and bad weight, good and bad rows, rest's points of good and bad, and their squares."""
BYTES_MAX = 20_000_000


@dataclass(frozen=True, slots=True)
class FineQuestion:
    """One characteristic in fine classes: ``units`` encodes values, ``counts`` has a row for each place of a code.

    ``rest_of`` is the version of the card whose other points the counts hold.
    """

    units: Classes
    counts: Floats
    rest_of: str

    @property
    def label(self) -> str:
        """The characteristic's name."""
        return self.units.label

    def gather(self, starts: Sequence[int]) -> Floats:
        """The counts with fine classes joined from each start to the next; missing, other and codes stay themselves."""
        fine = len(self.units)
        return np.vstack([np.add.reduceat(self.counts[:fine], list(starts), axis=0), self.counts[fine:]])


@dataclass(frozen=True, slots=True)
class Fine:
    """The fine counts of a card: each characteristic, and how much good and bad the sample was worth in equal rows."""

    questions: Mapping[str, FineQuestion]
    effective: tuple[float, float]

    def tally(self, counts: Floats) -> Tally:
        """Joined counts as the binning knows them."""
        good, bad, good_rows, bad_rows = counts[:, :4].T
        squares = [one.sum() ** 2 / rows / len(one) for one, rows in zip((good, bad), self.effective, strict=True)]
        return Tally(good, bad, good_rows, bad_rows, *(np.full(len(good), s) for s in squares))


def draw_fine(sample: Sample, fitted: Fitted, *, version: str) -> Fine:
    """Count the sample in fine classes of every characteristic of the card; each cut of the card is among the fine."""
    total = fitted.score(sample).astype(np.float64)
    good = (~sample.bad).astype(np.float64)
    questions = {}
    for classes, points in zip(fitted.classes, fitted.points, strict=True):
        column = sample.frame.get_column(classes.label)
        rest = total - np.array(points, dtype=np.float64)[classes.encode(column)]
        units = _draw_units(classes, column)
        codes = units.encode(column)
        sums = []
        for what in (sample.weight, np.ones(sample.rows), sample.weight * rest, sample.weight * rest**2):
            for outcome in (good, 1 - good):
                sums.append(np.bincount(codes, weights=what * outcome, minlength=units.width))
        counts = np.stack(sums, axis=1).astype(np.float64)
        if units.kind == "word":
            units, counts = _order_words(classes, units, counts)
        questions[classes.label] = FineQuestion(units, counts, version)
    effective = tuple(
        float(sample.weight[part].sum() ** 2 / (sample.weight[part] ** 2).sum()) for part in (~sample.bad, sample.bad)
    )
    return Fine(questions, (effective[0], effective[1]))


def _draw_units(classes: Classes, column: pl.Series) -> Classes:
    """The card's own classes cut finer: numbers at fine cuts, groups of words into their most frequent words."""
    if classes.kind == "number":
        codes = classes.encode(column)
        values = column.fill_null(0.0).to_numpy()[codes < len(classes)]
        cuts = sorted({*(float(cut) for cut in draw_fine_cuts(values)), *classes.cuts})
        return replace(classes, cuts=tuple(cuts), evidence=Evidence.nothing(0))
    rows = {str(word): int(count) for word, count in column.drop_nulls().value_counts().iter_rows()}
    ranked = sorted((word for group in classes.words for word in group), key=lambda word: (-rows.get(word, 0), word))
    alone = set(ranked[: FINE_WORDS - len(classes)])
    units: list[tuple[str, ...]] = []
    for group in classes.words:
        units += [(word,) for word in group if word in alone]
        rest = tuple(word for word in group if word not in alone)
        units += [rest] if rest else []
    return replace(classes, words=tuple(units), evidence=Evidence.nothing(0))


def _order_words(classes: Classes, units: Classes, counts: Floats) -> tuple[Classes, Floats]:
    """Words group by group as the card has them, within a group from the worst to the best."""
    group = {word: place for place, words in enumerate(classes.words) for word in words}
    rates = (counts[:, 1] + 0.5) / (counts[:, 0] + counts[:, 1] + 1)
    order = sorted(range(len(units)), key=lambda place: (group[units.words[place][0]], -rates[place]))
    rest = list(range(len(units), units.width))
    return replace(units, words=tuple(units.words[place] for place in order)), counts[[*order, *rest]]


def write_fine(fine: Fine) -> bytes:
    """The fine counts as a file; the same counts give the same bytes."""
    told = {
        "form": FORM,
        "effective": [round(rows, 6) for rows in fine.effective],
        "characteristics": [
            {
                "label": q.label,
                "type": q.units.kind,
                "rest_of": q.rest_of,
                **(
                    {"cuts": [_plain(cut) for cut in q.units.cuts]}
                    if q.units.kind == "number"
                    else {"words": q.units.words}
                ),
                "special": [[_plain(value) for value in group] for group in q.units.special],
                "has": [q.units.has_missing, q.units.has_other, *q.units.has_special],
                "shape": q.units.shape,
                "counts": [[_round(value) for value in row] for row in q.counts.tolist()],
            }
            for q in fine.questions.values()
        ],
    }
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def read_fine(body: bytes, *, place: str = FINE) -> Fine:
    """The fine counts of a card's folder; a file that is not theirs is refused by its name."""
    try:
        told = unpack_json(body, most=BYTES_MAX)
        if not isinstance(told, dict) or told.get("form") != FORM:
            raise ValueError("another form")
        check_form(told, FINE_FILE, place=place)
        questions = {str(part["label"]): _read_question(part) for part in told["characteristics"]}
        good, bad = (float(rows) for rows in told["effective"])
        if min(good, bad) <= 0:
            raise ValueError("no applicants")
    except (OSError, EOFError, ValueError, LookupError, TypeError, zlib.error) as failure:
        raise BadInput(place=place, found=f"{failure}"[:120] or "nothing", expected=FORM) from failure
    return Fine(questions, (good, bad))


def _read_question(part: Mapping[str, Any]) -> FineQuestion:
    has = [bool(one) for one in part["has"]]
    units = Classes(
        str(part["label"]), part["type"], tuple(float(cut) for cut in part.get("cuts", ())),
        tuple(tuple(str(word) for word in unit) for unit in part.get("words", ())), part["shape"], has[0], has[1],
        Evidence.nothing(0), tuple(tuple(float(v) for v in group) for group in part["special"]), tuple(has[2:]),
    )  # fmt: skip
    counts = np.array(part["counts"], dtype=np.float64)
    if len(has) != 2 + len(units.special) or list(units.cuts) != sorted(set(units.cuts)) or not len(units):
        raise ValueError(f"{units.label}: classes that do not fit together")
    if counts.shape != (units.width, COLUMNS) or not np.isfinite(counts).all() or (counts[:, :4] < 0).any():
        raise ValueError(f"{units.label}: counts that do not fit its classes")
    return FineQuestion(units, counts, str(part["rest_of"]))


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _round(value: float) -> int | float:
    return _plain(round(value, 6))
