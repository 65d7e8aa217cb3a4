"""Our cells, values and expressions in FEEL's words, in such a way that an unknown fact never turns into a yes."""

from __future__ import annotations

from decimal import Decimal

from creditfactory import rules as ours
from creditfactory.kernel import Scalar
from creditfactory.rules import Cell, Declaration, Expression, LabelType, Output

TYPES = {"int": "number", "float": "number", "rate": "number", "bool": "boolean", "str": "string", "date": "date"}
FUNCTIONS = {"min": "min", "max": "max", "abs": "abs", "floor": "floor", "ceil": "ceiling"}


def write_value(value: Scalar, kind: str) -> str:
    """A value as FEEL writes one of its type.

    >>> write_value("2026-01-31", "date"), write_value('so "be" it', "str"), write_value(True, "bool")
    ('date("2026-01-31")', '"so \\\\"be\\\\" it"', 'true')
    """
    if value is None:
        return "null"
    match kind:
        case "bool":
            return "true" if value else "false"
        case "int" | "float" | "rate":
            return format(Decimal(str(value)), "f")
        case "date":
            return f'date("{value}")'
        case _:
            return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write_cell(cell: Cell, column: Declaration) -> str:
    """One cell's tests; what a cell leaves out never takes in what nobody knows."""
    if cell.any:
        return "-"
    if cell.missing:
        return "null"
    parts = [write_value(word, column.type) for word in cell.words]
    for span in cell.spans:
        parts.append(write_span(span.start, span.end, column.type))
    joined = ", ".join(parts)
    return f"not(null, {joined})" if cell.negated else joined


def write_span(start: tuple[float | str, bool] | None, end: tuple[float | str, bool] | None, kind: LabelType) -> str:
    """Values from one cut to another."""
    low = None if start is None else write_value(start[0], kind)
    high = None if end is None else write_value(end[0], kind)
    if start is None:
        assert end is not None, "a span has an end"
        return f"{'<=' if end[1] else '<'} {high}"
    if end is None:
        return f"{'>' if start[1] else '>='} {low}"
    if start == (end[0], False) and end[1]:
        return str(low)
    return f"{'(' if start[1] else '['}{low}..{high}{']' if end[1] else ')'}"


def write_allowed(column: Declaration) -> str | None:
    """The values that a label may have; None where any will do."""
    if column.type == "str":
        return ", ".join(write_value(word, "str") for word in column.words) if column.words else None
    if column.type not in ("int", "float"):
        return None
    low, high = (format(Decimal(str(end)), "f") for end in (column.lowest, column.highest))
    return f"[{low}..{high}]"


def write_words(output: Output) -> str | None:
    """The answers that a column lists, in order of priority; nothing known comes before all of them."""
    return ", ".join(["null", *(write_value(word, "str") for word in output.words)]) if output.words else None


def write_expression(expression: Expression) -> str:
    """An expression in FEEL, made null wherever ours would be unknown."""
    match expression:
        case ours.Literally(value=value, type=kind):
            text = write_value(value, kind)
            return f"({text})" if text.startswith("-") else text
        case ours.Set(name=name) | ours.Name(name=name):
            return name
        case ours.Arithmetic():
            return write_arithmetic(expression)
        case ours.Negative(operand=operand):
            return f"(-{write_expression(operand)})"
        case ours.Compare(operator=operator, left=left, right=right):
            one, other = write_expression(left), write_expression(right)
            plain = f"{one} {'=' if operator == '==' else operator} {other}"
            return guard(plain, [left, right]) if operator in ("==", "!=") else f"({plain})"
        case ours.OneOf(operand=operand, values=values):
            listed = ", ".join(write_value(value, operand.type) for value in values)
            return guard(f"{write_expression(operand)} in ({listed})", [operand])
        case ours.All(parts=parts) | ours.AnyOf(parts=parts):
            word = " and " if isinstance(expression, ours.All) else " or "
            return "(" + word.join(write_expression(part) for part in parts) + ")"
        case ours.Opposite(operand=operand):
            return f"not({write_expression(operand)})"
        case ours.Unknown(name=name):
            return f"({name} = null)"
        case ours.Choice(condition=condition, yes=yes, no=no):
            return guard(
                f"if {write_expression(condition)} then {write_expression(yes)} else {write_expression(no)}",
                [condition],
            )
        case ours.Call(function=function, arguments=arguments):
            inner = ", ".join(write_expression(argument) for argument in arguments)
            return f"round half up({inner}, 0)" if function == "round_half_up" else f"{FUNCTIONS[function]}({inner})"


def write_arithmetic(expression: ours.Arithmetic) -> str:
    """Two numbers joined; whole division and its rest have functions of their own in FEEL."""
    left, right = write_expression(expression.left), write_expression(expression.right)
    match expression.operator:
        case "//":
            return f"floor({left} / {right})"
        case "%":
            return f"modulo({left}, {right})"
        case operator:
            return f"({left} {operator} {right})"


def guard(text: str, parts: list[Expression]) -> str:
    """FEEL that is null where one of these parts is."""
    unsure = [write_expression(part) for part in parts if not isinstance(part, ours.Literally | ours.Set)]
    tests = " or ".join(f"({part}) = null" for part in unsure)
    return f"(if {tests} then null else {text})" if unsure else f"({text})"
