"""Collection: the measure follows the reason for being late, and the law says when a borrower is left in peace."""

from datetime import date, datetime, time, timedelta

import pytest

from creditfactory import collection, loan
from creditfactory.collection import Contact, ContactRules
from creditfactory.kernel import UnknownName
from creditfactory.loan import OpenInstalment

DUE_ON = date(2026, 2, 15)
NOON = datetime(2026, 3, 2, 12, 0)


def late(days: int) -> loan.Position:
    return loan.draw_position(DUE_ON + timedelta(days=days), [OpenInstalment(1, DUE_ON, 500, 300, 0)])


@pytest.mark.parametrize(
    ("default_reason", "days", "action"),
    [
        (None, 1, "remind"),
        (None, 6, "find_reason"),
        ("forgetful", 1, "retry_debit"),
        ("technical", 2, "fix_payment"),
        ("wrong_debit_details", 2, "rebind_account"),
        ("over_obligation", 10, "offer_restructuring"),
        ("hardship", 6, "offer_forbearance"),
        ("dispute", 100, "open_complaint"),
        ("deliberate", 2, "senior_collector"),
        ("deliberate", 20, "lawyer_letter"),
        ("lost_contact", 2, "trace_lawfully"),
        ("insolvent", 2, "offer_settlement"),
        ("sales_slump", 9, "offer_restructuring"),
        ("receivable_stuck", 2, "review_receivable"),
        ("illness", 6, "offer_forbearance"),
        ("fraud", 2, "refer_to_police"),
        ("borrowed_name", 20, "refer_to_police"),
        ("hardship", 180, "charge_off"),
    ],
)
def test_the_measure_follows_the_reason_and_the_lateness(default_reason, days, action):
    """COL-02."""
    chosen = collection.choose_next_action(late(days), default_reason, NOON, has_consent=True)
    assert (chosen.action, chosen.verdict) == (action, "do")


def test_every_default_reason_has_a_strategy_from_the_first_late_day():
    assert set(collection.STRATEGY) - {None} == set(collection.DEFAULT_REASONS)
    for code in collection.STRATEGY:
        assert collection.choose_step(code, 1) is not None
        days = [step.from_days for step in collection.STRATEGY[code]]
        assert days == sorted(set(days))


def test_a_disputed_debt_is_never_chased():
    for step in collection.STRATEGY["dispute"]:
        assert step.channel == "none"


def test_who_is_not_late_is_left_alone():
    chosen = collection.choose_next_action(late(0), "forgetful", NOON)
    assert (chosen.verdict, chosen.reasons[0].code) == ("nothing", "COL-NOT-LATE")


def test_an_unknown_default_reason_is_named():
    with pytest.raises(UnknownName, match="default_reason: found 'lazy'"):
        collection.choose_next_action(late(3), "lazy", NOON)


@pytest.mark.parametrize(
    ("at", "not_before"),
    [
        (datetime(2026, 3, 2, 22, 0), datetime(2026, 3, 3, 8, 0)),
        (datetime(2026, 3, 2, 23, 59), datetime(2026, 3, 3, 8, 0)),
        (datetime(2026, 3, 2, 7, 59, 30), datetime(2026, 3, 2, 8, 0)),
    ],
)
def test_at_night_the_action_is_held_until_morning(at, not_before):
    chosen = collection.choose_next_action(late(6), "hardship", at)
    assert (chosen.verdict, chosen.not_before) == ("hold", not_before)
    assert "COL-QUIET-HOURS" in [reason.code for reason in chosen.reasons]
    assert collection.choose_next_action(late(6), "hardship", at, has_consent=True).verdict == "do"


def test_what_needs_no_contact_may_be_done_at_night():
    assert collection.choose_next_action(late(2), "technical", datetime(2026, 3, 2, 23, 0)).verdict == "do"


def calls(number: int, *, answered: bool = False, day: int = 2) -> list[Contact]:
    return [Contact(datetime(2026, 3, day, 9, minute), "call", answered) for minute in range(number)]


@pytest.mark.parametrize(
    ("channel", "contacts", "extra", "codes"),
    [
        ("call", calls(5), {}, []),
        ("call", calls(6), {}, ["COL-CALLS-TODAY"]),
        ("call", calls(6, answered=True), {}, []),
        ("call", calls(6, day=1), {}, []),
        ("sms", calls(6), {}, []),
        ("visit", [], {}, ["COL-VISIT-CONSENT"]),
        ("visit", [], {"has_consent": True}, []),
        ("sms", [], {"is_disputed": True, "has_consent": True}, ["COL-DISPUTED"]),
        ("call", [], {"whom": "third_party"}, ["COL-THIRD-PARTY"]),
        ("call", [], {"whom": "third_party", "is_lost": True}, []),
    ],
)
def test_why_a_contact_may_not_be_made(channel, contacts, extra, codes):
    assert [reason.code for reason in collection.check_contact(channel, NOON, contacts, **extra)] == codes


def test_a_week_has_its_own_limit_where_the_rules_set_one():
    rules = ContactRules(contacts_a_week_max=7)
    assert collection.check_contact("sms", NOON, calls(6), rules) == ()
    assert [one.code for one in collection.check_contact("sms", NOON, calls(7), rules)] == ["COL-CONTACTS-WEEK"]
    last_week = [Contact(NOON - timedelta(days=7), "sms")] * 7
    assert collection.check_contact("sms", NOON, last_week, rules) == ()


def test_quiet_hours_may_lie_within_one_day():
    rules = ContactRules(quiet_from=time(12), quiet_until=time(14))
    assert collection.is_quiet(time(13), rules)
    assert not collection.is_quiet(time(14), rules)


@pytest.mark.parametrize(
    ("position", "verdict", "code"),
    [
        (late(179), "wait", "COL-NOT-LATE-ENOUGH"),
        (late(180), "charge_off", "COL-CHARGE-OFF-DUE"),
        (loan.draw_position(DUE_ON, []), "not_applicable", "LON-NOTHING-OPEN"),
        (
            loan.draw_position(date(2026, 9, 1), [OpenInstalment(1, DUE_ON, 500, 300, 0)], charged_off=True),
            "not_applicable",
            "LON-ALREADY-CHARGED-OFF",
        ),
    ],
)
def test_when_a_loan_is_given_up(position, verdict, code):
    judged = collection.judge_charge_off(position)
    assert (judged.verdict, judged.reasons[0].code) == (verdict, code)
