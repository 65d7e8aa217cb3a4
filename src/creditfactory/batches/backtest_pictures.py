"""The pictures of a back-test's report, as SVG in the report's own colours and in one language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from creditfactory.batches.backtest_words import Language, say

FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif"
COLOURS: Mapping[str, str] = {
    "ink": "#010203", "muted": "#040506", "rule": "#070809", "accent": "#0a0b0c", "person": "#0d0e0f",
    "good": "#101112", "bad": "#131415", "outside": "#161718", "panel": "#191a1b", "track": "#1c1d1e",
}  # fmt: skip
"""Stand-ins that no picture else uses; in the report each becomes a colour of the page's theme."""
LANE_COLOURS = {"A": "accent", "B": "person", "C": "outside", "decline": "track"}
WIDTH = 560
ALL_LOST = 0.99
"""From this share of offers on, a fact counts as one without which nothing is offered."""


def draw_funnel(summary: Mapping[str, Any], language: Language) -> str:
    """How many are left after each station that can say no."""
    import altair as alt

    whole = summary["funnel"]["applications"] or 1
    rows = [
        {"station": say(f"station_{k}", language), "count": v, "share": f"{v:,.0f} · {v / whole:.1%}"}
        for k, v in summary["funnel"].items()
    ]
    order = [row["station"] for row in rows]
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("station:N", sort=order, title=None))
    bars = base.mark_bar(color=COLOURS["accent"], height=14, cornerRadiusEnd=2).encode(
        x=alt.X("count:Q", title=None, axis=None, scale=alt.Scale(domain=[0, whole * 1.3]))
    )
    text = base.mark_text(align="left", dx=6, color=COLOURS["muted"]).encode(x="count:Q", text="share:N")
    return _finish(alt.layer(bars, text), height=26 * len(rows))


def draw_lanes(groups: Mapping[str, Any], language: Language) -> str:
    """The share of each lane, by month or by group."""
    import altair as alt

    words = {lane: say(f"lane_{lane}", language) for lane in LANE_COLOURS}
    rows = [
        {"group": group, "lane": words[lane], "place": place, "count": figures["lanes"][lane]}
        for group, figures in groups.items()
        for place, lane in enumerate(words)
    ]
    colours = alt.Scale(domain=list(words.values()), range=[COLOURS[LANE_COLOURS[lane]] for lane in words])
    chart = alt.Chart(alt.Data(values=rows)).mark_bar().encode(
        x=alt.X("group:O", title=None, axis=alt.Axis(labelAngle=0 if len(groups) < 9 else -60, labelOverlap=True)),
        y=alt.Y("count:Q", stack="normalize", title=None, axis=alt.Axis(format="%")),
        color=alt.Color("lane:N", scale=colours, legend=alt.Legend(orient="top", title=None)),
        order="place:Q",
    )  # fmt: skip
    return _finish(chart, height=220)


def draw_tiers(summary: Mapping[str, Any], language: Language) -> str:
    """Of each tier's offers what went bad, with how sure that is, beside what the cards expected."""
    import altair as alt

    rows = []
    for tier, figures in summary["tiers"].items():
        seen, expected = figures["outcome"]["bad_rate"], figures["outcome"]["expected_on_known"]
        if seen["value"] is not None and seen["rows"] >= 5:
            rows.append({"tier": tier, "seen": seen["value"], "low": seen["low"], "high": seen["high"],
                         "expected": expected, "rows": f"{seen['rows']:,}"})  # fmt: skip
    if not rows:
        return ""
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("tier:O", title=say("tier", language), axis=alt.Axis(labelAngle=0))
    )
    axis = alt.Axis(format=".1%")
    spans = base.mark_rule(color=COLOURS["accent"], strokeWidth=2).encode(
        y=alt.Y("low:Q", title=None, axis=axis), y2="high:Q"
    )
    dots = base.mark_point(color=COLOURS["accent"], filled=True, size=70, opacity=1).encode(y="seen:Q")
    ticks = base.mark_tick(color=COLOURS["bad"], thickness=3, width=34).encode(y="expected:Q")
    counts = base.mark_text(color=COLOURS["muted"], dy=-8).encode(y="high:Q", text="rows:N")
    return _finish(alt.layer(spans, dots, ticks, counts), height=220)


def draw_rules(summary: Mapping[str, Any], language: Language) -> str:
    """The rules that cost most offers if each were the only one left out, split into good and bad."""
    import altair as alt

    most = [rule for rule in summary["rules"] if rule["offers_gained"] > 0][:12]
    if not most:
        return ""
    good, bad, open_ = (say(key, language) for key in ("would_be_good", "would_be_bad", "not_known"))
    rows = []
    for rule in most:
        bads, known = rule["bads_gained"], rule["known_gained"]
        parts = ((good, known - bads), (bad, bads), (open_, rule["offers_gained"] - known))
        rows += [
            {"rule": name_of(summary, rule["rule"], language), "part": name, "count": count, "place": i}
            for i, (name, count) in enumerate(parts)
        ]
    scale = alt.Scale(domain=[good, bad, open_], range=[COLOURS["good"], COLOURS["bad"], COLOURS["track"]])
    chart = alt.Chart(alt.Data(values=rows)).mark_bar(height=12).encode(
        y=alt.Y("rule:N", sort=[name_of(summary, rule["rule"], language) for rule in most], title=None),
        x=alt.X("count:Q", title=say("offers_more", language)),
        color=alt.Color("part:N", scale=scale, legend=alt.Legend(orient="top", title=None)), order="place:Q",
    )  # fmt: skip
    return _finish(chart, height=22 * len(most))


