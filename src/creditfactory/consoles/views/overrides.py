"""The override monitor: where people and funders decided otherwise than the machine, and with what result."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from creditfactory.consoles import figures, words
from creditfactory.consoles.page import Desk, page
from creditfactory.consoles.views.loans import guard_cell
from creditfactory.records import reads

FILTERS = ("kind", "person", "reason", "month", "lane")
PERIODS = {"30": 30, "90": 90, "365": 365}
PERIOD_USUAL = "90"
COLUMNS = (
    "number", "decided_at", "lane", "tier", "is_approved", "kinds", "by", "against", "note", "exception", "asked_cents",
    "proposed_cents", "given_cents", "funder", "funder_change", "status", "loan_status", "arrears_days",
    "principal_cents", "loss_cents",
)  # fmt: skip


@page("see_overrides")
def show_overrides(request: HttpRequest) -> HttpResponse:
    """The counts and the list, as filtered by the address."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    period, chosen = _read_filters(request)
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() else 1
    report = reads.read_overrides(desk.factory.id, since=_since(desk, period), page=number, **chosen)
    facts: dict[str, Any] = {
        "report": report, "filter": chosen, "period": period, "periods": [(p, _name_period(p)) for p in PERIODS],
        "is_filtered": any(chosen.values()), "kinds": reads.OVERRIDE_KINDS,
        "share": report.otherwise / report.reviewed if report.reviewed else None,
        "rows": [_tell_row(row) for row in report.rows],
        "chosen_names": [(name, _name_filter(name), _say_filter(name, value))
                         for name, value in chosen.items() if value],
        "exceptions": next((t.otherwise for t in report.by_kind if t.name == "exception"), 0),
        "altered": next((t.otherwise for t in report.by_kind if t.name == "funder_alter"), 0),
        "kind_top": max((t.otherwise for t in report.by_kind), default=0),
        "month_top": max((t.decided for t in report.by_month), default=0),
        "reasons": [(tally, _tell_reason(tally.name, desk)) for tally in report.by_reason[:10]],
    }  # fmt: skip
    template = "consoles/parts/overrides.html" if request.htmx else "consoles/overrides.html"  # type: ignore[attr-defined]
    return render(request, template, facts)


@page("export")
def export_overrides(request: HttpRequest) -> HttpResponse:
    """The list as filtered, all of it, as CSV."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    period, chosen = _read_filters(request)
    report = reads.read_overrides(desk.factory.id, since=_since(desk, period), page_rows=None, **chosen)
    response = StreamingHttpResponse(_write_csv(report.rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="overrides-{desk.factory.code}-{desk.factory.business_on}.csv"'
    )
    return response


def _read_filters(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    period = request.GET.get("period", PERIOD_USUAL)
    chosen = {name: request.GET.get(name, "").strip()[:80] for name in FILTERS}
    return period if period in PERIODS else PERIOD_USUAL, chosen


def _since(desk: Desk, period: str) -> Any:
    return desk.day_start - timedelta(days=PERIODS[period])


def _write_csv(rows: tuple[reads.Override, ...]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([guard_cell(_cell(row, column)) for column in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(row: reads.Override, column: str) -> object:
    value = getattr(row, column)
    if column == "against":
        return " ".join(dict.fromkeys(item["code"] for item in value))
    return " ".join(value) if isinstance(value, tuple) else value


def _tell_row(row: reads.Override) -> dict[str, Any]:
    """One line of the list with its amounts and reasons in words."""
    told = [words.reason_text(item, pack=row.pack, on=row.applied_on) for item in row.against[:2]]
    proposed = None if row.proposed_cents is None else row.proposed_cents // 100 * 100
    return {
        "row": row,
        "against": told,
        "proposed": proposed,
        "changes": [_tell_change(part, row) for part in row.funder_change.split()],
    }


def _tell_change(part: str, row: reads.Override) -> str:
    name, was, becomes = part.split(":")
    values = tuple(
        figures.money(int(value), row.currency) if name == "amount_cents"
        else figures.percent(value, 2) if name == "annual_rate" else value
        for value in (was, becomes)
    )  # fmt: skip
    return _("{what} {was} → {becomes}").format(what=words.humane(name), was=values[0], becomes=values[1])


def _tell_reason(code: str, desk: Desk) -> str:
    """What a reason means, without a case's figures: as staff read it, unknown where it has a figure."""
    return words.reason_name(code, pack=desk.factory.pack, on=desk.factory.business_on)


def _name_period(period: str) -> str:
    return _("{n} days").format(n=period)


def _name_filter(name: str) -> str:
    return {
        "kind": _("In which way"), "person": _("Decided by"), "reason": _("Reason"), "month": _("Month"),
        "lane": _("Lane"),
    }[name]  # fmt: skip


def _say_filter(name: str, value: str) -> str:
    return words.word(value, "override") if name == "kind" else words.actor_name(value) if name == "person" else value
