"""From neighbour to neighbour, three ties far, with what a random walk would carry; and the community around it."""

from __future__ import annotations

import numpy as np
from numba import njit

from creditfactory.network.kinds import RARE
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
    X_CARRIED,
    X_COUNT,
    X_END,
    X_INSIDE,
    X_LEVEL,
    X_OWN,
    X_THING,
    Limits,
    Scratch,
)
from creditfactory.network.store import (
    A_BASE,
    E_COUNT,
    E_KIND,
    E_SEEN,
    E_SLOT,
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

DAY = 86_400_000_000
MASS = 10**12
IP, CONTACT = 3, 7


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
def meet(n: Ints, met: Ints, things: Small, entity: int) -> int:
    """The place of a thing among those met, or -1 if it is new."""
    x = things[entity, E_SLOT]
    return int(x) if x < n[1] and met[x, X_THING] == entity else -1


@njit(cache=True)
def meet_first(
    n: Ints, met: Ints, things: Small, l_at: Ints, limits: Limits, strong: Ints, entity: int, as_of: int, level: int
) -> int:
    """Put a thing among those met: at this level, or at -1 if it is a hub; -1 if no more are met."""
    if n[1] >= len(met):
        return -1
    x = n[1]
    n[1] += 1
    start, count = things[entity, E_START], things[entity, E_COUNT]
    end = count_before(l_at, start, count, as_of)
    known = end - count_before(l_at, start, count, as_of - limits.walk)
    things[entity, E_SLOT] = x
    met[x, X_THING] = entity
    met[x, X_LEVEL] = -1 if known > limits.hub and strong[things[entity, E_KIND]] == 0 else level
    met[x, X_END], met[x, X_COUNT] = start + end, known
    met[x, X_OWN], met[x, X_INSIDE], met[x, X_CARRIED] = 0, 0, 0
    return int(x)


@njit(cache=True)
def open_own(store: Store, scratch: Scratch, limits: Limits, weights: Ints, strong: Ints, as_of: int) -> None:
    """Meet the things of the applicant's own applications and give each its share of what the walk starts with."""
    n = scratch.n
    for q in range(n[2]):
        app = scratch.q[q, Q_APP]
        for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
            entity, at = store.touches[place, T_THING], touch_at(store.touches, store.late, store.apps, app, place)
            kind = store.things[entity, E_KIND]
            is_known = at < as_of or (q == 0 and at == as_of)
            if kind == 0 or weights[kind] == 0 or not is_known or at < as_of - limits.walk:
                continue
            x = meet(n, scratch.x, store.things, entity)
            if x < 0:
                x = meet_first(n, scratch.x, store.things, store.l_at, limits, strong, entity, as_of, 0)
            if x >= 0 and at < as_of:
                scratch.x[x, X_OWN] += 1
    whole = 0
    for x in range(n[1]):
        if scratch.x[x, X_LEVEL] == 0:
            whole += weights[store.things[scratch.x[x, X_THING], E_KIND]]
    for x in range(n[1]):
        if scratch.x[x, X_LEVEL] == 0:
            scratch.x[x, X_CARRIED] = MASS * weights[store.things[scratch.x[x, X_THING], E_KIND]] // whole


@njit(cache=True)
def open_things(
    store: Store, scratch: Scratch, limits: Limits, weights: Ints, strong: Ints, q: int, as_of: int, level: int
) -> None:
    """Meet the things of a neighbour and hand on half of what the walk brought it, to those not met before."""
    n = scratch.n
    app = scratch.q[q, Q_APP]
    whole = 0
    first, last = store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]
    for place in range(first, last):
        entity, at = store.touches[place, T_THING], touch_at(store.touches, store.late, store.apps, app, place)
        kind = store.things[entity, E_KIND]
        if weights[kind] == 0 or at >= as_of or at < as_of - limits.walk:
            continue
        x = meet(n, scratch.x, store.things, entity)
        if x < 0:
            x = meet_first(n, scratch.x, store.things, store.l_at, limits, strong, entity, as_of, level)
        if x >= 0 and scratch.x[x, X_LEVEL] >= 0:
            whole += weights[kind]
    half = scratch.q[q, Q_CARRIED] // 2
    for place in range(first, last):
        entity, at = store.touches[place, T_THING], touch_at(store.touches, store.late, store.apps, app, place)
        kind = store.things[entity, E_KIND]
        if weights[kind] == 0 or at >= as_of or at < as_of - limits.walk:
            continue
        x = meet(n, scratch.x, store.things, entity)
        if x >= 0 and scratch.x[x, X_LEVEL] == level:
            scratch.x[x, X_CARRIED] += half * weights[kind] // whole


