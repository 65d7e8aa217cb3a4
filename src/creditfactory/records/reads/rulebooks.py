"""A factory's rulebook versions, what is at work, what waits for a second person, and how the arms compare."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from creditfactory.records.actions.rulebook_releases import find_champion, find_version_before
from creditfactory.records.rulebooks import open_body
from creditfactory.records.tables import RulebookFile, RulebookRelease, RulebookVersion


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One version at work: ``state`` is waiting (for a second person), scheduled, running, ended or called_off."""

    id: int
    version_id: int
    number: int
    role: str
    share_bps: int
    starts_on: date
    ends_on: date | None
    note: str
    by: str
    at: datetime
    approved_by: str
    approved_at: datetime | None
    ended_by: str
    state: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version as a list shows it.

    ``standing`` says where it is in its life: draft, checked, proposed, rejected, discarded, approved (and not yet put
    to work), scheduled, live, challenger, shadow or retired. ``live_from`` is the first day it governs or governed.
    """

    id: int
    number: int
    pack: str
    title: str
    status: str
    standing: str
    digest: str
    parent_number: int | None
    revision: int
    authors: tuple[str, ...]
    created_at: datetime
    changed_at: datetime
    is_sound: bool | None
    checked_by: str
    checked_at: datetime | None
    note: str
    proposed_by: str
    proposed_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    live_from: date | None
    releases: tuple[ReleaseRow, ...]

    @property
    def is_in_hand(self) -> bool:
        """Whether it may still be written at."""
        return self.status in ("draft", "checked")

    def may_be_approved_by(self, person: str) -> bool:
        """Whether this person neither wrote nor proposed it, so that his approval counts."""
        return self.status == "proposed" and person.casefold() not in {
            name.casefold() for name in (self.proposed_by, *self.authors)
        }


@dataclass(frozen=True, slots=True)
class VersionFile:
    """One version with its check report and the places of its files, each with the digest of its content."""

    row: VersionRow
    report: dict[str, Any] | None
    files: dict[str, str]
    tenant: str


@dataclass(frozen=True, slots=True)
class RulebookNow:
    """What is at work on a day: who governs, who challenges, who looks on; and what would come back on a roll-back."""

    on: date
    champion: ReleaseRow | None
    challenger: ReleaseRow | None
    shadows: tuple[ReleaseRow, ...]
    scheduled: tuple[ReleaseRow, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for a second person: proposed versions, the oldest first, and releases asked for (roll-backs)."""

    versions: tuple[VersionRow, ...]
    releases: tuple[ReleaseRow, ...]

    def __len__(self) -> int:
        return len(self.versions) + len(self.releases)


def list_versions(tenant_id: int, *, on: date) -> tuple[VersionRow, ...]:
    """Every version of a factory, the newest first, with where it stands on its business date."""
    return _rows(RulebookVersion.objects.filter(tenant_id=tenant_id).order_by("-number"), tenant_id, on)


def read_version(tenant_id: int, number: int, *, on: date) -> VersionFile | None:
    """One version by its number; None if the factory has no such one."""
    version = RulebookVersion.objects.filter(tenant_id=tenant_id, number=number).select_related("tenant").first()
    if version is None:
        return None
    [row] = _rows([version], tenant_id, on)
    return VersionFile(row, version.report, dict(sorted(version.files.items())), version.tenant.code)


def read_version_file(tenant_id: int, number: int, place: str) -> str | None:
    """The text of one file of a version by its place, such as ``tables/tier.csv``; None if there is none."""
    files = RulebookVersion.objects.filter(tenant_id=tenant_id, number=number).values_list("files", flat=True).first()
    if not files or place not in files:
        return None
    stored = RulebookFile.objects.filter(digest=files[place]).values_list("body", flat=True).first()
    body = open_body(place, files[place], stored)
    if place.endswith(".gz"):
        body = gzip.decompress(body)
    return body.decode("utf-8-sig")


def list_awaiting(tenant_id: int, *, on: date) -> Inbox:
    """What waits for a second person in a factory."""
    proposed = RulebookVersion.objects.filter(tenant_id=tenant_id, status="proposed").order_by("proposed_at", "id")
    asked = RulebookRelease.objects.filter(tenant_id=tenant_id, approved_by="", ended_by="").select_related("version")
    return Inbox(_rows(proposed, tenant_id, on), tuple(_release_row(r, on, None) for r in asked.order_by("at", "id")))


