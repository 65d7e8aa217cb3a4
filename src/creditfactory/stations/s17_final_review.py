"""Station 17 · 信审终审: an officer with the authority decides, and above it a second one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from creditfactory import decision, records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, NotApplicable, Outcome, Stop, Wait, Work

CHECKS = ("site_visit", "phone_check", "online_check")
"""The checks by people, the gravest first: whoever made one does not review it."""


@dataclass(frozen=True, slots=True)
class FinalReview:
    """Who approved, up to which amount, and with which note; both pairs of eyes where two were needed.

    ``exception`` says why the loan may be made although facts that policy needs are unknown: the override as stated.
    """

    decision: str
    amount_cents: int
    reviewed_by: tuple[str, ...]
    note: str = ""
    exception: str = ""


RESULT = FinalReview


def run(case: Case, context: Context) -> Outcome:
    """Lane A passes by machine; lanes B and C are reviewed by an officer, above the officer's authority by two."""
    if case.lane == "A":
        return NotApplicable(why=Reason("REV-LANE-A"))
    returned = next((kind for kind in CHECKS if _is_returned(case, kind)), None)
    if returned is not None:
        sent_back = FinalReview("return", case.dossier.request.amount_cents, reviewed_by=())
        return Done(result=sent_back, reasons=(Reason("REV-RETURNED", {"check": returned}),), exit="returned")
    checker = next((case.record.work[kind].by for kind in CHECKS if kind in case.record.work), "")
    first = case.record.work.get("review")
    if first is None:
        return _ask(case, context, kind="review", role=context.plan.authority[0].role, maker=checker)
    verdict = _read(first, case)
    if verdict.decision == "decline":
        return _decline(verdict, first)
    if verdict.amount_cents <= context.plan.authority[0].amount_cents_max:
        return Done(result=verdict, actor=first.by)
    second_role = next((a.role for a in context.plan.authority if verdict.amount_cents <= a.amount_cents_max), None)
    if second_role is None:
        reason = Reason("REV-NO-AUTHORITY", {"amount_cents": verdict.amount_cents})
        return Stop(how="declined", reasons=(reason,), result=verdict, actor=first.by)
    second = case.record.work.get("second_review")
    if second is None:
        return _ask(case, context, kind="second_review", role=second_role, maker=first.by)
    final = _read(second, case)
    if final.decision == "decline":
        return _decline(final, second)
    both = FinalReview(
        decision=final.decision,
        amount_cents=min(final.amount_cents, verdict.amount_cents),
        reviewed_by=(first.by, second.by),
        note=final.note,
        exception=final.exception or verdict.exception,
    )
    return Done(result=both, actor=second.by)


def _is_returned(case: Case, kind: str) -> bool:
    """Whether a check that was done has been sent back for rework: its work no longer counts."""
    visit = case.record.visits.get(kind)
    return visit is not None and visit.outcome == "done" and kind not in case.record.work


def _ask(case: Case, context: Context, *, kind: str, role: str, maker: str) -> Wait:
    brief: dict[str, Any] = {"amount_cents": case.dossier.request.amount_cents, "lane": case.lane}
    lane = case.find_result("lane", decision.LaneChoice)
    if lane is not None and lane.facts_needed:
        brief["facts_needed"] = list(lane.facts_needed)
    return Wait(
        waits_for=f"work:{kind}",
        due_at=None,
        work=Work(kind=kind, role=role, brief=brief, due_at=context.after(minutes=30), maker=maker),
    )


def _read(work: records.WorkRecord, case: Case) -> FinalReview:
    """A reviewer may approve or cut, never raise what was asked for."""
    asked = case.dossier.request.amount_cents
    amount = work.result.get("amount_cents")
    return FinalReview(
        decision=str(work.result.get("decision")),
        amount_cents=min(asked, int(amount)) if amount else asked,
        reviewed_by=(work.by,),
        note=str(work.result.get("note", ""))[:500],
        exception=str(work.result.get("exception") or "").strip()[:500],
    )


def _decline(verdict: FinalReview, work: records.WorkRecord) -> Stop:
    code = str(work.result.get("reason") or "REV-DECLINED")
    return Stop(how="declined", reasons=(Reason(code),), result=verdict, actor=work.by)
