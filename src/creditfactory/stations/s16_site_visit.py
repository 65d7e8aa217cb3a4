"""Station 16 · 实地调查: is the business there, is it the applicant's, and what does it owe?"""

from __future__ import annotations

from creditfactory import decision
from creditfactory.stations.case import Case, Context
from creditfactory.stations.checking import run_check
from creditfactory.stations.outcomes import Outcome

RESULT = decision.CheckResult


def run(case: Case, context: Context) -> Outcome:
    """An investigator visits, counts and rebuilds the accounts (lane C)."""
    return run_check(
        case,
        context,
        kind="site_visit",
        lanes=("C",),
        minutes=24 * 60,
        form=decision.SiteVisitForm,
        judge=decision.judge_site_visit,
    )
