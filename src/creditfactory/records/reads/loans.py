"""The loan book: totals, arrears, where the loans stand, and how each cohort has gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Q, QuerySet

from creditfactory.records.tables import Loan

PAGE_ROWS = 50
SPLITS = {"book": "b.name", "city": "l.city", "lane": "l.lane", "industry": "left(l.industry, 2)"}
BUCKETS = ((0, 0), (1, 30), (31, 60), (61, 90), (91, 120), (121, 150), (151, 180), (181, 10_000))


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a split of the book."""

    name: str
    loans: int
    principal_cents: int
    open_cents: int
    late_cents: int
    loss_cents: int
    recovered_cents: int


@dataclass(frozen=True, slots=True)
class BookTotals:
    """The whole book: money out, still open, late, lost; arrears by bucket M0 to M7 as (loans, open cents)."""

    loans: int
    running: int
    paid: int
    charged_off: int
    disbursed_cents: int
    open_cents: int
    late_cents: int
    late_90_cents: int
    loss_cents: int
    recovered_cents: int
    repaid_principal_cents: int
    interest_cents: int
    buckets: tuple[tuple[int, int], ...]
    splits: dict[str, tuple[Share, ...]]


@dataclass(frozen=True, slots=True)
class LoanRow:
    """One loan as a list shows it."""

    number: str
    case: str
    trade_name: str
    book: str
    product: str
    city: str
    lane: str
    currency: str
    principal_cents: int
    annual_rate: Decimal
    instalments: int
    disbursed_on: date
    matures_on: date
    status: str
    open_cents: int
    arrears_days: int
    loss_cents: int
    recovered_cents: int


@dataclass(frozen=True, slots=True)
class LoanPage:
    """One page of the loan list."""

    rows: tuple[LoanRow, ...]
    total: int
    page: int
    pages: int


TOTALS = """
SELECT count(*), count(*) FILTER (WHERE status = 'running'), count(*) FILTER (WHERE status = 'paid'),
  count(*) FILTER (WHERE status = 'charged_off'), coalesce(sum(principal_cents), 0), coalesce(sum(open_cents), 0),
  coalesce(sum(open_cents) FILTER (WHERE arrears_days > 0), 0),
  coalesce(sum(open_cents) FILTER (WHERE arrears_days > 90), 0),
  coalesce(sum(loss_cents), 0), coalesce(sum(recovered_cents), 0)
FROM loan WHERE tenant_id = %s
"""
BACK = """
SELECT coalesce(sum(r.principal_cents), 0), coalesce(sum(r.interest_cents + r.penalty_cents), 0)
FROM repayment r JOIN loan l ON l.id = r.loan_id WHERE l.tenant_id = %s
"""
ARREARS = """
SELECT CASE WHEN arrears_days = 0 THEN 0 ELSE least(7, (arrears_days + 29) / 30) END, count(*), sum(open_cents)
FROM loan WHERE tenant_id = %s AND status = 'running' GROUP BY 1
"""
SPLIT = """
SELECT {column}, count(*), sum(principal_cents), sum(open_cents),
  coalesce(sum(open_cents) FILTER (WHERE arrears_days > 0), 0), sum(loss_cents), sum(recovered_cents)
FROM loan l JOIN book b ON b.id = l.book_id WHERE l.tenant_id = %s GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 40
"""
OUTCOMES = """
SELECT disbursed_on, principal_cents, CASE WHEN status = 'charged_off' THEN ended_on END,
  CASE WHEN status = 'charged_off' THEN loss_cents END, weight
FROM loan WHERE tenant_id = %s
"""
OUTCOME_SCHEMA = {
    "disbursed_on": pl.Date(), "disbursed_cents": pl.Int64(), "charged_off_on": pl.Date(),
    "charged_off_cents": pl.Int64(), "weight": pl.Float64(),
}  # fmt: skip


