"""A version's check, its log of changes, its files, and what differs between two versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext

from creditfactory import decision, publishing
from creditfactory.consoles.page import Desk, is_chinese, page
from creditfactory.consoles.rulebook_book import open_book
from creditfactory.consoles.rulebook_faults import tell_fault, tell_finding, tell_place
from creditfactory.consoles.views.rulebooks import describe_version, find_factory, find_version
from creditfactory.kernel import BadInput, Refused
from creditfactory.records import reads


@page("see_rulebook")
def show_check(request: HttpRequest, number: int) -> HttpResponse:
    """What the last check found, each finding at its place; cases, and how many small changes they would notice."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = find_version(desk, number)
    report = found.report or {}
    told = [(f["kind"], tell_place(f["place"]), tell_finding(f["what"]), _file_of(f["place"], found))
            for f in report.get("findings", ())]  # fmt: skip
    facts = {
        **describe_version(desk, found), "tab": "check", "told": sorted(told, key=lambda one: one[0] != "fault"),
        "faults": sum(one[0] == "fault" for one in told), "mutation": report.get("mutation"), "fault": "", "step": "",
        "survivors": [(tell_place(s["place"]), s["what"], s["shown_by"], _file_of(s["place"], found))
                      for s in (report.get("mutation") or {}).get("survivors", ())],
    }  # fmt: skip
    return render(request, "consoles/rulebook_check.html", facts)


def _file_of(place: str, found: reads.VersionFile) -> str:
    """The file that a finding's place begins with, if the version has it."""
    start = place.split(",")[0].split(":")[0].strip()
    return start if start in found.files else ""


@page("see_rulebook")
def show_log(request: HttpRequest, number: int) -> HttpResponse:
    """Every dated change within the version with its source: the log a regulator asks for."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = find_version(desk, number)
    law = request.GET.get("law", "").strip()[:80]
    entries: Any = ()
    broken = ""
    try:
        rulebook, notes = open_book(found.row.digest)
        entries = decision.list_log(rulebook, notes, law=law)
    except (BadInput, Refused) as refusal:
        broken = tell_fault(refusal)
    language = "zh" if is_chinese() else "en"
    facts = {
        **describe_version(desk, found), "tab": "log", "broken": broken, "law": law, "fault": "", "step": "",
        "entries": [(entry, entry.words[language]) for entry in reversed(entries)],
    }  # fmt: skip
    part = getattr(request, "htmx", False)
    return render(request, "consoles/parts/rulebook_log.html" if part else "consoles/rulebook_log.html", facts)


@page("see_rulebook")
def show_file(request: HttpRequest, number: int, place: str) -> HttpResponse:
    """One file as it is written; in the hands of who may edit, a form that begins or continues a draft."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = find_version(desk, number)
    text = reads.read_version_file(desk.factory.id, number, place)
    if text is None and not (request.method == "POST" and found.row.is_in_hand):
        raise Http404(place)
    fault, status, typed = "", 200, text or ""
    if request.method == "POST":
        if not desk.may("edit_rulebook"):
            raise PermissionDenied("edit_rulebook")
        typed = request.POST.get("text", "")
        try:
            revision = int(request.POST.get("revision") or found.row.revision)
            held = publishing.edit_draft(find_factory(desk), number, place, typed, by=desk.username, revision=revision)
            return HttpResponseRedirect(reverse("rulebook_file", args=[held, place]) + "?saved=1")
        except (Refused, BadInput, ValueError) as refusal:
            fault, status = tell_fault(refusal), 409
    table = place.removeprefix("tables/").removesuffix(".csv") if place.endswith(".csv") else ""
    facts = {
        **describe_version(desk, found), "tab": "files", "place": place, "text": typed, "theirs": text if fault else "",
        "fault": fault, "step": "", "table": table, "is_saved": request.GET.get("saved") == "1",
        "is_writable": desk.may("edit_rulebook") and not place.startswith("../"),
        "lines": (text or "").splitlines(),
    }  # fmt: skip
    return render(request, "consoles/rulebook_file.html", facts, status=status)


@page("see_rulebook")
def show_files(request: HttpRequest, number: int) -> HttpResponse:
    """Every file of the version by folder, with what differs from the version it began from."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = find_version(desk, number)
    parent = found.row.parent_number
    before = reads.read_version(desk.factory.id, parent, on=desk.factory.business_on) if parent else None
    changed = {p for p in found.files if before is not None and before.files.get(p) != found.files[p]}
    folders: dict[str, list[tuple[str, bool]]] = {}
    for place in found.files:
        folders.setdefault(place.rpartition("/")[0], []).append((place, place in changed))
    facts = {**describe_version(desk, found), "tab": "files", "folders": sorted(folders.items()), "fault": "",
             "step": "", "changed": len(changed)}  # fmt: skip
    return render(request, "consoles/rulebook_files.html", facts)


@dataclass(frozen=True)
class FileDiff:
    """One file that differs: its lines with their marks, one of + - @ and blank."""

    place: str
    lines: tuple[tuple[str, str], ...]
    added: int
    removed: int


@page("see_rulebook")
def show_diff(request: HttpRequest) -> HttpResponse:
    """What differs between two versions: in words first, then file by file."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    versions = reads.list_versions(desk.factory.id, on=desk.factory.business_on)
    older, newer = _choose_two(request, versions)
    facts: dict[str, Any] = {"versions": versions, "older": older, "newer": newer, "changes": (), "diffs": (),
                             "broken": ""}  # fmt: skip
    if older is not None and newer is not None:
        tenant = find_factory(desk)
        language = "zh" if is_chinese() else "en"
        try:
            changes = publishing.compare_versions(tenant, older.number, newer.number)
            facts["changes"] = [(change, change.words[language]) for change in changes]
        except (Refused, BadInput) as refusal:
            facts["broken"] = tell_fault(refusal)
        compared = publishing.compare_files(tenant, older.number, newer.number)
        facts["diffs"] = [_read_diff(place, text) for place, text in compared.items()]
        n = len(facts["changes"])
        facts["summary"] = ngettext("{n} difference in what they decide", "{n} differences in what they decide", n
                                    ).format(n=n)  # fmt: skip
    return render(request, "consoles/rulebook_diff.html", facts)


def _choose_two(
    request: HttpRequest, versions: tuple[reads.VersionRow, ...]
) -> tuple[reads.VersionRow | None, reads.VersionRow | None]:
    """The two asked for; else the newest beside what it began from."""
    by_number = {str(version.number): version for version in versions}
    newer = by_number.get(request.GET.get("new", ""), versions[0] if versions else None)
    older = by_number.get(request.GET.get("old", ""))
    if older is None and newer is not None:
        older = by_number.get(str(newer.parent_number), newer)
    return older, newer


def _read_diff(place: str, text: str) -> FileDiff:
    lines = tuple((line[:1] if line[:1] in "+-@" else " ", line[1:] if line[:1] in "+- " else line)
                  for line in text.splitlines()[2:])  # fmt: skip
    marks = [mark for mark, _text in lines]
    return FileDiff(place, lines, marks.count("+"), marks.count("-"))
