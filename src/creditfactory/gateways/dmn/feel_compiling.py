"""FEEL made into plain functions, once; what makes no sense gives null, as the standard says."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import product

from creditfactory.gateways.dmn.feel_builtins import BUILTINS, Builtin
from creditfactory.gateways.dmn.feel_judging import COMPARISONS, at_least, at_most, both, passes, pick
from creditfactory.gateways.dmn.feel_members import member_of
from creditfactory.gateways.dmn.feel_sums import OPERATORS, negate
from creditfactory.gateways.dmn.feel_syntax import Node, is_constant, reads_input, walk
from creditfactory.gateways.dmn.feel_values import Function, Range, Value, compare, equal, read_at
from creditfactory.gateways.dmn.running import Run, Scope, Step
from creditfactory.kernel import BadInput

Types = Callable[[str], "Callable[[Value], bool] | None"]
"""From a type's name to whether a value is of it; None where there is no such type."""


class Compiler:
    """Turns what was read into functions; ``types`` tells what a type's name means in this model."""

    def __init__(self, types: Types, known: frozenset[str] = frozenset()) -> None:
        self.types = types
        self.known = known
        self.unknown: dict[str, None] = {}
        self.local: list[frozenset[str]] = []

    def build(self, node: Node) -> Step:
        """A function for one node, its parts included."""
        made: Step = getattr(self, f"_build_{node.kind}")(node)
        return made

    def _build_literal(self, node: Node) -> Step:
        value = node.value
        return lambda scope: value

    def _build_at(self, node: Node) -> Step:
        value = read_at(node.value)
        return lambda scope: value

    def _build_name(self, node: Node) -> Step:
        name = node.value
        if not self.knows(name):
            if name in BUILTINS:
                function = as_function(BUILTINS[name])
                return lambda scope: function
            self.unknown[name] = None

        def find(scope: Scope) -> Value:
            found = scope.values.get(name, find)
            return scope.find(name) if found is find else found

        return find

    def knows(self, name: str) -> bool:
        """Whether a name is the model's own or made within the expression."""
        return name in self.known or any(name in names for names in self.local)

    def inside(self, names: Sequence[str], node: Node) -> Step:
        """A function for a node within which more names are known."""
        self.local.append(frozenset(names))
        made = self.build(node)
        self.local.pop()
        return made

    def _build_list(self, node: Node) -> Step:
        parts = [self.build(part) for part in node.parts]
        return lambda scope: [part(scope) for part in parts]

    def _build_context(self, node: Node) -> Step:
        entries = []
        for index, (key, part) in enumerate(zip(node.value, node.parts, strict=True)):
            entries.append((key, self.inside(node.value[:index], part)))

        def make(scope: Scope) -> Value:
            made: dict[str, Value] = {}
            inner = scope.within(made)
            for key, part in entries:
                made[key] = part(inner)
            return made

        return make

    def _build_range(self, node: Node) -> Step:
        low, high = self.build(node.parts[0]), self.build(node.parts[1])
        low_closed, high_closed = node.value

        def make(scope: Scope) -> Value:
            start, end = low(scope), high(scope)
            if (start is None) == (end is None) and compare(start, end) is None:
                return None
            return Range(start, end, low_closed, high_closed)

        return make

    def _build_negative(self, node: Node) -> Step:
        inner = self.build(node.parts[0])
        return lambda scope: negate(inner(scope))

    def _build_arithmetic(self, node: Node) -> Step:
        left, right = self.build(node.parts[0]), self.build(node.parts[1])
        operate = OPERATORS[node.value]

        def reckon(scope: Scope) -> Value:
            try:
                return operate(left(scope), right(scope))
            except decimal.DecimalException:
                return None

        return reckon

    def _build_compare(self, node: Node) -> Step:
        left, right = self.build(node.parts[0]), self.build(node.parts[1])
        judge = COMPARISONS[node.value]
        return lambda scope: judge(left(scope), right(scope))

    def _build_between(self, node: Node) -> Step:
        value, low, high = (self.build(part) for part in node.parts)

        def judge(scope: Scope) -> Value:
            found = value(scope)
            return both(at_least(found, low(scope)), at_most(found, high(scope)))

        return judge

    def _build_in(self, node: Node) -> Step:
        value = self.build(node.parts[0])
        tests = [self.build_pass(part) for part in node.parts[1:]]

        def judge(scope: Scope) -> Value:
            found = value(scope)
            answers = [test(found, scope) for test in tests]
            return True if True in answers else (None if None in answers else False)

        return judge

    def _build_and(self, node: Node) -> Step:
        parts = [self.build(part) for part in node.parts]

        def judge(scope: Scope) -> Value:
            answer: bool | None = True
            for part in parts:
                found = part(scope)
                if found is False:
                    return False
                if found is not True:
                    answer = None
            return answer

        return judge

    def _build_or(self, node: Node) -> Step:
        parts = [self.build(part) for part in node.parts]

        def judge(scope: Scope) -> Value:
            answer: bool | None = False
            for part in parts:
                found = part(scope)
                if found is True:
                    return True
                if found is not False:
                    answer = None
            return answer

        return judge

    def _build_if(self, node: Node) -> Step:
        condition, yes, no = (self.build(part) for part in node.parts)
        return lambda scope: yes(scope) if condition(scope) is True else no(scope)

    def _build_for(self, node: Node) -> Step:
        rounds = self._build_rounds(node)
        body = self.inside((*node.value, "partial"), node.parts[-1])

        def gather(scope: Scope) -> Value:
            made: list[Value] = []
            inner = rounds(scope)
            if inner is None:
                return None
            for names in inner:
                names["partial"] = list(made) if "partial" in mentions else None
                made.append(body(scope.within(names)))
            return made

        mentions = {part.value for part in walk(node.parts[-1]) if part.kind == "name"}
        return gather

    def _build_some(self, node: Node) -> Step:
        return self._build_quantified(node, is_some=True)

    def _build_every(self, node: Node) -> Step:
        return self._build_quantified(node, is_some=False)

    def _build_quantified(self, node: Node, *, is_some: bool) -> Step:
        rounds = self._build_rounds(node)
        body = self.inside(node.value, node.parts[-1])

        def judge(scope: Scope) -> Value:
            answer: bool | None = not is_some
            inner = rounds(scope)
            if inner is None:
                return None
            for names in inner:
                found = body(scope.within(names))
                if found is is_some:
                    return is_some
                if not isinstance(found, bool):
                    answer = None
            return answer

        return judge

    def _build_rounds(self, node: Node) -> Callable[[Scope], Iterator[dict[str, Value]] | None]:
        """The names of each round of a loop, later variables turning fastest."""
        names: tuple[str, ...] = node.value
        sources = [self.inside(names[:index], part) for index, part in enumerate(node.parts[:-1])]
        depends = any(
            part.kind == "name" and part.value in names for source in node.parts[1:-1] for part in walk(source)
        )

        def turn(scope: Scope) -> Iterator[dict[str, Value]] | None:
            if depends:
                return nested(scope, 0, {})
            listed = [as_rounds(source(scope), scope) for source in sources]
            if any(part is None for part in listed):
                return None
            return flat(scope, [part for part in listed if part is not None])

        def flat(scope: Scope, listed: list[Sequence[Value]]) -> Iterator[dict[str, Value]]:
            for values in product(*listed):
                scope.run.step()
                yield dict(zip(names, values, strict=True))

        def nested(scope: Scope, index: int, bound: dict[str, Value]) -> Iterator[dict[str, Value]]:
            if index == len(names):
                yield dict(bound)
                return
            for value in as_rounds(sources[index](scope.within(bound)), scope) or ():
                scope.run.step()
                yield from nested(scope, index + 1, {**bound, names[index]: value})

        return turn

    def _build_filter(self, node: Node) -> Step:
        source, index_node = self.build(node.parts[0]), node.parts[1]
        test = self.inside(("item",), index_node)
        is_index = is_constant(index_node) and index_node.kind != "at"

        def sift(scope: Scope) -> Value:
            found = source(scope)
            if found is None:
                return None if is_index else []
            items = found if isinstance(found, list) else [found]
            if is_index or not items:
                index = test(scope)
                return pick(items, index) if isinstance(index, Decimal) else ([] if index is not True else items)
            kept: list[Value] = []
            for item in items:
                scope.run.step()
                values = {**item, "item": item.get("item", item)} if isinstance(item, dict) else {"item": item}
                answer = test(scope.within(values))
                if isinstance(answer, Decimal):
                    return pick(items, answer)
                if answer is True:
                    kept.append(item)
            return kept

        return sift

    def _build_path(self, node: Node) -> Step:
        source, name = self.build(node.parts[0]), node.value

        def look(scope: Scope) -> Value:
            found = source(scope)
            if type(found) is dict:
                return found.get(name)
            if isinstance(found, list):
                return [member_of(item, name) for item in found]
            return member_of(found, name)

        return look

    def _build_call(self, node: Node) -> Step:
        callee, arguments = node.parts[0], [self.build(part) for part in node.parts[1:]]
        if callee.kind == "name" and callee.value in BUILTINS and not self.knows(callee.value):
            builtin = BUILTINS[callee.value]
            return lambda scope: builtin.apply(scope.run, [argument(scope) for argument in arguments])
        function = self.build(callee)

        def call(scope: Scope) -> Value:
            found = function(scope)
            if not isinstance(found, Function):
                return None
            return call_function(found, scope, [argument(scope) for argument in arguments])

        return call

    def _build_named_call(self, node: Node) -> Step:
        callee, given = node.parts[0], node.value
        arguments = [self.build(part) for part in node.parts[1:]]
        function = self.build(callee)
        builtin = BUILTINS.get(callee.value) if callee.kind == "name" and not self.knows(callee.value) else None

        def call(scope: Scope) -> Value:
            named = dict(zip(given, (argument(scope) for argument in arguments), strict=True))
            if builtin is not None:
                return builtin.apply_named(scope.run, named)
            found = function(scope)
            if not isinstance(found, Function) or set(named) - set(found.parameters):
                return None
            return call_function(found, scope, [named.get(name) for name in found.parameters])

        return call

    def _build_function(self, node: Node) -> Step:
        names = tuple(name for name, _ in node.value)
        kinds = [self.types(kind) for _, kind in node.value]
        body = self.inside(names, node.parts[0])

        def make(scope: Scope) -> Value:
            def call(*values: Value) -> Value:
                taken = [v if kind is None or kind(v) else None for kind, v in zip(kinds, values, strict=True)]
                return body(scope.within(dict(zip(names, taken, strict=True))))

            return Function(names, call)

        return make

    def _build_external(self, node: Node) -> Step:
        raise BadInput(place="FEEL", found="an external function", expected="a function written in FEEL")

    def _build_instance(self, node: Node) -> Step:
        value, fits = self.build(node.parts[0]), self.types(node.value)
        if fits is None:
            return lambda scope: None

        def judge(scope: Scope) -> Value:
            found = value(scope)
            return fits(found)

        return judge

    def _build_test(self, node: Node) -> Step:
        """A test by itself is the range of all values that pass it."""
        end, operator = self.build(node.parts[0]), node.value

        def make(scope: Scope) -> Value:
            found = end(scope)
            if found is None:
                return None
            match operator:
                case "<" | "<=":
                    return Range(None, found, False, operator == "<=")
                case ">" | ">=":
                    return Range(found, None, operator == ">=", False)
                case "=":
                    return Range(found, found, True, True)
                case _:
                    return None

        return make

    def build_pass(self, node: Node) -> Callable[[Value, Scope], bool | None]:
        """Whether a value passes one test of a cell."""
        if node.kind == "test":
            judge, end = COMPARISONS[node.value], self.build(node.parts[0])
            if is_constant(node.parts[0]):
                fixed = end(None)  # type: ignore[arg-type]
                return lambda value, scope: judge(value, fixed)
            return lambda value, scope: judge(value, end(scope))
        made = self.build(node)
        if is_constant(node):
            known = made(None)  # type: ignore[arg-type]
            return lambda value, scope: equal(value, known)
        asks = reads_input(node)
        judges = node.kind in ("compare", "and", "or", "between", "in", "some", "every", "instance", "call")

        def check(value: Value, scope: Scope) -> bool | None:
            found = made(scope)
            if isinstance(found, bool) and (asks or (judges and not isinstance(value, bool))):
                return found
            return passes(value, found)

        return check


