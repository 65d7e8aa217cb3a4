"""A DMN decision table as a function: which rows match, and what they say together by the hit policy."""

from __future__ import annotations

import decimal
import functools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from creditfactory.gateways.dmn.boxed import Builder, Passes
from creditfactory.gateways.dmn.feel_compiling import Compiler
from creditfactory.gateways.dmn.feel_reading import read_tests
from creditfactory.gateways.dmn.feel_sums import add
from creditfactory.gateways.dmn.feel_syntax import is_constant, reads_input
from creditfactory.gateways.dmn.feel_values import Value, compare, equal
from creditfactory.gateways.dmn.model import OutputClause, TableText
from creditfactory.gateways.dmn.running import Run, Scope, Step

Answers = list[Value]


class TableBuilder(Builder):
    """Makes functions of boxed expressions, decision tables among them."""

    def _build_table(self, table: TableText) -> Step:
        return build_table(table, self)


class Input:
    """One column of tests: what it looks at, which values it expects, and whether its cells name ``?``."""

    def __init__(self, look: Step, expected: Passes | None, *, names_input: bool) -> None:
        self.look = look
        self.expected = expected
        self.names_input = names_input


def build_table(table: TableText, builder: Builder) -> Step:
    """A function for a decision table."""
    inputs, cells = [], []
    for index, clause in enumerate(table.inputs):
        look = builder.typed(builder.build_text(clause.expression), clause.type_ref, clause.expression.line)
        expected = None
        if clause.allowed is not None and clause.allowed.text:
            expected = builder.build_tests(clause.allowed)[1]
        column = [builder.build_tests(row.tests[index]) for row in table.rows]
        names_input = any(reads_input(test) for tests, _ in column for test in tests.tests)
        inputs.append(Input(look, expected, names_input=names_input))
        cells.append([None if tests.is_any else passes for tests, passes in column])
    rows = [[(at, column[number]) for at, column in enumerate(cells)] for number in range(len(table.rows))]
    tests = [[(at, cell) for at, cell in row if cell is not None] for row in rows]
    answers = []
    for row in table.rows:
        made = []
        for output, written in zip(table.outputs, row.answers, strict=True):
            made.append(builder.typed(builder.build_text(written), output.type_ref, written.line))
        answers.append(made)
    settle = build_hit(table, builder)

    def look_up(scope: Scope) -> Value:
        values = [column.look(scope) for column in inputs]
        for column, value in zip(inputs, values, strict=True):
            if column.expected is not None and value is not None and column.expected(value, scope) is not True:
                return None
        found = []
        for number, row in enumerate(tests):
            for at, cell in row:
                value = values[at]
                inner = scope.within({"?": value}) if inputs[at].names_input else scope
                if cell(value, inner) is not True:
                    break
            else:
                found.append(number)
        return settle(scope, found, answers)

    return look_up


Settle = Callable[[Scope, list[int], list[list[Step]]], Value]


def build_hit(table: TableText, builder: Builder) -> Settle:
    """How matching rows become one answer."""
    outputs, hit = table.outputs, table.hit
    defaults = [None if o.default is None else builder.build_text(o.default) for o in outputs]
    ranks = [rank_of(output, builder) for output in outputs]

    def join(answers: Answers) -> Value:
        if len(outputs) == 1:
            return answers[0]
        return {output.name: answer for output, answer in zip(outputs, answers, strict=True)}

    def nobody(scope: Scope) -> Value:
        if any(default is not None for default in defaults):
            return join([None if default is None else default(scope) for default in defaults])
        return {"C": [], "C#": Decimal(0)}.get(hit)

    def settle(scope: Scope, found: list[int], steps: list[list[Step]]) -> Value:
        if not found:
            return nobody(scope)
        if hit == "U" and len(found) > 1:
            return None
        if hit in ("U", "F"):
            return join([step(scope) for step in steps[found[0]]])
        if hit == "C#":
            return Decimal(len(found))
        made = [[step(scope) for step in steps[number]] for number in found]
        if hit == "A":
            same = all(all(equal(a, b) is True or a is b for a, b in zip(m, made[0], strict=True)) for m in made)
            return join(made[0]) if same else None
        if hit in ("P", "O"):
            made.sort(key=lambda answers: [rank(answer) for rank, answer in zip(ranks, answers, strict=True)])
        if hit == "P":
            return join(made[0])
        if hit in ("C+", "C<", "C>"):
            return join([gather(hit, [answers[at] for answers in made]) for at in range(len(outputs))])
        return [join(answers) for answers in made]

    return settle


def rank_of(output: OutputClause, builder: Builder) -> Callable[[Value], int]:
    """A value's place among those its column lists; one that is not listed comes last."""
    if output.allowed is None or not output.allowed.text:
        return lambda value: 0
    nodes = read_tests(output.allowed.text, builder.names).tests
    compiler: Compiler = builder.compiler()
    listed = [compiler.build(node)(Scope({}, Run())) for node in nodes if is_constant(node)]
    return lambda value: next((at for at, known in enumerate(listed) if equal(value, known) is True), len(listed))


def gather(hit: str, answers: Answers) -> Value:
    """The sum, the least or the greatest of what the rows say."""
    if hit == "C+":
        try:
            return functools.reduce(add, answers)
        except decimal.DecimalException:
            return None
    best: Any = answers[0]
    for answer in answers[1:]:
        order = compare(answer, best)
        if order is None:
            return None
        best = answer if (order < 0) == (hit == "C<") and order else best
    return best
