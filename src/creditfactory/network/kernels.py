"""Taking applications, links and outcomes into the index, in any order, twice as well as once; and out again."""

from __future__ import annotations

import numpy as np
from numba import njit

from creditfactory.network.store import (
    A_AT,
    A_BAD,
    A_BASE,
    A_FRAUD,
    B_COUNT,
    B_ROOM,
    B_START,
    E_BADS,
    E_COUNT,
    E_KIND,
    E_ROOM,
    E_START,
    R_COUNT,
    R_PERSON,
    R_ROOM,
    R_START,
    T_LATE,
    T_THING,
    Ints,
    Small,
    Store,
)

DONE = -1
NEVER = 2**62


@njit(cache=True)
def spread(key: int, mask: int) -> int:
    """Where to begin looking for a number in a table of places."""
    mixed = (key ^ (key >> 29)) * 0x5851F42D4C957F2D
    return (mixed >> 24) & mask


@njit(cache=True)
def find(table: Small, keys: Ints, key: int) -> int:
    """The row with this number, or -1."""
    mask = len(table) - 1
    slot = spread(key, mask)
    while table[slot] >= 0:
        if keys[table[slot]] == key:
            return int(table[slot])
        slot = (slot + 1) & mask
    return -1


@njit(cache=True)
def find_many(table: Small, keys: Ints, wanted: Ints, found: Ints) -> None:
    """The rows with these numbers, or -1."""
    for i in range(len(wanted)):
        found[i] = find(table, keys, wanted[i])


@njit(cache=True)
def enter(table: Small, key: int, row: int) -> None:
    """Put a row that is not there yet into its table of places."""
    mask = len(table) - 1
    slot = spread(key, mask)
    while table[slot] >= 0:
        slot = (slot + 1) & mask
    table[slot] = row


@njit(cache=True)
def enter_all(table: Small, keys: Ints, count: int) -> None:
    """Fill an empty table of places anew."""
    for row in range(count):
        enter(table, keys[row], row)


@njit(cache=True)
def take_slab(free: Ints, chain: Ints, end: int, size_class: int) -> int:
    """The start of a slab of 2 ** size_class rows: one given back earlier, or the end of the pool."""
    start = free[size_class]
    if start >= 0:
        free[size_class] = chain[start]
        return int(start)
    return end


@njit(cache=True)
def class_of(room: int) -> int:
    """Which slab holds so many rows."""
    size_class = 0
    while (1 << size_class) < room:
        size_class += 1
    return size_class


@njit(cache=True)
def need_application(store: Store, key: int) -> int:
    """The row of an application, made if it is new; the caller has seen to it that there is room."""
    row = find(store.h_app, store.a_id, key)
    if row >= 0:
        return row
    row = store.counts[0]
    store.counts[0] += 1
    store.a_id[row] = key
    store.apps[row, A_AT] = NEVER
    store.apps[row, A_BASE] = NEVER
    store.apps[row, A_BAD] = NEVER
    store.apps[row, A_FRAUD] = NEVER
    store.rows[row, R_PERSON] = -1
    store.rows[row, R_START] = 0
    store.rows[row, R_COUNT] = 0
    store.rows[row, R_ROOM] = 0
    enter(store.h_app, key, row)
    return int(row)


@njit(cache=True)
def need_entity(store: Store, key: int, kind: int) -> int:
    """The row of a thing, made if it is new."""
    row = find(store.h_entity, store.e_key, key)
    if row >= 0:
        return row
    row = store.counts[1]
    store.counts[1] += 1
    store.e_key[row] = key
    store.things[row, E_KIND] = kind
    store.things[row, E_START] = 0
    store.things[row, E_COUNT] = 0
    store.things[row, E_ROOM] = 0
    store.things[row, E_BADS] = -1
    enter(store.h_entity, key, row)
    return int(row)


@njit(cache=True)
def add_touch(store: Store, app: int, entity: int, at: int) -> bool:
    """Write a thing into its application's list, by kind and key; False if it was there."""
    start, count = store.rows[app, R_START], store.rows[app, R_COUNT]
    kind, key = store.things[entity, E_KIND], store.e_key[entity]
    place = start + count
    for i in range(start, start + count):
        other = store.touches[i, T_THING]
        if other == entity:
            return False
        if place == start + count and (
            store.things[other, E_KIND] > kind or (store.things[other, E_KIND] == kind and store.e_key[other] > key)
        ):
            place = i
    if count == store.rows[app, R_ROOM]:
        room = 12 if count == 0 else count + 4
        end = store.counts[2]
        for i in range(count):
            store.touches[end + i, T_THING] = store.touches[start + i, T_THING]
            store.touches[end + i, T_LATE] = store.touches[start + i, T_LATE]
        store.rows[app, R_START], store.rows[app, R_ROOM] = end, room
        store.counts[2] += room
        place += end - start
        start = end
    for i in range(start + count, place, -1):
        store.touches[i, T_THING] = store.touches[i - 1, T_THING]
        store.touches[i, T_LATE] = store.touches[i - 1, T_LATE]
    if store.apps[app, A_BASE] == NEVER:
        store.apps[app, A_BASE] = at
    late = 0
    if store.apps[app, A_BASE] != at:
        late = store.counts[3]
        store.late[late] = at
        store.counts[3] += 1
    store.touches[place, T_THING], store.touches[place, T_LATE] = entity, late
    store.rows[app, R_COUNT] += 1
    store.apps[app, A_AT] = min(store.apps[app, A_AT], at)
    return True


