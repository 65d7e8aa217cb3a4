"""One cell of a decision table: `-`, `>= 5`, `[1..5)`, `"A","B"`, `not(...)`, `true`, `missing`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from creditfactory.rules.declarations import Declaration, is_iso_date, refuse, refuse_name
from creditfactory.rules.expressions import Value

Cut = tuple[float | str, bool]
"""A place where a cell's answer may change: before the value itself (False) or just after it (True)."""

NUMBER = re.compile(r"[+-]?(\d[\d_]*)(\.\d+)?([eE][+-]?\d+)?")
INTERVAL = re.compile(r"(?P<open>[\[(\]])\s*(?P<low>[^\[\]()]+?)\s*\.\.\s*(?P<high>[^\[\]()]+?)\s*(?P<close>[\])\[])")
COMPARISON = re.compile(r"(?P<operator><=|>=|<|>|=|!=)\s*(?P<value>.+)")


@dataclass(frozen=True, slots=True)
class Span:
    """Values from one cut to another; None is unbounded."""

    start: Cut | None
    end: Cut | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell lets through: anything, spans of numbers or dates, listed words, or only what nobody knows."""

    text: str
    any: bool = False
    missing: bool = False
    negated: bool = False
    spans: tuple[Span, ...] = ()
    words: tuple[Value, ...] = ()

    def lets_through(self, value: Value) -> bool:
        """Whether a known value passes; the plain reading that faster forms are compared with.

        >>> read_cell("[1..5)", Declaration("age", "int"), place="t.csv").lets_through(5)
        False
        """
        if self.any:
            return True
        if self.missing:
            return False
        inside = value in self.words or any(_is_inside(span, value) for span in self.spans)
        return inside is not self.negated


def _is_inside(span: Span, value: Value) -> bool:
    after_start = span.start is None or (value > span.start[0] if span.start[1] else value >= span.start[0])  # type: ignore[operator]
    before_end = span.end is None or (value <= span.end[0] if span.end[1] else value < span.end[0])  # type: ignore[operator]
    return after_start and before_end


def read_cell(text: str, column: Declaration, *, place: str) -> Cell:
    """Read one cell for a column of a declared type.

    >>> read_cell(">= 18, <= 5", Declaration("age", "int"), place="t.csv").spans
    (Span(start=(18, False), end=None), Span(start=None, end=(5, True)))
    """
    plain = text.strip()
    if plain in ("-", ""):
        return Cell(plain or "-", any=True)
    if plain == "missing" and "missing" not in column.words:
        if not column.nullable:
            refuse(place, "'missing'", f"another test, since {column.name} is never missing")
        return Cell(plain, missing=True)
    inner, negated = plain, False
    if plain.startswith("not(") and plain.endswith(")"):
        inner, negated = plain[4:-1].strip(), True
    spans: list[Span] = []
    words: list[Value] = []
    for item in _split(inner, place):
        if column.type in ("bool", "str"):
            words.append(_read_word(item, column, place))
        else:
            spans.append(_read_span(item, column, place))
    return Cell(plain, negated=negated, spans=tuple(spans), words=tuple(words))


def _split(text: str, place: str) -> list[str]:
    items, quoted, current = [], False, ""
    for letter in text:
        quoted = quoted is not (letter == '"')
        if letter == "," and not quoted:
            items.append(current.strip())
            current = ""
        else:
            current += letter
    items.append(current.strip())
    if quoted or not all(items):
        refuse(place, repr(text), 'a closed list such as "A","B"')
    return items


def _read_word(item: str, column: Declaration, place: str) -> Value:
    if column.type == "bool":
        if item.lower() not in ("true", "false"):
            refuse(place, repr(item), "true or false")
        return item.lower() == "true"
    word = item[1:-1] if len(item) > 1 and item[0] == item[-1] == '"' else item
    if column.words and word not in column.words:
        refuse_name(place, word, column.words, f"one of {', '.join(column.words)}")
    return word


def _read_span(item: str, column: Declaration, place: str) -> Span:
    interval = INTERVAL.fullmatch(item)
    if interval:
        low, high = _read_point(interval["low"], column, place), _read_point(interval["high"], column, place)
        if low > high:  # type: ignore[operator]
            refuse(place, repr(item), "the lower end first")
        return Span((low, interval["open"] != "["), (high, interval["close"] == "]"))
    comparison = COMPARISON.fullmatch(item)
    if not comparison:
        value = _read_point(item, column, place)
        return Span((value, False), (value, True))
    value = _read_point(comparison["value"].strip(), column, place)
    match comparison["operator"]:
        case "<":
            return Span(None, (value, False))
        case "<=":
            return Span(None, (value, True))
        case ">":
            return Span((value, True), None)
        case ">=":
            return Span((value, False), None)
        case "=":
            return Span((value, False), (value, True))
        case _:
            refuse(place, repr(item), "not(…) for what a cell leaves out")


def _read_point(text: str, column: Declaration, place: str) -> float | str:
    if column.type == "date":
        plain = text.strip('"')
        if not is_iso_date(plain):
            refuse(place, repr(text), "a date such as 2026-01-31")
        return plain
    if not NUMBER.fullmatch(text) or abs(float(text)) > 10**15:
        refuse(place, repr(text), f"a number for {column.name}, such as 5, >= 5 or [1..5)")
    return float(text) if any(c in text for c in ".eE") else int(text)
