"""The steps of a rulebook's life, each somebody's: drafted, checked, proposed, approved by another, put to work."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from creditfactory import records
from creditfactory.decision import Rulebook, each_day
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import BPS_WHOLE, BadInput, Refused, UnknownName
from creditfactory.publishing.store import find_releases
from creditfactory.records import reads
from creditfactory.rules import ENGINE_VERSION

SHOWN = 50
"""So many of the changes that no case notices are kept with a report."""


def import_rulebook(tenant: records.TenantRecord, folder: str | Path, *, by: str, title: str = "") -> int:
    """Take a pack from its folder as a new draft and give its number; a pack that is not this factory's is refused."""
    find_releases(tenant)
    parcel = _pack(folder)
    if parcel.pack != tenant.pack:
        raise Refused(f"{folder} holds rulebook {parcel.pack!r}, and factory {tenant.code} works by {tenant.pack!r}.")
    same = _find_same(tenant, parcel)
    if same is not None:
        raise Refused(f"{folder} is file by file what version {same.number} is ({same.standing}); nothing to import.")
    now = reads.read_rulebook_now(tenant.id, on=_clock(tenant).business_on)
    parent = now.champion.version_id if now.champion else None
    return _save(tenant, parcel, title=title, parent_id=parent, by=by)


def find_same(tenant: records.TenantRecord, folder: str | Path) -> int | None:
    """The number of the version that a folder is file by file; None if there is none that is still good."""
    same = _find_same(tenant, _pack(folder))
    return None if same is None else same.number


def _pack(folder: str | Path) -> packs.Parcel:
    """A folder as a parcel; a pack that is kept for the record only is refused before anything is kept."""
    with suppress(BadInput):  # what cannot be read yet may still become a draft; its check says what is wrong
        why = _why_never_live(packs.load_rulebook(folder, locked=False))
        if why:
            raise Refused(f"{folder}: {why}")
    return packs.pack_folder(folder)


def _find_same(tenant: records.TenantRecord, parcel: packs.Parcel) -> reads.VersionRow | None:
    return next((row for row in _list(tenant) if _has_files(tenant, row.number, parcel)), None)


def edit_draft(
    tenant: records.TenantRecord, number: int, place: str, text: str | None, *, by: str, revision: int | None = None,
    title: str = "",
) -> int:  # fmt: skip
    """Put new text in the place of one file (None removes it), and give the number of the draft that holds it.

    A draft is written in place; from any other version a new draft begins. ``revision`` is the one the writer saw: if
    somebody else has changed the draft since, nothing is overwritten.
    """
    if text is not None and place.endswith(".gz"):
        raise BadInput(place=place, found="text typed by hand", expected="the counts that the lab wrote")
    body = None if text is None else _read_text(place, text)
    return edit_files(tenant, number, {place: body}, by=by, revision=revision, title=title)


def edit_files(
    tenant: records.TenantRecord, number: int, edited: Mapping[str, bytes | None], *, by: str,
    revision: int | None = None, title: str = "",
) -> int:  # fmt: skip
    """Put several files in place at once, all of them or none: :func:`edit_draft` for a folder."""
    found = find_version(tenant, number)
    for place, body in edited.items():
        packs.check_place(place)
        if body is None and place not in found.files:
            raise UnknownName(place=place, found="no such file", expected=f"a file of version {number}")
    stored = records.read_stored_rulebook(found.row.id)
    files = {p: b for p, b in stored.files.items() if p not in edited}
    files |= {p: b for p, b in edited.items() if b is not None}
    parcel = packs.build_parcel(stored.pack, files)
    if files == stored.files:
        return number
    if not found.row.is_in_hand:
        return _save(tenant, parcel, title=title, parent_id=found.row.id, by=by)
    records.change_draft(
        version_id=found.row.id, files=edited, digest=parcel.digest, by=by, at=_clock(tenant).now,
        revision=found.row.revision if revision is None else revision,
    )  # fmt: skip
    return number


def check_version(tenant: records.TenantRecord, number: int, *, by: str, mutation: bool = True) -> dict[str, Any]:
    """Check a draft whole, run its cases, and keep the report; a sound one may be proposed. Gives the report.

    With ``mutation``, which takes some seconds, the report says how many small changes the cases would notice.
    """
    found = find_version(tenant, number)
    stored = records.read_stored_rulebook(found.row.id)
    parcel = packs.Parcel(stored.pack, stored.digest, stored.files)
    report = report_on(parcel, mutation=mutation)
    records.save_check_report(
        version_id=found.row.id, digest=stored.digest, report=report, by=by, at=_clock(tenant).now
    )
    return report


