"""Papers for tests: statements as banks export them, with whatever is wrong with them on purpose."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from creditfactory.gateways import papers

AT = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
WORDS = papers.load_sort_words(ROOT / "rulebook" / "cn-micro", date(2026, 3, 12))
HEAD = ("交易日期", "摘要", "借方发生额", "贷方发生额", "余额", "对方户名")
CUSTOMERS = ("广州市大成商贸有限公司", "深圳市远航五金有限公司", "惠州市新城建材经营部")


def ask(name: str = "statement.csv", **more: Any) -> papers.Asked:
    """What the reader is told, with tokens that anybody can make again."""

    def token(kind: str, text: str) -> str:
        return f"{kind[0]}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    return papers.Asked(name=name, at=AT, token=token, words=WORDS, **more)


def lay_lines(count: int = 24, *, opening: int = 5_000_000, since: date = date(2026, 1, 1)) -> list[tuple[Any, ...]]:
    """Days, words, flows in cents, balances that follow, and other sides: a small trade, three lines in two days."""
    lines, balance = [], opening
    for at in range(count):
        flow = 123_456 + 7_919 * (at * at % 31) if at % 3 else -(98_765 + 3_331 * (at % 17))
        balance += flow
        lines.append((since + timedelta(days=2 * at // 3), "货款", flow, balance, CUSTOMERS[at % 3]))
    return lines


def yuan(cents: int) -> str:
    """Cents as a bank prints them."""
    return f"{cents / 100:,.2f}"


def lay_rows(lines: Iterable[Sequence[Any]]) -> list[list[str]]:
    """The rows of a statement with debit and credit in two columns."""
    return [
        [on.isoformat(), memo, yuan(-flow) if flow < 0 else "", yuan(flow) if flow > 0 else "", yuan(balance), party]
        for on, memo, flow, balance, party in lines
    ]


def write_csv(
    rows: Iterable[Sequence[str]],
    *,
    head: Sequence[str] = HEAD,
    above: str = "",
    below: str = "",
    encoding: str = "utf-8",
) -> bytes:
    """A text export; every cell is quoted."""
    table = [head, *rows]
    text = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in table)
    return "\r\n".join(part for part in (above, text, below) if part).encode(encoding)


ABOVE = "户名：恒通电子商行,账号：6222 0210 0112 3456 789\r\n起止日期：2026-01-01 至 2026-01-31,中国工商银行"


def write_statement(count: int = 24, *, encoding: str = "utf-8", below: str = "") -> bytes:
    """A sound statement as text, with whose it is and over which days."""
    return write_csv(lay_rows(lay_lines(count)), above=ABOVE, below=below, encoding=encoding)


def write_xlsx(rows: Iterable[Sequence[Any]], *, above: Iterable[Sequence[Any]] = (), title: str = "明细") -> bytes:
    """A workbook with one sheet."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a fresh workbook has a sheet"
    sheet.title = title
    for row in (*above, *rows):
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def write_pdf(
    lines: Iterable[Sequence[Any]], *, is_ruled: bool, above: Sequence[str] = (), producer: str = ""
) -> bytes:
    """A PDF as a bank's engine makes it: with a drawn table, or with words in columns and nothing drawn."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen import canvas
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows, buffer = lay_rows(lines), io.BytesIO()
    if is_ruled:
        style = [("FONT", (0, 0), (-1, -1), "STSong-Light", 8), ("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0))]
        words = ParagraphStyle("words", fontName="STSong-Light", fontSize=9)
        paper = SimpleDocTemplate(buffer, invariant=1, producer=producer or "bank engine")
        paper.build(
            [*(Paragraph(text, words) for text in above), Table([list(HEAD), *rows], style=style, repeatRows=1)]
        )
        return buffer.getvalue()
    page = canvas.Canvas(buffer, invariant=1)
    page.setProducer(producer or "bank engine")
    places, y = (50, 120, 180, 260, 340, 420), 800

    def begin() -> None:
        page.setFont("STSong-Light", 9)

    begin()
    for text in above:
        page.drawString(50, y, text)
        y -= 14
    for at, row in enumerate([list(HEAD), *rows]):
        if y < 60:
            page.drawString(280, 30, "第 1 页")
            page.showPage()
            begin()
            y = 800
        for column, (x, text) in enumerate(zip(places, row, strict=True)):
            if at and column in (2, 3, 4):
                page.drawRightString(x + 55, y, text)
            else:
                page.drawString(x, y, text)
        y -= 14
    page.save()
    return buffer.getvalue()
