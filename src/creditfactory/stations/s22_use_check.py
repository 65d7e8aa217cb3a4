"""Station 22 · 用途核查: did the money go where the contract says?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from creditfactory import records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, NotApplicable, Outcome, Wait


@dataclass(frozen=True, slots=True)
class UseCheck:
    """What was shown, and whether it is within the contract; a breach goes to early warning as a red mark."""

    verdict: str
    purpose: str | None
    shown_cents: int
    reasons: tuple[Reason, ...] = ()


RESULT = UseCheck


def run(case: Case, context: Context) -> Outcome:
    """Wait so many days for proof; a forbidden use or no proof is a breach, never quietly fine (B.9).

    A borrower named as one of a ring goes to early warning at once.
    """
    if records.NAMED in case.told:
        return NotApplicable(why=Reason("USE-RING", {"case": str(case.told[records.NAMED].get("case", ""))}))
    days = int(context.book.parameters.get("use_proof_days", 30))
    limit = case.record.entered_at + timedelta(days=days)
    told = case.told.get("use_proof")
    if told is None and context.now < limit:
        return Wait(waits_for="use_proof", due_at=limit)
    check = judge_use(told, case.dossier.request.purpose, context.book.parameters.get("use_forbidden", ()))
    return Done(result=check, reasons=check.reasons, actor="borrower" if told else "machine")


def judge_use(told: Mapping[str, Any] | None, promised: str | None, forbidden: object) -> UseCheck:
    """Judge a proof of use.

    >>> judge_use(None, "stock", ()).reasons[0].code
    'USE-NO-PROOF'
    >>> judge_use({"purpose": "property", "amount_cents": 100}, "stock", ("property",)).verdict
    'breach'
    """
    if told is None:
        return UseCheck("breach", None, 0, (Reason("USE-NO-PROOF"),))
    purpose, shown = str(told.get("purpose", "")), int(told.get("amount_cents") or 0)
    names = tuple(str(name) for name in forbidden) if isinstance(forbidden, (tuple, list)) else ()
    if purpose in names:
        return UseCheck("breach", purpose, shown, (Reason("USE-FORBIDDEN", {"purpose": purpose}),))
    if promised is not None and purpose != promised:
        return UseCheck("breach", purpose, shown, (Reason("USE-OTHER", {"purpose": purpose, "promised": promised}),))
    if shown <= 0:
        return UseCheck("breach", purpose, shown, (Reason("USE-NO-AMOUNT"),))
    return UseCheck("ok", purpose, shown)
