"""What a condition can ever answer, given the range and the words of every fact: never, always, or now and then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from creditfactory.rules.declarations import NUMBER_LIMIT, Declaration
from creditfactory.rules.expressions import (
    All,
    AnyOf,
    Compare,
    Expression,
    Literally,
    Name,
    OneOf,
    Opposite,
    Set,
    Unknown,
    Value,
    names_read,
    parts_of,
    walk,
)
from creditfactory.rules.policy import Branch, Leaf
from creditfactory.rules.spans import Span, declared_spans, find_span

Answer = Literal["never", "always", "sometimes"]
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
CLAUSES_MAX = 256
"""A condition that falls into more cases than these is not looked through, and counts as *sometimes*."""


@dataclass(slots=True)
class _Room:
    """What is left possible for one fact: between which numbers, which words, and which of those are out."""

    low: float
    high: float
    is_open_low: bool = False
    is_open_high: bool = False
    among: frozenset[Value] | None = None
    without: frozenset[Value] = field(default_factory=frozenset)

    @property
    def is_empty(self) -> bool:
        if self.among is not None:
            return not any(self._fits(value) for value in self.among - self.without)
        if self.low == self.high:
            return self.is_open_low or self.is_open_high or self.low in self.without
        return self.low > self.high

    def _fits(self, value: Value) -> bool:
        if isinstance(value, str | bool):
            return True
        above = value > self.low or (value == self.low and not self.is_open_low)
        return above and (value < self.high or (value == self.high and not self.is_open_high))


def find_answer(condition: Expression, declarations: Mapping[str, Declaration]) -> Answer:
    """Whether a condition holds never, always or sometimes, whatever values its facts have within their declared range.

    >>> months = Declaration("overdue_months_24m", "int", minimum=0, maximum=24)
    >>> over = Compare(">", Name("overdue_months_24m", "int"), Set("overdue_months_24m_max", 24, "int"))
    >>> find_answer(over, {"overdue_months_24m": months})
    'never'
    """
    if not can_hold([condition], declarations):
        return "never"
    return "sometimes" if can_hold([Opposite(condition)], declarations) else "always"


def can_hold(conditions: Iterable[Expression], declarations: Mapping[str, Declaration]) -> bool:
    """Whether these conditions can all hold together for some known values; in doubt they can."""
    spans = declared_spans(declarations)
    clauses = _clauses(All(tuple(conditions)), yes=True)
    return clauses is None or any(_is_open(clause, declarations, spans) for clause in clauses)


def _clauses(condition: Expression, *, yes: bool) -> list[tuple[tuple[Expression, bool], ...]] | None:
    """The condition as cases, each a list of plain tests that must come out so; None where there are too many."""
    match condition:
        case Opposite(operand=operand):
            return _clauses(operand, yes=not yes)
        case All(parts=parts) | AnyOf(parts=parts):
            found = [_clauses(part, yes=yes) for part in parts]
            if isinstance(condition, All) is not yes:
                joined = [clause for clauses in found if clauses is not None for clause in clauses]
                return joined if None not in found and len(joined) <= CLAUSES_MAX else None
            product: list[tuple[tuple[Expression, bool], ...]] = [()]
            for clauses in found:
                if clauses is None or len(product) * len(clauses) > CLAUSES_MAX:
                    return None
                product = [(*before, *clause) for before in product for clause in clauses]
            return product
        case _:
            return [((condition, yes),)]


def _is_open(
    clause: tuple[tuple[Expression, bool], ...], declarations: Mapping[str, Declaration], spans: Mapping[str, Span]
) -> bool:
    """Whether all tests of one case can come out so at once."""
    rooms: dict[str, _Room] = {}
    for test, yes in clause:
        match test:
            case Literally(value=value) | Set(value=value):
                if value is not yes:
                    return False
            case Name(name=name):
                _room(name, rooms, declarations).without |= {not yes}
            case Unknown(name=name):
                if yes and name in declarations and not declarations[name].nullable:
                    return False
            case OneOf(operand=Name(name=name), values=values):
                _list(_room(name, rooms, declarations), values, yes=yes)
            case OneOf(values=()):
                if yes:
                    return False
            case Compare():
                if not _compare(test if yes else _turn(test), rooms, declarations, spans):
                    return False
            case _:
                pass
    return not any(room.is_empty for room in rooms.values())


def _room(name: str, rooms: dict[str, _Room], declarations: Mapping[str, Declaration]) -> _Room:
    if name not in rooms:
        declared = declarations.get(name)
        among: frozenset[Value] | None = None
        if declared is not None and declared.type == "bool":
            among = frozenset((True, False))
        elif declared is not None and declared.words:
            among = frozenset(declared.words)
        low, high = (-NUMBER_LIMIT, NUMBER_LIMIT) if declared is None else (declared.lowest, declared.highest)
        rooms[name] = _Room(low, high, among=among)
    return rooms[name]


def _list(room: _Room, values: tuple[Value, ...], *, yes: bool) -> None:
    if not yes:
        room.without |= frozenset(values)
    else:
        room.among = frozenset(values) if room.among is None else room.among & frozenset(values)


def _turn(test: Compare) -> Compare:
    return replace(test, operator=NEGATED[test.operator])  # type: ignore[arg-type]


def _compare(
    test: Compare, rooms: dict[str, _Room], declarations: Mapping[str, Declaration], spans: Mapping[str, Span]
) -> bool:
    """Narrow what is possible by one comparison; False where it can never come out so."""
    left, operator, right = test.left, test.operator, test.right
    if not isinstance(left, Name):
        left, operator, right = right, MIRRORED[operator], left  # type: ignore[assignment]
    if isinstance(left, Name) and isinstance(right, Literally | Set):
        return _narrow(_room(left.name, rooms, declarations), operator, right.value, left.type == "int")
    if left == right:
        return operator in ("<=", ">=", "==") or not names_read(left)
    one, other = find_span(left, spans), find_span(right, spans)
    if one is None or other is None:
        return True
    match operator:
        case "<":
            return one[0] < other[1]
        case "<=":
            return one[0] <= other[1]
        case ">":
            return one[1] > other[0]
        case ">=":
            return one[1] >= other[0]
        case "==":
            return one[0] <= other[1] and one[1] >= other[0]
        case _:
            return not one[0] == one[1] == other[0] == other[1]


def _narrow(room: _Room, operator: str, value: Value, is_whole: bool) -> bool:
    if operator == "==":
        _list(room, (value,), yes=True)
    elif operator == "!=":
        _list(room, (value,), yes=False)
    elif not isinstance(value, str):
        if operator in ("<", "<="):
            is_open = operator == "<"
            end = _ceil_less_one(value) if is_open and is_whole else value
            if end < room.high or (end == room.high and is_open):
                room.high, room.is_open_high = end, is_open and not is_whole
        else:
            is_open = operator == ">"
            end = _floor_plus_one(value) if is_open and is_whole else value
            if end > room.low or (end == room.low and is_open):
                room.low, room.is_open_low = end, is_open and not is_whole
    return not room.is_empty


def _ceil_less_one(value: float) -> float:
    return -(-value // 1) - 1


def _floor_plus_one(value: float) -> float:
    return value // 1 + 1


@dataclass(frozen=True, slots=True)
class TreeFault:
    """One fault in a tree, at a fork's place: an answer that nobody gets, or a question that changes nothing."""

    kind: Literal["never", "always", "same"]
    place: str
    text: str


