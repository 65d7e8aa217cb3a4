"""The catalogue of labels: thousands to search in; and one explained, from the dossier's field to who reads it."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from creditfactory import labels
from creditfactory.consoles import charts, label_charts, label_figures, label_search, label_uses, portrait, words
from creditfactory.consoles.label_words import ENDS, FAMILIES, KINDS, MISSING, OWNERS, SENSITIVITIES, SOURCE_NAMES
from creditfactory.consoles.page import Desk, is_chinese, page
from creditfactory.records import reads

EXPORTED = (
    "source", "unit", "polarity", "sensitivity", "owner", "legal_basis", "minimum", "maximum", "missing",
)  # fmt: skip


@page("see_cases")
def show_labels(request: HttpRequest) -> HttpResponse:
    """The catalogue as searched and filtered by the address."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    text = request.GET.get("text", "").strip()[:120]
    chosen = {name: request.GET.get(name, "").strip()[:40] for name in label_search.CHOICES}
    asked = request.GET.get("page", "1")
    found = label_search.search(desk.factory.pack, text, chosen, int(asked) if asked.isdecimal() else 1)
    facts = {
        "found": found,
        "text": text,
        "rows": [_lay_out_row(label) for label in found.rows],
        "is_filtered": bool(text) or any(chosen.values()),
        "choices": [
            (name, _name_choice(name), chosen[name], [(code, _say_choice(name, code), n) for code, n in counts.items()])
            for name, counts in found.counts.items()
        ],
    }
    template = "consoles/parts/labels.html" if request.htmx else "consoles/labels.html"  # type: ignore[attr-defined]
    return render(request, template, facts)


def _lay_out_row(label: labels.Label) -> dict[str, Any]:
    return {
        "label": label,
        "meaning": label.meaning["zh" if is_chinese() else "en"],
        "family": _say_choice("family", label_search.family_of(label)),
        "source": _say_choice("source", label.source),
        "sensitivity": _say_choice("sensitivity", label.sensitivity),
        "unit": words.word(label.unit, "unit"),
    }


def _name_choice(choice: str) -> str:
    return str({
        "family": _("Family"), "source": _("Source"), "sensitivity": _("Sensitivity"), "polarity": _("How it is read"),
    }[choice])  # fmt: skip


def _say_choice(choice: str, code: str) -> str:
    if choice == "family" and code in FAMILIES:
        return str(FAMILIES[code])
    if choice == "sensitivity":
        return str(SENSITIVITIES.get(code, code))
    if code in SOURCE_NAMES:
        return str(SOURCE_NAMES[code])
    return words.word(code, "polarity" if choice == "polarity" else "source")


@page("see_cases")
def export_labels(request: HttpRequest) -> HttpResponse:
    """The whole catalogue of the factory's pack as CSV."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("name", "meaning_en", "meaning_zh", "family", *EXPORTED))
    for one in labels.list_labels(desk.factory.pack):
        told = (one.name, one.meaning["en"], one.meaning["zh"], label_search.family_of(one))
        writer.writerow((*told, *(getattr(one, name) for name in EXPORTED)))
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="labels-{desk.factory.pack}.csv"'
    return response


@page("see_cases")
def show_label(request: HttpRequest, name: str) -> HttpResponse:
    """The label's declaration, its way from the dossier, its readers, and its value in a case if one is named."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    label = _find(name)
    number = request.GET.get("case", "")[:32]
    case = reads.read_case(desk.factory.id, number) if number else None
    pack = case.row.pack if case else desk.factory.pack
    book = words.find_book(pack, case.row.applied_on if case else desk.factory.business_on)
    way = labels.trace_label(name)
    facts: dict[str, Any] = {
        "label": label, "name": words.label_name(name), "meaning": label.meaning["zh" if is_chinese() else "en"],
        "other_meaning": label.meaning["en" if is_chinese() else "zh"],
        "case": case, "row": case.row if case else None, "pack": pack,
        "range": _tell_range(label), "readers": label_uses.find_readers(name, book) if book else (),
        "other_packs": label_uses.find_elsewhere(name, label.packs, pack, desk.factory.business_on),
        "source": _say_choice("source", label.source), "family": _say_choice("family", label_search.family_of(label)),
        "sensitivity": _say_choice("sensitivity", label.sensitivity), "missing": MISSING[label.missing],
        "basis": (way.legal_basis or {}).get("zh" if is_chinese() else "en", ""), "way": way,
        "owner": OWNERS.get(way.owner, way.owner),
        "steps": _tell_way(label, way), "used_in": [(one, words.label_name(one)) for one in way.used_in[:12]],
        "used_in_more": max(0, len(way.used_in) - 12), "script_mark": charts.chart_script_mark(),
    }  # fmt: skip
    if case is not None:
        facts |= _read_value(name, case)
    return render(request, "consoles/label.html", facts)


