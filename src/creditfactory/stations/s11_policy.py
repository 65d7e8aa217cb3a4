"""Station 11 · 信贷政策审查: does policy allow this loan at all?"""

from __future__ import annotations

from creditfactory import decision, labels
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop

RESULT = decision.PolicyVerdict


def run(case: Case, context: Context) -> Outcome:
    """Run every rule; a decline ends the case with the rules' reasons, a referral goes on and weighs in at the lane."""
    snapshot = case.result("labels", labels.Labels)
    verdict = decision.check_policy(snapshot, context.book, draw_key=case.dossier.applicant.token)
    if verdict.verdict == "decline":
        return Stop(how="declined", reasons=verdict.reasons, result=verdict)
    return Done(result=verdict, reasons=verdict.reasons)
