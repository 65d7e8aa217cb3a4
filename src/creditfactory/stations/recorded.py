"""The recorded lender: what a past lender really answered and paid, read from the file's outcome, loan by loan.

It knows the future of a case and is asked only at stations 19 and 21, after the line has decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from creditfactory import records
from creditfactory.stations.case import Case


def answer(case: Case, kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The lender lent: it approves on the terms it is asked for, and pays what the file says on the day it says."""
    outcome = records.load_recorded_outcome(tenant_id=case.record.tenant_id, reference=case.record.reference)
    if outcome is None:
        return {"status": "refused", "body": {"code": "NOT-RECORDED", "message": "no outcome is on record"}}
    if kind == "recommend":
        body = {
            "application": request["application"],
            "funder": request["funder"],
            "verdict": "approve",
            "decided_at": request["asked_at"],
            "reference": case.record.reference,
            "amount_cents": request["amount_cents"],
            "term_months": request["term_months"],
            "annual_rate": request["annual_rate"],
            "reasons": [],
        }
    else:
        body = {
            "application": request["application"],
            "loan": request["loan"],
            "verdict": "paid",
            "receipt": case.record.reference,
            "amount_cents": outcome.disbursed_cents,
            "paid_on": outcome.disbursed_on.isoformat(),
        }
    return {"status": "answered", "body": body}
