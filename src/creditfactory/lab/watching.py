"""Watching a card at work: has who applies moved, does it still tell good from bad, does it still promise what comes.

Every figure comes with what chance alone would show, so that noise is called noise.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from creditfactory import scoring
from creditfactory.kernel import BadInput
from creditfactory.lab.certainty import LEVEL, Interval, name_periods
from creditfactory.lab.counts import unpack_json
from creditfactory.lab.forms import REFERENCE_FILE, check_form, read_numbers
from creditfactory.lab.judging import Points, fit_log_odds
from creditfactory.lab.sample import Flags, Floats, check_names, read_outcome, read_weight

REFERENCE = "reference.json.gz"
DRAWS = 400
BADS_MIN = 30
"""With fewer bad (or good) nothing is said about how well a card tells them apart."""
GROUP_MIN = 20
BANDS = 10
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """Applicants whose outcome is known, as the card saw them: points, chance of bad, and class of each question.

    ``names`` gives, for each question, what its classes are called.
    """

    points: Points
    chance: Floats
    codes: Mapping[str, Codes]
    names: Mapping[str, tuple[str, ...]]
    bad: Flags
    weight: Floats
    days: tuple[date, ...] | None = None

    @property
    def rows(self) -> int:
        """How many applicants."""
        return len(self.bad)

    def take(self, rows: Flags) -> Window:
        """Some of the applicants."""
        days = None if self.days is None else tuple(d for d, keep in zip(self.days, rows, strict=True) if keep)
        codes = {label: code[rows] for label, code in self.codes.items()}
        return Window(
            self.points[rows], self.chance[rows], codes, self.names, self.bad[rows], self.weight[rows], days
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """Good and bad by whole points: all that AUC, KS and divergence need; ``good_rows`` and ``bad_rows`` say how many
    equally weighted applicants they are worth.
    """

    values: Points
    good: Floats
    bad: Floats
    good_rows: float
    bad_rows: float

    @property
    def mass(self) -> Floats:
        """All applicants by points."""
        return self.good + self.bad

    @property
    def rows(self) -> float:
        """How many equally weighted applicants."""
        return self.good_rows + self.bad_rows

    @property
    def bad_rate(self) -> float:
        """Share of bad, weighted."""
        return float(self.bad.sum() / self.mass.sum())


@dataclass(frozen=True, slots=True)
class Reference:
    """What a card looked like on its own sample, in sums: points by outcome, and each class's good, bad and foretold.

    ``classes`` gives for each question three rows (good, bad, bad foretold) over its classes.
    """

    counted: Counted
    classes: Mapping[str, Floats]

    def as_json(self) -> dict[str, Any]:
        """The sums, for a file beside the card; no applicant can be told from them."""
        c = self.counted
        return {
            "points": c.values.tolist(), "good": c.good.tolist(), "bad": c.bad.tolist(), "good_rows": c.good_rows,
            "bad_rows": c.bad_rows, "classes": {label: sums.tolist() for label, sums in self.classes.items()},
        }  # fmt: skip

    @classmethod
    def of_json(cls, told: Mapping[str, Any], *, place: str = REFERENCE) -> Reference:
        """The sums from their file."""
        check_form(told, REFERENCE_FILE, place=place)
        points = read_numbers(told["points"], place=place, where="points")
        good, bad = (read_numbers(told[name], place=place, where=name, least=0) for name in ("good", "bad"))
        rows = float(told["good_rows"]), float(told["bad_rows"])
        is_whole = bool((points == np.round(points)).all()) and points.ndim == 1 and bool((np.diff(points) > 0).all())
        if not is_whole or not points.shape == good.shape == bad.shape or min(*rows, good.sum(), bad.sum()) <= 0:
            found = f"{points.size} points, {good.size} good, {bad.size} bad"
            raise BadInput(place=place, found=found, expected="points going up, with good and bad for each")
        counted = Counted(points.astype(np.int64), good, bad, *rows)
        sums = {k: read_numbers(v, place=place, where=f"classes.{k}", least=0) for k, v in told["classes"].items()}
        return cls(counted, sums)


def write_reference(folder: Path, reference: Reference) -> Path:
    """Write the sums into the card's folder; the same sums give the same bytes."""
    text = json.dumps(reference.as_json(), allow_nan=False, separators=(",", ":"))
    place = folder / REFERENCE
    place.write_bytes(gzip.compress(text.encode(), compresslevel=6, mtime=0))
    return place


