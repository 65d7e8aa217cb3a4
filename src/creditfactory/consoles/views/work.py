"""The work queue and one piece of work: claim, do, hand in, give back, send back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditfactory import records, stations
from creditfactory.consoles import check_marks, trace, words
from creditfactory.consoles.page import Desk, name_of, page
from creditfactory.consoles.work_forms import CALL_SCRIPT, WorkForm
from creditfactory.kernel import BadInput, Refused, Stale
from creditfactory.records import reads
from creditfactory.records.actions.people import ROLE_BY_CODE

FILTERS = ("role", "station", "lane", "text")
REWORK_TIME = timedelta(hours=4)


@page("see_work")
def show_queue(request: HttpRequest) -> HttpResponse:
    """The queue as filtered by the address; a fragment alone when the page asks for it."""
    facts = _gather(request)
    template = "consoles/parts/queue.html" if request.htmx else "consoles/work.html"  # type: ignore[attr-defined]
    return render(request, template, facts)


def _gather(request: HttpRequest) -> dict[str, Any]:
    desk: Desk = request.desk  # type: ignore[attr-defined]
    chosen = {name: request.GET.get(name, "").strip()[:80] for name in FILTERS}
    is_mine = request.GET.get("mine") == "1"
    queue = reads.read_queue(
        desk.factory.id, now=desk.factory.now, roles=desk.work_roles, me=desk.username,
        mine=desk.username if is_mine else "", **chosen,
    )  # fmt: skip
    return {
        "queue": queue,
        "filter": {**chosen, "mine": is_mine},
        "is_filtered": is_mine or any(chosen.values()),
        "stations": [
            {"code": code, "name": words.station_name(code), "count": n} for code, n in queue.by_station.items()
        ],
        "roles": [
            {"code": code, "name": name_of(ROLE_BY_CODE[code]) if code in ROLE_BY_CODE else code, "count": n}
            for code, n in sorted(queue.by_role.items())
        ],
    }


@require_POST
@page("do_work")
def take_next(request: HttpRequest) -> HttpResponse:
    """Claim what runs out soonest and open it."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    roles = desk.work_roles if desk.work_roles is not None else tuple(ROLE_BY_CODE)
    taken = records.take_next_work(tenant_id=desk.factory.id, roles=roles, by=desk.username, at=desk.factory.now)
    if taken is None:
        messages.info(request, _("There is nothing to take: all work is done or claimed."))
        return redirect(reverse("work") + _query(request))
    return redirect(reverse("work_item", args=[taken.id]))


