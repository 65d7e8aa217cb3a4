"""A PDF's words and tables, read in a process of its own with bounds on time and memory; knows nothing of the house.

Reads the file from standard input and writes one JSON object: ``rows`` of cells with their places, or a ``fault``.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import warnings
from typing import Any

MEMORY_BYTES_MAX = 1_600_000_000
SECONDS_MAX = 60
PAGES_MAX = 150
CHARACTERS_MAX = 3_000_000
GAP_POINTS = 4.5
LINE_POINTS = 3.0
LOCKED = frozenset({"PDFPasswordIncorrect", "PDFEncryptionError"})
"""How the reader beneath pdfplumber names what it cannot open without a password."""


def bound_itself() -> None:
    """Let the system end this process before it takes more than a paper needs."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))


def read_pages(content: bytes) -> dict[str, Any]:
    """The rows of every page from the top down: cells of drawn tables, and words that stand apart as cells."""
    import pdfplumber
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(io.BytesIO(content)) as paper:
            count = len(paper.pages)
            if count > PAGES_MAX:
                return {"fault": [f"{count} pages", f"at most {PAGES_MAX}: hand in shorter periods one by one"]}
            rows: list[list[Any]] = []
            characters = 0
            for page in paper.pages:
                characters += len(page.chars)
                if characters > CHARACTERS_MAX:
                    return {"fault": ["far more text than a statement holds", "the statement's own pages"]}
                rows += read_page(page)
                page.close()
            if not characters:
                return {"fault": ["pages without text: a scan or a photograph", "the bank's own file with its text"]}
            about = {key: str(value)[:200] for key, value in (paper.metadata or {}).items()}
    except PdfminerException as fault:
        if any(type(cause).__name__ in LOCKED for cause in fault.args):
            return {"fault": ["a PDF locked with a password", "the same file without a password"]}
        return {"fault": ["a PDF that is cut short or broken", "a whole PDF"]}
    return {
        "rows": rows, "pages": count, "about": about, "endings": content.count(b"%%EOF"),
        "is_linear": b"/Linearized" in content[:2048],
    }  # fmt: skip


def read_page(page: Any) -> list[list[Any]]:
    """The rows of one page: ``[page, cells]``, a cell ``[text, left, right]``."""
    tables = [table for table in page.find_tables() if len(table.rows) > 1 and len(table.rows[0].cells) > 2]
    found: list[tuple[float, list[list[Any]]]] = []
    for table in tables:
        for row, texts in zip(table.rows, table.extract(), strict=True):
            drawn = [(text, box) for text, box in zip(texts, row.cells, strict=True) if box]
            if drawn:
                cells = [[(text or "").replace("\n", ""), box[0], box[2]] for text, box in drawn]
                found.append((drawn[0][1][1], cells))
    words = [
        word for word in page.extract_words(x_tolerance=1.5, keep_blank_chars=False)
        if not any(box[0] <= (word["x0"] + word["x1"]) / 2 <= box[2] and box[1] <= word["top"] <= box[3]
                   for box in (table.bbox for table in tables))
    ]  # fmt: skip
    found += gather_lines(words)
    return [[page.page_number, cells] for _, cells in sorted(found, key=lambda row: row[0])]


def gather_lines(words: list[dict[str, Any]]) -> list[tuple[float, list[list[Any]]]]:
    """Words on one height are a line; those close together are one cell."""
    lines: list[tuple[float, list[dict[str, Any]]]] = []
    for word in sorted(words, key=lambda w: (w["top"], w["x0"])):
        if lines and abs(lines[-1][0] - word["top"]) <= LINE_POINTS:
            lines[-1][1].append(word)
        else:
            lines.append((word["top"], [word]))
    found = []
    for top, line in lines:
        cells: list[list[Any]] = []
        for word in sorted(line, key=lambda w: w["x0"]):
            if cells and word["x0"] - cells[-1][2] <= GAP_POINTS:
                gap = " " if word["x0"] - cells[-1][2] > 1.5 else ""
                cells[-1] = [cells[-1][0] + gap + word["text"], cells[-1][1], word["x1"]]
            else:
                cells.append([word["text"], word["x0"], word["x1"]])
        found.append((top, cells))
    return found


def main() -> int:
    """Read, answer, and never show a trace: what cannot be read is said."""
    bound_itself()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        answer = read_pages(sys.stdin.buffer.read())
    except (MemoryError, RecursionError):
        answer = {"fault": ["a PDF that unfolds without end", "a plain PDF as the bank sends it"]}
    except Exception as fault:  # noqa: BLE001  whatever a hostile file does, the answer is a sentence
        answer = {"fault": [f"a PDF that cannot be read ({type(fault).__name__})", "a sound PDF"]}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
