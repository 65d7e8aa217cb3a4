"""Photographs of papers and camera frames: sealed with the person's key, each look an event, in time deleted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from creditfactory.records import vault
from creditfactory.records.audit import write_event
from creditfactory.records.tables import KeptPaper


@dataclass(frozen=True, slots=True)
class KeptPaperRow:
    """One kept paper without its picture."""

    id: int
    kind: str
    place: int
    digest: str
    kept_at: datetime
    until: date
    seen_before: int


@transaction.atomic
def keep_paper(
    *, session_id: int, person_token: str, kind: str, place: int, plain: bytes, at: datetime, until: date,
    likeness: str = "", taken_ms: int = 0,
) -> str:  # fmt: skip
    """Seal one picture with its person's key; the same place again replaces it. Gives the picture's digest."""
    digest = hashlib.sha256(plain).hexdigest()
    KeptPaper.objects.update_or_create(
        session_id=session_id, kind=kind, place=place,
        defaults={
            "person_id": person_token, "sealed": vault.seal_for_person(person_token, plain), "digest": digest,
            "likeness": likeness, "taken_ms": taken_ms, "kept_at": at, "until": until,
        },
    )  # fmt: skip
    return digest


def list_kept(*, session_id: int) -> dict[str, list[KeptPaperRow]]:
    """What was kept of a session, by kind."""
    found: dict[str, list[KeptPaperRow]] = {}
    for row in _rows(session_id=session_id):
        found.setdefault(row.kind, []).append(row)
    return found


def list_papers_of(*, application_id: int) -> list[KeptPaperRow]:
    """The papers and frames behind an application, without their pictures."""
    return _rows(session__application_id=application_id)


def _rows(**where: object) -> list[KeptPaperRow]:
    rows = KeptPaper.objects.filter(**where).order_by("kind", "place").defer("sealed")
    return [
        KeptPaperRow(
            r.pk, r.kind, r.place, r.digest, r.kept_at, r.until,
            KeptPaper.objects.filter(digest=r.digest).exclude(person_id=r.person_id).count(),
        )
        for r in rows
    ]  # fmt: skip


@transaction.atomic
def show_paper(
    *, tenant: str, tenant_id: int, number: str, paper_id: int, by: str, at: datetime
) -> tuple[str, bytes] | None:
    """Kind and picture of one paper of an application, after the look was noted; None if it is not there."""
    row = KeptPaper.objects.filter(
        pk=paper_id, session__application__number=number, session__tenant_id=tenant_id
    ).first()
    if row is None:
        return None
    write_event(
        tenant=tenant, by=by, action="paper_shown", object_kind="application", object_key=number, at=at,
        paper=row.kind, place=row.place,
    )  # fmt: skip
    return row.kind, vault.open_for_person(row.person_id, row.sealed)


@transaction.atomic
def drop_old_papers(*, on: date, by: str, at: datetime) -> int:
    """Delete pictures whose days are over; gives how many."""
    gone, _ = KeptPaper.objects.filter(until__lt=on).delete()
    if gone:
        write_event(
            tenant="", by=by, action="papers_dropped", object_kind="kept_paper", object_key="", at=at, pictures=gone
        )
    return gone
