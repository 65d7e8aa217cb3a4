"""The product engine, first form: of the products the applicant may have, the one that suits best (DEC-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from creditfactory.application import Request
from creditfactory.decision.book import Book, Product
from creditfactory.kernel import Reason
from creditfactory.labels import Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChoice:
    """The code of the product chosen, all that were open to the applicant, and what each refused one lacked."""

    product: str | None
    eligible: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


def choose_product(labels: Labels, request: Request, book: Book) -> ProductChoice:
    """The product asked for if the applicant may have it, else the preferred one of those open to the applicant.

    A product whose condition reads an unknown or broken fact is not open: unknown is never yes.
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
    if not eligible:
        reason = Reason("OFR-NO-PRODUCT", {"asked": request.product})
        return ProductChoice(product=None, refused=refused, reasons=(reason,))
    asked = [p for p in eligible if p.code == request.product]
    chosen = asked[0] if asked else max(eligible, key=lambda p: (p.preference, -book.products.index(p)))
    reasons: tuple[Reason, ...] = ()
    if request.product is not None and not asked:
        reasons = (Reason("OFR-OTHER-PRODUCT", {"asked": request.product, "product": chosen.code}),)
    codes = tuple(p.code for p in eligible)
    return ProductChoice(product=chosen.code, eligible=codes, refused=refused, reasons=reasons)


def choose_term(product: Product, asked: int | None) -> int:
    """The product's shortest term that is not shorter than the one asked for; without one asked, its longest."""
    if asked is None:
        return max(product.terms_months)
    return min((t for t in product.terms_months if t >= asked), default=max(product.terms_months))
