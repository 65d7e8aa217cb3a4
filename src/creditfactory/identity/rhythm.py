"""The rhythm of a hand: what the times between keys and the path of a pointer say, and nothing of what was typed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

PAUSE_MS = 2_000
"""A gap beyond this is a thought, not a rhythm."""
KEYS_MIN = 12
STROKE_MIN = 8
TRACE_MIN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What a recorded rhythm comes to; None where there was too little of it to say."""

    typing_ms_median: int | None = None
    typing_spread_bps: int | None = None
    pointer_moves: int = 0
    pointer_straight_bps: int | None = None
    pointer_pause_ms: int | None = None
    trace: str = ""


def measure_rhythm(
    key_gaps_ms: Sequence[int], strokes: Sequence[Sequence[tuple[int, int]]], pauses_ms: Sequence[int]
) -> Rhythm:
    """The rhythm of keys (gaps between them) and pointer (points of each stroke, pauses before each click).

    >>> steady = measure_rhythm([100] * 30, [], [])
    >>> steady.typing_ms_median, steady.typing_spread_bps, steady.pointer_straight_bps
    (100, 0, None)
    >>> measure_rhythm([], [[(x, x) for x in range(0, 90, 10)]], [3]).pointer_straight_bps
    10000
    """
    gaps = [gap for gap in key_gaps_ms if 0 <= gap <= PAUSE_MS]
    enough = len(gaps) >= KEYS_MIN
    return Rhythm(
        typing_ms_median=_median(gaps) if enough else None,
        typing_spread_bps=_spread(gaps) if enough else None,
        pointer_moves=sum(len(stroke) for stroke in strokes),
        pointer_straight_bps=_straightness(strokes),
        pointer_pause_ms=_median(pauses_ms) if pauses_ms else None,
        trace=_digest(key_gaps_ms, strokes),
    )


def _median(values: Sequence[int]) -> int:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def _spread(values: Sequence[int]) -> int:
    """How far the middle half of the gaps lies apart, against their median: pauses between fields do not blur it."""
    ordered = sorted(values)
    middle = ordered[len(ordered) // 2]
    if middle == 0:
        return 0
    return round(10_000 * (ordered[3 * len(ordered) // 4] - ordered[len(ordered) // 4]) / middle)


def _straightness(strokes: Sequence[Sequence[tuple[int, int]]]) -> int | None:
    """The middle stroke's chord over its path, in basis points; strokes too short to bend say nothing."""
    shares = []
    for stroke in strokes:
        path = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(stroke))
        if len(stroke) >= STROKE_MIN and path > 0:
            chord = hypot(stroke[-1][0] - stroke[0][0], stroke[-1][1] - stroke[0][1])
            shares.append(round(10_000 * chord / path))
    return _median(shares) if shares else None


def _digest(key_gaps_ms: Sequence[int], strokes: Sequence[Sequence[tuple[int, int]]]) -> str:
    """The very same milliseconds twice are a recording: no hand repeats twenty of them. Empty where there are fewer."""
    numbers = [*key_gaps_ms, *(part for stroke in strokes for point in stroke for part in point)]
    if len(numbers) < TRACE_MIN or len(set(numbers)) < 3:
        return ""
    return hashlib.sha256(",".join(map(str, numbers)).encode()).hexdigest()[:40]
