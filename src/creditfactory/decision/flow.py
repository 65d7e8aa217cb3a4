"""From what owners wrote to what runs on one day: the policy over labels, and the strategy that chooses the lane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from creditfactory.decision.texts import DerivedText, ForkText, RuleText, Stage, TreeText
from creditfactory.kernel import Scalar
from creditfactory.rules import (
    Branch,
    Consequence,
    Declaration,
    Derived,
    Expression,
    LabelType,
    Leaf,
    Name,
    OneOf,
    Output,
    Parameter,
    Policy,
    Rule,
    Step,
    Table,
    TableStep,
    TreeStep,
    Unknown,
    compile_policy,
    names_made,
    names_read,
    names_wanted,
    read_condition,
    read_derived,
    read_expression,
    refuse,
    refuse_name,
    walk,
)

SINGLE_ROWS = ("U", "A", "P", "F")
SINGLE_ANSWERS = (*SINGLE_ROWS, "C+", "C<", "C>", "C#")
"""Hit policies that give one value for each output, so that rules can read it."""
UNDECIDED = "_undecided"
"""A step that cannot answer speaks through a rule of its own with this ending."""


@dataclass(frozen=True)
class DayTexts:
    """Everything of one day that policy and strategy are made of."""

    declarations: Mapping[str, Declaration]
    parameters: Mapping[str, Parameter]
    derived: Mapping[str, DerivedText] = field(default_factory=dict)
    rules: Mapping[str, RuleText] = field(default_factory=dict)
    trees: Mapping[str, TreeText] = field(default_factory=dict)
    tables: Mapping[str, tuple[Table, Stage]] = field(default_factory=dict)
    cards: tuple[str, ...] = ()
    protected_allowed: bool = False


@dataclass(frozen=True)
class Flow:
    """What runs on one day, and the named values it shares with the products' conditions."""

    policy: Policy
    strategy: Policy
    named: Mapping[str, Derived]
    known: Mapping[str, Declaration]


def declare_score_facts(cards: Iterable[str]) -> dict[str, Declaration]:
    """What scoring hands to the strategy: the final points, the chance of bad, and the points of each card.

    >>> list(declare_score_facts(["fraud"]))
    ['points', 'probability_bps', 'fraud_points']
    """
    found = {
        "points": Declaration("points", "int", "points"),
        "probability_bps": Declaration("probability_bps", "int", "bps", minimum=0, maximum=10_000),
    }
    return found | {f"{name}_points": Declaration(f"{name}_points", "int", "points") for name in cards}


def read_flow(texts: DayTexts) -> Flow:
    """Read and compile a day's policy and strategy; every fault is refused by its file and place."""
    written = {name: (text.value, text.place) for name, text in texts.derived.items()}
    units = {name: text.unit for name, text in texts.derived.items()}
    named = read_derived(written, texts.declarations, texts.parameters, units)
    for value in named.values():
        check_protected(names_read(value.value), value.place, texts)
    known = declare_named(texts.declarations, named)
    tables = _take_tables(texts, "policy", known)
    rules = [_read_rule(text, known, texts) for text in texts.rules.values() if text.stage == "policy"]
    shared: list[Step] = [*named.values(), *tables]
    policy = compile_policy([*shared, *_undecided(tables), *rules], known)
    wide = dict(known)
    for declared in declare_score_facts(texts.cards).values():
        _name(declared, wide, "live.toml", texts)
    trees = texts.trees.values()
    mine: list[Step] = [*_take_tables(texts, "lane", wide, trees)]
    mine += [TreeStep(tree.output, _read_fork(tree.root, wide, texts), tree.missing_answer) for tree in trees]
    mine += _undecided(mine)
    mine += [_speak_up(t.name, t.output, t.missing_then, t.place) for t in trees if t.missing_then != "none"]
    mine += [_read_rule(text, wide, texts) for text in texts.rules.values() if text.stage == "lane"]
    return Flow(policy, compile_policy([*_needed(shared, mine), *mine], wide), named, known)


def declare_named(declarations: Mapping[str, Declaration], named: Mapping[str, Derived]) -> dict[str, Declaration]:
    """The labels and the named values, as rules may read them."""
    return {**declarations, **{n: Declaration(n, value.value.type, unit=value.unit) for n, value in named.items()}}


def check_protected(names: Iterable[str], place: str, texts: DayTexts) -> None:
    """Refuse a protected attribute where the pack's law does not let it decide."""
    for name in names:
        if name in texts.declarations and texts.declarations[name].protected and not texts.protected_allowed:
            refuse(place, f"{name!r}, a protected attribute", "a fact that the law of this pack lets decide")


def _name(declared: Declaration, known: dict[str, Declaration], place: str, texts: DayTexts) -> None:
    if declared.name in known or declared.name in texts.parameters:
        refuse(place, f"{declared.name!r}, which is already a name", "a name of its own")
    known[declared.name] = declared


