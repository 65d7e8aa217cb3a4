"""Boxed expressions made into plain functions: literal expressions, contexts, relations, calls, functions, loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from creditfactory.gateways.dmn.feel_compiling import Compiler, as_rounds, call_function
from creditfactory.gateways.dmn.feel_reading import read_expression, read_tests
from creditfactory.gateways.dmn.feel_syntax import CellTests
from creditfactory.gateways.dmn.feel_values import Function, Value
from creditfactory.gateways.dmn.item_types import ItemType, TypeBook
from creditfactory.gateways.dmn.model import Boxed, Expression, LiteralText, TableText, Written
from creditfactory.gateways.dmn.running import Run, Scope, Step
from creditfactory.kernel import BadInput

Passes = Callable[[Value, Scope], bool | None]
Note = Callable[[str], None]


class Builder:
    """Makes functions of what a model says, for one decision: its names, its types, and where its faults are told."""

    def __init__(self, types: TypeBook, names: Iterable[str], parts: Iterable[str], place: str, note: Note) -> None:
        self.types = types
        self.names = frozenset(names)
        self.parts = frozenset(parts)
        self.place = place
        self.note = note

    def with_names(self, names: Iterable[str]) -> Builder:
        """The same with more names known."""
        return type(self)(self.types, {*self.names, *names}, self.parts, self.place, self.note)

    def build(self, expression: Expression) -> Step:
        """A function for any boxed expression."""
        if isinstance(expression, LiteralText):
            return self.typed(self.build_text(expression.text), expression.type_ref, expression.text.line)
        if isinstance(expression, TableText):
            return self._build_table(expression)
        made: Step = getattr(self, f"_build_{expression.kind}")(expression)
        return self.typed(made, expression.type_ref, expression.line)

    def typed(self, step: Step, type_ref: str, line: int) -> Step:
        """A function whose value must be of a type; what is not becomes null."""
        kind = self.type(type_ref, line)
        if kind is None or (kind.plain == "Any" and kind.item is None and kind.parts is None and not kind.checks):
            return step
        take = kind.take
        return lambda scope: take(step(scope))

    def type(self, type_ref: str, line: int) -> ItemType | None:
        """The type that a name means; an unknown one is refused."""
        if not type_ref:
            return None
        found = self.types.find(type_ref)
        if found is None:
            raise self.fault(line, repr(type_ref), "a type of this model, or one of FEEL's own")
        return found

    def fault(self, line: int, found: str, expected: str) -> BadInput:
        """A fault with the place it stands at."""
        where = f"{self.place}, line {line}" if line else self.place
        return BadInput(place=where, found=found, expected=expected)

    def compiler(self) -> Compiler:
        """What makes functions of FEEL with this decision's names."""

        def fits(name: str) -> Callable[[Value], bool] | None:
            found = self.types.find(name)
            return (
                None
                if found is None
                else lambda value: (value is not None or found.plain == "Null") and found.fits(value)
            )

        return Compiler(fits, self.names)

    def build_text(self, written: Written) -> Step:
        """A function for a piece of FEEL."""
        if not written.text:
            return lambda scope: None
        try:
            node = read_expression(written.text, self.names | self.parts)
            compiler = self.compiler()
            made = compiler.build(node)
        except BadInput as fault:
            raise self._placed(fault, written) from None
        self._tell_unknown(compiler, written)
        return made

    def build_tests(self, written: Written) -> tuple[CellTests, Passes]:
        """A function for a cell: whether a value passes its tests."""
        try:
            tests = read_tests(written.text, self.names | self.parts)
            compiler = self.compiler()
            compiler.local.append(frozenset(("?",)))
            made = [compiler.build_pass(test) for test in tests.tests]
        except BadInput as fault:
            raise self._placed(fault, written) from None
        self._tell_unknown(compiler, written)
        return tests, join_tests(tests, made)

    def _placed(self, fault: BadInput, written: Written) -> BadInput:
        where = f"{self.place}, line {written.line}, {fault.place}" if written.line else f"{self.place}, {fault.place}"
        return BadInput(place=where, found=fault.found, expected=f"{fault.expected} in {written.text[:60]!r}")

    def _tell_unknown(self, compiler: Compiler, written: Written) -> None:
        for name in compiler.unknown:
            if name not in self.parts and name != "item":
                self.note(name)

    def _build_table(self, table: TableText) -> Step:
        raise self.fault(table.line, "a decision table", "an expression")

    def _build_context(self, boxed: Boxed) -> Step:
        entries: list[tuple[str, Step]] = []
        known: list[str] = []
        for variable, part in zip(boxed.names, boxed.parts, strict=True):
            inner = self.with_names(known)
            entries.append((variable.name, inner.typed(inner.build(part), variable.type_ref, boxed.line)))
            known.append(variable.name)

        def make(scope: Scope) -> Value:
            made: dict[str, Value] = {}
            inner = scope.within(made)
            for name, step in entries:
                if not name:
                    return step(inner)
                made[name] = step(inner)
            return made

        return make

    def _build_list(self, boxed: Boxed) -> Step:
        parts = [self.build(part) for part in boxed.parts]
        return lambda scope: [part(scope) for part in parts]

    def _build_relation(self, boxed: Boxed) -> Step:
        rows = []
        for row in boxed.parts:
            assert isinstance(row, Boxed)
            rows.append(
                [
                    (variable.name, self.typed(self.build(part), variable.type_ref, boxed.line))
                    for variable, part in zip(row.names, row.parts, strict=True)
                ]
            )
        return lambda scope: [{name: step(scope) for name, step in row} for row in rows]

    def _build_invocation(self, boxed: Boxed) -> Step:
        callee = self.build(boxed.parts[0])
        bindings = [
            (variable.name, self.typed(self.build(part), variable.type_ref, boxed.line))
            for variable, part in zip(boxed.names, boxed.parts[1:], strict=True)
        ]

        def call(scope: Scope) -> Value:
            found = callee(scope)
            if not isinstance(found, Function):
                return None
            given = {name: step(scope) for name, step in bindings}
            if set(given) - set(found.parameters):
                return None
            return call_function(found, scope, [given.get(name) for name in found.parameters])

        return call

    def _build_function(self, boxed: Boxed) -> Step:
        names = tuple(variable.name for variable in boxed.names)
        kinds = [self.type(variable.type_ref, boxed.line) for variable in boxed.names]
        inner = self.with_names(names)
        body = inner.build(boxed.parts[0])

        def make(scope: Scope) -> Value:
            def call(*values: Value) -> Value:
                taken = {}
                for name, kind, value in zip(names, kinds, values, strict=True):
                    taken[name] = value if kind is None else kind.take(value)
                return body(scope.within(taken))

            return Function(names, call)

        return make

    def _build_conditional(self, boxed: Boxed) -> Step:
        condition, yes, no = (self.build(part) for part in boxed.parts)
        return lambda scope: yes(scope) if condition(scope) is True else no(scope)

    def _build_for(self, boxed: Boxed) -> Step:
        rounds, body = self.loop(boxed)

        def gather(scope: Scope) -> Value:
            listed = rounds(scope)
            return None if listed is None else [body(scope, value) for value in listed]

        return gather

    def _build_some(self, boxed: Boxed) -> Step:
        return self._build_quantified(boxed, is_some=True)

    def _build_every(self, boxed: Boxed) -> Step:
        return self._build_quantified(boxed, is_some=False)

    def _build_quantified(self, boxed: Boxed, *, is_some: bool) -> Step:
        rounds, body = self.loop(boxed)

        def judge(scope: Scope) -> Value:
            listed = rounds(scope)
            if listed is None:
                return None
            answers = [body(scope, value) for value in listed]
            if any(answer is is_some for answer in answers):
                return is_some
            return (not is_some) if all(isinstance(answer, bool) for answer in answers) else None

        return judge

    def loop(self, boxed: Boxed) -> tuple[Callable[[Scope], Any], Callable[[Scope, Value], Value]]:
        """What a boxed loop goes through, and what it does with each."""
        name = boxed.names[0].name if boxed.names else "item"
        source = self.build(boxed.parts[0])
        inner = self.with_names([name]).build(boxed.parts[1])

        def body(scope: Scope, value: Value) -> Value:
            scope.run.step()
            return inner(scope.within({name: value}))

        return lambda scope: as_rounds(source(scope), scope), body

    def _build_filter(self, boxed: Boxed) -> Step:
        source = self.build(boxed.parts[0])
        match = self.with_names(["item"]).build(boxed.parts[1])

        def sift(scope: Scope) -> Value:
            found = source(scope)
            if found is None:
                return None
            kept = []
            for item in found if isinstance(found, list) else [found]:
                scope.run.step()
                values = {**item, "item": item} if isinstance(item, dict) else {"item": item}
                if match(scope.within(values)) is True:
                    kept.append(item)
            return kept

        return sift

    def _build_unknown(self, boxed: Boxed) -> Step:
        raise self.fault(boxed.line, f"<{boxed.note}>", "a boxed expression in FEEL that DMN 1.1 to 1.5 define")


def join_tests(tests: CellTests, made: list[Passes]) -> Passes:
    """One question from all tests of a cell: whether any passes, or none where the cell says ``not(…)``."""
    if tests.is_any:
        return lambda value, scope: True
    if len(made) == 1 and not tests.negated:
        return made[0]

    def judge(value: Value, scope: Scope) -> bool | None:
        unknown = False
        for test in made:
            answer = test(value, scope)
            if answer is True:
                return not tests.negated
            unknown |= answer is None
        return None if unknown else tests.negated

    return judge


def build_check(builder: Builder, written: Written) -> Callable[[Value], bool]:
    """Whether a value is among those that a type allows."""
    _, passes = builder.build_tests(written)

    def check(value: Value) -> bool:
        return passes(value, Scope({"?": value}, Run())) is True

    return check
