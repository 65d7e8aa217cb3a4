"""The words of the back-test's report, in both languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def _words() -> dict[str, list[str]]:
    told: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return told


def say(key: str, language: Language, **facts: str) -> str:
    """One text in one language with its facts filled in.

    >>> say("swap", "en"), say("swap", "zh")
    ('Swap set', '置换分析')
    """
    return _words()[key][LANGUAGES.index(language)].format(**facts)


def both(key: str, **facts: str) -> str:
    """One text in both languages, of which the page shows one.

    >>> both("tier")
    '<span class="en">tier</span><span class="zh">等级</span>'
    """
    return "".join(f'<span class="{one}">{say(key, one, **facts)}</span>' for one in LANGUAGES)
