"""Where an applicant stands among all: how many had how many points on each card, and what each question gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import connection

LATEST = 1_000
KEEP_SECONDS = 120

COUNT = """
WITH scored AS (
  SELECT s.result FROM (
    SELECT id, received_at FROM application WHERE tenant_id = %s AND points IS NOT NULL
    ORDER BY received_at DESC LIMIT %s
  ) a
  CROSS JOIN LATERAL (
    SELECT v.result::jsonb AS result FROM visit v
    WHERE v.application_id = a.id AND v.station = 'scores' AND v.outcome = 'done' ORDER BY v.sequence DESC LIMIT 1
  ) s
), answer AS MATERIALIZED (
  SELECT card.value AS card FROM scored
  CROSS JOIN LATERAL (
    SELECT value FROM jsonb_each(CASE WHEN jsonb_typeof(scored.result -> 'cards') = 'object'
                                      THEN scored.result -> 'cards' ELSE '{}' END)
    UNION ALL SELECT scored.result -> 'master' WHERE jsonb_typeof(scored.result -> 'master') = 'object'
  ) card
)
SELECT card ->> 'card', card ->> 'version', '', (card ->> 'points')::numeric, count(*)
FROM answer WHERE jsonb_typeof(card -> 'points') = 'number' GROUP BY 1, 2, 4
UNION ALL
SELECT card ->> 'card', card ->> 'version', part.value ->> 'label', avg((part.value ->> 'points')::numeric), count(*)
FROM answer CROSS JOIN LATERAL jsonb_array_elements(
  CASE WHEN jsonb_typeof(card -> 'parts') = 'array' THEN card -> 'parts' ELSE '[]' END) part
GROUP BY 1, 2, 3
"""
"""Points by how many had them (no label), and each question's mean points (with its label)."""


@dataclass(frozen=True, slots=True)
class CardStanding:
    """All applicants of late on one version of one card: ``counts`` by points, ``means`` of each question's points."""

    counts: Mapping[int, int] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)

    @property
    def applicants(self) -> int:
        """How many had points on it."""
        return sum(self.counts.values())

    def share_below(self, points: int) -> float | None:
        """The share with fewer points, those with as many counted half; None where nobody else is known.

        >>> CardStanding({580: 1, 600: 2, 620: 1}).share_below(600)
        0.5
        """
        if not self.applicants:
            return None
        below = sum(count for other, count in self.counts.items() if other < points)
        return (below + self.counts.get(points, 0) / 2) / self.applicants


def read_standing(tenant_id: int) -> dict[tuple[str, str], CardStanding]:
    """By card and version: the latest thousand applicants who were scored; counted anew at most every two minutes."""
    key = f"standing:{tenant_id}"
    kept: dict[tuple[str, str], CardStanding] | None = cache.get(key)
    if kept is not None:
        return kept
    counts: dict[tuple[str, str], dict[int, int]] = {}
    means: dict[tuple[str, str], dict[str, float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [tenant_id, LATEST])
        for card, version, label, points, applicants in cursor.fetchall():
            if label:
                means.setdefault((card, version), {})[label] = float(points)
            else:
                counts.setdefault((card, version), {})[int(points)] = applicants
    found = {name: CardStanding(counts[name], means.get(name, {})) for name in counts}
    cache.set(key, found, KEEP_SECONDS)
    return found
