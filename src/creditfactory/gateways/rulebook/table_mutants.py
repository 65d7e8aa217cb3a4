"""Small changes to a decision table: a row dropped, a boundary moved by one unit, an answer or a fallback changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from creditfactory.kernel import Scalar
from creditfactory.rules import Cell, Consequence, Declaration, Fallback, Row, Table, build_table

FALLBACKS: tuple[Consequence, ...] = ("lane_b", "lane_c", "refer", "decline")
STEP = 0.0001
Cut = tuple[Any, bool]
Change = tuple[str, str, Any]


def mutate_table(table: Table) -> Iterator[Change]:
    """Every small change to a table: its kind, what is changed, and the table put together anew."""
    for place, row in enumerate(table.rows):
        if len(table.rows) > 1:
            left = table.rows[:place] + table.rows[place + 1 :]
            yield "row", f"line {row.line} is dropped", _rebuild(table, rows=left)
        for what, changed in _mutate_row(table, row):
            kind = "answer" if " answers " in what else "cell"
            yield kind, what, _rebuild(table, rows=(*table.rows[:place], changed, *table.rows[place + 1 :]))
    for name in ("missing", "no_match"):
        for what, fallback in _mutate_fallback(getattr(table, name), table):
            yield "fallback", f"{name}: {what}", _rebuild(table, **{name: fallback})


def _rebuild(table: Table, **changes: Any) -> Table:
    kept = {
        name: getattr(table, name)
        for name in ("hit", "inputs", "outputs", "rows", "missing", "no_match", "description", "owner", "place")
    }
    return build_table(table.name, **{**kept, **changes})


def _mutate_row(table: Table, row: Row) -> Iterator[tuple[str, Row]]:
    for at, (cell, declared) in enumerate(zip(row.cells, table.inputs, strict=True)):
        seen = {show_cell(cell, declared)}
        for changed in mutate_cell(cell, declared):
            shown = show_cell(changed, declared)
            if shown not in seen:
                seen.add(shown)
                cells = (*row.cells[:at], replace(changed, text=shown), *row.cells[at + 1 :])
                yield f"line {row.line}, column {declared.name}: {cell.text} becomes {shown}", replace(row, cells=cells)
    for at, (answer, output) in enumerate(zip(row.answers, table.outputs, strict=True)):
        for other in shift_answer(answer, output.type, output.words):
            answers = (*row.answers[:at], other, *row.answers[at + 1 :])
            yield f"line {row.line} answers {other} for {output.name}, not {answer}", replace(row, answers=answers)


def mutate_cell(cell: Cell, declared: Declaration) -> Iterator[Cell]:
    """Each end of each span one unit lower and higher, or its bracket turned; a word left out; a no turned round."""
    if cell.any:
        return
    if cell.missing:
        yield replace(cell, missing=False, any=True)
        return
    for at, span in enumerate(cell.spans):
        for name in ("start", "end"):
            cut: Cut | None = getattr(span, name)
            for moved in _move(cut, declared) if cut is not None else ():
                end: dict[str, Any] = {name: moved}
                yield replace(cell, spans=(*cell.spans[:at], replace(span, **end), *cell.spans[at + 1 :]))
    if cell.words and (declared.type == "bool" or cell.negated):
        yield replace(cell, negated=not cell.negated)
    for at in range(len(cell.words) if len(cell.words) > 1 else 0):
        yield replace(cell, words=cell.words[:at] + cell.words[at + 1 :])
    if len(cell.words) == 1 and declared.type == "str":
        yield replace(cell, words=(), any=True)


def _move(cut: Cut, declared: Declaration) -> tuple[Cut, ...]:
    value, is_after = cut
    if declared.type == "int":  # a turned bracket is one unit as well
        whole = _whole(cut)
        return (whole - 1, False), (whole + 1, False)
    if declared.type == "date":
        day = date.fromisoformat(value)
        before, after = ((day + timedelta(days=d)).isoformat() for d in (-1, 1))
        return (before, is_after), (after, is_after), (value, not is_after)
    return (round(value - STEP, 10), is_after), (round(value + STEP, 10), is_after), (value, not is_after)


def _whole(cut: Cut) -> int:
    """A cut between whole numbers as the first whole number after it."""
    value, is_after = cut
    first = int(-(-value // 1))
    return first + 1 if is_after and first == value else first


def show_cell(cell: Cell, declared: Declaration) -> str:
    """A cell as its owner could have written it."""
    if cell.any or cell.missing:
        return "-" if cell.any else "missing"
    shown = [str(word).lower() if declared.type == "bool" else str(word) for word in cell.words]
    for span in cell.spans:
        start, end = span.start, span.end
        if declared.type == "int":
            start = None if start is None else (_whole(start), False)
            end = None if end is None else (_whole(end) - 1, True)
        if start is not None and end is not None:
            if start[0] == end[0] and not start[1] and end[1]:
                shown.append(str(start[0]))
            else:
                shown.append(f"{'(' if start[1] else '['}{start[0]}..{end[0]}{']' if end[1] else ')'}")
        elif start is not None:
            shown.append(f"{'>' if start[1] else '>='} {start[0]}")
        elif end is not None:
            shown.append(f"{'<=' if end[1] else '<'} {end[0]}")
    inside = ",".join(shown) or "nothing"
    return f"not({inside})" if cell.negated else inside


def shift_answer(answer: Any, kind: str, words: tuple[str, ...]) -> tuple[Scalar, ...]:
    """Other answers in place of one: a unit less and more, the next word of those allowed, yes for no.

    >>> shift_answer("B", "str", ("A", "B", "C")), shift_answer(7, "int", ())
    (('C', 'A'), (6, 8))
    """
    if answer is None:
        return ()
    if isinstance(answer, bool):
        return (not answer,)
    if kind == "rate":
        return tuple(str(Decimal(answer) + step) for step in (Decimal("-0.0001"), Decimal("0.0001")))
    if isinstance(answer, int):
        return answer - 1, answer + 1
    if isinstance(answer, float):
        return round(answer - STEP, 10), round(answer + STEP, 10)
    if kind == "date":
        return ((date.fromisoformat(answer) + timedelta(days=1)).isoformat(),)
    others = [word for word in words if word != answer]
    at = words.index(answer) if answer in words else 0
    ordered = [*[w for w in words[at + 1 :] if w != answer], *[w for w in words[:at] if w != answer]]
    return tuple(ordered[:1] + ordered[-1:] if len(ordered) > 1 else ordered) if others else (f"not_{answer}",)


def _mutate_fallback(fallback: Fallback, table: Table) -> Iterator[tuple[str, Fallback]]:
    if fallback.answers is None:
        for then in FALLBACKS:
            if then != fallback.consequence:
                yield f"{fallback.consequence} becomes {then}", Fallback(then)
        return
    yield "refer in place of its answers", Fallback("refer")
    for at, (answer, output) in enumerate(zip(fallback.answers, table.outputs, strict=True)):
        for other in shift_answer(answer, output.type, output.words):
            answers = (*fallback.answers[:at], other, *fallback.answers[at + 1 :])
            yield f"{output.name} {answer} becomes {other}", Fallback("none", answers)
