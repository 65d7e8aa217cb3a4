"""What is told of the things an application itself touches: how many others, since when, how fast, how many bad."""

from __future__ import annotations

import numpy as np
from numba import njit

from creditfactory.network.scratch import (
    Q_APP,
    Q_LEVEL,
    Limits,
    Scratch,
)
from creditfactory.network.store import (
    A_BAD,
    A_BASE,
    B_COUNT,
    B_START,
    E_BADS,
    E_COUNT,
    E_KIND,
    E_SEEN,
    E_START,
    R_COUNT,
    R_PERSON,
    R_SLOT,
    R_START,
    T_LATE,
    T_THING,
    Ints,
    Small,
    Store,
)

NONE = -(2**62)
DAY = 86_400_000_000
WINDOWS = (3_600_000_000, 86_400_000_000, 604_800_000_000, 2_592_000_000_000, 7_776_000_000_000)


@njit(cache=True)
def touch_at(touches: Small, late: Ints, apps: Ints, app: int, place: int) -> int:
    """Since when it is known that an application touches the thing at this place of its list."""
    own = touches[place, T_LATE]
    return int(late[own]) if own > 0 else int(apps[app, A_BASE])


@njit(cache=True)
def count_before(instants: Ints, start: int, count: int, at: int) -> int:
    """How many of a thing's instants lie before this one."""
    low, high = start, start + count
    while low < high:
        middle = (low + high) >> 1
        if instants[middle] < at:
            low = middle + 1
        else:
            high = middle
    return low - start


@njit(cache=True)
def begin(store: Store, scratch: Scratch, limits: Limits, root: int, as_of: int) -> None:
    """Find what the application touches and the person's own earlier applications, newest first."""
    n = scratch.n
    n[:] = 0
    n[7] = -1
    person = -1
    for place in range(store.rows[root, R_START], store.rows[root, R_START] + store.rows[root, R_COUNT]):
        if touch_at(store.touches, store.late, store.apps, root, place) <= as_of and n[3] < len(scratch.root):
            entity = store.touches[place, T_THING]
            scratch.root[n[3]] = entity
            n[3] += 1
            if store.things[entity, E_KIND] == 0:
                person = entity
    scratch.q[0, Q_APP], scratch.q[0, Q_LEVEL] = root, 0
    store.rows[root, R_SLOT] = 0
    n[0] = 1
    n[7] = person
    if person >= 0:
        start = store.things[person, E_START]
        known = count_before(store.l_at, start, store.things[person, E_COUNT], as_of)
        for i in range(start + known - 1, start - 1, -1):
            app = store.l_app[i]
            if app != root and n[0] <= limits.own:
                scratch.q[n[0], Q_APP], scratch.q[n[0], Q_LEVEL] = app, 0
                store.rows[app, R_SLOT] = n[0]
                n[0] += 1
    n[2] = n[0]


@njit(cache=True)
def is_own(rows: Small, app: int, root: int, person: int) -> bool:
    """Whether an application is the one looked at or the same person's."""
    return bool(app == root or (person >= 0 and rows[app, R_PERSON] == person))


@njit(cache=True)
def count_own(store: Store, scratch: Scratch, as_of: int) -> Ints:
    """For each thing the application touches, what of its links and bads are the person's own: all, then by window."""
    own = np.zeros((scratch.n[3], 8), dtype=np.int64)
    for q in range(scratch.n[2]):
        app = scratch.q[q, Q_APP]
        for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
            at = touch_at(store.touches, store.late, store.apps, app, place)
            if at >= as_of:
                continue
            for j in range(scratch.n[3]):
                if scratch.root[j] != store.touches[place, T_THING]:
                    continue
                own[j, 0] += 1
                for w in range(5):
                    own[j, 1 + w] += at >= as_of - WINDOWS[w]
                known = max(at + 1, store.apps[app, A_BAD])
                own[j, 6] += known <= as_of
                own[j, 7] += known <= as_of and known > as_of - WINDOWS[4]
    return own


@njit(cache=True)
def count_people(store: Store, limits: Limits, entity: int, known: int, root: int, person: int) -> int:
    """How many other people are among the newest links of a thing."""
    store.counts[7] += 1
    stamp = store.counts[7]
    people = 0
    end = store.things[entity, E_START] + known
    for i in range(end - 1, max(store.things[entity, E_START], end - limits.hub) - 1, -1):
        app = store.l_app[i]
        if is_own(store.rows, app, root, person):
            continue
        whose = store.rows[app, R_PERSON]
        if whose < 0:
            people += 1
        elif store.things[whose, E_SEEN] != stamp:
            store.things[whose, E_SEEN] = stamp
            people += 1
    return people


