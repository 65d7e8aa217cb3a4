"""Who looks at what is held reads in the own language what kind of trouble it is."""

from __future__ import annotations

import pytest
from django.utils import translation

from creditfactory.consoles.held_words import tell_held
from creditfactory.service.words import compile_words

EACH = (
    ("KeyError: 'x'", "program itself", "程序"),
    ("bureau could not be reached for report: TimeoutError.", "outside party", "外部"),
    ("bank answered decide with status 503.", "outside party", "外部"),
    ("amount_cents: found 'x', expected a whole number", "not what was expected", "不符"),
    ("No rulebook is in force here.", "could not go on", "无法"),
)


@pytest.mark.parametrize(("why", "english", "chinese"), EACH)
def test_each_kind_of_trouble_has_its_words_in_both_languages(why: str, english: str, chinese: str) -> None:
    """FAC-01."""
    compile_words()
    with translation.override("en"):
        assert english in tell_held(why)
    with translation.override("zh-hans"):
        assert chinese in tell_held(why)
