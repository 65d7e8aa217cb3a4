"""Building a card from a sample, and judging a card on new data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from creditfactory import scoring
from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.binning import (
    EVERY,
    SHAPES,
    BinningRules,
    Classes,
    Shape,
    draw_classes,
    name_codes,
)
from creditfactory.lab.certainty import name_periods
from creditfactory.lab.counts import Counts, count_sample
from creditfactory.lab.curves import ScoreCounts, count_scores
from creditfactory.lab.doubts import find_doubts
from creditfactory.lab.features import Feature, name_reason
from creditfactory.lab.fine import Fine, draw_fine
from creditfactory.lab.fitting import Fitted, Scale, fit_divergent_points, fit_points
from creditfactory.lab.judging import Bands, Judgement, Points, draw_bands, judge, measure_auc
from creditfactory.lab.leakage import Alarm, find_too_good
from creditfactory.lab.learnt import Learnt, hash_keys, remember_keys
from creditfactory.lab.progress import Step, stay_silent
from creditfactory.lab.sample import (
    Flags,
    Sample,
    check_names,
    draw_sample,
    read_outcome,
    read_weight,
    split_sample,
    tell_numbers_in_words,
)
from creditfactory.lab.saying import Saying, say
from creditfactory.lab.standing import Row, tell_groups
from creditfactory.lab.watching import Reference, draw_reference, open_window

METHODS = ("logistic", "divergence")
IV_MIN = 0.01
OUTCOME, MASS = "\0outcome", "\0mass"
COUNTED_MAX = 200
"""How many characteristics are counted against each other: the work and the memory grow with the square."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPlan:
    """What the modeller asks for; the same plan on the same data gives the same card.

    ``only`` names the characteristics to choose from (else every column that is not target, weight, time or
    excluded); ``unknown_max`` leaves out a characteristic unknown for a larger share of the sample; ``known_by`` is
    the last day whose outcomes the sample may hold, for the record. ``special`` names for each characteristic the
    numbers that are codes (999: never asked) and no amounts, under ``*`` those of every number. ``features`` says of
    each characteristic what it means and when it was known; ``role`` is what the card is for (admission, master,
    behaviour, collection). ``key`` names the column that tells whose outcome each row is, for a refresh to know again.
    """

    target: str
    name: str = "card"
    version: str = "v001"
    only: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    weight: str | None = None
    time: str | None = None
    holdout_from: date | None = None
    holdout_share: float = 0.3
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    method: str = "logistic"
    seed: int = 0
    scale: Scale = field(default_factory=Scale)
    rules: BinningRules = field(default_factory=BinningRules)
    unknown_max: float = 0.95
    known_by: date | None = None
    owner: str = "lab"
    purpose: str | Mapping[str, str] = ""
    limits: tuple[str | Mapping[str, str], ...] = ()
    special: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    features: Mapping[str, Feature] = field(default_factory=dict)
    role: str = "admission"
    key: str | None = None


@dataclass(frozen=True, slots=True)
class BuiltCard:
    """A card as its JSON form, the figures it reached, what stayed out and why, and what to look at twice.

    ``without`` is what AUC each question's absence costs on the sample and on the holdout, ``periods`` the holdout by
    month; ``learnt`` whose outcomes were counted, ``learnt_from`` the hashes of the files before. A refreshed card also
    has its ``parent`` (version and hashes) and what it knows by ``months``, to forget by.
    """

    plan: CardPlan
    card: dict[str, Any]
    train: Judgement
    holdout: Judgement | None
    left_out: dict[str, Saying]
    warnings: tuple[Alarm, ...]
    fitted: Fitted
    counts: Counts
    scores: Mapping[str, ScoreCounts]
    fine: Fine
    reference: Reference | None = None
    months: Mapping[str, Counts] = field(default_factory=dict)
    parent: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    periods: Sequence[Row] = ()
    learnt: Learnt | None = None
    learnt_from: tuple[str, ...] = ()

    def summary(self) -> dict[str, Any]:
        """The one-line account: method, characteristics, and the figures of both samples."""
        return {
            "card": self.plan.name,
            "version": self.plan.version,
            "method": self.plan.method,
            "characteristics": [c.label for c in self.fitted.classes],
            "train": self.train.as_json(),
            "holdout": None if self.holdout is None else self.holdout.as_json(),
            "warnings": [alarm.as_json() for alarm in self.warnings],
        }


