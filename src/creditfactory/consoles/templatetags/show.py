"""How values are written on a page, in the reader's language: money, shares, days, instants, spans of time."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from creditfactory.consoles import words
from creditfactory.consoles.page import is_chinese

register = template.Library()
MARKS = {"CNY": "¥", "USD": "$", "EUR": "€"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NARROW = "\u2009"
HARD = "\u00a0"
NOTHING = "–"


@register.filter
def money(cents: int | None, currency: str = "CNY") -> str:
    """``¥ 260,000``, with cents only where there are any."""
    if cents is None:
        return NOTHING
    whole, part = divmod(abs(int(cents)), 100)
    tail = f".{part:02d}" if part else ""
    return f"{'−' if cents < 0 else ''}{MARKS.get(currency, currency)}{HARD}{whole:,}{tail}"


@register.filter
def exact(cents: int | None, currency: str = "CNY") -> str:
    """``¥ 260,000.00``: always with cents, for columns that are added up."""
    if cents is None:
        return NOTHING
    whole, part = divmod(abs(int(cents)), 100)
    return f"{'−' if cents < 0 else ''}{MARKS.get(currency, currency)}{HARD}{whole:,}.{part:02d}"


@register.filter
def short_money(cents: int | None, currency: str = "CNY") -> str:
    """``¥ 28.6 m`` for a figure at a glance; in Chinese by ten thousands and hundred millions."""
    if cents is None:
        return NOTHING
    mark, whole = MARKS.get(currency, currency), abs(cents) / 100
    sign = "−" if cents < 0 else ""
    steps = ((1e8, "亿"), (1e4, "万")) if is_chinese() else ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
    for size, name in steps:
        if whole >= size:
            return f"{sign}{mark}{HARD}{_significant(whole / size)}{HARD}{name}"
    return money(cents, currency)


def _significant(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value < 100 else f"{value:.0f}"


@register.filter
def percent(share: float | Decimal | str | None, digits: int = 1) -> str:
    """``36.4 %`` with a thin space in English, ``36.4%`` in Chinese."""
    if share is None or share == "":
        return NOTHING
    try:
        value = Decimal(str(share)) * 100
    except InvalidOperation:
        return str(share)
    return f"{value:.{digits}f}{'' if is_chinese() else NARROW}%"


@register.filter
def hundredths(value: int) -> str:
    """A number that counts hundredths already, with its sign."""
    return f"{value}{'' if is_chinese() else NARROW}%"


@register.filter
def share_of(part: int | None, whole: int | None) -> float | None:
    """One number as a share of another; None where there is no whole."""
    return part / whole if part is not None and whole else None


@register.filter
def count(value: int | None) -> str:
    """A whole number, grouped by thousands."""
    return NOTHING if value is None else f"{value:,}"


@register.filter
def day(value: date | datetime | str | None) -> str:
    """``12 Mar 2026`` or ``2026年3月12日``."""
    if not value:
        return NOTHING
    if isinstance(value, str):
        on = date.fromisoformat(value[:10])
    else:
        on = timezone.localtime(value).date() if isinstance(value, datetime) else value
    if is_chinese():
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day}{HARD}{MONTHS[on.month - 1]}{HARD}{on.year}"


@register.filter
def clock(value: datetime | None) -> str:
    """``14:32`` by the factory's own clock."""
    return timezone.localtime(value).strftime("%H:%M") if value else NOTHING


@register.filter
def instant(value: datetime | str | None) -> str:
    """Day and time by the factory's own clock."""
    if not value:
        return NOTHING
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return f"{day(value)}{' ' if is_chinese() else ', '}{clock(value)}"


