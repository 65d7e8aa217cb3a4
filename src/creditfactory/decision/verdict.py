"""The machine's part of a decision in one go, by the same functions that the stations call one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from creditfactory.application import Dossier, Request, check_consents, check_intake
from creditfactory.channel import ChannelFacts
from creditfactory.decision.book import Book
from creditfactory.decision.engines import ENGINES, EngineAnswer, EngineName, Seen, answer_engine
from creditfactory.decision.lanes import LaneChoice, choose_lane
from creditfactory.decision.limits import Limit, set_limit
from creditfactory.decision.offers import Offer, make_offer, name_counter
from creditfactory.decision.policy import PolicyVerdict, check_policy, order_reasons
from creditfactory.decision.prices import FundingTerms, Price, margin_offs, price
from creditfactory.decision.product_choice import ProductChoice, choose_product, list_terms, standard_funding
from creditfactory.identity import FrontGate, ListCheck, check_front_gate
from creditfactory.kernel import BadInput, Reason, round_down_to
from creditfactory.labels import CashFlow, Labels, Series, compute, verify_cash_flow
from creditfactory.network import NetworkView
from creditfactory.rules import ENGINE_VERSION
from creditfactory.scoring import Scores, score_cards

UNSEEN = {"network": "has_network_view", "channel": "has_channel_facts"}
"""What a decision without a database cannot look at, and the label that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the machine decides, with everything it read and every step on the way, ready to be replayed.

    ``engines`` are the four engines' own answers, each with its version, what it read and its trace (SCR-01).
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
    engines: tuple[EngineAnswer, ...] = ()
    engine: str = ENGINE_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """Everything that is found out before an offer is drawn up."""

    labels: Labels
    gate: FrontGate | None
    lists: ListCheck | None
    cash: CashFlow | None
    policy: PolicyVerdict
    scores: Scores
    lane: LaneChoice
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """An offer with the limit and the choice of product behind it."""

    offer: Offer
    limit: Limit | None = None
    choice: ProductChoice | None = None


def decide(
    dossier: Dossier,
    book: Book,
    *,
    network: NetworkView | None = None,
    channel: ChannelFacts | None = None,
    list_check: ListCheck | None = None,
    funding: tuple[FundingTerms, ...] = (),
    series: tuple[Series, ...] = (),
    as_of: datetime,
) -> Decision:
    """Approve, refer to people, or decline, with tier, lane, limit, offer and every reason in its precedence.

    ``as_of`` is the instant to look from: nothing obtained later is read. Without ``funding`` the pack's standard
    cost of money prices the offer. Lists that were not looked at stay a condition of the answer.
    """
    found = _look(dossier, book, network, channel, list_check, series, as_of)
    intake = check_intake(dossier, book.parameters)
    drawn = _draw_up(dossier.request, found.labels, found.lane, found.scores, found.cash, funding, book, {})
    verdict, reasons = conclude(found.lane, drawn.offer, intake.reasons, book)
    return Decision(
        reference=dossier.reference,
        verdict=verdict,
        lane="decline" if verdict == "decline" else found.lane.lane,
        tier=found.lane.tier,
        reasons=reasons,
        conditions=found.conditions,
        offer=drawn.offer,
        limit=drawn.limit,
        scores=found.scores,
        policy=found.policy,
        lane_choice=found.lane,
        cash_flow=found.cash,
        front_gate=found.gate,
        labels=found.labels,
        pack=book.pack,
        rulebook=book.digest,
        on=book.on,
        as_of=as_of,
        engines=tuple(answer_engine(name, _see(dossier.request, found, drawn), book) for name in ENGINES),
    )


def ask_engine(
    name: EngineName,
    dossier: Dossier,
    book: Book,
    *,
    network: NetworkView | None = None,
    channel: ChannelFacts | None = None,
    list_check: ListCheck | None = None,
    funding: tuple[FundingTerms, ...] = (),
    series: tuple[Series, ...] = (),
    as_of: datetime,
) -> EngineAnswer:
    """One engine alone: limit and product answer as if policy had passed, so that their own say can be seen."""
    found = _look(dossier, book, network, channel, list_check, series, as_of)
    drawn = _Drawn(offer=NOTHING)
    if name in ("limit", "product"):
        lane = replace(found.lane, lane="A", facts_needed=())
        drawn = _draw_up(dossier.request, found.labels, lane, found.scores, found.cash, funding, book, {})
    return answer_engine(name, _see(dossier.request, found, drawn), book)


