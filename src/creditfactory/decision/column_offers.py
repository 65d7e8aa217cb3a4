"""Product, limit and price of many applicants at once, equal to :func:`draw_up_offer` with the standard funding.

Whatever depends on few things only (the price of a product, term, tier and chance of bad; a table's answer) is asked
once per distinct case of the very function that decides on one applicant; only whole-number sums run in columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from creditfactory.decision.book import Book, Product
from creditfactory.decision.by_labels import AMOUNT_LABELS
from creditfactory.decision.column_facts import (
    Fact,
    Flags,
    Whole,
    is_false,
    look_each,
    look_each_ratio,
    nothing_known,
    read_whole,
    read_words,
    share_down,
)
from creditfactory.decision.column_lanes import Points, run_policy
from creditfactory.decision.limits import FREE_CENTS_MAX, INSTALMENT_BASE_CENTS, instalment_of_base
from creditfactory.decision.prices import FundingTerms, Price, price
from creditfactory.decision.product_choice import choose_term
from creditfactory.decision.worth import MILLION, carry_share, loss_share
from creditfactory.interest import level_payment
from creditfactory.kernel import BPS_WHOLE, Misconfigured, round_cents

WHOLE_MAX = 2**62
LIMIT_MULTIPLE_MAX = 4_000
TIE_WIDTH = 1e-3
"""A float this near to a half cent is settled in exact decimals."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What would be lent to every row if its lane allowed it; product -1 and amount 0 where nothing would.

    ``lacks`` marks rows whose offer cannot be told because a fact is unknown: people decide.
    """

    product: Whole
    term: Whole
    amount: Whole
    binding: Whole
    rate_bps: Whole
    instalment: Whole
    loss: Whole
    profit: Whole
    lacks: Flags
    is_worth_known: Flags


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the parts of a limit read, for every row."""

    frame: pl.DataFrame
    book: Book
    product: Whole
    term: Whole
    tier: Whole
    amount: Fact


def read_amount(frame: pl.DataFrame, book: Book) -> Fact:
    """The amount asked for, by the name that the pack gives it."""
    name = next((name for name in AMOUNT_LABELS if name in book.declarations), None)
    return nothing_known(frame.height) if name is None else read_whole(frame, name, book)


def draw_up_offers(frame: pl.DataFrame, tier: Whole, points: Points, needs_facts: Flags, book: Book) -> Offers:
    """Product, term, limit, price and worth for every row, whatever its lane."""
    amount = read_amount(frame, book)
    product = _choose_products(frame, amount, book)
    term = _choose_terms(frame, product, book)
    grounds = Grounds(frame, book, product, term, tier, amount)
    limit, binding, unknown = _set_limits(grounds)
    rate, price_unknown, lost, kept = _price(grounds, points)
    lends = (limit > 0) & (rate >= 0) & (product >= 0) & amount.known & ~needs_facts
    lacks = ~amount.known | ((product >= 0) & (unknown | price_unknown)) | needs_facts
    given = np.where(lends, limit, 0)
    loss, profit = given * 0, given * 0
    worth_known = lends & (lost >= 0) & (kept > -WHOLE_MAX)
    loss = np.where(worth_known, share_down(given, lost, MILLION), 0)
    profit = np.where(worth_known, share_down(given, np.where(worth_known, kept, 0), MILLION) - loss, 0)
    return Offers(
        product=product,
        term=term,
        amount=given,
        binding=binding,
        rate_bps=rate,
        instalment=_instalments(given, rate, term, lends),
        loss=loss,
        profit=profit,
        lacks=lacks & ~lends,
        is_worth_known=worth_known,
    )


def _choose_products(frame: pl.DataFrame, amount: Fact, book: Book) -> Whole:
    """The place of each row's product: the one asked for if it is open, else the preferred of those open."""
    asked_term = read_whole(frame, "requested_term_months", book)
    asked = read_words(frame, "requested_product")
    chosen = np.full(frame.height, -1, dtype=np.int64)
    wanted = chosen.copy()
    least_preferred_first = sorted(range(len(book.products)), key=lambda i: (book.products[i].preference, -i))
    for place in least_preferred_first:
        product = book.products[place]
        is_open = _is_eligible(frame, product) & amount.known & (amount.values >= product.amount_cents_min)
        is_open &= ~asked_term.known | (asked_term.values <= max(product.terms_months))
        chosen = np.where(is_open, place, chosen)
        wanted = np.where(is_open & (asked == product.code).fill_null(value=False).to_numpy(), place, wanted)
    return np.where(wanted >= 0, wanted, chosen)


def _is_eligible(frame: pl.DataFrame, product: Product) -> Flags:
    if product.condition is None:
        return np.ones(frame.height, dtype=np.bool_)
    rule = product.condition.rules[0].name
    is_hit: Flags = run_policy(product.condition, frame).get_column(f"rule:{rule}").to_numpy() == 1
    return is_hit


