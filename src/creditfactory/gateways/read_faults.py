"""What pydantic found wrong, said as one plain sentence: the place, what was found, what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FOUND_LENGTH_MAX = 60

_EXPECTED: Mapping[str, str] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "date_type": "a date like 2026-01-31",
    "date_parsing": "a date like 2026-01-31",
    "date_from_datetime_parsing": "a date like 2026-01-31",
    "date_from_datetime_inexact": "a date like 2026-01-31",
    "datetime_type": "an instant like 2026-01-31T09:30:00Z",
    "datetime_parsing": "an instant like 2026-01-31T09:30:00Z",
    "datetime_from_date_parsing": "an instant like 2026-01-31T09:30:00Z",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a group of fields in braces",
    "mapping_type": "a group of fields in braces",
    "dataclass_type": "a group of fields in braces",
    "decimal_parsing": 'a decimal number as text, like "0.18"',
    "decimal_type": 'a decimal number as text, like "0.18"',
    "missing": "this field, which is needed",
}


def show_found(value: object) -> str:
    """What was found, shortened so that a long text does not drown the message.

    >>> show_found("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… (100 characters)"
    """
    if isinstance(value, Mapping):
        return f"a group of {len(value)} fields"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    shown = repr(value)
    if len(shown) <= FOUND_LENGTH_MAX:
        return shown
    length = f" ({len(value)} characters)" if isinstance(value, str) else ""
    return shown[:FOUND_LENGTH_MAX] + "…" + length


def write_place(parts: tuple[int | str, ...]) -> str:
    """A place as people write it.

    >>> write_place(("evidence", 0, "queries_1m"))
    'evidence[0].queries_1m'
    """
    place = ""
    for part in parts:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return place


def explain_fault(fault: Mapping[str, Any]) -> tuple[str, str, str]:
    """Place, found and expected of one pydantic fault."""
    kind = fault["type"]
    parts = tuple(p for p in fault["loc"] if isinstance(p, int) or not p[:1].isupper())
    place = write_place(parts)
    if kind == "literal_error":
        expected = "one of " + str(fault["ctx"]["expected"]).replace("' or '", "', '")
    else:
        expected = _EXPECTED.get(kind, str(fault["msg"])[:200])
    if kind == "missing":
        return place, "nothing", expected
    if kind == "json_invalid":
        return place, "no JSON", f"JSON ({fault['ctx']['error']})"
    return place, show_found(fault["input"]), expected
