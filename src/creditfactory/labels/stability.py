"""How a label is spread over applicants, and how far that has moved since: the population stability index (LAB-03)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

from creditfactory.kernel import Scalar

BARS = 12
BINS = 10
BIN_APPLICANTS = 10
PSI_WATCH = 0.10
PSI_ACT = 0.25
"""Below the first a label stands still; from the second on somebody looks into it (docs/sources.md#stability)."""
_FLOOR = 0.5
"""An empty bin counts as half an applicant, so that one newcomer is no infinite change."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a picture: from, to (both included) and how many; a word stands in ``word``."""

    low: float | None
    high: float | None
    count: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a label is spread: how many know it, its quartiles where it is a number, and the columns of a picture."""

    known: int
    unknown: int
    lowest: float | None
    quarter: float | None
    middle: float | None
    three_quarters: float | None
    highest: float | None
    bars: tuple[Bar, ...]


def spread_out(values: Sequence[Scalar]) -> Spread:
    """How the values are spread; None is unknown. Numbers of few kinds get a column each, others even columns.

    >>> found = spread_out([1, 2, 2, 3, None])
    >>> found.known, found.unknown, found.middle, [(bar.low, bar.count) for bar in found.bars]
    (4, 1, 2.0, [(1.0, 1), (2.0, 2), (3.0, 1)])
    """
    known = [value for value in values if value is not None]
    unknown = len(values) - len(known)
    numbers = sorted(float(v) for v in known if isinstance(v, int | float) and not isinstance(v, bool))
    if not numbers:
        words = Counter("yes" if v is True else "no" if v is False else str(v) for v in known)
        bars = tuple(Bar(None, None, count, word) for word, count in words.most_common(BARS))
        return Spread(len(known), unknown, None, None, None, None, None, bars)
    quarter, middle, above = (_quantile(numbers, share) for share in (0.25, 0.5, 0.75))
    return Spread(len(known), unknown, numbers[0], quarter, middle, above, numbers[-1], _draw_bars(numbers))


def _quantile(numbers: Sequence[float], share: float) -> float:
    """The value below which a share of the sorted numbers lies; between two of them, in between."""
    place = share * (len(numbers) - 1)
    low = int(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def _draw_bars(numbers: Sequence[float]) -> tuple[Bar, ...]:
    kinds = Counter(numbers)
    if len(kinds) <= BARS:
        return tuple(Bar(value, value, count) for value, count in sorted(kinds.items()))
    low, high = _quantile(numbers, 0.01), _quantile(numbers, 0.99)
    if high <= low:
        low, high = numbers[0], numbers[-1]
    step = (high - low) / BARS
    counts = [0] * BARS
    for value in numbers:
        counts[min(BARS - 1, max(0, int((value - low) / step)))] += 1
    return tuple(
        Bar(numbers[0] if i == 0 else low + i * step, numbers[-1] if i == BARS - 1 else low + (i + 1) * step, count)
        for i, count in enumerate(counts)
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a label has moved: the index, and up to where chance alone would carry it nineteen times in twenty."""

    psi: float
    chance: float

    @property
    def is_more_than_chance(self) -> bool:
        """Whether so many applicants, alike in truth, would rarely differ as much."""
        return self.psi > self.chance


def measure_stability(before: Sequence[Scalar], now: Sequence[Scalar]) -> Moved | None:
    """The population stability index of the later values against the earlier ones; None where either side is empty.

    Numbers fall into as many bins of the earlier ones as there are applicants for, ten at the most; words and yes or
    no by themselves, the unknown into a bin of its own. Were both sides drawn alike, the index would be about
    chi-squared: bins less one, times the sum of one by each side's number.

    >>> same = measure_stability([1, 2, 3, 4] * 25, [1, 2, 3, 4] * 25)
    >>> same.psi, same.is_more_than_chance
    (0.0, False)
    >>> measure_stability([True] * 90 + [False] * 10, [True] * 50 + [False] * 50).is_more_than_chance
    True
    """
    if not before or not now:
        return None
    bins = max(2, min(BINS, min(len(before), len(now)) // BIN_APPLICANTS))
    numbers = sorted({v for v in before if isinstance(v, int | float) and not isinstance(v, bool)})
    if len(numbers) > bins:
        held = sorted(v for v in before if isinstance(v, int | float) and not isinstance(v, bool))
        numbers = sorted({held[len(held) * i // bins] for i in range(1, bins)})
    first, later = (Counter(_find_bin(v, numbers) for v in values) for values in (before, now))
    places = first.keys() | later.keys()
    total = 0.0
    for place in places:
        was = max(first[place], _FLOOR) / len(before)
        is_now = max(later[place], _FLOOR) / len(now)
        total += (is_now - was) * log(is_now / was)
    free = max(1, len(places) - 1)
    chance = (free + 1.645 * sqrt(2 * free)) * (1 / len(before) + 1 / len(now))
    return Moved(round(total, 6), round(chance, 6))


def _find_bin(value: Scalar, edges: Sequence[int | float]) -> str:
    if value is None or isinstance(value, bool | str):
        return f"={value}"
    return f"#{bisect_left(edges, value)}"
