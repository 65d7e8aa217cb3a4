"""One application as its partners may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.records.tables import Application, WorkItem


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


FIELDS = (
    "id", "number", "reference", "status", "station", "waits_for", "lane", "reason", "amount_cents", "currency",
    "channel", "applied_at", "decided_at", "money_at",
)  # fmt: skip


def find_application(*, tenant_id: int, number: str) -> ApplicationState | None:
    """The state of an application by its number."""
    row = Application.objects.filter(tenant_id=tenant_id, number=number).values_list(*FIELDS).first()
    return ApplicationState(*row) if row else None


def find_work_kind(*, tenant_id: int, item_id: int) -> str | None:
    """What kind of work a piece of work is, if it belongs to the factory."""
    return WorkItem.objects.filter(id=item_id, application__tenant_id=tenant_id).values_list("kind", flat=True).first()
