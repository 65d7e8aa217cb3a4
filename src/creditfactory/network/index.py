"""The index of who stands behind whom: taken from edges and outcomes as they become known, asked as of any instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from creditfactory.network import kernels, store
from creditfactory.network.indicators import INDICATORS, PER_KIND
from creditfactory.network.kernels_counts import count_all
from creditfactory.network.kernels_direct import look_direct
from creditfactory.network.kernels_walk import look_far
from creditfactory.network.kinds import KINDS, NUMBER, find_key
from creditfactory.network.neighbours import NetworkView, OwnLoan, summarise_values
from creditfactory.network.scratch import DECAY, LIMITS, STRONG, WEIGHTS, Limits, open_scratch
from creditfactory.network.store import Ints, Small

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
NONE = -(2**62)
HOPS = (len(KINDS) - 1) * PER_KIND + 6 + len(KINDS)
"""Where the numbers of the hops begin; before them stand those of each kind and the person's own."""
MARKS_MAX = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Tie:
    """An application touches a thing, known since an instant: kind and blind token."""

    application: int
    kind: str
    token: str
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Turned:
    """An application turned out bad, known since an instant; fraud or default."""

    application: int
    known_at: datetime
    is_fraud: bool = False


def to_instant(at: datetime) -> int:
    """An instant in microseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND


class NetworkIndex:
    """Links and outcomes in the order of time, whatever the order in which they were taken in.

    Not for two threads at once; whoever shares it takes turns.

    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> index = NetworkIndex()
    >>> index.add([Tie(1, "person", "P-1", noon), Tie(1, "device", "D-1", noon)])
    >>> later = noon + timedelta(hours=1)
    >>> index.add([Tie(2, "person", "P-2", later), Tie(2, "device", "D-1", later)])
    >>> index.turn([Turned(1, noon + timedelta(days=30))])
    >>> seen = index.look_around(2, as_of=noon + timedelta(hours=2))
    >>> seen.device_others, seen.strong_tie_bads, seen.values["network__device__others__1d"]
    (1, 0, 1)
    >>> index.look_around(2, as_of=noon + timedelta(days=31)).strong_tie_bads
    1
    """

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.arrays = store.open_store()
        self.scratch = open_scratch(limits)
        self._out: Ints = np.empty(len(INDICATORS), dtype=np.int64)

    @staticmethod
    def warm() -> None:
        """Have every compiled part ready: a look at a tiny market, with all that can happen in it."""
        noon = EPOCH + timedelta(days=20_000)
        index = NetworkIndex()
        index.add([Tie(n, kind.code, f"{n // 2}", noon + n * timedelta(days=1)) for n in range(4) for kind in KINDS])
        index.turn([Turned(0, noon), Turned(1, noon, is_fraud=True)])
        index.look_around(3, as_of=noon + timedelta(days=9))
        index.forget([2])
        index.has(1)
        kernels.enter_all(kernels.make_table(4), index.arrays.a_id, 4)

    @property
    def applications(self) -> int:
        """How many applications it knows."""
        return int(self.arrays.counts[store.APPLICATIONS])

    @property
    def things(self) -> int:
        """How many different things they touch."""
        return int(self.arrays.counts[store.ENTITIES])

    @property
    def bytes(self) -> int:
        """How much memory its arrays take."""
        return store.size_of(self.arrays)

    def add(self, ties: Iterable[Tie]) -> None:
        """Take ties in; one that is known already changes nothing."""
        rows = list(ties)
        if rows:
            self.add_columns(
                np.array([tie.application for tie in rows], dtype=np.int64),
                np.array([find_key(tie.kind, tie.token) for tie in rows], dtype=np.int64),
                np.array([NUMBER[tie.kind] for tie in rows], dtype=np.int32),
                np.array([to_instant(tie.known_at) for tie in rows], dtype=np.int64),
            )

    def add_columns(self, applications: Ints, keys: Ints, kinds: Small, instants: Ints) -> None:
        """Take many ties in, as columns: number of the application, of the thing and of its kind, microseconds."""
        order = np.argsort(instants, kind="stable")
        done = 0
        while done < len(order):
            done, short = kernels.add_links(self.arrays, applications, keys, kinds, instants, order, done)
            self._grow(short, len(order) - done)

    def turn(self, outcomes: Iterable[Turned]) -> None:
        """Take outcomes in; the earliest bad one of an application counts."""
        rows = list(outcomes)
        if rows:
            self.turn_columns(
                np.array([row.application for row in rows], dtype=np.int64),
                np.array([to_instant(row.known_at) for row in rows], dtype=np.int64),
                np.array([row.is_fraud for row in rows], dtype=np.int32),
            )

    def turn_columns(self, applications: Ints, instants: Ints, frauds: Small) -> None:
        """Take many outcomes in, as columns."""
        done = 0
        while done < len(applications):
            done, short = kernels.add_outcomes(self.arrays, applications, instants, frauds, done)
            self._grow(short, len(applications) - done)

    def forget(self, applications: Sequence[int]) -> None:
        """Take applications out, as if they had never been."""
        kernels.forget(self.arrays, np.array(applications, dtype=np.int64))

    def has(self, application: int) -> bool:
        """Whether the application touches anything that is known here."""
        row = kernels.find(self.arrays.h_app, self.arrays.a_id, application)
        return bool(row >= 0 and self.arrays.rows[row, store.R_COUNT] > 0)

    def look(self, application: int, as_of: int) -> tuple[NDArray[np.int64], int]:
        """The indicators' numbers in their order (``NONE`` where unknown), and bads by phone, device and card.

        What became known at ``as_of`` or later does not count, but outcomes known at that very instant and what the
        application itself then touches do.
        """
        out = self._out
        out.fill(NONE)
        arrays, scratch, limits = self.arrays, self.scratch, self.limits
        if arrays.counts[store.MARK] > MARKS_MAX:
            arrays.things[:, store.E_SEEN] = 0
            arrays.counts[store.MARK] = 0
        root = kernels.find(arrays.h_app, arrays.a_id, application)
        if root < 0 or arrays.rows[root, store.R_COUNT] == 0:
            return out, 0
        bads = look_direct(arrays, scratch, limits, root, as_of, out, PER_KIND, len(KINDS))
        look_far(arrays, scratch, limits, WEIGHTS, STRONG, DECAY, as_of)
        count_all(arrays, scratch, limits, STRONG, DECAY, as_of, out, HOPS, PER_KIND)
        return out, bads

    def look_around(
        self, application: int, *, as_of: datetime, own_loans: tuple[OwnLoan, ...] | None = None
    ) -> NetworkView:
        """What was known around an application at an instant."""
        out, bads = self.look(application, to_instant(as_of))
        return summarise_values(out.tolist(), bads, as_of=as_of, own_loans=own_loans)

    def _grow(self, group: int, need: int) -> None:
        """Make room where the kernel has run out of it."""
        if group == kernels.DONE:
            return
        self.arrays = store.grow(self.arrays, group, min(max(need, 64), 200_000) + 200)
        arrays = self.arrays
        if group == store.APPLICATIONS and 2 * len(arrays.a_id) > len(arrays.h_app):
            table = kernels.make_table(len(arrays.a_id))
            kernels.enter_all(table, arrays.a_id, int(arrays.counts[store.APPLICATIONS]))
            self.arrays = arrays._replace(h_app=table)
        if group == store.ENTITIES and 2 * len(arrays.e_key) > len(arrays.h_entity):
            table = kernels.make_table(len(arrays.e_key))
            kernels.enter_all(table, arrays.e_key, int(arrays.counts[store.ENTITIES]))
            self.arrays = arrays._replace(h_entity=table)
