"""What a rulebook's files say beside what they decide: descriptions, owners, sources of each day's value, reviews."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from creditfactory.decision import Note
from creditfactory.gateways.rulebook.files import find_folder, list_files, read_day, read_yaml
from creditfactory.gateways.rulebook.loading import default_folder
from creditfactory.kernel import BadInput
from creditfactory.rules import read_declarations

DESCRIBED = ("policy/", "tables/", "strategies/")


def read_notes(pack_or_folder: str | Path) -> dict[str, Note]:
    """The notes of every file of a pack by the name of what it decides; a file that cannot be read has none."""
    notes = {}
    for place, path in list_files(find_folder(pack_or_folder, default_folder())).items():
        if not place.endswith(".yaml") or not (place.startswith(DESCRIBED) or place == "line.yaml"):
            continue
        with suppress(BadInput):
            note = _read_note(place, read_yaml(path, place))
            notes[note.name] = note
    return notes


def _read_note(place: str, raw: Mapping[str, Any]) -> Note:
    given = raw.get("description")
    description = {str(k): str(v) for k, v in given.items()} if isinstance(given, Mapping) else {}
    return Note(
        name="line.yaml" if place == "line.yaml" else Path(place).stem,
        place=place,
        description=description,
        owner=str(raw.get("owner", "")),
        references=_read_references(place, raw.get("reference")),
        review_by=_day(place, raw.get("review_by")),
    )


def _read_references(place: str, given: Any) -> dict[date, tuple[str, str]]:
    found = {}
    for key, source in given.items() if isinstance(given, Mapping) else ():
        day = _day(place, key)
        if day is not None and isinstance(source, Mapping):
            found[day] = (str(source.get("title", "")), str(source.get("href", "")))
    return found


def _day(place: str, value: Any) -> date | None:
    with suppress(BadInput):
        return read_day(value, place)
    return None


def read_declared(pack: Path) -> dict[str, dict[str, Any]]:
    """What a pack's own ``labels.yaml`` says of each label, as it is written; checked as a declaration."""
    raw = read_yaml(pack / "labels.yaml", "labels.yaml")
    read_declarations(raw, place="labels.yaml")
    return raw
