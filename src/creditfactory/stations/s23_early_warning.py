"""Station 23 · 贷后预警: is this loan, still running, about to go wrong?"""

from __future__ import annotations

from datetime import timedelta

from creditfactory import portfolio, records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Wait, Work
from creditfactory.stations.positions import load_position
from creditfactory.stations.s22_use_check import UseCheck

RESULT = portfolio.Alert
RING_LOAN = "ring_loan"


def run(case: Case, context: Context) -> Outcome:
    """Watch the loan until it ends or falls late; a breach of use is a red mark from the first day.

    A borrower named as one of a ring is a red mark too, and a person is asked what to do.
    """
    record = records.load_loan(case.record.id)
    assert record is not None, f"{case.number} has passed disbursement without a loan"
    use = case.find_result("use_check", UseCheck)
    if record.status == "running" and record.arrears_days == 0 and use is None and context.plan.outcomes == "recorded":
        return Wait(waits_for="loan_event", due_at=None)
    alert = portfolio.check_warnings(load_position(record, context.on), {})
    if use is not None and use.verdict == "breach":
        reasons = (Reason("EWS-USE-BREACH"), *alert.reasons)
        alert = portfolio.Alert("red", tuple(r.code for r in reasons), reasons, alert.unknown)
    named = case.told.get(records.NAMED)
    if named is not None:
        reasons = (Reason("EWS-RING", {"case": str(named.get("case", ""))}), *alert.reasons)
        alert = portfolio.Alert("red", tuple(r.code for r in reasons), reasons, alert.unknown)
    if record.status == "paid":
        return Done(result=alert, reasons=(Reason("EWS-PAID", {"on": _day(record)}),))
    if record.status == "charged_off":
        return Done(result=alert, reasons=(Reason("EWS-CHARGED-OFF", {"on": _day(record)}),), exit="late")
    if record.arrears_days >= int(context.plan.assumptions.get("late_after_days", 1)):
        return Done(result=alert, reasons=alert.reasons, exit="late")
    if named is not None and RING_LOAN not in case.record.work:
        return _ask_what_to_do(case, context, alert)
    due = None if context.plan.outcomes == "recorded" else context.now + timedelta(days=31)
    return Wait(waits_for="loan_event", due_at=due, reasons=alert.reasons)


def _ask_what_to_do(case: Case, context: Context, alert: portfolio.Alert) -> Wait:
    """A piece of work for early warning; repayments that come in meanwhile are booked as ever."""
    work = Work(
        kind=RING_LOAN, role=context.plan.roles.get(RING_LOAN, "early_warning_analyst"), due_at=context.after(hours=24),
        brief={"case": dict(case.told[records.NAMED]).get("case", "")},
    )  # fmt: skip
    return Wait(waits_for=f"work:{RING_LOAN}", due_at=context.after(days=31), reasons=alert.reasons, work=work)


def _day(record: records.LoanRecord) -> str:
    return "" if record.ended_on is None else record.ended_on.isoformat()
