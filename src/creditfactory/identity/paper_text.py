"""Fields of ID cards and licences, found among the lines that a reader of print hands over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

Paper = Literal["id_card_front", "id_card_back", "licence"]

REQUIRED: Mapping[Paper, tuple[str, ...]] = {
    "id_card_front": ("name", "born_on", "address", "id_number"),
    "id_card_back": ("authority", "valid_from", "valid_until"),
    "licence": ("credit_code", "firm_name", "operator"),
}
MARKS_OF: Mapping[Paper, tuple[str, ...]] = {
    "id_card_front": ("公民身份号码", "姓名", "住址"),
    "id_card_back": ("签发机关", "有效期限", "居民身份证"),
    "licence": ("营业执照", "统一社会信用代码"),
}
"""Words by which a paper is known."""
LABELS: Mapping[Paper, Mapping[str, tuple[str, ...]]] = {
    "id_card_front": {"name": ("姓名",), "sex": ("性别",), "address": ("住址",)},
    "id_card_back": {"authority": ("签发机关",)},
    "licence": {
        "firm_name": ("名称",), "firm_kind": ("类型",), "operator": ("经营者", "法定代表人", "负责人", "投资人"),
        "premises": ("经营场所", "住所", "营业场所"), "capital": ("注册资本",), "scope": ("经营范围",),
        "registered_on": ("成立日期", "注册日期"),
    },
}  # fmt: skip
LONG_TERM = "long_term"
_DATE = re.compile(r"([0-9]{4})[年.\-/]([0-9]{1,2})[月.\-/]([0-9]{1,2})日?")
_SPAN = re.compile(r"(\d{4}[.\-/]\d{1,2}[.\-/]\d{1,2})[-—–~至一]+(\d{4}[.\-/]\d{1,2}[.\-/]\d{1,2}|长期)")
_ID = re.compile(r"(?<![0-9])([0-9]{17}[0-9Xx])(?![0-9])")
_CODE = re.compile(r"(?<![0-9A-Z])([0-9A-HJ-NP-RT-UW-Y]{2}\d{6}[0-9A-HJ-NP-RT-UW-Y]{10})(?![0-9A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One printed line: its text, the reader's certainty in per cent, and its place with the paper set straight."""

    text: str
    confidence: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half-way down the line."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFound:
    """A field with its text and the certainty of its weakest line."""

    text: str
    confidence: int


def find_paper(lines: Sequence[TextLine]) -> Paper | None:
    """Which paper this is by its printed words, or None.

    >>> line = TextLine(text="营 业 执 照", confidence=99, left=0, top=0, right=9, bottom=9)
    >>> find_paper([line])
    'licence'
    """
    text = "".join(_squeeze(line.text) for line in lines)
    counts = {paper: sum(mark in text for mark in marks) for paper, marks in MARKS_OF.items()}
    best = max(counts, key=lambda paper: counts[paper])
    return best if counts[best] else None


def read_paper_fields(paper: Paper, lines: Sequence[TextLine]) -> dict[str, FieldFound]:
    """Every field of the paper that was found; dates as ISO, an end without a date as ``long_term``."""
    lines = [_squeezed(line) for line in lines if _squeeze(line.text)]
    found: dict[str, FieldFound] = {}
    for name, labels in LABELS[paper].items():
        value = _find_beside(lines, labels, wraps=name in ("address", "premises", "scope", "firm_name"))
        if value is not None:
            found[name] = value
    if paper == "id_card_front":
        _put(found, "id_number", _search(lines, _ID))
        _put(found, "born_on", _find_date([line for line in lines if "号码" not in line.text and len(line.text) < 22]))
        if "sex" in found:
            found["sex"] = FieldFound(text=found["sex"].text[:1], confidence=found["sex"].confidence)
    elif paper == "id_card_back":
        span = _search_groups(lines, _SPAN)
        if span is not None:
            (first, last), confidence = span
            _put(found, "valid_from", _as_day(first, confidence))
            until = FieldFound(text=LONG_TERM, confidence=confidence) if last == "长期" else _as_day(last, confidence)
            _put(found, "valid_until", until)
    else:
        _put(found, "credit_code", _search(lines, _CODE))
        if "registered_on" in found:
            day = _as_day(found["registered_on"].text, found["registered_on"].confidence)
            found.pop("registered_on")
            _put(found, "registered_on", day)
    return found


