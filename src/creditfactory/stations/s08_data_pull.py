"""Station 8 · 外部数据采集: bureau, registry, court, tax and statements, each asked once and kept for its lifetime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from creditfactory import application, decision
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop
from creditfactory.stations.s10_labels import take_snapshot
from creditfactory.stations.sources import gather


@dataclass(frozen=True, slots=True)
class DataPull:
    """Which sources answered, and which did not, with their own reason."""

    obtained: tuple[str, ...]
    missing: Mapping[str, str]


RESULT = DataPull


def run(case: Case, context: Context) -> Outcome:
    """Ask every source; one that refuses leaves a gap that the rules see, a required one ends the case.

    Before the first is asked, policy looks at what is known already: a no that is certain costs no query (IDF-01).
    """
    certain = _look_before_asking(case, context)
    if certain:
        return Stop(
            how="declined", reasons=certain, result=DataPull((), dict.fromkeys(context.plan.sources, "NOT-ASKED"))
        )
    gathered = gather(case, context, context.plan.sources)
    if gathered.ask is not None:
        return gathered.ask
    if gathered.withheld:
        return Stop(how="expired", reasons=gathered.withheld, result=DataPull((), {"bureau": "withheld"}))
    missing = dict(gathered.missing or {})
    pull = DataPull(tuple(p for p in context.plan.sources if p not in missing), missing)
    reasons = tuple(Reason("DAT-SOURCE-REFUSED", {"source": p, "why": why}) for p, why in missing.items())
    down = [p for p, why in missing.items() if why == "UNAVAILABLE" and context.plan.find_way(p) == "stop"]
    if down:
        closed = tuple(Reason("DAT-SOURCE-DOWN", {"source": party}) for party in down)
        return Stop(how="expired", reasons=closed, result=pull)
    if any(party in context.plan.sources_required for party in missing):
        return Stop(how="declined", reasons=reasons, result=pull)
    dossier = application.add_evidence(case.dossier, *gathered.found) if gathered.found else None
    return Done(result=pull, reasons=reasons, dossier=dossier)


def _look_before_asking(case: Case, context: Context) -> tuple[Reason, ...]:
    """What policy is certain to decline by, as long as no source was asked and none was handed in."""
    plan = context.plan
    if not plan.sources or any(f"{case.number}:{party}" in case.answers for party in plan.sources):
        return ()
    if application.find_evidence(case.dossier, application.BureauReport, as_of=context.now) is not None:
        return ()
    return decision.check_before_asking(
        take_snapshot(case, context), context.book, draw_key=case.dossier.applicant.token
    )