def report_on(parcel: packs.Parcel, *, mutation: bool = False) -> dict[str, Any]:
    """What a check finds in a parcel, as it is kept with the version: findings, cases, the share of mutants caught."""
    checked = packs.check_parcel(parcel, mutation=mutation)
    findings = [{"kind": f.kind, "place": f.place, "what": f.what} for f in checked.findings]
    if checked.is_sound and (why := _why_never_live(packs.read_parcel(parcel))):
        findings.append({"kind": "fault", "place": "pack.yaml", "what": why})
    report: dict[str, Any] = {
        "is_sound": not any(finding["kind"] == "fault" for finding in findings),
        "findings": findings,
        "cases_run": checked.cases_run,
        "cases_failed": checked.cases_failed,
        "digest": parcel.digest,
        "engine": ENGINE_VERSION,
    }
    if checked.mutation is not None:
        report["mutation"] = _tell_mutation(checked.mutation)
    return report


def _tell_mutation(score: packs.MutationScore) -> dict[str, Any]:
    """How many small changes to the rulebook its own cases would notice, and the first that would slip through."""
    return {
        "mutants": score.mutants,
        "caught": score.caught,
        "equivalent": len(score.equivalent),
        "survived": len(score.survived),
        "share_bps": round(score.share * BPS_WHOLE),
        "survivors": [{"place": s.place, "what": s.what, "shown_by": s.shown_by} for s in score.survived[:SHOWN]],
    }


def _why_never_live(rulebook: Rulebook) -> str:
    """Why a pack that is kept for the record can never govern: it decides on what the law forbids to decide on."""
    if not (rulebook.is_historical or rulebook.protected_allowed):
        return ""
    protected = {name for name, declared in rulebook.declarations.items() if declared.protected}
    read = {d.name for book in each_day(rulebook) for policy in (book.policy, book.strategy) for d in policy.inputs}
    facts = ", ".join(sorted(protected & read)) or "none today"
    return (
        f"rulebook {rulebook.pack!r} is kept for the record; it may decide on protected facts (it reads: {facts}),"
        f" which law {rulebook.law!r} forbids, so it is never put to work"
    )


def propose(tenant: records.TenantRecord, number: int, *, note: str, by: str) -> None:
    """Ask another person to approve a checked version."""
    records.propose_version(version_id=find_version(tenant, number).row.id, note=note, by=by, at=_clock(tenant).now)


def approve(tenant: records.TenantRecord, number: int, *, by: str, note: str = "") -> None:
    """Approve what others wrote and proposed."""
    records.approve_version(version_id=find_version(tenant, number).row.id, note=note, by=by, at=_clock(tenant).now)


def reject(tenant: records.TenantRecord, number: int, *, reason: str, by: str) -> None:
    """Turn a proposal down, with the reason."""
    records.reject_version(version_id=find_version(tenant, number).row.id, reason=reason, by=by, at=_clock(tenant).now)


def discard(tenant: records.TenantRecord, number: int, *, by: str) -> None:
    """Lay a draft aside."""
    records.discard_version(version_id=find_version(tenant, number).row.id, by=by, at=_clock(tenant).now)


def schedule(tenant: records.TenantRecord, number: int, *, by: str, starts_on: date | None = None) -> int:
    """Let an approved version govern from a day on: today unless a later one is named."""
    clock = _clock(tenant)
    return records.schedule_version(
        version_id=find_version(tenant, number).row.id, starts_on=starts_on or clock.business_on,
        business_on=clock.business_on, by=by, at=clock.now,
    )  # fmt: skip


def challenge(
    tenant: records.TenantRecord, number: int, *, share_bps: int, by: str, starts_on: date | None = None,
    ends_on: date | None = None,
) -> int:  # fmt: skip
    """Let an approved version decide on a share of the applicants, beside the champion."""
    clock = _clock(tenant)
    return records.start_challenger(
        version_id=find_version(tenant, number).row.id, share_bps=share_bps, starts_on=starts_on or clock.business_on,
        ends_on=ends_on, business_on=clock.business_on, by=by, at=clock.now,
    )  # fmt: skip


