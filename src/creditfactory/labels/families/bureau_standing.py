"""The bureau's accounts as they stand: how much is lent, used, due and overdue, of what kind and at which lenders."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from creditfactory.application import BureauAccounts, BureauReport, pack_column
from creditfactory.kernel import BPS_WHOLE, Scalar
from creditfactory.labels import kernels_accounts
from creditfactory.labels.families.bureau_words import ACCOUNT_KINDS, LENDERS, NOT_BANKS, ONLINE, PURPOSES
from creditfactory.labels.families.declaring import declare
from creditfactory.labels.family import UNKNOWN, Missing, Readings, Row
from creditfactory.labels.known import Known
from creditfactory.labels.label import Label, Polarity

Ints = NDArray[np.int64]
_AMOUNT_MAX = 10**13

CUTS: tuple[tuple[str, str, str], ...] = (
    ("all", "all open accounts", "全部未结清账户"),
    ("loans", "open loans", "未结清非循环贷"),
    ("lines", "open revolving loans", "未结清循环贷"),
    ("cards", "open cards", "在用信用卡"),
    ("borrowed", "open loans and revolving loans", "未结清贷款及循环贷"),
    ("banks", "open accounts at banks", "银行未结清账户"),
    ("nonbanks", "open accounts at lenders other than banks", "非银机构未结清账户"),
    ("online", "open accounts at online lenders and small-loan firms", "网贷小贷未结清账户"),
    ("consumer_finance", "open accounts at consumer finance firms", "消费金融未结清账户"),
    ("unsecured", "open unsecured accounts", "信用类未结清账户"),
    ("unsecured_loans", "open unsecured loans", "未结清信用贷款(含循环)"),
    ("secured", "open secured loans", "未结清抵质押贷款"),
    ("business", "open business loans", "未结清经营性贷款"),
    ("consumption", "open consumer loans", "未结清消费贷款"),
    ("home", "open home loans", "未结清住房贷款"),
    ("car", "open car loans", "未结清汽车贷款"),
    ("young", "open accounts less than a year old", "开立不足一年的未结清账户"),
    ("late", "open accounts overdue today", "当前逾期账户"),
    ("over", "accounts closed", "已结清账户"),
    ("over_loans", "loans repaid", "已结清贷款"),
    ("over_nonbanks", "accounts closed at lenders other than banks", "非银机构已结清账户"),
)
_A = "adverse"
_MEASURES: tuple[tuple[str, str, str, str, Polarity], ...] = (
    ("count", "count", "Number of {cut}", "{cut}数", "neutral"),
    ("lenders", "count", "Lenders of {cut}", "{cut}机构数", "neutral"),
    ("limit_cents", "cents", "Limits of {cut}, or what was lent", "{cut}授信或放款总额", "neutral"),
    ("limit_max_cents", "cents", "Largest limit of {cut}", "{cut}单户最高授信", "neutral"),
    ("limit_mean_cents", "cents", "Mean limit of {cut}", "{cut}户均授信", "neutral"),
    ("balance_cents", "cents", "Balance of {cut}", "{cut}余额", "neutral"),
    ("balance_max_cents", "cents", "Largest balance of {cut}", "{cut}单户最高余额", "neutral"),
    ("use_bps", "bps", "Balance of {cut} against their limits", "{cut}余额占授信比", "adverse"),
    ("use_max_bps", "bps", "Highest use of a limit among {cut}", "{cut}单户最高使用率", "adverse"),
    ("nearly_full", "count", "Number of {cut} used to nine tenths or more", "{cut}使用率九成以上户数", "adverse"),
    ("due_cents", "cents", "Due this month on {cut}", "{cut}本月应还", "neutral"),
    ("paid_bps", "bps", "Paid of what was due on {cut}", "{cut}本月实还占应还比", "premium"),
    ("overdue_cents", "cents", "Overdue on {cut}", "{cut}逾期金额", "adverse"),
    ("overdue_30_cents", "cents", "Overdue by more than 30 days on {cut}", "{cut}逾期30天以上金额", "adverse"),
    ("overdue_90_cents", "cents", "Overdue by more than 90 days on {cut}", "{cut}逾期90天以上金额", "adverse"),
    ("oldest_months", "months", "Age of the oldest of {cut}", "{cut}最早账户账龄", "premium"),
    ("newest_months", "months", "Age of the newest of {cut}", "{cut}最新账户账龄", "neutral"),
    ("mean_months", "months", "Mean age of {cut}", "{cut}平均账龄", "premium"),
)
_ENDED = frozenset(("count", "lenders", "limit_cents", "limit_max_cents", "limit_mean_cents", "oldest_months",
                    "newest_months", "mean_months"))  # fmt: skip
"""What can be said of accounts that are closed."""


def _declare_all() -> tuple[Label, ...]:
    found = []
    for cut, en, zh in CUTS:
        for measure, unit, told_en, told_zh, polarity in _MEASURES:
            if cut.startswith("over") and measure not in _ENDED:
                continue
            high = BPS_WHOLE if measure == "paid_bps" else None
            found.append(
                declare("bureau", ("bureau_accounts", cut, measure), unit, told_en.format(cut=en),
                        told_zh.format(cut=zh), polarity, high=high)
            )  # fmt: skip
    return tuple(found)


LABELS = _declare_all()
_ROWS = tuple(cut for cut, *_ in CUTS)
_COLUMNS = tuple(measure for measure, *_ in _MEASURES)
_FLAT = np.array([_ROWS.index(label.cut) * len(_COLUMNS) + _COLUMNS.index(label.measure) for label in LABELS], np.intp)
_NONE = -1


def read_accounts(known: Known) -> Mapping[str, Scalar | Missing]:
    """Every measure of every kind of account; a share or an age of accounts that there are none of is unknown."""
    row = read_accounts_row(known)
    if row is None:
        return {}
    none = Missing(row.why)
    return {label.name: none if v == UNKNOWN else v for label, v in zip(LABELS, row.figures.tolist(), strict=True)}


def read_accounts_row(known: Known) -> Row | None:
    """The same in the order of the labels."""
    report = known.find(BureauReport)
    if report is None or report.accounts is None or not report.has_record:
        return None
    figures = _measure(report.accounts, report.obtained_at.date().toordinal()).ravel()[_FLAT]
    return Row(np.where(figures == _NONE, UNKNOWN, figures), "none_of_kind")


def _measure(accounts: BureauAccounts, on: int) -> Ints:
    """A row for each of :data:`CUTS`, a column for each measure; -1 where there is nothing to say."""
    size = len(accounts.kind)
    columns = (
        accounts.limit_cents, accounts.balance_cents, accounts.due_cents, accounts.paid_cents,
        accounts.overdue_cents, accounts.overdue_over_30_cents, accounts.overdue_over_90_cents,
    )  # fmt: skip
    try:
        amounts = pack_column("q", np.int64, chain.from_iterable(columns), 7 * size)
    except struct.error:
        amounts = np.array([max(-_AMOUNT_MAX, min(_AMOUNT_MAX, one)) for one in chain.from_iterable(columns)], np.int64)
    lenders, lender_count = _number_lenders(accounts.lender_token)
    kind, lender, purpose = _LOANS.__getitem__, _LENT_BY.__getitem__, _MEANT_FOR.__getitem__
    words = zip(accounts.kind, accounts.lender, accounts.purpose, strict=True)
    return kernels_accounts.measure_accounts(
        pack_column("q", np.int64, [kind(one) | lender(other) | purpose(third) for one, other, third in words], size),
        pack_column("?", np.bool_, [closed is None for closed in accounts.closed_on], size),
        pack_column("?", np.bool_, [one == "unsecured" for one in accounts.security], size),
        (on - pack_column("q", np.int64, map(date.toordinal, accounts.opened_on), size)) * 12 // 365,
        np.minimum(amounts, _AMOUNT_MAX).reshape(7, size),
        lenders,
        lender_count,
    )


def _number_lenders(tokens: Sequence[str]) -> tuple[NDArray[np.int32], int]:
    """Lenders numbered as they first appear; those without a token count as one."""
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(token, len(numbers)) for token in tokens]
    return pack_column("i", np.int32, found, len(found)), len(numbers)


def _mark_words(words: tuple[str, ...], first: int, *groups: tuple[str, ...]) -> Mapping[str, int]:
    """For every word of a column, a bit for each group that it belongs to."""
    return {word: sum(1 << first + n for n, group in enumerate(groups) if word in group) for word in words}


_LOANS = _mark_words(
    ACCOUNT_KINDS, kernels_accounts.LOAN, ("loan",), ("revolving_loan", "revolving_line"), ("card", "quasi_card")
)
_LENT_BY = _mark_words(LENDERS, kernels_accounts.BANK, ("bank",), NOT_BANKS, ONLINE, ("consumer_finance",))
_MEANT_FOR = _mark_words(PURPOSES, kernels_accounts.BUSINESS, ("business",), ("consumption",), ("home",), ("car",))
assert (len(CUTS), len(_COLUMNS)) == (kernels_accounts.CUTS, kernels_accounts.COLUMNS), "as the kernel numbers them"


DUTY_LABELS = (
    declare("bureau", ("bureau_duties", "all", "count"), "count", "Duties to pay for others", "相关还款责任笔数",
            "adverse"),
    declare("bureau", ("bureau_duties", "all", "duty_cents"), "cents", "What may have to be paid for others",
            "相关还款责任金额", "adverse"),
    declare("bureau", ("bureau_duties", "all", "balance_cents"), "cents", "Balance of loans stood in for",
            "相关还款责任贷款余额", "adverse"),
    declare("bureau", ("bureau_duties", "guarantor", "count"), "count", "Guarantees given", "保证责任笔数", "adverse"),
    declare("bureau", ("bureau_duties", "guarantor", "balance_cents"), "cents", "Balance of loans guaranteed",
            "保证责任贷款余额", "adverse"),
    declare("bureau", ("bureau_duties", "co_borrower", "count"), "count", "Loans taken together with others",
            "共同借款笔数", "adverse"),
    declare("bureau", ("bureau_duties", "co_borrower", "balance_cents"), "cents",
            "Balance of loans taken together with others", "共同借款余额", "adverse"),
    declare("bureau", ("bureau_duties", "overdue", "count"), "count", "Loans stood in for that are overdue",
            "相关还款责任逾期笔数", "adverse"),
    declare("bureau", ("bureau_duties", "banks", "count"), "count", "Duties towards banks", "对银行的相关还款责任笔数"),
    declare("bureau", ("bureau_duties", "nonbanks", "count"), "count", "Duties towards other lenders",
            "对非银机构的相关还款责任笔数", "adverse"),
    declare("bureau", ("bureau_duties", "all", "newest_months"), "months", "Months since the latest duty was taken on",
            "最近一笔相关还款责任距今月数"),
    declare("bureau", ("bureau_person", "phones", "count"), "count", "Phone numbers lenders reported",
            "机构上报手机号数",
            "adverse"),
    declare("bureau", ("bureau_person", "addresses", "count"), "count", "Addresses lenders reported",
            "机构上报居住地址数",
            "adverse"),
    declare("bureau", ("bureau_person", "employers", "count"), "count", "Employers lenders reported",
            "机构上报工作单位数",
            "adverse"),
    declare("bureau", ("bureau_person", "disputes", "any"), "yes or no", "The person disputes an entry", "有异议标注"),
)  # fmt: skip


def read_duties(known: Known) -> Mapping[str, Scalar | Missing]:
    """Duties for others, and how many phones, addresses and employers the lenders have reported."""
    report = known.find(BureauReport)
    if report is None or not report.has_record:
        return {}
    found: dict[str, Scalar | Missing] = {
        "bureau_person__phones__count": report.phones_reported,
        "bureau_person__addresses__count": report.addresses_reported,
        "bureau_person__employers__count": report.employers_reported,
        "bureau_person__disputes__any": report.has_dispute,
    }
    duties = report.duties
    if duties is None:
        return found
    rows = list(zip(duties.role, duties.lender, duties.duty_cents, duties.balance_cents, strict=True))
    on = report.obtained_at.date()
    newest = max(duties.opened_on, default=None)
    return found | {
        "bureau_duties__all__count": len(rows),
        "bureau_duties__all__duty_cents": sum(duties.duty_cents),
        "bureau_duties__all__balance_cents": sum(duties.balance_cents),
        "bureau_duties__guarantor__count": sum(role == "guarantor" for role, *_ in rows),
        "bureau_duties__guarantor__balance_cents": sum(row[3] for row in rows if row[0] == "guarantor"),
        "bureau_duties__co_borrower__count": sum(role == "co_borrower" for role, *_ in rows),
        "bureau_duties__co_borrower__balance_cents": sum(row[3] for row in rows if row[0] == "co_borrower"),
        "bureau_duties__overdue__count": sum(duties.is_overdue),
        "bureau_duties__banks__count": sum(lender == "bank" for _, lender, *_ in rows),
        "bureau_duties__nonbanks__count": sum(lender in NOT_BANKS for _, lender, *_ in rows),
        "bureau_duties__all__newest_months":
            Missing("none_of_kind") if newest is None else (on.toordinal() - newest.toordinal()) * 12 // 365,
    }  # fmt: skip


READINGS = (
    Readings(
        code="bureau_accounts", labels=LABELS, absent="no_accounts", read=read_accounts, read_row=read_accounts_row
    ),
    Readings(code="bureau_duties", labels=DUTY_LABELS, absent="no_duties", read=read_duties),
)
