"""The index's arrays: applications, the things they touch, and the links between them in the order of time.

The kernels are compiled with these numbers in them and kept on disk: who changes a number changes their files too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]

NEVER = 2**62
"""The instant of what is not known to have happened, in microseconds."""

APPLICATIONS, ENTITIES, TOUCHES, LATE, LINKS, SLABS, BADS, MARK = range(8)
"""What ``Store.counts`` counts: how much of each group of arrays is in use; the last is the marking number."""

A_AT, A_BASE, A_BAD, A_FRAUD = range(4)
"""Instants of an application: first known, what its touches count from, known as bad, known as fraud."""
R_PERSON, R_START, R_COUNT, R_ROOM, R_SLOT = range(5)
"""An application's person, where its touches lie, and its place in a walk."""
E_START, E_COUNT, E_ROOM, E_KIND, E_BADS, E_SLOT, E_SEEN = range(7)
"""Where a thing's links lie, its kind, the slab of its bads, its place in a walk, its last mark."""
T_THING, T_LATE = range(2)
"""The thing touched, and where its own instant stands if that is not the application's."""
B_START, B_COUNT, B_ROOM = range(3)
"""Where the instants lie at which a thing's links became known as bad."""
CLASSES = 40


class Store(NamedTuple):
    """All arrays of an index; the position of a row is its number, an instant is in microseconds since 1970.

    An application's touches lie together, ordered by kind and key; a thing's links together, oldest first, with the
    smaller number of application first of those of one instant. ``free_*`` begin the chains of slabs given back.
    """

    counts: Ints
    a_id: Ints
    apps: Ints
    rows: Small
    e_key: Ints
    things: Small
    touches: Small
    late: Ints
    l_at: Ints
    l_app: Small
    slabs: Small
    b_at: Ints
    free_links: Ints
    free_bads: Ints
    h_app: Small
    h_entity: Small


GROUPS: tuple[tuple[str, ...], ...] = (
    ("a_id", "apps", "rows"), ("e_key", "things"), ("touches",), ("late",), ("l_at", "l_app"), ("slabs",), ("b_at",),
)  # fmt: skip
"""The arrays that grow together, by what ``Store.counts`` counts."""

FIRST = (1_024, 2_048, 8_192, 256, 8_192, 256, 512)


def open_store() -> Store:
    """An index with nothing in it."""
    applications, entities, touches, late, links, slabs, bads = FIRST
    counts = np.zeros(8, dtype=np.int64)
    counts[LATE] = 1
    return Store(
        counts=counts,
        a_id=np.zeros(applications, dtype=np.int64),
        apps=np.zeros((applications, 4), dtype=np.int64),
        rows=np.zeros((applications, 5), dtype=np.int32),
        e_key=np.zeros(entities, dtype=np.int64),
        things=np.zeros((entities, 7), dtype=np.int32),
        touches=np.zeros((touches, 2), dtype=np.int32),
        late=np.zeros(late, dtype=np.int64),
        l_at=np.zeros(links, dtype=np.int64),
        l_app=np.zeros(links, dtype=np.int32),
        slabs=np.zeros((slabs, 3), dtype=np.int32),
        b_at=np.zeros(bads, dtype=np.int64),
        free_links=np.full(CLASSES, -1, dtype=np.int64),
        free_bads=np.full(CLASSES, -1, dtype=np.int64),
        h_app=np.full(4 * applications, -1, dtype=np.int32),
        h_entity=np.full(4 * entities, -1, dtype=np.int32),
    )


def grow(store: Store, group: int, need: int) -> Store:
    """The store with room for so many more rows of one group, half as large again as it was at least."""
    size = len(getattr(store, GROUPS[group][0]))
    wanted = max(int(store.counts[group]) + need, size + size // 2)
    larger = {}
    for name in GROUPS[group]:
        old = getattr(store, name)
        new = np.zeros((wanted, *old.shape[1:]), dtype=old.dtype)
        new[:size] = old
        larger[name] = new
    return store._replace(**larger)


def size_of(store: Store) -> int:
    """Bytes that the arrays take."""
    return sum(array.nbytes for array in store)
