"""Moving an application along: one compare-and-set statement that also writes the visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.transaction import Atomic

from creditfactory.kernel import Stale
from creditfactory.records import queue
from creditfactory.records.actions.edges import add_outcome
from creditfactory.records.audit import write_event
from creditfactory.records.cases import CaseRecord
from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import Application, DeadLetter

FRAUD = ("GTE-", "POL-NET-ANALYST", "POL-NET-NAMED")
"""How the reasons begin for which the front gate, or a fraud analyst, refuses."""
IN_PLAY = ("moving", "waiting", "held")

MOVE = """
WITH moved AS (
  UPDATE application SET station = %(next)s::text, status = %(status)s::text, lane = %(lane)s::text,
    waits_for = '', due_at = NULL,
    tier = COALESCE(%(tier)s::text, tier), points = COALESCE(%(points)s::int, points),
    book_id = COALESCE(%(book)s::bigint, book_id),
    reason = CASE WHEN %(status)s::text IN ('moving', 'closed') THEN reason ELSE %(reason)s::text END,
    decided_at = CASE WHEN %(is_decision)s::boolean AND decided_at IS NULL
      THEN %(finished)s::timestamptz ELSE decided_at END,
    money_at = CASE WHEN %(is_money)s::boolean THEN %(finished)s::timestamptz ELSE money_at END,
    ended_at = CASE WHEN %(next)s::text = '' THEN %(finished)s::timestamptz ELSE NULL END,
    entered_at = %(finished)s::timestamptz, visits_made = visits_made + 1, version = version + 1,
    moved_at = clock_timestamp()
  WHERE id = %(id)s::bigint AND version = %(version)s::int AND status IN ('moving', 'waiting', 'held')
  RETURNING id, visits_made
)
INSERT INTO visit (application_id, sequence, station, outcome, lane, next_station, result, reasons, actor,
  business_on, rulebook, engine, inputs, entered_at, started_at, finished_at)
SELECT id, visits_made, %(station)s, %(outcome)s, %(visit_lane)s, %(next)s, %(result)s, %(reasons)s, %(actor)s,
  %(business_on)s, %(rulebook)s, %(engine)s, %(inputs)s,
  %(entered)s, %(started)s, %(finished)s FROM moved
"""


@dataclass(frozen=True, slots=True)
class Move:
    """One visit and where it leads; ``result`` and ``reasons`` are JSON text.

    ``inputs`` is JSON text of what the station read beside the case, so that it can be recomputed years later.
    """

    station: str
    outcome: str
    next_station: str
    status: str
    lane: str
    visit_lane: str
    result: str
    reasons: str
    first_reason: str
    actor: str
    business_on: date
    rulebook: str
    started_at: datetime
    finished_at: datetime
    tier: str | None = None
    points: int | None = None
    book_id: int | None = None
    is_decision: bool = False
    is_money: bool = False
    engine: str = ""
    inputs: str = ""


def save_move(*, case: CaseRecord, move: Move) -> None:
    """Write the visit and move the application, or raise :class:`Stale` if somebody else has moved it.

    Whom the front gate refused is known to the network as a fraud from this instant on.
    """
    values = {
        "id": case.id,
        "version": case.version,
        "station": move.station,
        "outcome": move.outcome,
        "next": move.next_station,
        "status": move.status,
        "lane": move.lane,
        "visit_lane": move.visit_lane,
        "tier": move.tier,
        "points": move.points,
        "book": move.book_id,
        "reason": move.first_reason,
        "is_decision": move.is_decision,
        "is_money": move.is_money,
        "result": move.result,
        "reasons": move.reasons,
        "actor": move.actor,
        "business_on": move.business_on,
        "rulebook": move.rulebook,
        "engine": move.engine,
        "inputs": move.inputs,
        "entered": case.entered_at,
        "started": move.started_at,
        "finished": move.finished_at,
    }
    if move.status == "declined" and move.first_reason.startswith(FRAUD):
        with transaction.atomic():
            _run_move(case, values)
            add_outcome(tenant_id=case.tenant_id, application_id=case.id, kind="fraud", known_at=move.finished_at)
    else:
        _run_move(case, values)


def _run_move(case: CaseRecord, values: dict[str, Any]) -> None:
    if run_prepared(MOVE, values).rowcount != 1:
        raise Stale(f"{case.number} has been moved on by somebody else since it was read")


WAIT = """
WITH waiting AS (
  UPDATE application SET status = 'waiting', waits_for = %(waits_for)s, due_at = %(due_at)s, version = version + 1,
    moved_at = clock_timestamp()
  WHERE id = %(id)s::bigint AND version = %(version)s::int AND status IN ('moving', 'waiting') RETURNING id
), called_off AS (
  DELETE FROM timer WHERE application_id = %(id)s AND fired_at IS NULL AND cancelled_at IS NULL
), set_off AS (
  INSERT INTO timer (application_id, kind, station, due_at)
  SELECT id, %(kind)s, %(station)s, %(due_at)s FROM waiting WHERE %(due_at)s::timestamptz IS NOT NULL
)
SELECT id FROM waiting
"""


def save_waiting(*, case: CaseRecord, waits_for: str, due_at: datetime | None) -> None:
    """Let an application wait where it stands; a timer wakes it at ``due_at`` if nothing else does."""
    values = {
        "id": case.id,
        "version": case.version,
        "waits_for": waits_for,
        "due_at": due_at,
        "kind": "retry" if waits_for == "retry" else "wait_ends",
        "station": case.station,
    }
    if run_prepared(WAIT, values).rowcount != 1:
        raise Stale(f"{case.number} has been moved on by somebody else since it was read")


def save_dossier(*, case: CaseRecord, body: str) -> None:
    """Keep the dossier with the evidence that was added to it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dossier SET body = %s WHERE application_id = %s", [body, case.id])