def read_reference(body: bytes, *, place: str = REFERENCE) -> Reference:
    """The sums from what lies in the card's folder."""
    try:
        told = unpack_json(body)
    except (OSError, EOFError, ValueError, RecursionError) as failure:
        raise BadInput(place=place, found=str(failure)[:80], expected="sums as compressed JSON") from None
    return Reference.of_json(told, place=place)


def find_reference(folder: Path) -> Reference | None:
    """The sums in a card's folder; None for a card that has none."""
    place = folder / REFERENCE
    return read_reference(place.read_bytes(), place=str(place)) if place.is_file() else None


def check_columns(frame: pl.DataFrame, labels: Sequence[str], *named: str | None) -> None:
    """Refuse data that lacks a label the card asks for, or a column that was named."""
    check_names([name for name in named if name], frame.columns, place="target, weight, time or segment")
    check_names(labels, frame.columns, place="labels the card asks for")


def open_window(
    card: scoring.Card, frame: pl.DataFrame, *, target: str, weight: str | None = None, days: str | None = None
) -> Window:
    """Applicants with outcomes as the card reads them; those whom it cannot score are left out."""
    points = scoring.score_frame(card, frame)
    scored = points.is_not_null().to_numpy()
    if not scored.any():
        raise BadInput(place="data", found="no row that the card can score", expected="rows with the card's labels")
    known = frame.filter(pl.Series(scored))
    codes, names = {}, {}
    for characteristic in card.characteristics:
        single, names[characteristic.label] = _number_classes(card, characteristic)
        codes[characteristic.label] = scoring.score_frame(single, known).to_numpy().astype(np.int64)
    whole = points.drop_nulls().to_numpy().astype(np.int64)
    chance = 1 / (1 + np.exp(-(card.calibration_intercept + card.calibration_slope * whole)))
    dates = None if days is None else tuple(known.get_column(days).to_list())
    return Window(whole, chance, codes, names, read_outcome(known, target), read_weight(known, weight), dates)


def _number_classes(card: scoring.Card, asked: scoring.Characteristic) -> tuple[scoring.Card, tuple[str, ...]]:
    """A card of one question whose points are the number of the class: so classes are read just as the live card does.

    Ranges or words first, then codes, then missing, other and does-not-apply where the question has them.
    """
    names = tuple(name for name, _ in asked.classes)
    bins = tuple(replace(one, points=place) for place, one in enumerate(asked.bins))
    special = tuple(replace(one, points=len(bins) + place) for place, one in enumerate(asked.special))
    singles: list[scoring.Bin | None] = []
    place = len(bins) + len(special)
    for one in (asked.missing, asked.other, asked.absent):
        singles.append(None if one is None else replace(one, points=place))
        place += one is not None
    missing, other, absent = singles
    numbered = replace(asked, bins=bins, special=special, missing=missing, other=other, absent=absent)
    return replace(card, intercept_points=0, characteristics=(numbered,)), names


def count_points(points: Points, bad: Flags, weight: Floats) -> Counted:
    """Good and bad by whole points."""
    values, place = np.unique(points, return_inverse=True)
    good, lost = weight * ~bad, weight * bad
    size = len(values)
    return Counted(values, sum_by(place, good, size), sum_by(place, lost, size), _worth(good), _worth(lost))


