"""Tables and points in columns: each value is sorted into its region, each set of regions is answered once.

A table is not read row by row for every applicant. Its columns sort a value into a region (two more stand for missing
and broken), and what the plain table answers to a set of regions is kept: whatever the hit policy, it is asked once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, Literal

import numpy as np
import polars as pl

from creditfactory.rules.cells import Cut
from creditfactory.rules.columns_facts import (
    HOLD,
    Array,
    Facts,
    Mask,
    Vocabulary,
    check_range,
    day_number,
    either,
    hold,
    put,
)
from creditfactory.rules.columns_values import Block
from creditfactory.rules.declarations import NUMBER_LIMIT, LabelType, refuse
from creditfactory.rules.policy import PointsQuestion, PointsStep
from creditfactory.rules.tables import Column, Output, Table

SETS_KEPT_MAX = 2**21
"""A table that tells apart more sets of regions than this has them listed as they come."""
ANSWERED = {"found": 0, "none": 1, "missing": 2, "error": 3}
SHOWN: dict[str, pl.DataType] = {
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "str": pl.String(),
    "date": pl.String(),
    "rate": pl.String(),
}
"""How answers of each type stand in the frame that is handed back."""


class NumberSorter:
    """Sorts numbers or days into the regions between cuts."""

    def __init__(self, cuts: Sequence[Cut], kind: LabelType) -> None:
        self.regions = len(cuts) + 1
        self.starts = [_first_at(value, after, kind) for value, after in cuts]
        self.code = np.uint8 if self.regions < 250 else np.int32

    def sort(self, values: Array) -> Array:
        """The region of each value; region 0 lies before the first cut."""
        if values.dtype == np.bool_:
            values = values.astype(np.int64)
        if len(self.starts) > 24:
            return np.searchsorted(np.array(self.starts), values, side="right").astype(self.code)
        found: Array = np.zeros(len(values), dtype=self.code)
        for start in self.starts:
            found += values >= start
        return found


def _first_at(value: float | str, after: bool, kind: LabelType) -> Any:
    """The least value of a type that lies at a cut or beyond it."""
    if kind == "date":
        return np.int32(day_number(str(value)) + after)
    assert not isinstance(value, str)
    if kind == "float":
        return np.nextafter(np.float64(value), np.inf) if after else np.float64(value)
    return np.int64(math.floor(value) + 1 if after else math.ceil(value))


class WordSorter:
    """Sorts words or yes and no into regions, one for each listed and one for all others."""

    def __init__(self, listed: Iterable[Any], words: Vocabulary) -> None:
        self.listed = list(listed)
        self.regions = len(self.listed) + 1
        self.code = np.uint8 if self.regions < 250 else np.int32
        numbers = [int(word) if isinstance(word, bool) else words.number(word) for word in self.listed]
        self.lookup = np.full(max(numbers, default=-1) + 2, self.regions - 1, dtype=self.code)
        self.lookup[numbers] = np.arange(len(numbers))

    def sort(self, values: Array) -> Array:
        """The region of each word's number; the last region is for what is not listed."""
        if values.dtype == np.bool_:
            values = values.view(np.uint8)
        return self.lookup[np.minimum(values, len(self.lookup) - 1)]


class TableInput:
    """One column of a table: sorts a name's values, what is missing and what is broken into regions."""

    def __init__(self, column: Column, made: LabelType | None, words: Vocabulary) -> None:
        self.declared = column.declaration
        self.made = made  # the type of a value named within the policy, which nobody has checked as declared
        kinds = (made or self.declared.type, self.declared.type)
        if sorted(kinds) == ["date", "str"]:
            refuse(self.declared.name, "a date beside a text", "one type for it in the policy and in the table")
        self.is_comparable = kinds[0] == kinds[1] or kinds == ("int", "float")
        check_range(self.declared)
        self.sorter: NumberSorter | WordSorter
        if self.declared.type in ("bool", "str"):
            listed = list(column.words)
            self.sorter = WordSorter(listed, words)
            self.masks = [*(column.words[w] for w in listed), column.otherwise]
            self.allowed = WordSorter(self.declared.words, words) if made and self.declared.words else None
        else:
            self.sorter = NumberSorter(column.cuts, kinds[0] if self.is_comparable else kinds[1])
            self.masks = list(column.masks)
            self.allowed = None
        self.missing, self.broken = self.sorter.regions, self.sorter.regions + 1
        self.regions = self.sorter.regions + 2
        everything = -1
        self.certain = [*self.masks, column.missing_true, 0]
        self.possible = [*self.masks, column.missing_possible, everything]

    def sort(self, facts: Facts) -> Array:
        """The region of every row."""
        held = facts.values if self.is_comparable else np.zeros(len(facts.values), dtype=HOLD[self.declared.type])
        regions = self.sorter.sort(held)
        wrong = self._find_undeclared(facts.values) if self.made else None
        if facts.unknown is not None:
            regions = put(self.missing, facts.unknown, regions)
            wrong = None if wrong is None else wrong & ~facts.unknown
            wrong = either((wrong, None if facts.broken is None else facts.broken & facts.unknown))
        return regions if wrong is None else put(self.broken, wrong, regions)

    def _find_undeclared(self, values: Array) -> Mask | None:
        """Where a named value is not as the table declares it: broken there, as a label would be."""
        declared = self.declared
        if not self.is_comparable:
            return np.ones(len(values), dtype=np.bool_)
        if self.allowed is not None:
            return np.asarray(self.allowed.sort(values) == self.allowed.regions - 1)
        if declared.type in ("int", "float") and (declared.minimum, declared.maximum) != (None, None):
            return np.asarray(~((values >= declared.lowest) & (values <= declared.highest)))
        return None


