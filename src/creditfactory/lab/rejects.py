"""Reject inference: what to make of applicants who were refused and whose outcome nobody saw, by several methods.

Only where the truth is known can one see whether a method helps, so :func:`try_methods` refuses applicants of a sample
whose outcomes are all known, by a policy of its own, hides them, and measures each method's card on everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl

from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.cards import CardPlan
from creditfactory.lab.certainty import Interval, compare_auc
from creditfactory.lab.challengers import CardModel, fit_card, with_chances
from creditfactory.lab.judging import Points, draw_bands, measure_auc, measure_calibration
from creditfactory.lab.sample import Flags, Floats, Sample, split_sample

Method = Literal["ignore", "reweighting", "fuzzy", "parcelling"]
METHODS: tuple[Method, ...] = ("ignore", "reweighting", "fuzzy", "parcelling")
"""Leave the refused out; let each accepted applicant speak for the refused who are like it; count each refused one as
part good and part bad by its foretold chance; or deal outcomes to the refused in each band, worse than the accepted."""

WORSE = 1.3
"""How much worse than accepted applicants of the same points the refused are taken to be in parcelling: a guess."""

WEIGHT_MAX = 20.0


@dataclass(frozen=True, slots=True)
class MethodTried:
    """One method's card on all applicants, accepted and refused, whose truth is known.

    ``gap`` is its AUC less that of leaving the refused out, on the same applicants; ``foretold`` beside ``found`` says
    whether the level is right.
    """

    method: str
    auc: float
    gap: Interval | None
    foretold: float
    found: float

    def as_json(self) -> dict[str, Any]:
        """The figures, rounded."""
        return {
            "method": self.method, "auc": round(self.auc, 4), "gap": None if self.gap is None else self.gap.as_json(),
            "foretold": round(self.foretold, 4), "found": round(self.found, 4),
        }  # fmt: skip


def infer(method: Method, accepted: Sample, refused: Sample, plan: CardPlan, *, seed: int = 0) -> CardModel:
    """A card for all who apply, from accepted applicants with outcomes and refused ones without.

    The outcomes that ``refused`` carries are never read.
    """
    if method not in METHODS:
        raise BadInput(place="method", found=repr(method), expected=", ".join(METHODS))
    if refused.rows == 0 or method == "ignore":
        return fit_card(plan.method, accepted, plan)
    if method == "reweighting":
        chance = foretell_acceptance(accepted, refused, plan)
        return fit_card(
            plan.method, replace(accepted, weight=accepted.weight * np.minimum(1 / chance, WEIGHT_MAX)), plan
        )
    first = fit_card(plan.method, accepted, plan)
    if method == "fuzzy":
        return fit_card(plan.method, join(accepted, with_chances(refused, first.foretell(refused))), plan)
    return fit_card(plan.method, join(accepted, deal_outcomes(first, accepted, refused, seed=seed)), plan)


def foretell_acceptance(accepted: Sample, refused: Sample, plan: CardPlan) -> Floats:
    """The chance of each accepted applicant of having been accepted, by a card of who was."""
    both = join(accepted, refused)
    is_refused = np.arange(both.rows) >= accepted.rows
    try:
        model = fit_card("logistic", replace(both, bad=is_refused), plan)
    except Refused:  # nothing tells them apart: refusal was a matter of chance
        return np.full(accepted.rows, accepted.rows / both.rows)
    return np.asarray(1 - model.foretell(accepted), dtype=np.float64)


def deal_outcomes(first: CardModel, accepted: Sample, refused: Sample, *, seed: int, worse: float = WORSE) -> Sample:
    """The refused with outcomes dealt band by band: as many bad as the accepted of the band had, times ``worse``.

    A band that holds no accepted applicants takes the chance foretold.
    """
    points, theirs = first.score(accepted), first.score(refused)
    bands = draw_bands(points, accepted.weight)
    edges = np.array(bands.cuts, dtype=np.int64)
    mine, other = np.searchsorted(edges, points, side="right"), np.searchsorted(edges, theirs, side="right")
    rate = first.foretell(refused)
    for band in range(len(edges) + 1):
        inside, outside = mine == band, other == band
        if inside.any() and outside.any():
            # Refused applicants fill the far ends of the outer bands: there the chance foretold may be the higher.
            seen = float(np.average(accepted.bad[inside], weights=accepted.weight[inside]))
            rate[outside] = np.maximum(rate[outside], seen)
    dealt = np.random.default_rng(seed).random(refused.rows) < np.minimum(worse * rate, 0.98)
    return replace(refused, bad=dealt)


def join(one: Sample, other: Sample) -> Sample:
    """Both samples as one."""
    days = None if one.days is None or other.days is None else one.days + other.days
    return replace(
        one, frame=pl.concat([one.frame, other.frame]), bad=np.concatenate([one.bad, other.bad]),
        weight=np.concatenate([one.weight, other.weight]), days=days,
    )  # fmt: skip


def refuse_worst(sample: Sample, points: Points, *, share: float, seed: int, whim: float = 0.0) -> Flags:
    """Who a policy of its own refuses: the worst by its points, with so much of ``whim`` (in spreads of the points).

    >>> import polars as pl
    >>> from creditfactory.lab.sample import draw_sample
    >>> sample = draw_sample(pl.DataFrame({"x": range(100), "bad": [0, 1] * 50}), target="bad")
    >>> int(refuse_worst(sample, np.arange(100), share=0.4, seed=0).sum())
    40
    """
    if not 0 < share < 1:
        raise BadInput(place="share refused", found=repr(share), expected="a share between 0 and 1")
    noise = np.random.default_rng(seed).normal(size=sample.rows) * whim * float(points.std())
    order = np.argsort(points + noise, kind="stable")
    refused = np.zeros(sample.rows, dtype=np.bool_)
    refused[order[: round(share * sample.rows)]] = True
    return refused


def try_methods(
    sample: Sample, plan: CardPlan, *, share: float = 0.4, whim: float = 0.3, old_rows: float = 0.1, seed: int = 0,
    methods: Sequence[Method] = METHODS, say: Callable[[str], None] = lambda sentence: None,
) -> tuple[MethodTried, ...]:  # fmt: skip
    """Each method where the truth is known: an old card refuses ``share`` of the applicants, whose outcomes are hidden.

    The old card is built on ``old_rows`` of the training part, which is then set aside: the refusals hang on what every
    method can read, but for the whim. All are measured on a holdout of accepted and refused together. A card that read
    every outcome ("truth") shows how much there is to gain.
    """
    train, holdout = split_sample(sample, holdout_from=None, holdout_share=0.3, seed=seed)
    assert holdout is not None
    rest, old = split_sample(train, holdout_from=None, holdout_share=old_rows, seed=seed + 1)
    assert old is not None
    policy = fit_card("logistic", old, plan)
    refused = refuse_worst(rest, policy.score(rest), share=share, seed=seed, whim=whim)
    accepted, hidden = rest.take(~refused), rest.take(refused)
    hidden = replace(hidden, bad=np.zeros(hidden.rows, dtype=np.bool_))  # nobody looks
    models = {m: infer(m, accepted, hidden, plan, seed=seed) for m in methods}
    models["truth"] = fit_card(plan.method, rest, plan)  # type: ignore[index]
    base = models[methods[0]].score(holdout)
    tried = []
    for name, model in models.items():
        points = model.score(holdout)
        gap = None
        if name != methods[0]:
            gap = compare_auc(points, base, holdout.bad, holdout.weight, seed=seed, draws=300)
        level = measure_calibration(model.foretell(holdout), holdout.bad, holdout.weight)
        auc = measure_auc(points, holdout.bad, holdout.weight)
        tried.append(MethodTried(name, auc, gap, level.expected, level.observed))
        say(f"{name}: AUC {auc:.4f}, foretold {level.expected:.2%}, found {level.observed:.2%}")
    return tuple(tried)


def say_whether_it_helps(tried: Sequence[MethodTried]) -> str:
    """One honest sentence: which methods beat leaving the refused out beyond chance, and how much there was to gain."""
    others = [t for t in tried if t.gap is not None and t.method != "truth"]
    better = [t.method for t in others if t.gap is not None and t.gap.low > 0]
    worse = [t.method for t in others if t.gap is not None and t.gap.high < 0]
    truth = next((t for t in tried if t.method == "truth"), None)
    best = f"Knowing every outcome would give {truth.gap.value:+.4f} AUC. " if truth and truth.gap else ""
    helped = f"Better than leaving the refused out: {', '.join(better)}. " if better else "No method ranks better. "
    return best + helped + (f"Worse: {', '.join(worse)}." if worse else "None ranks worse.")