@transaction.atomic
def fire_timer(*, timer_id: int, application_id: int, at: datetime) -> bool:
    """Let a timer go off: its application moves again. False if it went off or was called off before.

    The application is locked first, as everybody does who touches both, so that nobody waits in a ring.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM application WHERE id = %s FOR UPDATE", [application_id])
        cursor.execute(
            "UPDATE timer SET fired_at = %s WHERE id = %s AND fired_at IS NULL AND cancelled_at IS NULL",
            [at, timer_id],
        )
        if cursor.rowcount != 1:
            return False
    return wake(application_id=application_id)


def together() -> Atomic:
    """All writes within are one transaction: all are kept, or none."""
    return transaction.atomic()


def wake(*, application_id: int) -> bool:
    """Set a waiting application moving and have the line go on with it; False if it does not wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE application SET status = 'moving', waits_for = '', due_at = NULL, version = version + 1,"
            " moved_at = clock_timestamp()"
            " WHERE id = %s AND status = 'waiting'",
            [application_id],
        )
        if cursor.rowcount != 1:
            return False
        cursor.execute(
            "DELETE FROM timer WHERE application_id = %s AND fired_at IS NULL AND cancelled_at IS NULL",
            [application_id],
        )
    queue.advance(application_id)
    return True


@transaction.atomic
def hold_application(*, case: CaseRecord, why: str, attempts: int, at: datetime) -> None:
    """Put an application on the dead-letter list: the line stops here until a person resumes it."""
    changed = Application.objects.filter(id=case.id, version=case.version).update(
        status="held", waits_for="", version=case.version + 1
    )
    if changed != 1:
        raise Stale(f"{case.number} has been moved on by somebody else since it was read")
    DeadLetter.objects.create(
        application_id=case.id, station=case.station, why=why[:500], attempts=attempts, held_at=at
    )
    write_event(
        tenant=case.tenant, by="line", action="application_held", object_kind="application", object_key=case.number,
        at=at, station=case.station, why=why[:200],
    )  # fmt: skip


@transaction.atomic
def resume_application(*, application_id: int, by: str, at: datetime) -> bool:
    """Take an application off the dead-letter list and let the line try again; False if it is not held."""
    application = Application.objects.select_for_update().select_related("tenant").get(id=application_id)
    if application.status != "held":
        return False
    application.status = "moving"
    application.version += 1
    application.save(update_fields=["status", "version"])
    DeadLetter.objects.filter(application=application, resumed_at__isnull=True).update(resumed_at=at, resumed_by=by)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE question SET attempts = 0, status = 'asked' WHERE application_id = %s AND status = 'given_up'",
            [application_id],
        )
    write_event(
        tenant=application.tenant.code, by=by, action="application_resumed", object_kind="application",
        object_key=application.number, at=at, station=application.station,
    )  # fmt: skip
    queue.advance(application_id)
    return True
