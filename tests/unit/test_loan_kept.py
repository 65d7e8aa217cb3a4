"""Values of the money rooms survive being kept as JSON and read back, to the cent and to the last decimal."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from creditfactory import collection, ledger, loan, portfolio

TERMS = loan.Terms(25_000_000, Decimal("0.18"), 6, "equal_instalment", date(2026, 1, 31), grace=loan.Grace(principal=1))
SCHEDULE = loan.build_schedule(TERMS)
LATE = loan.age(SCHEDULE, [], date(2026, 3, 20))

KEPT = [
    TERMS,
    SCHEDULE,
    LATE,
    loan.draft_contract(
        TERMS,
        funder="bank-a",
        fees=[loan.Fee("service", "platform", 100_000, "each_instalment")],
        cap=loan.Cap(Decimal("0.2"), "nominal", "test"),
        penalty_annual_rate=Decimal("0.27"),
    ),
    loan.quote_payoff(TERMS, SCHEDULE, [], date(2026, 3, 20)),
    loan.prepay(TERMS, SCHEDULE, [], date(2026, 3, 1), 5_000_000),
    loan.charge_off(LATE),
    loan.post_disbursement("L-1", "bank-a", 25_000_000, date(2026, 1, 31)),
    portfolio.check_warnings(LATE, {"inflow_change": -0.5, "deregistered": True}),
    collection.choose_next_action(LATE, "hardship", datetime(2026, 3, 20, 23, 0)),
    collection.judge_charge_off(LATE),
]


@pytest.mark.parametrize("value", KEPT, ids=lambda value: type(value).__name__)
def test_a_value_read_back_is_the_value_that_was_kept(value):
    adapter = TypeAdapter(type(value))
    assert adapter.validate_json(adapter.dump_json(value)) == value


def test_a_journal_kept_and_read_back_still_balances():
    adapter = TypeAdapter(ledger.Journal)
    journal = loan.post_charge_off("L-1", "bank-a", 5, date(2026, 1, 31))
    assert ledger.check_balance(adapter.validate_json(adapter.dump_json(journal))) == ()
