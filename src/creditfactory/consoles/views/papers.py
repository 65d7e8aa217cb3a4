"""Papers of a case: handed in, what was read beside what was found, put right by one person, confirmed by another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditfactory import records, stations
from creditfactory.application import BankStatement, BureauReport, InvoiceList
from creditfactory.consoles import words
from creditfactory.consoles.page import Desk, page
from creditfactory.gateways import papers
from creditfactory.kernel import BadInput, Refused
from creditfactory.records import reads

KINDS = ("bank_statement", "invoices", "bureau_report")
ROWS_A_PAGE = 200
WHY_LENGTH_MIN = 4


@page("see_cases")
def show_papers(request: HttpRequest, number: str) -> HttpResponse:
    """The papers of a case; a file handed in is read at once, and what could not be read says why."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = _find_case(desk, number)
    if request.method == "POST":
        return _take(request, desk, case)
    facts = {
        "case": case, "row": case.row, "kinds": KINDS, "size_max": papers.BYTES_MAX // 1_000_000,
        "papers": [_tell_paper(one) for one in records.list_uploaded_papers(application_id=case.row.id)],
        "may_hand_in": desk.may("do_work") and case.is_in_play,
    }  # fmt: skip
    return render(request, "consoles/papers.html", facts)


def _take(request: HttpRequest, desk: Desk, case: reads.CaseFile) -> HttpResponse:
    if not desk.may("do_work"):
        raise PermissionDenied("do_work")
    number = case.row.number
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file first."))
        return redirect("cases_papers", number)
    if (file.size or 0) > papers.BYTES_MAX:
        messages.error(
            request, _("The file is larger than {n} MB; hand in shorter periods one by one.").format(
                n=papers.BYTES_MAX // 1_000_000
            )
        )  # fmt: skip
        return redirect("cases_papers", number)
    kind = request.POST.get("kind", "")
    try:
        taken = stations.take_paper(
            case.row.id, file.read(), name=file.name or "paper", by=desk.username,
            kind=kind if kind in KINDS else None, holder=request.POST.get("holder"),  # type: ignore[arg-type]
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, words.tell_refusal(refusal))
        return redirect("cases_papers", number)
    if taken.status == "refused":
        messages.error(request, _("The file was kept and could not be read: see what was found and expected."))
        return redirect("cases_papers", number)
    if taken.counts:
        messages.success(request, _("Read without a doubt; its figures count from the next weighing of sources."))
    else:
        messages.info(request, _("Read with doubts: put them right, and another person confirms it."))
    return redirect("cases_paper", number, taken.id)


