"""Why a card does worse: chance, other applicants, a level that moved for all, or questions that mean something new.

The parts add up. Between the card's own sample and the window stand three steps: first the applicants change and
each band of points keeps its bad rate (mix); then one number is added to every band's log-odds, so that the bad rate
in all is the one found (shift); then each band takes the bad rate it really has (change). What a figure moves at each
step is that step's part; ``rest`` is what bands are too coarse to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from scipy.stats import chi2, norm

from creditfactory.lab.judging import fit_level
from creditfactory.lab.sample import Floats
from creditfactory.lab.watching import (
    Counted,
    Reference,
    Window,
    check_promise,
    compare_figures,
    count_points,
    cut_bands,
    draw_auc,
    measure_shifts_of,
    sum_bands,
    sum_by,
)

Kind = Literal["sound", "noise", "mix", "shift", "change"]
SURE = 0.01
"""A step is held to be real where chance alone would show as much in less than one case of a hundred."""
FINE_BANDS = 20
NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """One figure then and now, and what each step moved it: ``then + mix + shift + change + rest = now``."""

    then: float
    mix: float
    shift: float
    change: float
    rest: float
    now: float

    def as_json(self) -> dict[str, float]:
        """Rounded."""
        return {name: round(getattr(self, name), 6) for name in ("then", "mix", "shift", "change", "rest", "now")}


@dataclass(frozen=True, slots=True)
class Changed:
    """A question whose classes turn out otherwise than they did, beyond the shift of all: what that moves in AUC.

    ``foretold`` and ``found`` are bad rates by class: as they would be had only mix and level moved, and as they are.
    """

    label: str
    auc: float
    chance: float
    names: tuple[str, ...]
    foretold: tuple[float, ...]
    found: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Rounded, class by class."""
        rows = zip(self.names, self.foretold, self.found, strict=True)
        classes = [
            {"class": place, "name": name, "foretold": round(foretold, 5), "found": round(found, 5)}
            for place, (name, foretold, found) in enumerate(rows)
        ]
        return {"label": self.label, "auc": round(self.auc, 6), "chance": self.chance, "classes": classes}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What moved and why. ``kind`` is the one word for it; ``chances`` how likely chance alone shows as much.

    ``moved`` names the questions whose classes other applicants fall into; ``changed`` those that mean something new.
    """

    kind: Kind
    auc: Parts
    bad_rate: Parts
    chances: Mapping[str, float]
    moved: tuple[str, ...]
    changed: tuple[Changed, ...]

    def as_json(self) -> dict[str, Any]:
        """Everything, with the sentence in both languages."""
        return {
            "kind": self.kind, "auc": self.auc.as_json(), "bad_rate": self.bad_rate.as_json(),
            "tests": {n: {"chance": float(f"{c:.3g}"), "beyond": c < SURE} for n, c in self.chances.items()},
            "moved": list(self.moved), "characteristics": [one.as_json() for one in self.changed],
            "words": say_why(self),
        }  # fmt: skip


def explain(window: Window, reference: Reference, *, seed: int = 0) -> Explanation:
    """Why the card's figures on these outcomes differ from those on its own sample."""
    then, now = reference.counted, count_points(window.points, window.bad, window.weight)
    bands = _lay_bands(then, now)
    auc = _split(bands, then, now)
    shifts = measure_shifts_of(window, reference)
    moved = tuple(s.label for s in shifts if s.chance < SURE / len(shifts))
    least = min([1.0, *(s.chance * len(shifts) for s in shifts)])
    changed = _find_changed(window, reference, bands.level)
    chances = {
        "mix": min(1.0, 2 * min(bands.mix_chance, least)),
        "shift": bands.level_chance,
        "change": min([bands.change_chance, *(c.chance for c in changed)]),
    }
    gap = compare_figures(then, now, seed=seed)["auc"]["gap"]
    promise = check_promise(window.chance, window.bad, window.weight, with_slope=False)
    kind = _name(auc, chances, has_fallen=gap.high < 0, is_kept=promise.is_kept, fell=gap.value < 0)
    return Explanation(kind, auc, _split_rate(bands, then, now), chances, moved, changed)


def _name(parts: Parts, chances: Mapping[str, float], *, has_fallen: bool, is_kept: bool, fell: bool) -> Kind:
    """The one word: by AUC where that fell beyond chance, else by the level where the promise was broken."""
    real = {name for name, chance in chances.items() if chance < SURE}
    if has_fallen:
        falls = {"mix": parts.mix, "shift": parts.shift, "change": parts.change}
        worst = min(falls, key=lambda name: falls[name])
        if worst in real and falls[worst] < 0:
            return worst  # type: ignore[return-value]
    if not is_kept:
        if "shift" in real:
            return "shift"
        if "change" in real:
            return "change"
    if has_fallen or not is_kept:
        return "noise"
    return "noise" if fell and not real else "sound"


