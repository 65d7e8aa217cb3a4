"""Product, limit and price of many applicants at once, equal to :func:`draw_up_offer` with the standard funding.

Whatever depends on few things only (the price of a product, term, tier and chance of bad; a table's answer) is asked
once per distinct case of the very function that decides on one applicant; only whole-number sums run in columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.decision.book import Book, Product
from creditfactory.decision.by_labels import AMOUNT_LABELS
from creditfactory.decision.column_facts import (
    Fact,
    Flags,
    Whole,
    clean,
    is_false,
    look_each,
    look_each_ratio,
    nothing_known,
    read_whole,
    read_words,
    share_down,
    sort_out,
)
from creditfactory.decision.column_lanes import Points, run_policy
from creditfactory.decision.limits import FREE_CENTS_MAX, INSTALMENT_BASE_CENTS, instalment_of_base
from creditfactory.decision.prices import margin_offs, price
from creditfactory.decision.product_choice import list_terms, standard_funding, weigh_fit
from creditfactory.decision.verdict import UNSURE
from creditfactory.decision.worth import MILLION, carry_share, loss_share
from creditfactory.interest import level_payment
from creditfactory.kernel import BPS_WHOLE, Misconfigured, Scalar, round_cents
from creditfactory.labels import Labels
from creditfactory.rules import VERDICTS

WHOLE_MAX = 2**62
TERM_MAX = 2_048
NO_QUOTE = (-1, 0, -1, -WHOLE_MAX)
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
    """What the parts of a limit read, for every row; ``product`` is the place of its product, -1 for none."""

    frame: pl.DataFrame
    book: Book
    product: Whole
    term: Whole
    tier: Whole
    amount: Fact

    def take(self, rows: NDArray[np.intp], term: Whole) -> Grounds:
        """Only some rows, for another term."""
        read = [name for name in _read_by_parts(self.book) if name in self.frame.columns]
        return Grounds(
            self.frame.select(read)[rows], self.book, self.product[rows], term, self.tier[rows],
            Fact(self.amount.values[rows], self.amount.known[rows]),
        )  # fmt: skip


@dataclass(slots=True)
class Loans:
    """The loan that each row could have at one term: limit and what binds it, rate, and whether a fact lacks."""

    term: Whole
    amount: Whole
    binding: Whole
    rate_bps: Whole
    unsure: Flags
    lost: Whole
    kept: Whole

    def put(self, rows: NDArray[np.intp], other: Loans) -> None:
        """Take other loans for some rows."""
        for name in ("term", "amount", "binding", "rate_bps", "unsure", "lost", "kept"):
            getattr(self, name)[rows] = getattr(other, name)


def read_amount(frame: pl.DataFrame, book: Book) -> Fact:
    """The amount asked for, by the name that the pack gives it."""
    name = next((name for name in AMOUNT_LABELS if name in book.declarations), None)
    return nothing_known(frame.height) if name is None else read_whole(frame, name, book)


def draw_up_offers(frame: pl.DataFrame, tier: Whole, points: Points, book: Book) -> Offers:
    """Product, term, limit, price and worth for every row, whatever its lane and whatever facts are still needed."""
    amount = read_amount(frame, book)
    asked_term = read_whole(frame, "requested_term_months", book)
    quotes = Quotes(frame, tier, points, book)
    product = _choose_products(frame, amount, asked_term, quotes, book)
    product = np.where(amount.known, product, -1)
    several = np.array([*(len(p.terms_months) > 1 for p in book.products), False])
    no_term = several[product] & ~asked_term.known
    rungs = _list_rungs(product, asked_term, book)
    grounds = Grounds(frame, book, product, rungs[0], tier, amount)
    loans = _best_rung(grounds, rungs, quotes)
    lends = (loans.amount > 0) & ~no_term
    lacks = ~amount.known | no_term | ((product >= 0) & loans.unsure & (loans.amount == 0))
    given = np.where(lends, loans.amount, 0)
    is_worth_known = lends & (loans.lost >= 0) & (loans.kept > -WHOLE_MAX)
    lost = share_down(given, np.where(is_worth_known, loans.lost, 0), MILLION)
    kept = share_down(given, np.where(is_worth_known, loans.kept, 0), MILLION)
    return Offers(
        product=product,
        term=loans.term,
        amount=given,
        binding=loans.binding,
        rate_bps=loans.rate_bps,
        instalment=_instalments(given, loans.rate_bps, loans.term, lends),
        loss=lost,
        profit=kept - lost,
        lacks=lacks,
        is_worth_known=is_worth_known,
    )


class Quotes:
    """Prices of every row by product and term, each distinct case priced once by the function of one applicant."""

    def __init__(self, frame: pl.DataFrame, tier: Whole, points: Points, book: Book) -> None:
        self.book = book
        self.tier = tier
        distinct, self.place = sort_out(points.final.fill_null(-1).to_numpy() * 2 + points.known)
        self.chance = np.full(len(distinct), -1, dtype=np.int64)
        self.chance[self.place] = points.chance_bps
        self.probability = np.full(len(distinct), np.nan)
        self.probability[self.place] = points.probability
        self.facts, self.fact_place = _find_renewals(frame, book)
        self.standard = standard_funding(book)

    def ask(
        self, product: Whole, term: Whole, rows: NDArray[np.intp], find: Callable[[Product, Case], tuple[int, ...]]
    ) -> NDArray[np.int64]:
        """An answer of whole numbers for each of these rows; rows without a product get that of place -1."""
        tiers = int(self.tier.max(initial=0)) + 1
        terms, term_place = sort_out(term)
        sizes = (len(terms), tiers, len(self.facts), len(self.chance))
        keys = product
        for part, size in zip(
            (term_place, self.tier[rows], self.fact_place[rows], self.place[rows]), sizes, strict=True
        ):
            keys = keys * size + part
        keys = np.where(product >= 0, keys, -1)
        distinct, places = sort_out(keys)
        answers: list[tuple[int, ...]] = []
        for key in distinct.tolist():
            if key < 0:
                answers.append(NO_QUOTE)
                continue
            rest, point = divmod(key, sizes[3])
            rest, fact = divmod(rest, sizes[2])
            rest, grade = divmod(rest, sizes[1])
            place, months = divmod(rest, sizes[0])
            known = self.chance[point] >= 0
            case = Case(
                term=int(terms[months]), tier=grade or None, facts=self.facts[fact],
                probability=float(self.probability[point]) if known else None, chance_bps=int(self.chance[point]),
            )  # fmt: skip
            answers.append(find(self.book.products[place], case))
        found: NDArray[np.int64] = np.array(answers, dtype=np.int64).reshape(-1, len(NO_QUOTE))
        return found[places]

    def price(self, product: Product, case: Case) -> tuple[int, ...]:
        """Rate in basis points (-1 for none), whether a fact lacks; per million, what is lost and what is carried."""
        offs = margin_offs(product.code, case.facts, self.book)
        found = price(product, case.probability, self.standard, case.term, self.book, tier=case.tier, offs=offs)
        lacks = any(reason.code in UNSURE for reason in found.reasons)
        if found.annual_rate is None:
            return (-1, int(lacks), -1, -WHOLE_MAX)
        rate = int(found.annual_rate * BPS_WHOLE)
        lost = loss_share(case.chance_bps, self.book) if case.chance_bps >= 0 else None
        kept = carry_share(rate, case.term, self.book)
        return rate, int(lacks), -1 if lost is None else lost, -WHOLE_MAX if kept is None else kept

    def fit(self, product: Product, case: Case) -> tuple[int, ...]:
        """Whether the product's fit can be weighed, and how well it fits."""
        facts = Labels(pack=self.book.pack, as_of=datetime.combine(self.book.on, time(), UTC), facts=case.facts)
        found = weigh_fit(product, facts, case.term, self.book, case.tier, case.probability)
        return (0, 0, 0, 0) if found is None else (1, found, 0, 0)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a price depends on, beside the product."""

    term: int
    tier: int | None
    facts: Mapping[str, Scalar]
    probability: float | None
    chance_bps: int


def _find_renewals(frame: pl.DataFrame, book: Book) -> tuple[list[Mapping[str, Scalar]], NDArray[np.int64]]:
    """The distinct facts that take something off the margin, and for each row the place of its own."""
    table = book.tables.get("renewal_discount")
    if table is None:
        return [{}], np.zeros(frame.height, dtype=np.int64)
    cleaned = clean(frame, [declared.name for declared in table.inputs], book)
    distinct = cleaned.unique(maintain_order=True)
    offs: dict[int, int] = {}
    facts: list[Mapping[str, Scalar]] = []
    places = []
    for row in distinct.iter_rows(named=True):
        off = margin_offs("", row, book).get("renewal", 0)
        if off not in offs:
            offs[off] = len(facts)
            facts.append(row)
        places.append(offs[off])
    joined = cleaned.join(
        distinct.with_columns(pl.Series("_place", places, dtype=pl.Int64)),
        on=cleaned.columns, how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip
    return facts, joined.get_column("_place").to_numpy()


def _choose_products(frame: pl.DataFrame, amount: Fact, asked_term: Fact, quotes: Quotes, book: Book) -> Whole:
    """The place of each row's product: the one asked for if it is open, else the best fitting of those open.

    Where nobody can tell whether the one asked for is open, only those without a condition are.
    """
    asked = read_words(frame, "requested_product")
    chosen = np.full(frame.height, -1, dtype=np.int64)
    wanted = chosen.copy()
    verdicts = [_judge_condition(frame, product) for product in book.products]
    is_asked = [(asked == product.code).fill_null(value=False).to_numpy() for product in book.products]
    doubt = np.zeros(frame.height, dtype=np.bool_)
    for is_wanted, verdict in zip(is_asked, verdicts, strict=True):
        doubt |= is_wanted & (verdict >= MISSING)
    best: list[Whole] = [np.full(frame.height, -1, dtype=np.int64), np.zeros(frame.height, dtype=np.int64)]
    best.append(np.zeros(frame.height, dtype=np.int64))
    for place, product in enumerate(book.products):
        is_open = (verdicts[place] == HIT) & amount.known & (amount.values >= product.amount_cents_min)
        is_open &= ~asked_term.known | (asked_term.values <= max(product.terms_months))
        if product.condition is not None:
            is_open &= ~doubt
        wanted = np.where(is_open & is_asked[place], place, wanted)
        rows = np.flatnonzero(is_open)
        if not len(rows):
            continue
        term = _list_rungs(np.full(len(rows), place), Fact(asked_term.values[rows], asked_term.known[rows]), book)[0]
        found = quotes.ask(np.full(len(rows), place), term, rows, quotes.fit)
        rank = [found[:, 0], found[:, 1], np.full(len(rows), product.preference, dtype=np.int64)]
        is_better = _is_more(rank, [part[rows] for part in best])
        better = rows[is_better]
        chosen[better] = place
        for part, new in zip(best, rank, strict=True):
            part[better] = new[is_better]
    return np.where(wanted >= 0, wanted, chosen)


def _is_more(new: list[Whole], old: list[Whole]) -> Flags:
    """Where the first differing part is more."""
    more, same = np.zeros(len(new[0]), dtype=np.bool_), np.ones(len(new[0]), dtype=np.bool_)
    for one, other in zip(new, old, strict=True):
        more |= same & (one > other)
        same &= one == other
    return more


HIT, MISSING = VERDICTS.index("hit"), VERDICTS.index("missing")


def _judge_condition(frame: pl.DataFrame, product: Product) -> NDArray[np.uint8]:
    """Each row's verdict on the product's condition, by its place among the verdicts: hit is yes."""
    if product.condition is None:
        return np.full(frame.height, HIT, dtype=np.uint8)
    rule = product.condition.rules[0].name
    found: NDArray[np.uint8] = run_policy(product.condition, frame).get_column(f"rule:{rule}").to_numpy()
    return found


def _list_rungs(product: Whole, asked: Fact, book: Book) -> NDArray[np.int64]:
    """The terms to try for each row, one array a rung; 0 where there is no product or no further rung."""
    most = max((len(p.terms_months) for p in book.products), default=1)
    whole = np.where(asked.known, np.minimum(asked.values, TERM_MAX - 2) + 1, 0)
    keys = np.where(product >= 0, product * TERM_MAX + whole, -1)
    distinct, places = sort_out(keys)
    listed = np.zeros((len(distinct), most), dtype=np.int64)
    for i, key in enumerate(distinct.tolist()):
        if key >= 0:
            place, term = divmod(key, TERM_MAX)
            terms = list_terms(book.products[place], term - 1 if term else None)
            listed[i, : len(terms)] = terms
    rungs: NDArray[np.int64] = listed[places].T
    return rungs


def _best_rung(grounds: Grounds, rungs: NDArray[np.int64], quotes: Quotes) -> Loans:
    """The loan at the term asked for; where that is less than asked, the largest of all terms, the nearest first."""
    everyone = np.arange(len(grounds.product))
    loans = _attempt(grounds, everyone, quotes)
    step = _of_product(grounds, lambda p: p.amount_step_cents, otherwise=1)
    short = (grounds.product >= 0) & (loans.amount < grounds.amount.values // step * step) & ~loans.unsure
    for terms in rungs[1:]:
        rows = np.flatnonzero(short & (terms > 0))
        if len(rows):
            other = _attempt(grounds.take(rows, terms[rows]), rows, quotes)
            more = other.amount > loans.amount[rows]
            chosen = Loans(*(getattr(other, name)[more] for name in Loans.__slots__))
            loans.put(rows[more], chosen)
    return loans


def _attempt(grounds: Grounds, rows: NDArray[np.intp], quotes: Quotes) -> Loans:
    """Limit and price at one term; no amount where there is no price."""
    limit, binding, unknown = _set_limits(grounds)
    found = quotes.ask(grounds.product, grounds.term, rows, quotes.price)
    amount = np.where((found[:, 0] >= 0) & (grounds.product >= 0), limit, 0)
    unsure = unknown | (found[:, 1] > 0)
    return Loans(grounds.term.copy(), amount, binding, found[:, 0], unsure, found[:, 2], found[:, 3])


def _set_limits(grounds: Grounds) -> tuple[Whole, Whole, Flags]:
    """The limit of every row, 0 for none; the place of the part that binds; and where a part is unknown."""
    names = tuple(grounds.book.parameters.get("limit_parts", ("requested", "product")))
    unknown = np.zeros(len(grounds.product), dtype=np.bool_)
    least = np.full(len(grounds.product), WHOLE_MAX, dtype=np.int64)
    binding = np.full(len(grounds.product), -1, dtype=np.int64)
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


READ_BY_PARTS = (
    "verified_income_cents", "verified_sales_monthly_cents", "monthly_due_cents", "unsecured_balance_cents",
    "has_bureau_record", "industry_section",
)  # fmt: skip
"""Labels that the parts of a limit read by name, beside the proofs that products name."""


def _read_by_parts(book: Book) -> list[str]:
    proofs = [str(p.features["multiple_label"]) for p in book.products if "multiple_label" in p.features]
    return list(dict.fromkeys((*READ_BY_PARTS, *proofs)))


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
    owed, none = read_whole(grounds.frame, label, grounds.book), is_false(grounds.frame, "has_bureau_record")
    return Fact(np.where(none, 0, owed.values), owed.known | none)


def _by_capacity(grounds: Grounds) -> Fact:
    share, due = _of_tier(grounds, "debt_to_income_bps_max"), _owed(grounds, "monthly_due_cents")
    income = read_whole(grounds.frame, "verified_income_cents", grounds.book)
    free = share_down(income.values, np.where(share.known, share.values, 0), BPS_WHOLE) - due.values
    free = np.clip(free, 0, FREE_CENTS_MAX)
    products = grounds.book.products

    def payment(key: int) -> int:
        place, term = divmod(key, TERM_MAX)
        return instalment_of_base(products[place].annual_rate_max, term) if key >= 0 else 1

    due_of_base = look_each(np.where(grounds.product >= 0, grounds.product * TERM_MAX + grounds.term, -1), payment)
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


def _instalments(amount: Whole, rate_bps: Whole, term: Whole, lends: Flags) -> Whole:
    """The level instalment of every loan, to the cent: floats, and exact decimals where a float stands near a half."""
    keys = np.where(lends, rate_bps * TERM_MAX + term, -1)

    def factor(key: int) -> float:
        rate, months = divmod(key, TERM_MAX)
        return float(level_payment(Decimal(1), Decimal(rate) / BPS_WHOLE / 12, months)) if key >= 0 else 0.0

    near = amount * look_each_ratio(keys, factor)
    whole: Whole = np.floor(near + 0.5).astype(np.int64)
    unsure = np.abs(near - np.floor(near) - 0.5) < TIE_WIDTH + near * 1e-13
    for row in np.flatnonzero(unsure & lends):
        rate = Decimal(int(rate_bps[row])) / BPS_WHOLE / 12
        whole[row] = round_cents(level_payment(Decimal(int(amount[row])), rate, int(term[row])))
    return whole
