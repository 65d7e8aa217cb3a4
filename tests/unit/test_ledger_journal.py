"""The ledger: a journal balances per currency or says why it does not; nothing is edited, only reversed."""

from datetime import date

import pytest

from creditfactory import ledger, loan
from creditfactory.ledger import Entry, Journal

DAY = date(2026, 1, 15)


def journal(*entries: Entry) -> Journal:
    return Journal("k-1", DAY, "test", "L-1", entries, "bank-a")


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        ((), ["LED-EMPTY"]),
        ((Entry("a", 0),), ["LED-ENTRY-ZERO"]),
        ((Entry("a", 1), Entry("b", -2)), ["LED-UNBALANCED"]),
        ((Entry("a", 1, "CNY"), Entry("b", -1, "USD")), ["LED-UNBALANCED", "LED-UNBALANCED"]),
        ((Entry("a", 1), Entry("b", -1)), []),
    ],
)
def test_why_a_journal_may_not_be_booked(entries, codes):
    assert [reason.code for reason in ledger.check_balance(journal(*entries))] == codes


def test_an_unbalanced_draft_is_our_own_bug():
    with pytest.raises(AssertionError):
        ledger.draw_journal(
            key="k", on=DAY, kind="t", subject="L", book="b", currency="CNY", lines=[("a", 1), ("b", -2)]
        )


def test_a_loans_life_leaves_only_what_happened():
    """FUN-04: every account stands on the funder's book; none belongs to the platform."""
    life = [
        loan.post_disbursement("L-1", "bank-a", 1_000, DAY),
        loan.post_repayment("L-1", "bank-a", DAY, receipt="1", principal_cents=100, interest_cents=20, penalty_cents=3),
        loan.post_charge_off("L-1", "bank-a", 900, DAY),
        loan.post_recovery("L-1", "bank-a", 50, DAY, receipt="2"),
    ]
    balances = ledger.trial_balance(entry for one in life for entry in one.entries)
    assert balances == {
        ("assets:cash", "CNY"): -827,
        ("assets:loans:principal", "CNY"): 0,
        ("expense:credit_loss", "CNY"): 900,
        ("income:interest", "CNY"): -20,
        ("income:penalty", "CNY"): -3,
        ("income:recovery", "CNY"): -50,
    }
    assert sum(balances.values()) == 0
    assert len({one.key for one in life}) == 4
    assert {account for account, _ in balances} <= set(loan.ACCOUNTS)


def test_a_reversal_mirrors_what_it_undoes():
    booked = loan.post_disbursement("L-1", "bank-a", 1_000, DAY, currency="USD")
    undone = ledger.reverse_journal(booked, key="L-1:disbursement:reversal", on=DAY)
    assert set(ledger.trial_balance(booked.entries + undone.entries).values()) == {0}
    assert undone.book == "bank-a"
