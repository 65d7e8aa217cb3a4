"""Indicator mining: which surroundings past applications had that turned out bad, more often than luck would have it.

Values are those of each application's own instant; outcomes are those known on the day of mining. Patterns are found
on the older half of the past and must hold up on the newer one, where nothing was searched. On both halves the share
of false finds is bounded (Benjamini and Hochberg). Applications of one ring are no independent draws: a chance given
here is a guard against noise, and no substitute for the person who reads the proposal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from creditfactory.network.index import NONE
from creditfactory.network.indicators import INDICATORS, PLACE, Indicator
from creditfactory.network.patterns import Condition, Pattern, Tally, Way, span_share

Marks = NDArray[np.bool_]
Counts = NDArray[np.int64]
Shares = NDArray[np.float64]
PIECE = 4_096


@dataclass(frozen=True, slots=True)
class Past:
    """Past applications, a row each: indicators as of their own instant, whether known bad, whether a rule stopped it.

    ``values`` has a column for each of ``INDICATORS``, ``NONE`` where unknown; ``at`` are microseconds since 1970.
    """

    values: NDArray[np.int64]
    at: NDArray[np.int64]
    is_bad: Marks
    is_stopped: Marks


@dataclass(frozen=True, slots=True)
class Search:
    """What counts as a pattern: least hits and lift in each half, the largest share it may hit, the bound of luck.

    ``fresh_share`` of its known bads no better pattern may hit, or it is but another way to say that one.
    """

    hits_min: int = 8
    bads_min: int = 4
    lift_min: float = 2.0
    hit_share_max: float = 0.2
    part_share_max: float = 0.6
    false_share: float = 0.05
    lines_max: int = 8
    pairs_of: int = 400
    fresh_share: float = 0.2
    patterns_max: int = 20


SEARCH = Search()


@dataclass(frozen=True, slots=True)
class Mined:
    """What one search found, best first, and among how much: ``tried`` patterns, of which ``candidates`` went on."""

    patterns: tuple[Pattern, ...]
    applications: int
    bads: int
    tried: int
    candidates: int


def mine(past: Past, search: Search = SEARCH) -> Mined:
    """The patterns of the past that hold up on the half where they were not searched, those that hit the same as one.

    >>> rows = np.zeros((8, len(INDICATORS)), dtype=np.int64)
    >>> nothing = np.zeros(8, dtype=bool)
    >>> mine(Past(rows, np.arange(8), nothing, nothing)).patterns
    ()
    """
    order = np.argsort(past.at, kind="stable")
    old, new = order[: len(order) // 2], order[len(order) // 2 :]
    conditions, marks = _draw_conditions(past.values[old], search)
    found = _Half(marks, past.is_bad[old])
    chosen, tried = _find_candidates(found, search) if conditions else (np.empty((0, 2), dtype=np.int64), 0)
    whole = Mined((), len(order), int(past.is_bad.sum()), tried, len(chosen))
    if not len(chosen):
        return whole
    used = sorted(set(chosen.ravel().tolist()))
    held = _Half(np.column_stack([_meets(past.values[new], conditions[place]) for place in used]), past.is_bad[new])
    moved = np.searchsorted(used, chosen)
    chances, stands = _hold_up(held, moved, search)
    kept = [
        (pair, Pattern(
            conditions=tuple(sorted(conditions[p] for p in dict.fromkeys(pair))), found=found.tally(pair),
            held=held.tally(moved[row].tolist()), new_bads=_count_new(past, conditions, pair),
            chance=float(chances[row]),
        ))
        for row, pair in enumerate(chosen.tolist()) if stands[row]
    ]  # fmt: skip
    return replace(whole, patterns=_drop_likes(kept, conditions, past, search))


@dataclass(frozen=True, slots=True)
class _Half:
    """One half of the past: which condition holds in which row, and which rows turned out bad."""

    marks: Marks
    is_bad: Marks

    def tally(self, pair: list[int]) -> Tally:
        """How often the conditions of these places held together."""
        both = self.marks[:, pair[0]] & self.marks[:, pair[1]]
        return Tally(int(both.sum()), int((both & self.is_bad).sum()), len(self.is_bad), int(self.is_bad.sum()))


def _draw_conditions(values: NDArray[np.int64], search: Search) -> tuple[list[Condition], Marks]:
    """Every line worth trying, each that holds in other rows than those before it, and the rows where it holds."""
    found: dict[bytes, tuple[Condition, Marks]] = {}
    most = search.part_share_max * len(values)
    for place, indicator in enumerate(INDICATORS):
        column = values[:, place]
        known = column[column != NONE]
        for way in _choose_ways(indicator):
            for line in _choose_lines(known, way, indicator, search):
                condition = Condition(indicator.name, way, line)
                mark = (column != NONE) & ((column >= line) if way == "at_least" else (column <= line))
                if search.hits_min <= mark.sum() <= most:
                    found.setdefault(np.packbits(mark).tobytes(), (condition, mark))
    conditions = [condition for condition, _ in found.values()]
    return conditions, np.column_stack([mark for _, mark in found.values()]) if found else np.empty((0, 0), dtype=bool)


def _choose_ways(indicator: Indicator) -> tuple[Way, ...]:
    """On which side of a line the worse ones are expected: what is good in being more is looked at from below."""
    ways: dict[str, tuple[Way, ...]] = {"adverse": ("at_least",), "premium": ("at_most",)}
    return ways.get(indicator.polarity, ("at_least", "at_most"))


def _choose_lines(known: Counts, way: Way, indicator: Indicator, search: Search) -> Iterator[int]:
    """Small counts one by one, beyond them the lines of the far shares of those known."""
    distinct = np.unique(known)
    if len(distinct) < 2:
        return
    lines = distinct[1:] if way == "at_least" else distinct[:-1]
    if len(lines) > search.lines_max:
        shares = np.array([0.5, 0.75, 0.9, 0.95, 0.98, 0.99])
        cuts = np.quantile(known, shares if way == "at_least" else 1 - shares, method="nearest")
        small = lines[lines <= 3] if indicator.unit in ("count", "hops") else lines[:0]
        lines = np.intersect1d(np.concatenate([cuts, small]), lines)
    yield from (int(line) for line in lines)


def _meets(values: NDArray[np.int64], condition: Condition) -> Marks:
    """In which rows a condition holds."""
    column = values[:, PLACE[condition.name]]
    side = column >= condition.value if condition.way == "at_least" else column <= condition.value
    return np.asarray((column != NONE) & side)


def _find_candidates(found: _Half, search: Search) -> tuple[Counts, int]:
    """Places of conditions, one (twice the same) or two, that the older half bears out; and how many were tried."""
    whole, bads = len(found.is_bad), int(found.is_bad.sum())
    hits, hit_bads = found.marks.sum(axis=0), found.marks[found.is_bad].sum(axis=0)
    alone = find_tails(hits, hit_bads, whole, bads)
    places = np.sort(np.argsort(alone, kind="stable")[: search.pairs_of])
    both, both_bads = _count_pairs(found.marks[:, places], found.is_bad)
    first, second = np.triu_indices(len(places), k=1)
    pairs = np.column_stack([places[first], places[second]])
    n, n_bads = both[first, second], both_bads[first, second]
    share = np.divide(hit_bads, hits, out=np.zeros(len(hits)), where=hits > 0)
    is_own = (n < hits[pairs].min(axis=1)) & (n >= search.hits_min)
    low = np.array([span_share(int(b), int(h))[0] if own else 0.0 for b, h, own in zip(n_bads, n, is_own, strict=True)])
    is_own &= low > share[pairs].max(axis=1)
    singles = np.repeat(np.arange(len(hits)), 2).reshape(-1, 2)
    rows = np.concatenate([singles, pairs[is_own]])
    row_hits, row_bads = np.concatenate([hits, n[is_own]]), np.concatenate([hit_bads, n_bads[is_own]])
    tried = len(hits) + len(hits) * (len(hits) - 1) // 2
    chances = bound_false(np.concatenate([alone, find_tails(n[is_own], n_bads[is_own], whole, bads)]), tried)
    stands = _is_pattern(row_hits, row_bads, whole, bads, search) & (chances <= search.false_share)
    return rows[stands], tried


def _count_pairs(marks: Marks, is_bad: Marks) -> tuple[Counts, Counts]:
    """For every two conditions: in how many rows both hold, and in how many that turned out bad."""
    size = marks.shape[1]
    both, both_bads = np.zeros((size, size)), np.zeros((size, size))
    for start in range(0, len(marks), PIECE):
        part = marks[start : start + PIECE].astype(np.float32)
        bad = part[is_bad[start : start + PIECE]]
        both += part.T @ part
        both_bads += bad.T @ bad
    return both.astype(np.int64), both_bads.astype(np.int64)


def _is_pattern(hits: Counts, hit_bads: Counts, whole: int, bads: int, search: Search) -> Marks:
    """Enough hits and bads, not too large a share of all, and the least lift."""
    enough = (hits >= search.hits_min) & (hit_bads >= search.bads_min) & (hits <= search.hit_share_max * whole)
    return np.asarray(enough & (hit_bads * whole >= search.lift_min * bads * np.maximum(hits, 1)))


def _hold_up(held: _Half, pairs: Counts, search: Search) -> tuple[Shares, Marks]:
    """The chance of each candidate on the newer half, raised for how many there are; and which hold up there."""
    both = held.marks[:, pairs[:, 0]] & held.marks[:, pairs[:, 1]]
    hits, hit_bads = both.sum(axis=0), both[held.is_bad].sum(axis=0)
    whole, bads = len(held.is_bad), int(held.is_bad.sum())
    chances = bound_false(find_tails(hits, hit_bads, whole, bads), len(pairs))
    return chances, _is_pattern(hits, hit_bads, whole, bads, search) & (chances <= search.false_share)


def _count_new(past: Past, conditions: list[Condition], pair: list[int]) -> int:
    """The known bads of the whole past that a pattern hits and no rule stopped."""
    return int((_hits(past, conditions, pair) & past.is_bad & ~past.is_stopped).sum())


def _hits(past: Past, conditions: list[Condition], pair: list[int]) -> Marks:
    return _meets(past.values, conditions[pair[0]]) & _meets(past.values, conditions[pair[1]])


def _drop_likes(
    kept: list[tuple[list[int], Pattern]], conditions: list[Condition], past: Past, search: Search
) -> tuple[Pattern, ...]:
    """The best first; one whose known bads the better ones hit already, but for a few, is another way to say them."""
    kept.sort(
        key=lambda one: (-one[1].proven_bads, -one[1].held.interval[0], len(one[1].conditions), one[1].conditions)
    )
    stand: list[tuple[Marks, Pattern, int]] = []
    covered = np.zeros(len(past.is_bad), dtype=bool)
    for pair, pattern in kept:
        bads = _hits(past, conditions, pair) & past.is_bad
        if (bads & ~covered).sum() < search.fresh_share * bads.sum():
            place = int(np.argmax([(bads & other).sum() for other, _, _ in stand]))
            stand[place] = (*stand[place][:2], stand[place][2] + 1)
        elif len(stand) < search.patterns_max:
            stand.append((bads, pattern, 0))
            covered |= bads
    return tuple(replace(pattern, likes=likes) for _, pattern, likes in stand)


def find_tails(hits: Counts, hit_bads: Counts, whole: int, bads: int) -> Shares:
    """The chance of so many bads or more among so many hits, drawn blindly from the whole (Fisher's exact test).

    >>> find_tails(np.array([2, 2, 2]), np.array([2, 1, 0]), 4, 2).round(4).tolist()
    [0.1667, 0.8333, 1.0]
    """
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, whole + 1)))])
    n, k = hits.astype(np.int64), hit_bads.astype(np.int64)
    is_few = k * whole <= n * bads  # at or below what luck brings: one less all that is below, summed from its own side
    goods = whole - bads
    n_few = np.where(is_few & (k > 0), n, 0)
    few = 1.0 - np.where(k > 0, _sum_up(n_few, np.where(n_few > 0, n - k + 1, 0), goods, whole, logs), 0.0)
    many = _sum_up(np.where(is_few, 0, n), np.where(is_few, 0, k), bads, whole, logs)
    tails: Shares = np.where(is_few, few, many)
    return tails


def _sum_up(n: Counts, k: Counts, marked: int, whole: int, logs: Shares) -> Shares:
    """The chance of ``k`` or more marked among ``n``, from ``k`` upwards, where each further term is smaller."""
    all_n, all_marked = np.full_like(n, whole), np.full_like(n, marked)

    def choose(of: Counts, taken: Counts) -> Shares:
        return np.asarray(logs[of] - logs[taken] - logs[of - taken])

    can_be = (k <= all_marked) & (k <= n) & (n - k <= all_n - all_marked)
    n, k = np.where(can_be, n, 0), np.where(can_be, k, 0)
    term = np.exp(choose(all_marked, k) + choose(all_n - all_marked, n - k) - choose(all_n, n)) * can_be
    tail = term.copy()
    while np.any(term > tail * 1e-12):
        more = np.maximum((all_marked - k) * (n - k), 0)
        term = term * more / np.maximum((k + 1) * (all_n - all_marked - n + k + 1), 1)
        tail += term
        k = k + 1
    least: Shares = np.minimum(1.0, tail)
    return least


def bound_false(chances: Shares, tried: int) -> Shares:
    """Chances raised so that, of all at or below a line, at most that share is false (Benjamini and Hochberg).

    >>> bound_false(np.array([0.01, 0.02, 0.8]), 4).tolist()
    [0.04, 0.04, 1.0]
    """
    order = np.argsort(chances, kind="stable")
    raised = chances[order] * tried / np.arange(1, len(chances) + 1)
    least = np.minimum.accumulate(raised[::-1])[::-1]
    found = np.empty_like(least)
    found[order] = np.minimum(1.0, least)
    return found
