"""Reading an expression: a small, typed part of Python; whatever is outside it is refused at its column."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

from creditfactory.rules.declarations import Declaration, LabelType, Parameter, is_iso_date, refuse, refuse_name
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
    Value,
    walk,
)
from creditfactory.rules.units import find_unit

NUMBERS: tuple[LabelType, ...] = ("int", "float")
OPERATORS: dict[type[ast.operator], Any] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
COMPARISONS: dict[type[ast.cmpop], Any] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
FUNCTIONS = ("min", "max", "abs", "round_half_up", "floor", "ceil", "missing", "known")
DEPTH_MAX = 40


def read_expression(
    text: str, declarations: Mapping[str, Declaration], parameters: Mapping[str, Parameter], *, place: str
) -> Expression:
    """Read and type-check one expression against the labels and parameters that exist.

    >>> labels = {"overdue_now_cents": Declaration("overdue_now_cents", "int")}
    >>> read_expression("overdue_nwo_cents > 0", labels, {}, place="rule.yaml")
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.UnknownName: rule.yaml, column 1: found 'overdue_nwo_cents', expected a declared label \
or parameter; did you mean 'overdue_now_cents'?
    """
    if not isinstance(text, str) or not text.strip():
        refuse(place, repr(text), "an expression such as 'overdue_now_cents > 0'")
    lead = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(text.strip().replace("\n", " "), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        column = getattr(fault, "offset", None) or 1
        refuse(f"{place}, column {column}", repr(text.strip()), "an expression such as 'overdue_now_cents > 0'")
    return _Reader(declarations, parameters, place, lead).read(tree.body, 0)


def read_condition(
    text: str, declarations: Mapping[str, Declaration], parameters: Mapping[str, Parameter], *, place: str
) -> Expression:
    """Read an expression that answers yes or no, and check that knowing less can never make its yes into a no."""
    expression = read_expression(text, declarations, parameters, place=place)
    if expression.type != "bool":
        refuse(place, f"{text!r}, which gives {expression.type}", "a condition that is true or false")
    check_polarity(expression, place)
    return expression


def check_polarity(expression: Expression, place: str, *, positive: bool = True) -> None:
    """Refuse a condition that a missing fact would switch off: ``missing(x)`` may only help it on."""
    match expression:
        case Unknown(name=name) if not positive:
            refuse(place, f"known({name})", f"no known({name}) inside a condition: say missing: … for the rule instead")
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                check_polarity(part, place, positive=positive)
        case Opposite(operand=operand):
            check_polarity(operand, place, positive=not positive)
        case Unknown():
            pass
        case _:
            for part in _inside(expression):
                if isinstance(part, Unknown):
                    refuse(place, f"missing({part.name})", "missing(…) joined to the rest by 'or' and 'and' only")


def _inside(expression: Expression) -> list[Expression]:
    return list(walk(expression))[1:]


class _Reader:
    """Walks Python's own syntax tree and lets through only what the rule language knows."""

    def __init__(
        self, declarations: Mapping[str, Declaration], parameters: Mapping[str, Parameter], place: str, lead: int
    ) -> None:
        self.declarations = declarations
        self.parameters = parameters
        self.place = place
        self.lead = lead

    def refuse(self, node: ast.AST, found: str, expected: str) -> NoReturn:
        refuse(self.at(node), found, expected)

    def at(self, node: ast.AST) -> str:
        return f"{self.place}, column {getattr(node, 'col_offset', 0) + self.lead + 1}"

    def read(self, node: ast.expr, depth: int) -> Expression:
        if depth > DEPTH_MAX:
            self.refuse(node, f"more than {DEPTH_MAX} levels of brackets", "a shorter expression; name a part of it")
        match node:
            case ast.Constant():
                return self.read_literal(node)
            case ast.Name(id=name):
                return self.read_name(node, name)
            case ast.BinOp():
                return self.read_arithmetic(node, depth)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.read_number(operand, depth)
                if isinstance(inner, Literally):
                    return Literally(-inner.value, inner.type)  # type: ignore[operator]
                return Negative(inner, inner.type)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Opposite(self.read_yes_or_no(operand, depth))
            case ast.BoolOp(op=operator, values=values):
                parts = tuple(self.read_yes_or_no(v, depth) for v in values)
                return All(parts) if isinstance(operator, ast.And) else AnyOf(parts)
            case ast.Compare():
                return self.read_comparison(node, depth)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.read_choice(node, test, body, orelse, depth)
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]) if function in FUNCTIONS:
                return self.read_call(node, function, arguments, depth)
            case _:
                self.refuse(
                    node,
                    f"{ast.unparse(node)[:60]!r}",
                    "names, numbers, texts, + - * / // %, comparisons, in, and, or, not, if else, or "
                    + ", ".join(FUNCTIONS),
                )

    def read_literal(self, node: ast.Constant) -> Literally:
        value = node.value
        if isinstance(value, bool):
            return Literally(value, "bool")
        if isinstance(value, int | float) and abs(value) <= 10**15:
            return Literally(value, "int" if isinstance(value, int) else "float")
        if isinstance(value, str):
            return Literally(value, "str")
        self.refuse(node, repr(value), "a number within ±10^15, a text, True or False")

    def read_name(self, node: ast.AST, name: str) -> Expression:
        if name in self.declarations:
            return Name(name, self.declarations[name].type)
        if name in self.parameters:
            value = self.parameters[name].value
            if isinstance(value, date):
                return Set(name, value.isoformat(), "date")
            for kind, known in ((bool, "bool"), (int, "int"), (float, "float"), (str, "str")):
                if type(value) is kind:
                    return Set(name, value, known)  # type: ignore[arg-type]
            self.refuse(node, f"{name!r}, which is {type(value).__name__}", "a parameter with a single value")
        refuse_name(self.at(node), name, [*self.declarations, *self.parameters], "a declared label or parameter")

    def read_number(self, node: ast.expr, depth: int) -> Expression:
        inner = self.read(node, depth + 1)
        if inner.type not in NUMBERS:
            self.refuse(node, f"{ast.unparse(node)!r}, which is {inner.type}", "a number")
        return inner

    def read_yes_or_no(self, node: ast.expr, depth: int) -> Expression:
        inner = self.read(node, depth + 1)
        if inner.type != "bool":
            self.refuse(node, f"{ast.unparse(node)!r}, which is {inner.type}", "something true or false")
        return inner

    def read_arithmetic(self, node: ast.BinOp, depth: int) -> Expression:
        operator = OPERATORS.get(type(node.op))
        if operator is None:
            self.refuse(node, f"{ast.unparse(node)!r}", "one of + - * / // %")
        left, right = self.read_number(node.left, depth), self.read_number(node.right, depth)
        if operator in ("/", "//", "%") and isinstance(right, Literally | Set) and right.value == 0:
            self.refuse(node.right, "0", "a divisor that is not zero")
        if operator in ("//", "%") and "float" in (left.type, right.type):
            self.refuse(node, f"{ast.unparse(node)!r}", "whole numbers on both sides of // and %")
        if operator in ("+", "-"):
            self.check_units(node.right, left, right)
        whole = operator != "/" and left.type == right.type == "int"
        return Arithmetic(operator, left, right, "int" if whole else "float")

    def read_comparison(self, node: ast.Compare, depth: int) -> Expression:
        parts: list[Expression] = []
        left_node = node.left
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                among = self.read_membership(left_node, right_node, depth)
                parts.append(among if isinstance(operator, ast.In) else Opposite(among))
            elif type(operator) in COMPARISONS:
                parts.append(self.read_pair(left_node, COMPARISONS[type(operator)], right_node, depth))
            else:
                self.refuse(node, f"{ast.unparse(node)!r}", "a comparison by < <= > >= == != in or not in")
            left_node = right_node
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def read_pair(self, left_node: ast.expr, operator: Any, right_node: ast.expr, depth: int) -> Expression:
        left, right = self.read(left_node, depth + 1), self.read(right_node, depth + 1)
        left, right = self.agree(left, right, left_node), self.agree(right, left, right_node)
        numbers = left.type in NUMBERS and right.type in NUMBERS
        if not numbers and left.type != right.type:
            self.refuse(right_node, f"{left.type} compared with {right.type}", "two values of one kind")
        if operator in ("==", "!=") and "float" in (left.type, right.type):
            self.refuse(
                right_node, f"{operator} between fractions", "<= or >=, since fractions are never exactly equal"
            )
        if operator not in ("==", "!=") and left.type in ("str", "bool"):
            self.refuse(right_node, f"{operator} between {left.type}s", "== or !=")
        self.check_units(right_node, left, right)
        return Compare(operator, left, right)

    def check_units(self, node: ast.AST, *parts: Expression) -> None:
        """Refuse numbers of two units where they are added, compared or chosen between."""
        found = dict.fromkeys(unit for part in parts if (unit := find_unit(part, self.declarations, self.parameters)))
        if len(found) > 1:
            self.refuse(node, " beside ".join(found), "numbers of one unit; turn one into the other first")

    def agree(self, one: Expression, other: Expression, node: ast.AST) -> Expression:
        """A text beside a date is a date; a text beside a label with listed words must be one of them."""
        if one.type == "str" and other.type == "date" and isinstance(one, Literally):
            if not is_iso_date(str(one.value)):
                self.refuse(node, repr(one.value), "a date such as '2026-01-31'")
            return Literally(one.value, "date")
        if isinstance(one, Literally) and isinstance(other, Name):
            self.check_word(other, one.value, node)
        return one

    def check_word(self, label: Name, value: Value, node: ast.AST) -> None:
        words = self.declarations[label.name].words
        if words and value not in words:
            refuse_name(self.at(node), str(value), words, f"one of {', '.join(words)} for {label.name}")

    def read_membership(self, left_node: ast.expr, right_node: ast.expr, depth: int) -> OneOf:
        operand = self.read(left_node, depth + 1)
        source = None
        if isinstance(right_node, ast.List | ast.Tuple | ast.Set):
            values = [self.read(e, depth + 1) for e in right_node.elts]
        elif isinstance(right_node, ast.Name) and right_node.id in self.parameters:
            source = right_node.id
            listed = self.parameters[source].value
            if not isinstance(listed, list | tuple):
                self.refuse(right_node, f"{source!r}, a single value", "a parameter with a list")
            values = [self.read_literal(ast.Constant(value=v, col_offset=right_node.col_offset)) for v in listed]
        else:
            self.refuse(right_node, f"{ast.unparse(right_node)!r}", "a list such as ['A', 'B'] or a parameter with one")
        for value in values:
            if not isinstance(value, Literally) or operand.type == "float" or (value.type != operand.type):
                fits = operand.type == "date" and isinstance(value, Literally) and is_iso_date(str(value.value))
                if not fits:
                    self.refuse(right_node, f"{ast.unparse(right_node)!r}", f"a list of plain {operand.type} values")
            if isinstance(operand, Name) and isinstance(value, Literally):
                self.check_word(operand, value.value, right_node)
        return OneOf(operand, tuple(v.value for v in values if isinstance(v, Literally)), source)

    def read_choice(self, node: ast.IfExp, test: ast.expr, body: ast.expr, orelse: ast.expr, depth: int) -> Choice:
        condition = self.read_yes_or_no(test, depth)
        yes, no = self.read(body, depth + 1), self.read(orelse, depth + 1)
        kinds: set[LabelType] = {yes.type, no.type}
        if len(kinds) > 1 and kinds != {"int", "float"}:
            self.refuse(node, f"{yes.type} or {no.type}", "two values of one kind")
        self.check_units(node, yes, no)
        return Choice(condition, yes, no, "float" if "float" in kinds else yes.type)

    def read_call(self, node: ast.Call, function: str, arguments: list[ast.expr], depth: int) -> Expression:
        if function in ("missing", "known"):
            if len(arguments) != 1 or not isinstance(arguments[0], ast.Name):
                self.refuse(node, f"{ast.unparse(node)!r}", f"{function}(label)")
            label = self.read_name(arguments[0], arguments[0].id)
            if not isinstance(label, Name):
                self.refuse(node, f"{ast.unparse(node)!r}", f"{function}() of a label, not of a parameter")
            return Unknown(label.name) if function == "missing" else Opposite(Unknown(label.name))
        count = len(arguments)
        if count == 0 or (function in ("min", "max")) != (count > 1):
            self.refuse(node, f"{count} values for {function}", "two or more for min and max, one for the others")
        parts = tuple(self.read_number(a, depth) for a in arguments)
        kinds = {p.type for p in parts}
        if function in ("min", "max") and len(kinds) > 1:
            self.refuse(node, f"{ast.unparse(node)!r}", "all whole numbers or all fractions")
        self.check_units(node, *parts)
        whole = function in ("round_half_up", "floor", "ceil") or kinds == {"int"}
        return Call(function, parts, "int" if whole else "float")  # type: ignore[arg-type]
