"""A wall that nobody has run into may be painted: each contract refuses a violation planted in a copy of the house."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT

WALLS = configparser.ConfigParser()
WALLS.read(ROOT / ".importlinter", encoding="utf-8")
CONTRACTS = {part.split(":")[2]: WALLS[part]["name"] for part in WALLS.sections() if part.count(":") == 2}
PLANTS = [
    ("river", {"kernel/planted.py": "import creditfactory.loan"}),
    ("river", {"oddments/__init__.py": ""}),
    ("river", {"interest/planted.py": "import creditfactory.ledger"}),
    ("river", {"gateways/planted.py": "import creditfactory.records"}),
    ("river", {"stations/planted.py": "from creditfactory import consoles"}),
    ("river", {"decision/planted.py": "def late():\n    from creditfactory.loan import build_schedule"}),
    ("circles", {"loan/planted.py": "from creditfactory.loan import planted_too",
                 "loan/planted_too.py": "import creditfactory.loan.planted"}),
    ("pure", {"decision/planted.py": "import httpx"}),
    ("pure", {"kernel/planted.py": "import random"}),
    ("pure", {"labels/planted.py": "from django.db import models"}),
    ("pure", {"portfolio/planted.py": "import socket"}),
    ("pure", {"backtest/planted.py": "import random"}),
    ("tables", {"stations/planted.py": "from creditfactory.records.tables import Application"}),
    ("tables", {"service/planted.py": "import creditfactory.records.tables.money"}),
    ("database", {"consoles/planted.py": "import psycopg"}),
    ("database", {"batches/planted.py": "import procrastinate"}),
    ("web", {"stations/planted.py": "from django.db import connection"}),
    ("lab", {"lab/planted.py": "import creditfactory.decision"}),
    ("world", {"world/planted.py": "import creditfactory.scoring"}),
]  # fmt: skip
CLOCK_AND_CHANCE = [
    ("from datetime import date\n\nTODAY = date.today()\n", "DTZ011"),
    ("from datetime import date\n\nTODAY = date.today()\n", "TID251"),
    ("from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n", "TID251"),
    ("import time\n\nNOW = time.time()\n", "TID251"),
    ("import random\n\nDRAW = random.random()\n", "TID251"),
    ("import numpy as np\n\nDRAW = np.random.default_rng(1)\n", "TID251"),
    ("from uuid import uuid4\n\nNAME = uuid4()\n", "TID251"),
    ("import secrets\n\nTOKEN = secrets.token_hex()\n", "TID251"),
    ("import os\n\nDEBT = os.environ\n", "TID251"),
]
PURE_ROOMS = [
    "kernel",
    "interest",
    "ledger",
    "rules",
    "application",
    "channel",
    "identity",
    "network",
    "labels",
    "scoring",
    "decision",
    "funding",
    "loan",
    "portfolio",
    "collection",
    "backtest",
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with the files that configure its checks."""
    root = tmp_path_factory.mktemp("house")
    shutil.copytree(PACKAGE, root / "src" / "creditfactory", ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    for name in (".importlinter", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    return root


@contextmanager
def planted(house: Path, files: dict[str, str]) -> Iterator[list[str]]:
    """Files that stand in the copy for the while; each begins with a docstring, as the linter wants it."""
    paths = [house / "src" / "creditfactory" / name for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'"""Planted."""\n\n{text}\n')
    try:
        yield [str(path) for path in paths]
    finally:
        for path in paths:
            path.unlink()
            if not any(path.parent.glob("[!_]*")):
                shutil.rmtree(path.parent)


def run(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=house, env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin", "HOME": str(house)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def find_broken(house: Path) -> list[str]:
    """The names of the import contracts that do not hold in the copy."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    told = run(house, "-c", command, "--no-logo", "--cache-dir", "cache")
    assert "Contracts:" in told.stdout, told.stdout + told.stderr
    return re.findall(r"^(.*?)\s*BROKEN$", told.stdout, re.MULTILINE)


def test_the_copy_itself_keeps_every_contract(house: Path) -> None:
    assert find_broken(house) == []


@pytest.mark.parametrize(("contract", "files"), PLANTS, ids=[f"{name}-{next(iter(at))}" for name, at in PLANTS])
def test_an_import_through_a_wall_is_refused(house: Path, contract: str, files: dict[str, str]) -> None:
    with planted(house, files):
        assert CONTRACTS[contract] in find_broken(house)


def test_no_contract_is_without_a_plant() -> None:
    assert {name for name, _ in PLANTS} == set(CONTRACTS)


@pytest.mark.parametrize(
    ("text", "rule"), CLOCK_AND_CHANCE, ids=[text.split("= ")[1].strip() + rule for text, rule in CLOCK_AND_CHANCE]
)
def test_clock_and_chance_are_refused_in_every_pure_room(house: Path, text: str, rule: str) -> None:
    with planted(house, {f"{room}/planted.py": text for room in PURE_ROOMS}) as paths:
        told = run(house, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", *paths)
    refused = {Path(line.split(":")[0]).parent.name for line in told.stdout.splitlines() if f" {rule} " in line}
    assert refused == set(PURE_ROOMS)


@pytest.mark.parametrize(
    "text", ["def owe(cents):\n    return cents", "def owe(cents: dict) -> list:\n    return [cents]"]
)
def test_types_are_strict_in_pure_rooms(house: Path, text: str) -> None:
    with planted(house, {f"{room}/planted.py": text for room in ("kernel", "loan")}) as paths:
        told = run(house, "-m", "mypy", "--cache-dir", "types", "--follow-imports", "silent", *paths)
    assert told.returncode == 1
    for room in ("kernel", "loan"):
        assert re.search(rf"{room}/planted\.py:3: error: .*\[(no-untyped-def|type-arg)\]", told.stdout), told.stdout