def _choose_terms(frame: pl.DataFrame, product: Whole, book: Book) -> Whole:
    """Each row's term in months, 0 without a product."""
    asked = read_whole(frame, "requested_term_months", book)
    keys = np.where(product >= 0, product * 4_096 + np.where(asked.known, asked.values + 1, 0), -1)

    def find(key: int) -> int:
        if key < 0:
            return 0
        place, term = divmod(key, 4_096)
        return choose_term(book.products[place], term - 1 if term else None)

    return look_each(keys, find)


def _set_limits(grounds: Grounds) -> tuple[Whole, Whole, Flags]:
    """The limit of every row, 0 for none; the place of the part that binds; and where a part is unknown."""
    names = tuple(grounds.book.parameters.get("limit_parts", ("requested", "product")))
    unknown = np.zeros(grounds.frame.height, dtype=np.bool_)
    least = np.full(grounds.frame.height, WHOLE_MAX, dtype=np.int64)
    binding = np.full(grounds.frame.height, -1, dtype=np.int64)
    for place, name in enumerate(names):
        if name not in PARTS:
            raise Misconfigured(f"limit part {name!r} has no form in columns yet; add it to decision/column_offers.py")
        part = PARTS[name](grounds)
        unknown |= ~part.known
        allowed = np.maximum(part.values, 0)
        binding = np.where(part.known & (allowed < least), place, binding)
        least = np.where(part.known, np.minimum(least, allowed), least)
    step = _of_product(grounds, lambda p: p.amount_step_cents, otherwise=1)
    smallest = _of_product(grounds, lambda p: p.amount_cents_min, otherwise=WHOLE_MAX)
    limit = least // step * step
    limit = np.where(unknown | (limit < smallest) | (least == WHOLE_MAX), 0, limit)
    return limit, np.where(unknown, -1, binding), unknown


def _of_product(grounds: Grounds, find: Callable[[Product], int], *, otherwise: int) -> Whole:
    products = grounds.book.products
    listed = np.array([*(find(product) for product in products), otherwise], dtype=np.int64)
    return listed[grounds.product]


def _of_tier(grounds: Grounds, output: str) -> Fact:
    """What the table of limits says of each row's tier."""
    table = grounds.book.tables.get("limit_by_tier")

    def find(tier: int) -> int:
        found = None if table is None or tier == 0 else table.look_up({"tier": tier}).outputs.get(output)
        return found if isinstance(found, int) else -1

    values = look_each(grounds.tier, find)
    return Fact(values, values >= 0)


def _by_requested(grounds: Grounds) -> Fact:
    return grounds.amount


def _by_product(grounds: Grounds) -> Fact:
    values = _of_product(grounds, lambda p: p.amount_cents_max, otherwise=0)
    return Fact(values, np.ones(len(values), dtype=np.bool_))


def _by_tier(grounds: Grounds) -> Fact:
    return _of_tier(grounds, "amount_cents_max")


def _owed(grounds: Grounds, label: str) -> Fact:
    owed = read_whole(grounds.frame, label, grounds.book)
    return Fact(owed.values, owed.known | is_false(grounds.frame, "has_bureau_record"))


