"""How figures are written, in the reader's language: money, shares, days, instants, spans of time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _

from creditfactory.consoles.page import is_chinese

MARKS = {"CNY": "¥", "USD": "$", "EUR": "€"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NARROW = "\u202f"
HARD = "\u00a0"
NOTHING = "–"


def money(cents: int | None, currency: str = "CNY") -> str:
    """``¥ 260,000``, with cents only where there are any."""
    if cents is None:
        return NOTHING
    whole, part = divmod(abs(int(cents)), 100)
    tail = f".{part:02d}" if part else ""
    return f"{'−' if cents < 0 else ''}{MARKS.get(currency, currency)}{HARD}{whole:,}{tail}"


def exact(cents: int | None, currency: str = "CNY") -> str:
    """``¥ 260,000.00``: always with cents, for columns that are added up."""
    if cents is None:
        return NOTHING
    whole, part = divmod(abs(int(cents)), 100)
    return f"{'−' if cents < 0 else ''}{MARKS.get(currency, currency)}{HARD}{whole:,}.{part:02d}"


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


def percent(share: float | Decimal | str | None, digits: int = 1) -> str:
    """``36.4 %`` with a thin space in English, ``36.4%`` in Chinese."""
    if share is None or share == "":
        return NOTHING
    try:
        value = Decimal(str(share)) * 100
    except InvalidOperation:
        return str(share)
    return f"{value:.{digits}f}{'' if is_chinese() else NARROW}%"


def hundredths(value: int) -> str:
    """A number that counts hundredths already, with its sign."""
    return f"{value}{'' if is_chinese() else NARROW}%"


def count(value: int | None) -> str:
    """A whole number, grouped by thousands."""
    return NOTHING if value is None else f"{value:,}"


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


def clock(value: datetime | None) -> str:
    """``14:32`` by the factory's own clock."""
    return timezone.localtime(value).strftime("%H:%M") if value else NOTHING


def instant(value: datetime | str | None) -> str:
    """Day and time by the factory's own clock."""
    if not value:
        return NOTHING
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return f"{day(value)}{' ' if is_chinese() else ', '}{clock(value)}"


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
