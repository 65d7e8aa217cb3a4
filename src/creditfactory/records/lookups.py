"""One application as its partners may see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from creditfactory.records.tables import Application, Visit, WorkItem


@dataclass(frozen=True, slots=True)
class ApplicationState:
    """Where an application stands, without a person's facts."""

    id: int
    number: str
    reference: str
    status: str
    station: str
    waits_for: str
    lane: str
    reason: str
    amount_cents: int
    currency: str
    channel: str
    applied_at: datetime
    decided_at: datetime | None
    money_at: datetime | None
    pack: str
    applied_on: date
    rulebook: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class VisitTold:
    """What a station left of an application: its way out, result and reasons, as kept."""

    station: str
    outcome: str
    result: dict[str, Any]
    reasons: list[dict[str, Any]]


FIELDS = (
    "id", "number", "reference", "status", "station", "waits_for", "lane", "reason", "amount_cents", "currency",
    "channel", "applied_at", "decided_at", "money_at", "pack", "applied_on", "rulebook", "due_at",
)  # fmt: skip


def find_application(*, tenant_id: int, number: str) -> ApplicationState | None:
    """The state of an application by its number."""
    row = Application.objects.filter(tenant_id=tenant_id, number=number).values_list(*FIELDS).first()
    return ApplicationState(*row) if row else None


def list_applications(
    *, tenant_id: int, channel: str | None = None, status: str | None = None, before: int | None = None, most: int = 50
) -> list[ApplicationState]:
    """The states of applications, the newest first, before the one with that id; of one channel, in one status."""
    found = Application.objects.filter(tenant_id=tenant_id)
    if channel is not None:
        found = found.filter(channel=channel)
    if status is not None:
        found = found.filter(status=status)
    if before is not None:
        found = found.filter(id__lt=before)
    return [ApplicationState(*row) for row in found.order_by("-id").values_list(*FIELDS)[:most]]


def find_visit(*, application_id: int, station: str | None = None) -> VisitTold | None:
    """The last visit of an application, to a station where one is named."""
    found = Visit.objects.filter(application_id=application_id)
    if station is not None:
        found = found.filter(station=station)
    row = found.order_by("-sequence").values_list("station", "outcome", "result", "reasons").first()
    return None if row is None else VisitTold(row[0], row[1], json.loads(row[2]), json.loads(row[3]))


def find_work_order(*, tenant_id: int, item_id: int) -> tuple[str, dict[str, Any]] | None:
    """The kind of a piece of work and its brief, if it belongs to the factory."""
    row = WorkItem.objects.filter(id=item_id, application__tenant_id=tenant_id).values_list("kind", "brief").first()
    return None if row is None else (row[0], json.loads(row[1]))
