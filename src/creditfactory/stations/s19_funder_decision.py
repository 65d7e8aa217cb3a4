"""Station 19 · 资金方与保险方独立审批: each bank and the insurer decide for themselves; nobody here can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from creditfactory import decision, funding, labels, scoring
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Ask, Done, Outcome, Stop
from creditfactory.stations.s18_offer import RankedOffer
from creditfactory.stations.said import read_codes


@dataclass(frozen=True, slots=True)
class FunderDecision:
    """Who lends, on which terms of its own, insured or not; and who said no before, with its reasons."""

    funder: str
    amount_cents: int
    annual_rate: Decimal
    term_months: int
    verdict: str
    reference: str | None = None
    policy_number: str | None = None
    premium_cents: int = 0
    declined: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = field(default=())


RESULT = FunderDecision


def run(case: Case, context: Context) -> Outcome:
    """Ask the ranked funders one after the other until one says yes; take its terms, not ours (FUN-02)."""
    ranked = case.result("offer", RankedOffer)
    refusals: list[Reason] = []
    declined: list[str] = []
    for rank in [r for r in ranked.ranked if r.rank is not None][: context.plan.funders_tried_max]:
        key = f"{case.number}:funder:{rank.funder}"
        raw = case.answers.get(key)
        if raw is None:
            return _ask_funder(case, context, ranked.offer, rank.funder, key)
        answer = _read(raw, rank.funder, ranked.offer, context)
        if answer.verdict == "decline":
            refusals.extend(answer.reasons)
            declined.append(rank.funder)
            continue
        insured = _ask_insurer(case, context, answer)
        if isinstance(insured, Ask):
            return insured
        policy, premium, refusal = insured
        if refusal is not None:
            return Stop(how="declined", reasons=(refusal, *refusals))
        assert answer.amount_cents and answer.annual_rate is not None and answer.term_months
        taken = FunderDecision(
            funder=rank.funder, amount_cents=answer.amount_cents, annual_rate=answer.annual_rate,
            term_months=answer.term_months, verdict=answer.verdict, reference=answer.reference,
            policy_number=policy, premium_cents=premium, declined=tuple(declined), reasons=answer.reasons,
        )  # fmt: skip
        return Done(result=taken, reasons=answer.reasons, actor=rank.funder)
    return Stop(how="declined", reasons=(Reason("FUN-ALL-DECLINED", {"asked": len(declined)}), *refusals))


def _read(raw: Mapping[str, Any], funder: str, offer: decision.Offer, context: Context) -> funding.FunderAnswer:
    body = raw["body"]
    rate = body.get("annual_rate")
    kind = next((c.price.kind for c in offer.candidates if c.funder == funder), "bank")
    return funding.read_funder_answer(
        funder,
        str(body.get("verdict", "decline")) if raw["status"] == "answered" else "decline",
        offer,
        amount_cents=body.get("amount_cents"),
        annual_rate=None if rate is None else Decimal(str(rate)),
        term_months=body.get("term_months"),
        reference=body.get("reference"),
        codes=read_codes(raw),
        annual_rate_cap=None if context.plan.lender == "recorded" else decision.rate_cap(kind, context.book),
    )


def _ask_funder(case: Case, context: Context, offer: decision.Offer, funder: str, key: str) -> Ask:
    candidate = next(c for c in offer.candidates if c.funder == funder)
    lane = case.result("lane", decision.LaneChoice)
    scores = case.find_result("scores", scoring.Scores)
    final = None if scores is None else scores.final
    request = {
        "application": case.record.reference,
        "funder": funder,
        "asked_at": context.now.isoformat(),
        "product": offer.product,
        "amount_cents": candidate.amount_cents,
        "currency": case.dossier.request.currency,
        "term_months": candidate.term_months,
        "method": offer.method,
        "annual_rate": str(candidate.price.annual_rate),
        "city": case.dossier.business.city,
        "industry": case.dossier.business.industry,
        "tier": lane.tier,
        "lane": lane.lane,
        "points": None if final is None else final.points,
        "probability": None if final is None else final.probability,
        "facts": labels.list_named(case.result("labels", labels.Labels)),
    }
    party = "recorded" if context.plan.lender == "recorded" else f"{context.plan.lender}:{funder}"
    return Ask(party=party, kind="recommend", key=key, request=request)


def _ask_insurer(
    case: Case, context: Context, answer: funding.FunderAnswer
) -> Ask | tuple[str | None, int, Reason | None]:
    """The insurer's own review where the pack has one: its policy comes before any contract (INS-03)."""
    if context.plan.insurer is None:
        return None, 0, None
    key = f"{case.number}:insurer:{answer.funder}"
    raw = case.answers.get(key)
    if raw is None:
        scores = case.find_result("scores", scoring.Scores)
        final = None if scores is None else scores.final
        request: dict[str, Any] = {
            "application": case.record.reference,
            "funder": answer.funder,
            "asked_at": context.now.isoformat(),
            "amount_cents": answer.amount_cents,
            "currency": case.dossier.request.currency,
            "term_months": answer.term_months,
            "annual_rate": str(answer.annual_rate),
            "points": None if final is None else final.points,
            "probability": None if final is None else final.probability,
            "facts": {},
        }
        return Ask(party=context.plan.insurer, kind="review", key=key, request=request)
    body = raw["body"]
    said = funding.read_insurer_answer(
        context.plan.insurer,
        str(body.get("verdict", "decline")) if raw["status"] == "answered" else "decline",
        policy_number=body.get("policy_number"),
        premium_cents=body.get("premium_cents"),
        codes=read_codes(raw),
    )
    if said.verdict == "decline":
        return None, 0, said.reasons[0]
    return said.policy_number, said.premium_cents or 0, None
