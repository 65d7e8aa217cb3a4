"""The line as it stands now: what is at each station, and the day's figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

DAYS_LOOKED_BACK = 7


@dataclass(frozen=True, slots=True)
class StationNow:
    """What is at one station: every application is in work, waiting, late or held, and only one of them."""

    code: str
    in_work: int = 0
    waiting: int = 0
    late: int = 0
    held: int = 0

    @property
    def here(self) -> int:
        """All that is here."""
        return self.in_work + self.waiting + self.late + self.held

    @property
    def stuck(self) -> int:
        """What should not be here any more."""
        return self.late + self.held


@dataclass(frozen=True, slots=True)
class LaneTime:
    """Minutes from intake to money in one lane, over the last days: how many, least, middle, 95th percentile."""

    lane: str
    loans: int
    least: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class LineNow:
    """The line and its figures; a share or time is None where there is nothing yet to measure."""

    stations: dict[str, StationNow]
    moving: int
    applications_today: int
    applications_yesterday: int
    lanes: dict[str, int]
    decided: int
    approved: int
    times: dict[str, LaneTime]
    late_work: int
    open_work: int
    disbursed_today_cents: int
    disbursed_today: int
    held: int

    @property
    def lane_total(self) -> int:
        """All that came to a lane."""
        return sum(self.lanes.values())

    @property
    def lane_shares(self) -> dict[str, int]:
        """Each lane's share in whole per cent."""
        return {lane: round(100 * self.lanes.get(lane, 0) / self.lane_total) for lane in "ABC" if self.lane_total}


STATIONS = """
SELECT a.station,
  count(*) FILTER (WHERE a.status <> 'held' AND NOT late.is_late AND (a.status = 'moving' OR late.is_claimed)),
  count(*) FILTER (WHERE a.status = 'waiting' AND NOT late.is_late AND NOT late.is_claimed),
  count(*) FILTER (WHERE a.status <> 'held' AND late.is_late),
  count(*) FILTER (WHERE a.status = 'held')
FROM application a
LEFT JOIN LATERAL (
  SELECT bool_or(w.due_at < %(now)s) AS is_late, bool_or(w.status = 'claimed') AS is_claimed
  FROM work_item w WHERE w.application_id = a.id AND w.status IN ('open', 'claimed')
) work ON a.status = 'waiting'
CROSS JOIN LATERAL (
  SELECT coalesce(work.is_late, a.due_at < %(now)s, false) AS is_late, coalesce(work.is_claimed, false) AS is_claimed
) late
WHERE a.tenant_id = %(tenant)s AND a.status IN ('moving', 'waiting', 'held')
GROUP BY a.station
"""

FIGURES = """
SELECT
  count(*) FILTER (WHERE received_at >= %(today)s),
  count(*) FILTER (WHERE received_at >= %(yesterday)s AND received_at < %(yesterday_now)s)
FROM application WHERE tenant_id = %(tenant)s AND received_at >= %(yesterday)s
"""

DECIDED = """
SELECT lane, count(*), count(*) FILTER (WHERE status NOT IN ('declined', 'withdrawn', 'expired') AND lane <> '')
FROM application WHERE tenant_id = %(tenant)s AND received_at >= %(since)s AND (decided_at IS NOT NULL OR lane <> '')
GROUP BY lane
"""

TIMES = """
SELECT lane, count(*), min(minutes), percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes),
  percentile_cont(0.95) WITHIN GROUP (ORDER BY minutes)
FROM (SELECT lane, extract(epoch FROM money_at - received_at) / 60 AS minutes FROM application
      WHERE tenant_id = %(tenant)s AND received_at >= %(since)s AND money_at IS NOT NULL) AS paid
GROUP BY lane ORDER BY lane
"""

WORK = """
SELECT count(*), count(*) FILTER (WHERE w.due_at < %(now)s)
FROM work_item w JOIN application a ON a.id = w.application_id
WHERE a.tenant_id = %(tenant)s AND w.status IN ('open', 'claimed')
"""

MONEY = (
    "SELECT coalesce(sum(principal_cents), 0), count(*) FROM loan"
    " WHERE tenant_id = %(tenant)s AND disbursed_on = %(on)s"
)


def read_line(tenant_id: int, *, now: datetime, day_start: datetime, business_on: object) -> LineNow:
    """The line at an instant; ``day_start`` is when the factory's own day began."""
    facts = {
        "tenant": tenant_id, "now": now, "today": day_start, "yesterday": day_start - timedelta(days=1),
        "yesterday_now": now - timedelta(days=1), "since": now - timedelta(days=DAYS_LOOKED_BACK), "on": business_on,
    }  # fmt: skip
    stations = {code: StationNow(code, *counts) for code, *counts in _rows(STATIONS, facts)}
    [(today, yesterday)] = _rows(FIGURES, facts)
    decided = _rows(DECIDED, facts)
    [(open_work, late_work)] = _rows(WORK, facts)
    [(cents, loans)] = _rows(MONEY, facts)
    return LineNow(
        stations=stations,
        moving=sum(s.here for s in stations.values()),
        applications_today=today,
        applications_yesterday=yesterday,
        lanes={lane: count for lane, count, _ in decided if lane in ("A", "B", "C")},
        decided=sum(count for _, count, _ in decided),
        approved=sum(approved for _, _, approved in decided),
        times={
            lane: LaneTime(lane, n, float(low), float(mid), float(high))
            for lane, n, low, mid, high in _rows(TIMES, facts)
        },
        late_work=late_work,
        open_work=open_work,
        disbursed_today_cents=int(cents),
        disbursed_today=loans,
        held=sum(s.held for s in stations.values()),
    )


def _rows(query: str, facts: dict[str, object]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return cursor.fetchall()
