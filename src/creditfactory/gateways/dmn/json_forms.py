"""How values travel as JSON: days and durations as ISO text, numbers as they are, unknown as null."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from creditfactory.gateways.dmn.feel_names import tidy_name
from creditfactory.gateways.dmn.feel_values import (
    Value,
    read_date,
    read_date_time,
    read_duration,
    read_time,
    write,
)
from creditfactory.gateways.dmn.item_types import ItemType
from creditfactory.kernel import BadInput

LINE_LENGTH_MAX = 1_000_000
READERS = {
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "days and time duration": read_duration,
    "years and months duration": read_duration,
}


def read_line(text: str) -> dict[str, Any]:
    """One line of inputs: a JSON object with each name once; numbers are kept exact.

    >>> read_line('{"Age": 17.50}')
    {'Age': Decimal('17.50')}
    """
    if len(text) > LINE_LENGTH_MAX:
        raise BadInput(place="line", found=f"{len(text):,} characters", expected=f"at most {LINE_LENGTH_MAX:,}")
    try:
        found = json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=_refuse_constant, object_pairs_hook=_group
        )
    except json.JSONDecodeError as fault:
        raise BadInput(
            place=f"column {fault.colno}", found=f"no JSON ({fault.msg})", expected="a JSON object of inputs"
        ) from None
    except RecursionError:
        raise BadInput(place="line", found="nesting without end", expected="a JSON object of inputs") from None
    if not isinstance(found, dict):
        raise BadInput(place="line", found=text.strip()[:60], expected="a JSON object of inputs")
    return found


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise BadInput(place="line", found=text[:40], expected="a number of at most 34 digits") from None
    if len(text) > 60 or abs(found.adjusted()) > 6000:
        raise BadInput(place="line", found=f"a number of {len(text)} characters", expected="at most 34 digits")
    return found


def _refuse_constant(name: str) -> None:
    raise BadInput(place="line", found=name, expected="a number or null")


def _group(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    group = dict(pairs)
    if len(group) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise BadInput(place=doubled[:60], found="the name twice", expected="each name once")
    return group


def read_value(value: Any, kind: ItemType | None) -> Value:
    """A JSON value as one of a type; text becomes a day, time or duration where the type says so.

    A part that is not there is a part that nobody knows.
    """
    if kind is None or value is None:
        return _plain(value)
    if kind.item is not None:
        return (
            [read_value(part, kind.item) for part in value] if isinstance(value, list) else read_value(value, kind.item)
        )
    if kind.parts is not None and isinstance(value, dict):
        given = {tidy_name(k): read_value(part, kind.parts.get(tidy_name(k))) for k, part in value.items()}
        return given | {name: None for name in kind.parts if name not in given}
    reader = READERS.get(kind.plain)
    if reader is not None and isinstance(value, str):
        found = reader(value)
        return value if found is None else found
    if reader is not None and isinstance(value, list):
        return [read_value(part, kind) for part in value]
    return _plain(value)


def _plain(value: Any) -> Value:
    if isinstance(value, dict):
        return {tidy_name(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


def write_value(value: Value) -> str:
    """A value as JSON text.

    >>> from decimal import Decimal
    >>> write_value({"rate": Decimal("0.1800"), "months": Decimal("36.00"), "on": None})
    '{"rate": 0.18, "months": 36, "on": null}'
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Decimal():
            return write_number(value)
        case list():
            return "[" + ", ".join(write_value(part) for part in value) + "]"
        case dict():
            return "{" + ", ".join(f"{write_key(key)}: {write_value(part)}" for key, part in value.items()) + "}"
        case date():
            return f'"{value.isoformat()}"'
        case _:
            return json.dumps(write(value), ensure_ascii=False)


@lru_cache(maxsize=4096)
def write_key(key: str) -> str:
    """A name as JSON text; the same few come again and again."""
    return json.dumps(key, ensure_ascii=False)


def write_number(value: Decimal) -> str:
    """A number without needless zeros; only what is beyond all use keeps its exponent.

    >>> write_number(Decimal("1E+3")), write_number(Decimal("0.10")), write_number(Decimal("-0"))
    ('1000', '0.1', '0')
    """
    plain = value if value.as_tuple().exponent == 0 else value.normalize()
    if not plain:
        return "0"
    return format(plain, "f") if -40 < plain.adjusted() < 40 else str(plain)


def read_inputs(
    given: Mapping[str, Any], inputs: Mapping[str, tuple[str, ItemType | None]]
) -> tuple[dict[str, Value], dict[str, Value]]:
    """The inputs by their ids, each as its type, and what was given besides; ``inputs`` is (id, type) by name."""
    found: dict[str, Value] = {}
    extra: dict[str, Value] = {}
    for key, value in given.items():
        name = key if key in inputs else tidy_name(key)
        if name not in inputs:
            extra[name] = _plain(value)
            continue
        at, kind = inputs[name]
        read = read_value(value, kind)
        found[at] = read if kind is None else kind.take(read)
    return found, extra
