"""Reading `strategies/*.yaml`: trees of plain conditions that end in answers, with what holds where one is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from creditfactory.decision import Dated, ForkText, TreeText
from creditfactory.gateways.rulebook.files import read_yaml
from creditfactory.gateways.rulebook.policy_files import THEN, read_dated, read_owner, read_words
from creditfactory.kernel import Scalar
from creditfactory.rules import LABEL_TYPES, NUMBER_LIMIT, Consequence, Declaration, is_iso_date, refuse, refuse_name

KEYS = {"description", "kind", "owner", "output", "values", "missing", "reference", "review_by"}
FORK_KEYS = {"if", "then", "else"}
DEPTH_MAX = 12
"""Deeper trees are not read by anybody: name a part of the question, or use a table."""


def read_strategy_file(path: Path, place: str) -> tuple[str, Dated[TreeText]]:
    """One strategy tree: its name, which is the file's, and its dated versions."""
    raw = read_yaml(path, place)
    name = path.stem
    if not name.isidentifier():
        refuse(place, repr(name), "a file name of letters, digits and _, since it is the tree's name")
    unknown = set(raw) - KEYS
    if unknown:
        refuse(place, repr(min(unknown, key=str)), f"only {', '.join(sorted(KEYS))}")
    if raw.get("kind") != "tree":
        refuse(f"{place}: kind", repr(raw.get("kind")), "tree")
    description, owner = read_words(raw, "description", place), read_owner(raw, place)
    output = _read_output(raw.get("output"), name, f"{place}: output")
    answer, then = _read_missing(raw.get("missing"), output, f"{place}: missing")

    def read(value: Any, where: str) -> TreeText:
        root = _read_node(value, output, where, 0)
        if not isinstance(root, ForkText):
            refuse(where, repr(value), "a first question: if, then and else")
        return TreeText(name, output, root, answer, then, description, owner, where)

    return name, read_dated(raw, place, read)


def _read_output(raw: Any, name: str, place: str) -> Declaration:
    if not isinstance(raw, dict) or raw.get("type") not in LABEL_TYPES or set(raw) - {"name", "type", "words", "unit"}:
        refuse(place, repr(raw), f"name, type (one of {', '.join(LABEL_TYPES)}) and, for a text, its words")
    words = raw.get("words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        refuse(f"{place}.words", repr(words), "a list of words (quote yes and no)")
    named = str(raw.get("name", name))
    if not named.isidentifier():
        refuse(f"{place}.name", repr(named), "a name of letters, digits and _")
    return Declaration(named, raw["type"], str(raw.get("unit", "")), words=tuple(words))


def _read_missing(raw: Any, output: Declaration, place: str) -> tuple[Scalar, Consequence]:
    """What holds where a fork cannot be decided: an answer of the tree, or what follows instead of one."""
    if isinstance(raw, str) and raw in THEN and raw not in output.words:
        return None, raw  # type: ignore[return-value]
    if raw is None:
        refuse(place, "nothing", f"what holds where a fact is unknown: an answer, or one of {', '.join(THEN)}")
    return _read_answer(raw, output, place), "none"


def _read_node(raw: Any, output: Declaration, place: str, depth: int) -> ForkText | Scalar:
    if not isinstance(raw, dict):
        return _read_answer(raw, output, place)
    if depth >= DEPTH_MAX:
        refuse(place, f"more than {DEPTH_MAX} questions one after another", "a shallower tree; name a part of it")
    if set(raw) != FORK_KEYS or not isinstance(raw["if"], str):
        refuse(place, repr(raw), "if (a condition), then and else")
    then = _read_node(raw["then"], output, f"{place}.then", depth + 1)
    return ForkText(raw["if"], then, _read_node(raw["else"], output, f"{place}.else", depth + 1), place)


def _read_answer(raw: Any, output: Declaration, place: str) -> Scalar:
    """An answer as the tree's output is declared."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        raw = raw.isoformat()
    if output.type == "float" and type(raw) is int:
        raw = float(raw)
    wanted: Mapping[str, type] = {"int": int, "float": float, "bool": bool, "str": str, "date": str}
    fits = type(raw) is wanted[output.type]
    is_far = fits and output.type in ("int", "float") and not abs(raw) <= NUMBER_LIMIT
    if not fits or is_far or (output.type == "date" and not is_iso_date(raw)):
        refuse(place, repr(raw), f"a {output.type} for {output.name}, or a further question")
    if output.words and raw not in output.words:
        refuse_name(place, str(raw), output.words, f"one of {', '.join(output.words)} for {output.name}")
    return raw  # type: ignore[no-any-return]
