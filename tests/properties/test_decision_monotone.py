"""Better facts never score lower, silence never buys a yes, dearer risk never gets a cheaper price."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import decision
from creditfactory.application import BureauReport, Dossier, add_evidence
from creditfactory.channel import ChannelFacts
from creditfactory.decision import FundingTerms
from creditfactory.decision.limits import INSTALMENT_BASE_CENTS, instalment_of_base
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.identity import ListCheck
from creditfactory.interest import level_payment
from creditfactory.labels import CATALOGUE, CashFlow, compute
from creditfactory.network import look_around
from creditfactory.scoring import Card, CardScore, Characteristic, Scores, score, score_cards

SOUND = read_dossier((Path(__file__).resolve().parents[2] / "docs/examples/cn-micro-approve.json").read_bytes())
THEN = SOUND.applied_at
BOOK = load_rulebook("cn-micro", locked=False).at(date(2026, 3, 2))
CHANNEL = ChannelFacts(code="own", name="Own", kind="direct", grade="A", status="admitted")
VERDICTS = ("decline", "refer", "approve")
HOUSE_KNOWS = {"network", "channel"}
"""Labels from the house's own records: no applicant can withhold them."""

LATER = load_rulebook("cn-micro", locked=False).at(date(2026, 12, 2))
CARDS = {
    (card.name, card.version): card for book in (BOOK, LATER) for card in book.cards.values() if card.name in BOOK.cards
}
QUESTIONS = [(card, c) for card in CARDS.values() for c in card.characteristics]


def names(pair: tuple[Card, Characteristic]) -> str:
    return f"{pair[0].name}-{pair[0].version}-{pair[1].label}"


@pytest.mark.parametrize("pair", QUESTIONS, ids=names)
def test_points_rise_with_what_is_premium_and_fall_with_what_is_adverse(pair: tuple[Card, Characteristic]) -> None:
    card, question = pair
    points = [b.points for b in question.bins]
    label = CATALOGUE.get(question.label)
    if question.kind == "word":
        return
    if label is None:  # the master card reads the other cards' points
        assert card.role == "master" and points == sorted(points)
    elif label.polarity == "premium":
        assert points == sorted(points)
    elif label.polarity == "adverse":
        assert points == sorted(points, reverse=True)


@pytest.mark.parametrize("pair", QUESTIONS, ids=names)
def test_leaving_an_answer_out_never_beats_giving_it(pair: tuple[Card, Characteristic]) -> None:
    card, question = pair
    label = CATALOGUE.get(question.label)
    if card.role == "master":
        assert question.missing is None, "a card that could not answer stops the master card"
    elif label is not None and label.source not in HOUSE_KNOWS:
        assert question.missing is not None
        assert question.missing.points <= min(b.points for b in question.bins)


