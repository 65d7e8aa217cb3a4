"""Writing a model as DMN 1.5: types, inputs, decision tables and literal expressions, and what links them."""

from __future__ import annotations

import hashlib
import re

from lxml import etree

from creditfactory.gateways.dmn.model import (
    DecisionNode,
    LiteralText,
    ModelText,
    TableText,
    TypeText,
    Written,
)

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
FEEL = "https://www.omg.org/spec/DMN/20230324/FEEL/"
HIT_WORDS = {
    "U": "UNIQUE", "A": "ANY", "P": "PRIORITY", "F": "FIRST", "R": "RULE ORDER", "O": "OUTPUT ORDER", "C": "COLLECT",
}  # fmt: skip
AGGREGATIONS = {"+": "SUM", "<": "MIN", ">": "MAX", "#": "COUNT"}
Element = etree._Element  # noqa: SLF001  the only name that lxml's elements have


def write_model(model: ModelText) -> bytes:
    """A model as XML, the same bytes for the same model."""
    spaces: dict[str | None, str] = {None: NAMESPACE}
    root = etree.Element(_tag("definitions"), nsmap=spaces)  # type: ignore[arg-type]  # its stubs know no default
    _set(
        root, id=_id(f"definitions {model.name}"), name=model.name, namespace=model.namespace,
        expressionLanguage=FEEL, typeLanguage=FEEL, exporter="creditfactory",
    )  # fmt: skip
    for kind in model.types:
        _add_type(root, kind, "itemDefinition")
    for node in model.inputs.values():
        element = _add(root, "inputData", id=_id(node.id), name=node.name)
        _add(element, "variable", id=_id(f"{node.id} variable"), name=node.name, typeRef=node.variable.type_ref)
    for decision in model.decisions.values():
        _add_decision(root, decision, model)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _add_type(parent: Element, kind: TypeText, tag: str) -> None:
    element = _add(parent, tag, name=kind.name, isCollection="true" if kind.is_list else None)
    if kind.type_ref:
        _add(element, "typeRef").text = kind.type_ref
    if kind.allowed is not None:
        _add_text(_add(element, "allowedValues"), kind.allowed)
    for part in kind.parts:
        _add_type(element, part, "itemComponent")


def _add_decision(root: Element, node: DecisionNode, model: ModelText) -> None:
    element = _add(root, "decision", id=_id(node.id), name=node.name)
    if node.note:
        _add(element, "description").text = node.note
    _add(element, "variable", id=_id(f"{node.id} variable"), name=node.name, typeRef=node.variable.type_ref or None)
    for need in node.needs:
        requirement = _add(element, "informationRequirement", id=_id(f"{node.id} needs {need}"))
        kind = "requiredInput" if need in model.inputs else "requiredDecision"
        _add(requirement, kind, href=f"#{_id(need)}")
    if isinstance(node.logic, TableText):
        _add_table(element, node.logic, node.id)
    elif isinstance(node.logic, LiteralText):
        literal = _add(element, "literalExpression", id=_id(f"{node.id} logic"), typeRef=node.logic.type_ref or None)
        _add_text(literal, node.logic.text)


def _add_table(parent: Element, table: TableText, of: str) -> None:
    letter, aggregation = table.hit[0], AGGREGATIONS.get(table.hit[1:])
    element = _add(parent, "decisionTable", id=_id(f"{of} table"), hitPolicy=HIT_WORDS[letter], aggregation=aggregation)
    for number, clause in enumerate(table.inputs):
        column = _add(element, "input", id=_id(f"{of} input {number}"), label=clause.label or None)
        look = _add(column, "inputExpression", id=_id(f"{of} look {number}"), typeRef=clause.type_ref or None)
        _add_text(look, clause.expression)
        if clause.allowed is not None:
            _add_text(_add(column, "inputValues", id=_id(f"{of} values {number}")), clause.allowed)
    for number, output in enumerate(table.outputs):
        column = _add(
            element, "output", id=_id(f"{of} output {number}"), name=output.name or None,
            label=output.label or None, typeRef=output.type_ref or None,
        )  # fmt: skip
        if output.allowed is not None:
            _add_text(_add(column, "outputValues", id=_id(f"{of} words {number}")), output.allowed)
        if output.default is not None:
            _add_text(_add(column, "defaultOutputEntry", id=_id(f"{of} default {number}")), output.default)
    if any(row.notes for row in table.rows):
        _add(element, "annotation", name="note")
    for number, row in enumerate(table.rows):
        rule = _add(element, "rule", id=_id(f"{of} rule {number}"))
        for kind, cells in (("inputEntry", row.tests), ("outputEntry", row.answers)):
            for at, cell in enumerate(cells):
                _add_text(_add(rule, kind, id=_id(f"{of} rule {number} {kind} {at}")), cell)
        if any(row.notes for row in table.rows):
            _add_text(_add(rule, "annotationEntry"), Written("; ".join(row.notes)))


def _add(parent: Element, tag: str, **attributes: str | None) -> Element:
    element = etree.SubElement(parent, _tag(tag))
    _set(element, **attributes)
    return element


def _set(element: Element, **attributes: str | None) -> None:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, value)


def _add_text(parent: Element, written: Written) -> None:
    _add(parent, "text").text = written.text


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _id(text: str) -> str:
    """An id that XML allows, and only this text has."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", text)
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        return text
    return f"_{plain}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
