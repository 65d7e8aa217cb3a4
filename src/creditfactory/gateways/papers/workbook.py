"""An Excel workbook opened with care: nothing in it is run, nothing unpacked without bounds."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import UTC, datetime
from typing import Any

from creditfactory.gateways.papers.grid import Grid, GridRow
from creditfactory.kernel import BadInput, Reason

UNPACKED_BYTES_MAX = 40_000_000
PARTS_MAX = 300
RATIO_MAX = 200
RATIO_FROM_BYTES = 1_000_000
ROWS_MAX = 60_000
COLUMNS_MAX = 60
SHEETS_MAX = 12
ERRORS = "a cell with an error"
HAND_MADE = re.compile(r"Microsoft (?:Macintosh )?Excel|WPS|LibreOffice|OpenOffice|Numbers|永中", re.IGNORECASE)
"""Programs that a person works in; a bank's own export is written by none of them."""


def open_workbook_grid(content: bytes, name: str) -> Grid:
    """Every sheet's rows. Refuses a bomb, a password, macros, links to elsewhere, and cells that are formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive, name)
            program = _read_program(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise BadInput(
            place=name, found="an Excel file that is cut short or broken", expected="a whole .xlsx"
        ) from None
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except Exception as fault:  # noqa: BLE001  whatever a hostile file does, the answer is a sentence
        raise BadInput(
            place=name, found=f"a workbook that cannot be read ({type(fault).__name__})", expected="a sound .xlsx"
        ) from None
    try:
        return _read_book(book, name, program)
    except BadInput:
        raise
    except Exception as fault:  # noqa: BLE001  whatever a hostile file does, the answer is a sentence
        raise BadInput(
            place=name, found=f"a workbook that cannot be read ({type(fault).__name__})", expected="a sound .xlsx"
        ) from None
    finally:
        book.close()


def _check_archive(archive: zipfile.ZipFile, name: str) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > PARTS_MAX:
        raise BadInput(place=name, found=f"{len(parts)} parts packed in it", expected=f"at most {PARTS_MAX}")
    if any(part.flag_bits & 1 for part in parts):
        raise BadInput(place=name, found="a file locked with a password", expected="the same file without a password")
    if sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX or any(
        part.file_size > RATIO_FROM_BYTES and part.file_size > RATIO_MAX * max(1, part.compress_size) for part in parts
    ):
        raise BadInput(
            place=name, found="far more packed in it than a statement holds",
            expected=f"at most {UNPACKED_BYTES_MAX // 1_000_000} MB unpacked; save the statement's own sheet only",
        )  # fmt: skip
    if "xl/workbook.xml" not in names:
        raise BadInput(place=name, found="a packed file that is no Excel workbook", expected="an .xlsx workbook")
    if any("vbaProject" in part or part.startswith("xl/macrosheets") for part in names):
        raise BadInput(place=name, found="macros in it", expected="a workbook without macros: save it as .xlsx")
    if any(part.startswith("xl/externalLinks") for part in names):
        raise BadInput(place=name, found="links to other files", expected="a workbook that stands by itself")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            _check_markup(archive, part, name)


def _check_markup(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """No part may declare a document type: that is how a small file grows without end."""
    tail, read = b"", 0
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 16):
            read += len(chunk)
            if b"<!DOCTYPE" in tail + chunk or b"<!ENTITY" in tail + chunk or read > UNPACKED_BYTES_MAX:
                raise BadInput(place=name, found="declarations that no statement needs", expected="a plain workbook")
            tail = chunk[-16:]


def _read_program(archive: zipfile.ZipFile) -> str | None:
    """The program that wrote the file, as the file itself says."""
    try:
        text = archive.read("docProps/app.xml").decode("utf-8", "replace")
    except KeyError:
        return None
    found = re.search(r"<Application>([^<]{1,80})</Application>", text)
    return found.group(1) if found else None


def _read_book(book: Any, name: str, program: str | None) -> Grid:
    sheets = book.worksheets[: SHEETS_MAX + 1]
    if len(sheets) > SHEETS_MAX:
        raise BadInput(place=name, found=f"more than {SHEETS_MAX} sheets", expected="the statement's own sheet only")
    rows: list[GridRow] = []
    for page, sheet in enumerate(sheets, start=1):
        if sheet.sheet_state != "visible":
            continue
        rows += _read_sheet(sheet, page, name, ROWS_MAX - len(rows))
    made, changed = _instant(book.properties.created), _instant(book.properties.modified)
    findings = []
    if program and HAND_MADE.search(program):
        findings.append(Reason("PAP-NOT-BANK-EXPORT", {"program": program[:60]}))
    if made and changed and (changed - made).total_seconds() > 60:
        findings.append(Reason("PAP-EDITED", {"minutes": int((changed - made).total_seconds() // 60)}))
    return Grid(
        form="xlsx", rows=tuple(rows), sheets=tuple(sheet.title for sheet in sheets), pages=len(sheets),
        producer=(program or book.properties.creator or None), made_at=made, changed_at=changed,
        findings=tuple(findings),
    )  # fmt: skip


def _read_sheet(sheet: Any, page: int, name: str, room: int) -> list[GridRow]:
    from openpyxl.utils import get_column_letter

    found: list[GridRow] = []
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS_MAX), start=1):
        if number > ROWS_MAX or len(found) > room:
            raise BadInput(place=f"{name}, {sheet.title}", found=f"more than {ROWS_MAX:,} rows",
                           expected=f"at most {ROWS_MAX:,}: hand in shorter periods one by one")  # fmt: skip
        cells = []
        for column, cell in enumerate(row, start=1):
            if cell.data_type == "f" or cell.data_type == "e":
                at = f"{sheet.title}!{get_column_letter(column)}{number}"
                what = f"a formula ({str(cell.value)[:40]})" if cell.data_type == "f" else f"the error {cell.value}"
                raise BadInput(place=at, found=what, expected="a value, as a bank writes it")
            cells.append(cell.value)
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            found.append(GridRow(page, number, tuple(cells)))
    return found


def _instant(at: Any) -> datetime | None:
    """An instant of the file's own notes; one that lies in no possible time is none."""
    if not isinstance(at, datetime) or not 1990 <= at.year <= 2100:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
