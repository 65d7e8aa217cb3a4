"""The four engines by name: score, anti-fraud, limit and product, each with its version, what it read and its trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from creditfactory.application import Request
from creditfactory.decision.book import Book
from creditfactory.decision.limits import Limit
from creditfactory.decision.offers import Candidate, Offer
from creditfactory.decision.product_choice import ProductChoice
from creditfactory.decision.reads import Part
from creditfactory.identity import FrontGate, ListCheck
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar
from creditfactory.labels import CashFlow, Labels
from creditfactory.scoring import CardScore, Scores

EngineName = Literal["score", "fraud", "limit", "product"]
ENGINES: tuple[EngineName, ...] = ("score", "fraud", "limit", "product")
"""评分引擎、反欺诈引擎、额度引擎、产品优选引擎, in the order in which they speak."""
PARTS_OF: Mapping[EngineName, tuple[Part, ...]] = {
    "score": ("cards",),
    "fraud": ("fraud",),
    "limit": ("limit",),
    "product": ("product", "price"),
}
"""The parts of the rulebook whose versions make an engine's version."""
FRAUD_CARD = "fraud"
LIMIT_LABELS = (
    "verified_income_cents", "verified_sales_monthly_cents", "monthly_due_cents", "unsecured_balance_cents",
    "industry_section",
)  # fmt: skip
VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAnswer:
    """What one engine said: its version, the inputs it read, its output, its reasons, and each step on the way.

    The steps of ``trace`` are reasons too, so that they are told in both languages; they stand for no yes or no.
    """

    name: EngineName
    version: str
    inputs: Mapping[str, Scalar]
    output: Mapping[str, Scalar]
    reasons: tuple[Reason, ...] = ()
    trace: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that the engines looked at and found on one application."""

    request: Request
    labels: Labels
    scores: Scores
    tier: int | None
    gate: FrontGate | None = None
    lists: ListCheck | None = None
    cash: CashFlow | None = None
    limit: Limit | None = None
    choice: ProductChoice | None = None
    offer: Offer = field(default_factory=lambda: Offer(product=None, amount_cents=0, term_months=None, method=None))


def engine_version(name: EngineName, book: Book) -> str:
    """The engine's version: a short hash of each part of the rulebook it reads, or of the whole where none is known."""
    known = [book.versions.get(part, book.digest)[:VERSION_LENGTH] for part in PARTS_OF[name]]
    return "+".join(known)


def answer_engine(name: EngineName, seen: Seen, book: Book) -> EngineAnswer:
    """One engine's answer, put together from what was found."""
    said = {"score": _score, "fraud": _fraud, "limit": _limit, "product": _product}[name](seen, book)
    return EngineAnswer(
        name=name, version=engine_version(name, book), inputs=said.inputs, output=said.output,
        reasons=tuple(said.reasons), trace=tuple(said.trace),
    )  # fmt: skip


@dataclass(slots=True)
class _Said:
    inputs: dict[str, Scalar]
    output: dict[str, Scalar]
    reasons: Iterable[Reason] = ()
    trace: list[Reason] = field(default_factory=list)


def _score(seen: Seen, book: Book) -> _Said:
    """Every card's points, and the tier that the final one stands for."""
    cards = [*seen.scores.cards.values(), *([seen.scores.master] if seen.scores.master is not None else [])]
    final = seen.scores.final
    said = _Said(
        inputs={part.label: part.value for card in cards for part in card.parts},
        output={
            "points": None if final is None else final.points,
            "probability": None if final is None else final.probability,
            "tier": seen.tier,
        },
        reasons=seen.scores.reasons,
        trace=[_tell_card(card) for card in cards],
    )
    said.trace.append(Reason("ENG-TIER", {"tier": seen.tier, "card": None if final is None else final.card}))
    return said


def _tell_card(card: CardScore) -> Reason:
    bad = None if card.probability is None else round(card.probability * BPS_WHOLE)
    return Reason(
        "ENG-CARD", {"card": card.card, "version": card.version, "points": card.points, "probability_bps": bad}
    )


