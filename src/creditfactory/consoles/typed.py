"""One label as a person types it in a field: money in whole units, shares as per cent, unknown as a question mark."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from creditfactory import labels
from creditfactory.kernel import BadInput, Scalar

UNKNOWN = "?"
"""What stands in a field for a fact that nobody knows."""
TEXT_MAX = 80


def show_typed(label: labels.Label, value: Scalar) -> str:
    """A value as it stands in the field.

    >>> show_typed(labels.CATALOGUE["monthly_due_cents"], 972_253)
    '9722.53'
    >>> show_typed(labels.CATALOGUE["card_use_bps"], 2_250), show_typed(labels.CATALOGUE["owns_home"], None)
    ('22.5', '?')
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if label.unit in ("cents", "bps") and isinstance(value, int):
        return f"{Decimal(value) / 100:f}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def read_typed(label: labels.Label, typed: str) -> Scalar:
    """What was typed, as the label has it; anything else is refused with what was found and expected.

    >>> read_typed(labels.CATALOGUE["monthly_due_cents"], "9,722.53"), read_typed(labels.CATALOGUE["queries_3m"], "?")
    (972253, None)
    """
    text = typed.strip()
    if text == UNKNOWN:
        return None
    if label.type == "bool":
        return _choose(label, text, {"yes": True, "no": False})
    if label.words:
        return _choose(label, text, {word: word for word in label.words})
    if label.type == "date":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise _refuse(label, text, _("a date, such as 2026-03-12")) from None
    if label.type in ("int", "float"):
        return _read_number(label, text)
    if not text or len(text) > TEXT_MAX:
        raise _refuse(label, text, _("a word of at most {n} signs").format(n=TEXT_MAX))
    return text


def _choose(label: labels.Label, text: str, known: dict[str, Any]) -> Scalar:
    if text not in known:
        raise _refuse(label, text, ", ".join(known))
    found: Scalar = known[text]
    return found


def _read_number(label: labels.Label, text: str) -> int | float:
    """A number within the label's range; hundredths for money and shares, whole for counts."""
    parts = 100 if label.unit in ("cents", "bps") else 1
    try:
        number = Decimal(text.replace(",", "").replace("，", "").rstrip("%％ ")) * parts
        if not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise _refuse(label, text, _expected(label)) from None
    if label.type == "int" and number != number.to_integral_value():
        raise _refuse(label, text, _expected(label))
    if (label.minimum is not None and number < label.minimum) or (label.maximum is not None and number > label.maximum):
        low, high = (None if end is None else show_typed(label, end) for end in (label.minimum, label.maximum))
        raise _refuse(label, text, _("a value from {low} to {high}").format(low=low, high=high))
    return int(number) if label.type == "int" else float(number)


def _expected(label: labels.Label) -> str:
    if label.unit == "cents":
        return _("an amount in whole units, such as 260000 or 1234.50")
    if label.unit == "bps":
        return _("a share in per cent, such as 22.5")
    return _("a whole number, such as 3") if label.type == "int" else _("a number, such as 0.5")


def _refuse(label: labels.Label, found: str, expected: str) -> BadInput:
    return BadInput(place=label.name, found=repr(found[:40]), expected=expected)
