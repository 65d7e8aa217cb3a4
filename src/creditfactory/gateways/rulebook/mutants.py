"""Small changes to a rulebook, one at a time: what a slip of the pen could do, and its cases should notice."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

from creditfactory.decision import Dated, DerivedText, ForkText, Product, Rulebook, RuleText, TreeText
from creditfactory.gateways.rulebook.table_mutants import mutate_table, shift_answer
from creditfactory.kernel import Scalar
from creditfactory.rules import Consequence, Parameter

Part = Literal["rules", "derived", "parameters", "tables", "strategies", "products"]
CONSEQUENCES: tuple[Consequence, ...] = ("lane_b", "lane_c", "refer", "decline")
STEP = 0.0001
"""One unit of a fraction: a basis point."""
FLIPPED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to one version of one part of a rulebook: ``value`` stands in its place, None where it is dropped."""

    part: Part
    name: str
    starts_on: date
    kind: str
    place: str
    what: str
    value: Any = None

    def put_into(self, rulebook: Rulebook) -> Rulebook:
        """The rulebook with this change and no other."""
        if self.part == "products":
            changed = [self.value if p.place == self.place else p for p in rulebook.products]
            products = tuple(p for p in changed if p is not None)
            return replace(rulebook, products=products, _epochs={}, _policies={})
        catalogue: dict[str, Dated[Any]] = dict(getattr(rulebook, self.part))
        dated = catalogue[self.name]
        versions = tuple((day, self.value if day == self.starts_on else held) for day, held in dated.versions)
        catalogue[self.name] = Dated(versions, dated.place)
        changed_part: dict[str, Any] = {self.part: catalogue}
        return replace(rulebook, **changed_part, _epochs={}, _policies={})


def list_mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every small change to every version of every rule, named value, table, tree, product and parameter."""
    parts: tuple[Part, ...] = ("rules", "derived", "tables", "strategies", "parameters")
    for part in parts:
        catalogue: Mapping[str, Dated[Any]] = getattr(rulebook, part)
        for name, dated in catalogue.items():
            for day, held in dated.versions:
                if held is None:
                    continue
                place = getattr(held, "place", "") or dated.place
                for kind, what, value in _mutate(held):
                    yield Mutant(part, name, day, kind, place if part != "parameters" else dated.place, what, value)
    for product in rulebook.products:
        for kind, what, value in _mutate_product(product):
            yield Mutant("products", product.code, product.starts_on, kind, product.place, what, value)


Change = tuple[str, str, Any]


def _mutate(held: Any) -> Iterator[Change]:
    match held:
        case RuleText():
            yield from _mutate_rule(held)
        case DerivedText():
            for kind, what, text in mutate_text(held.value):
                yield kind, what, replace(held, value=text)
        case TreeText():
            yield from _mutate_tree(held)
        case Parameter():
            for what, value in _mutate_value(held.value):
                yield "parameter", what, replace(held, value=value)
        case _:
            yield from mutate_table(held)


def _mutate_rule(rule: RuleText) -> Iterator[Change]:
    for kind, what, text in mutate_text(rule.when):
        yield kind, what, replace(rule, when=text)
    for then in CONSEQUENCES:
        if then != rule.then:
            yield "then", f"then: {rule.then} becomes {then}", replace(rule, then=then)
    for missing in (*CONSEQUENCES, "clear"):
        if missing != rule.missing:
            changed = replace(rule, missing=missing, why=rule.why or "a mutant")
            yield "missing", f"missing: {rule.missing} becomes {missing}", changed
    yield "dropped", "the rule is dropped", None


def mutate_text(text: str) -> Iterator[tuple[str, str, str]]:
    """Every small change to a condition: its kind, what is changed, and the new text.

    >>> for kind, what, _ in mutate_text("not is_known and months < 12"): print(kind, "·", what)
    logic · and becomes or
    logic · not is_known becomes is_known
    comparison · months < 12 becomes months <= 12
    threshold · 12 becomes 11
    threshold · 12 becomes 13
    """
    tree = ast.parse(text.strip().replace("\n", " "), mode="eval")
    nodes = list(ast.walk(tree))
    for index, node in enumerate(nodes):
        for kind, what, change in _mutate_node(node):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[index]
            yield kind, what, ast.unparse(_change(changed, target, change))


def _mutate_node(node: ast.AST) -> Iterator[tuple[str, str, Any]]:
    """What can be changed at one place of a condition: its kind, words for it, and the change itself."""
    match node:
        case ast.BoolOp(op=ast.And()):
            yield "logic", "and becomes or", ("op", ast.Or())
        case ast.BoolOp():
            yield "logic", "or becomes and", ("op", ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "logic", f"{ast.unparse(node)} becomes {ast.unparse(operand)}", ("unwrap", None)
        case ast.Compare(ops=operators):
            for place, operator in enumerate(operators):
                flipped = copy.deepcopy(node)
                flipped.ops[place] = FLIPPED[type(operator)]()
                kind = "comparison" if isinstance(operator, ORDERED) else "logic"
                yield kind, f"{ast.unparse(node)} becomes {ast.unparse(flipped)}", ("ops", flipped.ops)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements) if len(elements) > 1:
            for place, element in enumerate(elements):
                left = [e for i, e in enumerate(elements) if i != place]
                yield "word", f"{ast.unparse(element)} is left out of the list", ("elts", left)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            for shifted in shift_number(value):
                yield "threshold", f"{value} becomes {shifted}", ("value", shifted)


def _change(tree: ast.Expression, target: ast.AST, change: tuple[str, Any]) -> ast.Expression:
    name, value = change
    if name != "unwrap":
        setattr(target, name, value)
        return tree

    class Unwrap(ast.NodeTransformer):
        def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
            self.generic_visit(node)
            return node.operand if node is target else node

    found: ast.Expression = Unwrap().visit(tree)
    return found


def shift_number(value: int | float) -> tuple[int | float, int | float]:
    """A number one unit down and one up: 1 for whole numbers, a basis point for fractions.

    >>> shift_number(12), shift_number(0.9)
    ((11, 13), (0.8999, 0.9001))
    """
    if isinstance(value, int):
        return value - 1, value + 1
    return round(value - STEP, 10), round(value + STEP, 10)


def _mutate_value(value: Any) -> Iterator[tuple[str, Any]]:
    """A parameter's value one unit off, turned round, or with one of its members left out."""
    match value:
        case bool():
            yield f"{value} becomes {not value}", not value
        case int() | float():
            for shifted in shift_number(value):
                yield f"{value} becomes {shifted}", shifted
        case date():
            for days in (-1, 1):
                yield f"{value} becomes {value + timedelta(days=days)}", value + timedelta(days=days)
        case tuple():
            for place, member in enumerate(value):
                yield f"{member} is left out", value[:place] + value[place + 1 :]
        case Mapping():
            for key in value:
                yield f"{key} is left out", {k: v for k, v in value.items() if k != key}
        case str():
            try:
                rate = Decimal(value)
            except InvalidOperation:
                yield f"{value} becomes another word", f"not_{value}"
                return
            for step in (Decimal("-0.0001"), Decimal("0.0001")):
                yield f"{value} becomes {rate + step}", str(rate + step)


