"""The price: what funding, loss, work, capital and margin add up to, inside the product's band and the law's cap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from creditfactory.decision.book import Book, Product
from creditfactory.interest import all_in_rates, level_payment
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar, round_cents, share_of

RATE_UNIT = Decimal("0.0001")
_TEST_AMOUNT_CENTS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingTerms:
    """What one funder's money costs, and what it lends: rate, insurer's premium, fees at disbursement, amounts, terms.

    ``kind`` is the lender's kind in law, whose cap holds. Amounts are those of the whole loan; None is no limit.
    """

    funder: str
    cost_bps: int
    premium_bps: int = 0
    fee_bps: int = 0
    kind: str = "bank"
    amount_cents_min: int = 0
    amount_cents_max: int | None = None
    terms_months: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The borrower's rate with one funder, its parts in basis points a year, and the all-in rates of the cash flows.

    ``annual_rate`` is None where the risk costs more than the cap allows: dearer money is not the answer to risk.
    ``cap`` is the law's highest all-in rate for this ``kind`` of lender, where the price was held against one.
    """

    funder: str
    kind: str = "bank"
    annual_rate: Decimal | None
    components: Mapping[str, int] = field(default_factory=dict)
    all_in_nominal: Decimal | None = None
    all_in_effective: Decimal | None = None
    cap: Decimal | None = None
    is_capped: bool = False
    reasons: tuple[Reason, ...] = ()


