"""Stations 11, 13, 17 and 18: policy, lane, product, limit, price and offer (DEC-01 to DEC-09, POL-01 to POL-03)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from creditfactory import decision, labels
from creditfactory.application import Dossier
from creditfactory.decision import Book, FundingTerms, LaneChoice
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.identity import FrontGate, ListCheck, ListHit, check_lists
from creditfactory.interest import all_in_rates, level_payment
from creditfactory.kernel import BadInput, Misconfigured, Reason, round_cents
from creditfactory.labels import CashFlow, Labels
from creditfactory.network import NetworkView
from creditfactory.scoring import CardScore, Scores

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SOUND = read_dossier((EXAMPLES / "cn-micro-approve.json").read_bytes())
SBA = read_dossier((EXAMPLES / "us-sba-restaurant.json").read_bytes())
THEN = SOUND.applied_at
PASS = FrontGate(verdict="pass", signals={})
CLEAR = ListCheck(verdict="clear")
CASH = CashFlow(verified_monthly_income_cents=4_000_000, verified_monthly_sales_cents=40_000_000, months=12)


@pytest.fixture(scope="module")
def book() -> Book:
    return load_rulebook("cn-micro", locked=False).at(SOUND.applied_on)


def compute(dossier: Dossier, book: Book) -> Labels:
    return labels.compute(dossier, as_of=THEN, parameters=book.parameters)


def relabel(found: Labels, **facts: Any) -> Labels:
    return replace(found, facts={**found.facts, **facts})


def codes(reasons: Any) -> list[str]:
    return [reason.code for reason in reasons]


def points(total: int | None, book: Book) -> Scores:
    """A master card's answer of so many points, beside a fraud card that has nothing to say."""
    chance = None if total is None else book.cards["master"].probability(total)
    calm = CardScore("fraud", "v001", 640, 0.01, (), ())
    return Scores(cards={"fraud": calm}, master=CardScore("master", "v001", total, chance, (), ()))


# --- policy


def test_policy_of_a_sound_owner_passes_and_keeps_every_rules_verdict(book: Book) -> None:
    verdict = decision.check_policy(compute(SOUND, book), book)
    assert (verdict.verdict, verdict.lane_floor, verdict.reasons) == ("pass", "A", ())
    assert len(verdict.verdicts) == len(book.policy.rules) >= 30


@pytest.mark.parametrize(
    ("facts", "verdict", "floor"),
    [
        ({"card_use_bps": 9_000}, "pass", "B"),
        ({"queries_1m": 4}, "pass", "C"),
        ({"purpose": None}, "refer", "C"),
        ({"overdue_now_cents": 1}, "decline", "decline"),
        ({"overdue_now_cents": 1, "purpose": None, "queries_1m": 4}, "decline", "decline"),
    ],
)
def test_the_gravest_rule_decides(book: Book, facts: dict[str, Any], verdict: str, floor: str) -> None:
    found = decision.check_policy(relabel(compute(SOUND, book), **facts), book)
    assert (found.verdict, found.lane_floor) == (verdict, floor)
    assert found.reasons


def test_reasons_come_in_precedence_and_a_decline_tells_only_what_declines(book: Book) -> None:
    bad = relabel(compute(SOUND, book), overdue_run_24m=3, overdue_now_cents=5, is_dishonest_listed=True, queries_1m=4)
    found = codes(decision.check_policy(bad, book).reasons)
    assert found == ["POL-COU-DISHONEST", "POL-BUR-OVERDUE-NOW", "POL-BUR-OVERDUE-RUN"]


# --- lane


def lane(book: Book, scores: Scores, found: Labels | None = None, **given: Any) -> LaneChoice:
    held = {"cash_flow": CASH, "front_gate": PASS, "list_check": CLEAR, **given}
    found = found or compute(SOUND, book)
    policy = decision.check_policy(found, book)
    return decision.choose_lane(
        found, policy, scores, held["cash_flow"], held["front_gate"], held["list_check"], book
    )  # fmt: skip


@pytest.mark.parametrize(
    ("total", "tier", "expected"),
    [(700, 1, "A"), (630, 1, "A"), (629, 2, "A"), (614, 3, "B"), (594, 4, "C"), (560, 5, "C"), (559, 6, "decline")],
)
def test_tier_and_lane_follow_the_points(book: Book, total: int, tier: int, expected: str) -> None:
    choice = lane(book, points(total, book))
    assert (choice.tier, choice.lane) == (tier, expected)
    assert bool(choice.reasons) == (expected != "A")


