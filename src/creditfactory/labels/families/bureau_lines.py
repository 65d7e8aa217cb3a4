"""The bureau's report over time: late months, accounts opened, lenders' queries, duties for others, public records."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from creditfactory.application import STATUS_CODES, BureauAccounts, BureauReport, pack_column
from creditfactory.labels import kernels_accounts
from creditfactory.labels.families.bureau_words import (
    ACCOUNT_KINDS,
    LENDERS,
    NOT_BANKS,
    ONLINE,
    PUBLIC_KINDS,
    PURPOSES,
    REASONS,
    SECURITIES,
)
from creditfactory.labels.families.sources import describe
from creditfactory.labels.family import (
    COUNT,
    COUNT_CHANGE,
    COUNT_SHARE,
    DAYS,
    DAYS_SINCE,
    EVER,
    GAP,
    MAX,
    MEAN,
    PARTIES,
    SHARE,
    SPAN,
    SUM,
    Cut,
    Family,
    days_back,
    months_back,
)
from creditfactory.labels.known import Known
from creditfactory.labels.label import Polarity
from creditfactory.labels.tables import DAY, Draft, Shape, Table, number_day, place_words

MONTHS = 60
GRADES = ("paid", "late_1", "late_2", "late_3", "late_4_up", "bad")
LIFE = ("open", "over")
_BLANK = 255


def _grade_letters() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """For every letter a month can have: its grade's place, and the months late that it stands for."""
    grade, late = np.full(256, _BLANK, np.uint8), np.zeros(256, np.int64)
    for letter in STATUS_CODES:
        if letter == "N":
            grade[ord(letter)] = 0
        elif letter.isdigit():
            grade[ord(letter)], late[ord(letter)] = min(int(letter), 4), int(letter)
        elif letter in "BDZ":
            grade[ord(letter)], late[ord(letter)] = 5, 8
    return grade, late


_GRADE, _LATE = _grade_letters()


def read_months(known: Known) -> Table | None:
    """Every account's every month with a known status, up to 60 back; the amount is how many months late it was.

    Months settled, ended or not used say nothing and are left out. Bad debt counts as eight.
    """
    report = known.find(BureauReport)
    if report is None or report.accounts is None or not report.has_record:
        return None
    accounts, on = report.accounts, number_day(report.obtained_at.date())
    size = len(accounts.kind)
    text = "".join([month[:MONTHS].ljust(MONTHS, "*") for month in accounts.months])
    newest = pack_column("q", np.int64, [day.year * 12 + day.month - 1 for day in accounts.reported_on], size)
    told = np.frombuffer(b"".join(known.share(_tell_accounts, accounts)), np.uint8).reshape(5, size)
    happened, late = np.empty(size * MONTHS, np.int64), np.empty(size * MONTHS, np.int64)
    party, words = np.empty(size * MONTHS, np.int32), np.empty((len(told) + 1, size * MONTHS), np.uint8)
    held = kernels_accounts.tell_months(
        np.frombuffer(text.encode("latin-1", "replace"), np.uint8), newest, told, _GRADE, _LATE, happened, late, party,
        words,
    )  # fmt: skip
    return Table(
        shape=ACCOUNT_MONTHS,
        offsets=np.array((0, held), np.int64),
        happened=happened[:held],
        amounts=late[:held],
        party=party[:held],
        words=words[:, :held],
        reaches_from=np.array(((on - 31 * MONTHS - 31) * DAY,), np.int64),
        reaches_to=np.array(((on + 1) * DAY,), np.int64),
        parties=np.array((size,), np.int64),
    )


def _tell_accounts(accounts: BureauAccounts) -> tuple[bytes, ...]:
    """What kind of account each is, as places among the words of each column."""
    return (
        place_words(ACCOUNT_KINDS, accounts.kind),
        place_words(LENDERS, accounts.lender),
        place_words(SECURITIES, accounts.security),
        place_words(PURPOSES, accounts.purpose),
        bytes([closed is not None for closed in accounts.closed_on]),
    )


ACCOUNT_MONTHS = Shape(
    code="account_months",
    source="bureau",
    absent="no_accounts",
    columns={
        "grade": GRADES, "kind": ACCOUNT_KINDS, "lender": LENDERS, "security": SECURITIES, "purpose": PURPOSES,
        "life": LIFE,
    },
    read=read_months,
    unit="months",
)  # fmt: skip


