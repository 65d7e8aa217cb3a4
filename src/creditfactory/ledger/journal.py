"""Journals and entries: what moved between which accounts, on which day, for which subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from creditfactory.kernel import Reason


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal: debits are positive cents, credits negative."""

    account: str
    cents: int
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Journal:
    """What happened once, on one day, on one book's balance sheet; the key says it may be booked only once."""

    key: str
    on: date
    kind: str
    subject: str
    entries: tuple[Entry, ...]
    book: str = ""


def draw_journal(
    *, key: str, on: date, kind: str, subject: str, book: str, currency: str, lines: Iterable[tuple[str, int]]
) -> Journal:
    """A journal from (account, cents) lines, leaving out those that move nothing; it must balance.

    >>> lines = [("assets:cash", 100), ("income:interest", -100), ("income:penalty", 0)]
    >>> len(draw_journal(key="k", on=date(2026, 1, 1), kind="repayment", subject="L-1", book="bank-a", currency="CNY",
    ...                  lines=lines).entries)
    2
    """
    entries = tuple(Entry(account, cents, currency) for account, cents in lines if cents)
    journal = Journal(key, on, kind, subject, entries, book)
    assert not check_balance(journal), f"journal {key} does not balance"
    return journal


def check_balance(journal: Journal) -> tuple[Reason, ...]:
    """Why this journal may not be booked; empty when debits equal credits in every currency.

    >>> check_balance(Journal("k", date(2026, 1, 1), "fee", "L-1", (Entry("assets:cash", 5), Entry("income:fee", -4))))
    (Reason(code='LED-UNBALANCED', facts={'key': 'k', 'currency': 'CNY', 'difference_cents': 1}),)
    """
    if not journal.entries:
        return (Reason("LED-EMPTY", {"key": journal.key}),)
    reasons = [
        Reason("LED-ENTRY-ZERO", {"key": journal.key, "account": entry.account})
        for entry in journal.entries
        if entry.cents == 0
    ]
    sums: dict[str, int] = {}
    for entry in journal.entries:
        sums[entry.currency] = sums.get(entry.currency, 0) + entry.cents
    reasons += [
        Reason("LED-UNBALANCED", {"key": journal.key, "currency": currency, "difference_cents": cents})
        for currency, cents in sums.items()
        if cents
    ]
    return tuple(reasons)


def trial_balance(entries: Iterable[Entry]) -> dict[tuple[str, str], int]:
    """The balance of every account and currency, debits positive, in alphabetical order; whole, it sums to nothing.

    >>> trial_balance([Entry("assets:cash", 7), Entry("assets:cash", -2), Entry("income:fee", -5)])
    {('assets:cash', 'CNY'): 5, ('income:fee', 'CNY'): -5}
    """
    balances: dict[tuple[str, str], int] = {}
    for entry in entries:
        account = (entry.account, entry.currency)
        balances[account] = balances.get(account, 0) + entry.cents
    return dict(sorted(balances.items()))


def reverse_journal(journal: Journal, *, key: str, on: date) -> Journal:
    """The journal that undoes another by adding its mirror image: nothing booked is ever edited.

    >>> booked = Journal("k", date(2026, 1, 1), "fee", "L-1", (Entry("assets:cash", 5), Entry("income:fee", -5)))
    >>> [entry.cents for entry in reverse_journal(booked, key="k:reversal", on=date(2026, 1, 2)).entries]
    [-5, 5]
    """
    entries = tuple(Entry(entry.account, -entry.cents, entry.currency) for entry in journal.entries)
    return Journal(key, on, f"{journal.kind}_reversal", journal.subject, entries, journal.book)
