"""A points card: for each characteristic the bins, and the points each bin is worth; read strictly, gaps refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NoReturn

from creditfactory.kernel import BadInput, Scalar

NUMBER_LIMIT = 10**15
"""Beyond this a number is no fact about a small firm but a fault; below it whole numbers and floats agree exactly."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One class of a characteristic: numbers from ``start`` up to but without ``end``, a set of words, or of codes.

    ``values`` are numbers that stand for something else than an amount (999: never asked), as the modeller named them.
    """

    points: int
    start: float | None = None
    end: float | None = None
    words: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    reason: str | None = None
    woe: float | None = None
    share: float | None = None
    bad_rate: float | None = None

    @property
    def name(self) -> str:
        """How people read the class.

        >>> Bin(12, start=None, end=5).name, Bin(3, words=("A", "B")).name, Bin(-4, values=(-1, 999)).name
        ('(-∞, 5)', 'A, B', '= -1, 999')
        """
        if self.words:
            return ", ".join(self.words)
        if self.values:
            return "= " + ", ".join(map(str, self.values))
        return f"{'(-∞' if self.start is None else f'[{self.start}'}, {'+∞' if self.end is None else self.end})"


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One question the card asks of a label, with its classes; without a class for missing, missing stops the card.

    A number that one of the ``special`` classes names falls there, whatever range it lies in.
    ``applies`` names a yes-or-no label that says whether the question can be asked of this applicant at all: where it
    is no, the ``absent`` class counts (an owner whom the bureau does not know has no overdue months that somebody left
    out); where nobody knows, the answer is missing, whatever it says.
    """

    label: str
    kind: Literal["number", "word"]
    bins: tuple[Bin, ...]
    missing: Bin | None = None
    other: Bin | None = None
    applies: str | None = None
    absent: Bin | None = None
    special: tuple[Bin, ...] = ()

    @property
    def answers(self) -> tuple[Bin, ...]:
        """The classes that an answer can fall into, once it is known."""
        return (*self.bins, *self.special, *(() if self.other is None else (self.other,)))

    @property
    def classes(self) -> tuple[tuple[str, Bin], ...]:
        """Every class with its name: ranges or words, codes, then missing, other and does-not-apply where it has them.

        >>> [name for name, _ in Characteristic("age", "number", (Bin(5),), missing=Bin(0)).classes]
        ['(-∞, +∞)', 'missing']
        """
        single = (("missing", self.missing), ("other", self.other), ("not applicable", self.absent))
        own = tuple((one.name, one) for one in (*self.bins, *self.special))
        return own + tuple((name, one) for name, one in single if one is not None)

    @property
    def best_points(self) -> int:
        """The most points this question can give."""
        return max(one.points for _, one in self.classes)


