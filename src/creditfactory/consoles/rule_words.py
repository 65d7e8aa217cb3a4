"""Conditions, consequences and parameters of a rulebook said as sentences, in the reader's language."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from creditfactory.consoles import figures, words
from creditfactory.consoles.page import is_chinese
from creditfactory.decision import Note, Rulebook

COMPARED: dict[type[ast.cmpop], Callable[[], str]] = {
    ast.Lt: lambda: _("{one} is less than {other}"),
    ast.LtE: lambda: _("{one} is at most {other}"),
    ast.Gt: lambda: _("{one} is more than {other}"),
    ast.GtE: lambda: _("{one} is at least {other}"),
    ast.Eq: lambda: _("{one} is {other}"),
    ast.NotEq: lambda: _("{one} is not {other}"),
    ast.In: lambda: _("{one} is one of {other}"),
    ast.NotIn: lambda: _("{one} is none of {other}"),
}
SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷", ast.FloorDiv: "÷", ast.Mod: "mod",
}  # fmt: skip
LISTED = 6
"""So many words of a long list are told; the parameter itself shows them all."""


@dataclass(frozen=True)
class Reader:
    """What a sentence needs to know: the rulebook, the day, and what its files say beside what they decide."""

    rulebook: Rulebook
    on: date
    notes: Mapping[str, Note] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The pack's currency."""
        return self.rulebook.currency or "CNY"

    def name_fact(self, name: str) -> str:
        """A label, a card's points, a named value or the answer of a table, as people call it."""
        note = self.notes.get(name)
        told = note.description.get("zh" if is_chinese() else "en") if note else None
        if name in words.label_meanings() or name in FACTS or not told:
            told = FACTS.get(name, words.label_name)(name)
        return told if told[:2].isupper() else told[:1].lower() + told[1:]

    def say_parameter(self, name: str) -> str:
        """A parameter's value on the day, with its unit."""
        dated = self.rulebook.parameters.get(name)
        parameter = dated.on(self.on) if dated is not None else None
        if parameter is None:
            return name
        return say_value(name, parameter.value, parameter.unit, self.currency)


FACTS: dict[str, Callable[[str], str]] = {
    "tier": lambda name: _("the tier"),
    "points": lambda name: _("the final score"),
    "probability_bps": lambda name: _("the probability of default"),
}


def say_value(name: str, value: Any, unit: str, currency: str = "CNY") -> str:
    """A value with its unit, as people read it.

    >>> say_value("overdue_now_cents_max", 50_000, "cents")
    '¥\\xa0500'
    """
    if isinstance(value, bool):
        return pgettext("fact", "yes") if value else pgettext("fact", "no")
    if isinstance(value, tuple | list):
        shown = [_say_word(name, item, currency) for item in value[:LISTED]]
        more = len(value) - len(shown)
        text = _list_join(shown) or _("nothing")
        return _("{listed} and {n} more").format(listed=text, n=more) if more > 0 else text
    if isinstance(value, Mapping):
        return _("{n} entries").format(n=len(value))
    if unit == "cents" and isinstance(value, int):
        return figures.money(value, currency)
    if unit == "bps" and isinstance(value, int | float):
        return figures.percent(value / 10_000, 2)
    if unit == "rate":
        return figures.percent(str(value), 2)
    if unit and unit not in ("count", "text", "share"):
        return UNITS.get(unit, lambda: "{n} " + unit.replace("_", " "))().format(n=value)
    return f"{value:,}" if isinstance(value, int) else str(value)


UNITS: dict[str, Callable[[], str]] = {
    "months": lambda: _("{n} months"),
    "days": lambda: _("{n} days"),
    "years": lambda: _("{n} years"),
    "points": lambda: _("{n} points"),
    "minutes": lambda: _("{n} minutes"),
    "hours": lambda: _("{n} hours"),
    "kilometres": lambda: _("{n} kilometres"),
    "minute_of_day": lambda: _("minute {n} of the day"),
}