@page("do_work")
def show_paper(request: HttpRequest, number: str, paper_id: int) -> HttpResponse:
    """One paper: what was found, the fields in doubt, and every line as it stands on the paper."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = _find_case(desk, number)
    row = _find_paper(case, paper_id)
    reading = stations.open_paper(row.id) if row.status not in ("refused", "dropped") else None
    facts: dict[str, Any] = {
        "case": case, "row": case.row, "paper": _tell_paper(row), "reading": reading,
        "is_statement": reading is not None and isinstance(reading.evidence, BankStatement),
        "may_correct": row.status in ("read", "corrected") and case.is_in_play,
        "may_confirm": row.status in ("read", "corrected") and desk.username not in (row.uploaded_by, row.corrected_by),
        "may_open": desk.may("reveal"), "sorts": papers.FLOW_SORTS, "corrections": row.corrections,
    }  # fmt: skip
    if reading is not None:
        facts |= _lay_out(request, reading)
    return render(request, "consoles/paper.html", facts)


def _lay_out(request: HttpRequest, reading: papers.Reading) -> dict[str, Any]:
    """The lines of one page of the reading, those with a finding or a doubt marked."""
    marked: dict[tuple[int, int], str] = {}
    for found in reading.findings:
        place = (int(found.facts.get("page") or 0), int(found.facts.get("row") or 0))
        marked.setdefault(place, found.code)
    doubted = {(doubt.page, doubt.row): doubt.field for doubt in reading.doubts}
    asked = request.GET.get("page", "1")
    last = max(1, -(-len(reading.lines) // ROWS_A_PAGE))
    number = min(last, int(asked) if asked.isdecimal() and 0 < len(asked) < 5 and asked != "0" else 1)
    first = (number - 1) * ROWS_A_PAGE
    lines = [
        {"at": first + at, "line": line, "amount_in": line.cents if line.cents > 0 else None,
         "amount_out": -line.cents if line.cents < 0 else None,
         "finding": marked.get((line.page, line.row)) or marked.get((0, line.row)),
         "doubt": doubted.get((line.page, line.row))}
        for at, line in enumerate(reading.lines[first : first + ROWS_A_PAGE])
    ]  # fmt: skip
    evidence = reading.evidence
    summary: dict[str, Any] = {"kind": reading.check.paper, "pages": reading.check.pages}
    if isinstance(evidence, BankStatement):
        flows = evidence.flow_cents
        summary |= {
            "from_on": evidence.from_on, "to_on": evidence.to_on, "lines": len(flows),
            "opening_cents": evidence.opening_balance_cents,
            "in_cents": sum(flow for flow in flows if flow > 0), "out_cents": -sum(flow for flow in flows if flow < 0),
            "closing_cents": evidence.balance_cents[-1] if evidence.balance_cents else None,
        }  # fmt: skip
    elif isinstance(evidence, InvoiceList):
        summary |= {"from_on": evidence.from_on, "to_on": evidence.to_on, "lines": len(evidence.on)}
    elif isinstance(evidence, BureauReport):
        summary |= {"lines": reading.check.lines}
    return {"lines": lines, "line_page": number, "line_pages": last, "summary": summary}


@require_POST
@page("do_work")
def act_on_paper(request: HttpRequest, number: str, paper_id: int, act: str) -> HttpResponse:
    """Put a field right, confirm a reading, or set a paper aside that does not belong here."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = _find_case(desk, number)
    row = _find_paper(case, paper_id)
    try:
        if act == "correct":
            line = request.POST.get("line", "")
            at = int(line) if line.isdecimal() and len(line) < 7 else -1
            field, value = request.POST.get("field", ""), request.POST.get("value", "").strip()[:40]
            stations.correct_line(row, at, field, value, by=desk.username)
            messages.success(request, _("Put right; another person confirms it before it counts."))
        elif act == "confirm":
            stations.confirm_reading(row, by=desk.username)
            messages.success(request, _("Confirmed; its figures count from the next weighing of sources."))
        elif act == "drop":
            records.drop_paper(
                tenant=desk.factory.code, number=case.row.number, paper_id=row.id, by=desk.username, at=desk.factory.now
            )
            messages.success(request, _("Set aside; the file is no longer kept."))
            return redirect("cases_papers", number)
        else:
            raise Http404
    except Refused as refusal:
        messages.error(request, words.tell_refusal(refusal))
    except BadInput as fault:
        messages.error(
            request, _("Found {found}, expected {expected}.").format(found=fault.found, expected=fault.expected)
        )
    return redirect("cases_paper", number, paper_id)


@require_POST
@page("reveal")
def open_original(request: HttpRequest, number: str, paper_id: int) -> HttpResponse:
    """The original file as it was handed in, once a reason was given, which stands in the history."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = _find_case(desk, number)
    row = _find_paper(case, paper_id)
    why = request.POST.get("why", "").strip()
    if len(why) < WHY_LENGTH_MIN:
        messages.error(request, _("Not opened: say why, in a few words."))
        return redirect("cases_paper", number, paper_id)
    try:
        content = records.open_original(
            tenant=desk.factory.code, number=case.row.number, paper_id=row.id, why=why, by=desk.username,
            at=desk.factory.now,
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, words.tell_refusal(refusal))
        return redirect("cases_paper", number, paper_id)
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="paper-{row.id}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _find_case(desk: Desk, number: str) -> reads.CaseFile:
    case = reads.read_case(desk.factory.id, number)
    if case is None:
        raise Http404
    return case


def _find_paper(case: reads.CaseFile, paper_id: int) -> records.PaperRow:
    row = records.find_paper(application_id=case.row.id, paper_id=paper_id)
    if row is None:
        raise Http404
    return row


def _tell_paper(row: records.PaperRow) -> dict[str, Any]:
    """A paper's row with its tone: refused is bad, findings or doubts ask to be looked at."""
    codes = {item["code"] for item in row.findings}
    tone = "bad" if row.status == "refused" or codes & HEAVY else "warn" if codes else "good"
    return {"row": row, "tone": tone, "kb": max(1, row.size // 1000)}


HEAVY = {
    "PAP-HOLDER",
    "PAP-CHAIN",
    "PAP-TOTALS",
    "PAP-SAME-LINES",
    "PAP-OPENING",
    "PAP-SAME-FILE",
    "PAP-MADE-BEFORE-END",
    "PAP-BUREAU-DIFFERS",
}
