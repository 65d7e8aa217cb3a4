"""Money that comes in on a loan, told by the custodian."""

from __future__ import annotations

from datetime import datetime, timedelta

from creditfactory import gateways, records, stations
from creditfactory.kernel import BadInput

RECEIPT_LENGTH_MAX = 60
AHEAD_MAX = timedelta(days=7)
"""A fast clock read by two processes is not one clock."""


def take_repayment(tenant_id: int, notice: gateways.RepaymentNotice, *, at: datetime) -> bool:
    """Book a repayment once; False if its receipt was booked before."""
    found = records.find_loan(tenant_id, notice.loan)
    if found is None:
        raise BadInput(place="body.loan", found=repr(notice.loan[:40]), expected="a loan of this factory")
    if len(notice.receipt) > RECEIPT_LENGTH_MAX:
        raise BadInput(
            place="body.receipt", found=f"{len(notice.receipt)} characters",
            expected=f"at most {RECEIPT_LENGTH_MAX} characters",
        )  # fmt: skip
    if not found.disbursed_on <= notice.paid_on <= (at + AHEAD_MAX).date():
        raise BadInput(
            place="body.paid_on", found=notice.paid_on.isoformat(),
            expected=f"a day from the disbursement on ({found.disbursed_on}), not in the future",
        )  # fmt: skip
    booked = stations.book_repayment(
        tenant_id, notice.loan, receipt=notice.receipt, cents=notice.amount_cents, on=notice.paid_on, at=at
    )
    return bool(booked)
