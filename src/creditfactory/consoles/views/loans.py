"""The loan book: totals, arrears, splits, the vintage chart with its table, the loans behind each figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import polars as pl
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from creditfactory import portfolio
from creditfactory.consoles import charts, words
from creditfactory.consoles.page import Desk, page
from creditfactory.consoles.templatetags import show
from creditfactory.records import reads

FILTERS = ("status", "bucket", "book", "city", "lane", "industry", "cohort", "text")
YEARS_BY_QUARTER = 4
MONTHS_MAX = 72
TABLE_MONTHS = 12
KEEP_SECONDS = 30


@page("see_loans")
def show_book(request: HttpRequest) -> HttpResponse:
    """The page, or only its list when a filter changes."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    chosen = _read_filters(request)
    asked = request.GET.get("page", "1")
    found = reads.find_loans(desk.factory.id, page=int(asked) if asked.isdecimal() else 1, **chosen)
    facts: dict[str, Any] = {
        "found": found, "filter": chosen, "is_filtered": any(chosen.values()), "buckets": range(8),
        "chosen_names": [(name, _name_filter(name), _say_filter(name, value, desk))
                         for name, value in chosen.items() if value and name != "text"],
    }  # fmt: skip
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "consoles/parts/loans.html", facts)
    totals = reads.read_book_totals(desk.factory.id)
    season, cells = _count_vintage(desk)
    split = request.GET.get("split", "book")
    split = split if split in totals.splits else "book"
    facts |= {
        "totals": totals,
        "split": split,
        "splits": [(name, _name_filter(name)) for name in totals.splits],
        "shares": totals.splits[split],
        "arrears": [
            {"bucket": number, "loans": loans, "cents": cents, "days": _bucket_days(number)}
            for number, (loans, cents) in enumerate(totals.buckets)
        ],
        "vintage": _lay_out(cells, season),
        "measure": "amount" if request.GET.get("measure") == "amount" else "count",
        "script_mark": charts.chart_script_mark(),
    }
    return render(request, "consoles/loans.html", facts)


@page("see_loans")
def draw_vintage(request: HttpRequest) -> HttpResponse:
    """The vintage chart's specification, in the theme asked for."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    theme = request.GET.get("theme")
    season, cells = _count_vintage(desk)
    measure = "amount" if request.GET.get("measure") == "amount" else "count"
    spec = charts.draw_vintage(
        cells, season=season, measure=measure, theme=theme if theme in charts.THEMES else "light"
    )
    return JsonResponse(spec)


def chart_script(request: HttpRequest) -> HttpResponse:
    """The script that draws charts; it stays in the browser until it changes."""
    response = HttpResponse(charts.chart_script(), content_type="text/javascript; charset=utf-8")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["ETag"] = f'"{charts.chart_script_mark()}"'
    return response


@page("export")
def export_loans(request: HttpRequest) -> HttpResponse:
    """The list as filtered, all of it, as CSV."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = reads.find_loans(desk.factory.id, page_rows=None, **_read_filters(request))
    response = StreamingHttpResponse(_write_csv(found.rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="loans-{desk.factory.code}-{desk.factory.business_on}.csv"'
    )
    return response


def _write_csv(rows: tuple[reads.LoanRow, ...]) -> Iterator[str]:
    columns = (
        "number", "case", "trade_name", "book", "product", "city", "lane", "currency", "principal_cents", "annual_rate",
        "instalments", "disbursed_on", "matures_on", "status", "open_cents", "arrears_days", "loss_cents",
        "recovered_cents",
    )  # fmt: skip
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guard_cell(getattr(row, column)) for column in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def guard_cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula is written as text."""
    return "'" + value if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _read_filters(request: HttpRequest) -> dict[str, Any]:
    return {name: request.GET.get(name, "").replace("\0", "").strip()[:160] for name in FILTERS}


def _count_vintage(desk: Desk) -> tuple[str, pl.DataFrame]:
    """The season that suits the book's length, and the cells; counted anew at most every half minute."""
    key = f"vintage:{desk.factory.id}:{desk.factory.business_on}"
    kept: tuple[str, pl.DataFrame] | None = cache.get(key)
    if kept is not None:
        return kept
    loans = reads.read_outcome_frame(desk.factory.id)
    first, on = loans["disbursed_on"].min(), desk.factory.business_on
    years = (on - first).days / 365.25 if first is not None else 0  # type: ignore[operator, union-attr]
    season = "quarter" if years <= YEARS_BY_QUARTER else "year"
    months = tuple(range(MONTHS_MAX + 1)) if season == "quarter" else tuple(range(0, MONTHS_MAX + 1, 3))
    cells = portfolio.build_vintage(
        loans,
        as_of=on,
        measure="charged_off",
        season=season,  # type: ignore[arg-type]
        months=months,
        weight="weight",  # type: ignore[arg-type]
    )
    counted = (season, cells)
    cache.set(key, counted, KEEP_SECONDS)
    return counted


def _lay_out(cells: pl.DataFrame, season: str) -> dict[str, Any]:
    """The chart as a table: a row per cohort, a column per year on book."""
    months = list(range(TABLE_MONTHS, MONTHS_MAX + 1, TABLE_MONTHS))
    named = cells.with_columns(charts.name_cohort(season).alias("name"))
    rows = []
    for (name,), part in named.group_by(["name"], maintain_order=True):
        known = {row["months_on_book"]: row for row in part.to_dicts()}
        first = part.row(0, named=True)
        rows.append(
            {
                "name": name, "loans": round(first["loans"]), "disbursed_cents": round(first["disbursed_cents"]),
                "cells": [known.get(month) for month in months],
            }
        )  # fmt: skip
    return {
        "months": months,
        "rows": rows,
        "is_empty": not any(row["months_on_book"] for row in cells.iter_rows(named=True)),
    }


def _bucket_days(number: int) -> str:
    low, high = reads.BUCKETS[number]
    if number == 0:
        return _("up to date")
    return (
        _("more than {low} days").format(low=low - 1)
        if high > 1000
        else _("{low}–{high} days").format(low=low, high=high)
    )


def _name_filter(name: str) -> str:
    return {
        "book": _("Book"), "city": _("City"), "lane": _("Lane"), "industry": _("Industry"), "status": _("Status"),
        "bucket": _("Arrears"), "cohort": _("Disbursed in"), "text": _("Find"),
    }[name]  # fmt: skip


def _say_filter(name: str, value: str, desk: Desk) -> str:
    if name == "city":
        return show.city_in(value, desk.factory)
    if name == "industry":
        return show.industry_in(value, desk.factory)
    if name == "status":
        return words.word(value)
    return f"M{value}" if name == "bucket" else value