def say_condition(text: str, reader: Reader) -> str:
    """An expression as a sentence; what has no words of ours stays as its owner wrote it."""
    try:
        tree = ast.parse(text.strip().replace("\n", " "), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    return _say(tree.body, reader)


def _say(node: ast.expr, reader: Reader) -> str:
    match node:
        case ast.BoolOp(op=op, values=values):
            parts = [_group(value, op, reader) for value in values]
            return (_(" and ") if isinstance(op, ast.And) else _(" or ")).join(parts)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return _("not: {fact}").format(fact=reader.name_fact(name))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _("not ({condition})").format(condition=_say(operand, reader))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return "−" + _say(operand, reader)
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _say_compared(left, ops, others, reader)
        case ast.BinOp(left=left, op=op, right=right):
            return f"{_say(left, reader)} {SIGNS.get(type(op), '?')} {_say(right, reader)}"
        case ast.Call(func=ast.Name(id=name), args=args):
            return _say_call(name, args, reader)
        case ast.IfExp(test=test, body=body, orelse=other):
            return _("{one} if {condition}, else {other}").format(
                one=_say(body, reader), condition=_say(test, reader), other=_say(other, reader)
            )
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return _list_join([_say(item, reader) for item in items])
        case ast.Name(id=name):
            return reader.say_parameter(name) if name in reader.rulebook.parameters else reader.name_fact(name)
        case ast.Constant(value=value):
            return _say_constant("", value, reader)
        case _:
            return ast.unparse(node)


def _say_compared(left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr], reader: Reader) -> str:
    fact = left.id if isinstance(left, ast.Name) else ""
    said, one = [], _say(left, reader)
    for op, other in zip(ops, others, strict=True):
        if isinstance(other, ast.Constant):
            shown = _say_constant(fact, other.value, reader)
        elif isinstance(other, ast.Tuple | ast.List | ast.Set):
            shown = _list_join([_say_constant(fact, item.value, reader) if isinstance(item, ast.Constant)
                                else _say(item, reader) for item in other.elts])  # fmt: skip
        else:
            shown = _say(other, reader)
        said.append(COMPARED[type(op)]().format(one=one, other=shown) if type(op) in COMPARED else ast.unparse(left))
        one = _say(other, reader)
    return _(" and ").join(said)


def _say_call(name: str, args: list[ast.expr], reader: Reader) -> str:
    told = _list_join([_say(arg, reader) for arg in args])
    form = {
        "min": _("the least of ({values})"), "max": _("the largest of ({values})"), "abs": _("the size of {values}"),
        "missing": _("{values} is unknown"), "known": _("{values} is known"),
        "round_half_up": _("{values}, rounded"), "floor": _("{values}, rounded down"),
        "ceil": _("{values}, rounded up"),
    }.get(name)  # fmt: skip
    return form.format(values=told) if form else f"{name}({told})"


def _group(node: ast.expr, around: ast.boolop, reader: Reader) -> str:
    said = _say(node, reader)
    is_other = isinstance(node, ast.BoolOp) and type(node.op) is not type(around)
    return f"({said})" if is_other else said


def _say_constant(fact: str, value: object, reader: Reader) -> str:
    if isinstance(value, str):
        shown = _say_word(fact, value, reader.currency)
        return f"「{shown}」" if is_chinese() else f"“{shown}”"
    return words.fact_text(fact, value, reader.currency)


def _say_word(fact: str, value: Any, currency: str) -> str:
    known = {
        "property": _("property"), "securities": _("securities"), "wealth_product": _("wealth products"),
        "lending": _("lending on"), "repay_debt": _("repaying debts"),
    }  # fmt: skip
    return (
        known.get(value) or words.fact_text(fact, value, currency)
        if isinstance(value, str)
        else (words.fact_text(fact, value, currency))
    )


def _list_join(items: list[str]) -> str:
    return ("、" if is_chinese() else ", ").join(items)


def consequence(code: str) -> str:
    """What follows from a rule, as a verb."""
    known = {
        "decline": _("decline"), "refer": _("hand to a person"), "lane_c": _("visit: lane C at least"),
        "lane_b": _("call: lane B at least"), "none": _("nothing follows"), "clear": _("let pass"),
    }  # fmt: skip
    return known.get(code, code.replace("_", " "))