def _by_capacity(grounds: Grounds) -> Fact:
    share, due = _of_tier(grounds, "debt_to_income_bps_max"), _owed(grounds, "monthly_due_cents")
    income = read_whole(grounds.frame, "verified_income_cents", grounds.book)
    free = share_down(income.values, np.where(share.known, share.values, 0), BPS_WHOLE) - due.values
    free = np.clip(free, 0, FREE_CENTS_MAX)
    products = grounds.book.products

    def payment(key: int) -> int:
        place, term = divmod(key, 4_096)
        return instalment_of_base(products[place].annual_rate_max, term) if key >= 0 else 1

    due_of_base = look_each(np.where(grounds.product >= 0, grounds.product * 4_096 + grounds.term, -1), payment)
    return Fact(free * INSTALMENT_BASE_CENTS // due_of_base, share.known & due.known & income.known)


def _by_exposure(grounds: Grounds) -> Fact:
    multiple, owed = _of_tier(grounds, "income_multiple"), _owed(grounds, "unsecured_balance_cents")
    income = read_whole(grounds.frame, "verified_income_cents", grounds.book)
    if multiple.values.max(initial=0) > LIMIT_MULTIPLE_MAX:
        raise Misconfigured(
            f"limit_by_tier: income_multiple above {LIMIT_MULTIPLE_MAX} leaves whole numbers of 64 bits"
        )
    return Fact(income.values * multiple.values - owed.values, multiple.known & owed.known & income.known)


def _by_sales(grounds: Grounds) -> Fact:
    table = grounds.book.tables["sales_share"]
    section = read_words(grounds.frame, "industry_section")
    declared = grounds.book.declarations.get("industry_section")
    if declared is not None and declared.words:
        section = pl.select(pl.when(section.is_in(list(declared.words))).then(section)).to_series()
    distinct = section.unique().to_list()
    shares = {word: table.look_up({"industry_section": word}).outputs.get("sales_share_bps") for word in distinct}
    known = {word: share if isinstance(share, int) else -1 for word, share in shares.items()}
    share = section.replace_strict(known, return_dtype=pl.Int64).fill_null(known.get(None, -1)).to_numpy()
    sales = read_whole(grounds.frame, "verified_sales_monthly_cents", grounds.book)
    return Fact(share_down(sales.values, np.maximum(share, 0), BPS_WHOLE), sales.known & (share >= 0))


def _by_proof(grounds: Grounds) -> Fact:
    values = _of_product(grounds, lambda p: p.amount_cents_max, otherwise=0)
    known = np.ones(len(values), dtype=np.bool_)
    for place, product in enumerate(grounds.book.products):
        label, multiple = product.features.get("multiple_label"), product.features.get("multiple")
        if label is None:
            continue
        shown = read_whole(grounds.frame, str(label), grounds.book)
        is_whole = isinstance(multiple, int) and abs(multiple) <= LIMIT_MULTIPLE_MAX
        here = grounds.product == place
        values = np.where(here, shown.values * (int(multiple) if is_whole and multiple is not None else 0), values)
        known = np.where(here, shown.known & is_whole, known)
    return Fact(values, known)


PARTS: Mapping[str, Callable[[Grounds], Fact]] = {
    "requested": _by_requested,
    "product": _by_product,
    "tier": _by_tier,
    "capacity": _by_capacity,
    "exposure": _by_exposure,
    "sales": _by_sales,
    "proof": _by_proof,
}
"""The parts of a limit in columns, by the names that one applicant's limit uses."""


def _price(grounds: Grounds, points: Points) -> tuple[Whole, Flags, Whole, Whole]:
    """Rate in basis points (-1 for none), whether a fact lacks, and per million what is lost and what is carried."""
    book = grounds.book
    standard = FundingTerms(funder="standard", cost_bps=int(book.parameters.get("funding_cost_bps", 0)))
    has_product = grounds.product >= 0
    keys = np.stack([grounds.product, grounds.term, grounds.tier, points.final.fill_null(-(2**40)).to_numpy()], axis=1)
    keys[~has_product] = -1
    distinct, places = np.unique(keys, axis=0, return_inverse=True)
    chances = np.full(len(distinct), -1, dtype=np.int64)
    probabilities = np.full(len(distinct), np.nan)
    chances[places] = points.chance_bps
    probabilities[places] = points.probability
    answers = np.zeros((len(distinct), 4), dtype=np.int64)
    for i, (place, term, tier, _) in enumerate(distinct.tolist()):
        if place < 0:
            answers[i] = (-1, 0, -1, -WHOLE_MAX)
            continue
        chance = int(chances[i])
        priced = price(
            book.products[place],
            float(probabilities[i]) if chance >= 0 else None,
            standard,
            term,
            book,
            tier=tier or None,
        )
        answers[i] = _tell_price(priced, chance, term, book)
    found = answers[places.reshape(-1)]
    return found[:, 0], found[:, 1] > 0, found[:, 2], found[:, 3]


def _tell_price(priced: Price, chance_bps: int, term: int, book: Book) -> tuple[int, int, int, int]:
    lacks = any(reason.code in ("OFR-PART-UNKNOWN", "OFR-NO-PROBABILITY") for reason in priced.reasons)
    if priced.annual_rate is None:
        return -1, int(lacks), -1, -WHOLE_MAX
    rate = int(priced.annual_rate * BPS_WHOLE)
    lost = loss_share(chance_bps, book) if chance_bps >= 0 else None
    kept = carry_share(rate, term, book)
    return rate, int(lacks), -1 if lost is None else lost, -WHOLE_MAX if kept is None else kept


def _instalments(amount: Whole, rate_bps: Whole, term: Whole, lends: Flags) -> Whole:
    """The level instalment of every loan, to the cent: floats, and exact decimals where a float stands near a half."""
    keys = np.where(lends, rate_bps * 4_096 + term, -1)

    def factor(key: int) -> float:
        rate, months = divmod(key, 4_096)
        return float(level_payment(Decimal(1), Decimal(rate) / BPS_WHOLE / 12, months)) if key >= 0 else 0.0

    near = amount * look_each_ratio(keys, factor)
    whole: Whole = np.floor(near + 0.5).astype(np.int64)
    unsure = np.abs(near - np.floor(near) - 0.5) < TIE_WIDTH + near * 1e-13
    for row in np.flatnonzero(unsure & lends):
        rate = Decimal(int(rate_bps[row])) / BPS_WHOLE / 12
        whole[row] = round_cents(level_payment(Decimal(int(amount[row])), rate, int(term[row])))
    return whole