def test_no_card_in_force_goes_to_people(book: Book) -> None:
    choice = lane(book, Scores())
    assert (choice.tier, choice.lane, codes(choice.reasons)) == (None, "C", ["SCO-NO-CARD"])


def test_a_card_that_could_not_answer_goes_to_people_with_its_reasons(book: Book) -> None:
    mute = replace(points(None, book), reasons=(Reason("SCO-FACT-ABSENT", {"card": "master", "label": "x"}),))
    choice = lane(book, mute)
    assert (choice.lane, codes(choice.reasons)) == ("C", ["SCO-FACT-ABSENT"])


@pytest.mark.parametrize("check", ["cash_flow", "front_gate", "list_check"])
def test_a_check_that_was_not_made_is_never_a_yes(book: Book, check: str) -> None:
    choice = lane(book, points(700, book), **{check: None})
    assert choice.lane == "C"
    assert Reason("LAN-NOT-CHECKED", {"check": check}) in choice.reasons


def test_doubts_raise_the_lane(book: Book) -> None:
    gate = FrontGate(verdict="refer", reasons=(Reason("GTE-PHONE"),), signals={})
    hit = check_lists((ListHit(list_name="sanctions", match="similar", entry="e"),))
    torn = replace(CASH, contradictions=(Reason("CSH-CHAIN", {"chain_breaks": 1}),))
    gap = replace(CASH, gaps=("tax",))
    blind = CashFlow(reasons=(Reason("CSH-NO-FLOW"),))
    best = points(700, book)
    assert (lane(book, best, front_gate=gate).lane, codes(lane(book, best, front_gate=gate).reasons)) == (
        "B",
        ["GTE-PHONE"],
    )
    assert lane(book, best, list_check=hit).lane == "C"
    assert lane(book, best, cash_flow=torn).lane == "C"
    assert codes(lane(book, best, cash_flow=gap).reasons) == ["CSH-NOT-COMPARED"]
    assert (lane(book, best, cash_flow=gap).lane, lane(book, best, cash_flow=blind).lane) == ("B", "C")


def test_a_reject_declines_with_its_own_reasons_only(book: Book) -> None:
    stop = FrontGate(verdict="reject", reasons=(Reason("GTE-HEADLESS"),), signals={})
    night = relabel(compute(SOUND, book), queries_1m=4)
    choice = lane(book, points(700, book), night, front_gate=stop)
    assert (choice.lane, codes(choice.reasons)) == ("decline", ["GTE-HEADLESS"])
    exact = check_lists((ListHit(list_name="own_fraud", match="exact", entry="e"),))
    assert codes(lane(book, points(700, book), list_check=exact).reasons) == ["LST-EXACT"]


def test_the_instant_lane_lends_up_to_its_amount(book: Book) -> None:
    most = book.parameters["lane_a_amount_cents_max"]
    at = relabel(compute(SOUND, book), requested_amount_cents=most)
    above = relabel(at, requested_amount_cents=most + 1)
    assert lane(book, points(700, book), at).lane == "A"
    assert (lane(book, points(700, book), above).lane, codes(lane(book, points(700, book), above).reasons)) == (
        "B", ["LAN-AMOUNT"],
    )  # fmt: skip


def test_a_poor_fraud_card_brings_a_visit(book: Book) -> None:
    poor = replace(points(700, book), cards={"fraud": CardScore("fraud", "v001", 559, 0.1, (), ())})
    assert codes(lane(book, poor).reasons) == ["LAN-FRAUD-POINTS"]
    assert lane(book, poor).lane == "C"


# --- product


def test_the_sub_product_whose_proof_carries_the_amount_is_chosen(book: Book) -> None:
    """ACQ-03, DEC-07: 12,000 yuan of yearly premium carry 300,000."""
    found = compute(SOUND, book)
    ask = replace(SOUND.request, amount_cents=30_000_000)
    full = relabel(found, requested_amount_cents=30_000_000)
    assert decision.choose_product(full, ask, book).product == "policy_loan"
    more = relabel(found, requested_amount_cents=30_100_000)
    choice = decision.choose_product(more, replace(ask, amount_cents=30_100_000), book)
    assert choice.product == "mortgage_loan"
    assert choice.refused["policy_loan"] == "condition"


def test_without_any_proof_the_business_loan_is_left(book: Book) -> None:
    bare = relabel(compute(SOUND, book), insurance_premium_cents=None, mortgage_months_paid=None, tax_grade=None)
    choice = decision.choose_product(bare, SOUND.request, book)
    assert (choice.product, choice.eligible) == ("business_loan", ("business_loan",))
    assert choice.refused["policy_loan"] == "unknown fact"


