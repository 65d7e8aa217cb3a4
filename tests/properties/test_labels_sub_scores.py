"""Willingness and ability: points with reasons, never fewer for a better fact, none for a fact kept back (WIL-01)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from creditfactory import labels
from creditfactory.application import BankStatement, BureauAccounts, BureauReport, Request
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.kernel import BadInput
from creditfactory.labels import ability, willingness
from creditfactory.labels.sub_scores import give_points

BOOK = load_rulebook(Path(__file__).resolve().parents[2] / "rulebook" / "cn-micro").at(date(2026, 6, 1))
STEPS = {"willingness": BOOK.parameters["willingness_steps"], "ability": BOOK.parameters["ability_steps"]}
BASE: dict[str, dict[str, Any]] = {
    "willingness": {"has_bureau_record": True},
    "ability": {"verified_income_cents": 3_000_000},
}
JUDGES = {"willingness": labels.assess_willingness, "ability": labels.assess_ability}
VALUES = some.one_of(some.none(), some.integers(0, 20), some.integers(0, 30_000), some.integers(0, 20_000_000))


def score(kind: str, facts: dict[str, Any]) -> labels.SubScore:
    return JUDGES[kind]({**BASE[kind], **facts}, BOOK.parameters)


@some.composite
def facts_of(draw: Any, kind: str) -> dict[str, Any]:
    return {name: draw(VALUES) for name in STEPS[kind]}


@pytest.mark.parametrize("kind", ["willingness", "ability"])
@given(data=some.data())
def test_a_better_fact_never_scores_lower(kind: str, data: Any) -> None:
    """WIL-01, monotone: each fact made better by itself leaves the points where they are or lifts them."""
    facts = data.draw(facts_of(kind))
    name = data.draw(some.sampled_from(sorted(STEPS[kind])))
    one, other = sorted(data.draw(some.lists(some.integers(0, 20_000_000), min_size=2, max_size=2)))
    less_is_better = "up_to" in STEPS[kind][name]
    better, worse = (one, other) if less_is_better else (other, one)
    better_points, worse_points = (score(kind, {**facts, name: value}).points for value in (better, worse))
    unknown_points = score(kind, {**facts, name: None}).points
    assert better_points is not None and worse_points is not None and unknown_points is not None
    assert 0 <= unknown_points <= worse_points <= better_points <= 100


@pytest.mark.parametrize("kind", ["willingness", "ability"])
@given(data=some.data())
def test_points_are_the_sum_of_their_parts_and_every_loss_has_a_reason(kind: str, data: Any) -> None:
    """WIL-01: the sub-score comes with its reasons, the greatest loss first; unknown facts are named."""
    facts = data.draw(facts_of(kind))
    found = score(kind, facts)
    assert found.points == sum(part.points for part in found.parts) * 100 // sum(part.best for part in found.parts)
    lost = [part for part in found.parts if part.points < part.best]
    assert len(found.reasons) == len(lost)
    assert set(found.unknown) == {name for name in STEPS[kind] if facts[name] is None}
    assert all(reason.code in BOOK.reasons for reason in found.reasons)
    losses = [next(p.best - p.points for p in found.parts if p.reason is reason) for reason in found.reasons]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize("kind", ["willingness", "ability"])
def test_the_best_of_all_facts_gives_a_hundred_and_nothing_known_gives_none(kind: str) -> None:
    best = {name: 0 if "up_to" in shape else 10**9 for name, shape in STEPS[kind].items()}
    assert score(kind, best).points == 100
    assert score(kind, {}).points == 0
    assert len(score(kind, {}).unknown) == len(STEPS[kind])


def test_nothing_to_judge_by_is_no_score_and_says_why() -> None:
    """A white customer and a missing report are two things, and neither is nought points."""
    for facts, code in (({}, "WIL-NO-REPORT"), ({"has_bureau_record": False}, "WIL-NO-RECORD")):
        found = labels.assess_willingness(facts)
        assert (found.points, [r.code for r in found.reasons]) == (None, [code])
    assert labels.assess_ability({}).points is None


def test_the_packs_steps_are_the_houses_own() -> None:
    """The figures in code and rulebook are one; a pack that leaves the parameter out is judged alike."""
    for kind, house in (("willingness", willingness.STEPS), ("ability", ability.STEPS)):
        assert {name: dict(shape) for name, shape in STEPS[kind].items()} == {n: dict(s) for n, s in house.items()}


@pytest.mark.parametrize(
    "shape", [{"up_to": ((0, 1), (5, 3))}, {"from": ((0, 5), (9, 2))}, {"up_to": ()}, {"below": ((0, 1),)}, {}, 7]
)
def test_steps_that_reward_a_worse_value_are_refused(shape: Any) -> None:
    with pytest.raises(BadInput, match=r"steps\.queries_1m"):
        give_points({"queries_1m": 1}, {"queries_1m": shape}, {"queries_1m": "WIL-QUERIES-1M"}, "WIL-UNKNOWN")


DAY = date(2026, 3, 15)


def accounts(*lines: tuple[str, date, date | None, str]) -> BureauAccounts:
    """Loans by lender, opening day, closing day and months."""
    n = len(lines)
    return BureauAccounts(
        kind=("loan",) * n, lender=("bank",) * n, lender_token=tuple(line[0] for line in lines),
        opened_on=tuple(line[1] for line in lines), closed_on=tuple(line[2] for line in lines),
        reported_on=(date(2026, 3, 1),) * n, state=("normal",) * n, security=("unsecured",) * n,
        purpose=("business",) * n, limit_cents=(1_000_000,) * n, balance_cents=(900_000,) * n, due_cents=(50_000,) * n,
        paid_cents=(0,) * n, overdue_cents=(0,) * n, overdue_over_30_cents=(0,) * n, overdue_over_90_cents=(0,) * n,
        terms=(None,) * n, terms_left=(None,) * n, months=tuple(line[3] for line in lines),
    )  # fmt: skip


def report(held: BureauAccounts | None, **more: Any) -> BureauReport:
    return BureauReport(obtained_at=datetime(2026, 3, 15, 9, tzinfo=UTC), has_record=True, accounts=held, **more)


def test_the_pattern_is_read_from_the_accounts() -> None:
    """WIL-01: how long ago, how grave, how much was granted, and what was asked for in vain."""
    held = accounts(("a", date(2023, 1, 1), None, "N12N"), ("b", date(2026, 1, 1), None, "NNNN3"))
    found = willingness.read_pattern(report(held, queries_6m=7), DAY)
    assert found == {
        "months_since_overdue": 1, "worst_overdue_24m": 3, "accounts_opened_6m": 1, "queries_unmet_6m": 6,
    }  # fmt: skip
    clean = willingness.read_pattern(report(accounts(("a", date(2023, 1, 1), None, "NN"))), DAY)
    assert (clean["months_since_overdue"], clean["worst_overdue_24m"], clean["queries_unmet_6m"]) == (60, 0, None)


def test_a_summary_without_accounts_says_only_what_it_says() -> None:
    """No overdue month in 24 is known to be so; with some, when and how grave stays unknown."""
    none = willingness.read_pattern(report(None, overdue_months_24m=0), DAY)
    assert (none["months_since_overdue"], none["worst_overdue_24m"], none["queries_unmet_6m"]) == (24, 0, None)
    unclear = willingness.read_pattern(report(None, overdue_months_24m=2), DAY)
    assert set(unclear.values()) == {None}


def statement(*lines: tuple[int, str, str, int], days: int = 183) -> BankStatement:
    """Lines by days before the end, sort, party and flow."""
    ordered = sorted(lines, key=lambda line: -line[0])
    return BankStatement(
        obtained_at=datetime(2026, 3, 15, 9, tzinfo=UTC), account="1", holder="owner", origin="bank",
        from_on=DAY - timedelta(days=days), to_on=DAY, on=tuple(DAY - timedelta(days=line[0]) for line in ordered),
        minute=(-1,) * len(lines), flow_cents=tuple(line[3] for line in ordered),
        party=tuple(line[2] for line in ordered), sort=tuple(line[1] for line in ordered),
    )  # fmt: skip


MONTHLY = tuple(range(5, 180, 30))


def test_repayments_that_no_account_explains_are_found() -> None:
    """A known bank's instalments are explained; an unknown lender's and a neighbour's regular ones are not."""
    seen = statement(
        *((day, "loan_repayment", "a", -50_000) for day in MONTHLY),
        *((day, "loan_repayment", "secret", -60_000) for day in MONTHLY),
        *((day, "person_transfer", "uncle", -120_000 + day * 10) for day in MONTHLY),
        *((day, "person_transfer", "helper", -300_000) for day in (2, 9, 31, 63, 95, 120, 150)),
        *((day, "person_transfer", "shop", -60_000 * (day % 7 + 1)) for day in MONTHLY),
        (9, "person_transfer", "once", -900_000), (12, "sale", "buyer", 5_000_000),
    )  # fmt: skip
    found = labels.find_hidden_debt([seen], report(accounts(("a", date(2023, 1, 1), None, "N"))))
    assert found.parties == ("uncle", "secret")
    assert found.unexplained_monthly_cents is not None and 179_000 <= found.unexplained_monthly_cents <= 180_000
    assert found.repaid_monthly_cents == found.unexplained_monthly_cents + 50_000


