"""A decision table as a grid of texts: read from its file, checked cell by cell as rules read it, written back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from creditfactory.consoles.page import is_chinese
from creditfactory.consoles.rulebook_faults import tell_part
from creditfactory.kernel import BadInput
from creditfactory.rules import (
    Declaration,
    Output,
    Row,
    Table,
    build_table,
    check_table,
    check_use,
    read_answer,
    read_cell,
)

ROWS_MAX, CELL_MAX = 5_000, 2_000
NOTE = "note"
Rows = list[list[str]]


@dataclass(frozen=True)
class GridColumn:
    """One column: its name in the file, what people call it, whether it asks or answers, and what a cell may hold."""

    name: str
    title: str
    role: str
    hint: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellFault:
    """A cell that cannot be read, by its row and column from nought."""

    row: int
    column: int
    found: str
    expected: str

    @property
    def text(self) -> str:
        """What was found and what is expected, in a sentence."""
        return _("Found {found}, expected {expected}.").format(
            found=tell_part(self.found), expected=tell_part(self.expected)
        )


@dataclass(frozen=True)
class Mark:
    """What is wrong or idle about rows that can be read; ``rows`` from nought, none where the whole table is meant."""

    kind: str
    rows: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class Checked:
    """What was found in a grid."""

    cells: tuple[CellFault, ...]
    marks: tuple[Mark, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every cell reads and no row contradicts another."""
        return not self.cells and not any(mark.kind in ("overlap", "unreachable") for mark in self.marks)

    def as_json(self) -> dict[str, Any]:
        """The same for the page's script."""
        return {
            "cells": [{"row": c.row, "column": c.column, "text": c.text} for c in self.cells],
            "marks": [{"kind": m.kind, "rows": m.rows, "text": m.text} for m in self.marks],
            "is_sound": self.is_sound,
        }


def list_columns(table: Table, name_of: Any) -> tuple[GridColumn, ...]:
    """The columns of a table with what each may hold: tests, answers, and a note."""
    tests = tuple(GridColumn(d.name, name_of(d.name), "test", _hint(d), _words(d)) for d in table.inputs)
    answers = tuple(GridColumn(o.name, name_of(o.name), "answer", _hint(o), _words(o)) for o in table.outputs)
    return (*tests, *answers, GridColumn(NOTE, _("Note"), "note", ""))


def _words(part: Declaration | Output) -> tuple[str, ...]:
    return ("true", "false") if part.type == "bool" else tuple(part.words)


def _hint(part: Declaration | Output) -> str:
    gap = "、" if is_chinese() else ", "
    words = _words(part)
    if isinstance(part, Output):
        if words:
            return gap.join(words)
        kinds = {"int": _("a whole number"), "float": _("a number"), "rate": _("a yearly rate such as 0.18"),
                 "date": _("a date such as 2026-01-31")}  # fmt: skip
        return kinds.get(part.type, _("a word"))
    if words:
        return _("- for any; {words}").format(words=gap.join(words[:8]) + ("…" if len(words) > 8 else ""))
    if part.type == "date":
        return _("- for any; >= 2026-01-31")
    return _("- for any; 5; >= 5; [1..5)") if part.type in ("int", "float") else _('- for any; "A","B"')


def read_grid(text: str, table: Table) -> Rows:
    """The rows of a table's file as texts, each with a cell for its note; other columns are refused."""
    wanted = [*(d.name for d in table.inputs), *(o.name for o in table.outputs)]
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    header = [cell.strip() for cell in next(reader, [])]
    if header[: len(wanted)] != wanted or header[len(wanted) :] not in ([], [NOTE]):
        raise BadInput(
            place=table.place, found=", ".join(header) or "nothing",
            expected=f"the columns {', '.join(wanted)} (and note)",
        )  # fmt: skip
    width = len(wanted) + 1
    rows = [[cell.strip() for cell in cells] for cells in reader if any(cell.strip() for cell in cells)]
    return [(row + [""] * width)[:width] for row in rows]


def write_grid(rows: Rows, table: Table) -> str:
    """The rows as the table's file; the column of notes only where there is one.

    >>> from creditfactory.rules import Declaration, Output
    >>> table = build_table("t", hit="U", inputs=(Declaration("a", "int"),), outputs=(Output("b", "int"),), rows=())
    >>> write_grid([[">= 5", "1", ""], ["< 5", "2", ""]], table)
    'a,b\\n>= 5,1\\n< 5,2\\n'
    """
    header = [*(d.name for d in table.inputs), *(o.name for o in table.outputs)]
    has_notes = any(row[-1] for row in rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*header, NOTE] if has_notes else header)
    writer.writerows(row if has_notes else row[:-1] for row in rows)
    return out.getvalue()


