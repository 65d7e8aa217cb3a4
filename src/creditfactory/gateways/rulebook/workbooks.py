"""Decision tables as Excel workbooks: a sheet a table, that a person edits; formats and comments outlive an export."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from creditfactory.kernel import BadInput
from creditfactory.rules import HIT_POLICIES, Declaration, Output, Row, Table, show_answer, texts_of

BYTES_MAX, UNPACKED_MAX, PARTS_MAX = 20_000_000, 200_000_000, 2_000
HEAD = ("table", "description", "hit policy", "owner", "from", "", "name", "meaning", "kind")
NAME_ROW, MEANING_ROW, KIND_ROW = 7, 8, 9
FIRST_ROW = 10
KEY_COLUMN = 1
FILL = PatternFill("solid", fgColor="DCE6F1")
ANSWER_FILL = PatternFill("solid", fgColor="E8F3E8")
Meanings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as it goes into a workbook: the version, since when it holds, and what its columns mean."""

    table: Table
    start: date
    meanings: Meanings


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> list[str]:
    """Write the tables into a workbook; one that is there keeps its formats, comments and other sheets.

    What could not be kept is told, a sentence each.
    """
    told: list[str] = []
    if path.exists():
        book = open_workbook(path)
    else:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
    for sheet in sheets:
        name = sheet_name(sheet.table.name)
        if name in book.sheetnames:
            told += _update(book[name], sheet)
        else:
            _fill_new(book.create_sheet(name), sheet)
    out = io.BytesIO()
    book.save(out)
    waiting = path.with_name(f".{path.name}.new")
    try:
        waiting.write_bytes(out.getvalue())
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
    return told


def sheet_name(table: str) -> str:
    """A sheet's name, which Excel keeps to 31 characters."""
    return table[:31]


def open_workbook(path: Path) -> Any:
    """Open a workbook that holds no macros and no surprises."""
    place = path.name
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise BadInput(place=str(path), found=fault.strerror or "no file", expected="an Excel workbook") from None
    check_workbook(content, place)
    try:
        return openpyxl.load_workbook(io.BytesIO(content))
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        zipfile.BadZipFile,
        SyntaxError,
    ) as fault:
        raise BadInput(
            place=place,
            found=f"a workbook that cannot be read ({str(fault)[:60]})",
            expected="one saved by Excel as .xlsx",
        ) from None


