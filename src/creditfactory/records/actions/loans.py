"""Booking loans, posting journals, and what comes back: many at a time, in the same form as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate

from django.db import connection, transaction
from django.db.models import F

from creditfactory.kernel import Stale
from creditfactory.ledger import Journal
from creditfactory.records.actions.edges import add_outcome
from creditfactory.records.connection import run_prepared
from creditfactory.records.loans import LoanRecord
from creditfactory.records.tables import Loan, Repayment


@dataclass(frozen=True, slots=True)
class NewLoan:
    """A loan as its contract and disbursement make it."""

    number: str
    product: str
    city: str
    industry: str
    channel: str
    lane: str
    currency: str
    principal_cents: int
    annual_rate: Decimal
    method: str
    disbursed_on: date
    instalments: Sequence[tuple[int, date, int, int]]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class NewRepayment:
    """Money that came in on a loan on a day, with what it pays and the journal that says so."""

    loan_id: int
    key: str
    on: date
    kind: str
    principal_cents: int
    interest_cents: int
    penalty_cents: int
    journal: Journal


BOOK_LOAN = """
INSERT INTO loan (tenant_id, book_id, application_id, number, product, city, industry, channel, lane, currency,
  principal_cents, annual_rate, instalments, method, disbursed_on, matures_on, status, open_cents, paid_cents,
  arrears_days, loss_cents, recovered_cents, weight)
VALUES (%(tenant)s, %(book)s, %(application)s, %(number)s, %(product)s, %(city)s, %(industry)s, %(channel)s, %(lane)s,
  %(currency)s, %(principal)s, %(rate)s, %(instalments)s, %(method)s, %(disbursed_on)s, %(matures_on)s, 'running',
  %(principal)s, 0, 0, 0, 0, %(weight)s)
