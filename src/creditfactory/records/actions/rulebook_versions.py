"""A rulebook's way from a draft to approval: written by some, checked by the machine, approved by somebody else."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from creditfactory.kernel import Refused, Stale
from creditfactory.records.audit import write_event
from creditfactory.records.tables import RulebookFile, RulebookRelease, RulebookVersion, Tenant

IN_HAND = ("draft", "checked")
"""A version that may still be written at."""


@transaction.atomic
def save_draft(
    *,
    tenant_id: int,
    pack: str,
    files: Mapping[str, bytes],
    digest: str,
    title: str,
    parent_id: int | None,
    by: str,
    at: datetime,
) -> int:
    """Keep a new draft with all its files and give its id; the numbers of a factory's versions have no gap."""
    by = name_person(by)
    tenant = Tenant.objects.select_for_update(no_key=True).get(id=tenant_id)
    last = RulebookVersion.objects.filter(tenant=tenant).aggregate(Max("number"))["number__max"] or 0
    version = RulebookVersion.objects.create(
        tenant=tenant, pack=pack, number=last + 1, title=title.strip()[:120], parent_id=parent_id, digest=digest,
        files=_keep_files(files), authors=[by], created_at=at, changed_at=at,
    )  # fmt: skip
    _event(version, by=by, action="rulebook_drafted", at=at, files=len(files))
    return int(version.pk)


@transaction.atomic
def change_draft(
    *,
    version_id: int,
    files: Mapping[str, bytes | None],
    digest: str,
    revision: int,
    by: str,
    at: datetime,
) -> None:
    """Put new text in the place of a draft's files (None removes one); a check made before no longer counts.

    ``revision`` is the one the writer had before his eyes: what somebody else has changed since is never overwritten.
    """
    by = name_person(by)
    version = _lock(version_id)
    if version.status not in IN_HAND:
        raise Refused(
            f"Rulebook version {version.number} is {version.status}; its content stays as it is. Begin a new draft"
            " from it instead."
        )
    if version.revision != revision:
        raise Stale(f"Rulebook version {version.number} has been changed by somebody else since you opened it.")
    kept = {place: hashed for place, hashed in version.files.items() if place not in files}
    kept |= _keep_files({place: body for place, body in files.items() if body is not None})
    if kept == version.files:
        return
    version.files, version.digest, version.status = kept, digest, "draft"
    version.report, version.checked_by, version.checked_at = None, "", None
    version.revision += 1
    version.changed_at = at
    if by not in version.authors:
        version.authors = [*version.authors, by]
    version.save()
    _event(version, by=by, action="rulebook_draft_changed", at=at, places=sorted(files))


@transaction.atomic
def save_check_report(*, version_id: int, digest: str, report: Mapping[str, Any], by: str, at: datetime) -> str:
    """Keep what a check found; a sound draft is checked from now on. Gives the status; refused if it changed since."""
    by = name_person(by)
    version = _lock(version_id)
    if version.status not in IN_HAND:
        raise Refused(f"Rulebook version {version.number} is {version.status}; it was checked before that.")
    if version.digest != digest:
        raise Stale(f"Rulebook version {version.number} has been changed while it was being checked; check it again.")
    if version.status == "checked":
        return "checked"
    version.report, version.checked_by, version.checked_at = dict(report), by, at
    version.status = "checked" if report.get("is_sound") is True else "draft"
    version.revision += 1
    version.save()
    _event(version, by=by, action="rulebook_checked", at=at, is_sound=version.status == "checked")
    return str(version.status)


@transaction.atomic
def propose_version(*, version_id: int, note: str, by: str, at: datetime) -> None:
    """Ask another person to approve a checked version, saying what it is for; its content is fixed from now on."""
    by = name_person(by)
    version = _lock(version_id)
    if not note.strip():
        raise Refused("Say in a sentence what the new version is for, so that whoever approves it knows.")
    if version.status == "draft":
        raise Refused(
            f"Rulebook version {version.number} has not been checked, or the check found faults; only a checked version"
            " can be proposed."
        )
    _expect(version, "checked")
    version.status, version.note = "proposed", note.strip()[:1000]
    version.proposed_by, version.proposed_at = by, at
    version.revision += 1
    version.save()
    _event(version, by=by, action="rulebook_proposed", at=at)


@transaction.atomic
def approve_version(*, version_id: int, by: str, at: datetime, note: str = "") -> None:
    """Approve what another person wrote and proposed; nobody approves his own work."""
    by = name_person(by)
    version = _lock(version_id)
    _expect(version, "proposed")
    others = {person.casefold() for person in (version.proposed_by, *version.authors)}
    if by.casefold() in others:
        raise Refused(
            f"{by} wrote or proposed rulebook version {version.number}; it takes a second person to approve it."
        )
    _decide(version, "approved", note, by=by, at=at)
    _event(version, by=by, action="rulebook_approved", at=at, digest=version.digest)


