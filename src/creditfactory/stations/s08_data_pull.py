"""Station 8 · 外部数据采集: bureau, registry, court, tax and statements, each asked once and kept for its lifetime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from creditfactory import application, decision
from creditfactory.application import Evidence
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop, Wait
from creditfactory.stations.ring_review import check_ring
from creditfactory.stations.s10_labels import take_snapshot
from creditfactory.stations.sources import gather


@dataclass(frozen=True, slots=True)
class DataPull:
    """Which sources answered, and which did not, with their own reason; ``uploaded`` stood in on paper for theirs."""

    obtained: tuple[str, ...]
    missing: Mapping[str, str]
    uploaded: tuple[str, ...] = ()


RESULT = DataPull


def run(case: Case, context: Context) -> Outcome:
    """Ask every source; one that refuses leaves a gap that the rules see, a required one ends the case.

    Policy and the network card look at what is known before the first is asked, and both again, with the fraud analyst,
    before the bureau, which is asked last: a no that is certain already costs no bureau query (IDF-01).
    """
    plan = context.plan
    others = tuple(party for party in plan.sources if party != "bureau")
    if not _was_asked(case, others):
        certain = _look_before_bureau(case, context, ())
        if certain:
            return Stop(how="declined", reasons=certain, result=_pull_none(plan.sources))
        ring = check_ring(case, context, kind="ring_review", result=_pull_none(plan.sources), may_ask=False)
        if ring is not None:
            return ring
    free = gather(case, context, others)
    if free.ask is not None:
        return free.ask
    ring = _look_for_ring(case, context, free.found, _pull_none(("bureau",), obtained=others))
    if ring is not None:
        return ring
    certain = _look_before_bureau(case, context, free.found)
    if certain:
        return Stop(how="declined", reasons=certain, result=_pull_none(("bureau",), obtained=others))
    gathered = gather(case, context, plan.sources)
    if gathered.ask is not None:
        return gathered.ask
    if gathered.withheld:
        return Stop(how="expired", reasons=gathered.withheld, result=DataPull((), {"bureau": "withheld"}))
    missing = dict(gathered.missing or {})
    pull = DataPull(tuple(p for p in context.plan.sources if p not in missing), missing, gathered.uploaded)
    refused = tuple(Reason("DAT-SOURCE-REFUSED", {"source": p, "why": why}) for p, why in missing.items())
    reasons = (*refused, *gathered.papers)
    down = [p for p, why in missing.items() if why == "UNAVAILABLE" and context.plan.find_way(p) == "stop"]
    if down:
        closed = tuple(Reason("DAT-SOURCE-DOWN", {"source": party}) for party in down)
        return Stop(how="expired", reasons=(*closed, *gathered.papers), result=pull)
    if any(party in context.plan.sources_required for party in missing):
        return Stop(how="declined", reasons=reasons, result=pull)
    dossier = application.add_evidence(case.dossier, *gathered.found) if gathered.found else None
    return Done(result=pull, reasons=reasons, dossier=dossier)


def _pull_none(sources: tuple[str, ...], obtained: tuple[str, ...] = ()) -> DataPull:
    """These sources were never asked, because the answer was certain without them."""
    return DataPull(obtained, dict.fromkeys(sources, "NOT-ASKED"))


def _was_asked(case: Case, parties: tuple[str, ...]) -> bool:
    return any(f"{case.number}:{party}" in case.answers for party in parties)


def _look_for_ring(case: Case, context: Context, found: tuple[Evidence, ...], pull: DataPull) -> Wait | Stop | None:
    """The network card with the fraud analyst, with all that is known, as long as the bureau is still to be asked."""
    if _was_asked(case, ("bureau",)):
        return None
    known = replace(case, dossier=application.add_evidence(case.dossier, *found)) if found else case
    return check_ring(known, context, kind="ring_review", result=pull)


def _look_before_bureau(case: Case, context: Context, found: tuple[Evidence, ...]) -> tuple[Reason, ...]:
    """What policy is certain to decline by, as long as the bureau is still to be asked."""
    if "bureau" not in context.plan.sources or _was_asked(case, ("bureau",)):
        return ()
    if application.find_evidence(case.dossier, application.BureauReport, as_of=context.now) is not None:
        return ()
    known = replace(case, dossier=application.add_evidence(case.dossier, *found)) if found else case
    return decision.check_before_asking(
        take_snapshot(known, context), context.book, draw_key=case.dossier.applicant.token
    )
