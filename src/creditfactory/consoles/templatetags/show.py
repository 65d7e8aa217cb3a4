"""What templates may say: figures, names, reasons and small pictures, in the reader's language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from creditfactory.consoles import figures, words
from creditfactory.consoles.figures import NOTHING

register = template.Library()
money = register.filter(figures.money)
exact = register.filter(figures.exact)
short_money = register.filter(figures.short_money)
percent = register.filter(figures.percent)
hundredths = register.filter(figures.hundredths)
count = register.filter(figures.count)
day = register.filter(figures.day)
clock = register.filter(figures.clock)
instant = register.filter(figures.instant)
span = register.filter(figures.span)
humane = register.filter(words.humane)


@register.filter
def share_of(part: int | None, whole: int | None) -> float | None:
    """One number as a share of another; None where there is no whole."""
    return part / whole if part is not None and whole else None


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
    return words.reason_text(item, pack=row.pack, on=row.applied_on, tenant_id=getattr(row, "tenant_id", 0))


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
def city_in(city: str, factory: Any) -> str:
    """A city in the reader's language, as a factory's rulebook of today names it."""
    return words.city_name(city, pack=factory.pack, on=factory.business_on)


@register.filter
def industry_in(code: str, factory: Any) -> str:
    """A line of business in the reader's language."""
    return words.industry_name(code, factory.pack)


@register.filter
def partner(code: str, factory: Any) -> str:
    """A channel or funder of a factory as people call it."""
    return words.partner_name(code, factory.id)


@register.simple_tag
def reason_kind(row: Any) -> str:
    """What an application ended by, in the staff's words, without its figures."""
    return words.reason_name(row.reason, pack=row.pack, on=row.applied_on)


@register.filter
def party(code: str) -> str:
    """An outside party in the reader's language."""
    return words.party_name(code)


@register.filter
def rule_name(rule: str, row: Any) -> str:
    """A rule as its owner describes it, in the rulebook of the case's day."""
    return words.rule_name(rule, row.pack, row.applied_on)


@register.filter
def label_name(name: str) -> str:
    """A label's name in the reader's language."""
    return words.label_name(name)


@register.filter
def bin_name(name: str, label: str) -> str:
    """A class of a card as people read it."""
    return words.bin_name(name, label)


@register.simple_tag
def fact_link(row: Any, name: str) -> SafeString:
    """A fact's name; a label's leads to what it means."""
    told = words.fact_name(name, row.pack, row.applied_on)
    if name not in words.label_meanings():
        return format_html("{}", told)
    return format_html('<a href="{}?case={}">{}</a>', reverse("labels_one", args=[name]), row.number, told)
