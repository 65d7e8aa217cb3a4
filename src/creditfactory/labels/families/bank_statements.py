"""The bank statements of owner and firm, line by line: what came in and went out, for what, when, and how evenly."""

from __future__ import annotations

import numpy as np

from creditfactory.labels import kernels_statements
from creditfactory.labels.families.sources import describe
from creditfactory.labels.family import (
    CHANGE,
    COUNT,
    COUNT_CHANGE,
    COUNT_SHARE,
    DAYS,
    DAYS_SINCE,
    EVER,
    GAP,
    MAX,
    MEAN,
    NET,
    PARTIES,
    SHARE,
    SPREAD,
    SUM,
    TOP_SHARE,
    Cut,
    Family,
    days_back,
)
from creditfactory.labels.known import Known
from creditfactory.labels.label import Polarity
from creditfactory.labels.statement_lines import SORTS, StatementLines
from creditfactory.labels.tables import DAY, Shape, Table, number_day, put_in_order

DIRECTIONS = ("in", "out", "none")
HOLDERS = ("owner", "firm")
HOURS = ("unknown", "night", "day", "evening")
WEEK = ("working_day", "weekend")
SIZES = ("small", "middle", "large", "huge")
ROUND = ("odd", "round")
"""These words stand as :func:`kernels_statements.tell_lines` numbers them."""


def read_statements(known: Known) -> Table | None:
    """All accounts' lines together, as known at an instant; the record reaches back as far as every account does."""
    return None if known.lines is None else tabulate_lines(known.lines)


def tabulate_lines(lines: StatementLines) -> Table:
    """The same from the lines alone; amounts beyond what a column holds make the sums unknown."""
    size = len(lines.days)
    holders = np.array([HOLDERS.index(s.holder) for s in lines.statements], np.uint8)
    happened, amounts, words = np.empty(size, np.int64), np.empty(size, np.int64), np.empty((7, size), np.uint8)
    party = lines.party
    is_ordered = kernels_statements.tell_lines(
        lines.offsets, lines.days, lines.minutes, lines.flows, lines.sorts, holders, happened, amounts, words
    )
    if not is_ordered:
        happened, amounts, party, words = put_in_order(happened, amounts, party, words)
    return Table(
        shape=STATEMENTS,
        offsets=np.array((0, size), np.int64),
        happened=happened,
        amounts=amounts,
        party=party,
        words=words,
        reaches_from=np.array((max(number_day(s.from_on) for s in lines.statements) * DAY,), np.int64),
        reaches_to=np.array(((max(number_day(s.to_on) for s in lines.statements) + 1) * DAY,), np.int64),
        parties=np.array((lines.parties,), np.int64),
    )


STATEMENTS = Shape(
    code="statements",
    source="bank_statement",
    absent="no_statement",
    columns={
        "sort": SORTS, "direction": DIRECTIONS, "holder": HOLDERS, "hour": HOURS, "week": WEEK, "size": SIZES,
        "round": ROUND,
    },
    read=read_statements,
)  # fmt: skip


def _come(code: str, en: str, zh: str, polarity: Polarity, *sorts: str, **more: tuple[str, ...]) -> Cut:
    where = {"direction": ("in",), **({"sort": sorts} if sorts else {}), **more}
    return Cut(code=code, en=en, zh=zh, where=where, polarity=polarity)


def _go(code: str, en: str, zh: str, polarity: Polarity, *sorts: str, **more: tuple[str, ...]) -> Cut:
    where = {"direction": ("out",), **({"sort": sorts} if sorts else {}), **more}
    return Cut(code=code, en=en, zh=zh, where=where, polarity=polarity)


