"""Drawing one characteristic's classes anew by hand: what each class then tells, its points, and what the card gains.

Everything follows from the fine counts, so the answer comes at once and is exact for the sample the card was built on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

import numpy as np

from creditfactory import scoring
from creditfactory.kernel import BadInput
from creditfactory.lab.binning import BinningRules, Shape, join_classes
from creditfactory.lab.cone import find_least
from creditfactory.lab.divergence import RIDGE, Question, lay_steps
from creditfactory.lab.fine import FINE, Fine, FineQuestion
from creditfactory.lab.moments import Layout
from creditfactory.lab.sample import Floats
from creditfactory.lab.woe import Tally, weigh_evidence
from creditfactory.scoring import Bin

HAND_SHAPES: tuple[Shape, ...] = tuple(shape for shape in get_args(Shape) if shape not in ("auto", "monotone"))
"""The shapes that points can be held to."""


@dataclass(frozen=True, slots=True)
class TunedClass:
    """One class as drawn: its fine classes from ``first`` to before ``end``, what it shows, and its points.

    ``points_before`` are those of the same class on the card, where it has it; ``cut`` is where two classes of it
    would tell most, None where it is one fine class.
    """

    name: str
    bin: Bin
    first: int
    end: int
    rows: int
    good: float
    bad: float
    share: float
    bad_rate: float | None
    woe: float
    iv: float
    points: int
    points_before: int | None
    is_large_enough: bool
    cut: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a characteristic shows alone (information value, divergence, AUC, KS), and the divergence of the whole card.

    AUC and KS of the whole card need its applicants, of whom the counts hold sums only; its divergence is exact.
    """

    iv: float
    divergence: float
    auc: float
    ks: float
    card_divergence: float


@dataclass(frozen=True, slots=True)
class Tuned:
    """A characteristic with classes drawn by hand beside the card's own: figures now and as the card has them.

    ``classes`` are the ranges or groups, ``tail`` missing, other and codes. ``breaks`` names neighbours whose evidence
    goes against the shape asked for.
    """

    label: str
    shape: Shape
    starts: tuple[int, ...]
    classes: tuple[TunedClass, ...]
    tail: tuple[TunedClass, ...]
    now: Figures
    before: Figures
    breaks: tuple[tuple[str, str], ...]
    is_changed: bool


def find_starts(question: FineQuestion, raw: Mapping[str, Any]) -> tuple[int, ...]:
    """Where the card's own classes begin among the fine ones."""
    try:
        if question.units.kind == "number":
            ends = [b["to"] for b in raw["bins"][:-1]]
            return (0, *(question.units.cuts.index(float(end)) + 1 for end in ends))
        place = {word: i for i, b in enumerate(raw["bins"]) for word in b["words"]}
        groups = [place[words[0]] for words in question.units.words]
    except (KeyError, ValueError, IndexError, TypeError) as fault:
        expected = "fine classes that the card's own are made of"
        raise BadInput(place=f"{FINE}: {question.label}", found=str(fault)[:80], expected=expected) from fault
    return (0, *(i + 1 for i, (a, b) in enumerate(pairwise(groups)) if a != b))


def read_starts(text: str, question: FineQuestion) -> tuple[int, ...]:
    """Starts as an address has them, ``0,4,9``.

    Anything that is no rising list of fine classes from 0 is refused.
    """
    try:
        starts = tuple(int(part) for part in text.split(",")) if len(text) < 2_000 else ()
    except ValueError:
        starts = ()
    last = len(question.units)
    if not starts or starts[0] != 0 or any(a >= b for a, b in pairwise((*starts, last))):
        raise BadInput(place="classes", found=text[:60], expected=f"rising numbers from 0 to below {last}")
    return starts


def join_anew(fine: Fine, question: FineQuestion, shape: Shape, rules: BinningRules) -> tuple[int, ...]:
    """The best classes of a shape, joined from the fine ones; one class where none fit."""
    counts = question.counts[: len(question.units)]
    whole = fine.tally(question.counts)
    totals = Tally(*(np.array([getattr(whole, name).sum()]) for name in whole.__slots__))
    found = join_classes(fine.tally(counts), totals, shape=shape, rules=rules)
    return (0,) if found is None else found[0]


