"""Tier and lane: how good the risk is, and how closely people look before the money goes out."""

from __future__ import annotations

from dataclasses import dataclass

from creditfactory.decision.book import Book
from creditfactory.decision.policy import LANES, Lane, PolicyVerdict, graver, order_reasons
from creditfactory.identity import FrontGate, ListCheck
from creditfactory.kernel import BPS_WHOLE, Reason
from creditfactory.labels import CashFlow, Labels
from creditfactory.scoring import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneChoice:
    """The tier (1 best; none where no card could answer), the lane, and why it is not a lighter one.

    ``facts_needed``, of policy and strategy together, are the facts without which the machine makes no offer.
    """

    tier: int | None
    lane: Lane
    reasons: tuple[Reason, ...] = ()
    facts_needed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Floor:
    """The lightest lane still allowed, and what raised it so far."""

    lane: Lane
    reasons: list[Reason]

    def lift(self, lane: Lane, *why: Reason) -> None:
        self.lane = graver(self.lane, lane)
        self.reasons.extend(why)


def choose_lane(
    labels: Labels,
    policy: PolicyVerdict,
    scores: Scores,
    cash_flow: CashFlow | None,
    front_gate: FrontGate | None,
    list_check: ListCheck | None,
    book: Book,
) -> LaneChoice:
    """Tier by score, lane by tier, raised by every doubt: policy, gate, lists, contradictions, a large amount.

    A check that the pack's ``lane_checks_needed`` names and that was not made raises the lane to C: unknown is
    never yes. DEC-04 to DEC-06.
    """
    floor = _Floor("A", [])
    if policy.verdict != "pass" or policy.lane_floor != "A":
        floor.lift(policy.lane_floor, *policy.reasons)
    _weigh_checks(floor, cash_flow, front_gate, list_check, book)
    is_incomplete = any(v.verdict in ("missing", "error") and v.consequence != "none" for v in policy.verdicts)
    tier = _grade(floor, scores, is_incomplete, book)
    _weigh_amount(floor, labels, book)
    reasons = floor.reasons
    if floor.lane == "decline":
        reasons = [r for r in reasons if _is_declining(r, policy, front_gate, list_check)] or reasons
    return LaneChoice(
        tier=tier, lane=floor.lane, reasons=order_reasons(reasons, book), facts_needed=policy.facts_needed
    )


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


def _grade(floor: _Floor, scores: Scores, is_incomplete: bool, book: Book) -> int | None:
    """The tier of the final card's answer, and the lane that goes with it; without an answer people decide.

    Points that are low while facts which policy needs are unknown do not decline: a person looks for the facts.
    """
    final = scores.final
    if final is None or final.points is None or final.probability is None:
        floor.lift("C", *(scores.reasons or (Reason("SCO-NO-CARD", {"on": book.on.isoformat()}),)))
        return None
    bad_bps = round(final.probability * BPS_WHOLE)
    answer = book.tables["tier"].look_up({"points": final.points, "bad_bps": bad_bps})
    tier, word = answer.outputs.get("tier"), answer.outputs.get("lane")
    lane = next((known for known in LANES if known == word), None)
    if not isinstance(tier, int) or lane is None:
        floor.lift("C", *answer.reasons)
        return None
    if lane == "decline" and is_incomplete:
        floor.lift("C", Reason("LAN-SCORE-UNSURE", {"points": final.points, "card": final.card}))
    elif lane == "decline":
        floor.lift("decline", Reason("LAN-SCORE-LOW", {"points": final.points, "card": final.card}), *final.reasons)
    elif lane != "A":
        floor.lift(lane, Reason("LAN-TIER", {"tier": tier, "points": final.points}))
    fraud, line = scores.cards.get("fraud"), book.parameters.get("fraud_points_lane_c_below")
    if fraud is not None and line is not None and fraud.points is not None and fraud.points < line:
        floor.lift("C", Reason("LAN-FRAUD-POINTS", {"points": fraud.points, "points_min": line}))
    return tier


def _weigh_amount(floor: _Floor, labels: Labels, book: Book) -> None:
    most = book.parameters.get("lane_a_amount_cents_max")
    amount = labels.facts.get("requested_amount_cents", labels.facts.get("sba_amount_cents"))
    if most is not None and floor.lane == "A" and (not isinstance(amount, int) or amount > most):
        floor.lift("B", Reason("LAN-AMOUNT", {"amount_cents": amount, "amount_cents_max": most}))


def _is_declining(reason: Reason, policy: PolicyVerdict, gate: FrontGate | None, lists: ListCheck | None) -> bool:
    """Whether this reason stands for a no; doubts that would only have raised the lane are left out of a decline."""
    if policy.verdict == "decline" and reason in policy.reasons:
        return True
    if gate is not None and gate.verdict == "reject" and reason in gate.reasons:
        return True
    if lists is not None and lists.verdict == "reject" and reason in lists.reasons:
        return True
    return reason.code == "LAN-SCORE-LOW" or reason.code.startswith("SCO-")
