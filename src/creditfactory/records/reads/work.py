"""The work for people: the queue in the order of what runs out soonest, and one item of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from creditfactory.records.reads.filters import matches_text
from creditfactory.records.tables import WorkItem

ROWS_SHOWN = 200
OPEN = ("open", "claimed")


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One work item as the queue shows it."""

    id: int
    number: str
    trade_name: str
    city: str
    industry: str
    station: str
    kind: str
    role: str
    lane: str
    points: int | None
    amount_cents: int
    currency: str
    pack: str
    applied_on: date
    due_at: datetime
    opened_at: datetime
    status: str
    claimed_by: str
    maker: str
    reasons: tuple[dict[str, Any], ...]
    is_rework: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """What matches a filter, soonest first, and how much there is of each kind without it."""

    rows: tuple[QueueRow, ...]
    total: int
    late: int
    mine: int
    by_station: dict[str, int]
    by_role: dict[str, int]


@dataclass(frozen=True, slots=True)
class WorkItemFile:
    """One work item with all that its page shows; ``brief`` says what is to be done."""

    row: QueueRow
    brief: dict[str, Any]
    note: str
    result: dict[str, Any]
    completed_by: str
    completed_at: datetime | None
    earlier: tuple[tuple[str, str, datetime | None], ...]


def read_queue(
    tenant_id: int, *, now: datetime, roles: Sequence[str] | None, mine: str = "", role: str = "", station: str = "",
    lane: str = "", text: str = "", me: str = "",
) -> Queue:  # fmt: skip
    """The open work of these roles (of all when None) that matches; ``mine`` keeps what that person has claimed."""
    items = _open_items(tenant_id, roles)
    by_station = dict(items.values_list("station").annotate(Count("id")).order_by())
    by_role = dict(items.values_list("role").annotate(Count("id")).order_by())
    mine_count = items.filter(claimed_by=me).count() if me else 0
    if mine:
        items = items.filter(claimed_by=mine)
    if role:
        items = items.filter(role=role)
    if station:
        items = items.filter(station=station)
    if lane:
        items = items.filter(application__lane=lane)
    if text:
        items = items.filter(matches_text(text, "application__"))
    totals = items.aggregate(all=Count("id"), late=Count("id", filter=Q(due_at__lt=now)))
    rows = tuple(_row(item) for item in items.order_by("due_at", "id").select_related("application")[:ROWS_SHOWN])
    return Queue(rows, totals["all"], totals["late"], mine_count, by_station, by_role)


def count_work(tenant_id: int, *, roles: Sequence[str] | None) -> int:
    """How many items wait for these roles."""
    return _open_items(tenant_id, roles).count()


def read_work_item(item_id: int) -> tuple[int, WorkItemFile] | None:
    """One item with the id of the factory it belongs to; None if there is none."""
    item = WorkItem.objects.select_related("application").filter(id=item_id).first()
    if item is None:
        return None
    earlier = (
        WorkItem.objects.filter(application=item.application, kind=item.kind, status="returned")
        .exclude(id=item.id)
        .order_by("id")
        .values_list("completed_by", "note", "completed_at")
    )
    return item.application.tenant_id, WorkItemFile(
        row=_row(item),
        brief=_mapping(item.brief),
        note=item.note,
        result=_mapping(item.result),
        completed_by=item.completed_by,
        completed_at=item.completed_at,
        earlier=tuple(earlier),
    )


def _open_items(tenant_id: int, roles: Sequence[str] | None) -> QuerySet[WorkItem]:
    items = WorkItem.objects.filter(application__tenant_id=tenant_id, status__in=OPEN)
    return items if roles is None else items.filter(role__in=roles)


def _mapping(text: str) -> dict[str, Any]:
    """JSON text as a mapping; plain text is a brief of its own."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        return {"text": text}
    return value if isinstance(value, dict) else {"text": value}


def _row(item: WorkItem) -> QueueRow:
    of = item.application
    return QueueRow(
        id=item.id, number=of.number, trade_name=of.trade_name, city=of.city, industry=of.industry,
        station=item.station, kind=item.kind, role=item.role, lane=of.lane, points=of.points,
        amount_cents=of.amount_cents, currency=of.currency, pack=of.pack, applied_on=of.applied_on,
        due_at=item.due_at, opened_at=item.opened_at, status=item.status, claimed_by=item.claimed_by,
        maker=item.maker, reasons=tuple(json.loads(item.reasons or "[]")), is_rework=item.returned_from_id is not None,
    )  # fmt: skip