def _find(name: str) -> labels.Label:
    label = labels.CATALOGUE.get(name) or labels.PROTECTED.get(name)
    if label is None:
        raise Http404
    return label


def _tell_way(label: labels.Label, way: labels.Lineage) -> list[tuple[str, str, str]]:
    """The steps from the dossier to the figure: what the step is, in words, and as the machine has it."""
    language = "zh" if is_chinese() else "en"
    steps = [(_("Read from"), _say_choice("source", label.source), way.field)]
    if way.over:
        return [
            (_("First label"), words.label_name(way.over), way.over),
            (_("Second label"), words.label_name(way.under), way.under),
            (_("Made into"), str(KINDS[way.kind]), ""),
        ]
    if way.cut is not None and way.measure is not None and way.window is not None:
        chosen = " · ".join(f"{column}: {', '.join(said)}" for column, said in way.lines)
        steps += [
            (_("Lines taken"), way.cut.zh if language == "zh" else way.cut.en, chosen or _("all lines")),
            (_("Stretch of time"), way.window.words[language], str(ENDS[way.ends])),
            (_("Figure made"), words.word(label.unit, "unit"), way.measure.code),
        ]
    elif way.reading:
        steps.append((_("Read together with"), _say_choice("family", label_search.family_of(label)), way.reading))
    return steps


def _read_value(name: str, case: reads.CaseFile) -> dict[str, Any]:
    texts = [visit.result_text for visit in case.visits if visit.station == "labels" and visit.outcome == "done"]
    taken = label_figures.open_snapshot(texts[-1]) if texts else None
    if taken is None or name not in taken.facts:
        return {"value": _("not taken yet")}
    value = taken.facts[name]
    if value is None:
        return {"value": _("unknown"), "why": portrait.tell_why_missing(taken.why_missing.get(name, ""))}
    return {"value": words.fact_text(name, value, case.row.currency)}


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


@page("see_cases")
def show_spread(request: HttpRequest, name: str) -> HttpResponse:
    """How the label is spread over recent applications and how it moves: figures, tables, and an example."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    label = _find(name)
    taken = label_figures.collect_values(desk.factory.id, name)
    spread = labels.spread_out([one.value for one in taken])
    example = next((one for one in taken if one.value is not None), None)
    facts = {
        "label": label, "taken": len(taken), "spread": spread,
        "bars": [(label_figures.name_bar(bar, label), bar.count) for bar in spread.bars],
        "quartiles": _tell_quartiles(spread, label),
        "months": label_figures.follow_months(taken), "watch": labels.PSI_WATCH, "act": labels.PSI_ACT,
        "unknown": [(portrait.tell_why_missing(code), n) for code, n in label_figures.tell_unknown(taken)],
        "example": example,
        "example_value": words.fact_text(name, example.value) if example else "",
    }  # fmt: skip
    return render(request, "consoles/parts/label_spread.html", facts)


def _tell_quartiles(spread: labels.Spread, label: labels.Label) -> list[tuple[str, str]]:
    if spread.middle is None:
        return []
    named = (
        (_("Lowest"), spread.lowest), (_("A quarter lie below"), spread.quarter), (_("Middle"), spread.middle),
        (_("A quarter lie above"), spread.three_quarters), (_("Highest"), spread.highest),
    )  # fmt: skip
    return [(what, words.fact_text(label.name, round(value or 0))) for what, value in named]


@page("see_cases")
def draw_spread(request: HttpRequest, name: str) -> HttpResponse:
    """The picture of the spread as a specification, in the theme asked for."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    label = _find(name)
    taken = label_figures.collect_values(desk.factory.id, name)
    spread = labels.spread_out([one.value for one in taken])
    return JsonResponse(label_charts.draw_spread(spread, label, theme=_read_theme(request)))


@page("see_cases")
def draw_stability(request: HttpRequest, name: str) -> HttpResponse:
    """The picture of the stability index as a specification, in the theme asked for."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    _find(name)
    months = label_figures.follow_months(label_figures.collect_values(desk.factory.id, name))
    return JsonResponse(label_charts.draw_stability(months, theme=_read_theme(request)))


def _read_theme(request: HttpRequest) -> str:
    theme = request.GET.get("theme", "")
    return theme if theme in charts.THEMES else "light"