BUREAU = st.fixed_dictionaries(
    {
        "card_used_cents": st.integers(0, 14_000_000),
        "monthly_due_cents": st.integers(0, 4_000_000),
        "unsecured_balance_cents": st.integers(0, 90_000_000),
        "overdue_now_cents": st.sampled_from([0, 0, 0, 0, 100]),
        "overdue_months_24m": st.integers(0, 7),
        "queries_1m": st.integers(0, 5),
        "queries_3m": st.integers(0, 8),
        "queries_6m": st.integers(0, 12),
        "online_lenders": st.integers(0, 9),
        "guarantees_cents": st.sampled_from([0, 200_000_000]),
    }
)
FLOW = st.fixed_dictionaries(
    {
        "top_payer_share_bps": st.integers(500, 9_000),
        "round_trip_share_bps": st.integers(0, 7_000),
        "chain_breaks": st.sampled_from([0, 0, 0, 1]),
    }
)
DEVICE = st.fixed_dictionaries(
    {"form_seconds": st.integers(2, 400), "typing_ms_median": st.integers(2, 300), "is_headless": st.booleans()}
)
IDENTITY = st.fixed_dictionaries(
    {"face_similarity_bps": st.integers(3_000, 9_900), "is_phone_matched": st.booleans(),
     "liveness": st.sampled_from(["passed", "passed", "failed", "not_done"])}
)  # fmt: skip
APPLICANT = st.fixed_dictionaries(
    {
        "education": st.sampled_from(["secondary", "college", "bachelor"]),
        "years_in_city": st.integers(0, 20),
        "owns_home": st.booleans(),
        "declared_income_cents": st.integers(1_000_000, 12_000_000),
        "city": st.sampled_from(["shenzhen", "深圳", "wuhan"]),
        "born_on": st.dates(date(1955, 1, 1), date(2006, 1, 1)),
    }
)
BUSINESS = st.fixed_dictionaries(
    {
        "industry": st.sampled_from(["F5212", "H6210", "E4710", "K7010", "C1310"]),
        "declared_sales_12m_cents": st.integers(100_000_000, 900_000_000),
        "opened_on": st.dates(date(2010, 1, 1), date(2025, 12, 1)),
    }
)
TAX = st.fixed_dictionaries({"grade": st.sampled_from(["A", "B", "M", "C", "D", None])})
HOUR = st.integers(0, 23)


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """Owners good and bad, near and beyond each line."""
    drawn: dict[str, dict[str, Any]] = {
        kind: draw(strategy) if draw(st.booleans()) else {}
        for kind, strategy in (
            ("bureau", BUREAU), ("bank_flow", FLOW), ("device", DEVICE), ("identity", IDENTITY), ("tax", TAX),
        )
    }  # fmt: skip
    evidence = tuple(replace(e, **drawn.get(e.kind, {})) for e in SOUND.evidence)
    return replace(
        SOUND,
        applied_at=THEN.replace(hour=draw(HOUR)) if draw(st.booleans()) else THEN,
        request=replace(SOUND.request, amount_cents=draw(st.sampled_from([12_000_000, 20_000_000, 30_000_000]))),
        applicant=replace(SOUND.applicant, **(draw(APPLICANT) if draw(st.booleans()) else {})),
        business=replace(SOUND.business, **(draw(BUSINESS) if draw(st.booleans()) else {})),
        evidence=evidence,
    )


def decide(dossier: Dossier) -> decision.Decision:
    return decision.decide(
        dossier, BOOK, network=look_around((), as_of=THEN), channel=CHANNEL, list_check=ListCheck(verdict="clear"),
        as_of=THEN + timedelta(days=1),
    )  # fmt: skip


KEPT = {"kind", "obtained_at", "has_record", "status", "device", "ip", "liveness", "token",
        "monthly_inflow_cents", "monthly_outflow_cents", "executed_open", "is_dishonest_listed",
        "is_consumption_restricted", "judgments_24m"}  # fmt: skip
"""Fields that a record cannot be without."""


@st.composite
def dossiers_with_something_left_out(draw: st.DrawFn) -> tuple[Dossier, Dossier, str]:
    """A dossier, and the same with one whole record or one single fact withheld.

    What is asked for (the request) is no fact; a tax bureau's empty answer is an answer, so nothing is left out there.
    """
    whole = draw(dossiers())
    where = draw(st.sampled_from(["record", "applicant", "business", "fact"]))
    if where == "record":
        gone = draw(st.sampled_from(whole.evidence))
        return whole, replace(whole, evidence=tuple(e for e in whole.evidence if e is not gone)), gone.kind
    if where == "fact":
        part = draw(
            st.sampled_from(
                [e for e in whole.evidence if e.kind not in ("tax", "court", "mortgage", "insurance_policy")]
            )
        )
        name = draw(st.sampled_from([f.name for f in fields(part) if f.name not in KEPT]))
        less = replace(part, **{name: None})
        return whole, replace(whole, evidence=tuple(less if e is part else e for e in whole.evidence)), name
    held = getattr(whole, where)
    name = draw(st.sampled_from([f.name for f in fields(held) if f.name not in KEPT]))
    return whole, replace(whole, **{where: replace(held, **{name: None})}), name


