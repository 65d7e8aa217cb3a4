"""The price: what funding, loss, work, capital and margin add up to, inside the product's band and the law's cap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache

from creditfactory.decision.book import Book, Product
from creditfactory.interest import all_in_rates, level_payment
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar, round_cents, share_of

RATE_UNIT = Decimal("0.0001")
_TEST_AMOUNT_CENTS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingTerms:
    """What one funder's money costs: its own rate, an insurer's premium, and fees taken at disbursement."""

    funder: str
    cost_bps: int
    premium_bps: int = 0
    fee_bps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The borrower's rate with one funder, its parts in basis points a year, and the all-in rates of the cash flows.

    ``annual_rate`` is None where the risk costs more than the cap allows: dearer money is not the answer to risk.
    """

    funder: str
    annual_rate: Decimal | None
    components: Mapping[str, int] = field(default_factory=dict)
    all_in_nominal: Decimal | None = None
    all_in_effective: Decimal | None = None
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
) -> Price:
    """The rate for a risk with one funder: its parts summed, rounded to the pack's step, kept in band and cap (B.7).

    A pack with a fixed price (parameter ``assumed_annual_rate``) takes that. An unknown probability has no price.
    """
    fixed = book.parameters.get("assumed_annual_rate")
    if fixed is not None:
        return _state(Decimal(str(fixed)), {"assumed": _bps(Decimal(str(fixed)))}, funding, term_months, False)
    if probability is None:
        return Price(funder=funding.funder, annual_rate=None, reasons=(Reason("OFR-NO-PROBABILITY"),))
    components = _add_up(probability, funding, term_months, tier, book)
    if components is None:
        lacking = Reason("OFR-PART-UNKNOWN", {"part": "margin", "labels": "tier"})
        return Price(funder=funding.funder, annual_rate=None, reasons=(lacking,))
    step = int(book.parameters.get("rate_step_bps", 1))
    wanted = Decimal(sum(components.values()))
    cap = _cap(product, funding, term_months, book, step)
    floor = product.annual_rate_min * BPS_WHOLE
    rate = max((wanted / step).to_integral_value(ROUND_CEILING) * step, floor)
    if rate <= cap:
        return _state(rate / BPS_WHOLE, components, funding, term_months, False)
    left = components["margin"] - int(wanted - cap)
    facts: dict[str, Scalar] = {"wanted_bps": int(wanted), "cap_bps": int(cap)}
    if left < int(book.parameters.get("margin_bps_min", 0)):
        refused = Reason("OFR-PRICE-RISK", facts)
        return Price(funder=funding.funder, annual_rate=None, components=components, is_capped=True, reasons=(refused,))
    kept = {**components, "margin": left}
    return _state(cap / BPS_WHOLE, kept, funding, term_months, True, Reason("OFR-PRICE-CAPPED", facts))


def _add_up(
    probability: float, funding: FundingTerms, term_months: int, tier: int | None, book: Book
) -> dict[str, int] | None:
    """Funding, expected loss a year, work, premium, capital and margin, in basis points a year."""
    margin = book.tables["margin_by_tier"].look_up({"tier": tier}).outputs.get("margin_bps")
    if not isinstance(margin, int):
        return None
    p = book.parameters
    lost = Decimal(round(probability * BPS_WHOLE)) * p["lgd_bps"] * p["exposure_at_default_bps"] / BPS_WHOLE**2
    life_years = Decimal(term_months) / 12 * p["life_share_bps"] / BPS_WHOLE
    return {
        "funding": funding.cost_bps,
        "expected_loss": int((lost / life_years).to_integral_value(ROUND_CEILING)),
        "operating": int(p["operating_bps"]),
        "premium": funding.premium_bps,
        "capital": int(p["capital_charge_bps"]),
        "margin": margin,
    }


def _cap(product: Product, funding: FundingTerms, term_months: int, book: Book, step: int) -> Decimal:
    """The highest rate in basis points, on the pack's step, whose all-in cost stays inside the law's cap."""
    band = product.annual_rate_max * BPS_WHOLE
    law = Decimal(str(book.parameters["annual_rate_cap"]))
    by_effective = book.parameters.get("annual_rate_cap_means") == "effective"
    rate = (min(band, law * BPS_WHOLE) / step).to_integral_value(ROUND_FLOOR) * step
    while rate > 0:
        nominal, effective = _all_in(rate / BPS_WHOLE, funding.fee_bps, term_months)
        if (effective if by_effective else nominal) <= law:
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
    rate: Decimal,
    components: Mapping[str, int],
    funding: FundingTerms,
    term_months: int,
    is_capped: bool,
    *reasons: Reason,
) -> Price:
    rate = rate.quantize(RATE_UNIT)
    nominal, effective = _all_in(rate, funding.fee_bps, term_months)
    return Price(
        funder=funding.funder,
        annual_rate=rate,
        components=components,
        all_in_nominal=nominal,
        all_in_effective=effective,
        is_capped=is_capped,
        reasons=reasons,
    )


def _bps(rate: Decimal) -> int:
    return int(rate * BPS_WHOLE)