def test_a_product_asked_for_is_given_or_the_other_one_named(book: Book) -> None:
    found = compute(SOUND, book)
    asked = decision.choose_product(found, replace(SOUND.request, product="business_loan"), book)
    assert (asked.product, asked.reasons) == ("business_loan", ())
    other = decision.choose_product(found, replace(SOUND.request, product="car_loan"), book)
    assert (other.product, codes(other.reasons)) == ("business_loan", ["OFR-OTHER-PRODUCT"]), "no proof, no discount"
    early = relabel(found, car_months_paid=3, car_instalment_cents=500_000)
    assert decision.choose_product(early, replace(SOUND.request, product="car_loan"), book).product == "policy_loan"
    wish = replace(SOUND, request=replace(SOUND.request, product="car_loan"))
    assert "OFR-OTHER-PRODUCT" in codes(decision.decide(wish, book, as_of=THEN).reasons)


def test_no_product_below_the_smallest_amount(book: Book) -> None:
    choice = decision.choose_product(compute(SOUND, book), replace(SOUND.request, amount_cents=9_999_999), book)
    assert (choice.product, codes(choice.reasons)) == (None, ["OFR-NO-PRODUCT"])


@pytest.mark.parametrize(("asked", "given"), [(None, 36), (1, 12), (12, 12), (13, 18), (36, 36), (99, 36)])
def test_terms(book: Book, asked: int | None, given: int) -> None:
    assert decision.choose_term(book.product("business_loan"), asked) == given


# --- limit


def limit(book: Book, tier: int | None = 1, cash: CashFlow = CASH, **change: Any) -> decision.Limit:
    facts = {"monthly_due_cents": 0, "unsecured_balance_cents": 0, "industry_section": "F", **change.pop("facts", {})}
    request = replace(SOUND.request, amount_cents=50_000_000, **change)
    found = relabel(compute(SOUND, book), **facts)
    return decision.set_limit(found, request, book.product("business_loan"), tier, 36, book, cash_flow=cash)


def test_the_limit_is_the_least_of_its_parts_and_names_the_one_that_binds(book: Book) -> None:
    found = limit(book)
    assert found.amount_cents == min(found.parts.values()) // 100_000 * 100_000
    assert set(found.parts) == set(book.parameters["limit_parts"])


def test_capacity_is_what_income_carries_at_the_dearest_rate(book: Book) -> None:
    """B.6: 60 % of 10,000 yuan, less 1,000 due, at 24 % over 36 months; never the cheaper rate."""
    cash = replace(CASH, verified_monthly_income_cents=1_000_000)
    found = limit(book, 3, cash, facts={"monthly_due_cents": 100_000})
    assert found.binding == "capacity"
    instalment = level_payment(Decimal(found.parts["capacity"]), Decimal("0.02"), 36)
    assert 499_999 < instalment <= 500_000


def test_exposure_and_sales_bind_where_they_are_least(book: Book) -> None:
    assert limit(book, facts={"unsecured_balance_cents": 80_000_000}).binding == "exposure"
    found = limit(book, cash=replace(CASH, verified_monthly_sales_cents=20_000_000))
    assert (found.binding, found.parts["sales"]) == ("sales", 30_000_000)
    assert limit(book, 4).binding == "tier"


def test_below_the_smallest_loan_there_is_no_offer(book: Book) -> None:
    """DEC-01."""
    found = limit(book, cash=replace(CASH, verified_monthly_sales_cents=6_666_600))
    assert (found.amount_cents, codes(found.reasons)) == (0, ["OFR-BELOW-MINIMUM"])
    just = limit(book, cash=replace(CASH, verified_monthly_sales_cents=6_666_667))
    assert just.amount_cents == 10_000_000


def test_a_smaller_amount_is_offered_with_its_reason(book: Book) -> None:
    """DEC-09."""
    found = limit(book, 4)
    assert codes(found.reasons) == ["OFR-REDUCED"]
    assert found.reasons[0].facts["part"] == "tier"


def test_an_amount_between_steps_is_rounded_down_and_says_so(book: Book) -> None:
    odd = replace(SOUND.request, amount_cents=12_345_678)
    found = decision.set_limit(
        compute(SOUND, book), odd, book.product("business_loan"), 1, 36, book, cash_flow=CASH
    )  # fmt: skip
    assert (found.amount_cents, found.binding) == (12_300_000, "requested")
    assert [(r.code, r.facts["part"]) for r in found.reasons] == [("OFR-REDUCED", "step")]