@njit(cache=True)
def tell_thing(
    store: Store, scratch: Scratch, limits: Limits, j: int, own: Ints, root: int, as_of: int, told: Ints
) -> None:
    """The numbers of one thing, in the order of the indicators of its kind."""
    entity, person = scratch.root[j], scratch.n[7]
    start, count = store.things[entity, E_START], store.things[entity, E_COUNT]
    known = count_before(store.l_at, start, count, as_of)
    told[0] = known - own[j, 0]
    for w in range(5):
        told[1 + w] = known - count_before(store.l_at, start, count, as_of - WINDOWS[w]) - own[j, 1 + w]
    told[6] = count_people(store, limits, entity, known, root, person)
    bads = bads_before = 0
    slab = store.things[entity, E_BADS]
    if slab >= 0:
        bads = count_before(store.b_at, store.slabs[slab, B_START], store.slabs[slab, B_COUNT], as_of + 1)
        bads_before = count_before(
            store.b_at, store.slabs[slab, B_START], store.slabs[slab, B_COUNT], as_of - WINDOWS[4] + 1
        )
    told[7] = bads - own[j, 6]
    told[8] = bads - bads_before - own[j, 7]
    told[9] = told[7] * 10_000 // told[0] if told[0] > 0 else NONE
    told[10] = told[11] = NONE
    for i in range(start, start + known):
        if not is_own(store.rows, store.l_app[i], root, person):
            told[10] = (as_of - store.l_at[i]) // DAY
            break
    for i in range(start + known - 1, start - 1, -1):
        if not is_own(store.rows, store.l_app[i], root, person):
            told[11] = (as_of - store.l_at[i]) // DAY
            break
    told[12] = told[3] * 900_000 // (7 * told[5]) if told[5] > 0 else NONE


@njit(cache=True)
def tell_kinds(store: Store, scratch: Scratch, limits: Limits, root: int, as_of: int, out: Ints, per_kind: int) -> None:
    """The numbers of each kind touched: the largest of several things, of the days of quiet the smallest."""
    own = count_own(store, scratch, as_of)
    told = np.empty(per_kind, dtype=np.int64)
    for j in range(scratch.n[3]):
        kind = store.things[scratch.root[j], E_KIND]
        if kind == 0:
            continue
        tell_thing(store, scratch, limits, j, own, root, as_of, told)
        base = (kind - 1) * per_kind
        for m in range(per_kind):
            value = told[m]
            if value == NONE:
                continue
            place = base + m
            if out[place] == NONE or (value < out[place] if m == 11 else value > out[place]):
                out[place] = value


@njit(cache=True)
def tell_own(store: Store, scratch: Scratch, as_of: int, out: Ints, place: int, kinds: int) -> None:
    """How often the person applied, how it went, and how many different things of each kind that took."""
    person = scratch.n[7]
    if person >= 0:
        root_known = 0
        times = np.zeros(6, dtype=np.int64)
        start, count = store.things[person, E_START], store.things[person, E_COUNT]
        known = count_before(store.l_at, start, count, as_of)
        for i in range(start, start + known):
            if store.l_app[i] == scratch.q[0, Q_APP]:
                root_known = 1
                for w in range(5):
                    times[w] -= store.l_at[i] >= as_of - WINDOWS[w]
        for w in range(5):
            times[w] += known - count_before(store.l_at, start, count, as_of - WINDOWS[w])
        times[5] = known - root_known
        for w in range(6):
            out[place + w] = times[w]
    bads = 0
    for q in range(1, scratch.n[2]):
        bads += store.apps[scratch.q[q, Q_APP], A_BAD] <= as_of
    out[place + 6] = bads
    store.counts[7] += 1
    stamp = store.counts[7]
    for k in range(1, kinds):
        out[place + 6 + k] = 0
    for q in range(scratch.n[2]):
        app = scratch.q[q, Q_APP]
        for t in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
            at, entity = touch_at(store.touches, store.late, store.apps, app, t), store.touches[t, T_THING]
            is_known = at <= as_of if q == 0 else at < as_of
            if is_known and store.things[entity, E_SEEN] != stamp:
                store.things[entity, E_SEEN] = stamp
                if store.things[entity, E_KIND] > 0:
                    out[place + 6 + store.things[entity, E_KIND]] += 1


@njit(cache=True)
def count_strong_bads(store: Store, scratch: Scratch, limits: Limits, root: int, as_of: int) -> int:
    """Other applications known as bad on the application's own phone, device or card, among the newest of each."""
    found = np.empty(0, dtype=np.int64)
    bads = 0
    person = scratch.n[7]
    for j in range(scratch.n[3]):
        entity = scratch.root[j]
        kind = store.things[entity, E_KIND]
        if (kind != 1 and kind != 2 and kind != 6) or store.things[entity, E_BADS] < 0:
            continue
        end = store.things[entity, E_START] + count_before(
            store.l_at, store.things[entity, E_START], store.things[entity, E_COUNT], as_of
        )
        for i in range(end - 1, max(store.things[entity, E_START], end - limits.hub) - 1, -1):
            app = store.l_app[i]
            if store.apps[app, A_BAD] > as_of or is_own(store.rows, app, root, person):
                continue
            if len(found) == 0:
                found = np.empty(3 * limits.hub * 8, dtype=np.int64)
            is_new = bads < len(found)
            for k in range(bads):
                is_new = is_new and found[k] != app
            if is_new:
                found[bads] = app
                bads += 1
    return bads


@njit(cache=True)
def look_direct(
    store: Store, scratch: Scratch, limits: Limits, root: int, as_of: int, out: Ints, per_kind: int, kinds: int
) -> int:
    """All of this file for one application; what is left NONE is not known. Returns the strong ties' bads."""
    begin(store, scratch, limits, root, as_of)
    tell_kinds(store, scratch, limits, root, as_of, out, per_kind)
    tell_own(store, scratch, as_of, out, (kinds - 1) * per_kind, kinds)
    return count_strong_bads(store, scratch, limits, root, as_of)
