"""How FEEL's own functions are declared: by name and parameters; what they cannot answer is null."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from creditfactory.gateways.dmn.feel_values import Value
from creditfactory.gateways.dmn.running import Run


class Null(Exception):
    """A function has no answer for these values."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """One function: its ways of being called, how many values each needs, and what it does."""

    name: str
    signatures: tuple[tuple[str, ...], ...]
    needed: tuple[int, ...]
    is_open: bool
    wants_run: bool
    function: Callable[..., Value]

    def apply(self, run: Run, values: list[Value]) -> Value:
        """Call by position; a wrong number of values is null."""
        if self.is_open:
            listed = values[0] if len(values) == 1 and isinstance(values[0], list) else values
            values = [listed] if values else []
        if not any(least <= len(values) <= len(way) for way, least in zip(self.signatures, self.needed, strict=True)):
            return None
        return self._call(run, values)

    def apply_named(self, run: Run, named: dict[str, Value]) -> Value:
        """Call by the names of the parameters; an unknown name, or one that is lacking, is null."""
        for way, least in zip(self.signatures, self.needed, strict=True):
            if set(named) <= set(way) and set(way[:least]) <= set(named):
                if self.is_open and not isinstance(named[way[0]], list):
                    return None
                last = max((way.index(name) for name in named), default=-1)
                return self._call(run, [named.get(name) for name in way[: last + 1]])
        return None

    def _call(self, run: Run, values: list[Value]) -> Value:
        try:
            return self.function(run, *values) if self.wants_run else self.function(*values)
        except (Null, decimal.DecimalException):
            return None


REGISTER: dict[str, Builtin] = {}


def builtin(
    name: str, *ways: str, is_open: bool = False, wants_run: bool = False
) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declare a function: its name and its parameters between commas, those that may be left out with a ``?``."""

    def declare(function: Callable[..., Value]) -> Callable[..., Value]:
        signatures, needed = [], []
        for way in ways or ("",):
            parts = [part.strip() for part in way.split(",")] if way else []
            signatures.append(tuple(part.rstrip("?") for part in parts))
            needed.append(sum(not part.endswith("?") for part in parts))
        REGISTER[name] = Builtin(name, tuple(signatures), tuple(needed), is_open, wants_run, function)
        return function

    return declare


def number(value: Value) -> Decimal:
    """A number, or no answer."""
    if not isinstance(value, Decimal):
        raise Null
    return value


def whole(value: Value) -> int:
    """A whole number (a fraction loses its part after the point), or no answer."""
    found = number(value)
    if abs(found) > 10**12:
        raise Null
    return int(found)


def text(value: Value) -> str:
    """A text, or no answer."""
    if not isinstance(value, str):
        raise Null
    return value


def several(value: Value) -> list[Value]:
    """A list; one value by itself is a list of one; null is no answer."""
    if value is None:
        raise Null
    return value if isinstance(value, list) else [value]
