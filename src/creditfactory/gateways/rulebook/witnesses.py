"""For a change that no case notices: facts on which it shows, or the proof that there are none."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from creditfactory.decision import PARAMETERS_BY_ENGINE, Book, ForkText, Product, Rulebook, RuleText, TreeText
from creditfactory.gateways.rulebook.mutants import STEP, Mutant, names_in
from creditfactory.kernel import CreditFactoryError, Scalar
from creditfactory.rules import (
    Cell,
    Compare,
    Declaration,
    Derived,
    Expression,
    Literally,
    Name,
    OneOf,
    Policy,
    Rule,
    Set,
    Table,
    TableStep,
    TreeStep,
    compile_policy,
    known_parameters,
    names_read,
    read_condition,
    walk,
)

POINTS_MAX = 20_000
"""More combinations than this are not looked through; then nothing is proven."""
Facts = Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Witness:
    """Facts on which a change shows, in words for a case; or that it makes no difference to anybody."""

    words: str
    is_equivalent: bool = False


SAME = Witness("no facts tell it from what is there", is_equivalent=True)


def find_witness(rulebook: Rulebook, mutant: Mutant, usual: Facts) -> Witness:
    """Facts on which the change makes a difference, as near to ``usual`` as can be, or the proof that none can.

    Values are tried on both sides of every boundary, at the ends of what is declared, unknown, and each word: where a
    condition only compares labels with fixed values, nothing else can tell it from the changed one.
    """
    day = max(mutant.starts_on, rulebook.first_day or mutant.starts_on)
    book = rulebook.at(day)
    try:
        match mutant.part:
            case "rules":
                rule = rulebook.rules[mutant.name].on(day)
                assert rule is not None, "a change is to a version that is there"
                return _show_rule(rule, mutant.value, book, usual)
            case "tables":
                table = rulebook.tables[mutant.name].on(day)
                assert table is not None, "a change is to a version that is there"
                return _show_table(table, mutant.value, usual)
            case "strategies":
                return _show_tree(rulebook.strategies[mutant.name].on(day), mutant, book, usual)
            case "products":
                return _show_product(mutant, book, usual)
            case "parameters":
                return _show_parameter(rulebook, mutant, day, usual)
            case "derived":
                return Witness(f"expect values: {{{mutant.name}: …}} at its boundary")
    except CreditFactoryError as fault:
        return Witness(str(fault))


# --- rules and conditions


def _show_rule(rule: RuleText, changed: RuleText | None, book: Book, usual: Facts) -> Witness:
    """A rule's verdict and what follows, before and after."""
    before = _judge(rule, book)
    if changed is None or changed.when == rule.when:
        wanted = "missing" if changed is not None and changed.missing != rule.missing else "hit"
        return _tell(before, lambda one, _: one[0] == wanted, before, rule.name, usual)
    return _tell(before, lambda one, other: one != other, _judge(changed, book), rule.name, usual)


@dataclass(frozen=True)
class _Judge:
    """One rule compiled by itself, with the values worth trying for each fact it reads."""

    rule: Rule
    policy: Policy
    when: Expression
    known: Mapping[str, Declaration]

    def answer(self, facts: Facts) -> tuple[str, str]:
        """Its verdict and what follows."""
        found = self.policy.judge(facts)[0]
        return found.verdict, found.consequence

    @property
    def is_plain(self) -> bool:
        """Whether it only compares labels with fixed values, so that values at the boundaries stand for all."""
        return all(_is_plain(part) for part in walk(self.when))


def _judge(text: RuleText, book: Book, parameters: Mapping[str, Any] | None = None) -> _Judge:
    known = _names_known(book)
    values = known_parameters({**book.parameters, **(parameters or {})})
    when = read_condition(text.when, known, values, place=text.place)
    rule = Rule(text.name, when, text.then, text.missing, text.reason)  # type: ignore[arg-type]
    return _Judge(rule, compile_policy([rule], known), when, known)


def _names_known(book: Book) -> dict[str, Declaration]:
    """Labels, and all that policy and strategy name, as if they were labels."""
    known = dict(book.declarations)
    for policy in (book.policy, book.strategy):
        known |= {d.name: d for d in policy.inputs}
        for step in policy.steps:
            match step:
                case Derived(name=name, value=value):
                    known[name] = Declaration(name, value.type)
                case TreeStep(output=output):
                    known[output.name] = output
                case TableStep(table=table):
                    outputs = (o for o in table.outputs if o.type != "rate")
                    known |= {o.name: Declaration(o.name, o.type, words=o.words) for o in outputs}  # type: ignore[arg-type]
    return known


