"""Station 15 · 电核: is it the person, is it for the business, and does the story hold?"""

from __future__ import annotations

from functools import partial

from creditfactory import decision, records
from creditfactory.stations.case import Case, Context
from creditfactory.stations.checking import run_check
from creditfactory.stations.outcomes import Outcome

RESULT = decision.CheckResult
DAYS_LISTENED = 90


def run(case: Case, context: Context) -> Outcome:
    """An officer calls: identity, drawn questions, business, purpose, debts, broker, plan (lanes B and C)."""
    asked = draw_for_call(case, context)
    return run_check(
        case,
        context,
        kind="phone_check",
        lanes=("B", "C"),
        minutes=20,
        form=decision.PhoneCheckForm,
        judge=partial(decision.judge_phone_check, asked=asked, others=list_others(case, context)),
        told={"questions": list(asked)} if asked else None,
    )


def draw_for_call(case: Case, context: Context) -> tuple[str, ...]:
    """The questions of this call: those it was given once it is made, drawn anew for every new call before that."""
    if "phone_check" in case.record.work:
        brief = records.find_work_brief(application_id=case.record.id, kind="phone_check") or {}
        return tuple(str(code) for code in brief.get("questions") or ())
    count = int(context.book.parameters.get("phone_questions", 0))
    if case.lane not in ("B", "C") or not count:
        return ()
    seed = f"{case.number}:{context.now.isoformat()}"
    drawn = decision.draw_questions(case.dossier, context.now, seed=seed, count=count)
    return tuple(question.code for question in drawn)


def list_others(case: Case, context: Context) -> tuple[str, ...]:
    """What other applicants of the same channel said of their purpose on the phone, lately."""
    if "phone_check" not in case.record.work:
        return ()
    return records.list_said_purposes(
        application_id=case.record.id, since=context.after(days=-DAYS_LISTENED), until=context.now
    )
