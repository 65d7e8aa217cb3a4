"""The machine's part of a decision in one go, by the same functions that the stations call one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from creditfactory.application import Dossier, check_intake
from creditfactory.channel import ChannelFacts
from creditfactory.decision.book import Book
from creditfactory.decision.lanes import LaneChoice, choose_lane
from creditfactory.decision.limits import Limit, set_limit
from creditfactory.decision.offers import Offer, make_offer
from creditfactory.decision.policy import PolicyVerdict, check_policy, order_reasons
from creditfactory.decision.prices import FundingTerms, price
from creditfactory.decision.product_choice import choose_product, choose_term
from creditfactory.identity import FrontGate, ListCheck, check_front_gate
from creditfactory.kernel import BadInput, Reason
from creditfactory.labels import CashFlow, Labels, compute, verify_cash_flow
from creditfactory.network import NetworkView
from creditfactory.rules import ENGINE_VERSION
from creditfactory.scoring import Scores, score_cards


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
    conditions: tuple[str, ...] = ()
    if "list_check" in checks and list_check is None:
        list_check, conditions = ListCheck(verdict="clear"), ("list_check",)
    lane = choose_lane(labels, policy, scores, cash, gate, list_check, book)
    intake = check_intake(dossier, book.parameters)
    limit, offer = draw_up_offer(dossier, labels, lane, scores, cash, funding, book)
    verdict, reasons = _conclude(lane, offer, intake.reasons, book)
    return Decision(
        reference=dossier.reference,
        verdict=verdict,
        lane="decline" if verdict == "decline" else lane.lane,
        tier=lane.tier,
        reasons=reasons,
        conditions=conditions,
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


def draw_up_offer(
    dossier: Dossier,
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

    ``others`` are limits from outside: what a reviewer approved, a funder's or an insurer's own.
    """
    nothing = Offer(product=None, amount_cents=0, term_months=None, method=None)
    if lane.lane == "decline":
        return None, nothing
    choice = choose_product(labels, dossier.request, book)
    if choice.product is None:
        return None, Offer(product=None, amount_cents=0, term_months=None, method=None, reasons=choice.reasons)
    product = book.product(choice.product)
    term = choose_term(product, dossier.request.term_months)
    limit = set_limit(labels, dossier.request, product, lane.tier, term, book, cash_flow=cash, others=others)
    probability = None if scores.final is None else scores.final.probability
    standard = FundingTerms(funder="standard", cost_bps=int(book.parameters.get("funding_cost_bps", 0)))
    asked = funding or (standard,)
    prices = tuple(price(product, probability, terms, term, book, tier=lane.tier) for terms in asked)
    offer = make_offer(product, limit, term, prices, book)
    return limit, replace(offer, reasons=order_reasons([*choice.reasons, *offer.reasons], book))


def _conclude(
    lane: LaneChoice, offer: Offer, intake: tuple[Reason, ...], book: Book
) -> tuple[Literal["approve", "refer", "decline"], tuple[Reason, ...]]:
    """Lane A with an offer approves; no offer for a known reason declines; all else goes to people."""
    if lane.lane == "decline":
        return "decline", lane.reasons
    if intake:
        return "decline", order_reasons(intake, book)
    lacks_fact = any(r.code in ("OFR-PART-UNKNOWN", "OFR-NO-PROBABILITY") for r in offer.reasons)
    if offer.amount_cents == 0 and not lacks_fact:
        return "decline", order_reasons(offer.reasons, book)
    reasons = order_reasons([*lane.reasons, *offer.reasons], book)
    if lane.lane == "A" and offer.amount_cents > 0:
        return "approve", reasons
    return "refer", reasons