RETURNING id
"""


def book_loan(*, tenant_id: int, book_id: int, application_id: int, new: NewLoan) -> int:
    """Put a loan and its promised payments on the funder's book; returns its id."""
    row = run_prepared(
        BOOK_LOAN,
        {
            "tenant": tenant_id, "book": book_id, "application": application_id, "number": new.number,
            "product": new.product, "city": new.city[:80], "industry": new.industry[:16],
            "channel": new.channel[:120], "lane": new.lane, "currency": new.currency,
            "principal": new.principal_cents, "rate": new.annual_rate, "instalments": len(new.instalments),
            "method": new.method, "disbursed_on": new.disbursed_on, "matures_on": new.instalments[-1][1],
            "weight": new.weight,
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    loan_id = int(row[0])
    numbers, due, principal, interest = zip(*new.instalments, strict=True)
    through = list(accumulate(p + i for p, i in zip(principal, interest, strict=True)))
    run_prepared(
        "INSERT INTO instalment (loan_id, number, due_on, principal_cents, interest_cents, due_through_cents)"
        " SELECT %s::bigint, * FROM unnest(%s::int[], %s::date[], %s::bigint[], %s::bigint[], %s::bigint[])",
        [loan_id, list(numbers), list(due), list(principal), list(interest), through],
    )
    return loan_id


def post_journals(*, tenant_id: int, book_ids: Sequence[int], journals: Sequence[Journal], at: datetime) -> int:
    """Post journals and their entries; one already posted under its key stays as it is. Returns how many are new."""
    if not journals:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal (tenant_id, book_id, key, kind, subject, \"on\", posted_at)"
            " SELECT %s, t.book, t.key, t.kind, t.subject, t.on_day, %s"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[])"
            "   AS t(book, key, kind, subject, on_day)"
            " ON CONFLICT (key) DO NOTHING RETURNING id, key",
            [
                tenant_id, at, list(book_ids), [j.key for j in journals], [j.kind for j in journals],
                [j.subject for j in journals], [j.on for j in journals],
            ],
        )  # fmt: skip
        ids = {key: journal_id for journal_id, key in cursor.fetchall()}
        rows = [(ids[j.key], e.account, e.currency, e.cents) for j in journals if j.key in ids for e in j.entries]
        if rows:
            journal_ids, accounts, currencies, cents = zip(*rows, strict=True)
            cursor.execute(
                "INSERT INTO entry (journal_id, account, currency, cents)"
                " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])",
                [list(journal_ids), list(accounts), list(currencies), list(cents)],
            )
    return len(ids)


def save_repayments(*, tenant_id: int, book_ids: Sequence[int], rows: Sequence[NewRepayment], at: datetime) -> int:
    """Take money in on many loans at once: repayment rows, journals and open balances in one transaction.

    A key taken before is left alone, so a batch that is run again changes nothing. Returns how many were new.
    """
    if not rows:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO repayment (loan_id, key, \"on\", kind, principal_cents, interest_cents, penalty_cents)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::text[], %s::bigint[], %s::bigint[],"
            " %s::bigint[]) ON CONFLICT (key) DO NOTHING RETURNING key",
            [
                [r.loan_id for r in rows], [r.key for r in rows], [r.on for r in rows], [r.kind for r in rows],
                [r.principal_cents for r in rows], [r.interest_cents for r in rows], [r.penalty_cents for r in rows],
            ],
        )  # fmt: skip
        new_keys = {key for (key,) in cursor.fetchall()}
        fresh = [(row, book) for row, book in zip(rows, book_ids, strict=True) if row.key in new_keys]
        post_journals(
            tenant_id=tenant_id, book_ids=[book for _, book in fresh], journals=[row.journal for row, _ in fresh], at=at
        )
        cursor.execute(
            "UPDATE loan SET open_cents = open_cents - t.principal, paid_cents = paid_cents + t.principal + t.interest"
            " FROM (SELECT id, sum(principal) AS principal, sum(interest) AS interest"
            "       FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS u(id, principal, interest)"
            "       GROUP BY id) AS t"
            " WHERE loan.id = t.id",
            [
                [row.loan_id for row, _ in fresh], [row.principal_cents for row, _ in fresh],
                [row.interest_cents for row, _ in fresh],
            ],
        )  # fmt: skip
    return len(fresh)


def end_loan(*, loan_id: int, status: str, on: date, loss_cents: int = 0, recovered_cents: int = 0) -> None:
    """Close a loan as paid or charged off; a charge-off takes the open balance off the book."""
    Loan.objects.filter(id=loan_id, status="running").update(
        status=status, ended_on=on, open_cents=0, loss_cents=loss_cents, recovered_cents=recovered_cents, arrears_days=0
    )


@transaction.atomic
def charge_off_loan(*, tenant_id: int, loan: LoanRecord, journal: Journal, on: date, at: datetime) -> None:
    """Take a running loan's open principal off its funder's book as a loss; stale if money came in meanwhile."""
    now = Loan.objects.select_for_update().get(id=loan.id)
    if now.status != "running" or now.open_cents != loan.open_cents:
        raise Stale(f"{loan.number} has changed since it was read")
    post_journals(tenant_id=tenant_id, book_ids=[loan.book_id], journals=[journal], at=at)
    end_loan(loan_id=loan.id, status="charged_off", on=on, loss_cents=loan.open_cents)
    add_outcome(tenant_id=tenant_id, application_id=loan.application_id, kind="charge_off", known_at=at)


ADD_LATE = """
INSERT INTO known_outcome (tenant_id, application_id, kind, known_at)
SELECT l.tenant_id, l.application_id, told.kind, %(at)s
FROM unnest(%(ids)s::bigint[], %(days)s::int[]) AS t(id, days) JOIN loan l ON l.id = t.id CROSS JOIN LATERAL (
  SELECT 'late_90' AS kind WHERE t.days >= %(late)s
  UNION ALL SELECT 'first_payment_default' WHERE t.days >= %(first)s AND (
    SELECT min(i.due_on) FROM instalment i WHERE i.loan_id = l.id) = %(on)s::date - t.days) told
ON CONFLICT (application_id, kind) DO NOTHING
"""
LATE_DAYS = 90
FIRST_PAYMENT_DAYS = 30


def save_ages(*, ages: Iterable[tuple[int, int]], on: date, at: datetime) -> None:
    """Keep how many days each running loan is in arrears on a day: pairs of loan id and days.

    From 90 days on, or 30 where not even the first instalment was paid, the network knows the application as bad.
    """
    rows = list(ages)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE loan SET arrears_days = t.days, aged_on = %s"
            " FROM unnest(%s::bigint[], %s::int[]) AS t(id, days) WHERE loan.id = t.id",
            [on, [loan_id for loan_id, _ in rows], [days for _, days in rows]],
        )
        late = [(loan_id, days) for loan_id, days in rows if days >= FIRST_PAYMENT_DAYS]
        if late:
            cursor.execute(
                ADD_LATE,
                {"ids": [loan_id for loan_id, _ in late], "days": [days for _, days in late], "on": on, "at": at,
                 "late": LATE_DAYS, "first": FIRST_PAYMENT_DAYS},
            )  # fmt: skip


def add_recovery(*, loan_id: int, cents: int) -> None:
    """Add what came in after a loan was charged off."""
    Loan.objects.filter(id=loan_id).update(recovered_cents=F("recovered_cents") + cents)


def is_receipt_known(loan_id: int, key: str) -> bool:
    """Whether a payment has been booked on a loan already; the loan is locked until the transaction ends."""
    Loan.objects.select_for_update().get(id=loan_id)
    return Repayment.objects.filter(key=key).exists()
