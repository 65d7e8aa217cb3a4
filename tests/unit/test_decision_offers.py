"""Limit, price and product at each funder, counter-offers, renewal, and the four engines by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from creditfactory import decision
from creditfactory.decision import Book, FundingTerms, Offer
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.labels import CashFlow, Labels, compute
from creditfactory.network import NetworkView, OwnLoan, look_around

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SOUND = read_dossier((EXAMPLES / "cn-micro-approve.json").read_bytes())
THEN = SOUND.applied_at + timedelta(hours=1)
CASH = CashFlow(verified_monthly_income_cents=4_000_000, verified_monthly_sales_cents=60_000_000)


@pytest.fixture(scope="module")
def rulebook() -> decision.Rulebook:
    return load_rulebook("cn-micro", locked=False)


@pytest.fixture(scope="module")
def book(rulebook: decision.Rulebook) -> Book:
    return rulebook.at(SOUND.applied_on)


def labels_of(book: Book, **facts: Any) -> Labels:
    found = compute(SOUND, as_of=THEN, parameters=book.parameters)
    return replace(found, facts={**found.facts, "monthly_due_cents": 0, "unsecured_balance_cents": 0, **facts})


def scores_of(probability: float) -> Any:
    from creditfactory.scoring import CardScore, Scores

    return Scores(cards={}, master=CardScore("master", "v001", 640, probability, (), ()))


def draw(
    book: Book, *funding: FundingTerms, cents: int = 20_000_000, months: int | None = 36, tier: int = 1,
    cash: CashFlow = CASH, probability: float = 0.02, facts: dict[str, Any] | None = None,
    needed: tuple[str, ...] = (), others: dict[str, int] | None = None,
) -> tuple[decision.Limit | None, Offer]:  # fmt: skip
    request = replace(SOUND.request, amount_cents=cents, term_months=months, product="business_loan")
    lane = decision.LaneChoice(tier=tier, lane="C" if needed else "A", facts_needed=needed)
    found = labels_of(book, requested_amount_cents=cents, requested_term_months=months, **(facts or {}))
    return decision.draw_up_offer(request, found, lane, scores_of(probability), cash, funding, book, others=others)


def codes(offer: Offer) -> list[str]:
    return [reason.code for reason in offer.reasons]


BANK = FundingTerms(funder="bank", cost_bps=500)


# --- limit and funders


def test_a_funder_that_lends_less_offers_less_and_comes_after_those_that_lend_all(book: Book) -> None:
    """DEC-01: the funder's limit is its own, not everybody's."""
    small = FundingTerms(funder="small", cost_bps=300, amount_cents_max=12_345_678)
    none = FundingTerms(funder="none", cost_bps=300, amount_cents_max=9_999_999)
    limit, offer = draw(book, small, none, BANK)
    assert limit is not None and limit.amount_cents == 20_000_000
    assert [(c.funder, c.amount_cents) for c in offer.candidates] == [("bank", 20_000_000), ("small", 12_300_000)]
    assert offer.counter is None and codes(offer) == []


def test_where_every_funder_lends_less_the_limit_says_that_funders_bound_it(book: Book) -> None:
    """DEC-01, DEC-09."""
    small = FundingTerms(funder="small", cost_bps=300, amount_cents_max=12_345_678)
    limit, offer = draw(book, small)
    assert limit is not None and (limit.binding, limit.amount_cents) == ("funder", 12_300_000)
    assert codes(offer) == ["OFR-REDUCED", "OFR-COUNTER"]
    assert offer.counter == offer.candidates[0]
    tiny, none = draw(book, replace(small, amount_cents_max=9_999_999))
    assert tiny is not None and (tiny.binding, none.amount_cents) == ("funder", 0)
    assert codes(none) == ["OFR-BELOW-MINIMUM"]


def test_the_insurers_and_the_reviewers_limits_count(book: Book) -> None:
    """DEC-01."""
    limit, offer = draw(book, BANK, others={"insurer": 15_000_000, "review": 18_000_000})
    assert limit is not None and (limit.binding, offer.amount_cents) == ("insurer", 15_000_000)


def test_a_funders_smallest_loan_and_its_terms_keep_it_out(book: Book) -> None:
    large = FundingTerms(funder="large", cost_bps=100, amount_cents_min=30_000_000)
    short = FundingTerms(funder="short", cost_bps=100, terms_months=(12,))
    assert [c.funder for c in draw(book, large, short, BANK)[1].candidates] == ["bank"]


# --- the cap of the funder's kind


@pytest.mark.parametrize(
    ("kind", "on", "cap"),
    [
        ("bank", date(2026, 3, 2), "0.24"), ("trust", date(2026, 3, 2), "0.24"),
        ("consumer_finance", date(2025, 10, 31), "0.24"), ("consumer_finance", date(2025, 11, 1), "0.20"),
        ("micro_loan", date(2027, 12, 31), "0.24"), ("micro_loan", date(2028, 1, 1), "0.12"),
        ("fund", date(2025, 5, 19), "0.124"), ("fund", date(2025, 5, 20), "0.12"),
    ],
)  # fmt: skip
def test_each_kind_of_lender_has_its_own_cap_from_its_own_day(
    rulebook: decision.Rulebook, kind: str, on: date, cap: str
) -> None:
    """DEC-02, C.1."""
    assert decision.rate_cap(kind, rulebook.at(on)) == Decimal(cap)


def test_the_price_is_held_to_the_cap_of_the_funders_kind_fees_counted(book: Book) -> None:
    """DEC-02, DEC-08: dear money is capped for a consumer-finance company where a bank's is not."""
    product, dear = book.product("business_loan"), 780
    bank = decision.price(product, 0.02, FundingTerms(funder="b", cost_bps=dear), 36, book, tier=1)
    other = FundingTerms(funder="c", cost_bps=dear, kind="consumer_finance")
    capped = decision.price(product, 0.02, other, 36, book, tier=1)
    assert bank.annual_rate is not None and bank.annual_rate > Decimal("0.20") and bank.cap == Decimal("0.24")
    assert (capped.annual_rate, capped.is_capped, capped.cap) == (Decimal("0.1992"), True, Decimal("0.20"))
    with_fee = decision.price(product, 0.02, replace(other, fee_bps=50), 36, book, tier=1)
    assert with_fee.annual_rate is not None and with_fee.all_in_nominal is not None
    assert with_fee.annual_rate < capped.annual_rate and with_fee.all_in_nominal <= Decimal("0.20")


