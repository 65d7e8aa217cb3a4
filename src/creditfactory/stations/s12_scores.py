"""Station 12 · 评分: the cards in force, and the master card over them."""

from __future__ import annotations

from creditfactory import labels, scoring
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, NotApplicable, Outcome

RESULT = scoring.Scores


def run(case: Case, context: Context) -> Outcome:
    """Score the snapshot; where no card was in force on the application date, say so instead of inventing points."""
    cards = context.book.cards
    if not cards:
        return NotApplicable(why=Reason("SCO-NO-CARD", {"on": context.book.on.isoformat()}))
    scores = scoring.score_cards(cards, case.result("labels", labels.Labels).facts)
    final = scores.final
    return Done(result=scores, reasons=scores.reasons, points=None if final is None else final.points)