class TableColumns:
    """A table over many rows: which of its answers each row gets, and the answers by that number."""

    def __init__(self, table: Table, types: dict[str, LabelType], words: Vocabulary) -> None:
        if not table.columns:
            refuse(table.place or table.name, "no inputs", "a table with at least one input")
        self.table = table
        self.inputs = [TableInput(c, types.get(c.declaration.name), words) for c in table.columns]
        for output in table.outputs:
            self._check_answers(output)
        self.sets = math.prod(part.regions for part in self.inputs)
        self.forget()

    def forget(self) -> None:
        """Forget all that was asked."""
        self.answers: list[tuple[Any, ...]] = []
        self.verdicts: list[int] = []
        self._numbers: dict[tuple[int, tuple[Any, ...]], int] = {}
        self._by_set = np.full(self.sets if self.sets <= SETS_KEPT_MAX else 0, -1, dtype=np.int32)
        self._by_regions: dict[tuple[int, ...], int] = {}

    def begin(self) -> TableColumns:
        """The same table with nothing asked yet, so that two runs at the same time keep out of each other's way."""
        fresh = copy(self)
        fresh.forget()
        return fresh

    def _check_answers(self, output: Output) -> None:
        place, fallbacks = self.table.outputs.index(output), (self.table.missing, self.table.no_match)
        if output.type not in ("int", "float"):
            return
        answers = [row.answers[place] for row in self.table.rows]
        answers += [fallback.answers[place] for fallback in fallbacks if fallback.answers is not None]
        size = sum(abs(a) for a in answers if isinstance(a, int | float))
        if not size <= NUMBER_LIMIT:
            refuse(self.table.place or self.table.name, f"answers of {output.name} as large as {size}", "within ±10^15")

    def look_up(self, columns: Sequence[Facts]) -> Array:
        """The number of the answer for every row."""
        regions = [part.sort(facts) for part, facts in zip(self.inputs, columns, strict=True)]
        if self.sets > SETS_KEPT_MAX:
            return self._look_up_listed(regions)
        joined = self._join(regions)
        found = self._by_set[joined]
        if (found < 0).any():
            for code in np.unique(joined[found < 0]).tolist():
                self._by_set[code] = self._ask(self._take_apart(code))
            found = self._by_set[joined]
        return found

    def _join(self, regions: list[Array]) -> Array:
        code = np.uint8 if self.sets < 2**8 else np.uint16 if self.sets < 2**16 else np.int32
        joined: Array = regions[0].astype(code)
        for part, found in zip(self.inputs[1:], regions[1:], strict=True):
            joined *= code(part.regions)
            joined += found.astype(code)
        return joined

    def _take_apart(self, code: int) -> tuple[int, ...]:
        found = []
        for part in reversed(self.inputs):
            code, region = divmod(code, part.regions)
            found.append(region)
        return tuple(reversed(found))

    def _look_up_listed(self, regions: list[Array]) -> Array:
        """The answers of a table with more sets of regions than can be kept: only those that come are listed."""
        joined = np.zeros(len(regions[0]), dtype=np.int64)
        for part, found in zip(self.inputs, regions, strict=True):
            _, joined = np.unique(joined * part.regions + found, return_inverse=True)
        _, first, back = np.unique(joined, return_index=True, return_inverse=True)
        numbers = []
        for row in first.tolist():
            key = tuple(int(found[row]) for found in regions)
            if key not in self._by_regions:
                self._by_regions[key] = self._ask(key)
            numbers.append(self._by_regions[key])
        return np.array(numbers, dtype=np.int32)[back]

    def _ask(self, regions: tuple[int, ...]) -> int:
        """Ask the table itself, once for a set of regions."""
        certain = possible = (1 << len(self.table.rows)) - 1
        is_broken = False
        for part, region in zip(self.inputs, regions, strict=True):
            certain &= part.certain[region]
            possible &= part.possible[region]
            is_broken |= region == part.broken
        answer = self.table.answer(certain, possible, {}, (), is_broken=is_broken)
        told = tuple(answer.outputs.get(output.name) for output in self.table.outputs)
        key = (ANSWERED[answer.verdict], tuple((type(part), part) for part in told))
        if key not in self._numbers:
            self._numbers[key] = len(self.answers)
            self.answers.append(told)
            self.verdicts.append(ANSWERED[answer.verdict])
        return self._numbers[key]

    def make_facts(self, place: int, numbers: Array, broken_inputs: Any, words: Vocabulary) -> Facts:
        """One output as facts for what follows; an answer in error is broken."""
        wrong = np.array(self.verdicts) == ANSWERED["error"]
        broken = either((broken_inputs, wrong[numbers] if wrong.any() else None))
        answers = [answer[place] for answer in self.answers]
        return make_answer_facts(answers, self.table.outputs[place].type, numbers, broken, words)

    def show(self, place: int, numbers: Array) -> pl.Series:
        """One output as a column of the frame that is handed back."""
        output = self.table.outputs[place]
        answers = [answer[place] for answer in self.answers]
        if self.table.hit not in ("R", "O", "C"):
            return show_answers(output.name, answers, SHOWN[output.type], numbers)
        listed = [list(a) if isinstance(a, tuple) else None if a is None else [a] for a in answers]
        return show_answers(output.name, listed, pl.List(SHOWN[output.type]), numbers)


