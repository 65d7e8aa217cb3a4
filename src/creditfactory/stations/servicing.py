"""Repayments of a live loan: shared out by the loan's rules, booked once, and the line told when something changed."""

from __future__ import annotations

from datetime import date, datetime

from creditfactory import loan, records
from creditfactory.stations.positions import load_position


def book_repayment(
    tenant_id: int, loan_number: str, *, receipt: str, cents: int, on: date, at: datetime
) -> bool | None:
    """Book money that came in on a loan; False if this receipt is known, None if the loan is not."""
    found = records.find_loan(tenant_id, loan_number)
    if found is None:
        return None
    key = f"{found.number}:{receipt}"
    with records.together():
        if records.is_receipt_known(found.id, key):
            return False
        found = records.find_loan(tenant_id, loan_number)
        assert found is not None, "the loan is locked now, and read again as the last payment left it"
        if found.status == "charged_off":
            return _book_recovery(tenant_id, found, receipt, cents, on, at)
        if found.status == "paid":
            return _book_credit(tenant_id, found, key, receipt, cents, on, at)
        share = loan.allocate(cents, load_position(found, on))
        journal = loan.post_repayment(
            found.number, found.book, on, receipt=receipt, principal_cents=share.principal_cents,
            interest_cents=share.interest_cents, penalty_cents=share.penalty_cents, credit_cents=share.credit_cents,
            currency=found.currency,
        )  # fmt: skip
        row = records.NewRepayment(
            loan_id=found.id, key=key, on=on, kind="custodian", principal_cents=share.principal_cents,
            interest_cents=share.interest_cents, penalty_cents=share.penalty_cents, journal=journal,
        )  # fmt: skip
        records.save_repayments(tenant_id=tenant_id, book_ids=[found.book_id], rows=[row], at=at)
        if found.open_cents == share.principal_cents:
            records.end_loan(loan_id=found.id, status="paid", on=on)
            records.wake(application_id=found.application_id)
        elif found.arrears_days:
            records.wake(application_id=found.application_id)
    return True


def _book_recovery(tenant_id: int, found: records.LoanRecord, receipt: str, cents: int, on: date, at: datetime) -> bool:
    """Money on a loan that was charged off: income, once a receipt."""
    journal = loan.post_recovery(found.number, found.book, cents, on, receipt=receipt, currency=found.currency)
    is_new = records.post_journals(tenant_id=tenant_id, book_ids=[found.book_id], journals=[journal], at=at) == 1
    if is_new:
        records.add_recovery(loan_id=found.id, cents=cents)
    return is_new


def _book_credit(
    tenant_id: int, found: records.LoanRecord, key: str, receipt: str, cents: int, on: date, at: datetime
) -> bool:
    """Money on a loan that owes nothing any more: it is owed back to the borrower."""
    journal = loan.post_repayment(
        found.number, found.book, on, receipt=receipt, principal_cents=0, interest_cents=0, credit_cents=cents,
        currency=found.currency,
    )  # fmt: skip
    row = records.NewRepayment(
        loan_id=found.id, key=key, on=on, kind="credit", principal_cents=0, interest_cents=0, penalty_cents=0,
        journal=journal,
    )  # fmt: skip
    records.save_repayments(tenant_id=tenant_id, book_ids=[found.book_id], rows=[row], at=at)
    return True
