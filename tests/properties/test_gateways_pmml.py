"""A card handed over as PMML gives the points it gives here: read back by us, and by a reader of PMML of its own."""

from __future__ import annotations

import shlex
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import scoring
from creditfactory.gateways.pmml import read_pmml, write_pmml
from creditfactory.kernel import BadInput
from tests.properties.test_scoring_columns import number_question, points, rows, word_question

LIMIT = 10**15


@st.composite
def card_files(draw: st.DrawFn) -> dict[str, Any]:
    questions = [
        draw(number_question("whole")),
        draw(number_question("fraction")),
        draw(word_question("word", ("A", 'B "quoted" \\', "汉 字"))),
        draw(word_question("flag", ("yes", "no"))),
    ]
    asked = draw(st.lists(st.sampled_from(questions), min_size=1, max_size=4, unique_by=lambda q: q["label"]))
    for question in asked:
        if draw(st.booleans()):
            question |= {"applies": draw(st.sampled_from(["flag", "seen"])), "absent": {"points": draw(points)}}
            if question["applies"] == question["label"]:
                del question["applies"], question["absent"]
    return {
        "name": "c", "version": "v002", "target": "bad", "method": "expert", "role": "admission", "pdo": 20,
        "intercept_points": draw(points), "characteristics": asked,
        "calibration": {"slope": -0.034657, "intercept": 1.25}, "sample": {"rows": 7},
    }  # fmt: skip


def evaluate(text: bytes, applicant: dict[str, Any]) -> int | None:
    """PMML 4.4's own rules, written from the standard: three-valued predicates, the first true attribute counts."""

    def local(element: Element) -> str:
        return element.tag.rpartition("}")[2]

    def holds(element: Element) -> bool | None:
        kind, field = local(element), element.get("field", "")
        value = applicant.get(field)
        if kind == "CompoundPredicate":
            parts = [holds(child) for child in element]
            decided = element.get("booleanOperator") == "or"
            return decided if decided in parts else None if None in parts else not decided
        if kind == "SimpleSetPredicate":
            array = next(child for child in element if local(child) == "Array")
            return None if value is None else value in shlex.split(array.text or "")
        operator = element.get("operator")
        if operator in ("isMissing", "isNotMissing"):
            return (value is None) is (operator == "isMissing")
        if value is None:
            return None
        named = element.get("value", "")
        if operator == "equal":
            return bool(value == named) if isinstance(value, str) else bool(value == float(named))
        return bool(value >= float(named)) if operator == "greaterOrEqual" else bool(value < float(named))

    model = next(e for e in fromstring(text) if local(e) == "Scorecard")
    total = int(model.get("initialScore", "0"))
    for question in next(e for e in model if local(e) == "Characteristics"):
        hits = [a for a in question if local(a) == "Attribute" and holds(a[0]) is True]
        if not hits:
            return None
        total += int(hits[0].get("partialScore", ""))
    return total


def speak(one: dict[str, Any]) -> dict[str, Any]:
    """The applicant as PMML's fields know it: yes-or-no in words."""
    return {k: {True: "yes", False: "no"}[v] if isinstance(v, bool) else v for k, v in one.items()}


@settings(max_examples=250, deadline=None)
@given(card_files(), rows)
def test_points_here_and_after_a_round_trip_and_elsewhere_are_the_same(
    file: dict[str, Any], people: list[dict[str, Any]]
) -> None:
    """SCR-02: live points = points after the PMML round trip = points by an evaluator of the standard."""
    text = write_pmml(file)
    back = read_pmml(text)
    here, there = scoring.read_card(file), scoring.read_card(back)
    assert (there.calibration_slope, there.version, there.role, there.sample) == (
        -0.034657,
        "v002",
        "admission",
        {"rows": 7},
    )
    for one in people:
        numbers = [one["whole"], one["fraction"]]
        if any(n is not None and not -LIMIT <= n <= LIMIT for n in numbers):
            continue  # our own scorer calls such a number broken; PMML has no word for it
        mine = scoring.score(here, one)
        assert mine.points == scoring.score(there, one).points == evaluate(text, speak(one))
        assert [r.code for r in mine.reasons] == [r.code for r in scoring.score(there, one).reasons]


FOREIGN = b"""<?xml version="1.0"?>
<PMML xmlns="http://www.dmg.org/PMML-4_2" version="4.2"><Header/><DataDictionary/>
<Scorecard modelName="other tool" functionName="regression" initialScore="100">
 <MiningSchema/><Characteristics>
  <Characteristic name="age" reasonCode="AGE"><Attribute partialScore="1">
     <SimplePredicate field="age" operator="isMissing"/></Attribute>
   <Attribute partialScore="10"><SimplePredicate field="age" operator="lessOrEqual" value="30"/></Attribute>
   <Attribute partialScore="20"><CompoundPredicate booleanOperator="and">
     <SimplePredicate field="age" operator="greaterThan" value="30"/>
     <SimplePredicate field="age" operator="lessThan" value="60"/></CompoundPredicate></Attribute>
   <Attribute partialScore="15"><True/></Attribute></Characteristic>
  <Characteristic name="home"><Attribute partialScore="7"><SimplePredicate field="home" operator="equal" value="own"/>
   </Attribute><Attribute partialScore="-3"><True/></Attribute></Characteristic>
 </Characteristics></Scorecard></PMML>"""


def test_a_card_built_elsewhere_comes_in_with_its_scale_named() -> None:
    card = scoring.read_card(read_pmml(FOREIGN, pdo=20, base_points=600, base_odds=30))
    told = [({"age": age, "home": home}) for age, home in ((30, "own"), (30.5, "rent"), (60, None), (None, "own"))]
    assert [scoring.score(card, one).points for one in told] == [117, 117, 112, 108]
    assert card.probability(600) == pytest.approx(1 / 31)


def test_a_scale_upside_down_is_no_scale() -> None:
    with pytest.raises(BadInput, match="scale: found -20, 600, 30, expected finite numbers"):
        read_pmml(FOREIGN, pdo=-20, base_points=600, base_odds=30)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"<PMML", "XML that cannot be read"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><PMML>&b;</PMML>", "a document type or entities"),
        (b"<html/>", "found <html>, expected <PMML>"),
        (b"<PMML><TreeModel/></PMML>", "found TreeModel, expected a Scorecard"),
        (b"<PMML><Scorecard/><Scorecard/></PMML>", "found Scorecard, Scorecard, expected a Scorecard"),
        (FOREIGN.replace(b'version="4.', b'version="9.'), "PMML: version: found '9."),
        (FOREIGN, "no calibration"),
        (FOREIGN.replace(b'partialScore="20"', b'partialScore="20.5"'), "age, attribute 3: partialScore: found '20.5'"),
        (FOREIGN.replace(b'<Attribute partialScore="15"><True/></Attribute>', b""), "no points for 60"),
        (FOREIGN.replace(b'"age" operator="lessThan"', b'"zip" operator="lessThan"'), "predicates on age, zip"),
        (FOREIGN.replace(b'"lessOrEqual" value="30"', b'"lessOrEqual" value="old"'), "lessOrEqual 'old'"),
    ],
)  # fmt: skip
def test_what_is_no_card_is_refused_with_its_place(text: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says.replace("'", ".")):
        read_pmml(text, pdo=None if text is FOREIGN else 20, base_points=600, base_odds=30)
