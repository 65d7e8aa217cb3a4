"""Past applications old enough to be judged by what became of them, for whoever looks for patterns in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import AuditEvent

MINED = "network_mining"
"""Under this kind the audit log keeps what each night's mining found."""

LIST_RIPE = """
SELECT a.id, a.applied_at, k.known_at IS NOT NULL, a.status = 'declined'
FROM application a
LEFT JOIN LATERAL (SELECT min(o.known_at) AS known_at FROM known_outcome o
  WHERE o.application_id = a.id AND o.known_at < %(known_by)s::timestamptz) k ON true
WHERE a.tenant_id = %(tenant)s::bigint AND a.applied_at < %(until)s::timestamptz
  AND (k.known_at IS NOT NULL OR a.money_at < %(known_by)s::timestamptz)
  AND NOT EXISTS (SELECT 1 FROM forgotten_application f WHERE f.application_id = a.id)
ORDER BY a.applied_at DESC, a.id DESC LIMIT %(most)s::bigint
"""
LIST_SNAPSHOTS = """
SELECT DISTINCT ON (application_id) application_id, result FROM visit
WHERE application_id = ANY(%s::bigint[]) AND station = 'labels' AND outcome = 'done'
ORDER BY application_id, sequence DESC
"""


@dataclass(frozen=True, slots=True)
class RipeApplication:
    """One application: whether it was known to be bad by an instant, and whether it was declined."""

    id: int
    applied_at: datetime
    is_bad: bool
    is_declined: bool


def list_ripe_applications(
    *, tenant_id: int, until: datetime, known_by: datetime, most: int
) -> tuple[RipeApplication, ...]:
    """Those that applied before an instant, newest first: lent to, or known as bad before ``known_by``.

    Who was declined for another reason, or went away, has no outcome and says nothing.
    """
    told = {"tenant": tenant_id, "until": until, "known_by": known_by, "most": most}
    return tuple(RipeApplication(*row) for row in run_prepared(LIST_RIPE, told).fetchall())


def list_label_snapshots(applications: Sequence[int]) -> dict[int, str]:
    """The labels of applications as they were last taken, as kept; those without are left out."""
    return dict(run_prepared(LIST_SNAPSHOTS, [list(applications)]).fetchall())


def list_mining_runs(tenant: str, *, most: int = 30) -> tuple[dict[str, Any], ...]:
    """What the last runs of mining found in a factory, newest first."""
    found = AuditEvent.objects.filter(object_kind=MINED, object_key=tenant, tenant=tenant).order_by("-id")[:most]
    return tuple(dict(event.detail) for event in found)
