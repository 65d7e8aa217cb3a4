"""What gives itself away as known only afterwards: a column too good alone, rewritten, or dated after the decision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from creditfactory.lab.binning import BinningRules, Classes, draw_classes
from creditfactory.lab.judging import measure_auc
from creditfactory.lab.sample import Floats, Sample
from creditfactory.lab.saying import Saying, say

ALONE_MAX = 0.90
"""An AUC that no single honest answer reaches."""

EVIDENCE_MAX = 2.0
"""An information value that few honest answers reach: a small class of bad alone shows here and not in the AUC."""

PATTERN_GAP = 0.25
"""How much more often a number may be round among good than among bad applicants of about the same number."""

OPEN_AUC = 0.65
"""What leaving a question open may tell alone, before one asks who filled it in and when."""

ROUND = (12, 10, 100, 7, 365, 1000)
SPEAKS_OF_LATER = re.compile(
    r"(chg_?off|charge_?off|charged|written_?off|recover|mis_status|balance_|_balance|disburs|default|outcome|"
    r"closed|paid_?off|settle|arrears_at_end|loss|dpd_max)", re.I,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to look at twice, in a sentence: a column that may have been known only later, or what a card shows.

    ``label`` is the column, nothing for the card as a whole. What is grave has to be explained before anybody signs.
    """

    label: str
    kind: str
    is_grave: bool
    says: Saying

    def as_json(self) -> dict[str, object]:
        """The alarm for a file or a line of figures, in both languages."""
        return {"label": self.label, "kind": self.kind, "grave": self.is_grave, **self.says.as_json()}


def find_leaks(sample: Sample, *, rules: BinningRules | None = None) -> list[Alarm]:
    """Every column of the sample that gives itself away, the grave first.

    Grave are: too good alone, round numbers on one side of the outcome only, open answers on one side only. A name that
    speaks of later things is to be looked at.
    """
    alarms: list[Alarm] = []
    for label in sample.kinds:
        for alarm in (_find_too_good(sample, label, rules or BinningRules()), _find_rounded(sample, label),
                      _find_left_open(sample, label), _find_name(label)):  # fmt: skip
            if alarm is not None:
                alarms.append(alarm)
    return sorted(alarms, key=lambda a: (not a.is_grave, a.label, a.kind))


def find_later_days(frame: pl.DataFrame, time: str, *, share: float = 0.01) -> list[Alarm]:
    """Columns that hold days after the decision's own day for more than a hundredth of the rows: not known then.

    No model reads a day, so this is no grave alarm: it warns of numbers that somebody may have derived from one.
    """
    alarms = []
    decided = frame.get_column(time)
    for name in frame.columns:
        column = frame.get_column(name)
        if name == time or not isinstance(column.dtype, pl.Date | pl.Datetime):
            continue
        pairs = zip(_as_days(column), _as_days(decided), strict=True)
        later = sum(1 for then, day in pairs if then is not None and day is not None and then > day) / frame.height
        if later > share:
            says = say("{label} lies after {time} for {share:.0%} of the rows: nothing derived from it may be read",
                       label=name, time=time, share=later)  # fmt: skip
            alarms.append(Alarm(name, "later", is_grave=False, says=says))
    return alarms


def _as_days(column: pl.Series) -> list[date | None]:
    return [v.date() if isinstance(v, datetime) else v for v in column]


def _find_too_good(sample: Sample, label: str, rules: BinningRules) -> Alarm | None:
    if _most_telling(sample, label) < 0.8 and sample.kinds[label] == "number":
        return None
    drawn = draw_classes(sample, label, shape="free", rules=rules)
    return None if isinstance(drawn, Saying) else find_too_good(drawn, sample)


def find_too_good(classes: Classes, sample: Sample) -> Alarm | None:
    """The alarm where one answer alone tells good from bad better than an honest one can; None where it does not."""
    codes = classes.encode(sample.frame.get_column(classes.label))
    alone, iv = measure_auc(classes.evidence.woe[codes], sample.bad, sample.weight), classes.evidence.iv
    if alone <= ALONE_MAX and iv <= EVIDENCE_MAX:
        return None
    says = say(
        "{label} alone reaches AUC {auc:.3f} (information value {iv:.2f}), more than an honest answer can: "
        "find out when it was written",
        label=classes.label, auc=alone, iv=iv,
    )  # fmt: skip
    return Alarm(classes.label, "too good", is_grave=True, says=says)


