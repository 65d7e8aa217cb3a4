"""FEEL's own functions on lists."""

from __future__ import annotations

import functools
from collections.abc import Callable
from decimal import Decimal

from creditfactory.gateways.dmn.builtin import Null, builtin, number, several, whole
from creditfactory.gateways.dmn.feel_sums import add, divide
from creditfactory.gateways.dmn.feel_values import Function, Value, compare, equal
from creditfactory.gateways.dmn.running import Run


@builtin("list contains", "list, element")
def list_contains(items: Value, element: Value) -> Value:
    """Whether a list holds a value."""
    return any(equal(item, element) is True for item in several(items))


@builtin("count", "list")
def count(items: Value) -> Value:
    """How many values a list has."""
    return Decimal(len(several(items)))


def choose(items: Value, better: Callable[[int], bool]) -> Value:
    """The first of a list's values that no other outdoes; null where they cannot be compared."""
    listed = several(items)
    if not listed:
        return None
    best = listed[0]
    for item in listed:
        order = compare(item, best)
        if order is None:
            raise Null
        best = item if better(order) else best
    return best


@builtin("min", "list", is_open=True)
def least(items: Value) -> Value:
    """The least value."""
    return choose(items, lambda order: order < 0)


@builtin("max", "list", is_open=True)
def greatest(items: Value) -> Value:
    """The greatest value."""
    return choose(items, lambda order: order > 0)


@builtin("sum", "list", is_open=True)
def total(items: Value) -> Value:
    """All values added up, from the first to the last."""
    listed = several(items)
    if not listed:
        return None
    found = functools.reduce(add, listed)
    if isinstance(found, str):
        raise Null
    return found


@builtin("mean", "list", is_open=True)
def mean(items: Value) -> Value:
    """The sum divided by the count."""
    return divide(total(items), Decimal(len(several(items))))


@builtin("median", "list", is_open=True)
def median(items: Value) -> Value:
    """The middle value, or the mean of the middle two."""
    listed = sorted(number(item) for item in several(items))
    if not listed:
        return None
    middle = len(listed) // 2
    return listed[middle] if len(listed) % 2 else (listed[middle - 1] + listed[middle]) / 2


@builtin("stddev", "list", is_open=True)
def standard_deviation(items: Value) -> Value:
    """The standard deviation of a sample."""
    listed = [number(item) for item in several(items)]
    if len(listed) < 2:
        return None
    centre = sum(listed, Decimal(0)) / len(listed)
    return (sum(((item - centre) ** 2 for item in listed), Decimal(0)) / (len(listed) - 1)).sqrt()


@builtin("mode", "list", is_open=True)
def mode(items: Value) -> Value:
    """The values that come most often, in ascending order."""
    listed = [number(item) for item in several(items)]
    times: dict[Decimal, int] = {}
    for item in listed:
        times[item] = times.get(item, 0) + 1
    return sorted(item for item, found in times.items() if found == max(times.values()))


@builtin("product", "list", is_open=True)
def multiplied(items: Value) -> Value:
    """All values multiplied."""
    listed = [number(item) for item in several(items)]
    return functools.reduce(lambda a, b: a * b, listed) if listed else None


@builtin("all", "list", is_open=True)
def holds_all(items: Value) -> Value:
    """Whether all are true; one false is enough for no."""
    listed = several(items)
    return _judge(listed, stop=False)


@builtin("any", "list", is_open=True)
def holds_any(items: Value) -> Value:
    """Whether any is true."""
    listed = several(items)
    return _judge(listed, stop=True)


def _judge(listed: list[Value], *, stop: bool) -> bool | None:
    if any(item is stop for item in listed):
        return stop
    return not stop if all(isinstance(item, bool) for item in listed) else None


@builtin("sublist", "list, start position, length?")
def sublist(items: Value, start: Value, length: Value = ...) -> Value:
    """Part of a list, places counted from 1, or from the end where below 0."""
    listed, first = several(items), whole(start)
    if not first or abs(first) > len(listed):
        raise Null
    begin = first - 1 if first > 0 else len(listed) + first
    if length is ... or length is None:
        return listed[begin:]
    if whole(length) < 0 or begin + whole(length) > len(listed):
        raise Null
    return listed[begin : begin + whole(length)]


