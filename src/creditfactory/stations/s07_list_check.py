"""Station 7 · 名单与反洗钱: does any list hold this person's name?"""

from __future__ import annotations

from creditfactory import identity, records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop, Wait, Work

RESULT = identity.ListCheck


def run(case: Case, context: Context) -> Outcome:
    """An exact hit on a stopping list declines; any other hit is looked at by compliance; none goes on."""
    entries = records.find_list_hits(case.record.tenant_id, case.dossier.applicant.token, context.on)
    check = identity.check_lists(
        tuple(identity.ListHit(list_name=e.list_code, match=e.severity, entry=str(e.id)) for e in entries)
    )
    if check.verdict == "reject":
        return Stop(how="declined", reasons=check.reasons, result=check)
    if check.verdict == "clear":
        return Done(result=check)
    seen = case.record.work.get("list_review")
    if seen is None:
        return Wait(
            waits_for="work:list_review",
            due_at=None,
            reasons=check.reasons,
            work=Work(
                kind="list_review",
                role=context.plan.roles["list_review"],
                brief={"hits": [{"list": hit.list_name, "match": hit.match} for hit in check.hits]},
                due_at=context.after(hours=4),
            ),
        )
    if seen.result.get("verdict") == "clear":
        return Done(result=check, reasons=check.reasons, actor=seen.by)
    return Stop(how="declined", reasons=(Reason("LST-CONFIRMED"), *check.reasons), result=check, actor=seen.by)
