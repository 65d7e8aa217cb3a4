"""Leaving a fact out, misspelling or mistyping it never improves an outcome, over the whole of cn-micro (law 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import decision
from creditfactory.channel import ChannelFacts
from creditfactory.gateways import read_dossier, write_dossier
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.identity import ListCheck
from creditfactory.kernel import BadInput
from creditfactory.network import NetworkView
from creditfactory.rules import Compare, Declaration, Literally, Name, Set, walk

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 2)
BOOK = load_rulebook("cn-micro", locked=False).at(DAY)
USUAL: Mapping[str, Any] = yaml.safe_load((ROOT / "rulebook/cn-micro/cases/like/sound_owner.yaml").read_text("utf-8"))[
    "labels"
]
SOUND = {name: USUAL.get(name) for name in BOOK.declarations}
LANES = ("decline", "C", "B", "A")


class Outcome(NamedTuple):
    """What an applicant has of a decision: nothing (``amount_cents`` 0), or an offer in a lane."""

    amount_cents: int
    lane: str = "decline"
    annual_rate: Decimal = Decimal(1)
    term_months: int | None = None


NOTHING = Outcome(0)


def outcome_of(decided: decision.Decision | decision.LabelDecision) -> Outcome:
    offer = decided.offer
    if decided.verdict == "decline" or offer.amount_cents == 0:
        return NOTHING
    rate = min(c.price.annual_rate for c in offer.candidates if c.price.annual_rate is not None)
    return Outcome(offer.amount_cents, decided.lane, rate, offer.term_months)


def is_better(one: Outcome, other: Outcome) -> bool:
    """An offer where there was none; more money, a lighter lane, or a lower rate for the same term."""
    if one.amount_cents == 0 or other.amount_cents == 0:
        return one.amount_cents > other.amount_cents
    cheaper = one.term_months == other.term_months and one.annual_rate < other.annual_rate
    return one.amount_cents > other.amount_cents or LANES.index(one.lane) > LANES.index(other.lane) or cheaper


# --- labels


@cache
def edges() -> dict[str, list[int]]:
    """The numbers at which a rule or a card tells one applicant from another."""
    found: dict[str, set[int]] = {}
    for rule in (*BOOK.policy.rules, *BOOK.strategy.rules):
        for part in walk(rule.when):
            match part:
                case Compare(left=Name(name=name), right=Literally(value=int(cut)) | Set(value=int(cut))):
                    found.setdefault(name, set()).update((cut - 1, cut, cut + 1))
    for card in BOOK.cards.values():
        for question in card.characteristics:
            ends = {int(end) for b in question.bins for end in (b.start, b.end) if end is not None}
            found.setdefault(question.label, set()).update(end - step for end in ends for step in (0, 1))
    return {name: sorted(numbers) for name, numbers in found.items()}


def draw_known(declared: Declaration) -> st.SearchStrategy[Any]:
    if declared.type == "bool":
        return st.booleans()
    if declared.type == "str":
        return st.sampled_from(declared.words or ("51", "62", "70", "47", "13"))
    usual = SOUND[declared.name]
    near = [n for n in edges().get(declared.name, []) if declared.lowest <= n <= declared.highest]
    scaled = [int(usual * share) for share in (0.2, 0.6, 0.9, 1.3, 2)] if isinstance(usual, int) else [0, 1, 5, 400_000]
    fit = [n for n in (*near, *near, *scaled) if declared.lowest <= n <= declared.highest]
    return st.sampled_from(fit or [int(declared.lowest)])


STARTS: tuple[dict[str, Any], ...] = (
    {},
    {"is_home_city": False},
    {"top_payer_share_bps": 7_001, "requested_amount_cents": 35_000_000},
    {"purpose": "repay_debt"},
    {"has_bureau_record": False, "overdue_months_24m": None, "queries_3m": None, "card_use_bps": None},
    {"overdue_months_24m": 2, "queries_3m": 6, "inflow_swing_bps": 6_000, "debt_to_income_bps": 6_000},
    {"own_loans_repaid": 2, "own_arrears_days_max": 0, "own_applications_90d": 3},
    {"has_network_view": False, "device_others": None, "strong_tie_bads": None, "phone_others": None},
)
"""Owners of every lane to start from."""


@st.composite
def applicants(draw: st.DrawFn) -> dict[str, Any]:
    """Owners of every lane with up to sixteen facts turned for better or worse, or unknown."""
    start = {**SOUND, **draw(st.sampled_from(STARTS))}
    names = draw(st.lists(st.sampled_from(sorted(BOOK.declarations)), max_size=16, unique=True))
    changed = {n: draw(st.one_of(st.none(), *[draw_known(BOOK.declarations[n])] * 5)) for n in names}
    asked = draw(st.sampled_from([None, None, *(product.code for product in BOOK.products)]))
    return {**start, **changed, **({} if asked is None else {"requested_product": asked})}


MISTYPED: dict[str, list[Any]] = {
    "int": ["1", 1.0, True, 10**16, [1]],
    "float": ["0.5", True, float("nan")],
    "bool": [0, 1, "true", "yes"],
    "str": [1, True, ["A"]],
    "date": ["soon", 20260101],
}


def list_faults(facts: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every label dropped, unknown, under a misspelt name, and of every wrong kind, each by itself."""
    for name, declared in BOOK.declarations.items():
        yield f"{name} dropped", {n: v for n, v in facts.items() if n != name}
        yield f"{name} unknown", {**facts, name: None}
        yield f"{name} misspelt", {(f"{n}x" if n == name else n): v for n, v in facts.items()}
        value = facts.get(name)
        own: list[Any] = [str(value), *([float(value)] if type(value) is int else [])] if value is not None else []
        for wrong in (*MISTYPED[declared.type], *own):
            if not (declared.type == "str" and isinstance(wrong, str)):
                yield f"{name} as {wrong!r}", {**facts, name: wrong}


