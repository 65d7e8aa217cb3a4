"""Decision tables and literal expressions of a DMN model as files of a pack; what cannot be carried over is named."""

from __future__ import annotations

import csv
import io
import keyword
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from creditfactory.gateways.dmn.feel_reading import read_expression, read_tests
from creditfactory.gateways.dmn.feel_values import Value
from creditfactory.gateways.dmn.item_types import SPELLINGS
from creditfactory.gateways.dmn.model import (
    DecisionNode,
    InputNode,
    LiteralText,
    ModelText,
    OutputClause,
    RuleRow,
    TableText,
    Written,
    part_names,
)
from creditfactory.gateways.rulebook.ours_from_feel import Translator, constant_of, write_cell, write_constant
from creditfactory.gateways.rulebook.table_files import read_table_file
from creditfactory.kernel import BadInput
from creditfactory.rules import (
    HIT_POLICIES,
    Declaration,
    LabelType,
    Parameter,
    check_table,
)
from creditfactory.rules import (
    read_expression as read_ours,
)

TYPES: Mapping[str, LabelType] = {"number": "float", "string": "str", "boolean": "bool", "date": "date"}


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one decision: the files it is in now, or why it was left out, and what to look at again."""

    decision: str
    files: tuple[str, ...] = ()
    left_out: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Carrying:
    """What a pack knows already, what was made so far, and from which day it shall hold."""

    model: ModelText
    declarations: Mapping[str, Declaration]
    parameters: Mapping[str, Parameter]
    taken: frozenset[str]
    start: date
    owner: str
    files: dict[str, bytes] = field(default_factory=dict)
    values: dict[str, LabelType] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)


def plain_name(name: str) -> str:
    """A name of letters, digits and _ for one with spaces and signs.

    >>> plain_name("Pre-bureau risk category")
    'pre_bureau_risk_category'
    """
    plain = re.sub(r"\W+", "_", name.strip()).strip("_").lower() or "x"
    plain = f"n_{plain}" if plain[0].isdigit() else plain
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def carry_over(carrying: Carrying) -> list[Carried]:
    """Each decision of the model in turn, those that others need first; the files are in ``carrying``."""
    found: dict[str, Carried] = {}
    doing: set[str] = set()

    def visit(node: DecisionNode) -> None:
        if node.id in found or node.id in doing:
            return
        doing.add(node.id)
        for need in node.needs:
            if need in carrying.model.decisions:
                visit(carrying.model.decisions[need])
        try:
            found[node.id] = _carry(node, carrying)
        except BadInput as fault:
            found[node.id] = Carried(node.name, left_out=str(fault))

    for node in carrying.model.decisions.values():
        visit(node)
    return [found[at] for at in carrying.model.decisions]


def _carry(node: DecisionNode, carrying: Carrying) -> Carried:
    name = plain_name(node.name)
    if name in carrying.taken or name in carrying.made.values():
        raise BadInput(place=node.name, found=f"{name!r}, which the pack has already", expected="a name of its own")
    match node.logic:
        case TableText():
            return _carry_table(node, node.logic, name, carrying)
        case LiteralText():
            return _carry_value(node, node.logic, name, carrying)
        case None:
            raise BadInput(place=node.name, found="no logic", expected="a decision table or a literal expression")
        case _:
            raise BadInput(
                place=f"line {node.logic.line}", found=f"a boxed {node.logic.kind}",
                expected="a decision table or a literal expression; our packs have no other",
            )  # fmt: skip


def _carry_value(node: DecisionNode, logic: LiteralText, name: str, carrying: Carrying) -> Carried:
    """A literal expression as a named value."""
    names = [carrying.model.inputs[n].variable.name for n in node.needs if n in carrying.model.inputs]
    names += [carrying.model.decisions[n].variable.name for n in node.needs if n in carrying.model.decisions]
    known: dict[str, LabelType] = {label: d.type for label, d in carrying.declarations.items()}
    known |= dict.fromkeys(carrying.parameters, "float")
    known |= carrying.values
    place = f"line {logic.text.line}"
    try:
        text = Translator(known, lambda found: carrying.made.get(found, plain_name(found))).write(
            read_expression(logic.text.text, [*names, *part_names(carrying.model)])
        )
    except BadInput as fault:
        raise BadInput(place=f"{place}, {fault.place}", found=fault.found, expected=fault.expected) from None
    text = text[1:-1] if text.startswith("(") and _closes(text) else text
    declared = {**carrying.declarations, **{n: Declaration(n, kind) for n, kind in carrying.values.items()}}
    value = read_ours(text, declared, carrying.parameters, place=place)
    carrying.values[name] = value.type
    carrying.made[node.variable.name] = name
    file = f"policy/imported/{name}.yaml"
    about = {
        "description": _words(node), "owner": carrying.owner, "kind": "derived",
        "values": {carrying.start: {"value": text}},
        "reference": {carrying.start: {"title": f"Imported from the DMN model {carrying.model.name}"}},
    }  # fmt: skip
    carrying.files[file] = _write_yaml(about)
    notes = ("division is of binary fractions with us, of decimals in DMN",) if "/" in text else ()
    return Carried(node.name, (file,), notes=notes)


def _closes(text: str) -> bool:
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _carry_table(node: DecisionNode, table: TableText, name: str, carrying: Carrying) -> Carried:
    """A decision table as a table of ours, checked by reading it as any other."""
    notes: list[str] = []
    table = replace(table, rows=tuple(row for row in table.rows if not _is_guard(row)))
    inputs = [_find_column(clause.expression, clause.type_ref, node, carrying, notes) for clause in table.inputs]
    outputs = [_describe_output(o, at, name, table) for at, o in enumerate(table.outputs)]
    rows = []
    for row in table.rows:
        cells = [
            _in_line(cell, lambda c=cell, d=d: write_cell(read_tests(c.text), d))
            for cell, d in zip(row.tests, inputs, strict=True)
        ]
        cells += [
            _in_line(cell, lambda c=cell, o=o: _write_answer(c, o))
            for cell, o in zip(row.answers, outputs, strict=True)
        ]
        rows.append([*cells, " ".join("; ".join(note for note in row.notes if note).split())])
    has_notes = any(row[-1] for row in rows)
    file, rows_file = f"tables/{name}.yaml", f"{name}.csv"
    hit = next(word for word, letter in HIT_POLICIES.items() if letter == table.hit)
    about: dict[str, Any] = {
        "description": _words(node), "owner": carrying.owner, "hit": hit,
        "inputs": [_handed_in(column, carrying) for column in inputs],
        "outputs": outputs, "values": {carrying.start: rows_file}, "missing": "refer",
        "no_match": _default(table, outputs) or "refer",
        "reference": {carrying.start: {"title": f"Imported from the DMN model {carrying.model.name}"}},
    }  # fmt: skip
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(d.name for d in inputs), *(o["name"] for o in outputs), *(["note"] if has_notes else [])])
    writer.writerows(row if has_notes else row[:-1] for row in rows)
    made = {file: _write_yaml(about), f"tables/{rows_file}": out.getvalue().encode()}
    notes += _check(name, made, {**carrying.declarations, **{n: Declaration(n, t) for n, t in carrying.values.items()}})
    carrying.files |= made
    carrying.made[node.variable.name] = name
    return Carried(node.name, tuple(made), notes=tuple(notes))


def _is_guard(row: RuleRow) -> bool:
    """Whether a row only says that there is no answer where nobody knows a fact: our tables say so by themselves."""
    tests = sorted(cell.text.strip() or "-" for cell in row.tests)
    return tests[-1:] == ["null"] and set(tests[:-1]) <= {"-"} and {cell.text for cell in row.answers} == {"null"}


def _in_line(cell: Written, read: Any) -> str:
    try:
        return str(read())
    except BadInput as fault:
        raise BadInput(
            place=f"line {cell.line}, {fault.place}",
            found=fault.found,
            expected=f"{fault.expected} in {cell.text[:40]!r}",
        ) from None


def _find_column(
    written: Written, type_ref: str, node: DecisionNode, carrying: Carrying, notes: list[str]
) -> Declaration:
    """What a column looks at: a declared label, a value imported with it, or another decision's answer handed in."""
    needed = {carrying.model.inputs[n].variable.name: n for n in node.needs if n in carrying.model.inputs}
    needed |= {carrying.model.decisions[n].variable.name: n for n in node.needs if n in carrying.model.decisions}
    found = read_expression(written.text, [*needed, *part_names(carrying.model)])
    if found.kind != "name":
        raise BadInput(
            place=f"line {written.line}", found=f"a column that looks at {written.text[:40]!r}",
            expected="a name by itself; make a decision of the expression",
        )  # fmt: skip
    name = plain_name(found.value)
    if name in carrying.declarations:
        return carrying.declarations[name]
    made = carrying.made.get(found.value, name)
    if made in carrying.values:
        return Declaration(made, carrying.values[made])
    need = needed.get(found.value)
    if need is None or isinstance(carrying.model.inputs.get(need), InputNode):
        raise BadInput(
            place=f"line {written.line}",
            found=repr(found.value),
            expected=f"a declared label of the pack, such as {name}",
        )
    kind = TYPES.get(SPELLINGS.get(type_ref, type_ref) or "", None) or TYPES.get(_variable_type(need, carrying), None)
    if kind is None:
        raise BadInput(place=f"line {written.line}", found=f"{found.value!r} of no plain type", expected="a plain type")
    notes.append(f"{name} is what another decision answers: it has to be handed in")
    return Declaration(name, kind)


