"""The pages of the borrower's door: one step each, nothing typed is lost, and the link takes one back to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditfactory import records
from creditfactory.consoles.apply import building, pictures, telling
from creditfactory.consoles.apply.contract import show_standing
from creditfactory.consoles.apply.fields import STEPS as FIELDS
from creditfactory.consoles.apply.fields import read_answers, tidy
from creditfactory.consoles.apply.measured import TRAP, measure_trace, read_measured
from creditfactory.consoles.apply.returning import of_own_device
from creditfactory.consoles.apply.visits import (
    COOKIE_SECONDS,
    DEVICE_COOKIE,
    STEPS,
    Visit,
    check_task,
    find_house,
    guard,
    is_over,
    open_visit,
    read_address,
    read_device,
    set_task,
)
from creditfactory.kernel import BadInput, CreditFactoryError, Refused

CONSENT_VERSION = "2026-11"
KEEP_BYTES_MAX = 60_000
AFTER = dict(zip(STEPS, (*STEPS[1:], "status"), strict=True))


@require_GET
def show_start(request: HttpRequest) -> HttpResponse:
    """Language, what happens next, how long it takes, and the way in."""
    house = find_house(request.GET.get("factory", "")[:50])
    facts = {"house": house, "consents": house.consents if house else (), "factory": house.tenant.code if house else ""}
    return guard(render(request, "consoles/apply/start.html", facts, status=200 if house else 404))


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A session of its own for this borrower, known by its link."""
    house = find_house(request.POST.get("factory", "")[:50])
    if house is None:
        raise Http404
    device, cookie = read_device(request)
    link = records.begin_session(
        tenant=house.tenant, step=STEPS[0], draft={"began_wall": datetime.now(UTC).isoformat()}, device=device,
        ip=read_address(request), at=house.clock.now, days=house.number("apply_days_kept", 14), by="borrower",
    )  # fmt: skip
    response = HttpResponseRedirect(reverse("apply_step", args=(link, STEPS[0])))
    response.set_cookie(DEVICE_COOKIE, cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax",
                        secure=request.is_secure())  # fmt: skip
    return guard(response)


@require_GET
@of_own_device
def take_up(request: HttpRequest, link: str) -> HttpResponse:
    """Where the borrower left off."""
    visit = open_visit(link)
    if visit.session.application_id is not None:
        return guard(HttpResponseRedirect(reverse("apply_status", args=(link,))))
    return guard(HttpResponseRedirect(reverse("apply_step", args=(link, visit.session.step))))


@of_own_device
def show_step(request: HttpRequest, link: str, step: str) -> HttpResponse:
    """One step: shown, or read and kept, with what does not fit told at its field."""
    visit = open_visit(link)
    if visit.session.application_id is not None:
        return guard(HttpResponseRedirect(reverse("apply_status", args=(link,))))
    if is_over(visit):
        return guard(render(request, "consoles/apply/over.html", {}, status=410))
    if not visit.may_enter(step):
        return guard(HttpResponseRedirect(reverse("apply_step", args=(link, visit.session.step))))
    if request.method == "POST":
        return _TAKE[step](request, visit)
    return _render(request, visit, step)


