"""From what happened to a loan to the journal that books it, on the funder's balance sheet.

The loan is the funder's, and so is the cash: the platform holds no customer money, and no account here is its own
(FUN-04). Interest is booked when it is received.
"""

from __future__ import annotations

from datetime import date

from creditfactory.ledger import Journal, draw_journal

PRINCIPAL = "assets:loans:principal"
CASH = "assets:cash"
INTEREST = "income:interest"
PENALTY = "income:penalty"
CREDIT_LOSS = "expense:credit_loss"
RECOVERY = "income:recovery"
BORROWER_CREDIT = "liabilities:borrower_credit"

ACCOUNTS = (PRINCIPAL, CASH, INTEREST, PENALTY, CREDIT_LOSS, RECOVERY, BORROWER_CREDIT)
"""Every account a loan can move."""


def post_disbursement(loan_id: str, book: str, amount_cents: int, on: date, *, currency: str = "CNY") -> Journal:
    """The money went out: the funder now holds a loan instead of cash.

    >>> [(e.account, e.cents) for e in post_disbursement("L-1", "bank-a", 25_000_000, date(2026, 1, 15)).entries]
    [('assets:loans:principal', 25000000), ('assets:cash', -25000000)]
    """
    return draw_journal(
        key=f"{loan_id}:disbursement",
        on=on,
        kind="disbursement",
        subject=loan_id,
        book=book,
        currency=currency,
        lines=((PRINCIPAL, amount_cents), (CASH, -amount_cents)),
    )


def post_repayment(
    loan_id: str,
    book: str,
    on: date,
    *,
    receipt: str,
    principal_cents: int,
    interest_cents: int,
    penalty_cents: int = 0,
    credit_cents: int = 0,
    currency: str = "CNY",
) -> Journal:
    """A payment came in: principal comes back, interest and penalty are earned, what is over is owed to the borrower.

    ``receipt`` is the payment's own reference, so that the same payment cannot be booked twice.

    >>> journal = post_repayment("L-1", "bank-a", date(2026, 2, 15), receipt="R-7", principal_cents=528_810,
    ...                          interest_cents=375_000)
    >>> journal.key, [(e.account, e.cents) for e in journal.entries]
    ('L-1:repayment:R-7', [('assets:cash', 903810), ('assets:loans:principal', -528810), ('income:interest', -375000)])
    """
    total = principal_cents + interest_cents + penalty_cents + credit_cents
    return draw_journal(
        key=f"{loan_id}:repayment:{receipt}",
        on=on,
        kind="repayment",
        subject=loan_id,
        book=book,
        currency=currency,
        lines=(
            (CASH, total),
            (PRINCIPAL, -principal_cents),
            (INTEREST, -interest_cents),
            (PENALTY, -penalty_cents),
            (BORROWER_CREDIT, -credit_cents),
        ),
    )


def post_charge_off(loan_id: str, book: str, principal_cents: int, on: date, *, currency: str = "CNY") -> Journal:
    """The funder no longer expects this principal back: it leaves the loans and becomes a loss.

    >>> [(e.account, e.cents) for e in post_charge_off("L-1", "bank-a", 20_000_000, date(2026, 12, 1)).entries]
    [('expense:credit_loss', 20000000), ('assets:loans:principal', -20000000)]
    """
    return draw_journal(
        key=f"{loan_id}:charge_off",
        on=on,
        kind="charge_off",
        subject=loan_id,
        book=book,
        currency=currency,
        lines=((CREDIT_LOSS, principal_cents), (PRINCIPAL, -principal_cents)),
    )


def post_recovery(
    loan_id: str, book: str, amount_cents: int, on: date, *, receipt: str, currency: str = "CNY"
) -> Journal:
    """Money came in after the loan was charged off.

    >>> post_recovery("L-1", "bank-a", 100_000, date(2027, 1, 1), receipt="R-9").key
    'L-1:recovery:R-9'
    """
    return draw_journal(
        key=f"{loan_id}:recovery:{receipt}",
        on=on,
        kind="recovery",
        subject=loan_id,
        book=book,
        currency=currency,
        lines=((CASH, amount_cents), (RECOVERY, -amount_cents)),
    )
