"""A card as a PMML 4.4 scorecard: one characteristic a question, one attribute a class, reasons by points lost.

What PMML has no word for (calibration, scale, sample) goes along in an extension of ours, so that a card comes back
whole. Text is compared exactly; yes-or-no labels are handed in as the words yes and no.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from creditfactory.scoring import Bin, Characteristic, read_card

NAMESPACE = "http://www.dmg.org/PMML-4_4"
OURS = "creditfactory-card"
LOST = "SCO-POINTS-LOST"
"""The reason for points lost on a class that names none of its own."""

NOT_IN_PMML = (
    "target", "method", "role", "pdo", "base_points", "base_odds", "calibration", "sample", "performance",
)  # fmt: skip


def write_pmml(card: Mapping[str, Any], *, place: str = "card.json") -> bytes:
    """The PMML of a card given by its JSON form; a card that cannot be read is refused as everywhere."""
    read = read_card(card, place=place)
    root = etree.Element("PMML", {"xmlns": NAMESPACE, "version": "4.4"})
    _add(root, "Header", copyright="", description=f"Points card {read.name} {read.version}")
    fields = _add(root, "DataDictionary", numberOfFields=str(len(read.labels) + 1))
    kinds = {c.label: c.kind for c in read.characteristics}
    for label in read.labels:
        number = kinds.get(label) == "number"
        _add(fields, "DataField", name=label, optype="continuous" if number else "categorical",
             dataType="double" if number else "string")  # fmt: skip
    _add(fields, "DataField", name="points", optype="continuous", dataType="double")
    model = _add(
        root, "Scorecard", modelName=f"{read.name} {read.version}", functionName="regression",
        initialScore=str(read.intercept_points), useReasonCodes="true", reasonCodeAlgorithm="pointsBelow",
        baselineMethod="max",
    )  # fmt: skip
    extension = {key: card[key] for key in NOT_IN_PMML if key in card}
    _add(model, "Extension", name=OURS, value=json.dumps({"name": read.name, "version": read.version, **extension}))
    schema = _add(model, "MiningSchema")
    for label in read.labels:
        _add(schema, "MiningField", name=label, usageType="active", invalidValueTreatment="asIs")
    _add(schema, "MiningField", name="points", usageType="target")
    output = _add(model, "Output")
    _add(output, "OutputField", name="points_in_all", optype="continuous", dataType="double", feature="predictedValue")
    for rank in range(1, 5):
        _add(output, "OutputField", name=f"reason_{rank}", optype="categorical", dataType="string",
             feature="reasonCode", rank=str(rank))  # fmt: skip
    questions = _add(model, "Characteristics")
    for place_, question in enumerate(read.characteristics):
        _write_question(questions, question, card["characteristics"][place_])
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _write_question(parent: Element, question: Characteristic, raw: Mapping[str, Any]) -> None:
    element = _add(parent, "Characteristic", name=question.label, reasonCode=LOST,
                   baselineScore=str(question.best_points))  # fmt: skip
    told = {"iv": raw["iv"]} if "iv" in raw else {}
    if question.applies is not None:
        told["applies"] = question.applies
    if told:
        _add(element, "Extension", name=OURS, value=json.dumps(told))
    if question.applies is not None and question.absent is not None:
        no = _attribute(element, question.absent)
        _simple(no, question.applies, "equal", "no")
    if question.missing is not None:
        _write_missing(_attribute(element, question.missing), question)
    for bin_ in (*question.special, *question.bins):
        place = _attribute(element, bin_)
        if question.applies is not None:
            place = _add(place, "CompoundPredicate", booleanOperator="and")
            _simple(place, question.applies, "equal", "yes")
        if bin_.values:
            _write_codes(place, question.label, bin_.values)
        elif question.kind == "word":
            _write_words(place, question.label, bin_.words)
        else:
            _write_range(place, question.label, bin_)
    if question.other is not None:
        place = _attribute(element, question.other)
        if question.applies is not None:
            place = _add(place, "CompoundPredicate", booleanOperator="and")
            _simple(place, question.applies, "equal", "yes")
        _simple(place, question.label, "isNotMissing")


def _write_missing(place: Element, question: Characteristic) -> None:
    """An open answer; where a question may not apply, nobody knowing whether it does leaves it open, too."""
    if question.applies is None:
        _simple(place, question.label, "isMissing")
        return
    either = _add(place, "CompoundPredicate", booleanOperator="or")
    _simple(either, question.applies, "isMissing")
    both = _add(either, "CompoundPredicate", booleanOperator="and")
    _simple(both, question.applies, "equal", "yes")
    _simple(both, question.label, "isMissing")


def _write_range(place: Element, label: str, bin_: Bin) -> None:
    if bin_.start is None and bin_.end is None:
        _simple(place, label, "isNotMissing")
        return
    if bin_.start is not None and bin_.end is not None:
        place = _add(place, "CompoundPredicate", booleanOperator="and")
    if bin_.start is not None:
        _simple(place, label, "greaterOrEqual", repr(bin_.start))
    if bin_.end is not None:
        _simple(place, label, "lessThan", repr(bin_.end))


def _write_words(place: Element, label: str, words: tuple[str, ...]) -> None:
    chosen = _add(place, "SimpleSetPredicate", field=label, booleanOperator="isIn")
    array = _add(chosen, "Array", type="string", n=str(len(words)))
    array.text = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)


def _write_codes(place: Element, label: str, values: tuple[float, ...]) -> None:
    """Codes stand before the ranges, since the first attribute that is true counts."""
    if len(values) > 1:
        place = _add(place, "CompoundPredicate", booleanOperator="or")
    for value in values:
        _simple(place, label, "equal", repr(value))


def _attribute(parent: Element, bin_: Bin) -> Element:
    own = {"reasonCode": bin_.reason} if bin_.reason else {}
    return _add(parent, "Attribute", partialScore=str(bin_.points), **own)


def _simple(place: Element, field: str, operator: str, value: str | None = None) -> None:
    more = {} if value is None else {"value": value}
    _add(place, "SimplePredicate", field=field, operator=operator, **more)


def _add(parent: Element, tag: str, /, **attributes: str) -> Element:
    return etree.SubElement(parent, tag, attributes)