def check_tree(root: Branch | Leaf, declarations: Mapping[str, Declaration]) -> Iterator[TreeFault]:
    """Forks that always or never hold for those who reach them, and forks whose two sides say the same."""
    waiting: list[tuple[Branch | Leaf, tuple[Expression, ...]]] = [(root, ())]
    while waiting:
        node, before = waiting.pop()
        if not isinstance(node, Branch):
            continue
        yes, no = (*before, node.when), (*before, Opposite(node.when))
        if not can_hold(yes, declarations):
            yield TreeFault("never", node.place, node.text)
        elif not can_hold(no, declarations):
            yield TreeFault("always", node.place, node.text)
        if _plain(node.then) == _plain(node.otherwise):
            yield TreeFault("same", node.place, node.text)
        waiting += [(node.otherwise, no), (node.then, yes)]


def _plain(node: Branch | Leaf) -> object:
    """A part of a tree without its places, to compare with another."""
    if isinstance(node, Leaf):
        return node.answer
    return (node.when, _plain(node.then), _plain(node.otherwise))


def find_idle_tests(condition: Expression, declarations: Mapping[str, Declaration]) -> Iterator[Expression]:
    """The parts of a condition that never or always hold by themselves, so that they add nothing to the rest."""
    for part in walk(condition):
        inner = parts_of(part) if isinstance(part, All | AnyOf) else ()
        for test in inner:
            if not isinstance(test, Unknown) and find_answer(test, declarations) != "sometimes":
                yield test
