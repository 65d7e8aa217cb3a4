"""FEEL text cut into words: numbers, texts, names and signs, each with where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from creditfactory.kernel import BadInput

Kind = Literal["number", "text", "name", "sign", "end"]
TEXT_LENGTH_MAX = 100_000
_START = (
    r"?_A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
WORD = re.compile(
    rf"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<number>(?>(?:\d+(?:\.\d+)?|(?<!\.)\.\d+)(?:[eE][+-]?\d+)?)(?![{_START}]))
    |(?P<text>"(?:\\.|[^"\\])*")
    |(?P<name>[{_START}][{_START}0-9\u00B7\u0300-\u036F\u203F-\u2040]*)
    |(?P<digits>\d+[{_START}0-9]*)
    |(?P<sign>\*\*|\.\.|<=|>=|!=|->|.)""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a FEEL text and where it begins and ends."""

    kind: Kind
    text: str
    start: int
    end: int


def cut_words(text: str) -> list[Word]:
    """Cut a FEEL text into words, the last of them its end.

    >>> [word.text for word in cut_words("Monthly Income * 12")]
    ['Monthly', 'Income', '*', '12', '']
    >>> [word.text for word in cut_words("[1..5)")][:-1]
    ['[', '1', '..', '5', ')']
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise BadInput(place="FEEL", found=f"{len(text):,} characters", expected=f"at most {TEXT_LENGTH_MAX:,}")
    words: list[Word] = []
    for found in WORD.finditer(text):
        kind = found.lastgroup or "sign"
        if kind == "skip":
            continue
        if kind == "digits":
            kind = "name"
        words.append(Word(kind, found.group(), found.start(), found.end()))  # type: ignore[arg-type]
    words.append(Word("end", "", len(text), len(text)))
    return words


def read_text(literal: str) -> str:
    r"""The text that a quoted literal stands for.

    >>> read_text('"a\\u5927\\n"')
    'a大\n'
    """

    def turn(found: re.Match[str]) -> str:
        sign = found.group(1)
        if len(sign) > 1:
            code = int(sign[1:], 16)
            return chr(code) if code < 0x110000 else "\ufffd"
        return PLAIN.get(sign, "\\" + sign)

    plain = ESCAPE.sub(turn, literal[1:-1])
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if "\\u" in literal else plain


def show_place(text: str, at: int) -> str:
    """A place in a FEEL text as people count: ``column 5``, or ``line 2, column 5`` where there are several lines.

    >>> show_place("a +\\nb", 4)
    'line 2, column 1'
    """
    line, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
    return f"line {line}, column {column}" if "\n" in text.strip() else f"column {column}"
