"""The compiled walk over the bureau's accounts: every measure of every kind of account."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

CUTS = 21
COLUMNS = 18
NONE = -1
MANY = 1_000_000
BPS = 10_000
NEARLY_FULL_BPS = 9_000
LIMIT, BALANCE, DUE, PAID, LATE, LATE_30, LATE_90 = 0, 1, 2, 3, 4, 5, 6
LOAN, LINE, CARD, BANK, OTHER, ONLINE, CONSUMER, BUSINESS, CONSUMPTION, HOME, CAR = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
"""What an account is, as bits."""


@njit(cache=True, nogil=True)
def _cut(kind: int, is_open: bool, unsecured: bool, age: int, late: int) -> int:
    """Which cuts an account belongs to, as bits in the order of the cuts."""
    lent = (kind >> LOAN | kind >> LINE) & 1
    other = kind >> OTHER & 1
    if not is_open:
        return (1 << 18) | (lent << 19) | (other << 20)
    free = 1 if unsecured else 0
    found = 1 | (kind >> LOAN & 1) << 1 | (kind >> LINE & 1) << 2 | (kind >> CARD & 1) << 3 | lent << 4
    found |= (kind >> BANK & 1) << 5 | other << 6 | (kind >> ONLINE & 1) << 7 | (kind >> CONSUMER & 1) << 8
    found |= free << 9 | (lent & free) << 10 | (lent & (1 - free)) << 11
    found |= (lent & (kind >> BUSINESS) & 1) << 12 | (lent & (kind >> CONSUMPTION) & 1) << 13
    found |= (kind >> HOME & 1) << 14 | (kind >> CAR & 1) << 15
    return found | (1 if age < 12 else 0) << 16 | (1 if late > 0 else 0) << 17


@njit(cache=True, nogil=True)
def _count_in(
    row: Ints, sums: Ints, i: int, amounts: Ints, use: int, age: int, is_new_lender: bool
) -> None:  # fmt: skip
    """One more account of a cut."""
    row[0] += 1
    row[1] += 1 if is_new_lender else 0
    for column in range(7):
        sums[column] += amounts[column, i]
    sums[7] += age
    row[3] = max(row[3], amounts[LIMIT, i])
    row[6] = max(row[6], amounts[BALANCE, i])
    row[8] = max(row[8], use)
    row[9] += 1 if use >= NEARLY_FULL_BPS else 0
    row[15] = max(row[15], age)
    row[16] = min(row[16], age)


@njit(cache=True, nogil=True)
def _finish(row: Ints, sums: Ints) -> None:
    """Sums, means and shares of a cut; there is nothing to say of what there is none of."""
    number = row[0]
    row[2], row[5], row[10], row[12], row[13], row[14] = (
        sums[LIMIT], sums[BALANCE], sums[DUE], sums[LATE], sums[LATE_30], sums[LATE_90],
    )  # fmt: skip
    row[7] = sums[BALANCE] * BPS // sums[LIMIT] if sums[LIMIT] > 0 else NONE
    row[11] = min(sums[PAID] * BPS // sums[DUE], BPS) if sums[DUE] > 0 else NONE
    row[4] = sums[LIMIT] // number if number > 0 else NONE
    row[17] = sums[7] // number if number > 0 else NONE
    if number == 0:
        row[16] = NONE


@njit(cache=True, nogil=True)
def measure_accounts(
    kinds: Ints, is_open: NDArray[np.bool_], unsecured: NDArray[np.bool_], ages: Ints, amounts: Ints,
    lenders: NDArray[np.int32], lender_count: int,
) -> Ints:  # fmt: skip
    """A row for each cut, a column for each measure; -1 where there is nothing to say."""
    found = np.zeros((CUTS, COLUMNS), np.int64)
    sums = np.zeros((CUTS, 8), np.int64)
    seen = np.zeros((CUTS, max(1, lender_count)), np.bool_)
    for cut in range(CUTS):
        found[cut, 3] = found[cut, 6] = found[cut, 8] = found[cut, 15] = NONE
        found[cut, 16] = MANY
    for i in range(len(kinds)):
        limit = amounts[LIMIT, i]
        use = amounts[BALANCE, i] * BPS // limit if limit > 0 else NONE
        mask = _cut(kinds[i], is_open[i], unsecured[i], ages[i], amounts[LATE, i])
        for cut in range(CUTS):
            if mask >> cut & 1:
                _count_in(found[cut], sums[cut], i, amounts, use, ages[i], not seen[cut, lenders[i]])
                seen[cut, lenders[i]] = True
    for cut in range(CUTS):
        _finish(found[cut], sums[cut])
    return found


MONTHS = 60
BLANK = 255
DAY = 1_440


@njit(cache=True, nogil=True)
def _find_first_minute(month: int) -> int:
    """The first minute of a calendar month counted from the year 0, since 1 January 1970."""
    year, place = month // 12, month % 12 + 1
    if place <= 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (place - 3 if place > 2 else place + 9) + 2) // 5
    return (era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468) * DAY


@njit(cache=True, nogil=True)
def tell_months(
    letters: Bytes, newest: Ints, told: Bytes, grades: Bytes, lates: Ints, happened: Ints, late: Ints,
    party: NDArray[np.int32], words: Bytes,
) -> int:  # fmt: skip
    """Fills in every month of every account that says anything, oldest first, with the account's words after its grade.

    ``letters`` has 60 for each account, that of its ``newest`` month first; gives how many months there are.
    """
    found = 0
    if len(newest) == 0:
        return found
    month = newest.min() - MONTHS + 1
    last = newest.max()
    while month <= last:
        minute = _find_first_minute(month)
        following = last + 1
        for one in range(len(newest)):
            back = newest[one] - month
            if back >= MONTHS:
                following = min(following, newest[one] - MONTHS + 1)
                continue
            if back < 0:
                continue
            following = month + 1
            letter = letters[one * MONTHS + back]
            if grades[letter] == BLANK:
                continue
            happened[found], late[found], party[found], words[0, found] = minute, lates[letter], one, grades[letter]
            for column in range(len(told)):
                words[column + 1, found] = told[column, one]
            found += 1
        month = max(following, month + 1)
    return found
