"""The typed form of an expression: what every back end runs and every explanation is told from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from creditfactory.rules.declarations import LabelType

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Literally:
    """A value written down in the rule."""

    value: Value
    type: LabelType


@dataclass(frozen=True, slots=True)
class Set:
    """A parameter: its value on the day, still known by its name."""

    name: str
    value: Value
    type: LabelType


@dataclass(frozen=True, slots=True)
class Name:
    """A label, or a value derived from labels."""

    name: str
    type: LabelType


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers joined by ``+ - * / // %``, in exactly this association."""

    operator: Literal["+", "-", "*", "/", "//", "%"]
    left: Expression
    right: Expression
    type: LabelType


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with its sign turned."""

    operand: Expression
    type: LabelType


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values of one kind compared."""

    operator: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Expression
    right: Expression
    type: LabelType = "bool"


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether a value is among those listed; ``source`` names the parameter when the list is one."""

    operand: Expression
    values: tuple[Value, ...]
    source: str | None = None
    type: LabelType = "bool"


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is; false when any part is false, whatever is unknown."""

    parts: tuple[Expression, ...]
    type: LabelType = "bool"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when any part is, whatever is unknown; false when every part is false."""

    parts: tuple[Expression, ...]
    type: LabelType = "bool"


@dataclass(frozen=True, slots=True)
class Opposite:
    """True for false, false for true, unknown for unknown."""

    operand: Expression
    type: LabelType = "bool"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether nobody knows this label; never itself unknown."""

    name: str
    type: LabelType = "bool"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value where a condition holds, another where it does not."""

    condition: Expression
    yes: Expression
    no: Expression
    type: LabelType


@dataclass(frozen=True, slots=True)
class Call:
    """A function from the short list the language knows."""

    function: Literal["min", "max", "abs", "round_half_up", "floor", "ceil"]
    arguments: tuple[Expression, ...]
    type: LabelType


Expression = (
    Literally | Set | Name | Arithmetic | Negative | Compare | OneOf | All | AnyOf | Opposite | Unknown | Choice | Call
)


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside this one."""
    match expression:
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
            return (left, right)
        case Negative(operand=operand) | Opposite(operand=operand) | OneOf(operand=operand):
            return (operand,)
        case All(parts=parts) | AnyOf(parts=parts):
            return parts
        case Choice(condition=condition, yes=yes, no=no):
            return (condition, yes, no)
        case Call(arguments=arguments):
            return arguments
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outermost first."""
    yield expression
    for part in parts_of(expression):
        yield from walk(part)


def names_needed(expression: Expression) -> tuple[str, ...]:
    """The labels whose values are needed, in order of reading; a test for unknown needs none."""
    return tuple(dict.fromkeys(e.name for e in walk(expression) if isinstance(e, Name)))


def names_read(expression: Expression) -> tuple[str, ...]:
    """Every label the expression looks at, also those it only tests for being unknown."""
    return tuple(dict.fromkeys(e.name for e in walk(expression) if isinstance(e, Name | Unknown)))


def parameters_read(expression: Expression) -> dict[str, Value | str]:
    """The parameters the expression uses, with their values of the day."""
    found: dict[str, Value | str] = {}
    for part in walk(expression):
        if isinstance(part, Set):
            found[part.name] = part.value
        elif isinstance(part, OneOf) and part.source is not None:
            found[part.source] = ", ".join(map(str, part.values))
    return found