@dataclass(frozen=True, slots=True)
class Card:
    """A versioned points card with its calibration: log-odds of bad = intercept + slope · points."""

    name: str
    version: str
    target: str
    method: str
    intercept_points: int
    characteristics: tuple[Characteristic, ...]
    calibration_slope: float
    calibration_intercept: float
    role: str = "admission"
    pdo: float | None = None
    base_points: float | None = None
    base_odds: float | None = None
    sample: Mapping[str, Any] = field(default_factory=dict)
    performance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the labels the card reads: those it asks for, in its order, then those that say what applies."""
        applies = (c.applies for c in self.characteristics if c.applies is not None)
        return tuple(dict.fromkeys((*(c.label for c in self.characteristics), *applies)))

    def probability(self, points: int) -> float:
        """The chance of bad that these points stand for."""
        log_odds = self.calibration_intercept + self.calibration_slope * points
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, log_odds))))


def read_card(card: Mapping[str, Any], *, place: str = "card.json") -> Card:
    """Read a card from its JSON form; a gap, an overlap or a doubled word is refused and named.

    >>> read_card({"name": "sba", "version": "v001", "target": "default", "method": "logistic", "intercept_points": 500,
    ...     "characteristics": [{"label": "employees", "type": "number", "bins": [
    ...         {"from": None, "to": 5, "points": -4}, {"from": 6, "to": None, "points": 9}]}],
    ...     "calibration": {"slope": -0.03, "intercept": 14}})
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: card.json: characteristics[0].bins[1].from: found 6, expected 5, \
where the class before ends
    """
    reading = _Reading(place)
    characteristics = tuple(
        _read_characteristic(reading, f"characteristics[{i}]", c)
        for i, c in enumerate(reading.items(card, "characteristics"))
    )
    labels = [c.label for c in characteristics]
    for label in labels:
        if labels.count(label) > 1:
            reading.refuse("characteristics", f"{label!r} {labels.count(label)} times", "each label once")
    calibration = reading.mapping(card, "calibration")
    return Card(
        name=reading.text(card, "name"),
        version=reading.text(card, "version"),
        target=reading.text(card, "target"),
        method=reading.text(card, "method"),
        role=reading.text(card, "role") if card.get("role") is not None else "admission",
        intercept_points=reading.points(card, "intercept_points"),
        characteristics=characteristics,
        calibration_slope=reading.number(calibration, "slope", "calibration."),
        calibration_intercept=reading.number(calibration, "intercept", "calibration."),
        pdo=reading.optional_number(card, "pdo"),
        base_points=reading.optional_number(card, "base_points"),
        base_odds=reading.optional_number(card, "base_odds"),
        sample=reading.mapping(card, "sample") if "sample" in card else {},
        performance=reading.mapping(card, "performance") if "performance" in card else {},
    )


class _Reading:
    """Takes typed values out of the card's JSON and says in one sentence what is wrong with them."""

    def __init__(self, place: str) -> None:
        self.place = place

    def refuse(self, where: str, found: str, expected: str) -> NoReturn:
        raise BadInput(place=f"{self.place}: {where}", found=found[:80], expected=expected)

    def text(self, part: Mapping[str, Any], key: str, where: str = "") -> str:
        return str(self._typed(part, key, where, lambda v: isinstance(v, str) and v != "", "a text"))

    def points(self, part: Mapping[str, Any], key: str, where: str = "") -> int:
        return int(self._typed(part, key, where, lambda v: type(v) is int and abs(v) <= 10**6, "whole points"))

    def number(self, part: Mapping[str, Any], key: str, where: str = "") -> float:
        value = self._typed(part, key, where, _is_number, "a finite number")
        return value if isinstance(value, int) else float(value)

    def optional_number(self, part: Mapping[str, Any], key: str, where: str = "") -> float | None:
        return None if part.get(key) is None else self.number(part, key, where)

    def mapping(self, part: Mapping[str, Any], key: str, where: str = "") -> Mapping[str, Any]:
        found = self._typed(part, key, where, lambda v: isinstance(v, Mapping), "a group of keys")
        assert isinstance(found, Mapping)
        return found

    def items(self, part: Mapping[str, Any], key: str, where: str = "") -> Sequence[Mapping[str, Any]]:
        found = self._typed(
            part, key, where, lambda v: isinstance(v, list) and v and all(isinstance(x, Mapping) for x in v), "a list"
        )
        assert isinstance(found, list)
        return found

    def _typed(self, part: Mapping[str, Any], key: str, where: str, fits: Callable[[Any], Any], what: str) -> Any:
        if key not in part:
            self.refuse(where + key, "nothing", what)
        if not fits(part[key]):
            self.refuse(where + key, repr(part[key]), what)
        return part[key]


def _is_number(value: Scalar) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= NUMBER_LIMIT  # type: ignore[arg-type]


