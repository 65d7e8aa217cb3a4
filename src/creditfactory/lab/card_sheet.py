"""A card as an Excel workbook: what a person reads and signs, class by class, with all that lies in its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from creditfactory.lab.cards import read_bands
from creditfactory.lab.folder import SAMPLES, CardFolder

ROWS_HEAD = ("label", "class", "points", "weight of evidence", "share", "bad rate", "reason")
FEATURE_TEXTS = ("definition", "as_of")
FEATURE_CODES = ("source", "unit", "polarity", "reason")
FACTS = ("name", "version", "target", "method", "role", "pdo", "base_points", "base_odds")
WIDTH_MIN, WIDTH_MAX = 10, 60
BROKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_workbook(folder: CardFolder, out: Path) -> None:
    """Five sheets: the card's classes, its facts, what it asks in both languages, its figures, its golden applicants.

    No cell is a formula: a text that a spreadsheet would take for one is kept as text.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in (
        ("card", _list_classes(folder)), ("facts", _list_facts(folder)), ("features", _list_features(folder)),
        ("performance", _list_performance(folder)), ("golden", _list_golden(folder)),
    ):  # fmt: skip
        sheet = book.create_sheet(title)
        widths: dict[int, int] = {}
        for row in rows:
            cells = [_as_cell(value) for value in row]
            sheet.append(cells)
            for at, cell in enumerate(cells, start=1):
                widths[at] = max(widths.get(at, WIDTH_MIN), len(str(cell or "")) + 2)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for at, width in widths.items():
            sheet.column_dimensions[get_column_letter(at)].width = min(width, WIDTH_MAX)
    book.save(out)


def _list_classes(folder: CardFolder) -> Iterable[Sequence[Any]]:
    yield ROWS_HEAD
    for question in folder.card.characteristics:
        for name, bin_ in question.classes:
            yield question.label, name, bin_.points, bin_.woe, bin_.share, bin_.bad_rate, bin_.reason
    yield "points at the start", "", folder.card.intercept_points


def _list_facts(folder: CardFolder) -> Iterable[Sequence[Any]]:
    yield "fact", "value", "zh"
    for name in FACTS:
        yield name, folder.raw.get(name)
    yield "owner", folder.owner
    for name, told in (("purpose", folder.purpose), *(("limit", limit) for limit in folder.limits)):
        yield name, *((told.get("en"), told.get("zh")) if isinstance(told, Mapping) else (told, None))
    for group in ("calibration", "sample"):
        for name, value in (folder.raw.get(group) or {}).items():
            yield f"{group}: {name}", value


def _list_features(folder: CardFolder) -> Iterable[Sequence[Any]]:
    yield "label", *(f"{name}, {tongue}" for name in FEATURE_TEXTS for tongue in ("zh", "en")), *FEATURE_CODES
    for question in folder.card.characteristics:
        told = folder.features.get(question.label, {})
        both = [
            text.get(tongue) if isinstance(text := told.get(name), Mapping) else None
            for name in FEATURE_TEXTS
            for tongue in ("zh", "en")
        ]
        yield question.label, *both, *(told.get(name) for name in FEATURE_CODES)


def _list_performance(folder: CardFolder) -> Iterable[Sequence[Any]]:
    yield "figure", *SAMPLES
    told = folder.raw.get("performance") or {}
    samples = [dict(_flatten(told.get(name) or {})) for name in SAMPLES]
    for name in dict.fromkeys(name for sample in samples for name in sample):
        yield name, *(sample.get(name) for sample in samples)
    if "bands" not in told:
        return
    bands = read_bands(told["bands"], place=f"{folder.place}: card.json: performance.bands")
    names = ("share in all",) if not bands.cuts else (f"share below {bands.cuts[0]} points",)
    yield from zip((*names, *(f"share from {cut} points" for cut in bands.cuts)), bands.shares, strict=True)


def _list_golden(folder: CardFolder) -> Iterable[Sequence[Any]]:
    labels = [question.label for question in folder.card.characteristics]
    yield *labels, "points", "probability"
    for one in folder.golden:
        known = one.get("labels") or {}
        yield *(known.get(label) for label in labels), one.get("points"), one.get("probability")


def _flatten(told: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{before}{name}: ")
        else:
            yield f"{before}{name}", value


def _as_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula, and that every one can read."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = BROKEN.sub("", value if isinstance(value, str) else str(value))
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