def read_openings(known: Known) -> Draft | None:
    """Every account on the day it was opened; the amount is its limit, or the sum lent."""
    report = known.find(BureauReport)
    if report is None or report.accounts is None or not report.has_record:
        return None
    accounts, on = report.accounts, number_day(report.obtained_at.date())
    return Draft(
        shape=OPENINGS,
        days=accounts.opened_on,
        amounts=accounts.limit_cents,
        parties=accounts.lender_token,
        words=known.share(_tell_accounts, accounts),
        reaches_from=0,
        reaches_to=on,
    )


OPENINGS = Shape(
    code="openings",
    source="bureau",
    absent="no_accounts",
    columns={"kind": ACCOUNT_KINDS, "lender": LENDERS, "security": SECURITIES, "purpose": PURPOSES, "life": LIFE},
    read=read_openings,
)


def read_queries(known: Known) -> Draft | None:
    """Who asked the bureau, when and what for; the bureau shows two years of it."""
    report = known.find(BureauReport)
    if report is None or report.queries is None or not report.has_record:
        return None
    queries, on = report.queries, number_day(report.obtained_at.date())
    return Draft(
        shape=QUERIES,
        days=queries.on,
        parties=queries.lender_token,
        words=(queries.lender, queries.reason),
        reaches_from=on - 731,
        reaches_to=on,
    )


QUERIES = Shape(
    code="queries",
    source="bureau",
    absent="no_queries",
    columns={"lender": LENDERS, "reason": REASONS},
    read=read_queries,
    ends="as_of",
    unit="count",
)


def read_public(known: Known) -> Draft | None:
    """What public bodies told the bureau of: taxes owed, judgments, penalties; the bureau shows five years of it."""
    report = known.find(BureauReport)
    if report is None or report.public is None or not report.has_record:
        return None
    public, on = report.public, report.obtained_at.date()
    return Draft(
        shape=PUBLIC,
        days=public.on,
        amounts=public.amount_cents,
        words=(public.kind, bytes([not still for still in public.is_open])),
        reaches_from=number_day(on - timedelta(days=5 * 366)),
        reaches_to=number_day(on),
    )


PUBLIC = Shape(
    code="public_records",
    source="bureau",
    absent="no_public_records",
    columns={"kind": PUBLIC_KINDS, "life": LIFE},
    read=read_public,
    ends="as_of",
)

_HARD = ("loan_approval", "card_approval", "guarantee_review")
_LATE_GRADES = GRADES[1:]
_REVOLVING = ("revolving_loan", "revolving_line")
_CARDS = ("card", "quasi_card")


def _months_cut(
    code: str, en: str, zh: str, polarity: Polarity, grades: tuple[str, ...], **where: tuple[str, ...]
) -> Cut:
    return Cut(code=code, en=en, zh=zh, where={"grade": grades, **where}, polarity=polarity)


def _late_cuts() -> tuple[Cut, ...]:
    """Late months of each kind of account, and of some the worse ones."""
    of = (
        ("loans", "of loans", "贷款", {"kind": ("loan",)}),
        ("lines", "of revolving loans", "循环贷", {"kind": _REVOLVING}),
        ("cards", "of cards", "信用卡", {"kind": _CARDS}),
        ("banks", "at banks", "银行账户", {"lender": ("bank",)}),
        ("nonbanks", "at lenders other than banks", "非银机构账户", {"lender": NOT_BANKS}),
        ("online", "at online lenders and small-loan firms", "网贷小贷账户", {"lender": ONLINE}),
        ("unsecured", "of unsecured accounts", "信用类账户", {"security": ("unsecured",)}),
        ("secured", "of secured accounts", "抵质押账户", {"security": ("mortgage", "pledge", "guarantee", "mixed")}),
        ("business", "of business loans", "经营性贷款", {"purpose": ("business",)}),
        ("consumption", "of consumer loans", "消费贷款", {"purpose": ("consumption",)}),
        ("home", "of home and car loans", "房贷车贷", {"purpose": ("home", "car")}),
        ("open", "of accounts still open", "未结清账户", {"life": ("open",)}),
        ("over", "of accounts closed", "已结清账户", {"life": ("over",)}),
    )
    found = [
        _months_cut("late", "late account-months", "逾期账户月", "adverse", _LATE_GRADES),
        _months_cut("late_2_up", "account-months two or more months late", "逾期2期以上账户月", "adverse", GRADES[2:]),
        _months_cut(
            "late_3_up", "account-months three or more months late", "逾期3期以上账户月", "adverse", GRADES[3:]
        ),
        _months_cut(
            "bad", "account-months of bad debt or a guarantor's payment", "呆账代偿账户月", "adverse", ("bad",)
        ),
    ]
    for code, en, zh, where in of:
        found.append(
            _months_cut(f"late_{code}", f"late account-months {en}", f"{zh}逾期月", "adverse", _LATE_GRADES, **where)
        )
        if code in ("loans", "cards", "nonbanks", "unsecured", "open"):
            found.append(
                _months_cut(f"worse_{code}", f"account-months two or more months late {en}", f"{zh}逾期2期以上月",
                            "adverse", GRADES[2:], **where)
            )  # fmt: skip
    return tuple(found)


