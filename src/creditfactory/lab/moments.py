"""What a divergence card needs to know of the past: how often classes occur and meet, among good and among bad.

Counts are whole numbers and simply add up, so what 1,000 new outcomes taught is added to what was known, and the sum
is the same to the last unit as counting everything anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from creditfactory.kernel import BadInput
from creditfactory.lab.sample import Flags, Floats

UNITS = 1 << 20
"""Units to one applicant of weight 1; a weight is kept to the millionth part, so that sums are exact in any order."""

Wholes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which positions belong to which characteristic: characteristic ``i`` owns ``starts[i]`` up to ``starts[i+1]``."""

    names: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, sizes: Sequence[tuple[str, int]]) -> Layout:
        """A layout from names with how many classes each has.

        >>> Layout.of([("age_years", 3), ("education", 2)]).starts
        (0, 3, 5)
        """
        names = tuple(name for name, _ in sizes)
        if len(set(names)) != len(names):
            twice = sorted({n for n in names if names.count(n) > 1})
            raise BadInput(place="characteristics", found=f"{twice[0]!r} twice", expected="each name once")
        starts = [0]
        for _, size in sizes:
            starts.append(starts[-1] + size)
        return cls(names, tuple(starts))

    @property
    def width(self) -> int:
        """Positions in all."""
        return self.starts[-1]

    def spans(self) -> tuple[slice, ...]:
        """Each characteristic's positions."""
        return tuple(slice(a, b) for a, b in pairwise(self.starts))

    def take(self, names: Sequence[str]) -> tuple[Layout, npt.NDArray[np.int64]]:
        """The layout of some of the characteristics, and where their positions lie in this one."""
        spans = dict(zip(self.names, self.spans(), strict=True))
        found = np.concatenate([np.arange(spans[n].start, spans[n].stop) for n in names])
        return Layout.of([(n, spans[n].stop - spans[n].start) for n in names]), found


@dataclass(frozen=True, slots=True)
class Moments:
    """Units of good and bad by pairs of positions; the diagonal holds how many fell into each class.

    ``meetings`` is 2 (good, bad) by positions by positions and symmetric; ``units`` the totals of good and bad;
    ``rows`` how many applicants of each outcome were counted.
    """

    layout: Layout
    meetings: Wholes
    units: Wholes
    rows: tuple[int, int]

    def add(self, more: Moments) -> Moments:
        """What both know together; the same as counting all applicants at once, to the last unit."""
        if more.layout != self.layout:
            raise BadInput(
                place="new outcomes", found="other characteristics or classes", expected="those the card was built with"
            )
        rows = (self.rows[0] + more.rows[0], self.rows[1] + more.rows[1])
        return Moments(self.layout, self.meetings + more.meetings, self.units + more.units, rows)

    def take(self, names: Sequence[str]) -> Moments:
        """The same knowledge, of some of the characteristics only."""
        layout, found = self.layout.take(names)
        return Moments(layout, self.meetings[:, found[:, None], found[None, :]], self.units, self.rows)

    @property
    def shares(self) -> Floats:
        """Share of each class among good and bad: 2 by positions."""
        counts: Floats = np.stack([np.diagonal(m) for m in self.meetings]).astype(np.float64)
        return counts / self.units[:, None]

    @property
    def gap(self) -> Floats:
        """δ: how much more often good applicants fall into each class than bad ones."""
        good, bad = self.shares
        return np.asarray(good - bad)

    @property
    def spread(self) -> Floats:
        """S: the mean of the two covariances of class memberships, good and bad."""
        total = np.zeros(self.meetings.shape[1:])
        for meetings, units, share in zip(self.meetings, self.units, self.shares, strict=True):
            total += (meetings / float(units) - np.outer(share, share)) / 2
        return total

    def divergence(self, weights: Floats) -> float:
        """(μ_G − μ_B)² / ½(σ²_G + σ²_B) of the score that adds up these weights; 0 for one that never varies."""
        spread = float(weights @ self.spread @ weights)
        return float(self.gap @ weights) ** 2 / spread if spread > 0 else 0.0


def count_moments(layout: Layout, codes: Sequence[npt.NDArray[np.int64]], bad: Flags, weight: Floats) -> Moments:
    """Count what a sample knows: one array of class codes for each characteristic, in the layout's order."""
    from creditfactory.lab.kernels_moments import count_meetings  # compiles when first wanted

    if not bad.any() or bad.all():
        raise BadInput(place="outcome", found="one outcome only", expected="good and bad applicants")
    places = np.empty((len(bad), len(codes)), dtype=np.int32)
    for column, (code, start) in enumerate(zip(codes, layout.starts, strict=False)):
        if len(code) != len(bad):
            raise BadInput(
                place=f"characteristic {layout.names[column]}", found=f"{len(code)} rows", expected=f"{len(bad)} rows"
            )
        places[:, column] = code + start
    units = weigh_units(weight)
    meetings = np.zeros((2, layout.width, layout.width), dtype=np.int64)
    count_meetings(places, units, bad.astype(np.uint8), meetings)
    for half in meetings:
        half += np.triu(half, 1).T
    totals = np.array([units[~bad].sum(), units[bad].sum()], dtype=np.int64)
    return Moments(layout, meetings, totals, (int((~bad).sum()), int(bad.sum())))


def weigh_units(weight: Floats) -> Wholes:
    """Weights in whole units.

    >>> weigh_units(np.array([1.0, 0.5]))
    array([1048576,  524288])
    """
    return np.rint(weight * UNITS).astype(np.int64)
