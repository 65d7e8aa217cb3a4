"""The door for papers: a file comes in, a reading or one clear sentence goes out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from creditfactory.application import BankStatement, BureauReport, InvoiceList, PaperCheck
from creditfactory.gateways.papers.grid import Grid
from creditfactory.gateways.papers.headings import find_invoice_heading, find_statement_heading
from creditfactory.gateways.papers.opening import open_grid, open_json, tell_form
from creditfactory.gateways.papers.reading import Asked, PaperKind, Reading
from creditfactory.gateways.papers.statements import read_statement
from creditfactory.identity import check_holder, check_same_lines, sort_findings
from creditfactory.kernel import BadInput, Reason

CONFIDENCE_WHOLE = 100
CONFIDENCE_PER_DOUBT = 5


def read_paper(content: bytes, asked: Asked, *, kind: PaperKind | None = None) -> Reading:
    """One paper read whole: its evidence, what speaks against it, what a person should look at.

    ``kind`` says what it is meant to be; without it the paper's own headings tell. Raises :class:`BadInput` with sheet,
    row and column, what was found and what was expected; nothing is kept of a paper that cannot be read whole.
    """
    form = tell_form(content, asked.name)
    if form == "json":
        from creditfactory.gateways.papers.bureau_json import read_bureau_json

        return _finish(content, read_bureau_json(open_json(content, asked.name), asked), kind, asked)
    if form == "xml":
        from creditfactory.gateways.papers.invoice_xml import read_invoice_xml

        return _finish(content, read_invoice_xml(content, asked), kind, asked)
    grid = open_grid(content, asked.name, form)
    return _finish(content, _read_grid(grid, asked, kind), kind, asked)


def _read_grid(grid: Grid, asked: Asked, kind: PaperKind | None) -> Reading:
    """What the headings say that it is."""
    from creditfactory.gateways.papers.bureau_pages import is_bureau_grid, read_bureau_grid
    from creditfactory.gateways.papers.invoice_lists import read_invoice_list

    if kind in (None, "bureau_report") and is_bureau_grid(grid):
        return read_bureau_grid(grid, asked)
    invoices = find_invoice_heading(grid) if kind in (None, "invoices") else None
    if invoices is not None:
        return read_invoice_list(grid, invoices, asked)
    heading = find_statement_heading(grid) if kind in (None, "bank_statement") else None
    if heading is None:
        raise BadInput(
            place=asked.name, found="no headings of a " + (kind or "bank_statement").replace("_", " "),
            expected=EXPECTED[kind or "bank_statement"],
        )  # fmt: skip
    statement, read = read_statement(grid, heading, asked)
    return Reading(
        evidence=statement,
        check=_check(grid, "bank_statement", asked, len(statement.on)),
        findings=sort_findings([*grid.findings, *read.findings]),
        doubts=read.doubts,
        lines=read.lines,
        holder_name=read.margins.holder,
        account_shown=read.margins.account,
    )


EXPECTED: dict[str, str] = {
    "bank_statement": "a row with a day (交易日期), an amount (金额, or 收入 and 支出) and best a balance (余额)",
    "invoices": "a row with 开票日期, 发票号码 and 金额",
    "bureau_report": "a personal credit report (个人信用报告)",
}


def _check(grid: Grid, paper: PaperKind, asked: Asked, lines: int) -> PaperCheck:
    return PaperCheck(
        obtained_at=asked.at, paper=paper, digest="", producer=grid.producer, made_at=grid.made_at,
        changed_at=grid.changed_at, pages=grid.pages, lines=lines,
    )  # fmt: skip


def _finish(content: bytes, reading: Reading, kind: PaperKind | None, asked: Asked) -> Reading:
    """The paper's mark and certainty, and that it is what it was handed in as."""
    paper: PaperKind = {BankStatement: "bank_statement", InvoiceList: "invoices", BureauReport: "bureau_report"}[
        type(reading.evidence)
    ]  # type: ignore[assignment]
    if kind is not None and paper != kind:
        raise BadInput(place=asked.name, found=f"a paper of another kind ({paper})", expected=EXPECTED[kind])
    findings = list(reading.findings)
    ended = reading.evidence.to_on if not isinstance(reading.evidence, BureauReport) else None
    made = reading.check.made_at
    if ended is not None and made is not None and made.date() < ended and (ended - made.date()).days > 1:
        findings.append(Reason("PAP-MADE-BEFORE-END", {"made_on": made.date().isoformat(), "to_on": ended.isoformat()}))
    if reading.doubts:
        first = reading.doubts[0]
        findings.append(Reason("PAP-UNCLEAR", {"fields": len(reading.doubts), "row": first.row, "page": first.page}))
    ordered = sort_findings(findings)
    check = replace(
        reading.check,
        digest=hashlib.sha256(content).hexdigest(),
        confidence=max(0, CONFIDENCE_WHOLE - CONFIDENCE_PER_DOUBT * len(reading.doubts)),
        findings=tuple(dict.fromkeys(reason.code for reason in ordered)),
    )
    return replace(reading, findings=ordered, check=check)


def judge_paper(
    reading: Reading, *, others: Sequence[BankStatement] = (), seen_before: int = 0, names: Sequence[str] = (),
    asked: Asked,
) -> Reading:  # fmt: skip
    """The reading held against what else is known: who it should belong to (``names``: the applicant's and the firm's),
    other statements' lines, and the same file handed in elsewhere."""
    found = list(reading.findings)
    found += check_holder(reading.holder_name or "", names, asked.parameters)
    if isinstance(reading.evidence, BankStatement):
        found += check_same_lines(reading.evidence, others, asked.parameters)
    if seen_before:
        found.append(Reason("PAP-SAME-FILE", {"times": seen_before}))
    ordered = sort_findings(found)
    check = replace(
        reading.check, seen_before=seen_before, findings=tuple(dict.fromkeys(reason.code for reason in ordered))
    )
    return replace(reading, findings=ordered, check=check)
