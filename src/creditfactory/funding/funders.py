"""Which funder to ask first: open quota, its own limits, what its money costs the borrower, how often it says yes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from creditfactory.application import find_city
from creditfactory.decision import Book, FundingTerms, Offer, order_reasons
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderFacts:
    """One funder as it stands today; ``cities`` empty means everywhere, quotas None mean none was agreed."""

    code: str
    name: str
    kind: Literal["bank", "trust", "consumer_finance", "fund", "sba_lender"]
    status: Literal["open", "paused", "left"] = "open"
    cost_bps: int
    premium_bps: int = 0
    fee_bps: int = 0
    amount_cents_min: int = 0
    amount_cents_max: int | None = None
    terms_months: tuple[int, ...] = ()
    cities: tuple[str, ...] = ()
    points_min: int | None = None
    quota_open_cents: int | None = None
    approved_share_bps: int | None = None
    answer_minutes_median: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One funder's place in the order of asking; with reasons it cannot be asked, and has no rank."""

    funder: str
    rank: int | None
    annual_rate: Decimal | None = None
    reasons: tuple[Reason, ...] = ()


def terms_of(funder: FunderFacts) -> FundingTerms:
    """What this funder's money costs, as the price engine reads it."""
    return FundingTerms(
        funder=funder.code, cost_bps=funder.cost_bps, premium_bps=funder.premium_bps, fee_bps=funder.fee_bps
    )


def rank_funders(
    offer: Offer,
    funders: tuple[FunderFacts, ...],
    book: Book,
    *,
    city: str | None = None,
    points: int | None = None,
) -> tuple[Ranked, ...]:
    """The funders in the order to ask them, then those that cannot be asked with why (FUN-01).

    First the cheapest for the borrower, among equals the likelier yes, then the quicker answer, then the name; the
    funder then decides for itself (FUN-02).
    """
    known = book.parameters.get("territory_cities")
    city = find_city(city, known) or city
    by_code = {c.funder: c.price for c in offer.candidates}
    able: list[tuple[tuple[Decimal, int, int, str], FunderFacts]] = []
    unable: list[Ranked] = []
    for funder in funders:
        price = by_code.get(funder.code)
        against = _against(funder, offer, price is not None, city, points)
        if against or price is None or price.annual_rate is None:
            unable.append(Ranked(funder=funder.code, rank=None, reasons=order_reasons(against, book)))
            continue
        likely = -(funder.approved_share_bps if funder.approved_share_bps is not None else BPS_WHOLE // 2)
        slow = funder.answer_minutes_median if funder.answer_minutes_median is not None else 10_000
        able.append(((price.all_in_nominal or price.annual_rate, likely, slow, funder.code), funder))
    able.sort(key=lambda pair: pair[0])
    ranked = tuple(
        Ranked(funder=f.code, rank=rank, annual_rate=by_code[f.code].annual_rate)
        for rank, (_, f) in enumerate(able, start=1)
    )
    return (*ranked, *sorted(unable, key=lambda r: r.funder))


def _against(
    funder: FunderFacts, offer: Offer, has_price: bool, city: str | None, points: int | None
) -> tuple[Reason, ...]:
    """Everything that keeps this funder from being asked."""
    who: dict[str, Scalar] = {"funder": funder.code}
    found: list[Reason] = []
    if funder.status != "open":
        found.append(Reason("FUN-CLOSED", {**who, "status": funder.status}))
    if offer.amount_cents < funder.amount_cents_min:
        found.append(Reason("FUN-AMOUNT-LOW", {**who, "amount_cents_min": funder.amount_cents_min}))
    if funder.amount_cents_max is not None and offer.amount_cents > funder.amount_cents_max:
        found.append(Reason("FUN-AMOUNT-HIGH", {**who, "amount_cents_max": funder.amount_cents_max}))
    if funder.terms_months and offer.term_months not in funder.terms_months:
        found.append(Reason("FUN-TERM", {**who, "term_months": offer.term_months}))
    if funder.cities and find_city(city, funder.cities) is None:
        found.append(Reason("FUN-CITY", {**who, "city": city}))
    if funder.points_min is not None and (points is None or points < funder.points_min):
        found.append(Reason("FUN-POINTS", {**who, "points": points, "points_min": funder.points_min}))
    if funder.quota_open_cents is not None and offer.amount_cents > funder.quota_open_cents:
        found.append(Reason("FUN-QUOTA", {**who, "quota_open_cents": funder.quota_open_cents}))
    if not has_price:
        found.append(Reason("FUN-NO-PRICE", who))
    return tuple(found)
