"""How FEEL compares: three-valued, and what it means for a value to pass a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from creditfactory.gateways.dmn.feel_values import Range, Value, compare, equal


def passes(value: Value, found: Value) -> bool | None:
    """Whether a value is what was found, is among it, or lies within it."""
    if isinstance(found, Range):
        return found.holds(value)
    if isinstance(found, list):
        if isinstance(value, list) and equal(value, found):
            return True
        return any((item.holds(value) if isinstance(item, Range) else equal(value, item)) is True for item in found)
    return equal(value, found)


def pick(items: Sequence[Value], index: Decimal) -> Value:
    """The item at a place counted from 1, or from the end where it is below 0."""
    if index != int(index) or not index or abs(index) > len(items):
        return None
    return items[int(index) - 1 if index > 0 else int(index)]


def both(one: bool | None, other: bool | None) -> bool | None:
    """Three-valued and."""
    if one is False or other is False:
        return False
    return True if one is True and other is True else None


def at_least(one: Value, other: Value) -> bool | None:
    """Whether one value is not below another."""
    found = compare(one, other)
    return None if found is None else found >= 0


def at_most(one: Value, other: Value) -> bool | None:
    """Whether one value is not above another."""
    found = compare(one, other)
    return None if found is None else found <= 0


def above(one: Value, other: Value) -> bool | None:
    """Whether one value is above another."""
    found = compare(one, other)
    return None if found is None else found > 0


def below(one: Value, other: Value) -> bool | None:
    """Whether one value is below another."""
    found = compare(one, other)
    return None if found is None else found < 0


def differ(one: Value, other: Value) -> bool | None:
    """Whether two values are not the same."""
    found = equal(one, other)
    return None if found is None else not found


COMPARISONS: Mapping[str, Callable[[Any, Any], bool | None]] = {
    "=": equal, "!=": differ, "<": below, "<=": at_most, ">": above, ">=": at_least,
}  # fmt: skip
