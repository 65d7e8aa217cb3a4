"""A file opened by what it is, not by what it is called; whatever could do harm is refused in one kind sentence."""

from __future__ import annotations

import json
import re
from typing import Any

from creditfactory.gateways.papers.grid import Grid
from creditfactory.gateways.papers.text_table import decode_text, open_text_grid
from creditfactory.gateways.papers.workbook import open_workbook_grid
from creditfactory.kernel import BadInput

BYTES_MAX = 10_000_000
SIGNS = (
    (b"PK\x03\x04", "xlsx"), (b"%PDF", "pdf"), (b"\xd0\xcf\x11\xe0", "old"), (b"\xff\xd8\xff", "picture"),
    (b"\x89PNG", "picture"), (b"GIF8", "picture"), (b"II*\x00", "picture"), (b"MM\x00*", "picture"),
    (b"Rar!", "archive"), (b"7z\xbc\xaf", "archive"), (b"\x1f\x8b", "archive"), (b"MZ", "program"),
    (b"\x7fELF", "program"),
)  # fmt: skip
ENDINGS = {"xlsx": (".xlsx",), "pdf": (".pdf",), "csv": (".csv", ".txt", ".tsv", ".xls"), "json": (".json", ".txt"),
           "xml": (".xml",)}  # fmt: skip
KIND_WORDS = {
    "old": ("an old .xls file, or a workbook with a password", "an .xlsx, .csv or .pdf without a password"),
    "picture": ("a picture", "the bank's own file: .xlsx, .csv or .pdf; photographs go with the identity papers"),
    "archive": ("a packed archive", "the paper itself: .xlsx, .csv, .pdf, .xml or .json"),
    "program": ("a program", "a paper: .xlsx, .csv, .pdf, .xml or .json"),
}


def tell_form(content: bytes, name: str) -> str:
    """What a file is: ``xlsx``, ``pdf``, ``csv``, ``xml`` or ``json``; anything else, or a false name, is refused.

    >>> tell_form(b"%PDF-1.7", "statement.pdf"), tell_form(b"\\xef\\xbb\\xbf{}", "report.json")
    ('pdf', 'json')
    >>> tell_form(b"%PDF-1.7", "statement.xlsx")
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: statement.xlsx: found a PDF that is called .xlsx, expected a name that ends \
in .pdf, as it came from the bank
    """
    if not content:
        raise BadInput(place=name, found="an empty file", expected="a paper")
    if len(content) > BYTES_MAX:
        raise BadInput(place=name, found=f"{len(content):,} bytes", expected=f"at most {BYTES_MAX // 1_000_000} MB")
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    form = next((form for sign, form in SIGNS if content.startswith(sign)), None)
    if form is None and b"%PDF" in content[:1024]:
        form = "pdf"
    if form in KIND_WORDS:
        found, expected = KIND_WORDS[form]
        raise BadInput(place=name, found=found, expected=expected)
    if form is None:
        lowered = start[:200].lower()
        if lowered.startswith((b"<!doctype html", b"<html", b"<table")):
            raise BadInput(place=name, found="a web page", expected="the bank's own file: .xlsx, .csv or .pdf")
        form = "xml" if start[:1] == b"<" else "json" if start[:1] in (b"{", b"[") else "csv"
    ending = re.search(r"\.[A-Za-z0-9]{1,5}$", name)
    if ending and ending.group(0).casefold() not in ENDINGS[form]:
        shown = {"xlsx": "an Excel workbook", "pdf": "a PDF", "csv": "plain text"}.get(form, form.upper())
        raise BadInput(
            place=name, found=f"{shown} that is called {ending.group(0).casefold()}",
            expected=f"a name that ends in {ENDINGS[form][0]}, as it came from the bank",
        )  # fmt: skip
    return form


def open_grid(content: bytes, name: str, form: str) -> Grid:
    """The rows of a workbook, a text table or a PDF."""
    if form == "xlsx":
        return open_workbook_grid(content, name)
    if form == "pdf":
        from creditfactory.gateways.papers.pdf_pages import open_pdf_grid

        return open_pdf_grid(content, name)
    return open_text_grid(content, name)


def open_json(content: bytes, name: str) -> dict[str, Any]:
    """A JSON object; anything else is refused."""
    try:
        found = json.loads(decode_text(content, name))
    except (ValueError, RecursionError):
        raise BadInput(place=name, found="text that is not JSON", expected="a report as a JSON object") from None
    if not isinstance(found, dict):
        raise BadInput(place=name, found="JSON that is no object", expected="a report as a JSON object")
    return found


def tidy_name(name: str) -> str:
    """A file's name as it can be kept and shown: no folders, no signs that a page or a console would act on.

    >>> tidy_name("../../etc/流水\\x1b[31m 2026.xlsx")
    '流水[31m 2026.xlsx'
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(sign for sign in last if sign.isprintable() and sign not in "\u202e\u202d\u2066\u2067\u2068")
    return plain.strip()[-120:] or "paper"
