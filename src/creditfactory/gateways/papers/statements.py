"""Bank statements: a grid of rows becomes lines, in the order in which they happened, or one sentence says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from creditfactory.application import BankStatement
from creditfactory.gateways.papers.cells import NOTHING, read_amount, read_minute, read_moment, tidy
from creditfactory.gateways.papers.grid import Grid, GridRow
from creditfactory.gateways.papers.headings import STATEMENT_HEADINGS as HEADINGS
from creditfactory.gateways.papers.headings import Heading, is_statement_heading, match_headings
from creditfactory.gateways.papers.margins import Margins, read_footer, read_preamble
from creditfactory.gateways.papers.reading import Asked, Doubt, ReadLine
from creditfactory.gateways.papers.words import is_firm_name, sort_flow
from creditfactory.identity import check_statement, sort_findings
from creditfactory.kernel import BadInput, Reason

OUT_MARKS = frozenset({"借", "支", "支出", "出", "付", "借方", "转出", "付款", "往账", "d", "dr", "debit", "out", "-"})
IN_MARKS = frozenset({"贷", "收", "收入", "入", "贷方", "转入", "收款", "来账", "存入", "c", "cr", "credit", "in", "+"})
YUAN = frozenset({"", "人民币", "cny", "rmb", "人民币元", "156", "01", "001", "元"})
LINES_MAX = 20_000


@dataclass(slots=True)
class _Line:
    """One line while it is being read."""

    row: GridRow
    on: date
    minute: int
    cents: int
    balance: int | None
    party: str
    memo: str


@dataclass(slots=True)
class _Sheet:
    """What has been read so far."""

    grid: Grid
    heading: Heading
    asked: Asked
    margins: Margins
    lines: list[_Line] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    unsigned: int = 0


def read_statement(grid: Grid, heading: Heading, asked: Asked) -> tuple[BankStatement, _Read]:
    """The statement, and beside it what was found and doubted; a row that is neither line nor note is refused."""
    sheet = _Sheet(grid, heading, asked, read_preamble(grid, heading))
    after = [row for row in grid.rows if (row.page, row.number) > (heading.row.page, heading.row.number)]
    for row in after:
        _read_row(sheet, row)
    if not sheet.lines:
        raise BadInput(
            place=grid.place(heading.row), found="headings without a line below", expected="a statement's lines"
        )
    if sheet.unsigned:
        _sign_by_balance(sheet)
    findings = _put_in_order(sheet)
    statement = _build(sheet)
    rows = [line.row.number for line in sheet.lines]
    pages = [line.row.page for line in sheet.lines] if grid.form == "pdf" or len(grid.sheets) > 1 else []
    findings += check_statement(
        statement, rows=rows, pages=pages, printed=sheet.margins.totals, parameters=asked.parameters
    )
    read = tuple(
        ReadLine(line.row.page, line.row.number, line.on, line.minute, line.cents, line.balance, line.party, line.memo,
                 sort)
        for line, sort in zip(sheet.lines, statement.sort, strict=True)
    )  # fmt: skip
    return statement, _Read(sort_findings(findings), tuple(sheet.doubts), read, sheet.margins)


@dataclass(frozen=True, slots=True)
class _Read:
    """What stands beside a statement."""

    findings: tuple[Reason, ...]
    doubts: tuple[Doubt, ...]
    lines: tuple[ReadLine, ...]
    margins: Margins


def _read_row(sheet: _Sheet, row: GridRow) -> None:
    texts = row.texts
    if row.is_empty or is_statement_heading(match_headings(row, HEADINGS)):
        return
    day_at = sheet.heading.first("day")
    assert day_at is not None, "a statement's heading has a day"
    cell = row.cells[day_at] if day_at < len(row.cells) else None
    if read_footer(sheet.margins, texts, sheet.heading):
        return
    try:
        on, minute = read_moment(cell)
    except ValueError:
        if tidy(cell) in NOTHING and _is_continuation(sheet, texts):
            _append(sheet, texts)
            return
        if _is_note(texts):
            return
        raise BadInput(
            place=sheet.grid.place(row, day_at), found=repr(tidy(cell)[:40]),
            expected="a day such as 2026-01-31, as in the other rows of this column",
        ) from None  # fmt: skip
    if len(sheet.lines) >= LINES_MAX:
        raise BadInput(place=sheet.grid.place(row), found=f"more than {LINES_MAX:,} lines",
                       expected=f"at most {LINES_MAX:,}: hand in shorter periods one by one")  # fmt: skip
    minute_at = sheet.heading.first("minute")
    if minute_at is not None and minute < 0 and minute_at < len(row.cells):
        try:
            minute = read_minute(row.cells[minute_at])
        except ValueError:
            sheet.doubts.append(Doubt("minute", row.number, row.page, texts[minute_at], "no time of day"))
    _check_currency(sheet, row)
    cents = _read_cents(sheet, row)
    if cents is None:
        return
    balance = _read_cell(sheet, row, "balance")
    line = _Line(row, on, minute, cents, balance, _joined(sheet, texts, "party"), _joined(sheet, texts, "memo"))
    sheet.lines.append(line)


def _read_cents(sheet: _Sheet, row: GridRow) -> int | None:
    """The line's amount with its sign: from two columns, from a sign, or from a mark beside it; None for no amount."""
    if sheet.heading.first("amount") is None:
        out, into = _read_cell(sheet, row, "out") or 0, _read_cell(sheet, row, "in") or 0
        if out and into:
            raise BadInput(
                place=sheet.grid.place(row, sheet.heading.first("in")), found="an amount in and an amount out",
                expected="one of the two: a line moves money one way",
            )  # fmt: skip
        return into - out
    amount = _read_cell(sheet, row, "amount")
    if amount is None:
        return None
    way_at = sheet.heading.first("way")
    if way_at is None:
        sheet.unsigned += 1
        return amount
    mark = row.texts[way_at].casefold() if way_at < len(row.cells) else ""
    if mark in OUT_MARKS:
        return -abs(amount) if amount >= 0 else -amount
    if mark in IN_MARKS:
        return amount
    raise BadInput(
        place=sheet.grid.place(row, way_at), found=repr(mark[:20]), expected="a mark such as 借 or 贷, 收 or 支, D or C"
    )


