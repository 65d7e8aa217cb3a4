"""A policy in columns: the very steps that decide one applicant, run over a frame of many, with the same answers.

Nothing is told twice: the same typed steps are read here as are written as Python for one applicant. A frame is taken
in slabs, so that memory stays bounded, and each slab in blocks small enough to stay in the processor's cache. The few
rows that columns cannot judge exactly (whole numbers beyond 64 bits, say) are judged singly, by the policy itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from creditfactory.kernel import Scalar
from creditfactory.rules.columns_facts import (
    HOLD,
    Array,
    Facts,
    Mask,
    Vocabulary,
    check_range,
    pick,
    read_column,
)
from creditfactory.rules.columns_tables import (
    ANSWERED,
    SHOWN,
    PointsColumns,
    TableColumns,
    make_answer_facts,
    show_answers,
)
from creditfactory.rules.columns_values import Block, Notes
from creditfactory.rules.compiling import spans_made
from creditfactory.rules.declarations import NUMBER_LIMIT, Declaration, LabelType, refuse
from creditfactory.rules.expressions import names_read
from creditfactory.rules.policy import (
    Branch,
    Derived,
    Leaf,
    PointsStep,
    Policy,
    Rule,
    TableStep,
    TreeStep,
    names_wanted,
)
from creditfactory.rules.spans import Span, declared_spans
from creditfactory.rules.tables import Table

SLAB, BLOCK = 2**18, 2**15


def compile_columns(policy: Policy) -> ColumnPolicy:
    """Make a policy ready to run over a frame of label columns.

    >>> from creditfactory.rules import Declaration, Rule, compile_policy, read_condition
    >>> labels = {"overdue_now_cents": Declaration("overdue_now_cents", "int", minimum=0)}
    >>> when = read_condition("overdue_now_cents > 0", labels, {}, place="overdue_now.yaml")
    >>> policy = compile_policy([Rule("overdue_now", when, "decline", "refer", "POL-OVERDUE-NOW")], labels)
    >>> compile_columns(policy).run(pl.DataFrame({"overdue_now_cents": [0, 1, None, -1]}))["rule:overdue_now"].to_list()
    [0, 1, 2, 3]
    """
    return ColumnPolicy(policy)


def look_up_frame(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """A table looked up for every row: its outputs, and ``verdict`` (found, none, missing or error).

    >>> from creditfactory.rules import Declaration, Fallback, Output, Row, build_table, read_cell
    >>> age = Declaration("age", "int", minimum=0, maximum=100)
    >>> rows = (Row(2, (read_cell("< 30", age, place="t.csv"),), (120,)),)
    >>> table = build_table("limit", hit="U", inputs=(age,), outputs=(Output("share", "int"),), rows=rows)
    >>> look_up_frame(table, pl.DataFrame({"age": [20, 40, None]})).rows()
    [(120, 'found'), (None, 'none'), (None, 'missing')]
    """
    if any(output.name == "verdict" for output in table.outputs):
        refuse(table.place or table.name, "an output called verdict", "another name; the verdict stands beside it")
    words = Vocabulary()
    columns = TableColumns(table, {}, words)
    slabs = []
    for slab in _each_slab(frame):
        facts = [read_column(d, _column(slab, d), slab.height, words) for d in table.inputs]
        numbers = columns.look_up(facts)
        shown = [columns.show(place, numbers) for place in range(len(table.outputs))]
        told = [list(ANSWERED)[verdict] for verdict in columns.verdicts]
        slabs.append(pl.DataFrame([*shown, show_answers("verdict", told, pl.String(), numbers)]))
    return pl.concat(slabs)


def _each_slab(frame: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """A frame in parts of bounded size; a frame without rows is one part."""
    for start in range(0, max(frame.height, 1), SLAB):
        yield frame.slice(start, SLAB)


def _column(frame: pl.DataFrame, declared: Declaration) -> pl.Series | None:
    return frame.get_column(declared.name) if declared.name in frame.columns else None


@dataclass
class _Sheet:
    """What a slab's blocks have answered so far."""

    verdicts: Array
    tables: Mapping[int, TableColumns]
    numbers: dict[int, Array] = field(default_factory=dict)
    values: dict[str, Array] = field(default_factory=dict)
    unknown: dict[str, Mask] = field(default_factory=dict)
    doubtful: Mask | None = None


