"""The offer: product, amount, term and the price at each funder; and the first indication an agent can give."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from creditfactory.application import Dossier, check_intake
from creditfactory.decision.book import Book, Product
from creditfactory.decision.limits import Limit
from creditfactory.decision.policy import order_reasons
from creditfactory.decision.prices import Price
from creditfactory.decision.product_choice import choose_product, choose_term
from creditfactory.interest import level_payment
from creditfactory.kernel import BPS_WHOLE, Reason, round_cents, round_down_to
from creditfactory.labels import compute


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One funder that could be asked, with its price and the instalment that follows."""

    funder: str
    price: Price
    instalment_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What we would lend; no candidates means no offer, and the reasons say why."""

    product: str | None
    amount_cents: int
    term_months: int | None
    method: str | None
    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indication:
    """A first, non-binding answer from what the applicant says: nothing was asked of bureau or bank."""

    chance: Literal["likely", "possible", "unlikely"]
    product: str | None
    amount_cents_low: int
    amount_cents_high: int
    term_months: int | None
    annual_rate_low: Decimal | None
    annual_rate_high: Decimal | None
    instalment_cents_low: int | None
    instalment_cents_high: int | None
    reasons: tuple[Reason, ...] = ()


def make_offer(product: Product | None, limit: Limit, term_months: int, prices: tuple[Price, ...], book: Book) -> Offer:
    """Put the offer together, the cheapest funder for the borrower first; funders without a price are left out."""
    reasons = [*limit.reasons, *(r for p in prices for r in p.reasons)]
    if product is None or limit.amount_cents == 0:
        return Offer(product=None if product is None else product.code, amount_cents=0, term_months=None, method=None,
                     reasons=order_reasons(reasons, book))  # fmt: skip
    priced = [p for p in prices if p.annual_rate is not None]
    if not priced:
        reasons.append(Reason("OFR-NO-FUNDER"))
        return Offer(product=product.code, amount_cents=0, term_months=None, method=None,
                     reasons=order_reasons(reasons, book))  # fmt: skip
    reasons = [*limit.reasons, *(r for p in priced for r in p.reasons)]
    candidates = tuple(
        Candidate(
            funder=p.funder, price=p, instalment_cents=_instalment(limit.amount_cents, p.annual_rate, term_months)
        )
        for p in sorted(priced, key=lambda p: (p.all_in_nominal or Decimal(0), p.funder))
        if p.annual_rate is not None
    )
    return Offer(
        product=product.code,
        amount_cents=limit.amount_cents,
        term_months=term_months,
        method=product.methods[0],
        candidates=candidates,
        reasons=order_reasons(reasons, book),
    )


def indicate_offer(dossier: Dossier, book: Book) -> Indication:
    """Product, amount, rate and instalment as far as the applicant's own words carry, in words of chance (ACQ-05).

    Reads the parameter ``indication_sales_share_bps``: the monthly sales stated, times this, are the most indicated.
    """
    request = dossier.request
    labels = compute(dossier, as_of=dossier.applied_at, parameters=book.parameters)
    choice = choose_product(labels, request, book)
    intake = check_intake(dossier, book.parameters)
    reasons = [*intake.reasons, *choice.reasons]
    product = None if choice.product is None else book.product(choice.product)
    if product is None:
        return Indication(
            chance="unlikely", product=None, amount_cents_low=0, amount_cents_high=0, term_months=None,
            annual_rate_low=None, annual_rate_high=None, instalment_cents_low=None, instalment_cents_high=None,
            reasons=order_reasons(reasons, book),
        )  # fmt: skip
    high = min(request.amount_cents, product.amount_cents_max)
    sales, share = dossier.business.declared_sales_12m_cents, book.parameters.get("indication_sales_share_bps")
    if share is not None:
        if sales is None:
            reasons.append(Reason("LEA-SALES-UNKNOWN"))
        else:
            high = min(high, sales // 12 * share // BPS_WHOLE)
    high = round_down_to(max(0, high), product.amount_step_cents)
    if high < product.amount_cents_min:
        reasons.append(Reason("LEA-SALES-LOW", {"amount_cents": high, "amount_cents_min": product.amount_cents_min}))
        high = 0
    term = choose_term(product, request.term_months)
    low = min(high, product.amount_cents_min)
    chance: Literal["likely", "possible", "unlikely"] = (
        "unlikely" if intake.reasons or high == 0 else "possible" if reasons else "likely"
    )
    return Indication(
        chance=chance,
        product=product.code,
        amount_cents_low=low,
        amount_cents_high=high,
        term_months=term,
        annual_rate_low=product.annual_rate_min,
        annual_rate_high=product.annual_rate_max,
        instalment_cents_low=_instalment(high, product.annual_rate_min, term) if high else None,
        instalment_cents_high=_instalment(high, product.annual_rate_max, term) if high else None,
        reasons=order_reasons(reasons, book),
    )


def _instalment(amount_cents: int, annual_rate: Decimal, term_months: int) -> int:
    """The equal monthly instalment, for the borrower's orientation; the contract's schedule is the loan room's."""
    return round_cents(level_payment(Decimal(amount_cents), annual_rate / 12, term_months))
