"""One application with all that was found, asked and told so far, in one read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from creditfactory.records.connection import run_prepared


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """One station's result as kept: JSON text of its room's dataclass."""

    station: str
    outcome: str
    result: str
    actor: str
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One question to an outside party: how it stands and, once answered, the answer."""

    key: str
    status: str
    body: dict[str, Any] | None
    attempts: int


@dataclass(frozen=True, slots=True)
class WorkRecord:
    """One completed piece of a person's work."""

    kind: str
    by: str
    result: dict[str, Any]
    maker: str
    completed_at: datetime
    brief: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """Everything kept about one application that the line needs to go on.

    ``heard`` is all that was told of its own accord, in order; ``told`` the latest of each kind.
    """

    id: int
    tenant_id: int
    tenant: str
    number: str
    reference: str
    pack: str
    rulebook: str
    person_token: str
    status: str
    station: str
    waits_for: str
    lane: str
    version: int
    visits_made: int
    entered_at: datetime
    applied_at: datetime
    applied_on: date
    book_id: int | None
    dossier: str
    visits: dict[str, VisitRecord] = field(default_factory=dict)
    answers: dict[str, AnswerRecord] = field(default_factory=dict)
    heard: tuple[tuple[str, dict[str, Any]], ...] = ()
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    work: dict[str, WorkRecord] = field(default_factory=dict)
    works_done: int = 0


LOAD_CASE = """
SELECT a.id, a.tenant_id, t.code, a.number, a.reference, a.pack, a.rulebook, a.person_token, a.status, a.station,
       a.waits_for, a.lane, a.version, a.visits_made, a.entered_at, a.applied_at, a.applied_on, a.book_id, d.body,
  (SELECT json_agg(json_build_array(v.station, v.outcome, v.result, v.actor, v.finished_at) ORDER BY v.sequence)
     FROM visit v WHERE v.application_id = a.id),
  (SELECT json_agg(json_build_array(q.key, q.status, q.answer, q.attempts)) FROM question q
    WHERE q.application_id = a.id),
  (SELECT json_agg(json_build_array(c.kind, c.body) ORDER BY c.id) FROM call_back c WHERE c.application_id = a.id),
  (SELECT json_agg(json_build_array(w.kind, w.completed_by, w.result, w.maker, w.completed_at, w.brief)
     ORDER BY w.completed_at, w.id)
     FROM work_item w WHERE w.application_id = a.id AND w.status = 'done')
FROM application a JOIN dossier d ON d.application_id = a.id JOIN tenant t ON t.id = a.tenant_id
WHERE a.id = %s
"""


def load_case(application_id: int) -> CaseRecord | None:
    """One application with its dossier, visits, answers, call-backs and completed work; None if there is none."""
    row = run_prepared(LOAD_CASE, [application_id]).fetchone()
    if row is None:
        return None
    *columns, visits, answers, told, work = row
    heard = tuple((kind, json.loads(body)) for kind, body in _rows(told))
    done = _rows(work)
    return CaseRecord(  # type: ignore[misc]  # the columns come in the order of the fields
        *columns,
        visits={
            station: VisitRecord(station, outcome, result, actor, datetime.fromisoformat(finished_at))
            for station, outcome, result, actor, finished_at in _rows(visits)
        },
        answers={
            key: AnswerRecord(key, status, json.loads(answer) if answer else None, attempts)
            for key, status, answer, attempts in _rows(answers)
        },
        heard=heard,
        told=dict(heard),
        work={
            kind: WorkRecord(
                kind, by, json.loads(result), maker, datetime.fromisoformat(completed_at), json.loads(brief)
            )
            for kind, by, result, maker, completed_at, brief in done
        },
        works_done=len(done),
    )


def _rows(value: Any) -> list[Any]:
    """Rows aggregated by the database: none, JSON text, or already read."""
    if value is None:
        return []
    return json.loads(value) if isinstance(value, str) else list(value)


HAS_NEWS = """
SELECT (SELECT count(*) FROM question WHERE application_id = %(id)s AND status = 'answered'),
       (SELECT count(*) FROM call_back WHERE application_id = %(id)s),
       (SELECT count(*) FROM work_item WHERE application_id = %(id)s AND status = 'done')
"""


def has_news(case: CaseRecord, *, answers_known: int) -> bool:
    """Whether something came in for a case since it was read: an answer, a call-back, or a person's work."""
    row = run_prepared(HAS_NEWS, {"id": case.id}).fetchone()
    assert row is not None
    answered, told, work = row
    return bool(answered > answers_known or told > len(case.heard) or work != case.works_done)


def load_answer(key: str) -> dict[str, Any] | None:
    """The answer kept under a key, if it has come."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM question WHERE key = %s AND status = 'answered'", [key])
        row = cursor.fetchone()
    return json.loads(row[0]) if row else None


def count_retries(application_id: int, station: str) -> int:
    """How often an application has come back to a station after a failure since it was last resumed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM timer WHERE application_id = %s AND station = %s AND kind = 'retry'"
            " AND fired_at > COALESCE((SELECT max(resumed_at) FROM dead_letter WHERE application_id = %s),"
            " '-infinity')",
            [application_id, station, application_id],
        )
        row = cursor.fetchone()
    return int(row[0])


def was_late(application_id: int) -> bool:
    """Whether early warning ever handed a loan over as late."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM visit WHERE application_id = %s AND station = 'early_warning'"
            " AND outcome = 'late')",
            [application_id],
        )
        return bool(cursor.fetchone()[0])
