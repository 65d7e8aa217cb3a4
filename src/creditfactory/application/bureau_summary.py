"""The bureau's summary figures, derived from its accounts, queries and duties: one rule each, the same for everybody.

A report that gives both its summary and its accounts must not contradict itself: :func:`check_bureau_report`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta

from creditfactory.application.bureau_file import STATUS_CODES, BureauAccounts, BureauDuties, BureauQueries
from creditfactory.application.evidence import BureauReport
from creditfactory.kernel import BadInput, add_months

MONTHS_KEPT = 60
MONTHS_COUNTED = 24
CARDS = frozenset({"card", "quasi_card"})
ENDED = frozenset({"settled", "closed"})
LATE = frozenset("1234567B")
"""Letters of a month in which something was overdue; B, bad debt, is as late as can be."""
LOST = frozenset("BDZ")
"""Letters of a month in which the lender did not get its money as promised: bad debt, a guarantor paid, goods given."""
HARD = frozenset({"loan_approval", "card_approval", "guarantee_review", "insurance_review"})
"""Queries by which a lender or insurer weighed a new risk; after-loan checks, one's own, and others do not count."""
ONLINE = frozenset({"online_lender", "microloan"})
"""Lenders that lend over the internet without a bank's licence."""
_EARLIEST, _LATEST = timedelta(hours=-12), timedelta(hours=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauSummary:
    """The summary figures of a bureau report, under the same names; None where their part of the report is missing."""

    card_limit_cents: int | None = None
    card_used_cents: int | None = None
    loan_count: int | None = None
    loan_balance_cents: int | None = None
    unsecured_balance_cents: int | None = None
    monthly_due_cents: int | None = None
    overdue_now_cents: int | None = None
    overdue_months_24m: int | None = None
    overdue_run_24m: int | None = None
    has_bad_debt: bool | None = None
    queries_1m: int | None = None
    queries_3m: int | None = None
    queries_6m: int | None = None
    online_lenders: int | None = None
    guarantees_cents: int | None = None
    oldest_account_on: date | None = None


_SUMMED = tuple(item.name for item in fields(BureauSummary))


def check_columns(table: object) -> str | None:
    """What is wrong with a table of columns: columns of unequal length, a month's letter nobody knows; None if nothing.

    >>> check_columns(BureauQueries(on=(date(2026, 3, 1),)))
    'BureauQueries: columns of unequal length (on 1, lender 0, lender_token 0, reason 0)'
    """
    columns = {item.name: getattr(table, item.name) for item in fields(table)}  # type: ignore[arg-type]
    lengths = {name: len(column) for name, column in columns.items() if isinstance(column, tuple)}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        return f"{type(table).__name__}: columns of unequal length ({told})"
    for number, letters in enumerate(columns["months"] if isinstance(table, BureauAccounts) else ()):
        strange = set(letters) - set(STATUS_CODES)
        if strange or len(letters) > MONTHS_KEPT:
            found = f"the letter {min(strange)!r}" if strange else f"{len(letters)} letters"
            return f"BureauAccounts.months[{number}]: {found}; up to {MONTHS_KEPT} letters of {STATUS_CODES}"
    return None


def summarise_accounts(
    accounts: BureauAccounts | None, queries: BureauQueries | None, duties: BureauDuties | None, as_of: date
) -> BureauSummary:
    """The summary figures as they stood on a day; what was opened, asked or taken on after it is not looked at.

    An account is *open* when it was opened by the day, has no closing date up to the day, and its state is neither
    settled nor closed. It is *in use* when it is open and not ``not_active``.

    - ``card_limit_cents``, ``card_used_cents``: limits and balances of the cards and quasi-cards in use.
    - A *running loan* is any other account in use with a balance above nothing. ``loan_count`` counts them,
      ``loan_balance_cents`` sums their balances, ``unsecured_balance_cents`` those whose security is ``unsecured``,
      ``monthly_due_cents`` what is due on them this month; cards are in none of these.
    - ``overdue_now_cents``: overdue amounts of all accounts in use, cards among them.
    - ``overdue_months_24m``: of the 24 calendar months that end with the day's own, those in which at least one
      account, open or ended, bears a letter 1 to 7 or B; a month late on two accounts is one month.
    - ``overdue_run_24m``: the longest run of such months in a row on one and the same account.
    - ``has_bad_debt``: an account's state is bad debt, or one of its letters, of any month, is B, D or Z.
    - ``queries_1m``, ``_3m``, ``_6m``: queries for loan approval, card approval, guarantee or insurance review on
      days after the same day 1, 3, 6 months earlier, up to the day itself; each query counts once.
    - ``online_lenders``: different lenders (by token) of kind ``online_lender`` or ``microloan`` with a running loan.
    - ``guarantees_cents``: of duties not yet ended, guarantor's and co-borrower's alike, what is outstanding, at most
      the duty itself.
    - ``oldest_account_on``: the first opening day among all accounts, open or ended.

    Raises ``BadInput`` where a table's columns are of unequal length.

    >>> late_once = BureauAccounts(
    ...     kind=("card",), lender=("bank",), lender_token=("b1",), opened_on=(date(2024, 5, 2),), closed_on=(None,),
    ...     reported_on=(date(2026, 3, 1),), state=("normal",), security=("unsecured",), purpose=("card",),
    ...     limit_cents=(3_000_000,), balance_cents=(600_000,), due_cents=(60_000,), paid_cents=(60_000,),
    ...     overdue_cents=(0,), overdue_over_30_cents=(0,), overdue_over_90_cents=(0,), terms=(None,),
    ...     terms_left=(None,), months=("NN1NNN",),
    ... )
    >>> seen = summarise_accounts(late_once, None, None, date(2026, 3, 9))
    >>> seen.card_limit_cents, seen.card_used_cents, seen.overdue_months_24m, seen.loan_count, seen.queries_1m
    (3000000, 600000, 1, 0, None)
    """
    for table in (accounts, queries, duties):
        fault = None if table is None else check_columns(table)
        if fault is not None:
            raise BadInput(place="bureau", found=fault, expected="one entry in every column for each line")
    summary = BureauSummary()
    if accounts is not None:
        summary = _sum_balances(accounts, as_of)
        summary = replace(summary, **_read_months(accounts, as_of))  # type: ignore[arg-type]
    if queries is not None:
        counts = {f"queries_{months}m": _count_queries(queries, months, as_of) for months in (1, 3, 6)}
        summary = replace(summary, **counts)  # type: ignore[arg-type]
    if duties is not None:
        summary = replace(summary, guarantees_cents=_sum_duties(duties, as_of))
    return summary


def _sum_balances(accounts: BureauAccounts, as_of: date) -> BureauSummary:
    used = [
        at
        for at, state in enumerate(accounts.state)
        if state not in ENDED and state != "not_active" and _is_open(accounts, at, as_of)
    ]
    cards = [at for at in used if accounts.kind[at] in CARDS]
    loans = [at for at in used if accounts.kind[at] not in CARDS and accounts.balance_cents[at] > 0]
    opened = [on for on in accounts.opened_on if on <= as_of]
    return BureauSummary(
        card_limit_cents=sum(accounts.limit_cents[at] for at in cards),
        card_used_cents=sum(accounts.balance_cents[at] for at in cards),
        loan_count=len(loans),
        loan_balance_cents=sum(accounts.balance_cents[at] for at in loans),
        unsecured_balance_cents=sum(accounts.balance_cents[at] for at in loans if accounts.security[at] == "unsecured"),
        monthly_due_cents=sum(accounts.due_cents[at] for at in loans),
        overdue_now_cents=sum(accounts.overdue_cents[at] for at in used),
        online_lenders=len({accounts.lender_token[at] for at in loans if accounts.lender[at] in ONLINE}),
        oldest_account_on=min(opened, default=None),
    )


def _is_open(accounts: BureauAccounts, at: int, as_of: date) -> bool:
    closed = accounts.closed_on[at]
    return accounts.opened_on[at] <= as_of and (closed is None or closed > as_of)


def _read_months(accounts: BureauAccounts, as_of: date) -> Mapping[str, int | bool]:
    """The overdue pattern; a letter's month counts back from the month in which the account was reported."""
    last = as_of.year * 12 + as_of.month
    late: set[int] = set()
    longest, is_bad = 0, False
    for at, letters in enumerate(accounts.months):
        if accounts.opened_on[at] > as_of:
            continue
        newest = accounts.reported_on[at].year * 12 + accounts.reported_on[at].month
        is_bad = is_bad or accounts.state[at] == "bad_debt"
        run = 0
        for back, letter in enumerate(letters):
            month = newest - back
            if month > last:
                continue
            is_bad = is_bad or letter in LOST
            if letter in LATE and month > last - MONTHS_COUNTED:
                late.add(month)
                run += 1
                longest = max(longest, run)
            else:
                run = 0
    return {"overdue_months_24m": len(late), "overdue_run_24m": longest, "has_bad_debt": is_bad}


def _count_queries(queries: BureauQueries, months: int, as_of: date) -> int:
    since = add_months(as_of, -months)
    asked = zip(queries.on, queries.reason, strict=True)
    return sum(1 for on, reason in asked if since < on <= as_of and reason in HARD)


def _sum_duties(duties: BureauDuties, as_of: date) -> int:
    """A duty without an end runs on."""
    return sum(
        min(duty, balance)
        for duty, balance, opened, until in zip(
            duties.duty_cents, duties.balance_cents, duties.opened_on, duties.until_on, strict=True
        )
        if opened <= as_of and (until is None or until > as_of)
    )


def complete_summary(report: BureauReport, as_of: date) -> BureauReport:
    """The report with the summary figures that it leaves out filled in from its accounts, queries and duties."""
    if not report.has_record:
        return report
    found = summarise_accounts(report.accounts, report.queries, report.duties, as_of)
    missing = {name: getattr(found, name) for name in _SUMMED if getattr(report, name) is None}
    return replace(report, **missing)


def check_bureau_report(report: BureauReport) -> str | None:
    """What a report cannot mean, as one sentence; None if it holds together.

    A person without a record has no accounts. Overdue months lie within the 24 counted, and the longest run within
    them. Where accounts, queries or duties are given beside the summary, every summary figure given must be theirs by
    :func:`summarise_accounts`, on a calendar day which the instant of the report has somewhere on earth.
    """
    if not report.has_record and (report.loan_count or report.overdue_months_24m or report.card_limit_cents):
        return "has_record is false, yet accounts are listed"
    counts = (report.overdue_months_24m, report.overdue_run_24m)
    if any(count is not None and not 0 <= count <= MONTHS_COUNTED for count in counts):
        return f"overdue months within 24 months are {counts}"
    for table in (report.accounts, report.queries, report.duties, report.public):
        fault = None if table is None else check_columns(table)
        if fault is not None:
            return fault
    if not report.has_record:
        return "has_record is false, yet accounts are listed" if report.accounts and report.accounts.kind else None
    if report.accounts is None and report.queries is None and report.duties is None:
        return None
    faults = [_compare(report, day) for day in _days_of(report.obtained_at)]
    return None if None in faults else faults[0]


def _days_of(instant: datetime) -> tuple[date, ...]:
    """The calendar days it is at this instant, from the date line round to the date line; the instant's own first."""
    days = [instant.date(), (instant + _LATEST).date(), (instant + _EARLIEST).date()]
    return tuple(dict.fromkeys(days))


def _compare(report: BureauReport, as_of: date) -> str | None:
    found = summarise_accounts(report.accounts, report.queries, report.duties, as_of)
    for name in _SUMMED:
        told, derived = getattr(report, name), getattr(found, name)
        is_derived = derived is not None or (name == "oldest_account_on" and report.accounts is not None)
        if told is not None and is_derived and told != derived:
            return f"{name} is {told} in the summary, yet {derived} by the accounts, queries and duties"
    return None