@pytest.mark.parametrize(
    ("tier", "cash", "facts", "lacking"),
    [
        (None, CASH, {}, "tier"),
        (1, CashFlow(), {}, "verified_income_cents"),
        (1, CASH, {"monthly_due_cents": None}, "monthly_due_cents"),
        (1, CASH, {"industry_section": None}, "industry_section"),
    ],
)
def test_a_part_that_cannot_be_computed_gives_no_amount(
    book: Book, tier: int | None, cash: CashFlow, facts: dict[str, Any], lacking: str
) -> None:
    found = limit(book, tier, cash, facts=facts)
    assert (found.amount_cents, found.binding) == (0, None)
    assert lacking in " ".join(str(r.facts["labels"]) for r in found.reasons)


def test_somebody_whom_the_bureau_does_not_know_owes_nothing_to_it(book: Book) -> None:
    white = {"has_bureau_record": False, "monthly_due_cents": None, "unsecured_balance_cents": None}
    assert limit(book, facts=white).amount_cents > 0


def test_limits_from_outside_count_too(book: Book) -> None:
    found = decision.set_limit(
        compute(SOUND, book), SOUND.request, book.product("business_loan"), 1, 36, book, cash_flow=CASH,
        others={"review": 15_050_000},
    )  # fmt: skip
    assert (found.amount_cents, found.binding) == (15_000_000, "review")


# --- price

BANK = FundingTerms(funder="b1", cost_bps=500)


def priced(book: Book, probability: float | None, tier: int | None, funding: FundingTerms = BANK) -> decision.Price:
    return decision.price(book.product("business_loan"), probability, funding, 36, book, tier=tier)


def test_a_price_is_the_sum_of_its_parts_on_the_step_inside_the_band(book: Book) -> None:
    """DEC-02, DEC-08."""
    found = priced(book, 0.02, 2)
    assert found.annual_rate is not None
    bps = int(found.annual_rate * 10_000)
    assert 1_800 <= bps <= 2_400
    assert bps % 12 == 0
    assert 0 <= bps - sum(found.components.values()) < 12
    assert set(found.components) == {"funding", "expected_loss", "operating", "premium", "capital", "margin"}


def test_five_points_of_default_cost_about_one_and_a_half_points_of_yield(book: Book) -> None:
    """B.7: from 16.69 % to 15.32 % and 13.87 % at 18 %."""
    cost = priced(book, 0.10, 2).components["expected_loss"] - priced(book, 0.05, 2).components["expected_loss"]
    assert 125 <= cost <= 160


def test_no_price_below_the_band(book: Book) -> None:
    assert priced(book, 0.0, 1, FundingTerms(funder="cheap", cost_bps=0)).annual_rate == Decimal("0.1800")


def test_above_the_cap_the_margin_gives_way_first_then_there_is_no_price(book: Book) -> None:
    capped = priced(book, 0.09, 5, FundingTerms(funder="b", cost_bps=600))
    assert (capped.annual_rate, capped.is_capped, codes(capped.reasons)) == (
        Decimal("0.2400"),
        True,
        ["OFR-PRICE-CAPPED"],
    )
    assert sum(capped.components.values()) == 2_400
    refused = priced(book, 0.60, 5)
    assert (refused.annual_rate, codes(refused.reasons)) == (None, ["OFR-PRICE-RISK"])


def test_fees_count_against_the_cap(book: Book) -> None:
    """The law means all that the borrower pays: a fee at disbursement lowers the highest rate."""
    found = priced(book, 0.09, 5, FundingTerms(funder="b", cost_bps=600, fee_bps=200))
    assert found.annual_rate is not None
    assert found.all_in_nominal is not None
    assert found.annual_rate < Decimal("0.24")
    assert found.annual_rate + Decimal("0.0012") > found.annual_rate
    payment = round_cents(level_payment(Decimal(10_000_000), found.annual_rate / 12, 36))
    rates = all_in_rates([(0, 9_800_000), *((m, -payment) for m in range(1, 37))])
    assert rates is not None
    assert rates[0].quantize(Decimal("0.0001")) == found.all_in_nominal <= Decimal("0.24")