def _tell(
    before: _Judge, shows: Callable[[tuple[str, str], tuple[str, str]], bool], after: _Judge, name: str, usual: Facts
) -> Witness:
    names = dict.fromkeys((*names_read(before.when), *names_read(after.when)))
    columns = {n: _values_to_try(before.known[n], [before.when, after.when], usual.get(n)) for n in names}
    for facts in _combine(columns, usual):
        one, other = before.answer(facts), after.answer(facts)
        if shows(one, other):
            return Witness(f"labels: {_write(facts, usual, names)}, expect: {{rules: {{{name}: [{', '.join(one)}]}}}}")
    if _are_few(columns) and before.is_plain and after.is_plain:
        return SAME
    return Witness(f"facts at the boundary of {name}")


def _is_plain(part: Expression) -> bool:
    match part:
        case Compare(left=left, right=right):
            return isinstance(left, Name) and isinstance(right, Literally | Set)
        case OneOf(operand=operand):
            return isinstance(operand, Name)
        case _:
            return part.type == "bool" or isinstance(part, Name | Literally | Set)


def _values_to_try(declared: Declaration, conditions: Iterable[Expression], usual: Scalar) -> list[Scalar]:
    """The values that any of the conditions could tell apart, the usual one first."""
    found: dict[Scalar, None] = {}
    if usual is not None:
        found[usual] = None
    parts = [part for when in conditions for part in walk(when)]
    points = [p.value for p in parts if isinstance(p, Literally | Set)]
    points += [v for p in parts if isinstance(p, OneOf) for v in p.values]
    match declared.type:
        case "bool":
            found |= {True: None, False: None}
        case "str":
            texts = [p for p in points if isinstance(p, str)]
            found |= dict.fromkeys(declared.words or (*texts, "another word"))
        case "date":
            for text in (p for p in points if isinstance(p, str)):
                found |= dict.fromkeys(_days_around(text))
        case _:
            for number in (p for p in points if isinstance(p, int | float) and not isinstance(p, bool)):
                found |= dict.fromkeys(_numbers_around(number, declared))
            ends = (declared.minimum, declared.maximum)
            found |= {end: None for end in ends if end is not None}
            found = {v: None for v in found if isinstance(v, int | float) and declared.lowest <= v <= declared.highest}
    if declared.nullable:
        found[None] = None
    return list(found)


def _days_around(text: str) -> tuple[str, ...]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ()
    return tuple((day + timedelta(days=d)).isoformat() for d in (-1, 0, 1))


def _numbers_around(number: float, declared: Declaration) -> tuple[float, ...]:
    if declared.type == "int":
        whole = math.floor(number)
        return whole - 2, whole - 1, whole, whole + 1, whole + 2
    steps = (-STEP, 0.0, STEP)
    near = [round(number + step, 10) for step in steps]
    return (*near, *(math.nextafter(n, side) for n in near for side in (-math.inf, math.inf)))


def _are_few(columns: Mapping[str, list[Scalar]]) -> bool:
    """Whether all combinations can be looked through."""
    return math.prod(len(values) for values in columns.values()) <= POINTS_MAX


def _combine(columns: Mapping[str, list[Scalar]], usual: Facts) -> Iterator[dict[str, Scalar]]:
    """Combinations of the values, those nearest to the usual facts first, and all of them where they are few."""
    names = list(columns)
    start = {name: values[0] for name, values in columns.items()}
    for count in (0, 1, 2):
        for chosen in itertools.combinations(names, min(count, len(names))):
            for values in itertools.product(*(columns[name] for name in chosen)):
                yield {**usual, **start, **dict(zip(chosen, values, strict=True))}
    if _are_few(columns):
        for values in itertools.product(*columns.values()):
            yield {**usual, **dict(zip(names, values, strict=True))}


def _write(facts: Facts, usual: Facts, names: Iterable[str]) -> str:
    """The facts that differ from the usual ones, as YAML writes them on one line."""
    told = {n: facts[n] for n in names if n not in usual or facts[n] != usual[n]}
    return "{" + ", ".join(f"{n}: {json.dumps(v, ensure_ascii=False)}" for n, v in told.items()) + "}"


# --- tables


