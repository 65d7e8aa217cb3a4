"""Nothing is leant on in silence: each dependency is declared, locked, explained, and used."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.house.source import ROOT, each_import, each_module

NAMED_NOT_IMPORTED = {
    "granian": "a program that the supervisor starts",
    "django-htmx": "an application in Django's settings",
    "tzdata": "data that the time zones are read from",
    "whitenoise": "a middleware in Django's settings",
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")  # type: ignore[index]


RUN = [name_of(one) for one in PROJECT["dependencies"]]
DEVELOP = [name_of(one) for one in PROJECT["optional-dependencies"]["dev"]]
SPARK = [name_of(one) for one in PROJECT["optional-dependencies"]["spark"]]
SPARK_LOCK = (ROOT / "requirements-spark.lock").read_text(encoding="utf-8")
DISTRIBUTIONS = {
    module: {name.lower().replace("_", "-") for name in names} for module, names in packages_distributions().items()
}


def list_imported() -> set[str]:
    """The distributions behind what the source imports; those of Python itself left out."""
    asked = {name.partition(".")[0] for _, _, tree in each_module() for name in each_import(tree)}
    asked -= {*sys.stdlib_module_names, "creditfactory"}
    return {name for module in asked for name in DISTRIBUTIONS.get(module, {f"unknown: {module}"})}


def test_what_is_imported_is_declared() -> None:
    allowed = {*RUN, *SPARK, "psycopg-binary", "psycopg-pool", *(f"unknown: {name}" for name in SPARK)}
    assert {name for name in list_imported() if name not in allowed} == set()


def test_what_is_declared_is_used() -> None:
    assert set(RUN) - list_imported() - set(NAMED_NOT_IMPORTED) == set()


@pytest.mark.parametrize("name", [*RUN, *DEVELOP, *SPARK])
def test_each_is_locked_and_explained(name: str) -> None:
    locked = re.findall(rf"^{re.escape(name)}==([^\s;]+)", SPARK_LOCK if name in SPARK else LOCK, re.M)
    assert locked, f"{name} is declared and not locked"
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {re.escape(name)} \|(.*)\|$", page, re.M)
    assert row, f"{name} has no line in docs/dependencies.md"
    columns = [column.strip() for column in row[1].split("|")]
    assert len(columns) == 4 and all(columns)
    assert columns[2] == " / ".join(locked), f"docs/dependencies.md has another version of {name} than the lock"


def test_the_page_explains_nothing_that_is_gone() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| ([a-z][\w.-]*) \|", page, re.M)) - {"dependency"}
    assert told == {*RUN, *DEVELOP, *SPARK}


def test_the_lock_for_spark_only_adds_to_the_other() -> None:
    wanted = re.compile(r"^([\w.-]+)==([^\s;]+)", re.M)
    assert set(wanted.findall(LOCK)) <= set(wanted.findall(SPARK_LOCK))
