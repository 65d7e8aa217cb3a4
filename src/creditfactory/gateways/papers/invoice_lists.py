"""Lists of VAT invoices as the tax bureau's pages and the firms' own programs export them."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

from creditfactory.application import InvoiceList, PaperCheck
from creditfactory.gateways.papers.cells import read_amount, read_moment, tidy
from creditfactory.gateways.papers.grid import Grid, GridRow
from creditfactory.gateways.papers.headings import INVOICE_HEADINGS, Heading, is_invoice_heading, match_headings
from creditfactory.gateways.papers.margins import PERIOD
from creditfactory.gateways.papers.reading import Asked, Doubt, Reading, ReadLine
from creditfactory.identity import check_invoices, sort_findings
from creditfactory.kernel import BadInput

VOID = ("作废", "已作废", "作废发票", "是", "void", "cancelled", "canceled", "yes")
SOUND = ("正常", "有效", "有效发票", "否", "", "valid", "no", "已开具", "normal", "红冲", "已红冲", "部分红冲", "红字")
OUTPUT = ("销项", "销", "output", "开具", "销项发票", "sales")
INPUT = ("进项", "进", "input", "取得", "进项发票", "purchases")
LINES_MAX = 50_000
"""An invoice is void or it stands; a red one (红冲) stands with an amount below zero."""


class _Line(NamedTuple):
    """One invoice while it is being read."""

    on: date
    number: str
    way: Literal["output", "input"]
    net: int
    vat: int
    party: str
    is_void: bool
    row: GridRow


def read_invoice_list(grid: Grid, heading: Heading, asked: Asked) -> Reading:
    """The list, oldest first; which way an invoice goes is told by a column, or by who of the two is the firm."""
    rows = [row for row in grid.rows if (row.page, row.number) > (heading.row.page, heading.row.number)]
    read = [line for row in rows if (line := _read_row(grid, heading, row, asked)) is not None]
    if not read:
        raise BadInput(place=grid.place(heading.row), found="headings without an invoice below", expected="invoices")
    read.sort(key=lambda line: line.on)
    numbers = [line.row.number for line in read]
    begins, ends = _period(grid, heading, read[0].on, read[-1].on)
    invoices = InvoiceList(
        obtained_at=asked.at, origin="upload", from_on=begins, to_on=ends,
        number=tuple(line.number for line in read), on=tuple(line.on for line in read),
        direction=tuple(line.way for line in read), net_cents=tuple(line.net for line in read),
        vat_cents=tuple(line.vat for line in read),
        party=tuple(asked.token("party", line.party) if line.party else "" for line in read),
        is_void=tuple(line.is_void for line in read),
    )  # fmt: skip
    doubts = _doubt(heading, invoices)
    return Reading(
        evidence=invoices,
        check=PaperCheck(obtained_at=asked.at, paper="invoices", digest="", producer=grid.producer,
                         made_at=grid.made_at, changed_at=grid.changed_at, pages=grid.pages, lines=len(read)),
        findings=sort_findings([*grid.findings, *check_invoices(invoices, rows=numbers)]),
        doubts=doubts,
        lines=tuple(
            ReadLine(line.row.page, line.row.number, line.on, -1, line.net, None, line.party, line.number, line.way)
            for line in read
        ),
    )  # fmt: skip


def _doubt(heading: Heading, invoices: InvoiceList) -> tuple[Doubt, ...]:
    doubts = []
    if not any(part in heading.columns for part in ("way", "seller", "buyer")):
        doubts.append(Doubt("direction", heading.row.number, 1, "output", "nothing says whether they are sales"))
    if "state" not in heading.columns:
        doubts.append(Doubt("is_void", heading.row.number, 1, "", "nothing says which are void"))
    if not any(invoices.vat_cents):
        doubts.append(Doubt("vat_cents", heading.row.number, 1, "", "no tax is printed"))
    return tuple(doubts)


def _read_row(grid: Grid, heading: Heading, row: GridRow, asked: Asked) -> _Line | None:
    """One invoice; None for a row that is none."""
    texts = row.texts
    filled = [text for text in texts if text]
    if not filled or is_invoice_heading(match_headings(row, INVOICE_HEADINGS)):
        return None
    day_at = heading.first("day")
    assert day_at is not None, "a list's heading has a day"
    cell = row.cells[day_at] if day_at < len(row.cells) else None
    try:
        on, _ = read_moment(cell)
    except ValueError:
        if filled[0].startswith(("合计", "总计", "小计", "共", "份数", "备注", "注")) or len(filled) <= 2:
            return None
        raise BadInput(
            place=grid.place(row, day_at), found=repr(tidy(cell)[:40]), expected="a day such as 2026-01-31"
        ) from None
    net, vat = _amounts(grid, heading, row)
    way, party = _way(grid, heading, row, asked)
    number = "".join(texts[at] for meaning in ("code", "number")
                     if (at := heading.first(meaning)) is not None and at < len(texts))  # fmt: skip
    return _Line(on, number[:40], way, net, vat, party, _is_void(grid, heading, row), row)


def _amounts(grid: Grid, heading: Heading, row: GridRow) -> tuple[int, int]:
    """Net and tax; where only the whole and one of them are printed, the other is the difference."""
    found: dict[str, int | None] = {}
    for meaning in ("net", "vat", "total"):
        at = heading.first(meaning)
        try:
            found[meaning] = None if at is None or at >= len(row.cells) else read_amount(row.cells[at])
        except ValueError as fault:
            raise BadInput(place=grid.place(row, at), found=f"{row.texts[at or 0][:40]!r} ({fault})",
                           expected="an amount such as 1,234.56") from None  # fmt: skip
    net, vat, total = found["net"], found["vat"], found["total"]
    if net is None and total is None:
        raise BadInput(place=grid.place(row), found="an invoice without an amount", expected="its amount")
    if net is None:
        assert total is not None
        net = total - (vat or 0)
    if vat is None:
        vat = total - net if total is not None else 0
    if total is not None and abs(net + vat - total) > 2:
        raise BadInput(place=grid.place(row, heading.first("total")), found=row.texts[heading.first("total") or 0],
                       expected=f"amount and tax together: {(net + vat) / 100:,.2f}")  # fmt: skip
    return net, vat


def _way(grid: Grid, heading: Heading, row: GridRow, asked: Asked) -> tuple[Literal["output", "input"], str]:
    """Sold or bought, and to or from whom."""
    texts = row.texts

    def text(meaning: str) -> str:
        at = heading.first(meaning)
        return texts[at] if at is not None and at < len(texts) else ""

    seller, buyer = text("seller"), text("buyer")
    at = heading.first("way")
    if at is not None:
        word = text("way").casefold()
        if word in OUTPUT:
            return "output", text("party") or buyer
        if word in INPUT:
            return "input", text("party") or seller
        raise BadInput(place=grid.place(row, at), found=repr(word[:20]), expected="销项 or 进项")
    if seller and seller == asked.holder_name:
        return "output", buyer
    if buyer and buyer == asked.holder_name:
        return "input", seller
    if seller and not buyer:
        return "input", seller
    return "output", buyer or text("party")


def _is_void(grid: Grid, heading: Heading, row: GridRow) -> bool:
    at = heading.first("state")
    word = (row.texts[at] if at is not None and at < len(row.cells) else "").casefold()
    if word in VOID or "作废" in word:
        return True
    if word in SOUND or "红" in word:
        return False
    raise BadInput(place=grid.place(row, at), found=repr(word[:20]), expected="正常 or 作废")


def _period(grid: Grid, heading: Heading, first: date, last: date) -> tuple[date, date]:
    """The period printed above the list if the invoices lie in it; their own first and last day else."""
    for row in grid.rows:
        if (row.page, row.number) >= (heading.row.page, heading.row.number):
            break
        told = PERIOD.search(" ".join(row.texts))
        if told:
            begins, ends = read_moment(told.group(1))[0], read_moment(told.group(2))[0]
            if begins <= first and last <= ends:
                return begins, ends
    return first, last
