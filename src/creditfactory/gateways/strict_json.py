"""JSON from outside, read strictly: UTF-8, each field once, numbers that are numbers, nothing without bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from creditfactory.gateways.read_faults import show_found, write_place
from creditfactory.kernel import BadInput

BYTES_MAX = 1_000_000
DEPTH_MAX = 32
NUMBER_MAX = 10**15
TEXT_LENGTH_MAX = 2_000
NAME_LENGTH_MAX = 60
_DIGITS_MAX = 17

Place = tuple[int | str, ...]


class _Huge:
    """A number with more digits than any amount has; kept unread until its place is known."""

    def __init__(self, digits: str) -> None:
        self.digits = digits


def refuse(place: Place | str, found: str, expected: str, *, whole: str = "dossier") -> NoReturn:
    """Say what was found at a place and what was expected; ``whole`` names what has no place of its own."""
    raise BadInput(place=(place if isinstance(place, str) else write_place(place)) or whole,
                   found=found, expected=expected)  # fmt: skip


def read_json(source: str | bytes, *, whole: str = "body") -> object:
    """JSON text parsed; a number with too many digits stays unread until :func:`check_values` names its place.

    >>> read_json(b'{"amount_cents": 5, "amount_cents": 6}')
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: amount_cents: found the field twice in one group, expected each field once
    """
    try:
        return json.loads(_decode(source, whole), parse_int=_read_whole, object_pairs_hook=_read_group)
    except json.JSONDecodeError as fault:
        refuse(whole, f"no JSON at line {fault.lineno}, column {fault.colno} ({fault.msg})", "JSON")
    except RecursionError:
        refuse(whole, "nesting without end", f"at most {DEPTH_MAX} levels")


def read_object(body: bytes, *, whole: str = "body") -> dict[str, Any]:
    """A JSON object whose every value could be kept: what a machine hands in at a door.

    >>> read_object(b'{"by": "li\\\\u0000"}')
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: by: found 'li\\x00', expected text without broken characters
    """
    found = read_json(body, whole=whole)
    if not isinstance(found, dict):
        refuse(whole, show_found(found), "an object: fields in braces")
    check_values(found, may_be_negative=None, whole=whole)
    return found


def check_values(
    value: object,
    place: Place = (),
    *,
    may_be_negative: frozenset[str] | None = frozenset(),
    whole: str = "dossier",
    depth: int = 0,
) -> None:
    """Numbers that are numbers, texts within bounds, nesting within bounds: whatever the field.

    ``may_be_negative`` names the fields that may lie below zero; None lets every field.
    """
    if isinstance(value, str):
        _check_text(value, place, whole)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float | _Huge):
        _check_number(value, place, may_be_negative, whole)
    elif depth >= DEPTH_MAX:
        refuse(place[:8], f"nesting of more than {DEPTH_MAX} levels", f"at most {DEPTH_MAX} levels", whole=whole)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            check_values(
                inner, (*place, show_name(name)), may_be_negative=may_be_negative, whole=whole, depth=depth + 1
            )
    elif isinstance(value, list | tuple):
        if _is_plain_column(value, place, may_be_negative):
            return
        for index, inner in enumerate(value):
            check_values(inner, (*place, index), may_be_negative=may_be_negative, whole=whole, depth=depth + 1)


def _is_plain_column(
    values: list[object] | tuple[object, ...], place: Place, may_be_negative: frozenset[str] | None
) -> bool:
    """Whether a list of whole numbers, or of texts, is sound at one glance; if not, each value is looked at by itself.

    A statement has thousands of values, and nearly all are sound.
    """
    kinds = set(map(type, values))
    if kinds == {int}:
        low, high = min(values), max(values)  # type: ignore[type-var]
        name = next((part for part in reversed(place) if isinstance(part, str)), "")
        lowest = -NUMBER_MAX if may_be_negative is None or name in may_be_negative else 0
        return bool(lowest <= low and high <= NUMBER_MAX)  # type: ignore[operator]
    if kinds == {str}:
        texts = [str(value) for value in values]
        return max(map(len, texts)) <= TEXT_LENGTH_MAX and not is_broken("".join(texts))
    return False


def show_name(name: object) -> str:
    """A field's name as it can be shown: plain as it is, odd ones in quotes."""
    text = str(name)
    return text if text.isidentifier() and len(text) <= NAME_LENGTH_MAX else repr(text[:NAME_LENGTH_MAX])


def is_broken(text: str) -> bool:
    """Whether a text holds what no database keeps: a zero character, or half of a pair.

    >>> is_broken("远航"), is_broken("a\\x00"), is_broken("\\ud800")
    (False, True, True)
    """
    return "\x00" in text or (not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text))


def _decode(source: str | bytes, whole: str) -> str:
    if len(source) > BYTES_MAX:
        refuse(whole, f"{len(source):,} bytes", f"at most {BYTES_MAX:,} bytes")
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    if source[:2] in (b"\xff\xfe", b"\xfe\xff"):
        refuse(whole, "text in UTF-16", "text in UTF-8")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        refuse(whole, f"byte 0x{source[fault.start]:02x} at position {fault.start}", "text in UTF-8")


def _read_whole(digits: str) -> int | _Huge:
    return int(digits) if len(digits) <= _DIGITS_MAX else _Huge(digits)


def _read_group(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    group = dict(pairs)
    if len(group) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        refuse(show_name(doubled), "the field twice in one group", "each field once")
    return group


def _check_text(value: str, place: Place, whole: str) -> None:
    if len(value) > TEXT_LENGTH_MAX:
        refuse(place, show_found(value), f"at most {TEXT_LENGTH_MAX:,} characters", whole=whole)
    if is_broken(value):
        refuse(place, show_found(value), "text without broken characters", whole=whole)


def _check_number(value: float | _Huge, place: Place, may_be_negative: frozenset[str] | None, whole: str) -> None:
    if isinstance(value, _Huge):
        digits = len(value.digits.lstrip("-"))
        refuse(place, f"a number of {digits} digits", "a whole number up to 10^15", whole=whole)
    if isinstance(value, float) and not math.isfinite(value):
        refuse(place, "NaN" if math.isnan(value) else "Infinity", "a number", whole=whole)
    if abs(value) > NUMBER_MAX:
        refuse(place, show_found(value), "a number up to 10^15", whole=whole)
    name = next((p for p in reversed(place) if isinstance(p, str)), "")
    if value < 0 and may_be_negative is not None and name not in may_be_negative:
        refuse(place, show_found(value), "a number from 0 up", whole=whole)
