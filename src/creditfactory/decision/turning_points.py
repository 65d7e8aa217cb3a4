"""Where answers turn: for each label the values at which a rule, a table, a card or a product says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from creditfactory.decision.book import Book
from creditfactory.kernel import Scalar
from creditfactory.rules import (
    Branch,
    Compare,
    Derived,
    Expression,
    Leaf,
    Literally,
    Name,
    OneOf,
    Policy,
    Rule,
    Set,
    Table,
    TableStep,
    TreeStep,
    walk,
)
from creditfactory.scoring import Card


def find_turning_points(book: Book) -> dict[str, set[Scalar]]:
    """For each label that anything reads, the values at which something turns; words for words."""
    found: dict[str, set[Scalar]] = defaultdict(set)
    policies = [book.policy, book.strategy, *(p.condition for p in book.products if p.condition is not None)]
    pairs: list[Iterator[tuple[str, Scalar]]] = [_of_policy(policy) for policy in policies]
    pairs += [_of_table(table) for table in book.tables.values()]
    pairs += [_of_card(card) for card in book.cards.values()]
    for one in pairs:
        for name, value in one:
            found[name].add(value)
    return dict(found)


def _of_policy(policy: Policy) -> Iterator[tuple[str, Scalar]]:
    for step in policy.steps:
        match step:
            case Rule(when=when):
                yield from _of_expression(when)
            case Derived(value=value):
                yield from _of_expression(value)
            case TableStep(table=table):
                yield from _of_table(table)
            case TreeStep(root=root):
                yield from _of_tree(root)
            case _:
                pass


def _of_tree(node: Branch | Leaf) -> Iterator[tuple[str, Scalar]]:
    if isinstance(node, Branch):
        yield from _of_expression(node.when)
        yield from _of_tree(node.then)
        yield from _of_tree(node.otherwise)


def _of_expression(expression: Expression) -> Iterator[tuple[str, Scalar]]:
    for part in walk(expression):
        match part:
            case Compare(left=Name(name=name), right=Literally(value=value) | Set(value=value)):
                yield name, value
            case Compare(left=Literally(value=value) | Set(value=value), right=Name(name=name)):
                yield name, value
            case OneOf(operand=Name(name=name), values=values):
                yield from ((name, value) for value in values)
            case Name(name=name, type="bool"):
                yield from ((name, True), (name, False))
            case _:
                pass


def _of_table(table: Table) -> Iterator[tuple[str, Scalar]]:
    for column in table.columns:
        name = column.declaration.name
        yield from ((name, value) for value, _ in column.cuts)
        yield from ((name, word) for word in column.words)


def _of_card(card: Card) -> Iterator[tuple[str, Scalar]]:
    for question in card.characteristics:
        for one in question.bins:
            if one.start is not None:
                yield question.label, one.start
            yield from ((question.label, word) for word in one.words)
        yield from ((question.label, value) for one in question.special for value in one.values)
