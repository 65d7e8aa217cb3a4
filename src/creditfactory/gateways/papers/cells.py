"""Cells as banks and tax bureaus write them: amounts, days and minutes, whatever the signs they are written in."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal

CellValue = str | int | float | Decimal | date | datetime | time | bool | None

_SPACES = re.compile(r"[\s\u200b\ufeff]+")
_WRAPPED = re.compile(r'^="(.*)"$')
_AMOUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_SEPARATED = re.compile(r"^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?=$|[^0-9])")
_PLAIN = re.compile(r"^([0-9]{4})([0-9]{2})([0-9]{2})(?=$|[^0-9]|[0-9]{6}$|[0-9]{4}$)")
_CLOCK = re.compile(r"^[T ,-]?([0-9]{1,2})[:.时]([0-9]{2})(?:[:.分]([0-9]{2})秒?)?(?:\.[0-9]+)?$")
_CLOCK_PLAIN = re.compile(r"^[T -]?([0-9]{2})([0-9]{2})(?:[0-9]{2})?$")
NOTHING = frozenset({"", "-", "--", "---", "—", "——", "/", "无", "N/A"})
CENTS_MAX = 10**15


def tidy(value: CellValue) -> str:
    """A cell's text with plain digits and signs, one space between words, and what exports wrap around it taken off.

    >>> tidy("　１，２３４．５６ "), tidy('="6222"'), tidy("2026-01-05\\t")
    ('1,234.56', '6222', '2026-01-05')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    text = _SPACES.sub(" ", unicodedata.normalize("NFKC", str(value))).strip()
    wrapped = _WRAPPED.match(text)
    text = wrapped.group(1).strip() if wrapped else text
    return text.removeprefix("'")


def read_amount(value: CellValue) -> int | None:
    """An amount in cents as it is printed, with its sign; None for an empty cell. Raises ValueError for others.

    >>> [read_amount(text) for text in ("￥1,234.50", "(300.00)", "12.30-", "－５.0", "--")]
    [123450, -30000, -1230, -500, None]
    >>> read_amount("12.345")
    Traceback (most recent call last):
    ...
    ValueError: a part of a cent
    """
    if isinstance(value, bool | date | time):
        raise ValueError("no amount")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("no number")
        return _round_float(value)
    if isinstance(value, int):
        return _bound(value * 100)
    text = tidy(value).replace(" ", "")
    if text in NOTHING:
        return None
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        sign, text = -1, text[1:-1]
    for mark in ("CNY", "RMB", "人民币", "¥", "￥", "元"):
        text = text.removeprefix(mark).removesuffix(mark)
    if text[:1] in "+-" or text[-1:] == "-":
        sign = -sign if "-" in (text[:1], text[-1:]) else sign
        text = text.strip("+-")
    for mark in ("¥", "￥"):
        text = text.removeprefix(mark)
    if not _AMOUNT.fullmatch(text):
        raise ValueError("no amount")
    cents = Decimal(text.replace(",", "")) * 100
    if cents != cents.to_integral_value():
        raise ValueError("a part of a cent")
    return _bound(sign * int(cents))


def _round_float(value: float) -> int:
    cents = round(value * 100)
    if abs(value * 100 - cents) > 1e-4 * max(1.0, abs(value) * 1e-6):
        raise ValueError("a part of a cent")
    return _bound(cents)


def _bound(cents: int) -> int:
    if abs(cents) > CENTS_MAX:
        raise ValueError("an amount beyond any account")
    return cents


def read_moment(value: CellValue) -> tuple[date, int]:
    """A day and the minute of it, -1 where none is printed. Raises ValueError where there is no such day.

    >>> read_moment("2026年1月5日"), read_moment("20260105 093015"), read_moment("2026-01-05-09.30.15.123456")
    ((datetime.date(2026, 1, 5), -1), (datetime.date(2026, 1, 5), 570), (datetime.date(2026, 1, 5), 570))
    """
    if isinstance(value, datetime):
        minute = value.hour * 60 + value.minute
        return value.date(), minute if minute or value.second else -1
    if isinstance(value, date):
        return value, -1
    text = tidy(value)
    found = _SEPARATED.match(text) or _PLAIN.match(text)
    if not found:
        raise ValueError("no day")
    on = date(int(found.group(1)), int(found.group(2)), int(found.group(3)))
    if not 1990 <= on.year <= 2100:
        raise ValueError("no day of our time")
    rest = text[found.end() :].strip()
    return on, read_minute(rest) if rest else -1


def read_minute(value: CellValue) -> int:
    """The minute of the day, -1 for an empty cell.

    >>> read_minute("09:30:15"), read_minute("093015"), read_minute("")
    (570, 570, -1)
    """
    if isinstance(value, datetime | time):
        return value.hour * 60 + value.minute
    text = tidy(value)
    if text in NOTHING:
        return -1
    found = _CLOCK.match(text) or _CLOCK_PLAIN.match(text if len(text) != 5 else f"0{text}")
    if not found:
        raise ValueError("no time of day")
    minute = int(found.group(1)) * 60 + int(found.group(2))
    if int(found.group(1)) > 23 or int(found.group(2)) > 59:
        raise ValueError("no time of day")
    return minute
