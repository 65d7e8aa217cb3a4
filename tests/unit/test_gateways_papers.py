"""Papers as people have them: layouts of several banks, read whole or refused; what a doctored one betrays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from creditfactory import labels
from creditfactory.application import BankStatement, BureauReport, InvoiceList
from creditfactory.gateways import papers
from creditfactory.kernel import BadInput
from tests import papers as paper

LINES = paper.lay_lines()
ROWS = paper.lay_rows(LINES)
FLOWS = tuple(line[2] for line in LINES)


def read(content: bytes, name: str = "statement.csv", **more: Any) -> papers.Reading:
    return papers.read_paper(content, paper.ask(name, **more))


def flows_of(reading: papers.Reading) -> tuple[int, ...]:
    assert isinstance(reading.evidence, BankStatement)
    return reading.evidence.flow_cents


def codes_of(reading: papers.Reading) -> list[str]:
    return [reason.code for reason in reading.findings if reason.code not in ("PAP-DIGITS", "PAP-UNCLEAR")]


def ccb_like() -> bytes:
    """One signed column, the newest line first, day and time in one cell, tabs between."""
    head = "\t".join(("交易时间", "交易金额", "账户余额", "对方户名", "摘要"))
    rows = ["\t".join((f"{on:%Y%m%d} 10:{at:02d}:00", paper.yuan(flow), paper.yuan(balance), party, memo))
            for at, (on, memo, flow, balance, party) in enumerate(LINES)]  # fmt: skip
    return ("客户名称:王建国\n" + "\n".join([head, *reversed(rows)]) + "\n").encode("gb18030")


def cmb_like() -> bytes:
    """An amount without a sign beside a mark, full-width digits, Chinese days, yuan signs."""
    head = ("记账日期", "货币", "交易金额", "收/支", "联机余额", "对手信息", "交易摘要")
    rows = [
        (f"{on.year}年{on.month}月{on.day}日", "人民币", f"￥{paper.yuan(abs(flow))}", "支" if flow < 0 else "收",
         paper.yuan(balance).translate(str.maketrans("0123456789", "０１２３４５６７８９")), party, memo)
        for on, memo, flow, balance, party in LINES
    ]  # fmt: skip
    return paper.write_csv(rows, head=head)


def workbook() -> bytes:
    """Excel with real days and numbers, words above, totals below."""
    rows: list[tuple[Any, ...]] = [paper.HEAD]
    for on, memo, flow, balance, party in LINES:
        out, into = (-flow / 100, None) if flow < 0 else (None, flow / 100)
        rows.append((datetime(on.year, on.month, on.day), memo, out, into, balance / 100, party))
    total_in, total_out = sum(f for f in FLOWS if f > 0), -sum(f for f in FLOWS if f < 0)
    rows.append(("合计", None, total_out / 100, total_in / 100, None, None))
    return paper.write_xlsx(rows, above=[("户名", "恒通电子商行"), ("账号", "6222021001123456789")])


def unsigned() -> bytes:
    """One column without sign or mark: only the balance says which way the money went."""
    head = ("日期", "金额", "余额", "摘要")
    rows = [(on.isoformat(), paper.yuan(abs(flow)), paper.yuan(balance), memo) for on, memo, flow, balance, _ in LINES]
    return paper.write_csv(rows, head=head, above='"期初余额：50,000.00","账号：62220001"')


LAYOUTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "two columns, GBK": (lambda: paper.write_statement(encoding="gb18030"), "a.csv"),
    "two columns, UTF-8 with a mark": (lambda: paper.write_statement(encoding="utf-8-sig"), "a.txt"),
    "two columns, UTF-16": (lambda: paper.write_statement(encoding="utf-16"), "a.csv"),
    "text that is called .xls": (lambda: paper.write_statement(), "a.xls"),
    "signed, newest first": (ccb_like, "b.txt"),
    "a mark beside": (cmb_like, "c.csv"),
    "a workbook": (workbook, "d.xlsx"),
    "by the balance": (unsigned, "e.csv"),
    "a ruled PDF": (lambda: paper.write_pdf(LINES, is_ruled=True), "f.pdf"),
    "a PDF of words": (lambda: paper.write_pdf(LINES, is_ruled=False), "g.pdf"),
}


@pytest.mark.parametrize(("make", "name"), LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_the_same_lines(make: Callable[[], bytes], name: str) -> None:
    """IDF-02: what a person uploads becomes the statement that a bank would have sent."""
    reading = read(make(), name)
    assert flows_of(reading) == FLOWS
    assert isinstance(reading.evidence, BankStatement)
    assert reading.evidence.on == tuple(line[0] for line in LINES)
    assert reading.evidence.balance_cents == tuple(line[3] for line in LINES)
    assert "PAP-CHAIN" not in codes_of(reading) and "PAP-TOTALS" not in codes_of(reading)
    assert labels.sum_up_statements([reading.evidence]).chain_breaks == 0


def test_what_stands_above_says_whose_it_is_and_over_which_days() -> None:
    reading = read(paper.write_statement(encoding="gb18030"))
    statement = reading.evidence
    assert isinstance(statement, BankStatement)
    assert (statement.bank, statement.holder) == ("icbc", "firm")
    assert (statement.from_on, statement.to_on) == (date(2026, 1, 1), date(2026, 1, 31))
    assert reading.holder_name == "恒通电子商行"
    assert reading.doubts == () and reading.check.confidence == 100
    assert "6222" not in statement.account and statement.account == read(paper.write_statement()).evidence.account  # type: ignore[union-attr]


def test_the_row_where_the_chain_breaks_is_named() -> None:
    """IDF-02: one altered balance is told by its row, with what it should be."""
    altered = [*ROWS[:9], [*ROWS[9][:4], paper.yuan(LINES[9][3] + 70_000), ROWS[9][5]], *ROWS[10:]]
    reading = read(paper.write_csv(altered, above=paper.ABOVE))
    broken = [reason for reason in reading.findings if reason.code == "PAP-CHAIN"]
    assert [reason.facts["row"] for reason in broken] == [13, 14], "two rows above, the heading, ten lines"
    assert broken[0].facts["expected_cents"] == LINES[9][3]
    assert broken[0].facts["shown_cents"] == LINES[9][3] + 70_000


def test_printed_totals_are_held_against_the_lines() -> None:
    below = '"合计","","1.00","2.00","",""'
    reading = read(paper.write_csv(ROWS, below=below))
    assert codes_of(reading).count("PAP-TOTALS") == 2
    out, into = (paper.yuan(abs(sum(f for f in FLOWS if (f < 0) is is_out))) for is_out in (True, False))
    sound = f'"合计","","{out}","{into}","",""'
    assert "PAP-TOTALS" not in codes_of(read(paper.write_csv(ROWS, below=sound)))


def test_a_line_printed_twice_a_gap_and_a_jump_are_told() -> None:
    assert "PAP-TWICE" in codes_of(read(paper.write_csv([*ROWS[:6], ROWS[5], *ROWS[6:]])))
    assert "PAP-ORDER" in codes_of(read(paper.write_csv([*ROWS[:6], *ROWS[10:], *ROWS[6:10]])))
    later = paper.lay_rows(paper.lay_lines(6, opening=LINES[-1][3], since=date(2026, 6, 1)))
    gap = next(r for r in read(paper.write_csv([*ROWS, *later])).findings if r.code == "PAP-GAP")
    assert gap.facts["days"] == (date(2026, 6, 1) - LINES[-1][0]).days


def test_lines_copied_into_another_account_are_told() -> None:
    first, second = (
        read(paper.write_csv(ROWS, above=f"账号：6222000{n}")).evidence for n in (1, 2)
    )  # fmt: skip
    asked = paper.ask()
    assert isinstance(first, BankStatement) and isinstance(second, BankStatement)
    reading = read(paper.write_csv(ROWS, above="账号：62220003"))
    assert "PAP-SAME-LINES" in papers.judge_paper(reading, others=[first, second], asked=asked).check.findings
    assert "PAP-SAME-LINES" not in papers.judge_paper(reading, others=[], asked=asked).check.findings


def test_programs_that_people_edit_in_leave_their_mark() -> None:
    edited = read(paper.write_pdf(LINES, is_ruled=True, producer="Adobe Photoshop 2024"), "a.pdf")
    assert "PAP-EDITED" in codes_of(edited) and "Photoshop" in (edited.check.producer or "")
    assert "PAP-EDITED" not in codes_of(read(paper.write_pdf(LINES, is_ruled=True), "a.pdf"))
    twice = paper.write_pdf(LINES, is_ruled=True) + b"\n%%EOF\n"
    assert "PAP-EDITED" in codes_of(read(twice, "a.pdf")), "saved once more after it was made"
    assert "PAP-NOT-BANK-EXPORT" in codes_of(read(workbook(), "a.xlsx"))


def test_lines_are_sorted_by_dated_words() -> None:
    memos = ("代发工资", "房租", "贷款还款", "电费", "现金存款", "手续费")
    lines = [(date(2026, 1, 2 + at), memo, -10_000, 0, "王建国") for at, memo in enumerate(memos)]
    rows = [[on.isoformat(), memo, "100.00", "", "", party] for on, memo, _, _, party in lines]
    statement = read(paper.write_csv(rows)).evidence
    assert isinstance(statement, BankStatement)
    assert statement.sort == ("wage", "rent", "loan_repayment", "utility", "cash", "fee")
    late = papers.read_sort_words(
        "since,until,sort,way,field,word,note\n2027-01-01,,wage,out,memo,工资,\n", date(2026, 1, 1)
    )
    assert late == (), "a word counts from its day on"


REFUSED: dict[str, tuple[Callable[[], bytes], str, str, str]] = {
    "no day": (lambda: paper.write_csv([*ROWS[:3], ["31.13.2026", *ROWS[3][1:]]]), "a.csv",
               "line 5, column 1", "a day"),
    "no amount": (lambda: paper.write_csv([*ROWS[:3], [*ROWS[3][:3], "12.3.4", "1.00", ""]]), "a.csv",
                  "line 5, column 4", "an amount"),
    "part of a cent": (lambda: paper.write_csv([[*ROWS[1][:3], "0.005", *ROWS[1][4:]]]), "a.csv", "line 2",
                       "an amount"),
    "both ways": (lambda: paper.write_csv([[*ROWS[0][:2], "1.00", "2.00", "1.00", ""]]), "a.csv", "line 2", "one way"),
    "dollars": (lambda: paper.write_csv([["2026-01-02", "USD", "5.00", ""]], head=("日期", "币种", "支出", "收入")),
                "a.csv", "line 2, column 2", "renminbi"),
    "no headings": (lambda: b"a,b,c\n1,2,3\n", "a.csv", "a.csv", "交易日期"),
    "no lines": (lambda: paper.write_csv([]), "a.csv", "line 1", "lines"),
    "no way told": (lambda: paper.write_csv([["2026-01-02", "5.00"], ["2026-01-03", "6.00"]], head=("日期", "金额")),
                    "a.csv", "line 1, column 2", "sign"),
    "empty": (lambda: b"", "a.csv", "a.csv", "a paper"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"0" * 99, "a.png", "a.png", "bank's own file"),
    "a picture called .pdf": (lambda: b"\xff\xd8\xff\xe0" + b"0" * 99, "a.pdf", "a.pdf", "bank's own file"),
    "a program": (lambda: b"MZ" + b"0" * 99, "a.xlsx", "a.xlsx", "a paper"),
    "old Excel or a password": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "a.xls",
                                "a.xls", "without a password"),
    "a web page": (lambda: b"<html><table></table></html>", "a.xls", "a.xls", "bank's own file"),
    "a false name": (lambda: workbook(), "a.pdf", "a.pdf", ".xlsx"),
    "a formula": (lambda: paper.write_xlsx([paper.HEAD, ["2026-01-02", "", "=1+1", "", "1.00", ""]]), "a.xlsx",
                  "明细!C2", "a value"),
    "cut short": (lambda: workbook()[:900], "a.xlsx", "a.xlsx", "whole"),
    "a broken PDF": (lambda: paper.write_pdf(LINES, is_ruled=True)[:700], "a.pdf", "a.pdf", "PDF"),
    "no text at all": (lambda: b"\x00\x01\x02\x03" * 50, "a.csv", "a.csv", ".csv"),
    "one endless cell": (lambda: b'"' + b"x" * 9_000 + b"\n", "a.csv", "column 1", "quote"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "name", "place", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_whole_is_refused_in_one_sentence(
    make: Callable[[], bytes], name: str, place: str, expected: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read(make(), name)
    fault = caught.value
    assert place in fault.place
    assert expected in fault.expected
    assert len(str(fault)) < 400 and "\n" not in str(fault)


def repack(content: bytes, **parts: bytes) -> bytes:
    """A workbook with parts put into it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in parts:
                new.writestr(part.filename, old.read(part.filename))
        for name, body in parts.items():
            new.writestr(name, body)
    return buffer.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (lambda: repack(workbook(), **{"xl/media/bomb.bin": b"0" * 30_000_000}), "packed"),
    "a bomb in many parts": (lambda: repack(workbook(), **{f"xl/media/{n}": b"x" for n in range(400)}), "parts"),
    "macros": (lambda: repack(workbook(), **{"xl/vbaProject.bin": b"x"}), "macros"),
    "links to elsewhere": (lambda: repack(workbook(), **{"xl/externalLinks/externalLink1.xml": b"<a/>"}), "links"),
    "entities without end": (
        lambda: repack(workbook(), **{"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a "aaa">]><sst>&a;</sst>'}),
        "declarations",
    ),
    "a billion rows": (
        lambda: repack(workbook(), **{"xl/worksheets/sheet1.xml": (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData></worksheet>'
        )}),
        "rows",
    ),
    "no workbook": (lambda: repack(workbook(), **{"xl/workbook.xml": b"<x/>"}), ""),
}  # fmt: skip


@pytest.mark.parametrize(("make", "found"), HOSTILE.values(), ids=HOSTILE)
def test_harmful_workbooks_are_refused_gently(make: Callable[[], bytes], found: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(make(), "a.xlsx")
    assert found in caught.value.found


def test_a_locked_pdf_is_asked_for_without_its_password(tmp_path: Path) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen import canvas

    place = tmp_path / "locked.pdf"
    page = canvas.Canvas(str(place), encrypt=StandardEncryption("secret"))
    page.drawString(50, 800, "locked")
    page.save()
    with pytest.raises(BadInput, match="locked with a password"):
        read(place.read_bytes(), "locked.pdf")


def test_a_scanned_pdf_is_told_to_be_one(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    page = canvas.Canvas(str(tmp_path / "scan.pdf"))
    page.rect(50, 50, 300, 300, fill=1)
    page.save()
    with pytest.raises(BadInput, match="a scan"):
        read((tmp_path / "scan.pdf").read_bytes(), "scan.pdf")


INVOICES = """发票清单,2026-01-01 至 2026-03-31
发票代码,发票号码,开票日期,购方名称,销方名称,金额,税额,价税合计,发票状态
044,0001,2026-01-05,大成商贸,恒通电子,"1,000.00",130.00,"1,130.00",正常
044,0002,2026-01-06,大成商贸,恒通电子,-200.00,-26.00,-226.00,正常
044,0003,2026-02-06,恒通电子,远航五金,500.00,65.00,565.00,作废
合计,,,,,"1,300.00",169.00,"1,469.00",
"""


def test_a_list_of_invoices_tells_ways_refunds_and_voids() -> None:
    reading = read(INVOICES.encode("gb18030"), holder_name="恒通电子")
    invoices = reading.evidence
    assert isinstance(invoices, InvoiceList)
    assert invoices.direction == ("output", "output", "input")
    assert invoices.net_cents == (100_000, -20_000, 50_000)
    assert invoices.is_void == (False, False, True)
    assert (invoices.from_on, invoices.to_on) == (date(2026, 1, 1), date(2026, 3, 31))
    with pytest.raises(BadInput, match="amount and tax together"):
        read(INVOICES.replace('"1,130.00"', '"1,131.00"').encode())
    with pytest.raises(BadInput, match="正常 or 作废"):
        read(INVOICES.replace("作废", "待定").encode())


EINVOICE = """<?xml version="1.0" encoding="UTF-8"?><EInvoice><Header><EIid>26442000000012345678</EIid></Header>
<EInvoiceData><SellerInformation><SellerName>恒通电子</SellerName></SellerInformation><BuyerInformation>
<BuyerName>大成商贸</BuyerName></BuyerInformation><BasicInformation><TotalAmWithoutTax>1000.00</TotalAmWithoutTax>
<TotalTaxAm>130.00</TotalTaxAm><RequestTime>2026-01-05 10:00:00</RequestTime></BasicInformation></EInvoiceData>
</EInvoice>"""


def test_one_electronic_invoice_is_read_and_a_harmful_one_is_not() -> None:
    reading = read(EINVOICE.encode(), "a.xml", holder_name="恒通电子")
    assert isinstance(reading.evidence, InvoiceList)
    assert reading.evidence.net_cents == (100_000,) and reading.evidence.direction == ("output",)
    laughing = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises(BadInput, match="declarations"):
        read(laughing.encode(), "a.xml")
    with pytest.raises(BadInput, match="no number"):
        read(b"<x/>", "a.xml")


BUREAU = """{"has_record": true, "report_number": "R1", "accounts": {"kind": ["card"], "lender": ["bank"],
"lender_token": ["b1"], "opened_on": ["2020-01-01"], "closed_on": [null], "reported_on": ["2026-02-28"],
"state": ["normal"], "security": ["unsecured"], "purpose": ["card"], "limit_cents": [5000000],
"balance_cents": [1000000], "due_cents": [100000], "paid_cents": [100000], "overdue_cents": [0],
"overdue_over_30_cents": [0], "overdue_over_90_cents": [0], "terms": [null], "terms_left": [null],
"months": ["NNN1"]}}"""


def test_a_credit_report_in_json_is_read_strictly_and_summed_up() -> None:
    """WIL-01: field by field, as the second-generation report has it."""
    report = read(BUREAU.encode(), "report.json").evidence
    assert isinstance(report, BureauReport)
    assert (report.card_limit_cents, report.card_used_cents) == (5_000_000, 1_000_000)
    with pytest.raises(BadInput, match="months"):
        read(BUREAU.replace("NNN1", "NXN1").encode(), "report.json")
    with pytest.raises(BadInput, match="unknown field"):
        read(BUREAU.replace('"report_number"', '"gossip"').encode(), "report.json")


PRINTED = [
    ["个人信用报告"],
    ["报告编号：2026030100001234567", "报告时间：2026-03-01 09:30:00"],
    ["三、信贷交易信息明细"],
    ["（一）非循环贷账户"],
    ["账户1"],
    ["管理机构", "账户标识", "开立日期", "到期日期", "借款金额", "账户币种"],
    ["中国建设银行深圳分行", "A1", "2023.05.01", "2026.05.01", "300,000", "人民币元"],
    ["业务种类", "担保方式", "还款期数", "还款频率", "还款方式", "共同借款标志"],
    ["个人经营性贷款", "信用/免担保", "36", "月", "分期等额本息", "无"],
    ["截至日期", "账户状态", "五级分类", "余额", "剩余还款期数", "本月应还款"],
    ["2026.02.28", "正常", "正常", "60,000", "3", "10,800"],
    ["2025", "N", "N", "1", "2", "N", "N", "N", "N", "N", "N", "N", "N"],
    ["2026", "N", "N"],
    ["（二）贷记卡账户"],
    ["账户1"],
    ["管理机构", "账户标识", "开立日期", "信用额度", "账户币种"],
    ["招商银行", "B1", "2019.01.15", "50,000", "人民币元"],
    ["截至日期", "账户状态", "已用额度", "本月应还款", "本月实还款", "当前逾期总额"],
    ["2026.02.28", "逾期", "20,000", "2,000", "0", "500"],
    ["五、查询记录"],
    ["机构查询记录明细"],
    ["编号", "查询日期", "查询机构", "查询原因"],
    ["1", "2026.02.20", "某小额贷款有限公司", "贷款审批"],
    ["2", "2025.12.01", "招商银行", "贷后管理"],
]


def as_text(rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode("gb18030")


def as_pdf(rows: list[list[str]]) -> bytes:
    """Each block of a report as a drawn table, its titles as words between."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    words = ParagraphStyle("words", fontName="STSong-Light", fontSize=9)
    style = [("FONT", (0, 0), (-1, -1), "STSong-Light", 7), ("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0))]
    parts: list[Any] = []
    block: list[list[str]] = []
    for row in [*rows, ["end"]]:
        if len(row) > 2 and (not block or len(row) == len(block[0])):
            block.append(row)
            continue
        if block:
            parts.append(Table(block, style=style))
            block = []
        if len(row) > 2:
            block.append(row)
        elif row != ["end"]:
            parts.append(Paragraph("　　".join(row), words))
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, invariant=1).build(parts)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["text", "workbook", "pdf"])
def test_the_printed_credit_report_is_read_account_by_account(form: str) -> None:
    """WIL-01: card limits, the pattern of lateness and the queries come off the printed second-generation report."""
    make, name = {
        "text": (as_text, "report.csv"), "workbook": (paper.write_xlsx, "report.xlsx"), "pdf": (as_pdf, "report.pdf"),
    }[form]  # fmt: skip
    reading = read(make(PRINTED), name)
    report = reading.evidence
    assert isinstance(report, BureauReport) and report.accounts is not None and report.queries is not None
    assert report.report_number == "2026030100001234567"
    assert report.accounts.kind == ("loan", "card")
    assert report.accounts.lender == ("bank", "bank")
    assert report.accounts.limit_cents == (30_000_000, 5_000_000)
    assert report.accounts.months == ("NNNNNNNNNN21NN", "")
    assert report.accounts.purpose == ("business", "card") and report.accounts.state == ("normal", "overdue")
    assert report.queries.lender == ("bank", "microloan") and report.queries.reason == ("after_loan", "loan_approval")
    assert (report.card_limit_cents, report.loan_count, report.overdue_now_cents) == (5_000_000, 1, 50_000)
    assert (report.queries_1m, report.overdue_months_24m) == (1, 2)


def test_a_credit_report_that_cannot_be_read_whole_is_refused_by_its_row() -> None:
    def changed(was: str, now: str) -> bytes:
        return as_text([[cell.replace(was, now) for cell in row] for row in PRINTED])

    faults = (
        ("2023.05.01", "someday", "a day"), ("逾期", "奇怪", "正常"), ("300,000", "3.0.0", "amount"),
        ("2026.02.20", "soon", "a day"), ("截至日期", "别的", "its day"),
    )  # fmt: skip
    for was, now, expected in faults:
        with pytest.raises(BadInput) as caught:
            read(changed(was, now), "report.csv")
        assert expected in caught.value.expected, was
        assert "line" in caught.value.place
    with pytest.raises(BadInput, match="without an account"):
        read(as_text(PRINTED[:3]), "report.csv")
