"""The offer: product, amount, term and the price at each funder; and the first indication an agent can give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from creditfactory.application import Dossier, Request, check_intake
from creditfactory.decision.book import Book, Product
from creditfactory.decision.limits import Limit
from creditfactory.decision.policy import order_reasons
from creditfactory.decision.prices import FundingTerms, Price
from creditfactory.decision.product_choice import choose_product, choose_term
from creditfactory.interest import level_payment
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar, round_cents, round_down_to
from creditfactory.labels import compute


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One funder that could be asked: how much it lends for how long, its price, and the instalment that follows."""

    funder: str
    price: Price
    instalment_cents: int
    amount_cents: int
    term_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What we would lend; no candidates means no offer, and the reasons say why.

    Where what was asked for cannot be had, ``counter`` is the loan that can (DEC-09): never more than was asked, never
    below the product's smallest loan. It is then also the first of the candidates.
    """

    product: str | None
    amount_cents: int
    term_months: int | None
    method: str | None
    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[Reason, ...] = ()
    counter: Candidate | None = None


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


def make_offer(
    product: Product | None,
    limit: Limit,
    term_months: int,
    prices: tuple[Price, ...],
    book: Book,
    *,
    funding: tuple[FundingTerms, ...] = (),
) -> Offer:
    """Put the offer together: the funders that lend most first, among equals the cheapest for the borrower.

    A funder without a price is left out, and so is one whose own limits (``funding``) leave no loan; a funder that
    lends less than the limit stands with its lower amount.
    """
    terms = {f.funder: f for f in funding}
    reasons = [*limit.reasons, *(r for p in prices for r in p.reasons)]
    none = Offer(product=None if product is None else product.code, amount_cents=0, term_months=None, method=None)
    if product is None or limit.amount_cents == 0:
        return replace(none, reasons=order_reasons(reasons, book))
    candidates = []
    for found in prices:
        amount = carry_amount(terms.get(found.funder), limit.amount_cents, term_months, product)
        if found.annual_rate is not None and amount > 0:
            instalment = _instalment(amount, found.annual_rate, term_months)
            candidates.append(
                Candidate(funder=found.funder, price=found, instalment_cents=instalment, amount_cents=amount,
                          term_months=term_months)
            )  # fmt: skip
    if not candidates:
        reasons.append(Reason("OFR-NO-FUNDER", {"why": ""}))
        return replace(none, reasons=order_reasons(reasons, book))
    candidates.sort(key=lambda c: (-c.amount_cents, c.price.all_in_nominal or Decimal(0), c.funder))
    reasons = [*limit.reasons, *(r for c in candidates for r in c.price.reasons)]
    return Offer(
        product=product.code,
        amount_cents=candidates[0].amount_cents,
        term_months=term_months,
        method=product.methods[0],
        candidates=tuple(candidates),
        reasons=order_reasons(reasons, book),
    )


def carry_amount(funding: FundingTerms | None, limit_cents: int, term_months: int, product: Product) -> int:
    """How much of a limit a funder carries for a term, on the product's step; 0 where that leaves no loan."""
    if funding is None:
        return limit_cents
    if funding.terms_months and term_months not in funding.terms_months:
        return 0
    most = limit_cents if funding.amount_cents_max is None else min(limit_cents, funding.amount_cents_max)
    amount = round_down_to(max(0, most), product.amount_step_cents)
    return amount if amount >= max(product.amount_cents_min, funding.amount_cents_min) else 0


def name_counter(offer: Offer, request: Request, product: Product, book: Book) -> Offer:
    """The same offer, saying so where it is not what was asked for: less, or for another term (DEC-09).

    An amount that the product's step alone rounds down, and a term that is only the product's own next one, count as
    asked for.
    """
    if not offer.candidates:
        return offer
    best = offer.candidates[0]
    asked_cents = round_down_to(request.amount_cents, product.amount_step_cents)
    if best.amount_cents >= asked_cents and best.term_months == choose_term(product, request.term_months):
        return offer
    facts: dict[str, Scalar] = {
        "amount_cents": best.amount_cents,
        "requested_amount_cents": request.amount_cents,
        "term_months": best.term_months,
        "requested_term_months": request.term_months,
        "annual_rate_bps": int((best.price.annual_rate or 0) * BPS_WHOLE),
        "instalment_cents": best.instalment_cents,
    }
    reasons = order_reasons([*offer.reasons, Reason("OFR-COUNTER", facts)], book)
    return replace(offer, counter=best, reasons=reasons)


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
