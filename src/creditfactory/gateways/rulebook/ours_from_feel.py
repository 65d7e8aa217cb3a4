"""FEEL in our own words, where our language can say the same; whatever it cannot say is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from creditfactory.gateways.dmn.feel_syntax import CellTests, Node, is_constant
from creditfactory.gateways.dmn.feel_values import read_date
from creditfactory.kernel import BadInput
from creditfactory.rules import Declaration, LabelType

FUNCTIONS = {"min": "min", "max": "max", "abs": "abs", "floor": "floor", "ceiling": "ceil"}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
Rename = Callable[[str], str]


def refuse_part(node: Node, found: str, expected: str) -> BadInput:
    """What our language cannot say, with where it stands."""
    return BadInput(place=f"column {node.at + 1}", found=found, expected=expected)


def constant_of(node: Node) -> Any:
    """A plain value written down: a number, a text, yes or no, null, or a day as its ISO text."""
    if node.kind == "negative" and is_constant(node):
        return -node.parts[0].value
    if node.kind == "literal":
        return node.value
    text = node.value if node.kind == "at" else None
    if node.kind == "call" and node.parts[0].value == "date" and len(node.parts) == 2:
        text = node.parts[1].value if node.parts[1].kind == "literal" else None
    day = read_date(text) if isinstance(text, str) else None
    if day is None:
        raise refuse_part(node, f"{node.kind.replace('_', ' ')}", "a plain number, text, true, false or day")
    return day.isoformat()


def write_cell(tests: CellTests, column: Declaration) -> str:
    """A cell's tests as one of our cells.

    >>> from creditfactory.gateways.dmn.feel_reading import read_tests
    >>> write_cell(read_tests('not("A", "B")'), Declaration("grade", "str"))
    'not("A", "B")'
    """
    if tests.is_any:
        return "-"
    parts = [write_test(test, column) for test in tests.tests]
    if tests.negated and "missing" in parts:
        parts.remove("missing")
        if not parts:
            raise BadInput(place=column.name, found="not(null)", expected="a test of what is known")
    if "missing" in parts and len(parts) > 1:
        raise BadInput(
            place=column.name, found="null beside other tests", expected="a row of its own for what is missing"
        )
    joined = ", ".join(parts)
    return f"not({joined})" if tests.negated else joined


def write_test(test: Node, column: Declaration) -> str:
    """One test."""
    if test.kind == "test":
        if test.value == "!=":
            raise refuse_part(test, "!=", "not(…)")
        return f"{test.value} {write_point(test.parts[0], column)}".replace("= ", "= ")
    if test.kind == "range":
        low, high = (write_point(part, column) for part in test.parts)
        return f"{'[' if test.value[0] else '('}{low}..{high}{']' if test.value[1] else ')'}"
    if test.kind == "compare" and test.parts[0].kind == "name" and test.parts[0].value == "?":
        return write_test(Node("test", (test.parts[1],), test.value, test.at), column)
    return write_point(test, column)


def write_point(node: Node, column: Declaration) -> str:
    """A value a column is compared with."""
    value = constant_of(node)
    if value is None:
        if not column.nullable:
            raise refuse_part(node, "null", f"another test, since {column.name} is never missing")
        return "missing"
    kind = column.type
    fits = {
        "int": isinstance(value, Decimal) and value == int(value),
        "float": isinstance(value, Decimal),
        "bool": isinstance(value, bool),
        "str": isinstance(value, str) and node.kind == "literal",
        "date": isinstance(value, str) and node.kind != "literal",
    }
    if not fits[kind]:
        raise refuse_part(node, repr(value), f"a {kind} for {column.name}")
    return write_constant(value, kind)


def write_constant(value: Any, kind: str) -> str:
    """A plain value as our cells write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if kind == "str":
        if '"' in value or "\n" in value:
            raise BadInput(place="a text", found=repr(value), expected="one without quotes and line ends")
        return f'"{value}"'
    return str(value)