def build_card(frame: pl.DataFrame, plan: CardPlan, *, data_sha256: str = "", step: Step = stay_silent) -> BuiltCard:
    """Build a card on the part of the frame before the holdout and judge it on both parts, on its whole points.

    ``step`` is told of every characteristic looked at. Raises :class:`BadInput` naming the column and row that cannot
    be used, and :class:`Refused` where no honest card can be built.
    """
    _check_plan(plan, frame.columns)
    sample = draw_sample(
        frame, target=plan.target, weight=plan.weight, time=plan.time, only=plan.only,
        exclude=(*plan.exclude, *([plan.key] if plan.key else [])),
    )  # fmt: skip
    if plan.key:
        hash_keys(frame, plan.key)  # refused before the work, if ever
        sample = replace(sample, frame=sample.frame.with_columns(frame.get_column(plan.key)))
    train, holdout = split_sample(
        sample, holdout_from=plan.holdout_from, holdout_share=plan.holdout_share, seed=plan.seed
    )
    classes, left_out, alarms = choose_characteristics(train, plan, step)
    if not classes:
        why = "; ".join(f"{label}: {reason}" for label, reason in list(left_out.items())[:5])
        raise Refused(f"no characteristic tells good from bad in this sample, so no card was built ({why})")
    if plan.method == "divergence":
        strongest = keep_strongest(classes)
        left_out |= {c.label: say("{n} others tell more alone", n=COUNTED_MAX) for c in classes if c not in strongest}
        counts = count_sample(train, strongest)
        fitted = fit_divergent_points(train, counts, plan.scale, plan.rules)
    else:
        fitted = fit_points(train, classes, plan.scale)
        counts = count_sample(train, fitted.classes)
    points = fitted.score(train)
    bands = draw_bands(points, train.weight)
    on_train = _judge(fitted, train, points, bands)
    scores = {"train": count_scores(points, train.bad, train.weight)}
    on_holdout = None
    if holdout is not None:
        held = fitted.score(holdout)
        scores["holdout"] = count_scores(held, holdout.bad, holdout.weight)
        on_holdout = _judge(fitted, holdout, held, bands)
    performance = {
        "train": on_train.as_json(),
        "holdout": {} if on_holdout is None else on_holdout.as_json(),
        "bands": {"cuts": list(bands.cuts), "shares": [round(s, 6) for s in bands.shares]},
    }
    card = write_card_json(plan, fitted, train, performance, data_sha256)
    reference = refer_to(scoring.read_card(card, place="the card just built"), train)
    left_out |= fitted.left_out
    doubts = find_doubts(train, fitted.classes, on_train, on_holdout, scores)
    seen = {(one.label, one.kind) for one in doubts}
    doubts = [*(one for one in alarms if (one.label, one.kind) not in seen), *doubts]
    fine = draw_fine(train, fitted, version=plan.version)
    return BuiltCard(
        plan, card, on_train, on_holdout, left_out, tuple(doubts), fitted, counts, scores, fine, reference,
        without=measure_worth(fitted, {"train": train, "holdout": holdout}),
        periods=_tell_periods(fitted, holdout, bands),
        learnt=remember_keys(train.frame, plan.key) if plan.key else None,
    )  # fmt: skip


def measure_worth(fitted: Fitted, samples: Mapping[str, Sample | None]) -> dict[str, dict[str, float]]:
    """By how much AUC changes on each sample where one question is not asked and all other points stay."""
    found: dict[str, dict[str, float]] = {classes.label: {} for classes in fitted.classes}
    for name, sample in samples.items():
        if sample is None:
            continue
        whole = fitted.score(sample)
        auc = measure_auc(whole, sample.bad, sample.weight)
        for classes, points in zip(fitted.classes, fitted.points, strict=True):
            own = np.array(points, dtype=np.int64)[classes.encode(sample.frame.get_column(classes.label))]
            found[classes.label][name] = round(measure_auc(whole - own, sample.bad, sample.weight) - auc, 6)
    return found


