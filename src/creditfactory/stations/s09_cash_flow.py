"""Station 9 · 流水与三表交叉验证: what does the firm really take in, and who contradicts whom?"""

from __future__ import annotations

from creditfactory import labels
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome

RESULT = labels.CashFlow


def run(case: Case, context: Context) -> Outcome:
    """Verify income and sales across sources; contradictions are named and weigh in at the lane."""
    flow = labels.verify_cash_flow(case.dossier, context.now, context.book.parameters)
    return Done(result=flow, reasons=(*flow.contradictions, *(r for r in flow.reasons if r not in flow.contradictions)))
