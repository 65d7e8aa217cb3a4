"""How good the checks by people are: what each investigator's visits came to, and pairs of visits to one firm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

INVESTIGATORS = """
SELECT w.completed_by, count(*) AS visits,
  count(*) FILTER (WHERE v.result::jsonb->>'verdict' = 'doubt') AS doubts,
  count(*) FILTER (WHERE v.result::jsonb->>'verdict' = 'fail') AS fails,
  count(*) FILTER (WHERE l.id IS NOT NULL) AS loans,
  count(*) FILTER (WHERE l.status = 'charged_off' OR l.arrears_days > 30) AS bads,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY
    EXTRACT(EPOCH FROM (NULLIF(w.result::jsonb->>'left_at', ''))::timestamptz
      - (NULLIF(w.result::jsonb->>'arrived_at', ''))::timestamptz) / 60) AS minutes
FROM work_item w JOIN application a ON a.id = w.application_id
LEFT JOIN LATERAL (SELECT result FROM visit WHERE application_id = a.id AND station = 'site_visit'
  AND outcome IN ('done', 'declined') ORDER BY sequence DESC LIMIT 1) v ON true
LEFT JOIN loan l ON l.application_id = a.id
WHERE a.tenant_id = %s AND w.kind = 'site_visit' AND w.status = 'done'
GROUP BY 1 ORDER BY 2 DESC, 1
"""
PAIRS = """
SELECT a.number, one.completed_by, one.result, other.completed_by, other.result
FROM work_item one JOIN work_item other ON other.application_id = one.application_id AND other.kind = 'second_visit'
JOIN application a ON a.id = one.application_id
WHERE a.tenant_id = %s AND one.kind = 'site_visit' AND one.status = 'done' AND other.status = 'done'
ORDER BY one.id DESC LIMIT 2000
"""


@dataclass(frozen=True, slots=True)
class InvestigatorScore:
    """One investigator's visits: how many left a doubt or failed, and what became of the loans made after them."""

    name: str
    visits: int
    doubts: int
    fails: int
    loans: int
    bads: int
    minutes: int | None


@dataclass(frozen=True, slots=True)
class VisitPair:
    """Two visits to one firm by two people, as each handed in."""

    number: str
    first_by: str
    first: dict[str, Any]
    second_by: str
    second: dict[str, Any]


def list_investigators(tenant_id: int) -> list[InvestigatorScore]:
    """Each who made a visit, the busiest first."""
    with connection.cursor() as cursor:
        cursor.execute(INVESTIGATORS, [tenant_id])
        return [
            InvestigatorScore(name, visits, doubts, fails, loans, bads, None if minutes is None else round(minutes))
            for name, visits, doubts, fails, loans, bads, minutes in cursor.fetchall()
        ]


def list_visit_pairs(tenant_id: int) -> list[VisitPair]:
    """The firms that two people visited."""
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, [tenant_id])
        return [
            VisitPair(number, first_by, json.loads(first), second_by, json.loads(second))
            for number, first_by, first, second_by, second in cursor.fetchall()
        ]
