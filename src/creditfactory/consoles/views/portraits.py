"""What machine and people think of one case: the risk portrait, the decision as a picture, and what if."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from creditfactory.consoles import decision_map, means, portrait, what_if, why, words
from creditfactory.consoles.page import Desk, page
from creditfactory.records import reads

ADDED_MAX, TYPED_MAX = 40, 80
TIES = ("device", "phone", "card", "address", "ip", "agent")


def open_case(request: HttpRequest, number: str) -> reads.CaseFile:
    """The case, if it stands in the reader's factory."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = reads.read_case(desk.factory.id, number)
    if case is None:
        raise Http404
    return case


@page("see_cases")
def show_portrait(request: HttpRequest, number: str) -> HttpResponse:
    """The risk portrait of one applicant on one page (SCR-04)."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = open_case(request, number)
    material = portrait.gather_material(case, reads.read_standing(desk.factory.id))
    opinion = portrait.hear_opinion(material)
    bars, limit_cents = means.picture_limit(material)
    facts = {
        "case": case, "row": case.row, "opinion": opinion, "headline": means.tell_headline(material),
        "person": reads.read_masked_person(case.person_token),
        "most_weight": max((abs(w.against_mean) for w in (*opinion.good, *opinion.bad)), default=1),
        "cash_picture": means.picture_cash(material), "comparisons": means.compare_words(material),
        "debt": means.weigh_debt(material), "limit_bars": bars, "limit_cents": limit_cents,
        "limit_top": max((bar.cents for bar in bars), default=0), "price_picture": means.picture_price(material),
        "sub_scores": portrait.read_sub_scores(material),
        "ties": _read_ties(material, desk), "absent": _list_absent(material),
        "open_work": [item for item in case.work if item.status in ("open", "claimed")],
        "decided_at": max((v.finished_at for v in case.visits), default=None),
    }  # fmt: skip
    return render(request, "consoles/portrait.html", facts)


def _read_ties(material: portrait.Material, desk: Desk) -> tuple[reads.Ties, ...]:
    """The ties as they were known when the labels were taken; as they are now before that."""
    taken = material.results.get("labels", {}).get("as_of")
    at = datetime.fromisoformat(str(taken)) if taken else desk.factory.now
    found = {ties.kind: ties for ties in reads.read_ties(material.case.row.id, at=at)}
    return tuple(found[kind] for kind in TIES if kind in found)


def _list_absent(material: portrait.Material) -> list[str]:
    """Stations that this pack has no use for, so that an empty place is not taken for a fault."""
    wanted = ("cash_flow", "scores", "policy", "offer")
    skipped = {v.station for v in material.case.visits if v.outcome == "not_applicable"}
    return [words.station_name(code) for code in wanted if code in skipped]


@page("see_cases")
def show_decision(request: HttpRequest, number: str) -> HttpResponse:
    """Why it was decided so: sentences, then the picture, then the values (POL-04)."""
    case = open_case(request, number)
    material = portrait.gather_material(case, {})
    drawn = decision_map.draw_map(material)
    facts = {
        "case": case, "row": case.row, "said": why.tell_why(material), "steps": why.tell_steps(material),
        "maps": (("across", drawn.across), ("down", drawn.down)), "told": drawn.told,
        "note": portrait.tell_other_book(material), "person": reads.read_masked_person(case.person_token),
    }  # fmt: skip
    return render(request, "consoles/decision.html", facts)


@page("see_cases")
def show_what_if(request: HttpRequest, number: str) -> HttpResponse:
    """A few facts changed in the address, and the machine asked again beside the real decision; nothing is kept."""
    case = open_case(request, number)
    material = portrait.gather_material(case, {})
    added = request.GET.getlist(what_if.ADDED)[:ADDED_MAX]
    query = {name: text[:TYPED_MAX] for name, text in request.GET.items() if text.strip()}
    fields = what_if.build_fields(material, query, added)
    facts = {
        "case": case, "row": case.row, "fields": fields, "added": [n for n in added if n in material.facts],
        "others": what_if.list_others(material, (field.label.name for field in fields)),
        "answer": what_if.decide_again(material, fields), "recorded": what_if.tell_recorded(material),
        "is_wrong": any(field.error for field in fields), "is_changed": any(field.is_changed for field in fields),
        "has_facts": bool(material.facts), "has_book": material.book is not None,
        "note": portrait.tell_other_book(material),
    }  # fmt: skip
    return render(request, "consoles/what_if.html", facts, status=422 if facts["is_wrong"] else 200)


@page("see_cases")
def list_smallest(request: HttpRequest, number: str) -> HttpResponse:
    """The smallest changes that would have led to a lighter lane or an offer; looked for after the page is there."""
    case = open_case(request, number)
    smallest = what_if.list_smallest(portrait.gather_material(case, {}))
    return render(request, "consoles/parts/smallest.html", {"row": case.row, "smallest": smallest})
