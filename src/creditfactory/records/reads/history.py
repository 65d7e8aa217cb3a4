"""The imports of past loans and the reports they ended with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditfactory.records.tables import HistoryRun


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One import: what was asked of it and, once it has ended, its report."""

    id: int
    name: str
    started_at: datetime
    finished_at: datetime | None
    request: dict[str, Any]
    report: dict[str, Any] | None


def list_history_runs(tenant_id: int) -> tuple[HistoryRow, ...]:
    """The imports of a factory, latest first."""
    return tuple(_row(run) for run in HistoryRun.objects.filter(tenant_id=tenant_id).order_by("-started_at")[:50])


def read_history_run(tenant_id: int, run_id: int) -> HistoryRow | None:
    """One import; None if the factory has no such one."""
    run = HistoryRun.objects.filter(tenant_id=tenant_id, id=run_id).first()
    return _row(run) if run else None


def _row(run: HistoryRun) -> HistoryRow:
    return HistoryRow(run.pk, run.name, run.started_at, run.finished_at, run.request, run.report)
