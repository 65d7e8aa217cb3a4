"""The inner loop of the lab's counting: how often two classes meet in one applicant, by outcome, in whole units."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Wholes = npt.NDArray[np.int64]


@njit(cache=True, parallel=True)
def count_meetings(places: npt.NDArray[np.int32], units: Wholes, bad: npt.NDArray[np.uint8], into: Any) -> None:
    """Add each applicant's units to ``into[outcome, place, place]`` for every pair of its places (upper half only).

    ``places`` is rows by characteristics, each entry the class's own position, rising from one characteristic to the
    next; ``into`` is 2 by positions by positions. One thread works on one characteristic's rows of ``into``.
    """
    rows, width = places.shape
    for first in prange(width):
        for row in range(rows):
            outcome = bad[row]
            unit = units[row]
            place = places[row, first]
            for second in range(first, width):
                into[outcome, place, places[row, second]] += unit
