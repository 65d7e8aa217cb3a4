"""Counting what a look around has visited: by ties away, by closeness, in the community, in rings."""

from __future__ import annotations

from numba import njit

from creditfactory.network.scratch import (
    Q_APP,
    Q_CARRIED,
    Q_CONTACTS,
    Q_KINDS,
    Q_LEVEL,
    Q_RARE,
    Q_RING,
    Q_STRONG,
    Q_TIES,
    Limits,
    Scratch,
)
from creditfactory.network.store import (
    A_AT,
    A_BAD,
    A_BASE,
    A_FRAUD,
    E_KIND,
    E_SEEN,
    R_COUNT,
    R_PERSON,
    R_START,
    T_LATE,
    T_THING,
    Ints,
    Small,
    Store,
)

NONE = -(2**62)
DAY = 86_400_000_000
MONTH = 30 * DAY
MILLION = 1_000_000
DEVICE, ADDRESS, CARD, AGENT, PHONE = 2, 4, 6, 8, 1
IP = 3


@njit(cache=True)
def touch_at(touches: Small, late: Ints, apps: Ints, app: int, place: int) -> int:
    """Since when it is known that an application touches the thing at this place of its list."""
    own = touches[place, T_LATE]
    return int(late[own]) if own > 0 else int(apps[app, A_BASE])


@njit(cache=True)
def is_new_person(rows: Small, things: Small, app: int, stamp: int) -> bool:
    """Whether an application's person has not been met under this stamp; one without a person is always new."""
    whose = rows[app, R_PERSON]
    if whose < 0:
        return True
    if things[whose, E_SEEN] == stamp:
        return False
    things[whose, E_SEEN] = stamp
    return True


@njit(cache=True)
def share(part: int, whole: int) -> int:
    """A part of a whole in hundredths of a per cent, unknown of nothing."""
    return part * 10_000 // whole if whole > 0 else NONE


@njit(cache=True)
def tell_hops(store: Store, scratch: Scratch, as_of: int, out: Ints, place: int) -> None:
    """Applications, people, bads and frauds at exactly one, two and three ties, and within three."""
    store.counts[7] += 1
    stamp = store.counts[7]
    all_bads = 0
    for level in range(1, 4):
        base = place + 6 * (level - 1)
        first, last = scratch.begins[level], scratch.begins[level + 1]
        fresh = people = bads = frauds = 0
        for q in range(first, last):
            app = scratch.q[q, Q_APP]
            fresh += store.apps[app, A_AT] >= as_of - MONTH
            people += is_new_person(store.rows, store.things, app, stamp)
            bads += store.apps[app, A_BAD] <= as_of
            frauds += store.apps[app, A_FRAUD] <= as_of
        out[base], out[base + 1], out[base + 2], out[base + 3] = last - first, fresh, people, bads
        out[base + 4], out[base + 5] = frauds, share(bads, last - first)
        all_bads += bads
    reached = scratch.n[0] - scratch.n[2]
    out[place + 18], out[place + 19], out[place + 20] = reached, all_bads, share(all_bads, reached)
    out[place + 21] = scratch.n[4]