def _most_telling(sample: Sample, label: str) -> float:
    """An upper guess of what a number's classes can tell: AUC over 200 fine ranges ordered by their own bad rate."""
    column = sample.frame.get_column(label)
    if sample.kinds[label] != "number":
        return 1.0
    values = column.fill_null(float("nan")).to_numpy()
    known = ~np.isnan(values)
    cuts = np.unique(np.quantile(values[known], np.linspace(0, 1, 200)))
    codes = np.where(known, np.searchsorted(cuts, np.nan_to_num(values), side="right"), len(cuts) + 1)
    bad = np.bincount(codes, weights=sample.weight * sample.bad)
    both = np.maximum(np.bincount(codes, weights=sample.weight), 1e-12)
    return measure_auc(-(bad / both)[codes], sample.bad, sample.weight)


def _find_rounded(sample: Sample, label: str) -> Alarm | None:
    """Whether multiples of a number sit with one outcome among applicants whose values are otherwise alike."""
    if sample.kinds[label] != "number":
        return None
    values = sample.frame.get_column(label).fill_null(float("nan")).to_numpy()
    asked = ~np.isnan(values) & (values != 0)
    if asked.sum() < 200 or not np.all(values[asked] == np.round(values[asked])):
        return None
    shown, bad, weight = values[asked], sample.bad[asked], sample.weight[asked]
    if bad.all() or not bad.any():
        return None
    band = np.searchsorted(np.unique(np.quantile(shown, np.linspace(0.1, 0.9, 9))), shown, side="left")
    best, step = 0.0, 0
    for number in ROUND:
        gap = _gap_within(shown % number == 0, band.astype(np.int64), bad, weight)
        if abs(gap) > abs(best) + 0.02:
            best, step = gap, number
    if abs(best) < PATTERN_GAP:
        return None
    is_round = shown % step == 0
    good_share, bad_share = (float(np.average(is_round[bad == o], weights=weight[bad == o])) for o in (False, True))
    says = say(
        "{label} is a multiple of {step} for {good:.0%} of the good and {bad:.0%} of the bad, "
        "also where its size is alike: it was rewritten after the outcome",
        label=label, step=step, good=good_share, bad=bad_share,
    )  # fmt: skip
    return Alarm(label, "rewritten", is_grave=True, says=says)


def _gap_within(is_round: np.ndarray, band: np.ndarray, bad: np.ndarray, weight: Floats) -> float:
    """Share of round values among good less among bad, within bands of alike size; a band of one value says nothing."""
    total, mass = 0.0, 0.0
    for place in np.unique(band):
        inside = band == place
        good, lost = inside & ~bad, inside & bad
        if good.sum() < 20 or lost.sum() < 20:
            continue
        size = float(weight[inside].sum())
        gap = np.average(is_round[good], weights=weight[good]) - np.average(is_round[lost], weights=weight[lost])
        total, mass = total + size * float(gap), mass + size
    return total / mass if mass else 0.0


def _find_left_open(sample: Sample, label: str) -> Alarm | None:
    is_open = sample.frame.get_column(label).is_null().to_numpy()
    if not is_open.any():
        return None
    auc = measure_auc(is_open.astype(np.int64), sample.bad, sample.weight)
    if max(auc, 1 - auc) < OPEN_AUC:
        return None
    good, bad = (float(is_open[sample.bad == o].mean()) for o in (False, True))
    says = say("{label} is left open by {good:.0%} of the good and {bad:.0%} of the bad: somebody filled it in "
               "afterwards", label=label, good=good, bad=bad)  # fmt: skip
    return Alarm(label, "left open", is_grave=True, says=says)


def _find_name(label: str) -> Alarm | None:
    if SPEAKS_OF_LATER.search(label) is None:
        return None
    says = say("{label} has a name that speaks of what comes after a decision: make sure when it was known",
               label=label)  # fmt: skip
    return Alarm(label, "name", is_grave=False, says=says)
