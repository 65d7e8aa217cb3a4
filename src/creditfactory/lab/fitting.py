"""From classes to points: the largest divergence or a logistic model, rounded to whole points, then calibrated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from creditfactory.kernel import Refused
from creditfactory.lab.binning import BinningRules, Classes
from creditfactory.lab.counts import Counts
from creditfactory.lab.divergence import Question, choose_questions, fit_divergence
from creditfactory.lab.judging import Points, fit_level
from creditfactory.lab.sample import Flags, Floats, Sample
from creditfactory.lab.saying import Saying, say

FAULTLESS = say("tells good from bad without a fault: it knows the outcome")
CAUTION = 0.3
"""The inverse strength of the ridge that draws slopes to nought where few bad rows speak for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What points mean: so many points at these odds of good to bad, and how many more double the odds.

    ``anchored``: after calibration the start is moved by whole points, so that these points mean these odds.
    """

    pdo: float = 20
    base_points: float = 600
    base_odds: float = 30
    anchored: bool = False

    @property
    def factor(self) -> float:
        """Points for one unit of log-odds."""
        return self.pdo / math.log(2)

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return self.base_points - self.factor * math.log(self.base_odds)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fitted card: classes with their whole points (missing and other last), intercept and calibration.

    ``left_out`` names the characteristics that did not stay, each with its reason.
    """

    classes: tuple[Classes, ...]
    points: tuple[tuple[int, ...], ...]
    intercept_points: int
    slope: float
    intercept: float
    left_out: dict[str, Saying]

    def score(self, sample: Sample) -> Points:
        """The points of each row, by the lab's own reading of the classes."""
        total = np.full(sample.rows, self.intercept_points, dtype=np.int64)
        for classes, points in zip(self.classes, self.points, strict=True):
            total += np.array(points, dtype=np.int64)[classes.encode(sample.frame.get_column(classes.label))]
        return total

    def probability(self, points: Points) -> Floats:
        """The chance of bad that the points stand for."""
        chance: Floats = 1 / (1 + np.exp(-(self.intercept + self.slope * points)))
        return chance


def fit_points(sample: Sample, classes: list[Classes], scale: Scale) -> Fitted:
    """Fit, drop what gets the wrong sign, round to whole points, and calibrate the rounded points.

    A characteristic whose better classes would lose points only corrects others' mistakes: a credit officer could
    not sign it, so it goes and the rest is fitted again.
    """
    left_out: dict[str, Saying] = {}
    kept = list(classes)
    while kept:
        intercept, slopes = _fit_logistic(sample, kept)
        if slopes.min() > 0:
            break
        worst = int(slopes.argmin())
        left_out[kept[worst].label] = say("says nothing beside the others (its sign turned in the joint fit)")
        del kept[worst]
    if not kept:
        raise Refused("no characteristic tells good from bad in this sample, so no card was built")
    rounded = [
        tuple(round(float(scale.factor * s * w)) for w in c.evidence.woe) for c, s in zip(kept, slopes, strict=True)
    ]
    flat = [c.label for c, points in zip(kept, rounded, strict=True) if len(set(points)) == 1]
    left_out.update(dict.fromkeys(flat, say("worth less than one point")))
    used = [(c, points) for c, points in zip(kept, rounded, strict=True) if c.label not in flat]
    if not used:
        raise Refused("every characteristic is worth less than one point, so no card was built")
    bare = Fitted(
        tuple(c for c, _ in used), tuple(p for _, p in used), round(scale.offset + scale.factor * intercept),
        0.0, 0.0, left_out,
    )  # fmt: skip
    return calibrate(bare, sample, scale)


def fit_divergent_points(sample: Sample, counts: Counts, scale: Scale, rules: BinningRules) -> Fitted:
    """The divergence card on the sample's counts, calibrated on its rounded points as every card is."""
    return calibrate(fit_counts(counts, scale, rules), sample, scale)


def _find_faultless(counts: Counts) -> list[str]:
    """Characteristics of which every class holds good only or bad only: their divergence has no end."""
    good, bad = (np.diagonal(half) for half in counts.moments.meetings)
    spans = zip(counts.classes, counts.moments.layout.spans(), strict=True)
    return [asked.label for asked, span in spans if not np.minimum(good[span], bad[span]).any()]


