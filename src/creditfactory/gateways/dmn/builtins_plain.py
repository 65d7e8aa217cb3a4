"""FEEL's own functions on numbers, texts, yes and no, and contexts."""

from __future__ import annotations

import decimal
import re
from decimal import Decimal

from creditfactory.gateways.dmn.builtin import Null, builtin, number, several, text, whole
from creditfactory.gateways.dmn.feel_values import ARITHMETIC, Value, read_at, write

PATTERN_LENGTH_MAX, SUBJECT_LENGTH_MAX = 500, 20_000
SCALE_MIN, SCALE_MAX = -6111, 6176
NESTED_REPEAT = re.compile(r"\((?:[^()\\]|\\.)*[*+}|](?:[^()\\]|\\.)*\)[*+{]")
FLAGS = {"i": re.I, "s": re.S, "m": re.M, "x": re.X}


@builtin("not", "negand")
def opposite(negand: Value) -> Value:
    """True for false and false for true."""
    return (not negand) if isinstance(negand, bool) else None


@builtin("string", "from")
def as_text(value: Value) -> Value:
    """A value as text."""
    return None if value is None else write(value)


@builtin("number", "from, grouping separator?, decimal separator?")
def as_number(source: Value, grouping: Value = None, point: Value = None) -> Value:
    """A text as a number."""
    if isinstance(source, Decimal) and grouping is None and point is None:
        return source
    plain = text(source)
    if grouping not in (None, " ", ",", ".") or point not in (None, ".", ",") or (grouping and grouping == point):
        raise Null
    plain = plain.replace(grouping, "") if grouping else plain
    plain = plain.replace(point, ".") if point else plain
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", plain) or len(plain) > 200:
        raise Null
    return +Decimal(plain)


