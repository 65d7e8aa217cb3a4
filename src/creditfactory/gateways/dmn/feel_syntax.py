"""What FEEL says, as a tree: what is run, what is translated, and what is looked at before either."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

NodeKind = Literal[
    "literal", "name", "list", "context", "range", "negative", "arithmetic", "compare", "between", "in",
    "and", "or", "if", "for", "some", "every", "filter", "path", "call", "named_call", "function", "instance",
    "test", "at", "external",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression: its kind, the parts within it, what else it says, and where it stands."""

    kind: NodeKind
    parts: tuple[Node, ...] = ()
    value: Any = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class CellTests:
    """What one cell asks of its input: nothing, one of several tests, or none of them."""

    tests: tuple[Node, ...] = ()
    negated: bool = False
    text: str = ""

    @property
    def is_any(self) -> bool:
        """Whether every value passes."""
        return not self.tests


def walk(node: Node) -> Iterator[Node]:
    """A node and everything within it, outermost first."""
    yield node
    for part in node.parts:
        yield from walk(part)


def is_constant(node: Node) -> bool:
    """Whether a node is a plain number, text, yes, no, null or a date written down.

    >>> is_constant(Node("negative", (Node("literal", value=Decimal(5)),)))
    True
    """
    match node.kind:
        case "literal" | "at":
            return True
        case "negative":
            return node.parts[0].kind == "literal" and isinstance(node.parts[0].value, Decimal)
        case _:
            return False


def reads_input(node: Node) -> bool:
    """Whether a cell's expression names its input as ``?``."""
    return any(part.kind == "name" and part.value == "?" for part in walk(node))
