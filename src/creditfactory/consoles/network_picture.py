"""A neighbourhood laid out for a page: the application in the middle, things and others around it, ring by ring.

The same neighbourhood always looks the same: no chance and no search, only a place for each branch by its size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from creditfactory.network import KINDS, ApplicationNode, Neighbourhood, ThingNode

SIZE = 680.0
EDGE = 34.0
LEAVES_SHOWN = 6
"""So many applications that only one thing ties are drawn by themselves; the rest is one disc with their count."""
ORDER = {kind.code: place for place, kind in enumerate(KINDS)}
Node = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Disc:
    """An application in its place."""

    node: ApplicationNode
    x: float
    y: float
    shares: tuple[str, ...]
    is_root: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A thing in its place; ``more`` is how many others touch it that the picture does not show."""

    kind: str
    x: float
    y: float
    more: int


@dataclass(frozen=True, slots=True)
class Fold:
    """Applications that nothing else ties and of which nothing bad is known, as one disc with their count."""

    x: float
    y: float
    count: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture: everything in its place, lines from end to end, and all applications for the table beside it."""

    discs: tuple[Disc, ...]
    marks: tuple[Mark, ...]
    folds: tuple[Fold, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    rows: tuple[Disc, ...]
    kinds: tuple[str, ...]
    left_out: int
    size: float = SIZE


@dataclass(slots=True)
class _Graph:
    """Who touches what, as a tree from the application outward and the ties beside it."""

    ties: dict[Node, list[Node]] = field(default_factory=dict)
    children: dict[Node, list[Node]] = field(default_factory=dict)
    depth: dict[Node, int] = field(default_factory=dict)
    folded: dict[Node, int] = field(default_factory=dict)


def lay_out(seen: Neighbourhood) -> Drawn:
    """Every application and thing in its place; an application that touches nothing gives an empty picture."""
    if not seen.applications:
        return Drawn((), (), (), (), (), (), 0)
    root: Node = ("a", seen.applications[0].application)
    apps = {("a", node.application): node for node in seen.applications}
    things = {("t", node.key): node for node in seen.things}
    graph = _grow(root, seen, apps, things)
    _fold(graph, apps, root)
    places = _place(graph, root)
    shares = _list_shared(graph, things, root)
    lines = tuple(
        (*places[one], *places[other])
        for one in things for other in graph.ties.get(one, ()) if one in places and other in places
    ) + tuple((*places[one], *places[("f", one[1])]) for one in graph.folded)  # fmt: skip
    rows = tuple(
        Disc(node, *places.get(key, (0.0, 0.0)), shares.get(key, ()), key == root) for key, node in apps.items()
    )
    return Drawn(
        discs=tuple(row for row in rows if ("a", row.node.application) in places),
        marks=tuple(
            Mark(node.kind, *places[key], max(0, node.others - sum(apps[a].level > 0 for a in graph.ties[key])))
            for key, node in things.items() if key in places
        ),
        folds=tuple(Fold(*places[("f", key[1])], count) for key, count in graph.folded.items()),
        lines=lines,
        rows=tuple(sorted(rows, key=_rank_row)),
        kinds=tuple(sorted({node.kind for key, node in things.items() if key in places}, key=ORDER.__getitem__)),
        left_out=seen.left_out,
    )  # fmt: skip


def _rank_row(row: Disc) -> tuple[object, ...]:
    return (row.node.level, not row.is_root, not row.node.is_bad, row.node.application)


def _grow(
    root: Node, seen: Neighbourhood, apps: Mapping[Node, ApplicationNode], things: Mapping[Node, ThingNode]
) -> _Graph:
    """The tree: each thing and application hangs on what is nearest to the middle, things by kind, others by age."""
    graph = _Graph()
    for link in seen.links:
        one, other = ("a", link.application), ("t", link.key)
        graph.ties.setdefault(one, []).append(other)
        graph.ties.setdefault(other, []).append(one)

    def rank(node: Node) -> tuple[object, ...]:
        if node[0] == "t":
            return (ORDER[things[node].kind], node[1])
        return (not apps[node].is_bad, apps[node].known_at, node[1])

    graph.depth[root], ring = 0, [root]
    while ring:
        further = []
        for parent in ring:
            fresh = [node for node in sorted(graph.ties.get(parent, ()), key=rank) if node not in graph.depth]
            graph.depth.update(dict.fromkeys(fresh, graph.depth[parent] + 1))
            graph.children[parent] = fresh
            further += fresh
        ring = further
    return graph


def _fold(graph: _Graph, apps: Mapping[Node, ApplicationNode], root: Node) -> None:
    """Take the plain leaves beyond the first few of each thing off the tree, leaving their count."""
    for parent in [node for node in graph.children if node[0] == "t"]:
        plain = [
            child for child in graph.children[parent]
            if child != root and not graph.children.get(child) and len(graph.ties[child]) == 1
            and not apps[child].is_bad
        ]  # fmt: skip
        if len(plain) > LEAVES_SHOWN + 1:
            gone = plain[:-LEAVES_SHOWN]
            graph.children[parent] = [child for child in graph.children[parent] if child not in gone]
            graph.folded[parent] = len(gone)
            for child in gone:
                del graph.depth[child]


def _place(graph: _Graph, root: Node) -> dict[Node, tuple[float, float]]:
    """Angles by how many leaves a branch has, distances by how many steps it is away."""
    leaves: dict[Node, int] = {}

    def count(node: Node) -> int:
        below = sum(count(child) for child in graph.children.get(node, ())) + (node in graph.folded)
        leaves[node] = max(1, below)
        return leaves[node]

    count(root)
    deepest = max(max(graph.depth.values()), 2)
    step = (SIZE / 2 - EDGE) / (deepest + (1 if any(graph.depth[n] == deepest for n in graph.folded) else 0))
    places: dict[Node, tuple[float, float]] = {}

    def put(node: Node, depth: int, start: float, end: float) -> None:
        angle, away = (start + end) / 2, depth * step
        places[node] = (
            round(SIZE / 2 + away * math.sin(angle), 1), round(SIZE / 2 - away * math.cos(angle), 1),
        )  # fmt: skip
        each = (end - start) / max(1, leaves.get(node, 1))
        at = start
        for child in graph.children.get(node, ()):
            put(child, depth + 1, at, at + each * leaves[child])
            at += each * leaves[child]
        if node in graph.folded:
            leaves[("f", node[1])] = 1
            put(("f", node[1]), depth + 1, at, at + each)

    put(root, 0, 0.0, 2 * math.pi)
    return places


def _list_shared(graph: _Graph, things: Mapping[Node, ThingNode], root: Node) -> dict[Node, tuple[str, ...]]:
    """By which kinds of things each application hangs together with the rest of the picture."""
    found = {}
    for node, ties in graph.ties.items():
        if node[0] == "a" and node != root:
            kinds = {things[thing].kind for thing in ties if len(graph.ties[thing]) > 1}
            found[node] = tuple(sorted(kinds, key=ORDER.__getitem__))
    return found