def _take_tables(
    texts: DayTexts, stage: Stage, known: dict[str, Declaration], trees: Iterable[TreeText] = ()
) -> list[TableStep]:
    """A stage's tables as steps; what they and the trees answer becomes known to whatever follows."""
    tables = [table for table, where in texts.tables.values() if where == stage]
    for table in tables:
        for output in table.outputs:
            _name(declare_output(output, table), known, f"tables/{table.name}.yaml", texts)
    for tree in trees:
        _name(tree.output, known, tree.place, texts)
    return [_take_table(table, known, texts) for table in tables]


def declare_output(output: Output, table: Table) -> Declaration:
    """What a table answers, as rules may read it, with the range that its rows leave."""
    if output.type not in ("int", "float") or table.hit not in SINGLE_ROWS:
        kind: LabelType = "str" if output.type == "rate" else output.type
        return Declaration(output.name, kind, output.unit, words=output.words)
    place = table.outputs.index(output)
    fallbacks = [f.answers for f in (table.missing, table.no_match) if f.answers is not None]
    answers: list[float] = [a[place] for a in (*(row.answers for row in table.rows), *fallbacks)]  # type: ignore[misc]
    return Declaration(output.name, output.type, output.unit, min(answers), max(answers))


def _take_table(table: Table, known: Mapping[str, Declaration], texts: DayTexts) -> TableStep:
    """A table that reads what its stage knows, as it is declared there."""
    place = f"tables/{table.name}.yaml"
    if table.hit not in SINGLE_ANSWERS:
        refuse(f"{place}: hit", table.hit, "a hit policy with one answer, since rules read this table")
    if len(_consequences(table)) > 1:
        refuse(f"{place}: no_match", table.no_match.consequence, "the same as missing, since rules read this table")
    for declared in table.inputs:
        if declared.name not in known:
            refuse_name(f"{place}: inputs", declared.name, known, "a label, a named value or what a step answers")
        if declared.type != known[declared.name].type:
            refuse(f"{place}: inputs", f"{declared.name} as {declared.type}", known[declared.name].type)
    check_protected((d.name for d in table.inputs), f"{place}: inputs", texts)
    columns = tuple(replace(c, declaration=known[c.declaration.name]) for c in table.columns)
    return TableStep(replace(table, columns=columns, inputs=tuple(c.declaration for c in columns)))


def _read_rule(text: RuleText, known: Mapping[str, Declaration], texts: DayTexts) -> Rule:
    when = read_condition(text.when, known, texts.parameters, place=f"{text.place}.when")
    check_protected(names_read(when), text.place, texts)
    return Rule(
        name=text.name,
        when=when,
        then=text.then,  # type: ignore[arg-type]
        missing=text.missing,  # type: ignore[arg-type]
        reason=text.reason,
        text=text.when,
        why=text.why,
        place=text.place,
        learn_bps=text.learn_bps,
        basis=text.basis,
    )


def _read_fork(node: ForkText | Scalar, known: Mapping[str, Declaration], texts: DayTexts) -> Branch | Leaf:
    if not isinstance(node, ForkText):
        return Leaf(node)
    when = _read_test(node, known, texts)
    then, otherwise = (_read_fork(part, known, texts) for part in (node.then, node.otherwise))
    return Branch(when, then, otherwise, node.when, node.place)


def _read_test(fork: ForkText, known: Mapping[str, Declaration], texts: DayTexts) -> Expression:
    place = f"{fork.place}.if"
    when = read_expression(fork.when, known, texts.parameters, place=place)
    if when.type != "bool":
        refuse(place, f"{fork.when!r}, which gives {when.type}", "a condition that is true or false")
    for part in walk(when):
        if isinstance(part, Unknown):
            refuse(place, f"missing({part.name})", "no missing(…) in a fork: say missing: … for the tree instead")
    check_protected(names_read(when), place, texts)
    return when


def _undecided(steps: Iterable[Step]) -> list[Rule]:
    """What follows where a table that is a step cannot answer."""
    tables = [step.table for step in steps if isinstance(step, TableStep)]
    found = ((table, _consequences(table)) for table in tables)
    return [_speak_up(t.name, t.outputs[0], then[0], t.place) for t, then in found if then]


def _consequences(table: Table) -> list[Consequence]:
    """What follows where a table has no answer; nothing where it always has one."""
    return list({f.consequence: None for f in (table.missing, table.no_match) if f.answers is None})


def _speak_up(name: str, output: Output | Declaration, then: Consequence, place: str) -> Rule:
    """A rule that is never hit, and missing where a step gave no answer."""
    kind: LabelType = "str" if output.type == "rate" else output.type
    never = OneOf(Name(output.name, kind), ())
    return Rule(f"{name}{UNDECIDED}", never, then, then, "POL-FACT-MISSING", place=place)  # type: ignore[arg-type]


def _needed(shared: Iterable[Step], steps: Iterable[Step]) -> list[Step]:
    """Of the policy's named values and tables those that the strategy reads, and what they need in turn."""
    makers = {name: step for step in shared for name in names_made(step)}
    waiting = [name for step in steps for name in names_wanted(step) if name in makers]
    found: dict[int, Step] = {}
    while waiting:
        step = makers[waiting.pop()]
        if id(step) not in found:
            found[id(step)] = step
            waiting += [name for name in names_wanted(step) if name in makers]
    return list(found.values())