def _fraud(seen: Seen, book: Book) -> _Said:
    """The gate's signals, the lists, contradictions between sources, and the fraud card."""
    card = seen.scores.cards.get(FRAUD_CARD)
    contradictions = () if seen.cash is None else seen.cash.contradictions
    gate = None if seen.gate is None else seen.gate.verdict
    lists = None if seen.lists is None else seen.lists.verdict
    doubts = [gate == "refer", lists == "refer", bool(contradictions), card is not None and card.points is None]
    verdict = "reject" if "reject" in (gate, lists) else "refer" if any(doubts) else "pass"
    said = _Said(
        inputs={**({} if seen.gate is None else seen.gate.signals), **_read(card)},
        output={"verdict": verdict, "gate": gate, "lists": lists, "points": None if card is None else card.points},
        reasons=[r for found in (seen.gate, seen.lists) if found is not None for r in found.reasons]
        + [*contradictions],
    )
    if gate is not None:
        said.trace.append(Reason("ENG-GATE", {"verdict": gate}))
    if lists is not None:
        said.trace.append(Reason("ENG-LISTS", {"verdict": lists}))
    if seen.cash is not None:
        said.trace.append(Reason("ENG-SOURCES", {"contradictions": len(contradictions)}))
    if card is not None:
        said.trace.append(_tell_card(card))
    return said


def _read(card: CardScore | None) -> dict[str, Scalar]:
    return {} if card is None else {part.label: part.value for part in card.parts}


def _limit(seen: Seen, book: Book) -> _Said:
    """What each part allows, and which one is the least."""
    facts = seen.labels.facts
    inputs: dict[str, Scalar] = {"requested_amount_cents": seen.request.amount_cents, "tier": seen.tier}
    inputs |= {name: facts[name] for name in LIMIT_LABELS if name in facts}
    limit = seen.limit
    if limit is None:
        return _Said(inputs, {"amount_cents": 0, "binding": None}, seen.offer.reasons)
    inputs["term_months"] = seen.offer.term_months
    trace = [Reason("ENG-PART", {"part": part, "amount_cents": cents}) for part, cents in limit.parts.items()]
    if limit.binding is not None:
        trace.append(Reason("ENG-LEAST", {"part": limit.binding, "amount_cents": limit.amount_cents}))
    return _Said(inputs, {"amount_cents": limit.amount_cents, "binding": limit.binding}, limit.reasons, trace)


def _product(seen: Seen, book: Book) -> _Said:
    """Which products were open and how well each fits, and the price at each funder."""
    facts, choice, offer = seen.labels.facts, seen.choice, seen.offer
    read = {name for p in book.products if p.condition is not None for name in (d.name for d in p.condition.inputs)}
    inputs: dict[str, Scalar] = {name: facts[name] for name in sorted(read) if name in facts}
    best = offer.candidates[0] if offer.candidates else None
    output: dict[str, Scalar] = {
        "product": offer.product, "amount_cents": offer.amount_cents, "term_months": offer.term_months,
        "funder": None if best is None else best.funder,
        "annual_rate": None if best is None else str(best.price.annual_rate),
        "instalment_cents": None if best is None else best.instalment_cents,
    }  # fmt: skip
    trace: list[Reason] = []
    if choice is not None:
        trace += [Reason("ENG-PRODUCT-CLOSED", {"product": code, "why": why}) for code, why in choice.refused.items()]
        trace += [
            Reason("ENG-PRODUCT-OPEN", {"product": code, "fit": choice.fit.get(code)}) for code in choice.eligible
        ]
    trace += _tell_prices(offer.candidates)
    return _Said(inputs, output, offer.reasons, trace)


def _tell_prices(candidates: tuple[Candidate, ...]) -> Iterator[Reason]:
    for c in candidates:
        parts = ", ".join(f"{name} {bps}" for name, bps in c.price.components.items())
        yield Reason(
            "ENG-PRICE",
            {
                "funder": c.funder, "kind": c.price.kind, "parts": parts, "amount_cents": c.amount_cents,
                "annual_rate_bps": _bps(c.price.annual_rate), "all_in_bps": _bps(c.price.all_in_nominal),
                "cap_bps": _bps(c.price.cap),
            },
        )  # fmt: skip


def _bps(rate: object) -> int | None:
    return None if rate is None else round(float(str(rate)) * BPS_WHOLE)