def _read_cell(sheet: _Sheet, row: GridRow, meaning: str) -> int | None:
    at = sheet.heading.first(meaning)
    if at is None or at >= len(row.cells):
        return None
    try:
        return read_amount(row.cells[at])
    except ValueError as fault:
        raise BadInput(
            place=sheet.grid.place(row, at), found=f"{row.texts[at][:40]!r} ({fault})",
            expected="an amount such as 1,234.56",
        ) from None  # fmt: skip


def _check_currency(sheet: _Sheet, row: GridRow) -> None:
    at = sheet.heading.first("currency")
    if at is not None and at < len(row.cells) and row.texts[at].casefold().replace(" ", "") not in YUAN:
        raise BadInput(place=sheet.grid.place(row, at), found=repr(row.texts[at][:20]),
                       expected="renminbi; hand in other currencies' accounts apart")  # fmt: skip


def _joined(sheet: _Sheet, texts: Sequence[str], meaning: str) -> str:
    found = [texts[at] for at in sheet.heading.columns.get(meaning, ()) if at < len(texts) and texts[at] not in NOTHING]
    return " ".join(dict.fromkeys(found))[:200]


def _is_continuation(sheet: _Sheet, texts: Sequence[str]) -> bool:
    """A row that only goes on with the words of the line above it, as a PDF breaks them."""
    wordy = {at for meaning in ("party", "memo", "party_account") for at in sheet.heading.columns.get(meaning, ())}
    filled = {at for at, text in enumerate(texts) if text}
    return bool(sheet.lines) and bool(filled) and filled <= wordy and sheet.grid.form == "pdf"


def _append(sheet: _Sheet, texts: Sequence[str]) -> None:
    line = sheet.lines[-1]
    line.party = (line.party + _joined(sheet, texts, "party"))[:200]
    line.memo = (line.memo + _joined(sheet, texts, "memo"))[:200]


def _is_note(texts: Sequence[str]) -> bool:
    """Words below or between the lines that are no line: a note stands in one or two cells and holds no amount."""
    filled = [text for text in texts if text]
    return len(filled) <= 2 and not any(_is_amount(text) for text in filled)


def _is_amount(text: str) -> bool:
    try:
        return read_amount(text) is not None and "." in text
    except ValueError:
        return False