_IN = (
    _come("in", "money in", "入账", "premium"),
    _come("sale", "sales received", "销售回款", "premium", "sale"),
    _come("sale_firm", "sales received on the firm's account", "对公账户销售回款", "premium", "sale", holder=("firm",)),
    _come("sale_owner", "sales received on the owner's account", "个人账户销售回款", "premium", "sale",
          holder=("owner",)),
    _come("sale_weekend", "sales received at weekends", "周末销售回款", "neutral", "sale", week=("weekend",)),
    _come("sale_large", "sales received of 10,000 yuan or more", "万元以上销售回款", "premium", "sale",
          size=("large", "huge")),
    _come("loan_in", "loans paid out to the account", "贷款入账", "adverse", "loan_in"),
    _come("own_in", "transfers in from own accounts", "本人账户转入", "neutral", "own_transfer"),
    _come("person_in", "transfers in from persons", "个人转入", "neutral", "person_transfer"),
    _come("cash_in", "cash paid in", "现金存入", "neutral", "cash"),
    _come("wallet_in", "money in from wallets", "第三方支付入账", "neutral", "wallet"),
    _come("refund_in", "refunds received", "退款入账", "neutral", "refund"),
    _come("interest_in", "interest received", "利息收入", "premium", "interest"),
    _come("windfall_in", "money in from securities, property, insurance and games", "证券房产保险博彩类入账", "adverse",
          "securities", "property", "insurance", "gambling"),
    _come("other_in", "money in for reasons unknown", "用途不明入账", "adverse", "other"),
    _come("in_firm", "money in on the firm's account", "对公账户入账", "premium", holder=("firm",)),
    _come("in_owner", "money in on the owner's account", "个人账户入账", "neutral", holder=("owner",)),
    _come("in_night", "money in at night", "夜间入账", "adverse", hour=("night",)),
    _come("in_evening", "money in in the evening", "晚间入账", "neutral", hour=("evening",)),
    _come("in_weekend", "money in at weekends", "周末入账", "neutral", week=("weekend",)),
    _come("in_round", "money in in round thousands", "整千元入账", "adverse", round=("round",)),
    _come("in_small", "money in below 1,000 yuan", "千元以下入账", "neutral", size=("small",)),
    _come("in_huge", "money in of 100,000 yuan or more", "十万元以上入账", "neutral", size=("huge",)),
)  # fmt: skip
_OPERATING = ("purchase", "wage", "rent", "tax", "social_security", "utility", "logistics")
_OUT = (
    _go("out", "money out", "出账", "neutral"),
    _go("operating", "costs of the business", "经营性支出", "premium", *_OPERATING),
    _go("purchase", "purchases paid", "采购付款", "premium", "purchase"),
    _go("wage", "wages paid", "工资支出", "premium", "wage"),
    _go("rent", "rent paid", "租金支出", "premium", "rent"),
    _go("tax", "taxes paid", "税费支出", "premium", "tax"),
    _go("social_security", "social security paid", "社保支出", "premium", "social_security"),
    _go("utility", "power, water and gas paid", "水电气支出", "premium", "utility"),
    _go("logistics", "carriage paid", "物流支出", "premium", "logistics"),
    _go("debt", "loans and cards repaid", "还贷还卡支出", "adverse", "loan_repayment", "card_repayment"),
    _go("loan_repayment", "loan instalments paid", "贷款还款", "adverse", "loan_repayment"),
    _go("card_repayment", "card bills paid", "信用卡还款", "neutral", "card_repayment"),
    _go("own_out", "transfers out to own accounts", "转出至本人账户", "neutral", "own_transfer"),
    _go("person_out", "transfers out to persons", "转出至个人", "adverse", "person_transfer"),
    _go("cash_out", "cash drawn", "现金支取", "adverse", "cash"),
    _go("wallet_out", "money out to wallets", "第三方支付支出", "neutral", "wallet"),
    _go("fee", "bank fees", "银行费用", "neutral", "fee"),
    _go("refund_out", "refunds given", "退款支出", "adverse", "refund"),
    _go("risky", "money out to securities, property and games", "证券房产博彩类支出", "adverse",
        "securities", "property", "gambling"),
    _go("gambling", "money out to games of chance", "博彩类支出", "adverse", "gambling"),
    _go("insurance", "insurance premiums paid", "保险支出", "premium", "insurance"),
    _go("consumption", "private spending", "消费支出", "neutral", "consumption"),
    _go("other_out", "money out for reasons unknown", "用途不明支出", "adverse", "other"),
    _go("out_firm", "money out of the firm's account", "对公账户出账", "neutral", holder=("firm",)),
    _go("out_owner", "money out of the owner's account", "个人账户出账", "neutral", holder=("owner",)),
    _go("out_night", "money out at night", "夜间出账", "adverse", hour=("night",)),
    _go("out_evening", "money out in the evening", "晚间出账", "neutral", hour=("evening",)),
    _go("out_weekend", "money out at weekends", "周末出账", "neutral", week=("weekend",)),
    _go("out_round", "money out in round thousands", "整千元出账", "adverse", round=("round",)),
    _go("out_small", "money out below 1,000 yuan", "千元以下出账", "neutral", size=("small",)),
    _go("out_huge", "money out of 100,000 yuan or more", "十万元以上出账", "adverse", size=("huge",)),
)  # fmt: skip
_BOTH = (
    Cut(code="all", en="all lines", zh="全部流水", where={}),
    Cut(code="owner", en="lines of the owner's account", zh="个人账户流水", where={"holder": ("owner",)}),
    Cut(code="firm", en="lines of the firm's account", zh="对公账户流水", where={"holder": ("firm",)}),
    Cut(code="persons", en="transfers to and from persons", zh="与个人往来", where={"sort": ("person_transfer",)}),
    Cut(code="own", en="transfers between own accounts", zh="本人账户往来", where={"sort": ("own_transfer",)}),
    Cut(code="loans", en="loans taken and repaid", zh="贷款收支", where={"sort": ("loan_in", "loan_repayment")}),
    Cut(code="business", en="sales and costs of the business", zh="经营性收支",
        where={"sort": ("sale", *_OPERATING)}, polarity="premium"),
)  # fmt: skip
_ABOUT = {"shape": STATEMENTS, "en": "Bank statements", "zh": "银行流水", **describe("bank_statement")}
_FIGURES = (COUNT, SUM, MEAN, MAX, PARTIES, DAYS, GAP, SPREAD, TOP_SHARE, SHARE, COUNT_SHARE, CHANGE)
_WINDOWS = days_back(30, 90, 180, 360)

FAMILIES = (
    Family(code="bank", cuts=_IN, whole="in", windows=_WINDOWS, measures=_FIGURES, **_ABOUT),
    Family(code="bank", cuts=_OUT, whole="out", windows=_WINDOWS, measures=_FIGURES, **_ABOUT),
    Family(code="bank", cuts=_BOTH, windows=_WINDOWS, measures=(COUNT, NET, PARTIES, DAYS, COUNT_CHANGE), **_ABOUT),
    Family(code="bank", cuts=(*_IN, *_OUT), windows=(EVER,), measures=(DAYS_SINCE,), **_ABOUT),
)