@settings(max_examples=300)
@given(dossiers_with_something_left_out())
def test_leaving_something_out_never_buys_the_machines_yes(pair: tuple[Dossier, Dossier, str]) -> None:
    """Law 4: unknown is never yes."""
    whole, less, name = pair
    before, after = decide(whole), decide(less)
    if before.verdict != "approve":
        assert after.verdict != "approve", f"without {name}"


def changed(kind: str, **facts: Any) -> Dossier:
    """The sound owner with one record's facts changed."""
    if kind in ("applicant", "business"):
        return replace(SOUND, **{kind: replace(getattr(SOUND, kind), **facts)})  # type: ignore[arg-type]
    return replace(SOUND, evidence=tuple(replace(e, **facts) if e.kind == kind else e for e in SOUND.evidence))


ONE_DOUBT = {
    "cards nearly used up": changed("bureau", card_used_cents=11_000_000),
    "many queries": changed("bureau", queries_1m=4),
    "online lenders": changed("bureau", online_lenders=5),
    "short history": changed("bureau", oldest_account_on=date(2025, 9, 1)),
    "guarantees": changed("bureau", guarantees_cents=200_000_000),
    "overdue": changed("bureau", overdue_now_cents=1),
    "one payer": changed("bank_flow", top_payer_share_bps=7_001),
    "round trips": changed("bank_flow", round_trip_share_bps=3_001),
    "chain break": changed("bank_flow", chain_breaks=1),
    "tax grade": changed("tax", grade="C"),
    "inflated sales": changed("business", declared_sales_12m_cents=900_000_000),
    "inflated income": changed("applicant", declared_income_cents=30_000_000),
    "fast form": changed("device", form_seconds=5),
    "robot's keys": changed("device", typing_ms_median=2),
    "unlike face": changed("identity", face_similarity_bps=7_000),
    "other's phone": changed("identity", is_phone_matched=False),
    "abnormal": changed("registry", status="abnormal"),
    "not the representative": changed("registry", is_legal_representative=False),
    "many changes": changed("registry", changes_12m=4),
    "other city": changed("applicant", city="wuhan"),
    "too young": changed("applicant", born_on=date(2005, 1, 1)),
    "watched industry": changed("business", industry="E4710"),
    "judgments": changed("court", judgments_24m=3),
}


@pytest.mark.parametrize("name", ONE_DOUBT)
def test_the_fact_behind_a_single_doubt_cannot_be_left_out_to_buy_a_yes(name: str) -> None:
    """Each doubt stands alone here, so only the fact behind it has anything to hide."""
    doubtful = ONE_DOUBT[name]
    assert decide(doubtful).verdict != "approve"
    for less in everything_left_out(doubtful):
        assert decide(less).verdict != "approve"


def everything_left_out(whole: Dossier) -> list[Dossier]:
    """The dossier without each record and without each single fact that can be withheld, one at a time."""
    found = [replace(whole, evidence=tuple(e for e in whole.evidence if e is not gone)) for gone in whole.evidence]
    for part in (e for e in whole.evidence if e.kind not in ("tax", "mortgage", "insurance_policy")):
        for name in (f.name for f in fields(part) if f.name not in KEPT):
            less = replace(part, **{name: None})
            found.append(replace(whole, evidence=tuple(less if e is part else e for e in whole.evidence)))
    for where in ("applicant", "business"):
        held = getattr(whole, where)
        for name in (f.name for f in fields(held) if f.name not in KEPT):
            found.append(replace(whole, **{where: replace(held, **{name: None})}))  # type: ignore[arg-type]
    return found