@transaction.atomic
def reject_version(*, version_id: int, reason: str, by: str, at: datetime) -> None:
    """Turn a proposal down, with the reason; whoever proposed it may take it back the same way."""
    by = name_person(by)
    version = _lock(version_id)
    _expect(version, "proposed")
    if not reason.strip():
        raise Refused("Say why it is turned down, so that its author can put it right.")
    _decide(version, "rejected", reason, by=by, at=at)
    _event(version, by=by, action="rulebook_rejected", at=at, reason=reason.strip()[:200])


@transaction.atomic
def discard_version(*, version_id: int, by: str, at: datetime) -> None:
    """Lay a draft aside that nobody will go on with; it stays on record."""
    by = name_person(by)
    version = _lock(version_id)
    if version.status not in IN_HAND:
        raise Refused(f"Rulebook version {version.number} is {version.status}; only a draft can be discarded.")
    _decide(version, "discarded", "", by=by, at=at)
    _event(version, by=by, action="rulebook_discarded", at=at)


@transaction.atomic
def adopt_first_version(
    *,
    tenant_id: int,
    pack: str,
    files: Mapping[str, bytes],
    digest: str,
    report: Mapping[str, Any],
    officers: tuple[str, str],
    starts_on: object,
    at: datetime,
) -> bool:
    """Put the pack a factory came with in force as version 1, on the word of two officers; False if it has one.

    Two workers that come to it at once put it in once: the factory's row is held meanwhile.
    """
    first, second = (name_person(person) for person in officers)
    Tenant.objects.select_for_update(no_key=True).get(id=tenant_id)
    if RulebookRelease.objects.filter(tenant_id=tenant_id, role="champion").exists():
        return False
    version_id = save_draft(
        tenant_id=tenant_id, pack=pack, files=files, digest=digest, title="As shipped", parent_id=None, by=first, at=at
    )
    save_check_report(version_id=version_id, digest=digest, report=report, by=first, at=at)
    propose_version(version_id=version_id, note="The rulebook that the factory came with.", by=first, at=at)
    approve_version(version_id=version_id, by=second, at=at)
    release = RulebookRelease.objects.create(
        tenant_id=tenant_id, version_id=version_id, role="champion", starts_on=starts_on, by=first, at=at,
        approved_by=second, approved_at=at,
    )  # fmt: skip
    _event(release.version, by=first, action="rulebook_scheduled", at=at, starts_on=str(starts_on), second=second)
    return True


def name_person(by: str) -> str:
    """A person's name as it is kept: without blanks around it, and never empty."""
    name = by.strip()[:64]
    if not name:
        raise Refused("Say who does this: every step in a rulebook's life is somebody's.")
    return name


def _keep_files(files: Mapping[str, bytes]) -> dict[str, str]:
    """Keep each content once, under its SHA-256, and give the digest of each place."""
    hashes = {place: hashlib.sha256(body).hexdigest() for place, body in files.items()}
    known = set(RulebookFile.objects.filter(digest__in=set(hashes.values())).values_list("digest", flat=True))
    fresh = {hashes[place]: body for place, body in files.items() if hashes[place] not in known}
    RulebookFile.objects.bulk_create(
        [RulebookFile(digest=digest, body=zlib.compress(body, 6)) for digest, body in sorted(fresh.items())],
        ignore_conflicts=True,
    )
    return hashes


def _decide(version: RulebookVersion, status: str, note: str, *, by: str, at: datetime) -> None:
    version.status, version.decision_note = status, note.strip()[:1000]
    version.decided_by, version.decided_at = by, at
    version.revision += 1
    version.save()


def _lock(version_id: int) -> RulebookVersion:
    version = (
        RulebookVersion.objects.select_for_update(of=("self",), no_key=True)
        .select_related("tenant")
        .filter(id=version_id)
        .first()
    )
    if version is None:
        raise Refused("There is no such version of the rulebook.")
    return version


def _expect(version: RulebookVersion, status: str) -> None:
    if version.status != status:
        who = f" by {version.decided_by}" if version.decided_by else ""
        raise Stale(f"Rulebook version {version.number} is {version.status}{who} and no longer {status}.")


def _event(version: RulebookVersion, *, by: str, action: str, at: datetime, **detail: Any) -> None:
    write_event(
        tenant=version.tenant.code, by=by, action=action, object_kind="rulebook", object_key=str(version.number), at=at,
        **detail,
    )  # fmt: skip
