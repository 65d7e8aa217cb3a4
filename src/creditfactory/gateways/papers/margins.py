"""What stands above and below a statement's lines: whose account, which bank, which days, and the printed totals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from creditfactory.gateways.papers.cells import read_amount, read_moment, tidy
from creditfactory.gateways.papers.grid import Grid
from creditfactory.gateways.papers.headings import Heading

BANKS = {
    "工商银行": "icbc", "建设银行": "ccb", "招商银行": "cmb", "农业银行": "abc", "中国银行": "boc",
    "交通银行": "bocom", "邮政储蓄": "psbc", "邮储银行": "psbc", "中信银行": "citic", "光大银行": "ceb",
    "民生银行": "cmbc", "浦发银行": "spdb",
    "浦东发展银行": "spdb", "兴业银行": "cib", "平安银行": "pab", "广发银行": "cgb", "华夏银行": "hxb",
    "微众银行": "webank", "网商银行": "mybank", "支付宝": "alipay", "财付通": "tenpay", "icbc": "icbc",
    "china construction bank": "ccb", "china merchants bank": "cmb",
}  # fmt: skip
_KEYS = {
    "holder": ("户名", "账户名称", "客户名称", "客户姓名", "姓名", "开户名", "账户名", "账户户名", "account name",
               "name"),
    "account": ("账号", "账户", "卡号", "帐号", "客户账号", "账户号", "银行账号", "account no",
                "account number", "account"),
    "period": ("起止日期", "查询期间", "交易时间段", "账单期间", "日期范围", "查询日期", "起始日期", "统计期间",
               "交易期间", "period", "statement period"),
    "opening": ("期初余额", "承前余额", "上期余额", "起始余额", "opening balance"),
}  # fmt: skip
_DAY = r"[0-9]{4}(?:[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?|[0-9]{4})"
PERIOD = re.compile(rf"({_DAY})\s*(?:至|到|-{{1,3}}|—{{1,2}}|–|~|to)\s*({_DAY})", re.IGNORECASE)
_AMOUNT = r"(-?[0-9][0-9,]*(?:\.[0-9]{1,2})?)"
_TOTALS = (
    (
        "in_cents",
        re.compile(rf"(?:收入|贷方|转入|存入|总收入)(?:合计|总额|总金额|发生额|金额)*(?:\(元\))?[:\s]*{_AMOUNT}"),
    ),
    (
        "out_cents",
        re.compile(rf"(?:支出|借方|转出|支取|总支出)(?:合计|总额|总金额|发生额|金额)*(?:\(元\))?[:\s]*{_AMOUNT}"),
    ),
    ("count_in", re.compile(r"(?:收入|贷方|转入)(?:总)?笔数[:\s]*([0-9]+)")),
    ("count_out", re.compile(r"(?:支出|借方|转出)(?:总)?笔数[:\s]*([0-9]+)")),
    ("closing_cents", re.compile(rf"(?:期末余额|本期余额|closing balance)[:\s]*{_AMOUNT}", re.IGNORECASE)),
)
_SUMS = ("合计", "总计", "本期合计", "累计", "total", "totals")
_PAGE_SUMS = ("本页合计", "本页小计", "小计", "page total")
_OPENINGS = ("期初余额", "承前余额", "上期余额", "承前页", "上页余额", "opening balance", "balance brought forward")
_CLOSINGS = ("期末余额", "结余", "closing balance", "balance carried forward", "过次页")


@dataclass(slots=True)
class Margins:
    """The words around the lines."""

    holder: str = ""
    account: str = ""
    bank: str = ""
    from_on: date | None = None
    to_on: date | None = None
    opening: int | None = None
    totals: dict[str, int] = field(default_factory=dict)


def read_preamble(grid: Grid, heading: Heading) -> Margins:
    """Holder, account, bank, period and opening balance, as far as they are printed above the lines."""
    found = Margins()
    above = [row for row in grid.rows if (row.page, row.number) < (heading.row.page, heading.row.number)]
    for row in above:
        texts = [text for text in row.texts if text]
        pairs = _pair(texts)
        for key, value in pairs:
            _keep(found, key, value)
        whole = " ".join(texts)
        _keep_period(found, whole)
        _keep_totals(found, whole)
        _keep_bank(found, whole)
    _keep_bank(found, " ".join(grid.sheets))
    return found


def _pair(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Names with what stands after their colon, or in the next cell."""
    pairs = []
    for at, text in enumerate(texts):
        for part in re.split(r"\s{2,}|\s(?=[^\s:]{2,8}:)", text):
            key, colon, value = part.partition(":")
            if colon and value.strip():
                pairs.append((key.strip(), value.strip()))
            elif at + 1 < len(texts):
                pairs.append((key.strip(), texts[at + 1]))
    return pairs


