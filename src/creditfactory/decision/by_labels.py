"""The machine's decision from labels alone: what a back-test, a what-if or a case of the rulebook can ask."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Literal, cast

from creditfactory.application import Applicant, Business, ChannelPath, Dossier, Request, check_intake
from creditfactory.decision.book import Book
from creditfactory.decision.lanes import LaneChoice, choose_lane
from creditfactory.decision.limits import Limit
from creditfactory.decision.offers import Offer
from creditfactory.decision.policy import PolicyVerdict, check_policy
from creditfactory.decision.verdict import conclude, draw_up_offer
from creditfactory.decision.worth import Worth, weigh_worth
from creditfactory.identity import FrontGate, ListCheck
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar
from creditfactory.labels import CashFlow, Labels
from creditfactory.rules import read_value
from creditfactory.scoring import Scores, score_cards

CHECKS: Mapping[str, tuple[str, ...]] = {
    "gate_verdict": ("pass", "refer", "needs_facts", "reject"),
    "list_verdict": ("clear", "refer", "reject"),
    "intake_verdict": ("pass", "reject"),
}
"""What people and outside parties found, where it is known beside the labels; where it is not, it is a condition."""
AMOUNT_LABELS = ("requested_amount_cents", "sba_amount_cents")
GAP_LABELS = ("declared_sales_12m_cents", "declared_income_cents", "tax_grade", "round_trip_share_bps", "chain_breaks")
"""Labels without which a comparison of the cash flow could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDecision:
    """What the machine decides from labels, with every step; ``stopped_at`` names the station that said no."""

    verdict: Literal["approve", "refer", "decline"]
    lane: str
    tier: int | None
    reasons: tuple[Reason, ...]
    conditions: tuple[str, ...]
    stopped_at: str
    offer: Offer
    limit: Limit | None
    scores: Scores
    policy: PolicyVerdict
    lane_choice: LaneChoice
    worth: Worth


def decide_labels(facts: Mapping[str, Any], book: Book) -> LabelDecision:
    """Decide from one applicant's labels by the functions of the line, with the standard cost of money.

    ``facts`` may hold, beside labels, ``gate_verdict``, ``list_verdict``, ``intake_verdict`` and
    ``requested_product``; a check that is not there is taken as passed and named among the conditions, one that is
    there and unknown was not made. :func:`decide_frame` gives the same for many.
    """
    told = {name: facts[name] for name in book.declarations if name in facts}
    known = read_known(told, book)
    labels = Labels(pack=book.pack, as_of=datetime.combine(book.on, time(), UTC), facts=told)
    policy = check_policy(labels, book)
    scores = score_cards(book.cards, stop_broken(told, book))
    needed = tuple(book.parameters.get("lane_checks_needed", ()))
    gate, lists = _read_checks(facts, needed)
    cash = read_cash_flow(known) if "cash_flow" in needed else None
    lane = choose_lane(labels, policy, scores, cash, gate, lists, book)
    amount = known_amount(known, book)
    intake = _judge_intake(facts, known, amount, book)
    fine = Labels(pack=book.pack, as_of=labels.as_of, facts=known)
    request = Request(
        amount_cents=amount or 0,
        currency="USD" if book.currency == "USD" else "CNY",
        term_months=_whole(known.get("requested_term_months")),
        product=_word(facts.get("requested_product")),
    )
    if amount is None and lane.lane != "decline":
        limit, offer = None, _no_amount(book)
    else:
        limit, offer = draw_up_offer(request, fine, lane, scores, cash, (), book)
    verdict, reasons = conclude(lane, offer, intake, book)
    return LabelDecision(
        verdict=verdict,
        lane="decline" if verdict == "decline" else lane.lane,
        tier=lane.tier,
        reasons=reasons,
        conditions=find_conditions(facts, book),
        stopped_at=_find_stop(verdict, policy, gate, lists, intake, lane),
        offer=offer,
        limit=limit,
        scores=scores,
        policy=policy,
        lane_choice=lane,
        worth=_weigh(offer, scores, book) if verdict != "decline" else Worth(),
    )


def find_conditions(names: Mapping[str, Any] | tuple[str, ...] | list[str], book: Book) -> tuple[str, ...]:
    """The checks of the line that labels cannot show, and that are not told beside them."""
    needed = book.parameters.get("lane_checks_needed", ())
    missing = [
        check
        for check, column in (("front_gate", "gate_verdict"), ("list_check", "list_verdict"))
        if check in needed and column not in names
    ]
    has_territory = any(book.parameters.get(f"territory_{kind}") is not None for kind in ("cities", "states"))
    if has_territory and "intake_verdict" not in names:
        missing.append("territory")
    return tuple(missing)


def read_known(facts: Mapping[str, Any], book: Book) -> dict[str, Scalar]:
    """Each declared label's value, None where it is unknown or broken: what engines reckon with."""
    return {name: read_value(declared, facts.get(name))[1] for name, declared in book.declarations.items()}


def stop_broken(facts: Mapping[str, Any], book: Book) -> dict[str, Scalar]:
    """The facts as cards may read them: what is not as declared is no number and no word, and stops a card."""
    return {
        name: math.nan if read_value(book.declarations[name], value)[0] == "broken" else value
        for name, value in facts.items()
    }


def read_cash_flow(known: Mapping[str, Scalar]) -> CashFlow:
    """The findings on the cash flow as far as labels tell them."""
    found = _whole(known.get("contradictions")) or 0
    doubts = (Reason("CSH-CONTRADICTIONS", {"contradictions": found}),) if found else ()
    income = _whole(known.get("verified_income_cents"))
    return CashFlow(
        verified_monthly_income_cents=income,
        verified_monthly_sales_cents=_whole(known.get("verified_sales_monthly_cents")),
        contradictions=doubts,
        gaps=tuple(name for name in GAP_LABELS if known.get(name) is None),
        reasons=doubts or (() if income is not None else (Reason("CSH-NO-FLOW"),)),
    )


