"""A sentence of the lab that a file or a terminal keeps: in English as it stands, and beside it in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from creditfactory.lab.chinese import read_chinese


class Saying(str):
    """One sentence: the text itself is English, ``chinese`` says the same."""

    chinese: str

    def __new__(cls, english: str, chinese: str) -> Saying:
        """Both languages of it."""
        told = super().__new__(cls, english)
        told.chinese = chinese
        return told

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # so that it can be packed and sent
        return str(self), self.chinese

    def followed_by(self, more: Saying) -> Saying:
        """Both sentences as one.

        >>> Saying("left open", "未回答").followed_by(Saying("; so", "；如此")).chinese
        '未回答；如此'
        """
        return Saying(f"{self}{more}", self.chinese + more.chinese)

    def as_json(self) -> dict[str, str]:
        """Both languages, as files hold them."""
        return {"en": str(self), "zh": self.chinese}


def say(english: str, **facts: Any) -> Saying:
    """A sentence filled with facts, in both languages.

    >>> said = say("unknown for {share:.0%} of the sample", share=0.97)
    >>> said, said.chinese
    ('unknown for 97% of the sample', '样本中 97% 未知')
    """
    chinese = read_chinese()[english]
    return Saying(english.format(**facts), chinese.format(**facts)) if facts else Saying(english, chinese)


def read_saying(told: Any) -> Saying:
    """A sentence as a file holds it: both languages, or one text for both.

    >>> read_saying({"en": "flat", "zh": "平坦"}).chinese
    '平坦'
    """
    if isinstance(told, Mapping):
        english = str(told.get("en", ""))
        return Saying(english, str(told.get("zh", english)))
    return Saying(str(told), str(told))