def test_a_closed_account_explains_only_what_was_paid_until_then() -> None:
    seen = statement(*((day, "loan_repayment", "a", -50_000) for day in MONTHLY))
    held = accounts(("a", date(2023, 1, 1), DAY - timedelta(days=100), "N"))
    assert labels.find_hidden_debt([seen], report(held)).unexplained_monthly_cents == 50_000 * 3 // 6


@given(extra=some.integers(50_000, 5_000_000))
def test_one_more_hidden_lender_never_makes_the_case_look_better(extra: int) -> None:
    plain = statement(*((day, "loan_repayment", "a", -50_000) for day in MONTHLY))
    more = statement(
        *((day, "loan_repayment", "a", -50_000) for day in MONTHLY),
        *((day, "loan_repayment", "hidden", -extra) for day in MONTHLY),
    )
    known = report(accounts(("a", date(2023, 1, 1), None, "N")))
    asked = Request(amount_cents=20_000_000, currency="CNY", term_months=36)
    facts: dict[str, Any] = {
        "has_bureau_record": True, "monthly_due_cents": 50_000, "card_used_cents": 100_000, "guarantees_cents": 0,
        "verified_income_cents": 3_000_000, "verified_sales_monthly_cents": 9_000_000,
    }  # fmt: skip
    points = []
    for seen in (plain, more):
        weighed = ability.weigh_debts(asked, facts, labels.find_hidden_debt([seen], known), 0)
        points.append(labels.assess_ability({**facts, **weighed}).points)
        assert weighed["debt_service_cents"] is not None
    assert points[0] is not None and points[1] is not None and points[1] <= points[0]
    assert weighed["debt_service_cents"] == 60_000 + extra


