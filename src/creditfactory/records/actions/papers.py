"""Papers handed in as files: sealed with their person's key, put right by one person, confirmed by another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from creditfactory.kernel import Refused, Stale
from creditfactory.records import vault
from creditfactory.records.audit import write_event
from creditfactory.records.tables import UploadedPaper

TOKEN_LENGTH = 20


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One paper of an application without what it says: its file, what was found, where it stands."""

    id: int
    application_id: int
    number: str
    paper: str
    name: str
    digest: str
    size: int
    media: str
    status: str
    findings: tuple[dict[str, Any], ...]
    corrections: tuple[dict[str, Any], ...]
    uploaded_by: str
    uploaded_at: datetime
    corrected_by: str
    corrected_at: datetime | None
    confirmed_by: str
    confirmed_at: datetime | None


def stand_for(kind: str, name: str) -> str:
    """What stands for a name or an account's number everywhere but in the vault: the same for the same, and mute."""
    return f"{kind[:1]}:{vault.blind_index(f'paper_{kind}', name).hex()[:TOKEN_LENGTH]}"


@transaction.atomic
def save_paper(
    *, tenant: str, application_id: int, number: str, person_token: str, paper: str, name: str, media: str,
    content: bytes, reading: str, findings: str, status: str, by: str, at: datetime,
) -> int:  # fmt: skip
    """Seal a file with what was read off it; the same file twice under one application is refused."""
    try:
        with transaction.atomic():
            row = UploadedPaper.objects.create(
                application_id=application_id, person_token=person_token, paper=paper, name=name[:160],
                media=media[:80], digest=hashlib.sha256(content).hexdigest(), size=len(content), findings=findings,
                status=status,
                sealed=vault.seal_for_person(person_token, content),
                reading=vault.seal_for_person(person_token, reading.encode()) if reading else None,
                uploaded_by=by, uploaded_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("This very file was handed in for this case before.") from None
    write_event(
        tenant=tenant, by=by, action="paper_uploaded", object_kind="application", object_key=number, at=at,
        paper=paper, status=status, bytes=len(content),
    )  # fmt: skip
    return int(row.pk)


def count_same_files(*, digest: str, person_token: str) -> int:
    """How often the same file was handed in for other people."""
    return UploadedPaper.objects.filter(digest=digest).exclude(person_token=person_token).count()


def list_uploaded_papers(*, application_id: int) -> tuple[PaperRow, ...]:
    """The papers of an application, the latest first."""
    rows = UploadedPaper.objects.filter(application_id=application_id).select_related("application")
    return tuple(_row(row) for row in rows.defer("sealed", "reading").order_by("-uploaded_at", "-id"))


def find_paper(*, application_id: int, paper_id: int) -> PaperRow | None:
    """One paper of an application."""
    row = UploadedPaper.objects.filter(pk=paper_id, application_id=application_id).select_related("application").first()
    return None if row is None else _row(row)


def open_reading(*, paper_id: int) -> str:
    """What was read off a paper, as its JSON; empty for one that could not be read."""
    row = UploadedPaper.objects.get(pk=paper_id)
    return "" if row.reading is None else vault.open_for_person(row.person_token, bytes(row.reading)).decode()


@transaction.atomic
def open_original(*, tenant: str, number: str, paper_id: int, why: str, by: str, at: datetime) -> bytes:
    """The original file, after the look and its reason were noted."""
    row = UploadedPaper.objects.get(pk=paper_id)
    if row.sealed is None:
        raise Refused("The original is no longer kept.")
    write_event(
        tenant=tenant, by=by, action="paper_opened", object_kind="application", object_key=number, at=at,
        paper=row.paper, why=why[:120],
    )  # fmt: skip
    return vault.open_for_person(row.person_token, bytes(row.sealed))


@transaction.atomic
def correct_paper(
    *, tenant: str, number: str, paper_id: int, reading: str, findings: str, changes: Sequence[dict[str, Any]],
    by: str, at: datetime,
) -> None:  # fmt: skip
    """Keep a reading as a person put it right; it counts once another person has confirmed it."""
    row = UploadedPaper.objects.select_for_update().get(pk=paper_id)
    if row.status not in ("read", "corrected"):
        raise Stale(f"This paper is {row.status}; its reading can no longer be changed.")
    row.corrections = json.dumps([*json.loads(row.corrections), *changes], ensure_ascii=False)
    row.reading = vault.seal_for_person(row.person_token, reading.encode())
    row.findings, row.status, row.corrected_by, row.corrected_at = findings, "corrected", by, at
    row.save(update_fields=["corrections", "reading", "findings", "status", "corrected_by", "corrected_at"])
    write_event(
        tenant=tenant, by=by, action="paper_corrected", object_kind="application", object_key=number, at=at,
        paper=row.paper, fields=len(changes),
    )  # fmt: skip


@transaction.atomic
def confirm_paper(*, tenant: str, number: str, paper_id: int, by: str, at: datetime) -> None:
    """Let a reading count: by somebody other than who handed the paper in and who put its reading right."""
    row = UploadedPaper.objects.select_for_update().get(pk=paper_id)
    if row.status not in ("read", "corrected"):
        raise Stale(f"This paper is {row.status} already.")
    if by in (row.uploaded_by, row.corrected_by):
        raise Refused("This checks your own work; it needs another pair of eyes.")
    row.status, row.confirmed_by, row.confirmed_at = "confirmed", by, at
    row.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    write_event(
        tenant=tenant, by=by, action="paper_confirmed", object_kind="application", object_key=number, at=at,
        paper=row.paper,
    )  # fmt: skip


@transaction.atomic
def drop_paper(*, tenant: str, number: str, paper_id: int, by: str, at: datetime) -> None:
    """Set a paper aside that does not belong here; one that counts already stays."""
    row = UploadedPaper.objects.select_for_update().get(pk=paper_id)
    if row.status not in ("read", "corrected", "refused"):
        raise Stale(f"This paper is {row.status}; it can no longer be set aside.")
    row.status, row.sealed, row.reading = "dropped", None, None
    row.save(update_fields=["status", "sealed", "reading"])
    write_event(
        tenant=tenant, by=by, action="paper_dropped", object_kind="application", object_key=number, at=at,
        paper=row.paper,
    )  # fmt: skip


def _row(row: UploadedPaper) -> PaperRow:
    return PaperRow(
        row.pk, row.application_id, row.application.number, row.paper, row.name, row.digest, row.size, row.media,
        row.status, tuple(json.loads(row.findings)), tuple(json.loads(row.corrections)), row.uploaded_by,
        row.uploaded_at, row.corrected_by, row.corrected_at, row.confirmed_by, row.confirmed_at,
    )  # fmt: skip
