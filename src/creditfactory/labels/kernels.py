"""The compiled kernel: every label of a table in one pass over an applicant's events, newest first.

The events are read once. For each cut running figures are kept; when the pass crosses the beginning of a window, the
figures as they stand are those of that window and are written down. What each figure means is said slowly in
``plain_reference``; both are tested to be equal.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Specs = NDArray[np.uint16]
Bytes = NDArray[np.uint8]

# The running figures of a cut, one place each.
COUNT, SUM, NET, MAX, MIN, PARTIES, PARTY_EVENTS, DAYS, NEWEST, OLDEST, GAP = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
QA, QAB, QB, TOP, STEP, STEP_SUM, STEP_MAX, STEP_MIN, STEPS = 11, 12, 13, 14, 15, 16, 17, 18, 19
SA, SAB, SB, STEP_RUN, STEP_RUN_MAX = 20, 21, 22, 23, 24
FIGURES = 25

# What a label is made from: one row of whole numbers each.
L_CUT, L_MEASURE, L_EDGE, L_BEFORE, L_YEAR_END, L_YEAR_START, L_WHOLE, L_STEPS, L_WHAT_IS_THERE, L_AMOUNTS = (
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
)  # fmt: skip
L_RANGE, L_REACH = 10, 11
SPEC = 12
NO_EDGE = 65_535
"""No edge, or no whole, where a label needs none. The numbers are small and have no sign: few bytes to read."""

# What is told of a source: which cuts there are, which of them need other sides, squares and steps, as bits; whether
# steps are months; whether windows end where the record ends; how many cuts there are.
B_ALL, B_PARTIES, B_SQUARES, B_STEPS, B_IS_MONTHLY, B_ENDS_WITH_RECORD, B_CUTS = 0, 1, 2, 3, 4, 5, 6

# Why a label is unknown; 0 is known.
KNOWN, ABSENT, NOT_REACHED, ENDS_EARLY, NONE_THERE, TOO_FEW, NOTHING_BEFORE, WHOLE_ZERO, NO_PARTIES, OUT_OF_RANGE = (
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
)  # fmt: skip

DAY = 1_440
STEP_MINUTES = 30 * DAY
EVER = -(1 << 62)
SUM_MAX = 900_000_000_000_000
BPS = 10_000
HALF = 20
HALF_MASK = (1 << HALF) - 1
LIMB = 26
_BRUIJN = np.uint64(0x03F79D71B4CB0A89)


def _bruijn_places() -> Ints:
    places = np.zeros(64, np.int64)
    for bit in range(64):
        places[((int(_BRUIJN) << bit) & 0xFFFFFFFFFFFFFFFF) >> 58] = bit
    return places


_PLACES = _bruijn_places()


@njit(cache=True, nogil=True, error_model="numpy")
def number_month(day: int) -> int:
    """The number of the calendar month that a day (0 is 1 January 1970) lies in, counted from the year 0."""
    z = day + 719_468
    era = z // 146_097
    of_era = z - era * 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return (year + era * 400 + (1 if month <= 2 else 0)) * 12 + month - 1


@njit(cache=True, nogil=True, error_model="numpy")
def find_first_day(month: int) -> int:
    """The first day of a calendar month counted from the year 0, as a day from 1 January 1970."""
    year, place = month // 12, month % 12 + 1
    if place <= 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (place - 3 if place > 2 else place + 9) + 2) // 5
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


E_EVER, E_SHIFTED, E_DAYS, E_MONTHS = 0, 1, 2, 3
"""What an edge is told by: nothing, the end itself years back, days back, calendar months back."""


@njit(cache=True, nogil=True, error_model="numpy")
def _go_back(minute: int, years: int) -> int:
    """The same day and minute so many years before; where the month is too short, its last day."""
    if years == 0:
        return minute
    day = minute // DAY
    month = number_month(day)
    first = find_first_day(month - 12 * years)
    return min(first + day - find_first_day(month), find_first_day(month - 12 * years + 1) - 1) * DAY + minute % DAY


@njit(cache=True, nogil=True, error_model="numpy")
def find_edges(asked: Ints, first: int, last: int, end: int, edges: Ints) -> None:
    """Fills in the first minute of each stretch of time for an end; ``asked`` has kind, length and years of each."""
    for edge in range(last - first):
        kind, length, years = asked[first + edge, 0], asked[first + edge, 1], asked[first + edge, 2]
        if kind == E_EVER:
            edges[edge] = EVER
        elif kind == E_MONTHS:
            edges[edge] = find_first_day(number_month((end - 1) // DAY) + 1 - length - 12 * years) * DAY
        else:
            edges[edge] = _go_back(end, years) - length * DAY


@njit(cache=True, nogil=True, error_model="numpy")
def _multiply(left: Ints, right: Ints) -> Ints:
    """Two long whole numbers in limbs of 26 bits, multiplied."""
    found = np.zeros(len(left) + len(right) + 1, np.int64)
    for i in range(len(left)):
        for j in range(len(right)):
            found[i + j] += left[i] * right[j]
        carry = 0
        for k in range(len(found)):
            whole = found[k] + carry
            found[k] = whole & ((1 << LIMB) - 1)
            carry = whole >> LIMB
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _lengthen(number: int) -> Ints:
    found = np.zeros(3, np.int64)
    for i in range(3):
        found[i] = (number >> (LIMB * i)) & ((1 << LIMB) - 1)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _add_into(total: Ints, part: Ints) -> None:
    carry = 0
    for i in range(len(total)):
        whole = total[i] + carry + (part[i] if i < len(part) else 0)
        total[i] = whole & ((1 << LIMB) - 1)
        carry = whole >> LIMB


@njit(cache=True, nogil=True, error_model="numpy")
def _reaches_half(count: int, total: int, a: int, ab: int, b: int, bps: int) -> bool:
    """Whether the spread is at least ``bps`` less a half, in exact whole numbers."""
    odd = 2 * bps - 1
    weight = np.zeros(16, np.int64)
    _add_into(weight, _multiply(_lengthen(odd), _lengthen(odd)))
    _add_into(weight, _lengthen(4 * BPS * BPS))
    left = _multiply(_multiply(_lengthen(total), _lengthen(total)), weight)
    squares = np.zeros(16, np.int64)
    _add_into(squares, _multiply(_lengthen(a), _lengthen(1 << 40)))
    _add_into(squares, _multiply(_lengthen(ab), _lengthen(1 << 21)))
    _add_into(squares, _lengthen(b))
    right = _multiply(_multiply(_lengthen(count), _lengthen(4 * BPS * BPS)), squares)
    for i in range(max(len(left), len(right)) - 1, -1, -1):
        one = left[i] if i < len(left) else 0
        other = right[i] if i < len(right) else 0
        if one != other:
            return bool(one < other)
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def measure_spread(count: int, total: int, a: int, ab: int, b: int) -> int:
    """Standard deviation over mean in basis points, halves up, of ``count`` numbers that sum to ``total``.

    The squares come in three exact sums (each number split at 2**20 into a and b); the figure is found in double
    precision and, where that is too close to a half to tell, in exact long whole numbers.
    """
    squares = float(a) * float(1 << 40) + float(ab) * float(1 << 21) + float(b)
    variance = float(count) * squares / (float(total) * float(total)) - 1.0
    guess = BPS * math.sqrt(max(variance, 0.0)) + 0.5
    near = math.floor(guess + 0.5)
    if abs(guess - near) < 1e-3:
        if near <= 0:
            return 0
        return near if _reaches_half(count, total, a, ab, b, near) else near - 1
    return math.floor(guess)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _share(part: int, whole: int) -> int:
    """Basis points of a whole, rounded down; both are sums below 2**50, so that nothing leaves 64 bits."""
    return part * BPS // whole


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _close_step(figures: Ints, cut: int) -> None:
    """The 30 days (or the month) that the pass is in are over: their sum is written among the steps."""
    done = figures[cut, STEP_SUM]
    figures[cut, STEP_MAX] = max(figures[cut, STEP_MAX], done)
    figures[cut, STEP_MIN] = done if figures[cut, STEPS] == 1 else min(figures[cut, STEP_MIN], done)
    a, b = done >> HALF, done & HALF_MASK
    figures[cut, SA] += a * a
    figures[cut, SAB] += a * b
    figures[cut, SB] += b * b


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _enter_step(figures: Ints, cut: int, step: int, size: int) -> None:
    """One more event of a cut, by steps of 30 days or of months; ``STEP_RUN`` counts steps in a row."""
    if figures[cut, STEPS] == 0:
        figures[cut, STEPS] = figures[cut, STEP_RUN] = figures[cut, STEP_RUN_MAX] = 1
    elif step != figures[cut, STEP]:
        _close_step(figures, cut)
        figures[cut, STEP_SUM] = 0
        figures[cut, STEPS] += 1
        figures[cut, STEP_RUN] = figures[cut, STEP_RUN] + 1 if step == figures[cut, STEP] + 1 else 1
        figures[cut, STEP_RUN_MAX] = max(figures[cut, STEP_RUN_MAX], figures[cut, STEP_RUN])
    figures[cut, STEP] = step
    figures[cut, STEP_SUM] += size


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _count_in(figures: Ints, cut: int, amount: int, size: int, day: int, end_day: int) -> None:
    """One more event of a cut."""
    count = figures[cut, COUNT]
    if count == 0:
        figures[cut, NEWEST] = day
        figures[cut, MAX] = size
        figures[cut, MIN] = size
        figures[cut, DAYS] = 1
        figures[cut, GAP] = end_day - day
        figures[cut, OLDEST] = day
    else:
        if size > figures[cut, MAX]:
            figures[cut, MAX] = size
        if size < figures[cut, MIN]:
            figures[cut, MIN] = size
        before = figures[cut, OLDEST]
        if day != before:
            figures[cut, DAYS] += 1
            figures[cut, OLDEST] = day
            if before - day > figures[cut, GAP]:
                figures[cut, GAP] = before - day
    figures[cut, COUNT] = count + 1
    figures[cut, SUM] += size
    figures[cut, NET] += amount


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _count_party(figures: Ints, sums: Ints, cut: int, party: int, size: int) -> None:
    figures[cut, PARTY_EVENTS] += 1
    held = sums[cut, party]
    if held < 0:
        held = 0
        figures[cut, PARTIES] += 1
    held += size
    sums[cut, party] = held
    if held > figures[cut, TOP]:
        figures[cut, TOP] = held


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _write_down(figures: Ints, cuts: int, places: int, written: Ints, edge: int) -> None:
    """The figures of all cuts as they stand at an edge, as many of them as the source has."""
    first = edge * cuts
    for cut in range(cuts):
        for place in range(places):
            written[first + cut, place] = figures[cut, place]


@njit(cache=True, nogil=True, error_model="numpy")
def run_through(
    happened: Ints, amounts: Ints, party: NDArray[np.int32], words: Bytes, first: int, last: int, end: int,
    edges: Ints, masks: Ints, bits: Ints, cuts: int, figures: Ints, sums: Ints, written: Ints,
) -> int:  # fmt: skip
    """Go through one applicant's events from newest to oldest; ``written`` gets each edge's figures.

    Gives the sum of all sizes before the end, no more than a little over :data:`SUM_MAX`.
    """
    all_cuts, party_cuts, square_cuts, step_cuts = bits[B_ALL], bits[B_PARTIES], bits[B_SQUARES], bits[B_STEPS]
    is_monthly = bits[B_IS_MONTHLY] == 1
    figures[:cuts] = 0
    places = STEP if step_cuts == 0 else FIGURES
    order = np.argsort(-edges)
    waiting = 0
    total = 0
    end_day = (end - 1) // DAY
    end_month = number_month(end_day) if is_monthly else 0
    step = 0
    for i in range(last - 1, first - 1, -1):
        at = happened[i]
        if at >= end:
            continue
        while waiting < len(order) and at < edges[order[waiting]]:
            _write_down(figures, cuts, places, written, order[waiting])
            waiting += 1
        amount = amounts[i]
        size = abs(amount)
        total = min(SUM_MAX + 1, total + size)
        mask = all_cuts
        for column in range(words.shape[0]):
            mask &= masks[column, words[column, i]]
        day = at // DAY
        if step_cuts != 0:
            step = end_month - number_month(day) if is_monthly else (end - 1 - at) // STEP_MINUTES
        a, b = size >> HALF, size & HALF_MASK
        aa, ab, bb = a * a, a * b, b * b
        other = party[i]
        while mask != 0:
            lowest = mask & -mask
            mask ^= lowest
            cut = _PLACES[(np.uint64(lowest) * _BRUIJN) >> np.uint64(58)]
            _count_in(figures, cut, amount, size, day, end_day)
            if square_cuts & lowest != 0:
                figures[cut, QA] += aa
                figures[cut, QAB] += ab
                figures[cut, QB] += bb
            if step_cuts & lowest != 0:
                _enter_step(figures, cut, step, size)
            if other >= 0 and party_cuts & lowest != 0:
                _count_party(figures, sums, cut, other, size)
    while waiting < len(order):
        _write_down(figures, cuts, places, written, order[waiting])
        waiting += 1
    return total


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _read_steps(written: Ints, row: int, measure: int, steps: int) -> tuple[int, int]:
    """A measure over the steps of a window: the last one is still open, those never entered are empty."""
    active = written[row, STEPS]
    if measure == 18:
        return steps - active, KNOWN
    if measure == 22:
        return active, KNOWN
    if measure == 23:
        return written[row, STEP_RUN_MAX], KNOWN
    total = written[row, SUM]
    if total == 0:
        return 0, (KNOWN if measure == 19 else WHOLE_ZERO)
    open_sum = written[row, STEP_SUM]
    if measure == 19:
        lowest = open_sum if active == 1 else min(written[row, STEP_MIN], open_sum)
        return (0 if active < steps else lowest), KNOWN
    if measure == 20:
        return _share(max(written[row, STEP_MAX], open_sum), total), KNOWN
    a, b = open_sum >> HALF, open_sum & HALF_MASK
    return measure_spread(
        steps, total, written[row, SA] + a * a, written[row, SAB] + a * b, written[row, SB] + b * b
    ), KNOWN


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _read_ratio(specs: Specs, label: int, written: Ints, row: int, cuts: int, measure: int) -> tuple[int, int]:
    """A measure that holds a cut's figure against another's, or against an earlier stretch."""
    place = COUNT if measure == 14 or measure == 16 else SUM
    figure, cut = written[row, place], int(specs[label, L_CUT])
    if measure == 13 or measure == 14:
        whole = written[specs[label, L_EDGE] * cuts + specs[label, L_WHOLE], place]
        return (0, WHOLE_ZERO) if whole == 0 else (_share(figure, whole), KNOWN)
    if measure == 17:
        before = (
            written[specs[label, L_YEAR_START] * cuts + cut, place]
            - written[specs[label, L_YEAR_END] * cuts + cut, place]
        )
    else:
        before = written[specs[label, L_BEFORE] * cuts + cut, place] - figure
    return (0, NOTHING_BEFORE) if before == 0 else (_share(figure, before), KNOWN)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _read_label(specs: Specs, label: int, written: Ints, cuts: int, start: int, end: int) -> tuple[int, int]:
    """One label from the figures written down, or why it is unknown."""
    measure = int(specs[label, L_MEASURE])
    row = int(specs[label, L_EDGE]) * cuts + int(specs[label, L_CUT])
    if measure <= 2:
        return written[row, measure], KNOWN
    if measure == 7:
        return written[row, DAYS], KNOWN
    if 13 <= measure <= 17:
        return _read_ratio(specs, label, written, row, cuts, measure)
    if measure >= 18:
        return _read_steps(written, row, measure, int(specs[label, L_STEPS]))
    count = written[row, COUNT]
    end_day = (end - 1) // DAY
    has_parties = written[row, PARTY_EVENTS] > 0
    if measure == 6:
        return written[row, PARTIES], (NO_PARTIES if count > 0 and not has_parties else KNOWN)
    if measure == 10:
        start_day = start // DAY
        gap = max(written[row, GAP], written[row, OLDEST] - start_day)
        return (end_day - start_day if count == 0 else gap), KNOWN
    if count == 0:
        return 0, NONE_THERE
    total = written[row, SUM]
    if measure == 3:
        return total // count, KNOWN
    if measure == 4:
        return written[row, MAX], KNOWN
    if measure == 5:
        return written[row, MIN], KNOWN
    if measure == 8:
        return end_day - written[row, NEWEST], KNOWN
    if measure == 9:
        return written[row, NEWEST] - written[row, OLDEST], KNOWN
    if measure == 12 and not has_parties:
        return 0, NO_PARTIES
    if measure == 11 and count < 2:
        return 0, TOO_FEW
    if total == 0:
        return 0, WHOLE_ZERO
    if measure == 12:
        return _share(written[row, TOP], total), KNOWN
    return measure_spread(count, total, written[row, QA], written[row, QAB], written[row, QB]), KNOWN


@njit(cache=True, nogil=True, error_model="numpy")
def find_reach(edges: Ints, reaches_from: int, is_ended: bool, reach: Bytes) -> None:
    """For each edge whether the record knows everything since (row 0), and whether it reaches back so far (row 1)."""
    for edge in range(len(edges)):
        is_short = EVER < edges[edge] < reaches_from
        reach[1, edge] = NOT_REACHED if is_short else KNOWN
        reach[0, edge] = reach[1, edge] if is_ended else ENDS_EARLY


@njit(cache=True, nogil=True, error_model="numpy")
def read_labels(
    specs: Specs, first: int, last: int, ranges: Ints, written: Ints, cuts: int, edges: Ints, reach: Bytes, end: int,
    total: int, codes: Bytes, plan: int, place: int, values: Ints, why: Bytes,
) -> None:  # fmt: skip
    """The labels of one source from the figures written down; ``total`` is the sum of all sizes."""
    is_too_much = total > SUM_MAX
    for label in range(first, last):
        asked = specs[label, L_REACH]
        code = KNOWN if asked == NO_EDGE else int(reach[specs[label, L_WHAT_IS_THERE], asked])
        value = 0
        if is_too_much and code == KNOWN and specs[label, L_AMOUNTS] == 1:
            code = OUT_OF_RANGE
        if code == KNOWN:
            value, code = _read_label(specs, label, written, cuts, edges[specs[label, L_EDGE]], end)
            within = specs[label, L_RANGE]
            if code == KNOWN and (value < ranges[within, 0] or value > ranges[within, 1]):
                code = OUT_OF_RANGE
        values[place + label - first] = value if code == KNOWN else 0
        why[place + label - first] = codes[plan, code]


@njit(cache=True, nogil=True, error_model="numpy")
def measure_sources(
    firsts: Ints, lasts: Ints, happened: Ints, amounts: Ints, party: NDArray[np.int32], words: Bytes,
    reaches_from: Ints, reaches_to: Ints, parties: Ints, until: Ints, plans: Ints, masks: Ints, bits: Ints,
    asked: Ints, asked_firsts: Ints, specs: Specs, spec_firsts: Ints, ranges: Ints, codes: Bytes, places: Ints,
    values: Ints, why: Bytes,
) -> None:  # fmt: skip
    """Every label of every source: source ``i`` has the events from ``firsts`` to ``lasts`` and the plan ``plans``.

    Its labels are written from ``places`` on. ``until`` is the first minute that is not looked at any more.
    """
    cuts_max, edges_max, rows_max = 0, 0, 0
    for plan in range(len(bits)):
        edges_here = asked_firsts[plan + 1] - asked_firsts[plan]
        cuts_max, edges_max = max(cuts_max, bits[plan, B_CUTS]), max(edges_max, edges_here)
        rows_max = max(rows_max, bits[plan, B_CUTS] * edges_here)
    figures = np.empty((cuts_max, FIGURES), np.int64)
    sums = np.empty((cuts_max, max(1, parties.max())), np.int64)
    written = np.empty((rows_max, FIGURES), np.int64)
    held, reach = np.empty(edges_max, np.int64), np.empty((2, edges_max), np.uint8)
    for one in range(len(firsts)):
        plan, place = plans[one], places[one]
        first, last = spec_firsts[plan], spec_firsts[plan + 1]
        if reaches_to[one] == reaches_from[one]:
            values[place : place + last - first] = 0
            why[place : place + last - first] = codes[plan, ABSENT]
            continue
        end = min(until[one], reaches_to[one]) if bits[plan, B_ENDS_WITH_RECORD] == 1 else until[one]
        edges = held[: asked_firsts[plan + 1] - asked_firsts[plan]]
        find_edges(asked, asked_firsts[plan], asked_firsts[plan + 1], end, edges)
        find_reach(edges, reaches_from[one], reaches_to[one] >= end, reach)
        cuts = bits[plan, B_CUTS]
        sums[:cuts, : parties[one]] = -1
        total = run_through(
            happened, amounts, party, words, firsts[one], lasts[one], end, edges, masks[plan], bits[plan], cuts,
            figures, sums, written,
        )  # fmt: skip
        read_labels(
            specs, first, last, ranges, written, cuts, edges, reach, end, total, codes, plan, place, values, why
        )  # fmt: skip
