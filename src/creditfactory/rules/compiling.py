"""Compiling a policy into one plain Python function, and from the same steps its twin that tells all it read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Any

from creditfactory.rules.declarations import Declaration, is_iso_date
from creditfactory.rules.emit import (
    OPPOSITE,
    all_of,
    any_of,
    hoist_risky,
    is_any_unknown,
    round_half_up,
    variable,
    write_bands,
    write_guarded,
    write_known,
    write_mask,
    write_range,
    write_unknown,
)
from creditfactory.rules.expressions import Expression, names_needed, names_read
from creditfactory.rules.policy import (
    VERDICTS,
    Branch,
    Derived,
    Leaf,
    PointsStep,
    Policy,
    Rule,
    Run,
    Step,
    TableStep,
    Trace,
    TreeStep,
    check_labels,
    names_made,
    names_wanted,
    order_steps,
)

PYTHON_TYPES: dict[str, type] = {"int": int, "float": float, "bool": bool, "str": str, "date": str}


def compile_policy(steps: Iterable[Step], declarations: Mapping[str, Declaration]) -> Policy:
    """Compile rules, named values, tables, trees and points into one function and its tracing twin.

    >>> from creditfactory.rules import Declaration, Rule, read_condition
    >>> labels = {"overdue_now_cents": Declaration("overdue_now_cents", "int", minimum=0)}
    >>> when = read_condition("overdue_now_cents > 0", labels, {}, place="overdue_now.yaml")
    >>> policy = compile_policy([Rule("overdue_now", when, "decline", "refer", "POL-OVERDUE-NOW")], labels)
    >>> [policy.judge({"overdue_now_cents": cents})[0].consequence for cents in (0, 1, None, "0")]
    ['none', 'decline', 'refer', 'refer']
    """
    given = list(steps)
    rules = tuple(s for s in given if isinstance(s, Rule))
    ordered = order_steps(part for step in given for part in _prepare(step))
    made = [name for step in ordered for name in names_made(step)]
    assert len(made) == len(set(made)), "a name is made once"
    wanted = dict.fromkeys(n for step in ordered for n in names_wanted(step) if n not in set(made))
    inputs = tuple(declarations[name] for name in wanted)
    outputs = tuple(name for name in made if "__part_" not in name)
    writer = _Writer(rules, ordered, inputs, outputs)
    source = writer.write("run", traced=False) + "\n" + writer.write("trace", traced=True)
    space = writer.constants
    exec(compile(source, "<policy>", "exec"), space)  # noqa: S102  (written by us from typed steps; names are checked)
    return Policy(rules, ordered, inputs, outputs, source, space["run"], space["trace"])


def _prepare(step: Step) -> list[Step]:
    """A step with its risky numbers taken out and named."""
    if isinstance(step, Rule):
        when, parts = hoist_risky(step.when, step.name)
        return [*parts, replace(step, when=when)]
    if isinstance(step, Derived) and step.value.type == "bool":
        value, parts = hoist_risky(step.value, step.name)
        return [*parts, replace(step, value=value)]
    if isinstance(step, TreeStep):
        made: list[Derived] = []
        root = _prepare_tree(step.root, step.output.name, made)
        return [*made, replace(step, root=root)]
    return [step]


def _prepare_tree(node: Branch | Leaf, owner: str, made: list[Derived]) -> Branch | Leaf:
    if isinstance(node, Leaf):
        return node
    when, parts = hoist_risky(node.when, f"{owner}_{len(made)}")
    made += parts
    return Branch(when, _prepare_tree(node.then, owner, made), _prepare_tree(node.otherwise, owner, made))


class _Writer:
    """Writes the function line by line; both twins come from the same lines, the tracing one with notes between."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        steps: tuple[Step, ...],
        inputs: tuple[Declaration, ...],
        outputs: tuple[str, ...],
    ) -> None:
        self.rules = rules
        self.steps = steps
        self.inputs = inputs
        self.outputs = outputs
        self.places = {rule.name: i for i, rule in enumerate(rules)}
        self.roots = _find_roots(steps)
        reads = tuple(frozenset().union(*(self.root(n) for n in names_read(rule.when))) for rule in rules)
        reads = self._with_parts(reads)
        self.constants: dict[str, Any] = {
            "__builtins__": {"min": min, "max": max, "abs": abs, "float": float, "frozenset": frozenset, "map": map}
            | {"type": type, "tuple": tuple, "KeyError": KeyError, "ZeroDivisionError": ZeroDivisionError}
            | {"OverflowError": OverflowError},
            "floor": math.floor,
            "ceil": math.ceil,
            "round_half_up": round_half_up,
            "all_of": all_of,
            "any_of": any_of,
            "opposite": OPPOSITE,
            "is_iso_date": is_iso_date,
            "check": lambda labels: check_labels(inputs, labels),
            "take": itemgetter(*(d.name for d in inputs)) if len(inputs) > 1 else None,
            "TYPES": tuple(PYTHON_TYPES[d.type] for d in inputs),
            "reads": reads,
            "mark_broken": mark_broken,
            "look_up": self._look_up,
            "Run": Run,
            "Trace": Trace,
        }

    def root(self, name: str) -> frozenset[str]:
        return self.roots.get(name, frozenset((name,)))

    def _with_parts(self, reads: tuple[frozenset[str], ...]) -> tuple[frozenset[str], ...]:
        """Add the numbers taken out of each rule, so that a division by zero inside a rule breaks that rule."""
        named = {s.name: s for s in self.steps if isinstance(s, Rule)}
        extra = {name: frozenset().union(*(self.root(n) for n in names_read(s.when))) for name, s in named.items()}
        return tuple(known | extra[rule.name] for known, rule in zip(reads, self.rules, strict=True))

    def constant(self, value: object) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def write(self, name: str, *, traced: bool) -> str:
        lines = [*self._write_door(), "notes = []"]
        if traced:
            lines.append("entries = []")
        for step in self.steps:
            lines += self._write_step(step, traced)
        lines += ["if broken and notes: notes = mark_broken(notes, broken, reads)"] if not traced else []
        outputs = "".join(f"{variable(n)}, " for n in self.outputs)
        answer = f"Trace(entries, tuple(notes), ({outputs}))" if traced else f"Run(tuple(notes), ({outputs}))"
        return "\n".join([f"def {name}(labels):", *(f"    {line}" for line in lines), f"    return {answer}", ""])

    def _write_door(self) -> list[str]:
        """Take every label once and check its type and range; only what is not plainly fine goes the slow way."""
        if not self.inputs:
            return ["broken = None"]
        names = "".join(f"{variable(d.name)}, " for d in self.inputs)
        taken = "take(labels)" if len(self.inputs) > 1 else f"(labels[{self.inputs[0].name!r}],)"
        checks = ["(*map(type, taken),) == TYPES"]
        for d in self.inputs:
            if d.type in ("int", "float"):
                checks.append(write_range(d.name, d.lowest, d.highest))
            elif d.type == "str" and d.words:
                checks.append(f"{variable(d.name)} in {{{', '.join(map(repr, d.words))}}}")
            elif d.type == "date":
                checks.append(f"is_iso_date({variable(d.name)})")
        return [
            "try:",
            f"    {names}= taken = {taken}",
            f"    fine = {' and '.join(checks)}",
            "except KeyError: fine = False",
            "if fine: broken = None",
            "else:",
            f"    ({names}), broken = check(labels)",
        ]

    def _write_step(self, step: Step, traced: bool) -> list[str]:
        match step:
            case Derived(name=name, value=value):
                lines = write_guarded(name, value)
                return lines + ([f"entries.append(('value', {name!r}, {variable(name)}))"] if traced else [])
            case Rule():
                return self._write_rule_traced(step) if traced else self._write_rule(step)
            case TableStep():
                return self._write_table(step, traced)
            case TreeStep():
                return self._write_tree(step, traced)
            case PointsStep():
                return self._write_points(step, traced)

    def _write_rule(self, rule: Rule) -> list[str]:
        needed, place = names_needed(rule.when), 4 * self.places[rule.name]
        known = f"if {write_known(rule.when)}: notes.append({place + 1})"
        if not needed:
            return [known]
        unknown = write_unknown(rule.when)
        if unknown.startswith("(None if "):
            return [f"if {is_any_unknown(needed)}: notes.append({place + 2})", f"el{known}"]
        return [
            f"if {is_any_unknown(needed)}:",
            f"    c_ = {unknown}",
            f"    if c_ is not False: notes.append({place + 1} if c_ else {place + 2})",
            f"el{known}",
        ]

    def _write_rule_traced(self, rule: Rule) -> list[str]:
        place = self.places[rule.name]
        cases = tuple((v, rule.consequence(v)) for v in VERDICTS)
        heads = self.constant(tuple(("rule", rule.name, *case) for case in cases))
        read = self._read(self.rules[place].when, rule.when)
        return [
            *self._write_condition(rule.when),
            f"c_ = 1 if c_ else 0 if c_ is not None else 3 if broken and not broken.isdisjoint(reads[{place}]) else 2",
            f"if c_: notes.append({4 * place} + c_)",
            f"entries.append(({heads}[c_] + ({read},)))",
        ]

    def _read(self, told: Expression, run: Expression) -> str:
        names = [n for n in dict.fromkeys((*names_read(told), *names_read(run))) if "__part_" not in n]
        return f"{{{', '.join(f'{n!r}: {variable(n)}' for n in names)}}}"

    def _write_condition(self, when: Expression) -> list[str]:
        needed = names_needed(when)
        if not needed:
            return [f"c_ = {write_known(when)}"]
        return [f"if {is_any_unknown(needed)}: c_ = {write_unknown(when)}", f"else: c_ = {write_known(when)}"]

    def _write_table(self, step: TableStep, traced: bool) -> list[str]:
        table = step.table
        outputs = "".join(f"{variable(o.name)}, " for o in table.outputs)
        inputs = {d.name: variable(d.name) for d in table.inputs}
        handed = f"{{{', '.join(f'{n!r}: {v}' for n, v in inputs.items())}}}"
        slow = f"({outputs}), row_, broken = look_up({self.constant(step)}, {handed}, broken)"
        lines = [f"if {is_any_unknown(tuple(inputs))}: {slow}"]
        if table.hit in ("F", "U"):
            masks = " & ".join(write_mask(c, self.constant) for c in table.columns)
            rows = self.constant((None, *((row.answers, row.line) for row in table.rows)))
            lines += ["else:", f"    m_ = {masks}"]
            clash = " or m_ & (m_ - 1)" if table.hit == "U" else ""
            lines += [f"    if not m_{clash}: {slow}"]
            lines += [f"    else: ({outputs}), row_ = {rows}[(m_ & -m_).bit_length()]"]
        else:
            lines = [slow]
        if traced:
            told = f"{{{', '.join(f'{o.name!r}: {variable(o.name)}' for o in table.outputs)}}}"
            lines.append(f"entries.append(('table', {table.name!r}, row_, {handed}, {told}))")
        return lines

    def _look_up(
        self, step: TableStep, values: dict[str, Any], broken: frozenset[str] | None
    ) -> tuple[tuple[Any, ...], int | None, frozenset[str] | None]:
        """Look a table up the careful way: with what is broken kept apart from what is merely missing."""
        if broken:
            lost = {n for n, v in values.items() if v is None and not broken.isdisjoint(self.root(n))}
            values = {n: BROKEN if n in lost else v for n, v in values.items()}
        answer = step.table.look_up(values)
        names = tuple(o.name for o in step.table.outputs)
        if answer.verdict == "error":
            broken = (broken or frozenset()) | frozenset(names)
        told = tuple(answer.outputs.get(name) for name in names)
        return told, answer.rows[0] if answer.rows else None, broken

    def _write_tree(self, step: TreeStep, traced: bool) -> list[str]:
        target = variable(step.output.name)
        lines = ["path_ = []"] if traced else []
        lines += self._write_fork(step.root, target, traced)
        if traced:
            lines.append(f"entries.append(('tree', {step.output.name!r}, path_, {target}))")
        return lines

    def _write_fork(self, node: Branch | Leaf, target: str, traced: bool) -> list[str]:
        if isinstance(node, Leaf):
            return [f"{target} = {node.answer!r}"]
        lines = self._write_condition(node.when)
        if traced:
            lines.append(f"path_.append((c_, {self._read(node.when, node.when)}))")
        lines.append("if c_:")
        lines += [f"    {line}" for line in self._write_fork(node.then, target, traced)]
        lines += [f"elif c_ is None: {target} = None", "else:"]
        lines += [f"    {line}" for line in self._write_fork(node.otherwise, target, traced)]
        return lines

    def _write_points(self, step: PointsStep, traced: bool) -> list[str]:
        total = variable(step.output)
        lines = [f"{total} = {step.intercept}", "told_ = True"]
        if traced:
            lines.append("parts_ = []")
        for question in step.questions:
            x = variable(question.label)
            if question.bands and question.bands[0].words:
                points = {word: band.points for band in question.bands for word in band.words}
                test = f"{self.constant(points.get)}({x}, {question.other_points!r})"
            else:
                test = write_bands(x, question.bands)
            unknown = "None"
            if question.missing_points is not None:
                roots = self.constant(self.root(question.label))
                unknown = f"None if broken and not broken.isdisjoint({roots}) else {question.missing_points}"
            lines.append(f"p_ = ({unknown}) if {x} is None else {test}")
            lines.append("if p_ is None: told_ = False")
            lines.append(f"else: {total} += p_")
            if traced:
                lines.append(f"parts_.append(({question.label!r}, {x}, p_))")
        lines.append(f"if not told_: {total} = None")
        if traced:
            lines.append(f"entries.append(('points', {step.output!r}, parts_, {total}))")
        return lines


BROKEN = object()
"""Stands for a broken fact where a table is looked up: of no type, so never read as anything."""


def _find_roots(steps: tuple[Step, ...]) -> dict[str, frozenset[str]]:
    """For every named value itself and all that it comes from, so that a broken fact breaks what is made of it."""
    roots: dict[str, frozenset[str]] = {}
    for step in steps:
        sources = frozenset().union(*(roots.get(n, frozenset((n,))) for n in names_wanted(step)))
        for name in names_made(step):
            roots[name] = sources | {name}
    return roots


def mark_broken(notes: list[int], broken: frozenset[str], reads: tuple[frozenset[str], ...]) -> list[int]:
    """Turn *missing* into *error* for the rules that read a broken fact."""
    return [n + 1 if n & 3 == 2 and not broken.isdisjoint(reads[n >> 2]) else n for n in notes]
