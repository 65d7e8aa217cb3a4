"""The neighbourhood of an application as a picture needs it: applications, the things they share, and the ties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from creditfactory.network.index import EPOCH, NetworkIndex, to_instant
from creditfactory.network.kinds import KINDS
from creditfactory.network.scratch import Q_APP, Q_CARRIED, Q_LEVEL
from creditfactory.network.store import (
    A_AT,
    A_BAD,
    A_BASE,
    A_FRAUD,
    E_COUNT,
    E_KIND,
    E_START,
    R_COUNT,
    R_PERSON,
    R_START,
    T_LATE,
    T_THING,
)


@dataclass(frozen=True, slots=True)
class ApplicationNode:
    """An application in the picture: how many ties away (0 is the applicant's own), and what is known of it."""

    application: int
    level: int
    known_at: datetime
    is_bad: bool
    is_fraud: bool


@dataclass(frozen=True, slots=True)
class ThingNode:
    """A thing that applications of the picture touch; ``others`` is how many touch it in all, also outside it."""

    key: int
    kind: str
    others: int


@dataclass(frozen=True, slots=True)
class Link:
    """An application of the picture touches a thing of it, known since an instant."""

    application: int
    key: int
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A picture's nodes and links; ``left_out`` is how many applications within its reach are not shown."""

    applications: tuple[ApplicationNode, ...]
    things: tuple[ThingNode, ...]
    links: tuple[Link, ...]
    left_out: int


def draw_neighbourhood(
    index: NetworkIndex, application: int, *, as_of: datetime, hops: int = 2, cap: int = 60
) -> Neighbourhood:
    """Who stands around an application as known at an instant: the closest ``cap`` others within ``hops`` ties.

    Shown are the things that the application itself touches, and those that two of the picture share.

    >>> from creditfactory.network.index import Tie
    >>> noon = EPOCH + timedelta(days=20_000)
    >>> index = NetworkIndex()
    >>> index.add([Tie(n, "device", "D-1", noon + n * timedelta(hours=1)) for n in (1, 2, 3)])
    >>> seen = draw_neighbourhood(index, 2, as_of=noon + timedelta(hours=2))
    >>> [(node.application, node.level) for node in seen.applications], seen.things[0].others, len(seen.links)
    ([(2, 0), (1, 1)], 1, 2)
    """
    if not index.has(application):
        return Neighbourhood((), (), (), 0)
    instant = to_instant(as_of)
    index.look(application, instant)
    scratch, arrays = index.scratch, index.arrays
    visited, own = int(scratch.n[0]), int(scratch.n[2])
    reached = [q for q in range(own, visited) if scratch.q[q, Q_LEVEL] <= hops]
    chosen = [*range(own), *sorted(reached, key=lambda q: -int(scratch.q[q, Q_CARRIED]))[:cap]]
    rows = [int(scratch.q[q, Q_APP]) for q in chosen]
    touched = {row: _list_touched(index, row, instant, is_root=place == 0) for place, row in enumerate(rows)}
    users: dict[int, int] = {}
    for things in touched.values():
        for thing in things:
            users[thing] = users.get(thing, 0) + 1
    shown = {thing for thing, count in users.items() if count > 1} | set(touched[rows[0]])
    return Neighbourhood(
        applications=tuple(
            ApplicationNode(
                application=int(arrays.a_id[row]), level=int(scratch.q[q, Q_LEVEL]),
                known_at=_to_datetime(int(arrays.apps[row, A_AT])), is_bad=bool(arrays.apps[row, A_BAD] <= instant),
                is_fraud=bool(arrays.apps[row, A_FRAUD] <= instant),
            )
            for q, row in zip(chosen, rows, strict=True)
        ),
        things=tuple(
            ThingNode(
                int(arrays.e_key[thing]), KINDS[arrays.things[thing, E_KIND]].code,
                _count_others(index, thing, rows[0], instant),
            )
            for thing in sorted(shown)
        ),
        links=tuple(
            Link(int(arrays.a_id[row]), int(arrays.e_key[thing]), _to_datetime(at))
            for row in rows for thing, at in touched[row].items() if thing in shown
        ),
        left_out=len(reached) - (len(chosen) - own),
    )  # fmt: skip


def list_shared(picture: Neighbourhood) -> dict[int, tuple[str, ...]]:
    """For each other application of a picture, the kinds of thing it shares with the applicant; none two ties away.

    >>> from creditfactory.network.index import Tie
    >>> noon = EPOCH + timedelta(days=20_000)
    >>> index = NetworkIndex()
    >>> index.add([Tie(n, "device", "D-1", noon + n * timedelta(hours=1)) for n in (1, 2, 3)])
    >>> sorted(list_shared(draw_neighbourhood(index, 3, as_of=noon + timedelta(hours=3))).items())
    [(1, ('device',)), (2, ('device',))]
    """
    own = {node.application for node in picture.applications if node.level == 0}
    kinds = {thing.key: thing.kind for thing in picture.things}
    touched = {link.key for link in picture.links if link.application in own}
    found: dict[int, list[str]] = {node.application: [] for node in picture.applications if node.level}
    for link in picture.links:
        if link.application in found and link.key in touched:
            found[link.application].append(kinds[link.key])
    return {application: tuple(dict.fromkeys(shared)) for application, shared in found.items()}


def _list_touched(index: NetworkIndex, row: int, instant: int, *, is_root: bool) -> dict[int, int]:
    """The things of an application known by then, with since when."""
    arrays = index.arrays
    start, count = int(arrays.rows[row, R_START]), int(arrays.rows[row, R_COUNT])
    found = {}
    for place in range(start, start + count):
        late = int(arrays.touches[place, T_LATE])
        at = int(arrays.late[late]) if late else int(arrays.apps[row, A_BASE])
        if at < instant or (is_root and at == instant):
            found[int(arrays.touches[place, T_THING])] = at
    return found


def _count_others(index: NetworkIndex, thing: int, root: int, instant: int) -> int:
    """Other people's applications that were known to touch a thing."""
    arrays = index.arrays
    start, count = int(arrays.things[thing, E_START]), int(arrays.things[thing, E_COUNT])
    known = start + int((arrays.l_at[start : start + count] < instant).sum())
    apps = arrays.l_app[start:known]
    person = int(arrays.rows[root, R_PERSON])
    strangers = (apps != root) & ((arrays.rows[apps, R_PERSON] != person) | (person < 0))
    return int(strangers.sum())


def _to_datetime(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)
