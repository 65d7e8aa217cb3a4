"""Scorecards: all versions to search in; one told whole with its pictures, tried, compared, and taken along."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from creditfactory import lab
from creditfactory.consoles import card_shelf, words
from creditfactory.consoles.card_probe import recall_golden, try_card
from creditfactory.consoles.card_shelf import STATES, ShelfCard, find_card, list_cards, list_versions
from creditfactory.consoles.page import Desk, page
from creditfactory.consoles.views.rulebooks import guard_text
from creditfactory.kernel import BadInput
from creditfactory.records import reads

FORMS = ("json", "pmml", "xlsx", "html", "pdf")
TYPES = {
    "json": "application/json", "pmml": "application/xml", "pdf": "application/pdf", "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
EXPORTED = ("pack", "name", "version", "state", "starts_on", "ends_on", "number")
FINE = "fine.json.gz"
COMPARISON_BYTES_MAX = 5_000_000


@page("see_rulebook")
def show_cards(request: HttpRequest) -> HttpResponse:
    """Every version of every card, as searched and filtered by the address."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    text = request.GET.get("text", "").strip()[:120]
    chosen = {name: request.GET.get(name, "").strip()[:40] for name in ("pack", "state")}
    every = list_cards(desk)
    found = [card for card in every if _is_chosen(card, text, chosen)]
    facts = {
        "cards": found, "total": len(every), "text": text, "pack": chosen["pack"], "state": chosen["state"],
        "packs": sorted({card.pack for card in every}),
        "states": [(code, name) for code, name in STATES.items() if any(card.state == code for card in every)],
    }  # fmt: skip
    template = "consoles/parts/cards.html" if request.htmx else "consoles/cards.html"  # type: ignore[attr-defined]
    return render(request, template, facts)


def _is_chosen(card: ShelfCard, text: str, chosen: dict[str, str]) -> bool:
    return (not text or card.holds(text)) and all(not v or getattr(card, n) == v for n, v in chosen.items())


@page("export")
def export_cards(request: HttpRequest) -> HttpResponse:
    """Every version with its state and figures, as CSV."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    figures = ("rows", "bads", "auc", "ks", "gini", "divergence", "psi")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow((*EXPORTED, "method", "owner", *figures))
    for card in list_cards(desk):
        told = [getattr(card, name) for name in EXPORTED] + [card.folder.card.method, card.folder.owner]
        writer.writerow([guard_text(cell) for cell in (*told, *(card.figures.get(name) for name in figures))])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="cards-{desk.factory.code}.csv"'
    return response


def _find(desk: Desk, pack: str, name: str, version: str) -> ShelfCard:
    card = find_card(desk, pack, name, version)
    if card is None:
        raise Http404(f"{pack} {name} {version}")
    return card


def _frame(desk: Desk, card: ShelfCard, tab: str) -> dict[str, Any]:
    """What every page of a card shows around its matter."""
    versions = list_versions(desk, card.pack, card.name)
    after = [one.version for one in versions]
    place = after.index(card.version)
    before = versions[place + 1] if place + 1 < len(versions) else None
    return {
        "card": card, "title": words.word(card.name, "card"), "tab": tab, "versions": versions, "before": before,
        "may_release": desk.may("propose_rulebook"),
    }  # fmt: skip


@page("see_rulebook")
def show_card(request: HttpRequest, pack: str, name: str, version: str) -> HttpResponse:
    """One card told whole, with a place to try it."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    card = _find(desk, pack, name, version)
    document = lab.build_document(card.folder, card.voice, card_shelf.tell_surroundings(card, _approvals(desk, card)))
    golden = request.GET.get("golden", "")
    typed = recall_golden(card, int(golden)) if golden.isdecimal() and golden.isascii() else request.GET.dict()
    facts = {
        **_frame(desk, card, "card"), "sections": _lay_out(card, document), "answer": try_card(card, typed),
        "reasons": _tell_reasons(desk, card, typed), "has_golden": bool(card.folder.golden), "forms": FORMS,
        "golden": (card.folder.check_golden()[0], len(card.folder.golden)),
        "next_golden": int(golden) + 1 if golden.isdecimal() and golden.isascii() else 1,
    }  # fmt: skip
    return render(request, "consoles/card.html", facts)


