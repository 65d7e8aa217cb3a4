"""A card as an Excel workbook: what a person reads and signs, one line for each class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from creditfactory.scoring import read_card


def write_workbook(card: dict[str, Any], out: Path) -> None:
    """One sheet a person can read and sign: each class with its points, evidence, share, bad rate and reason."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    read = read_card(card)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "card"
    sheet.append(["label", "class", "points", "weight of evidence", "share", "bad rate", "reason"])
    for question in read.characteristics:
        for name, bin_ in question.classes:
            row = [question.label, name, bin_.points, bin_.woe, bin_.share, bin_.bad_rate, bin_.reason]
            sheet.append([_as_text(cell) for cell in row])
    sheet.append(["points at the start", "", read.intercept_points])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFG", (28, 28, 10, 20, 10, 10, 28), strict=True):
        sheet.column_dimensions[letter].width = width
    facts = book.create_sheet("facts")
    for name in ("name", "version", "target", "method", "pdo", "base_points", "base_odds"):
        facts.append([name, _as_text(card.get(name))])
    for group in ("calibration", "sample"):
        for name, value in (card.get(group) or {}).items():
            facts.append([f"{group}: {name}", _as_text(value)])
    book.save(out)


def _as_text(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + value if isinstance(value, str) and value[:1] in "=+-@" else value