@njit(cache=True)
def find_rings(store: Store, scratch: Scratch, first: int, last: int) -> None:
    """A thing met through one neighbour that another neighbour touches as well closes a ring with the applicant."""
    n = scratch.n
    store.counts[7] += 1
    stamp = store.counts[7]
    people = 0
    for i in range(first, last):
        app = store.l_app[i]
        q = store.rows[app, R_SLOT]
        if q >= n[0] or scratch.q[q, Q_APP] != app or scratch.q[q, Q_LEVEL] != 1:
            continue
        whose = store.rows[app, R_PERSON]
        if whose < 0:
            people += 1
        elif store.things[whose, E_SEEN] != stamp:
            store.things[whose, E_SEEN] = stamp
            people += 1
    if people < 2:
        return
    n[6] += people - 1
    for i in range(first, last):
        app = store.l_app[i]
        q = store.rows[app, R_SLOT]
        if q < n[0] and scratch.q[q, Q_APP] == app and scratch.q[q, Q_LEVEL] == 1:
            scratch.q[q, Q_RING] = 1


@njit(cache=True)
def visit(n: Ints, queue: Ints, rows: Small, most: int, app: int, level: int) -> int:
    """The place of a neighbour among those visited, put there if it is new; -1 if no more are visited."""
    q = rows[app, R_SLOT]
    if q < n[0] and queue[q, Q_APP] == app:
        return int(q)
    if n[0] - n[2] >= most:
        n[4] = 1
        return -1
    q = n[0]
    n[0] += 1
    rows[app, R_SLOT] = q
    queue[q, Q_APP], queue[q, Q_LEVEL] = app, level
    for column in range(Q_CARRIED, Q_RARE + 1):
        queue[q, column] = 0
    return int(q)


