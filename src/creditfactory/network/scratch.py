"""Where one look around keeps what it finds while it looks, and the limits it looks within."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from creditfactory.network.kinds import COMMUNITY_MAX, HUB, KINDS, LINKS_MAX, OWN_MAX, VISITS_MAX, WALK_DAYS
from creditfactory.network.store import Ints

ROOT_MAX = 128
THINGS_MAX = 32_768
"""``Scratch.n`` holds: visited, things met, own applications, own things, capped, links read, rings, the person's row,
shared things of the community, those leading out, members."""


Q_APP, Q_LEVEL, Q_CARRIED, Q_TIES, Q_STRONG, Q_CONTACTS, Q_KINDS, Q_RING, Q_RARE = range(9)
"""An application visited: its row, how many ties away, what the walk carried to it, and how it is tied."""
X_THING, X_LEVEL, X_END, X_COUNT, X_OWN, X_INSIDE, X_CARRIED = range(7)
"""A thing met: its row, at which level (-1 is a hub), where its known links end and how many count, the applicant's own
and those inside the community, what the walk carries through it."""


class Scratch(NamedTuple):
    """The applications visited (the applicant's own first) and the things met, in order; ``begins`` of each level."""

    n: Ints
    q: Ints
    x: Ints
    begins: Ints
    root: Ints
    chosen: Ints


class Limits(NamedTuple):
    """The limits of a look around; times in microseconds."""

    hub: int
    visits: int
    links: int
    own: int
    community: int
    walk: int


DAY = 86_400_000_000
LIMITS = Limits(HUB, VISITS_MAX, LINKS_MAX, OWN_MAX, COMMUNITY_MAX, WALK_DAYS * DAY)
WEIGHTS: Ints = np.array([kind.weight for kind in KINDS], dtype=np.int64)
STRONG: Ints = np.array([int(kind.is_strong) for kind in KINDS], dtype=np.int64)
HALF_LIFE_DAYS = 180
DECAY: Ints = np.array([max(1, round(10**6 * 0.5 ** (day / HALF_LIFE_DAYS))) for day in range(3_651)], dtype=np.int64)
"""What a tie or an outcome weighs after so many days, in millionths: half every 180 days."""
MASS = 10**12
"""What a random walk starts with."""


def open_scratch(limits: Limits = LIMITS) -> Scratch:
    """Room for one look around at a time."""
    size = 1 + limits.own + limits.visits
    return Scratch(
        n=np.zeros(16, dtype=np.int64),
        q=np.zeros((size, 9), dtype=np.int64),
        x=np.zeros((THINGS_MAX, 7), dtype=np.int64),
        begins=np.zeros(6, dtype=np.int64),
        root=np.zeros(ROOT_MAX, dtype=np.int64),
        chosen=np.zeros(size, dtype=np.int64),
    )