def _read_characteristic(reading: _Reading, where: str, part: Mapping[str, Any]) -> Characteristic:
    kind = reading.text(part, "type", f"{where}.")
    if kind not in ("number", "word"):
        reading.refuse(f"{where}.type", repr(kind), "'number' or 'word'")
    raw = reading.items(part, "bins", f"{where}.")
    read_bin = _read_number_bin if kind == "number" else _read_word_bin
    bins = tuple(read_bin(reading, f"{where}.bins[{i}]", b) for i, b in enumerate(raw))
    if kind == "number":
        _check_gapless(reading, where, bins)
    else:
        words = [w for b in bins for w in b.words]
        doubled = sorted({w for w in words if words.count(w) > 1})
        if doubled:
            reading.refuse(f"{where}.bins", f"{doubled[0]!r} in two classes", "each word in one class")
    special = _read_special(reading, where, part, kind)
    applies = reading.text(part, "applies", f"{where}.") if part.get("applies") is not None else None
    absent = _read_single(reading, where, part, "absent")
    if (applies is None) is not (absent is None):
        lacking = "absent" if absent is None else "applies"
        reading.refuse(f"{where}.{lacking}", "nothing", "applies and absent together, or neither")
    return Characteristic(
        label=reading.text(part, "label", f"{where}."),
        kind="number" if kind == "number" else "word",
        bins=bins,
        missing=_read_single(reading, where, part, "missing"),
        other=_read_single(reading, where, part, "other"),
        applies=applies,
        absent=absent,
        special=special,
    )


def _read_special(reading: _Reading, where: str, part: Mapping[str, Any], kind: str) -> tuple[Bin, ...]:
    if part.get("special") is None:
        return ()
    if kind != "number":
        reading.refuse(f"{where}.special", "codes on words", "codes on numbers only; a word has a class of its own")
    special = []
    for i, raw in enumerate(reading.items(part, "special", f"{where}.")):
        values = raw.get("values")
        if not isinstance(values, list) or not values or not all(_is_number(v) for v in values):
            reading.refuse(f"{where}.special[{i}].values", repr(values), "a list of finite numbers")
        special.append(_read_bin(reading, f"{where}.special[{i}]", raw, values=tuple(values)))
    named = [v for one in special for v in one.values]
    doubled = sorted({v for v in named if named.count(v) > 1})
    if doubled:
        reading.refuse(f"{where}.special", f"{doubled[0]} twice", "each code once")
    return tuple(special)


def _read_single(reading: _Reading, where: str, part: Mapping[str, Any], key: str) -> Bin | None:
    if part.get(key) is None:
        return None
    return _read_bin(reading, f"{where}.{key}", reading.mapping(part, key, f"{where}."))


def _read_number_bin(reading: _Reading, where: str, part: Mapping[str, Any]) -> Bin:
    start = reading.optional_number(part, "from", f"{where}.")
    end = reading.optional_number(part, "to", f"{where}.")
    if start is not None and end is not None and start >= end:
        reading.refuse(f"{where}.to", repr(end), f"more than {start}")
    return _read_bin(reading, where, part, start=start, end=end)


def _read_word_bin(reading: _Reading, where: str, part: Mapping[str, Any]) -> Bin:
    words = part.get("words")
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        reading.refuse(f"{where}.words", repr(words), "a list of words")
    return _read_bin(reading, where, part, words=tuple(words))


def _read_bin(
    reading: _Reading,
    where: str,
    part: Mapping[str, Any],
    *,
    start: float | None = None,
    end: float | None = None,
    words: tuple[str, ...] = (),
    values: tuple[float, ...] = (),
) -> Bin:
    return Bin(
        points=reading.points(part, "points", f"{where}."),
        start=start,
        end=end,
        words=words,
        values=values,
        reason=reading.text(part, "reason", f"{where}.") if part.get("reason") is not None else None,
        woe=reading.optional_number(part, "woe", f"{where}."),
        share=reading.optional_number(part, "share", f"{where}."),
        bad_rate=reading.optional_number(part, "bad_rate", f"{where}."),
    )


def _check_gapless(reading: _Reading, where: str, bins: tuple[Bin, ...]) -> None:
    if bins[0].start is not None:
        reading.refuse(f"{where}.bins[0].from", repr(bins[0].start), "null, so that no low number is left out")
    if bins[-1].end is not None:
        reading.refuse(f"{where}.bins[{len(bins) - 1}].to", repr(bins[-1].end), "null, so that no high number is out")
    for i, (before, after) in enumerate(pairwise(bins), start=1):
        if before.end is None:
            reading.refuse(f"{where}.bins[{i - 1}].to", "null", "a number, since another class follows")
        if after.start != before.end:
            reading.refuse(f"{where}.bins[{i}].from", repr(after.start), f"{before.end}, where the class before ends")
