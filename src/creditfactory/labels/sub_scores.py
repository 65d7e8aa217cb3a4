"""Sub-scores: a few facts, each worth points by steps an officer signs; a better fact never gets fewer points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from creditfactory.kernel import BadInput, Reason, Scalar

WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SubScorePart:
    """One fact of a sub-score: what it is, what it is worth, and what the best value would be worth."""

    fact: str
    value: Scalar
    points: int
    best: int
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubScore:
    """Points from 0 to 100 with where they come from; None where there is nothing to judge by, and why.

    ``unknown`` names the facts nobody has: each is worth what its worst value is worth, so that keeping a fact back
    never pays. ``reasons`` say where points were lost, the greatest loss first.
    """

    points: int | None
    parts: tuple[SubScorePart, ...] = ()
    unknown: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


def give_points(
    facts: Mapping[str, Scalar], steps: Mapping[str, Any], codes: Mapping[str, str], unknown_code: str
) -> SubScore:
    """The sub-score of these facts by these steps.

    ``steps`` gives for each fact either ``up_to``, pairs of the largest value and its points (less is better), or
    ``from``, pairs of the least value and its points (more is better); beyond all steps there are no points.
    ``codes`` names the reason of each fact.

    >>> late = {"overdue_run_24m": {"up_to": ((0, 30), (1, 10))}}
    >>> give_points({"overdue_run_24m": 1}, late, {"overdue_run_24m": "WIL-OVERDUE-RUN"}, "WIL-UNKNOWN").points
    33
    >>> give_points({}, late, {"overdue_run_24m": "WIL-OVERDUE-RUN"}, "WIL-UNKNOWN").unknown
    ('overdue_run_24m',)
    """
    parts, unknown = [], []
    for fact, pairs, less_is_better, best in _order_all(_Same(steps)):
        value = facts.get(fact)
        if value is None:
            unknown.append(fact)
            parts.append(SubScorePart(fact=fact, value=None, points=0, best=best, reason=_unknown(unknown_code, fact)))
            continue
        points = _find_points(value, pairs, less_is_better)
        lost = points < best
        reason = Reason(codes[fact], {fact: value, "points": points, "best": best}) if lost else None
        parts.append(SubScorePart(fact=fact, value=value, points=points, best=best, reason=reason))
    worst_first = sorted((part for part in parts if part.reason is not None), key=lambda part: part.points - part.best)
    return SubScore(
        points=count_points(facts, steps),
        parts=tuple(parts),
        unknown=tuple(unknown),
        reasons=tuple(part.reason for part in worst_first if part.reason is not None),
    )


def count_points(facts: Mapping[str, Scalar], steps: Mapping[str, Any]) -> int | None:
    """The points alone, for whom the reasons are not asked.

    >>> count_points({"queries_1m": 2}, {"queries_1m": {"up_to": ((0, 5), (3, 2))}})
    40
    """
    told = whole = 0
    for fact, pairs, less_is_better, best in _order_all(_Same(steps)):
        told += _find_points(facts.get(fact), pairs, less_is_better)
        whole += best
    return told * WHOLE // whole if whole else None


def _unknown(code: str, fact: str) -> Reason:
    return Reason(code, {"fact": fact})


def _find_points(value: Scalar, pairs: Sequence[tuple[int, int]], less_is_better: bool) -> int:
    """The points of the first step that the value reaches; nothing for a text."""
    if isinstance(value, str) or value is None:
        return 0
    number = int(value)
    for bound, points in pairs:
        if (number <= bound) if less_is_better else (number >= bound):
            return points
    return 0


Ordered = tuple[str, Sequence[tuple[int, int]], bool, int]


class _Same:
    """Steps told apart by being the same ones, not by what they hold: reading what they hold is the cost."""

    __slots__ = ("steps",)

    def __init__(self, steps: Mapping[str, Any]) -> None:
        self.steps = steps

    def __hash__(self) -> int:
        return id(self.steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.steps is self.steps


@lru_cache(maxsize=64)
def _order_all(held: _Same) -> tuple[Ordered, ...]:
    """Each fact's steps, best first, which way is better, and the best; a rulebook's steps never change."""
    found = []
    for fact, shape in held.steps.items():
        pairs, less_is_better = _order_steps(fact, shape)
        found.append((fact, pairs, less_is_better, max(points for _, points in pairs)))
    return tuple(found)


def _order_steps(fact: str, shape: Any) -> tuple[Sequence[tuple[int, int]], bool]:
    """The steps, best first; steps by which a better value would get fewer points are refused."""
    way = next(iter(shape), "") if isinstance(shape, Mapping) and len(shape) == 1 else ""
    pairs = tuple(map(tuple, shape[way])) if way in ("up_to", "from") else ()
    if set(map(type, chain.from_iterable(pairs))) != {int} or set(map(len, pairs)) != {2}:
        raise BadInput(
            place=f"steps.{fact}", found=repr(shape)[:80], expected="{up_to: [[value, points], …]} or {from: [[…], …]}"
        )
    less_is_better = way == "up_to"
    ordered = sorted(pairs, reverse=not less_is_better)
    points = [worth for _, worth in ordered]
    if points != sorted(points, reverse=True) or points[-1] < 0:
        raise BadInput(place=f"steps.{fact}", found=str(points), expected="points that fall as the value gets worse")
    return tuple((bound, worth) for bound, worth in ordered), less_is_better
