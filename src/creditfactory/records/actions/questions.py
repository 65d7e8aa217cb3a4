"""Questions to outside parties: written down with their key first, asked outside any transaction, answered once."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from creditfactory.kernel import Refused
from creditfactory.records.actions.moves import wake
from creditfactory.records.cases import CaseRecord
from creditfactory.records.connection import run_prepared

OPEN_QUESTION = """
INSERT INTO question (
  application_id, station, party, kind, key, request, status, answer, attempts, last_error, asked_at)
VALUES (%s, %s, %s, %s, %s, %s, 'asked', '', 1, '', %s)
ON CONFLICT (key) DO UPDATE SET attempts = question.attempts + 1
RETURNING request, status, attempts, application_id
"""


def open_question(
    *, case: CaseRecord, party: str, kind: str, key: str, request: str, at: datetime
) -> tuple[str, str, int]:
    """Write a question down, or find it as it stands; returns its request, status and attempts so far.

    The request first written is the one that is asked, however often the line comes by again.
    """
    row = run_prepared(OPEN_QUESTION, [case.id, case.station, party, kind, key, request, at]).fetchone()
    assert row is not None
    request_kept, status, attempts, owner = row
    if owner != case.id:
        raise Refused(f"question {key} belongs to another application")
    return request_kept, status, attempts


def save_answer(*, key: str, body: str, at: datetime) -> bool:
    """Keep the answer to a question; False if it was already answered (the first answer stays)."""
    cursor = run_prepared(
        "UPDATE question SET status = 'answered', answer = %s, answered_at = %s"
        " WHERE key = %s AND status <> 'answered'",
        [body, at, key],
    )
    return cursor.rowcount == 1


def save_accepted(*, key: str) -> None:
    """Note that the party has taken the question and will call back."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE question SET status = 'accepted' WHERE key = %s AND status = 'asked'", [key])


def save_failed_attempt(*, key: str, error: str, give_up: bool) -> None:
    """Note that asking failed; after the last attempt the question is given up until a person resumes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE question SET last_error = %s, status = CASE WHEN %s THEN 'given_up' ELSE status END"
            " WHERE key = %s AND status IN ('asked', 'accepted')",
            [error[:300], give_up, key],
        )


@transaction.atomic
def receive_answer(*, tenant_id: int, party: str, key: str, body: str, at: datetime) -> str:
    """Take a party's call-back: ``taken``, ``known`` (already answered) or ``unknown`` (no such question here)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT q.application_id, q.status, q.party FROM question q JOIN application a ON a.id = q.application_id"
            " WHERE q.key = %s AND a.tenant_id = %s FOR UPDATE OF q",
            [key, tenant_id],
        )
        row = cursor.fetchone()
    if row is None or row[2].partition(":")[0] != party.partition(":")[0]:
        return "unknown"
    if row[1] == "answered":
        return "known"
    save_answer(key=key, body=body, at=at)
    wake(application_id=row[0])
    return "taken"


@transaction.atomic
def receive_call_back(*, application_id: int, source: str, kind: str, key: str, body: str, at: datetime) -> bool:
    """Keep what somebody told us of an application and wake it; False if the same key was told before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO call_back (application_id, source, kind, key, body, received_at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING",
            [application_id, source, kind, key, body, at],
        )
        if cursor.rowcount != 1:
            return False
    wake(application_id=application_id)
    return True
