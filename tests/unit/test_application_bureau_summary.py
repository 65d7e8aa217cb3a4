"""The bureau's summary follows from its accounts by one rule each; a report may not contradict itself (WIL-01)."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from creditfactory import application
from creditfactory.application import BureauAccounts, BureauDuties, BureauQueries, BureauReport
from creditfactory.kernel import BadInput

DAY = date(2026, 3, 15)
NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    "kind": "loan", "lender": "bank", "lender_token": "b1", "opened_on": date(2024, 1, 10), "closed_on": None,
    "reported_on": date(2026, 3, 1), "state": "normal", "security": "unsecured", "purpose": "business",
    "limit_cents": 1_000_000, "balance_cents": 600_000, "due_cents": 50_000, "paid_cents": 50_000,
    "overdue_cents": 0, "overdue_over_30_cents": 0, "overdue_over_90_cents": 0, "terms": 36, "terms_left": 12,
    "months": "N" * 26,
}  # fmt: skip


def accounts(*lines: dict[str, Any]) -> BureauAccounts:
    """Accounts that differ from a plain, punctual bank loan in what is said."""
    whole = [{**PLAIN, **line} for line in lines]
    return BureauAccounts(**{name: tuple(line[name] for line in whole) for name in PLAIN})


def summary(*lines: dict[str, Any], **parts: Any) -> application.BureauSummary:
    return application.summarise_accounts(accounts(*lines), parts.get("queries"), parts.get("duties"), DAY)


@pytest.mark.parametrize(
    ("line", "name", "expected"),
    [
        ({}, "loan_count", 1),
        ({}, "monthly_due_cents", 50_000),
        ({"balance_cents": 0}, "loan_count", 0),
        ({"state": "settled"}, "loan_balance_cents", 0),
        ({"closed_on": DAY}, "loan_count", 0),
        ({"closed_on": date(2026, 3, 16)}, "loan_count", 1),
        ({"opened_on": date(2026, 3, 16)}, "loan_count", 0),
        ({"opened_on": date(2026, 3, 16)}, "oldest_account_on", None),
        ({"state": "settled"}, "oldest_account_on", date(2024, 1, 10)),
        ({"security": "mortgage"}, "unsecured_balance_cents", 0),
        ({"kind": "card"}, "card_limit_cents", 1_000_000),
        ({"kind": "card"}, "card_used_cents", 600_000),
        ({"kind": "card"}, "loan_count", 0),
        ({"kind": "card"}, "monthly_due_cents", 0),
        ({"kind": "card", "state": "not_active"}, "card_limit_cents", 0),
        ({"kind": "card", "overdue_cents": 700}, "overdue_now_cents", 700),
        ({"months": "1N2N" + "N" * 22}, "overdue_months_24m", 2),
        ({"months": "123" + "N" * 23}, "overdue_run_24m", 3),
        ({"months": "N" * 23 + "1" + "1"}, "overdue_months_24m", 1),
        ({"reported_on": date(2026, 1, 31), "months": "N" * 22 + "1"}, "overdue_months_24m", 0),
        ({"reported_on": date(2026, 1, 31), "months": "N" * 21 + "1"}, "overdue_months_24m", 1),
        ({"reported_on": date(2026, 4, 1), "months": "1N"}, "overdue_months_24m", 0),
        ({"state": "bad_debt"}, "has_bad_debt", True),
        ({"months": "N" * 40 + "D"}, "has_bad_debt", True),
        ({"months": "CN#*G1"}, "has_bad_debt", False),
        ({"lender": "online_lender"}, "online_lenders", 1),
        ({"lender": "microloan"}, "online_lenders", 1),
        ({"lender": "consumer_finance"}, "online_lenders", 0),
    ],
)
def test_each_figure_has_one_rule(line: dict[str, Any], name: str, expected: object) -> None:
    """WIL-01: card limits, use and the overdue pattern are read field by field from the report's accounts."""
    assert getattr(summary(line), name) == expected


def test_a_month_late_on_two_accounts_is_one_month_and_a_run_is_one_accounts_own() -> None:
    """WIL-01: two accounts late in turn are no run of months."""
    found = summary({"months": "1N1N"}, {"months": "N1N1"}, {"months": "1NNN"})
    assert (found.overdue_months_24m, found.overdue_run_24m) == (4, 1)