@settings(max_examples=25)
@given(applicants())
def test_DEC_no_single_fault_in_any_label_improves_the_outcome(facts: dict[str, Any]) -> None:
    """Every label of the pack x every kind of fault, through policy, cards, lane, product, limit and price."""
    before = outcome_of(decision.decide_labels(facts, BOOK))
    for fault, worse in list_faults(facts):
        after = outcome_of(decision.decide_labels(worse, BOOK))
        assert not is_better(after, before), f"{fault} turns {before} into {after}"


def test_the_generated_applicants_are_of_every_kind() -> None:
    """The property above would be worth little over applicants who are all refused."""
    seen: set[str] = set()

    @settings(max_examples=60, database=None)
    @given(applicants())
    def look(facts: dict[str, Any]) -> None:
        seen.add(outcome_of(decision.decide_labels(facts, BOOK)).lane)

    look()
    assert {"A", "B", "C", "decline"} <= seen


def test_the_order_of_outcomes() -> None:
    a = Outcome(20_000_000, "A", Decimal("0.18"), 36)
    for worse in (
        NOTHING, a._replace(amount_cents=19_900_000), a._replace(lane="B"), a._replace(annual_rate=Decimal("0.1812")),
    ):  # fmt: skip
        assert is_better(a, worse) and not is_better(worse, a)
    assert not is_better(a, a)
    assert not is_better(a._replace(term_months=24, annual_rate=Decimal("0.17")), a), "rates compare at equal terms"


def test_columns_fail_closed_as_the_live_decision_does() -> None:
    """Over a frame whole columns are dropped or of another kind: nobody is better off."""
    people = [{**SOUND, "overdue_months_24m": n, "purpose": p} for n in (0, 5, 6) for p in ("stock", "property")]
    frame = pl.DataFrame(people, infer_schema_length=None)
    before = decision.decide_frame(frame, BOOK)["amount_cents"].to_list()
    for name in BOOK.declarations:
        for worse in (frame.drop(name), frame.rename({name: f"{name}x"}), frame.with_columns(pl.lit([1]).alias(name))):
            after = decision.decide_frame(worse, BOOK)["amount_cents"].to_list()
            assert all(a <= b for a, b in zip(after, before, strict=True)), name


