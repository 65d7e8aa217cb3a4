"""Every act leaves an event; nothing else depends on it and nothing removes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from creditfactory.records.tables import AuditEvent


def write_event(
    *, tenant: str, by: str, action: str, object_kind: str, object_key: str, at: datetime | None = None, **detail: Any
) -> None:
    """Note who did what to what; ``detail`` holds codes and amounts, never a person's facts."""
    AuditEvent.objects.create(
        at=at or datetime.now(UTC),
        tenant=tenant,
        actor=by,
        action=action,
        object_kind=object_kind,
        object_key=object_key,
        detail=detail,
    )