def _render(
    request: HttpRequest, visit: Visit, step: str, *, wrong: dict[str, str] | None = None, note: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    facts: dict[str, Any] = {
        "link": visit.link, "step": step, "nonce": visit.session.nonce, "wrong": wrong or {}, "note": note,
        "place": STEPS.index(step) + 1, "places": len(STEPS), "trap": TRAP, "draft": visit.draft,
        "back": STEPS[STEPS.index(step) - 1] if step != STEPS[0] else "",
        "until": visit.session.until, "name": telling.step_name(step),
        "task": set_task(visit) if step == STEPS[0] else "",
        "steps": telling.tell_steps(visit, step),
    }  # fmt: skip
    facts |= telling.FACTS_OF[step](visit, wrong or {}, request) if step in telling.FACTS_OF else {}
    return guard(render(request, f"consoles/apply/{step}.html", facts, status=status))


def _measure(request: HttpRequest, visit: Visit, step: str) -> dict[str, Any]:
    """What the page measured of this step, added to what was measured before; and whether the trap was walked into."""
    found = read_measured(request.POST.get("measured", ""))
    held = dict(visit.draft.get("measured", {}))
    if found:
        held[f"{step}.{len(held)}"] = found
    changes: dict[str, Any] = {"measured": dict(list(held.items())[-12:])}
    if request.POST.get(TRAP, ""):
        changes["trap"] = True
    return changes


def _take(
    request: HttpRequest, visit: Visit, step: str, changes: dict[str, Any], trace: str | None = None
) -> HttpResponse:
    """Keep a step and go on; sent twice, or played again, it is shown once more with what was typed."""
    here, there = visit.session.step, AFTER[step]
    furthest = there if STEPS.index(step) >= STEPS.index(here) and there != "status" else here
    nonce = records.take_step(
        session_id=visit.session.id, nonce=request.POST.get("nonce", "")[:40], step=furthest, changes=changes,
        at=visit.house.clock.now, trace=trace,
    )  # fmt: skip
    if nonce is None:
        again = building.with_draft(open_visit(visit.link), changes)
        note = _("This page was sent before, or is open twice. What you typed is here; look it over and send it again.")
        return _render(request, again, step, note=note, status=409)
    return guard(HttpResponseRedirect(reverse("apply_step", args=(visit.link, there))))


def _take_fields(request: HttpRequest, visit: Visit, step: str) -> HttpResponse:
    """A step of questions: kept whatever it says, gone on from only when all of it fits."""
    typed, wrong = read_answers(FIELDS[step], request.POST.dict(), visit.house.cities, building.today_of(visit))
    changes: dict[str, Any] = {**typed, **_measure(request, visit, step)}
    trace = None
    if step == "facts":
        task, answer = request.POST.get("task", ""), request.POST.get("answer", "")
        if answer:
            proof = check_task(visit, task, answer)
            changes["proof_bits"], changes["proof_fault"] = proof.bits, proof.fault or ""
        latest = list(changes["measured"].values())[-1:] or [{}]
        trace = measure_trace(latest[0]) or None
    if wrong:
        records.save_draft_of(session_id=visit.session.id, changes=changes, at=visit.house.clock.now)
        return _render(request, building.with_draft(visit, changes), step, wrong=wrong, status=422)
    return _take(request, visit, step, changes, trace)


def _take_facts(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _take_fields(request, visit, "facts")


def _take_firm(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _take_fields(request, visit, "firm")


def _take_consents(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Each permission by itself; those the law or the line asks for are needed, the camera is a choice."""
    at = visit.house.clock.now.isoformat()
    held = visit.draft.get("consents", {})
    signed = {
        kind: held.get(kind) or {"at": at, "version": CONSENT_VERSION}
        for kind in visit.house.consents if request.POST.get(f"consent_{kind}") == "yes"
    }  # fmt: skip
    face = request.POST.get("face", "")
    wrong = {
        kind: _("Without this permission we may not go on; nothing was asked of anybody.")
        for kind in visit.house.consents if kind not in signed
    }  # fmt: skip
    if face not in ("camera", "person"):
        wrong["face"] = _("Please choose one of the two ways; both are fine.")
    if face == "camera":
        signed["face"] = held.get("face") or {"at": at, "version": CONSENT_VERSION}
    changes = {"consents": signed, "face": face, **_measure(request, visit, "consents")}
    if wrong:
        kept = {**changes, "consents": {}, "ticked": sorted(signed)}
        records.save_draft_of(session_id=visit.session.id, changes=kept, at=visit.house.clock.now)
        return _render(request, building.with_draft(visit, kept), "consents", wrong=wrong, status=422)
    building.seal(visit, at=visit.house.clock.now)
    return _take(request, visit, "consents", {**changes, "ticked": sorted(signed)})


def _take_papers(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The papers' fields as the borrower left them; a photograph sent with the form (no script) is kept as well."""
    faults = pictures.take_posted_papers(request, visit)
    names = telling.PAPER_FIELDS
    typed, wrong = read_answers(names, request.POST.dict(), visit.house.cities, building.today_of(visit))
    visit = open_visit(visit.link)
    changes: dict[str, Any] = {**typed, **_measure(request, visit, "papers")}
    if wrong or faults:
        records.save_draft_of(session_id=visit.session.id, changes=changes, at=visit.house.clock.now)
        return _render(
            request, building.with_draft(visit, changes), "papers", wrong={**wrong, **faults}, status=422
        )  # fmt: skip
    moved = building.with_draft(visit, changes)
    if any(typed[name] != visit.draft.get(name) for name in ("name", "id_number") if name in typed):
        building.seal(moved, at=visit.house.clock.now)
    return _take(request, visit, "papers", changes)


def _take_camera(request: HttpRequest, visit: Visit) -> HttpResponse:
    """On from the camera: done, or left to a person."""
    changes = _measure(request, visit, "camera")
    faults = pictures.take_posted_selfie(request, visit)
    if faults:
        return _render(request, visit, "camera", wrong=faults, status=422)
    if request.POST.get("way") == "person":
        signed = {kind: row for kind, row in visit.draft.get("consents", {}).items() if kind != "face"}
        changes |= {"face": "person", "consents": signed}
    return _take(request, visit, "camera", changes)


def _take_offer(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Hand the application in, once."""
    nonce = request.POST.get("nonce", "")[:40]
    missing = telling.find_gaps(visit)
    if missing:
        return guard(HttpResponseRedirect(reverse("apply_step", args=(visit.link, missing))))
    measured = _measure(request, visit, "offer")
    taken = records.take_step(
        session_id=visit.session.id, nonce=nonce, step="offer", changes=measured, at=visit.house.clock.now
    )
    if taken is None:
        note = _("This page was sent before, or is open twice. Look it over and send it again.")
        return _render(request, open_visit(visit.link), "offer", note=note, status=409)
    try:
        building.hand_in(open_visit(visit.link), agent=request.headers.get("User-Agent", ""))
    except BadInput as fault:
        return _render(request, open_visit(visit.link), "offer", note=telling.tell_fault(fault), status=422)
    except Refused as refusal:
        return _render(request, open_visit(visit.link), "offer", note=str(refusal), status=409)
    return guard(HttpResponseRedirect(reverse("apply_status", args=(visit.link,))))


_TAKE = {
    "facts": _take_facts, "consents": _take_consents, "papers": _take_papers, "camera": _take_camera,
    "firm": _take_firm, "offer": _take_offer,
}  # fmt: skip


@require_POST
@of_own_device
def keep(request: HttpRequest, link: str) -> HttpResponse:
    """Keep what is being typed, as it is typed; no answer here is judged."""
    visit = open_visit(link)
    if (
        visit.session.application_id is not None
        or is_over(visit)
        or int(request.META.get("CONTENT_LENGTH") or 0) > KEEP_BYTES_MAX
    ):
        return guard(JsonResponse({"kept": False}, status=409))
    step = request.POST.get("step", "")
    fields = (*FIELDS.get(step, ()), *(telling.PAPER_FIELDS if step == "papers" else ()))
    changes: dict[str, Any] = {f.name: tidy(f, request.POST[f.name]) for f in fields if f.name in request.POST}
    if step == "consents":
        ticked = [
            k.removeprefix("consent_") for k, v in request.POST.items() if k.startswith("consent_") and v == "yes"
        ]
        changes = {"ticked": [k for k in ticked if k in visit.house.consents], "face": request.POST.get("face", "")[:8]}
    try:
        records.save_draft_of(session_id=visit.session.id, changes=changes, at=visit.house.clock.now)
    except CreditFactoryError:
        return guard(JsonResponse({"kept": False}, status=422))
    return guard(JsonResponse({"kept": True}))


@require_POST
@of_own_device
def take_paper(request: HttpRequest, link: str, paper: str) -> HttpResponse:
    """One photograph at once: kept, read where a machine can, and told what it says."""
    visit = open_visit(link)
    if visit.session.application_id is not None or is_over(visit) or not visit.may_enter("papers"):
        return guard(JsonResponse({"words": _("This application is closed to new papers.")}, status=409))
    status, told = pictures.take_paper(visit, paper, request.FILES.get("picture"))
    return guard(JsonResponse(told, status=status))


@require_POST
@of_own_device
def set_challenge(request: HttpRequest, link: str) -> HttpResponse:
    """What to do before the camera, drawn now and good for one sitting."""
    visit = open_visit(link)
    if not pictures.may_film(visit) or is_over(visit):
        return guard(JsonResponse({"words": _("The camera is not part of this application.")}, status=409))
    return guard(JsonResponse(pictures.set_challenge(visit)))


@require_POST
@of_own_device
def take_frames(request: HttpRequest, link: str) -> HttpResponse:
    """The frames of one sitting: judged where a machine can, one of each act kept."""
    visit = open_visit(link)
    if not pictures.may_film(visit) or is_over(visit):
        return guard(JsonResponse({"words": _("The camera is not part of this application.")}, status=409))
    status, told = pictures.take_frames(visit, request.POST, request.FILES.getlist("frame"))
    return guard(JsonResponse(told, status=status))


@require_GET
@of_own_device
def show_status(request: HttpRequest, link: str) -> HttpResponse:
    """Where the application stands, what happens next, and whom to ask."""
    visit = open_visit(link)
    if visit.session.application_id is None:
        return guard(HttpResponseRedirect(reverse("apply_step", args=(link, visit.session.step))))
    return show_standing(request, visit)


@require_POST
@of_own_device
def tell_wish(request: HttpRequest, link: str) -> HttpResponse:
    """Take the application back, or ask that a person looks at a decline again."""
    visit = open_visit(link)
    if visit.session.application_id is not None:
        telling.take_wish(visit, request.POST.get("wish", ""), request.POST.get("why", "").strip()[:400])
    return guard(HttpResponseRedirect(reverse("apply_status", args=(link,))))