def as_rounds(source: Value, scope: Scope) -> Sequence[Value] | None:
    """What a loop goes through: a list, a range of whole numbers or days, or one value by itself."""
    if source is None:
        return None
    if isinstance(source, list):
        return source
    if not isinstance(source, Range):
        return [source]
    low, high = source.low, source.high
    if isinstance(low, Decimal) and isinstance(high, Decimal) and low == int(low) and high == int(high):
        first, last = int(low), int(high)
        scope.run.step(min(abs(last - first), 10**9))
        step = 1 if last >= first else -1
        numbers = [Decimal(number) for number in range(first, last + step, step)]
        return numbers[0 if source.low_closed else 1 : None if source.high_closed else -1]
    days = days_between(low, high, scope)
    return None if days is None else days[0 if source.low_closed else 1 : None if source.high_closed else -1]


def days_between(low: Value, high: Value, scope: Scope) -> list[Value] | None:
    """Every day from one to another, or null where these are no days."""
    if not (type(low) is date and type(high) is date):
        return None
    first, last = low.toordinal(), high.toordinal()
    scope.run.step(abs(last - first))
    step = 1 if last >= first else -1
    return [date.fromordinal(number) for number in range(first, last + step, step)]


def call_function(function: Function, scope: Scope, values: list[Value]) -> Value:
    """Call a function with as many values as it has parameters; anything else is null."""
    if len(values) != len(function.parameters):
        return None
    return scope.run.call(function.call, *values)


def as_function(builtin: Builtin) -> Function:
    """A built-in function handed about as a value."""
    return Function(builtin.signatures[0], lambda *values: builtin.apply(Run(), list(values)))
