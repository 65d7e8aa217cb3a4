"""The second-generation personal credit report as it is printed: sections, an account at a time, names above values.

Read are the report's number and day, every account with its months, the queries, and duties to pay for others. Names
stand in a row and their values in the row below. What the printed report says in words of its own is turned into the
house's codes; a state that nobody knows, or an account without its days, refuses the whole report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from creditfactory.application import BureauAccounts, BureauQueries, BureauReport
from creditfactory.gateways.papers.bureau_json import finish_report
from creditfactory.gateways.papers.cells import read_amount, read_moment
from creditfactory.gateways.papers.grid import Grid, GridRow
from creditfactory.gateways.papers.reading import Asked, Reading
from creditfactory.kernel import BadInput

SECTIONS = {
    "非循环贷账户": "loan", "循环贷账户一": "revolving_loan", "循环贷账户二": "revolving_line",
    "准贷记卡账户": "quasi_card", "贷记卡账户": "card", "查询记录": "queries", "机构查询记录明细": "queries",
    "相关还款责任信息": "others", "公共信息明细": "others", "授信协议信息": "others", "本人声明": "others",
    "异议标注": "others", "本人查询记录明细": "own_queries",
}  # fmt: skip
NAMES = {
    "管理机构": "lender", "开立日期": "opened_on", "借款金额": "limit", "账户授信额度": "limit", "信用额度": "limit",
    "授信额度": "limit", "业务种类": "purpose", "担保方式": "security", "还款期数": "terms", "账户状态": "state",
    "余额": "balance", "已用额度": "balance", "剩余还款期数": "terms_left", "本月应还款": "due", "本月实还款": "paid",
    "当前逾期总额": "overdue", "逾期31-60天未还本金": "late_30", "逾期61-90天未还本金": "late_60",
    "逾期91-180天未还本金": "late_90", "逾期180天以上未还本金": "late_180", "截至日期": "reported_on",
    "关闭日期": "closed_on", "结清日期": "closed_on", "销户日期": "closed_on", "到期日期": "", "账户标识": "",
    "账户币种": "", "还款频率": "", "还款方式": "", "共同借款标志": "", "五级分类": "", "应还款日": "",
    "最近一次还款日期": "", "当前逾期期数": "", "账单日": "", "最近6个月平均使用额度": "", "最大使用额度": "",
    "未出单的大额专项分期余额": "", "剩余分期期数": "",
}  # fmt: skip
"""Names of the printed report; those without a meaning are known and passed over."""
STATES = {
    "正常": "normal",
    "逾期": "overdue",
    "呆账": "bad_debt",
    "结清": "settled",
    "销户": "closed",
    "未激活": "not_active",
    "冻结": "frozen",
    "止付": "frozen",
}
SECURITIES = (
    ("信用", "unsecured"),
    ("免担保", "unsecured"),
    ("抵押", "mortgage"),
    ("质押", "pledge"),
    ("保证", "guarantee"),
    ("组合", "mixed"),
)
PURPOSES = (
    ("信用卡", "card"),
    ("贷记卡", "card"),
    ("住房", "home"),
    ("商用房", "home"),
    ("汽车", "car"),
    ("助学", "study"),
    ("经营", "business"),
    ("农户", "business"),
    ("消费", "consumption"),
)
LENDERS = (
    ("消费金融", "consumer_finance"),
    ("小额贷款", "microloan"),
    ("小贷", "microloan"),
    ("信托", "trust"),
    ("汽车金融", "auto_finance"),
    ("公积金", "housing_fund"),
    ("网络", "online_lender"),
    ("银行", "bank"),
)
REASONS = (
    ("贷款审批", "loan_approval"),
    ("信用卡审批", "card_approval"),
    ("担保资格", "guarantee_review"),
    ("保前审查", "insurance_review"),
    ("保险", "insurance_review"),
    ("贷后管理", "after_loan"),
    ("本人", "own"),
)
ACCOUNT = re.compile(r"^账户\s*[0-9]+")
HOLDER_NAME = "被查询者姓名"
YEAR = re.compile(r"^(20[0-9]{2})$")
QUERY_HEAD = ("查询日期", "查询机构", "查询原因")
MONTHS_KEPT = 60


@dataclass(slots=True)
class _Account:
    """One account while it is being read."""

    kind: str
    row: GridRow
    fields: dict[str, str] = field(default_factory=dict)
    places: dict[str, GridRow] = field(default_factory=dict)
    months: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(slots=True)
class _Report:
    """What has been read so far."""

    accounts: list[_Account] = field(default_factory=list)
    queries: list[tuple[date, str, str]] = field(default_factory=list)
    number: str = ""
    holder: str = ""
    holder_at: int | None = None
    made_at: datetime | None = None


def is_bureau_grid(grid: Grid) -> bool:
    """Whether the first rows say that it is a personal credit report."""
    return any("信用报告" in text or "credit report" in text.casefold() for row in grid.rows[:12] for text in row.texts)


def read_bureau_grid(grid: Grid, asked: Asked) -> Reading:
    """The report; one that lists neither account nor query and does not say so is refused."""
    found = _Report()
    section, names = "", list[str]()
    for row in grid.rows:
        filled = [text for text in row.texts if text]
        if not filled:
            continue
        _read_head(found, filled)
        _read_holder(found, row)
        told = _find_section(filled)
        if told:
            section, names = told, []
            continue
        if ACCOUNT.match(filled[0].replace(" ", "")) and section in ACCOUNT_KINDS:
            found.accounts.append(_Account(section, row))
            names = []
            continue
        plain = [text.replace(" ", "") for text in row.texts]
        if section == "queries":
            names = _read_query(grid, found, row, plain, names)
        elif section in ACCOUNT_KINDS and found.accounts:
            names = _read_account_row(found.accounts[-1], row, plain, names)
    if not found.accounts and not found.queries:
        raise BadInput(place=asked.name, found="a credit report without an account or a query", expected="its details")
    report = BureauReport(
        obtained_at=found.made_at or asked.at,
        origin="upload",
        has_record=bool(found.accounts),
        report_number=found.number or None,
        accounts=_lay_accounts(grid, found, asked),
        queries=_lay_queries(found, asked),
    )
    reading = finish_report(report, asked, pages=grid.pages, holder=found.holder, is_dated=found.made_at is not None)
    check = replace(reading.check, producer=grid.producer, made_at=grid.made_at, changed_at=grid.changed_at)
    return replace(reading, check=check, findings=grid.findings)


ACCOUNT_KINDS = frozenset({"loan", "revolving_loan", "revolving_line", "card", "quasi_card"})


def _read_head(found: _Report, filled: Sequence[str]) -> None:
    whole = " ".join(filled)
    number = re.search(r"报告编号[:\s]*([0-9A-Za-z]{6,40})", whole)
    if number and not found.number:
        found.number = number.group(1)
    made = re.search(
        r"报告时间[:\s]*([0-9]{4}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?(?:\s*[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?)", whole
    )
    if made and found.made_at is None:
        on, minute = read_moment(made.group(1))
        found.made_at = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=max(0, minute) - 480)


def _read_holder(found: _Report, row: GridRow) -> None:
    """Whose report it is: beside the word for name, or in the row below it where names stand above values."""
    if found.holder:
        return
    if found.holder_at is not None and found.holder_at < len(row.texts):
        found.holder = row.texts[found.holder_at]
    plain = [text.replace(" ", "") for text in row.texts]
    found.holder_at = plain.index(HOLDER_NAME) if HOLDER_NAME in plain else None
    beside = re.search(r"(?:^|\s)(?:被查询者)?姓名:\s*([^\s:]{2,40})", " ".join(row.texts))
    if beside and not found.holder:
        found.holder = beside.group(1)


def _find_section(filled: Sequence[str]) -> str:
    if len(filled) > 2:
        return ""
    plain = re.sub(r"^[(（]?[一二三四五六七八九十0-9]+[)）、.]*", "", filled[0].replace(" ", ""))
    return SECTIONS.get(plain, "")


def _read_account_row(account: _Account, row: GridRow, plain: list[str], names: list[str]) -> list[str]:
    """Names, the values below them, or a year of months; gives the names that wait for their values."""
    filled = [text for text in plain if text]
    year = YEAR.match(filled[0])
    if year:
        _keep_year(account, int(year.group(1)), plain, filled[1:])
        return []
    if sum(text in NAMES for text in plain if text) * 2 > sum(bool(text) for text in plain):
        return plain
    if names:
        for name, value in zip(names, row.texts, strict=False):
            meaning = NAMES.get(name, "")
            if meaning:
                account.fields[meaning] = value
                account.places[meaning] = row
    return []


def _keep_year(account: _Account, year: int, plain: Sequence[str], letters: Sequence[str]) -> None:
    """Twelve months in their places; where only the letters are left, a year begun ends and a year ending begins."""
    if len(plain) >= 13 and YEAR.match(plain[0]):
        told = [(month, letter) for month, letter in enumerate(plain[1:13], start=1) if letter]
    else:
        is_last = account.fields.get("reported_on", "").startswith(str(year))
        first = 1 if is_last else 13 - len(letters)
        told = list(enumerate(letters[:12], start=max(1, first)))
    account.months.update({(year, month): letter[:1] for month, letter in told})


def _read_query(grid: Grid, found: _Report, row: GridRow, plain: list[str], names: list[str]) -> list[str]:
    if all(name in plain for name in QUERY_HEAD):
        return plain
    if names:
        at = {name: names.index(name) for name in QUERY_HEAD}
        cells = [plain[place] if place < len(plain) else "" for place in at.values()]
        if not cells[0]:
            return names
        try:
            on, _ = read_moment(cells[0])
        except ValueError:
            raise BadInput(place=grid.place(row, at["查询日期"]), found=repr(cells[0][:30]), expected="a day") from None
        found.queries.append((on, cells[1], cells[2]))
    return names


def _lay_accounts(grid: Grid, found: _Report, asked: Asked) -> BureauAccounts:
    rows = [_lay_account(grid, account, asked) for account in found.accounts]
    names = tuple(BureauAccounts.__dataclass_fields__)
    return BureauAccounts(**{name: tuple(row[name] for row in rows) for name in names})


def _lay_account(grid: Grid, account: _Account, asked: Asked) -> dict[str, Any]:
    def place(meaning: str) -> str:
        return grid.place(account.places.get(meaning, account.row))

    def day(meaning: str) -> date | None:
        text = account.fields.get(meaning, "")
        if text in ("", "--", "-"):
            return None
        try:
            return read_moment(text)[0]
        except ValueError:
            raise BadInput(place=place(meaning), found=repr(text[:30]), expected="a day such as 2026-01-31") from None

    def cents(meaning: str) -> int:
        try:
            return max(0, read_amount(account.fields.get(meaning, "")) or 0)
        except ValueError as fault:
            raise BadInput(place=place(meaning), found=f"{account.fields[meaning][:30]!r} ({fault})",
                           expected="an amount such as 1,234") from None  # fmt: skip

    def count(meaning: str) -> int | None:
        text = account.fields.get(meaning, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None

    opened, reported = day("opened_on"), day("reported_on")
    if opened is None or reported is None:
        missing = "开立日期" if opened is None else "截至日期"
        raise BadInput(place=grid.place(account.row), found=f"an account without {missing}", expected="its day")
    state = next((code for word, code in STATES.items() if word in account.fields.get("state", "")), "")
    if not state:
        told = account.fields.get("state", "")
        raise BadInput(place=place("state"), found=repr(told[:20]), expected="one of " + "、".join(STATES))
    lender = account.fields.get("lender", "").strip('"“”')
    late_30, late_60, late_90, late_180 = (cents(name) for name in ("late_30", "late_60", "late_90", "late_180"))
    return {
        "kind": account.kind, "lender": _choose(LENDERS, lender, "other"),
        "lender_token": asked.token("party", lender or grid.place(account.row)), "opened_on": opened,
        "closed_on": day("closed_on"), "reported_on": reported, "state": state,
        "security": _choose(SECURITIES, account.fields.get("security", ""), "unsecured"),
        "purpose": "card" if "card" in account.kind else _choose(PURPOSES, account.fields.get("purpose", ""), "other"),
        "limit_cents": cents("limit"), "balance_cents": cents("balance"), "due_cents": cents("due"),
        "paid_cents": cents("paid"), "overdue_cents": cents("overdue"),
        "overdue_over_30_cents": late_30 + late_60 + late_90 + late_180, "overdue_over_90_cents": late_90 + late_180,
        "terms": count("terms"), "terms_left": count("terms_left"), "months": _lay_months(account.months, reported),
    }  # fmt: skip


def _lay_months(months: Mapping[tuple[int, int], str], reported: date) -> str:
    """The newest month first, from the month of the report back to the first that is printed; gaps are unknown."""
    if not months:
        return ""
    letters: list[str] = []
    year, month = reported.year, reported.month
    while (year, month) >= min(months) and len(letters) < MONTHS_KEPT:
        letters.append(months.get((year, month), "#"))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return "".join(letters)


def _lay_queries(found: _Report, asked: Asked) -> BureauQueries:
    rows = sorted(found.queries)
    return BureauQueries(
        on=tuple(on for on, _, _ in rows),
        lender=cast(Any, tuple(_choose(LENDERS, who, "other") for _, who, _ in rows)),
        lender_token=tuple(asked.token("party", who) for _, who, _ in rows),
        reason=cast(Any, tuple(_choose(REASONS, why, "other") for _, _, why in rows)),
    )


def _choose(words: Sequence[tuple[str, str]], text: str, otherwise: str) -> str:
    return next((code for word, code in words if word in text), otherwise)
