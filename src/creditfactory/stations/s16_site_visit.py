"""Station 16 · 实地调查: is the business there, is it the applicant's, and what does it owe?"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

from creditfactory import decision, gateways, records
from creditfactory.decision import SiteVisitForm
from creditfactory.kernel import BPS_WHOLE, Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.checking import ask_person, brief_check, run_check
from creditfactory.stations.outcomes import Done, Outcome

RESULT = decision.CheckResult
FIRST, SECOND = "site_visit", "second_visit"
MINUTES = 24 * 60
COMPARED = (
    "is_operating", "is_controller_present", "is_licence_original_seen", "is_purpose_plausible", "character_grade",
    "product_grade", "backing_grade",
)  # fmt: skip
"""What two investigators of one firm should say alike."""


def run(case: Case, context: Context) -> Outcome:
    """An investigator visits, counts and rebuilds the accounts (lane C); a share of visits is made twice."""
    outcome = run_check(
        case,
        context,
        kind=FIRST,
        lanes=("C",),
        minutes=MINUTES,
        form=SiteVisitForm,
        judge=partial(decision.judge_site_visit, seen_before=list_seen(case)),
        told=find_place(case),
    )
    if not isinstance(outcome, Done) or not is_drawn(case, context):
        return outcome
    first, second = case.record.work[FIRST], case.record.work.get(SECOND)
    if second is None:
        return ask_person(case, context, kind=SECOND, minutes=MINUTES, brief=brief_check(case.dossier), maker=first.by)
    one, other = (gateways.load_plain(SiteVisitForm, done.result) for done in (first, second))
    differing = [name for name in COMPARED if getattr(one, name) != getattr(other, name)]
    check = outcome.result
    assert isinstance(check, decision.CheckResult)
    facts = {**check.facts, "second_by": second.by, "second_differs": len(differing)}
    if differing:
        told = Reason("VIS-SECOND-DIFFERS", {"questions": ", ".join(differing)})
        check = replace(check, verdict="doubt", reasons=(*check.reasons, told))
    return replace(outcome, result=replace(check, facts=facts), reasons=check.reasons)


def find_place(case: Case) -> dict[str, str]:
    """Where the online check found the stated address, for the photos to be measured from."""
    online = case.record.work.get("online_check")
    place = None if online is None else online.result.get("place")
    return {"place": str(place)} if place else {}


def is_drawn(case: Case, context: Context) -> bool:
    """Whether a second investigator goes too: drawn by the case's number, unknown to the first one beforehand."""
    share = int(context.book.parameters.get("second_visit_share_bps", 0))
    drawn = int.from_bytes(hashlib.sha256(f"second-visit:{case.number}".encode()).digest()[:8], "big")
    return drawn % BPS_WHOLE < share


def list_seen(case: Case) -> frozenset[str]:
    """Fingerprints of this visit's photos that stand in the visits of other cases as well."""
    done = case.record.work.get(FIRST)
    marks = done.result.get("photo_marks") or () if done is not None else ()
    digests = tuple(str(mark.get("digest", "")) for mark in marks)
    return records.find_seen_photos(application_id=case.record.id, digests=digests) if digests else frozenset()