def make_answer_facts(
    answers: Sequence[Any], kind: LabelType | Literal["rate"], numbers: Array, broken: Mask | None, words: Vocabulary
) -> Facts:
    """Facts from the number of an answer for every row and the answers by number; None is unknown."""
    held: LabelType = "str" if kind == "rate" else kind
    values = np.array([hold(a, held, words) for a in answers], dtype=HOLD[held])
    unknown = np.array([a is None for a in answers], dtype=np.bool_)
    return Facts(values[numbers], unknown[numbers] if unknown.any() else None, broken)


def show_answers(name: str, answers: Sequence[Any], kind: pl.DataType, numbers: Array) -> pl.Series:
    """A column of answers from the number of an answer for every row."""
    return pl.Series(name, answers, dtype=kind, strict=False).gather(numbers.astype(np.uint32))


class PointsColumns:
    """A points card over many rows."""

    def __init__(self, step: PointsStep, types: dict[str, LabelType], words: Vocabulary) -> None:
        self.step = step
        self.questions = [_QuestionColumn(q, types[q.label], words) for q in step.questions]

    def add_up(self, block: Block) -> Facts:
        """The sum for every row, unknown where one question has no points."""
        total = np.full(block.height, self.step.intercept, dtype=np.int64)
        untold = None
        for question in self.questions:
            points, lacks = question.ask(block.facts[question.label])
            total += points
            untold = either((untold, lacks))
        return Facts(total, untold, block.broken(tuple(q.label for q in self.questions)))


class _QuestionColumn:
    def __init__(self, question: PointsQuestion, kind: LabelType, words: Vocabulary) -> None:
        self.label, self.missing_points = question.label, question.missing_points
        self.sorter: NumberSorter | WordSorter
        if question.bands[0].words:
            by_word = {word: band.points for band in question.bands for word in band.words}
            if kind == "date":
                refuse(question.label, "points for dates written as words", "bands that start at a date or a number")
            listed = by_word if kind == "str" else {}
            self.sorter = WordSorter(listed, words)
            points: list[int | None] = [*listed.values(), question.other_points]
        else:
            starts = [(band.start, False) for band in question.bands[1:]]
            self.sorter = NumberSorter(starts, kind)  # type: ignore[arg-type]
            points = [band.points for band in question.bands]
        self.missing = len(points)
        points.append(self.missing_points)
        self.points = np.array([p or 0 for p in points], dtype=np.int64)
        self.lacking = np.array([p is None for p in points])
        self.is_told = not self.lacking[:-1].any()

    def ask(self, facts: Facts) -> tuple[Array, Mask | None]:
        """The points of every row, and the rows where there are none to give."""
        regions = self.sorter.sort(facts.values)
        if facts.unknown is None:
            return self.points.take(regions, mode="clip"), None if self.is_told else self.lacking[regions]
        regions = put(self.missing, facts.unknown, regions)
        if self.is_told and self.missing_points is None:
            return self.points.take(regions, mode="clip"), facts.unknown
        lacks = None if self.is_told else self.lacking[regions]
        if self.missing_points is not None and facts.broken is not None:
            lacks = either((lacks, facts.unknown & facts.broken))
        return self.points.take(regions, mode="clip"), lacks
