"""One label explained: what it means, where it comes from, who reads it, and what it is in the case one came from."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from creditfactory import labels, rules
from creditfactory.consoles import portrait, trace, words
from creditfactory.consoles.page import Desk, is_chinese, page
from creditfactory.decision import Book
from creditfactory.records import reads


@page("see_cases")
def show_label(request: HttpRequest, name: str) -> HttpResponse:
    """The label's declaration, its readers in the rulebook of the day, and its value in a case if one is named."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    label = labels.CATALOGUE.get(name)
    if label is None:
        raise Http404
    number = request.GET.get("case", "")[:32]
    case = reads.read_case(desk.factory.id, number) if number else None
    pack = case.row.pack if case else desk.factory.pack
    book = words.find_book(pack, case.row.applied_on if case else desk.factory.business_on)
    facts: dict[str, Any] = {
        "label": label, "name": words.label_name(name), "meaning": label.meaning["zh" if is_chinese() else "en"],
        "case": case, "row": case.row if case else None, "pack": pack,
        "range": _tell_range(label), "readers": _find_readers(name, book) if book else (),
        "source": words.word(label.source, "source"),
    }  # fmt: skip
    if case is not None:
        facts |= _read_value(name, case)
    return render(request, "consoles/label.html", facts)


def _read_value(name: str, case: reads.CaseFile) -> dict[str, Any]:
    found = trace.results_of(case).get("labels", {})
    known = found.get("facts") or {}
    if name not in known:
        return {"value": _("not taken yet")}
    if known[name] is None:
        return {"value": _("unknown"), "why": portrait.tell_why_missing((found.get("why_missing") or {}).get(name, ""))}
    return {"value": words.fact_text(name, known[name], case.row.currency)}


def _tell_range(label: labels.Label) -> str:
    """What the label can be, in words."""
    if label.words:
        return ("、" if is_chinese() else ", ").join(words.word(word, "value") for word in label.words)
    if label.minimum is None and label.maximum is None:
        return ""
    low, high = (
        words.fact_text(label.name, limit) if limit is not None else "…" for limit in (label.minimum, label.maximum)
    )
    return _("from {low} to {high}").format(low=low, high=high)


def _find_readers(name: str, book: Book) -> tuple[tuple[str, str, str], ...]:
    """The rules and cards that read it: kind, name, and how."""
    found = [
        (_("Rule"), words.rule_name(step.name, book.pack, book.on), step.text)
        for step in book.policy.steps
        if isinstance(step, rules.Rule) and name in rules.names_read(step.when)
    ]
    for card in book.cards.values():
        for question in card.characteristics:
            if question.label == name:
                points = [one.points for one in question.bins]
                told = _("{low} to {high} points").format(low=min(points), high=max(points))
                found.append((_("Card"), words.word(card.name, "card"), told))
    return tuple(found)
