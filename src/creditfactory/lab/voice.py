"""Saying figures, labels and classes in the reader's language, for documents and pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from creditfactory.lab.chinese import CODES, read_chinese
from creditfactory.scoring import Bin, Characteristic

Language = Literal["en", "zh"]
MARKS = {"CNY": "¥", "USD": "$", "EUR": "€"}
NOTHING = "–"
THIN = "\u202f"


@dataclass(frozen=True)
class Voice:
    """One reader's language; labels' ``units`` and ``meanings`` and ``words`` of answers are handed in by who knows."""

    language: Language
    currency: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: Mapping[str, object] = field(default_factory=dict)

    def __call__(self, english: str, **facts: Any) -> str:
        """A sentence in the reader's language, filled with facts.

        >>> Voice("zh")("AUC in {n} months", n=3)
        '3 个月的 AUC'
        """
        text = english if self.language == "en" else read_chinese()[english]
        return text.format(**facts) if facts else text

    def pick(self, told: Any) -> str:
        """A text that may stand in both languages, in the reader's."""
        if isinstance(told, Mapping):
            return str(told.get(self.language) or told.get("en") or next(iter(told.values()), ""))
        return str(told or "")

    def code(self, code: Any) -> str:
        """A source's or unit's code in words; one that has none with spaces."""
        told = CODES.get(str(code or NOTHING))
        return told[self.language == "zh"] if told else str(code or NOTHING).replace("_", " ")

    def percent(self, share: float | None, digits: int = 1) -> str:
        """``7.2 %`` with a thin space in English, ``7.2%`` in Chinese; a dash where there is none."""
        return NOTHING if share is None else f"{share * 100:.{digits}f}{THIN if self.language == 'en' else ''}%"

    def count(self, number: int | None) -> str:
        """A whole number in thousands."""
        return NOTHING if number is None else f"{number:,}"

    def points(self, points: int) -> str:
        """Points with their sign; nought without one."""
        return f"{points:+d}".replace("-", "−") if points else "0"

    def figure(self, value: float | None, digits: int = 3) -> str:
        """A figure with so many digits; a dash where there is none."""
        return NOTHING if value is None else f"{value:.{digits}f}".replace("-", "−")

    def day(self, text: Any) -> str:
        """A day as its reader writes it."""
        try:
            on = text if isinstance(text, date) else date.fromisoformat(str(text)[:10])
        except ValueError:
            return str(text or NOTHING)
        return f"{on.year}年{on.month}月{on.day}日" if self.language == "zh" else f"{on.day} {on:%b} {on.year}"

    def join(self, parts: Any) -> str:
        """Several in a row."""
        return ("、" if self.language == "zh" else ", ").join(map(str, parts))

    def name_label(self, label: str, feature: Mapping[str, Any] | None = None) -> str:
        """What a characteristic means: as its folder says, else as the catalogue does, else its name as words."""
        told = (feature or {}).get("definition")
        if told:
            return self.pick(told)
        if label in self.meanings:
            return self.pick(self.meanings[label])
        return label.replace("_", " ")

    def unit(self, label: str) -> str:
        """What a characteristic is counted in: as its folder says, else as the catalogue does."""
        return self.units.get(label, "")

    def value(self, label: str, value: Any) -> str:
        """One value of a characteristic with its unit."""
        if value is None:
            return self("unknown")
        if isinstance(value, bool) or value in ("yes", "no"):
            return self("yes") if value in (True, "yes") else self("no")
        if not isinstance(value, int | float):
            return str(self.words.get(str(value), value))
        unit = self.unit(label)
        if unit == "cents":
            whole = value / 100
            mark = MARKS.get(self.currency, self.currency)
            return (
                f"{mark}{THIN if mark else ''}{whole:,.0f}"
                if whole == int(whole)
                else f"{mark}{THIN if mark else ''}{whole:,.2f}"
            )
        if unit == "bps":
            return self.percent(value / 10_000, 0 if value % 100 == 0 else 2)
        is_grouped = isinstance(value, int) or (value == int(value) and abs(value) >= 10_000)
        return f"{value:,}" if is_grouped else f"{value:g}"

    def name_bin(self, label: str, one: Bin) -> str:
        """A class as people read it."""
        if one.words:
            return self.join(self.value(label, word) for word in one.words)
        if one.values:
            return self("code {values}", values=self.join(f"{v:g}" for v in one.values))
        low = None if one.start is None else self.value(label, one.start)
        high = None if one.end is None else self.value(label, one.end)
        if low is not None and high is not None and self.currency:
            high = high.replace(f"{MARKS.get(self.currency, self.currency)}{THIN}", "")  # said once is enough
        if low is None and high is None:
            return self("any")
        if low is None:
            return self("below {high}", high=high)
        return self("{low} or more", low=low) if high is None else f"{low} – {high}"

    def name_bins(self, question: Characteristic) -> list[tuple[str, Bin]]:
        """All classes of a characteristic with their names, those for codes, missing and other answers last."""
        apart = {"missing": self("unknown"), "other": self("any other"), "not applicable": self("does not apply")}
        return [(apart.get(name) or self.name_bin(question.label, one), one) for name, one in question.classes]


def name_gaps(told: str) -> str:
    """A reason's words with its open places shown as such.

    >>> name_gaps("Overdue for {value} months")
    'Overdue for … months'
    """
    return re.sub(r"\{\w+\}", "…", told)