def tune(
    card: Mapping[str, Any], fine: Fine, label: str, *, starts: Sequence[int], shape: Shape, rules: BinningRules
) -> Tuned:
    """The characteristic with these classes, and the card's own beside it."""
    question = fine.questions[label]
    raw = next(c for c in card["characteristics"] if c["label"] == label)
    own_starts = find_starts(question, raw)
    own_points = points_of(raw)
    before = _figure(fine, question, own_starts, own_points)
    is_changed = tuple(starts) != own_starts or shape != question.units.shape
    points = _find_points(card, fine, question, raw, starts, shape) if is_changed else own_points
    now = _figure(fine, question, starts, points) if is_changed else before
    classes, tail = _describe(fine, question, raw, starts, points, rules)
    woe = np.array([one.woe for one in classes])
    breaks = tuple((classes[i].name, classes[i + 1].name) for i in _find_breaks(woe, shape))
    return Tuned(label, shape, tuple(starts), classes, tail, now, before, breaks, is_changed)


def redraw_card(
    card: Mapping[str, Any], fine: Fine, tuned: Tuned, *, version: str, note: Mapping[str, str]
) -> dict[str, Any]:
    """The card with the classes as drawn, as a new version; what is no longer known of it is left out.

    Figures and calibration were those of the card before: the calibration stays until the card is built or judged
    anew, and the figures are gone, so that nobody takes them for this card's.
    """
    question = fine.questions[tuned.label]
    written: list[dict[str, Any]] = []
    for raw in card["characteristics"]:
        written.append(_write_classes(raw, question, tuned) if raw["label"] == tuned.label else dict(raw))
    bands = card.get("performance", {}).get("bands")
    performance = {"bands": bands} if bands else {}
    drawn = {"label": tuned.label, "starts": list(tuned.starts), "shape": tuned.shape, "of": card["version"]}
    sample = {**card.get("sample", {}), "drawn_by_hand": {**drawn, **note}}
    changed = {"version": version, "characteristics": written, "performance": performance, "sample": sample}
    redrawn = {**card, **changed}
    scoring.read_card(redrawn, place="the card just drawn")
    return redrawn


def points_of(raw: Mapping[str, Any]) -> Floats:
    """The points of a characteristic in the order of its codes; what the card has no class for at its least."""
    least = min(b["points"] for b in raw["bins"])
    tail = [raw.get("missing"), raw.get("other"), *raw.get("special", ())]
    points = [b["points"] for b in raw["bins"]] + [least if b is None else b["points"] for b in tail]
    return np.array(points, dtype=np.float64)


def _own_of(question: FineQuestion, count: int) -> tuple[bool, ...]:
    units = question.units
    return (*(True,) * count, units.has_missing, units.has_other, *units.has_special)


def _find_points(
    card: Mapping[str, Any], fine: Fine, question: FineQuestion, raw: Mapping[str, Any], starts: Sequence[int],
    shape: Shape,
) -> Floats:  # fmt: skip
    """Whole points for the classes, the rest of the card held: of largest divergence, or in step with the evidence."""
    counts = question.gather(starts)
    own = np.array(_own_of(question, len(starts)))
    woe = weigh_evidence(fine.tally(counts), own).woe
    mass = counts[:, 0] + counts[:, 1]
    if card["method"] == "divergence":
        weights, rest = _solve(question, counts, own, woe, shape)
        if rest > 0:
            weights = weights / rest
        elif weights.any():  # the rest of the card does not vary or would count for nothing: in step with the evidence
            slope = float(mass @ (woe * weights)) / float(mass @ weights**2)
            weights = weights * max(slope, 0.0) * _slope_of(fine, question, raw)
    else:
        weights = woe * _slope_of(fine, question, raw)
    weights = np.where(own, weights, weights[own].min())
    before = question.gather(find_starts(question, raw))
    level = float((before[:, 0] + before[:, 1]) @ points_of(raw)) / float(mass.sum())
    return np.asarray(np.rint(weights - float(mass @ weights) / float(mass.sum()) + level), dtype=np.float64)


def _slope_of(fine: Fine, question: FineQuestion, raw: Mapping[str, Any]) -> float:
    """Points for one unit of evidence, as the card has them for this characteristic."""
    starts = find_starts(question, raw)
    counts = question.gather(starts)
    own = np.array(_own_of(question, len(starts)))
    woe, mass = weigh_evidence(fine.tally(counts), own).woe[own], (counts[:, 0] + counts[:, 1])[own]
    points = points_of(raw)[own]
    apart = points - float(mass @ points) / float(mass.sum())
    spread = float(mass @ (woe - float(mass @ woe) / float(mass.sum())) ** 2)
    return float(mass @ (apart * woe)) / spread if spread > 0 else 0.0


