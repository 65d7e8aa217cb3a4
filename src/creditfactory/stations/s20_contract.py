"""Station 20 · 签约与成本明示: the whole cost in one table, read and signed before any money moves."""

from __future__ import annotations

from decimal import Decimal

from creditfactory import decision, loan
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop
from creditfactory.stations.ring_review import check_ring
from creditfactory.stations.s18_offer import RankedOffer
from creditfactory.stations.s19_funder_decision import FunderDecision
from creditfactory.stations.waiting import wait_for_borrower

RESULT = loan.Contract


def run(case: Case, context: Context) -> Outcome:
    """Look once more who stands around, draft the contract on the funder's terms, refuse what breaks the cap, wait for
    the borrower's signature."""
    ring = check_ring(case, context, kind="ring_recheck", result=None)
    if ring is not None:
        return ring
    taken = case.result("funder_decision", FunderDecision)
    offer = case.result("offer", RankedOffer).offer
    contract = draft(taken, offer, context)
    if contract.reasons:
        return Stop(how="declined", reasons=contract.reasons, result=contract)
    if context.plan.outcomes == "recorded":
        return Done(result=contract, reasons=(Reason("CTR-ASSUMED"),), actor="recorded")
    told = case.told.get("contract_signed")
    if told is None:
        return wait_for_borrower(case, context, "contract_signed", days=context.plan.offer_days, result=contract)
    if not told.get("confirmed_cost_table"):
        return Stop(how="withdrawn", reasons=(Reason("CTR-REFUSED"),), result=contract, actor="borrower")
    return Done(result=contract, actor="borrower")


def draft(taken: FunderDecision, offer: decision.Offer, context: Context) -> loan.Contract:
    """The contract on the terms that the funder itself named."""
    fees = (
        (loan.Fee(item="insurance_premium", payee="insurer", amount_cents=taken.premium_cents),)
        if taken.premium_cents
        else ()
    )
    terms = loan.Terms(
        principal_cents=taken.amount_cents,
        annual_rate=taken.annual_rate,
        instalments=taken.term_months,
        method=offer.method,  # type: ignore[arg-type]  # an offer of an amount has a method
        disbursed_on=context.on,
        fees=fees,
    )
    kind = next((c.price.kind for c in offer.candidates if c.funder == taken.funder), "bank")
    return loan.draft_contract(
        terms, funder=taken.funder, cap=read_cap(context, kind), penalty_annual_rate=read_penalty(context)
    )


def read_cap(context: Context, kind: str) -> loan.Cap | None:
    """The law's cap for a lender of this kind on the application's day, and which rate it means; none is never fine."""
    rate = decision.rate_cap(kind, context.book)
    if rate is None:
        return None
    meaning = context.book.parameters.get("annual_rate_cap_means", "nominal")
    return loan.Cap(
        annual_rate=rate,
        meaning="effective" if meaning == "effective" else "nominal",
        source=f"{context.book.pack}: annual_rate_cap, {kind}",
    )


def read_penalty(context: Context) -> Decimal | None:
    """The rate that overdue principal bears, for the cost table's contingent part; none where the pack has none."""
    rate = context.book.parameters.get("penalty_annual_rate")
    return None if rate is None else Decimal(str(rate))
