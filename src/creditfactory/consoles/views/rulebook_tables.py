"""A decision table of a version as a grid: edited in place, checked as it is typed, kept in a draft, out and in."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditfactory import publishing, records
from creditfactory.consoles import figures, grid, words
from creditfactory.consoles.page import Desk, is_chinese, page
from creditfactory.consoles.rule_words import Reader, consequence
from creditfactory.consoles.rulebook_book import hit_name, open_book
from creditfactory.consoles.rulebook_faults import tell_fault
from creditfactory.consoles.views.rulebooks import describe_version, find_factory, find_version, read_day
from creditfactory.gateways import rulebook as packs
from creditfactory.gateways.rulebook import carrying
from creditfactory.kernel import BadInput, Refused, Stale
from creditfactory.records import reads
from creditfactory.rules import Table

BODY_MAX = 20_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Sheet:
    """A table as it is opened: the version, the file its rows stand in, its columns, and the days of its versions."""

    found: reads.VersionFile
    name: str
    table: Table
    place: str
    days: tuple[tuple[date, str], ...]
    reader: Reader

    @property
    def seen(self) -> str:
        """The digest of the rows' file, by which one knows whether another has changed it."""
        return self.found.files.get(self.place, "")


def open_sheet(desk: Desk, number: int, name: str, file: str = "") -> Sheet:
    """A table of a version; of one whose files cannot be read, by the columns it had in the version it began from."""
    found = find_version(desk, number)
    current: reads.VersionFile | None = found
    fault: Exception | None = None
    while current is not None:
        try:
            rulebook, notes = open_book(current.row.digest)
        except (BadInput, Refused) as refusal:
            fault = fault or refusal
            parent = current.row.parent_number
            current = reads.read_version(desk.factory.id, parent, on=desk.factory.business_on) if parent else None
            continue
        dated = rulebook.tables.get(name)
        if dated is None:
            raise Http404(name)
        tables = [(day, table) for day, table in dated.versions if table is not None]
        days = tuple((day, table.place) for day, table in tables)
        on = desk.factory.business_on
        usual = next((place for day, place in reversed(days) if day <= on), days[-1][1])
        place = f"tables/{file}" if file and f"tables/{file}" in found.files else usual
        shape = grid.find_shape([table for _day, table in tables], place)
        return Sheet(found, name, shape, place, days, Reader(rulebook, on, notes))
    raise fault or Http404(name)


