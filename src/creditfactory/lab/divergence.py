"""The divergence card: of all step functions of the allowed shapes, the one that sets good and bad furthest apart.

Divergence is (μ_G − μ_B)² / ½(σ²_G + σ²_B) of the score. With class memberships as the design it is (wᵀδ)² / wᵀSw,
and since the allowed shapes form a cone, its largest value is where ½ wᵀSw − δᵀw is least (Hoadley 2020,
arXiv:2003.00280). Weights come out in log-odds, as a linear discriminant has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.cone import Least, find_least, find_least_crossed
from creditfactory.lab.moments import Layout, Moments
from creditfactory.lab.sample import Flags, Floats

RIDGE = 0.002
"""How much of each characteristic's own spread is added to S: holds weights where classes are rare or near twins."""

HAIR = 1e-9
"""A hair more on the diagonal, so that classes that always go together share a weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One characteristic as the solver sees it: ordered classes, then missing, then other words.

    ``turn`` is the class at which a peak or valley turns. A class without evidence of its own (``own`` False) earns
    what its least favourable neighbour earns. ``neutral`` pins missing to the average answer.
    """

    name: str
    classes: int
    shape: Literal["free", "up", "down", "peak", "valley"]
    own: tuple[bool, ...]
    turn: int | None = None
    unknown: Literal["as_seen", "never_better", "neutral"] = "as_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cross:
    """A condition across characteristics: class ``better`` of one may not weigh less than class ``worse`` of another.

    Each is (name, class), measured from its own characteristic's least favourable class.
    """

    better: tuple[str, int]
    worse: tuple[str, int]


@dataclass(frozen=True, slots=True)
class DivergenceFit:
    """Weights by position in log-odds, centred on each characteristic's average, with the proof that none are better.

    ``fault`` is the largest breach of the conditions of the optimum (relative); ``moving`` can start the next solve.
    """

    weights: Floats
    divergence: float
    slope: float
    intercept: float
    fault: float
    rounds: int
    moving: Flags


def fit_divergence(
    moments: Moments,
    questions: Sequence[Question],
    *,
    ridge: float = RIDGE,
    crosses: Sequence[Cross] = (),
    start: Flags | None = None,
) -> DivergenceFit:
    """The weights of the largest divergence under all shapes, from counts alone; ``start`` is an earlier ``moving``.

    Raises :class:`Refused` where nothing tells good from bad.
    """
    if tuple(q.name for q in questions) != moments.layout.names:
        raise BadInput(place="questions", found="other names", expected="those of the counts, in their order")
    spread, gap = moments.spread, moments.gap
    shares = _population_shares(moments)
    steps, bounded = lay_steps(moments.layout, questions, shares)
    within = np.zeros_like(spread)
    for span in moments.layout.spans():
        within[span, span] = spread[span, span]
    climbs = sparse.csr_array(steps)  # few steps reach each class, so this costs a thousandth of the dense product
    matrix = np.ascontiguousarray(climbs.T @ (climbs.T @ (spread + ridge * within)).T)
    matrix[np.diag_indices_from(matrix)] *= 1 + HAIR
    vector = steps.T @ gap
    alive = np.diagonal(matrix) > 1e-14
    if not alive.any():
        raise Refused("no characteristic has two classes that anybody fell into, so no card was built")
    least = _solve(matrix, vector, bounded, alive, _lay_crosses(moments, questions, steps, crosses), start)
    weights = steps @ least.at
    for span in moments.layout.spans():
        weights[span] -= float(shares[span] @ weights[span])
    apart, varies = float(gap @ weights), float(weights @ spread @ weights)
    if apart <= 0 or varies <= 0:
        raise Refused("no characteristic tells good from bad in this sample, so no card was built")
    good, bad = moments.shares @ weights
    slope = apart / varies
    base = float(np.log(moments.units[0] / moments.units[1]))
    return DivergenceFit(
        weights, apart**2 / varies, slope, base - slope * float(good + bad) / 2, least.fault, least.rounds, least.moving
    )


def _solve(matrix: Floats, vector: Floats, bounded: Flags, alive: Flags, crosses: Floats, start: Flags | None) -> Least:
    """The least over the unknowns that anybody's outcome speaks about; the others stay at nought."""
    inner, part = matrix[np.ix_(alive, alive)], vector[alive]
    if len(crosses):
        found = find_least_crossed(inner, part, bounded[alive], crosses[:, alive])
    else:
        found = find_least(inner, part, bounded[alive], start=None if start is None else start[alive])
    at, slope, moving = np.zeros(len(vector)), np.zeros(len(vector)), np.zeros(len(vector), dtype=np.bool_)
    at[alive], slope[alive], moving[alive] = found.at, found.slope, found.moving
    return Least(at, slope, moving, found.rounds, found.fault)


def _population_shares(moments: Moments) -> Floats:
    """Share of each class among all, within its characteristic."""
    counts = sum(np.diagonal(m) for m in moments.meetings).astype(np.float64)  # type: ignore[union-attr]
    total = float(moments.units.sum())
    return np.asarray(counts / total)


