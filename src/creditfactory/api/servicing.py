"""Money that comes in on a loan, told by the custodian."""

from __future__ import annotations

from datetime import datetime

from creditfactory import gateways, stations
from creditfactory.kernel import BadInput


def take_repayment(tenant_id: int, notice: gateways.RepaymentNotice, *, at: datetime) -> bool:
    """Book a repayment once; False if its receipt was booked before."""
    booked = stations.book_repayment(
        tenant_id, notice.loan, receipt=notice.receipt, cents=notice.amount_cents, on=notice.paid_on, at=at
    )
    if booked is None:
        raise BadInput(place="body.loan", found=repr(notice.loan), expected="a loan of this factory")
    return booked
