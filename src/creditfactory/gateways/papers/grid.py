"""What every form of file becomes before it is understood: rows of cells that know their place on the paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from creditfactory.gateways.papers.cells import CellValue, tidy
from creditfactory.kernel import Reason


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row: its sheet or page (from 1), its number there (from 1), and its cells."""

    page: int
    number: int
    cells: tuple[CellValue, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells as tidy text."""
        return tuple(tidy(cell) for cell in self.cells)

    @property
    def is_empty(self) -> bool:
        """Nothing in any cell."""
        return not any(self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A file opened: its rows in order, what it is, and what it says of how it was made."""

    form: str
    rows: tuple[GridRow, ...]
    sheets: tuple[str, ...] = ()
    pages: int = 1
    producer: str | None = None
    made_at: datetime | None = None
    changed_at: datetime | None = None
    findings: tuple[Reason, ...] = field(default=())

    def place(self, row: GridRow, column: int | None = None) -> str:
        """Where a cell is, in the words of its form: ``Sheet1!D7``, ``line 7, column 4``, ``page 2, row 7``."""
        if self.form == "xlsx":
            from openpyxl.utils import get_column_letter

            sheet = self.sheets[row.page - 1] if row.page <= len(self.sheets) else f"sheet {row.page}"
            return f"{sheet}!{get_column_letter(column + 1) if column is not None else 'row '}{row.number}"
        at = f"page {row.page}, row {row.number}" if self.form == "pdf" else f"line {row.number}"
        return at if column is None else f"{at}, column {column + 1}"
