"""The best way through tiers: where each begins and which lane it takes, the most value inside all limits, exactly.

Scores are sorted from the surest to the riskiest into groups. A way gives the first groups to tier 1, the next to tier
2 and so on; what is left is declined. Each tier has one lane, never lighter than the tier's before. Values and uses
add up over groups, so a way is a path through a small net, and the search is for its dearest path under limits: prices
on the limits bound what any path can still reach, and every path that could still be the best is followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ROUNDS = 200
PATHS_MAX = 400_000
NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Net:
    """Values and uses of each group in each tier and lane: ``value[tier, lane, group]``, ``use[limit, …]``.

    ``most`` is the ceiling of each use. ``first`` is for each tier the first group that may be in it.
    """

    value: Array
    use: Array
    most: Array
    first: tuple[int, ...] = ()

    def start_of(self, tier: int) -> int:
        """The first group that may be in a tier."""
        return self.first[tier] if self.first else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where each tier ends (in groups) and its lane; what it is worth and uses; and whether it is proven the best."""

    ends: tuple[int, ...]
    lanes: tuple[int, ...]
    value: float
    use: tuple[float, ...]
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class _Path:
    value: float
    use: Array
    end: int
    lane: int
    ends: tuple[int, ...]
    lanes: tuple[int, ...]


def find_best(net: Net) -> Way:
    """The way of the greatest value whose uses stay within the limits; declining everybody is always one."""
    reached, used = _add_up(net)
    tiers, lanes, groups = net.value.shape
    prices, best = _price_limits(net, reached, used)
    after = _bound(net, reached, used, prices)
    paths = [_Path(0.0, np.zeros(len(net.most)), 0, 0, (), ())]
    is_proven = True
    for tier in range(tiers):
        following: list[_Path] = []
        for path in paths:
            following.extend(_go_on(path, tier, net, reached, used, after[tier + 1], prices, best.value))
        paths = _drop_dominated(following)
        if len(paths) > PATHS_MAX:
            is_proven = False
            paths = sorted(paths, key=lambda p: -p.value)[:PATHS_MAX]
    for path in paths:
        if path.value > best.value + NEAR and bool(np.all(path.use <= net.most + NEAR)):
            best = Way(ends=path.ends, lanes=path.lanes, value=path.value, use=tuple(path.use.tolist()))
    assert groups >= 0 and lanes > 0
    return Way(ends=best.ends, lanes=best.lanes, value=best.value, use=best.use, is_proven=is_proven)


def weigh(net: Net, ends: tuple[int, ...], lanes: tuple[int, ...]) -> Way:
    """What a given way is worth and uses, allowed or not."""
    reached, used = _add_up(net)
    value, use, start = 0.0, np.zeros(len(net.most)), 0
    for tier, (end, lane) in enumerate(zip(ends, lanes, strict=True)):
        value += float(reached[tier, lane, end] - reached[tier, lane, start])
        use = use + used[:, tier, lane, end] - used[:, tier, lane, start]
        start = end
    return Way(ends=ends, lanes=lanes, value=value, use=tuple(use.tolist()))