def draw_reference(window: Window) -> Reference:
    """The sums of a card's own sample."""
    classes = {}
    for label, code in window.codes.items():
        size = len(window.names[label])
        rows = (window.weight * ~window.bad, window.weight * window.bad, window.weight * window.chance)
        classes[label] = np.stack([sum_by(code, of, size) for of in rows])
    return Reference(count_points(window.points, window.bad, window.weight), classes)


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a spread over classes has moved (PSI), and what chance alone would show in nineteen cases of twenty."""

    label: str
    value: float
    noise: float
    chance: float

    @property
    def is_beyond(self) -> bool:
        """Whether more than chance moved it."""
        return self.value > self.noise

    def as_json(self) -> dict[str, Any]:
        """Rounded; the label left out where there is none."""
        told = {"value": round(self.value, 5), "noise": round(self.noise, 5), "beyond": self.is_beyond}
        return ({"label": self.label} if self.label else {}) | told


def measure_shift(then: Floats, now: Floats, *, rows_then: float, rows_now: float, label: str = "") -> Shift:
    """PSI between two spreads over the same classes, with its sampling error.

    Where nothing moved, PSI / (1/n + 1/m) is about chi-square with one degree less than there are classes in use.

    >>> same = measure_shift(np.array([50.0, 50]), np.array([55.0, 45]), rows_then=100, rows_now=100)
    >>> round(same.value, 4), round(same.noise, 4), same.is_beyond
    (0.01, 0.0768, False)
    """
    from scipy.stats import chi2

    used = (then + now) > 0
    if used.sum() < 2:
        return Shift(label, 0.0, 0.0, 1.0)
    old = np.maximum(then[used] / then.sum(), 0.5 / rows_then)
    new = np.maximum(now[used] / now.sum(), 0.5 / rows_now)
    value = float(((new - old) * np.log(new / old)).sum())
    unit, freedom = 1 / rows_then + 1 / rows_now, int(used.sum()) - 1
    return Shift(label, value, float(chi2.ppf(LEVEL, freedom)) * unit, float(chi2.sf(value / unit, freedom)))


Figure = Callable[[Points, Floats, Floats], Floats]


def draw_auc(values: Points, good: Floats, bad: Floats) -> Floats:
    """AUC of each row of good and bad by points."""
    below = np.cumsum(bad, axis=-1) - bad / 2
    return np.asarray((good * below).sum(axis=-1) / (good.sum(axis=-1) * bad.sum(axis=-1)))


def draw_ks(values: Points, good: Floats, bad: Floats) -> Floats:
    """KS of each row of good and bad by points."""
    gap = np.cumsum(bad, axis=-1) / bad.sum(axis=-1, keepdims=True)
    gap = gap - np.cumsum(good, axis=-1) / good.sum(axis=-1, keepdims=True)
    return np.asarray(np.abs(gap).max(axis=-1))


def draw_divergence(values: Points, good: Floats, bad: Floats) -> Floats:
    """Divergence of each row of good and bad by points."""
    means, spread = [], np.zeros(good.shape[:-1])
    for mass in (good, bad):
        total = mass.sum(axis=-1)
        mean = (mass * values).sum(axis=-1) / total
        spread = spread + ((mass * values.astype(np.float64) ** 2).sum(axis=-1) / total - mean**2) / 2
        means.append(mean)
    gap = (means[0] - means[1]) ** 2
    return np.asarray(np.where(spread > 1e-12, gap / np.maximum(spread, 1e-12), 0.0))


FIGURES: Mapping[str, Figure] = {"auc": draw_auc, "ks": draw_ks, "divergence": draw_divergence}


def redraw(counted: Counted, *, draws: int = DRAWS, seed: int = 0) -> tuple[Floats, Floats]:
    """The same applicants drawn again with replacement, good and bad apart: rows of good and of bad by points."""
    chance = np.random.default_rng(seed)
    drawn = []
    for mass, rows in ((counted.good, counted.good_rows), (counted.bad, counted.bad_rows)):
        drawn.append(chance.multinomial(max(1, round(rows)), mass / mass.sum(), size=draws).astype(np.float64))
    return drawn[0], drawn[1]


def compare_figures(then: Counted | None, now: Counted, *, seed: int = 0) -> dict[str, dict[str, Interval]]:
    """AUC, KS and divergence now and on the card's own sample, and the gap between them, each with its interval."""
    told: dict[str, dict[str, Interval]] = {}
    drawn_now = redraw(now, seed=seed)
    drawn_then = None if then is None else redraw(then, seed=seed + 1)
    for name, figure in FIGURES.items():
        value, draws = float(figure(now.values, now.good, now.bad)), figure(now.values, *drawn_now)
        told[name] = {"now": _span(value, draws)}
        if then is not None and drawn_then is not None:
            before, past = float(figure(then.values, then.good, then.bad)), figure(then.values, *drawn_then)
            told[name] |= {"then": _span(before, past), "gap": _span(value - before, draws - past)}
    return told


