"""Expressions in columns: the same numbers and the same three answers as one applicant gets, for a block of rows.

Yes and no stand as two masks, *sure* (certainly yes) and *maybe* (not certainly no), so that `and`, `or` and `not` keep
their three answers. Where 64 bits or a float cannot give what Python's whole numbers give, the row is noted as doubtful
and is judged singly afterwards: columns are quick about what is plain and never guess about what is not.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from creditfactory.rules.columns_facts import HELD, HOLD, Array, Facts, Mask, Vocabulary, either, hold
from creditfactory.rules.declarations import NUMBER_LIMIT, LabelType
from creditfactory.rules.emit import is_risky
from creditfactory.rules.expressions import (
    All,
    AnyOf,
    Arithmetic,
    Call,
    Choice,
    Compare,
    Expression,
    Literally,
    Name,
    Negative,
    OneOf,
    Opposite,
    Set,
    Unknown,
    Value,
    names_needed,
    names_read,
)
from creditfactory.rules.policy import Derived
from creditfactory.rules.spans import Span, find_span

EXACT = 2**53
"""Up to here every whole number is a float, and comparing and dividing the two kinds is exact."""
HALVES = 2**51
"""Up to here a whole number and a half is a float."""
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
SUMS: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
Answers = tuple[Any, Any]
"""Where it is sure, and where it may be; the same mask twice where nothing is unknown."""


@dataclass(slots=True)
class Look:
    """One value being reckoned: the rows in which a fact it needs is unknown, and those in which it cannot be had."""

    unknown: Mask | None
    is_risky: bool = False
    fault: Mask | None = None


class Notes:
    """What is known of a policy's expressions before any row is read, found once and kept."""

    def __init__(self, spans: Mapping[str, Span]) -> None:
        self.spans = spans
        self._kept: dict[tuple[str, int], Any] = {}

    def _keep(self, what: str, expression: Expression, find: Callable[[Expression], Any]) -> Any:
        key = (what, id(expression))  # expressions live as long as their policy
        if key not in self._kept:
            self._kept[key] = find(expression)
        return self._kept[key]

    def needed(self, expression: Expression) -> tuple[str, ...]:
        """The names whose values an expression needs."""
        return tuple(self._keep("needed", expression, names_needed))

    def read(self, expression: Expression) -> tuple[str, ...]:
        """The names an expression looks at."""
        return tuple(self._keep("read", expression, names_read))

    def is_risky(self, expression: Expression) -> bool:
        """Whether reckoning this could divide by zero or leave the range of numbers."""
        return bool(self._keep("risky", expression, lambda e: is_risky(e, self.spans)))

    def size(self, expression: Expression) -> float:
        """How far from 0 a number may be; infinity where nobody can say."""
        return float(self._keep("size", expression, self._find_size))

    def _find_size(self, expression: Expression) -> float:
        span = find_span(expression, self.spans)
        return float("inf") if span is None else max(map(abs, span))


