"""Numbers prove themselves, and are held against what stands beside them (IDF-02)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory import identity
from tests.paper_drawing import make_credit_code, make_holder, make_id_number

CARD = "11010519491231002X"


def test_a_number_tells_birthday_sex_and_county() -> None:
    told = identity.read_id_number(CARD.lower())
    assert told == identity.IdNumber(born_on=date(1949, 12, 31), sex="female", area="110105", place="北京市 朝阳区"), (
        "IDF-02: ID checksum"
    )


@pytest.mark.parametrize(
    "number",
    ["", "123", "110105194912310021", "11010519491331002X", "99010519491231002X", "1101051949123100２X", CARD + "1"],
)
def test_what_is_no_number_is_told_as_such(number: str) -> None:
    assert identity.read_id_number(number) is None
    assert [reason.code for reason in identity.check_id_number(number)] == ["IDP-NUMBER"]


def test_who_was_born_before_a_district_was_founded_may_have_its_number() -> None:
    early = make_id_number("440305", "1970-05-20", 12)
    told = identity.read_id_number(early)
    assert told is not None and told.place is None, "Nanshan was founded in 1990"
    assert identity.check_id_number(early, born_on=date(1970, 5, 20), sex="female") == ()


def test_a_number_of_somebody_not_born_yet_is_none() -> None:
    number = make_id_number("110105", "2031-01-01", 1)
    assert identity.check_id_number(number, on=date(2026, 11, 22))[0].code == "IDP-NUMBER"
    assert identity.check_id_number(number, on=date(2031, 1, 1)) == ()


@given(st.integers(0, 10_000), st.integers(0, 16), st.integers(1, 9))
def test_any_one_digit_changed_is_seen(seed: int, place: int, shift: int) -> None:
    number = make_holder(seed).id_number
    assert identity.check_id_number(number) == ()
    changed = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert identity.check_id_number(changed), "IDF-02: a forged digit"


@given(st.randoms(use_true_random=False), st.integers(0, 17))
def test_a_credit_code_proves_itself_and_a_changed_one_does_not(rng: object, place: int) -> None:
    code = make_credit_code(rng)  # type: ignore[arg-type]
    assert identity.is_credit_code(code)
    other = "2" if code[place] == "3" else "3"
    assert not identity.is_credit_code(code[:place] + other + code[place + 1 :]) or code[place] == other


@pytest.mark.parametrize(
    ("number", "is_mobile", "is_virtual"),
    [
        ("13800138000", True, False), ("17012345678", True, True), ("19912345678", True, False),
        ("+8613800138000", True, False), ("12345678901", False, False), ("15412345678", False, False),
        ("1380013800", False, False), ("075512345678", False, False),
    ],
)  # fmt: skip
def test_mobile_segments(number: str, is_mobile: bool, is_virtual: bool) -> None:
    assert identity.is_mobile_number(number) is is_mobile
    assert identity.is_virtual_number(number) is is_virtual


def test_a_card_number_has_its_length_and_its_check_digit() -> None:
    assert identity.is_card_number("6222021234567894")
    assert not identity.is_card_number("6222021234567895")
    assert not identity.is_card_number("0000")
    assert not identity.is_card_number("622202123456789４")
