"""Which column is which: the headings that banks and tax bureaus print, in the words of their exports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from creditfactory.gateways.papers.grid import Grid, GridRow

STATEMENT_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "day": (
        "交易日期", "记账日期", "日期", "入账日期", "业务日期", "交易日", "记账日", "会计日期", "交易时间", "记账时间",
        "入账时间", "交易日期时间", "date", "transactiondate", "postingdate", "bookingdate", "tradedate",
    ),
    "minute": ("交易时间", "时间", "记账时间", "入账时间", "time", "transactiontime"),
    "out": (
        "借方发生额", "借方金额", "借方", "支出", "支出金额", "转出金额", "转出", "取出", "付款金额", "借方发生金额",
        "支取", "debit", "debitamount", "withdrawal", "withdrawals", "moneyout", "paidout",
    ),
    "in": (
        "贷方发生额", "贷方金额", "贷方", "收入", "收入金额", "转入金额", "转入", "存入", "收款金额", "贷方发生金额",
        "credit", "creditamount", "deposit", "deposits", "moneyin", "paidin",
    ),
    "amount": (
        "交易金额", "发生额", "金额", "收支金额", "收/支金额", "发生金额", "本次发生额", "amount", "transactionamount",
    ),
    "way": (
        "借贷标志", "收支标志", "借贷", "收/支", "收支", "收支方向", "借/贷", "交易方向", "借贷方向", "资金方向",
        "收/付", "借贷标识", "dr/cr", "d/c", "type",
    ),
    "balance": (
        "余额", "账户余额", "联机余额", "本次余额", "交易余额", "可用余额", "结余", "当前余额", "帐户余额", "balance",
        "runningbalance", "accountbalance",
    ),
    "party": (
        "对方户名", "对方名称", "交易对手", "对方账户名称", "收/付方名称", "交易对手名称", "对手信息", "对方帐户名称",
        "对方单位", "对方单位名称", "收付款人", "对方", "收(付)方名称", "收款人/付款人", "对手户名", "counterparty",
        "payee", "payer", "name",
    ),
    "memo": (
        "摘要", "用途", "附言", "备注", "交易类型", "交易摘要", "业务摘要", "交易说明", "摘要说明", "交易名称",
        "交易用途", "业务类型", "description", "details", "remark", "remarks", "memo", "particulars",
    ),
    "currency": ("币种", "货币", "币别", "记账币种", "currency"),
    "party_account": ("对方账号", "对方帐号", "交易对手账号", "对方账户", "收/付方账号", "对手账号", "对方卡号/账号"),
    "account": ("账号", "本方账号", "卡号", "交易卡号", "account"),
}  # fmt: skip
INVOICE_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "day": ("开票日期", "日期", "date", "invoicedate"),
    "number": ("发票号码", "数电票号码", "数电发票号码", "发票编号", "invoiceno", "invoicenumber", "number"),
    "code": ("发票代码", "invoicecode"),
    "seller": ("销方名称", "销售方名称", "卖方名称", "销货方名称", "开票方", "seller"),
    "buyer": ("购方名称", "购买方名称", "买方名称", "购货方名称", "受票方", "客户名称", "buyer"),
    "net": ("金额", "不含税金额", "合计金额", "amount", "netamount", "net"),
    "vat": ("税额", "合计税额", "tax", "vat", "taxamount"),
    "total": ("价税合计", "含税金额", "合计", "total", "totalamount"),
    "state": ("发票状态", "状态", "是否作废", "作废标志", "status", "state"),
    "way": ("发票方向", "进销项", "票据方向", "方向", "direction"),
    "party": ("对方名称", "购方/销方名称", "交易对方", "counterparty"),
}  # fmt: skip

_IN_BRACKETS = re.compile(r"[(\[【（].*?[)\]】）]")
SEARCHED_ROWS = 80


@dataclass(frozen=True, slots=True)
class Heading:
    """The row of headings, and for each meaning the columns that have it."""

    row: GridRow
    columns: Mapping[str, tuple[int, ...]]

    def first(self, meaning: str) -> int | None:
        """The first column of a meaning; None where there is none."""
        found = self.columns.get(meaning, ())
        return found[0] if found else None


def name_heading(text: str) -> str:
    """A heading without its unit, its spaces and its case.

    >>> name_heading("借方 发生额（元）"), name_heading("Transaction Date")
    ('借方发生额', 'transactiondate')
    """
    plain = text.replace(" ", "").casefold()
    bare = _IN_BRACKETS.sub("", plain)
    return plain if plain == "收(付)方名称" else bare.rstrip(":*")


def match_headings(row: GridRow, known: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """The meanings of a row's cells; where a heading can mean two things, the more needed meaning comes first."""
    texts = [name_heading(text) for text in row.texts]
    found: dict[str, tuple[int, ...]] = {}
    taken: set[int] = set()
    for meaning, words in known.items():
        places = [at for word in words for at, text in enumerate(texts) if text == word and at not in taken]
        if meaning != "memo":
            places = places[:1]
        if places:
            found[meaning] = tuple(sorted(places))
            taken |= set(places)
    return found


def is_statement_heading(found: Mapping[str, tuple[int, ...]]) -> bool:
    """A day, and money that moved one way or the other."""
    return "day" in found and ("amount" in found or ("in" in found and "out" in found))


def is_invoice_heading(found: Mapping[str, tuple[int, ...]]) -> bool:
    """A day, a number and a net amount or a total, as a list of invoices has them."""
    return all(part in found for part in ("day", "number")) and ("net" in found or "total" in found)


def find_statement_heading(grid: Grid) -> Heading | None:
    """The first row that is a statement's headings."""
    for row in grid.rows[:SEARCHED_ROWS]:
        found = match_headings(row, STATEMENT_HEADINGS)
        if is_statement_heading(found):
            return Heading(row, found)
    return None


def find_invoice_heading(grid: Grid) -> Heading | None:
    """The first row that is the headings of a list of invoices."""
    for row in grid.rows[:SEARCHED_ROWS]:
        found = match_headings(row, INVOICE_HEADINGS)
        if is_invoice_heading(found):
            return Heading(row, found)
    return None