def _tell_periods(fitted: Fitted, holdout: Sample | None, bands: Bands) -> list[Row]:
    """The holdout month by month, where it lies later than what was learnt from."""
    if holdout is None or holdout.days is None:
        return []
    points = fitted.score(holdout)
    chance = fitted.probability(points)
    return tell_groups(name_periods(holdout.days), points, holdout.bad, holdout.weight, chance, bands)


def refer_to(card: scoring.Card, sample: Sample) -> Reference:
    """What a card looks like on its own sample, in sums."""
    frame = sample.frame.select(card.labels).with_columns(
        pl.Series(OUTCOME, sample.bad), pl.Series(MASS, sample.weight)
    )
    return draw_reference(open_window(card, frame, target=OUTCOME, weight=MASS))


def validate_card(
    card: Mapping[str, Any],
    frame: pl.DataFrame,
    *,
    target: str | None = None,
    weight: str | None = None,
    place: str = "card.json",
) -> dict[str, Any]:
    """The same figures for new data, scored by the rulebook's own scorer; rows the card cannot score are counted.

    Raises :class:`BadInput` where a label the card asks for is no column of the data.
    """
    read = scoring.read_card(card, place=place)
    target = target or read.target
    check_names([target, *([weight] if weight else [])], frame.columns, place="target or weight")
    check_names(read.labels, frame.columns, place="labels the card asks for")
    of = read_bands(read.performance.get("bands"), place=f"{place}: performance.bands")
    points = scoring.score_frame(read, frame)
    scored: Flags = points.is_not_null().to_numpy()
    if not scored.any():
        raise BadInput(place="data", found="no row that the card can score", expected="rows with the card's labels")
    bad, mass = read_outcome(frame, target)[scored], read_weight(frame, weight)[scored]
    if bad.all() or not bad.any():
        raise BadInput(place=f"column {target}", found="one outcome only", expected="good and bad among scored rows")
    whole = points.drop_nulls().to_numpy().astype(np.int64)
    chance = 1 / (1 + np.exp(-(read.calibration_intercept + read.calibration_slope * whole)))
    return {
        "card": read.name,
        "version": read.version,
        "method": read.method,
        "characteristics": list(read.labels),
        "not_scored": int((~scored).sum()),
        "validation": judge(whole, bad, mass, chance, of).as_json(),
    }


