"""The machine's part of a decision in one go, by the same functions that the stations call one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from creditfactory.application import Dossier, Request, check_intake
from creditfactory.channel import ChannelFacts
from creditfactory.decision.book import Book
from creditfactory.decision.lanes import LaneChoice, choose_lane
from creditfactory.decision.limits import Limit, set_limit
from creditfactory.decision.offers import Offer, make_offer, name_counter
from creditfactory.decision.policy import PolicyVerdict, check_policy, order_reasons
from creditfactory.decision.prices import FundingTerms, Price, margin_offs, price
from creditfactory.decision.product_choice import choose_product, list_terms, standard_funding
from creditfactory.identity import FrontGate, ListCheck, check_front_gate
from creditfactory.kernel import BadInput, Reason, round_down_to
from creditfactory.labels import CashFlow, Labels, compute, verify_cash_flow
from creditfactory.network import NetworkView
from creditfactory.rules import ENGINE_VERSION
from creditfactory.scoring import Scores, score_cards

UNSEEN = {"network": "has_network_view", "channel": "has_channel_facts"}
"""What a decision without a database cannot look at, and the label that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the machine decides, with everything it read and every step on the way, ready to be replayed.

    ``conditions`` name what the machine's part alone could not look at and the line still will.
    """

    reference: str
    verdict: Literal["approve", "refer", "decline"]
    lane: str
    tier: int | None
    reasons: tuple[Reason, ...]
    conditions: tuple[str, ...]
    offer: Offer
    limit: Limit | None
    scores: Scores
    policy: PolicyVerdict
    lane_choice: LaneChoice
    cash_flow: CashFlow | None
    front_gate: FrontGate | None
    labels: Labels
    pack: str
    rulebook: str
    on: date
    as_of: datetime
    engine: str = ENGINE_VERSION


def decide(
    dossier: Dossier,
    book: Book,
    *,
    network: NetworkView | None = None,
    channel: ChannelFacts | None = None,
    list_check: ListCheck | None = None,
    funding: tuple[FundingTerms, ...] = (),
    as_of: datetime,
) -> Decision:
    """Approve, refer to people, or decline, with tier, lane, limit, offer and every reason in its precedence.

    ``as_of`` is the instant to look from: nothing obtained later is read. Without ``funding`` the pack's standard
    cost of money prices the offer. Lists that were not looked at stay a condition of the answer.
    """
    if dossier.pack != book.pack:
        raise BadInput(place="pack", found=repr(dossier.pack), expected=f"{book.pack!r}, the rulebook's pack")
    checks = book.parameters.get("lane_checks_needed", ())
    gate = check_front_gate(dossier, book.parameters, as_of=as_of) if "front_gate" in checks else None
    cash = verify_cash_flow(dossier, as_of, book.parameters) if "cash_flow" in checks else None
    labels = compute(dossier, network=network, channel=channel, as_of=as_of, parameters=book.parameters)
    policy = check_policy(labels, book)
    scores = score_cards(book.cards, labels.facts)
    conditions = [name for name, found in (("network", network), ("channel", channel))
                  if found is None and UNSEEN[name] in labels.facts]  # fmt: skip
    if "list_check" in checks and list_check is None:
        list_check = ListCheck(verdict="clear")
        conditions.append("list_check")
    lane = choose_lane(labels, policy, scores, cash, gate, list_check, book)
    intake = check_intake(dossier, book.parameters)
    limit, offer = draw_up_offer(dossier.request, labels, lane, scores, cash, funding, book)
    verdict, reasons = _conclude(lane, offer, intake.reasons, book)
    return Decision(
        reference=dossier.reference,
        verdict=verdict,
        lane="decline" if verdict == "decline" else lane.lane,
        tier=lane.tier,
        reasons=reasons,
        conditions=tuple(conditions),
        offer=offer,
        limit=limit,
        scores=scores,
        policy=policy,
        lane_choice=lane,
        cash_flow=cash,
        front_gate=gate,
        labels=labels,
        pack=book.pack,
        rulebook=book.digest,
        on=book.on,
        as_of=as_of,
    )


NOTHING = Offer(product=None, amount_cents=0, term_months=None, method=None)
UNSURE = ("OFR-PART-UNKNOWN", "OFR-NO-PROBABILITY", "OFR-FACTS-NEEDED")
"""Why there is no offer *yet*: a person finds the fact, the case is not declined for the lack of it."""


def draw_up_offer(
    request: Request,
    labels: Labels,
    lane: LaneChoice,
    scores: Scores,
    cash: CashFlow | None,
    funding: tuple[FundingTerms, ...],
    book: Book,
    *,
    others: Mapping[str, int] | None = None,
) -> tuple[Limit | None, Offer]:
    """Product, limit and price at each funder; none of them for a declined case.

    ``others`` are limits from outside: what a reviewer approved, a funder's or an insurer's own. While a fact is
    needed that policy or strategy cannot decide without, there is no offer, unless a reviewer has said how much.
    What cannot be had as asked for is countered by what can: the largest amount over all terms, the term nearest to
    the one asked for (DEC-09).
    """
    if lane.lane == "decline":
        return None, NOTHING
    if lane.facts_needed and "review" not in (others or {}):
        needed = Reason("OFR-FACTS-NEEDED", {"labels": ", ".join(lane.facts_needed)})
        return None, replace(NOTHING, reasons=(needed,))
    probability = None if scores.final is None else scores.final.probability
    choice = choose_product(labels, request, book, tier=lane.tier, probability=probability)
    if choice.product is None:
        return None, replace(NOTHING, reasons=choice.reasons)
    product = book.product(choice.product)
    if request.term_months is None and len(product.terms_months) > 1:
        unknown = Reason("OFR-PART-UNKNOWN", {"part": "term", "labels": "requested_term_months"})
        return None, replace(NOTHING, product=product.code, reasons=order_reasons([*choice.reasons, unknown], book))
    offs = margin_offs(product.code, labels.facts, book)
    asked = funding or (standard_funding(book),)

    def attempt(term: int) -> tuple[Limit, Offer]:
        prices = tuple(price(product, probability, terms, term, book, tier=lane.tier, offs=offs) for terms in asked)
        outside = {**(others or {}), **_funders_limit(asked, prices, term)}
        limit = set_limit(labels, request, product, lane.tier, term, book, cash_flow=cash, others=outside)
        return limit, make_offer(product, limit, term, prices, book, funding=asked)

    terms = list_terms(product, request.term_months)
    limit, offer = attempt(terms[0])
    whole = round_down_to(request.amount_cents, product.amount_step_cents)
    if offer.amount_cents < whole and not any(r.code in UNSURE for r in offer.reasons):
        for term in terms[1:]:
            other = attempt(term)
            if other[1].amount_cents > offer.amount_cents:
                limit, offer = other
    offer = name_counter(offer, request, product, book)
    return limit, replace(offer, reasons=order_reasons([*choice.reasons, *offer.reasons], book))


def _funders_limit(funding: tuple[FundingTerms, ...], prices: tuple[Price, ...], term_months: int) -> dict[str, int]:
    """The most that any funder with a price lends for the term, where all of them name a most."""
    able = [
        terms.amount_cents_max
        for terms, found in zip(funding, prices, strict=True)
        if found.annual_rate is not None and (not terms.terms_months or term_months in terms.terms_months)
    ]
    most = [cents for cents in able if cents is not None]
    return {"funder": max(most)} if most and len(most) == len(able) else {}


def _conclude(
    lane: LaneChoice, offer: Offer, intake: tuple[Reason, ...], book: Book
) -> tuple[Literal["approve", "refer", "decline"], tuple[Reason, ...]]:
    """Lane A with an offer approves; no offer for a known reason declines; all else goes to people."""
    if lane.lane == "decline":
        return "decline", lane.reasons
    if intake:
        return "decline", order_reasons(intake, book)
    lacks_fact = any(r.code in UNSURE for r in offer.reasons)
    if offer.amount_cents == 0 and not lacks_fact:
        return "decline", order_reasons(offer.reasons, book)
    reasons = order_reasons([*lane.reasons, *offer.reasons], book)
    if lane.lane == "A" and offer.amount_cents > 0:
        return "approve", reasons
    return "refer", reasons