@builtin("append", "list, item, i2?, i3?, i4?, i5?, i6?, i7?, i8?")
def append(items: Value, *more: Value) -> Value:
    """A list with more values at its end."""
    return [*(items if isinstance(items, list) else [items]), *more]


@builtin("concatenate", "l1, l2?, l3?, l4?, l5?, l6?, l7?, l8?")
def concatenate(*lists: Value) -> Value:
    """Lists one behind the other."""
    return [item for listed in lists for item in several(listed)]


@builtin("union", "l1, l2?, l3?, l4?, l5?, l6?, l7?, l8?", wants_run=True)
def union(run: Run, *lists: Value) -> Value:
    """Lists one behind the other, each value once."""
    return distinct_values(run, concatenate(*lists))


@builtin("insert before", "list, position, newItem")
def insert_before(items: Value, position: Value, item: Value) -> Value:
    """A list with a value put in before a place."""
    listed, at = several(items), whole(position)
    if not at or abs(at) > len(listed):
        raise Null
    begin = at - 1 if at > 0 else len(listed) + at
    return [*listed[:begin], item, *listed[begin:]]


@builtin("remove", "list, position")
def remove(items: Value, position: Value) -> Value:
    """A list without the value at a place."""
    listed, at = several(items), whole(position)
    if not at or abs(at) > len(listed):
        raise Null
    begin = at - 1 if at > 0 else len(listed) + at
    return [*listed[:begin], *listed[begin + 1 :]]


@builtin("list replace", "list, position, newItem", "list, match, newItem", wants_run=True)
def list_replace(run: Run, items: Value, chosen: Value, put: Value) -> Value:
    """A list with another value at a place, or wherever a function says so."""
    listed = several(items)
    if isinstance(chosen, Function):
        answers = [run.call(chosen.call, old, put) for old in listed]
        if not all(isinstance(answer, bool) for answer in answers):
            raise Null
        return [put if answer else old for old, answer in zip(listed, answers, strict=True)]
    at = whole(chosen)
    if not at or abs(at) > len(listed):
        raise Null
    begin = at - 1 if at > 0 else len(listed) + at
    return [*listed[:begin], put, *listed[begin + 1 :]]


@builtin("reverse", "list")
def reverse(items: Value) -> Value:
    """A list from its end."""
    return several(items)[::-1]


@builtin("index of", "list, match")
def index_of(items: Value, match: Value) -> Value:
    """The places of a value in a list, counted from 1."""
    return [Decimal(i) for i, item in enumerate(several(items), start=1) if equal(item, match) is True]


@builtin("distinct values", "list", wants_run=True)
def distinct_values(run: Run, items: Value) -> Value:
    """A list's values, each once, in the order they first come."""
    kept: list[Value] = []
    for item in several(items):
        run.step(len(kept) + 1)
        if not any(equal(item, other) is True for other in kept):
            kept.append(item)
    return kept


@builtin("flatten", "list")
def flatten(items: Value) -> Value:
    """A list without lists within it."""
    flat: list[Value] = []
    for item in several(items):
        flat += flatten(item) if isinstance(item, list) else [item]
    return flat


@builtin("sort", "list, precedes?", wants_run=True)
def sort(run: Run, items: Value, precedes: Value = None) -> Value:
    """A list in order; a function says which of two comes first."""
    listed = several(items)

    def order(one: Value, other: Value) -> int:
        if isinstance(precedes, Function):
            if len(precedes.parameters) != 2:
                raise Null
            if run.call(precedes.call, one, other) is True:
                return -1
            return 1 if run.call(precedes.call, other, one) is True else 0
        found = compare(one, other)
        if found is None:
            raise Null
        return found

    return sorted(listed, key=functools.cmp_to_key(order))
