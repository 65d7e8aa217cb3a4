"""A DMN model ready to decide: each decision compiled once, then asked line by line."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from creditfactory.gateways.dmn.boxed import Builder, build_check
from creditfactory.gateways.dmn.deciding_tables import TableBuilder
from creditfactory.gateways.dmn.feel_values import ARITHMETIC, Function, Value
from creditfactory.gateways.dmn.item_types import ItemType, TypeBook
from creditfactory.gateways.dmn.model import (
    DecisionNode,
    InputNode,
    KnowledgeNode,
    ModelText,
    ServiceNode,
    TypeText,
    Variable,
    part_names,
)
from creditfactory.gateways.dmn.running import Exceeded, Run, Scope, Step
from creditfactory.kernel import BadInput, CreditFactoryError, UnknownName

DEPTH_MAX = 100
Node = InputNode | DecisionNode | KnowledgeNode | ServiceNode


class Failed(CreditFactoryError):
    """A decision that cannot be made, with the reason; the others of the model are made all the same."""


class Model:
    """A model whose decisions can be asked by name."""

    def __init__(self, text: ModelText) -> None:
        self.text = text
        self.types = TypeBook()
        self.type_faults: dict[str, BadInput] = {}
        self.nodes: dict[str, Node] = {**text.inputs, **text.decisions, **text.knowledge, **text.services}
        self.by_name = {node.name: node for node in text.decisions.values()}
        self.parts = part_names(text)
        for kind in text.types:
            self._add_type(kind)
        self.unknown: dict[str, list[str]] = {}
        self._steps: dict[str, Step | CreditFactoryError] = {}
        self._making: list[str] = []

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names of all decisions, in the order of the file."""
        return tuple(node.name for node in self.text.decisions.values())

    @property
    def top_decisions(self) -> tuple[str, ...]:
        """The decisions that no other decision needs."""
        needed = {self.resolve(need) for node in self.text.decisions.values() for need in node.needs}
        return tuple(node.name for node in self.text.decisions.values() if node.id not in needed)

    def choose(self, name: str | None) -> str:
        """The decision of that name, or the model's only top decision where none is named."""
        if name is None:
            tops = self.top_decisions or self.decisions
            if len(tops) == 1:
                return tops[0]
            listed = ", ".join(map(repr, tops)) or "none at all"
            raise BadInput(
                place=self.text.place, found=f"{len(tops)} decisions that no other needs ({listed})",
                expected="--decision with one of them, or --all",
            )  # fmt: skip
        if name in self.decisions:
            return name
        near = get_close_matches(name, self.decisions, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, self.decisions)) or 'none'}"
        raise UnknownName(place=self.text.place, found=repr(name), expected=f"a decision of this model; {hint}")

    def resolve(self, need: str) -> str:
        """The id that a reference means: its own, or one behind this model's own namespace."""
        space, mark, rest = need.rpartition("#")
        return rest if mark and space == self.text.namespace else need

    def step_of(self, node: DecisionNode) -> Step:
        """A decision's function; one that cannot be made is refused by its name and line, again and again."""
        if node.id not in self._steps:
            try:
                self._steps[node.id] = self._build(node)
            except (BadInput, Failed) as fault:
                self._steps[node.id] = fault
            except RecursionError:
                self._steps[node.id] = Failed(f"decision {node.name!r}, line {node.line}: too deeply nested to read")
        found = self._steps[node.id]
        if isinstance(found, CreditFactoryError):
            raise found
        return found

    def _build(self, node: DecisionNode) -> Step:
        if node.id in self._making:
            raise Failed(f"decision {node.name!r}, line {node.line}: it needs itself")
        if node.logic is None:
            return lambda scope: None  # a person decides here; the standard's answer is null
        self._making.append(node.id)
        try:
            for need in node.needs:
                inner = self.nodes.get(self.resolve(need))
                if isinstance(inner, DecisionNode):
                    self.step_of(inner)
            builder = self.builder(node.needs, f"decision {node.name!r}", node.name)
            return builder.typed(builder.build(node.logic), node.variable.type_ref, node.line)
        finally:
            self._making.pop()

    def builder(self, needs: Sequence[str], place: str, owner: str) -> Builder:
        """What compiles with the names that a node needs."""
        names = []
        for need in needs:
            node = self.nodes.get(self.resolve(need))
            if node is None:
                raise Failed(f"{place}: it needs {need!r}, which is not in this file; nothing else is read")
            names.append(node.variable.name)
        unknown = self.unknown.setdefault(owner, [])

        def note(name: str) -> None:
            if name not in unknown:
                unknown.append(name)

        if self.type_faults:
            self._check_types(place)
        return TableBuilder(self.types, names, self.parts, place, note)

    def _check_types(self, place: str) -> None:
        fault = next(iter(self.type_faults.values()))
        raise BadInput(place=f"{place}: {fault.place}", found=fault.found, expected=fault.expected)

    def _add_type(self, text: TypeText) -> None:
        waiting = {kind.name: kind for kind in self.text.types}

        def find(name: str, making: tuple[str, ...]) -> ItemType:
            if name in waiting and name not in self.types.types:
                if name in making:
                    raise BadInput(place=f"type {name!r}", found="a type made of itself", expected="plain parts")
                self.types.types[name] = make(waiting[name], (*making, name))
            found = self.types.find(name)
            if found is None:
                raise BadInput(place=f"type {text.name!r}, line {text.line}", found=repr(name), expected="a known type")
            return found

        def make(kind: TypeText, making: tuple[str, ...]) -> ItemType:
            builder = Builder(self.types, (), self.parts, f"type {kind.name!r}", lambda name: None)
            checks = () if kind.allowed is None or not kind.allowed.text else (build_check(builder, kind.allowed),)
            whole = (
                () if kind.constraint is None or not kind.constraint.text else (build_check(builder, kind.constraint),)
            )
            if kind.gives is not None:
                made = ItemType(kind.name, "function", gives=find(kind.gives, making) if kind.gives else None)
            elif kind.parts:
                parts = {part.name: make(part, making) for part in kind.parts}
                made = ItemType(kind.name, "context", None, parts, checks)
            else:
                under = find(kind.type_ref, making)
                made = ItemType(kind.name, under.plain, under.item, under.parts, (*under.checks, *checks))
            if kind.is_list:
                return ItemType(kind.name, "list", made, None, whole)
            return ItemType(made.name, made.plain, made.item, made.parts, (*made.checks, *whole))

        try:
            find(text.name, ())
        except BadInput as fault:
            self.type_faults[text.name] = fault

    def input_type(self, variable: Variable) -> ItemType | None:
        """The type of an input, where it has one that is known."""
        return self.types.find(variable.type_ref) if variable.type_ref else None

    def function_of(self, node: KnowledgeNode) -> Callable[[Line], Value]:
        """A knowledge model as a function within a line's evaluation."""
        key = f"knowledge {node.id}"
        if key not in self._steps:
            if node.logic is None:
                raise Failed(f"knowledge model {node.name!r}, line {node.line}: it says nothing of how it is made")
            place = f"knowledge model {node.name!r}"
            builder = self.builder((*node.needs, node.id), place, node.name)
            self._steps[key] = builder.build(node.logic)
        step = self._steps[key]
        assert not isinstance(step, CreditFactoryError)
        kind = self.input_type(node.variable)

        def make(line: Line) -> Value:
            function = step(line.scope_of(node.needs, own=node))
            result = None if kind is None else kind.result
            if not isinstance(function, Function) or result is None:
                return function
            return Function(function.parameters, lambda *values: result.take(function.call(*values)))

        return make


