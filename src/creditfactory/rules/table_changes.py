"""What differs between two versions of a table, told row by row and cell by cell, in words a person signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from creditfactory.kernel import Scalar
from creditfactory.rules.cells import Cell
from creditfactory.rules.tables import Row, Table


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell that says something else."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that came, went, moved or was changed; ``before`` and ``after`` are its places, counted from 1."""

    kind: Literal["added", "removed", "moved", "changed"]
    before: int | None
    after: int | None
    row: str
    cells: tuple[CellChange, ...] = ()

    def __str__(self) -> str:
        match self.kind:
            case "added":
                return f"row {self.after} added: {self.row}"
            case "removed":
                return f"row {self.before} removed: {self.row}"
            case "moved":
                return f"row {self.before} moved to row {self.after}: {self.row}"
            case _:
                told = "; ".join(f"{c.column}: {c.before or 'nothing'} → {c.after or 'nothing'}" for c in self.cells)
                return f"row {self.after} changed ({self.row}): {told}"


def show_answer(value: Scalar) -> str:
    """An answer as its cell says it.

    >>> show_answer(True), show_answer(5000)
    ('true', '5000')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts_of(row: Row) -> tuple[str, ...]:
    """A row's cells as text: tests, answers, note."""
    return (*(cell.text for cell in row.cells), *(show_answer(answer) for answer in row.answers), row.note)


def show_cell(cell: Cell) -> str:
    """A cell's tests as people tell them, alike for cells that mean the same.

    >>> from creditfactory.rules import Declaration, read_cell
    >>> show_cell(read_cell('not( "A","B" )', Declaration("grade", "str"), place="t"))
    'not(A, B)'
    """
    if not cell.words:
        return " ".join(cell.text.split())
    listed = ", ".join(show_answer(word) for word in cell.words)
    return f"not({listed})" if cell.negated else listed


def tell_row(row: Row) -> tuple[str, ...]:
    """A row's cells as people tell them: tests, answers, note."""
    return (*(show_cell(cell) for cell in row.cells), *(show_answer(answer) for answer in row.answers), row.note)


def compare_tables(before: Table, after: Table) -> tuple[RowChange, ...]:
    """Every row that differs, in the order of the new version; rows that only moved are told as moved."""
    columns = [*(c.name for c in after.inputs), *(o.name for o in after.outputs), "note"]
    old, new = [tell_row(row) for row in before.rows], [tell_row(row) for row in after.rows]
    changes: list[RowChange] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            changes += _pair(old, new, range(i1, i2), range(j1, j2), columns)
    return tuple(_join_moved(changes, old, new))


def _pair(
    old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]], gone: range, come: range, columns: Sequence[str]
) -> list[RowChange]:
    """Within a stretch that differs, rows that are most alike are one row that was changed."""
    alike = sorted(
        (-_likeness(old[i], new[j]), abs((i - gone.start) - (j - come.start)), i, j) for i in gone for j in come
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for likeness, _, i, j in alike:
        crosses = any((i < a) != (j < b) for a, b in partner.items())
        if likeness < 0 and i not in partner and j not in taken and not crosses:
            partner[i] = j
            taken.add(j)
    found = [RowChange("removed", i + 1, None, _tell(old[i], columns)) for i in gone if i not in partner]
    found += [RowChange("added", None, j + 1, _tell(new[j], columns)) for j in come if j not in taken]
    for i, j in partner.items():
        cells = tuple(
            CellChange(column, was, now) for column, was, now in zip(columns, old[i], new[j], strict=True) if was != now
        )
        found.append(RowChange("changed", i + 1, j + 1, _tell(new[j], columns), cells))
    return sorted(found, key=lambda change: (change.after or change.before or 0, change.kind != "removed"))


def _likeness(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    same = sum(a == b and a not in ("", "-") for a, b in zip(one, other, strict=True))
    return same if same * 2 >= sum(a not in ("", "-") for a in one) else 0


def _join_moved(
    changes: list[RowChange], old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]
) -> list[RowChange]:
    """A row that went in one place and came in another has moved."""
    kept = list(changes)
    for gone in [change for change in changes if change.kind == "removed"]:
        same = [c for c in kept if c.kind == "added" and new[(c.after or 1) - 1] == old[(gone.before or 1) - 1]]
        if same:
            kept[kept.index(same[0])] = RowChange("moved", gone.before, same[0].after, gone.row)
            kept.remove(gone)
    return kept


def _tell(texts: tuple[str, ...], columns: Sequence[str]) -> str:
    told = [f"{column} {text}" for column, text in zip(columns[:-1], texts[:-1], strict=True) if text not in ("", "-")]
    return ", ".join(told) or "any"