@njit(cache=True)
def add_link(store: Store, entity: int, app: int, at: int) -> None:
    """Write an application into its thing's list, by instant and then by the application's number."""
    start, count = store.things[entity, E_START], store.things[entity, E_COUNT]
    if count == store.things[entity, E_ROOM]:
        size_class = 0 if count == 0 else class_of(count) + 1
        fresh = take_slab(store.free_links, store.l_at, store.counts[4], size_class)
        if fresh == store.counts[4]:
            store.counts[4] += 1 << size_class
        for i in range(count):
            store.l_at[fresh + i], store.l_app[fresh + i] = store.l_at[start + i], store.l_app[start + i]
        if count > 0:
            store.l_at[start] = store.free_links[class_of(count)]
            store.free_links[class_of(count)] = start
        store.things[entity, E_START], store.things[entity, E_ROOM] = fresh, 1 << size_class
        start = fresh
    place = start + count
    while place > start and (
        store.l_at[place - 1] > at
        or (store.l_at[place - 1] == at and store.a_id[store.l_app[place - 1]] > store.a_id[app])
    ):
        store.l_at[place], store.l_app[place] = store.l_at[place - 1], store.l_app[place - 1]
        place -= 1
    store.l_at[place], store.l_app[place] = at, app
    store.things[entity, E_COUNT] += 1


@njit(cache=True)
def add_bad(store: Store, entity: int, at: int) -> None:
    """Write the instant at which one of a thing's links became known as bad."""
    slab = store.things[entity, E_BADS]
    if slab < 0:
        slab = store.counts[5]
        store.counts[5] += 1
        store.things[entity, E_BADS] = slab
        store.slabs[slab, B_START] = 0
        store.slabs[slab, B_COUNT] = 0
        store.slabs[slab, B_ROOM] = 0
    start, count = store.slabs[slab, B_START], store.slabs[slab, B_COUNT]
    if count == store.slabs[slab, B_ROOM]:
        size_class = 0 if count == 0 else class_of(count) + 1
        fresh = take_slab(store.free_bads, store.b_at, store.counts[6], size_class)
        if fresh == store.counts[6]:
            store.counts[6] += 1 << size_class
        for i in range(count):
            store.b_at[fresh + i] = store.b_at[start + i]
        if count > 0:
            store.b_at[start] = store.free_bads[class_of(count)]
            store.free_bads[class_of(count)] = start
        store.slabs[slab, B_START], store.slabs[slab, B_ROOM] = fresh, 1 << size_class
        start = fresh
    place = start + count
    while place > start and store.b_at[place - 1] > at:
        store.b_at[place] = store.b_at[place - 1]
        place -= 1
    store.b_at[place] = at
    store.slabs[slab, B_COUNT] += 1


@njit(cache=True)
def drop_bad(store: Store, entity: int, at: int) -> None:
    """Take one such instant out again."""
    slab = store.things[entity, E_BADS]
    start, end = store.slabs[slab, B_START], store.slabs[slab, B_START] + store.slabs[slab, B_COUNT]
    for i in range(start, end):
        if store.b_at[i] == at:
            for j in range(i, end - 1):
                store.b_at[j] = store.b_at[j + 1]
            store.slabs[slab, B_COUNT] -= 1
            return


@njit(cache=True)
def touch_at(touches: Small, late: Ints, apps: Ints, app: int, place: int) -> int:
    """Since when it is known that an application touches the thing at this place of its list."""
    own = touches[place, T_LATE]
    return int(late[own]) if own > 0 else int(apps[app, A_BASE])


