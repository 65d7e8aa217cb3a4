"""What the documents promise: each command they show gives what they show, and each link leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOWN = ("README.md", "docs/tour.md", "docs/exchange.md")
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")})
ELISION = "…"


def read_sessions() -> list[tuple[str, str, str]]:
    """Document and line, command and output of every ``console`` block; blocks marked ``text`` are not run."""
    sessions: list[tuple[str, str, str]] = []
    for name in SHOWN:
        text = (ROOT / name).read_text(encoding="utf-8")
        for block in re.finditer(r"^```console\n(.*?)^```", text, re.M | re.S):
            line = text.count("\n", 0, block.start()) + 2
            for part in re.split(r"^\$ ", block.group(1), flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                while command.endswith("\\"):
                    more, _, output = output.partition("\n")
                    command = f"{command[:-1]}{more.strip()}"
                sessions.append((f"{name}:{line}", command, output))
    return sessions


SESSIONS = read_sessions()


@pytest.mark.parametrize(("place", "command", "output"), SESSIONS, ids=[f"{s[0]} {s[1][:50]}" for s in SESSIONS])
def test_a_command_gives_what_the_document_shows(place: str, command: str, output: str) -> None:
    tools = (
        f'creditfactory() {{ "{sys.executable}" -m creditfactory "$@"; }}; python() {{ "{sys.executable}" "$@"; }}; '
    )
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        ["bash", "-c", f"{tools}{{ {command}\n}} 2>&1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    expected = re.escape(output.strip()).replace(re.escape(ELISION), ".*?")
    assert re.fullmatch(expected, ran.stdout.strip(), re.S), f"{place}: $ {command}\n{ran.stdout}"


def test_there_is_something_to_try() -> None:
    assert len(SESSIONS) >= 8


def slug(heading: str) -> str:
    """A heading's anchor, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def find_anchors(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    headings = {slug(re.sub(r"[`*]", "", h)) for h in re.findall(r"^#+ (.+)$", text, re.M)}
    return headings | set(re.findall(r'<a id="([^"]+)"', text))


@pytest.mark.parametrize("path", DOCUMENTS, ids=[str(p.relative_to(ROOT)) for p in DOCUMENTS])
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{path.name} leads to {target}, which is not there"
        assert not anchor or found.suffix != ".md" or anchor in find_anchors(found), f"{path.name}: no anchor {target}"


def test_every_source_the_rulebook_names_is_there() -> None:
    named = {
        reference
        for file in (ROOT / "rulebook").rglob("*.yaml")
        for reference in re.findall(r"href: ([^\s},]+)", file.read_text(encoding="utf-8"))
    }
    assert named
    for reference in sorted(named):
        file, _, anchor = reference.partition("#")
        assert (ROOT / file).is_file(), f"the rulebook names {reference}; {file} is not there"
        assert not anchor or anchor in find_anchors(ROOT / file), f"the rulebook names {reference}; no such anchor"


def test_documents_speak_of_the_product_alone() -> None:
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(work|tmp|root|home)/", text), f"{path.name} names a path of one machine"
