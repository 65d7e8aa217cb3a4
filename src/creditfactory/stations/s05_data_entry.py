"""Station 5 · 信息录入与质检: are all fields there and certain; a person fills what a machine could not read."""

from __future__ import annotations

from creditfactory import application, gateways
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop, Wait, Work

RESULT = application.CompletenessCheck


def run(case: Case, context: Context) -> Outcome:
    """Go on with a complete dossier; hand gaps and doubts to a clerk; decline what the clerk could not complete."""
    done = case.record.work.get("data_entry")
    dossier = case.dossier if done is None else gateways.merge_details(case.dossier, done.result.get("details", {}))
    check = application.check_completeness(dossier, context.plan.fields_needed)
    if not check.reasons:
        return Done(
            result=check,
            dossier=dossier if done is not None else None,
            actor=done.by if done is not None else "machine",
        )
    if done is not None:
        return Stop(how="declined", reasons=check.reasons, result=check, actor=done.by)
    return Wait(
        waits_for="work:data_entry",
        due_at=None,
        reasons=check.reasons,
        work=Work(
            kind="data_entry",
            role=context.plan.roles["data_entry"],
            brief={"gaps": list(check.gaps), "doubts": list(check.doubts)},
            due_at=context.after(minutes=10),
        ),
    )