def test_a_cap_below_the_products_band_and_an_unknown_kind_have_no_price(book: Book) -> None:
    """Law 4: no cap known is no price."""
    product = book.product("business_loan")
    low = decision.price(product, 0.02, FundingTerms(funder="f", cost_bps=100, kind="fund"), 36, book, tier=1)
    odd = decision.price(product, 0.02, FundingTerms(funder="p", cost_bps=100, kind="pawnshop"), 36, book, tier=1)
    assert (low.annual_rate, [r.code for r in low.reasons]) == (None, ["OFR-CAP-BELOW-BAND"])
    assert (odd.annual_rate, [r.code for r in odd.reasons]) == (None, ["OFR-CAP-UNKNOWN"])
    assert draw(book, FundingTerms(funder="p", cost_bps=100, kind="pawnshop"))[1].amount_cents == 0


# --- the counter-offer


def test_what_is_asked_and_can_be_had_has_no_counter_offer(book: Book) -> None:
    limit, offer = draw(book, BANK, cents=20_050_000, months=20)
    assert (offer.amount_cents, offer.term_months, offer.counter) == (20_000_000, 24, None)
    assert limit is not None


def test_where_the_instalment_is_too_high_a_longer_term_is_offered(book: Book) -> None:
    """DEC-09: 200,000 over 12 months cannot be carried, over 24 it can: the nearest term that carries most."""
    income = replace(CASH, verified_monthly_income_cents=1_700_000)
    _, offer = draw(book, BANK, months=12, cash=income)
    assert offer.counter is not None
    assert (offer.counter.amount_cents, offer.counter.term_months) == (20_000_000, 24)
    assert (offer.term_months, offer.amount_cents) == (24, 20_000_000)
    facts = next(r.facts for r in offer.reasons if r.code == "OFR-COUNTER")
    assert (facts["requested_term_months"], facts["term_months"]) == (12, 24)
    assert facts["instalment_cents"] == offer.candidates[0].instalment_cents


def test_where_no_funder_lends_that_long_a_shorter_term_is_offered(book: Book) -> None:
    """DEC-09."""
    _, offer = draw(book, replace(BANK, terms_months=(12, 18)))
    assert offer.counter is not None and offer.counter.term_months == 18


def test_where_the_risk_is_too_dear_for_a_short_term_a_longer_one_may_pass(book: Book) -> None:
    """DEC-09: the same loss over the life weighs less in a year of a longer life."""
    short = decision.price(book.product("business_loan"), 0.12, BANK, 12, book, tier=2)
    assert short.annual_rate is None
    _, offer = draw(book, BANK, months=12, tier=2, probability=0.12)
    assert offer.counter is not None and offer.counter.term_months > 12