def _write_out(sections: Iterable[lab.Section]) -> list[dict[str, Any]]:
    """Chapters as the page shows them."""
    return [{"code": s.code, "title": s.title, "html": "".join(map(lab.write_block, s.blocks))} for s in sections]


def _lay_out(card: ShelfCard, document: lab.Document) -> list[dict[str, Any]]:
    """The document's chapters; beside the points the doors to fine tuning, where the fine counts were kept."""
    doors = _list_doors(card) if FINE in card.folder.files else []
    return [{**one, "doors": doors if one["code"] == "points" else []} for one in _write_out(document.sections)]


def _list_doors(card: ShelfCard) -> list[tuple[str, str]]:
    doors = []
    for question in card.folder.card.characteristics:
        try:
            href = reverse("cards_tuning", args=[*card.key, question.label])
        except NoReverseMatch:
            return []
        doors.append((card.voice.name_label(question.label, card.folder.features.get(question.label)), href))
    return doors


def _approvals(desk: Desk, card: ShelfCard) -> tuple[tuple[str, str], ...]:
    """Who wrote, proposed and approved the rulebook version that carries the card."""
    if card.number is None:
        return ()
    found = reads.read_version(desk.factory.id, card.number, on=desk.factory.business_on)
    if found is None:
        return ()
    row, gap = found.row, "、" if card.voice.language == "zh" else ", "
    told = [(_("Rulebook version"), f"{row.number}"), (_("Written by"), gap.join(map(words.actor_name, row.authors)))]
    if row.proposed_by:
        told.append((_("Proposed by"), words.actor_name(row.proposed_by)))
    if row.decided_by and row.status == "approved":
        told.append((_("Approved by"), f"{words.actor_name(row.decided_by)}, {card.voice.day(row.decided_at)}"))
    return tuple((name, text) for name, text in told if text)