def known_amount(known: Mapping[str, Scalar], book: Book) -> int | None:
    """The amount asked for, by the name that the pack gives it."""
    return next((_whole(known.get(name)) for name in AMOUNT_LABELS if name in book.declarations), None)


def as_row(decided: LabelDecision) -> dict[str, Scalar]:
    """The decision as one row of :func:`decide_frame`'s answer, for comparing the two."""
    offer, final = decided.offer, decided.scores.final
    lends = decided.verdict != "decline" and offer.amount_cents > 0
    best = offer.candidates[0] if lends else None
    return {
        "verdict": decided.verdict,
        "lane": decided.lane,
        "tier": decided.tier,
        "points": None if final is None else final.points,
        "probability": None if final is None else final.probability,
        "policy": decided.policy.verdict,
        "stopped_at": decided.stopped_at,
        "needs_facts": bool(decided.lane_choice.facts_needed),
        "product": offer.product if lends else None,
        "term_months": offer.term_months if lends else None,
        "amount_cents": offer.amount_cents if lends else 0,
        "binding": decided.limit.binding if lends and decided.limit is not None else None,
        "annual_rate_bps": None if best is None else int((best.price.annual_rate or Decimal(0)) * BPS_WHOLE),
        "instalment_cents": None if best is None else best.instalment_cents,
        "expected_loss_cents": decided.worth.expected_loss_cents,
        "profit_cents": decided.worth.profit_cents,
        **{f"{name}_points": answer.points for name, answer in decided.scores.cards.items()},
        **{f"rule:{v.rule}": v.verdict for v in decided.policy.verdicts},
    }


def _read_checks(facts: Mapping[str, Any], needed: tuple[str, ...]) -> tuple[FrontGate | None, ListCheck | None]:
    gate: FrontGate | None = None
    lists: ListCheck | None = None
    told = facts.get("gate_verdict") if "gate_verdict" in facts else "pass"
    if told in CHECKS["gate_verdict"] and ("front_gate" in needed or "gate_verdict" in facts):
        reasons = () if told == "pass" else (Reason("LAN-GATE-TOLD", {"verdict": told}),)
        lacking = ("gate_verdict",) if told == "needs_facts" else ()
        word: Any = "refer" if lacking else told
        gate = FrontGate(verdict=word, reasons=reasons, signals={}, facts_needed=lacking)
    told = facts.get("list_verdict") if "list_verdict" in facts else "clear"
    if told in CHECKS["list_verdict"] and ("list_check" in needed or "list_verdict" in facts):
        reasons = () if told == "clear" else (Reason("LST-TOLD", {"verdict": told}),)
        lists = ListCheck(verdict=cast("Any", told), reasons=reasons)
    return gate, lists


def _judge_intake(
    facts: Mapping[str, Any], known: Mapping[str, Scalar], amount: int | None, book: Book
) -> tuple[Reason, ...]:
    """Amount, term and role as labels show them; the territory only where a verdict on the intake is told."""
    if facts.get("intake_verdict") == "reject":
        return (Reason("INT-TOLD", {}),)
    if amount is None:
        return ()
    parameters = {name: value for name, value in book.parameters.items() if not name.startswith("territory_")}
    role = known.get("applicant_role")
    stand_in = _stand_in(
        Request(
            amount_cents=amount,
            currency="USD" if book.currency == "USD" else "CNY",
            term_months=_whole(known.get("requested_term_months")),
        ),
        book,
        role=role,
    )
    return check_intake(stand_in, parameters).reasons


def _stand_in(request: Request, book: Book, *, role: Any = None) -> Dossier:
    """A dossier that holds nothing but the request: the engines read no more of it."""
    return Dossier(
        pack=book.pack,
        reference="",
        applied_at=datetime.combine(book.on, time(), UTC),
        request=request,
        applicant=Applicant(token="", role=role),
        business=Business(),
        channel=ChannelPath(kind="direct", company=""),
    )


def _no_amount(book: Book) -> Offer:
    name = next((name for name in AMOUNT_LABELS if name in book.declarations), AMOUNT_LABELS[0])
    lacking = Reason("OFR-PART-UNKNOWN", {"part": "requested", "labels": name})
    return Offer(product=None, amount_cents=0, term_months=None, method=None, reasons=(lacking,))


def _find_stop(
    verdict: str,
    policy: PolicyVerdict,
    gate: FrontGate | None,
    lists: ListCheck | None,
    intake: tuple[Reason, ...],
    lane: LaneChoice,
) -> str:
    """The first station of the line that ends the case."""
    if verdict != "decline":
        return ""
    stops = (
        ("intake", bool(intake)),
        ("front_gate", gate is not None and gate.verdict == "reject"),
        ("list_check", lists is not None and lists.verdict == "reject"),
        ("policy", policy.verdict == "decline"),
        ("lane", lane.lane == "decline"),
    )
    return next((station for station, holds in stops if holds), "offer")


def _weigh(offer: Offer, scores: Scores, book: Book) -> Worth:
    final = scores.final
    if offer.amount_cents == 0 or offer.term_months is None or final is None or final.probability is None:
        return Worth()
    rate = offer.candidates[0].price.annual_rate
    assert rate is not None, "a candidate has a rate"
    return weigh_worth(
        offer.amount_cents, round(final.probability * BPS_WHOLE), int(rate * BPS_WHOLE), offer.term_months, book
    )


def _whole(value: Scalar) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None
