"""A workbook read back: each cell checked as its column is declared, each fault named by sheet and cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from creditfactory.gateways.rulebook.sheet_cells import read_cell_text
from creditfactory.gateways.rulebook.workbooks import (
    FIRST_ROW,
    HEAD,
    KEY_COLUMN,
    NAME_ROW,
    columns_of,
    open_workbook,
    sheet_name,
)
from creditfactory.kernel import BadInput
from creditfactory.rules import Output, Row, Table, build_table, read_answer, read_cell, refuse_name, tell_row

ROWS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class EditedTable:
    """A table as a person left it in a workbook, and the version it was taken from."""

    table: Table
    taken_from: date


def read_workbook(path: Path, tables: Mapping[str, Table]) -> dict[str, EditedTable]:
    """Every table of a workbook that the pack knows; sheets of other kinds are left alone.

    The first fault of each sheet is gathered; if there is any, nothing is read at all.
    """
    book = open_workbook(path)
    found: dict[str, EditedTable] = {}
    faults: list[BadInput] = []
    known = {sheet_name(name): name for name in tables}
    for sheet in book.worksheets:
        if sheet.cell(1, KEY_COLUMN).value != HEAD[0]:
            continue
        try:
            name = _name_of(sheet, known)
            if name in found:
                raise BadInput(place=sheet.title, found=f"{name!r} a second time", expected="one sheet a table")
            found[name] = _read_sheet(sheet, tables[name])
        except BadInput as fault:
            faults.append(fault)
    if faults:
        first = faults[0]
        more = f" ({len(faults) - 1} more sheets have faults)" if len(faults) > 1 else ""
        raise type(first)(place=first.place, found=first.found, expected=first.expected + more)
    if not found:
        raise BadInput(
            place=path.name,
            found="no sheet of a table",
            expected="a workbook that `rulebook export --format xlsx` wrote",
        )
    return found


def _name_of(sheet: Worksheet, known: Mapping[str, str]) -> str:
    given = sheet.cell(1, KEY_COLUMN + 1).value
    name = str(given or sheet.title)
    if name in known.values():
        return name
    refuse_name(f"{sheet.title}!B1", name, known.values(), "a table of this pack")


def _read_sheet(sheet: Worksheet, table: Table) -> EditedTable:
    _check_sheet(sheet)
    parts = columns_of(table)
    wanted = [*(c.name for c in table.inputs), *(o.name for o in table.outputs), "note"]
    for column, name in enumerate(wanted, start=KEY_COLUMN + 1):
        given = sheet.cell(NAME_ROW, column).value
        if given != name:
            raise BadInput(
                place=_place(sheet, NAME_ROW, column),
                found=repr(given),
                expected=f"the column {name}, as it was exported",
            )
    beyond = KEY_COLUMN + 1 + len(parts)
    rows: list[Row] = []
    if sheet.max_row > ROWS_MAX:
        raise BadInput(place=sheet.title, found=f"{sheet.max_row:,} rows", expected=f"at most {ROWS_MAX:,}")
    for at in range(FIRST_ROW, sheet.max_row + 1):
        cells = [sheet.cell(at, column) for column in range(KEY_COLUMN + 1, beyond)]
        stray = next((c for c in range(beyond, sheet.max_column + 1) if sheet.cell(at, c).value is not None), None)
        if stray is not None:
            raise BadInput(
                place=_place(sheet, at, stray),
                found=repr(sheet.cell(at, stray).value)[:60],
                expected="nothing right of the notes",
            )
        if all(cell.value is None or str(cell.value).strip() == "" for cell in cells):
            continue
        if sheet.row_dimensions[at].hidden:
            raise BadInput(
                place=f"{sheet.title}!{at}:{at}",
                found="a hidden row",
                expected="every row in sight: show it or delete it",
            )
        rows.append(_read_row(sheet, at, cells, table, len(rows) + 2))
    if not rows:
        raise BadInput(place=sheet.title, found="no rows", expected="at least one row under the header")
    made = build_table(
        table.name, hit=table.hit, inputs=table.inputs, outputs=table.outputs, rows=tuple(rows), missing=table.missing,
        no_match=table.no_match, description=table.description, owner=table.owner, place=f"sheet {sheet.title}",
    )  # fmt: skip
    return EditedTable(made, _read_start(sheet))


def _check_sheet(sheet: Worksheet) -> None:
    if sheet.sheet_state != "visible":
        raise BadInput(place=sheet.title, found="a hidden sheet", expected="a sheet in sight: show it or delete it")
    for merged in sheet.merged_cells.ranges:
        if merged.max_row >= NAME_ROW:
            raise BadInput(
                place=f"{sheet.title}!{merged.coord}",
                found="merged cells",
                expected="a value in each cell: unmerge them",
            )
    for letter, dimension in sheet.column_dimensions.items():
        if dimension.hidden:
            raise BadInput(
                place=f"{sheet.title}!{letter}:{letter}", found="a hidden column", expected="every column in sight"
            )


def _read_start(sheet: Worksheet) -> date:
    place = _place(sheet, 5, KEY_COLUMN + 1)
    value: Any = sheet.cell(5, KEY_COLUMN + 1).value
    try:
        return value.date() if hasattr(value, "date") else date.fromisoformat(str(value))
    except ValueError:
        raise BadInput(place=place, found=repr(value), expected="the day of the version, as it was exported") from None


def _read_row(sheet: Worksheet, at: int, cells: list[Any], table: Table, line: int) -> Row:
    tests, answers = [], []
    note = ""
    for cell, part in zip(cells, columns_of(table), strict=True):
        place = _place(sheet, at, cell.column)
        if part is None:
            if cell.data_type == "f":
                raise BadInput(place=place, found="a formula", expected="its value: copy, then paste as value")
            note = "" if cell.value is None else " ".join(str(cell.value).split())
        elif isinstance(part, Output):
            answers.append(read_answer(read_cell_text(cell, part, place, is_answer=True), part, place=place))
        else:
            tests.append(read_cell(read_cell_text(cell, part, place, is_answer=False), part, place=place))
    return Row(line, tuple(tests), tuple(answers), note)


def _place(sheet: Worksheet, row: int, column: int) -> str:
    return f"{sheet.title}!{get_column_letter(column)}{row}"


def is_same(before: Table, after: Table) -> bool:
    """Whether two versions say the same, in whatever signs."""

    def plain(table: Table) -> list[tuple[str, ...]]:
        return [tuple(" ".join(text.split()) for text in tell_row(row)) for row in table.rows]

    return plain(before) == plain(after)