@dataclass(frozen=True, slots=True)
class _Bands:
    """Shares and bad rates by band, then and now; ``between`` are the old rates on the new level."""

    share_then: Floats
    rate_then: Floats
    share_now: Floats
    rate_now: Floats
    between: Floats
    level: float
    mix_chance: float
    level_chance: float
    change_chance: float


def _lay_bands(then: Counted, now: Counted) -> _Bands:
    cuts = cut_bands(then, FINE_BANDS)
    (old_good, old_bad), (new_good, new_bad) = sum_bands(then, cuts), sum_bands(now, cuts)
    old, new = old_good + old_bad, new_good + new_bad
    rate_then = _rates(old_bad, old, then)
    rate_now = np.where(new > 0, new_bad / np.maximum(new, 1e-12), rate_then)
    share_now = new / new.sum()
    base = _log_odds(rate_then)
    level = _level(base, share_now, now.bad_rate)
    between = _odds_to_rate(base + level)
    worth_then, worth_now = then.rows / float(old.sum()), now.rows / float(new.sum())
    spread_then = np.maximum(old * worth_then * rate_then * (1 - rate_then), 1e-9)
    spread_now = np.maximum(new * worth_now * between * (1 - between), 1e-9)
    used = new * worth_now >= 1
    misses = (rate_now - between)[used] * (new * worth_now)[used]
    allowed = spread_now[used] + spread_now[used] ** 2 / spread_then[used]
    change = float((misses**2 / allowed).sum())
    error = float(np.sqrt(1 / spread_now.sum() + 1 / spread_then.sum()))
    return _Bands(
        old / old.sum(), rate_then, share_now, rate_now, between, level,
        _homogeneous(old * worth_then, new * worth_now), 2 * float(norm.sf(abs(level) / error)),
        float(chi2.sf(change, max(1, int(used.sum()) - 1))),
    )  # fmt: skip


def _split(bands: _Bands, then: Counted, now: Counted) -> Parts:
    """AUC step by step."""

    def auc(share: Floats, rate: Floats) -> float:
        return float(draw_auc(np.arange(len(share)), share * (1 - rate), share * rate))

    steps = [
        auc(bands.share_then, bands.rate_then), auc(bands.share_now, bands.rate_then),
        auc(bands.share_now, bands.between), auc(bands.share_now, bands.rate_now),
    ]  # fmt: skip
    before, after = (float(draw_auc(c.values, c.good, c.bad)) for c in (then, now))
    return _lay_parts(before, steps, after)


def _split_rate(bands: _Bands, then: Counted, now: Counted) -> Parts:
    """The bad rate step by step; the last step moves it between bands, not in all."""
    steps = [
        float((share * rate).sum())
        for share, rate in (
            (bands.share_then, bands.rate_then), (bands.share_now, bands.rate_then),
            (bands.share_now, bands.between), (bands.share_now, bands.rate_now),
        )
    ]  # fmt: skip
    return _lay_parts(then.bad_rate, steps, now.bad_rate)


def _lay_parts(then: float, steps: list[float], now: float) -> Parts:
    mix, shift, change = (after - before for before, after in pairwise(steps))
    return Parts(then, mix, shift, change, now - then - (steps[-1] - steps[0]), now)


def _find_changed(window: Window, reference: Reference, level: float) -> tuple[Changed, ...]:
    """The questions whose classes turn out otherwise than the card foretells, beyond what they did on its sample.

    One after the other: the most certain first, whose new meaning is then added to what is foretold of each
    applicant, so that a question that only goes with it is not named as well.
    """
    p = np.clip(window.chance, 1e-6, 1 - 1e-6)
    odds = np.log(p / (1 - p))
    odds = odds + fit_level(odds, window.bad, window.weight)
    labels = [label for label in window.codes if label in reference.classes]
    named: list[Changed] = []
    while labels and len(named) < NAMED_MAX:
        rates = _odds_to_rate(odds)
        tests = {label: _test_classes(window, reference, label, rates) for label in labels}
        label = min(labels, key=lambda one: tests[one][0])
        chance, expected, found, mass = tests[label]
        if chance * len(window.codes) >= SURE:
            break
        labels.remove(label)
        with np.errstate(divide="ignore", invalid="ignore"):
            told, real = (np.where(mass > 0, of / np.maximum(mass, 1e-12), 0.0) for of in (expected, found))
        half = 0.5 * float(window.weight.mean())
        step = _log_odds((found + half) / (mass + 2 * half)) - _log_odds((expected + half) / (mass + 2 * half))
        before = _expected_auc(window, rates)
        odds = odds + step[window.codes[label]]
        odds = odds + fit_level(odds, window.bad, window.weight)
        effect = _expected_auc(window, _odds_to_rate(odds)) - before
        named.append(
            Changed(
                label, effect, float(f"{chance * len(window.codes):.3g}"), window.names[label],
                tuple(told.tolist()), tuple(real.tolist()),
            )
        )  # fmt: skip
    return tuple(named)


