"""Cases: the list to search, and one case with its story, its matter and its verdict."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditfactory import records, stations
from creditfactory.consoles import trace, words
from creditfactory.consoles.matter import gather_contradictions, gather_signs, lay_out_dossier
from creditfactory.consoles.page import Desk, page
from creditfactory.kernel import Refused
from creditfactory.records import reads
from creditfactory.records.actions.people import reveal_person
from creditfactory.stations.plan import STATIONS

FILTERS = ("text", "status", "station", "lane", "reason", "city", "channel")
STATUSES = ("moving", "waiting", "held", "declined", "withdrawn", "expired", "closed")
WHY_LENGTH_MIN = 4


@page("see_cases")
def show_cases(request: HttpRequest) -> HttpResponse:
    """The list as filtered by the address."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    chosen = {name: request.GET.get(name, "").replace("\0", "").strip()[:80] for name in FILTERS}
    asked = request.GET.get("page", "1")
    found = reads.find_cases(desk.factory.id, page=int(asked) if asked.isdecimal() else 1, **chosen)
    facts = {
        "found": found,
        "filter": chosen,
        "is_filtered": any(chosen.values()),
        "statuses": STATUSES,
        "stations": [{"code": plan.code, "name": words.station_name(plan.code)} for plan in STATIONS],
    }
    template = "consoles/parts/cases.html" if request.htmx else "consoles/cases.html"  # type: ignore[attr-defined]
    return render(request, template, facts)


@page("see_cases")
def show_case(request: HttpRequest, number: str) -> HttpResponse:
    """One case; one that stands in another of the reader's factories takes the reader there."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = reads.read_case(desk.factory.id, number)
    if case is None:
        return _look_elsewhere(request, desk, number)
    return render(request, "consoles/case.html", {**gather(case, desk), "is_revealed": False})


def gather(case: reads.CaseFile, desk: Desk) -> dict[str, Any]:
    """Everything the page of one case shows."""
    contradictions, signs = gather_contradictions(case), gather_signs(case)
    return {
        "case": case,
        "row": case.row,
        "person": reads.read_masked_person(case.person_token),
        "story": trace.tell_story(case),
        "steps": trace.tell_visits(case),
        "verdict": trace.judge_case(case),
        "sections": lay_out_dossier(case.dossier, case.row, (*contradictions, *signs)),
        "contradictions": contradictions,
        "signs": signs,
        "final_reasons": case.visits[-1].reasons if case.visits and case.row.status == "declined" else (),
        "open_work": [item for item in case.work if item.status in ("open", "claimed")],
        "may_withdraw": desk.may("withdraw") and case.is_in_play and case.loan is None,
        "may_resume": desk.may("resume") and case.row.status == "held",
        "principal_total": sum(i.principal_cents for i in case.loan.schedule) if case.loan else 0,
        "interest_total": sum(i.interest_cents for i in case.loan.schedule) if case.loan else 0,
    }


def _look_elsewhere(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    home = reads.find_factory_of_case(number)
    if home is None or home not in {factory.code for factory in desk.factories}:
        raise Http404
    request.session["factory"] = home
    messages.info(request, _("This case stands in another factory; you are now looking at that one."))
    return redirect("cases_one", number)


@require_POST
@page("reveal")
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Show a person's facts in full, once, with the reason in the history."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = _find(desk, number)
    why = request.POST.get("why", "").strip()
    facts: dict[str, Any] = {"number": number, "row": case.row, "case": case}
    if len(why) < WHY_LENGTH_MIN:
        facts |= {"person": reads.read_masked_person(case.person_token), "is_revealed": False}
    else:
        try:
            person: Any = reveal_person(
                tenant=desk.factory.code, token=case.person_token, number=number, why=why[:120], by=desk.username,
                at=desk.factory.now,
            )  # fmt: skip
        except Refused:
            person = reads.read_masked_person(case.person_token)
        facts |= {"person": person, "is_revealed": not person.is_erased}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "consoles/parts/person.html", facts)
    return render(request, "consoles/case.html", {**gather(case, desk), **facts})


@require_POST
@page("withdraw")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take an application off the line at the borrower's wish."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = _find(desk, number)
    why = request.POST.get("why", "").strip()
    if len(why) < WHY_LENGTH_MIN:
        messages.error(request, _("Not withdrawn: say why, in a few words."))
        return redirect("cases_one", number)
    try:
        stations.withdraw(case.row.id, by=desk.username, why=why[:200])
    except Refused as refusal:
        messages.error(request, words.tell_refusal(refusal))
        return redirect("cases_one", number)
    messages.success(request, _("The application was withdrawn."))
    return redirect("cases_one", number)


@require_POST
@page("resume")
def resume(request: HttpRequest, number: str) -> HttpResponse:
    """Take an application off the dead-letter list and let the line try again."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = _find(desk, number)
    if records.resume_application(application_id=case.row.id, by=desk.username, at=desk.factory.now):
        messages.success(request, _("{number} is on the line again.").format(number=number))
    else:
        messages.info(request, _("{number} was not held any more.").format(number=number))
    return redirect(
        "held" if request.POST.get("from") == "held" else "cases_one",
        *(() if request.POST.get("from") == "held" else (number,)),
    )


def _find(desk: Desk, number: str) -> reads.CaseFile:
    case = reads.read_case(desk.factory.id, number)
    if case is None:
        raise Http404
    if not desk.may("see_cases"):
        raise PermissionDenied
    return case