def _solve(question: FineQuestion, counts: Floats, own: Floats, woe: Floats, shape: Shape) -> tuple[Floats, float]:
    """The weights of the largest divergence, and beside them the weight of one point of the rest of the card."""
    count = len(own) - 2 - len(question.units.special)
    turn = int(woe[:count].argmax()) if shape == "peak" else int(woe[:count].argmin()) if shape == "valley" else None
    assert shape != "auto" and shape != "monotone", "points are held to a shape of their own"
    asked = Question(name=question.label, classes=count, shape=shape, own=tuple(bool(o) for o in own), turn=turn)
    mass = counts[:, 0] + counts[:, 1]
    steps, bounded = lay_steps(Layout.of([(question.label, len(own))]), [asked], mass / mass.sum())
    size = len(own)
    spread, gap = np.zeros((size + 1, size + 1)), np.zeros(size + 1)
    for place, sign in ((0, 1.0), (1, -1.0)):
        share, rest, squares = _rest_of(counts, place)
        mean = float(rest.sum())
        spread[:size, :size] += (np.diag(share) - np.outer(share, share)) / 2
        along = (rest - share * mean) / 2
        spread[:size, size] += along
        spread[size, :size] += along
        spread[size, size] += (float(squares.sum()) - mean**2) / 2
        gap += sign * np.append(share, mean)
    spread[:size, :size] *= 1 + RIDGE
    lift = np.zeros((size + 1, steps.shape[1] + 1))
    lift[:size, :-1], lift[size, -1] = steps, 1.0
    matrix = lift.T @ spread @ lift
    alive = np.diagonal(matrix) > 1e-14
    matrix[np.diag_indices_from(matrix)] *= 1 + 1e-9
    least = find_least(matrix[np.ix_(alive, alive)], (lift.T @ gap)[alive], np.append(bounded, True)[alive])
    at = np.zeros(len(alive))
    at[alive] = least.at
    return np.asarray(steps @ at[:-1]), float(at[-1])


def _rest_of(counts: Floats, outcome: int) -> tuple[Floats, Floats, Floats]:
    """Of good (0) or bad (1): each class's share, and its part of the mean and the mean square of the rest's points."""
    total = counts[:, outcome].sum()
    return counts[:, outcome] / total, counts[:, 4 + outcome] / total, counts[:, 6 + outcome] / total


def _figure(fine: Fine, question: FineQuestion, starts: Sequence[int], points: Floats) -> Figures:
    counts = question.gather(starts)
    own = np.array(_own_of(question, len(starts)))
    found = weigh_evidence(fine.tally(counts), own)
    means, spreads, alone, varies = [], [], [], []
    for outcome in (0, 1):
        share, rest, squares = _rest_of(counts, outcome)
        means.append(float(rest.sum() + share @ points))
        spreads.append(float(squares.sum() + 2 * rest @ points + share @ points**2) - means[-1] ** 2)
        alone.append(float(share @ found.woe))
        varies.append(float(share @ found.woe**2) - alone[-1] ** 2)
    auc = _rank(found.woe, counts)
    order = np.argsort(found.woe, kind="stable")
    shares = [counts[:, outcome] / counts[:, outcome].sum() for outcome in (0, 1)]
    apart = np.abs(np.cumsum((shares[0] - shares[1])[order])).max()
    return Figures(found.iv, _divide(alone, varies), auc, float(apart), _divide(means, spreads))


def _rank(woe: Floats, counts: Floats) -> float:
    """The chance that a good applicant's class tells more for him than a bad one's does, half for a tie."""
    _, place = np.unique(woe, return_inverse=True)
    good, bad = (np.bincount(place, weights=counts[:, outcome] / counts[:, outcome].sum()) for outcome in (0, 1))
    return float(good @ (np.cumsum(bad) - bad / 2))


def _divide(means: Sequence[float], spreads: Sequence[float]) -> float:
    varies = sum(spreads) / 2
    return (means[0] - means[1]) ** 2 / varies if varies > 0 else 0.0


def _find_breaks(woe: Floats, shape: Shape) -> list[int]:
    steps = np.diff(woe)
    if shape == "up":
        return [int(i) for i in np.flatnonzero(steps < 0)]
    if shape == "down":
        return [int(i) for i in np.flatnonzero(steps > 0)]
    if shape in ("peak", "valley"):
        sign = 1 if shape == "peak" else -1
        turn = int((sign * woe).argmax())
        return [int(i) for i in range(len(steps)) if (sign * steps[i] < 0) is (i < turn) and steps[i]]
    return []


