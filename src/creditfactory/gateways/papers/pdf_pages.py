"""PDFs: read apart, their words put under the headings that they stand below, their marks of editing named."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from creditfactory.gateways.papers.grid import Grid, GridRow
from creditfactory.gateways.papers.headings import (
    INVOICE_HEADINGS,
    STATEMENT_HEADINGS,
    is_invoice_heading,
    is_statement_heading,
    match_headings,
)
from creditfactory.kernel import BadInput, Reason

READER = Path(__file__).with_name("pdf_apart.py")
SECONDS_MAX = 90
NOTE_POINTS = 150
EDITORS = re.compile(
    r"Photoshop|Illustrator|Acrobat|Microsoft|Word|WPS|Excel|LibreOffice|OpenOffice|Foxit (?:PDF )?(?:Editor|Phantom)|"
    r"PDF-?XChange|iLovePDF|Sejda|PDFescape|Canva|Smallpdf|PDFsam|Nitro|福昕|迅捷|万兴|CorelDRAW|Inkscape|GIMP",
    re.IGNORECASE,
)
"""Programs in which a person changes a paper; a bank's own engine is none of them."""
PRINTED = re.compile(r"Skia|Quartz|Chrom|Print to PDF|CUPS|GPL Ghostscript", re.IGNORECASE)
"""Programs that print a page as a PDF: somebody saw it on a screen first."""
_STAMP = re.compile(r"D?:?([0-9]{14})(?:([+-])([0-9]{2})'?([0-9]{2})'?|Z)?")
Cells = Sequence[Sequence[Any]]


def open_pdf_grid(content: bytes, name: str) -> Grid:
    """Every page's rows. The file is read in a process of its own, which ends before it takes too much."""
    try:
        ended = subprocess.run(
            [sys.executable, "-I", str(READER)], input=content, capture_output=True, timeout=SECONDS_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        raise BadInput(place=name, found="a PDF that takes too long to read", expected="a plain PDF") from None
    try:
        told: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        raise BadInput(
            place=name,
            found="a PDF that takes more room or time than a paper needs",
            expected="a plain PDF as the bank sends it",
        ) from None
    if "fault" in told:
        raise BadInput(place=name, found=told["fault"][0], expected=told["fault"][1])
    about = {key.casefold(): value for key, value in told["about"].items()}
    made, changed = _read_stamp(about.get("creationdate")), _read_stamp(about.get("moddate"))
    program = " · ".join(dict.fromkeys(about[key] for key in ("creator", "producer") if about.get(key)))
    return Grid(
        form="pdf", rows=_put_below_headings(told["rows"]), pages=told["pages"], producer=program[:120] or None,
        made_at=made, changed_at=changed,
        findings=_find_marks(program, made, changed, told["endings"] - (2 if told["is_linear"] else 1)),
    )  # fmt: skip


def _find_marks(
    program: str, made: datetime | None, changed: datetime | None, later_savings: int
) -> tuple[Reason, ...]:
    found = []
    edited = EDITORS.search(program)
    if edited:
        found.append(Reason("PAP-EDITED", {"program": program[:60]}))
    elif later_savings > 0:
        found.append(Reason("PAP-EDITED", {"savings": later_savings}))
    elif made and changed and changed - made > timedelta(seconds=60):
        found.append(Reason("PAP-EDITED", {"minutes": int((changed - made).total_seconds() // 60)}))
    if PRINTED.search(program):
        found.append(Reason("PAP-NOT-BANK-EXPORT", {"program": program[:60]}))
    return tuple(found)


def _read_stamp(text: str | None) -> datetime | None:
    """An instant as PDFs write it; None for one that cannot be.

    >>> _read_stamp("D:20260105093000+08'00'")
    datetime.datetime(2026, 1, 5, 1, 30, tzinfo=datetime.timezone.utc)
    """
    found = _STAMP.match(text or "")
    if not found:
        return None
    try:
        at = datetime.strptime(found.group(1), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if found.group(2):
            shift = timedelta(hours=int(found.group(3)), minutes=int(found.group(4)))
            at = at.replace(tzinfo=timezone(shift if found.group(2) == "+" else -shift)).astimezone(UTC)
    except ValueError:
        return None
    return at if 1990 <= at.year <= 2100 else None


def _put_below_headings(rows: Sequence[Sequence[Any]]) -> tuple[GridRow, ...]:
    """Rows whose cells stand in the columns of the headings above them; numbered from 1 on each page."""
    found: list[GridRow] = []
    heading: Cells | None = None
    number = page_before = 0
    for page, cells in rows:
        number = 1 if page != page_before else number + 1
        page_before = page
        texts = tuple(str(cell[0]) for cell in cells)
        row = GridRow(page, number, texts)
        if _is_heading(row):
            heading = cells
        elif heading is not None and _is_below(cells, heading):
            row = GridRow(page, number, _place_cells(cells, heading))
        found.append(row)
    return tuple(found)


def _is_heading(row: GridRow) -> bool:
    return is_statement_heading(match_headings(row, STATEMENT_HEADINGS)) or is_invoice_heading(
        match_headings(row, INVOICE_HEADINGS)
    )


def _is_below(cells: Cells, heading: Cells) -> bool:
    """Whether a row's cells are to be put below the headings: several of them, or one that is no whole sentence."""
    if len(cells) == 1:
        return bool(cells[0][2] - cells[0][1] < NOTE_POINTS)
    return len(cells) != len(heading)


def _place_cells(cells: Cells, heading: Cells) -> tuple[str, ...]:
    """Each cell in the column whose heading it overlaps most, else in the nearest."""
    placed = [""] * len(heading)
    for text, left, right in cells:
        overlaps = [min(right, h[2]) - max(left, h[1]) for h in heading]
        best = max(range(len(heading)), key=lambda at: overlaps[at])
        placed[best] = f"{placed[best]} {text}".strip()
    return tuple(placed)