def check_workbook(content: bytes, place: str) -> None:
    """Refuse what is no .xlsx, what is locked, carries macros, or unpacks without end."""
    if len(content) > BYTES_MAX:
        raise BadInput(place=place, found=f"{len(content):,} bytes", expected=f"at most {BYTES_MAX:,}")
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise BadInput(
            place=place, found="an old .xls, or a workbook under a password", expected="a plain .xlsx without password"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
                raise BadInput(
                    place=place, found="a workbook that unpacks without end", expected="a workbook of tables"
                )
            if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
                raise BadInput(place=place, found="macros", expected="a workbook without them: save it as .xlsx")
            for part in parts:
                if part.filename.endswith((".xml", ".rels", ".vml")) and b"<!" in _head(archive, part):
                    raise BadInput(place=f"{place}: {part.filename}", found="a document type", expected="plain XML")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise BadInput(place=place, found="no .xlsx", expected="an Excel workbook, saved as .xlsx") from None


def _head(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """The beginning of a part, comments left out: where a document type would stand."""
    with archive.open(part) as opened:
        head = opened.read(4096)
    while b"<!--" in head and b"-->" in head:
        start = head.index(b"<!--")
        head = head[:start] + head[head.index(b"-->", start) + 3 :]
    return head.replace(b"<![CDATA[", b"")


def columns_of(table: Table) -> list[Declaration | Output | None]:
    """A sheet's columns: inputs, outputs, and the notes (None)."""
    return [*table.inputs, *table.outputs, None]


def _fill_new(sheet: Worksheet, given: Sheet) -> None:
    table = given.table
    _write_head(sheet, given)
    for at, row in enumerate(table.rows, start=FIRST_ROW):
        _write_row(sheet, at, row, table)
    for column, part in enumerate(columns_of(table), start=KEY_COLUMN + 1):
        name = _cell(sheet, NAME_ROW, column)
        name.font, name.fill = Font(bold=True), ANSWER_FILL if isinstance(part, Output) else FILL
        for at in (MEANING_ROW, KIND_ROW):
            sheet.cell(at, column).font = Font(italic=True, color="666666")
            sheet.cell(at, column).alignment = Alignment(wrap_text=True, vertical="top")
        longest = max(
            (len(str(sheet.cell(at, column).value or "")) for at in range(FIRST_ROW, sheet.max_row + 1)), default=0
        )
        sheet.column_dimensions[get_column_letter(column)].width = min(
            48, max(14, longest + 3, len(str(name.value)) + 3)
        )
        _add_validation(sheet, column, part)
    sheet.column_dimensions[get_column_letter(KEY_COLUMN)].width = 12
    for at in range(1, FIRST_ROW):
        sheet.cell(at, KEY_COLUMN).font = Font(bold=True, color="666666")
    sheet.freeze_panes = f"{get_column_letter(KEY_COLUMN + 1)}{FIRST_ROW}"


def _write_head(sheet: Worksheet, given: Sheet) -> None:
    table = given.table
    hit = next(name for name, letter in HIT_POLICIES.items() if letter == table.hit)
    words = " · ".join(text for text in (table.description.get("zh", ""), table.description.get("en", "")) if text)
    for at, (key, value) in enumerate(
        zip(HEAD, (table.name, words, hit, table.owner, given.start.isoformat()), strict=False), start=1
    ):
        _set(sheet, at, KEY_COLUMN, key)
        _set(sheet, at, KEY_COLUMN + 1, value)
    for at in (NAME_ROW, MEANING_ROW, KIND_ROW):
        _set(sheet, at, KEY_COLUMN, HEAD[at - 1])
    for column, part in enumerate(columns_of(table), start=KEY_COLUMN + 1):
        _set(sheet, NAME_ROW, column, "note" if part is None else part.name)
        meaning = given.meanings.get(part.name, {}) if part is not None else {"zh": "备注", "en": "a note"}
        _set(sheet, MEANING_ROW, column, "\n".join(text for text in (meaning.get("zh"), meaning.get("en")) if text))
        _set(sheet, KIND_ROW, column, describe_column(part))


def describe_column(part: Declaration | Output | None) -> str:
    """A column's type, unit and allowed values, for the person who fills it in.

    >>> describe_column(Declaration("tier", "int", minimum=1, maximum=5))
    'test · int · 1 to 5'
    """
    if part is None:
        return "text"
    told = ["answer" if isinstance(part, Output) else "test", part.type]
    if isinstance(part, Declaration):
        told += [part.unit] if part.unit else []
        if part.minimum is not None or part.maximum is not None:
            low, high = ("any" if end is None else f"{end:g}" for end in (part.minimum, part.maximum))
            told.append(f"{low} to {high}")
    if part.words:
        told.append(", ".join(part.words[:40]))
    return " · ".join(told)


def _add_validation(sheet: Worksheet, column: int, part: Declaration | Output | None) -> None:
    """What a cell may hold: a list for answers in words, a hint for tests, which may be ``-`` or ``not(…)`` as well."""
    if part is None:
        return
    words = ("true", "false") if part.type == "bool" else part.words
    listed = '"' + ",".join(words) + '"'
    rule = DataValidation(allow_blank=True, showInputMessage=True, promptTitle=part.name[:32])
    if isinstance(part, Output) and words and len(listed) <= 255 and not any("," in word for word in words):
        rule = DataValidation("list", formula1=listed, allow_blank=True, showErrorMessage=True, showInputMessage=True)
        rule.errorTitle, rule.error = part.name[:32], f"one of {', '.join(words)}"[:255]
    elif isinstance(part, Output) and part.type == "int":
        rule = DataValidation("whole", "between", "-1000000000000000", "1000000000000000", allow_blank=True)
        rule.showErrorMessage, rule.error = True, f"a whole number for {part.name}"[:255]
    example = "-  or  >= 5  or  [1..5)" if part.type in ("int", "float", "date") else '-  or  "A","B"  or  not("A")'
    rule.prompt = f"{describe_column(part)}"[:200] + ("" if isinstance(part, Output) else f"\n{example}")
    sheet.add_data_validation(rule)
    letter = get_column_letter(column)
    rule.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + 2000}")


def _write_row(sheet: Worksheet, at: int, row: Row, table: Table) -> None:
    for column, (part, text) in enumerate(zip(columns_of(table), texts_of(row), strict=True), start=KEY_COLUMN + 1):
        answer = column - KEY_COLUMN - 1 - len(table.inputs)
        value: Any = text
        cell = sheet.cell(at, column)
        if isinstance(part, Output) and part.type in ("int", "float"):
            value = row.answers[answer]
            cell.number_format = "#,##0" if part.type == "int" else "General"
        elif cell.number_format == "General":
            cell.number_format = "@"
        _set(sheet, at, column, value)


def _set(sheet: Worksheet, at: int, column: int, value: Any) -> None:
    """Put a value into a cell where it says something else; a text stays a text, also one that looks like a formula."""
    cell = sheet.cell(at, column)
    wanted = None if value == "" else value
    if cell.value == wanted and type(cell.value) is type(wanted):
        return
    cell.value = wanted
    if isinstance(wanted, str):
        cell.data_type = "s"


def _update(sheet: Worksheet, given: Sheet) -> list[str]:
    """Bring a sheet that is there up to date: each row takes its formats and comments along to where it now stands."""
    table = given.table
    width = len(columns_of(table))
    names = [sheet.cell(NAME_ROW, column).value for column in range(KEY_COLUMN + 1, KEY_COLUMN + 1 + width)]
    wanted = [*(c.name for c in table.inputs), *(o.name for o in table.outputs), "note"]
    if sheet.cell(1, KEY_COLUMN).value != HEAD[0] or names != wanted:
        raise BadInput(
            place=f"sheet {sheet.title!r}", found="other columns than the table has now", expected="a sheet with the "
            "table's columns; rename or remove it, and export again",
        )  # fmt: skip
    _write_head(sheet, given)
    old_last = _last_row(sheet, width)
    old = [_shown(sheet, at, width) for at in range(FIRST_ROW, old_last + 1)]
    new = [_expected(row, table) for row in table.rows]
    looks = [_take_look(sheet, at, width) for at in range(FIRST_ROW, old_last + 1)]
    partner = _align(old, new)
    told = [
        f"sheet {sheet.title!r}: the comment {look.comments[0]!r} went with the row it stood on"
        for i, look in enumerate(looks)
        if look.comments and i not in partner.values()
    ]
    for at in range(FIRST_ROW, max(old_last, FIRST_ROW + len(new) - 1) + 1):
        _clear(sheet, at, width)
    for j, row in enumerate(table.rows):
        i = partner.get(j)
        if i is not None:
            looks[i].put(sheet, FIRST_ROW + j, with_comments=True)
        elif looks:
            looks[min(j, len(looks) - 1)].put(sheet, FIRST_ROW + j, with_comments=False)
        _write_row(sheet, FIRST_ROW + j, row, table)
    return told


def _align(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> dict[int, int]:
    """For each new row the old one that it was, where there is one."""
    partner: dict[int, int] = {}
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag in ("equal", "replace"):
            partner |= dict(zip(range(j1, j2), range(i1, i2), strict=False))
    return partner


@dataclass(frozen=True, slots=True)
class Look:
    """How a row of a sheet looks: its cells' styles and comments, and its height."""

    styles: tuple[Any, ...]
    notes: tuple[Comment | None, ...]
    height: float | None

    @property
    def comments(self) -> list[str]:
        """What its comments say."""
        return [note.text[:60] for note in self.notes if note is not None]

    def put(self, sheet: Worksheet, at: int, *, with_comments: bool) -> None:
        """Give a row this look."""
        for column, style in enumerate(self.styles, start=KEY_COLUMN):
            _cell(sheet, at, column)._style = copy(style)  # noqa: SLF001  openpyxl's own way to copy a style
            note = self.notes[column - KEY_COLUMN]
            if with_comments and note is not None:
                sheet.cell(at, column).comment = Comment(note.text, note.author, note.height, note.width)
        if self.height is not None:
            sheet.row_dimensions[at].height = self.height


def _take_look(sheet: Worksheet, at: int, width: int) -> Look:
    cells = [_cell(sheet, at, column) for column in range(KEY_COLUMN, KEY_COLUMN + 1 + width)]
    styles = tuple(copy(cell._style) for cell in cells)  # noqa: SLF001
    return Look(styles, tuple(cell.comment for cell in cells), sheet.row_dimensions[at].height)


def _cell(sheet: Worksheet, at: int, column: int) -> Any:
    """A cell with all that openpyxl keeps in it."""
    return sheet.cell(at, column)


def _clear(sheet: Worksheet, at: int, width: int) -> None:
    for column in range(KEY_COLUMN + 1, KEY_COLUMN + 1 + width):
        cell = _cell(sheet, at, column)
        cell.value, cell.comment = None, None
    sheet.row_dimensions[at].height = None


def _last_row(sheet: Worksheet, width: int) -> int:
    last = FIRST_ROW - 1
    for at in range(FIRST_ROW, sheet.max_row + 1):
        if any(sheet.cell(at, column).value is not None for column in range(KEY_COLUMN + 1, KEY_COLUMN + 1 + width)):
            last = at
    return last


def _shown(sheet: Worksheet, at: int, width: int) -> tuple[str, ...]:
    values = (sheet.cell(at, column).value for column in range(KEY_COLUMN + 1, KEY_COLUMN + 1 + width))
    return tuple("" if value is None else str(value) for value in values)


def _expected(row: Row, table: Table) -> tuple[str, ...]:
    answers = tuple(
        str(answer) if output.type in ("int", "float") else show_answer(answer)
        for answer, output in zip(row.answers, table.outputs, strict=True)
    )
    return (*(cell.text for cell in row.cells), *answers, row.note)