def fit_counts(counts: Counts, scale: Scale, rules: BinningRules, *, only: Sequence[str] | None = None) -> Fitted:
    """The divergence card that counts alone give: characteristics chosen by what each adds, whole points.

    ``only`` keeps to these characteristics instead of choosing anew, as a refreshed card does. Weights are log-odds;
    the level is the discriminant's own and the chance is what the scale makes of the points, until
    :func:`calibrate` has seen points and outcomes together.
    """
    questions = {c.label: ask(c, rules) for c in counts.classes}
    if only is None:
        asked = list(questions.values())
        chosen = [name for name, _ in choose_questions(counts.moments, asked, most=rules.characteristics_max)]
    else:
        chosen = list(only)
    if not chosen and (faultless := _find_faultless(counts)):
        raise Refused(f"{', '.join(faultless)}: {FAULTLESS}, so no card was built")
    if not chosen:
        raise Refused("no characteristic tells good from bad in this sample, so no card was built")
    left_out = {n: say("adds too little to the divergence beside the others") for n in questions if n not in chosen}
    left_out |= {n: FAULTLESS for n in _find_faultless(counts) if n not in chosen}
    part = counts.take([c.label for c in counts.classes if c.label in chosen])
    found = fit_divergence(part.moments, [questions[c.label] for c in part.classes])
    points = []
    for c, span in zip(part.classes, part.moments.layout.spans(), strict=True):
        weights = found.weights[span] * found.slope
        own = np.array(questions[c.label].own)
        weights = np.where(own, weights, weights[own].min())
        points.append(tuple(round(float(scale.factor * w)) for w in weights))
    flat = [c.label for c, p in zip(part.classes, points, strict=True) if len(set(p)) == 1]
    left_out.update(dict.fromkeys(flat, say("worth less than one point")))
    used = [(c, p) for c, p in zip(part.classes, points, strict=True) if c.label not in flat]
    if not used:
        raise Refused("every characteristic is worth less than one point, so no card was built")
    base = round(scale.offset + scale.factor * found.intercept)
    slope, level = round(-1 / scale.factor, 12), round(scale.offset / scale.factor, 12)
    return Fitted(tuple(c for c, _ in used), tuple(p for _, p in used), base, slope, level, left_out)


def ask(classes: Classes, rules: BinningRules) -> Question:
    """A characteristic's classes as the divergence solver sees them, in the shape its classes were drawn in."""
    shape = classes.shape
    assert shape != "auto" and shape != "monotone", "classes know the shape they have"
    woe = classes.evidence.woe[: len(classes)]
    turn = int(woe.argmax()) if classes.shape == "peak" else int(woe.argmin()) if classes.shape == "valley" else None
    return Question(
        name=classes.label,
        classes=len(classes),
        shape=shape,
        own=classes.own,
        turn=turn,
        unknown="as_seen" if rules.unknown == "least" else rules.unknown,
    )


def calibrate(fitted: Fitted, sample: Sample, scale: Scale) -> Fitted:
    """The card with the level of its log-odds set so that the chances sum to the bad of the sample.

    The slope stays the scale's own: so many points double the odds on every card. Fitted anew on the sample the card
    was drawn from, it would undo the caution of the fit.
    """
    slope = -1 / scale.factor
    log_odds = slope * fitted.score(sample).astype(np.float64)
    level = fit_level(log_odds, sample.bad, sample.weight)
    moved = round(scale.offset - level * scale.factor) if scale.anchored else 0
    start, level = fitted.intercept_points + moved, level - slope * moved
    return Fitted(fitted.classes, fitted.points, start, round(slope, 12), round(level, 12), fitted.left_out)


def _fit_logistic(sample: Sample, classes: list[Classes]) -> tuple[float, Floats]:
    """Intercept and slopes of the log-odds of *good* on the weights of evidence."""
    design = np.column_stack([c.evidence.woe[c.encode(sample.frame.get_column(c.label))] for c in classes])
    good: Flags = ~sample.bad
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # slow to import

    model = LogisticRegression(C=CAUTION, max_iter=1000, tol=1e-8)
    model.fit(design, good, sample_weight=sample.weight / sample.weight.mean())
    return float(model.intercept_[0]), model.coef_[0].astype(np.float64)