# --- dossiers

DOSSIER = json.loads((ROOT / "docs/examples/cn-micro-approve.json").read_text("utf-8"))
MORE: dict[str, dict[str, Any]] = {
    "identity": {
        "is_injected": False, "is_replayed": False, "challenges_asked": 3, "challenges_passed": 3, "method": "camera",
        "faces_seen_before": 0, "document_confidence": 97, "is_document_copied": False, "is_number_consistent": True,
    },
    "bureau": {
        "report_number": "R-1", "phones_reported": 1, "addresses_reported": 1, "employers_reported": 1,
        "has_dispute": False,
    },
    "registry": {
        "shareholders": 1, "owner_share_bps": 10_000, "insured_people": 9, "related_firms": 0,
        "related_firms_closed": 0,
    },
    "tax": {"arrears_cents": 0},
}  # fmt: skip
"""What the example leaves out: so that dropping and misspelling are tried on these as well."""
DETAILS = {"behaviour", "marks", "accounts", "queries", "duties", "public", "changes", "cases", "returns"}
"""Tables and groups behind the summaries; what they may not do is shown where they are read."""
for _evidence in DOSSIER["evidence"]:
    _evidence.update(MORE.get(_evidence["kind"], {}))
THEN = read_dossier(DOSSIER).applied_at
CHANNEL = ChannelFacts(code="own", name="Own", kind="direct", grade="A", status="admitted")
BAD_NEWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("bureau", {"overdue_months_24m": 5, "queries_3m": 6, "online_lenders": 4}),
    ("bureau", {"overdue_now_cents": 1}),
    ("bureau", {"monthly_due_cents": 3_000_000, "unsecured_balance_cents": 60_000_000}),
    ("bureau", {"card_used_cents": 11_900_000, "guarantees_cents": 200_000_000}),
    ("bureau", {"has_record": False}),
    ("court", {"judgments_24m": 3}),
    ("court", {"executed_open": 1}),
    ("tax", {"grade": "C"}),
    ("tax", {"grade": "D"}),
    ("tax", {"invoiced_12m_cents": 2_000_000_000}),
    ("bank_flow", {"chain_breaks": 1}),
    ("bank_flow", {"round_trip_share_bps": 3_500}),
    ("bank_flow", {"top_payer_share_bps": 8_000}),
    ("registry", {"changes_12m": 4}),
    ("registry", {"status": "abnormal", "is_legal_representative": False}),
    ("device", {"is_trap_filled": True}),
    ("device", {"is_headless": True}),
    ("device", {"form_seconds": 5, "typing_ms_median": 3}),
    ("identity", {"is_name_matched": False}),
    ("identity", {"liveness": "failed", "face_similarity_bps": 3_000}),
    ("identity", {"liveness": "failed", "face_similarity_bps": 9_000}),
    ("identity", {"is_phone_matched": False, "face_similarity_bps": 7_000}),
    ("insurance_policy", {"years_paid": 1}),
    ("mortgage", {"months_paid": 3}),
)
OWN_WORDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("request", {"purpose": "property"}),
    ("request", {"purpose": "repay_debt", "amount_cents": 45_000_000}),
    ("request", {"term_months": 12, "product": "business_loan"}),
    ("applicant", {"declared_income_cents": 1_200_000}),
    ("applicant", {"declared_income_cents": 20_000_000}),
    ("applicant", {"born_on": "2006-01-01"}),
    ("applicant", {"owns_home": False, "years_in_city": 1, "education": "secondary"}),
    ("applicant", {"city": "wuhan"}),
    ("business", {"declared_sales_12m_cents": 1_900_000_000}),
    ("business", {"industry": "K7010"}),
    ("business", {"industry": "E4710"}),
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """The sound example with up to three pieces of bad news."""
    whole: dict[str, Any] = json.loads(json.dumps(DOSSIER))
    for kind, news in draw(st.lists(st.sampled_from(BAD_NEWS), max_size=2, unique_by=str)):
        for evidence in whole["evidence"]:
            if evidence["kind"] == kind:
                evidence.update(news)
    for part, news in draw(st.lists(st.sampled_from(OWN_WORDS), max_size=1)):
        whole[part].update(news)
    if draw(st.booleans()):
        whole["applied_at"] = f"2026-03-02T{draw(st.sampled_from(['18', '19', '20', '21', '04']))}:30:00Z"
    return whole


