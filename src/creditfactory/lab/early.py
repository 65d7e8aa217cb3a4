"""Slow, large loans: what early months tell of the end, how loans survive, and what a sample costs to learn from.

A loan of 250,000 over three years takes years to show its outcome (AQ-04). Three ways to wait less: a target that shows
early, survival curves that use loans still running, and knowing beforehand how much must be lent and lost to learn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.cards import CardPlan
from creditfactory.lab.certainty import Interval, compare_auc
from creditfactory.lab.challengers import CardModel, fit_card, with_chances
from creditfactory.lab.judging import measure_auc, measure_ks
from creditfactory.lab.sample import Flags, Floats, Sample


@dataclass(frozen=True, slots=True)
class Survival:
    """The share of loans still good after each month on book, with the number of loans that were watched in it."""

    months: tuple[int, ...]
    good: tuple[float, ...]
    watched: tuple[int, ...]

    def at(self, month: int) -> float:
        """The share still good after so many months; beyond what was watched nobody knows."""
        if self.months and month > self.months[-1]:
            raise Refused(f"no loan was watched for {month} months: the longest was watched for {self.months[-1]}")
        return next((s for m, s in zip(self.months[::-1], self.good[::-1], strict=True) if m <= month), 1.0)


def follow_survival(months: Sequence[int], has_failed: Sequence[bool]) -> Survival:
    """Kaplan and Meier's curve: loans that still run, or were repaid, count for as long as they were watched.

    >>> curve = follow_survival([1, 2, 3, 3], [True, False, True, False])
    >>> [round(share, 3) for share in curve.good]
    [0.75, 0.75, 0.375]
    """
    seen, failed = np.asarray(months, dtype=np.int64), np.asarray(has_failed, dtype=np.bool_)
    if len(seen) == 0 or len(seen) != len(failed) or seen.min() < 0:
        raise BadInput(
            place="months watched", found=f"{len(seen)} and {len(failed)} values", expected="a month of 0 or more each"
        )
    share, told, watched = 1.0, [], []
    steps = np.unique(seen)
    for month in steps:
        under_watch = int((seen >= month).sum())
        share *= 1 - float((failed & (seen == month)).sum()) / under_watch
        told.append(share)
        watched.append(under_watch)
    return Survival(tuple(int(m) for m in steps), tuple(told), tuple(watched))


def draw_early_target(months_to_failure: Sequence[int | None], watched: Sequence[int], *, by: int) -> list[bool | None]:
    """Whether each loan had failed by month ``by``; unknown for a loan that runs and was not watched so long.

    By 1 is the first payment, by 3 or 6 an early outcome.

    >>> draw_early_target([2, None, None], [9, 9, 2], by=3)
    [True, False, None]
    """
    if by < 1 or len(months_to_failure) != len(watched):
        raise BadInput(place="early target", found=f"month {by}", expected="a month from 1 on, and both facts of each")
    return [
        True if failed is not None and failed <= by else (False if seen >= by else None)
        for failed, seen in zip(months_to_failure, watched, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class EarlyTold:
    """What a card built on an early target tells of the final outcome, beside the card that waited for it.

    ``reached`` is the early card's KS as a share of the patient card's, both on the final outcome of the same loans.
    """

    by: int
    bads: int
    auc: float
    ks: float
    reached: float
    gap: Interval

    def as_json(self) -> dict[str, Any]:
        """The figures, rounded."""
        return {
            "by": self.by, "bads": self.bads, "auc": round(self.auc, 4), "ks": round(self.ks, 4),
            "reached": round(self.reached, 4), "gap": self.gap.as_json(),
        }  # fmt: skip


def try_early_targets(
    train: Sample, holdout: Sample, early: dict[int, Flags], plan: CardPlan, *, seed: int = 0
) -> tuple[EarlyTold, ...]:
    """A card for each early target of the training rows, judged on the *final* outcome of the holdout.

    ``early`` has the flags of the training rows by month. A month with too few bad is left out.
    """
    patient = fit_card(plan.method, train, plan).score(holdout)
    most = measure_ks(patient, holdout.bad, holdout.weight)
    told = []
    for by, flags in sorted(early.items()):
        if len(flags) != train.rows:
            raise BadInput(place=f"early target by {by}", found=f"{len(flags)} rows", expected=f"{train.rows} rows")
        try:
            if flags.sum() < 30:
                raise Refused("too few early failures")
            points = fit_card(plan.method, replace(train, bad=flags), plan).score(holdout)
        except Refused:
            continue
        ks = measure_ks(points, holdout.bad, holdout.weight)
        gap = compare_auc(points, patient, holdout.bad, holdout.weight, draws=300, seed=seed)
        auc = measure_auc(points, holdout.bad, holdout.weight)
        told.append(EarlyTold(by, int(flags.sum()), auc, ks, ks / most if most else 0.0, gap))
    return tuple(told)


def transfer(small: Sample, large: Sample, plan: CardPlan, *, trust: float = 0.3) -> CardModel:
    """A card for large loans that starts from what small, short ones taught.

    A card of the small loans foretells the large ones; each large loan then counts by its own outcome and, with the
    share ``trust``, by what was foretold. With no trust it is the large loans' own card.
    """
    if not 0 <= trust <= 1:
        raise BadInput(place="trust", found=repr(trust), expected="a share from 0 to 1")
    foretold = fit_card(plan.method, small, plan).foretell(large)
    chance: Floats = (1 - trust) * large.bad + trust * foretold
    return fit_card(plan.method, with_chances(large, chance), plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCost:
    """What it takes to learn: so many loans, of which so many fail; lent, lost, and the years until it is known."""

    loans: int
    bads: int
    lent: float
    lost: float
    years: float

    def as_json(self) -> dict[str, Any]:
        """The figures, rounded."""
        return {
            "loans": self.loans, "bads": self.bads, "lent": round(self.lent, 2), "lost": round(self.lost, 2),
            "years": round(self.years, 2),
        }  # fmt: skip


def cost_sample(
    *,
    auc: float,
    better_than: float,
    bad_rate: float,
    amount: float,
    loss_share: float,
    loans_per_month: float,
    months_to_outcome: int,
    power: float = 0.8,
    error: float = 0.05,
) -> SampleCost:
    """What a sample costs that shows, with this power, that a card of this AUC is better than another on paper.

    The variance of an AUC is Hanley and McNeil's (1982); the other figure is taken as known (a fixed bar), so a
    comparison on the same applicants needs fewer and one with another lender's sample needs more. ``lost`` is what the
    bad ones among them cost, ``years`` the months of lending and then of waiting for the last outcome.

    >>> small = cost_sample(auc=0.70, better_than=0.65, bad_rate=0.05, amount=30_000, loss_share=0.6,
    ...     loans_per_month=2_000, months_to_outcome=12)
    >>> large = cost_sample(auc=0.70, better_than=0.65, bad_rate=0.05, amount=250_000, loss_share=0.6,
    ...     loans_per_month=240, months_to_outcome=36)
    >>> small.loans == large.loans, round(large.lent / small.lent, 1), small.years < large.years
    (True, 8.3, True)
    """
    for name, value in (("auc", auc), ("better_than", better_than)):
        if not 0.5 <= value < 1:
            raise BadInput(place=name, found=repr(value), expected="from 0.5 to below 1")
    for name, value in (("bad_rate", bad_rate), ("power", power), ("error", error)):
        if not 0 < value < 1:
            raise BadInput(place=name, found=repr(value), expected="a share between 0 and 1")
    if auc <= better_than:
        raise BadInput(place="auc", found=repr(auc), expected=f"more than the bar of {better_than}")
    if amount <= 0 or not 0 <= loss_share <= 1 or loans_per_month <= 0 or months_to_outcome < 1:
        raise BadInput(
            place="amount, loss_share, loans_per_month or months_to_outcome",
            found=f"{amount}, {loss_share}, {loans_per_month}, {months_to_outcome}", expected="positive numbers",
        )  # fmt: skip
    bads = 2
    while find_power(auc, better_than, bads, round(bads * (1 - bad_rate) / bad_rate), error=error) < power:
        bads = math.ceil(bads * 1.02) if bads > 50 else bads + 1
        if bads > 10_000_000:
            raise Refused("the difference is too small to be shown by any sample that could be lent")
    loans = math.ceil(bads / bad_rate)
    years = (loans / loans_per_month + months_to_outcome) / 12
    return SampleCost(loans=loans, bads=bads, lent=loans * amount, lost=bads * amount * loss_share, years=years)


def find_power(auc: float, better_than: float, bads: int, goods: int, *, error: float = 0.05) -> float:
    """The chance that so many bad and good show the difference, one-sided at ``error``.

    >>> round(find_power(0.70, 0.65, 200, 3_800), 2)
    0.76
    """
    normal = NormalDist()
    bar = spread_auc(better_than, bads, goods) * normal.inv_cdf(1 - error)
    return normal.cdf((auc - better_than - bar) / spread_auc(auc, bads, goods))


def spread_auc(auc: float, bads: int, goods: int) -> float:
    """The standard error of an AUC on so many bad and good (Hanley and McNeil 1982).

    >>> round(spread_auc(0.75, 100, 900), 4)
    0.0291
    """
    if bads < 1 or goods < 1:
        raise BadInput(place="sample", found=f"{bads} bad and {goods} good", expected="at least one of each")
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    return math.sqrt((auc * (1 - auc) + (bads - 1) * (one - auc**2) + (goods - 1) * (two - auc**2)) / (bads * goods))