def _look(
    dossier: Dossier,
    book: Book,
    network: NetworkView | None,
    channel: ChannelFacts | None,
    list_check: ListCheck | None,
    series: tuple[Series, ...],
    as_of: datetime,
) -> _Looked:
    if dossier.pack != book.pack:
        raise BadInput(place="pack", found=repr(dossier.pack), expected=f"{book.pack!r}, the rulebook's pack")
    checks = book.parameters.get("lane_checks_needed", ())
    gate = check_front_gate(dossier, book.parameters, as_of=as_of) if "front_gate" in checks else None
    cash = verify_cash_flow(dossier, as_of, book.parameters) if "cash_flow" in checks else None
    labels = compute(dossier, network=network, channel=channel, series=series, as_of=as_of, parameters=book.parameters)
    policy = check_policy(labels, book, draw_key=dossier.applicant.token)
    scores = score_cards(book.cards, labels.facts)
    conditions = [name for name, seen in (("network", network), ("channel", channel))
                  if seen is None and UNSEEN[name] in labels.facts]  # fmt: skip
    if "list_check" in checks and list_check is None:
        list_check = ListCheck(verdict="clear")
        conditions.append("list_check")
    if _lacks_consents(dossier, book):
        conditions.append("consents")
    lane = choose_lane(labels, policy, scores, cash, gate, list_check, book)
    return _Looked(
        labels=labels, gate=gate, lists=list_check, cash=cash, policy=policy, scores=scores, lane=lane,
        conditions=tuple(conditions),
    )  # fmt: skip


def _lacks_consents(dossier: Dossier, book: Book) -> bool:
    """Whether the line would still wait for a signature, or for a new one."""
    needed = tuple(book.line.get("consents", ()))
    return bool(check_consents(dossier, needed, int(book.line.get("consent_days", 0)), dossier.applied_on).reasons)


def _see(request: Request, found: _Looked, drawn: _Drawn) -> Seen:
    return Seen(
        request=request, labels=found.labels, scores=found.scores, tier=found.lane.tier, gate=found.gate,
        lists=None if "list_check" in found.conditions else found.lists, cash=found.cash, limit=drawn.limit,
        choice=drawn.choice, offer=drawn.offer,
    )  # fmt: skip


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
    drawn = _draw_up(request, labels, lane, scores, cash, funding, book, others or {})
    return drawn.limit, drawn.offer


def _draw_up(
    request: Request,
    labels: Labels,
    lane: LaneChoice,
    scores: Scores,
    cash: CashFlow | None,
    funding: tuple[FundingTerms, ...],
    book: Book,
    others: Mapping[str, int],
) -> _Drawn:
    if lane.lane == "decline":
        return _Drawn(offer=NOTHING)
    if lane.facts_needed and "review" not in others:
        needed = Reason("OFR-FACTS-NEEDED", {"labels": ", ".join(lane.facts_needed)})
        return _Drawn(offer=replace(NOTHING, reasons=(needed,)))
    probability = None if scores.final is None else scores.final.probability
    choice = choose_product(labels, request, book, tier=lane.tier, probability=probability)
    if choice.product is None:
        return _Drawn(offer=replace(NOTHING, reasons=choice.reasons), choice=choice)
    product = book.product(choice.product)
    if request.term_months is None and len(product.terms_months) > 1:
        unknown = Reason("OFR-PART-UNKNOWN", {"part": "term", "labels": "requested_term_months"})
        none = replace(NOTHING, product=product.code, reasons=order_reasons([*choice.reasons, unknown], book))
        return _Drawn(offer=none, choice=choice)
    offs = margin_offs(product.code, labels.facts, book)
    asked = funding or (standard_funding(book),)

    def attempt(term: int) -> tuple[Limit, Offer]:
        prices = tuple(price(product, probability, terms, term, book, tier=lane.tier, offs=offs) for terms in asked)
        outside = {**others, **_funders_limit(asked, prices, term)}
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
    offer = replace(offer, reasons=order_reasons([*choice.reasons, *offer.reasons], book))
    return _Drawn(offer=offer, limit=limit, choice=choice)


def _funders_limit(funding: tuple[FundingTerms, ...], prices: tuple[Price, ...], term_months: int) -> dict[str, int]:
    """The most that any funder with a price lends for the term, where all of them name a most."""
    able = [
        terms.amount_cents_max
        for terms, found in zip(funding, prices, strict=True)
        if found.annual_rate is not None and (not terms.terms_months or term_months in terms.terms_months)
    ]
    most = [cents for cents in able if cents is not None]
    return {"funder": max(most)} if most and len(most) == len(able) else {}


def conclude(
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
