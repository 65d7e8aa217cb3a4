"""The gates a refreshed card passes before anybody is asked to sign it: each yes or no, with its figure and its bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from creditfactory import scoring
from creditfactory.lab.binning import Classes
from creditfactory.lab.certainty import compare_auc
from creditfactory.lab.fitting import Fitted
from creditfactory.lab.sample import Flags, Floats
from creditfactory.lab.standing import approve_share, judge_fairness, tell_swap
from creditfactory.lab.watching import (
    Reference,
    Window,
    check_promise,
    count_points,
    cut_bands,
    measure_shift,
    sum_bands,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bars of the gates.

    ``bads_min`` outcomes to judge by; ``auc_loss_max`` AUC a refresh may seem to lose without being worse beyond
    chance; ``level_miss_max`` by what share of the promise found may miss it where chance does not explain it;
    ``psi_max`` drift of points between learning and judging; ``swapped_max`` share of applicants who change places;
    ``approval_ratio_min`` a group's approval share over that of the group approved most, at ``approve``.
    """

    bads_min: int = 40
    auc_loss_max: float = 0.01
    level_miss_max: float = 0.15
    psi_max: float = 0.25
    swapped_max: float = 0.25
    approval_ratio_min: float = 0.8
    approve: float = 0.7


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: passed or not, None where nobody can say, with the figure, the bar, and both in words."""

    code: str
    passed: bool | None
    figure: str
    bar: str
    words: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """For a file, a table or a page."""
        return {
            "code": self.code, "passed": self.passed, "figure": self.figure, "bar": self.bar, "words": dict(self.words)
        }  # fmt: skip


WORDS: Mapping[str, Mapping[str, str]] = {
    "enough": {"en": "Enough outcomes to judge by", "zh": "可供评判的结果足够"},
    "ranking": {"en": "Ranks no worse than the card in force", "zh": "排序能力不劣于在用评分卡"},
    "worth": {"en": "Foretells the newest outcomes better, beyond chance", "zh": "对最新结果的预测显著更好"},
    "level": {"en": "Promises what came", "zh": "预测水平与实际相符"},
    "stability": {"en": "Points are spread as when it learnt", "zh": "分数分布稳定"},
    "swap": {"en": "Does not turn most decisions over", "zh": "决定变动比例受控"},
    "shapes": {"en": "Every shape and sign is kept", "zh": "形状与方向均保持"},
    "fairness": {"en": "No group is worse off than before", "zh": "各群体未受更差对待"},
    "golden": {"en": "Live and in columns every golden applicant has the same points", "zh": "黄金样本逐笔一致"},
}
"""What each gate asks."""

BLIND = ("fairness",)
"""Gates that may be without an answer: the card reads no protected fact, and nobody may have handed them in."""


def run_gates(
    champion: Window, challenger: Window, own: Reference, fitted: Fitted, card: scoring.Card,
    golden: Sequence[Mapping[str, Any]], *, protected: Mapping[str, Sequence[Any]] | None = None,
    limits: Limits | None = None, seed: int = 0,
) -> tuple[Gate, ...]:  # fmt: skip
    """Every gate, on outcomes that neither card has learnt from, the same applicants in both windows.

    ``own`` is what the challenger looks like on what it learnt from.
    """
    bars = limits or Limits()
    bads = int(min(challenger.bad.sum(), (~challenger.bad).sum()))
    found = [_gate("enough", bads >= bars.bads_min, f"{bads}", f"{bars.bads_min}")]
    if bads >= 2:
        found += [_rank(champion, challenger, bars, seed), _weigh(champion, challenger)]
    else:
        found += [_gate(code, False, "?", "?") for code in ("ranking", "worth")]
    return (
        *found, _level(challenger, bars), _stay(challenger, own, bars), _swap(champion, challenger, bars),
        check_shapes(fitted), _fair(champion, challenger, protected or {}, bars), check_golden(card, golden),
    )  # fmt: skip


def has_passed(gates: Sequence[Gate]) -> bool:
    """Whether a person may be asked to sign: every gate says yes, and only fairness may be without an answer."""
    return all(gate.passed is True or (gate.passed is None and gate.code in BLIND) for gate in gates)


def _gate(code: str, passed: bool | None, figure: str, bar: str) -> Gate:
    return Gate(code, passed, figure, bar, WORDS[code])


def _rank(champion: Window, challenger: Window, bars: Limits, seed: int) -> Gate:
    gap = compare_auc(challenger.points, champion.points, challenger.bad, challenger.weight, draws=300, seed=seed)
    passed = gap.high >= 0 and gap.value >= -bars.auc_loss_max
    return _gate("ranking", passed, f"{gap.value:+.4f} ({gap.low:+.4f}…{gap.high:+.4f})", f"≥ {-bars.auc_loss_max:g}")


def measure_surprise(window: Window) -> Floats:
    """How surprised each applicant's outcome leaves the card: minus the log of the chance it gave to it."""
    p = np.clip(window.chance, 1e-9, 1 - 1e-9)
    return np.asarray(-np.log(np.where(window.bad, p, 1 - p)))


