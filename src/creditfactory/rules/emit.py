"""Writing an expression as Python: once for known facts, once for facts that may be unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from creditfactory.rules.declarations import NUMBER_LIMIT, Declaration
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
    walk,
)
from creditfactory.rules.policy import Derived, PointsBand
from creditfactory.rules.spans import Span, find_span
from creditfactory.rules.tables import Column


def variable(name: str) -> str:
    """The local variable that holds a label or a named value."""
    assert name.isidentifier(), f"{name!r} is checked to be a plain name where it is read"
    return f"v_{name}"


def round_half_up(number: float) -> int:
    """Round to a whole number, halves away from zero.

    >>> round_half_up(2.5), round_half_up(-2.5), round_half_up(2.4)
    (3, -3, 2)
    """
    return math.floor(number + 0.5) if number >= 0 else -math.floor(0.5 - number)


def write_known(expression: Expression) -> str:
    """Python for an expression all of whose facts are known."""
    match expression:
        case Literally(value=value) | Set(value=value):
            return f"({value!r})" if isinstance(value, int | float) and value < 0 else repr(value)
        case Name(name=name):
            return variable(name)
        case Compare(operator=operator, left=left, right=right):
            left, right = _as_fraction(left, right), _as_fraction(right, left)
            return f"({write_known(left)} {operator} {write_known(right)})"
        case Arithmetic(operator=operator, left=left, right=right):
            return f"({write_known(left)} {operator} {write_known(right)})"
        case Negative(operand=operand):
            return f"(-{write_known(operand)})"
        case OneOf(operand=operand, values=values):
            return f"({write_known(operand)} in {_listed(values)})"
        case All(parts=parts):
            return f"({' and '.join(map(write_known, parts))})"
        case AnyOf(parts=parts):
            return f"({' or '.join(map(write_known, parts))})"
        case Opposite(operand=operand):
            return f"(not {write_known(operand)})"
        case Unknown(name=name):
            return f"({variable(name)} is None)"
        case Choice(condition=condition, yes=yes, no=no, type=kind):
            return f"({_as(kind, yes)} if {write_known(condition)} else {_as(kind, no)})"
        case Call(function="min" | "max" as function, arguments=(one, other)) if _is_leaf(one) or _is_leaf(other):
            return _write_lesser(function, one, other)
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(write_known, arguments))})"


def _is_leaf(part: Expression) -> bool:
    return isinstance(part, Name | Set | Literally)


def _write_lesser(function: str, one: Expression, other: Expression) -> str:
    """The lesser (or greater) of two numbers without a call; of equals the first, as Python has it."""
    if _is_leaf(one):
        sign = "<=" if function == "min" else ">="
        leaf, rest = write_known(one), write_known(other)
    else:
        sign = "<" if function == "min" else ">"
        leaf, rest = write_known(other), write_known(one)
    return f"({leaf} if {leaf} {sign} (r_ := {rest}) else r_)"


def _as_fraction(one: Expression, other: Expression) -> Expression:
    """A whole number beside a fraction, written as a fraction: the same number, and quicker to compare."""
    if isinstance(one, Literally | Set) and one.type == "int" and other.type == "float":
        return Literally(float(one.value), "float")
    return one


def _listed(values: tuple[object, ...]) -> str:
    return f"{{{', '.join(map(repr, values))}}}" if values else "()"


def _as(kind: str, part: Expression) -> str:
    return f"float({write_known(part)})" if kind == "float" and part.type == "int" else write_known(part)


def write_unknown(expression: Expression) -> str:
    """Python for a condition some of whose facts are unknown: True or False where that is certain, otherwise None."""
    match expression:
        case All(parts=parts):
            return f"all_of(({', '.join(map(write_unknown, parts))},))"
        case AnyOf(parts=parts):
            return f"any_of(({', '.join(map(write_unknown, parts))},))"
        case Opposite(operand=operand):
            return f"opposite[{write_unknown(operand)}]"
        case Unknown():
            return write_known(expression)
        case Choice(condition=condition, yes=yes, no=no, type="bool"):
            chosen = f"{write_unknown(yes)} if c_ else {write_unknown(no)}"
            return f"(None if (c_ := {write_unknown(condition)}) is None else ({chosen}))"
        case _:
            needed = names_needed(expression)
            known = write_known(expression)
            return f"(None if {is_any_unknown(needed)} else {known})" if needed else known


def is_any_unknown(names: tuple[str, ...]) -> str:
    """Python that asks whether any of these names is unknown."""
    return " or ".join(f"{variable(n)} is None" for n in names)


def all_of(parts: tuple[bool | None, ...]) -> bool | None:
    """False when any is false; otherwise unknown when any is; otherwise true."""
    return False if False in parts else None if None in parts else True


def any_of(parts: tuple[bool | None, ...]) -> bool | None:
    """True when any is true; otherwise unknown when any is; otherwise false."""
    return True if True in parts else None if None in parts else False


OPPOSITE = {True: False, False: True, None: None}


def is_risky(expression: Expression, spans: Mapping[str, Span]) -> bool:
    """Whether computing this could divide by zero or leave the range of numbers."""
    return any(isinstance(part, Arithmetic) and find_span(part, spans) is None for part in walk(expression))


def hoist_risky(
    expression: Expression, owner: str, spans: Mapping[str, Span]
) -> tuple[Expression, tuple[Derived, ...]]:
    """The expression with every risky number in it named and computed beforehand under guard."""
    made: list[Derived] = []

    def lift(part: Expression) -> Expression:
        if not is_risky(part, spans):
            return part
        if part.type in ("int", "float"):
            name = f"{owner}__part_{len(made) + 1}"
            made.append(Derived(name, part))
            return Name(name, part.type)
        return _rebuild(part, lift)

    return lift(expression), tuple(made)


def _rebuild(part: Expression, change: Callable[[Expression], Expression]) -> Expression:
    match part:
        case Compare(left=left, right=right):
            return replace(part, left=change(left), right=change(right))
        case Opposite(operand=operand) | OneOf(operand=operand):
            return replace(part, operand=change(operand))
        case All(parts=parts) | AnyOf(parts=parts):
            return replace(part, parts=tuple(map(change, parts)))
        case Choice(condition=condition, yes=yes, no=no):
            return replace(part, condition=change(condition), yes=change(yes), no=change(no))
        case _:
            return part


def write_mask(column: Column, constant: Callable[[object], str], *, straight: bool = False) -> str:
    """Python for the rows of a table that let a known value through, as bits; straight on, an unlisted word raises."""
    x = variable(column.declaration.name)
    if column.declaration.type == "bool":
        yes, no = (column.words.get(v, column.otherwise) for v in (True, False))
        return f"({yes} if {x} else {no})"
    if column.declaration.type == "str":
        if straight:
            listed = {word: column.mask(word) for word in (*column.words, *column.declaration.words)}
            return f"{constant(listed)}[{x}]"
        return f"{constant(dict(column.words).get)}({x}, {column.otherwise})"
    tests = [f"{x} {'<=' if after else '<'} {value!r}" for value, after in column.cuts]
    return write_steps(tests, [repr(mask) for mask in column.masks])


def write_bands(x: str, bands: tuple[PointsBand, ...]) -> str:
    """Python for the points of the band that a known number lies in."""
    return write_steps([f"{x} < {band.start!r}" for band in bands[1:]], [repr(band.points) for band in bands])


def write_steps(tests: list[str], answers: list[str]) -> str:
    """Python that finds the answer before the first test that holds, halving the tests at each question.

    >>> write_steps(["x < 1", "x < 2", "x < 3"], ["'a'", "'b'", "'c'", "'d'"])
    "(('a' if x < 1 else 'b') if x < 2 else ('c' if x < 3 else 'd'))"
    """
    if len(set(answers)) == 1:
        return answers[0]
    middle = len(tests) // 2
    before = write_steps(tests[:middle], answers[: middle + 1])
    after = write_steps(tests[middle + 1 :], answers[middle + 1 :])
    return f"({before} if {tests[middle]} else {after})"


def write_out_of_range(declared: Declaration) -> str:
    """Python that asks whether a number is a fault and not a fact; what is not a number is one."""
    x = variable(declared.name)
    if declared.type == "float":
        return f"not ({x} >= {float(declared.lowest)!r} and {x} <= {float(declared.highest)!r})"
    return f"{x} < {declared.lowest!r} or {x} > {declared.highest!r}"


def is_within_limit(span: Span | None) -> bool:
    """Whether a number is sure to stay a fact."""
    return span is not None and span[0] >= -NUMBER_LIMIT and span[1] <= NUMBER_LIMIT


def write_named(name: str, value: Expression, spans: Mapping[str, Span]) -> list[str]:
    """Python that computes a named value from known facts and leaves for the careful way where that fails."""
    target = variable(name)
    lines = [f"{target} = {write_known(value)}"]
    if value.type in ("int", "float") and not is_within_limit(find_span(value, spans)):
        lines.append(f"if not ({target} >= -{NUMBER_LIMIT} and {target} <= {NUMBER_LIMIT}): return careful(labels)")
    return lines


def write_guarded(name: str, value: Expression, spans: Mapping[str, Span]) -> list[str]:
    """Python that computes a named value, unknown where a fact is unknown, broken where it cannot be computed."""
    target, needed = variable(name), names_needed(value)
    if value.type not in ("int", "float"):
        if not needed:
            return [f"{target} = {write_known(value)}"]
        unknown = write_unknown(value) if value.type == "bool" else "None"
        return [f"{target} = {unknown} if {is_any_unknown(needed)} else {write_known(value)}"]
    note = f"{target} = None; broken = (broken or frozenset()) | {{{name!r}}}"
    lines = [f"{target} = {write_known(value)}"]
    if not is_within_limit(find_span(value, spans)):
        lines.append(f"if not -{NUMBER_LIMIT} <= {target} <= {NUMBER_LIMIT}: {note}")
    if is_risky(value, spans):
        lines = ["try:", *indent(lines), "except (ZeroDivisionError, OverflowError, ValueError):", f"    {note}"]
    return [f"if {is_any_unknown(needed)}: {target} = None", "else:", *indent(lines)] if needed else lines


def indent(lines: Iterable[str]) -> list[str]:
    """The lines one step further in."""
    return [f"    {line}" for line in lines]
