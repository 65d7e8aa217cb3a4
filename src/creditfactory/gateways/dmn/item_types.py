"""Types of a model: whether a value is of one, what becomes of it on the way in, and which type a name means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from creditfactory.gateways.dmn.feel_values import (
    DateTime,
    DaysTime,
    Function,
    Range,
    Time,
    Value,
    YearsMonths,
)

SPELLINGS = {
    "": "Any", "any": "Any", "null": "Null", "dateTime": "date and time", "datetime": "date and time",
    "dayTimeDuration": "days and time duration", "daysAndTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration", "yearsAndMonthsDuration": "years and months duration",
    "integer": "number", "long": "number", "double": "number", "float": "number", "decimal": "number",
    "Context": "context",
}  # fmt: skip
UTC_MIDNIGHT = Time(0, 0, Decimal(0), 0)
PLAIN: Mapping[str, Callable[[Value], bool]] = {
    "Any": lambda value: True,
    "Null": lambda value: value is None,
    "number": lambda value: isinstance(value, Decimal),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "date": lambda value: type(value) is date,
    "time": lambda value: isinstance(value, Time),
    "date and time": lambda value: isinstance(value, DateTime),
    "days and time duration": lambda value: isinstance(value, DaysTime),
    "years and months duration": lambda value: isinstance(value, YearsMonths),
    "list": lambda value: isinstance(value, list),
    "context": lambda value: isinstance(value, dict),
    "function": lambda value: isinstance(value, Function),
    "range": lambda value: isinstance(value, Range),
}


@dataclass(frozen=True, slots=True)
class ItemType:
    """A type: a plain one, a list of another, or a context with parts; and what its values must pass."""

    name: str
    plain: str = "Any"
    item: ItemType | None = None
    parts: Mapping[str, ItemType] | None = None
    checks: tuple[Callable[[Value], bool], ...] = field(default=(), compare=False)
    gives: ItemType | None = None

    @property
    def result(self) -> ItemType | None:
        """The type of what a function gives: its own, or this one itself where it is none of a function."""
        return self.gives if self.plain == "function" else self

    def fits(self, value: Value) -> bool:
        """Whether a value is of this type as it stands; nothing at all is of every type."""
        if value is None:
            return True
        if self.item is not None:
            fitting = isinstance(value, list) and all(self.item.fits(part) for part in value)
        elif self.parts is not None:
            fitting = isinstance(value, dict) and all(
                name in value and part.fits(value[name]) for name, part in self.parts.items()
            )
        else:
            fitting = PLAIN[self.plain](value)
        return fitting and all(check(value) for check in self.checks)

    def take(self, value: Value) -> Value:
        """A value as one of this type: a list of one for its value and the other way round, a day for its midnight.

        What fits in no way is null.
        """
        if value is None or self.fits(value):
            return value
        if self.item is not None:
            listed = [self.item.take(part) for part in (value if isinstance(value, list) else [value])]
            return listed if self.fits(listed) and None not in listed else None
        if isinstance(value, list) and len(value) == 1:
            return self.take(value[0])
        if self.plain == "date and time" and type(value) is date:
            moved = DateTime(value, UTC_MIDNIGHT)
            return moved if self.fits(moved) else None
        return None


class TypeBook:
    """All types of a model by name."""

    def __init__(self) -> None:
        self.types: dict[str, ItemType] = {}

    def find(self, name: str) -> ItemType | None:
        """The type that a name means; None where there is no such type."""
        if name in self.types:
            return self.types[name]
        plain = SPELLINGS.get(name, name)
        if plain in PLAIN:
            return ItemType(plain, plain)
        kind, angle, inner = name.partition("<")
        if not angle:
            return self._part(name)
        match kind:
            case "list":
                item = self.find(inner.rpartition(">")[0])
                return None if item is None else ItemType(name, "list", item)
            case "context":
                return self._context(name, inner.rpartition(">")[0])
            case "function" | "range":
                return ItemType(name, kind)
            case _:
                return None

    def _part(self, name: str) -> ItemType | None:
        """A type within a type, as ``tLoan.amount``."""
        whole, point, part = name.rpartition(".")
        found = self.find(whole) if point else None
        return found.parts.get(part) if found is not None and found.parts is not None else None

    def _context(self, name: str, inner: str) -> ItemType | None:
        parts: dict[str, ItemType] = {}
        for piece in _split(inner):
            key, _, kind = piece.partition(":")
            found = self.find(kind.strip())
            if found is None:
                return None
            parts[key.strip()] = found
        return ItemType(name, "context", None, parts)


def _split(inner: str) -> list[str]:
    """The pieces between the outermost commas."""
    pieces, depth, start = [], 0, 0
    for index, sign in enumerate(inner):
        depth += (sign == "<") - (sign == ">" and inner[index - 1 : index] != "-")
        if sign == "," and not depth:
            pieces.append(inner[start:index])
            start = index + 1
    return [piece.strip() for piece in (*pieces, inner[start:]) if piece.strip()]
