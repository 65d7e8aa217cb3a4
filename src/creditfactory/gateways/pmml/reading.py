"""Reading a PMML scorecard into a card: what cannot be said in points by class is refused, named by its place.

A class of ours takes numbers from here up to but without there. PMML takes the first attribute that is true, so the
number line is cut wherever any attribute changes its mind, and each piece asks which attribute comes first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from creditfactory.gateways.pmml.writing import OURS
from creditfactory.kernel import BadInput
from creditfactory.scoring import read_card

BYTES_MAX = 20_000_000
WORD_NEVER_SEEN = "\u0000 a word that nobody wrote"

Value = float | str | None
Test = Callable[[Value], bool | None]


@dataclass(frozen=True, slots=True)
class _Attribute:
    """One class as PMML has it: when it is true, what it gives, and where the number line or the words turn."""

    test: Test
    points: int
    reason: str | None
    turns: tuple[float, ...]
    words: tuple[str, ...]
    codes: tuple[float, ...]


def read_pmml(
    text: bytes,
    *,
    place: str = "card.pmml",
    pdo: float | None = None,
    base_points: float | None = None,
    base_odds: float | None = None,
) -> dict[str, Any]:
    """The card of a PMML file in the rulebook's form.

    A file that was not written here has no calibration: then ``pdo``, ``base_points`` and ``base_odds`` say what its
    points stand for. Raises :class:`BadInput` with the place in the file.
    """  # fmt: skip
    model = _find_model(text, place)
    told = _our_words(model)
    questions = _child(model, "Characteristics")
    if questions is None or not len(questions):
        _refuse(place, "Scorecard", "no characteristics", "at least one")
    card: dict[str, Any] = {
        "name": told.get("name") or (model.get("modelName") or "card").split()[0],
        "version": told.get("version", "v001"),
        "target": told.get("target", "bad"),
        "method": told.get("method", "imported"),
        **{k: told[k] for k in ("role", "pdo", "base_points", "base_odds", "sample", "performance") if k in told},
        "intercept_points": _points(place, "Scorecard: initialScore", model.get("initialScore", "0")),
        "characteristics": [
            _read_question(place, element) for element in questions or () if _local(element) == "Characteristic"
        ],
    }
    if "calibration" in told:
        card["calibration"] = told["calibration"]
    elif pdo and base_points is not None and base_odds:
        if not (pdo > 0 and base_odds > 0 and all(map(math.isfinite, (pdo, base_points, base_odds)))):
            found = f"{pdo:g}, {base_points:g}, {base_odds:g}"
            _refuse(place, "scale", found, "finite numbers, points to double and odds above 0")
        slope = -math.log(2) / pdo
        card |= {"pdo": pdo, "base_points": base_points, "base_odds": base_odds}
        card["calibration"] = {"slope": slope, "intercept": -math.log(base_odds) - slope * base_points}
    else:
        _refuse(place, "Scorecard", "no calibration", "the scale named: points to double the odds, points and odds")
    read_card(card, place=place)
    return card


def _find_model(text: bytes, place: str) -> Element:
    if len(text) > BYTES_MAX:
        _refuse(place, "the file", f"{len(text):,} bytes", f"at most {BYTES_MAX:,}")
    try:
        root = fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        _refuse(place, "the file", "a document type or entities", "a plain PMML file")
    except (ParseError, ValueError) as fault:
        _refuse(place, "the file", f"XML that cannot be read ({fault})", "a PMML file")
    if _local(root) != "PMML":
        _refuse(place, "the file", f"<{_local(root)}>", "<PMML>")
    kinds = [_local(e) for e in root if _local(e) not in _NO_MODELS]
    if kinds != ["Scorecard"]:
        _refuse(place, "PMML", ", ".join(kinds) or "no model", "a Scorecard")
    if not (root.get("version") or "").startswith("4."):
        _refuse(place, "PMML: version", repr(root.get("version")), "4.1 to 4.4")
    model = _child(root, "Scorecard")
    assert model is not None
    return model


def _read_question(place: str, element: Element) -> dict[str, Any]:
    name = element.get("name") or "?"
    where = f"Characteristic {name}"
    told = _our_words(element)
    applies = told.get("applies")
    fields = sorted({e.get("field", "?") for e in element.iter() if _local(e).endswith("Predicate") and e.get("field")})
    asked = [field for field in fields if field != applies] or fields
    if len(asked) != 1:
        _refuse(place, where, f"predicates on {', '.join(asked) or 'no field'}", "one field a characteristic")
    label = asked[0]
    default = element.get("reasonCode")
    read: dict[str, Any] = {"label": label, **({"iv": told["iv"]} if "iv" in told else {})}
    attributes = [
        _read_attribute(place, f"{where}, attribute {i + 1}", e, label, default)
        for i, e in enumerate(e for e in element if _local(e) == "Attribute")
    ]
    if applies is not None:
        read |= {"applies": applies, "absent": _say(attributes[0])}
        attributes = attributes[1:]
    if any(a.words for a in attributes):
        read |= _read_words(place, where, attributes)
    else:
        read |= _read_numbers(place, where, attributes)
    missing = _first(attributes, None)
    read["missing"] = None if missing is None else _say(missing)
    return read


def _read_numbers(place: str, where: str, attributes: list[_Attribute]) -> dict[str, Any]:
    special = []
    for attribute in attributes:
        codes = [code for code in dict.fromkeys(attribute.codes) if _first(attributes, code) is attribute]
        if codes:
            special.append({"values": [_plain(code) for code in codes], **_say(attribute)})
    attributes = [a for a in attributes if not a.codes]
    turns = sorted({turn for a in attributes for turn in a.turns})
    tries = [turns[0] - 1 if turns else 0.0, *turns]
    bins: list[dict[str, Any]] = []
    last: _Attribute | None = None
    for number, value in enumerate(tries):
        found = _first(attributes, value)
        start = None if number == 0 else _plain(value)
        if found is None:
            _refuse(place, where, f"no points for {'the lowest numbers' if start is None else f'{start} and above'}",
                    "points for every number")  # fmt: skip
        assert found is not None
        if found is not last:
            if bins:
                bins[-1]["to"] = start
            bins.append({"from": start, "to": None, **_say(found)})
        last = found
    return {"type": "number", "bins": bins, **({"special": special} if special else {})}


def _read_words(place: str, where: str, attributes: list[_Attribute]) -> dict[str, Any]:
    groups: dict[int, list[str]] = {}
    for word in dict.fromkeys(word for a in attributes for word in a.words):
        found = _first(attributes, word)
        assert found is not None, "a word is named by an attribute that takes it"
        groups.setdefault(attributes.index(found), []).append(word)
    other = _first(attributes, WORD_NEVER_SEEN)
    bins = [{"words": words, **_say(attributes[i])} for i, words in sorted(groups.items())]
    return {"type": "word", "bins": bins, "other": None if other is None else _say(other)}


def _say(attribute: _Attribute) -> dict[str, Any]:
    return {"points": attribute.points, **({"reason": attribute.reason} if attribute.reason else {})}


def _first(attributes: list[_Attribute], value: Value) -> _Attribute | None:
    return next((a for a in attributes if a.test(value) is True), None)


def _read_attribute(place: str, where: str, element: Element, label: str, reason: str | None) -> _Attribute:
    predicates = [e for e in element if _local(e) in _PREDICATES]
    if len(predicates) != 1:
        _refuse(place, where, f"{len(predicates)} predicates", "one")
    turns: list[float] = []
    words: list[str] = []
    test = _read_predicate(place, where, predicates[0], label, turns, words)
    points = _points(place, f"{where}: partialScore", element.get("partialScore", ""))
    codes = tuple(_read_codes(predicates[0], label) or ())
    return _Attribute(test, points, element.get("reasonCode") or reason, tuple(turns), tuple(words), codes)


def _read_codes(element: Element, label: str) -> list[float] | None:
    """The single numbers an attribute asks for, where it asks for nothing else of this field."""
    if _local(element) == "SimplePredicate":
        number = _number(element.get("value", ""))
        return None if element.get("operator") != "equal" or number is None else [number]
    if _local(element) != "CompoundPredicate" or element.get("booleanOperator") not in ("and", "or"):
        return None
    inner = [e for e in element if _local(e) in _PREDICATES]
    if element.get("booleanOperator") == "and":
        inner = [e for e in inner if e.get("field") in (None, label)]
        return _read_codes(inner[0], label) if len(inner) == 1 else None
    parts = [_read_codes(e, label) for e in inner]
    return None if None in parts else [code for part in parts if part is not None for code in part]


def _read_predicate(place: str, where: str, element: Element, label: str, turns: list[float], words: list[str]) -> Test:
    kind = _local(element)
    if kind in ("True", "False"):
        return lambda _: kind == "True"
    if kind == "CompoundPredicate":
        return _read_compound(place, where, element, label, turns, words)
    if element.get("field") != label:
        return lambda _: True  # what applies was told by our own words; this attribute is read as if it did
    if kind == "SimpleSetPredicate":
        named = set(_read_array(place, where, element))
        words.extend(named if element.get("booleanOperator") == "isIn" else ())
        inside = element.get("booleanOperator") == "isIn"
        return lambda v: None if v is None else (v in named) is inside
    return _read_simple(place, where, element, turns, words)


def _read_compound(place: str, where: str, element: Element, label: str, turns: list[float], words: list[str]) -> Test:
    operator = element.get("booleanOperator")
    inner = [e for e in element if _local(e) in _PREDICATES]
    if operator == "or":  # ours: nobody knows whether the question applies, or it does and the answer is open
        inner = [e for e in inner if e.get("field") in (None, label)]
    parts = [_read_predicate(place, where, e, label, turns, words) for e in inner]
    if operator == "and":
        return lambda v: _all([part(v) for part in parts])
    if operator == "or":
        return lambda v: _any([part(v) for part in parts])
    _refuse(place, where, f"a compound by {operator}", "and, or")
    raise AssertionError


def _read_simple(place: str, where: str, element: Element, turns: list[float], words: list[str]) -> Test:
    operator, text = element.get("operator"), element.get("value", "")
    if operator == "isMissing":
        return lambda v: v is None
    if operator == "isNotMissing":
        return lambda v: v is not None
    number = _number(text)
    if operator in ("equal", "notEqual") and number is None:
        words.extend([text] if operator == "equal" else ())
        return lambda v: None if v is None else (v == text) is (operator == "equal")
    if number is None or operator not in ("equal", "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual"):
        _refuse(place, where, f"{operator} {text!r}", "a comparison with a number, or words")
    assert number is not None
    after = math.nextafter(number, math.inf)
    if operator == "equal":
        turns += [number, after]
        return lambda v: None if v is None else v == number
    turn = number if operator in ("lessThan", "greaterOrEqual") else after
    turns.append(turn)
    below = operator in ("lessThan", "lessOrEqual")
    return lambda v: None if v is None or isinstance(v, str) else (v < turn) is below


def _read_array(place: str, where: str, element: Element) -> Iterator[str]:
    array = _child(element, "Array")
    text = (array.text or "") if array is not None else ""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        word, quoted = "", text[at] == '"'
        at += quoted
        while at < len(text) and (text[at] != '"' if quoted else not text[at].isspace()):
            at += text[at] == "\\" and at + 1 < len(text)
            word += text[at]
            at += 1
        if quoted and at >= len(text):
            _refuse(place, where, "an array whose last word has no end", 'words in quotes: "A" "B"')
        at += quoted
        yield word


def _all(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _any(parts: list[bool | None]) -> bool | None:
    return True if True in parts else None if None in parts else False


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _points(place: str, where: str, text: str) -> int:
    found = _number(text)
    if found is None or found != int(found):
        _refuse(place, where, repr(text), "whole points (round the card before it is handed over)")
    assert found is not None
    return int(found)


def _our_words(element: Element) -> Mapping[str, Any]:
    for child in element:
        if _local(child) == "Extension" and child.get("name") == OURS:
            try:
                told = json.loads(child.get("value", ""))
            except (ValueError, RecursionError):
                return {}
            return told if isinstance(told, dict) else {}
    return {}


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if _local(child) == name), None)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


_NO_MODELS = ("Header", "DataDictionary", "TransformationDictionary", "MiningBuildTask", "Extension")
_PREDICATES = ("SimplePredicate", "CompoundPredicate", "SimpleSetPredicate", "True", "False")


def _refuse(place: str, where: str, found: str, expected: str) -> None:
    raise BadInput(place=f"{place}: {where}", found=found[:120], expected=expected)
