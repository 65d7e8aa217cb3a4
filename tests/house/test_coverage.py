"""The list of requirements tells the truth: no id is left out, and every place it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
STATES = ("shown", "part", "not yet", "context")


def read_rows() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Id with its state, the places named, and what is missing."""
    rows: dict[str, tuple[str, tuple[str, ...], str]] = {}
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[A-Z]+-\d{2}", cells[0]):
            assert len(cells) == 5, f"{cells[0]}: found {len(cells)} columns, expected 5"
            assert cells[0] not in rows, f"{cells[0]} is listed twice"
            rows[cells[0]] = (cells[2], tuple(p.strip() for p in cells[3].split("·") if p.strip()), cells[4])
    return rows


ROWS = read_rows()


def list_ids() -> set[str]:
    """Every id there is, from the list that the document keeps of them."""
    match = re.search(r"<!-- ids: (.+?) -->", TEXT)
    assert match, "docs/coverage.md has lost its list of ids"
    ids: set[str] = set()
    for part in match.group(1).split(","):
        group, span = part.split()
        first, last = (int(end) for end in span.split("-"))
        ids |= {f"{group}-{number:02d}" for number in range(first, last + 1)}
    return ids


@cache
def find_tests(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


def test_every_id_has_a_row_and_no_other() -> None:
    assert set(ROWS) == list_ids()
    assert len(ROWS) == 109


@pytest.mark.parametrize("name", sorted(ROWS))
def test_what_is_said_to_be_shown_is_there(name: str) -> None:
    state, places, missing = ROWS[name]
    assert state in STATES
    assert bool(places) == (state in ("shown", "part")), f"{name} is {state!r} and names {len(places)} places"
    assert not (state in ("not yet", "context") and missing)
    for place in places:
        file, _, test = place.partition("::")
        assert (ROOT / file).is_file(), f"{name}: {file} does not exist"
        assert not test or test in find_tests(ROOT / file), f"{name}: {file} holds no test {test}"