@page("see_rulebook")
def probe_card(request: HttpRequest, pack: str, name: str, version: str) -> HttpResponse:
    """What the card says to the answers typed: a part of its page."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    card = _find(desk, pack, name, version)
    typed = request.GET.dict()
    facts = {"card": card, "answer": try_card(card, typed), "reasons": _tell_reasons(desk, card, typed)}
    return render(request, "consoles/parts/card_answer.html", facts)


def _tell_reasons(desk: Desk, card: ShelfCard, typed: dict[str, str]) -> list[str]:
    """The reasons the card gives, in the words of its own pack."""
    given = try_card(card, typed).score.reasons
    on = desk.factory.business_on
    return [words.reason_text({"code": r.code, "facts": r.facts}, pack=card.pack, on=on) for r in given]


@page("see_rulebook")
def show_versions(request: HttpRequest, pack: str, name: str, version: str) -> HttpResponse:
    """What changed since another version: figures, questions, points, and what it does to made-up applicants.

    A comparison with challengers is shown below, from the card's own folder or from a file handed in to be looked at.
    """
    desk: Desk = request.desk  # type: ignore[attr-defined]
    card = _find(desk, pack, name, version)
    facts = _frame(desk, card, "versions")
    asked = request.GET.get("with", "")
    other = find_card(desk, pack, name, asked) if asked else facts["before"]
    sections: Iterable[lab.Section] = ()
    if other is not None and other.version != card.version:
        sections = lab.tell_changes(other.folder, card.folder, card.voice)
    facts |= {"other": other, "sections": _write_out(sections), **_tell_comparison(request, card)}
    return render(request, "consoles/card_versions.html", facts)


def _tell_comparison(request: HttpRequest, card: ShelfCard) -> dict[str, Any]:
    """What ``cards compare`` found, from the file handed in or the one in the card's folder; nothing of it is kept."""
    file = request.FILES.get("comparison") if request.method == "POST" else None
    if request.method == "POST" and file is None:
        return {"comparison_fault": _("Choose a file first.")}
    if file is not None and (file.size or 0) > COMPARISON_BYTES_MAX:
        return {"comparison_fault": _("The file is larger than {n} MB.").format(n=COMPARISON_BYTES_MAX // 1_000_000)}
    content = card.folder.files.get(lab.COMPARISON, b"") if file is None else file.read()
    if not content:
        return {} if file is None else {"comparison_fault": _("The file is empty.")}
    place = lab.COMPARISON if file is None else (file.name or lab.COMPARISON)[:80]
    try:
        found = lab.read_comparison(content, place=place)
    except BadInput as fault:
        told = _("Found {found}, expected {expected}.").format(found=fault.found, expected=fault.expected)
        return {"comparison_fault": told}
    return {"comparison": _write_out(lab.report_comparison(found, card.voice, title=place).sections), "compared": place}


@page("see_rulebook")
def show_watch(request: HttpRequest, pack: str, name: str, version: str) -> HttpResponse:
    """How the card fares: the latest look at it, month by month, why a figure fell, and what is proposed."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    card = _find(desk, pack, name, version)
    ours = pack == desk.factory.pack
    looks = [row for row in reads.list_card_watch(desk.factory.id, name) if row.version == version] if ours else []
    asked = request.GET.get("look", "")
    look = next((row for row in looks if str(row.id) == asked), looks[0] if looks else None)
    sections: Iterable[lab.Section] = ()
    if look is not None:
        features = card.folder.features
        names = {label: card.voice.name_label(label, features.get(label)) for label in card.folder.card.labels}
        names["lane"] = _("Lane")
        sections = lab.report_watch(look.figures, look.verdict, card.voice, names)
    proposals = reads.list_card_refreshes(desk.factory.id, name) if ours else ()
    facts = {
        **_frame(desk, card, "watch"), "look": look, "looks": [(row, _say_look(row, card)) for row in looks],
        "proposals": [(row, [(_say_gate(gate, card), gate) for gate in row.gates]) for row in proposals],
        "sections": _write_out(sections),
    }  # fmt: skip
    return render(request, "consoles/card_watch.html", facts)


def _say_look(row: Any, card: ShelfCard) -> dict[str, str]:
    said, tone = lab.say_verdict(row.verdict, card.voice)
    return {"said": said, "tone": tone}


def _say_gate(gate: dict[str, Any], card: ShelfCard) -> str:
    return card.voice.pick(gate.get("words")) or str(gate.get("code", ""))


@page("export")
def take_card(request: HttpRequest, pack: str, name: str, version: str, form: str) -> HttpResponse:
    """The card to take along: JSON, PMML, Excel, or its model document as HTML or PDF."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    card = _find(desk, pack, name, version)
    if form not in FORMS:
        raise Http404(form)
    response = HttpResponse(_write(desk, card, form), content_type=TYPES[form])
    language = f"-{card.voice.language}" if form in ("html", "pdf") else ""
    response.headers["Content-Disposition"] = f'attachment; filename="{card.name}-{card.version}{language}.{form}"'
    return response


def _write(desk: Desk, card: ShelfCard, form: str) -> bytes:
    if form == "json":
        return json.dumps(card.folder.raw, ensure_ascii=False, indent=1).encode()
    if form == "pmml":
        from creditfactory.gateways.pmml import write_pmml

        return write_pmml(dict(card.folder.raw), place=card.folder.place)
    if form == "xlsx":
        with tempfile.TemporaryDirectory() as room:
            place = Path(room) / "card.xlsx"
            lab.write_workbook(card.folder, place)
            return place.read_bytes()
    document = lab.build_document(card.folder, card.voice, card_shelf.tell_surroundings(card, _approvals(desk, card)))
    return lab.write_pdf(document) if form == "pdf" else lab.write_html(document).encode()
