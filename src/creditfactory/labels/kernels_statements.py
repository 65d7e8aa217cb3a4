"""The compiled walks over statement lines: what each line is by time, day and size, and what the months sum up to."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

DAY = 1_440
SUM_MAX = 900_000_000_000_000
SMALL, MIDDLE, LARGE = 100_000, 1_000_000, 10_000_000
"""Small is below 1,000 yuan, middle below 10,000, large below 100,000."""
ROUND_CENTS = 100_000
BPS = 10_000
EARNED, TURNOVER, NAMED, TAKES_BACK = 1, 2, 4, 8
"""What is known of a sort: money in of it is earned; it moves more than place; it names its payer; it can be a return
of money that came in."""


@njit(cache=True, nogil=True)
def sum_sizes(flows: Ints) -> int:
    """The sum of all sizes, no more than a little over :data:`SUM_MAX`."""
    total = 0
    for i in range(len(flows)):
        if flows[i] > SUM_MAX or flows[i] < -SUM_MAX:
            return SUM_MAX + 1
        total += abs(flows[i])
        if total > SUM_MAX:
            return SUM_MAX + 1
    return total


@njit(cache=True, nogil=True)
def tell_lines(
    offsets: Ints, days: Ints, minutes: Ints, flows: Ints, sorts: Bytes, holders: Bytes, happened: Ints, amounts: Ints,
    words: Bytes,
) -> bool:  # fmt: skip
    """Fills in when each line happened, its amount, and its words: sort, direction, holder, hour, week, size, round.

    Night is from 23 to 6, evening from 18 to 23. Gives whether the lines stand oldest first.
    """
    ordered = True
    for one in range(len(holders)):
        for i in range(offsets[one], offsets[one + 1]):
            minute, flow = minutes[i], flows[i]
            at = days[i] * DAY + max(minute, 0)
            if i > 0 and at < happened[i - 1]:
                ordered = False
            happened[i] = at
            size = abs(flow)
            amounts[i] = min(SUM_MAX + 1, max(-SUM_MAX - 1, flow))
            words[0, i] = sorts[i]
            words[1, i] = 0 if flow > 0 else 1 if flow < 0 else 2
            words[2, i] = holders[one]
            words[3, i] = 0 if minute < 0 else 1 if minute < 360 or minute >= 1_380 else 2 if minute < 1_080 else 3
            words[4, i] = 1 if (days[i] + 3) % 7 >= 5 else 0
            words[5, i] = 0 if size < SMALL else 1 if size < MIDDLE else 2 if size < LARGE else 3
            words[6, i] = 1 if size % ROUND_CENTS == 0 else 0
    return ordered


@njit(cache=True, nogil=True)
def sum_months(
    offsets: Ints, days: Ints, flows: Ints, sorts: Bytes, party: NDArray[np.int32], meanings: Bytes, starts: Ints,
    inflow: Ints, outflow: Ints, payers: Ints,
) -> tuple[int, bool, bool]:  # fmt: skip
    """Fills in each month's flows and what every payer paid; gives all that was earned, whether any payer is named
    and whether any is not."""
    months = len(inflow)
    whole = 0
    is_named = False
    is_unnamed = False
    month = -1
    last_day = days[0] - 1 if len(days) else 0
    for i in range(offsets[-1]):
        flow, means = flows[i], meanings[sorts[i]]
        if days[i] != last_day:
            last_day = days[i]
            month = np.searchsorted(starts, last_day, side="right") - 1
        if flow > 0:
            if means & EARNED == 0:
                continue
            whole += flow
            if 0 <= month < months:
                inflow[month] += flow
            if means & NAMED != 0:
                if party[i] >= 0:
                    payers[party[i]] += flow
                    is_named = True
                else:
                    is_unnamed = True
        elif 0 <= month < months and means & TURNOVER != 0:
            outflow[month] -= flow
    return whole, is_named, is_unnamed


@njit(cache=True, nogil=True)
def sum_round_trips(
    first: int, last: int, days: Ints, flows: Ints, sorts: Bytes, party: NDArray[np.int32], parties: int,
    meanings: Bytes, days_max: int, bps_min: int,
) -> int:  # fmt: skip
    """Money in to one account that went back to the same side within so many days, at once or in parts."""
    oldest = np.full(parties, -1, np.int64)
    newest = np.full(parties, -1, np.int64)
    size = last - first
    behind = np.full(size, -1, np.int64)
    left = np.zeros(size, np.int64)
    for i in range(size):
        flow, one = flows[first + i], party[first + i]
        if one < 0 or flow == 0:
            continue
        at = oldest[one]
        while at >= 0 and days[first + i] - days[first + at] > days_max:
            at = behind[at]
        oldest[one] = at
        means = meanings[sorts[first + i]]
        if flow > 0:
            if means & EARNED != 0:
                left[i] = flow
                if at < 0:
                    oldest[one] = i
                else:
                    behind[newest[one]] = i
                newest[one] = i
        elif means & TAKES_BACK != 0:
            back = -flow
            while at >= 0 and back > 0:
                taken = min(back, left[at])
                left[at] -= taken
                back -= taken
                if left[at] == 0:
                    at = behind[at]
            oldest[one] = at
    found = 0
    for i in range(size):
        flow = flows[first + i]
        if flow > 0 and meanings[sorts[first + i]] & EARNED != 0 and party[first + i] >= 0:
            gone = flow - left[i]
            if gone > 0 and gone * BPS >= flow * bps_min:
                found += flow
    return found


@njit(cache=True, nogil=True)
def sum_all_round_trips(
    offsets: Ints, days: Ints, flows: Ints, sorts: Bytes, party: NDArray[np.int32], parties: int, meanings: Bytes,
    days_max: int, bps_min: int,
) -> int:  # fmt: skip
    """The same over all accounts, each by itself."""
    found = 0
    for one in range(len(offsets) - 1):
        found += sum_round_trips(
            offsets[one], offsets[one + 1], days, flows, sorts, party, parties, meanings, days_max, bps_min
        )
    return found
