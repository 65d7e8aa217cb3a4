"""Imports of past loans: the list of runs, and the report each ended with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from creditfactory.consoles import words
from creditfactory.consoles.page import Desk, is_chinese, page
from creditfactory.records import reads
from creditfactory.stations.plan import STATIONS


@page("see_history")
def show_runs(request: HttpRequest) -> HttpResponse:
    """All runs of this factory; the only one is shown at once."""
    runs = reads.list_history_runs(request.desk.factory.id)  # type: ignore[attr-defined]
    if len(runs) == 1:
        return redirect("history_one", runs[0].id)
    return render(request, "consoles/history.html", {"runs": runs})


@page("see_history")
def show_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run and its report."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    run = reads.read_history_run(desk.factory.id, run_id)
    if run is None:
        raise Http404
    facts: dict[str, Any] = {"run": run, "report": None}
    if run.report is not None:
        facts |= {"report": run.report, **_lay_out(run.report, desk)}
    return render(request, "consoles/history_run.html", facts)


def _lay_out(report: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """The report's mappings as rows in the line's order, with the words of their reasons."""
    cases = report.get("cases") or {}
    at_station, on = cases.get("by_station") or {}, desk.factory.business_on
    order = [plan.code for plan in STATIONS]
    absent: dict[str, list[dict[str, Any]]] = {}
    for row in report.get("not_applicable") or ():
        text = _say_absence(row["station"], row["why"] or "", desk)
        absent.setdefault(row["station"], []).append({**row, "text": text})
    return {
        "total": cases.get("total") or 0,
        "by_status": sorted((cases.get("by_status") or {}).items(), key=lambda item: -item[1]),
        "by_station": [(code, at_station[code]) for code in order if code in at_station],
        "by_lane": sorted((cases.get("by_lane") or {}).items()),
        "by_reason": [
            (code, n, words.reason_text({"code": code}, pack=desk.factory.pack, on=on, audience="borrower"))
            for code, n in (cases.get("by_reason") or {}).items()
        ],
        "absent": [(code, absent[code]) for code in order if code in absent],
        "loans": (report.get("loans") or {}).items(),
        "accounts": (report.get("accounts") or {}).items(),
        "losses": [(name, report[name]) for name in ("declined", "approved") if report.get(name)],
        "rows": (report.get("input") or {}),
        "odd_rows": sorted(((report.get("input") or {}).get("odd_rows") or {}).items()),
        "unknown": sorted(((report.get("input") or {}).get("unknown") or {}).items()),
    }


def _say_absence(station: str, code: str, desk: Desk) -> str:
    """Why a station was not applicable: the pack's own sentence, or the reason's words, which need no facts."""
    pack, on = desk.factory.pack, desk.factory.business_on
    book = words.find_book(pack, on)
    told = (book.line.get("absent") or {}).get(station) if book is not None and code == "LIN-ABSENT" else None
    if isinstance(told, Mapping):
        told = told.get("zh" if is_chinese() else "en")
    if told and (not is_chinese() or not str(told).isascii()):
        return str(told)
    return words.reason_text({"code": code}, pack=pack, on=on, audience="borrower")