def _keep(found: Margins, key: str, value: str) -> None:
    plain = re.sub(r"\(.*?\)", "", key).strip().casefold()
    if plain in _KEYS["holder"] and not found.holder:
        found.holder = value[:120]
    elif plain in _KEYS["account"] and not found.account and re.search(r"[0-9*]{4}", value):
        found.account = re.sub(r"[^0-9A-Za-z*]", "", value)[:40]
    elif plain in _KEYS["opening"] and found.opening is None:
        try:
            found.opening = read_amount(value)
        except ValueError:
            return


def _keep_period(found: Margins, text: str) -> None:
    told = PERIOD.search(text)
    if told and found.from_on is None:
        try:
            begins, ends = read_moment(told.group(1))[0], read_moment(told.group(2))[0]
        except ValueError:
            return
        if begins <= ends:
            found.from_on, found.to_on = begins, ends


def _keep_bank(found: Margins, text: str) -> None:
    if not found.bank:
        plain = text.casefold()
        found.bank = next((code for name, code in BANKS.items() if name in plain), "")


def _keep_totals(found: Margins, text: str) -> None:
    for name, pattern in _TOTALS:
        told = pattern.search(text)
        if told and name not in found.totals:
            try:
                amount = read_amount(told.group(1)) if name.endswith("_cents") else int(told.group(1))
            except ValueError:
                continue
            if amount is not None:
                found.totals[name] = abs(amount) if name != "closing_cents" else amount


def read_footer(found: Margins, texts: Sequence[str], heading: Heading) -> bool:
    """Whether a row is totals, a balance carried over, or the foot of a page; what it says is kept.

    Totals of a single page are passed over: the whole paper's are what can be held against its lines.
    """
    filled = [text for text in texts if text]
    first = filled[0].casefold().replace(" ", "").rstrip(":") if filled else ""
    whole = " ".join(filled)
    if any(first.startswith(word.replace(" ", "")) for word in _PAGE_SUMS):
        return True
    if _has_day(texts, heading) and any(_at(texts, heading, meaning) for meaning in ("in", "out", "amount")):
        return False
    for words, name in ((_OPENINGS, "opening"), (_CLOSINGS, "closing")):
        if any(word in " ".join(filled[:3]).casefold() for word in words):
            amount = _at(texts, heading, "balance") or _last_amount(filled)
            if name == "opening" and found.opening is None:
                found.opening = amount
            elif name == "closing" and amount is not None:
                found.totals.setdefault("closing_cents", amount)
            return True
    if any(first == word or first.startswith(word) for word in _SUMS):
        for name, meaning in (("in_cents", "in"), ("out_cents", "out")):
            amount = _at(texts, heading, meaning)
            if amount is not None:
                found.totals[name] = abs(amount)
        _keep_totals(found, whole)
        return True
    if not _has_day(texts, heading) and any(pattern.search(whole) for _, pattern in _TOTALS):
        _keep_totals(found, whole)
        return True
    return False


def _has_day(texts: Sequence[str], heading: Heading) -> bool:
    at = heading.first("day")
    try:
        read_moment(texts[at] if at is not None and at < len(texts) else "")
    except ValueError:
        return False
    return True


def _at(texts: Sequence[str], heading: Heading, meaning: str) -> int | None:
    at = heading.first(meaning)
    if at is None or at >= len(texts):
        return None
    try:
        return read_amount(tidy(texts[at]))
    except ValueError:
        return None


def _last_amount(texts: Sequence[str]) -> int | None:
    for text in reversed(texts):
        try:
            amount = read_amount(text.rpartition(":")[2])
        except ValueError:
            continue
        if amount is not None:
            return amount
    return None