def read_book_totals(tenant_id: int) -> BookTotals:
    """The book's figures now."""
    [totals] = _rows(TOTALS, tenant_id)
    [(principal_back, interest)] = _rows(BACK, tenant_id)
    buckets = {bucket: (loans, int(cents)) for bucket, loans, cents in _rows(ARREARS, tenant_id)}
    return BookTotals(  # type: ignore[misc]  # the totals come in the order of the fields
        *(int(value) for value in totals),  # type: ignore[arg-type]
        repaid_principal_cents=int(principal_back),
        interest_cents=int(interest),
        buckets=tuple(buckets.get(number, (0, 0)) for number in range(len(BUCKETS))),
        splits={
            name: tuple(
                Share(label or "", *(int(value) for value in values))
                for label, *values in _rows(SPLIT.format(column=column), tenant_id)
            )
            for name, column in SPLITS.items()
        },
    )


def read_outcome_frame(tenant_id: int) -> pl.DataFrame:
    """Every loan's outcome so far, in the columns that the portfolio counts by.

    When a loan was first more than 90 days late is not kept on the book, so those columns are empty.
    """
    frame = pl.DataFrame(_rows(OUTCOMES, tenant_id), schema=OUTCOME_SCHEMA, orient="row")
    never = [pl.lit(None, dtype=pl.Date).alias("ever_90_on"), pl.lit(None, dtype=pl.Int64).alias("ever_90_cents")]
    return frame.with_columns(*never)


def find_loans(
    tenant_id: int, *, status: str = "", bucket: str = "", book: str = "", city: str = "", lane: str = "",
    industry: str = "", cohort: str = "", text: str = "", page: int = 1, page_rows: int | None = PAGE_ROWS,
) -> LoanPage:  # fmt: skip
    """The loans that match, those longest in arrears first; all of them when ``page_rows`` is None."""
    loans = _filter_loans(
        Loan.objects.filter(tenant_id=tenant_id), status, bucket, book, city, lane, industry, cohort, text
    )
    total = loans.count()
    pages = max(1, -(-total // page_rows)) if page_rows else 1
    page = min(max(1, page), pages)
    shown = loans.select_related("book", "application").order_by("-arrears_days", "-disbursed_on", "-id")
    if page_rows:
        shown = shown[(page - 1) * page_rows : page * page_rows]
    return LoanPage(tuple(_loan_row(loan) for loan in shown), total, page, pages)


def _filter_loans(
    loans: QuerySet[Loan], status: str, bucket: str, book: str, city: str, lane: str, industry: str, cohort: str,
    text: str,
) -> QuerySet[Loan]:  # fmt: skip
    wanted = {"status": status, "book__name": book, "city": city, "lane": lane, "industry__startswith": industry}
    loans = loans.filter(**{name: value for name, value in wanted.items() if value})
    if bucket.isdecimal() and int(bucket) < len(BUCKETS):
        low, high = BUCKETS[int(bucket)]
        loans = loans.filter(status="running", arrears_days__gte=low, arrears_days__lte=high)
    year, _, quarter = cohort.partition("-Q")
    if year.isdecimal() and len(year) == 4 and year > "0999":
        loans = loans.filter(disbursed_on__year=int(year))
        if quarter in ("1", "2", "3", "4"):
            loans = loans.filter(disbursed_on__quarter=int(quarter))
    for word in text.split()[:6]:
        loans = loans.filter(
            Q(number__icontains=word)
            | Q(application__number__icontains=word)
            | Q(application__trade_name__icontains=word)
        )
    return loans


def _loan_row(loan: Loan) -> LoanRow:
    return LoanRow(
        loan.number, loan.application.number, loan.application.trade_name, loan.book.name, loan.product, loan.city,
        loan.lane, loan.currency, loan.principal_cents, loan.annual_rate, loan.instalments, loan.disbursed_on,
        loan.matures_on, loan.status, loan.open_cents, loan.arrears_days, loan.loss_cents, loan.recovered_cents,
    )  # fmt: skip


def _rows(query: str, tenant_id: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [tenant_id])
        return cursor.fetchall()