@settings(max_examples=200)
@given(dossiers())
def test_every_no_and_every_doubt_has_a_reason_and_every_yes_an_offer(dossier: Dossier) -> None:
    decided = decide(dossier)
    if decided.verdict != "approve":
        assert decided.reasons
    else:
        assert decided.lane == "A"
        assert decided.policy.verdict == "pass"
        assert 10_000_000 <= decided.offer.amount_cents <= dossier.request.amount_cents
        for candidate in decided.offer.candidates:
            assert Decimal("0.18") <= (candidate.price.annual_rate or 0) <= Decimal("0.24")
    assert all(reason.code in BOOK.reasons for reason in decided.reasons)


@settings(max_examples=100)
@given(dossiers(), BUREAU)
def test_a_report_from_the_future_changes_nothing(dossier: Dossier, report: dict[str, Any]) -> None:
    later = BureauReport(obtained_at=THEN + timedelta(days=2), has_record=True, **report)
    assert decide(add_evidence(dossier, later)) == decide(dossier)


LOWER_IS_BETTER = ["overdue_months_24m", "queries_3m", "card_use_bps", "online_lenders", "debt_to_income_bps"]
HIGHER_IS_BETTER = ["verified_sales_monthly_cents", "licence_months", "years_in_city", "credit_history_months"]


@settings(max_examples=200)
@given(dossiers(), st.sampled_from(LOWER_IS_BETTER + HIGHER_IS_BETTER), st.data())
def test_a_better_fact_never_scores_lower_on_its_card_nor_on_the_master_card(
    dossier: Dossier, name: str, data: st.DataObject
) -> None:
    facts = dict(compute(dossier, as_of=THEN + timedelta(days=1)).facts)
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, 60_000_000)] * 2)))
    worse, better = (high, low) if name in LOWER_IS_BETTER else (low, high)
    before, after = (score_cards(BOOK.cards, {**facts, name: value}) for value in (worse, better))
    for card in BOOK.cards:
        old, new = before.cards.get(card, before.master), after.cards.get(card, after.master)
        assert old is not None and new is not None
        assert (new.points or 0) >= (old.points or 0)
    assert before.final is not None and after.final is not None
    assert (after.final.probability or 1.0) <= (before.final.probability or 0.0)


@settings(max_examples=200)
@given(st.integers(1, 5), st.integers(0, 9_000_000), st.integers(0, 1_000_000), st.integers(0, 90_000_000), st.data())
def test_more_income_less_debt_and_a_better_tier_never_lower_the_limit(
    tier: int, income: int, due: int, sales: int, data: st.DataObject
) -> None:
    found = compute(SOUND, as_of=THEN)

    def limit(tier: int, income: int, due: int, sales: int) -> int:
        cash = CashFlow(verified_monthly_income_cents=income, verified_monthly_sales_cents=sales)
        owed = replace(found, facts={**found.facts, "monthly_due_cents": due})
        ask = replace(SOUND.request, amount_cents=50_000_000)
        return decision.set_limit(owed, ask, BOOK.product("business_loan"), tier, 36, BOOK, cash_flow=cash).amount_cents

    more = data.draw(st.integers(0, 3_000_000))
    base = limit(tier, income, due, sales)
    assert limit(tier, income + more, due, sales) >= base
    assert limit(tier, income, max(0, due - more), sales) >= base
    assert limit(tier, income, due, sales + more) >= base
    assert limit(max(1, tier - 1), income, due, sales) >= base
    assert base == 0 or 10_000_000 <= base <= 50_000_000
    assert base % 100_000 == 0