def take_rows(given: Any, table: Table) -> Rows:
    """Rows as a page sends them; anything else than texts in rows of the right width is refused."""
    width = len(table.inputs) + len(table.outputs) + 1
    if not isinstance(given, list) or len(given) > ROWS_MAX:
        raise BadInput(place=table.place, found="no rows", expected=f"at most {ROWS_MAX} rows")
    rows = []
    for row in given:
        if not isinstance(row, list) or len(row) != width or not all(isinstance(cell, str) for cell in row):
            raise BadInput(place=table.place, found="a row of another shape", expected=f"{width} cells")
        rows.append([" ".join(cell.replace("\x00", "").split())[:CELL_MAX] for cell in row])
    return [row for row in rows if any(row)]


def check_grid(rows: Rows, table: Table) -> Checked:
    """Every cell read as rules read it; where all can be read, what the rows leave out, say twice or never say."""
    faults: list[CellFault] = []
    read: list[Row] = []
    for at, cells in enumerate(rows):
        tests: list[Any] = []
        answers: list[Any] = []
        for index, text in enumerate(cells[:-1]):
            try:
                if index < len(table.inputs):
                    tests.append(read_cell(text, table.inputs[index], place=""))
                else:
                    answers.append(read_answer(text, table.outputs[index - len(table.inputs)], place=""))
            except BadInput as fault:
                faults.append(CellFault(at, index, fault.found, fault.expected))
        read.append(Row(at + 2, tuple(tests), tuple(answers), cells[-1]))
    if faults:
        return Checked(tuple(faults), ())
    if not rows:
        return Checked((), (Mark("gap", (), _("There is no row; a table needs at least one.")),))
    made = build_table(
        table.name, hit=table.hit, inputs=table.inputs, outputs=table.outputs, rows=tuple(read), missing=table.missing,
        no_match=table.no_match, place=table.place,
    )  # fmt: skip
    return Checked((), tuple(_mark(fault, made) for fault in (*check_table(made), *check_use(made))))


def _mark(fault: Any, table: Table) -> Mark:
    rows = tuple(line - 2 for line in fault.lines)
    named = ", ".join(str(row + 1) for row in rows)
    text = {
        "gap": _("No row answers for {example}."), "overlap": _("Rows {rows} both answer for {example}."),
        "unreachable": _("Row {rows} can never speak: other rows come first, or it asks for what cannot be."),
        "redundant": _("Row {rows} adds nothing: without it the table says the same."),
        "unused_column": _("No row asks about {example}."),
        "too_large": _("Too much to look through for gaps and overlaps: {example}."),
    }[fault.kind].format(rows=named, example=fault.example)  # fmt: skip
    return Mark(fault.kind, rows, text)


def change_rows(rows: Rows, act: str, width: int) -> Rows:
    """A row added, removed or moved, as the buttons of the plain form ask: ``add``, ``remove-2``, ``up-2``, ``down-2``.

    >>> change_rows([["a"], ["b"]], "up-1", 1), change_rows([["a"]], "add", 1), change_rows([["a"]], "remove-0", 1)
    ([['b'], ['a']], [['a'], ['']], [])
    """
    kind, _dash, text = act.partition("-")
    at = int(text) if text.isdecimal() else len(rows)
    changed = list(rows)
    if kind == "add":
        changed.insert(min(at + 1, len(rows)), [""] * width)
    elif at < len(rows) and kind == "remove":
        del changed[at]
    elif at < len(rows) and kind in ("up", "down"):
        other = at - 1 if kind == "up" else at + 1
        if 0 <= other < len(rows):
            changed[at], changed[other] = changed[other], changed[at]
    return changed


def take_form(form: Any, table: Table) -> Rows:
    """The rows of the plain form, in its order; rows that are blank stay until they are saved."""
    width = len(table.inputs) + len(table.outputs) + 1
    count = form.get("rows", "0")
    many = min(int(count), ROWS_MAX) if count.isdecimal() else 0
    return [[" ".join(form.get(f"c-{row}-{column}", "").split())[:CELL_MAX] for column in range(width)]
            for row in range(many)]  # fmt: skip


def find_shape(tables: Sequence[Table], place: str) -> Table:
    """Of a table's dated versions the one whose rows stand in this file; else the last, which has the same columns."""
    return next((t for t in tables if t.place == place), replace(tables[-1], place=place))