@njit(cache=True)
def lacks_room(store: Store, app: int, entity: int) -> int:
    """Which group of arrays must grow before one more link can be taken in, or DONE."""
    counts = store.counts
    if counts[0] >= len(store.a_id):
        return 0
    if counts[1] >= len(store.e_key):
        return 1
    touches = 12 if app < 0 else int(store.rows[app, R_COUNT]) + 4
    if counts[2] + touches > len(store.touches):
        return 2
    if counts[3] >= len(store.late):
        return 3
    links = 1 if entity < 0 else 2 * int(store.things[entity, E_ROOM]) + 1
    if counts[4] + links > len(store.l_at):
        return 4
    if counts[5] >= len(store.slabs):
        return 5
    bads = 1
    if entity >= 0 and store.things[entity, E_BADS] >= 0:
        bads = 2 * int(store.slabs[store.things[entity, E_BADS], B_ROOM]) + 1
    if counts[6] + bads > len(store.b_at):
        return 6
    return DONE


@njit(cache=True)
def add_links(
    store: Store, apps: Ints, keys: Ints, kinds: Small, instants: Ints, order: Ints, first: int
) -> tuple[int, int]:
    """Take links in from the ``first`` on; how far it came, and which group of arrays must grow to go on, or DONE."""
    for n in range(first, len(order)):
        i = order[n]
        app = find(store.h_app, store.a_id, apps[i])
        entity = find(store.h_entity, store.e_key, keys[i])
        short = lacks_room(store, app, entity)
        if short != DONE:
            return n, short
        app = need_application(store, apps[i])
        entity = need_entity(store, keys[i], kinds[i])
        if not add_touch(store, app, entity, instants[i]):
            continue
        if kinds[i] == 0:
            store.rows[app, R_PERSON] = entity
        add_link(store, entity, app, instants[i])
        if store.apps[app, A_BAD] != NEVER:
            add_bad(store, entity, max(instants[i] + 1, store.apps[app, A_BAD]))
    return len(order), DONE


@njit(cache=True)
def add_outcomes(store: Store, apps: Ints, instants: Ints, frauds: Small, first: int) -> tuple[int, int]:
    """Take outcomes in from the ``first`` on; the earliest of an application counts."""
    for i in range(first, len(apps)):
        app = find(store.h_app, store.a_id, apps[i])
        if app < 0 and store.counts[0] >= len(store.a_id):
            return i, 0
        app = need_application(store, apps[i])
        for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
            short = lacks_room(store, app, store.touches[place, T_THING])
            if short != DONE:
                return i, short
        if store.counts[5] + store.rows[app, R_COUNT] > len(store.slabs):
            return i, 5
        if store.counts[6] + needed_bads(store, app) > len(store.b_at):
            return i, 6
        if frauds[i] != 0:
            store.apps[app, A_FRAUD] = min(store.apps[app, A_FRAUD], instants[i])
        before = store.apps[app, A_BAD]
        if instants[i] >= before:
            continue
        store.apps[app, A_BAD] = instants[i]
        for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
            at = touch_at(store.touches, store.late, store.apps, app, place) + 1
            if before != NEVER:
                drop_bad(store, store.touches[place, T_THING], max(at, before))
            add_bad(store, store.touches[place, T_THING], max(at, instants[i]))
    return len(apps), DONE


@njit(cache=True)
def needed_bads(store: Store, app: int) -> int:
    """The most rows that one outcome of this application can take."""
    needed = 0
    for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
        slab = store.things[store.touches[place, T_THING], E_BADS]
        needed += 1 if slab < 0 else 2 * int(store.slabs[slab, B_ROOM]) + 1
    return needed


@njit(cache=True)
def forget(store: Store, apps: Ints) -> None:
    """Take applications out: nothing they touched remembers them."""
    for i in range(len(apps)):
        app = find(store.h_app, store.a_id, apps[i])
        if app < 0:
            continue
        for place in range(store.rows[app, R_START], store.rows[app, R_START] + store.rows[app, R_COUNT]):
            entity = store.touches[place, T_THING]
            if store.apps[app, A_BAD] != NEVER:
                drop_bad(
                    store,
                    entity,
                    max(touch_at(store.touches, store.late, store.apps, app, place) + 1, store.apps[app, A_BAD]),
                )
            start, end = store.things[entity, E_START], store.things[entity, E_START] + store.things[entity, E_COUNT]
            for j in range(start, end):
                if store.l_app[j] == app:
                    for k in range(j, end - 1):
                        store.l_at[k], store.l_app[k] = store.l_at[k + 1], store.l_app[k + 1]
                    store.things[entity, E_COUNT] -= 1
                    break
        store.rows[app, R_COUNT] = 0
        store.rows[app, R_PERSON] = -1
        store.apps[app, A_BAD] = NEVER
        store.apps[app, A_FRAUD] = NEVER
        store.apps[app, A_BASE] = NEVER
        store.apps[app, A_AT] = NEVER


def make_table(size: int) -> Small:
    """An empty table of places, at most half full with so many rows."""
    return np.full(1 << max(10, (2 * size - 1).bit_length()), -1, dtype=np.int32)
