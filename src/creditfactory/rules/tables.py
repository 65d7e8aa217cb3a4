"""Decision tables: rows of cells, a hit policy, and an answer that says which row spoke or why none could.

Each column sorts a value into a region, and each region carries one number whose bits are the rows that let it
through. Joining the columns' numbers by `and` gives all rows that match, so that every hit policy, every gap and
every overlap is read from the same bits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from creditfactory.kernel import Reason, Scalar
from creditfactory.rules.cells import Cell, Cut
from creditfactory.rules.declarations import (
    NUMBER_LIMIT,
    Declaration,
    LabelType,
    is_iso_date,
    read_value,
    refuse,
    refuse_name,
)
from creditfactory.rules.expressions import Value

HitPolicy = Literal["U", "A", "P", "F", "R", "O", "C", "C+", "C<", "C>", "C#"]
HIT_POLICIES: dict[str, HitPolicy] = {
    "unique": "U",
    "any": "A",
    "priority": "P",
    "first": "F",
    "rule_order": "R",
    "output_order": "O",
    "collect": "C",
    "collect_sum": "C+",
    "collect_min": "C<",
    "collect_max": "C>",
    "collect_count": "C#",
}
SINGLE: tuple[HitPolicy, ...] = ("U", "A", "P", "F")
Consequence = Literal["none", "lane_b", "lane_c", "refer", "decline"]
SEVERITY: dict[Consequence, int] = {"none": 0, "lane_b": 1, "lane_c": 2, "refer": 3, "decline": 4}
OutputValue = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """One column that a table answers with; a ``rate`` is a decimal kept as text, so that no digit is lost."""

    name: str
    type: LabelType | Literal["rate"]
    words: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, its cells in the order of the inputs, its answers in that of the outputs."""

    line: int
    cells: tuple[Cell, ...]
    answers: tuple[Scalar, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fallback:
    """What holds where no row speaks: fixed answers, or none and a consequence."""

    consequence: Consequence = "refer"
    answers: tuple[Scalar, ...] | None = None


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """A table's answer: found with rows and outputs; none where no row matches; missing or error where a fact lacks.

    ``outputs`` is empty unless a row or a fallback gives them; ``consequence`` says what then has to happen.
    """

    table: str
    verdict: Literal["found", "none", "missing", "error"]
    consequence: Consequence
    rows: tuple[int, ...] = ()
    outputs: Mapping[str, OutputValue] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    read: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One input, sorted: for ordered values cuts and a mask between each two, for words a mask each."""

    declaration: Declaration
    cuts: tuple[Cut, ...]
    masks: tuple[int, ...]
    words: Mapping[Value, int]
    otherwise: int
    missing_true: int
    missing_possible: int

    def mask(self, value: Value) -> int:
        """The rows that let a known value through, one bit each, the first row lowest."""
        if self.declaration.type in ("bool", "str"):
            return self.words.get(value, self.otherwise)
        at = bisect_left(self.cuts, (value, False))  # cuts before the value
        if at < len(self.cuts) and self.cuts[at] == (value, False):
            at += 1
        return self.masks[at]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table as it stands on one day, ready to be looked up."""

    name: str
    hit: HitPolicy
    inputs: tuple[Declaration, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    missing: Fallback = Fallback()
    no_match: Fallback = Fallback()
    description: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    place: str = ""

    def look_up(self, values: Mapping[str, Scalar]) -> TableAnswer:
        """Answer for the given values; a missing or broken value never counts as a match nor as a mismatch."""
        certain = possible = (1 << len(self.rows)) - 1
        read: dict[str, Scalar] = {}
        gaps: list[Reason] = []
        is_broken = False
        for column in self.columns:
            name = column.declaration.name
            state, value = read_value(column.declaration, values.get(name))
            read[name] = value
            if value is not None:
                mask = column.mask(value)
                certain &= mask
                possible &= mask
                continue
            code = "POL-FACT-BROKEN" if state == "broken" else "POL-FACT-MISSING"
            gaps.append(Reason(code, {"by": self.name, "labels": name}))
            is_broken |= state == "broken"
            certain &= 0 if state == "broken" else column.missing_true
            possible &= column.missing_possible if state == "missing" else -1
        return self.answer(certain, possible, read, tuple(gaps), is_broken=is_broken)

    def answer(
        self, certain: int, possible: int, read: Mapping[str, Scalar], gaps: tuple[Reason, ...], *, is_broken: bool
    ) -> TableAnswer:
        """Turn the matching rows into an answer by the table's hit policy."""
        doubtful = possible & ~certain
        first = certain & -certain
        if doubtful and not (self.hit == "F" and first and not doubtful & (first - 1)):
            return self._fall_back("error" if is_broken else "missing", self.missing, read, gaps)
        if not certain:
            if self.hit == "C#":
                return TableAnswer(self.name, "found", "none", (), {self.outputs[0].name: 0}, (), read)
            reason = Reason("POL-TABLE-NO-ROW", {"by": self.name})
            return self._fall_back("none", self.no_match, read, (reason,))
        found = [row for bit, row in enumerate(self.rows) if certain >> bit & 1]
        chosen, outputs = self.choose(found)
        if not chosen:
            lines = ", ".join(str(row.line) for row in found)
            reason = Reason("POL-TABLE-CONFLICT", {"by": self.name, "lines": lines})
            return TableAnswer(self.name, "error", "refer", tuple(r.line for r in found), {}, (reason,), read)
        return TableAnswer(self.name, "found", "none", tuple(row.line for row in chosen), outputs, (), read)

    def choose(self, found: list[Row]) -> tuple[list[Row], dict[str, OutputValue]]:
        """Of all matching rows those that speak, with what they say; none where the hit policy forbids them all."""
        if self.hit in SINGLE:
            conflict = len({r.answers for r in found}) > 1 if self.hit == "A" else len(found) > 1
            if self.hit in ("U", "A") and conflict:
                return [], {}
            row = min(found, key=self._priority) if self.hit == "P" else found[0]
            return [row], dict(zip((o.name for o in self.outputs), row.answers, strict=True))
        if self.hit == "O":
            found = sorted(found, key=self._priority)
        listed = {o.name: tuple(r.answers[i] for r in found) for i, o in enumerate(self.outputs)}
        if self.hit == "C#":
            return found, {self.outputs[0].name: len(found)}
        if self.hit in ("C+", "C<", "C>"):
            joins: dict[str, Callable[[Any], Any]] = {"C+": sum, "C<": min, "C>": max}
            join = joins[self.hit]
            return found, {name: join(answers) for name, answers in listed.items()}
        return found, dict(listed)

    def _priority(self, row: Row) -> tuple[int, ...]:
        return tuple(
            output.words.index(answer) if isinstance(answer, str) and output.words else 0
            for output, answer in zip(self.outputs, row.answers, strict=True)
        )

    def _fall_back(
        self,
        verdict: Literal["none", "missing", "error"],
        fallback: Fallback,
        read: Mapping[str, Scalar],
        reasons: tuple[Reason, ...],
    ) -> TableAnswer:
        if fallback.answers is None or verdict == "error":
            consequence: Consequence = "refer" if fallback.consequence == "none" else fallback.consequence
            return TableAnswer(self.name, verdict, consequence, (), {}, reasons, read)
        outputs = dict(zip((o.name for o in self.outputs), fallback.answers, strict=True))
        return TableAnswer(self.name, verdict, fallback.consequence, (), outputs, reasons, read)


def build_column(declaration: Declaration, cells: tuple[Cell, ...]) -> Column:
    """Sort one column's cells into regions, each with the rows that let it through."""
    missing_true = _mask(cell.any or cell.missing for cell in cells)
    missing_possible = missing_true | _mask(not cell.missing for cell in cells)
    if declaration.type in ("bool", "str"):
        listed: list[Value] = [False, True] if declaration.type == "bool" else []
        listed += [w for cell in cells for w in cell.words if w not in listed]
        words = {w: _mask(cell.lets_through(w) for cell in cells) for w in listed}
        otherwise = _mask(cell.any or (cell.negated and not cell.missing) for cell in cells)
        return Column(declaration, (), (), words, otherwise, missing_true, missing_possible)
    cuts = sorted({c for cell in cells for span in cell.spans for c in (span.start, span.end) if c is not None})
    masks = tuple(_mask(_holds(cell, cuts, i) for cell in cells) for i in range(len(cuts) + 1))
    return Column(declaration, tuple(cuts), masks, {}, 0, missing_true, missing_possible)


def _holds(cell: Cell, cuts: list[Cut], region: int) -> bool:
    """Whether a cell lets through the region between two neighbouring cuts."""
    if cell.any or cell.missing:
        return cell.any
    inside = any(
        (span.start is None or bisect_right(cuts, span.start) <= region)
        and (span.end is None or region <= bisect_left(cuts, span.end))
        for span in cell.spans
    )
    return inside is not cell.negated


def _mask(rows: Iterable[bool]) -> int:
    return sum(1 << i for i, holds in enumerate(rows) if holds)


def build_table(
    name: str,
    *,
    hit: HitPolicy,
    inputs: tuple[Declaration, ...],
    outputs: tuple[Output, ...],
    rows: tuple[Row, ...],
    missing: Fallback = Fallback(),
    no_match: Fallback = Fallback(),
    description: Mapping[str, str] | None = None,
    owner: str = "",
    place: str = "",
) -> Table:
    """Put a table together and sort its columns."""
    columns = tuple(build_column(d, tuple(row.cells[i] for row in rows)) for i, d in enumerate(inputs))
    words = description or {}
    return Table(name, hit, inputs, outputs, rows, columns, missing, no_match, words, owner, place)


def read_answer(text: str, output: Output, *, place: str) -> Scalar:
    """Read one output cell as its column is declared.

    >>> read_answer("0.18", Output("annual_rate", "rate"), place="t.csv")
    '0.18'
    >>> read_answer("7", Output("months", "int"), place="t.csv")
    7
    """
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        plain = plain[1:-1]
    try:
        match output.type:
            case "int":
                whole = int(plain)
                if abs(whole) > NUMBER_LIMIT:
                    raise ValueError
                return whole
            case "float" | "rate":
                number = Decimal(plain)
                if not number.is_finite() or abs(number) > NUMBER_LIMIT:
                    raise ValueError
                return plain if output.type == "rate" else float(plain)
            case "bool":
                return {"true": True, "false": False}[plain.lower()]
            case "date":
                if not is_iso_date(plain):
                    raise ValueError
                return plain
            case _:
                pass
    except (ValueError, KeyError, InvalidOperation):
        refuse(place, repr(text), f"a {output.type} for {output.name}")
    if not plain:
        refuse(place, "an empty cell", f"an answer for {output.name}")
    if output.words and plain not in output.words:
        refuse_name(place, plain, output.words, f"one of {', '.join(output.words)} for {output.name}")
    return plain
