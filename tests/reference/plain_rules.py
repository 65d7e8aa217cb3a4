"""The rule language, slow and obvious: one expression walked by hand, one question at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from creditfactory.rules.declarations import NUMBER_LIMIT
from creditfactory.rules.expressions import (
    All,
    AnyOf,
    Arithmetic,
    Call,
    Choice,
    Compare,
    Expression,
    Literally,
    Name,
    Negative,
    OneOf,
    Opposite,
    Set,
    Unknown,
    names_needed,
)


class Broken(Exception):
    """A number that cannot be computed."""


def judge(when: Expression, facts: Mapping[str, Any], broken: set[str], read: set[str]) -> str:
    """The verdict on a condition: hit, clear, missing, or error where something it reads is broken."""
    faults: list[str] = []
    answer = decide(when, facts, faults)
    if answer is not None:
        return "hit" if answer else "clear"
    return "error" if faults or read & broken else "missing"


def decide(when: Expression, facts: Mapping[str, Any], faults: list[str]) -> bool | None:
    """True, False, or None for unknown; what cannot be computed is noted and unknown."""
    match when:
        case All(parts=parts):
            answers = [decide(p, facts, faults) for p in parts]
            return False if False in answers else None if None in answers else True
        case AnyOf(parts=parts):
            answers = [decide(p, facts, faults) for p in parts]
            return True if True in answers else None if None in answers else False
        case Opposite(operand=operand):
            answer = decide(operand, facts, faults)
            return None if answer is None else not answer
        case Unknown(name=name):
            return facts[name] is None
        case Choice(condition=condition, yes=yes, no=no):
            first, second = decide(yes, facts, faults), decide(no, facts, faults)
            answer = decide(condition, facts, faults)
            return None if answer is None else first if answer else second
        case Compare(operator=operator, left=left, right=right):
            one, other = number(left, facts, faults), number(right, facts, faults)
            if one is None or other is None:
                return None
            return {
                "<": lambda: one < other,
                "<=": lambda: one <= other,
                ">": lambda: one > other,
                ">=": lambda: one >= other,
                "==": lambda: one == other,
                "!=": lambda: one != other,
            }[operator]()
        case OneOf(operand=operand, values=values):
            value = number(operand, facts, faults)
            return None if value is None else value in values
        case _:
            answer = number(when, facts, faults)
            assert answer is None or isinstance(answer, bool)
            return answer


def number(value: Expression, facts: Mapping[str, Any], faults: list[str]) -> Any:
    """The value, or None where a fact is unknown or it cannot be computed (which is noted)."""
    if any(facts[name] is None for name in names_needed(value)):
        return None
    try:
        found = compute(value, facts)
        if type(found) in (int, float) and not -NUMBER_LIMIT <= found <= NUMBER_LIMIT:
            raise Broken
    except (ZeroDivisionError, OverflowError, Broken):
        faults.append(repr(value))
        return None
    return found


def compute(value: Expression, facts: Mapping[str, Any]) -> Any:
    """Plain arithmetic on known facts."""
    match value:
        case Literally(value=found) | Set(value=found):
            return found
        case Name(name=name):
            return facts[name]
        case Negative(operand=operand):
            return -compute(operand, facts)
        case Arithmetic(operator=operator, left=left, right=right):
            one, other = compute(left, facts), compute(right, facts)
            if operator == "+":
                return one + other
            if operator == "-":
                return one - other
            if operator == "*":
                return one * other
            return one / other if operator == "/" else one // other if operator == "//" else one % other
        case Choice(condition=condition, yes=yes, no=no, type=kind):
            chosen = compute(yes if decide(condition, facts, []) else no, facts)
            return float(chosen) if kind == "float" else chosen
        case Call(function=function, arguments=arguments):
            parts = [compute(a, facts) for a in arguments]
            if function == "round_half_up":
                return math.floor(parts[0] + 0.5) if parts[0] >= 0 else -math.floor(0.5 - parts[0])
            return {"min": min, "max": max, "abs": lambda x: abs(x), "floor": math.floor, "ceil": math.ceil}[function](
                *parts
            )
        case _:
            return decide(value, facts, [])
