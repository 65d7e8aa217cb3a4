"""Every act leaves an event; nothing else depends on it and nothing removes it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from creditfactory.records.connection import run_prepared

WRITE = """
INSERT INTO audit_event (at, tenant, actor, action, object_kind, object_key, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)
"""


def write_event(
    *, tenant: str, by: str, action: str, object_kind: str, object_key: str, at: datetime | None = None, **detail: Any
) -> None:
    """Note who did what to what; ``detail`` holds codes and amounts, never a person's facts."""
    instant = at or datetime.now(UTC)
    run_prepared(WRITE, [instant, tenant, by, action, object_kind, object_key, json.dumps(detail, ensure_ascii=False)])