_PAID_CUTS = (
    _months_cut("known", "account-months with a status", "有还款状态账户月", "neutral", GRADES),
    _months_cut("paid", "account-months paid in time", "正常还款账户月", "premium", ("paid",)),
    _months_cut("paid_loans", "account-months of loans paid in time", "贷款正常还款月", "premium", ("paid",),
                kind=("loan",)),
    _months_cut("paid_cards", "account-months of cards paid in time", "信用卡正常还款月", "premium", ("paid",),
                kind=_CARDS),
    _months_cut("paid_business", "account-months of business loans paid in time", "经营贷正常还款月", "premium",
                ("paid",),
                purpose=("business",)),
    _months_cut("known_nonbanks", "account-months at lenders other than banks", "非银机构账户月", "neutral", GRADES,
                lender=NOT_BANKS),
)  # fmt: skip

_ACCOUNT_CUTS = (
    Cut(code="all", en="accounts opened", zh="新开账户", where={}, polarity="neutral"),
    Cut(code="loans", en="loans taken", zh="新增贷款", where={"kind": ("loan",)}, polarity="adverse"),
    Cut(code="lines", en="revolving loans taken", zh="新增循环贷", where={"kind": _REVOLVING}, polarity="adverse"),
    Cut(code="cards", en="cards opened", zh="新开信用卡", where={"kind": _CARDS}, polarity="neutral"),
    Cut(code="banks", en="accounts opened at banks", zh="银行新开账户", where={"lender": ("bank",)}),
    Cut(code="nonbanks", en="accounts opened at lenders other than banks", zh="非银机构新开账户",
        where={"lender": NOT_BANKS}, polarity="adverse"),
    Cut(code="online", en="loans taken from online lenders and small-loan firms", zh="网贷小贷新增借款",
        where={"lender": ONLINE}, polarity="adverse"),
    Cut(code="consumer_finance", en="loans taken from consumer finance firms", zh="消费金融新增借款",
        where={"lender": ("consumer_finance",)}, polarity="adverse"),
    Cut(code="unsecured", en="unsecured accounts opened", zh="新开信用类账户", where={"security": ("unsecured",)},
        polarity="adverse"),
    Cut(code="unsecured_loans", en="unsecured loans taken", zh="新增信用贷款",
        where={"security": ("unsecured",), "kind": ("loan", *_REVOLVING)}, polarity="adverse"),
    Cut(code="secured", en="secured loans taken", zh="新增抵质押贷款",
        where={"security": ("mortgage", "pledge", "guarantee", "mixed")}, polarity="neutral"),
    Cut(code="business", en="business loans taken", zh="新增经营性贷款", where={"purpose": ("business",)}),
    Cut(code="consumption", en="consumer loans taken", zh="新增消费贷款", where={"purpose": ("consumption",)},
        polarity="adverse"),
    Cut(code="home", en="home loans taken", zh="新增住房贷款", where={"purpose": ("home",)}, polarity="premium"),
    Cut(code="car", en="car loans taken", zh="新增汽车贷款", where={"purpose": ("car",)}),
    Cut(code="open", en="accounts opened and still open", zh="新开且未结清账户", where={"life": ("open",)}),
    Cut(code="over", en="accounts opened and closed since", zh="新开后已结清账户", where={"life": ("over",)},
        polarity="premium"),
)  # fmt: skip


def _query_cut(code: str, en: str, zh: str, polarity: Polarity, **where: tuple[str, ...]) -> Cut:
    return Cut(code=code, en=en, zh=zh, where=where, polarity=polarity)


