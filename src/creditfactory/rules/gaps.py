"""What a table leaves out, what it says twice and what it never uses, read from the same bits that answer for it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import prod
from typing import Literal

from creditfactory.rules.cells import Cut
from creditfactory.rules.tables import Column, Table

COMBINATIONS_MAX = 200_000


@dataclass(frozen=True, slots=True)
class TableFault:
    """One fault in a table: which kind, on which lines of its file, and an example of values that show it."""

    kind: Literal["gap", "overlap", "unreachable", "too_large", "redundant", "unused_column"]
    lines: tuple[int, ...]
    example: str = ""


def check_table(table: Table) -> tuple[TableFault, ...]:
    """Gaps, forbidden overlaps and rows that can never speak, over every combination of what the columns tell apart.

    A table that tells apart more combinations than can be looked through says so instead of passing in silence.
    """
    regions = [_regions(column) for column in table.columns]
    combinations = 1
    for found in regions:
        combinations *= len(found)
    if combinations > COMBINATIONS_MAX:
        return (TableFault("too_large", (), f"{combinations} combinations, more than {COMBINATIONS_MAX}"),)
    reached, gap = 0, ""
    overlaps: dict[tuple[int, ...], str] = {}
    for combination in itertools.product(*regions):
        mask = (1 << len(table.rows)) - 1
        for _, part in combination:
            mask &= part
        reached |= mask & -mask if table.hit == "F" else mask
        if not mask and not gap:
            gap = _example(table, combination)
        if mask & (mask - 1) and table.hit in ("U", "A"):
            rows = [row for bit, row in enumerate(table.rows) if mask >> bit & 1]
            if table.hit == "U" or len({row.answers for row in rows}) > 1:
                overlaps.setdefault(tuple(row.line for row in rows), _example(table, combination))
    silent = tuple(row.line for bit, row in enumerate(table.rows) if not reached >> bit & 1)
    faults = [TableFault("unreachable", (line,)) for line in silent if not _is_for_missing(table, line)]
    faults += [TableFault("overlap", lines, example) for lines, example in overlaps.items()]
    return (*faults, *([TableFault("gap", (), gap)] if gap else []))


def check_use(table: Table) -> tuple[TableFault, ...]:
    """Columns that no row asks about, and rows without which the table would say the same to everybody."""
    idle = [
        TableFault("unused_column", (), declared.name)
        for place, declared in enumerate(table.inputs)
        if all(row.cells[place].any for row in table.rows)
    ]
    return (*idle, *(TableFault("redundant", (line,)) for line in _redundant(table)))


def _redundant(table: Table) -> list[int]:
    """Rows that other rows say as well; where answers are collected, each row adds its own and none is."""
    regions = [_regions(column) for column in table.columns]
    if table.hit not in ("F", "A", "P") or prod(map(len, regions)) > COMBINATIONS_MAX:
        return []
    wanted = 0
    for combination in itertools.product(*regions):
        mask = (1 << len(table.rows)) - 1
        for _, part in combination:
            mask &= part
        wanted |= _wanted(table, mask)
    alike = [row for bit, row in enumerate(table.rows) if not wanted >> bit & 1]
    return [row.line for row in alike if not any(cell.missing for cell in row.cells)]


def _wanted(table: Table, mask: int) -> int:
    """Of the rows that match together, the one that would be missed."""
    found = [bit for bit in range(len(table.rows)) if mask >> bit & 1]
    if not found:
        return 0
    speaks = table.choose([table.rows[bit] for bit in found])[0]
    if not speaks:
        return mask
    first = next(bit for bit in found if table.rows[bit] is speaks[0])
    rest = [table.rows[bit] for bit in found if bit != first]
    left = table.choose(rest)[0] if rest else []
    return 0 if left and left[0].answers == speaks[0].answers else 1 << first


def _is_for_missing(table: Table, line: int) -> bool:
    return any(cell.missing for row in table.rows if row.line == line for cell in row.cells)


def _example(table: Table, combination: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(
        f"{column.declaration.name} {shown}" for column, (shown, _) in zip(table.columns, combination, strict=True)
    )


def _regions(column: Column) -> list[tuple[str, int]]:
    """What a column tells apart: how people read each region, and the rows that let it through."""
    declared = column.declaration
    if declared.type == "bool":
        return [(f"= {str(v).lower()}", column.mask(v)) for v in (True, False)]
    if declared.type == "str":
        words = [(f"= {word}", column.mask(word)) for word in (declared.words or tuple(map(str, column.words)))]
        return words if declared.words else [*words, ("= any other word", column.otherwise)]
    found = []
    edges: tuple[Cut | None, ...] = (None, *column.cuts, None)
    for start, end, mask in zip(edges, edges[1:], column.masks, strict=False):
        if _is_possible(column, start, end):
            found.append((_show(start, end), mask))
    return found


def _is_possible(column: Column, start: Cut | None, end: Cut | None) -> bool:
    """Whether a region holds a value that the declared range and type allow."""
    declared = column.declaration
    if declared.type == "date" or (start is None and end is None):
        return True
    low = declared.lowest if start is None else max(float(start[0]), declared.lowest)
    high = declared.highest if end is None else min(float(end[0]), declared.highest)
    if low != high:
        if low > high or declared.type != "int":
            return low < high
        first = int(low) + (1 if start is not None and start[1] and low == start[0] and low == int(low) else 0)
        first += 1 if first < low else 0
        last = int(high) - (1 if end is not None and not end[1] and high == end[0] and high == int(high) else 0)
        return first <= last
    shut_low = start is not None and low == start[0] and start[1]
    shut_high = end is not None and high == end[0] and not end[1]
    return not shut_low and not shut_high


def _show(start: Cut | None, end: Cut | None) -> str:
    low = "" if start is None else f"{'>' if start[1] else '>='} {start[0]}"
    high = "" if end is None else f"{'<=' if end[1] else '<'} {end[0]}"
    return " and ".join(part for part in (low, high) if part) or "anything"