def read_bands(told: Any, *, place: str) -> Bands:
    """The bands of the sample a card was built on; what is none is refused."""
    try:
        bands = Bands(tuple(int(cut) for cut in told["cuts"]), tuple(float(share) for share in told["shares"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        bands = Bands((), ())
    if len(bands.shares) != len(bands.cuts) + 1 or list(bands.cuts) != sorted(set(bands.cuts)):
        raise BadInput(place=place, found=repr(told)[:80], expected="the bands of the building sample")
    return bands


def write_card_json(
    plan: CardPlan, fitted: Fitted, train: Sample, performance: dict[str, Any], data_sha256: str
) -> dict[str, Any]:
    """The card in the rulebook's form."""
    days = train.days
    return {
        "name": plan.name,
        "version": plan.version,
        "target": plan.target,
        "method": plan.method,
        "role": plan.role,
        "pdo": plan.scale.pdo,
        "base_points": plan.scale.base_points,
        "base_odds": plan.scale.base_odds,
        "intercept_points": fitted.intercept_points,
        "characteristics": [
            _write_characteristic(classes, points, plan.features, may_miss=plan.role != "master")
            for classes, points in zip(fitted.classes, fitted.points, strict=True)
        ],
        "calibration": {"slope": fitted.slope, "intercept": fitted.intercept},
        "sample": {
            "rows": train.rows,
            "bads": int(train.bad.sum()),
            "from": min(days).isoformat() if days else None,
            "to": max(days).isoformat() if days else None,
            "known_by": plan.known_by.isoformat() if plan.known_by else None,
            "weighted": plan.weight is not None,
            "data_sha256": data_sha256,
        },
        "performance": performance,
    }


def choose_characteristics(
    train: Sample, plan: CardPlan, step: Step = stay_silent
) -> tuple[list[Classes], dict[str, Saying], list[Alarm]]:
    """The characteristics worth a look with their classes; beside them what stays out and why, and what looks odd."""
    chosen: list[Classes] = []
    left_out = dict(train.left_out)
    alarms: list[Alarm] = []
    for place, label in enumerate(train.kinds):
        step(place, len(train.kinds), label)
        column = train.frame.get_column(label)
        unknown = column.null_count() / train.rows
        if unknown > plan.unknown_max:
            left_out[label] = say("unknown for {share:.0%} of the sample", share=unknown)
            continue
        codes = name_codes(plan.special, label) if train.kinds[label] == "number" else ()
        drawn = draw_classes(train, label, shape=plan.shapes.get(label, "auto"), rules=plan.rules, special=codes)
        if isinstance(drawn, Saying):
            left_out[label] = drawn.followed_by(tell_numbers_in_words(column))
            continue
        if drawn.evidence.iv < IV_MIN:
            low = say("information value {iv:.4f} is below {least}", iv=drawn.evidence.iv, least=IV_MIN)
            left_out[label] = low.followed_by(tell_numbers_in_words(column))
            continue
        if (odd := find_too_good(drawn, train)) is not None:
            alarms.append(odd)
        chosen.append(drawn)
    return chosen, left_out, alarms


def keep_strongest(classes: Sequence[Classes], most: int = COUNTED_MAX) -> list[Classes]:
    """Those with the largest information value, in the order they came in."""
    ranked = sorted(range(len(classes)), key=lambda place: -classes[place].evidence.iv)[:most]
    return [classes[place] for place in sorted(ranked)]


def _judge(fitted: Fitted, sample: Sample, points: Points, bands: Bands) -> Judgement:
    return judge(points, sample.bad, sample.weight, fitted.probability(points), bands)


def _write_characteristic(
    classes: Classes, points: Sequence[int], features: Mapping[str, Feature], *, may_miss: bool
) -> dict[str, Any]:
    """The question in the rulebook's form; a master card (not ``may_miss``) stops where an answer is open."""
    count = len(classes)
    best = max(points[:count])
    bounds = [None, *(_plain(c) for c in classes.cuts), None]
    evidence = classes.evidence
    reason = features[classes.label].reason if classes.label in features else name_reason(classes.label)

    def facts(place: int, *, own: bool = True) -> dict[str, Any]:
        rate = float(evidence.bad_rate[place])
        return {
            "points": points[place],
            "woe": round(float(evidence.woe[place]), 6),
            "share": round(float(evidence.share[place]), 6),
            "bad_rate": round(rate, 6) if own and not np.isnan(rate) else None,
            "reason": reason if points[place] < best else None,
        }

    bins: list[dict[str, Any]] = []
    for i in range(count):
        if classes.kind == "number":
            bins.append({"from": bounds[i], "to": bounds[i + 1], **facts(i)})
        else:
            bins.append({"words": list(classes.words[i]), **facts(i)})
    written: dict[str, Any] = {"label": classes.label, "type": classes.kind, "iv": round(evidence.iv, 6), "bins": bins}
    written["missing"] = facts(count, own=classes.has_missing) if may_miss else None
    if classes.kind == "word":
        written["other"] = facts(count + 1, own=classes.has_other)
    if classes.special:
        written["special"] = [
            {"values": [_plain(v) for v in group], **facts(count + 2 + i, own=classes.has_special[i])}
            for i, group in enumerate(classes.special)
        ]
    if classes.steady_joins:
        written["steadied"] = {"joins": classes.steady_joins, "iv_price": round(classes.steady_price, 6)}
    return written


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _check_plan(plan: CardPlan, columns: Sequence[str]) -> None:
    if plan.method not in METHODS:
        raise BadInput(place="method", found=repr(plan.method), expected=" or ".join(METHODS))
    check_names(plan.shapes, columns, place="shape")
    check_names((label for label in plan.special if label != EVERY), columns, place="special")
    for label, shape in plan.shapes.items():
        if shape not in SHAPES:
            raise BadInput(place=f"shape of {label}", found=repr(shape), expected=", ".join(SHAPES))
    if plan.scale.pdo <= 0 or plan.scale.base_odds <= 0:
        raise BadInput(place="scale", found=repr(plan.scale), expected="positive points to double the odds, and odds")