_QUERY_CUTS = (
    _query_cut("all", "queries of any kind", "全部查询", "neutral"),
    _query_cut("hard", "lenders' queries before lending", "审批类查询", "adverse", reason=_HARD),
    _query_cut("loan", "queries before a loan", "贷款审批查询", "adverse", reason=("loan_approval",)),
    _query_cut("card", "queries before a card", "信用卡审批查询", "adverse", reason=("card_approval",)),
    _query_cut("guarantee", "queries before a guarantee", "担保资格审查查询", "adverse", reason=("guarantee_review",)),
    _query_cut("insurance", "insurers' queries", "保险资格审查查询", "neutral", reason=("insurance_review",)),
    _query_cut("after_loan", "lenders' queries after lending", "贷后管理查询", "neutral", reason=("after_loan",)),
    _query_cut("own", "the person's own queries", "本人查询", "neutral", reason=("own",)),
    _query_cut("hard_banks", "banks' queries before lending", "银行审批查询", "neutral", reason=_HARD,
               lender=("bank",)),
    _query_cut("hard_nonbanks", "other lenders' queries before lending", "非银机构审批查询", "adverse", reason=_HARD,
               lender=NOT_BANKS),
    _query_cut("hard_online", "online lenders' and small-loan firms' queries before lending", "网贷小贷审批查询",
               "adverse", reason=_HARD, lender=ONLINE),
    _query_cut("hard_consumer_finance", "consumer finance firms' queries before lending", "消费金融审批查询", "adverse",
               reason=_HARD, lender=("consumer_finance",)),
    _query_cut("loan_banks", "banks' queries before a loan", "银行贷款审批查询", "neutral", reason=("loan_approval",),
               lender=("bank",)),
)  # fmt: skip
_PUBLIC_CUTS = (
    Cut(code="all", en="public records", zh="公共记录", where={}, polarity="adverse"),
    Cut(code="open", en="public records still open", zh="未了结公共记录", where={"life": ("open",)},
        polarity="adverse"),
    Cut(code="owed", en="records of taxes, telephone or social duties owed", zh="欠税欠费类记录",
        where={"kind": ("tax_arrears", "telecom_arrears", "housing_fund", "pension")}, polarity="adverse"),
    Cut(code="courts", en="records of judgments and enforcement", zh="判决与执行记录",
        where={"kind": ("judgment", "enforcement")}, polarity="adverse"),
    Cut(code="penalty", en="records of penalties", zh="行政处罚记录", where={"kind": ("penalty",)}, polarity="adverse"),
    Cut(code="relief", en="records of public relief", zh="社会救助记录", where={"kind": ("relief",)}),
)  # fmt: skip

_BY = describe("bureau")
_MONTHS = {"shape": ACCOUNT_MONTHS, "en": "Bureau, month by month", "zh": "征信还款记录", **_BY}
_OPENED = {"shape": OPENINGS, "en": "Bureau, accounts opened", "zh": "征信开户", **_BY}
_ASKED = {"shape": QUERIES, "en": "Bureau queries", "zh": "征信查询", **_BY}
_PUBLISHED = {"shape": PUBLIC, "en": "Bureau, public records", "zh": "征信公共信息", **_BY}

FAMILIES = (
    Family(code="bureau_months", cuts=_late_cuts(), windows=months_back(3, 6, 12, 24, 36, 60), **_MONTHS,
           measures=(COUNT, SUM, MAX, PARTIES, DAYS)),
    Family(code="bureau_months", cuts=_PAID_CUTS, whole="known", windows=months_back(3, 6, 12, 24, 36, 60), **_MONTHS,
           measures=(COUNT, PARTIES, DAYS, COUNT_SHARE)),
    Family(code="bureau_months", cuts=_late_cuts(), windows=(EVER,), measures=(DAYS_SINCE, SPAN), **_MONTHS,
           missing="what_is_there"),
    Family(code="bureau_opened", cuts=_ACCOUNT_CUTS, whole="all", windows=days_back(90, 180, 365, 730, 1_825),
           **_OPENED,
           measures=(COUNT, SUM, MAX, MEAN, PARTIES, SHARE, COUNT_SHARE), missing="what_is_there"),
    Family(code="bureau_opened", cuts=_ACCOUNT_CUTS, windows=(EVER,), **_OPENED,
           measures=(COUNT, SUM, MAX, MEAN, PARTIES, DAYS_SINCE, SPAN), missing="what_is_there"),
    Family(code="bureau_queries", cuts=_QUERY_CUTS, whole="all", windows=days_back(7, 15, 30, 60, 90, 180, 365, 730),
           measures=(COUNT, PARTIES, COUNT_SHARE), **_ASKED),
    Family(code="bureau_queries", cuts=_QUERY_CUTS, windows=days_back(30, 90, 180, 365), **_ASKED,
           measures=(DAYS, GAP, COUNT_CHANGE)),
    Family(code="bureau_queries", cuts=_QUERY_CUTS, windows=(EVER,), measures=(DAYS_SINCE, SPAN), **_ASKED),
    Family(code="bureau_public", cuts=_PUBLIC_CUTS, windows=days_back(365, 1_825), measures=(COUNT, SUM), **_PUBLISHED),
    Family(code="bureau_public", cuts=_PUBLIC_CUTS, windows=(EVER,), measures=(DAYS_SINCE,), **_PUBLISHED),
)  # fmt: skip
