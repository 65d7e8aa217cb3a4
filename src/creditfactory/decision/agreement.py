"""How far two investigators who see the same firm say the same: agreement beyond chance, with its interval (VER-04)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Krippendorff's alpha and Cohen's kappa of one question, over cases that two people answered.

    1 is full agreement, 0 what chance would give. ``low`` and ``high`` are alpha's 95 % interval by the jackknife;
    None where there are too few cases, or all answers are alike so that nothing could differ.
    """

    cases: int
    same: int
    alpha: float | None
    kappa: float | None
    low: float | None = None
    high: float | None = None


def measure_agreement(pairs: Sequence[tuple[Hashable | None, Hashable | None]]) -> Agreement:
    """Agreement on one question; a case that one of the two could not answer says nothing on it and is left out.

    >>> found = measure_agreement([("yes", "yes"), ("no", "no"), ("yes", "no"), ("no", "no")])
    >>> found.same, round(found.alpha, 3), round(found.kappa, 3)
    (3, 0.533, 0.5)
    """
    both = [(one, other) for one, other in pairs if one is not None and other is not None]
    same = sum(one == other for one, other in both)
    alpha = _alpha(both)
    low, high = _interval(both, alpha)
    return Agreement(cases=len(both), same=same, alpha=alpha, kappa=_kappa(both), low=low, high=high)


def _alpha(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal answers of two: 1 less observed over expected disagreement."""
    n = 2 * len(pairs)
    counts = Counter(answer for pair in pairs for answer in pair)
    expected = n * n - sum(count * count for count in counts.values())
    if n < 2 or expected == 0:
        return None
    differing = sum(2 for one, other in pairs if one != other)
    return 1.0 - (n - 1) * differing / expected


def _kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa: how much of what chance leaves open is agreed on."""
    n = len(pairs)
    if n == 0:
        return None
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(first[answer] * second[answer] for answer in first) / (n * n)
    agreed = sum(one == other for one, other in pairs) / n
    return None if by_chance >= 1.0 else (agreed - by_chance) / (1.0 - by_chance)


def _interval(pairs: Sequence[tuple[Hashable, Hashable]], alpha: float | None) -> tuple[float | None, float | None]:
    """Leave each case out once: how far alpha moves is how far it can be trusted."""
    n = len(pairs)
    if alpha is None or n < 3:
        return None, None
    kinds = Counter(pairs)
    left: list[tuple[float, int]] = []
    for pair, times in kinds.items():
        rest = list(pairs)
        rest.remove(pair)
        value = _alpha(rest)
        if value is None:
            return None, None
        left.append((value, times))
    mean = sum(value * times for value, times in left) / n
    spread = sqrt((n - 1) / n * sum(times * (value - mean) ** 2 for value, times in left))
    return max(-1.0, alpha - NORMAL_95 * spread), min(1.0, alpha + NORMAL_95 * spread)
