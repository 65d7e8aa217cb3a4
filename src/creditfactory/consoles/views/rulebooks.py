"""The rulebook's home, its versions and every step of their lives; the inbox of what waits for a second person."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditfactory import publishing, records
from creditfactory.consoles.page import Desk, page
from creditfactory.consoles.rulebook_book import open_book, read_chapters
from creditfactory.consoles.rulebook_faults import tell_fault
from creditfactory.kernel import BadInput, Refused
from creditfactory.records import reads

NEEDS = {
    "check": "edit_rulebook", "discard": "edit_rulebook", "propose": "propose_rulebook",
    "approve": "approve_rulebook", "reject": "approve_rulebook", "schedule": "propose_rulebook",
    "challenge": "propose_rulebook", "shadow": "propose_rulebook", "retire": "propose_rulebook",
}  # fmt: skip
"""The power that each step of a version's life needs."""


def find_factory(desk: Desk) -> records.TenantRecord:
    """The factory looked at, as steps ask for it."""
    tenant = records.find_tenant(desk.factory.code)
    if tenant is None:
        raise Http404(desk.factory.code)
    return tenant


def find_version(desk: Desk, number: int) -> reads.VersionFile:
    """A version of the factory looked at, or nothing at this address."""
    found = reads.read_version(desk.factory.id, number, on=desk.factory.business_on)
    if found is None:
        raise Http404(str(number))
    return found


@page("see_rulebook")
def show_home(request: HttpRequest) -> HttpResponse:
    """What governs and since when, what waits for a second person, and every version."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    return _render_home(request, desk)


def _render_home(request: HttpRequest, desk: Desk, *, fault: str = "", at: str = "", status: int = 200) -> HttpResponse:
    on = desk.factory.business_on
    now = reads.read_rulebook_now(desk.factory.id, on=on)
    versions = reads.list_versions(desk.factory.id, on=on)
    inbox = reads.list_awaiting(desk.factory.id, on=on)
    last = max(versions, key=lambda v: v.decided_at or v.changed_at, default=None)
    facts: dict[str, Any] = {
        "now": now, "versions": versions, "inbox": inbox, "fault": fault, "fault_at": at, "last": last,
        "live": next((v for v in versions if now.champion and v.number == now.champion.number), None),
        "releases": reversed(reads.list_releases(desk.factory.id, on=on)),
        "awaiting": [(v, v.may_be_approved_by(desk.username)) for v in inbox.versions],
        "asked": [(r, r.by.casefold() != desk.username.casefold()) for r in inbox.releases],
        "champion_bps": 10_000 - (now.challenger.share_bps if now.challenger else 0), "typed": request.POST,
    }  # fmt: skip
    return render(request, "consoles/rulebook.html", facts, status=status)


@page("export")
def export_versions(request: HttpRequest) -> HttpResponse:
    """Every version with where it stands, as CSV."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    columns = (
        "number", "title", "standing", "live_from", "authors", "checked_by", "proposed_by", "note", "decided_by",
        "decision_note", "changed_at", "digest",
    )  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in reads.list_versions(desk.factory.id, on=desk.factory.business_on):
        cells = [getattr(row, column) for column in columns]
        writer.writerow([guard_text(" ".join(c) if isinstance(c, tuple) else c) for c in cells])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"rulebook-{desk.factory.code}-{desk.factory.business_on}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def guard_text(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


@page("see_rulebook")
def show_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version as a readable book, with what can be done with it."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    return render_version(request, desk, number)


def render_version(
    request: HttpRequest, desk: Desk, number: int, *, fault: str = "", step: str = "", status: int = 200
) -> HttpResponse:
    """The version's page; ``fault`` stands at the form of the step that was refused."""
    found = find_version(desk, number)
    text = request.GET.get("q", "").strip()[:80]
    on = read_day(request.GET.get("on", "")) or desk.factory.business_on
    chapters: Any = ()
    broken = ""
    try:
        rulebook, notes = open_book(found.row.digest)
        chapters = read_chapters(rulebook, notes, on, text=text)
    except (BadInput, Refused) as refusal:
        broken = tell_fault(refusal)
    facts: dict[str, Any] = {
        **describe_version(desk, found), "chapters": chapters, "broken": broken, "q": text, "on": on, "tab": "book",
        "found_count": sum(chapter.count for chapter in chapters), "fault": fault, "step": step,
        "typed": request.POST, "today": desk.factory.business_on,
    }  # fmt: skip
    is_part = getattr(request, "htmx", False) and request.method == "GET"
    return render(request, "consoles/parts/rulebook_book.html" if is_part else "consoles/rulebook_version.html", facts,
                  status=status)  # fmt: skip


def describe_version(desk: Desk, found: reads.VersionFile) -> dict[str, Any]:
    """What every page of a version shows around its matter."""
    row = found.row
    may = {step for step, power in NEEDS.items() if desk.may(power)}
    steps = [step for step in _steps_of(row) if step in may]
    refused = ""
    if row.status == "proposed" and not row.may_be_approved_by(desk.username):
        steps = [step for step in steps if step != "approve"]
        if desk.may("approve_rulebook"):
            refused = _("You wrote or proposed this version, so somebody else has to approve it.")
    return {
        "version": row,
        "row": row,
        "report": found.report,
        "files": found.files,
        "steps": steps,
        "why_not": refused,
        "may_edit": desk.may("edit_rulebook"),
        "working": [r for r in row.releases if r.state in ("running", "scheduled", "waiting")],
    }


