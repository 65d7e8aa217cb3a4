"""Compiling a policy into one plain Python function, and from the same steps its twin that tells all it read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from creditfactory.rules.declarations import Declaration
from creditfactory.rules.emit import hoist_risky, is_within_limit
from creditfactory.rules.policy import (
    Branch,
    Derived,
    Leaf,
    PointsStep,
    Policy,
    Rule,
    Step,
    TableStep,
    TreeStep,
    names_made,
    names_wanted,
    order_steps,
)
from creditfactory.rules.spans import EVERYTHING, Span, declared_spans, find_span
from creditfactory.rules.writing import Writer


def compile_policy(steps: Iterable[Step], declarations: Mapping[str, Declaration]) -> Policy:
    """Compile rules, named values, tables, trees and points into one function and its tracing twin.

    >>> from creditfactory.rules import Declaration, Rule, read_condition
    >>> labels = {"overdue_now_cents": Declaration("overdue_now_cents", "int", minimum=0)}
    >>> when = read_condition("overdue_now_cents > 0", labels, {}, place="overdue_now.yaml")
    >>> policy = compile_policy([Rule("overdue_now", when, "decline", "refer", "POL-OVERDUE-NOW")], labels)
    >>> [policy.judge({"overdue_now_cents": cents})[0].consequence for cents in (0, 1, None, "0")]
    ['none', 'decline', 'refer', 'refer']
    """
    given = order_steps(steps)
    rules = tuple(s for s in given if isinstance(s, Rule))
    made = {name for step in given for name in names_made(step)}
    wanted = dict.fromkeys(n for step in given for n in names_wanted(step) if n not in made)
    inputs = tuple(declarations[name] for name in wanted)
    spans = declared_spans({d.name: d for d in inputs})
    prepared: list[Step] = []
    for step in given:
        for part in _prepare(step, spans):
            spans |= spans_made(part, spans)
            prepared.append(part)
    names = [name for step in prepared for name in names_made(step)]
    assert len(names) == len(set(names)), "a name is made once"
    outputs = tuple(name for name in names if "__part_" not in name)
    writer = Writer(rules, tuple(prepared), inputs, outputs, spans)
    source = writer.write()
    space = writer.constants
    exec(compile(source, "<policy>", "exec"), space)  # noqa: S102  (written by us from typed steps; names are checked)
    return Policy(rules, tuple(prepared), inputs, outputs, source, space["run"], space["trace"])


def spans_made(step: Step, spans: Mapping[str, Span]) -> dict[str, Span]:
    """Between which numbers the values that a step names must lie."""
    match step:
        case Derived(name=name, value=value) if value.type in ("int", "float"):
            span = find_span(value, spans)
            return {name: span if span is not None and is_within_limit(span) else EVERYTHING}
        case PointsStep(output=name, questions=questions):
            gains = [[b.points for b in q.bands] + [q.missing_points or 0, q.other_points or 0] for q in questions]
            return {name: (step.intercept + sum(map(min, gains)), step.intercept + sum(map(max, gains)))}
        case TableStep(table=table) if table.hit in ("U", "A", "P", "F"):
            return {
                output.name: (min(answers), max(answers))
                for place, output in enumerate(table.outputs)
                if (answers := _numbers(table_answers(step, place)))
            }
        case _:
            return {}


def table_answers(step: TableStep, place: int) -> list[object]:
    """Everything one output of a table can answer."""
    table = step.table
    fallbacks = [f.answers[place] for f in (table.missing, table.no_match) if f.answers is not None]
    return [*(row.answers[place] for row in table.rows), *fallbacks]


def _numbers(answers: list[object]) -> list[float]:
    return [a for a in answers if isinstance(a, int | float) and not isinstance(a, bool)]


def _prepare(step: Step, spans: Mapping[str, Span]) -> list[Step]:
    """A step with its risky numbers taken out and named."""
    if isinstance(step, Rule):
        when, parts = hoist_risky(step.when, step.name, spans)
        return [*parts, replace(step, when=when)]
    if isinstance(step, Derived) and step.value.type == "bool":
        value, parts = hoist_risky(step.value, step.name, spans)
        return [*parts, replace(step, value=value)]
    if isinstance(step, TreeStep):
        made: list[Derived] = []
        root = _prepare_tree(step.root, step.output.name, made, spans)
        return [*made, replace(step, root=root)]
    return [step]


def _prepare_tree(node: Branch | Leaf, owner: str, made: list[Derived], spans: Mapping[str, Span]) -> Branch | Leaf:
    if isinstance(node, Leaf):
        return node
    when, parts = hoist_risky(node.when, f"{owner}_{len(made)}", spans)
    made += parts
    then = _prepare_tree(node.then, owner, made, spans)
    return replace(node, when=when, then=then, otherwise=_prepare_tree(node.otherwise, owner, made, spans))
