"""Pictures of one label: how it is spread over recent applications, and how far that moves from month to month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from creditfactory import labels
from creditfactory.consoles.charts import FONT, THEMES
from creditfactory.consoles.label_figures import Month, name_bar

HEIGHT = 200


def draw_spread(spread: labels.Spread, label: labels.Label, *, theme: str) -> dict[str, Any]:
    """Columns of a label's values over recent applications."""
    import altair as alt

    names = [name_bar(bar, label) for bar in spread.bars]
    rows = [{"name": name, "count": bar.count} for name, bar in zip(names, spread.bars, strict=True)]
    chart = alt.Chart(alt.Data(values=rows)).mark_bar(color=THEMES[theme]["ramp"][1], cornerRadiusEnd=2)
    chart = chart.encode(
        x=alt.X("name:N", sort=names, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=120, labelOverlap=True)),
        y=alt.Y("count:Q", title=_("Applications"), axis=alt.Axis(tickMinStep=1, format=",.0f")),
        tooltip=[alt.Tooltip("name:N", title=_("Value")), alt.Tooltip("count:Q", title=_("Applications"))],
    )
    return _finish(chart, theme)


def draw_stability(months: Sequence[Month], *, theme: str) -> dict[str, Any]:
    """The stability index month by month, with the lines from which it is watched and acted on."""
    import altair as alt

    colours = THEMES[theme]
    rows = [{"month": m.name, "psi": m.moved.psi, "chance": m.moved.chance} for m in months if m.moved is not None]
    top = max([labels.PSI_ACT * 1.2, *(m.moved.psi for m in months if m.moved)])
    start = alt.Chart(alt.Data(values=rows))
    x = alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    y = alt.Y("psi:Q", title=_("Stability index"), axis=alt.Axis(format=".2f"), scale=alt.Scale(domain=[0, top]))
    tips = [
        alt.Tooltip("month:O", title=_("Month")), alt.Tooltip("psi:Q", title=_("Stability index"), format=".3f"),
        alt.Tooltip("chance:Q", title=_("By chance up to"), format=".3f"),
    ]  # fmt: skip
    line = start.mark_line(point=alt.OverlayMarkDef(size=50), color=colours["ramp"][1]).encode(x=x, y=y, tooltip=tips)
    edges = alt.Chart(alt.Data(values=[{"at": labels.PSI_WATCH}, {"at": labels.PSI_ACT}]))
    rule = edges.mark_rule(strokeDash=[4, 4], color=str(colours["muted"])).encode(y="at:Q")
    return _finish(alt.layer(rule, line), theme)


def _finish(chart: Any, theme: str) -> dict[str, Any]:
    """The page's own look, and no menu."""
    import altair as alt

    colours = THEMES[theme]
    chart = chart.properties(width="container", height=HEIGHT, background="transparent")
    chart = chart.configure(font=FONT, view=alt.ViewConfig(stroke=None)).configure_axis(
        labelColor=colours["muted"], titleColor=colours["muted"], gridColor=colours["rule"],
        domainColor=colours["rule"], tickColor=colours["rule"], labelFontSize=12, titleFontSize=12,
        titleFontWeight="normal",
    )  # fmt: skip
    spec: dict[str, Any] = chart.to_dict()
    spec["usermeta"] = {"embedOptions": {"actions": False}}
    return spec