def test_only_lenders_own_questions_count() -> None:
    """WIL-01, B.5: after-loan checks and the applicant's own do not count, nor what was asked after the day."""
    queries = BureauQueries(
        on=(DAY, date(2026, 2, 16), date(2026, 2, 15), date(2025, 12, 16), DAY, DAY, date(2026, 3, 16)),
        lender=("bank",) * 7,
        lender_token=("b",) * 7,
        reason=(
            "loan_approval", "card_approval", "guarantee_review", "loan_approval", "after_loan", "own", "loan_approval",
        ),
    )  # fmt: skip
    found = summary({}, queries=queries)
    assert (found.queries_1m, found.queries_3m, found.queries_6m) == (2, 4, 4)


def test_duties_count_what_is_outstanding_and_not_ended() -> None:
    """A guarantor answers for what is outstanding, at most for the duty; an ended duty is none."""
    duties = BureauDuties(
        role=("guarantor", "co_borrower", "guarantor"), lender=("bank",) * 3,
        opened_on=(date(2025, 1, 1),) * 3, until_on=(None, date(2027, 1, 1), DAY),
        duty_cents=(500, 900, 700), balance_cents=(800, 300, 700), is_overdue=(False,) * 3,
    )  # fmt: skip
    assert summary({}, duties=duties).guarantees_cents == 800


def test_parts_not_given_stay_unknown() -> None:
    """Unknown is never nothing: without queries there is no count of queries."""
    found = application.summarise_accounts(None, None, None, DAY)
    assert set(asdict(found).values()) == {None}


def report(**changes: Any) -> BureauReport:
    held = accounts({}, {"kind": "card", "months": "1N"})
    whole = application.complete_summary(
        BureauReport(obtained_at=NOON, has_record=True, accounts=held, queries=BureauQueries()), DAY
    )
    return replace(whole, **changes)


def test_a_report_that_agrees_with_itself_is_taken() -> None:
    assert application.check_bureau_report(report()) is None
    assert report().overdue_months_24m == 1


@pytest.mark.parametrize(
    "name", ["card_limit_cents", "loan_count", "overdue_months_24m", "queries_3m", "card_used_cents"]
)
def test_a_summary_that_its_accounts_belie_is_refused(name: str) -> None:
    """A report whose summary and accounts disagree is no answer; the sentence names the figure and both values."""
    fault = application.check_bureau_report(report(**{name: getattr(report(), name) + 1}))
    assert fault is not None and name in fault


def test_columns_of_unequal_length_are_refused() -> None:
    broken = replace(accounts({}), months=())
    with pytest.raises(BadInput, match="unequal length"):
        application.summarise_accounts(broken, None, None, DAY)
    assert "unequal" in str(application.check_bureau_report(report(accounts=broken)))
    assert "letter 'x'" in str(application.check_bureau_report(report(accounts=accounts({"months": "Nx"}))))


def test_no_record_and_yet_accounts_is_refused() -> None:
    plain = BureauReport(obtained_at=NOON, has_record=False, accounts=accounts({}))
    assert application.check_bureau_report(plain) is not None
    assert application.check_bureau_report(replace(plain, accounts=BureauAccounts())) is None


LETTERS = some.text(alphabet=application.STATUS_CODES, max_size=60)
DAYS = some.dates(date(2023, 1, 1), date(2026, 12, 31))


@given(some.lists(some.tuples(LETTERS, DAYS, DAYS), max_size=5), DAYS)
def test_the_overdue_pattern_equals_a_plain_calendar(lines: list[tuple[str, date, date]], on: date) -> None:
    """A calendar written out month by month says the same as the rule."""
    held = accounts(*({"months": m, "reported_on": r, "opened_on": o} for m, r, o in lines))
    found = application.summarise_accounts(held, None, None, on)
    window = [divmod(on.year * 12 + on.month - 1 - back, 12) for back in range(24)]
    late_by_account = []
    for letters, reported, opened in lines:
        late = set()
        year, month = reported.year, reported.month - 1
        for letter in letters if opened <= on else "":
            if letter in "1234567B":
                late.add((year, month))
            year, month = (year, month - 1) if month else (year - 1, 11)
        late_by_account.append(late)
    assert found.overdue_months_24m == sum(any(m in late for late in late_by_account) for m in window)
    runs = ["".join("1" if m in late else " " for m in window).split() for late in late_by_account]
    assert found.overdue_run_24m == max((len(run) for account in runs for run in account), default=0)
    assert found.overdue_run_24m <= found.overdue_months_24m
