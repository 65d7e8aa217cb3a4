"""Pictures: made by Altair as a specification, drawn in the browser in the page's own theme and language."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import polars as pl
from django.urls import reverse
from django.utils.translation import gettext as _

FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif"
THEMES = {
    "light": {"ink": "#14181f", "muted": "#5d6675", "rule": "#e4e7ec", "ramp": ["#a9c9f5", "#0f6fde", "#08305f"]},
    "dark": {"ink": "#e6e9ee", "muted": "#98a2b3", "rule": "#272e38", "ramp": ["#24456e", "#5aa2f7", "#d6e8fd"]},
}
COHORTS_NAMED = 12


@cache
def chart_script() -> bytes:
    """The script that draws charts, compressed: no other server is asked."""
    import vl_convert

    text = vl_convert.javascript_bundle().encode()  # type: ignore[call-arg]  # its stub asks for too much
    return gzip.compress(text, 6)


@cache
def chart_script_mark() -> str:
    """A mark that changes with the script, told without making it: a page must not wait for that."""
    return version("vl-convert-python")


def draw_vintage(cells: pl.DataFrame, *, season: str, measure: str, theme: str) -> dict[str, Any]:
    """Cumulative share charged off by months on book, a line per cohort, darker the later; a click opens its loans."""
    import altair as alt

    colours = THEMES[theme]
    share = "share_by_amount" if measure == "amount" else "share_by_count"
    named = cells.with_columns(name_cohort(season).alias("name")).with_columns(
        (pl.lit(reverse("loans") + "?cohort=") + pl.col("name") + pl.lit("#list")).alias("link"),
        pl.col(share).fill_null(0.0).alias("share"),
    )
    rows = named.select("name", "link", "months_on_book", "share", "loans").to_dicts()
    month, height = "months_on_book:Q", 320
    point = alt.selection_point(fields=["name"], on="pointerover", clear="pointerout", name="hover")
    start = alt.Chart(alt.Data(values=rows))
    x = alt.X(month, title=_("Months on book"), axis=alt.Axis(tickMinStep=6))
    y = alt.Y("share:Q", title=None, axis=alt.Axis(format=".1%"))
    shades = _shade(colours["ramp"], len({row["name"] for row in rows}))
    colour = alt.Color("name:O", legend=None, scale=alt.Scale(range=shades))
    tips = [
        alt.Tooltip("name:N", title=_("Disbursed in")), alt.Tooltip(month, title=_("Months on book")),
        alt.Tooltip("share:Q", title=_("Charged off"), format=".2%"),
        alt.Tooltip("loans:Q", title=_("Loans"), format=",.0f"),
    ]  # fmt: skip
    lines = start.mark_line(interpolate="step-after", strokeWidth=1.8).encode(
        x=x, y=y, color=colour, opacity=alt.condition(point, alt.value(1), alt.value(0.25), empty=True)
    )
    dots = start.mark_point(filled=True, size=140, opacity=0).encode(x=x, y=y, href="link:N", tooltip=tips)
    dots = dots.add_params(point)
    named_ends = _line_ends(rows)
    ends = alt.Chart(alt.Data(values=named_ends)).mark_text(align="left", dx=6, fontSize=11)
    ends = ends.encode(x=x, y=y, text="name:N", color=alt.value(colours["muted"]))
    layers = alt.layer(lines, dots, *([ends] if named_ends else []))
    layers = layers.properties(width="container", height=height, background="transparent")
    padding = {"right": 64, "left": 4, "top": 8, "bottom": 4}
    layers = layers.configure(font=FONT, view=alt.ViewConfig(stroke=None), padding=padding)
    layers = layers.configure_axis(
        labelColor=colours["muted"], titleColor=colours["muted"], gridColor=colours["rule"],
        domainColor=colours["rule"], tickColor=colours["rule"],
        labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
    )  # fmt: skip
    spec: dict[str, Any] = layers.to_dict()
    spec["usermeta"] = {"embedOptions": {"actions": False}}
    return spec


def name_cohort(season: str) -> pl.Expr:
    """``2026`` or ``2026-Q1``."""
    year = pl.col("cohort").dt.year().cast(pl.String)
    return year if season == "year" else year + pl.lit("-Q") + pl.col("cohort").dt.quarter().cast(pl.String)


def _shade(ramp: Sequence[str], steps: int) -> list[str]:
    """So many colours between the ramp's three, evenly spaced.

    >>> _shade(["#000000", "#808080", "#ffffff"], 3)
    ['#000000', '#808080', '#ffffff']
    """
    stops = [tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in ramp]
    shades = []
    for step in range(steps):
        at = step / max(1, steps - 1) * (len(stops) - 1)
        low = min(int(at), len(stops) - 2)
        mixed = (round(a + (b - a) * (at - low)) for a, b in zip(stops[low], stops[low + 1], strict=True))
        shades.append("#" + "".join(f"{channel:02x}" for channel in mixed))
    return shades


def _line_ends(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last point of each line, for its name; at most a dozen, evenly chosen, and none on top of another."""
    ends: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["name"] not in ends or row["months_on_book"] >= ends[row["name"]]["months_on_book"]:
            ends[row["name"]] = row
    chosen: list[dict[str, Any]] = []
    top = max((row["share"] for row in rows), default=0) or 1
    for row in sorted(ends.values(), key=lambda r: -r["share"]):
        is_free = row["share"] > 0 and all(
            abs(row["share"] - other["share"]) > top * 0.05 or abs(row["months_on_book"] - other["months_on_book"]) > 8
            for other in chosen
        )
        if is_free and len(chosen) < COHORTS_NAMED:
            chosen.append(row)
    return chosen
