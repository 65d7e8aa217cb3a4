"""Station 3 · 告知与授权: has the borrower signed what must be signed before anything is asked of others?"""

from __future__ import annotations

from creditfactory import application, gateways
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop
from creditfactory.stations.waiting import wait_for_borrower

RESULT = application.ConsentCheck


def run(case: Case, context: Context) -> Outcome:
    """Go on once every required consent is signed and still valid; wait for the borrower; expire at last."""
    dossier = case.dossier
    told = case.told.get("consents_signed")
    rows = [row for kind, body in case.record.heard if kind == "consents_signed" for row in body.get("consents", ())]
    signed = tuple(gateways.load_plain(application.Consent, row) for row in rows)
    if any(consent not in dossier.consents for consent in signed):
        dossier = application.add_consents(dossier, *(c for c in signed if c not in dossier.consents))
    check = application.check_consents(dossier, context.plan.consents, context.plan.consent_days, context.on)
    if not check.reasons:
        return Done(result=check, dossier=dossier if dossier is not case.dossier else None, actor="borrower")
    if told is not None and told.get("refused"):
        return Stop(how="withdrawn", reasons=(Reason("CON-REFUSED"),), result=check, actor="borrower")
    return wait_for_borrower(case, context, "consents_signed", reasons=check.reasons, result=check)
