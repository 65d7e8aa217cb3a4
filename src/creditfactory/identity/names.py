"""Are two names the same: written the same, masked by a bank, or only sounding alike as a misheard name does."""

from __future__ import annotations

import re
import unicodedata

from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz

from creditfactory.kernel import BPS_WHOLE

MASK = re.compile(r"[*某]+")
FORMS = re.compile(
    "(股份有限公司|有限责任公司|有限公司|个体工商户|合伙企业|[(（]有限合伙[)）]|经营部|商行|公司|COLTD|LTD|INC)$"
)
"""What a firm's kind adds to its name; two names that differ in no more are one name."""


def tidy_name(name: str) -> str:
    """A name without spaces, dots, width and letter case.

    >>> tidy_name("张 伟"), tidy_name("Ｌi·Wei")
    ('张伟', 'LIWEI')
    """
    plain = unicodedata.normalize("NFKC", name)
    return re.sub(r"[\s·•.,，。'’-]+", "", plain).upper()


def compare_names(shown: str, known: str) -> int:
    """How alike two names are, in basis points: 10,000 the same; the better of how they look and how they sound.

    A bank's mask (``张*``, ``*记五金``) stands for anything, and a firm's kind at the end is not looked at. Sound is
    the syllables without tones, and counts for nine tenths: two people may well sound alike.

    >>> compare_names("张*", "张伟"), compare_names("云帆小微有限公司", "云帆小微")
    (10000, 10000)
    >>> compare_names("云凡晓薇", "云帆小微") > compare_names("李娜", "云帆小微")
    True
    """
    mine, theirs = _bare(shown), _bare(known)
    if not mine or not theirs:
        return 0
    if mine == theirs or _is_masked_alike(mine, theirs) or _is_masked_alike(theirs, mine):
        return BPS_WHOLE
    looks = fuzz.ratio(mine, theirs) * 100
    sounds = fuzz.ratio(_sound(mine), _sound(theirs)) * 90
    return int(max(looks, sounds))


def is_masked_whole(name: str) -> bool:
    """Whether a name tells nothing: empty, or nothing but a bank's mask.

    >>> is_masked_whole("**"), is_masked_whole("张*")
    (True, False)
    """
    return not MASK.sub("", tidy_name(name))


def _bare(name: str) -> str:
    plain = tidy_name(name)
    while True:
        shorter = FORMS.sub("", plain)
        if shorter in ("", plain):
            return plain
        plain = shorter


def _is_masked_alike(masked: str, whole: str) -> bool:
    """Whether the letters a bank left standing fit the whole name, in their places."""
    if not MASK.search(masked) or not MASK.sub("", masked):
        return False
    pattern = "".join(
        ".+" if MASK.fullmatch(part) else re.escape(part) for part in re.split(f"({MASK.pattern})", masked)
    )
    return re.fullmatch(pattern, whole) is not None


def _sound(name: str) -> str:
    return " ".join(lazy_pinyin(name, style=Style.NORMAL))
