"""Station 19: who is asked first, and that a funder's own answer stands within bounds (FUN-01, FUN-02, INS-03)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from creditfactory import decision, funding
from creditfactory.decision import Book, Candidate, Offer, Price
from creditfactory.funding import FunderFacts
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.kernel import Reason

BANK = FunderFacts(
    code="b1", name="First Bank", kind="bank", cost_bps=500, amount_cents_min=10_000_000, amount_cents_max=40_000_000,
    terms_months=(24, 36), cities=("chengdu",), points_min=600, quota_open_cents=30_000_000, approved_share_bps=7_000,
    answer_minutes_median=10,
)  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Book:
    from datetime import date

    return load_rulebook("cn-micro", locked=False).at(date(2026, 3, 2))


def offer(*rates: tuple[str, str]) -> Offer:
    prices = [Price(funder=f, annual_rate=Decimal(r), all_in_nominal=Decimal(r)) for f, r in rates or (("b1", "0.18"),)]
    return Offer(
        product="business_loan", amount_cents=20_000_000, term_months=36, method="equal_instalment",
        candidates=tuple(
            Candidate(funder=p.funder, price=p, instalment_cents=1, amount_cents=20_000_000, term_months=36)
            for p in prices
        ),
    )  # fmt: skip


def rank(book: Book, *funders: FunderFacts, given: Offer | None = None, **about: Any) -> list[tuple[str, int | None]]:
    about = {"city": "成都", "points": 620, **about}
    return [(r.funder, r.rank) for r in funding.rank_funders(given or offer(), funders, book, **about)]


def test_a_funder_within_all_its_bounds_is_asked(book: Book) -> None:
    assert rank(book, BANK) == [("b1", 1)]


@pytest.mark.parametrize(
    ("change", "about", "code"),
    [
        ({"status": "paused"}, {}, "FUN-CLOSED"),
        ({"amount_cents_min": 20_000_001}, {}, "FUN-AMOUNT-LOW"),
        ({"amount_cents_max": 19_999_999}, {}, "FUN-AMOUNT-HIGH"),
        ({"terms_months": (24,)}, {}, "FUN-TERM"),
        ({}, {"city": "wuhan"}, "FUN-CITY"),
        ({}, {"city": None}, "FUN-CITY"),
        ({}, {"points": 599}, "FUN-POINTS"),
        ({}, {"points": None}, "FUN-POINTS"),
        ({"quota_open_cents": 19_999_999}, {}, "FUN-QUOTA"),
        ({"code": "b2"}, {}, "FUN-NO-PRICE"),
    ],
)
def test_each_reason_not_to_ask(book: Book, change: dict[str, Any], about: dict[str, Any], code: str) -> None:
    ranked = funding.rank_funders(
        offer(), (replace(BANK, **change),), book, **{"city": "chengdu", "points": 620, **about}
    )
    assert [(r.rank, [x.code for x in r.reasons]) for r in ranked] == [(None, [code])]


def test_cheapest_first_then_likeliest_then_quickest_then_by_name(book: Book) -> None:
    two = offer(("a", "0.20"), ("b", "0.18"), ("c", "0.18"), ("d", "0.18"), ("e", "0.18"))
    base = replace(BANK, cities=())
    funders = (
        replace(base, code="a"),
        replace(base, code="b", approved_share_bps=5_000),
        replace(base, code="c", answer_minutes_median=20),
        replace(base, code="d"),
        replace(base, code="e"),
    )
    assert rank(book, *funders, given=two) == [("d", 1), ("e", 2), ("c", 3), ("b", 4), ("a", 5)]
    assert rank(book, *reversed(funders), given=two) == rank(book, *funders, given=two)


def test_terms_of_a_funder_are_what_its_money_costs() -> None:
    terms = funding.terms_of(replace(BANK, premium_bps=120, fee_bps=50))
    assert terms == decision.FundingTerms(
        funder="b1", cost_bps=500, premium_bps=120, fee_bps=50, amount_cents_min=10_000_000,
        amount_cents_max=30_000_000, terms_months=(24, 36),
    )  # fmt: skip
    assert funding.terms_of(replace(BANK, quota_open_cents=None)).amount_cents_max == 40_000_000
    assert funding.terms_of(replace(BANK, quota_open_cents=None, amount_cents_max=None)).amount_cents_max is None
    assert funding.terms_of(replace(BANK, kind="trust")).kind == "trust"


def test_a_funder_may_approve_alter_or_decline() -> None:
    same = funding.read_funder_answer("b1", "approve", offer(), reference="r")
    less = funding.read_funder_answer("b1", "alter", offer(), amount_cents=15_000_000)
    none = funding.read_funder_answer("b1", "decline", offer(), codes=("R07",))
    assert (same.verdict, same.amount_cents, same.annual_rate, same.reasons) == (
        "approve",
        20_000_000,
        Decimal("0.18"),
        (),
    )
    assert (less.verdict, less.amount_cents, [r.code for r in less.reasons]) == ("alter", 15_000_000, ["FUN-ALTERED"])
    assert (none.verdict, none.reasons) == ("decline", (Reason("FUN-OWN-REASON", {"funder": "b1", "code": "R07"}),))


def test_an_approval_on_other_terms_is_an_alteration() -> None:
    assert funding.read_funder_answer("b1", "approve", offer(), annual_rate=Decimal("0.19")).verdict == "alter"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"amount_cents": 20_000_001}, "FUN-ALTERED-AMOUNT"),
        ({"amount_cents": 0}, "FUN-ALTERED-AMOUNT"),
        ({"annual_rate": Decimal("0.2401"), "annual_rate_cap": Decimal("0.24")}, "FUN-ALTERED-RATE"),
        ({"annual_rate": Decimal("NaN")}, "FUN-ALTERED-RATE"),
        ({"annual_rate": Decimal("-0.1")}, "FUN-ALTERED-RATE"),
        ({"term_months": 48}, "FUN-ALTERED-TERM"),
        ({"term_months": 0}, "FUN-ALTERED-TERM"),
    ],
)
def test_an_answer_out_of_bounds_is_not_a_yes(answer: dict[str, Any], code: str) -> None:
    found = funding.read_funder_answer("b1", "approve", offer(), **answer)
    assert (found.verdict, [r.code for r in found.reasons]) == ("decline", [code])


def test_words_we_do_not_know_and_funders_we_did_not_price_are_not_a_yes() -> None:
    assert funding.read_funder_answer("b1", "yes!", offer()).verdict == "decline"
    assert funding.read_funder_answer("stranger", "approve", offer()).verdict == "decline"


def test_an_insurers_yes_needs_a_policy_number() -> None:
    assert funding.read_insurer_answer("i1", "approve", policy_number="P-1").verdict == "approve"
    bare = funding.read_insurer_answer("i1", "approve")
    assert (bare.verdict, [r.code for r in bare.reasons]) == ("decline", ["FUN-NO-POLICY"])
    assert [r.code for r in funding.read_insurer_answer("i1", "decline").reasons] == ["FUN-DECLINED"]