def test_a_cap_that_means_the_compounded_rate_is_held_to_that(book: Book) -> None:
    strict = replace(book, parameters={**book.parameters, "annual_rate_cap_means": "effective"})
    found = priced(strict, 0.03, 3)
    assert found.all_in_effective is not None
    assert found.all_in_effective <= Decimal("0.24")
    assert priced(book, 0.03, 3).annual_rate != found.annual_rate or found.is_capped is False


def test_without_probability_or_tier_there_is_no_price(book: Book) -> None:
    assert codes(priced(book, None, 1).reasons) == ["OFR-NO-PROBABILITY"]
    assert codes(priced(book, 0.02, None).reasons) == ["OFR-PART-UNKNOWN"]


def test_past_loans_carry_the_years_stated_assumption() -> None:
    rulebook = load_rulebook("us-sba", locked=False)
    for year, rate in ((1995, "0.1150"), (2006, "0.1075"), (2010, "0.0600")):
        book = rulebook.at(SBA.applied_on.replace(year=year))
        found = decision.price(book.product("sba_7a"), None, BANK, 84, book)
        assert found.annual_rate == Decimal(rate)
        assert set(found.components) == {"assumed"}


# --- offer


def test_the_cheapest_funder_for_the_borrower_comes_first_and_those_without_price_are_left_out(book: Book) -> None:
    product = book.product("business_loan")
    prices = tuple(priced(book, 0.02, 2, FundingTerms(funder=f, cost_bps=c)) for f, c in (("x", 700), ("y", 450)))
    dear = priced(book, 0.60, 5, FundingTerms(funder="z", cost_bps=500))
    whole = decision.Limit(amount_cents=25_000_000, parts={"requested": 25_000_000}, binding="requested")
    offer = decision.make_offer(product, whole, 36, (*prices, dear), book)
    assert [c.funder for c in offer.candidates] == ["y", "x"]
    assert (offer.amount_cents, offer.method, offer.reasons) == (25_000_000, "equal_instalment", ())


def test_instalments_of_the_article(book: Book) -> None:
    """DEC-03: 250,000 over 36 months: 9,038.10 at 18 % and 9,808.21 at 24 %."""
    whole = decision.Limit(amount_cents=25_000_000, parts={}, binding=None)
    for rate, cents in (("0.18", 903_810), ("0.24", 980_821)):
        price = decision.Price(funder="b", annual_rate=Decimal(rate))
        offer = decision.make_offer(book.product("business_loan"), whole, 36, (price,), book)
        assert offer.candidates[0].instalment_cents == cents


def test_no_funder_and_no_limit_give_no_offer(book: Book) -> None:
    product = book.product("business_loan")
    whole = decision.Limit(amount_cents=25_000_000, parts={}, binding=None)
    refused = priced(book, 0.60, 5)
    offer = decision.make_offer(product, whole, 36, (refused,), book)
    assert (offer.amount_cents, codes(offer.reasons)) == (0, ["OFR-PRICE-RISK", "OFR-NO-FUNDER"])
    none = replace(whole, amount_cents=0, reasons=(Reason("OFR-BELOW-MINIMUM"),))
    assert codes(decision.make_offer(product, none, 36, (), book).reasons) == ["OFR-BELOW-MINIMUM"]


def test_an_indication_needs_only_the_applicants_own_words(book: Book) -> None:
    """ACQ-05: nothing was asked of bureau or bank."""
    bare = replace(SOUND, evidence=())
    found = decision.indicate_offer(bare, book)
    assert (found.chance, found.product, found.amount_cents_high) == ("likely", "business_loan", 20_000_000)
    assert (found.annual_rate_low, found.annual_rate_high) == (Decimal("0.18"), Decimal("0.24"))
    small = replace(bare, business=replace(bare.business, declared_sales_12m_cents=12_000_000))
    assert (decision.indicate_offer(small, book).chance, codes(decision.indicate_offer(small, book).reasons)) == (
        "unlikely", ["LEA-SALES-LOW"],
    )  # fmt: skip
    silent = replace(bare, business=replace(bare.business, declared_sales_12m_cents=None))
    assert decision.indicate_offer(silent, book).chance == "possible"
    away = replace(bare, business=replace(bare.business, city="Paris"))
    assert decision.indicate_offer(away, book).chance == "unlikely"


# --- authority, and the whole


def test_authority_grows_with_the_role(book: Book) -> None:
    rows = [{"role": "credit_officer", "amount_cents_max": 30}, {"role": "chief_risk_officer", "amount_cents_max": 50}]
    held = replace(book, line={"authority": rows})
    assert [decision.review_authority(a, held) for a in (30, 31, 50)] == [
        "credit_officer", "chief_risk_officer", "chief_risk_officer",
    ]  # fmt: skip
    with pytest.raises(Misconfigured, match="no role may approve"):
        decision.review_authority(51, held)


