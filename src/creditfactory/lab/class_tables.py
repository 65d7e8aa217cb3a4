"""What each class tells, over the whole window and month by month: for a person to see whether it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from creditfactory.lab.binning import Classes
from creditfactory.lab.certainty import name_periods
from creditfactory.lab.sample import Floats, Sample
from creditfactory.lab.steadiness import tally_months

WHOLE = "all"
"""The period that is the whole window, and the class that is the whole characteristic."""


def tabulate_classes(sample: Sample, classes: Sequence[Classes]) -> pl.DataFrame:
    """A row for each characteristic, period and class: rows, good, bad, share, bad rate, WOE, IV, divergence, KS, PSI.

    Of a class, ``iv`` and ``psi`` are its parts of the sums, ``divergence`` is that of belonging to it or not, and
    ``ks`` how far good and bad are apart once it and all worse classes are counted. Of the whole characteristic
    (class ``all``), divergence and KS are those of its weights of evidence over the whole window. PSI compares a
    period with the whole window. A period of one outcome only has shares but no evidence.
    """
    periods = [WHOLE] if sample.days is None else [WHOLE, *sorted(set(name_periods(sample.days)))]
    if sample.days is None:
        months = np.zeros(sample.rows, dtype=np.int64)
    else:
        months = np.unique(name_periods(sample.days), return_inverse=True)[1].astype(np.int64)
    rows: list[dict[str, Any]] = []
    for asked in classes:
        codes = asked.encode(sample.frame.get_column(asked.label))
        by_month = tally_months(codes, asked.width, months, sample.bad, sample.weight)
        whole = by_month.sum(axis=0)
        halves = tuple(float(sample.weight[sample.bad == outcome].mean()) / 2 for outcome in (False, True))
        worth = _weigh(whole, halves)
        names = name_classes(asked)
        for period, tally in zip(periods, [whole, *by_month][: len(periods)], strict=True):
            told = _tell_period(tally, whole, worth, halves)
            seen = [*(whole[:, 2] > 0), True]
            rows += [
                {"label": asked.label, "period": period, "class": name, **one}
                for name, one, is_seen in zip([*names, WHOLE], told, seen, strict=True)
                if is_seen
            ]
    return pl.DataFrame(rows, infer_schema_length=None)


def name_classes(classes: Classes) -> list[str]:
    """The classes as people read them, in the order of their codes.

    >>> from creditfactory.lab.woe import Evidence
    >>> name_classes(Classes("age", "number", (30.0,), (), "up", True, False, Evidence.nothing(4), ((-1.0,),), (True,)))
    ['(-∞, 30)', '[30, +∞)', 'missing', 'other', '= -1']
    """
    if classes.kind == "number":
        ends = ["-∞", *(f"{cut:g}" for cut in classes.cuts), "+∞"]
        names = [f"{'(' if i == 0 else '['}{ends[i]}, {ends[i + 1]})" for i in range(len(classes))]
    else:
        names = [", ".join(group) for group in classes.words]
    return [*names, "missing", "other", *("= " + ", ".join(f"{v:g}" for v in group) for group in classes.special)]


def _weigh(tally: Floats, halves: Sequence[float]) -> Floats:
    good, bad = tally[:, 0], tally[:, 1]
    base = np.log((good.sum() + halves[0]) / (bad.sum() + halves[1]))
    return np.asarray(np.log((good + halves[0]) / (bad + halves[1])) - base)


def _tell_period(tally: Floats, whole: Floats, worth: Floats, halves: Sequence[float]) -> list[dict[str, Any]]:
    good, bad = tally[:, 0], tally[:, 1]
    mass, before = good + bad, whole[:, 0] + whole[:, 1]
    least = min(halves)
    shares, usual = np.maximum(mass, least) / mass.sum(), np.maximum(before, least) / before.sum()
    psi = np.where(before > 0, (shares - usual) * np.log(shares / usual), 0.0)
    has_both = good.sum() > 0 and bad.sum() > 0
    told: list[dict[str, Any]] = []
    if has_both:
        good_share, bad_share = good / good.sum(), bad / bad.sum()
        gap, woe = good_share - bad_share, _weigh(tally, halves)
        order = np.argsort(worth, kind="stable")
        apart = np.empty(len(gap))
        apart[order] = np.abs(np.cumsum(gap[order]))
        spread = (good_share * (1 - good_share) + bad_share * (1 - bad_share)) / 2
    for place, (g, b, n) in enumerate(tally):
        one = {"rows": int(n), "good": round(g, 4), "bad": round(b, 4), "share": _round(mass[place] / mass.sum()),
               "bad_rate": _round(b / (g + b)) if g + b else None}  # fmt: skip
        evidence: tuple[float | None, ...] = (None, None, None, None)
        if has_both and n:
            divergence = gap[place] ** 2 / spread[place] if spread[place] > 0 else 0.0
            evidence = (woe[place], gap[place] * woe[place], divergence, apart[place])
        told.append({**one, **_name(evidence), "psi": _round(psi[place])})
    total = {"rows": int(tally[:, 2].sum()), "good": round(float(good.sum()), 4), "bad": round(float(bad.sum()), 4),
             "share": 1.0, "bad_rate": _round(bad.sum() / mass.sum())}  # fmt: skip
    evidence = (None, None, None, None)
    if has_both:
        distance, varies = _part(good_share, bad_share, worth)
        evidence = (None, (gap * woe).sum(), distance**2 / varies if varies > 0 else 0.0, apart.max())
    return [*told, {**total, **_name(evidence), "psi": _round(psi.sum())}]


def _part(good: Floats, bad: Floats, points: Floats) -> tuple[float, float]:
    """How far the means of good and bad lie apart, and the mean of their variances."""
    means = [float(share @ points) for share in (good, bad)]
    spreads = [float(share @ points**2) - mean**2 for share, mean in zip((good, bad), means, strict=True)]
    return means[0] - means[1], sum(spreads) / 2


def _name(evidence: Sequence[float | None]) -> dict[str, float | None]:
    return {
        name: None if value is None else _round(value)
        for name, value in zip(("woe", "iv", "divergence", "ks"), evidence, strict=True)
    }


def _round(value: float) -> float:
    return round(float(value), 6)
