"""Rulebooks tried out: champion beside challenger, what a shadow would have decided, and the back-test on the past."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from creditfactory import backtest, gateways, labels, records
from creditfactory.batches import backtesting
from creditfactory.batches.backtest_report import build_report
from creditfactory.consoles.page import Desk, is_chinese, page
from creditfactory.consoles.rulebook_book import open_book
from creditfactory.consoles.rulebook_faults import tell_fault
from creditfactory.consoles.rulebook_map import draw_policy, draw_tree, list_trees
from creditfactory.consoles.views.rulebooks import describe_version, find_version, read_day
from creditfactory.decision import Rulebook
from creditfactory.gateways import populations
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import BadInput, CreditFactoryError, Refused
from creditfactory.records import reads

ROWS_MAX, PAST_ROWS_MAX, FILE_MAX = 20_000, 2_000, 30_000_000
SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson")
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts"
)
"""The report is a page of its own that asks for nothing from anywhere, our own server included."""


@page("see_rulebook")
def show_flow(request: HttpRequest, number: int) -> HttpResponse:
    """The whole policy as a picture, or one strategy tree."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = find_version(desk, number)
    on = read_day(request.GET.get("on", "")) or desk.factory.business_on
    chosen = request.GET.get("tree", "")
    facts: dict[str, Any] = {**describe_version(desk, found), "tab": "flow", "fault": "", "step": "", "on": on,
                             "broken": "", "chosen": "", "trees": ()}  # fmt: skip
    try:
        rulebook, notes = open_book(found.row.digest)
        trees = list_trees(rulebook, on)
        language = "zh" if is_chinese() else "en"
        facts["trees"] = [(name, tree.description.get(language, name)) for name, tree in sorted(trees.items())]
        if chosen in trees:
            facts |= {"picture": draw_tree(trees[chosen], rulebook, notes, number, on), "chosen": chosen,
                      "title": trees[chosen].description.get(language, chosen)}  # fmt: skip
        else:
            facts |= {"picture": draw_policy(rulebook, notes, number, on), "title": _("From the facts to the price")}
    except (BadInput, Refused) as refusal:
        facts["broken"] = tell_fault(refusal)
    return render(request, "consoles/rulebook_flow.html", facts)


@page("see_rulebook")
def show_trials(request: HttpRequest) -> HttpResponse:
    """Champion beside challenger, and every shadow beside what was decided."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    shadows = []
    for report in reads.list_shadow_reports(desk.factory.id):
        verdicts = sorted({own for own, _other in report.verdicts} | {other for _own, other in report.verdicts})
        shadows.append({
            "report": report, "share": report.different / report.decided if report.decided else None,
            "lanes": _cross(report.lanes, ("A", "B", "C")), "verdicts": _cross(report.verdicts, tuple(verdicts)),
        })  # fmt: skip
    return render(request, "consoles/rulebook_trials.html", {
        "arms": [(one, (one.champion, one.challenger)) for one in reads.compare_arms(desk.factory.id)],
        "shadows": shadows, "last_by": _last_by(desk),
    })  # fmt: skip


def _last_by(desk: Desk) -> reads.ReleaseRow | None:
    listed = reads.list_releases(desk.factory.id, on=desk.factory.business_on)
    return max((r for r in listed if r.role != "champion"), key=lambda r: r.at, default=None)


def _cross(counted: Mapping[tuple[str, str], int], names: tuple[str, ...]) -> dict[str, Any]:
    """Counts by own and shadow's answer as rows and columns."""
    names = tuple(n for n in names if any(n in pair for pair in counted))
    return {"names": names, "rows": [(own, [(other == own, counted.get((own, other), 0)) for other in names])
                                     for own in names]}  # fmt: skip


