"""Invented names, firms, phones and ID numbers, valid in form, belonging to nobody we know of."""

from __future__ import annotations

from datetime import date

from creditfactory.world.chance import Chance

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN_MALE = "伟强磊军勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆旭宁志国建文海林峰"
GIVEN_FEMALE = "芳娜敏静丽艳娟霞燕玲桂英兰秀梅雪莉红云琴倩慧颖婷洁欣怡佳蕾琳"
FIRM_WORDS = "恒鑫瑞泰盛隆丰达兴荣宏昌顺祥和诚信源茂通联汇德嘉永安康利华美佳新"
PHONE_PREFIXES = (
    "134",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "152",
    "158",
    "159",
    "176",
    "186",
    "188",
    "189",
)
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_SIGNS = "10X98765432"


def invent_name(chance: Chance, *, is_female: bool) -> str:
    """A Chinese name of two or three characters."""
    given = GIVEN_FEMALE if is_female else GIVEN_MALE
    first = chance.one_of(given)
    return chance.one_of(SURNAMES) + first + (chance.one_of(given) if chance.happens(0.7) else "")


def invent_id_number(chance: Chance, *, area: str, born_on: date, is_female: bool) -> str:
    """A resident ID number by GB 11643: area, birthday, a sequence that is even for women, and the check sign."""
    sequence = chance.between(0, 499) * 2 + (0 if is_female else 1)
    body = f"{area}{born_on:%Y%m%d}{sequence:03d}"
    return body + check_sign(body)


def check_sign(body: str) -> str:
    """The eighteenth sign of a resident ID number.

    >>> check_sign("11010519491231002")
    'X'
    """
    return CHECK_SIGNS[sum(int(sign) * weight for sign, weight in zip(body, CHECK_WEIGHTS, strict=True)) % 11]


def invent_phone(chance: Chance) -> str:
    """A mobile number of eleven digits."""
    return chance.one_of(PHONE_PREFIXES) + f"{chance.between(0, 99_999_999):08d}"


def invent_firm(chance: Chance, *, city: str, trade: str, is_company: bool) -> str:
    """A firm's name: city, an auspicious word, its trade."""
    word = chance.one_of(FIRM_WORDS) + chance.one_of(FIRM_WORDS)
    return f"{city}市{word}{trade}有限公司" if is_company else f"{city}市{word}{trade}店"
