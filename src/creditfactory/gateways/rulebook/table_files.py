"""Reading `tables/*.yaml` with their CSV rows: each cell checked against its column, each fault named by its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from creditfactory.decision import STAGES, Dated, Stage
from creditfactory.gateways.rulebook.files import read_text, read_yaml
from creditfactory.gateways.rulebook.policy_files import read_dated, read_words
from creditfactory.rules import (
    HIT_POLICIES,
    LABEL_TYPES,
    Declaration,
    Fallback,
    HitPolicy,
    Output,
    Row,
    Table,
    build_table,
    read_answer,
    read_cell,
    read_declarations,
    refuse,
    refuse_name,
)

KEYS = {
    "description", "owner", "hit", "inputs", "outputs", "step", "values", "missing", "no_match", "reference",
    "review_by",
}  # fmt: skip
NOTE = "note"
CONSEQUENCES = ("lane_b", "lane_c", "refer", "decline")


def read_stage(path: Path, place: str) -> Stage | None:
    """The stage at which rules read what a table answers; none where only the engines look it up."""
    step = read_yaml(path, place).get("step")
    if step is not None and step not in STAGES:
        refuse(f"{place}: step", repr(step), " or ".join(STAGES))
    return step


def read_table_file(
    path: Path, place: str, declarations: Mapping[str, Declaration], files: Mapping[str, Path] | None = None
) -> tuple[str, Dated[Table]]:
    """One table: its name, which is the file's, and its dated versions, each from its own CSV file beside it.

    ``files`` are a pack's files by place: a pack may bring rows of its own for a table of the pack it extends.
    """
    raw = read_yaml(path, place)
    unknown = set(raw) - KEYS
    if unknown:
        refuse(place, repr(min(unknown, key=str)), f"only {', '.join(sorted(KEYS))}")
    hit = _read_hit(raw.get("hit"), place)
    inputs = _read_inputs(raw.get("inputs"), place, declarations)
    outputs = _read_outputs(raw.get("outputs"), place)
    missing = _read_fallback(raw.get("missing", "refer"), outputs, f"{place}: missing")
    no_match = _read_fallback(raw.get("no_match", "refer"), outputs, f"{place}: no_match")
    description = read_words(raw, "description", place)

    def read(file: Any, where: str) -> Table:
        if not isinstance(file, str) or not file.endswith(".csv") or "/" in file:
            refuse(where, repr(file), "the name of a CSV file beside this one")
        return build_table(
            path.stem,
            hit=hit,
            inputs=inputs,
            outputs=outputs,
            rows=_read_rows(
                (files or {}).get(f"tables/{file}", path.with_name(file)), f"tables/{file}", inputs, outputs
            ),
            missing=missing,
            no_match=no_match,
            description=description,
            owner=str(raw.get("owner", "")),
            place=f"tables/{file}",
        )

    if not isinstance(raw.get("owner"), str):
        refuse(f"{place}: owner", repr(raw.get("owner")), "who answers for this table")
    return path.stem, read_dated(raw, place, read)


def _read_hit(hit: Any, place: str) -> HitPolicy:
    for name, letter in HIT_POLICIES.items():
        if hit in (name, letter):
            return letter
    refuse(f"{place}: hit", repr(hit), f"one of {', '.join(HIT_POLICIES)}")


def _read_inputs(raw: Any, place: str, declarations: Mapping[str, Declaration]) -> tuple[Declaration, ...]:
    if not isinstance(raw, list) or not raw:
        refuse(f"{place}: inputs", repr(raw), "a list of labels")
    found = []
    for number, item in enumerate(raw, start=1):
        where = f"{place}: inputs[{number}]"
        if isinstance(item, str):
            if item not in declarations:
                refuse_name(where, item, declarations, "a declared label, or {name, type} for a value handed in")
            found.append(declarations[item])
        elif isinstance(item, dict) and isinstance(item.get("name"), str):
            part = {key: value for key, value in item.items() if key != "name"}
            found += read_declarations({item["name"]: part}, place=where).values()
        else:
            refuse(where, repr(item), "a label's name, or {name, type} for a value handed in")
    return tuple(found)


def _read_outputs(raw: Any, place: str) -> tuple[Output, ...]:
    if not isinstance(raw, list) or not raw:
        refuse(f"{place}: outputs", repr(raw), "a list of {name, type}")
    found = []
    for number, item in enumerate(raw, start=1):
        where = f"{place}: outputs[{number}]"
        types = (*LABEL_TYPES, "rate")
        if not isinstance(item, dict) or item.get("type") not in types or not str(item.get("name")).isidentifier():
            refuse(where, repr(item), f"a name and a type, one of {', '.join(types)}")
        words = item.get("words", [])
        if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            refuse(f"{where}.words", repr(words), "a list of words (quote yes and no)")
        found.append(Output(item["name"], item["type"], tuple(words), str(item.get("unit", ""))))
    return tuple(found)


def _read_fallback(raw: Any, outputs: tuple[Output, ...], place: str) -> Fallback:
    if raw in CONSEQUENCES:
        return Fallback(raw)
    names = [o.name for o in outputs]
    if isinstance(raw, dict) and sorted(raw) == sorted(names):
        return Fallback(
            "none", tuple(read_answer(_as_text(raw[o.name]), o, place=f"{place}.{o.name}") for o in outputs)
        )
    refuse(place, repr(raw), f"{', '.join(CONSEQUENCES)}, or an answer for each of {', '.join(names)}")


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_rows(path: Path, place: str, inputs: tuple[Declaration, ...], outputs: tuple[Output, ...]) -> tuple[Row, ...]:
    wanted = [*(d.name for d in inputs), *(o.name for o in outputs)]
    reader = csv.reader(io.StringIO(read_text(path, place), newline=""), skipinitialspace=True, strict=True)
    rows: list[Row] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if header[: len(wanted)] != wanted or header[len(wanted) :] not in ([], [NOTE]):
            refuse(f"{place}, line 1", ", ".join(header) or "nothing", f"the columns {', '.join(wanted)} (and {NOTE})")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_read_row(cells, header, reader.line_num, place, inputs, outputs))
    except csv.Error as fault:
        refuse(f"{place}, line {reader.line_num}", str(fault), "comma-separated cells; double a quote inside quotes")
    if not rows:
        refuse(place, "no rows", "at least one row under the header")
    return tuple(rows)


def _read_row(
    cells: list[str],
    header: list[str],
    line: int,
    place: str,
    inputs: tuple[Declaration, ...],
    outputs: tuple[Output, ...],
) -> Row:
    if len(cells) != len(header):
        refuse(f"{place}, line {line}", f"{len(cells)} cells", f"{len(header)}, one for each column")
    where = [f"{place}, line {line}, column {name}" for name in header]
    tests = tuple(read_cell(cells[i], d, place=where[i]) for i, d in enumerate(inputs))
    at = len(inputs)
    answers = tuple(read_answer(cells[at + i], o, place=where[at + i]) for i, o in enumerate(outputs))
    return Row(line, tests, answers, cells[-1].strip() if header[-1] == NOTE else "")