@dataclass(frozen=True, slots=True)
class Promise:
    """What the card promised beside what came: bad foretold and found, found with its interval, and the slope."""

    expected: float
    observed: float
    low: float
    high: float
    slope: float | None = None
    slope_error: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether what came lies as near to what was promised as chance allows."""
        return self.low <= self.expected <= self.high

    def as_json(self) -> dict[str, Any]:
        """Rounded; the slope with its interval."""
        told: dict[str, Any] = {
            "expected": round(self.expected, 5), "observed": round(self.observed, 5), "low": round(self.low, 5),
            "high": round(self.high, 5),
        }  # fmt: skip
        if self.slope is not None and self.slope_error is not None:
            half = 1.96 * self.slope_error
            told |= {
                "slope": round(self.slope, 4), "slope_low": round(self.slope - half, 4),
                "slope_high": round(self.slope + half, 4),
            }  # fmt: skip
        return told


def check_promise(chance: Floats, bad: Flags, weight: Floats, *, with_slope: bool = True) -> Promise:
    """Bad foretold beside bad found with its binomial interval (Wilson), and the slope of one on the other."""
    rows = _worth(weight)
    observed = float(np.average(bad, weights=weight))
    middle = (observed + 1.92 / rows) / (1 + 3.84 / rows)
    half = 1.96 * float(np.sqrt(observed * (1 - observed) / rows + 0.96 / rows**2)) / (1 + 3.84 / rows)
    slope = error = None
    if with_slope:
        p = np.clip(chance, 1e-9, 1 - 1e-9)
        x = np.log(p / (1 - p))
        level, slope = fit_log_odds(x, bad, weight)
        q = 1 / (1 + np.exp(-np.clip(level + slope * x, -35, 35)))
        spread = weight * q * (1 - q)
        mid = float((spread * x).sum() / spread.sum())
        told = float((spread * (x - mid) ** 2).sum()) * rows / float(weight.sum())
        error = 1 / np.sqrt(told) if told > 0 else None
    expected = float(np.average(chance, weights=weight))
    return Promise(expected, observed, max(0.0, middle - half), min(1.0, middle + half), slope, error)


def cut_bands(counted: Counted, count: int = BANDS) -> Points:
    """The points at which bands of about equal weight begin."""
    reached = np.cumsum(counted.mass) / counted.mass.sum()
    at = np.searchsorted(reached, np.arange(1, count) / count, side="left") + 1
    found: Points = np.unique(counted.values[np.minimum(at, len(counted.values) - 1)])
    return found


def sum_bands(counted: Counted, cuts: Points) -> tuple[Floats, Floats]:
    """Good and bad by band."""
    band = np.searchsorted(cuts, counted.values, side="right")
    return sum_by(band, counted.good, len(cuts) + 1), sum_by(band, counted.bad, len(cuts) + 1)


def tell_periods(
    window: Window, groups: Sequence[Any], then: Counted | None, cuts: Points, *, seed: int = 0, most: int = 40
) -> list[dict[str, Any]]:
    """One line for each month or segment: drift, AUC and promise with their intervals; small ones are only counted."""
    keys = np.array(["unknown" if g is None else str(g) for g in groups])
    names, counts = np.unique(keys, return_counts=True)
    largest = sorted(names[np.argsort(-counts, kind="stable")][:most].tolist())
    told = []
    for key in largest:
        part = window.take(keys == key)
        bads, goods = int(part.bad.sum()), int((~part.bad).sum())
        line: dict[str, Any] = {"group": key, "rows": part.rows, "bads": bads, "psi": None, "psi_noise": None}
        counted = count_points(part.points, part.bad, part.weight)
        if then is not None:
            shift = _shift_of_points(then, counted, cuts)
            line |= {"psi": round(shift.value, 5), "psi_noise": round(shift.noise, 5)}
        line["auc"] = None
        if min(bads, goods) >= GROUP_MIN:
            drawn = draw_auc(counted.values, *redraw(counted, draws=200, seed=seed))
            line["auc"] = _span(float(draw_auc(counted.values, counted.good, counted.bad)), drawn).as_json()
        told.append(line | check_promise(part.chance, part.bad, part.weight, with_slope=False).as_json())
    return told


def tell_watch(
    window: Window, reference: Reference | None, *, segments: Mapping[str, Sequence[Any]] | None = None, seed: int = 0
) -> dict[str, Any]:
    """All figures of a card on a window of outcomes beside its own sample; None stands for what nobody can say."""
    now = count_points(window.points, window.bad, window.weight)
    then = None if reference is None else reference.counted
    cuts = cut_bands(then if then is not None else now)
    bads, goods = int(window.bad.sum()), int((~window.bad).sum())
    told: dict[str, Any] = {"rows": window.rows, "bads": bads, "then": None, "psi": None, "csi": []}
    if reference is not None and then is not None:
        check_reference(reference, window)
        told["then"] = {"rows": round(then.rows), "bads": round(then.bad_rows)}
        told["psi"] = _shift_of_points(then, now, cuts).as_json()
        told["csi"] = [shift.as_json() for shift in measure_shifts_of(window, reference)]
    is_told = min(bads, goods) >= BADS_MIN
    figures = compare_figures(then, now, seed=seed) if is_told else dict.fromkeys(FIGURES)
    for name, spans in figures.items():
        told[name] = None if spans is None else {part: span.as_json() for part, span in spans.items()}
    promise = check_promise(window.chance, window.bad, window.weight, with_slope=is_told)
    told["calibration"] = promise.as_json() | {"kept": promise.is_kept}
    told["periods"] = []
    if window.days is not None:
        told["periods"] = tell_periods(window, name_periods(window.days), then, cuts, seed=seed)
    told["segments"] = {
        name: tell_periods(window, values, then, cuts, seed=seed) for name, values in (segments or {}).items()
    }
    return told


def check_reference(reference: Reference, window: Window) -> None:
    """Refuse the sums of a sample that was not read by the card's own classes."""
    for label, sums in reference.classes.items():
        size = len(window.names.get(label, ()))
        if size and sums.shape != (3, size):
            found = f"sums of {sums.shape[-1] if sums.ndim else 0} classes"
            raise BadInput(place=f"{REFERENCE}: {label}", found=found, expected=f"the card's own {size}")


def measure_shifts_of(window: Window, reference: Reference) -> list[Shift]:
    """How far each question's classes have moved, furthest first; a question the sample did not ask is left out."""
    found = []
    rows = _worth(window.weight)
    for label, code in window.codes.items():
        if label in reference.classes:
            old = reference.classes[label][:2].sum(axis=0)
            new = sum_by(code, window.weight, len(old))
            found.append(measure_shift(old, new, rows_then=reference.counted.rows, rows_now=rows, label=label))
    return sorted(found, key=lambda shift: (-shift.value, shift.label))


def _shift_of_points(then: Counted, now: Counted, cuts: Points) -> Shift:
    old, new = (sum(sum_bands(counted, cuts)) for counted in (then, now))
    return measure_shift(np.asarray(old), np.asarray(new), rows_then=then.rows, rows_now=now.rows)


def sum_by(place: npt.NDArray[Any], of: Floats, size: int) -> Floats:
    """What each place adds up to."""
    return np.asarray(np.bincount(place, weights=of, minlength=size)[:size], dtype=np.float64)


def _span(value: float, draws: Floats) -> Interval:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high))


def _worth(weight: Floats) -> float:
    """How many equally weighted applicants know as much: (Σw)² / Σw²."""
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares > 0 else 0.0