@njit(cache=True)
def tell_proximity(store: Store, scratch: Scratch, decay: Ints, as_of: int, out: Ints, place: int) -> None:
    """How much of the walk ends at known bads, each weighed by how long it has been known."""
    bads = frauds = closest = 0
    nearest = newest = NONE
    old = len(decay) - 1
    for q in range(scratch.n[2], scratch.n[0]):
        app = scratch.q[q, Q_APP]
        if store.apps[app, A_BAD] <= as_of:
            days = (as_of - store.apps[app, A_BAD]) // DAY
            closeness = scratch.q[q, Q_CARRIED] * decay[min(days, old)] // MILLION
            bads += closeness
            closest = max(closest, closeness)
            nearest = scratch.q[q, Q_LEVEL] if nearest == NONE else nearest
            newest = days if newest == NONE else min(newest, days)
        if store.apps[app, A_FRAUD] <= as_of:
            frauds += scratch.q[q, Q_CARRIED] * decay[min((as_of - store.apps[app, A_FRAUD]) // DAY, old)] // MILLION
    out[place], out[place + 1], out[place + 2] = bads // MILLION, frauds // MILLION, closest // MILLION
    out[place + 3], out[place + 4] = nearest, newest


@njit(cache=True)
def count_things(store: Store, scratch: Scratch, kind: int, as_of: int) -> int:
    """Different things of a kind in the community, the applicant's own with them."""
    store.counts[7] += 1
    stamp = store.counts[7]
    things = 0
    for i in range(scratch.n[2] + scratch.n[10]):
        q = i if i < scratch.n[2] else scratch.chosen[i - scratch.n[2]]
        app = scratch.q[q, Q_APP]
        for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
            entity, at = store.touches[place, T_THING], touch_at(store.touches, store.late, store.apps, app, place)
            is_known = at < as_of or (q == 0 and at == as_of)
            if store.things[entity, E_KIND] == kind and is_known and store.things[entity, E_SEEN] != stamp:
                store.things[entity, E_SEEN] = stamp
                things += 1
    return things


@njit(cache=True)
def count_shared(store: Store, scratch: Scratch, q: int, kind: int, as_of: int) -> int:
    """How many things of a kind that the application itself touches a neighbour touches as well."""
    app = scratch.q[q, Q_APP]
    shared = 0
    for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
        entity = store.touches[place, T_THING]
        if store.things[entity, E_KIND] == kind and touch_at(store.touches, store.late, store.apps, app, place) < as_of:
            for j in range(scratch.n[3]):
                shared += scratch.root[j] == entity
    return shared


@njit(cache=True)
def tell_community(store: Store, scratch: Scratch, as_of: int, out: Ints, place: int) -> None:
    """How large, how bad, how old and how fast the applicant's community is."""
    store.counts[7] += 1
    stamp = store.counts[7]
    size = scratch.n[10]
    people = bads = frauds = bads_month = week = month = through = 0
    first = as_of
    for i in range(size):
        q = scratch.chosen[i]
        app = scratch.q[q, Q_APP]
        people += is_new_person(store.rows, store.things, app, stamp)
        bads += store.apps[app, A_BAD] <= as_of
        frauds += store.apps[app, A_FRAUD] <= as_of
        bads_month += store.apps[app, A_BAD] <= as_of and store.apps[app, A_BAD] > as_of - MONTH
        week += store.apps[app, A_AT] >= as_of - 7 * DAY
        month += store.apps[app, A_AT] >= as_of - MONTH
        first = min(first, store.apps[app, A_AT])
        through += count_shared(store, scratch, q, AGENT, as_of) > 0
    has_agent = False
    for j in range(scratch.n[3]):
        has_agent = has_agent or store.things[scratch.root[j], E_KIND] == AGENT
    devices = count_things(store, scratch, DEVICE, as_of)
    out[place], out[place + 1], out[place + 2], out[place + 3] = size, people, bads, frauds
    out[place + 4], out[place + 5] = share(bads, size), bads_month
    out[place + 6] = (as_of - first) // DAY if size > 0 else NONE
    out[place + 7], out[place + 8], out[place + 9] = week, month, share(month, size)
    out[place + 10] = share(scratch.n[9], scratch.n[8])
    out[place + 11], out[place + 12] = devices, count_things(store, scratch, PHONE, as_of)
    out[place + 13] = count_things(store, scratch, ADDRESS, as_of)
    out[place + 14] = count_things(store, scratch, AGENT, as_of)
    out[place + 15] = share(people + 1, devices)
    out[place + 16] = share(through, size) if has_agent else NONE


@njit(cache=True)
def is_in_ring(store: Store, scratch: Scratch, q: int, measure: int, as_of: int) -> bool:
    """Whether a direct neighbour counts for one of the measures of rings."""
    kinds = scratch.q[q, Q_KINDS]
    if measure == 0:
        return bool(scratch.q[q, Q_STRONG] >= 1)
    if measure == 2 or measure == 3:
        return bool(scratch.q[q, Q_TIES] >= measure)
    if measure == 4:
        return bool(scratch.q[q, Q_STRONG] >= 2)
    if measure == 8:
        return bool(scratch.q[q, Q_CONTACTS] >= 2)
    if measure == 10:
        return bool(scratch.q[q, Q_RING] == 1)
    if not (kinds >> DEVICE) & 1:
        return False
    if measure == 5:
        return bool((kinds >> ADDRESS) & 1)
    if measure == 6:
        return bool((kinds >> CARD) & 1)
    return count_shared(store, scratch, q, AGENT, as_of) > 0


@njit(cache=True)
def tell_rings(store: Store, scratch: Scratch, strong: Ints, as_of: int, out: Ints, place: int, per_kind: int) -> None:
    """Who shares several things with the applicant, who closes a ring, and the busiest strong thing."""
    for measure in range(11):
        store.counts[7] += 1
        stamp = store.counts[7]
        found = 0
        for q in range(scratch.begins[1], scratch.begins[2]):
            app = scratch.q[q, Q_APP]
            if measure == 1:
                found += scratch.q[q, Q_STRONG] >= 1 and store.apps[app, A_BAD] <= as_of
            elif measure != 9 and is_in_ring(store, scratch, q, measure, as_of):
                found += is_new_person(store.rows, store.things, app, stamp)
        out[place + measure] = scratch.n[6] if measure == 9 else found
    people = week = 0
    for kind in range(1, len(strong)):
        base = (kind - 1) * per_kind
        if strong[kind] == 1 and out[base] != NONE:
            people = max(people, out[base + 6])
            week = max(week, out[base + 3])
    out[place + 11], out[place + 12] = people, week


@njit(cache=True)
def count_kinds(kinds: int) -> int:
    """How many kinds two applications share, the address of the net left out."""
    found = 0
    for kind in range(1, 32):
        found += kind != IP and (kinds >> kind) & 1
    return found


@njit(cache=True)
def tell_pairs(store: Store, scratch: Scratch, as_of: int, out: Ints, place: int) -> None:
    """Who is tied to the applicant by things of several kinds, or by several rare things, and how closely."""
    for measure in range(5):
        store.counts[7] += 1
        stamp = store.counts[7]
        found = 0
        for q in range(scratch.begins[1], scratch.begins[2]):
            app, kinds = scratch.q[q, Q_APP], count_kinds(scratch.q[q, Q_KINDS])
            counts = kinds >= 3 if measure == 2 else scratch.q[q, Q_RARE] >= 2 if measure >= 3 else kinds >= 2
            is_fresh = store.apps[app, A_AT] >= as_of - MONTH or measure not in (1, 4)
            if counts and is_fresh:
                found += is_new_person(store.rows, store.things, app, stamp)
        out[place + measure] = found
    bads = closest = paired = fresh = 0
    for q in range(scratch.begins[1], scratch.begins[2]):
        app, carried = scratch.q[q, Q_APP], scratch.q[q, Q_CARRIED]
        is_paired = count_kinds(scratch.q[q, Q_KINDS]) >= 2 or scratch.q[q, Q_RARE] >= 2
        bads += is_paired and store.apps[app, A_BAD] <= as_of
        closest = max(closest, carried)
        paired += carried if is_paired else 0
        fresh += carried if store.apps[app, A_AT] >= as_of - MONTH else 0
    out[place + 5], out[place + 6] = bads, closest // MILLION
    out[place + 7], out[place + 8] = paired // MILLION, fresh // MILLION


@njit(cache=True)
def count_all(
    store: Store, scratch: Scratch, limits: Limits, strong: Ints, decay: Ints, as_of: int, out: Ints, place: int,
    per_kind: int,
) -> None:  # fmt: skip
    """All of this file, from the place of the hops on."""
    tell_hops(store, scratch, as_of, out, place)
    tell_proximity(store, scratch, decay, as_of, out, place + 22)
    tell_community(store, scratch, as_of, out, place + 27)
    tell_rings(store, scratch, strong, as_of, out, place + 44, per_kind)
    tell_pairs(store, scratch, as_of, out, place + 57)
