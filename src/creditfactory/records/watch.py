"""Counts for those who watch the factory run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.db.models import Count

from creditfactory.records.clock import read_clock
from creditfactory.records.tables import Application, Tenant, WorkItem


@dataclass(frozen=True, slots=True)
class WhereCount:
    """How many applications of a factory are in one status at one station."""

    tenant: str
    status: str
    station: str
    count: int


def count_applications() -> list[WhereCount]:
    """How many applications stand where."""
    rows = Application.objects.values_list("tenant__code", "status", "station").annotate(count=Count("id")).order_by()
    return [WhereCount(*row) for row in rows]


def count_late_work() -> dict[str, int]:
    """Pieces of work past their due time, by factory, on the factory's own clock."""
    late: dict[str, int] = {}
    for tenant in Tenant.objects.filter(clock__isnull=False):
        late[tenant.code] = WorkItem.objects.filter(
            application__tenant=tenant, status__in=("open", "claimed"), due_at__lt=read_clock(tenant.id).now
        ).count()
    return late


def count_jobs() -> dict[str, int]:
    """Jobs of the queue by status."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1")
        return dict(cursor.fetchall())


def find_due_timers(limit: int = 500) -> list[tuple[int, int]]:
    """Timers whose instant has come on their factory's clock: pairs of timer id and application id."""
    due: list[tuple[int, int]] = []
    for tenant in Tenant.objects.filter(clock__isnull=False):
        now = read_clock(tenant.id).now
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT timer.id, application_id FROM timer JOIN application a ON a.id = application_id"
                " WHERE fired_at IS NULL AND cancelled_at IS NULL AND timer.due_at <= %s AND a.tenant_id = %s"
                " ORDER BY timer.due_at LIMIT %s",
                [now, tenant.id, limit],
            )
            due.extend(cursor.fetchall())
    return due


def find_lost_applications(older_than_seconds: float) -> list[int]:
    """Applications that should be moving but have no job in the queue: the queue was lost, or a worker died."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id FROM application a
            WHERE a.status = 'moving' AND a.moved_at < %s AND NOT EXISTS (
              SELECT 1 FROM procrastinate_jobs j WHERE j.task_name = 'advance'
                AND j.status IN ('todo', 'doing') AND (j.args->>'application_id')::bigint = a.id)
            ORDER BY a.id LIMIT 1000
            """,
            [datetime.fromtimestamp(datetime.now(UTC).timestamp() - older_than_seconds, UTC)],
        )
        return [row[0] for row in cursor.fetchall()]


def count_moving(tenant_id: int) -> int:
    """How many applications of a factory the line still has to move."""
    return Application.objects.filter(tenant_id=tenant_id, status="moving").count()
