"""Firms known by their invoices: the list to sort, filter and export, and one firm with its months and customers."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from creditfactory.batches import firms
from creditfactory.consoles import charts, firm_charts, words
from creditfactory.consoles.page import page
from creditfactory.consoles.views.loans import guard_cell

ROWS_A_PAGE = 50
CODE = re.compile(r"E[0-9]{1,6}")
OUTCOMES = ("defaulted", "kept", "unknown")
SORTS = ("firm", *firms.FIGURES)
SHOWN = (
    "sales_cents", "growth_bps", "customers", "top_customer_bps", "best_month_bps", "void_bps", "refund_bps",
    "days_since",
)  # fmt: skip
"""The figures of the list, each the label of that name."""


@page("see_cases")
def show_firms(request: HttpRequest) -> HttpResponse:
    """The list, or only its rows when a filter changes."""
    about = firms.read_about(_place())
    facts: dict[str, Any] = {"about": about, "outcomes": OUTCOMES, "shown": _name_figures(SHOWN)}
    if about is not None:
        chosen = _read_choice(request)
        found = _find(chosen)
        asked = request.GET.get("page", "1")
        pages = max(1, -(-found.height // ROWS_A_PAGE))
        number = min(pages, int(asked) if asked.isdecimal() and len(asked) < 6 and asked != "0" else 1)
        rows = found.slice((number - 1) * ROWS_A_PAGE, ROWS_A_PAGE)
        facts |= {
            "filter": chosen, "is_filtered": bool(chosen["text"] or chosen["outcome"]), "total": found.height,
            "page": number, "last_page": pages, "rows": [_tell_row(row) for row in rows.iter_rows(named=True)],
        }  # fmt: skip
    template = "consoles/parts/firms.html" if request.htmx else "consoles/firms.html"  # type: ignore[attr-defined]
    return render(request, template, facts)


@page("export")
def export_firms(request: HttpRequest) -> HttpResponse:
    """The list as filtered, all of it, as CSV: amounts in cents, shares in basis points."""
    if firms.read_about(_place()) is None:
        raise Http404
    found = _find(_read_choice(request))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(found.columns)
    writer.writerows([guard_cell(value) for value in row] for row in found.iter_rows())
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="firms.csv"'
    return response


@page("see_cases")
def show_firm(request: HttpRequest, code: str) -> HttpResponse:
    """One firm: what its invoices bear out, its months, its customers and suppliers."""
    row = _find_one(code)
    months = _part("months").filter(pl.col("firm") == code)
    parties = _part("parties").filter(pl.col("firm") == code)
    whole = _part("firms")
    facts = {
        "about": firms.read_about(_place()),
        "firm": row,
        "neighbours": _part("neighbours").filter(pl.col("firm") == code).to_dicts(),
        "around": next(_part("around").filter(pl.col("firm") == code).iter_rows(named=True), None),
        "figures": [
            {"name": name, "title": title, "text": _tell(name, row[name]), "label": firms.FIGURES[name],
             "rank": _rank(whole, name, row[name])}
            for name, title in _name_figures(firms.FIGURES)
        ],
        "months": months.sort("month", descending=True).to_dicts(),
        "customers": _list_parties(parties, "output"),
        "suppliers": _list_parties(parties, "input"),
        "said": _say(row),
        "script_mark": charts.chart_script_mark(),
    }  # fmt: skip
    return render(request, "consoles/firm.html", facts)


@page("see_cases")
def draw_firm(request: HttpRequest, code: str, picture: str) -> HttpResponse:
    """One chart's specification, in the theme asked for."""
    _find_one(code)
    theme = request.GET.get("theme")
    theme = theme if theme in charts.THEMES else "light"
    if picture == "parties":
        rows = _part("parties").filter((pl.col("firm") == code) & (pl.col("direction") == "output"))
        return JsonResponse(firm_charts.draw_parties(rows, theme=theme))
    if picture not in firm_charts.PICTURES:
        raise Http404
    rows = _part("months").filter(pl.col("firm") == code)
    return JsonResponse(firm_charts.PICTURES[picture](rows, theme=theme))


def _place() -> Path:
    return Path(settings.DATA_DIR or ".")


def _part(name: str) -> pl.DataFrame:
    """A table of the record, kept in memory until the next import."""
    about = firms.read_about(_place())
    if about is None:
        raise Http404
    key = f"firms:{name}:{about.imported_at}:{about.digest[:12]}"
    kept: pl.DataFrame | None = cache.get(key)
    if kept is None:
        kept = firms.read_part(_place(), name)
        cache.set(key, kept, 600)
    return kept


