"""The bureau's account: needs of reports by month and purpose, what they cost, and what was told in turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from creditfactory.records.tables import BureauQuery, BureauRecord, WorkItem

MONTHS_SHOWN = 13
MONTHS = """
SELECT date_trunc('month', business_on)::date AS month, purpose, outcome, count(*), sum(price_cents)
FROM bureau_query WHERE tenant_id = %s GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2
"""
STOPPED = """
SELECT count(*), COALESCE(sum(b.price_cents), 0) FROM bureau_query b
WHERE b.tenant_id = %s AND b.outcome = 'paid' AND EXISTS (
  SELECT 1 FROM visit v WHERE v.application_id = b.application_id AND v.station IN ('front_gate', 'list_check')
    AND v.outcome IN ('declined', 'expired', 'withdrawn') AND v.finished_at <= b.asked_at)
"""


@dataclass(frozen=True, slots=True)
class BureauMonth:
    """One month and purpose: how often each way of meeting a need was taken, and what was paid."""

    month: date
    purpose: str
    paid: int
    reused: int
    refused: int
    withheld: int
    price_cents: int


@dataclass(frozen=True, slots=True)
class BureauAccount:
    """What passed between factory and bureau; ``spent_on_stopped`` counts reports paid after the gate had stopped."""

    months: tuple[BureauMonth, ...]
    spent_on_stopped: int
    spent_on_stopped_cents: int
    lines: tuple[tuple[str, str, int], ...]
    refused: tuple[dict[str, Any], ...]
    objections: tuple[dict[str, Any], ...]


def read_bureau_account(tenant_id: int) -> BureauAccount:
    """The account of the last months, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(MONTHS, [tenant_id])
        rows = cursor.fetchall()
        cursor.execute(STOPPED, [tenant_id])
        stopped, stopped_cents = cursor.fetchone()
    by_month: dict[tuple[date, str], dict[str, int]] = {}
    for month, purpose, outcome, count, cents in rows:
        held = by_month.setdefault((month, purpose), {"paid": 0, "reused": 0, "refused": 0, "withheld": 0, "cents": 0})
        held[outcome] += count
        held["cents"] += int(cents)
    months = tuple(
        BureauMonth(month, purpose, n["paid"], n["reused"], n["refused"], n["withheld"], n["cents"])
        for (month, purpose), n in list(by_month.items())[:MONTHS_SHOWN]
    )
    told = BureauRecord.objects.filter(tenant_id=tenant_id)
    lines = told.values_list("kind", "status").annotate(count=Count("id")).order_by("kind", "status")
    refused = told.filter(status="refused").order_by("-id").values("key", "kind", "month", "answer")[:50]
    return BureauAccount(
        months, stopped, int(stopped_cents), tuple(lines), tuple(refused), tuple(_list_objections(tenant_id))
    )


def _list_objections(tenant_id: int) -> list[dict[str, Any]]:
    rows = WorkItem.objects.filter(application__tenant_id=tenant_id, kind="bureau_objection").order_by("-id")
    return list(rows.values("id", "application__number", "status", "opened_at", "due_at", "completed_at")[:50])


def count_bureau_needs() -> list[tuple[str, str, str, int, int]]:
    """For those who watch: factory, purpose, outcome, how many and what they cost, of all time."""
    from django.db.models import Sum

    rows = BureauQuery.objects.values_list("tenant__code", "purpose", "outcome").annotate(
        count=Count("id"), cents=Sum("price_cents")
    )
    return [(tenant, purpose, outcome, count, int(cents)) for tenant, purpose, outcome, count, cents in rows]


def find_last_report(tenant_id: int) -> datetime | None:
    """When the bureau was last told anything."""
    last = BureauRecord.objects.filter(tenant_id=tenant_id, sent_at__isnull=False).order_by("-sent_at").first()
    return None if last is None else last.sent_at
