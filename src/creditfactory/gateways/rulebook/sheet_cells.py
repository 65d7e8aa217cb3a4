"""One cell of a workbook as the text that a table's own file would hold; what a spreadsheet made of it is named."""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from creditfactory.kernel import BadInput
from creditfactory.rules import Declaration, Output

SIGNS = {
    "，": ",", "、": ",", "；": ";", "：": ":", "。": ".", "．": ".", "（": "(", "）": ")", "【": "[", "】": "]",
    "［": "[", "］": "]", "≥": ">=", "≧": ">=", "≤": "<=", "≦": "<=", "≠": "!=", "＞": ">", "＜": "<", "＝": "=",
    "－": "-", "—": "-", "–": "-", "−": "-", "“": '"', "”": '"', "„": '"', "＂": '"', "「": '"', "」": '"', "…": "..",
    "～": "..", "\u00a0": " ", "\u3000": " ", "\u200b": "", "\ufeff": "",
}  # fmt: skip
"""Signs that a Chinese keyboard or a spreadsheet puts where a cell means the plain ones."""


def tidy_text(text: str) -> str:
    """A cell with plain signs for full-width ones; words within quotes keep their own.

    >>> tidy_text("［１．．５）， ≥７"), tidy_text("“批发，零售”")
    ('[1..5), >=7', '"批发，零售"')
    """
    found, quoted = [], False
    for sign in text.strip():
        plain = SIGNS.get(sign, sign)
        if plain == '"':
            quoted = not quoted
            found.append('"')
        elif quoted:
            found.append(sign)
        else:
            found.append(SIGNS.get(sign) if sign in SIGNS else unicodedata.normalize("NFKC", sign))  # type: ignore[arg-type]
    return "".join(found).strip()


def read_cell_text(cell: Any, column: Declaration | Output, place: str, *, is_answer: bool) -> str:
    """What a spreadsheet's cell says, as text for this column; a formula, an error or a guess of Excel's is refused."""
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=") and cell.data_type != "s"):
        raise BadInput(
            place=place, found=f"a formula ({str(value)[:40]})", expected="its value: copy, then paste as value"
        )
    if cell.data_type == "e":
        raise BadInput(place=place, found=f"the error {value}", expected="a value")
    if value is None:
        return ""
    if isinstance(value, bool):
        if column.type != "bool":
            raise BadInput(place=place, found=str(value).upper(), expected=f"a {column.type} for {column.name}")
        return str(value).lower()
    if isinstance(value, datetime | date | time):
        return _read_day(value, column, place)
    if isinstance(value, int | float | Decimal):
        return _read_number(value, cell.number_format or "", column, place)
    text = str(value)
    if is_answer and column.type == "str":
        return _read_word(text, column)
    plain = tidy_text(text)
    if plain.endswith("%"):
        raise BadInput(place=place, found=repr(plain), expected="a plain number without %, such as 0.18")
    return plain


def _read_word(text: str, column: Declaration | Output) -> str:
    """A word as it stands, or the listed word that it means when it was typed in full-width letters."""
    plain = text.strip()
    if len(plain) > 1 and tidy_text(plain)[:1] == '"' == tidy_text(plain)[-1:]:
        plain = plain[1:-1]
    folded = unicodedata.normalize("NFKC", plain)
    return folded if plain not in column.words and folded in column.words else plain


def _read_day(value: date | time, column: Declaration | Output, place: str) -> str:
    if column.type != "date" or isinstance(value, time) or (isinstance(value, datetime) and value.time() != time()):
        shown = value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
        raise BadInput(
            place=place, found=f"{shown}, a date or time",
            expected=f"a {column.type} for {column.name}; format the cell as text and write it again",
        )  # fmt: skip
    return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()


def _read_number(value: float | Decimal, number_format: str, column: Declaration | Output, place: str) -> str:
    if column.type == "date":
        raise BadInput(place=place, found=f"the number {value}", expected="a date such as 2026-01-31, as text")
    if column.type == "bool":
        raise BadInput(place=place, found=f"the number {value}", expected="true or false")
    if "%" in number_format and column.type != "rate":
        raise BadInput(
            place=place, found=f"{value}, shown as a percentage", expected="a plain number; change the cell's format"
        )
    if isinstance(value, float):
        if not math.isfinite(value):
            raise BadInput(place=place, found=str(value), expected="a number")
        if value == int(value) and abs(value) < 1e15:
            return str(int(value))
        return format(Decimal(repr(value)), "f")
    return str(value)