def _weigh(champion: Window, challenger: Window) -> Gate:
    """Whether outcomes surprise the new card less, applicant by applicant: ranking and level in one figure."""
    gain = measure_surprise(champion) - measure_surprise(challenger)
    weight = challenger.weight / challenger.weight.sum()
    mean = float((gain * weight).sum())
    error = float(np.sqrt((weight**2 * (gain - mean) ** 2).sum()))
    return _gate("worth", mean - 1.96 * error > 0, f"{mean:.5f} ± {1.96 * error:.5f}", "> 0")


def _level(challenger: Window, bars: Limits) -> Gate:
    promise = check_promise(challenger.chance, challenger.bad, challenger.weight, with_slope=False)
    miss = promise.observed / promise.expected - 1 if promise.expected > 0 else float("inf")
    passed = promise.is_kept or abs(miss) <= bars.level_miss_max
    figure = f"{promise.expected:.2%} → {promise.observed:.2%} ({promise.low:.2%}…{promise.high:.2%})"
    return _gate("level", passed, figure, f"± {bars.level_miss_max:.0%}")


def _stay(challenger: Window, own: Reference, bars: Limits) -> Gate:
    now = count_points(challenger.points, challenger.bad, challenger.weight)
    cuts = cut_bands(own.counted)
    old, new = (np.add(*sum_bands(counted, cuts)) for counted in (own.counted, now))
    shift = measure_shift(old, new, rows_then=own.counted.rows, rows_now=now.rows)
    passed = shift.value <= max(bars.psi_max, shift.noise)
    return _gate("stability", passed, f"{shift.value:.4f}", f"≤ {max(bars.psi_max, shift.noise):.3g}")


def _swap(champion: Window, challenger: Window, bars: Limits) -> Gate:
    swap = tell_swap(challenger.points, champion.points, challenger.bad, challenger.weight, bars.approve)
    return _gate("swap", swap["swapped"] <= bars.swapped_max, f"{swap['swapped']:.1%}", f"≤ {bars.swapped_max:.0%}")


def check_shapes(fitted: Fitted) -> Gate:
    """Whether the whole points of every question still go the way its shape says."""
    broken = [c.label for c, points in zip(fitted.classes, fitted.points, strict=True) if not has_shape(c, points)]
    return _gate("shapes", not broken, ", ".join(broken) or f"{len(fitted.classes)}", "0")


def has_shape(classes: Classes, points: Sequence[int]) -> bool:
    """Whether points go the way the shape says.

    >>> from creditfactory.lab.woe import Evidence
    >>> age = Classes("age", "number", (30.0, 50.0), (), "up", True, True, Evidence.nothing(5))
    >>> has_shape(age, (0, 4, 9, -2, -2)), has_shape(age, (0, 9, 4, -2, -2))
    (True, False)
    """
    steps = np.diff(np.array(points[: len(classes)]))
    rises, falls = steps >= 0, steps <= 0
    if classes.shape == "up":
        return bool(rises.all())
    if classes.shape == "down":
        return bool(falls.all())
    if classes.shape in ("peak", "valley"):
        first, then = (rises, falls) if classes.shape == "peak" else (falls, rises)
        return any(bool(first[:turn].all() and then[turn:].all()) for turn in range(len(steps) + 1))
    return True


def _fair(champion: Window, challenger: Window, protected: Mapping[str, Sequence[Any]], bars: Limits) -> Gate:
    """Approval shares by group at one cut-off: none below the bar, unless the card in force treats it no better."""
    if not protected:
        return _gate("fairness", None, "—", f"≥ {bars.approval_ratio_min:g}")
    least = []
    for window in (champion, challenger):
        told = judge_fairness(protected, window.points, window.bad, window.weight, window.chance, bars.approve)
        rows = [row for group in told.values() for row in group if row["rows"] >= bars.bads_min]
        least.append(min((row["ratio"] for row in rows if row["ratio"] is not None), default=1.0))
    before, after = least
    passed = after >= bars.approval_ratio_min or after >= before - 0.01
    return _gate("fairness", passed, f"{before:.3f} → {after:.3f}", f"≥ {bars.approval_ratio_min:g}")


def check_golden(card: scoring.Card, golden: Sequence[Mapping[str, Any]]) -> Gate:
    """Whether the scorer of the columns gives every golden applicant the points that are written down."""
    rows: dict[str, list[Any]] = {label: [one["labels"].get(label) for one in golden] for label in card.labels}
    frame = pl.DataFrame({label: pl.Series(label, values, strict=False) for label, values in rows.items()})
    points = scoring.score_frame(card, frame).to_list()
    same = sum(found == one["points"] for found, one in zip(points, golden, strict=True))
    return _gate("golden", same == len(golden) and same > 0, f"{same}", f"{len(golden)}")


def earn(window: Window, *, share: float, gain: float, loss: float) -> float:
    """What each applicant earns on average when so large a share is approved, best points first."""
    approved: Floats = window.weight * approve_share(window.points, window.weight, share)
    bad: Flags = window.bad
    return float((approved * np.where(bad, -loss, gain)).sum() / window.weight.sum())
