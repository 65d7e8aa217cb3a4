"""A reason in words: the borrower's, that never blame, and the staff's, with the figures."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Literal

from creditfactory.decision.book import Book
from creditfactory.kernel import Reason, Scalar, format_cents

Language = Literal["en", "zh"]
Audience = Literal["borrower", "staff"]
UNKNOWN = {"en": "unknown", "zh": "未知"}


def tell_reason(reason: Reason, book: Book, *, language: Language, audience: Audience) -> str:
    """The reason's words from the rulebook with its facts filled in; a code without words shows as the code itself."""
    words = book.reasons.get(reason.code)
    if words is None:
        return reason.code
    text = (words.borrower if audience == "borrower" else words.staff)[language]
    return Formatter().vformat(text, (), _Shown(reason.facts, language))


class _Shown(dict[str, object]):
    """Facts as people read them: cents as money, basis points as per cent, what is not there as unknown."""

    def __init__(self, facts: Mapping[str, Scalar], language: Language) -> None:
        super().__init__({name: show_fact(name, value, language) for name, value in facts.items()})
        self._language = language

    def __missing__(self, name: str) -> str:
        return UNKNOWN[self._language]


def show_fact(name: str, value: Scalar, language: Language = "en") -> str:
    """One fact as people read it.

    >>> show_fact("amount_cents", 25_000_000), show_fact("card_use_bps", 8_050), show_fact("overdue", None, "zh")
    ('250,000.00', '80.5 %', '未知')
    """
    if value is None:
        return UNKNOWN[language]
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "zh": ("否", "是")}[language][value]
    if isinstance(value, int) and "_cents" in name:
        return format_cents(value)
    if isinstance(value, int) and "_bps" in name:
        return f"{value / 100:g} %"
    return str(value)
