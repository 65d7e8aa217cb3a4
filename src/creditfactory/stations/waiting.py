"""Waiting for the borrower, who may take a few days and then is taken to have let it go."""

from __future__ import annotations

from datetime import timedelta

from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Outcome, Stop, Wait


def wait_for_borrower(
    case: Case,
    context: Context,
    kind: str,
    *,
    days: int | None = None,
    reasons: tuple[Reason, ...] = (),
    result: object = None,
) -> Outcome:
    """Wait for a call-back of the borrower's; the case expires so many days after it came to this station."""
    limit = case.record.entered_at + timedelta(days=context.plan.borrower_days if days is None else days)
    if context.now >= limit:
        return Stop(how="expired", reasons=(Reason("LIN-EXPIRED", {"waited_for": kind}), *reasons), result=result)
    return Wait(waits_for=kind, due_at=limit, reasons=reasons)
