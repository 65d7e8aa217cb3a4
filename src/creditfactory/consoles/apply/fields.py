"""What the page asks a borrower for, step by step, and how each answer is read: found and expected at the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext, gettext_lazy
from stdnum.cn import ric

from creditfactory.gateways import MOBILE, is_id_number

_ = gettext_lazy
AMOUNT_YUAN_MAX = 10_000_000_000
Choices = tuple[tuple[str, Any], ...]
SPACES = re.compile(r"[\s　]+")
FULL_WIDTH = str.maketrans("０１２３４５６７８９ＸＸｘ，．", "0123456789XXX,.")


@dataclass(frozen=True, slots=True)
class Field:
    """One question: ``place`` is where its answer stands in the dossier or the person."""

    name: str
    kind: str
    label: Any
    help: Any = ""
    place: str = ""
    is_needed: bool = True
    choices: Choices = ()
    fill: str = "off"
    length_max: int = 80
    least: int = 0
    most: int = 0


YES_NO: Choices = (("yes", _("yes")), ("no", _("no")))
INDUSTRIES: Choices = (
    ("5132", _("Clothing, wholesale")), ("5232", _("Clothing, retail")), ("5165", _("Building materials, wholesale")),
    ("5174", _("Hardware, wholesale")), ("5121", _("Grain and oil, wholesale")), ("5212", _("Supermarket or shop")),
    ("5273", _("Computers and phones, retail")), ("6210", _("Restaurant")), ("6220", _("Fast food and snacks")),
    ("3311", _("Metal products, making")), ("2110", _("Wooden furniture, making")),
    ("2929", _("Plastic products, making")), ("5431", _("Road haulage")), ("5012", _("Renovation and fitting out")),
    ("8040", _("Hairdressing and beauty")), ("8111", _("Car repair")), ("other", _("Something else")),
)  # fmt: skip
PURPOSES: Choices = (
    ("stock", _("Buying stock")), ("equipment", _("Machines and equipment")), ("rent", _("Rent of the premises")),
    ("wages", _("Wages")), ("renovation", _("Renovating the premises")), ("expansion", _("A new shop or line")),
    ("supplier", _("Paying suppliers")), ("other", _("Something else for the firm")),
)  # fmt: skip
ROLES: Choices = (
    ("legal_representative", _("legal representative of a company")), ("sole_trader", _("sole trader")),
    ("shareholder", _("shareholder")), ("partner", _("partner")), ("other", _("something else")),
)  # fmt: skip
EDUCATION: Choices = (
    ("primary", _("up to middle school")), ("secondary", _("secondary or vocational school")), ("college", _("college")),
    ("bachelor", _("bachelor's degree")), ("postgraduate", _("postgraduate degree")),
)  # fmt: skip
TERMS: Choices = (("12", _("12 months")), ("18", _("18 months")), ("24", _("24 months")), ("36", _("36 months")))

FACTS = (
    Field("name", "name", _("Your name"), _("As on your identity card."), "person.name", fill="name", length_max=40),
    Field("id_number", "id_number", _("Identity card number"), _("18 characters; the last may be an X."), "person.id_number"),
    Field("phone", "phone", _("Mobile number"), _("Registered in your own name, 11 digits."), "person.phone", fill="tel-national"),
    Field("firm", "text", _("Name of your firm or shop"), _("As on the business licence."), "business.trade_name", fill="organization", length_max=160),
    Field("firm_city", "city", _("City in which it trades"), "", "business.city"),
)  # fmt: skip
FIRM = (
    Field("role", "select", _("What are you in the firm"), "", "applicant.role", choices=ROLES),
    Field("industry", "select", _("What does it do mostly"), "", "business.industry", choices=INDUSTRIES),
    Field("opened_on", "date", _("Trading since"), _("The date on the licence, or a close one."), "business.opened_on"),
    Field("employees", "number", _("People working there"), _("You included."), "business.employees", most=10_000),
    Field("sales_year", "money", _("Sales in the last twelve months, yuan"), _("Rounded is fine."), "business.declared_sales_12m_cents"),
    Field("home_city", "city", _("City in which you live"), "", "applicant.city"),
    Field("years_in_city", "number", _("Years you have lived there"), "", "applicant.years_in_city", most=100),
    Field("owns_home", "choice", _("Do you own a home"), "", "applicant.owns_home", False, YES_NO),
    Field("education", "select", _("Schooling"), "", "applicant.education", False, EDUCATION),
    Field("income_month", "money", _("What you take home in a month, yuan"), _("After the firm's costs."), "applicant.declared_income_cents"),
    Field("amount", "money", _("Amount you ask for, yuan"), _("From 100,000 to 500,000."), "request.amount_cents", least=1),
    Field("term", "select", _("Over how long"), "", "request.term_months", choices=TERMS),
    Field("purpose", "select", _("What for"), _("It must not go into property, shares or lending on."), "request.purpose", choices=PURPOSES),
)  # fmt: skip
LICENCE = (
    Field("licence_number", "credit_code", _("Unified social credit code"), _("18 characters, on the licence."), "", False),
)  # fmt: skip
STEPS: Mapping[str, tuple[Field, ...]] = {"facts": FACTS, "firm": FIRM}


class Wrong(ValueError):
    """An answer that does not fit, in words for whoever gave it."""


def read_answers(
    fields: Sequence[Field], posted: Mapping[str, str], cities: Mapping[str, str], today: date
) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, tidied, and what does not fit, both by field; what does not fit is kept as it was typed."""
    typed: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        text = tidy(field, posted.get(field.name, ""))
        typed[field.name] = text
        if not text:
            if field.is_needed:
                wrong[field.name] = gettext("Nothing is here yet; please fill it in.")
            continue
        try:
            _CHECKS.get(field.kind, _check_text)(field, text, cities, today)
        except Wrong as fault:
            wrong[field.name] = str(fault)
    return typed, wrong