def price(
    product: Product,
    probability: float | None,
    funding: FundingTerms,
    term_months: int,
    book: Book,
    *,
    tier: int | None = None,
    offs: Mapping[str, int] | None = None,
) -> Price:
    """The rate for a risk with one funder: its parts summed, rounded to the pack's step, kept in band and cap (B.7).

    The cap is that of the funder's kind on the day, and what it is held against is the all-in cost, fees included.
    ``offs`` are what the margin gives up, by cause (:func:`margin_offs`). A pack with a fixed price (parameter
    ``assumed_annual_rate``) takes that. An unknown probability has no price.
    """
    fixed = book.parameters.get("assumed_annual_rate")
    if fixed is not None:
        return _state(Decimal(str(fixed)), {"assumed": _bps(Decimal(str(fixed)))}, funding, term_months, None)
    if probability is None:
        return _refuse(funding, Reason("OFR-NO-PROBABILITY"))
    components = _add_up(probability, funding, term_months, tier, book, offs or {})
    if components is None:
        return _refuse(funding, Reason("OFR-PART-UNKNOWN", {"part": "margin", "labels": "tier"}))
    law, bounds = rate_cap(funding.kind, book), rate_bounds_bps(product, funding, term_months, book)
    if law is None or bounds is None:
        return _refuse(funding, Reason("OFR-CAP-UNKNOWN", {"funder": funding.funder, "kind": funding.kind}))
    floor, cap = bounds
    if cap < floor:
        facts: dict[str, Scalar] = {"funder": funding.funder, "kind": funding.kind, "cap_bps": cap, "floor_bps": floor}
        return _refuse(funding, Reason("OFR-CAP-BELOW-BAND", facts), components)
    step = int(book.parameters.get("rate_step_bps", 1))
    wanted = sum(components.values())
    rate = max(-(-wanted // step) * step, floor)
    if rate <= cap:
        return _state(Decimal(rate) / BPS_WHOLE, components, funding, term_months, law)
    over = wanted - cap
    facts = {"wanted_bps": wanted, "cap_bps": cap}
    if net_margin_bps(components) - over < int(book.parameters.get("margin_bps_min", 0)):
        return _refuse(funding, Reason("OFR-PRICE-RISK", facts), components)
    kept = {**components, "margin": components["margin"] - over}
    reason = Reason("OFR-PRICE-CAPPED", facts)
    return replace(_state(Decimal(cap) / BPS_WHOLE, kept, funding, term_months, law), is_capped=True, reasons=(reason,))


def margin_offs(product: str, labels: Mapping[str, Scalar], book: Book) -> dict[str, int]:
    """What the margin gives up, in basis points: for the product's proof, and for loans of one's own repaid (POL-07).

    A pack without the tables ``product_fit`` and ``renewal_discount`` gives up nothing, and so does an unknown fact
    unless the table's owner says otherwise.
    """
    offs: dict[str, int] = {}
    for name, table, values in (
        ("product", "product_fit", {"product": product}),
        ("renewal", "renewal_discount", labels),
    ):
        if table in book.tables:
            off = book.tables[table].look_up(values).outputs.get("margin_off_bps")
            if isinstance(off, int) and off > 0:
                offs[name] = off
    return offs


def net_margin_bps(components: Mapping[str, int]) -> int:
    """What is left of the margin after what it gave up."""
    return sum(components.get(name, 0) for name in ("margin", "product", "renewal"))


def _add_up(
    probability: float,
    funding: FundingTerms,
    term_months: int,
    tier: int | None,
    book: Book,
    offs: Mapping[str, int],
) -> dict[str, int] | None:
    """Funding, expected loss a year, work, premium, capital and margin, in basis points a year."""
    margin = book.tables["margin_by_tier"].look_up({"tier": tier}).outputs.get("margin_bps")
    if not isinstance(margin, int):
        return None
    p = book.parameters
    parts = {
        "funding": funding.cost_bps,
        "expected_loss": expected_loss_bps(round(probability * BPS_WHOLE), term_months, book),
        "operating": int(p["operating_bps"]),
        "premium": funding.premium_bps,
        "capital": int(p["capital_charge_bps"]),
        "margin": margin,
    }
    left = max(0, margin - int(p.get("margin_bps_min", 0)))
    for name, off in offs.items():
        given = min(off, left)
        if given > 0:
            parts[name], left = -given, left - given
    return parts


def _refuse(funding: FundingTerms, reason: Reason, components: Mapping[str, int] | None = None) -> Price:
    return Price(
        funder=funding.funder,
        kind=funding.kind,
        annual_rate=None,
        components=components or {},
        is_capped=reason.code == "OFR-PRICE-RISK",
        reasons=(reason,),
    )


def expected_loss_bps(probability_bps: int, term_months: int, book: Book) -> int:
    """What defaults over the loan's life cost in a year of its average life, rounded up: whole numbers throughout."""
    p = book.parameters
    lost = probability_bps * int(p["lgd_bps"]) * int(p["exposure_at_default_bps"]) * 12
    return -(-lost // (BPS_WHOLE * term_months * int(p["life_share_bps"])))


def rate_cap(kind: str, book: Book) -> Decimal | None:
    """The law's highest all-in rate a year for a kind of lender on the book's day (C.1); None where none is known.

    A pack states it by kind (``annual_rate_cap_bank`` …), or once for all lenders (``annual_rate_cap``).
    """
    found = book.parameters.get(f"annual_rate_cap_{kind}", book.parameters.get("annual_rate_cap"))
    return None if found is None else Decimal(str(found))


def rate_bounds_bps(product: Product, funding: FundingTerms, term_months: int, book: Book) -> tuple[int, int] | None:
    """The lowest rate of the product's band, and the highest whose all-in cost stays inside the law's cap.

    The highest lies on the pack's step; the lowest is the band's own. Neither depends on the applicant. None where no
    cap is known for the funder's kind: unknown is never yes.
    """
    law = rate_cap(funding.kind, book)
    if law is None:
        return None
    step = int(book.parameters.get("rate_step_bps", 1))
    floor = int((product.annual_rate_min * BPS_WHOLE).to_integral_value(ROUND_CEILING))
    is_effective = book.parameters.get("annual_rate_cap_means") == "effective"
    return floor, _cap_bps(product.annual_rate_max, law, is_effective, funding.fee_bps, term_months, step)


@lru_cache(maxsize=4_096)
def _cap_bps(band: Decimal, law: Decimal, is_effective: bool, fee_bps: int, term_months: int, step: int) -> int:
    rate = int(min(band, law) * BPS_WHOLE) // step * step
    while rate > 0:
        nominal, effective = _all_in(Decimal(rate) / BPS_WHOLE, fee_bps, term_months)
        if (effective if is_effective else nominal) <= law:
            break
        rate -= step
    return rate


@lru_cache(maxsize=4_096)
def _all_in(rate: Decimal, fee_bps: int, term_months: int) -> tuple[Decimal, Decimal]:
    """Nominal and effective yearly cost of all cash the borrower pays and receives."""
    if fee_bps == 0:
        return rate, ((1 + rate / 12) ** 12 - 1).quantize(RATE_UNIT)
    payment = round_cents(level_payment(Decimal(_TEST_AMOUNT_CENTS), rate / 12, term_months))
    received = _TEST_AMOUNT_CENTS - share_of(_TEST_AMOUNT_CENTS, fee_bps)
    rates = all_in_rates([(0, received), *((month, -payment) for month in range(1, term_months + 1))])
    assert rates is not None, "a loan that is repaid has a rate"
    return rates[0].quantize(RATE_UNIT), rates[1].quantize(RATE_UNIT)


def _state(
    rate: Decimal, components: Mapping[str, int], funding: FundingTerms, term_months: int, law: Decimal | None
) -> Price:
    rate = rate.quantize(RATE_UNIT)
    nominal, effective = _all_in(rate, funding.fee_bps, term_months)
    return Price(
        funder=funding.funder,
        kind=funding.kind,
        annual_rate=rate,
        components=components,
        all_in_nominal=nominal,
        all_in_effective=effective,
        cap=law,
    )


def _bps(rate: Decimal) -> int:
    return int(rate * BPS_WHOLE)
