"""Station 4 · 进件受理: can the application be taken in: territory, amount, product, and the borrower's own details?"""

from __future__ import annotations

from creditfactory import application, gateways
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop
from creditfactory.stations.waiting import wait_for_borrower

RESULT = application.IntakeCheck


def run(case: Case, context: Context) -> Outcome:
    """Decline what lies outside territory or amounts; wait for details the borrower still owes; take in the rest."""
    dossier = case.dossier
    told = case.told.get("details_submitted")
    if told is not None:
        dossier = gateways.merge_details(dossier, told)
    check = application.check_intake(dossier, context.book.parameters)
    gaps = application.check_completeness(dossier, context.plan.fields_needed).gaps
    if gaps and told is None:
        reasons = application.check_completeness(dossier, context.plan.fields_needed).reasons
        return wait_for_borrower(case, context, "details_submitted", reasons=reasons, result=check)
    if check.reasons:
        return Stop(how="declined", reasons=check.reasons, result=check)
    return Done(result=check, dossier=dossier if dossier is not case.dossier else None, actor="borrower")