@njit(cache=True)
def read_thing(
    store: Store, scratch: Scratch, limits: Limits, strong: Ints, decay: Ints, x: int, as_of: int, level: int
) -> bool:
    """Visit the newest applications that touch a thing; False if the walk has read as much as it may."""
    n = scratch.n
    entity, last = scratch.x[x, X_THING], scratch.x[x, X_END]
    kind, root, person = store.things[entity, E_KIND], scratch.q[0, Q_APP], n[7]
    first = last - min(scratch.x[x, X_COUNT], limits.hub)
    if n[5] + last - first > limits.links:
        n[4] = 1
        return False
    n[5] += last - first
    whole, others, old = 0, 0, len(decay) - 1
    for i in range(first, last):
        app = store.l_app[i]
        if app != root and (person < 0 or store.rows[app, R_PERSON] != person):
            whole += decay[min((as_of - store.l_at[i]) // DAY, old)]
            others += 1
    if level == 1:
        find_rings(store, scratch, first, last)
    for i in range(last - 1, first - 1, -1):
        app = store.l_app[i]
        if app == root or (person >= 0 and store.rows[app, R_PERSON] == person):
            continue
        q = visit(n, scratch.q, store.rows, limits.visits, app, level + 1)
        if q < 0 or scratch.q[q, Q_LEVEL] != level + 1:
            continue
        scratch.q[q, Q_CARRIED] += scratch.x[x, X_CARRIED] * decay[min((as_of - store.l_at[i]) // DAY, old)] // whole
        if level == 0:
            scratch.q[q, Q_TIES] += 1
            scratch.q[q, Q_STRONG] += strong[kind]
            scratch.q[q, Q_CONTACTS] += kind == CONTACT
            scratch.q[q, Q_KINDS] |= 1 << kind
            scratch.q[q, Q_RARE] += kind != IP and others <= RARE
    return True


@njit(cache=True)
def walk(store: Store, scratch: Scratch, limits: Limits, weights: Ints, strong: Ints, decay: Ints, as_of: int) -> None:
    """Visit all within three ties, level by level, after ``begin`` has found the applicant's own."""
    n = scratch.n
    begins = scratch.begins
    begins[0] = 0
    begins[1] = n[0]
    is_whole = True
    for level in range(3):
        if level == 2 and n[0] - n[2] >= limits.visits:
            n[4], begins[4] = 1, n[0]
            break
        first_thing = n[1]
        if level == 0:
            open_own(store, scratch, limits, weights, strong, as_of)
        else:
            for q in range(begins[level], begins[level + 1]):
                open_things(store, scratch, limits, weights, strong, q, as_of, level)
        for x in range(first_thing, n[1]):
            if is_whole and scratch.x[x, X_LEVEL] == level:
                is_whole = read_thing(store, scratch, limits, strong, decay, x, as_of, level)
        begins[level + 2] = n[0]
        if not is_whole:
            for later in range(level + 3, 5):
                begins[later] = n[0]
            break


@njit(cache=True)
def join(store: Store, scratch: Scratch, limits: Limits, weights: Ints, strong: Ints, q: int, as_of: int) -> None:
    """Take one more application into the community and count anew which shared things lead out of it."""
    n = scratch.n
    app = scratch.q[q, Q_APP]
    for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
        entity, at = store.touches[place, T_THING], touch_at(store.touches, store.late, store.apps, app, place)
        if weights[store.things[entity, E_KIND]] == 0 or at >= as_of or at < as_of - limits.walk:
            continue
        x = meet(n, scratch.x, store.things, entity)
        if x < 0:
            x = meet_first(n, scratch.x, store.things, store.l_at, limits, strong, entity, as_of, 3)
        if x < 0 or scratch.x[x, X_LEVEL] < 0:
            continue
        others = scratch.x[x, X_COUNT] - scratch.x[x, X_OWN]
        if scratch.x[x, X_INSIDE] == 0 and scratch.x[x, X_LEVEL] > 0:
            n[8] += 1
            n[9] += 1
        scratch.x[x, X_INSIDE] += 1
        if scratch.x[x, X_INSIDE] == others:
            n[9] -= 1


@njit(cache=True)
def choose_community(store: Store, scratch: Scratch, limits: Limits, weights: Ints, strong: Ints, as_of: int) -> None:
    """Add neighbours by what the walk carried to them; keep as many as leave the smallest share of things leading out.

    The share is of shared things (touched by two at least, hubs left out); of equal shares the smaller community.
    """
    n = scratch.n
    n[8] = n[9] = n[10] = 0
    for x in range(n[1]):
        if scratch.x[x, X_LEVEL] == 0 and scratch.x[x, X_COUNT] > scratch.x[x, X_OWN]:
            n[8] += 1
            n[9] += 1
    others = n[0] - n[2]
    order = np.argsort(-scratch.q[n[2] : n[0], Q_CARRIED], kind="mergesort")
    best_linked, best_cut, best = n[8], n[9], 0
    for i in range(min(others, limits.community)):
        q = n[2] + order[i]
        scratch.chosen[i] = q
        join(store, scratch, limits, weights, strong, q, as_of)
        if n[9] * best_linked < best_cut * n[8]:
            best_linked, best_cut, best = n[8], n[9], i + 1
    n[8], n[9], n[10] = best_linked, best_cut, best


@njit(cache=True)
def look_far(
    store: Store, scratch: Scratch, limits: Limits, weights: Ints, strong: Ints, decay: Ints, as_of: int
) -> None:
    """The walk and the community of one application."""
    walk(store, scratch, limits, weights, strong, decay, as_of)
    choose_community(store, scratch, limits, weights, strong, as_of)
