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
    """Set product and limit, price once per funder that may be asked, rank the funders; no offer declines."""
    facts = load_funder_facts(case, context)
    scores = case.find_result("scores", scoring.Scores) or scoring.Scores()
    points = None if scores.final is None else scores.final.points
    city = case.dossier.business.city
    asked = funding.list_open_funders(facts, context.book, city=city, points=points)
    limit, offer = decision.draw_up_offer(
        case.dossier.request,
        case.result("labels", labels.Labels),
        case.result("lane", decision.LaneChoice),
        scores,
        case.find_result("cash_flow", labels.CashFlow),
        tuple(funding.terms_of(funder) for funder in asked),
        context.book,
        others=_limits_from_outside(case, context),
    )
    if offer.amount_cents == 0:
        reasons = offer.reasons or (Reason("OFR-NO-FUNDER"),)
        return Stop(how="declined", reasons=reasons, result=RankedOffer(offer, limit))
    if offer.product in context.stopped.get("products", ()):
        reasons = (Reason("OFR-STOPPED", {"product": offer.product}),)
        return Stop(how="declined", reasons=reasons, result=RankedOffer(offer, limit))
    ranked = funding.rank_funders(offer, facts, context.book, city=city, points=points)
    result = RankedOffer(offer, limit, ranked)
    if all(place.rank is None for place in ranked):
        against = tuple(dict.fromkeys(reason.code for place in ranked for reason in place.reasons))
        reasons = (Reason("OFR-NO-FUNDER", {"asked": len(ranked), "why": ", ".join(against[:6])}),)
        return Stop(how="declined", reasons=reasons, result=result)
    return Done(result=result, reasons=offer.reasons)


def _limits_from_outside(case: Case, context: Context) -> dict[str, int]:
    """What the reviewer approved, and the most that the insurer covers.

    While facts are needed, a reviewer's approval counts only with its exception stated; a past loan's lender on record
    looked at the papers itself.
    """
    lane = case.result("lane", decision.LaneChoice)
    review = case.find_result("final_review", FinalReview)
    limits: dict[str, int] = {}
    if review is not None and (review.exception or not lane.facts_needed):
        limits["review"] = review.amount_cents
    elif lane.facts_needed and context.plan.lender == "recorded":
        limits["review"] = case.dossier.request.amount_cents
    insured = context.book.parameters.get("insurer_amount_cents_max")
    if context.plan.insurer is not None and insured is not None:
        limits["insurer"] = int(insured)
    return limits