def test_a_counter_offer_is_never_above_what_was_asked_nor_below_the_smallest_loan(book: Book) -> None:
    """DEC-01, DEC-09, over amounts, terms, incomes and tiers."""
    for cents in (10_000_000, 17_777_777, 50_000_000):
        for months in (12, 18, 24, 36):
            for income in (300_000, 900_000, 2_500_000):
                for tier in (1, 3, 5):
                    cash = replace(CASH, verified_monthly_income_cents=income)
                    _, offer = draw(book, BANK, cents=cents, months=months, cash=cash, tier=tier)
                    assert offer.amount_cents == 0 or 10_000_000 <= offer.amount_cents <= cents
                    is_other = offer.amount_cents < cents // 100_000 * 100_000 or offer.term_months != months
                    assert (offer.counter is not None) == (is_other and offer.amount_cents > 0)


def test_a_term_nobody_named_is_not_guessed(book: Book) -> None:
    _, offer = draw(book, BANK, months=None)
    assert (offer.amount_cents, codes(offer)) == (0, ["OFR-PART-UNKNOWN"])


# --- facts needed


def test_while_a_fact_is_needed_the_machine_makes_no_offer_and_a_reviewer_may(book: Book) -> None:
    """DEC-09, law 4: unknown is never yes; the override is a person's."""
    limit, offer = draw(book, BANK, needed=("queries_3m",))
    assert (limit, offer.amount_cents, codes(offer)) == (None, 0, ["OFR-FACTS-NEEDED"])
    assert offer.reasons[0].facts["labels"] == "queries_3m"
    assert draw(book, BANK, needed=("queries_3m",), others={"review": 15_000_000})[1].amount_cents == 15_000_000


# --- the product that fits


def test_the_best_fitting_product_weighs_acceptance_margin_and_the_borrowers_cost(book: Book) -> None:
    """DEC-07."""
    found, ask = labels_of(book), replace(SOUND.request, product=None)
    choice = decision.choose_product(found, ask, book, tier=1, probability=0.02)
    assert set(choice.fit) == set(choice.eligible)
    assert choice.product == max(choice.fit, key=lambda code: choice.fit[code])
    taken_less = {**book.parameters, "fit_weight_acceptance": 0, "fit_weight_margin": 10, "fit_weight_cost": 0}
    greedy = decision.choose_product(found, ask, replace(book, parameters=taken_less), tier=1, probability=0.02)
    assert greedy.product == "business_loan", "with margin alone the dearest would win; the weights say otherwise"
    assert decision.choose_product(found, ask, book).product == "policy_loan", "without a score: by preference"


def test_of_two_products_the_dearer_is_never_pushed_by_the_weights_in_force(book: Book) -> None:
    """DEC-07, PIPL art. 24: at every tier and risk the product chosen is the cheapest of those open."""
    found, ask = labels_of(book), replace(SOUND.request, product=None)
    for tier in (1, 2, 3, 4, 5):
        for probability in (0.005, 0.02, 0.05):
            choice = decision.choose_product(found, ask, book, tier=tier, probability=probability)
            rates = {}
            for code in choice.eligible:
                from creditfactory.decision.prices import margin_offs

                offs = margin_offs(code, found.facts, book)
                rates[code] = decision.price(book.product(code), probability, BANK, 36, book, tier=tier, offs=offs)
            known = {code: p.annual_rate for code, p in rates.items() if p.annual_rate is not None}
            assert choice.product in known
            assert known[choice.product] == min(known.values())


# --- renewal


def renewal_rate(book: Book, **own: Any) -> Decimal:
    dear = FundingTerms(funder="b", cost_bps=700)
    _, offer = draw(book, dear, tier=2, facts=own)
    rate = offer.candidates[0].price.annual_rate
    assert rate is not None
    return rate


def test_whoever_repaid_on_time_pays_less_the_second_time(book: Book) -> None:
    """POL-07: a ladder by own loans repaid, and only where the record is known and good."""
    new = renewal_rate(book, own_loans_repaid=0, own_arrears_days_max=None)
    once = renewal_rate(book, own_loans_repaid=1, own_arrears_days_max=0)
    twice = renewal_rate(book, own_loans_repaid=2, own_arrears_days_max=0)
    late = renewal_rate(book, own_loans_repaid=2, own_arrears_days_max=30)
    slightly = renewal_rate(book, own_loans_repaid=1, own_arrears_days_max=5)
    assert twice < once < slightly < new == late
    assert renewal_rate(book, own_loans_repaid=None, own_arrears_days_max=None) == new
    assert renewal_rate(book, own_loans_repaid=2, own_arrears_days_max=None) == new


