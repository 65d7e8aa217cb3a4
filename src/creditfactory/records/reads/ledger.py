"""One loan as its case shows it: the promise, what was paid, and every journal with its entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from creditfactory.records.tables import Entry, Instalment, Journal, Loan, Repayment


@dataclass(frozen=True, slots=True)
class InstalmentRow:
    """One promised payment, and how much of it the repayments so far have covered."""

    number: int
    due_on: date
    principal_cents: int
    interest_cents: int
    covered_cents: int

    @property
    def total_cents(self) -> int:
        """What is to be paid."""
        return self.principal_cents + self.interest_cents

    @property
    def is_paid(self) -> bool:
        """Whether all of it is covered."""
        return self.covered_cents >= self.total_cents


@dataclass(frozen=True, slots=True)
class RepaymentRow:
    """Money that came in."""

    on: date
    kind: str
    principal_cents: int
    interest_cents: int
    penalty_cents: int

    @property
    def total_cents(self) -> int:
        """All of it."""
        return self.principal_cents + self.interest_cents + self.penalty_cents


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of a journal, with the account's name in both languages."""

    account: str
    name_en: str
    name_zh: str
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One event in money."""

    kind: str
    on: date
    posted_at: datetime
    key: str
    entries: tuple[EntryRow, ...]


@dataclass(frozen=True, slots=True)
class LoanFile:
    """One loan with its schedule, repayments and ledger."""

    number: str
    book: str
    product: str
    currency: str
    principal_cents: int
    annual_rate: Decimal
    instalments: int
    method: str
    disbursed_on: date
    matures_on: date
    status: str
    open_cents: int
    arrears_days: int
    aged_on: date | None
    ended_on: date | None
    loss_cents: int
    recovered_cents: int
    schedule: tuple[InstalmentRow, ...]
    repayments: tuple[RepaymentRow, ...]
    journals: tuple[JournalRow, ...]


def read_loan_of(application_id: int) -> LoanFile | None:
    """The loan an application led to, if it did."""
    loan = Loan.objects.filter(application_id=application_id).select_related("book").first()
    if loan is None:
        return None
    repayments = tuple(
        RepaymentRow(r.on, r.kind, r.principal_cents, r.interest_cents, r.penalty_cents)
        for r in Repayment.objects.filter(loan=loan).order_by("on", "id")
    )
    return LoanFile(
        number=loan.number, book=loan.book.name, product=loan.product, currency=loan.currency,
        principal_cents=loan.principal_cents, annual_rate=loan.annual_rate, instalments=loan.instalments,
        method=loan.method, disbursed_on=loan.disbursed_on, matures_on=loan.matures_on, status=loan.status,
        open_cents=loan.open_cents, arrears_days=loan.arrears_days, aged_on=loan.aged_on, ended_on=loan.ended_on,
        loss_cents=loan.loss_cents, recovered_cents=loan.recovered_cents,
        schedule=_read_schedule(loan, repayments), repayments=repayments, journals=_read_journals(loan),
    )  # fmt: skip


def _read_schedule(loan: Loan, repayments: tuple[RepaymentRow, ...]) -> tuple[InstalmentRow, ...]:
    """The promised payments; what has come in covers the oldest first."""
    left = sum(r.principal_cents + r.interest_cents for r in repayments)
    rows = []
    for row in Instalment.objects.filter(loan=loan).order_by("number"):
        covered = min(left, row.principal_cents + row.interest_cents)
        left -= covered
        rows.append(InstalmentRow(row.number, row.due_on, row.principal_cents, row.interest_cents, covered))
    return tuple(rows)


def _read_journals(loan: Loan) -> tuple[JournalRow, ...]:
    journals = list(Journal.objects.filter(subject=loan.number, tenant=loan.tenant_id).order_by("on", "id"))
    entries: dict[int, list[EntryRow]] = {}
    for entry in Entry.objects.filter(journal__in=journals).select_related("account").order_by("id"):
        account = entry.account
        entries.setdefault(entry.journal_id, []).append(
            EntryRow(account.code, account.name_en, account.name_zh, entry.cents, entry.currency)
        )
    return tuple(JournalRow(j.kind, j.on, j.posted_at, j.key, tuple(entries.get(j.pk, ()))) for j in journals)
