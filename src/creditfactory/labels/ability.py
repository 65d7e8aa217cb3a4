"""Ability to repay: verified income against all debts, those that nobody mentioned among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from creditfactory.application import BankStatement, BureauAccounts, BureauReport, Request
from creditfactory.interest import level_payment
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar, add_months
from creditfactory.labels.statement_lines import StatementLines
from creditfactory.labels.sub_scores import SubScore, count_points, give_points

STEPS: Mapping[str, Any] = {
    "dscr_after_bps": {"from": ((20_000, 35), (16_000, 29), (13_000, 21), (12_000, 15), (10_000, 6))},
    "dscr_bps": {"from": ((30_000, 10), (20_000, 7), (15_000, 4), (12_000, 2))},
    "unexplained_to_income_bps": {"up_to": ((0, 15), (500, 12), (1_500, 6), (3_000, 2))},
    "inflow_swing_bps": {"up_to": ((2_000, 10), (3_500, 7), (5_000, 4), (8_000, 1))},
    "lowest_month_bps": {"from": ((8_000, 10), (6_000, 7), (4_000, 4), (2_000, 1))},
    "inflow_months": {"from": ((12, 5), (9, 3), (6, 2))},
    "credit_hunger_bps": {"up_to": ((1_000, 10), (4_000, 7), (8_000, 4), (12_000, 1))},
    "guarantees_to_income_bps": {"up_to": ((0, 5), (5_000, 3), (10_000, 1))},
}
"""The house's own steps, used where a pack has no parameter ``ability_steps``."""
CODES: Mapping[str, str] = {
    "dscr_after_bps": "ABI-DSCR-AFTER",
    "dscr_bps": "ABI-DSCR",
    "unexplained_to_income_bps": "ABI-UNEXPLAINED",
    "inflow_swing_bps": "ABI-SWING",
    "lowest_month_bps": "ABI-LOWEST",
    "inflow_months": "ABI-SHORT",
    "credit_hunger_bps": "ABI-HUNGER",
    "guarantees_to_income_bps": "ABI-GUARANTEES",
}
CARD_PAYMENT_BPS = 1_000
ASSUMED_RATE_BPS = 2_400
MONTHS_WATCHED = 6
DAYS_WATCHED_MIN = 80
INSTALMENT_MONTHS_MIN = 5
INSTALMENT_SPREAD_BPS = 500
INSTALMENT_DAYS_SPREAD = 4
INSTALMENT_CENTS_MIN = 50_000
NO_DEBT_BPS = 100_000
"""Ten times: the most that the cover of debts is said to be, and what it is where there are none."""
REPAYING = frozenset({"loan_repayment", "card_repayment"})
PRIVATE = frozenset({"person_transfer", "other"})
_WATCHED: Mapping[str, int] = {**dict.fromkeys(REPAYING, 1), **dict.fromkeys(PRIVATE, INSTALMENT_CENTS_MIN)}
"""From how much a line out is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenDebt:
    """Repayments on the statements, by month, and what of them no bureau account explains; None where it is unknown.

    ``parties`` are the tokens paid without an account, the most paid first.
    """

    repaid_monthly_cents: int | None = None
    unexplained_monthly_cents: int | None = None
    parties: tuple[str, ...] = ()
    why: str = ""


def assess_ability(facts: Mapping[str, Scalar], parameters: Mapping[str, Any] | None = None) -> SubScore:
    """The sub-score of ability, from the labels of cash flow and debts and the parameter ``ability_steps``.

    Without a verified income there is nothing to judge by: no points, and the reason. Every other unknown fact is
    worth what its worst value is worth.

    >>> assess_ability({}).reasons[0].code
    'ABI-NO-INCOME'
    """
    if facts.get("verified_income_cents") is None:
        return SubScore(points=None, reasons=(Reason("ABI-NO-INCOME"),))
    return give_points(facts, _find_steps(parameters), CODES, "ABI-UNKNOWN")


def count_ability(facts: Mapping[str, Scalar], parameters: Mapping[str, Any] | None = None) -> int | None:
    """The points of :func:`assess_ability` without their reasons."""
    return None if facts.get("verified_income_cents") is None else count_points(facts, _find_steps(parameters))


def _find_steps(parameters: Mapping[str, Any] | None) -> Mapping[str, Any]:
    steps: Mapping[str, Any] = STEPS if parameters is None else parameters.get("ability_steps", STEPS)
    return steps


def find_hidden_debt(
    statements: Iterable[BankStatement],
    report: BureauReport | None,
    *,
    holders: tuple[str, ...] = ("owner", "firm"),
    lines: StatementLines | None = None,
) -> HiddenDebt:
    """Who is being repaid without standing in the bureau's report.

    Two kinds of outflow of the last six months count as repayments: lines marked as repayment of a loan or card, and
    private payments of at least 500 a time that look like instalments (:func:`is_instalment`). A line is
    explained when its party is the lender of an account that was not
    closed before the line. A person the bureau does not know has no account that could explain anything; without a
    report, or with one that lists no accounts, what is explained is not known. ``lines`` are the statements' lines as
    columns where they were read already.
    """
    held = [(s, number) for number, s in enumerate(statements) if s.holder in holders]
    if not held:
        return HiddenDebt(why="no_bank_flow")
    until = max(s.to_on for s, _ in held)
    since = add_months(until, -MONTHS_WATCHED)
    covered = max((until - max(since, s.from_on)).days for s, _ in held)
    if covered < DAYS_WATCHED_MIN:
        return HiddenDebt(why="too_short")
    repaid = [
        line
        for s, number in held
        for line in _list_repayments(s, None if lines is None else lines.find_lines(number, _WATCHED, since), since)
    ]
    months = max(1, round(covered / 30.44))
    total = sum(cents for _, _, cents in repaid) // months
    if report is None or (report.has_record and report.accounts is None):
        return HiddenDebt(repaid_monthly_cents=total, why="no_bureau" if report is None else "not_comparable")
    open_until = _list_lenders(report.accounts)
    hidden: dict[str, int] = defaultdict(int)
    for on, party, cents in repaid:
        if on > open_until.get(party, date.min):
            hidden[party] += cents
    return HiddenDebt(
        repaid_monthly_cents=total,
        unexplained_monthly_cents=sum(hidden.values()) // months,
        parties=tuple(sorted(hidden, key=lambda party: (-hidden[party], party))),
    )


def _list_lenders(accounts: BureauAccounts | None) -> dict[str, date]:
    """Until when each lender's accounts explain a payment: a month beyond the last one's closing."""
    until: dict[str, date] = {}
    for token, closed in () if accounts is None else zip(accounts.lender_token, accounts.closed_on, strict=False):
        end = date.max if closed is None else closed + timedelta(days=31)
        until[token] = max(end, until.get(token, date.min))
    return until


def _list_repayments(
    statement: BankStatement, watched: Sequence[int] | None, since: date
) -> list[tuple[date, str, int]]:
    """Day, party and amount of each repayment in one account; lines without a reason are none.

    ``watched`` are the places of the lines that can be one, where they were found already.
    """
    if not statement.sort:
        return []
    sorts, flows, days = statement.sort, statement.flow_cents, statement.on
    parties = statement.party or ("",) * len(sorts)
    if watched is None:
        least = map(_WATCHED.get, sorts)
        watched = [
            at for at, cents in enumerate(least) if cents is not None and -flows[at] >= cents and days[at] > since
        ]
    found: list[tuple[date, str, int]] = []
    private: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for at in watched:
        if sorts[at] in REPAYING:
            found.append((days[at], parties[at], -flows[at]))
        elif parties[at]:
            private[parties[at]].append((days[at], -flows[at]))
    for party, paid in private.items():
        if is_instalment(paid):
            found += [(on, party, cents) for on, cents in paid]
    return found


def is_instalment(lines: list[tuple[date, int]]) -> bool:
    """Whether payments to one party are paid off like a debt: month by month, on about one day, about one amount.

    At most one payment a month, in at least five different months, each within a twentieth of the middle amount and
    within four days of the middle day. Wages to a helper and a rent without its name look the same; so does what a
    child sends home each month: whoever reads this asks.
    """
    if len(lines) < INSTALMENT_MONTHS_MIN or len({(on.year, on.month) for on, _ in lines}) < len(lines):
        return False
    amount, day = median(cents for _, cents in lines), median(on.day for on, _ in lines)
    return all(
        abs(cents - amount) * BPS_WHOLE <= amount * INSTALMENT_SPREAD_BPS
        and abs(on.day - day) <= INSTALMENT_DAYS_SPREAD
        for on, cents in lines
    )


def weigh_debts(
    request: Request,
    facts: Mapping[str, Scalar],
    hidden: HiddenDebt,
    new_debt_3m_cents: int | None,
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, int | None]:
    """The labels of debts against income.

    ``debt_service_cents``: the instalments of the report, a share of the cards' use (parameter
    ``card_payment_share_bps``), and the repayments that no account explains. ``dscr_bps``: verified income before
    debts against it; ``dscr_after_bps``: with this loan's instalment at the rate ``ability_annual_rate_bps`` added.
    ``unexplained_to_income_bps``, ``guarantees_to_income_bps`` (guarantees against a year's income) and
    ``credit_hunger_bps`` (credit of the last three months, a month, against verified sales: B.2) stay unknown where
    either side is.
    """
    settings = parameters or {}
    income, sales = _whole(facts.get("verified_income_cents")), _whole(facts.get("verified_sales_monthly_cents"))
    is_unknown_to_bureau = facts.get("has_bureau_record") is False
    due = 0 if is_unknown_to_bureau else _whole(facts.get("monthly_due_cents"))
    used = 0 if is_unknown_to_bureau else _whole(facts.get("card_used_cents"))
    guarantees = 0 if is_unknown_to_bureau else _whole(facts.get("guarantees_cents"))
    service = None
    if due is not None and used is not None:
        on_cards = used * int(settings.get("card_payment_share_bps", CARD_PAYMENT_BPS)) // BPS_WHOLE
        service = due + on_cards + (hidden.unexplained_monthly_cents or 0)
    instalment = _find_instalment(request, int(settings.get("ability_annual_rate_bps", ASSUMED_RATE_BPS)))
    after = None if service is None or instalment is None else service + instalment
    return {
        "statement_repaid_cents": hidden.repaid_monthly_cents,
        "unexplained_repaid_cents": hidden.unexplained_monthly_cents,
        "unexplained_lenders": None if hidden.unexplained_monthly_cents is None else len(hidden.parties),
        "debt_service_cents": service,
        "dscr_bps": _cover(income, service),
        "dscr_after_bps": _cover(income, after),
        "unexplained_to_income_bps": _share(hidden.unexplained_monthly_cents, income),
        "credit_hunger_bps": _share(None if new_debt_3m_cents is None else new_debt_3m_cents // 3, sales),
        "guarantees_to_income_bps": _share(guarantees, None if income is None else 12 * income),
    }


def _whole(value: Scalar) -> int | None:
    return value if type(value) is int else None


def _find_instalment(request: Request, rate_bps: int) -> int | None:
    if request.term_months is None or request.term_months <= 0 or request.amount_cents <= 0:
        return None
    rate = Decimal(rate_bps) / BPS_WHOLE / 12
    return int(level_payment(Decimal(request.amount_cents), rate, request.term_months))


def _cover(income: int | None, service: int | None) -> int | None:
    """How often the income covers the debts, in basis points, at most ten times."""
    if income is None or service is None:
        return None
    if income <= 0:
        return 0
    return NO_DEBT_BPS if service <= 0 else min(NO_DEBT_BPS, income * BPS_WHOLE // service)


def _share(part: int | None, whole: int | None) -> int | None:
    """Part of a whole; a part of nothing is as bad as can be said, no part of nothing is no part."""
    if part is None or whole is None:
        return None
    if whole <= 0:
        return 0 if part == 0 else NO_DEBT_BPS
    return min(NO_DEBT_BPS, part * BPS_WHOLE // whole)


def sum_new_debt(accounts: BureauAccounts | None, as_of: date) -> int | None:
    """Money lent in the last three months, cards' and lines' balances among it; None without the list of accounts."""
    if accounts is None:
        return None
    since = add_months(as_of, -3)
    return sum(
        limit if kind in ("loan", "revolving_loan") else balance
        for kind, opened, limit, balance in zip(
            accounts.kind, accounts.opened_on, accounts.limit_cents, accounts.balance_cents, strict=False
        )
        if since < opened <= as_of
    )