@page("see_rulebook")
def show_backtest(request: HttpRequest) -> HttpResponse:
    """Try a version on a population, beside another: the form, and the same report as the command writes."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    versions = reads.list_versions(desk.factory.id, on=desk.factory.business_on)
    fault, status = "", 200
    if request.method == "POST":
        if not (desk.may("edit_rulebook") or desk.may("propose_rulebook")):
            raise PermissionDenied("edit_rulebook")
        try:
            return _answer(request, desk, _run(request, desk))
        except CreditFactoryError as refusal:
            fault, status = tell_fault(refusal), 409
    now = reads.read_rulebook_now(desk.factory.id, on=desk.factory.business_on)
    facts = {
        "versions": versions, "fault": fault, "typed": request.POST, "now": now, "rows_max": ROWS_MAX,
        "past_max": PAST_ROWS_MAX, "may_run": desk.may("edit_rulebook") or desk.may("propose_rulebook"),
        "chosen": request.POST.get("version") or request.GET.get("version") or (versions[0].number if versions else ""),
        "beside": request.POST.get("against", "") if request.method == "POST" else request.GET.get("against") or (
            now.champion.number if now.champion else ""),
    }  # fmt: skip
    return render(request, "consoles/rulebook_backtest.html", facts, status=status)


def _answer(request: HttpRequest, desk: Desk, summary: dict[str, Any]) -> HttpResponse:
    text = build_report(summary, language="zh" if is_chinese() else "en")
    response = HttpResponse(text, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    if request.POST.get("do") == "keep":
        name = f"back-test-{desk.factory.code}-{desk.factory.business_on}.html"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _run(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """Unpack the versions, read the population and decide it; what cannot be read or trusted is refused."""
    number, against = _choose(request, "version"), _choose(request, "against")
    if number is None:
        raise BadInput(place=_("Version"), found="nothing", expected="a version of this factory")
    text = request.POST.get("on", "").strip()
    on = read_day(text)
    if text and on is None:
        raise BadInput(place=_("By the rules of"), found=repr(text), expected="a day such as 2026-01-01")
    with ExitStack() as stack:
        folder = _unpack(desk, number, stack)
        other = None if against is None or against == number else _unpack(desk, against, stack)
        room = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rulebook = packs.load_rulebook(folder, locked=False)
        frames, place = _read_population(request, desk, rulebook, on, room)
        plan = backtesting.Plan(
            rulebook=str(folder), against=None if other is None else str(other), on=on, place=place, twins=50,
            sample=2_000, missing_sample=200,
        )  # fmt: skip
        return backtesting.run_backtest(frames, plan)


def _choose(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() else None


def _unpack(desk: Desk, number: int, stack: ExitStack) -> Path:
    stored = records.read_stored_rulebook(find_version(desk, number).row.id)
    return stack.enter_context(packs.unpacked(stored.pack, stored.files))


def _read_population(
    request: HttpRequest, desk: Desk, rulebook: Rulebook, on: date | None, room: Path
) -> tuple[Iterator[pl.DataFrame], str]:
    """The uploaded file, or the factory's own past applicants, in chunks and never more than the limit."""
    if request.POST.get("population") == "past":
        past = reads.list_past_applicants(desk.factory.id, rows=PAST_ROWS_MAX)
        place = _("past applicants")
        if not past:
            raise BadInput(place=place, found="no rows", expected="at least one applicant")
        frame = _frame_past(past, rulebook)
        return iter([backtest.tidy_population(frame, rulebook.declarations, place=place)]), place
    given = request.FILES.get("file")
    if given is None:
        raise BadInput(place=_("File"), found="nothing", expected="a file of .parquet, .csv or .jsonl")
    name = Path(given.name or "").name
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(place=name, found=suffix or "nothing", expected="a file of .parquet, .csv or .jsonl")
    if (given.size or 0) > FILE_MAX:
        raise BadInput(place=name, found=f"{given.size} bytes", expected=f"at most {FILE_MAX}")
    path = room / f"population{suffix}"
    with path.open("wb") as out:
        for part in given.chunks():
            out.write(part)
    return _watch(populations.read_population(path, rulebook, rows=ROWS_MAX, on=on), rulebook, name), name


def _watch(frames: Iterator[pl.DataFrame], rulebook: Rulebook, place: str) -> Iterator[pl.DataFrame]:
    rows = 0
    for frame in frames:
        rows += frame.height
        if rows > ROWS_MAX:
            raise BadInput(place=place, found=f"more than {ROWS_MAX} rows", expected=f"at most {ROWS_MAX} rows")
        yield backtest.tidy_population(frame, rulebook.declarations, place=place)


def _frame_past(past: tuple[reads.PastApplicant, ...], rulebook: Rulebook) -> pl.DataFrame:
    """Past applicants as a population: labels, the day, whether they were lent to, and how it went where one knows."""
    known = [_open_facts(one.text, rulebook) for one in past]
    names = {name for facts in known for name in facts}
    schema: dict[str, Any] = {name: populations.DTYPES[rulebook.declarations[name].type] for name in sorted(names)}
    schema |= {"applied_on": pl.Date, "approved_before": pl.Boolean, "reference": pl.String, "bad": pl.Boolean,
               "lost_share_bps": pl.Int64}  # fmt: skip
    rows = [
        {**{name: facts.get(name) for name in names}, "applied_on": one.applied_on, "reference": one.number,
         "approved_before": one.was_lent, "bad": one.is_bad, "lost_share_bps": one.lost_share_bps}
        for one, facts in zip(past, known, strict=True)
    ]  # fmt: skip
    if all(one.is_bad is None for one in past):
        schema.pop("bad")
        schema.pop("lost_share_bps")
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)


def _open_facts(text: str, rulebook: Rulebook) -> dict[str, Any]:
    """What a snapshot holds of the facts that the rulebook knows."""
    facts = gateways.load_value(labels.Labels, text).facts
    return {name: facts[name] for name in rulebook.declarations if name in facts}