class Line:
    """One evaluation: the inputs given, and each decision's value once it is known."""

    def __init__(
        self, model: Model, inputs: Mapping[str, Value], *, at: datetime | None = None, extra: Mapping[str, Value]
    ) -> None:
        self.model = model
        self.inputs = inputs
        self.extra = extra
        self.run = Run(at)
        self.made: dict[str, Value] = {}
        self.doing: list[str] = []

    def decide(self, name: str) -> Value:
        """A decision's value; one that cannot be made is refused with the reason."""
        node = self.model.by_name[name]
        with decimal.localcontext(ARITHMETIC):
            try:
                return self.value_of(node.id)
            except Exceeded as fault:
                raise Failed(f"decision {name!r}: {fault}") from None
            except RecursionError:
                raise Failed(f"decision {name!r}: calls within calls without end") from None

    def value_of(self, id: str) -> Value:
        """The value of a node: an input as given, a decision as made, a knowledge model or service as a function."""
        if id in self.made:
            return self.made[id]
        if id in self.doing:
            raise Failed(f"{id!r} needs itself")
        self.doing.append(id)
        try:
            self.made[id] = self._make(self.model.nodes[id])
        finally:
            self.doing.pop()
        return self.made[id]

    def _make(self, node: Node) -> Value:
        match node:
            case InputNode():
                return self.inputs.get(node.id)
            case DecisionNode():
                return self.model.step_of(node)(self.scope_of(node.needs))
            case KnowledgeNode():
                return self.model.function_of(node)(self)
            case ServiceNode():
                return self._service(node)

    def scope_of(self, needs: Sequence[str], own: KnowledgeNode | None = None) -> Scope:
        """The names that a node may read, with their values; a knowledge model may also call itself."""
        values: dict[str, Any] = {}
        for need in needs:
            at = self.model.resolve(need)
            values[self.model.nodes[at].variable.name] = self.value_of(at)
        if own is not None:
            values[own.variable.name] = Function(
                tuple(v.name for v in own.logic.names) if own.logic else (),
                lambda *given: self.run.call(self.value_of(own.id).call, *given),
            )
        under = Scope(self.extra, self.run) if self.extra else None
        return Scope(values, self.run, under)

    def _service(self, node: ServiceNode) -> Value:
        """A service as a function of its inputs; within it, what it is handed stands for what it would look up."""
        ids = [self.model.resolve(need) for need in node.inputs]
        parameters = tuple(self.model.nodes[at].variable.name for at in ids)

        def call(*values: Value) -> Value:
            inner = Line(self.model, self.inputs, at=self.run.at, extra=self.extra)
            inner.run = self.run
            for at, value in zip(ids, values, strict=True):
                kind = self.model.input_type(self.model.nodes[at].variable)
                inner.made[at] = value if kind is None else kind.take(value)
            outputs = [self.model.resolve(need) for need in node.outputs]
            made = {self.model.nodes[at].variable.name: inner.value_of(at) for at in outputs}
            found: Value = made if len(made) != 1 else next(iter(made.values()))
            kind = self.model.input_type(node.variable)
            result = None if kind is None else kind.result
            return found if result is None else result.take(found)

        return Function(parameters, call)