def shadow(
    tenant: records.TenantRecord, number: int, *, by: str, starts_on: date | None = None, ends_on: date | None = None
) -> int:
    """Let an approved version decide beside the one in force, touching no case."""
    clock = _clock(tenant)
    return records.start_shadow(
        version_id=find_version(tenant, number).row.id, starts_on=starts_on or clock.business_on, ends_on=ends_on,
        business_on=clock.business_on, by=by, at=clock.now,
    )  # fmt: skip


def stop(tenant: records.TenantRecord, release_id: int, *, by: str) -> None:
    """End a challenger or shadow, or call off what has not begun."""
    clock = _clock(tenant)
    _own_release(tenant, release_id)
    records.stop_release(release_id=release_id, business_on=clock.business_on, by=by, at=clock.now)


def retire(tenant: records.TenantRecord, number: int, *, by: str) -> int:
    """End whatever a version is at work as or will be; gives how many releases ended. A champion is never left away."""
    working = [r for r in find_version(tenant, number).row.releases if r.state in ("running", "scheduled", "waiting")]
    if not working:
        raise Refused(f"Rulebook version {number} is not at work, and is not going to be.")
    for release in sorted(working, key=lambda r: r.role != "champion"):
        stop(tenant, release.id, by=by)
    return len(working)


def ask_roll_back(tenant: records.TenantRecord, *, by: str, note: str = "") -> int:
    """Ask to go back to the champion before today's; a second person confirms it by :func:`confirm`."""
    clock = _clock(tenant)
    return records.ask_roll_back(tenant_id=tenant.id, business_on=clock.business_on, note=note, by=by, at=clock.now)


def confirm(tenant: records.TenantRecord, release_id: int, *, by: str) -> None:
    """Confirm, as the second person, a release that another has asked for; it holds from today."""
    clock = _clock(tenant)
    _own_release(tenant, release_id)
    records.approve_release(release_id=release_id, business_on=clock.business_on, by=by, at=clock.now)


def roll_back(tenant: records.TenantRecord, *, by: str, approved_by: str, note: str = "") -> int:
    """Go back to the champion before today's at once, on the word of two persons; all of it or nothing."""
    with records.together():
        release_id = ask_roll_back(tenant, by=by, note=note)
        confirm(tenant, release_id, by=approved_by)
    return release_id


def _save(tenant: records.TenantRecord, parcel: packs.Parcel, *, title: str, parent_id: int | None, by: str) -> int:
    version_id = records.save_draft(
        tenant_id=tenant.id, pack=parcel.pack, files=parcel.files, digest=parcel.digest, title=title,
        parent_id=parent_id, by=by, at=_clock(tenant).now,
    )  # fmt: skip
    return next(row.number for row in _list(tenant) if row.id == version_id)


def _read_text(place: str, text: str) -> bytes:
    if "\x00" in text:
        raise BadInput(place=place, found="a NUL character", expected="text")
    try:
        return text.replace("\r\n", "\n").encode("utf-8")
    except UnicodeEncodeError:
        raise BadInput(place=place, found="text that is not UTF-8", expected="UTF-8 text") from None


def find_version(tenant: records.TenantRecord, number: int) -> reads.VersionFile:
    """A version by its number; one that is not there is refused, with those that are."""
    found = reads.read_version(tenant.id, number, on=_clock(tenant).business_on)
    if found is None:
        known = ", ".join(str(row.number) for row in reversed(_list(tenant))) or "none"
        raise UnknownName(place="version", found=str(number), expected=f"a version of factory {tenant.code}: {known}")
    return found


def _own_release(tenant: records.TenantRecord, release_id: int) -> None:
    if all(r.id != release_id for r in reads.list_releases(tenant.id, on=_clock(tenant).business_on)):
        raise Refused(f"Factory {tenant.code} has no such release of its rulebook.")


def _list(tenant: records.TenantRecord) -> tuple[reads.VersionRow, ...]:
    return reads.list_versions(tenant.id, on=_clock(tenant).business_on)


def _has_files(tenant: records.TenantRecord, number: int, parcel: packs.Parcel) -> bool:
    row = find_version(tenant, number)
    if row.row.digest != parcel.digest or row.row.status in ("rejected", "discarded"):
        return False
    return records.read_stored_rulebook(row.row.id).files == dict(parcel.files)


def _clock(tenant: records.TenantRecord) -> records.ClockReading:
    return records.read_clock(tenant.id)
