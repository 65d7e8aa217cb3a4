"""Station 13 · 分级分流: which tier, and which lane: straight through, checked by phone, or visited."""

from __future__ import annotations

from creditfactory import decision, identity, labels, scoring
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop

RESULT = decision.LaneChoice


def run(case: Case, context: Context) -> Outcome:
    """Choose tier and lane from policy, scores and contradictions; below the last tier the case is declined."""
    choice = decision.choose_lane(
        case.result("labels", labels.Labels),
        case.result("policy", decision.PolicyVerdict),
        case.find_result("scores", scoring.Scores) or scoring.Scores(),
        case.find_result("cash_flow", labels.CashFlow),
        case.find_result("front_gate", identity.FrontGate),
        case.find_result("list_check", identity.ListCheck),
        context.book,
    )
    if choice.lane == "decline":
        return Stop(how="declined", reasons=choice.reasons, result=choice)
    return Done(
        result=choice, reasons=choice.reasons, lane=choice.lane, tier=None if choice.tier is None else str(choice.tier)
    )
