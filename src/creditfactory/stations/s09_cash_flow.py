"""Station 9 · 流水与三表交叉验证: what does the firm really take in, and who contradicts whom?"""

from __future__ import annotations

from creditfactory import labels
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome
from creditfactory.stations.uploaded import bring_papers

RESULT = labels.CashFlow


def run(case: Case, context: Context) -> Outcome:
    """Verify income and sales across sources; contradictions are named and weigh in at the lane.

    Papers handed in by then and fit to count join the dossier here. Signs between the sources are told after the
    contradictions and decide nothing; last comes what became of papers that could stand for a source.
    """
    brought = bring_papers(case, context)
    dossier = brought.dossier
    flow = labels.verify_cash_flow(dossier, context.now, context.book.parameters)
    rest = (reason for reason in flow.reasons if reason not in flow.contradictions)
    told = (*flow.contradictions, *rest, *flow.signs, *brought.reasons)
    return Done(result=flow, reasons=told, dossier=dossier if dossier is not case.dossier else None)
