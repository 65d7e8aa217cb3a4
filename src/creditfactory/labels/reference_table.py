"""A made-up table of any source in which every cut finds something: for examples, and for trying all labels."""

from __future__ import annotations

import numpy as np

from creditfactory.labels.planning import Plan
from creditfactory.labels.tables import DAY, Table, make_table

LAST_DAY = 20_500
"""The last day of the table: 16 February 2026."""
REACH_DAYS = 365 * 6


def make_reference_table(plan: Plan, *, lines: int = 2_400, seed: int = 1) -> Table:
    """A table of one applicant over six years with lines of every cut of a plan; the same seed, the same table.

    Amounts lie between 1 and 90,000 yuan with every ninth below zero; one line in seven has no other side.
    """
    shape = plan.shape
    place = np.arange(lines)
    mixed = _mix(place, seed)
    ages = np.sort((mixed % 1_000_003) ** 2 * (REACH_DAYS * DAY - 1) // 1_000_003**2)  # denser towards the end
    minutes = LAST_DAY * DAY + DAY - 1 - ages[::-1]
    amounts = (_mix(place, seed + 1) % 9_000_000 + 100) * np.where(place % 9 == 4, -1, 1)
    parties = [f"side-{n % 37}" if n % 7 else "" for n in _mix(place, seed + 2).tolist()]
    words: dict[str, list[str]] = {column: [] for column in shape.columns}
    for n in place.tolist():
        cut = plan.cuts[n % len(plan.cuts)]
        for row, (column, allowed) in enumerate(shape.columns.items()):
            choice = cut.where.get(column, allowed)
            words[column].append(choice[int(_mix(np.array([n * 31 + row]), seed + 3)[0]) % len(choice)])
    return make_table(
        shape,
        days=minutes // DAY,
        minutes=minutes % DAY,
        amounts=amounts,
        parties=parties,
        words=words,
        reaches_from=LAST_DAY - REACH_DAYS,
        reaches_to=LAST_DAY,
    )


def _mix(numbers: np.ndarray[tuple[int], np.dtype[np.int64]], seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Whole numbers scattered without any order that one sees, the same for the same seed."""
    mixed = (numbers.astype(np.uint64) + np.uint64(seed * 7_919 + 1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(20)).astype(np.int64)