def test_what_cannot_be_known_is_said_and_not_taken_for_nothing() -> None:
    known = report(accounts(("a", date(2023, 1, 1), None, "N")))
    seen = statement(*((day, "loan_repayment", "a", -50_000) for day in MONTHLY))
    assert labels.find_hidden_debt([], known).why == "no_bank_flow"
    assert labels.find_hidden_debt([statement(days=40)], known).why == "too_short"
    assert labels.find_hidden_debt([seen], None) == labels.HiddenDebt(repaid_monthly_cents=50_000, why="no_bureau")
    assert labels.find_hidden_debt([seen], report(None)).unexplained_monthly_cents is None
    assert ability.weigh_debts(Request(amount_cents=1, currency="CNY"), {}, labels.HiddenDebt(), None) == dict.fromkeys(
        ability.weigh_debts(Request(amount_cents=1, currency="CNY"), {}, labels.HiddenDebt(), None)
    )


LINES = some.integers(0, 10**10)


@given(parts=some.tuples(*(LINES,) * 9), more=some.integers(1, 10**9))
def test_the_equity_check_finds_a_hidden_debt_of_any_size_that_matters(parts: tuple[int, ...], more: int) -> None:
    """B.2: debts left out of the picture, and only those, show as equity that should be there and is not."""
    names = labels.EquityLines.__slots__
    lines = dict(zip(names, parts, strict=True))
    found = labels.check_equity(labels.EquityLines(**lines), deviation_bps_max=1_500)
    deeper = labels.check_equity(
        labels.EquityLines(**{**lines, "debts_found_cents": lines["debts_found_cents"] + more}), deviation_bps_max=1_500
    )
    if found.deviation_bps is not None and deeper.deviation_bps is not None:
        assert deeper.deviation_bps >= found.deviation_bps
        assert deeper.missing_cents is not None and found.missing_cents is not None
        assert deeper.missing_cents >= found.missing_cents


@pytest.mark.parametrize(
    "name", ["capital_cents", "profits_cents", "withdrawn_cents", "assets_cents", "debts_shown_cents"]
)
def test_a_line_nobody_found_out_leaves_the_equity_unknown(name: str) -> None:
    lines = dict.fromkeys(labels.EquityLines.__slots__, 1000)
    found = labels.check_equity(labels.EquityLines(**{**lines, name: None}), deviation_bps_max=1_500)
    assert (found.verdict, found.unknown) == ("unknown", (name,))