@require_POST
@page("do_work")
def claim(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take one piece of work; whoever comes second is told who was first."""
    return _change(request, item_id, records.claim_work)


@require_POST
@page("do_work")
def release(request: HttpRequest, item_id: int) -> HttpResponse:
    """Give it back to the queue."""
    return _change(request, item_id, records.release_work)


def _change(request: HttpRequest, item_id: int, act: Callable[..., None]) -> HttpResponse:
    desk: Desk = request.desk  # type: ignore[attr-defined]
    _find(desk, item_id)
    message = ""
    try:
        act(item_id=item_id, by=desk.username, at=desk.factory.now)
    except Refused as refusal:
        message = _tell_refusal(refusal, item_id, desk)
    if request.htmx:  # type: ignore[attr-defined]
        facts = {"row": _find(desk, item_id).row, "message": message}
        return render(request, "consoles/parts/queue_row.html", facts, status=409 if message else 200)
    if message:
        messages.error(request, message)
    target = reverse("work_item", args=[item_id]) if request.POST.get("stay") else reverse("work") + _query(request)
    return HttpResponseRedirect(target)


@page("see_work")
def show_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """One piece of work with its form; posting the form hands the result in."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    item = _find(desk, item_id)
    is_mine = item.row.status == "claimed" and item.row.claimed_by == desk.username
    form = WorkForm(item.row.kind, _with_amount(item), request.POST if request.method == "POST" else None)
    if request.method == "POST":
        answer = _hand_in(request, item, form, desk)
        if answer is not None:
            return answer
    case = reads.read_case(desk.factory.id, item.row.number)
    facts = {
        "result_nodes": trace.build_tree(item.result, item.row),
        "item": item, "row": item.row, "form": form, "is_mine": is_mine, "case": case,
        "can_return": is_mine and item.row.kind in ("review", "second_review"),
        "brief": [(name, _say(item, name, value)) for name, value in item.brief.items()
                  if not isinstance(value, dict | list)],
        "signals": [(name, words.fact_text(name, value, item.row.currency))
                    for name, value in (item.brief.get("signals") or {}).items()],
        "hits": item.brief.get("hits") or (),
        "earlier_checks": [v for v in case.visits if v.station in ("online_check", "phone_check", "site_visit")]
        if case else [],
        "has_marks": item.row.kind in check_marks.JUDGES and item.row.status in ("open", "claimed"),
        "script": [_(line) for line in CALL_SCRIPT] if item.row.kind == "phone_check" else [],
        "person": reads.read_masked_person(case.person_token) if case else None,
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "consoles/work_item.html", facts, status=status)


@require_POST
@page("see_work")
def mark_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """What the answers typed so far contradict in the dossier; nothing is kept."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    item = _find(desk, item_id)
    case = reads.read_case(desk.factory.id, item.row.number)
    form = WorkForm(item.row.kind, _with_amount(item), request.POST)
    marks = check_marks.mark_answers(form, case) if case else check_marks.Marks()
    return render(request, "consoles/parts/check_marks.html", {"row": item.row, "marks": marks})


def _hand_in(request: HttpRequest, item: reads.WorkItemFile, form: WorkForm, desk: Desk) -> HttpResponse | None:
    """Complete the work and go on to the queue, or None when the page must be shown again with what was typed."""
    if not desk.can_work:
        raise PermissionDenied
    if not form.is_valid():
        messages.error(request, _("Not handed in yet: see the marked fields."))
        return None
    try:
        stations.check_work(item.row.kind, form.read_result(), item.brief)
        records.complete_work(item_id=item.row.id, result=form.read_result(), by=desk.username, at=desk.factory.now)
    except BadInput as fault:
        form.add_error(fault.place if fault.place in form.fields else None, _("This answer does not fit the question."))
        messages.error(request, _("Not handed in yet: see the marked fields."))
        return None
    except Refused as refusal:
        messages.error(request, _tell_refusal(refusal, item.row.id, desk))
        return None
    messages.success(
        request,
        _("{kind} of {number} handed in.").format(kind=words.word(item.row.kind, "work"), number=item.row.number),
        extra_tags=f"done-{item.row.id}",
    )
    return redirect("work")


@require_POST
@page("do_work")
def send_back(request: HttpRequest, item_id: int) -> HttpResponse:
    """Send the check that led here back for rework, with a note."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    _find(desk, item_id)
    note = request.POST.get("note", "")
    now = desk.factory.now
    try:
        records.return_work(item_id=item_id, note=note, by=desk.username, at=now, due_at=now + REWORK_TIME)
    except Refused as refusal:
        messages.error(
            request, words.tell_refusal(refusal) if not note.strip() else _tell_refusal(refusal, item_id, desk)
        )
        return redirect("work_item", item_id)
    messages.success(request, _("Sent back for rework."))
    return redirect("work")


def _find(desk: Desk, item_id: int) -> reads.WorkItemFile:
    """The item, if it is this factory's and within this person's roles."""
    found = reads.read_work_item(item_id)
    if found is None or found[0] not in {factory.id for factory in desk.factories}:
        raise Http404
    tenant_id, item = found
    if tenant_id != desk.factory.id:
        raise Http404
    if desk.work_roles is not None and item.row.role not in desk.work_roles:
        raise PermissionDenied
    return item


def _tell_refusal(refusal: Refused, item_id: int, desk: Desk) -> str:
    """Why it was refused, in the reader's language."""
    found = reads.read_work_item(item_id)
    row = found[1].row if found else None
    if row is not None and row.maker == desk.username:
        return _("This checks your own work; it needs another pair of eyes.")
    if row is not None and row.claimed_by and row.claimed_by != desk.username:
        return _("{name} has claimed this already.").format(name=row.claimed_by)
    if row is not None and row.status in ("done", "returned", "cancelled"):
        return _("This work is finished already.")
    if isinstance(refusal, Stale):
        return _("Claim this work first; what you typed is still here.")
    return words.tell_refusal(refusal)


def _say(item: reads.WorkItemFile, name: str, value: Any) -> str:
    return words.told_value(name, value, item.row)


def _with_amount(item: reads.WorkItemFile) -> dict[str, Any]:
    return {"amount_cents": item.row.amount_cents, **item.brief}


def _query(request: HttpRequest) -> str:
    back = request.POST.get("back", "")[:400]
    return f"?{back}" if back else ""
