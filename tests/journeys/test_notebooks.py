"""The notebooks say what the code says today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.notebooks import run_notebook

ROOT = Path(__file__).resolve().parents[2]
AGAIN = "write it anew: python -m tests.notebooks"


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "docs" / "notebooks").glob("*.ipynb")))
def test_a_notebook_runs_and_shows_what_it_shows(name: str) -> None:
    """LAB-03: a card from people to model document; what stands under the cells came out of the code as it is."""
    place = ROOT / "docs" / "notebooks" / name
    kept = [cell["outputs"] for cell in json.loads(place.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    told = run_notebook(place)
    assert len(told) == len(kept) and any(told)
    for mine, theirs in zip(told, kept, strict=True):
        assert mine == theirs, AGAIN
