"""What a funder or the insurer answered; each decides for itself, and an answer out of bounds is not a yes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from creditfactory.decision import Offer
from creditfactory.kernel import Reason, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderAnswer:
    """One funder's own decision on an offer: as offered, altered, or declined."""

    funder: str
    verdict: Literal["approve", "alter", "decline"]
    amount_cents: int | None = None
    annual_rate: Decimal | None = None
    term_months: int | None = None
    reference: str | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurerAnswer:
    """The insurer's own decision; a policy number stands only with a yes."""

    insurer: str
    verdict: Literal["approve", "decline"]
    policy_number: str | None = None
    premium_cents: int | None = None
    reasons: tuple[Reason, ...] = ()


def read_funder_answer(
    funder: str,
    verdict: str,
    offer: Offer,
    *,
    amount_cents: int | None = None,
    annual_rate: Decimal | None = None,
    term_months: int | None = None,
    reference: str | None = None,
    codes: tuple[str, ...] = (),
    annual_rate_cap: Decimal | None = None,
) -> FunderAnswer:
    """Hold a funder's answer against what it was offered: what it states differently makes it an alteration.

    More money, a longer term or a rate above the cap than was offered is never taken: such an answer counts as
    declined, and says so. The funder's own reason codes are kept as facts, never translated into ours.
    """
    who: dict[str, Scalar] = {"funder": funder}
    reasons = tuple(Reason("FUN-OWN-REASON", {**who, "code": code}) for code in codes)
    asked = next((c for c in offer.candidates if c.funder == funder), None)
    if verdict not in ("approve", "alter") or asked is None or asked.price.annual_rate is None:
        declined = reasons or (Reason("FUN-DECLINED", who),)
        return FunderAnswer(funder=funder, verdict="decline", reference=reference, reasons=declined)
    amount = asked.amount_cents if amount_cents is None else amount_cents
    rate = asked.price.annual_rate if annual_rate is None else annual_rate
    term = asked.term_months if term_months is None else term_months
    against: list[Reason] = []
    if not 0 < amount <= asked.amount_cents:
        against.append(Reason("FUN-ALTERED-AMOUNT", {**who, "amount_cents": amount}))
    if not rate.is_finite() or rate <= 0 or (annual_rate_cap is not None and rate > annual_rate_cap):
        against.append(Reason("FUN-ALTERED-RATE", {**who, "annual_rate": str(rate)}))
    if not 0 < term <= asked.term_months:
        against.append(Reason("FUN-ALTERED-TERM", {**who, "term_months": term}))
    if against:
        return FunderAnswer(funder=funder, verdict="decline", reference=reference, reasons=(*reasons, *against))
    is_same = (amount, rate, term) == (asked.amount_cents, asked.price.annual_rate, asked.term_months)
    if not is_same:
        change: dict[str, Scalar] = {**who, "amount_cents": amount, "annual_rate": str(rate), "term_months": term}
        reasons = (*reasons, Reason("FUN-ALTERED", change))
    return FunderAnswer(
        funder=funder,
        verdict="approve" if is_same else "alter",
        amount_cents=amount,
        annual_rate=rate,
        term_months=term,
        reference=reference,
        reasons=reasons,
    )


def read_insurer_answer(
    insurer: str,
    verdict: str,
    *,
    policy_number: str | None = None,
    premium_cents: int | None = None,
    codes: tuple[str, ...] = (),
) -> InsurerAnswer:
    """The insurer's answer; a yes without a policy number is no yes (INS-03)."""
    reasons = tuple(Reason("FUN-OWN-REASON", {"funder": insurer, "code": code}) for code in codes)
    if verdict == "approve" and policy_number:
        return InsurerAnswer(
            insurer=insurer,
            verdict="approve",
            policy_number=policy_number,
            premium_cents=premium_cents,
            reasons=reasons,
        )
    why = reasons or (Reason("FUN-NO-POLICY" if verdict == "approve" else "FUN-DECLINED", {"funder": insurer}),)
    return InsurerAnswer(insurer=insurer, verdict="decline", reasons=why)
