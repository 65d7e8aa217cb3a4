"""Small rules that keep a house livable: short files and functions, honest names, a lock that names no host."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT, each_module

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
LONGER: dict[str, str] = {}
"""Functions that are longer, by ``module.function``, and why."""
VAGUE = {
    "base",
    "common",
    "data",
    "helper",
    "helpers",
    "info",
    "manager",
    "managers",
    "misc",
    "processor",
    "processors",
}
VAGUE |= {"util", "utils", "stuff", "things", "core", "lib"}
NEVER_COMMITTED = ("uv.lock", "pylock.toml", "*.mo", ".venv/", ".data/")
WORKPLACE = re.compile(
    "|".join(
        ("/work/(?:main|shared|lib)", "/tmp" + "/cf", "helper" + " session", "shared/" + "DESIGN", "issues " + "show")
    )
)


def list_tracked() -> list[Path]:
    """Every file under version control; an unpacked archive without it has nothing to say here."""
    told = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode:
        pytest.skip("no git checkout here")
    return [ROOT / name for name in told.stdout.split("\0") if name and (ROOT / name).is_file()]


def each_function(tree: ast.AST, prefix: str) -> list[tuple[str, int]]:
    """Every function and method with its length in lines, what it promises left out."""
    found = []
    for node in ast.iter_child_nodes(tree):
        name = f"{prefix}.{getattr(node, 'name', '')}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            found.append((name, (body[-1].end_lineno or 0) - body[0].lineno + 1))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found += each_function(node, name)
    return found


def test_files_are_short() -> None:
    kept = [path for path in list_tracked() if path.suffix in (".py", ".js", ".css", ".html")]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in kept
        if "migrations" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    }
    assert long == {}


def test_functions_are_short() -> None:
    long = {
        name: lines
        for module, path, tree in each_module()
        if "migrations" not in path.parts
        for name, lines in each_function(tree, module)
        if lines > FUNCTION_LINES_MAX
    }
    assert set(long) == set(LONGER), long


def test_modules_have_honest_names() -> None:
    named = {path.stem for path in PACKAGE.rglob("*.py")} | {path.name for path in PACKAGE.rglob("*") if path.is_dir()}
    assert named & VAGUE == set()


def test_every_module_begins_with_what_it_is_for() -> None:
    mute = [name for name, path, tree in each_module() if path.stat().st_size and not ast.get_docstring(tree)]
    assert [name for name in mute if ".migrations" not in name] == []


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text and "find-links" not in text
    pins = re.findall(r"^[a-z0-9._-]+==\S+.*?(?=^[a-z0-9]|\Z)", text, re.M | re.S)
    assert pins and all("--hash=sha256:" in pin for pin in pins)


def test_what_is_made_here_stays_here() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert [name for name in NEVER_COMMITTED if name not in ignored] == []
    made = [
        path.name
        for path in list_tracked()
        if path.suffix in (".mo", ".pyc") or path.name in ("uv.lock", "pylock.toml")
    ]
    assert made == []


def test_no_word_of_where_this_was_built() -> None:
    told = {}
    for path in list_tracked():
        if path == Path(__file__).resolve() or path.suffix in (".png", ".parquet"):
            continue
        found = WORKPLACE.findall(path.read_text(encoding="utf-8", errors="replace"))
        if found:
            told[str(path.relative_to(ROOT))] = found
    assert told == {}
