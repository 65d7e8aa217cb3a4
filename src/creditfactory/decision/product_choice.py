"""The product engine: of the products the applicant may have, the one that fits best, and its terms (DEC-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from creditfactory.application import Request
from creditfactory.decision.book import Book, Product
from creditfactory.decision.prices import FundingTerms, margin_offs, net_margin_bps, price
from creditfactory.kernel import BPS_WHOLE, Reason
from creditfactory.labels import Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChoice:
    """The code of the product chosen, all that were open to the applicant, and what each refused one lacked.

    ``fit`` says how well each product fits where it was weighed: see :func:`weigh_fit`.
    """

    product: str | None
    eligible: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    fit: Mapping[str, int] = field(default_factory=dict)


UNDECIDED = ("unknown fact", "broken fact")
"""Why nobody can tell yet whether a product may be had."""


def standard_funding(book: Book) -> FundingTerms:
    """A bank's money at the pack's standard cost: what prices an offer while no funder is named."""
    return FundingTerms(funder="standard", cost_bps=int(book.parameters.get("funding_cost_bps", 0)))


def choose_product(
    labels: Labels, request: Request, book: Book, *, tier: int | None = None, probability: float | None = None
) -> ProductChoice:
    """The product asked for if the applicant may have it, else the best fitting of those open to the applicant.

    A product whose condition reads an unknown or broken fact is not open: unknown is never yes. Where that is the one
    asked for, only a product without a condition is offered in its place, since leaving a proof out must not lead to
    a cheaper one. Among equals, and where no fit can be weighed (no score yet, no table ``product_fit``), the pack's
    own preference decides.
    """
    eligible: list[Product] = []
    refused: dict[str, str] = {}
    for product in book.products:
        verdict = product.eligible(labels.facts)
        term = request.term_months
        if verdict != "hit":
            refused[product.code] = {"clear": "condition", "missing": "unknown fact"}.get(verdict, "broken fact")
        elif term is not None and term > max(product.terms_months):
            refused[product.code] = "term"
        elif request.amount_cents < product.amount_cents_min:
            refused[product.code] = "amount"
        else:
            eligible.append(product)
    if refused.get(str(request.product)) in UNDECIDED:
        eligible = [product for product in eligible if product.eligible_when is None]
    if not eligible:
        reason = Reason("OFR-NO-PRODUCT", {"asked": request.product})
        return ProductChoice(product=None, refused=refused, reasons=(reason,))
    asked = [p for p in eligible if p.code == request.product]
    found = {p.code: weigh_fit(p, labels, choose_term(p, request.term_months), book, tier, probability)
             for p in eligible}  # fmt: skip
    fit = {code: weight for code, weight in found.items() if weight is not None}

    def rank(product: Product) -> tuple[bool, int, int, int]:
        return product.code in fit, fit.get(product.code, 0), product.preference, -book.products.index(product)

    chosen = asked[0] if asked else max(eligible, key=rank)
    reasons: tuple[Reason, ...] = ()
    if request.product is not None and not asked:
        reasons = (Reason("OFR-OTHER-PRODUCT", {"asked": request.product, "product": chosen.code}),)
    codes = tuple(p.code for p in eligible)
    return ProductChoice(product=chosen.code, eligible=codes, refused=refused, reasons=reasons, fit=fit)


def weigh_fit(
    product: Product, labels: Labels, term_months: int, book: Book, tier: int | None, probability: float | None
) -> int | None:
    """How well a product fits: its chance to be accepted and its margin, less what it costs the borrower.

    All three are basis points (the share of such offers that borrowers took, the margin left, the all-in rate at the
    standard cost of money), weighted by ``fit_weight_acceptance``, ``fit_weight_margin`` and ``fit_weight_cost``. None
    where one of them is unknown, or where the product has no price for this risk.
    """
    if "product_fit" not in book.tables or tier is None or probability is None:
        return None
    accepted = book.tables["product_fit"].look_up({"product": product.code}).outputs.get("acceptance_bps")
    offs = margin_offs(product.code, labels.facts, book)
    found = price(product, probability, standard_funding(book), term_months, book, tier=tier, offs=offs)
    if not isinstance(accepted, int) or found.annual_rate is None:
        return None
    weights = [int(book.parameters[f"fit_weight_{part}"]) for part in ("acceptance", "margin", "cost")]
    margin, cost = net_margin_bps(found.components), int(found.annual_rate * BPS_WHOLE)
    return weights[0] * accepted + weights[1] * margin - weights[2] * cost


def choose_term(product: Product, asked: int | None) -> int:
    """The product's shortest term that is not shorter than the one asked for; without one asked, its longest."""
    if asked is None:
        return max(product.terms_months)
    return min((t for t in product.terms_months if t >= asked), default=max(product.terms_months))


def list_terms(product: Product, asked: int | None) -> tuple[int, ...]:
    """The terms to try for a loan: the one asked for, then longer ones, then shorter ones, each the nearest first."""
    first = choose_term(product, asked)
    longer = sorted(t for t in product.terms_months if t > first)
    shorter = sorted((t for t in product.terms_months if t < first), reverse=True)
    return first, *longer, *shorter