def _mutate_tree(tree: TreeText) -> Iterator[Change]:
    for kind, what, root in _mutate_fork(tree.root, tree):
        yield kind, what, replace(tree, root=root)
    if tree.missing_then != "none":
        for then in CONSEQUENCES:
            if then != tree.missing_then:
                yield "missing", f"missing: {tree.missing_then} becomes {then}", replace(tree, missing_then=then)
    else:
        for answer in shift_answer(tree.missing_answer, tree.output.type, tree.output.words):
            what = f"missing: {tree.missing_answer} becomes {answer}"
            yield "missing", what, replace(tree, missing_answer=answer)


def _mutate_fork(node: ForkText | Scalar, tree: TreeText, where: str = "") -> Iterator[Change]:
    if not isinstance(node, ForkText):
        for answer in shift_answer(node, tree.output.type, tree.output.words):
            yield "answer", f"{where}the answer {node} becomes {answer}", answer
        return
    for _, what, text in mutate_text(node.when):
        yield "fork", what, replace(node, when=text)
    for kind, what, then in _mutate_fork(node.then, tree, f"if {node.when} then "):
        yield kind, what, replace(node, then=then)
    for kind, what, otherwise in _mutate_fork(node.otherwise, tree, f"if {node.when} else "):
        yield kind, what, replace(node, otherwise=otherwise)


def _mutate_product(product: Product) -> Iterator[Change]:
    if product.eligible_when is not None:
        for _, what, text in mutate_text(product.eligible_when):
            yield "product", what, replace(product, eligible_when=text)
        yield "product", "open to everybody", replace(product, eligible_when=None)
    for name in ("amount_cents_min", "amount_cents_max"):
        held = getattr(product, name)
        for shifted in (held - product.amount_step_cents, held + product.amount_step_cents):
            if shifted >= 0:
                yield "product", f"{name}: {held} becomes {shifted}", replace(product, **{name: shifted})
    yield "product", "amount_step_cents doubled", replace(product, amount_step_cents=2 * product.amount_step_cents)
    for months in product.terms_months if len(product.terms_months) > 1 else ():
        left = tuple(m for m in product.terms_months if m != months)
        yield "product", f"the term of {months} months is left out", replace(product, terms_months=left)
    for name in ("annual_rate_min", "annual_rate_max"):
        held = getattr(product, name)
        for step in (Decimal("-0.0001"), Decimal("0.0001")):
            yield "product", f"{name}: {held} becomes {held + step}", replace(product, **{name: held + step})
    for name, held in product.features.items():
        if type(held) is int:
            for shifted in shift_number(held):
                yield (
                    "product",
                    f"{name}: {held} becomes {shifted}",
                    replace(product, features={**product.features, name: shifted}),
                )
    yield "product", "the product is dropped", None


def names_in(held: object) -> frozenset[str]:
    """Every name that a rule, a named value, a tree or a product's condition mentions."""
    match held:
        case RuleText(when=text) | DerivedText(value=text) | Product(eligible_when=str(text)):
            return _names(text)
        case TreeText():
            return frozenset[str]().union(*(_names(fork.when) for fork in held.forks()))
        case _:
            return frozenset()


@lru_cache(maxsize=10_000)
def _names(text: str) -> frozenset[str]:
    tree = ast.parse(text.strip().replace("\n", " "), mode="eval")
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
