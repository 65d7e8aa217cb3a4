"""The compiled ratios: one label held against another, all of an applicant at once."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

BPS = 10_000


@njit(cache=True, nogil=True, error_model="numpy")
def tell_ratios(
    over: NDArray[np.intp], under: NDArray[np.intp], kinds: NDArray[np.int8], low: Ints, high: Ints, values: Ints,
    is_known: NDArray[np.bool_], beside: Ints, is_beside: NDArray[np.bool_], safe: int, found: Ints,
    why: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Every ratio of two labels, in the array or beside it; ``why`` is 1 where they cannot be compared, 2 out of range.

    Kinds: basis points and so much for each, rounded down, difference, and gap of growth.
    """
    size = len(values)
    for i in range(len(over)):
        one, other = over[i], under[i]
        found[i], why[i] = 0, 1
        if not (is_known[one] if one < size else is_beside[one - size]):
            continue
        if not (is_known[other] if other < size else is_beside[other - size]):
            continue
        part = values[one] if one < size else beside[one - size]
        whole = values[other] if other < size else beside[other - size]
        if max(abs(part), abs(whole)) > safe or (kinds[i] < 2 and whole <= 0):
            continue
        if kinds[i] == 0:
            told = part // whole * BPS + part % whole * BPS // whole
        elif kinds[i] == 1:
            told = part // whole
        else:
            told = part - whole - (BPS if kinds[i] == 3 else 0)
        is_fine = low[i] <= told <= high[i]
        found[i], why[i] = told if is_fine else 0, 0 if is_fine else 2
