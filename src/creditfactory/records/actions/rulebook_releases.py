"""Putting a rulebook to work and taking it off again: champion from a day, challenger for a share, shadow beside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from creditfactory.kernel import BPS_WHOLE, Refused, Stale
from creditfactory.records.actions.rulebook_versions import name_person
from creditfactory.records.audit import write_event
from creditfactory.records.tables import RulebookRelease, RulebookVersion, ShadowDecision, Tenant

SHADOWS_MAX = 3
"""Each shadow decides on every application once more; more than these cost more than they teach."""


@transaction.atomic
def schedule_version(*, version_id: int, starts_on: date, business_on: date, by: str, at: datetime) -> int:
    """Let an approved version govern from a day on, today or later; gives the release's id."""
    version = _take(version_id)
    if starts_on < business_on:
        raise Refused(
            f"A version can govern from today ({business_on.isoformat()}) or a later day, not from"
            f" {starts_on.isoformat()}: what was decided before stands."
        )
    now = find_champion(version.tenant_id, starts_on)
    if now is not None and now.version_id == version.pk:
        raise Refused(
            f"Rulebook version {version.number} governs on {starts_on.isoformat()} already,"
            f" since {now.starts_on.isoformat()}."
        )
    for beside in _working(version.tenant_id, starts_on).filter(version=version, role__in=("challenger", "shadow")):
        _end(beside, max(starts_on, beside.starts_on), by=name_person(by), at=at)
    return _release(version, "champion", starts_on=starts_on, by=by, at=at)


@transaction.atomic
def start_challenger(
    *,
    version_id: int,
    share_bps: int,
    starts_on: date,
    business_on: date,
    by: str,
    at: datetime,
    ends_on: date | None = None,
) -> int:
    """Let an approved version decide on a share of the applicants, drawn by a stable hash; one challenger at a time."""
    version = _take(version_id)
    if not 1 <= share_bps < BPS_WHOLE:
        raise Refused(f"A challenger takes a share of 1 to 9999 basis points (1000 is a tenth), not {share_bps}.")
    _refuse_days(starts_on, ends_on, business_on)
    _refuse_same(version, starts_on)
    other = _working(version.tenant_id, starts_on).filter(role="challenger").select_related("version").first()
    if other is not None:
        raise Refused(f"Rulebook version {other.version.number} is the challenger; stop it before another begins.")
    return _release(version, "challenger", share_bps=share_bps, starts_on=starts_on, ends_on=ends_on, by=by, at=at)


@transaction.atomic
def start_shadow(
    *, version_id: int, starts_on: date, business_on: date, by: str, at: datetime, ends_on: date | None = None
) -> int:
    """Let an approved version decide beside the one in force, touching no case; what it says is stored apart."""
    version = _take(version_id)
    _refuse_days(starts_on, ends_on, business_on)
    _refuse_same(version, starts_on)
    running = _working(version.tenant_id, starts_on).filter(role="shadow")
    if running.filter(version=version).exists():
        raise Refused(f"Rulebook version {version.number} is a shadow already.")
    if running.count() >= SHADOWS_MAX:
        raise Refused(f"{SHADOWS_MAX} shadows are at work already; stop one of them first.")
    return _release(version, "shadow", starts_on=starts_on, ends_on=ends_on, by=by, at=at)


@transaction.atomic
def stop_release(*, release_id: int, business_on: date, by: str, at: datetime) -> None:
    """End a challenger or shadow today, or call off what has not begun; a champion goes only when another comes."""
    by = name_person(by)
    release = _lock(release_id)
    if release.ended_by or (release.ends_on is not None and release.ends_on <= business_on):
        raise Stale(f"This ended on {release.ends_on} already.")
    has_begun = release.approved_by != "" and release.starts_on <= business_on
    if release.role == "champion" and has_begun:
        raise Refused(
            f"Rulebook version {release.version.number} governs; the line is never without rules. Schedule another"
            " version, or roll back."
        )
    _end(release, max(business_on, release.starts_on) if has_begun else release.starts_on, by=by, at=at)


@transaction.atomic
def ask_roll_back(*, tenant_id: int, business_on: date, note: str, by: str, at: datetime) -> int:
    """Ask to go back to the champion before today's; it governs as soon as a second person confirms it."""
    Tenant.objects.select_for_update(no_key=True).get(id=tenant_id)
    open_request = RulebookRelease.objects.filter(tenant_id=tenant_id, approved_by="", ended_by="").first()
    if open_request is not None:
        raise Refused(f"{open_request.by} has asked to roll back already; it waits for a second person.")
    version = find_version_before(tenant_id, business_on)
    if version is None:
        raise Refused("There is no earlier champion to roll back to; the version in force is the first.")
    release = RulebookRelease.objects.create(
        tenant_id=tenant_id, version=version, role="champion", starts_on=business_on, note=note.strip()[:500],
        by=name_person(by), at=at,
    )  # fmt: skip
    _event(release, by=by, action="rulebook_roll_back_asked", at=at, to=version.number)
    return int(release.pk)


