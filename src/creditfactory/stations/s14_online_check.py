"""Station 14 · 网核: does what can be looked up agree with what was declared?"""

from __future__ import annotations

from creditfactory import decision
from creditfactory.stations.case import Case, Context
from creditfactory.stations.checking import run_check
from creditfactory.stations.outcomes import Outcome

RESULT = decision.CheckResult


def run(case: Case, context: Context) -> Outcome:
    """An officer looks the firm up: registry, map, listings, phones (lanes B and C)."""
    return run_check(
        case,
        context,
        kind="online_check",
        lanes=("B", "C"),
        minutes=15,
        form=decision.OnlineCheckForm,
        judge=decision.judge_online_check,
    )
