"""Numbers that prove themselves: ID number, unified credit code, bank card, mobile phone; nobody is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from creditfactory.kernel import Reason

Sex = Literal["male", "female"]

MOBILE = re.compile(r"1(?:3[0-9]|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])[0-9]{8}")
"""Segments given to mobile networks by the ministry's numbering plan, as of 2026."""
VIRTUAL = ("162", "165", "167", "170", "171")
"""Segments of resellers without a network of their own, where names are checked less."""
PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for code in range(first, last + 1)
)
"""The first two digits there are; 81 to 83 residents from Hong Kong, Macau and Taiwan, 91 foreign residents."""
CARD_LENGTHS = range(16, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdNumber:
    """What an ID number tells of its holder (GB 11643): birthday, sex, and the county that first gave it."""

    born_on: date
    sex: Sex
    area: str
    place: str | None = None


def read_id_number(number: str) -> IdNumber | None:
    """What the number says, or None where its check digit, its date or its province cannot be.

    A county is named where the lists have it for that birthday, and is no condition: who was born before a district
    was founded may have been given its number later.

    >>> read_id_number("11010519491231002X")
    IdNumber(born_on=datetime.date(1949, 12, 31), sex='female', area='110105', place='北京市 朝阳区')
    >>> read_id_number("110105194912310021") is None
    True
    """
    text = number.strip().upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text) or text[:2] not in PROVINCES:
        return None
    if ric.calc_check_digit(text) != text[-1]:
        return None
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None
    sex: Sex = "male" if int(text[16]) % 2 else "female"
    return IdNumber(born_on=born, sex=sex, area=text[:6], place=_find_place(text))


def _find_place(text: str) -> str | None:
    try:
        place = ric.get_birth_place(text)
    except ValidationError:
        return None
    return " ".join(word for word in (place.get("province"), place.get("county")) if word) or None


def check_id_number(
    number: str, *, born_on: date | None = None, sex: Sex | None = None, on: date | None = None
) -> tuple[Reason, ...]:
    """What speaks against an ID number, by itself and against what stands printed beside it.

    >>> check_id_number("11010519491231002X", born_on=date(1949, 12, 31), sex="female")
    ()
    >>> [reason.code for reason in check_id_number("11010519491231002X", born_on=date(1949, 12, 13), sex="male")]
    ['IDP-BIRTH', 'IDP-SEX']
    """
    told = read_id_number(number)
    if told is None or (on is not None and told.born_on > on):
        return (Reason("IDP-NUMBER"),)
    reasons = []
    if born_on is not None and born_on != told.born_on:
        reasons.append(Reason("IDP-BIRTH"))
    if sex is not None and sex != told.sex:
        reasons.append(Reason("IDP-SEX"))
    return tuple(reasons)


def is_credit_code(code: str) -> bool:
    """Whether a unified social credit code proves itself (GB 32100).

    >>> is_credit_code("91110000600037341L"), is_credit_code("91110000600037342L")
    (True, False)
    """
    return bool(re.fullmatch(r"[0-9A-Z]{18}", code)) and uscc.is_valid(code)


def is_card_number(number: str) -> bool:
    """Whether a bank card's number has a card's length and its check digit.

    >>> is_card_number("6222 0212 3456 7894"), is_card_number("6222 0212 3456 7895")
    (True, False)
    """
    text = re.sub(r"[\s-]", "", number)
    return text.isascii() and text.isdigit() and len(text) in CARD_LENGTHS and luhn.is_valid(text)


def is_mobile_number(number: str) -> bool:
    """Whether a number lies in a segment given to mobile phones.

    >>> is_mobile_number("13800138000"), is_mobile_number("12345678901"), is_mobile_number("+86 19912345678")
    (True, False, True)
    """
    return bool(MOBILE.fullmatch(_bare_phone(number)))


def is_virtual_number(number: str) -> bool:
    """Whether a mobile number is of a reseller's segment: nothing against it, and worth a second look.

    >>> is_virtual_number("17012345678"), is_virtual_number("13800138000")
    (True, False)
    """
    return is_mobile_number(number) and _bare_phone(number).startswith(VIRTUAL)


def _bare_phone(number: str) -> str:
    return re.sub(r"^(?:\+86|0086)", "", re.sub(r"[\s-]", "", number))
