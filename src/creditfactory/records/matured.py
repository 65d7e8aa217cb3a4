"""Loans old enough that their outcome is known, for watching cards and teaching them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from creditfactory.records.connection import run_prepared

LIST_MATURED = """
SELECT a.id, a.applied_on, (a.money_at AT TIME ZONE 'UTC')::date, EXISTS (
    SELECT 1 FROM known_outcome o WHERE o.application_id = a.id AND o.kind = ANY(%(kinds)s::text[])
      AND (o.known_at AT TIME ZONE 'UTC')::date <= (a.money_at AT TIME ZONE 'UTC')::date + %(days)s::int),
  a.lane
FROM application a
WHERE a.tenant_id = %(tenant)s::bigint AND (a.money_at AT TIME ZONE 'UTC')::date + %(days)s::int <= %(on)s::date
  AND NOT EXISTS (SELECT 1 FROM forgotten_application f WHERE f.application_id = a.id)
ORDER BY a.money_at DESC, a.id DESC LIMIT %(most)s::bigint
"""


@dataclass(frozen=True, slots=True)
class MaturedOutcome:
    """One loan whose window is over: when it was applied for, when its outcome was due to be known, good or bad."""

    application_id: int
    applied_on: date
    matured_on: date
    is_bad: bool
    lane: str


def list_matured_outcomes(
    *, tenant_id: int, on: date, days: int, kinds: Sequence[str], most: int
) -> tuple[MaturedOutcome, ...]:
    """The loans whose ``days`` after pay-out are over on a day, newest first; bad if one of the kinds came by then.

    A loan that went bad early waits for its window like all others: else the newest months would hold bad ones alone.
    """
    facts = {"tenant": tenant_id, "on": on, "days": days, "kinds": list(kinds), "most": most}
    rows = run_prepared(LIST_MATURED, facts).fetchall()
    return tuple(
        MaturedOutcome(key, applied, paid + timedelta(days=days), bad, lane) for key, applied, paid, bad, lane in rows
    )