def _steps_of(row: reads.VersionRow) -> tuple[str, ...]:
    """What may come next in a version's life."""
    if row.status == "draft":
        return ("check", "discard")
    if row.status == "checked":
        return ("propose", "discard")
    if row.status == "proposed":
        return ("approve", "reject")
    if row.status == "approved" and row.standing != "live":
        return ("schedule", "challenge", "shadow")
    return ()


def read_day(text: str) -> date | None:
    """A day as a form sends it; None where there is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _need_day(request: HttpRequest, name: str) -> date | None:
    text = request.POST.get(name, "").strip()
    found = read_day(text)
    if text and found is None:
        raise BadInput(place=name, found=repr(text), expected="a day such as 2026-01-01")
    return found


def _read_share(text: str) -> int:
    """A share in per cent as basis points."""
    try:
        share = round(float(text.strip().rstrip("%") or "x") * 100)
    except (ValueError, OverflowError):
        share = -1
    if not 0 < share < 10_000:
        raise BadInput(place="%", found=repr(text), expected="a share between 0 and 100 per cent")
    return share


@require_POST
@page("see_rulebook")
def take_step(request: HttpRequest, number: int, step: str) -> HttpResponse:
    """Take one step with a version; what is refused is said at its form, and nothing typed is lost."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    if step not in NEEDS:
        raise Http404(step)
    if not desk.may(NEEDS[step]):
        raise PermissionDenied(NEEDS[step])
    find_version(desk, number)
    try:
        told = _STEPS[step](request, find_factory(desk), number, desk.username)
    except (Refused, BadInput) as refusal:
        if request.POST.get("from") == "inbox":
            return _render_home(request, desk, fault=tell_fault(refusal), at=f"v{number}", status=409)
        return render_version(request, desk, number, fault=tell_fault(refusal), step=step, status=409)
    messages.success(request, told)
    if step == "check":
        return HttpResponseRedirect(reverse("rulebook_check", args=[number]))
    home = request.POST.get("from") == "inbox" or step == "discard"
    return HttpResponseRedirect(reverse("rulebook") if home else reverse("rulebook_version", args=[number]))


Step = Callable[[HttpRequest, records.TenantRecord, int, str], str]


def _check(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    report = publishing.check_version(tenant, number, by=by, mutation=bool(request.POST.get("mutation")))
    if report["is_sound"]:
        return _("Version {n} is sound and can be proposed.").format(n=number)
    return _("Version {n} has faults; they are named below.").format(n=number)


def _propose(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    publishing.propose(tenant, number, note=request.POST.get("note", ""), by=by)
    return _("Version {n} waits for somebody else to approve it.").format(n=number)


def _approve(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    publishing.approve(tenant, number, by=by, note=request.POST.get("note", ""))
    return _("Version {n} is approved; its content can no longer change.").format(n=number)


def _reject(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    publishing.reject(tenant, number, reason=request.POST.get("note", ""), by=by)
    return _("Version {n} is turned down.").format(n=number)


def _discard(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    publishing.discard(tenant, number, by=by)
    return _("Draft {n} is laid aside.").format(n=number)


def _schedule(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    publishing.schedule(tenant, number, by=by, starts_on=_need_day(request, "starts_on"))
    return _("Version {n} is scheduled.").format(n=number)


def _challenge(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    publishing.challenge(
        tenant, number, share_bps=_read_share(request.POST.get("share", "")), by=by,
        starts_on=_need_day(request, "starts_on"), ends_on=_need_day(request, "ends_on"),
    )  # fmt: skip
    return _("Version {n} challenges the champion.").format(n=number)


def _shadow(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    publishing.shadow(
        tenant, number, by=by, starts_on=_need_day(request, "starts_on"), ends_on=_need_day(request, "ends_on")
    )
    return _("Version {n} decides in the shadow; no case is touched by it.").format(n=number)


def _retire(request: HttpRequest, tenant: records.TenantRecord, number: int, by: str) -> str:
    publishing.retire(tenant, number, by=by)
    return _("Version {n} is off work.").format(n=number)


_STEPS: dict[str, Step] = {
    "check": _check, "propose": _propose, "approve": _approve, "reject": _reject, "discard": _discard,
    "schedule": _schedule, "challenge": _challenge, "shadow": _shadow, "retire": _retire,
}  # fmt: skip


@require_POST
@page("see_rulebook")
def act_on_release(request: HttpRequest, release_id: int, act: str) -> HttpResponse:
    """Stop a challenger, a shadow or what has not begun; confirm, as the second person, what another asked for."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    power = {"stop": "propose_rulebook", "confirm": "approve_rulebook"}.get(act)
    if power is None:
        raise Http404(act)
    if not desk.may(power):
        raise PermissionDenied(power)
    try:
        (publishing.stop if act == "stop" else publishing.confirm)(find_factory(desk), release_id, by=desk.username)
    except (Refused, BadInput) as refusal:
        return _render_home(request, desk, fault=tell_fault(refusal), at=f"r{release_id}", status=409)
    messages.success(request, _("It is ended.") if act == "stop" else _("It is confirmed and holds from today."))
    return HttpResponseRedirect(reverse("rulebook"))


@require_POST
@page("propose_rulebook")
def ask_roll_back(request: HttpRequest) -> HttpResponse:
    """Ask to go back to the champion before; a second person confirms."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    try:
        publishing.ask_roll_back(find_factory(desk), by=desk.username, note=request.POST.get("note", ""))
    except (Refused, BadInput) as refusal:
        return _render_home(request, desk, fault=tell_fault(refusal), at="roll-back", status=409)
    messages.success(request, _("Asked for; it waits for a second person to confirm."))
    return HttpResponseRedirect(reverse("rulebook"))