@settings(max_examples=200)
@given(
    st.floats(0, 1), st.floats(0, 1), st.integers(1, 5), st.integers(0, 1_500), st.integers(0, 500),
    st.sampled_from([12, 18, 24, 36]), st.sampled_from(["nominal", "effective"]),
)  # fmt: skip
def test_a_price_keeps_the_cap_and_never_falls_as_risk_grows(
    one: float, other: float, tier: int, cost: int, fee: int, term: int, means: str
) -> None:
    """DEC-02, C.1: the all-in cost, fees included, stays inside the cap."""
    book = replace(BOOK, parameters={**BOOK.parameters, "annual_rate_cap_means": means})
    terms = FundingTerms(funder="b", cost_bps=cost, fee_bps=fee)
    low, high = sorted((one, other))
    product = BOOK.product("business_loan")
    safe, risky = (decision.price(product, p, terms, term, book, tier=tier) for p in (low, high))
    for found in (safe, risky):
        if found.annual_rate is None:
            assert found.reasons
            continue
        held = found.all_in_effective if means == "effective" else found.all_in_nominal
        assert held is not None and held <= Decimal("0.24")
        assert found.annual_rate <= product.annual_rate_max
    if risky.annual_rate is not None:
        assert safe.annual_rate is not None
        assert safe.annual_rate <= risky.annual_rate


@settings(max_examples=100)
@given(dossiers())
def test_one_card_alone_answers_as_it_does_among_the_others(dossier: Dossier) -> None:
    facts = compute(dossier, as_of=THEN + timedelta(days=1)).facts
    together = score_cards(BOOK.cards, facts)
    for name, card in BOOK.cards.items():
        if card.role != "master":
            assert score(card, facts) == together.cards[name]


def test_the_property_can_fail() -> None:
    """A rule that let silence pass would be caught: the sound owner is approved, so silence has something to buy."""
    assert decide(SOUND).verdict == "approve"
    assert VERDICTS.index(decide(replace(SOUND, evidence=())).verdict) < VERDICTS.index("approve")


@settings(max_examples=300)
@given(
    st.integers(0, 9_000_000_000), st.sampled_from([Decimal(r) for r in ("0.18", "0.2112", "0.24", "0")]),
    st.sampled_from([12, 18, 24, 36, 84]),
)  # fmt: skip
def test_the_whole_number_capacity_is_the_exact_one_to_the_cent_and_never_above(
    free: int, rate: Decimal, term: int
) -> None:
    """B.6: scaled from one instalment in whole numbers, as columns compute it, against the annuity in 40 digits."""
    exact = Decimal(free) / level_payment(Decimal(1), rate / 12, term)
    found = free * INSTALMENT_BASE_CENTS // instalment_of_base(rate, term)
    assert 0 <= exact - found <= 1 + exact / 10**7


@settings(max_examples=300)
@given(
    st.integers(100_000, 6_000_000), st.integers(0, 2_000_000), st.sampled_from([12, 18, 24, 36]), st.integers(1, 5),
    st.floats(0, 0.3), st.data(),
)  # fmt: skip
def test_a_worse_applicant_never_gets_a_larger_amount_by_way_of_a_counter_offer(
    income: int, less: int, months: int, tier: int, probability: float, data: st.DataObject
) -> None:
    """DEC-09: over all terms the amount falls with income, tier and risk; at one term the rate rises with risk."""
    found = compute(SOUND, as_of=THEN)
    owed = replace(found, facts={**found.facts, "monthly_due_cents": 0, "unsecured_balance_cents": 0})
    request = replace(SOUND.request, amount_cents=30_000_000, term_months=months, product="business_loan")

    def draw(income: int, tier: int, probability: float) -> decision.Offer:
        cash = CashFlow(verified_monthly_income_cents=income, verified_monthly_sales_cents=60_000_000)
        scores = Scores(cards={}, master=CardScore("master", "v001", 640, probability, (), ()))
        lane = decision.LaneChoice(tier=tier, lane="A")
        return decision.draw_up_offer(request, owed, lane, scores, cash, (), BOOK)[1]

    worse_tier = data.draw(st.integers(tier, 5))
    worse_risk = data.draw(st.floats(probability, 0.3))
    better, worse = draw(income, tier, probability), draw(max(0, income - less), worse_tier, worse_risk)
    assert worse.amount_cents <= better.amount_cents
    if worse.candidates and worse.term_months == better.term_months:
        assert (worse.candidates[0].price.annual_rate or 0) >= (better.candidates[0].price.annual_rate or 0)
