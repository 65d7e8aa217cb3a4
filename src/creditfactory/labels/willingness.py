"""Willingness to repay: what card limits, their use, the pattern of overdue months and the queries say (WIL-01)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from creditfactory.application import BureauReport
from creditfactory.kernel import Reason, Scalar, add_months
from creditfactory.labels.sub_scores import SubScore, count_points, give_points

STEPS: Mapping[str, Any] = {
    "has_bad_debt": {"up_to": ((0, 10),)},
    "overdue_now_cents": {"up_to": ((0, 10), (50_000, 2))},
    "overdue_run_24m": {"up_to": ((0, 15), (1, 9), (2, 4))},
    "overdue_months_24m": {"up_to": ((0, 10), (2, 7), (5, 3))},
    "months_since_overdue": {"from": ((24, 10), (12, 7), (6, 4), (3, 2))},
    "worst_overdue_24m": {"up_to": ((0, 10), (1, 7), (2, 3))},
    "card_use_bps": {"up_to": ((3_000, 10), (5_000, 8), (7_000, 5), (8_000, 2))},
    "card_limit_cents": {"from": ((10_000_000, 5), (5_000_000, 4), (2_000_000, 3), (500_000, 1))},
    "queries_1m": {"up_to": ((0, 5), (1, 4), (3, 2))},
    "queries_3m": {"up_to": ((1, 5), (3, 4), (6, 2))},
    "queries_unmet_6m": {"up_to": ((1, 10), (3, 7), (6, 4), (10, 1))},
}
"""The house's own steps, used where a pack has no parameter ``willingness_steps``."""
CODES: Mapping[str, str] = {
    "has_bad_debt": "WIL-BAD-DEBT",
    "overdue_now_cents": "WIL-OVERDUE-NOW",
    "overdue_run_24m": "WIL-OVERDUE-RUN",
    "overdue_months_24m": "WIL-OVERDUE-MONTHS",
    "months_since_overdue": "WIL-OVERDUE-RECENT",
    "worst_overdue_24m": "WIL-OVERDUE-WORST",
    "card_use_bps": "WIL-CARD-USE",
    "card_limit_cents": "WIL-CARD-LIMIT",
    "queries_1m": "WIL-QUERIES-1M",
    "queries_3m": "WIL-QUERIES-3M",
    "queries_unmet_6m": "WIL-QUERIES-UNMET",
}
LATE_GRADES: Mapping[str, int] = {**{str(grade): grade for grade in range(1, 8)}, "B": 7}
_LATE = frozenset(LATE_GRADES)
MONTHS_COUNTED = 24
MONTHS_KEPT = 60


def assess_willingness(facts: Mapping[str, Scalar], parameters: Mapping[str, Any] | None = None) -> SubScore:
    """The sub-score of willingness, from the labels of the bureau report and the parameter ``willingness_steps``.

    Without a report, or where the bureau knows nobody of that name, there is nothing to judge by: no points, and the
    reason. A fact that the report leaves out is worth what its worst value is worth.

    >>> assess_willingness({"has_bureau_record": False}).reasons[0].code
    'WIL-NO-RECORD'
    """
    known = facts.get("has_bureau_record")
    if not known:
        return SubScore(points=None, reasons=(Reason("WIL-NO-REPORT" if known is None else "WIL-NO-RECORD"),))
    return give_points(facts, _find_steps(parameters), CODES, "WIL-UNKNOWN")


def count_willingness(facts: Mapping[str, Scalar], parameters: Mapping[str, Any] | None = None) -> int | None:
    """The points of :func:`assess_willingness` without their reasons."""
    return count_points(facts, _find_steps(parameters)) if facts.get("has_bureau_record") else None


def _find_steps(parameters: Mapping[str, Any] | None) -> Mapping[str, Any]:
    steps: Mapping[str, Any] = STEPS if parameters is None else parameters.get("willingness_steps", STEPS)
    return steps


def read_pattern(report: BureauReport, as_of: date) -> dict[str, int | None]:
    """What the accounts say beyond the summary, as labels.

    ``months_since_overdue``: months since the last one in which any account was overdue, 60 where none was.
    ``worst_overdue_24m``: the gravest grade of the last 24 months, 1 to 7. ``accounts_opened_6m``: credit granted in
    six months. ``queries_unmet_6m``: queries of six months that no account opened since explains (查多贷少).
    Where only the summary is known and it counts no overdue month in 24, there was none in 24 at least.
    """
    found: dict[str, int | None] = dict.fromkeys(
        ("months_since_overdue", "worst_overdue_24m", "accounts_opened_6m", "queries_unmet_6m")
    )
    accounts = report.accounts
    if accounts is None:
        if report.overdue_months_24m == 0:
            found["months_since_overdue"], found["worst_overdue_24m"] = MONTHS_COUNTED, 0
        return found
    last = as_of.year * 12 + as_of.month
    since, worst = MONTHS_KEPT, 0
    for letters, reported, opened in zip(accounts.months, accounts.reported_on, accounts.opened_on, strict=False):
        if _LATE.isdisjoint(letters):
            continue
        newest = reported.year * 12 + reported.month
        for back, letter in enumerate(letters):
            grade, ago = LATE_GRADES.get(letter, 0), last - newest + back
            if grade and ago >= 0 and opened <= as_of:
                since = min(since, ago)
                worst = max(worst, grade) if ago < MONTHS_COUNTED else worst
    since_then = add_months(as_of, -6)
    granted = sum(since_then < opened <= as_of for opened in accounts.opened_on)
    found.update(months_since_overdue=since, worst_overdue_24m=worst, accounts_opened_6m=granted)
    if report.queries_6m is not None:
        found["queries_unmet_6m"] = max(0, report.queries_6m - granted)
    return found
