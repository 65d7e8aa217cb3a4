"""Loans as the line and the batches read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from creditfactory.network import OwnLoan
from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import Instalment, Loan, Repayment


@dataclass(frozen=True, slots=True)
class LoanRecord:
    """One loan as it stands."""

    id: int
    application_id: int
    book_id: int
    book: str
    number: str
    status: str
    currency: str
    principal_cents: int
    open_cents: int
    paid_cents: int
    annual_rate: Decimal
    method: str
    instalments: int
    disbursed_on: date
    matures_on: date
    arrears_days: int
    ended_on: date | None
    loss_cents: int
    recovered_cents: int


COLUMNS = (
    "id", "application_id", "book_id", "book__code", "number", "status", "currency", "principal_cents", "open_cents",
    "paid_cents", "annual_rate", "method", "instalments", "disbursed_on", "matures_on", "arrears_days", "ended_on",
    "loss_cents", "recovered_cents",
)  # fmt: skip


LOAD_LOAN = """
SELECT l.id, l.application_id, l.book_id, b.code, l.number, l.status, l.currency, l.principal_cents, l.open_cents,
  l.paid_cents, l.annual_rate, l.method, l.instalments, l.disbursed_on, l.matures_on, l.arrears_days, l.ended_on,
  l.loss_cents, l.recovered_cents
FROM loan l JOIN book b ON b.id = l.book_id WHERE l.application_id = %s::bigint
"""


def load_loan(application_id: int) -> LoanRecord | None:
    """The loan that came of an application, if any did."""
    row = run_prepared(LOAD_LOAN, [application_id]).fetchone()
    return LoanRecord(*row) if row else None


def find_loan(tenant_id: int, number: str) -> LoanRecord | None:
    """The loan of that number in a factory."""
    row = Loan.objects.filter(tenant_id=tenant_id, number=number).values_list(*COLUMNS).first()
    return LoanRecord(*row) if row else None


FIND_OWN_LOANS = """
SELECT l.status = 'paid' AND l.ended_on <= %(on)s::date, COALESCE(late.days, 0)
FROM application a JOIN loan l ON l.application_id = a.id CROSS JOIN LATERAL (
  SELECT max(COALESCE(paid."on", LEAST(l.ended_on, %(on)s::date), %(on)s::date) - i.due_on) AS days
  FROM instalment i LEFT JOIN LATERAL (
    SELECT min(r."on") AS "on" FROM (
      SELECT p."on", sum(p.principal_cents + p.interest_cents) OVER (ORDER BY p."on", p.id) AS through
      FROM repayment p WHERE p.loan_id = l.id AND p."on" <= %(on)s::date) r
    WHERE r.through >= i.due_through_cents) paid ON true
  WHERE i.loan_id = l.id AND i.due_on < COALESCE(LEAST(l.ended_on, %(on)s::date), %(on)s::date)) late
WHERE a.tenant_id = %(tenant)s::bigint AND a.person_token = %(person)s AND a.id <> %(application)s::bigint
  AND l.disbursed_on < %(on)s::date
"""


def load_own_loans(*, tenant_id: int, person_token: str, application_id: int, on: date) -> tuple[OwnLoan, ...]:
    """How a person's earlier loans here stood on a day: repaid in full or not, and the most days ever late."""
    facts = {"tenant": tenant_id, "person": person_token, "application": application_id, "on": on}
    with connection.cursor() as cursor:
        cursor.execute(FIND_OWN_LOANS, facts)
        return tuple(OwnLoan(is_repaid=bool(paid), arrears_days_max=max(0, days)) for paid, days in cursor.fetchall())


def load_instalments(loan_id: int) -> list[tuple[int, date, int, int]]:
    """The promised payments of a loan: number, due date, principal and interest in cents."""
    return list(
        Instalment.objects.filter(loan_id=loan_id)
        .order_by("number")
        .values_list("number", "due_on", "principal_cents", "interest_cents")
    )


def load_repayments(loan_id: int) -> list[tuple[date, int, int, int]]:
    """What came in on a loan: day, principal, interest and penalty in cents."""
    return list(
        Repayment.objects.filter(loan_id=loan_id)
        .order_by("on", "id")
        .values_list("on", "principal_cents", "interest_cents", "penalty_cents")
    )


def find_first_unpaid(tenant_id: int, on: date) -> list[tuple[int, int, int, date]]:
    """Running loans with something overdue on a day: loan id, application id, days kept last, first unpaid due date."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.id, l.application_id, l.arrears_days, u.due_on FROM loan l CROSS JOIN LATERAL (
              SELECT i.due_on FROM instalment i WHERE i.loan_id = l.id AND i.due_through_cents > l.paid_cents
              ORDER BY i.due_through_cents LIMIT 1) u
            WHERE l.tenant_id = %s AND l.status = 'running' AND (u.due_on < %s OR l.arrears_days > 0)
            ORDER BY l.id
            """,
            [tenant_id, on],
        )
        return cursor.fetchall()