@transaction.atomic
def approve_release(*, release_id: int, business_on: date, by: str, at: datetime) -> None:
    """Confirm, as the second person, what another asked for; it is in force from today."""
    by = name_person(by)
    release = _lock(release_id)
    if release.ended_by or release.approved_by:
        raise Stale(f"{release.approved_by or release.ended_by} has decided on this already.")
    if by.casefold() == release.by.casefold():
        raise Refused(f"{by} asked for this; it takes a second person to confirm it.")
    release.starts_on = max(release.starts_on, business_on)
    release.approved_by, release.approved_at = by, at
    release.save()
    _event(release, by=by, action="rulebook_released", at=at, role=release.role, starts_on=str(release.starts_on))


@transaction.atomic
def save_shadow_decision(*, application_id: int, release_id: int, version_id: int, at: datetime, **told: Any) -> None:
    """Keep what a shadow said of an application; said once, it stays."""
    ShadowDecision.objects.bulk_create(
        [ShadowDecision(application_id=application_id, release_id=release_id, version_id=version_id, at=at, **told)],
        ignore_conflicts=True,
    )


def find_champion(tenant_id: int, on: date) -> RulebookRelease | None:
    """The release that governs on a day: the last that starts on or before it; on days before all, the first."""
    champions = _in_force(tenant_id).filter(role="champion").select_related("version")
    begun = champions.filter(starts_on__lte=on).order_by("-starts_on", "-id").first()
    return begun or champions.order_by("starts_on", "id").first()


def find_version_before(tenant_id: int, on: date) -> RulebookVersion | None:
    """The version that governed before the one of today."""
    now = find_champion(tenant_id, on)
    begun = _in_force(tenant_id).filter(role="champion", starts_on__lte=on).select_related("version")
    if now is None:
        return None
    earlier = [r for r in begun.order_by("-starts_on", "-id") if r.version_id != now.version_id]
    return earlier[0].version if earlier else None


def _in_force(tenant_id: int) -> QuerySet[RulebookRelease]:
    """Releases with two persons behind them that were not called off before they began."""
    releases = RulebookRelease.objects.filter(tenant_id=tenant_id).exclude(approved_by="")
    return releases.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")))


def _working(tenant_id: int, on: date) -> QuerySet[RulebookRelease]:
    """What is at work on a day or will be after it."""
    return _in_force(tenant_id).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


def _take(version_id: int) -> RulebookVersion:
    """An approved version, with its factory held so that releases follow one another."""
    found = RulebookVersion.objects.filter(id=version_id).values_list("tenant_id", flat=True).first()
    if found is None:
        raise Refused("There is no such version of the rulebook.")
    Tenant.objects.select_for_update(no_key=True).get(id=found)
    version = RulebookVersion.objects.select_related("tenant").get(id=version_id)
    if version.status != "approved":
        raise Refused(
            f"Rulebook version {version.number} is {version.status}; only a version that a second person has approved"
            " can be put to work."
        )
    return version


def _refuse_days(starts_on: date, ends_on: date | None, business_on: date) -> None:
    if starts_on < business_on:
        raise Refused(f"It can begin today ({business_on.isoformat()}) or later, not on {starts_on.isoformat()}.")
    if ends_on is not None and ends_on <= starts_on:
        raise Refused(f"It would end on {ends_on.isoformat()}, which is not after {starts_on.isoformat()}.")


def _refuse_same(version: RulebookVersion, on: date) -> None:
    now = find_champion(version.tenant_id, on)
    if now is not None and now.version.digest == version.digest:
        raise Refused(f"Rulebook version {version.number} decides as the champion does; there is nothing to compare.")


def _release(
    version: RulebookVersion,
    role: str,
    *,
    starts_on: date,
    by: str,
    at: datetime,
    share_bps: int = 0,
    ends_on: date | None = None,
) -> int:
    """Put an approved version to work; the second person is the one of the approval who does not do it now."""
    by = name_person(by)
    second = next(p for p in (version.decided_by, version.proposed_by) if p.casefold() != by.casefold())
    release = RulebookRelease.objects.create(
        tenant=version.tenant, version=version, role=role, share_bps=share_bps, starts_on=starts_on, ends_on=ends_on,
        by=by, at=at, approved_by=second, approved_at=version.decided_at,
    )  # fmt: skip
    _event(
        release, by=by, action="rulebook_scheduled", at=at, role=role, share_bps=share_bps, second=second,
        starts_on=starts_on.isoformat(),
    )  # fmt: skip
    return int(release.pk)


def _lock(release_id: int) -> RulebookRelease:
    tenant_id = RulebookRelease.objects.filter(id=release_id).values_list("tenant_id", flat=True).first()
    if tenant_id is None:
        raise Refused("There is no such release of the rulebook.")
    Tenant.objects.select_for_update(no_key=True).get(id=tenant_id)
    return RulebookRelease.objects.select_related("tenant", "version").get(id=release_id)


def _end(release: RulebookRelease, on: date, *, by: str, at: datetime) -> None:
    release.ends_on, release.ended_by, release.ended_at = on, by, at
    release.save()
    _event(release, by=by, action="rulebook_release_ended", at=at, role=release.role, ends_on=on.isoformat())


def _event(release: RulebookRelease, *, by: str, action: str, at: datetime, **detail: Any) -> None:
    write_event(
        tenant=release.tenant.code, by=by, action=action, object_kind="rulebook",
        object_key=str(release.version.number), at=at, **detail,
    )  # fmt: skip