def _describe(
    fine: Fine, question: FineQuestion, raw: Mapping[str, Any], starts: Sequence[int], points: Floats,
    rules: BinningRules,
) -> tuple[tuple[TunedClass, ...], tuple[TunedClass, ...]]:  # fmt: skip
    counts = question.gather(starts)
    count = len(starts)
    tally = fine.tally(counts)
    has_own = np.array(_own_of(question, count))
    found = weigh_evidence(tally, has_own)
    needed = max(rules.share_min * float(counts[:count, 2:4].sum()), rules.rows_needed(tally))
    own_starts = find_starts(question, raw)
    own = {pair: int(p) for pair, p in zip(pairwise((*own_starts, len(question.units))), points_of(raw), strict=False)}
    gaps = counts[:, 0] / counts[:, 0].sum() - counts[:, 1] / counts[:, 1].sum()
    tail_points = points_of(raw)[len(own_starts) :]
    spans = [*pairwise((*starts, len(question.units))), *((-1, -1) for _ in counts[count:])]
    told = []
    for place, ((first, end), row) in enumerate(zip(spans, counts, strict=True)):
        rate = float(found.bad_rate[place])
        worth = float(gaps[place] * found.woe[place]) if has_own[place] else 0.0
        was = own.get((first, end)) if place < count else int(tail_points[place - count])
        one = _draw_bin(question, first, end, place - count)
        told.append(TunedClass(
            ("missing", "other")[place - count] if 0 <= place - count < 2 else one.name, one, first, end,
            int(row[2] + row[3]), float(row[0]), float(row[1]), float(found.share[place]),
            None if np.isnan(rate) else rate, float(found.woe[place]), worth,
            int(points[place]), was, bool(row[2] + row[3] >= needed - 1e-9) or place >= count,
            _best_cut(fine, question, first, end),
        ))  # fmt: skip
    return tuple(told[:count]), tuple(one for one in told[count:] if one.rows)


def _best_cut(fine: Fine, question: FineQuestion, first: int, end: int) -> int | None:
    """Where two classes of these fine ones would tell most."""
    if end - first < 2:
        return None
    whole = question.counts[:, :2].sum(axis=0)
    halves = np.array(fine.tally(question.counts).half_row())
    below = np.cumsum(question.counts[first:end, :2], axis=0)
    parts = (below[:-1], below[-1] - below[:-1])
    woes = [np.log((part + halves) / whole) for part in parts]
    worth = sum(
        (part[:, 0] / whole[0] - part[:, 1] / whole[1]) * (woe[:, 0] - woe[:, 1])
        for part, woe in zip(parts, woes, strict=True)
    )
    return first + 1 + int(np.argmax(worth))


def _draw_bin(question: FineQuestion, first: int, end: int, tail: int) -> Bin:
    units = question.units
    if tail >= 0:
        return Bin(0, values=tuple(map(_plain, units.special[tail - 2])) if tail > 1 else ())
    if units.kind == "word":
        return Bin(0, words=tuple(word for unit in units.words[first:end] for word in unit))
    low, high = _ends(question, first, end)
    return Bin(0, start=low, end=high)


def _ends(question: FineQuestion, first: int, end: int) -> tuple[float | None, float | None]:
    cuts = question.units.cuts
    return None if first == 0 else _plain(cuts[first - 1]), None if end > len(cuts) else _plain(cuts[end - 1])


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _write_classes(raw: Mapping[str, Any], question: FineQuestion, tuned: Tuned) -> dict[str, Any]:
    best = max(one.points for one in tuned.classes)
    code = next((b["reason"] for b in (*raw["bins"], *raw.get("special", ())) if b.get("reason")), None)

    def facts(one: TunedClass) -> dict[str, Any]:
        rate = None if one.bad_rate is None else round(one.bad_rate, 6)
        return {"points": one.points, "woe": round(one.woe, 6), "share": round(one.share, 6), "bad_rate": rate,
                "reason": code if one.points < best else None}  # fmt: skip

    bins = []
    for one in tuned.classes:
        if question.units.kind == "number":
            low, high = _ends(question, one.first, one.end)
            bins.append({"from": low, "to": high, **facts(one)})
        else:
            words = sorted(word for unit in question.units.words[one.first : one.end] for word in unit)
            bins.append({"words": words, **facts(one)})
    written = {**raw, "iv": round(tuned.now.iv, 6), "bins": bins}
    written.pop("steadied", None)
    told = {one.name: one for one in tuned.tail}
    least = min(one.points for one in (*tuned.classes, *tuned.tail))

    def again(name: str, part: Mapping[str, Any]) -> dict[str, Any]:
        own = part.get("bad_rate") is not None and name in told
        reason = code if (told[name].points if own else least) < best else None
        return facts(told[name]) if own else {**part, "points": least, "reason": reason}

    for name in ("missing", "other"):
        if raw.get(name) is not None:
            written[name] = again(name, raw[name])
    if raw.get("special"):
        written["special"] = [
            {"values": part["values"], **again(Bin(0, values=tuple(part["values"])).name, part)}
            for part in raw["special"]
        ]
    return written
