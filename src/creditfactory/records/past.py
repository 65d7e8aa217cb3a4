"""Past decisions as they were kept: every visit with its rules, its engine and what it read, to be recomputed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import Application, Visit


@dataclass(frozen=True, slots=True)
class PastVisit:
    """One visit with all that is needed to make it again; ``result``, ``reasons`` and ``inputs`` are JSON text."""

    sequence: int
    station: str
    outcome: str
    lane: str
    result: str
    reasons: str
    actor: str
    business_on: date
    rulebook: str
    engine: str
    inputs: str
    started_at: datetime
    finished_at: datetime


LOAD_VISITS = """
SELECT sequence, station, outcome, lane, result, reasons, actor, business_on, rulebook, engine, inputs, started_at,
  finished_at
FROM visit WHERE application_id = %s::bigint ORDER BY sequence
"""


def load_past_visits(application_id: int) -> tuple[PastVisit, ...]:
    """Every visit of an application, in order."""
    return tuple(PastVisit(*row) for row in run_prepared(LOAD_VISITS, [application_id]).fetchall())


def find_decided(number: str, *, tenant: str = "") -> list[tuple[int, str]]:
    """The applications of that number that policy has judged, each with its factory; usually one."""
    found = Application.objects.filter(number=number, visit__station="policy")
    if tenant:
        found = found.filter(tenant__code=tenant)
    return list(found.order_by("id").values_list("id", "tenant__code").distinct())


def each_decided(*, tenant: str = "", limit: int | None = None) -> Iterator[int]:
    """The ids of all applications that policy has judged, in the order they came in; so many at the most."""
    judged = Visit.objects.filter(station="policy")
    if tenant:
        judged = judged.filter(application__tenant__code=tenant)
    ids = judged.order_by("application_id").values_list("application_id", flat=True).distinct()
    yield from ids[:limit] if limit is not None else ids