def lay_steps(layout: Layout, questions: Sequence[Question], shares: Floats) -> tuple[Floats, Flags]:
    """How weights follow from the unknowns: each class adds a step to the one before, bounded where a shape says so."""
    columns: list[Floats] = []
    bounded: list[bool] = []
    width = layout.width
    for question, span in zip(questions, layout.spans(), strict=True):
        first, lowest = span.start, question.classes
        block: list[tuple[Floats, bool]] = []
        for step in range(1, question.classes):
            sign, is_bounded = _sign_of(question, step)
            column = np.zeros(width)
            column[first + step : first + question.classes] = sign
            block.append((column, is_bounded))
        if question.own[lowest]:
            block += _lay_missing(question, first, shares, block)
        for extra in range(question.classes + 1, span.stop - span.start):
            if question.own[extra]:
                column = np.zeros(width)
                column[first + extra] = 1.0
                block.append((column, False))
        _tie_unseen(question, first, block)
        columns += [column for column, _ in block]
        bounded += [is_bounded for _, is_bounded in block]
    laid = np.column_stack(columns) if columns else np.zeros((width, 0))
    return laid, np.array(bounded, dtype=np.bool_)


def _sign_of(question: Question, step: int) -> tuple[float, bool]:
    match question.shape:
        case "up":
            return 1.0, True
        case "down":
            return -1.0, True
        case "peak" | "valley":
            assert question.turn is not None, "a shape that turns says where"
            rises = (step <= question.turn) is (question.shape == "peak")
            return (1.0 if rises else -1.0), True
    return 1.0, False


def _lay_missing(
    question: Question, first: int, shares: Floats, block: list[tuple[Floats, bool]]
) -> list[tuple[Floats, bool]]:
    """An open answer earns what it showed, at most the average answer, or the average answer exactly."""
    place = first + question.classes
    own = np.zeros(len(shares))
    own[place] = 1.0
    if question.unknown == "as_seen":
        return [(own, False)]
    answered = slice(first, first + question.classes)
    mass = float(shares[answered].sum())
    for column, _ in block:
        column[place] = float(shares[answered] @ column[answered]) / mass if mass > 0 else 0.0
    if question.unknown == "neutral":
        return []
    return [(-own, True)]


def _tie_unseen(question: Question, first: int, block: list[tuple[Floats, bool]]) -> None:
    """A class that too few fell into follows the end of the range that the shape makes the least favourable."""
    worst = first + (question.classes - 1 if question.shape == "down" else 0)
    for place, is_own in enumerate(question.own):
        if not is_own:
            for column, _ in block:
                column[first + place] = column[worst]


def _lay_crosses(moments: Moments, questions: Sequence[Question], steps: Floats, crosses: Sequence[Cross]) -> Floats:
    spans = dict(zip(moments.layout.names, moments.layout.spans(), strict=True))
    sizes: Mapping[str, int] = {q.name: q.classes for q in questions}
    rows = []
    for cross in crosses:
        for name, place in (cross.better, cross.worse):
            if name not in spans or not 0 <= place < sizes[name]:
                raise BadInput(
                    place="a condition across characteristics", found=f"class {place} of {name!r}",
                    expected="a class of a characteristic on the card",
                )  # fmt: skip
        rows.append(steps[spans[cross.better[0]].start + cross.better[1]]
                    - steps[spans[cross.worse[0]].start + cross.worse[1]])  # fmt: skip
    return np.array(rows) if rows else np.zeros((0, steps.shape[1]))


def rank_contributions(
    moments: Moments, questions: Sequence[Question], *, ridge: float = RIDGE
) -> tuple[tuple[str, float], ...]:
    """What each characteristic adds to the divergence beside all the others: the loss when it alone is left out."""
    whole = fit_divergence(moments, questions, ridge=ridge).divergence
    losses = []
    for left_out in questions:
        rest = [q for q in questions if q is not left_out]
        try:
            remaining = fit_divergence(moments.take([q.name for q in rest]), rest, ridge=ridge).divergence
        except Refused:
            remaining = 0.0
        losses.append((left_out.name, whole - remaining))
    return tuple(sorted(losses, key=lambda pair: -pair[1]))


def choose_questions(
    moments: Moments, questions: Sequence[Question], *, most: int = 20, gain_min: float = 0.002, ridge: float = RIDGE
) -> tuple[tuple[str, float], ...]:
    """The characteristics worth asking for, in the order in which each adds most to the divergence of those before.

    Ends with ``most`` of them, or where the best addition raises divergence by less than ``gain_min`` of it.
    """
    chosen: list[Question] = []
    gains: list[tuple[str, float]] = []
    reached = 0.0
    left = list(questions)
    while left and len(chosen) < most:
        tries = []
        for question in left:
            asked = [*chosen, question]
            try:
                found = fit_divergence(moments.take([q.name for q in asked]), asked, ridge=ridge).divergence
            except Refused:
                continue
            tries.append((found, question))
        if not tries:
            break
        best, question = max(tries, key=lambda pair: pair[0])
        if best - reached < gain_min * best:
            break
        gains.append((question.name, best - reached))
        chosen.append(question)
        left.remove(question)
        reached = best
    return tuple(gains)