def test_the_margin_never_falls_below_its_lowest(book: Book) -> None:
    """POL-07, DEC-08."""
    lean = replace(book, parameters={**book.parameters, "margin_bps_min": 520})
    product = book.product("business_loan")
    found = decision.price(product, 0.02, BANK, 36, lean, tier=2, offs={"product": 30, "renewal": 120})
    assert (found.components["margin"], found.components["product"], found.components["renewal"]) == (560, -30, -10)


def test_own_loans_are_counted_as_they_stood() -> None:
    """POL-07."""
    view = look_around((), as_of=THEN, own_loans=(OwnLoan(is_repaid=True, arrears_days_max=3),
                                                  OwnLoan(is_repaid=False, arrears_days_max=0)))  # fmt: skip
    assert (view.own_loans_repaid, view.own_arrears_days_max) == (1, 3)
    assert (look_around((), as_of=THEN).own_loans_repaid, NetworkView(as_of=THEN).own_arrears_days_max) == (None, None)
    known = compute(SOUND, network=look_around((), as_of=THEN, own_loans=()), as_of=THEN)
    assert (known["own_loans_repaid"], known.why_missing["own_arrears_days_max"]) == (0, "no_own_loan")


# --- the four engines


def test_the_four_engines_answer_by_name_with_version_inputs_output_and_trace(book: Book) -> None:
    """SCR-01, SCR-05, SCR-06, POL-04."""
    decided = decision.decide(SOUND, book, as_of=THEN)
    assert tuple(answer.name for answer in decided.engines) == decision.ENGINES
    score, fraud, limit, product = decided.engines
    assert score.output["tier"] == decided.tier and score.inputs["queries_3m"] == decided.labels["queries_3m"]
    assert fraud.output["verdict"] == "pass" and "face_similarity_bps" in fraud.inputs
    assert limit.output["amount_cents"] == decided.offer.amount_cents
    assert product.output["annual_rate"] == str(decided.offer.candidates[0].price.annual_rate)
    for answer in decided.engines:
        assert answer.trace and answer.version and answer.inputs
        for step in answer.trace:
            for language in ("en", "zh"):
                told = decision.tell_reason(step, book, language=language, audience="staff")  # type: ignore[arg-type]
                assert told != step.code and "{" not in told


def test_each_engine_has_a_version_of_its_own(rulebook: decision.Rulebook, book: Book) -> None:
    """SCR-01: another part of the rulebook leaves an engine's version as it is."""
    decided = decision.decide(SOUND, book, as_of=THEN)
    assert len({answer.version for answer in decided.engines}) == 4
    other = replace(book, versions={**book.versions, "limit": "f" * 64})
    again = {answer.name: answer.version for answer in decision.decide(SOUND, other, as_of=THEN).engines}
    changed = {a.name for a in decided.engines if again[a.name] != a.version}
    assert changed == {"limit"}


def test_limit_and_product_can_be_asked_alone_even_where_policy_declines(book: Book) -> None:
    """SCR-01."""
    late = read_dossier((EXAMPLES / "cn-micro-overdue.json").read_bytes())
    then = late.applied_at + timedelta(hours=1)
    decided = decision.decide(late, book, as_of=then)
    assert decided.verdict == "decline" and decided.engines[2].output["amount_cents"] == 0
    alone = decision.ask_engine("limit", late, book, as_of=then)
    assert alone.output["amount_cents"] != 0
    for name in decision.ENGINES:
        assert decision.ask_engine(name, SOUND, book, as_of=THEN) == next(
            a for a in decision.decide(SOUND, book, as_of=THEN).engines if a.name == name
        )


def test_permissions_that_are_not_signed_stay_a_condition(book: Book) -> None:
    """DEC-04: what the machine decides on without a signature, or with one that ran out, says so."""
    for dossier, is_open in (
        (SOUND, False),
        (replace(SOUND, consents=()), True),
        (replace(SOUND, consents=SOUND.consents[1:]), True),
        (replace(SOUND, applied_at=SOUND.applied_at + timedelta(days=31)), True),
    ):
        decided = decision.decide(dossier, book, as_of=dossier.applied_at + timedelta(hours=1))
        assert ("consents" in decided.conditions) == is_open