@builtin("decimal", "n, scale")
def to_scale(value: Value, scale: Value) -> Value:
    """A number to so many places, halves to the even side."""
    return rounded(value, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", "n, scale?")
def floor(value: Value, scale: Value = Decimal(0)) -> Value:
    """The number at or below, to so many places."""
    return rounded(value, scale, decimal.ROUND_FLOOR)


@builtin("ceiling", "n, scale?")
def ceiling(value: Value, scale: Value = Decimal(0)) -> Value:
    """The number at or above, to so many places."""
    return rounded(value, scale, decimal.ROUND_CEILING)


@builtin("round up", "n, scale?")
def round_up(value: Value, scale: Value = Decimal(0)) -> Value:
    """A number to so many places, away from nought."""
    return rounded(value, scale, decimal.ROUND_UP)


@builtin("round down", "n, scale?")
def round_down(value: Value, scale: Value = Decimal(0)) -> Value:
    """A number to so many places, towards nought."""
    return rounded(value, scale, decimal.ROUND_DOWN)


@builtin("round half up", "n, scale?")
def round_half_up(value: Value, scale: Value = Decimal(0)) -> Value:
    """A number to so many places, halves away from nought."""
    return rounded(value, scale, decimal.ROUND_HALF_UP)


@builtin("round half down", "n, scale?")
def round_half_down(value: Value, scale: Value = Decimal(0)) -> Value:
    """A number to so many places, halves towards nought."""
    return rounded(value, scale, decimal.ROUND_HALF_DOWN)


def rounded(value: Value, scale: Value, how: str) -> Decimal:
    """A number to so many places after the point, or before it where that is below 0."""
    places = whole(scale)
    if not SCALE_MIN <= places <= SCALE_MAX:
        raise Null
    found = number(value).quantize(Decimal(1).scaleb(-places), how, decimal.Context(prec=7000, Emin=-9999, Emax=9999))
    return Decimal(found)


@builtin("abs", "n")
def absolute(value: Value) -> Value:
    """A number or duration without its sign."""
    from creditfactory.gateways.dmn.feel_values import DaysTime, YearsMonths

    match value:
        case DaysTime(seconds=seconds):
            return DaysTime(abs(seconds))
        case YearsMonths(months=months):
            return YearsMonths(abs(months))
        case _:
            return abs(number(value))


@builtin("modulo", "dividend, divisor")
def modulo(dividend: Value, divisor: Value) -> Value:
    """What is left of a division rounded down; its sign is the divisor's."""
    one, other = number(dividend), number(divisor)
    if not other:
        raise Null
    return one - other * (one / other).to_integral_value(decimal.ROUND_FLOOR)


@builtin("sqrt", "number")
def square_root(value: Value) -> Value:
    """The square root."""
    return number(value).sqrt()


@builtin("log", "number")
def logarithm(value: Value) -> Value:
    """The natural logarithm."""
    if number(value) <= 0:
        raise Null
    return number(value).ln()


@builtin("exp", "number")
def exponential(value: Value) -> Value:
    """e to that power."""
    return number(value).exp(ARITHMETIC)


@builtin("odd", "number")
def is_odd(value: Value) -> Value:
    """Whether a number is odd."""
    return abs(number(value)) % 2 == 1


@builtin("even", "number")
def is_even(value: Value) -> Value:
    """Whether a number is even."""
    return number(value) % 2 == 0


@builtin("substring", "string, start position, length?")
def substring(source: Value, start: Value, length: Value = ...) -> Value:
    """Part of a text, places counted from 1, or from the end where below 0."""
    plain, first = text(source), whole(start)
    if first == 0 or abs(first) > max(len(plain), 1):
        return None if first == 0 else ("" if first > 0 else None)
    begin = first - 1 if first > 0 else len(plain) + first
    if length is ... or length is None:
        return plain[begin:]
    return plain[begin : begin + whole(length)] if whole(length) > 0 else ""


@builtin("string length", "string")
def length_of(source: Value) -> Value:
    """How many characters a text has."""
    return Decimal(len(text(source)))


@builtin("upper case", "string")
def upper_case(source: Value) -> Value:
    """A text in capitals."""
    return text(source).upper()


@builtin("lower case", "string")
def lower_case(source: Value) -> Value:
    """A text in small letters."""
    return text(source).lower()


@builtin("substring before", "string, match")
def before_match(source: Value, match: Value) -> Value:
    """What stands before a text within another."""
    left, found, _ = text(source).partition(text(match)) if text(match) else ("", "", "")
    return left if found else ""


@builtin("substring after", "string, match")
def after_match(source: Value, match: Value) -> Value:
    """What stands behind a text within another."""
    if not text(match):
        return text(source)
    return text(source).partition(text(match))[2]


@builtin("contains", "string, match")
def contains(source: Value, match: Value) -> Value:
    """Whether a text holds another."""
    return text(match) in text(source)


@builtin("starts with", "string, match")
def starts_with(source: Value, match: Value) -> Value:
    """Whether a text begins with another."""
    return text(source).startswith(text(match))


@builtin("ends with", "string, match")
def ends_with(source: Value, match: Value) -> Value:
    """Whether a text ends with another."""
    return text(source).endswith(text(match))


def pattern_of(pattern: Value, flags: Value, subject: str) -> re.Pattern[str]:
    """A pattern as Python reads it; one that could run for hours is no answer."""
    written, marks = text(pattern), "" if flags is None else text(flags)
    if len(written) > PATTERN_LENGTH_MAX or len(subject) > SUBJECT_LENGTH_MAX or NESTED_REPEAT.search(written):
        raise Null
    if set(marks) - set(FLAGS):
        raise Null
    bits = re.RegexFlag(0)
    for mark in marks:
        bits |= FLAGS[mark]
    for spelt, meant in (("\\i", "[A-Za-z_:]"), ("\\c", "[-.0-9A-Za-z_:]")):
        written = written.replace(spelt, meant)
    written = re.sub(r"\[([^\[\]]*)-\[([^\[\]]*)\]\]", r"(?:(?![\2])[\1])", written)
    written = written.replace("\\p{L}", "[^\\W\\d_]").replace("\\p{N}", "\\d").replace("\\p{Lu}", "[A-Z]")
    try:
        return re.compile(written, bits)
    except (re.error, OverflowError, RecursionError):
        raise Null from None


@builtin("matches", "input, pattern, flags?")
def matches(source: Value, pattern: Value, flags: Value = None) -> Value:
    """Whether a pattern is found in a text."""
    return pattern_of(pattern, flags, text(source)).search(text(source)) is not None


@builtin("replace", "input, pattern, replacement, flags?")
def replace(source: Value, pattern: Value, replacement: Value, flags: Value = None) -> Value:
    """A text with what a pattern finds put otherwise; ``$1`` is the first group."""
    found, put = pattern_of(pattern, flags, text(source)), text(replacement)
    put = re.sub(r"\$(\d)", r"\\g<\1>", put.replace("\\", "\\\\").replace("\\\\$", "\0")).replace("\0", "$")
    try:
        return found.sub(put, text(source))
    except (re.error, IndexError):
        raise Null from None


@builtin("split", "string, delimiter")
def split(source: Value, delimiter: Value) -> Value:
    """A text cut where a pattern is found."""
    found = pattern_of(delimiter, None, text(source))
    pieces, at = [], 0
    for match in found.finditer(text(source)):
        pieces.append(text(source)[at : match.start()])
        at = match.end()
    return [*pieces, text(source)[at:]]


@builtin("string join", "list, delimiter?, prefix?, suffix?")
def string_join(pieces: Value, delimiter: Value = None, prefix: Value = None, suffix: Value = None) -> Value:
    """Texts put together, nulls left out."""
    listed = [text(piece) for piece in several(pieces) if piece is not None]
    joined = ("" if delimiter is None else text(delimiter)).join(listed)
    return ("" if prefix is None else text(prefix)) + joined + ("" if suffix is None else text(suffix))


@builtin("is", "value1, value2")
def is_same(one: Value, other: Value) -> Value:
    """Whether two values are the very same, zones and all."""
    return type(one) is type(other) and bool(one == other)


@builtin("get value", "m, key", "context, keys")
def get_value(context: Value, key: Value) -> Value:
    """A context's entry by its key, or by a path of keys."""
    found = context
    for step in key if isinstance(key, list) else [key]:
        if not isinstance(found, dict) or not isinstance(step, str):
            raise Null
        found = found.get(step)
    return found


@builtin("get entries", "m")
def get_entries(context: Value) -> Value:
    """A context as a list of keys and values."""
    if not isinstance(context, dict):
        raise Null
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries")
def build_context(entries: Value) -> Value:
    """A context from a list of keys and values, each key once."""
    made: dict[str, Value] = {}
    for entry in several(entries):
        if not isinstance(entry, dict) or "value" not in entry or text(entry.get("key")) in made:
            raise Null
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put", "context, key, value", "context, keys, value")
def context_put(context: Value, path: Value, value: Value) -> Value:
    """A context with one entry more, or another in its place; a list of keys is a path."""
    if not isinstance(context, dict):
        raise Null
    if isinstance(path, str):
        return {**context, path: value}
    if not isinstance(path, list) or not path:
        raise Null
    first = text(path[0])
    inner = value if len(path) == 1 else context_put(context.get(first), path[1:], value)
    return {**context, first: inner}


@builtin("context merge", "contexts")
def context_merge(contexts: Value) -> Value:
    """Contexts laid over one another, the last on top."""
    made: dict[str, Value] = {}
    for context in several(contexts):
        if not isinstance(context, dict):
            raise Null
        made |= context
    return made


@builtin("range", "from")
def as_range(source: Value) -> Value:
    """A text such as ``[1..5)`` as a range."""
    from creditfactory.gateways.dmn.feel_values import Range, compare

    found = re.fullmatch(r"\s*([\[(\]])\s*(.*?)\s*\.\.\s*(.*?)\s*([\])\[])\s*", text(source))
    if not found:
        raise Null
    low, high = (end_of_range(end) for end in (found[2], found[3]))
    if (low is None and found[2]) or (high is None and found[3]) or (low is None and high is None):
        raise Null
    order = compare(low, high)
    if low is not None and high is not None and (order is None or order > 0):
        raise Null
    return Range(low, high, found[1] == "[" and low is not None, found[4] == "]" and high is not None)


def end_of_range(written: str) -> Value:
    """A range's end as it is written: a number, a text in quotes, a day or a duration; None where it is neither."""
    if re.fullmatch(r'"[^"]*"', written):
        return written[1:-1]
    inner = re.fullmatch(r'(?:@|(?:date|time|date and time|duration)\()"([^"]*)"\)?', written)
    if inner:
        return read_at(inner[1])
    return Decimal(written) if re.fullmatch(r"-?\d+(\.\d+)?", written) else None