@pytest.mark.parametrize(
    ("name", "verdict", "lane_expected", "first"),
    [
        ("cn-micro-approve", "approve", "A", None),
        ("cn-micro-night", "refer", "B", "POL-REQ-NIGHT-PREMIUM"),
        ("cn-micro-visit", "refer", "C", "POL-BUR-QUERIES-1M"),
        ("cn-micro-overdue", "decline", "decline", "POL-BUR-OVERDUE-NOW"),
        ("cn-micro-robot", "decline", "decline", "GTE-HEADLESS"),
        ("us-sba-restaurant", "refer", "B", "LAN-TIER"),
        ("us-sba-too-large", "decline", "decline", "POL-SBA-AMOUNT"),
    ],
)
def test_the_examples_in_the_documents(name: str, verdict: str, lane_expected: str, first: str | None) -> None:
    dossier = read_dossier((EXAMPLES / f"{name}.json").read_bytes())
    book = load_rulebook(dossier.pack, locked=False).at(dossier.applied_on)
    decided = decision.decide(dossier, book, as_of=dossier.applied_at + timedelta(hours=1))
    assert (decided.verdict, decided.lane) == (verdict, lane_expected)
    assert (decided.reasons[0].code if decided.reasons else None) == first
    assert (decided.offer.amount_cents > 0) == (verdict != "decline")
    assert (decided.pack, decided.rulebook, decided.on) == (book.pack, book.digest, dossier.applied_on)


def test_what_the_machine_alone_cannot_look_at_stays_a_condition(book: Book) -> None:
    decided = decision.decide(SOUND, book, as_of=THEN)
    assert (decided.verdict, decided.conditions) == ("approve", ("network", "channel", "list_check"))
    looked = decision.decide(SOUND, book, list_check=CLEAR, network=NetworkView(as_of=THEN), as_of=THEN)
    assert (looked.verdict, looked.conditions) == ("approve", ("channel",))
    hit = check_lists((ListHit(list_name="sanctions", match="exact", entry="e"),))
    assert decision.decide(SOUND, book, list_check=hit, as_of=THEN).verdict == "decline"


def test_the_same_facts_and_book_decide_the_same(book: Book) -> None:
    assert decision.decide(SOUND, book, as_of=THEN) == decision.decide(SOUND, book, as_of=THEN)


def test_what_was_obtained_later_decides_nothing(book: Book) -> None:
    early = decision.decide(SOUND, book, as_of=THEN - timedelta(seconds=1))
    assert (early.verdict, early.lane) == ("refer", "C")
    assert {"GTE-NO-DEVICE", "CSH-NO-FLOW"} <= set(codes(early.reasons))


def test_an_amount_outside_the_product_is_declined_at_once(book: Book) -> None:
    """DEC-01: no offer outside 100,000 to 500,000."""
    for amount, code in ((9_999_999, "INT-AMOUNT-LOW"), (50_000_001, "INT-AMOUNT-HIGH")):
        asked = replace(SOUND, request=replace(SOUND.request, amount_cents=amount))
        decided = decision.decide(asked, book, as_of=THEN)
        assert (decided.verdict, codes(decided.reasons)) == ("decline", [code])


def test_a_dossier_of_another_pack_is_refused(book: Book) -> None:
    with pytest.raises(BadInput, match="pack: found 'us-sba', expected 'cn-micro'"):
        decision.decide(SBA, book, as_of=THEN)


def test_reasons_are_told_in_both_languages_with_their_figures(book: Book) -> None:
    reason = Reason("POL-BUR-OVERDUE-NOW", {"overdue_now_cents": 350_000, "overdue_now_cents_max": 0})
    assert decision.tell_reason(reason, book, language="en", audience="staff") == "3,500.00 overdue now, 0.00 allowed"
    assert decision.tell_reason(reason, book, language="zh", audience="staff") == "当前逾期 3,500.00,上限 0.00"
    assert "welcome to apply again" in decision.tell_reason(reason, book, language="en", audience="borrower")
    assert decision.tell_reason(Reason("X-1"), book, language="en", audience="staff") == "X-1"
    bare = Reason("POL-BUR-OVERDUE-NOW")
    assert decision.tell_reason(bare, book, language="zh", audience="staff") == "当前逾期 未知,上限 未知"
