"""Small pictures for a case's pages, drawn as SVG on our side: no script, no style attribute, figures on hover."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from creditfactory.consoles import figures, why
from creditfactory.consoles.means import Burden, CashPicture, PricePicture
from creditfactory.consoles.portrait import Gauge

register = template.Library()
BUCKETS = 48
CASH_HIGH = 60


def _rect(kind: str, x: float, y: float, width: float, height: float, title: str = "") -> SafeString:
    if not title:
        return format_html(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
            kind, f"{x:.2f}", f"{y:.2f}", f"{width:.2f}", f"{height:.2f}",
        )  # fmt: skip
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        kind, f"{x:.2f}", f"{y:.2f}", f"{width:.2f}", f"{height:.2f}", title,
    )  # fmt: skip


def _svg(kind: str, width: float, height: float, parts: Iterable[SafeString], told: str = "") -> SafeString:
    """A picture that stretches with its place; ``told`` says it to those who cannot see it."""
    body = SafeString("".join(parts))
    if not told:
        return format_html(
            '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
            kind, f"{width:g}", f"{height:g}", body,
        )  # fmt: skip
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        kind, f"{width:g}", f"{height:g}", told, body,
    )  # fmt: skip


@register.simple_tag
def gauge(one: Gauge, scale: tuple[int, int]) -> SafeString:
    """The card's reach as a track, all applicants as a skyline, the span still open, and where this one stands."""
    low, high = scale
    wide = max(1, high - low)

    def place(points: float) -> float:
        return min(100.0, max(0.0, 100 * (points - low) / wide))

    parts = [_rect("track", place(one.reach[0]), 22, place(one.reach[1]) - place(one.reach[0]), 4)]
    heights = [0] * BUCKETS
    for points, count in one.counts:
        if points < low:
            continue
        heights[min(BUCKETS - 1, max(0, int(place(points) * BUCKETS / 100)))] += count
    top = max(heights) or 1
    step = 100 / BUCKETS
    parts += [
        _rect("crowd", index * step, 21 - 20 * n / top, step * 0.86, 20 * n / top)
        for index, n in enumerate(heights)
        if n
    ]
    starts = [place(points) for points, _tier in one.steps]
    parts += [_rect("step", start, 20, 0.25, 8) for start in starts[1:] if start > 0]
    if one.span:
        parts.append(_rect("open", place(one.span[0]), 22, max(0.6, place(one.span[1]) - place(one.span[0])), 4))
    if one.points is not None:
        parts.append(_rect("mark", place(one.points) - 0.45, 3, 0.9, 25))
    return _svg("gauge", 100, 28, parts)


@register.simple_tag
def tiers(one: Gauge, scale: tuple[int, int]) -> SafeString:
    """The names of the tiers under a gauge, each where it begins."""
    low, high = scale
    wide = max(1, high - low)
    ends = [*(points for points, _tier in one.steps[1:]), one.reach[1]]
    parts = [
        format_html(
            '<text x="{}" y="9" text-anchor="middle">{}</text>',
            f"{3 * 100 * ((max(start, low) + end) / 2 - low) / wide:.1f}", tier or "–",
        )
        for (start, tier), end in zip(one.steps, ends, strict=True)
        if end - max(start, low) >= wide / 40
    ]  # fmt: skip
    return format_html(
        '<svg class="tiers" viewBox="0 0 300 12" aria-hidden="true">{}</svg>', SafeString("".join(parts))
    )


@register.simple_tag
def cash(picture: CashPicture, currency: str) -> SafeString:
    """In above the line, out below it, and what was left as a mark; a month that spent more than came in stands out."""
    top = picture.top or 1
    parts = []
    for index, (into, out, left) in enumerate(picture.months):
        x = index * 10 + 1
        ago = len(picture.months) - index
        title = _("{n} months ago: in {into}, out {out}, left {left}").format(
            n=ago, into=figures.money(into, currency), out=figures.money(out, currency),
            left=figures.money(left, currency),
        )  # fmt: skip
        parts.append(_rect("into", x, CASH_HIGH - CASH_HIGH * into / top, 8, CASH_HIGH * into / top, title))
        parts.append(_rect("out", x, CASH_HIGH + 1, 8, CASH_HIGH * out / top, title))
        height = CASH_HIGH * abs(left) / top
        parts.append(
            _rect("left" if left >= 0 else "short", x + 2.5, CASH_HIGH - (height if left >= 0 else 0), 3, height, title)
        )
    parts.append(_rect("axis", 0, CASH_HIGH, 10 * len(picture.months), 0.8))
    return _svg("cash", 10 * len(picture.months), 2 * CASH_HIGH + 1, parts, picture.summary)


@register.simple_tag
def bar_of(part: float, whole: float, tone: str = "") -> SafeString:
    """One bar, as long as its share of the whole."""
    width = 100 * min(1.0, max(0.0, part / whole)) if whole else 0
    return _svg(f"one-bar {tone}", 100, 6, (_rect("rest", 0, 0, 100, 6), _rect("part", 0, 0, width, 6)))


@register.simple_tag
def leaning(value: float, most: float) -> SafeString:
    """A bar to the right of the middle for gains, to the left for losses."""
    width = 50 * min(1.0, abs(value) / most) if most else 0
    kind = "gain" if value >= 0 else "loss"
    bar = _rect(kind, 50 if value >= 0 else 50 - width, 1, width, 6)
    return _svg("leaning", 100, 8, (bar, _rect("axis", 49.8, 0, 0.4, 8)))


@register.simple_tag
def burden(one: Burden) -> SafeString:
    """Instalments now and with this loan as shares of income, and the line that the tier draws."""
    scale = one.scale_bps
    now, after = 100 * one.before_bps / scale, 100 * one.after_bps / scale
    parts = [
        _rect("rest", 0, 3, 100, 10), _rect("now", 0, 3, now, 10),
        _rect("new over" if one.is_over else "new", now, 3, max(0.0, after - now), 10),
    ]  # fmt: skip
    if one.most_bps is not None:
        parts.append(_rect("most", 100 * one.most_bps / scale - 0.3, 0, 0.6, 16))
    told = _("Instalments take {before} of the verified income now, {after} with this loan.").format(
        before=figures.percent(one.before_bps / 10_000, 0), after=figures.percent(one.after_bps / 10_000, 0)
    )
    return _svg("burden", 100, 16, parts, told)


@register.simple_tag
def price_bar(picture: PricePicture) -> SafeString:
    """The parts of a rate side by side."""
    total = sum(bps for _code, _name, bps in picture.parts if bps > 0) or 1
    x, parts = 0.0, []
    for index, (_code, name, bps) in enumerate(picture.parts):
        width = 100 * max(0, bps) / total
        title = f"{name}: {figures.percent(bps / 10_000, 2)}"
        parts.append(_rect(f"s{index % 6}", x, 0, max(0.0, width - 0.4), 12, title))
        x += width
    return _svg("price", 100, 12, parts)


@register.filter
def bps_share(value: Any) -> str:
    """Basis points as per cent."""
    return figures.percent(value / 10_000, 2) if isinstance(value, int | float) else figures.NOTHING


@register.filter
def signed(value: float) -> str:
    """A whole number with its sign; nothing for nought."""
    whole = round(value)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole < 0 else "±0"


@register.filter
def step_of(code: str) -> str:
    """The section that explains a box of the picture."""
    return why.section_of(code)