@page("see_rulebook")
def show_table(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """The table as a grid; without a script the same cells are a plain form with buttons."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    sheet = open_sheet(desk, number, name, request.GET.get("file", ""))
    fault, status = "", 200
    if request.method == "POST":
        if not desk.may("edit_rulebook"):
            raise PermissionDenied("edit_rulebook")
        rows = grid.take_form(request.POST, sheet.table)
        act = request.POST.get("do", "save")
        if act == "save":
            try:
                revision = _whole(request.POST.get("revision"), sheet.found.row.revision)
                rows = [row for row in rows if any(row)]
                held = _keep(desk, sheet, rows, revision=revision, seen=request.POST.get("seen", ""))
                return HttpResponseRedirect(_address(held, sheet) + "&saved=1")
            except (Refused, BadInput) as refusal:
                fault, status = tell_fault(refusal), 409
        else:
            rows = grid.change_rows(rows, act, len(grid.list_columns(sheet.table, str)))
    else:
        text = reads.read_version_file(desk.factory.id, number, sheet.place) or ""
        try:
            rows = grid.read_grid(text, sheet.table)
        except BadInput:
            return HttpResponseRedirect(reverse("rulebook_file", args=[number, sheet.place]))
    return render(request, "consoles/rulebook_table.html", _describe(desk, sheet, rows, fault, request), status=status)


def _describe(desk: Desk, sheet: Sheet, rows: grid.Rows, fault: str, request: HttpRequest) -> dict[str, Any]:
    table = sheet.table
    columns = grid.list_columns(table, sheet.reader.name_fact)
    checked = grid.check_grid(rows, table)
    cell_faults = {(c.row, c.column): c.text for c in checked.cells}
    marks = {at: [m for m in checked.marks if at in m.rows] for at in range(len(rows))}
    language = "zh" if is_chinese() else "en"
    return {
        **describe_version(desk, sheet.found), "tab": "tables", "table": table, "name": sheet.name, "fault": fault,
        "step": "", "place": sheet.place, "seen": sheet.seen, "columns": columns, "title": table.description.get(
            language, sheet.name), "hit": hit_name(table.hit), "checked": checked, "fault_count": len(checked.cells),
        "whole_marks": [m for m in checked.marks if not m.rows or m.kind == "overlap"],
        "grid": [
            {"at": at, "marks": marks[at], "cells": [
                {"at": i, "text": text, "column": columns[i], "fault": cell_faults.get((at, i), "")}
                for i, text in enumerate(cells)
            ]} for at, cells in enumerate(rows)
        ],
        "missing": consequence(table.missing.consequence) if table.missing.answers is None else
        ", ".join(map(str, table.missing.answers)),
        "no_match": consequence(table.no_match.consequence) if table.no_match.answers is None else
        ", ".join(map(str, table.no_match.answers)),
        "is_writable": desk.may("edit_rulebook"), "is_saved": request.GET.get("saved") == "1",
        "days": sheet.days, "file": sheet.place.removeprefix("tables/"), "can_export": desk.may("export"),
        "sheets": sorted(sheet.reader.rulebook.tables), "today": desk.factory.business_on, "words": _script_words(),
        "blank": {"cells": [{"at": i, "text": "", "column": column, "fault": ""} for i, column in enumerate(columns)]},
    }  # fmt: skip


def _script_words() -> str:
    """What the script says, in the reader's language."""
    return json.dumps({
        "kept": _("Kept in the draft"), "keeping": _("Keeping…"), "typing": _("Not kept yet"),
        "lost": _("No connection. What you typed is kept on this machine and sent once the connection is back."),
        "restored": _("Cells you had typed and not yet kept were restored."), "row": _("Row {n}"),
        "sound": _("Every cell reads; no gap, no overlap."), "faults": _("Cells to put right: {n}"),
        "pasted": _("Cells pasted: {n}"), "undone": _("Undone"), "redone": _("Done again"),
    })  # fmt: skip


def _address(number: int, sheet: Sheet) -> str:
    file = sheet.place.removeprefix("tables/")
    return reverse("rulebook_table", args=[number, sheet.name]) + f"?file={file}"


def _whole(text: Any, usual: int) -> int:
    return int(text) if isinstance(text, int) or (isinstance(text, str) and text.isdecimal()) else usual


def _keep(desk: Desk, sheet: Sheet, rows: grid.Rows, *, revision: int, seen: str) -> int:
    """Keep the rows in the draft; where another changed other files meanwhile, theirs stay and these are added."""
    text = grid.write_grid(rows, sheet.table)
    if sheet.found.row.is_in_hand and seen and seen == sheet.seen:
        revision = sheet.found.row.revision
    return publishing.edit_draft(
        find_factory(desk), sheet.found.row.number, sheet.place, text, by=desk.username, revision=revision
    )


def _read_body(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > BODY_MAX:
        raise BadInput(place="body", found=f"{len(request.body)} bytes", expected=f"at most {BODY_MAX}")
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadInput(place="body", found="no JSON object", expected="rows")
    return found


@require_POST
@page("see_rulebook")
def check_cells(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """What is wrong with these rows; nothing is kept."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    sheet = open_sheet(desk, number, name, request.GET.get("file", ""))
    try:
        rows = grid.take_rows(_read_body(request).get("rows"), sheet.table)
    except BadInput as refusal:
        return JsonResponse({"text": tell_fault(refusal)}, status=400)
    return JsonResponse(grid.check_grid(rows, sheet.table).as_json())


@require_POST
@page("edit_rulebook")
def save_cells(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Keep these rows in the draft; a change by another is told with what they have now, and nothing is overwritten."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    sheet = open_sheet(desk, number, name, request.GET.get("file", ""))
    try:
        body = _read_body(request)
        rows = grid.take_rows(body.get("rows"), sheet.table)
        seen = body.get("seen") if isinstance(body.get("seen"), str) else ""
        held = _keep(desk, sheet, rows, revision=_whole(body.get("revision"), -1), seen=str(seen))
    except Stale as refusal:
        return JsonResponse(_tell_stale(desk, sheet, refusal), status=409)
    except (Refused, BadInput) as refusal:
        return JsonResponse({"text": tell_fault(refusal)}, status=400)
    kept = find_version(desk, held)
    return JsonResponse({
        **grid.check_grid(rows, sheet.table).as_json(), "number": held, "revision": kept.row.revision,
        "seen": kept.files.get(sheet.place, ""), "address": _address(held, sheet),
    })  # fmt: skip


def _tell_stale(desk: Desk, sheet: Sheet, refusal: Stale) -> dict[str, Any]:
    now = find_version(desk, sheet.found.row.number)
    text = reads.read_version_file(desk.factory.id, now.row.number, sheet.place) or ""
    try:
        rows: Any = grid.read_grid(text, sheet.table)
    except BadInput:
        rows = None
    who = ", ".join(words.actor_name(author) for author in now.row.authors)
    told = _("{why} Written by {who}, last at {when}. Your cells are still here: keep yours, or take theirs.").format(
        why=tell_fault(refusal), who=who, when=figures.instant(now.row.changed_at)
    )
    return {"kind": "stale", "text": told, "rows": rows, "revision": now.row.revision,
            "seen": now.files.get(sheet.place, "")}  # fmt: skip


@page("export")
def export_sheet(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """The table as an Excel workbook that a person edits and brings back."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    if not desk.may("see_rulebook"):
        raise PermissionDenied("see_rulebook")
    found = find_version(desk, number)
    stored = records.read_stored_rulebook(found.row.id)
    try:
        with packs.unpacked(stored.pack, stored.files) as folder, tempfile.TemporaryDirectory() as room:
            out = Path(room) / "table.xlsx"
            carrying.export_workbook(folder, out, on=desk.factory.business_on, names=[name])
            body = out.read_bytes()
    except (BadInput, Refused) as refusal:
        return _refuse(request, number, name, tell_fault(refusal))
    response = HttpResponse(body, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-v{number}.xlsx"'
    return response


@require_POST
@page("edit_rulebook")
def import_sheet(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Bring an edited workbook back as rows that hold from a day on; all of it, or nothing and why."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = find_version(desk, number)
    given = request.FILES.get("workbook")
    start = read_day(request.POST.get("starts_on", "")) or desk.factory.business_on
    if given is None:
        return _refuse(request, number, name, _("Choose the workbook first."))
    stored = records.read_stored_rulebook(found.row.id)
    try:
        with packs.unpacked(stored.pack, stored.files) as folder, tempfile.TemporaryDirectory() as room:
            path = Path(room) / "workbook.xlsx"
            path.write_bytes(given.read())
            [told] = carrying.import_workbook(path, folder, start=start, names=[name], dry_run=False)
            if not told.changes:
                return _refuse(request, number, name, _("The workbook says what the table says; nothing to bring in."))
            changed = {p: (folder / p).read_text(encoding="utf-8") for p in (told.file, f"tables/{name}.yaml")}
        held, revision = number, found.row.revision
        with records.together():
            for place, text in changed.items():
                held = publishing.edit_draft(find_factory(desk), held, place, text, by=desk.username, revision=revision)
                revision = find_version(desk, held).row.revision
    except (BadInput, Refused) as refusal:
        return _refuse(request, number, name, tell_fault(refusal))
    file = told.file.removeprefix("tables/")
    return HttpResponseRedirect(reverse("rulebook_table", args=[held, name]) + f"?file={file}&saved=1")


def _refuse(request: HttpRequest, number: int, name: str, why: str) -> HttpResponse:
    """The grid again, with why the workbook was refused."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    sheet = open_sheet(desk, number, name)
    rows = grid.read_grid(reads.read_version_file(desk.factory.id, number, sheet.place) or "", sheet.table)
    return render(request, "consoles/rulebook_table.html", _describe(desk, sheet, rows, why, request), status=409)