@dataclass
class Block:
    """A block of rows while a policy runs over it."""

    height: int
    facts: dict[str, Facts]
    notes: Notes
    words: Vocabulary
    doubtful: Mask | None = None

    def unknown(self, names: tuple[str, ...]) -> Mask | None:
        """Where any of these names is unknown."""
        return either(self.facts[name].unknown for name in names)

    def broken(self, names: tuple[str, ...]) -> Mask | None:
        """Where any of these names, or what it is made of, is broken."""
        return either(self.facts[name].broken for name in names)

    def spread(self, values: Any, kind: LabelType) -> Array:
        """Values for every row, as their type is held."""
        return np.broadcast_to(np.asarray(values, dtype=HOLD[kind]), (self.height,))

    def doubt(self, rows: Any, look: Look) -> None:
        """Note rows that must be judged singly; those that are unknown anyway are left out."""
        if np.any(rows):
            rows = np.broadcast_to(rows, (self.height,))
            self.doubtful = either((self.doubtful, rows if look.unknown is None else rows & ~look.unknown))

    # --- named values

    def derive(self, step: Derived) -> Facts:
        """A named value: unknown where a fact it needs is unknown, broken where it cannot be reckoned."""
        value = step.value
        unknown, broken = self.unknown(self.notes.needed(value)), self.broken(self.notes.read(value))
        if value.type == "bool":
            sure, maybe = self.decide(value)
            open_rows = None if maybe is sure else self.spread(maybe & ~sure, "bool")
            return Facts(self.spread(sure, "bool"), open_rows, broken)
        look = Look(unknown, self.notes.is_risky(value))
        values = self.spread(self.reckon(value, look, None), value.type)
        if value.type not in ("int", "float"):
            return Facts(values, unknown, broken)
        fault = look.fault
        if self.notes.size(value) > NUMBER_LIMIT:
            beyond = ~(np.abs(values) <= NUMBER_LIMIT)
            fault = either((fault, beyond if beyond.any() else None))
        if fault is not None and unknown is not None:
            fault = fault & ~unknown
        return Facts(values, either((unknown, fault)), either((broken, fault)))

    # --- conditions

    def decide(self, when: Expression, look: Look | None = None, alive: Any = None) -> Answers:
        """Where a condition is sure to hold and where it may.

        Within a value being reckoned (``look``) all facts are known, and ``alive`` are the rows that get this far.
        """
        match when:
            case Name(name=name):
                facts = self.facts[name]
                return facts.values, facts.values if facts.unknown is None else facts.values | facts.unknown
            case Compare() | OneOf():
                return self._compare(when, look, alive)
            case All(parts=parts):
                return self._join(parts, look, alive, is_all=True)
            case AnyOf(parts=parts):
                return self._join(parts, look, alive, is_all=False)
            case Opposite(operand=operand):
                sure, maybe = self.decide(operand, look, alive)
                opposite = np.logical_not(maybe)
                return opposite, opposite if sure is maybe else np.logical_not(sure)
            case Unknown(name=name):
                unknown = self.facts[name].unknown
                found = np.bool_(False) if unknown is None else unknown
                return found, found
            case Choice():
                return self._choose(when, look, alive)
            case Literally(value=value) | Set(value=value):
                return np.bool_(value), np.bool_(value)
            case _:
                raise AssertionError(f"{when!r} is no condition")

    def _join(self, parts: tuple[Expression, ...], look: Look | None, alive: Any, *, is_all: bool) -> Answers:
        """Joined by and, or by or; what the first part settles the next is not asked."""
        join = np.logical_and if is_all else np.logical_or
        sure, maybe = self.decide(parts[0], look, alive)
        for part in parts[1:]:
            if look is not None and look.is_risky:
                open_rows = sure if is_all else np.logical_not(sure)
                alive = open_rows if alive is None else alive & open_rows
            next_sure, next_maybe = self.decide(part, look, alive)
            is_certain = sure is maybe and next_sure is next_maybe
            sure, maybe_before = join(sure, next_sure), maybe
            maybe = sure if is_certain else join(maybe_before, next_maybe)
        return sure, maybe

    def _choose(self, choice: Choice, look: Look | None, alive: Any) -> Answers:
        """One condition or another by a third; unknown where the third is, even if both would say the same."""
        asked, possible = self.decide(choice.condition, look, alive)
        refused = np.logical_not(possible)
        yes, yes_maybe = self.decide(choice.yes, look, asked if alive is None else alive & asked)
        no, no_maybe = self.decide(choice.no, look, refused if alive is None else alive & refused)
        sure = (asked & yes) | (refused & no)
        if asked is possible and yes is yes_maybe and no is no_maybe:
            return sure, sure
        return sure, (asked & yes_maybe) | (refused & no_maybe) | (possible & ~asked)

    def _compare(self, test: Compare | OneOf, look: Look | None, alive: Any) -> Answers:
        """Two values compared; unknown where any fact of either is."""
        unknown = None if look is not None else self.unknown(self.notes.needed(test))
        inner = Look(unknown) if look is None else look
        found = self._is_among(test, inner, alive) if isinstance(test, OneOf) else self._differ(test, inner, alive)
        if unknown is None:
            return found, found
        return np.greater(found, unknown), np.logical_or(found, unknown)

    def _differ(self, test: Compare, look: Look, alive: Any) -> Any:
        left, right = (self.reckon(part, look, alive) for part in (test.left, test.right))
        if {test.left.type, test.right.type} == {"int", "float"}:
            whole, values = (test.left, left) if test.left.type == "int" else (test.right, right)
            self._doubt_beyond(whole, values, EXACT, look)
        return COMPARISONS[test.operator](left, right)

    def _is_among(self, test: OneOf, look: Look, alive: Any) -> Any:
        values = self.reckon(test.operand, look, alive)
        found = np.bool_(False)
        for listed in test.values:
            found = found | (values == self._hold(listed, test.operand.type))
        return found

    # --- values

    def reckon(self, value: Expression, look: Look, alive: Any) -> Any:
        """A value for every row, right wherever every fact it needs is known and no fault is noted."""
        match value:
            case Name(name=name):
                return self.facts[name].values
            case Literally(value=known) | Set(value=known):
                return self._hold(known, value.type)
            case Choice(condition=condition, yes=yes, no=no) if value.type != "bool":
                asked, _ = self.decide(condition, look, alive)
                refused = np.logical_not(asked)
                first = self.reckon(yes, look, asked if alive is None else alive & asked)
                return np.where(asked, first, self.reckon(no, look, refused if alive is None else alive & refused))
            case Negative(operand=operand):
                return np.negative(self.reckon(operand, look, alive))
            case Arithmetic(operator=sign, left=left, right=right):
                one, other = self.reckon(left, look, alive), self.reckon(right, look, alive)
                if sign in SUMS:
                    return self._sum(value, sign, one, other, look)
                return self._divide(value, one, other, look, alive)
            case Call():
                return self._call(value, [self.reckon(part, look, alive) for part in value.arguments], look)
            case _:
                return self.decide(value, look, alive)[0]

    def _hold(self, value: Value, kind: LabelType) -> Any:
        return HOLD[kind](hold(value, kind, self.words))

    def _doubt_beyond(self, expression: Expression, values: Any, limit: int, look: Look) -> None:
        """Doubt the rows where a number is further from 0 than a limit, unless its span says that there are none."""
        if self.notes.size(expression) >= limit:
            self.doubt(~(np.abs(values) < limit), look)

    def _sum(self, value: Arithmetic, sign: str, one: Any, other: Any, look: Look) -> Any:
        if value.type == "int" and self.notes.size(value) >= HELD:
            roughly = SUMS[sign](np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64))
            self.doubt(~(np.abs(roughly) < 0.9 * HELD), look)
        return SUMS[sign](one, other)

    def _divide(self, value: Arithmetic, one: Any, other: Any, look: Look, alive: Any) -> Any:
        if look.is_risky:
            zero = other == 0
            if np.any(zero):
                zero = np.broadcast_to(zero if alive is None else zero & alive, (self.height,))
                look.fault = either((look.fault, zero))
        if value.operator == "/":
            if value.left.type == value.right.type == "int":
                self._doubt_beyond(value.left, one, EXACT, look)
                self._doubt_beyond(value.right, other, EXACT, look)
            return np.true_divide(one, other)
        if value.type == "float":
            self.doubt(np.bool_(True), look)
        return np.floor_divide(one, other) if value.operator == "//" else np.remainder(one, other)

    def _call(self, call: Call, parts: list[Any], look: Look) -> Any:
        match call.function:
            case "min" | "max":
                return self._find_extreme(call, parts, look)
            case "abs":
                return np.abs(parts[0])
            case "floor" | "ceil" | "round_half_up" if call.arguments[0].type == "int":
                if call.function == "round_half_up":
                    self._doubt_beyond(call.arguments[0], parts[0], HALVES, look)
                return parts[0]
            case "floor":
                whole = np.floor(parts[0])
            case "ceil":
                whole = np.ceil(parts[0])
            case _:
                number = parts[0]
                whole = np.where(number >= 0, np.floor(number + 0.5), -np.floor(0.5 - number))
        if self.notes.size(call) >= HELD:
            self.doubt(~(np.abs(whole) < HELD), look)
        return np.asarray(whole).astype(np.int64)

    def _find_extreme(self, call: Call, parts: list[Any], look: Look) -> Any:
        """The least or the greatest; of equals the first, as one applicant gets it."""
        if call.type == "float" and self.notes.size(call) == float("inf"):
            for part in parts:
                self.doubt(np.isnan(part), look)
        if call.type == "int":
            return functools.reduce(np.minimum if call.function == "min" else np.maximum, parts)
        is_better = operator.lt if call.function == "min" else operator.gt
        found = parts[0]
        for part in parts[1:]:
            found = np.where(is_better(part, found), part, found)
        return found