def _test_classes(
    window: Window, reference: Reference, label: str, rates: Floats
) -> tuple[float, Floats, Floats, Floats]:
    """How likely chance alone parts found from foretold so in the classes of a question; both, and who is in each.

    What is foretold of a class is corrected by how far the card was out in that class on its own sample.
    """
    sums = reference.classes[label]
    size, code, weight = sums.shape[1], window.codes[label], window.weight
    mass = sum_by(code, weight, size)
    told = sum_by(code, weight * rates, size)
    found = sum_by(code, weight * window.bad, size)
    then = sums[:2].sum(axis=0)
    worth_then = reference.counted.rows / float(then.sum())
    out = (sums[1] * worth_then + 0.5) / (sums[2] * worth_then + 0.5)
    expected = told * out
    expected = np.minimum(expected * float(found.sum()) / max(float(expected.sum()), 1e-12), mass * 0.999)
    worth = window.rows / float(weight.sum())
    rate = np.where(mass > 0, expected / np.maximum(mass, 1e-12), 0.0)
    spread = np.maximum(expected * worth * (1 - rate), 1e-9)
    past = np.maximum(sums[2] * worth_then, 0.5)
    allowed = spread + (expected * worth) ** 2 / past
    used = mass * worth >= 5
    statistic = float((((found - expected) * worth) ** 2 / allowed)[used].sum())
    return float(chi2.sf(statistic, max(1, int(used.sum()) - 1))), expected, found, mass


def _expected_auc(window: Window, rates: Floats) -> float:
    """The AUC the points would have if each applicant were bad with this chance."""
    values, place = np.unique(window.points, return_inverse=True)
    good = sum_by(place, window.weight * (1 - rates), len(values))
    bad = sum_by(place, window.weight * rates, len(values))
    return float(draw_auc(values, good, bad))


def _homogeneous(one: Floats, other: Floats) -> float:
    """How likely chance alone parts two spreads over the same bands so (Pearson)."""
    used = (one + other) > 0
    both = (one + other)[used] / float((one + other).sum())
    statistic = sum(float(((of[used] - of.sum() * both) ** 2 / (of.sum() * both)).sum()) for of in (one, other))
    return float(chi2.sf(statistic, max(1, int(used.sum()) - 1)))


def _rates(bad: Floats, mass: Floats, counted: Counted) -> Floats:
    """Bad rates by band, each drawn to the average as if one average applicant stood beside its own."""
    unit = float(mass.sum()) / counted.rows
    return np.asarray((bad + unit * counted.bad_rate) / (mass + unit))


def _level(base: Floats, share: Floats, rate: float) -> float:
    """What to add to the log-odds of every band so that the bad rate in all is this one."""
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if float((share * _odds_to_rate(base + middle)).sum()) < rate else (low, middle)
    return (low + high) / 2


def _log_odds(rate: Floats) -> Floats:
    p = np.clip(rate, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(p / (1 - p)))


def _odds_to_rate(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -35, 35))))


def say_why(found: Explanation) -> dict[str, str]:
    """The explanation as one sentence in each language."""
    a, r = found.auc, found.bad_rate
    fell_en = f"AUC went from {a.then:.3f} to {a.now:.3f}, the bad rate from {r.then:.2%} to {r.now:.2%}"
    fell_zh = f"AUC 由 {a.then:.3f} 变为 {a.now:.3f},坏账率由 {r.then:.2%} 变为 {r.now:.2%}"
    names = ", ".join(one.label for one in found.changed)
    moved = ", ".join(found.moved[:NAMED_MAX])
    en = {
        "sound": "; nothing beyond chance speaks against the card.",
        "noise": "; chance alone shows as much, so nothing has to be done.",
        "mix": f"; other people apply ({moved}) and that explains {a.mix:+.3f} of the AUC: the bad rates of the bands"
        " stayed.",
        "shift": "; the level moved for everybody alike: set the level anew, the order of applicants still holds.",
        "change": f"; what {names or 'the points'} tells has changed, which explains {a.change:+.3f} of the AUC:"
        " refresh the card.",
    }[found.kind]
    zh = {
        "sound": ";没有超出随机波动的不利迹象。",
        "noise": ";属随机波动范围,无需处理。",
        "mix": f";申请人结构变化({moved}),解释 AUC 变动 {a.mix:+.3f};各分数段坏账率未变。",
        "shift": ";整体坏账水平平移:只需重新校准水平,排序能力仍然成立。",
        "change": f";{names or '分数'} 的含义已改变,解释 AUC 变动 {a.change:+.3f}:应更新评分卡。",
    }[found.kind]
    return {"en": fell_en + en, "zh": fell_zh + zh}