def draw_frontier(summary: Mapping[str, Any], language: Language) -> str:
    """What can be lent at each bad rate: on the half that was searched and on the other; and where today stands."""
    import altair as alt

    proposal = summary.get("proposal")
    if not proposal or not proposal["frontier"]:
        return ""
    names = {key: say(f"half_{key}", language) for key in ("found_on", "held_out")}
    rows = [
        {"half": name, "loans": _share(point[key]), "bad": point[key]["bad_rate"] or 0, "place": i}
        for i, point in enumerate(proposal["frontier"])
        for key, name in names.items()
    ]
    marks = [
        {"what": say(what, language), "loans": _share(proposal[half]), "bad": proposal[half]["bad_rate"] or 0}
        for what, half in (("today", "today_held_out"), ("proposed", "held_out"))
    ]
    x = alt.X("loans:Q", title=say("loans_share", language), axis=alt.Axis(format="%"))
    y = alt.Y("bad:Q", title=say("bad_rate", language), axis=alt.Axis(format=".1%"))
    scale = alt.Scale(domain=list(names.values()), range=[COLOURS["muted"], COLOURS["accent"]])
    lines = alt.Chart(alt.Data(values=rows)).mark_line(point=True).encode(
        x=x, y=y, order="place:Q", color=alt.Color("half:N", scale=scale, legend=alt.Legend(orient="top", title=None))
    )  # fmt: skip
    points = alt.Chart(alt.Data(values=marks)).encode(x="loans:Q", y="bad:Q")
    dots = points.mark_point(filled=True, size=120, color=COLOURS["person"], opacity=1)
    labels = points.mark_text(align="left", dx=9, dy=12, color=COLOURS["ink"]).encode(text="what:N")
    return _finish(alt.layer(lines, dots, labels), height=260)


def draw_missing(summary: Mapping[str, Any], language: Language) -> str:
    """The facts without which most offers are lost."""
    import altair as alt

    most = [loss for loss in summary["missing"] if 0 < loss["offers_lost_share"] < ALL_LOST][:14]
    if not most:
        return ""
    rows = [{"label": name_of(summary, loss["label"], language), "share": loss["offers_lost_share"]} for loss in most]
    chart = alt.Chart(alt.Data(values=rows)).mark_bar(color=COLOURS["outside"], height=12, cornerRadiusEnd=2).encode(
        y=alt.Y("label:N", sort=[row["label"] for row in rows], title=None),
        x=alt.X("share:Q", title=say("offers_lost", language), axis=alt.Axis(format="%")),
    )  # fmt: skip
    return _finish(chart, height=22 * len(rows))


def name_of(summary: Mapping[str, Any], name: str, language: Language) -> str:
    """What a rule or a label is called, where it is known.

    >>> name_of({"names": {"queries_3m": {"zh": "近3个月查询"}}}, "queries_3m", "zh"), name_of({}, "queries_3m", "en")
    ('近3个月查询', 'queries_3m')
    """
    return str(summary.get("names", {}).get(name, {}).get(language, name))


def _share(tally: Mapping[str, Any]) -> float:
    return float(tally["loans"] / tally["applications"]) if tally["applications"] else 0.0


def _finish(chart: Any, *, height: int) -> str:
    """The chart as SVG in the page's colours, to be put into it as it is."""
    import altair as alt
    import vl_convert

    chart = chart.properties(width=WIDTH - 190, height=height, background="transparent")
    chart = chart.configure(
        font=FONT, view=alt.ViewConfig(stroke=None), padding={"left": 20, "right": 12, "top": 4, "bottom": 4}
    )
    chart = chart.configure_axis(
        labelColor=COLOURS["ink"], titleColor=COLOURS["muted"], gridColor=COLOURS["rule"], domainColor=COLOURS["rule"],
        tickColor=COLOURS["rule"], labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelLimit=250,
    ).configure_legend(labelColor=COLOURS["ink"], labelFontSize=12, columnPadding=28)  # fmt: skip
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return dress(drawn)


def dress(svg: str) -> str:
    """The stand-in colours as those of the page, and the picture as wide as its place.

    >>> dress('<svg width="9" height="4" viewBox="0 0 9 4"><path fill="#010203"/></svg>')
    '<svg viewBox="0 0 9 4" style="max-width:9px"><path fill="var(--ink)"/></svg>'
    """
    for name, stand_in in COLOURS.items():
        svg = re.sub(stand_in, f"var(--{name})", svg, flags=re.IGNORECASE)
        red, green, blue = (int(stand_in[i : i + 2], 16) for i in (1, 3, 5))
        svg = svg.replace(f"rgb({red}, {green}, {blue})", f"var(--{name})")
    svg = re.sub(r'<svg([^>]*?) width="([\d.]+)" height="[\d.]+"([^>]*)>',
                 lambda m: f'<svg{m[1]}{m[3]} style="max-width:{m[2]}px">', svg, count=1)  # fmt: skip
    return re.sub(r' (version|xmlns:xlink)="[^"]*"', "", svg)


def list_pictures(summary: Mapping[str, Any], language: Language) -> dict[str, str]:
    """All pictures that this back-test has something for."""
    drawn: dict[str, str] = {"funnel": draw_funnel(summary, language), "tiers": draw_tiers(summary, language)}
    groups: Sequence[str] = ("months", "segments")
    for name in groups:
        if len(summary.get(name) or {}) > 1:
            drawn[name] = draw_lanes(summary[name], language)
    drawn["rules"], drawn["missing"] = draw_rules(summary, language), draw_missing(summary, language)
    drawn["frontier"] = draw_frontier(summary, language)
    return {name: svg for name, svg in drawn.items() if svg}
