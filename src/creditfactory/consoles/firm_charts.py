"""Pictures of one firm's invoices: sales and purchases by month, the season, what was voided, the customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from creditfactory.consoles.charts import FONT, THEMES

HEIGHT = 220
BLUES = {"light": ("#0f6fde", "#a9c9f5"), "dark": ("#5aa2f7", "#24456e")}
WARM = {"light": ("#b54708", "#f0b429"), "dark": ("#f0a35e", "#8a5a12")}


def draw_months(months: pl.DataFrame, *, theme: str) -> dict[str, Any]:
    """Sales that stand and purchases, month by month, in ten thousand yuan."""
    import altair as alt

    names = {"sales_cents": _("Sales"), "purchases_cents": _("Purchases")}
    rows = [
        {"month": row["month"].isoformat(), "kind": title, "amount": row[name] / 1_000_000}
        for row in months.iter_rows(named=True)
        for name, title in names.items()
    ]
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(point=alt.OverlayMarkDef(size=18), strokeWidth=1.6)
        .encode(
            x=alt.X("month:T", title=None, axis=alt.Axis(format="%Y-%m", tickCount=8, labelFlush=True)),
            y=alt.Y("amount:Q", title=_("ten thousand yuan"), axis=alt.Axis(format=",.0f")),
            color=alt.Color(
                "kind:N", title=None, sort=list(names.values()),
                scale=alt.Scale(domain=list(names.values()), range=[BLUES[theme][0], WARM[theme][1]]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("month:T", title=_("Month"), format="%Y-%m"), alt.Tooltip("kind:N", title=_("What")),
                alt.Tooltip("amount:Q", title=_("ten thousand yuan"), format=",.2f"),
            ],
        )
    )  # fmt: skip
    return _dress(lines, theme)


def draw_season(months: pl.DataFrame, *, theme: str) -> dict[str, Any]:
    """Each calendar month's mean sales against the mean of all months: above 100 % is the season."""
    import altair as alt

    mean = months["sales_cents"].mean() or 0
    by_month = months.group_by(pl.col("month").dt.month().alias("of_year")).agg(
        pl.col("sales_cents").mean(), n=pl.len()
    )
    rows = [
        {"month": row["of_year"], "share": row["sales_cents"] / mean, "n": row["n"]}
        for row in by_month.sort("of_year").iter_rows(named=True)
        if isinstance(mean, float) and mean > 0
    ]
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=BLUES[theme][0])
        .encode(
            x=alt.X("month:O", title=_("Month of the year"), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%")),
            tooltip=[
                alt.Tooltip("month:O", title=_("Month of the year")),
                alt.Tooltip("share:Q", title=_("Against the mean month"), format=".0%"),
                alt.Tooltip("n:Q", title=_("Years seen")),
            ],
        )
    )
    rule = alt.Chart(alt.Data(values=[{"one": 1}])).mark_rule(strokeDash=[4, 3], color=str(THEMES[theme]["muted"]))
    return _dress(alt.layer(bars, rule.encode(y="one:Q")), theme)


def draw_voids(months: pl.DataFrame, *, theme: str) -> dict[str, Any]:
    """Voided and refunded amounts as shares of what was invoiced, quarter by quarter."""
    import altair as alt

    quarters = (
        months.group_by(pl.col("month").dt.truncate("1q"))
        .agg(pl.col("sales_cents", "refund_cents", "void_cents").sum())
        .sort("month")
    )
    names = {"void_cents": _("Voided"), "refund_cents": _("Taken back")}
    rows = [
        {"quarter": row["month"].isoformat(), "kind": title, "share": row[name] / whole}
        for row in quarters.iter_rows(named=True)
        if (whole := row["sales_cents"] + row["refund_cents"] + row["void_cents"]) > 0
        for name, title in names.items()
    ]
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("yearquarter(quarter):O", title=None, axis=alt.Axis(labelAngle=-45)),
            xOffset=alt.XOffset("kind:N", sort=list(names.values())),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%")),
            color=alt.Color(
                "kind:N", title=None, scale=alt.Scale(domain=list(names.values()), range=list(WARM[theme])),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("yearquarter(quarter):O", title=_("Quarter")), alt.Tooltip("kind:N", title=_("What")),
                alt.Tooltip("share:Q", title=_("Share of invoiced sales"), format=".1%"),
            ],
        )
    )  # fmt: skip
    return _dress(bars, theme)


def draw_parties(parties: pl.DataFrame, *, theme: str) -> dict[str, Any]:
    """The largest customers of the last twelve months, each with its share of sales."""
    import altair as alt

    rows = [
        {"party": row["party"], "share": row["net_cents"] / row["whole_cents"], "invoices": row["invoices"]}
        for row in parties.head(10).iter_rows(named=True)
        if row["whole_cents"] > 0
    ]
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=BLUES[theme][0])
        .encode(
            y=alt.Y("party:N", sort="-x", title=None),
            x=alt.X("share:Q", title=_("Share of sales"), axis=alt.Axis(format=".0%", tickCount=5)),
            tooltip=[
                alt.Tooltip("party:N", title=_("Customer")),
                alt.Tooltip("share:Q", title=_("Share of sales"), format=".1%"),
                alt.Tooltip("invoices:Q", title=_("Invoices"), format=",.0f"),
            ],
        )
    )
    return _dress(bars, theme)


PICTURES: dict[str, Callable[..., dict[str, Any]]] = {
    "months": draw_months, "season": draw_season, "voids": draw_voids,
}  # fmt: skip


def _dress(chart: Any, theme: str) -> dict[str, Any]:
    """The page's own type and colours, as wide as its place."""
    import altair as alt

    colours = THEMES[theme]
    dressed = chart.properties(width="container", height=HEIGHT, background="transparent")
    dressed = dressed.configure(
        font=FONT, view=alt.ViewConfig(stroke=None), padding={"left": 4, "right": 12, "top": 4, "bottom": 4}
    )
    dressed = dressed.configure_axis(
        labelColor=colours["muted"], titleColor=colours["muted"], gridColor=colours["rule"],
        domainColor=colours["rule"], tickColor=colours["rule"], labelFontSize=12, titleFontSize=12,
        titleFontWeight="normal",
    ).configure_legend(labelColor=colours["ink"], labelFontSize=12)  # fmt: skip
    spec: dict[str, Any] = dressed.to_dict()
    spec["usermeta"] = {"embedOptions": {"actions": False}}
    return spec