def _squeeze(text: str) -> str:
    return re.sub(r"[\s\u3000::]", "", text)


def _squeezed(line: TextLine) -> TextLine:
    return TextLine(
        text=_squeeze(line.text), confidence=line.confidence, left=line.left, top=line.top, right=line.right,
        bottom=line.bottom,
    )  # fmt: skip


def _put(found: dict[str, FieldFound], name: str, value: FieldFound | None) -> None:
    if value is not None:
        found[name] = value


def _search(lines: Sequence[TextLine], pattern: re.Pattern[str]) -> FieldFound | None:
    got = _search_groups(lines, pattern)
    return None if got is None else FieldFound(text=got[0][0].upper(), confidence=got[1])


def _search_groups(lines: Sequence[TextLine], pattern: re.Pattern[str]) -> tuple[tuple[str, ...], int] | None:
    """The pattern in one line, else across two neighbours of one row."""
    for line in lines:
        match = pattern.search(line.text)
        if match:
            return match.groups(), line.confidence
    for left, right in pairwise(sorted(lines, key=lambda line: (round(line.middle), line.left))):
        match = pattern.search(left.text + right.text)
        if match and _is_one_row(left, right):
            return match.groups(), min(left.confidence, right.confidence)
    return None


def _find_date(lines: Sequence[TextLine]) -> FieldFound | None:
    """A date in one line, or in the joined pieces of one row."""
    for line in lines:
        found = _as_day(line.text, line.confidence)
        if found is not None:
            return found
    for start in lines:
        row = sorted((line for line in lines if _is_one_row(start, line)), key=lambda line: line.left)
        found = _as_day("".join(line.text for line in row), min(line.confidence for line in row))
        if found is not None:
            return found
    return None


def _as_day(text: str, confidence: int) -> FieldFound | None:
    match = _DATE.search(text)
    if not match:
        return None
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    return FieldFound(text=day.isoformat(), confidence=confidence)


def _is_one_row(one: TextLine, other: TextLine) -> bool:
    return abs(one.middle - other.middle) < 0.6 * max(1.0, min(one.bottom - one.top, other.bottom - other.top))


def _find_beside(lines: Sequence[TextLine], labels: tuple[str, ...], *, wraps: bool) -> FieldFound | None:
    """What stands after a label, or to its right on the same row; with the lines below it, where a text may wrap."""
    for label in labels:
        for line in lines:
            if not line.text.startswith(label):
                continue
            rest = line.text[len(label) :]
            parts = [line] if rest else []
            if not rest:
                right = [
                    one for one in lines if one is not line and one.left >= line.right - 5 and _is_one_row(line, one)
                ]
                if not right:
                    continue
                first = min(right, key=lambda one: one.left)
                rest, parts = first.text, [first]
            if wraps:
                below = _find_below(lines, line, parts[0], is_own=parts[0] is line)
                rest += "".join(one.text for one in below)
                parts += below
            return FieldFound(text=rest, confidence=min(part.confidence for part in parts))
    return None


def _find_below(lines: Sequence[TextLine], label: TextLine, first: TextLine, *, is_own: bool) -> list[TextLine]:
    """The lines that carry a wrapped text on: below it, indented as it is, and bearing no label themselves."""
    height = max(1.0, first.bottom - first.top)
    indent = label.left + 2 * height * 0.6 if is_own else first.left - 0.8 * height
    every = {word for labels in LABELS.values() for words in labels.values() for word in words} | {
        "公民身份号码",
        "出生",
    }
    found: list[TextLine] = []
    last = first
    for line in sorted(lines, key=lambda one: one.middle):
        is_next = 0.5 * height < line.middle - last.middle < 1.7 * height
        if (
            is_next
            and indent <= line.left <= first.left + 3 * height
            and not any(line.text.startswith(w) for w in every)
        ):
            found.append(line)
            last = line
    return found
