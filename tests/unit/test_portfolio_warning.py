"""Early warning: which facts raise which level, and what happens when a fact is missing or broken."""

from datetime import date

import pytest

from creditfactory import loan, portfolio
from creditfactory.loan import OpenInstalment

CURRENT = loan.draw_position(date(2026, 5, 1), [OpenInstalment(5, date(2026, 6, 15), 500, 300, 0)])


def late(days: int) -> loan.Position:
    return loan.draw_position(date(2026, 5, 1 + days % 28), [OpenInstalment(1, date(2026, 5, 1), 500, 300, 0)])


@pytest.mark.parametrize(
    ("facts", "level", "first"),
    [
        ({"deregistered": True, "inflow_change": -0.5}, "red", "EWS-DEREGISTERED"),
        ({"deregistered": False}, "none", None),
        ({"inflow_change": -0.30}, "orange", "EWS-INFLOW-FALL"),
        ({"inflow_change": -0.29}, "none", None),
        ({"new_lenders_90d": 3}, "orange", "EWS-NEW-LENDERS"),
        ({"address_changed": True}, "yellow", "EWS-ADDRESS-CHANGED"),
        ({"address_changed": True, "inquiries_90d": 9, "partial_payments_90d": 1}, "orange", "EWS-PARTIAL-PAYMENT"),
        ({}, "none", None),
    ],
)
def test_signs_set_the_level(facts, level, first):
    alert = portfolio.check_warnings(CURRENT, facts)
    assert alert.level == level
    assert (alert.signals[0] if alert.signals else None) == first


@pytest.mark.parametrize(("days", "level"), [(0, "none"), (1, "yellow"), (7, "yellow"), (8, "orange")])
def test_lateness_itself_is_a_sign(days, level):
    assert portfolio.check_warnings(late(days), {}).level == level


def test_facts_nobody_has_are_named_and_not_taken_for_health():
    alert = portfolio.check_warnings(CURRENT, {"inflow_change": None, "deregistered": False})
    assert "inflow_change" in alert.unknown
    assert "deregistered" not in alert.unknown


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), "a lot", True])
def test_a_broken_fact_speaks_instead_of_passing(value):
    alert = portfolio.check_warnings(CURRENT, {"inflow_change": value})
    assert (alert.level, alert.signals) == ("yellow", ("EWS-FACT-BROKEN",))


def test_a_yes_or_no_fact_that_is_a_number_is_broken():
    assert portfolio.check_warnings(CURRENT, {"deregistered": 0}).signals == ("EWS-FACT-BROKEN",)
