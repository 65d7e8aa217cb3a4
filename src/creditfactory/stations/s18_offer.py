"""Station 18 · 额度定价与产品优选: which product, how much, at what price with each funder who might lend."""

from __future__ import annotations

from dataclasses import dataclass

from creditfactory import decision, funding, labels, scoring
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.funders import load_funder_facts
from creditfactory.stations.outcomes import Done, Outcome, Stop
from creditfactory.stations.s17_final_review import FinalReview


@dataclass(frozen=True, slots=True)
class RankedOffer:
    """The offer and the limit behind it, with the funders in the order in which they will be asked."""

    offer: decision.Offer
    limit: decision.Limit | None
    ranked: tuple[funding.Ranked, ...] = ()


RESULT = RankedOffer


def run(case: Case, context: Context) -> Outcome:
    """Set product and limit, price once per funder, rank the funders; no offer or no funder declines."""
    facts = load_funder_facts(case, context)
    scores = case.find_result("scores", scoring.Scores) or scoring.Scores()
    review = case.find_result("final_review", FinalReview)
    limit, offer = decision.draw_up_offer(
        case.dossier,
        case.result("labels", labels.Labels),
        case.result("lane", decision.LaneChoice),
        scores,
        case.find_result("cash_flow", labels.CashFlow),
        tuple(funding.terms_of(funder) for funder in facts),
        context.book,
        others={} if review is None else {"review": review.amount_cents},
    )
    if offer.amount_cents == 0:
        reasons = offer.reasons or (Reason("OFR-NO-FUNDER"),)
        return Stop(how="declined", reasons=reasons, result=RankedOffer(offer, limit))
    if offer.product in context.stopped.get("products", ()):
        reasons = (Reason("OFR-STOPPED", {"product": offer.product}),)
        return Stop(how="declined", reasons=reasons, result=RankedOffer(offer, limit))
    final = scores.final
    ranked = funding.rank_funders(
        offer,
        facts,
        context.book,
        city=case.dossier.business.city,
        points=None if final is None else final.points,
    )
    result = RankedOffer(offer, limit, ranked)
    if all(place.rank is None for place in ranked):
        against = tuple(dict.fromkeys(reason.code for place in ranked for reason in place.reasons))
        reasons = (Reason("OFR-NO-FUNDER", {"asked": len(ranked), "why": ", ".join(against[:6])}),)
        return Stop(how="declined", reasons=reasons, result=result)
    return Done(result=result, reasons=offer.reasons)