class Translator:
    """Turns FEEL expressions into ours, with names as the pack knows them."""

    def __init__(self, known: Mapping[str, LabelType], rename: Rename) -> None:
        self.known = known
        self.rename = rename

    def write(self, node: Node) -> str:
        """An expression of ours that says the same."""
        match node.kind:
            case "literal" | "at":
                return self.write_literal(node)
            case "name":
                return self.write_name(node)
            case "negative":
                return f"(-{self.write(node.parts[0])})"
            case "arithmetic" if node.value in ("+", "-", "*", "/"):
                return f"({self.write(node.parts[0])} {node.value} {self.write(node.parts[1])})"
            case "compare":
                return self.write_comparison(node)
            case "between":
                value, low, high = (self.write(part) for part in node.parts)
                return f"({low} <= {value} <= {high})"
            case "and" | "or":
                return "(" + f" {node.kind} ".join(self.write(part) for part in node.parts) + ")"
            case "if":
                condition, yes, no = (self.write(part) for part in node.parts)
                return f"({yes} if {condition} else {no})"
            case "in":
                return self.write_among(node)
            case "call":
                return self.write_call(node)
            case _:
                raise refuse_part(
                    node, f"{node.kind.replace('_', ' ')}", "what our language can say: see docs/exchange.md"
                )

    def write_literal(self, node: Node) -> str:
        """A value written down."""
        value = constant_of(node)
        if value is None:
            raise refuse_part(node, "null", "a known value; what is missing is told by `missing:` with us")
        if isinstance(value, bool):
            return "True" if value else "False"
        return repr(value) if isinstance(value, str) else format(value, "f")

    def write_name(self, node: Node) -> str:
        """A label or value by the name it has with us."""
        name = self.rename(node.value)
        if name not in self.known:
            raise refuse_part(node, repr(node.value), "a declared label, a parameter, or a value imported with it")
        return name

    def write_comparison(self, node: Node) -> str:
        """A comparison; one with null asks whether a fact is missing."""
        left, right = node.parts
        if any(part.kind == "literal" and part.value is None for part in node.parts):
            raise refuse_part(node, "a comparison with null", "a value that is unknown where what it needs is unknown")
        operator = "==" if node.value == "=" else node.value
        return f"({self.write(left)} {operator} {self.write(right)})"

    def write_among(self, node: Node) -> str:
        """Whether a value is among those listed, or within ranges."""
        value = self.write(node.parts[0])
        parts = []
        for test in node.parts[1:]:
            if test.kind == "list":
                parts.append(f"{value} in [{', '.join(self.write(item) for item in test.parts)}]")
            elif test.kind == "range":
                low, high = (self.write(part) for part in test.parts)
                parts.append(f"{low} {'<=' if test.value[0] else '<'} {value} {'<=' if test.value[1] else '<'} {high}")
            elif test.kind == "test":
                operator = "==" if test.value == "=" else test.value
                parts.append(f"{value} {operator} {self.write(test.parts[0])}")
            else:
                parts.append(f"{value} == {self.write(test)}")
        return "(" + " or ".join(parts) + ")"

    def write_call(self, node: Node) -> str:
        """One of the few functions that both languages have."""
        name, arguments = str(node.parts[0].value), node.parts[1:]
        if name == "not" and len(arguments) == 1:
            return f"(not {self.write(arguments[0])})"
        if name == "date":
            return repr(constant_of(node))
        if name in FUNCTIONS and arguments and all(argument.kind != "list" for argument in arguments):
            return f"{FUNCTIONS[name]}({', '.join(self.write(argument) for argument in arguments)})"
        if name == "round half up" and len(arguments) == 2 and constant_of(arguments[1]) == 0:
            return f"round_half_up({self.write(arguments[0])})"
        if name == "modulo" and len(arguments) == 2:
            return f"({self.write(arguments[0])} % {self.write(arguments[1])})"
        raise refuse_part(node, f"{name}(…)", f"one of {', '.join(FUNCTIONS)}, not, modulo, round half up(…, 0)")
