"""A table in plain text, as banks export it: GBK or UTF-8, commas or tabs, quotes or none."""

from __future__ import annotations

import csv
import io

from creditfactory.gateways.papers.grid import Grid, GridRow
from creditfactory.kernel import BadInput

LINES_MAX = 60_000
COLUMNS_MAX = 60
CELL_LENGTH_MAX = 2_000
SEPARATORS = ",\t;|"
ENCODINGS = ("utf-8-sig", "gb18030")


def decode_text(content: bytes, name: str) -> str:
    """The text in the first encoding that fits: UTF-8, UTF-16 with its mark, GBK with all that grew out of it."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except (UnicodeDecodeError, UnicodeError):
            continue
        if "\x00" not in text:
            return text
    raise BadInput(place=name, found="bytes that are no text", expected="an export as .xlsx, .csv or .pdf")


def open_text_grid(content: bytes, name: str) -> Grid:
    """The rows of a text export; refuses a file without bounds or with a quote that is never closed."""
    text = decode_text(content, name)
    sample = text[:20_000]
    separator = max(SEPARATORS, key=lambda sign: _fit(sample, sign))
    found: list[GridRow] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    try:
        for row in reader:
            if len(found) >= LINES_MAX:
                raise BadInput(place=name, found=f"more than {LINES_MAX:,} lines",
                               expected=f"at most {LINES_MAX:,}: hand in shorter periods one by one")  # fmt: skip
            if len(row) > COLUMNS_MAX and any(cell.strip() for cell in row[COLUMNS_MAX:]):
                raise BadInput(place=f"{name}, line {reader.line_num}", found=f"{len(row)} columns",
                               expected=f"at most {COLUMNS_MAX}")  # fmt: skip
            long = next((at for at, cell in enumerate(row) if len(cell) > CELL_LENGTH_MAX), None)
            if long is not None:
                raise BadInput(
                    place=f"{name}, line {reader.line_num}, column {long + 1}", found=f"{len(row[long]):,} characters",
                    expected=f"at most {CELL_LENGTH_MAX:,}; a quote may have been left open",
                )  # fmt: skip
            if any(cell.strip() for cell in row):
                found.append(GridRow(1, reader.line_num, tuple(row)))
    except csv.Error as fault:
        raise BadInput(
            place=f"{name}, line {reader.line_num}",
            found=f"text that is no table ({fault})",
            expected="rows and columns",
        ) from None
    return Grid(form="csv", rows=tuple(found))


def _fit(sample: str, sign: str) -> int:
    """How many lines share the commonest count of a separator, weighed by that count."""
    counts = [line.count(sign) for line in sample.splitlines() if line.strip()]
    counts = [count for count in counts if count >= 2]
    return max((counts.count(count) * count for count in set(counts)), default=0)