@dataclass
class _Tree:
    """A tree with its answers by number; number 0 is no answer."""

    step: TreeStep
    answers: list[Any] = field(default_factory=lambda: [None])

    @property
    def code(self) -> type[np.unsignedinteger[Any]]:
        """How the numbers of its answers are held."""
        return np.uint8 if len(self.answers) < 2**8 else np.uint32

    def number(self, answer: Any) -> int:
        """The number of an answer."""
        for number, found in enumerate(self.answers):
            if type(found) is type(answer) and found == answer:
                return number
        self.answers.append(answer)
        return len(self.answers) - 1


class ColumnPolicy:
    """A policy ready to run over frames; the same for every row as ``Policy.run`` for one applicant."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._notes = Notes(_find_spans(policy))
        self._words = Vocabulary()
        self._types: dict[str, LabelType] = {declared.name: declared.type for declared in policy.inputs}
        self._tables: dict[int, TableColumns] = {}
        self._points: dict[int, PointsColumns] = {}
        self._trees: dict[int, _Tree] = {}
        for declared in policy.inputs:
            check_range(declared)
        for number, step in enumerate(policy.steps):
            self._prepare(number, step)
        places = {rule.name: place for place, rule in enumerate(policy.rules)}
        self._places = {n: places[s.name] for n, s in enumerate(policy.steps) if isinstance(s, Rule)}
        self._reads = {
            number: tuple(dict.fromkeys((*names_read(policy.rules[place].when), *names_wanted(policy.steps[number]))))
            for number, place in self._places.items()
        }
        read = {name for step in policy.steps for name in names_wanted(step)}
        self._read_later = read | {name for names in self._reads.values() for name in names}

    def run(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Every rule's verdict for every row, as its place in VERDICTS, and the policy's outputs; null is unknown."""
        words = self._words.copy()
        tables = {number: table.begin() for number, table in self._tables.items()}
        with np.errstate(all="ignore"):
            return pl.concat([self._run_slab(slab, words, tables) for slab in _each_slab(frame)])

    # --- before any row is read

    def _prepare(self, number: int, step: Any) -> None:
        match step:
            case Derived(name=name, value=value):
                self._types[name] = value.type
            case TableStep(table=table):
                declared = {d.name: d for d in self.policy.inputs}
                checked = {d.name for d in table.inputs if declared.get(d.name) == d}
                made = {name: kind for name, kind in self._types.items() if name not in checked}
                self._tables[number] = TableColumns(table, made, self._words)
                for output in table.outputs:
                    self._types[output.name] = "str" if output.type == "rate" else output.type
            case TreeStep(output=output, root=root, missing=missing):
                tree = self._trees[number] = _Tree(step)
                _collect_leaves(root, tree)
                tree.number(missing)
                _check_answers(output.name, tree.answers)
                self._types[output.name] = output.type
            case PointsStep(output=name):
                self._points[number] = PointsColumns(step, self._types, self._words)
                self._types[name] = "int"

    # --- a slab, block by block

    def _run_slab(self, slab: pl.DataFrame, words: Vocabulary, tables: Mapping[int, TableColumns]) -> pl.DataFrame:
        height = slab.height
        labels = {d.name: read_column(d, _column(slab, d), height, words) for d in self.policy.inputs}
        sheet = _Sheet(np.empty((len(self.policy.rules), height), dtype=np.uint8), tables)
        for start in range(0, max(height, 1), BLOCK):
            end = min(start + BLOCK, height)
            facts = {name: found.between(start, end) for name, found in labels.items()}
            block = Block(end - start, facts, self._notes, words)
            for number, step in enumerate(self.policy.steps):
                self._take_step(number, step, block, sheet, slice(start, end))
            if block.doubtful is not None:
                if sheet.doubtful is None:
                    sheet.doubtful = np.zeros(height, dtype=np.bool_)
                sheet.doubtful[start:end] = block.doubtful
        shown = self._show(sheet, words)
        return shown if sheet.doubtful is None else self._judge_singly(slab, shown, np.flatnonzero(sheet.doubtful))

    def _take_step(self, number: int, step: Any, block: Block, sheet: _Sheet, rows: slice) -> None:
        match step:
            case Rule(when=when):
                self._judge(number, when, block, sheet.verdicts[self._places[number], rows])
            case Derived(name=name):
                block.facts[name] = block.derive(step)
                self._keep(name, block.facts[name], sheet, rows)
            case PointsStep(output=name):
                block.facts[name] = self._points[number].add_up(block)
                self._keep(name, block.facts[name], sheet, rows)
            case TableStep(table=table):
                numbers = sheet.tables[number].look_up([block.facts[d.name] for d in table.inputs])
                _write(sheet.numbers, number, numbers, np.int32, sheet, rows)
                for place, output in enumerate(table.outputs):
                    if output.name in self._read_later:
                        broken = block.broken(names_wanted(step))
                        facts = sheet.tables[number].make_facts(place, numbers, broken, block.words)
                        block.facts[output.name] = facts
            case TreeStep(output=output):
                tree = self._trees[number]
                numbers = np.broadcast_to(self._climb(step.root, tree, block), (block.height,))
                _write(sheet.numbers, number, numbers, tree.code, sheet, rows)
                if output.name in self._read_later:
                    broken = block.broken(names_wanted(step))
                    facts = make_answer_facts(tree.answers, output.type, numbers, broken, block.words)
                    block.facts[output.name] = facts

    def _judge(self, number: int, when: Any, block: Block, verdicts: Array) -> None:
        """Write a rule's verdicts: 0 clear, 1 hit, 2 missing, 3 error."""
        sure, maybe = block.decide(when)
        if sure is maybe:
            verdicts[:] = sure
            return
        possible = np.asarray(maybe).view(np.uint8)
        np.add(possible, possible, out=verdicts)
        verdicts -= np.asarray(sure).view(np.uint8)
        broken = block.broken(self._reads[number])
        if broken is not None:
            verdicts += broken & maybe & ~sure

    def _climb(self, node: Branch | Leaf, tree: _Tree, block: Block) -> Any:
        """The number of the answer that each row comes to."""
        if isinstance(node, Leaf):
            return tree.code(tree.number(node.answer))
        sure, maybe = block.decide(node.when)
        found = pick(sure, self._climb(node.then, tree, block), self._climb(node.otherwise, tree, block))
        if sure is maybe:
            return found
        undecided: Any = tree.code(tree.number(tree.step.missing))
        broken = block.broken(self._notes.read(node.when))
        if broken is not None:
            undecided = pick(broken, tree.code(0), undecided)
        return pick(maybe & ~sure, undecided, found)

    def _keep(self, name: str, facts: Facts, sheet: _Sheet, rows: slice) -> None:
        if name not in self.policy.outputs:
            return
        _write(sheet.values, name, facts.values, HOLD[self._types[name]], sheet, rows)
        if facts.unknown is not None or name in sheet.unknown:
            unknown = np.zeros(1, dtype=np.bool_) if facts.unknown is None else facts.unknown
            if name not in sheet.unknown:
                sheet.unknown[name] = np.zeros(sheet.verdicts.shape[1], dtype=np.bool_)
            sheet.unknown[name][rows] = unknown

    # --- what is handed back

    def _show(self, sheet: _Sheet, words: Vocabulary) -> pl.DataFrame:
        columns = [
            pl.Series(f"rule:{rule.name}", sheet.verdicts[place], dtype=pl.UInt8)
            for place, rule in enumerate(self.policy.rules)
        ]
        shown: dict[str, pl.Series] = {}
        for number, table in sheet.tables.items():
            for place, output in enumerate(table.table.outputs):
                shown[output.name] = table.show(place, sheet.numbers[number])
        for number, tree in self._trees.items():
            output_type = SHOWN[tree.step.output.type]
            name = tree.step.output.name
            shown[name] = show_answers(name, tree.answers, output_type, sheet.numbers[number])
        for name, values in sheet.values.items():
            shown[name] = self._show_values(name, values, sheet.unknown.get(name), words)
        return pl.DataFrame([*columns, *(shown[name] for name in self.policy.outputs)])

    def _show_values(self, name: str, values: Array, unknown: Mask | None, words: Vocabulary) -> pl.Series:
        kind = self._types[name]
        if kind == "str":
            places = values if unknown is None else np.where(unknown, len(words.texts), values)
            return show_answers(name, [*words.texts, None], SHOWN[kind], places)
        column = pl.Series(name, values)
        if kind == "date":
            column = column.cast(pl.Date).dt.to_string("%Y-%m-%d")
        if unknown is None:
            return column
        return column.to_frame().select(pl.when(pl.Series(~unknown)).then(pl.col(name)))[name]

    def _judge_singly(self, slab: pl.DataFrame, shown: pl.DataFrame, rows: Array) -> pl.DataFrame:
        """Put the answers of the policy itself in the place of those that columns could not vouch for."""
        found = [self._run_row(labels) for labels in self._read_rows(slab, rows)]
        patch = pl.DataFrame(found, schema=shown.schema, orient="row")
        order = np.arange(shown.height, dtype=np.uint32)
        order[rows] = shown.height + np.arange(len(rows), dtype=np.uint32)
        return pl.concat([shown, patch])[order]

    def _run_row(self, labels: Mapping[str, Scalar]) -> tuple[Any, ...]:
        run = self.policy.run(labels)
        verdicts = {note >> 2: note & 3 for note in run.notes}
        told = [list(value) if isinstance(value, tuple) else value for value in run.outputs]
        return (*(verdicts.get(place, 0) for place in range(len(self.policy.rules))), *told)

    def _read_rows(self, slab: pl.DataFrame, rows: Array) -> list[dict[str, Any]]:
        """Some rows as one applicant's labels are written."""
        found: list[dict[str, Any]] = [{} for _ in rows]
        for declared in self.policy.inputs:
            column = _column(slab, declared)
            if column is None:
                continue
            if declared.type == "date" and column.dtype == pl.Date:
                column = column.dt.to_string("%Y-%m-%d")
            for labels, row in zip(found, rows.tolist(), strict=True):
                labels[declared.name] = column[row]
        return found


def _write(kept: dict[Any, Array], key: Any, values: Array, held: Any, sheet: _Sheet, rows: slice) -> None:
    if key not in kept:
        kept[key] = np.empty(sheet.verdicts.shape[1], dtype=held)
    kept[key][rows] = values


def _find_spans(policy: Policy) -> dict[str, Span]:
    """Between which numbers every name lies."""
    spans = declared_spans({declared.name: declared for declared in policy.inputs})
    for step in policy.steps:
        spans |= spans_made(step, spans)
    return spans


def _collect_leaves(node: Branch | Leaf, tree: _Tree) -> None:
    if isinstance(node, Leaf):
        tree.number(node.answer)
    else:
        _collect_leaves(node.then, tree)
        _collect_leaves(node.otherwise, tree)


def _check_answers(name: str, answers: Iterable[Any]) -> None:
    for answer in answers:
        if isinstance(answer, int | float) and not abs(answer) <= NUMBER_LIMIT:
            refuse(name, repr(answer), "an answer within ±10^15")
