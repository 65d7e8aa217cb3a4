"""What the three checks by people have in common: who is asked in which lane, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from creditfactory import decision, gateways
from creditfactory.application import Dossier
from creditfactory.decision import Book
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, NotApplicable, Outcome, Stop, Wait, Work

Form = TypeVar("Form")


def run_check(
    case: Case,
    context: Context,
    *,
    kind: str,
    lanes: tuple[str, ...],
    minutes: float,
    form: type[Form],
    judge: Callable[[Form, Dossier, Book], decision.CheckResult],
    told: Mapping[str, Any] | None = None,
) -> Outcome:
    """Ask a person in the lanes that need it; a failed check declines, a doubt goes on to the final review.

    ``told`` is what this kind of check is told beside what the applicant declared.
    """
    if case.lane not in lanes:
        return NotApplicable(why=Reason("LAN-NO-CHECK", {"lane": case.lane, "check": kind}))
    done = case.record.work.get(kind)
    if done is None:
        return ask_person(
            case, context, kind=kind, minutes=minutes, brief={**brief_check(case.dossier), **(told or {})}
        )
    check = judge(gateways.load_plain(form, done.result), case.dossier, context.book)
    if check.verdict == "fail":
        return Stop(how="declined", reasons=check.reasons, result=check, actor=done.by)
    return Done(result=check, reasons=check.reasons, actor=done.by)


def ask_person(
    case: Case, context: Context, *, kind: str, minutes: float, brief: Mapping[str, Any], maker: str = ""
) -> Wait:
    """Put a check into the queue of those who make it."""
    return Wait(
        waits_for=f"work:{kind}",
        due_at=None,
        reasons=case.result("lane", decision.LaneChoice).reasons,
        work=Work(
            kind=kind, role=context.plan.roles[kind], brief=dict(brief), due_at=context.after(minutes=minutes),
            maker=maker,
        ),
    )  # fmt: skip


def brief_check(dossier: Dossier) -> dict[str, Any]:
    """What the checker is told: what the applicant declared, to be held against what is found."""
    business, request = dossier.business, dossier.request
    return {
        "trade_name": business.trade_name,
        "city": business.city,
        "industry": business.industry,
        "opened_on": business.opened_on,
        "employees": business.employees,
        "declared_sales_12m_cents": business.declared_sales_12m_cents,
        "amount_cents": request.amount_cents,
        "purpose": request.purpose,
    }
