"""Who shares something with an applicant: other applications by what they have in common, as known at an instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from creditfactory.records.facts import load_neighbours
from creditfactory.records.tables import Application

SHOWN = 8


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """One other application that shares a tie; ``is_bad`` if that was known at the instant."""

    number: str
    trade_name: str
    status: str
    is_own: bool
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Ties:
    """All that share one kind of tie: how many, how many known bad, and the first of them."""

    kind: str
    others: int
    bads: int
    own: int
    rows: tuple[NeighbourRow, ...]


def read_ties(application_id: int, *, at: datetime) -> tuple[Ties, ...]:
    """The ties of an application to others, as they were known at an instant; those that turned out bad first."""
    neighbours = load_neighbours(application_id=application_id, at=at)
    kinds = dict.fromkeys(n.tie for n in neighbours)
    chosen = {
        kind: sorted(
            (n for n in neighbours if n.tie == kind),
            key=lambda n: (n.bad_known_at is None or n.bad_known_at > at, n.is_same_applicant),
        )
        for kind in kinds
    }
    wanted = {n.application for ties in chosen.values() for n in ties[:SHOWN]}
    home = Application.objects.filter(id=application_id).values("tenant_id")
    found = Application.objects.filter(tenant_id__in=home, number__in=wanted) if wanted else ()
    named = {row.number: row for row in found}
    return tuple(
        Ties(
            kind=kind,
            others=len({n.application for n in ties if not n.is_same_applicant}),
            bads=len({n.application for n in ties if n.bad_known_at is not None and n.bad_known_at <= at}),
            own=len({n.application for n in ties if n.is_same_applicant}),
            rows=tuple(
                NeighbourRow(
                    n.application, named[n.application].trade_name, named[n.application].status, n.is_same_applicant,
                    n.bad_known_at is not None and n.bad_known_at <= at,
                )
                for n in ties[:SHOWN]
                if n.application in named
            ),
        )
        for kind, ties in chosen.items()
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedApplication:
    """What a picture says of an application: its number, its firm's name and where it stands."""

    number: str
    trade_name: str
    status: str


def name_applications(tenant_id: int, applications: Iterable[int]) -> dict[int, NamedApplication]:
    """Applications of a factory by their id; those of another factory are not named."""
    found = Application.objects.filter(tenant_id=tenant_id, id__in=list(applications))
    return {row.pk: NamedApplication(row.number, row.trade_name, row.status) for row in found}