def decide(document: Mapping[str, Any], network: NetworkView) -> Outcome:
    dossier = read_dossier(document)
    return outcome_of(
        decision.decide(
            dossier, BOOK, network=network, channel=CHANNEL, list_check=ListCheck(verdict="clear"),
            as_of=THEN + timedelta(days=1),
        )
    )  # fmt: skip


def list_places(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Every field: of every piece of evidence, and of what the applicant says.

    The product asked for is a wish, not a fact: without it the one that fits best is offered.
    """
    for part in ("request", "applicant", "business", "channel"):
        for name in document[part]:
            if name != "product":
                yield part, name
    for index, evidence in enumerate(document["evidence"]):
        for name in evidence:
            yield "evidence", str(index), name


def change(document: Mapping[str, Any], place: tuple[str, ...], how: str) -> dict[str, Any]:
    """The document with one field dropped, misspelt or of another kind."""
    whole: dict[str, Any] = json.loads(json.dumps(document))
    held: Any = whole
    for step in place[:-1]:
        held = held[int(step)] if isinstance(held, list) else held[step]
    value = held.pop(place[-1])
    if how == "misspelt":
        held[f"{place[-1]}x"] = value
    elif how == "as a text":
        held[place[-1]] = f"{value}x"
    elif how == "as a list":
        held[place[-1]] = [value]
    return whole


NETWORKS = st.sampled_from(
    [NetworkView(as_of=THEN), NetworkView(as_of=THEN, strong_tie_bads=1), NetworkView(as_of=THEN, device_others=3)]
)


@settings(max_examples=15)
@given(documents(), NETWORKS)
def test_DEC_no_single_fault_in_a_dossiers_document_improves_the_outcome(
    document: dict[str, Any], network: NetworkView
) -> None:
    """Each field dropped, misspelt or mistyped: the document is refused, or decided no better."""
    before = decide(document, network)
    for place in list_places(document):
        for how in ("dropped", "misspelt", "as a text", "as a list"):
            try:
                after = decide(change(document, place, how), network)
            except BadInput:
                continue
            assert how not in ("misspelt", "as a list"), f"{'.'.join(place)} {how} was read"
            assert not is_better(after, before), f"{'.'.join(place)} {how} turns {before} into {after}"


def test_a_whole_piece_of_evidence_left_out_never_helps() -> None:
    for kind, news in BAD_NEWS:
        whole: dict[str, Any] = json.loads(json.dumps(DOSSIER))
        for evidence in whole["evidence"]:
            if evidence["kind"] == kind:
                evidence.update(news)
        before = decide(whole, NetworkView(as_of=THEN))
        for gone in {evidence["kind"] for evidence in whole["evidence"]}:
            less = {**whole, "evidence": [e for e in whole["evidence"] if e["kind"] != gone]}
            after = decide(less, NetworkView(as_of=THEN))
            assert not is_better(after, before), f"{kind} {news}: without {gone} {before} becomes {after}"


@pytest.mark.parametrize("kind", ["device", "identity", "bureau", "registry", "court", "tax", "bank_flow"])
def test_the_example_holds_every_field_of_its_evidence(kind: str) -> None:
    """So that the properties above leave no field out; a new field must come into the example."""
    dossier = read_dossier(DOSSIER)
    held = next(e for e in dossier.evidence if e.kind == kind)
    assert is_dataclass(held)
    assert [f.name for f in fields(held) if getattr(held, f.name) is None and f.name not in DETAILS] == []
    assert json.loads(write_dossier(dossier))["evidence"]
