"""Between which numbers a value must lie, so that guards stand only where something could go wrong."""

from __future__ import annotations

from collections.abc import Mapping

from creditfactory.rules.declarations import NUMBER_LIMIT, Declaration
from creditfactory.rules.expressions import (
    Arithmetic,
    Call,
    Choice,
    Expression,
    Literally,
    Name,
    Negative,
    Set,
)

Span = tuple[float, float]
EVERYTHING: Span = (-NUMBER_LIMIT, NUMBER_LIMIT)
FAR = 1e100
"""A number that may be larger is computed under guard, long before floats run out."""


def declared_spans(declarations: Mapping[str, Declaration]) -> dict[str, Span]:
    """The declared range of every number."""
    return {n: (d.lowest, d.highest) for n, d in declarations.items() if d.type in ("int", "float")}


def find_span(expression: Expression, spans: Mapping[str, Span]) -> Span | None:
    """The least and greatest a number can be, or None where it could divide by zero or grow beyond all measure.

    >>> from creditfactory.rules.expressions import Arithmetic, Literally, Name
    >>> share = Arithmetic("/", Name("debt", "int"), Name("income", "int"), "float")
    >>> find_span(share, {"debt": (0, 100), "income": (10, 20)}), find_span(share, {"debt": (0, 9), "income": (0, 9)})
    ((0.0, 10.0), None)
    """
    match expression:
        case Literally(value=value) | Set(value=value) if isinstance(value, int | float):
            return (value, value)
        case Name(name=name):
            return spans.get(name, EVERYTHING)
        case Negative(operand=operand):
            inner = find_span(operand, spans)
            return None if inner is None else (-inner[1], -inner[0])
        case Arithmetic(operator=operator, left=left, right=right):
            one, other = find_span(left, spans), find_span(right, spans)
            return None if one is None or other is None else _join(operator, one, other)
        case Choice(yes=yes, no=no):
            one, other = find_span(yes, spans), find_span(no, spans)
            return None if one is None or other is None else (min(one[0], other[0]), max(one[1], other[1]))
        case Call(function=function, arguments=arguments):
            found = [find_span(a, spans) for a in arguments]
            known = [span for span in found if span is not None]
            return _call(function, known) if len(known) == len(found) else None
        case _:
            return None


def _join(operator: str, one: Span, other: Span) -> Span | None:
    if operator == "+":
        found = (one[0] + other[0], one[1] + other[1])
    elif operator == "-":
        found = (one[0] - other[1], one[1] - other[0])
    elif operator == "*":
        found = _corners([a * b for a in one for b in other])
    elif other[0] <= 0 <= other[1] or min(abs(other[0]), abs(other[1])) < 1e-9:
        return None
    elif operator == "%":
        found = (min(0.0, other[0]), max(0.0, other[1]))
    else:
        found = _corners([a / b for a in one for b in other])
        found = (found[0] - 1, found[1]) if operator == "//" else found
    return found if max(map(abs, found)) < FAR else None


def _corners(products: list[float]) -> Span:
    return (min(products), max(products))


def _call(function: str, spans: list[Span]) -> Span:
    low, high = [s[0] for s in spans], [s[1] for s in spans]
    match function:
        case "min":
            return (min(low), min(high))
        case "max":
            return (max(low), max(high))
        case "abs":
            return (0, max(abs(low[0]), abs(high[0])))
        case _:
            return (low[0] - 1, high[0] + 1)