def _read_choice(request: HttpRequest) -> dict[str, str]:
    chosen = {name: request.GET.get(name, "").strip()[:80] for name in ("text", "outcome", "sort")}
    if chosen["outcome"] not in OUTCOMES:
        chosen["outcome"] = ""
    if chosen["sort"].removeprefix("-") not in SORTS:
        chosen["sort"] = "-sales_cents"
    return chosen


def _find(chosen: dict[str, str]) -> pl.DataFrame:
    found = _part("firms")
    if chosen["text"]:
        text = chosen["text"]
        found = found.filter(
            pl.col("firm").str.contains(text, literal=True) | pl.col("name").str.contains(text, literal=True)
        )
    if chosen["outcome"]:
        wanted = {"defaulted": True, "kept": False, "unknown": None}[chosen["outcome"]]
        found = found.filter(pl.col("defaulted").eq_missing(pl.lit(wanted, dtype=pl.Boolean)))
    name = chosen["sort"].removeprefix("-")
    by = pl.col("firm").str.slice(1).cast(pl.Int64, strict=False) if name == "firm" else pl.col(name)
    return found.sort(by, descending=chosen["sort"].startswith("-"), nulls_last=True)


def _find_one(code: str) -> dict[str, Any]:
    if not CODE.fullmatch(code):
        raise Http404
    found = _part("firms").filter(pl.col("firm") == code)
    if found.is_empty():
        raise Http404
    return found.row(0, named=True)


def _list_parties(parties: pl.DataFrame, way: str) -> list[dict[str, Any]]:
    rows = parties.filter(pl.col("direction") == way).head(10).to_dicts()
    return [{**row, "share": row["net_cents"] / row["whole_cents"] if row["whole_cents"] > 0 else None} for row in rows]


def _tell_row(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "cells": [(name, title, _tell(name, row[name])) for name, title in _name_figures(SHOWN)]}


def _tell(name: str, value: int | None) -> str:
    return "–" if value is None else words.fact_text(name, value, "CNY")


def _rank(whole: pl.DataFrame, name: str, value: int | None) -> float | None:
    """The share of firms that have less of it."""
    known = whole[name].drop_nulls()
    if value is None or known.is_empty():
        return None
    return int((known < value).sum()) / len(known)


def _name_figures(names: Any) -> list[tuple[str, str]]:
    titles = {
        "sales_cents": _("Verified sales, 12 months"), "purchases_cents": _("Purchases, 12 months"),
        "invoices": _("Sales invoices"), "customers": _("Customers"), "suppliers": _("Suppliers"),
        "top_customer_bps": _("Largest customer"), "void_bps": _("Voided invoices"),
        "refund_bps": _("Refunded sales"), "growth_bps": _("Sales against the year before"),
        "best_month_bps": _("Best month's share"), "month_spread_bps": _("Swing between months"),
        "empty_months": _("Months without sales"), "days_since": _("Days since the last invoice"),
    }  # fmt: skip
    return [(name, titles[name]) for name in names]


def _say(row: dict[str, Any]) -> list[str]:
    """What is the matter with this firm, in sentences; only what its figures bear out."""
    said = []
    if not row["sales_cents"] or row["sales_cents"] <= 0:
        said.append(_("No sales stand in the last twelve months of the record."))
    growth = row["growth_bps"]
    if growth is not None and growth < 7_000:
        said.append(_("Sales fell to {share} of the year before.").format(share=_tell("growth_bps", growth)))
    elif growth is not None and growth > 15_000:
        said.append(_("Sales grew to {share} of the year before.").format(share=_tell("growth_bps", growth)))
    if (row["top_customer_bps"] or 0) > 5_000:
        share = _tell("top_customer_bps", row["top_customer_bps"])
        said.append(_("One customer stands for {share} of sales.").format(share=share))
    if (row["void_bps"] or 0) > 1_500:
        said.append(_("{share} of the invoices were made void.").format(share=_tell("void_bps", row["void_bps"])))
    if (row["refund_bps"] or 0) > 1_000:
        said.append(_("{share} of sales were taken back.").format(share=_tell("refund_bps", row["refund_bps"])))
    if (row["best_month_bps"] or 0) > 3_000:
        share = _tell("best_month_bps", row["best_month_bps"])
        said.append(_("The best month makes {share} of the year: a season, or a single order.").format(share=share))
    if (row["empty_months"] or 0) > 2:
        said.append(_("{n} of twelve months are without sales.").format(n=row["empty_months"]))
    return said or [_("Nothing stands out: steady sales, many customers, few invoices voided or taken back.")]