def _variable_type(need: str, carrying: Carrying) -> str:
    written = carrying.model.decisions[need].variable.type_ref
    under = next((kind.type_ref for kind in carrying.model.types if kind.name == written), written)
    return SPELLINGS.get(under, under)


def _handed_in(column: Declaration, carrying: Carrying) -> str | dict[str, Any]:
    """A column as a table's file names it: a label by its name, another table's answer with its type."""
    if column.name in carrying.declarations or column.name in carrying.values:
        return column.name
    return {"name": column.name, "type": column.type}


def _describe_output(output: OutputClause, at: int, name: str, table: TableText) -> dict[str, Any]:
    """One column of answers: its name, its type read from what the rows say, and its words in order of priority."""
    values = [_in_line_value(row.answers[at]) for row in table.rows]
    if output.default is not None and output.default.text:
        values.append(_in_line_value(output.default))
    kinds = {type(value).__name__ for value in values}
    if len(kinds) != 1 or kinds & {"NoneType"}:
        raise BadInput(
            place=f"line {table.line}",
            found=f"answers of several kinds in {output.name or name}",
            expected="one kind, none null",
        )
    about: dict[str, Any] = {"name": plain_name(output.name or name)}
    if kinds == {"Decimal"}:
        about["type"] = "int" if all(value == int(value) for value in values) else "float"
    elif kinds == {"bool"}:
        about["type"] = "bool"
    else:
        about["type"] = "date" if all(row.answers[at].text.lstrip()[:1] in "@d" for row in table.rows) else "str"
    if about["type"] == "str" and output.allowed is not None and output.allowed.text:
        words = [constant_of(test) for test in read_tests(output.allowed.text).tests]
        about["words"] = [word for word in words if isinstance(word, str)]
    return about


