"""Writing a policy as Python: straight on where every fact is known and fine, carefully where one is not.

Of one list of steps three functions are written. ``run`` checks every fact at the door and goes straight on, without
a further question, where all are fine; whatever is not goes to ``careful``, which asks at each step what is unknown and
what is broken. ``trace`` does the same as either and notes all it read. All three must agree; properties see to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from creditfactory.kernel import Scalar
from creditfactory.rules.declarations import Declaration, is_iso_date, read_value
from creditfactory.rules.emit import (
    OPPOSITE,
    all_of,
    any_of,
    indent,
    is_any_unknown,
    round_half_up,
    variable,
    write_bands,
    write_guarded,
    write_known,
    write_mask,
    write_named,
    write_out_of_range,
    write_unknown,
)
from creditfactory.rules.expressions import Compare, Expression, Name, OneOf, names_needed, names_read
from creditfactory.rules.policy import (
    VERDICTS,
    Branch,
    Derived,
    Leaf,
    PointsQuestion,
    PointsStep,
    Rule,
    Run,
    Step,
    TableStep,
    Trace,
    TreeStep,
    names_made,
    names_wanted,
)
from creditfactory.rules.spans import EVERYTHING, Span
from creditfactory.rules.tables import Table

PYTHON_TYPES: dict[str, type] = {"int": int, "float": float, "bool": bool, "str": str, "date": str}
BROKEN = object()
"""Stands for a broken fact where a table is looked up: of no type, so never read as anything."""
SETS_OF_ROWS_MAX = 20_000
BUILT_IN = (
    min,
    max,
    abs,
    int,
    float,
    bool,
    str,
    frozenset,
    map,
    type,
    tuple,
    KeyError,
    ZeroDivisionError,
    OverflowError,
    ValueError,
)


class Writer:
    """Writes the functions of one policy, and holds the constants they use."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        steps: tuple[Step, ...],
        inputs: tuple[Declaration, ...],
        outputs: tuple[str, ...],
        spans: Mapping[str, Span],
    ) -> None:
        self.rules = rules
        self.steps = steps
        self.inputs = inputs
        self.outputs = outputs
        self.spans = spans
        self.places = {rule.name: i for i, rule in enumerate(rules)}
        self.roots = _find_roots(steps)
        self.makes = {d.name: (d.type, None) for d in inputs} | _find_makes(steps)
        self.constants: dict[str, Any] = {
            "__builtins__": {kind.__name__: kind for kind in BUILT_IN},
            "floor": math.floor,
            "ceil": math.ceil,
            "round_half_up": round_half_up,
            "all_of": all_of,
            "any_of": any_of,
            "opposite": OPPOSITE,
            "is_iso_date": is_iso_date,
            "mend": mend,
            "take": itemgetter(*(d.name for d in inputs)) if len(inputs) > 1 else None,
            "types": [PYTHON_TYPES[d.type] for d in inputs],
            "reads": self._find_reads(),
            "mark_broken": mark_broken,
            "look_up": self._look_up,
            "make": tuple.__new__,
            "Run": Run,
            "Trace": Trace,
        }

    def write(self) -> str:
        """The source of ``run``, ``careful`` and ``trace``."""
        return "\n".join([*self._write_run(), "", *self._write_careful(), "", *self._write_trace(), ""])

    def root(self, name: str) -> frozenset[str]:
        """A name itself and all that it comes from."""
        return self.roots.get(name, frozenset((name,)))

    def constant(self, value: object) -> str:
        """A constant's name in the source."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def _find_reads(self) -> tuple[frozenset[str], ...]:
        """All that each rule comes from, with the numbers taken out of it."""
        prepared = {step.name: step for step in self.steps if isinstance(step, Rule)}
        none: frozenset[str] = frozenset()
        return tuple(
            none.union(*(self.root(n) for n in (*names_read(r.when), *names_read(prepared[r.name].when))))
            for r in self.rules
        )

    # --- the three functions

    def _write_run(self) -> list[str]:
        if not self.inputs:
            return ["def run(labels):", "    return careful(labels)"]
        body = [line for step in self.steps for line in self._write_straight(step)]
        return [
            "def run(labels):",
            *indent(self._write_door("return careful(labels)")),
            "    notes = []",
            "    try:",
            *indent(indent(body or ["pass"])),
            "    except (ZeroDivisionError, OverflowError, ValueError, KeyError): return careful(labels)",
            f"    return make(Run, (tuple(notes), {self._outputs()}))",
        ]

    def _write_careful(self) -> list[str]:
        body = [line for step in self.steps for line in self._write_step(step, traced=False)]
        return [
            "def careful(labels):",
            *indent([*self._take_carefully(), "notes = []", *body]),
            "    if broken and notes: notes = mark_broken(notes, broken, reads)",
            f"    return make(Run, (tuple(notes), {self._outputs()}))",
        ]

    def _write_trace(self) -> list[str]:
        body = [line for step in self.steps for line in self._write_step(step, traced=True)]
        door = self._write_door("fine = False") if self.inputs else []
        take = ["fine = True", *door, "if fine: broken = None", "else:", *indent(self._take_carefully())]
        return [
            "def trace(labels):",
            *indent([*(take if self.inputs else self._take_carefully()), "notes = []", "entries = []", *body]),
            f"    return make(Trace, (entries, tuple(notes), {self._outputs()}))",
        ]

    def _outputs(self) -> str:
        return f"({''.join(f'{variable(n)}, ' for n in self.outputs)})"

    def _write_door(self, otherwise: str) -> list[str]:
        """Take every label once and check its type, range and words."""
        names = "".join(f"{variable(d.name)}, " for d in self.inputs)
        taken = "take(labels)" if len(self.inputs) > 1 else f"(labels[{self.inputs[0].name!r}],)"
        faults = ["[*map(type, taken)] != types"]
        faults += [fault for d in self.inputs if (fault := self._write_fault(d))]
        return [
            "try:",
            f"    {names}= taken = {taken}",
            f"    if {' or '.join(faults)}: {otherwise}",
            f"except KeyError: {otherwise}",
        ]

    def _take_carefully(self) -> list[str]:
        """Take every label: unknown where it is missing, unknown and noted as broken where it is not as declared."""
        lines = ["broken = None"] + (["get = labels.get"] if self.inputs else [])
        for d in self.inputs:
            x, tests = variable(d.name), [f"type({variable(d.name)}) is not {PYTHON_TYPES[d.type].__name__}"]
            tests += [fault for fault in [self._write_fault(d)] if fault]
            lines.append(f"{x} = get({d.name!r})")
            mend = f"{x}, broken = mend({self.constant(d)}, {x}, broken)"
            lines.append(f"if {x} is not None and ({' or '.join(tests)}): {mend}")
        return lines

    def _write_fault(self, declared: Declaration) -> str:
        """Python that asks whether a value of the right type is outside what is declared, or nothing to ask."""
        x = variable(declared.name)
        if declared.type in ("int", "float"):
            return write_out_of_range(declared)
        if declared.type == "str" and declared.words:
            return f"{x} not in {{{', '.join(map(repr, declared.words))}}}"
        return f"not is_iso_date({x})" if declared.type == "date" else ""

    # --- straight on: every fact is known

    def _write_straight(self, step: Step) -> list[str]:
        match step:
            case Derived(name=name, value=value):
                return write_named(name, value, self.spans)
            case Rule(name=name, when=when):
                return [f"if {write_known(when)}: notes.append({4 * self.places[name] + 1})"]
            case TableStep(table=table):
                masks = " & ".join(write_mask(c, self.constant, straight=True) for c in table.columns)
                answers = answers_by_mask(table)
                if answers is None:
                    return ["return careful(labels)"]
                outputs = "".join(f"{variable(o.name)}, " for o in table.outputs)
                faults = self._find_undeclared(table)
                guard = [f"if {' or '.join(faults)}: return careful(labels)"] if faults else []
                return [*guard, f"{outputs}= {self.constant(answers)}[{masks}]"]
            case TreeStep(output=output, root=root):
                return self._write_fork_straight(root, variable(output.name))
            case PointsStep():
                return self._write_points_straight(step)

    def _write_fork_straight(self, node: Branch | Leaf, target: str) -> list[str]:
        if isinstance(node, Leaf):
            return [f"{target} = {node.answer!r}" if node.answer is not None else "return careful(labels)"]
        then, otherwise = (self._write_fork_straight(n, target) for n in (node.then, node.otherwise))
        return [f"if {write_known(node.when)}:", *indent(then), "else:", *indent(otherwise)]

    def _write_points_straight(self, step: PointsStep) -> list[str]:
        gains = [str(step.intercept), *(self._write_gain(question, straight=True) for question in step.questions)]
        return [f"{variable(step.output)} = {' + '.join(gains)}"]

    def _write_gain(self, question: PointsQuestion, *, straight: bool = False) -> str:
        x = variable(question.label)
        if question.bands and question.bands[0].words:
            points = {word: band.points for band in question.bands for word in band.words}
            if straight:
                return f"{self.constant(points)}[{x}]"
            return f"{self.constant(points.get)}({x}, {question.other_points!r})"
        return write_bands(x, question.bands)

    def _find_undeclared(self, table: Table) -> list[str]:
        """Python that asks whether a named value is not as the table declares it; nothing where it always is."""
        faults = []
        for declared in table.inputs:
            kind, answers = self.makes.get(declared.name, (declared.type, None))
            if declared in self.inputs:
                continue
            if kind != declared.type and (kind, declared.type) != ("int", "float"):
                faults.append("True")
            elif declared.type in ("int", "float"):
                low, high = self.spans.get(declared.name, EVERYTHING)
                if low < declared.lowest or high > declared.highest:
                    faults.append(write_out_of_range(declared))
            elif declared.words and not (answers is not None and answers <= {*declared.words, None}):
                faults.append(self._write_fault(declared))
        return faults

    # --- carefully: a fact may be unknown or broken

    def _write_step(self, step: Step, *, traced: bool) -> list[str]:
        match step:
            case Derived(name=name, value=value):
                lines = write_guarded(name, value, self.spans)
                return lines + ([f"entries.append(('value', {name!r}, {variable(name)}))"] if traced else [])
            case Rule():
                return self._write_rule_traced(step) if traced else self._write_rule(step)
            case TableStep():
                return self._write_table(step, traced=traced)
            case TreeStep():
                return self._write_tree(step, traced=traced)
            case PointsStep():
                return self._write_points(step, traced=traced)

    def _write_rule(self, rule: Rule) -> list[str]:
        needed, place = names_needed(rule.when), 4 * self.places[rule.name]
        known = f"if {write_known(rule.when)}: notes.append({place + 1})"
        if not needed:
            return [known]
        unknown = write_unknown(rule.when)
        if isinstance(rule.when, Name | Compare | OneOf):  # unknown as soon as any part is
            return [f"if {is_any_unknown(needed)}: notes.append({place + 2})", f"el{known}"]
        return [
            f"if {is_any_unknown(needed)}:",
            f"    c_ = {unknown}",
            f"    if c_ is not False: notes.append({place + 1} if c_ else {place + 2})",
            f"el{known}",
        ]

    def _write_rule_traced(self, rule: Rule) -> list[str]:
        place, told = self.places[rule.name], self._read(self.rules[self.places[rule.name]].when, rule.when)
        needed, known = names_needed(rule.when), write_known(rule.when)

        def entry(number: int) -> str:
            verdict = VERDICTS[number]
            return f"entries.append(('rule', {rule.name!r}, {verdict!r}, {rule.consequence(verdict)!r}, {told}))"

        unknown = [
            f"c_ = {write_unknown(rule.when)}",
            f"if c_: notes.append({4 * place + 1}); {entry(1)}",
            f"elif c_ is False: {entry(0)}",
            f"elif broken and not broken.isdisjoint(reads[{place}]): notes.append({4 * place + 3}); {entry(3)}",
            f"else: notes.append({4 * place + 2}); {entry(2)}",
        ]
        head = [f"if {is_any_unknown(needed)}:", *indent(unknown)] if needed else []
        return [
            *head,
            f"{'el' if needed else ''}if {known}: notes.append({4 * place + 1}); {entry(1)}",
            f"else: {entry(0)}",
        ]

    def _read(self, told: Expression, run: Expression) -> str:
        names = [n for n in dict.fromkeys((*names_read(told), *names_read(run))) if "__part_" not in n]
        return f"{{{', '.join(f'{n!r}: {variable(n)}' for n in names)}}}"

    def _write_condition(self, when: Expression) -> list[str]:
        needed = names_needed(when)
        if not needed:
            return [f"c_ = {write_known(when)}"]
        return [f"if {is_any_unknown(needed)}: c_ = {write_unknown(when)}", f"else: c_ = {write_known(when)}"]

    def _write_table(self, step: TableStep, *, traced: bool) -> list[str]:
        table = step.table
        outputs = "".join(f"{variable(o.name)}, " for o in table.outputs)
        inputs = {d.name: variable(d.name) for d in table.inputs}
        handed = f"{{{', '.join(f'{n!r}: {v}' for n, v in inputs.items())}}}"
        slow = f"({outputs}), row_, broken = look_up({self.constant(step)}, {handed}, broken)"
        if table.hit in ("F", "U"):
            masks = " & ".join(write_mask(c, self.constant) for c in table.columns)
            rows = self.constant((None, *((row.answers, row.line) for row in table.rows)))
            clash = " or m_ & (m_ - 1)" if table.hit == "U" else ""
            odd = " or ".join([is_any_unknown(tuple(inputs)), *self._find_undeclared(table)])
            lines = [f"if {odd}: {slow}", "else:", f"    m_ = {masks}"]
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

    def _write_tree(self, step: TreeStep, *, traced: bool) -> list[str]:
        target = variable(step.output.name)
        lines = ["path_ = []"] if traced else []
        lines += self._write_fork(step.root, step, traced=traced)
        if traced:
            lines.append(f"entries.append(('tree', {step.output.name!r}, path_, {target}))")
        return lines

    def _write_fork(self, node: Branch | Leaf, step: TreeStep, *, traced: bool) -> list[str]:
        target = variable(step.output.name)
        if isinstance(node, Leaf):
            return [f"{target} = {node.answer!r}"]
        undecided = "None"
        if step.missing is not None:
            roots = self.constant(frozenset[str]().union(*map(self.root, names_read(node.when))))
            undecided = f"None if broken and not broken.isdisjoint({roots}) else {step.missing!r}"
        lines = self._write_condition(node.when)
        if traced:
            lines.append(f"path_.append((c_, {self._read(node.when, node.when)}))")
        lines += ["if c_:", *indent(self._write_fork(node.then, step, traced=traced))]
        lines += [f"elif c_ is None: {target} = {undecided}"]
        return [*lines, "else:", *indent(self._write_fork(node.otherwise, step, traced=traced))]

    def _write_points(self, step: PointsStep, *, traced: bool) -> list[str]:
        total = variable(step.output)
        lines = [f"{total} = {step.intercept}; told_ = True"]
        if traced:
            lines.append("parts_ = []")
        for question in step.questions:
            x, unknown = variable(question.label), "None"
            if question.missing_points is not None:
                roots = self.constant(self.root(question.label))
                unknown = f"None if broken and not broken.isdisjoint({roots}) else {question.missing_points}"
            lines.append(f"p_ = ({unknown}) if {x} is None else {self._write_gain(question)}")
            lines += ["if p_ is None: told_ = False", f"else: {total} += p_"]
            if traced:
                lines.append(f"parts_.append(({question.label!r}, {x}, p_))")
        lines.append(f"if not told_: {total} = None")
        if traced:
            lines.append(f"entries.append(('points', {step.output!r}, parts_, {total}))")
        return lines


def answers_by_mask(table: Table) -> dict[int, tuple[Any, ...]] | None:
    """The answer to every set of rows that can match together; None where there are too many to list."""
    masks = {-1}
    for column in table.columns:
        every = set(column.masks) | set(column.words.values()) | ({column.otherwise} if not column.masks else set())
        masks = {one & other for one in masks for other in every}
        if len(masks) > SETS_OF_ROWS_MAX:
            return None
    answers = {mask: table.answer(mask, mask, {}, (), is_broken=False) for mask in masks}
    return {mask: tuple(found.outputs.values()) for mask, found in answers.items() if found.verdict == "found"}


def mend(declared: Declaration, value: Any, broken: frozenset[str] | None) -> tuple[Scalar, frozenset[str] | None]:
    """A value that is not plainly as declared: a whole number for a fraction is one, all else is broken."""
    state, known = read_value(declared, value)
    return (known, broken) if state == "known" else (None, (broken or frozenset()) | {declared.name})


def _find_roots(steps: tuple[Step, ...]) -> dict[str, frozenset[str]]:
    """For every named value itself and all that it comes from, so that a broken fact breaks what is made of it."""
    roots: dict[str, frozenset[str]] = {}
    none: frozenset[str] = frozenset()
    for step in steps:
        sources = none.union(*(roots.get(n, frozenset((n,))) for n in names_wanted(step)))
        for name in names_made(step):
            roots[name] = sources | {name}
    return roots


def _find_makes(steps: tuple[Step, ...]) -> dict[str, tuple[str, set[Scalar] | None]]:
    """The type of every named value, and all it can be where that is listed."""
    makes: dict[str, tuple[str, set[Scalar] | None]] = {}
    for step in steps:
        match step:
            case Derived(name=name, value=value):
                makes[name] = (value.type, None)
            case TreeStep(output=output):
                makes[output.name] = (output.type, None)
            case PointsStep(output=name):
                makes[name] = ("int", None)
            case TableStep(table=table):
                rows = [row.answers for row in table.rows]
                rows += [f.answers for f in (table.missing, table.no_match) if f.answers is not None]
                for place, made in enumerate(table.outputs):
                    kind = "str" if made.type == "rate" else made.type
                    makes[made.name] = (kind, {row[place] for row in rows})
    return makes


def mark_broken(notes: list[int], broken: frozenset[str], reads: tuple[frozenset[str], ...]) -> list[int]:
    """Turn *missing* into *error* for the rules that read a broken fact."""
    return [n + 1 if n & 3 == 2 and not broken.isdisjoint(reads[n >> 2]) else n for n in notes]
