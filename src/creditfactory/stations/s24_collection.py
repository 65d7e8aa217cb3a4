"""Station 24 · 催收与理赔: bring a late borrower back, by the reason for being late, or give the loan up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from creditfactory import collection, loan, records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, NotApplicable, Outcome, Wait, Work
from creditfactory.stations.positions import load_position


@dataclass(frozen=True, slots=True)
class Collected:
    """How a time in collection ended: what was owed, for how long, and the last action that was due."""

    arrears_days: int
    arrears_cents: int
    loss_cents: int
    default_reason: str | None
    action: str


RESULT = Collected


def run(case: Case, context: Context) -> Outcome:
    """Work on a late loan until it is cured, paid or charged off; a loan that was never late needs nothing."""
    record = records.load_loan(case.record.id)
    assert record is not None, f"{case.number} has passed disbursement without a loan"
    if record.status == "paid" and not records.was_late(case.record.id):
        return NotApplicable(why=Reason("COL-NEVER-LATE"))
    position = load_position(record, context.on)
    known = _known_reason(case)
    step = collection.choose_next_action(
        position, known, context.now.replace(tzinfo=None) + _offset(case), charge_off_days=context.plan.charge_off_days
    )
    collected = Collected(position.arrears_days, position.arrears_cents, record.loss_cents, known, step.action)
    if record.status == "paid":
        return Done(result=collected, reasons=(Reason("COL-PAID"),), exit="paid")
    if record.status == "charged_off":
        reason = Reason("COL-CHARGED-OFF", {"loss_cents": record.loss_cents, "on": str(record.ended_on)})
        return Done(result=collected, reasons=(reason,), exit="charged_off")
    if record.arrears_days == 0:
        return Done(result=collected, reasons=(Reason("COL-CURED"),), exit="cured")
    if context.plan.outcomes == "recorded":
        return Wait(waits_for="loan_event", due_at=None, reasons=step.reasons)
    if step.action == "charge_off":
        return _charge_off(case, context, record, replace(collected, loss_cents=record.open_cents), step)
    return _contact(case, context, step, position.arrears_days, position.arrears_cents)


def _charge_off(
    case: Case, context: Context, record: records.LoanRecord, collected: Collected, step: collection.NextAction
) -> Outcome:
    """Give the loan up in the funder's books, loan and journal in the same transaction as the move."""

    def post() -> None:
        journal = loan.post_charge_off(
            record.number, record.book, record.open_cents, context.on, currency=record.currency
        )
        records.charge_off_loan(
            tenant_id=case.record.tenant_id, loan=record, journal=journal, on=context.on, at=context.now
        )

    reason = Reason("COL-CHARGED-OFF", {"loss_cents": record.open_cents, "on": context.on.isoformat()})
    return Done(result=collected, reasons=(reason, *step.reasons), exit="charged_off", effect=post)


def _contact(
    case: Case, context: Context, step: collection.NextAction, arrears_days: int, arrears_cents: int
) -> Outcome:
    """Ask a collector for the next step, at an hour the law allows; look again the day after."""
    if step.verdict != "do" or step.channel not in ("call", "visit"):
        return Wait(waits_for="loan_event", due_at=context.now + timedelta(days=1), reasons=step.reasons)
    done = case.record.work.get("collection")
    if done is not None and context.now - done.completed_at < timedelta(days=3):
        return Wait(waits_for="loan_event", due_at=context.now + timedelta(days=1), reasons=step.reasons)
    brief: dict[str, Any] = {
        "action": step.action, "channel": step.channel, "arrears_days": arrears_days, "arrears_cents": arrears_cents,
    }  # fmt: skip
    work = Work(kind="collection", role=context.plan.roles["collection"], brief=brief, due_at=context.after(days=1))
    return Wait(waits_for="work:collection", due_at=context.now + timedelta(days=1), reasons=step.reasons, work=work)


def _known_reason(case: Case) -> str | None:
    """Why the borrower is late, as far as a collector has found out."""
    done = case.record.work.get("collection")
    reason = None if done is None else done.result.get("default_reason")
    return str(reason) if reason in collection.DEFAULT_REASONS else None


def _offset(case: Case) -> timedelta:
    return timedelta(minutes=case.dossier.utc_offset_minutes)
