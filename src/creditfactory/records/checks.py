"""What stations read of the checks made by people in other cases: words, photos, and the brief a check was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import WorkItem

WORDS_MAX = 500


def find_work_brief(*, application_id: int, kind: str) -> Mapping[str, Any] | None:
    """The brief of the latest piece of work of a kind, whoever has it; None if there was none."""
    row = WorkItem.objects.filter(application_id=application_id, kind=kind).order_by("-id").values_list("brief").first()
    found = None if row is None else json.loads(row[0])
    return found if isinstance(found, Mapping) else None


def list_said_purposes(*, application_id: int, since: datetime, until: datetime) -> tuple[str, ...]:
    """What other applicants of the same channel said of their purpose on the phone between two instants."""
    cursor = run_prepared(
        "SELECT w.result FROM work_item w JOIN application a ON a.id = w.application_id"
        " JOIN application own ON own.id = %s"
        " WHERE a.tenant_id = own.tenant_id AND a.channel = own.channel AND a.id <> own.id"
        " AND w.kind = 'phone_check' AND w.status = 'done' AND w.completed_at BETWEEN %s AND %s"
        " ORDER BY w.completed_at DESC LIMIT %s",
        [application_id, since, until, WORDS_MAX],
    )
    said = (json.loads(row[0] or "{}").get("purpose_said") for row in cursor.fetchall())
    return tuple(text for text in said if text)


def find_seen_photos(*, application_id: int, digests: tuple[str, ...]) -> frozenset[str]:
    """Which of these fingerprints stand in the site visits of other cases of the same factory."""
    cursor = run_prepared(
        "SELECT DISTINCT mark->>'digest' FROM work_item w JOIN application a ON a.id = w.application_id"
        " JOIN application own ON own.id = %s,"
        " jsonb_array_elements(COALESCE((w.result::jsonb)->'photo_marks', '[]'::jsonb)) mark"
        " WHERE a.tenant_id = own.tenant_id AND a.id <> own.id AND w.status = 'done' AND w.result <> ''"
        " AND w.kind IN ('site_visit', 'second_visit') AND mark->>'digest' = ANY(%s)",
        [application_id, list(digests)],
    )
    return frozenset(row[0] for row in cursor.fetchall())
