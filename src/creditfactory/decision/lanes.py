"""Tier and lane: how good the risk is, and how closely people look before the money goes out."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field

from creditfactory.decision.book import Book
from creditfactory.decision.flow import declare_score_facts
from creditfactory.decision.policy import FLOORS, LANES, Lane, PolicyVerdict, find_facts_needed, graver, order_reasons
from creditfactory.identity import FrontGate, ListCheck
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar
from creditfactory.labels import CashFlow, Labels
from creditfactory.rules import Fork, RuleVerdict
from creditfactory.scoring import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneChoice:
    """The tier (1 best; none where no card could answer), the lane, and why it is not a lighter one.

    ``facts_needed``, of policy, gate and strategy together, are the facts without which the machine makes no offer.
    ``verdicts`` are those of the strategy's rules, ``path`` the way through its trees fork by fork, ``values`` what
    its tables and trees answered.
    """

    tier: int | None
    lane: Lane
    reasons: tuple[Reason, ...] = ()
    facts_needed: tuple[str, ...] = ()
    verdicts: tuple[RuleVerdict, ...] = ()
    path: tuple[Fork, ...] = ()
    values: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(slots=True)
class _Floor:
    """The lightest lane still allowed, and what raised it so far, and how far."""

    lane: Lane
    raised: list[tuple[Lane, Reason]]

    def lift(self, lane: Lane, *why: Reason) -> None:
        self.lane = graver(self.lane, lane)
        self.raised.extend((lane, reason) for reason in why)

    @property
    def reasons(self) -> list[Reason]:
        """Why the lane is not a lighter one; of a decline only what declines, without the doubts beside it."""
        declining = [reason for lane, reason in self.raised if lane == "decline"]
        return declining if self.lane == "decline" and declining else [reason for _, reason in self.raised]


def choose_lane(
    labels: Labels,
    policy: PolicyVerdict,
    scores: Scores,
    cash_flow: CashFlow | None,
    front_gate: FrontGate | None,
    list_check: ListCheck | None,
    book: Book,
) -> LaneChoice:
    """Tier by score, lane by tier, raised by every doubt: policy, gate, lists, contradictions, the pack's strategy.

    The strategy is the pack's own: tables, trees and rules of ``stage: lane``. It can only make the lane graver. A
    check that the pack's ``lane_checks_needed`` names and that was not made raises the lane to C, and so does a fact
    that is still needed: unknown is never yes. DEC-04 to DEC-06.
    """
    floor = _Floor("A", [])
    if policy.verdict != "pass" or policy.lane_floor != "A":
        floor.lift(policy.lane_floor, *policy.reasons)
    _weigh_checks(floor, cash_flow, front_gate, list_check, book)
    facts = strategy_facts(labels.facts, scores)
    traced = book.strategy.trace(facts)
    verdicts, values = book.strategy.tell(traced, facts), book.strategy.values(traced)
    scored = declare_score_facts(book.cards)
    needed = [*policy.facts_needed, *(front_gate.facts_needed if front_gate is not None else ())]
    needed += [name for name in find_facts_needed(verdicts, book.strategy) if name not in scored]
    if needed:
        floor.lift("C")
    tier = _grade(floor, scores, values, bool(needed), book)
    _weigh_strategy(floor, verdicts, scores, book)
    return LaneChoice(
        tier=tier,
        lane=floor.lane,
        reasons=order_reasons(floor.reasons, book),
        facts_needed=tuple(dict.fromkeys(needed)),
        verdicts=verdicts,
        path=book.strategy.paths(traced),
        values=values,
    )


def strategy_facts(facts: Mapping[str, Scalar], scores: Scores) -> Mapping[str, Scalar]:
    """What the strategy reads: the labels, each card's points, the final points and the chance of bad they stand for.

    >>> from creditfactory.scoring import CardScore
    >>> dict(strategy_facts({}, Scores(master=CardScore("master", "v001", 640, 0.0123))))
    {'points': 640, 'probability_bps': 123}
    """
    final = scores.final
    chance = None if final is None or final.probability is None else round(final.probability * BPS_WHOLE)
    points: dict[str, Scalar] = {f"{name}_points": answer.points for name, answer in scores.cards.items()}
    found = {**points, "points": None if final is None else final.points, "probability_bps": chance}
    return ChainMap(found, facts)  # type: ignore[arg-type]


def _weigh_checks(
    floor: _Floor, cash_flow: CashFlow | None, gate: FrontGate | None, lists: ListCheck | None, book: Book
) -> None:
    needed = book.parameters.get("lane_checks_needed", ())
    made = {"front_gate": gate, "list_check": lists, "cash_flow": cash_flow}
    for name in needed:
        if made.get(name) is None:
            floor.lift("C", Reason("LAN-NOT-CHECKED", {"check": name}))
    if gate is not None and gate.verdict != "pass":
        floor.lift("decline" if gate.verdict == "reject" else "B", *gate.reasons)
    if lists is not None and lists.verdict != "clear":
        floor.lift("decline" if lists.verdict == "reject" else "C", *lists.reasons)
    if cash_flow is not None:
        if cash_flow.contradictions:
            floor.lift("C", *cash_flow.contradictions)
        elif cash_flow.verified_monthly_income_cents is None and "cash_flow" in needed:
            floor.lift("C", *cash_flow.reasons)
        for gap in cash_flow.gaps:
            floor.lift("B", Reason("CSH-NOT-COMPARED", {"label": gap}))


def _grade(floor: _Floor, scores: Scores, values: Mapping[str, Scalar], is_incomplete: bool, book: Book) -> int | None:
    """The tier of the final card's answer, and the lane that goes with it; without an answer people decide.

    Points that are low while facts which could decline are unknown do not decline: a person looks for the facts.
    """
    final = scores.final
    if final is None or final.points is None or final.probability is None:
        floor.lift("C", *_no_points(scores, book))
        return None
    tier, word = values.get("tier"), values.get("lane")
    lane = next((known for known in LANES if known == word), None)
    if not isinstance(tier, int) or lane is None:
        floor.lift("C", Reason("POL-TABLE-NO-ROW", {"by": "tier"}))
        return None
    if lane == "decline" and is_incomplete:
        floor.lift("C", Reason("LAN-SCORE-UNSURE", {"points": final.points, "card": final.card}))
    elif lane == "decline":
        floor.lift("decline", Reason("LAN-SCORE-LOW", {"points": final.points, "card": final.card}), *final.reasons)
    elif lane != "A":
        floor.lift(lane, Reason("LAN-TIER", {"tier": tier, "points": final.points}))
    return tier


def _no_points(scores: Scores, book: Book) -> tuple[Reason, ...]:
    return scores.reasons or (Reason("SCO-NO-CARD", {"on": book.on.isoformat()}),)


def _weigh_strategy(floor: _Floor, verdicts: tuple[RuleVerdict, ...], scores: Scores, book: Book) -> None:
    """Raise the lane as the strategy's rules say.

    Where only points are lacking, the cards say why there are none; what several rules lack is told once.
    """
    scored = declare_score_facts(book.cards)
    told: set[tuple[str, ...]] = set()
    for verdict in verdicts:
        if verdict.consequence == "none" or verdict.reason is None:
            continue
        lane, lacking = FLOORS[verdict.consequence], verdict.unknown
        if lacking and all(name in scored for name in lacking):
            floor.lift(lane, *_no_points(scores, book))
        else:
            floor.lift(lane, *(() if lacking in told else (verdict.reason,)))
            told |= {lacking} if lacking else set()