def tidy(field: Field, text: str) -> str:
    """What was typed without what nobody meant: spaces around, full-width digits, a small x at the number's end.

    >>> tidy(FACTS[1], " 44030119800101002ｘ "), tidy(FIRM[4], "１，２００，０００")
    ('44030119800101002X', '1200000')
    """
    text = SPACES.sub(" ", text.replace("\x00", "")).strip()[: 4 * field.length_max]
    if field.kind in ("id_number", "credit_code"):
        return text.translate(FULL_WIDTH).replace(" ", "").replace("-", "").upper()
    if field.kind == "phone":
        return text.translate(FULL_WIDTH).replace(" ", "").replace("-", "").removeprefix("+86")
    if field.kind in ("money", "number"):
        return text.translate(FULL_WIDTH).replace(",", "").replace(" ", "").removeprefix("¥")
    return text


def _check_text(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    if len(text) > field.length_max:
        raise Wrong(_now("Found {n} characters; expected at most {most}.", n=len(text), most=field.length_max))


def _check_name(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    _check_text(field, text, cities, today)
    if len(text) < 2 or any(sign.isdigit() or sign in "<>@#$%^&*=+/\\|{}[]" for sign in text):
        raise Wrong(_now("Expected a name as on the identity card, such as 张伟."))


def _check_id_number(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    if len(text) != 18:
        raise Wrong(_now("Found {n} characters; an identity number has 18.", n=len(text)))
    if not text[:17].isdigit() or not (text[17].isdigit() or text[17] == "X"):
        raise Wrong(_now("Expected 17 digits and then a digit or an X."))
    if not is_id_number(text):
        raise Wrong(_now("The digits do not fit each other; please compare with the card, digit by digit."))
    if ric.get_birth_date(text) > today:
        raise Wrong(_now("The birth date in the number lies ahead of us; please compare with the card."))


def _check_phone(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    if not MOBILE.fullmatch(text):
        raise Wrong(_now("Expected a mobile number of 11 digits that begins with 13 to 19."))


def _check_city(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    if text not in cities and text != "elsewhere":
        raise Wrong(_now("Please choose a city from the list, or “another city”."))


def _check_choice(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    if text not in dict(field.choices):
        raise Wrong(_now("Please choose one of the answers listed."))


def _check_number(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    if not text.isascii() or not text.isdigit():
        raise Wrong(_now("Expected a whole number, such as 3."))
    if len(text) > 9 or int(text) > field.most:
        raise Wrong(_now("Expected at most {most}.", most=f"{field.most:,}"))


def _check_money(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    if not text.isascii() or not text.isdigit():
        raise Wrong(_now("Expected an amount in whole yuan, such as 260000."))
    if len(text) > 12 or not field.least <= int(text) <= AMOUNT_YUAN_MAX:
        raise Wrong(_now("Expected an amount that one firm can have; please count the zeros."))


def _check_date(field: Field, text: str, cities: Mapping[str, str], today: date) -> None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Wrong(_now("Expected a date, such as 2019-05-01.")) from None
    if day > today:
        raise Wrong(_now("Expected a day that has been; this one lies ahead."))
    if day.year < 1900:
        raise Wrong(_now("Expected a year after 1900."))


def _now(text: str, **facts: Any) -> str:
    return gettext(text).format(**facts)


_CHECKS: Mapping[str, Callable[[Field, str, Mapping[str, str], date], None]] = {
    "name": _check_name,
    "id_number": _check_id_number,
    "phone": _check_phone,
    "city": _check_city,
    "select": _check_choice,
    "choice": _check_choice,
    "number": _check_number,
    "money": _check_money,
    "date": _check_date,
}