def each_way(tiers: int, lanes: int, groups: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every way there is; for small nets, to hold the search against."""

    def grow(ends: tuple[int, ...], used: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        if len(ends) == tiers:
            yield ends, used
            return
        for end in range(ends[-1] if ends else 0, groups + 1):
            for lane in range(used[-1] if used else 0, lanes):
                yield from grow((*ends, end), (*used, lane))

    yield from grow((), ())


def _add_up(net: Net) -> tuple[Array, Array]:
    """Sums up to each group, nothing first."""
    value = np.concatenate([np.zeros((*net.value.shape[:2], 1)), np.cumsum(net.value, axis=2)], axis=2)
    use = np.concatenate([np.zeros((*net.use.shape[:3], 1)), np.cumsum(net.use, axis=3)], axis=3)
    return value, use


def _bound(net: Net, reached: Array, used: Array, prices: Array) -> list[Array]:
    """For each tier, end and lane before it: the most that the tiers to come can add, limits paid for at prices."""
    tiers, lanes, groups = net.value.shape
    priced = reached - np.tensordot(prices, used, axes=1)
    after = [np.zeros((groups + 1, lanes))]
    for tier in reversed(range(tiers)):
        coming = after[0]
        gain = np.full((groups + 1, lanes), -np.inf)
        for lane in range(lanes):
            sums = priced[tier, lane]
            ahead = np.maximum.accumulate((sums + coming[:, lane])[::-1])[::-1]
            gain[:, lane] = ahead - sums
            early = min(net.start_of(tier), groups + 1)
            gain[:early, lane] = coming[:early, lane]
        after.insert(0, np.maximum.accumulate(gain[:, ::-1], axis=1)[:, ::-1])
    return after


def _trace(net: Net, reached: Array, used: Array, prices: Array) -> Way:
    """The best way at these prices, whether or not it keeps the limits."""
    tiers, lanes, groups = net.value.shape
    after = _bound(net, reached, used, prices)
    priced = reached - np.tensordot(prices, used, axes=1)
    end, lane = 0, 0
    ends: list[int] = []
    chosen: list[int] = []
    for tier in range(tiers):
        options = priced[tier, lane:, end:] - priced[tier, lane:, end][:, None] + after[tier + 1][end:, lane:].T
        if end < net.start_of(tier):
            options[:, 1:] = -np.inf
        at = int(np.argmax(options))
        lane, end = lane + at // (groups + 1 - end), end + at % (groups + 1 - end)
        ends.append(end)
        chosen.append(lane)
    assert lanes > 0
    return weigh(net, tuple(ends), tuple(chosen))


def _price_limits(net: Net, reached: Array, used: Array) -> tuple[Array, Way]:
    """Prices on the limits under which the bound is low, and the best way met that keeps all limits."""
    tiers = net.value.shape[0]
    best = weigh(net, (0,) * tiers, (0,) * tiers)
    prices = np.zeros(len(net.most))
    kept, lowest = prices.copy(), np.inf
    scale = np.maximum(np.abs(used).max(axis=(1, 2, 3)), 1e-12) if len(net.most) else np.ones(0)
    stride = max(float(np.abs(reached).max()), 1.0)
    for turn in range(ROUNDS):
        way = _trace(net, reached, used, prices)
        use = np.array(way.use)
        bound = way.value - float(prices @ (use - net.most)) if len(prices) else way.value
        if bound < lowest:
            kept, lowest = prices.copy(), bound
        if way.value > best.value and bool(np.all(use <= net.most + NEAR)):
            best = way
        if not len(prices) or lowest - best.value <= NEAR:
            break
        prices = np.maximum(0.0, prices + stride / (turn + 1) * (use - net.most) / scale**2 / len(prices))
    return kept, best


def _go_on(
    path: _Path, tier: int, net: Net, reached: Array, used: Array, after: Array, prices: Array, known: float
) -> Iterator[_Path]:
    """The path with one more tier, wherever it could still become better than what is known."""
    lanes, ends = net.value.shape[1], net.value.shape[2] + 1
    for lane in range(path.lane, lanes):
        values = path.value + reached[tier, lane, path.end :] - reached[tier, lane, path.end]
        uses = path.use[:, None] + used[:, tier, lane, path.end :] - used[:, tier, lane, path.end][:, None]
        bound = values - prices @ (uses - net.most[:, None]) + after[path.end :, lane]
        if path.end < net.start_of(tier):
            bound[1:] = -np.inf
        for step in np.flatnonzero(bound > known + NEAR):
            if step == 0 and lane > path.lane:
                continue
            end = path.end + int(step)
            assert end < ends
            yield _Path(
                float(values[step]), uses[:, step], end, lane, (*path.ends, end), (*path.lanes, lane)
            )  # fmt: skip


def _drop_dominated(paths: list[_Path]) -> list[_Path]:
    """Of paths that stand at the same place only those that no other beats in value and in every use."""
    places: dict[tuple[int, int], list[_Path]] = {}
    for path in paths:
        places.setdefault((path.end, path.lane), []).append(path)
    kept: list[_Path] = []
    for standing in places.values():
        standing.sort(key=lambda p: -p.value)
        uses = np.empty((len(standing), len(standing[0].use)))
        count = 0
        for path in standing:
            if count and bool(np.any(np.all(uses[:count] <= path.use + NEAR, axis=1))):
                continue
            uses[count] = path.use
            count += 1
            kept.append(path)
    return kept