def _in_line_value(written: Written) -> Value:
    try:
        return constant_of(read_expression(written.text))
    except BadInput as fault:
        raise BadInput(
            place=f"line {written.line}, {fault.place}",
            found=fault.found,
            expected=f"{fault.expected} in {written.text[:40]!r}",
        ) from None


def _write_answer(written: Written, about: Mapping[str, Any]) -> str:
    text = write_constant(constant_of(read_expression(written.text)), about["type"])
    return text[1:-1] if about["type"] == "str" else text


def _default(table: TableText, outputs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What holds by default, where every column says so."""
    if any(output.default is None or not output.default.text for output in table.outputs):
        return None
    found = {}
    for output, about in zip(table.outputs, outputs, strict=True):
        assert output.default is not None, "just seen"
        value = _in_line_value(output.default)
        found[about["name"]] = (
            value if isinstance(value, str | bool) else (int(value) if value == int(value) else float(value))
        )
    return found


def _check(name: str, files: Mapping[str, bytes], declarations: Mapping[str, Declaration]) -> list[str]:
    """Read the files as the pack would, and say what its owner should look at."""
    with tempfile.TemporaryDirectory() as folder:
        for place, content in files.items():
            path = Path(folder) / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        _, dated = read_table_file(Path(folder) / f"tables/{name}.yaml", f"tables/{name}.yaml", declarations)
    table = dated.versions[0][1]
    assert table is not None, "a version was just written"
    told = []
    for fault in check_table(table):
        lines = f" (lines {', '.join(map(str, fault.lines))})" if fault.lines else ""
        told.append(f"{fault.kind}{lines}{': ' if fault.example else ''}{fault.example}")
    return told


def _words(node: DecisionNode) -> dict[str, str]:
    words = " ".join((node.note or node.name).split())
    return {"en": words, "zh": words}


def _write_yaml(about: Mapping[str, Any]) -> bytes:
    text: str = yaml.safe_dump(dict(about), sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    return text.encode()
