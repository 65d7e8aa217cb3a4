"""Notebooks run as plain Python, cell by cell: what a cell prints and what its last line shows.

``python -m tests.notebooks docs/notebooks/one-card.ipynb`` writes what the code says today into the notebook.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

Output = dict[str, Any]


def run_notebook(path: Path) -> list[list[Output]]:
    """The outputs of each code cell, in order; the first cell that fails raises what it raised."""
    room: dict[str, Any] = {"__name__": "__notebook__"}
    told = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            told.append(run_cell("".join(cell["source"]), room))
    return told


def run_cell(source: str, room: dict[str, Any]) -> list[Output]:
    """Run one cell: its printed text, then its last expression as picture, page or text."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), room)
        value = None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), room)
    outputs: list[Output] = []
    if printed.getvalue():
        lines = printed.getvalue().splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": lines})
    if value is not None:
        outputs.append({"output_type": "display_data", "metadata": {}, "data": show(value)})
    return outputs


def show(value: Any) -> dict[str, list[str]]:
    """How a notebook shows a value."""
    for kind, name in (("image/svg+xml", "_repr_svg_"), ("text/html", "_repr_html_")):
        if hasattr(value, name):
            return {kind: getattr(value, name)().splitlines(keepends=True)}
    return {"text/plain": repr(value).splitlines(keepends=True)}


def write_outputs(path: Path) -> None:
    """Run the notebook and keep in it what it says."""
    book = json.loads(path.read_text(encoding="utf-8"))
    told = iter(run_notebook(path))
    for number, cell in enumerate(cell for cell in book["cells"] if cell["cell_type"] == "code"):
        cell["outputs"], cell["execution_count"] = next(told), number + 1
    path.write_text(json.dumps(book, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write_outputs(Path(name))
