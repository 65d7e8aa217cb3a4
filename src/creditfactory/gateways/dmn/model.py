"""A DMN model as it was read: its types, inputs, decisions, knowledge models and services, and what links them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of FEEL and the line of the file it stands on."""

    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Variable:
    """A name with the type its values must be of."""

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class TypeText:
    """An item definition: a name for a simple type, for a list, or for a context with its parts."""

    name: str
    type_ref: str = ""
    allowed: Written | None = None
    constraint: Written | None = None
    is_list: bool = False
    parts: tuple[TypeText, ...] = ()
    line: int = 0
    gives: str | None = None
    """Of a function: the type of what it gives."""


@dataclass(frozen=True, slots=True)
class InputClause:
    """A decision table's column of tests: what is looked at and which values are expected."""

    expression: Written
    type_ref: str = ""
    label: str = ""
    allowed: Written | None = None


@dataclass(frozen=True, slots=True)
class OutputClause:
    """A decision table's column of answers: its name, its values in order of priority, and what holds by default."""

    name: str = ""
    type_ref: str = ""
    label: str = ""
    allowed: Written | None = None
    default: Written | None = None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row: its tests, its answers, and what is noted beside them."""

    tests: tuple[Written, ...]
    answers: tuple[Written, ...]
    notes: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class TableText:
    """A decision table."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rows: tuple[RuleRow, ...]
    hit: str = "U"
    line: int = 0


@dataclass(frozen=True, slots=True)
class LiteralText:
    """A literal expression."""

    text: Written
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Boxed:
    """Any other boxed expression: its kind, the expressions within it, and their names."""

    kind: Literal[
        "context", "list", "relation", "invocation", "function", "conditional", "for", "some", "every", "filter",
        "unknown",
    ]  # fmt: skip
    parts: tuple[Expression, ...] = ()
    names: tuple[Variable, ...] = ()
    line: int = 0
    type_ref: str = ""
    note: str = ""


Expression = TableText | LiteralText | Boxed


@dataclass(frozen=True, slots=True)
class InputNode:
    """An input of the whole model."""

    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, slots=True)
class DecisionNode:
    """A decision: its logic, and the ids of what it needs to know."""

    id: str
    name: str
    variable: Variable
    logic: Expression | None
    needs: tuple[str, ...] = ()
    line: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeNode:
    """A business knowledge model: a function that decisions may call."""

    id: str
    name: str
    variable: Variable
    logic: Boxed | None
    needs: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """A decision service: decisions that are asked together, from the inputs that are named."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...]
    inside: tuple[str, ...]
    inputs: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class ModelText:
    """A whole model as its file says it."""

    name: str
    namespace: str
    version: str
    types: tuple[TypeText, ...]
    inputs: Mapping[str, InputNode]
    decisions: Mapping[str, DecisionNode]
    knowledge: Mapping[str, KnowledgeNode]
    services: Mapping[str, ServiceNode]
    imports: tuple[str, ...] = ()
    place: str = ""
    notes: tuple[str, ...] = field(default=())


def part_names(text: ModelText) -> frozenset[str]:
    """The names of all parts of all types, and of all columns of answers: what may stand behind a point."""
    names: set[str] = set()

    def look(kind: TypeText) -> None:
        for part in kind.parts:
            names.add(part.name)
            look(part)

    def search(expression: Any) -> None:
        if isinstance(expression, TableText):
            names.update(output.name for output in expression.outputs if output.name)
        elif isinstance(expression, Boxed):
            names.update(variable.name for variable in expression.names if variable.name)
            for part in expression.parts:
                search(part)

    for kind in text.types:
        look(kind)
    for logic in [node.logic for node in text.decisions.values()] + [node.logic for node in text.knowledge.values()]:
        search(logic)
    for service in text.services.values():
        names.update(text.decisions[at].variable.name for at in service.outputs if at in text.decisions)
    return frozenset(names)
