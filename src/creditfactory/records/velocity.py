"""How often an application's device, address, phone and person were seen before it: counted from edges and sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from creditfactory.records.connection import run_prepared

ROWS_MAX = 500
"""The most neighbours counted of one entity: beyond that the number no longer matters."""
COUNT = """
SELECT mine.kind,
  count(*) FILTER (WHERE other.seen_at > %(at)s - interval '1 hour'),
  count(*) FILTER (WHERE other.seen_at > %(at)s - interval '1 day'),
  count(*) FILTER (WHERE other.seen_at > %(at)s - interval '7 days'),
  count(DISTINCT other.person_token) FILTER (WHERE other.seen_at > %(at)s - interval '1 day' AND NOT other.is_own),
  count(DISTINCT other.person_token) FILTER (WHERE other.seen_at > %(at)s - interval '30 days' AND NOT other.is_own),
  count(DISTINCT other.person_token) FILTER (WHERE NOT other.is_own)
FROM edge mine
JOIN application me ON me.id = mine.application_id
LEFT JOIN LATERAL (
  SELECT e.seen_at, a.person_token, a.person_token = me.person_token AS is_own
  FROM edge e JOIN application a ON a.id = e.application_id
  WHERE e.tenant_id = mine.tenant_id AND e.key = mine.key AND e.entity = mine.entity
    AND e.application_id <> mine.application_id AND e.seen_at <= %(at)s AND e.seen_at > %(since)s
  ORDER BY e.seen_at DESC LIMIT %(most)s
) other ON true
WHERE mine.application_id = %(application)s::bigint AND mine.kind IN ('device', 'ip', 'phone', 'person')
GROUP BY mine.kind
"""
LISTED = """
SELECT count(*) FROM list_entry l JOIN edge e ON e.tenant_id = l.tenant_id AND e.kind = 'device'
WHERE e.application_id = %s::bigint AND l.subject_kind = 'device' AND l.subject_index = convert_to(e.entity, 'UTF8')
  AND l.since <= %s AND (l.until IS NULL OR l.until >= %s)
"""
SAME_TRACES = """
SELECT (SELECT count(*) FROM apply_session same
        WHERE same.tenant_id = own.tenant_id AND same.trace = own.trace AND same.id < own.id)
FROM apply_session own WHERE own.application_id = %s::bigint AND own.trace <> ''
"""
QUARTER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class VelocityRecord:
    """Counts before one application; None where the application touches no such thing."""

    device_applications_1d: int | None = None
    device_persons_30d: int | None = None
    ip_applications_1h: int | None = None
    ip_persons_1d: int | None = None
    phone_persons_90d: int | None = None
    person_applications_7d: int | None = None
    trace_sessions: int | None = None
    device_listed: int | None = None


def count_velocity(*, application_id: int, at: datetime) -> VelocityRecord:
    """What was seen of this application's device, address, phone and person before it, other persons apart."""
    told = {"application": application_id, "at": at, "since": at - QUARTER, "most": ROWS_MAX}
    counts = {row[0]: row[1:] for row in run_prepared(COUNT, told).fetchall()}
    listed = run_prepared(LISTED, [application_id, at.date(), at.date()]).fetchone()
    device, ip = counts.get("device"), counts.get("ip")
    phone, person = counts.get("phone"), counts.get("person")
    return VelocityRecord(
        device_applications_1d=None if device is None else device[1],
        device_persons_30d=None if device is None else device[4],
        ip_applications_1h=None if ip is None else ip[0],
        ip_persons_1d=None if ip is None else ip[3],
        phone_persons_90d=None if phone is None else phone[5],
        person_applications_7d=None if person is None else person[2],
        trace_sessions=count_same_traces(application_id),
        device_listed=None if device is None or listed is None else listed[0],
    )


def count_same_traces(application_id: int) -> int | None:
    """Other sessions with the very same rhythm as this one; None where no session of the page is behind it."""
    row = run_prepared(SAME_TRACES, [application_id]).fetchone()
    return None if row is None else int(row[0])
