"""Station 15 · 电核: is it the person, is it for the business, and does the story hold?"""

from __future__ import annotations

from creditfactory import decision
from creditfactory.stations.case import Case, Context
from creditfactory.stations.checking import run_check
from creditfactory.stations.outcomes import Outcome

RESULT = decision.CheckResult


def run(case: Case, context: Context) -> Outcome:
    """An officer calls: identity, business, purpose, debts, broker, plan (lanes B and C)."""
    return run_check(
        case,
        context,
        kind="phone_check",
        lanes=("B", "C"),
        minutes=20,
        form=decision.PhoneCheckForm,
        judge=decision.judge_phone_check,
    )