@register.filter
def span(value: timedelta | float | None) -> str:
    """A span of time in its two largest units: ``47 min``, ``2 h 5 min``, ``3 d``; a number counts minutes."""
    if value is None:
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value) * 60
    if abs(seconds) < 1:
        return _("{n} ms").format(n=round(seconds * 1000))
    if abs(seconds) < 90:
        return _("{n} s").format(n=round(seconds))
    minutes = round(abs(seconds) / 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days >= 3:
        return _("{n} d").format(n=days)
    parts = [
        text.format(n=number)
        for text, number in ((_("{n} d"), days), (_("{n} h"), hours), (_("{n} min"), minutes % 60))
        if number
    ]
    return " ".join(parts[:2])


@register.filter
def since(later: datetime | None, earlier: datetime | None) -> timedelta | None:
    """From one instant to another."""
    return later - earlier if later and earlier else None


@register.simple_tag
def due(at: datetime | None, now: datetime) -> SafeString:
    """When it is due, as a chip that counts down: calm, soon (less than a quarter of an hour), late."""
    if at is None:
        return format_html('<span class="chip">{}</span>', NOTHING)
    left = at - now
    state = "bad" if left.total_seconds() < 0 else "warn" if left < timedelta(minutes=15) else "good"
    text = _("late {span}").format(span=span(abs(left))) if state == "bad" else span(left)
    return format_html(
        '<time class="chip {}" data-due="{}" datetime="{}" title="{}">{}</time>',
        state, int(at.timestamp() * 1000), at.isoformat(), instant(at), text,
    )  # fmt: skip


@register.simple_tag
def bar(*parts: int, whole: int) -> SafeString:
    """A bar of parts side by side, drawn without a style attribute."""
    x, rects = 0.0, []
    for index, part in enumerate(parts):
        width = 100 * part / whole if whole else 0
        if part:
            width = max(width, 2)
            rects.append(
                format_html('<rect class="p{}" x="{}" y="0" width="{}" height="6"/>', index, f"{x:.2f}", f"{width:.2f}")
            )
        x += width
    body = SafeString("".join(rects))
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">{}</svg>',
        body,
    )


@register.simple_tag
def months(values: tuple[int, ...]) -> SafeString:
    """A few months' amounts as bars, oldest first; the figures stand beside it in words."""
    top = max((abs(value) for value in values), default=0) or 1
    rects = SafeString(
        "".join(
            format_html(
                '<rect x="{}" y="{}" width="6" height="{}"/>',
                index * 8,
                f"{36 - 36 * abs(value) / top:.1f}",
                f"{36 * abs(value) / top:.1f}",
            )
            for index, value in enumerate(values)
        )
    )
    return format_html(
        '<svg class="months" viewBox="0 0 {} 36" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        len(values) * 8,
        rects,
    )


@register.filter
def pick(mapping: Any, key: Any) -> Any:
    """What stands under a key."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def station_name(code: str) -> str:
    """The station's name in the reader's language."""
    return words.station_name(code)


@register.filter
def word(code: str, kind: str = "") -> str:
    """The reader's word for one of our codes: a status, an outcome, a lane, a kind of work."""
    return words.word(code, kind)


@register.filter
def person(actor: str) -> str:
    """Who did it: a person's name as it is, our machines in words."""
    return words.actor_name(actor)


@register.simple_tag
def reason(row: Any, item: dict[str, Any]) -> str:
    """Why, in the staff's words, for an application in its pack and on its day."""
    return words.reason_text(item, pack=row.pack, on=row.applied_on)


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """This page's own query with some of it changed; an empty value takes a name out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = value
    return "?" + query.urlencode()


@register.filter
def humane(name: str) -> str:
    """A technical name as words, where it has none of its own."""
    known = words.FACT_NAMES.get(name)
    if known:
        return str(known)
    text = re.sub(r"_(cents|at|on|bps)$", "", name).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


@register.filter
def negated(cents: int) -> int:
    """The other side of an entry."""
    return -cents


@register.filter
def words_of(text: str) -> list[str]:
    """The words of a text, to go through."""
    return text.split()


@register.simple_tag(takes_context=True)
def without(context: template.Context, name: str) -> str:
    """This page's own query without one of its names, from the first page on."""
    query = context["request"].GET.copy()
    for dropped in (name, "page"):
        query.pop(dropped, None)
    return "?" + query.urlencode()


@register.filter
def minus(one: int, other: int) -> int:
    """What is left."""
    return one - other


@register.filter
def account_name(code: str) -> str:
    """A ledger account in the reader's language."""
    return words.word(code, "account")


@register.filter
def told(detail: dict[str, Any]) -> list[tuple[str, str]]:
    """An event's detail in words."""
    return words.tell_detail(detail)


@register.filter
def city(row: Any) -> str:
    """The city of an application in the reader's language."""
    return words.city_name(row.city, pack=row.pack, on=row.applied_on) if row.city else ""


@register.filter
def party(code: str) -> str:
    """An outside party in the reader's language."""
    return words.party_name(code)
