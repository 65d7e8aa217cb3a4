"""Names that are one name, and names that only look or sound alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory.identity import check_holder, compare_names


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        ("张 伟", "张伟"), ("张*", "张伟"), ("*伟", "张伟"), ("深圳市云帆小微服饰有限公司", "深圳市云帆小微服饰"),
        ("阿里木·买买提", "阿里木买买提"), ("ＹＵＮ ＦＡＮ Co., Ltd.", "yun fan"),
    ],
)  # fmt: skip
def test_one_name_written_in_several_ways(shown: str, known: str) -> None:
    assert compare_names(shown, known) == 10_000


@pytest.mark.parametrize(
    ("shown", "known"), [("李娜", "王建国"), ("**", "张伟"), ("", "张伟"), ("张*", "李伟"), ("XIN", "LI WEI")]
)
def test_another_name_stays_another(shown: str, known: str) -> None:
    """IDF-02: a statement in somebody else's name is told, the name itself is not."""
    assert compare_names(shown, known) < 8_500
    found = check_holder(shown, (known, ""))
    assert [r.code for r in found] == (["PAP-HOLDER"] if shown.strip("*") else [])
    assert all(known not in str(r.facts) and (not shown or shown not in str(r.facts)) for r in found)


def test_what_sounds_alike_comes_near_but_not_as_near_as_what_is_written_alike() -> None:
    heard = compare_names("云凡晓薇", "云帆小微")
    assert 8_000 < heard < 10_000 and heard > compare_names("云凡大厦", "云帆小微")


@given(st.text(max_size=12), st.text(max_size=12))
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= compare_names(one, other) == compare_names(other, one) <= 10_000


def test_nothing_printed_or_nobody_known_says_nothing() -> None:
    assert check_holder("王建国", ()) == () == check_holder(" ", ("李娜",))
