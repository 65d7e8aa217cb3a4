"""Which funder to ask first: how much it lends, what its money costs the borrower, how often it says yes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from creditfactory.application import find_city
from creditfactory.decision import Book, Candidate, FundingTerms, Offer, order_reasons
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderFacts:
    """One funder as it stands today; ``cities`` empty means everywhere, quotas None mean none was agreed.

    ``kind`` is what the law knows it as: each kind has its own price cap. ``own_share_bps`` is the part of each loan
    that it lends itself; its co-lender bears the rest. Its quota is its own money, its amounts are whole loans.
    """

    code: str
    name: str
    kind: Literal["bank", "trust", "consumer_finance", "micro_loan", "fund", "sba_lender"]
    status: Literal["open", "paused", "left"] = "open"
    cost_bps: int
    premium_bps: int = 0
    fee_bps: int = 0
    amount_cents_min: int = 0
    amount_cents_max: int | None = None
    own_share_bps: int = BPS_WHOLE
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
    amount_cents: int = 0
    reasons: tuple[Reason, ...] = ()


def terms_of(funder: FunderFacts) -> FundingTerms:
    """What this funder's money costs and how much it lends, as limit and price read it.

    >>> bank = FunderFacts(code="b", name="B", kind="bank", cost_bps=400, amount_cents_max=50_000_000,
    ...                    quota_open_cents=12_000_000, own_share_bps=3_000)
    >>> terms_of(bank).amount_cents_max
    40000000
    """
    most = [cents for cents in (funder.amount_cents_max, _quota_carries(funder)) if cents is not None]
    return FundingTerms(
        funder=funder.code,
        cost_bps=funder.cost_bps,
        premium_bps=funder.premium_bps,
        fee_bps=funder.fee_bps,
        kind=funder.kind,
        amount_cents_min=funder.amount_cents_min,
        amount_cents_max=min(most, default=None),
        terms_months=funder.terms_months,
    )


def _quota_carries(funder: FunderFacts) -> int | None:
    """The largest loan whose own share the open quota still carries; none where no quota was agreed."""
    if funder.quota_open_cents is None:
        return None
    return funder.quota_open_cents * BPS_WHOLE // funder.own_share_bps if funder.own_share_bps > 0 else 0


def list_open_funders(
    funders: tuple[FunderFacts, ...], book: Book, *, city: str | None = None, points: int | None = None
) -> tuple[FunderFacts, ...]:
    """The funders that would look at this applicant at all: open, in this city, for these points."""
    return tuple(f for f in funders if not _against_applicant(f, _name_city(city, book), points))


def rank_funders(
    offer: Offer,
    funders: tuple[FunderFacts, ...],
    book: Book,
    *,
    city: str | None = None,
    points: int | None = None,
) -> tuple[Ranked, ...]:
    """The funders in the order to ask them, then those that cannot be asked with why (FUN-01).

    First those that lend the whole offer, then the cheapest for the borrower, among equals the likelier yes, then the
    quicker answer, then the name; the funder then decides for itself (FUN-02).
    """
    place = _name_city(city, book)
    candidates = {c.funder: c for c in offer.candidates}
    able: list[tuple[tuple[int, Decimal, int, int, str], Candidate]] = []
    unable: list[Ranked] = []
    for funder in funders:
        found = candidates.get(funder.code)
        against = _against_applicant(funder, place, points) or _against_offer(funder, offer, found)
        if against or found is None or found.price.annual_rate is None:
            unable.append(Ranked(funder=funder.code, rank=None, reasons=order_reasons(against, book)))
            continue
        likely = -(funder.approved_share_bps if funder.approved_share_bps is not None else BPS_WHOLE // 2)
        slow = funder.answer_minutes_median if funder.answer_minutes_median is not None else 10_000
        cost = found.price.all_in_nominal or found.price.annual_rate
        able.append(((-found.amount_cents, cost, likely, slow, funder.code), found))
    able.sort(key=lambda pair: pair[0])
    ranked = tuple(
        Ranked(funder=c.funder, rank=rank, annual_rate=c.price.annual_rate, amount_cents=c.amount_cents)
        for rank, (_, c) in enumerate(able, start=1)
    )
    return (*ranked, *sorted(unable, key=lambda r: r.funder))


def _name_city(city: str | None, book: Book) -> str | None:
    return find_city(city, book.parameters.get("territory_cities")) or city


def _against_applicant(funder: FunderFacts, city: str | None, points: int | None) -> tuple[Reason, ...]:
    """What keeps this funder from looking at the applicant, whatever the loan."""
    who: dict[str, Scalar] = {"funder": funder.code}
    found: list[Reason] = []
    if funder.status != "open":
        found.append(Reason("FUN-CLOSED", {**who, "status": funder.status}))
    if funder.cities and find_city(city, funder.cities) is None:
        found.append(Reason("FUN-CITY", {**who, "city": city}))
    if funder.points_min is not None and (points is None or points < funder.points_min):
        found.append(Reason("FUN-POINTS", {**who, "points": points, "points_min": funder.points_min}))
    return tuple(found)


def _against_offer(funder: FunderFacts, offer: Offer, candidate: Candidate | None) -> tuple[Reason, ...]:
    """What keeps this funder from lending any part of the offer: its amounts, terms or quota, or no price."""
    who: dict[str, Scalar] = {"funder": funder.code}
    amount = offer.amount_cents if candidate is None else candidate.amount_cents
    found: list[Reason] = []
    if amount < funder.amount_cents_min:
        found.append(Reason("FUN-AMOUNT-LOW", {**who, "amount_cents_min": funder.amount_cents_min}))
    if funder.amount_cents_max is not None and amount > funder.amount_cents_max:
        found.append(Reason("FUN-AMOUNT-HIGH", {**who, "amount_cents_max": funder.amount_cents_max}))
    if funder.terms_months and offer.term_months not in funder.terms_months:
        found.append(Reason("FUN-TERM", {**who, "term_months": offer.term_months}))
    carried = _quota_carries(funder)
    if carried is not None and amount > carried:
        found.append(Reason("FUN-QUOTA", {**who, "quota_open_cents": funder.quota_open_cents}))
    if candidate is None and not found:
        found.append(Reason("FUN-NO-PRICE", who))
    return tuple(found)