def _show_table(table: Table, changed: Table, usual: Facts) -> Witness:
    columns = {}
    for at, declared in enumerate(table.inputs):
        cells = [row.cells[at] for one in (table, changed) for row in one.rows]
        columns[declared.name] = _values_in_cells(declared, cells, usual.get(declared.name))
    for facts in _combine(columns, usual):
        one, other = table.look_up(facts), changed.look_up(facts)
        if (one.verdict, one.consequence, one.outputs) != (other.verdict, other.consequence, other.outputs):
            answer: object = dict(one.outputs) if one.verdict == "found" else [one.verdict, one.consequence]
            given = _write(facts, {}, columns)
            return Witness(f"given or labels: {given}, expect: {{tables: {{{table.name}: {json.dumps(answer)}}}}}")
    return SAME if _are_few(columns) else Witness(f"facts at the changed boundary of {table.name}")


def _values_in_cells(declared: Declaration, cells: list[Cell], usual: Scalar) -> list[Scalar]:
    found: dict[Scalar, None] = {} if usual is None else {usual: None}
    cuts = [cut for cell in cells for span in cell.spans for cut in (span.start, span.end) if cut is not None]
    match declared.type:
        case "bool":
            found |= {True: None, False: None}
        case "str":
            words = dict.fromkeys(str(w) for cell in cells for w in cell.words)
            found |= dict.fromkeys(declared.words or (*words, "another word"))
        case "date":
            found |= dict.fromkeys(day for value, _ in cuts for day in _days_around(str(value)))
        case _:
            found |= dict.fromkeys(n for value, _ in cuts for n in _numbers_around(float(value), declared))
            found |= {end: None for end in (declared.minimum, declared.maximum) if end is not None}
            found = {v: None for v in found if isinstance(v, int | float) and declared.lowest <= v <= declared.highest}
    if declared.nullable:
        found[None] = None
    return list(found)


# --- trees, products, parameters


def _show_tree(tree: TreeText | None, mutant: Mutant, book: Book, usual: Facts) -> Witness:
    assert tree is not None, "a change is to a version that is there"
    forks, others = list(tree.forks()), list(mutant.value.forks())
    for fork, other in zip(forks, others, strict=True):
        if fork.when != other.when:
            one, two = (_judge(_as_rule(f, tree.name), book) for f in (fork, other))
            found = _tell(one, lambda a, b: a != b, two, tree.name, usual)
            return found if found.is_equivalent else Witness(f"{_facts_of(found)} where it comes to 'if {fork.when}'")
    return Witness(f"facts that end at that leaf, expect: {{strategy: {{{tree.output.name}: …}}}}")


def _as_rule(fork: ForkText, name: str) -> RuleText:
    return RuleText(name, fork.when, "refer", "refer", "", place=fork.place)


def _facts_of(found: Witness) -> str:
    return found.words.split(", expect:")[0]


def _show_product(mutant: Mutant, book: Book, usual: Facts) -> Witness:
    product = next(p for p in book.products if p.place == mutant.place)
    changed: Product | None = mutant.value
    if changed is not None and changed.eligible_when and changed.eligible_when != product.eligible_when:
        one, two = (
            _judge(RuleText(p.code.replace("-", "_"), p.eligible_when or "", "refer", "refer", ""), book)
            for p in (product, changed)
        )
        found = _tell(one, lambda a, b: (a[0] == "hit") != (b[0] == "hit"), two, product.code, usual)
        return found if found.is_equivalent else Witness(f"{_facts_of(found)}, expect: {{decision: {{product: …}}}}")
    return Witness(f"expect: {{decision: {{product: {product.code}, amount_cents: …, parts: …}}}} at that boundary")


def _show_parameter(rulebook: Rulebook, mutant: Mutant, day: date, usual: Facts) -> Witness:
    """Through the rules that read it; one that an engine reads may show in the decision alone."""
    book = rulebook.at(day)
    changed = {mutant.name: mutant.value.value}
    users = [t for d in rulebook.rules.values() if (t := d.on(day)) is not None and mutant.name in names_in(t)]
    others: list[object] = [dated.on(day) for dated in rulebook.strategies.values()]
    others += [dated.on(day) for dated in rulebook.derived.values()]
    elsewhere = any(mutant.name in names_in(held) for held in (*others, *book.products))
    found = [
        _tell(_judge(text, book), lambda a, b: a != b, _judge(text, book, changed), text.name, usual) for text in users
    ]
    shown = [one for one in found if not one.is_equivalent]
    if shown:
        return shown[0]
    is_proven = bool(found) and not elsewhere and mutant.name not in PARAMETERS_BY_ENGINE
    return (
        SAME if is_proven else Witness("expect: {decision: {amount_cents: …, annual_rate_bps: …}} where it just tells")
    )
