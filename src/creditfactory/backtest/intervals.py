"""How sure a measured share is: Wilson's interval, and how many equal rows weighted ones are worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its 95 % interval, and of how many rows it is a share."""

    value: float | None
    low: float | None
    high: float | None
    rows: int


def measure_share(hits: NDArray[np.bool_], weight: NDArray[np.float64]) -> Share:
    """The weighted share of hits, with Wilson's interval for as many rows as the weights are worth.

    >>> share = measure_share(np.array([True, False, False, False]), np.ones(4))
    >>> share.value, round(share.low, 3), round(share.high, 3)
    (0.25, 0.046, 0.699)
    """
    total = float(weight.sum())
    if total <= 0:
        return Share(value=None, low=None, high=None, rows=len(hits))
    value = float(weight[hits].sum()) / total
    effective = total**2 / float((weight**2).sum())
    low, high = wilson(value, effective)
    return Share(value=value, low=low, high=high, rows=len(hits))


def wilson(share: float, count: float) -> tuple[float, float]:
    """Wilson's 95 % interval for a share of so many equal rows.

    >>> [round(end, 4) for end in wilson(0.0, 100)]
    [0.0, 0.037]
    """
    square = Z_95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = Z_95 / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return max(0.0, middle - spread), min(1.0, middle + spread)
