"""The dead-letter list: applications that a machine station could not get past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.records.tables import DeadLetter


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One application held, or held once and resumed since."""

    application_id: int
    number: str
    trade_name: str
    station: str
    why: str
    attempts: int
    held_at: datetime
    resumed_at: datetime | None
    resumed_by: str


def list_held(tenant_id: int, *, limit: int = 200) -> tuple[HeldRow, ...]:
    """Those still held first, longest held on top; then those resumed, latest on top."""
    letters = DeadLetter.objects.filter(application__tenant_id=tenant_id).select_related("application")
    held = list(letters.filter(resumed_at__isnull=True, application__status="held").order_by("held_at")[:limit])
    held += list(letters.filter(resumed_at__isnull=False).order_by("-resumed_at")[: limit - len(held)])
    return tuple(
        HeldRow(
            row.application_id, row.application.number, row.application.trade_name, row.station, row.why,
            row.attempts, row.held_at, row.resumed_at, row.resumed_by,
        )
        for row in held
    )  # fmt: skip