def _sign_by_balance(sheet: _Sheet) -> None:
    """One column of amounts without a mark: their own signs, or what the balance did, say which way the money went."""
    if any(line.cents < 0 for line in sheet.lines):
        return
    lines = sheet.lines if _goes_forward(sheet.lines) else sheet.lines[::-1]
    before = sheet.margins.opening
    for line in lines:
        if line.balance is None or (before is None and line is not lines[0]):
            break
        if before is None:
            sheet.doubts.append(
                Doubt("flow_cents", line.row.number, line.row.page, str(line.cents), "the first line's way is not told")
            )
        elif before - line.cents == line.balance:
            line.cents = -line.cents
        elif before + line.cents != line.balance:
            break
        before = line.balance
    else:
        return
    at = sheet.heading.first("amount")
    raise BadInput(
        place=sheet.grid.place(sheet.heading.row, at),
        found="amounts without a sign, and no column that says in or out",
        expected="amounts with a sign, two columns, or a mark such as 借 and 贷",
    )  # fmt: skip


def _goes_forward(lines: Sequence[_Line]) -> bool:
    """Whether the paper prints the oldest line first: by its days, and within one day by its balances."""
    later = sum(b.on > a.on for a, b in pairwise(lines))
    earlier = sum(b.on < a.on for a, b in pairwise(lines))
    if later != earlier:
        return later > earlier
    forward = sum(_follows(a, b) for a, b in pairwise(lines))
    backward = sum(_follows(b, a) for a, b in pairwise(lines))
    return forward >= backward


def _follows(first: _Line, then: _Line) -> bool:
    return first.balance is not None and then.balance is not None and first.balance + then.cents == then.balance


def _put_in_order(sheet: _Sheet) -> list[Reason]:
    """Oldest first; lines that jump back in time are put where they belong, and said."""
    if not _goes_forward(sheet.lines):
        sheet.lines.reverse()
    back = [b for a, b in pairwise(sheet.lines) if b.on < a.on]
    if not back:
        return []
    sheet.lines.sort(key=lambda line: line.on)
    return [Reason("PAP-ORDER", {"row": back[0].row.number, "page": back[0].row.page, "lines": len(back)})]


def _build(sheet: _Sheet) -> BankStatement:
    lines, asked, margins = sheet.lines, sheet.asked, sheet.margins
    holder_name = margins.holder or asked.holder_name or ""
    if not margins.account:
        sheet.doubts.append(Doubt("account", sheet.heading.row.number, 1, "", "no account number is printed"))
    if margins.from_on is None or margins.to_on is None:
        sheet.doubts.append(
            Doubt("from_on", sheet.heading.row.number, 1, f"{lines[0].on} – {lines[-1].on}",
                  "no period is printed; first and last line stand for it")
        )  # fmt: skip
    is_balanced = all(line.balance is not None for line in lines)
    if not is_balanced and any(line.balance is not None for line in lines):
        gap = next(line for line in lines if line.balance is None)
        sheet.doubts.append(
            Doubt("balance_cents", gap.row.number, gap.row.page, "", "no balance here though other lines have one")
        )
    holder = asked.holder or ("firm" if is_firm_name(holder_name) else "owner")
    sorts = tuple(
        sort_flow(asked.words, flow_cents=line.cents, memo=line.memo, party=line.party, holder=holder_name)
        for line in lines
    )
    return BankStatement(
        obtained_at=asked.at,
        account=asked.token("account", margins.account or f"{asked.name}:{holder_name}"),
        holder=holder,
        origin="upload",
        bank=margins.bank or None,
        from_on=min(margins.from_on or lines[0].on, lines[0].on),
        to_on=max(margins.to_on or lines[-1].on, lines[-1].on),
        opening_balance_cents=margins.opening,
        on=tuple(line.on for line in lines),
        minute=tuple(line.minute for line in lines),
        flow_cents=tuple(line.cents for line in lines),
        balance_cents=tuple(line.balance or 0 for line in lines) if is_balanced else (),
        party=tuple(asked.token("party", line.party) if line.party else "" for line in lines),
        sort=sorts,
    )


def mend_statement(statement: BankStatement, line: int, **changed: object) -> BankStatement:
    """The statement with one line's fields put right by a person: ``on``, ``flow_cents``, ``balance_cents``, ``sort``.

    Lines stay oldest first.
    """
    columns = {}
    for name, value in changed.items():
        column = list(getattr(statement, name))
        column[line] = value
        columns[name] = tuple(column)
    return replace(statement, **columns)  # type: ignore[arg-type]