def read_rulebook_now(tenant_id: int, *, on: date) -> RulebookNow:
    """What is at work in a factory on a day."""
    champion = find_champion(tenant_id, on)
    rows = _read_releases(tenant_id, on, champion)
    running = [row for row in rows if row.state == "running"]
    before = find_version_before(tenant_id, on)
    return RulebookNow(
        on=on,
        champion=next((row for row in running if row.role == "champion"), None),
        challenger=next((row for row in running if row.role == "challenger"), None),
        shadows=tuple(row for row in running if row.role == "shadow"),
        scheduled=tuple(row for row in rows if row.state == "scheduled"),
        before=before.number if before else None,
    )


def list_releases(tenant_id: int, *, on: date) -> tuple[ReleaseRow, ...]:
    """Everything that was ever put to work in a factory, in the order of its days."""
    return tuple(_read_releases(tenant_id, on, find_champion(tenant_id, on)))


def _read_releases(tenant_id: int, on: date, champion: RulebookRelease | None) -> list[ReleaseRow]:
    found = RulebookRelease.objects.filter(tenant_id=tenant_id).select_related("version").order_by("starts_on", "id")
    return [_release_row(release, on, champion) for release in found]


def _release_row(release: RulebookRelease, on: date, champion: RulebookRelease | None) -> ReleaseRow:
    return ReleaseRow(
        id=release.pk, version_id=release.version_id, number=release.version.number, role=release.role,
        share_bps=release.share_bps, starts_on=release.starts_on, ends_on=release.ends_on, note=release.note,
        by=release.by, at=release.at, approved_by=release.approved_by, approved_at=release.approved_at,
        ended_by=release.ended_by, state=_find_state(release, on, champion),
    )  # fmt: skip


def _find_state(release: RulebookRelease, on: date, champion: RulebookRelease | None) -> str:
    if release.ends_on is not None and release.ends_on <= release.starts_on:
        return "called_off"
    if not release.approved_by:
        return "waiting"
    if release.role == "champion" and champion is not None and release.pk == champion.pk:
        return "running"
    if release.starts_on > on:
        return "scheduled"
    if release.role == "champion" or (release.ends_on is not None and release.ends_on <= on):
        return "ended"
    return "running"


def _rows(versions: Iterable[RulebookVersion], tenant_id: int, on: date) -> tuple[VersionRow, ...]:
    by_version: dict[int, list[ReleaseRow]] = {}
    for release in _read_releases(tenant_id, on, find_champion(tenant_id, on)):
        by_version.setdefault(release.version_id, []).append(release)
    numbers = dict(RulebookVersion.objects.filter(tenant_id=tenant_id).values_list("id", "number"))
    return tuple(_version_row(v, numbers, tuple(by_version.get(v.pk, ()))) for v in versions)


def _version_row(version: RulebookVersion, numbers: dict[int, int], releases: tuple[ReleaseRow, ...]) -> VersionRow:
    governs = [r.starts_on for r in releases if r.role == "champion" and r.state in ("running", "scheduled", "ended")]
    report = version.report
    return VersionRow(
        id=version.pk, number=version.number, pack=version.pack, title=version.title, status=version.status,
        standing=_find_standing(version.status, releases), digest=version.digest,
        parent_number=None if version.parent_id is None else numbers.get(version.parent_id),
        revision=version.revision, authors=tuple(version.authors), created_at=version.created_at,
        changed_at=version.changed_at, is_sound=None if report is None else bool(report.get("is_sound")),
        checked_by=version.checked_by, checked_at=version.checked_at, note=version.note,
        proposed_by=version.proposed_by, proposed_at=version.proposed_at, decided_by=version.decided_by,
        decided_at=version.decided_at, decision_note=version.decision_note, live_from=min(governs, default=None),
        releases=releases,
    )  # fmt: skip


def _find_standing(status: str, releases: tuple[ReleaseRow, ...]) -> str:
    if status != "approved":
        return status
    running = {r.role for r in releases if r.state == "running"}
    for role, standing in (("champion", "live"), ("challenger", "challenger"), ("shadow", "shadow")):
        if role in running:
            return standing
    if any(r.state == "scheduled" for r in releases):
        return "scheduled"
    return "retired" if any(r.state == "ended" for r in releases) else "approved"
