"""The lane as the pack's own strategy chooses it, the draw that lets rejects be learnt from, versions by part."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from creditfactory import decision, labels
from creditfactory.decision import Book, LaneChoice
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.identity import FrontGate, ListCheck
from creditfactory.kernel import Reason
from creditfactory.labels import CashFlow, Labels
from creditfactory.scoring import CardScore, Scores

ROOT = Path(__file__).resolve().parents[2]
SOUND = read_dossier((ROOT / "docs" / "examples" / "cn-micro-approve.json").read_bytes())
TIERS = {1: 700, 2: 620, 3: 600, 4: 580, 5: 565}
CALL_MAX = 30_000_000


@pytest.fixture(scope="module")
def book() -> Book:
    return load_rulebook("cn-micro", locked=False).at(SOUND.applied_on)


def facts(book: Book, **changed: Any) -> Labels:
    """The sound owner's labels with everything known, and some of them changed."""
    found = labels.compute(SOUND, as_of=SOUND.applied_at, parameters=book.parameters)
    steady = {"contradictions": 0, "inflow_months": 12, "inflow_swing_bps": 1_000, "requested_amount_cents": CALL_MAX}
    return replace(found, facts={**found.facts, **steady, **changed})


def scores(book: Book, points: int | None, fraud: int | None = 640) -> Scores:
    chance = None if points is None else book.cards["master"].probability(points)
    reasons = (Reason("SCO-FACT-ABSENT", {"card": "master", "label": "x"}),) if points is None else ()
    cards = {"fraud": CardScore("fraud", "v001", fraud, None, (), ())}
    return Scores(cards=cards, master=CardScore("master", "v001", points, chance, (), ()), reasons=reasons)


def choose(book: Book, found: Labels, given: Scores) -> LaneChoice:
    """The lane where policy, gate, lists and statements say nothing against it."""
    policy = decision.PolicyVerdict(verdict="pass", lane_floor="A", verdicts=(), reasons=())
    cash = CashFlow(verified_monthly_income_cents=4_000_000, verified_monthly_sales_cents=40_000_000, months=12)
    gate, lists = FrontGate(verdict="pass", signals={}), ListCheck(verdict="clear")
    return decision.choose_lane(found, policy, given, cash, gate, lists, book)


def codes(choice: LaneChoice) -> set[str]:
    return {reason.code for reason in choice.reasons}


UNSTEADY = {"inflow_swing_bps": 5_001}
SHORT = {"inflow_months": 11}
LARGE = {"requested_amount_cents": CALL_MAX + 1}


@pytest.mark.parametrize(
    ("tier", "changed", "lane", "code"),
    [
        (1, {}, "A", None),
        (1, {"contradictions": 1} | UNSTEADY, "A", None),
        (2, {}, "A", None),
        (2, LARGE, "B", "LAN-AMOUNT"),
        (2, UNSTEADY, "B", "LAN-GREY-CALL"),
        (2, SHORT, "B", "LAN-GREY-CALL"),
        (2, UNSTEADY | LARGE, "C", "LAN-GREY-VISIT"),
        (2, {"contradictions": 1}, "C", "LAN-GREY-VISIT"),
        (3, {}, "B", "LAN-TIER"),
        (3, LARGE, "C", "LAN-GREY-VISIT"),
        (3, UNSTEADY, "B", "LAN-GREY-CALL"),
        (3, {"contradictions": 1}, "C", "LAN-GREY-VISIT"),
        (4, {}, "C", "LAN-GREY-VISIT"),
        (5, {}, "C", "LAN-TIER"),
    ],
)
def test_DEC_05_SCR_06_the_grey_zone_by_tier_amount_contradictions_and_income(
    book: Book, tier: int, changed: Mapping[str, Any], lane: str, code: str | None
) -> None:
    choice = choose(book, facts(book, **changed), scores(book, TIERS[tier]))
    assert (choice.tier, choice.lane) == (tier, lane)
    assert code in codes(choice) if code else choice.reasons == ()


def test_the_way_through_the_tree_is_told_fork_by_fork_with_what_was_read(book: Book) -> None:
    choice = choose(book, facts(book, **UNSTEADY), scores(book, TIERS[3]))
    assert [(fork.tree, fork.when, fork.went) for fork in choice.path] == [
        ("grey_zone_lane", "tier == 1 or tier > 4", False),
        ("grey_zone_lane", "contradictions > 0", False),
        ("grey_zone_lane", "tier == 4", False),
        ("grey_zone_lane", "is_income_steady", False),
        ("grey_zone_lane", "requested_amount_cents <= grey_zone_call_cents_max", True),
    ]
    assert choice.path[1].read == {"contradictions": 0}
    assert choice.values == {"is_income_steady": False, "tier": 3, "lane": "B", "grey_zone_lane": "B"}
    assert {v.rule: v.verdict for v in choice.verdicts}["grey_zone_call"] == "hit"


@pytest.mark.parametrize("label", ["contradictions", "inflow_months", "inflow_swing_bps", "requested_amount_cents"])
@pytest.mark.parametrize("value", [None, "12", -1])
def test_what_the_strategy_cannot_know_brings_no_lighter_lane_than_a_visit_or_a_call(
    book: Book, label: str, value: Any
) -> None:
    """Missing is judged as the tree says, broken is referred and the machine makes no offer on it (law 4)."""
    choice = choose(book, facts(book, **{label: value}), scores(book, TIERS[2]))
    needs_amount_only = label == "requested_amount_cents"  # a steady tier 2 is never asked for it by the tree
    assert choice.lane == ("B" if needs_amount_only and value is None else "C")
    code = "POL-FACT-MISSING" if value is None else "POL-FACT-BROKEN"
    assert [r.facts["labels"] for r in choice.reasons if r.code == code] == [label]
    assert choice.facts_needed == (() if value is None else (label,))


def test_without_points_the_cards_say_why_and_people_decide(book: Book) -> None:
    choice = choose(book, facts(book), scores(book, None))
    assert (choice.tier, choice.lane, codes(choice)) == (None, "C", {"SCO-FACT-ABSENT"})
    assert choice.facts_needed == (), "points are no fact that anybody could hand in"
    assert [fork.went for fork in choice.path] == [None]


def test_a_fraud_card_that_could_not_answer_brings_a_visit(book: Book) -> None:
    assert choose(book, facts(book), scores(book, TIERS[1], fraud=None)).lane == "C"
    low = choose(book, facts(book), scores(book, TIERS[1], fraud=559))
    assert (low.lane, codes(low)) == ("C", {"LAN-FRAUD-POINTS"})
    assert low.reasons[0].facts == {"fraud_points": 559, "fraud_points_lane_c_below": 560}


def test_facts_needed_are_those_of_policy_gate_and_strategy_together(book: Book) -> None:
    found = facts(book, requested_amount_cents="much")
    policy = decision.PolicyVerdict(
        verdict="refer", lane_floor="C", verdicts=(), reasons=(Reason("POL-FACT-MISSING"),), facts_needed=("purpose",)
    )
    gate = FrontGate(verdict="refer", signals={}, facts_needed=("liveness",))
    choice = decision.choose_lane(found, policy, scores(book, 700), None, gate, ListCheck(verdict="clear"), book)
    assert choice.facts_needed == ("purpose", "liveness", "requested_amount_cents")


def test_low_points_beside_a_fact_still_needed_are_not_yet_a_no(book: Book) -> None:
    found = facts(book, requested_amount_cents="much")
    assert choose(book, found, scores(book, 500)).lane == "C"
    assert choose(book, facts(book), scores(book, 500)).lane == "decline"


def test_a_strategy_of_the_pack_may_decline_at_the_lane(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "rulebook" / "cn-micro", tmp_path / "cn-micro")
    shutil.copy(ROOT / "rulebook" / "reasons.yaml", tmp_path)
    place = folder / "policy" / "lane" / "fraud_points_low.yaml"
    place.write_text(place.read_text(encoding="utf-8").replace("then: lane_c", "then: decline"), encoding="utf-8")
    book = load_rulebook(folder).at(SOUND.applied_on)
    choice = choose(book, facts(book, **UNSTEADY), scores(book, TIERS[3], fraud=500))
    assert (choice.lane, codes(choice)) == ("decline", {"LAN-FRAUD-POINTS"}), "doubts are left out of a decline"


def test_a_pack_without_a_tier_table_sends_everybody_to_people(book: Book) -> None:
    mute = replace(book, strategy=decision.Book.__dataclass_fields__["strategy"].default_factory())  # type: ignore[misc]
    choice = choose(mute, facts(book), scores(book, 700))
    assert (choice.tier, choice.lane) == (None, "C")
    assert choice.reasons == (Reason("POL-TABLE-NO-ROW", {"by": "tier"}),)


# --- learning from what is rejected


def test_a_share_of_those_whom_a_rule_declines_goes_to_people_drawn_by_name(book: Book) -> None:
    bad = facts(book, queries_3m=9, queries_6m=9)
    people = [f"p-{n}" for n in range(3_000)]
    through = [key for key in people if decision.check_policy(bad, book, draw_key=key).verdict != "decline"]
    assert 15 <= len(through) <= 50, "about one in a hundred"
    assert all(decision.draw_bps("cn-micro", "queries_3m_many", key) < 100 for key in through)
    found = decision.check_policy(bad, book, draw_key=through[0])
    assert (found.lane_floor, found.learnt) == ("C", ("queries_3m_many",))
    assert Reason("POL-LEARN", {"by": "queries_3m_many", "learn_bps": 100}) in found.reasons
    assert "POL-BUR-QUERIES-3M" in {r.code for r in found.reasons}
    assert {v.rule: (v.verdict, v.consequence) for v in found.verdicts}["queries_3m_many"] == ("hit", "lane_c")


def test_nobody_is_drawn_without_a_name_nor_past_a_second_rule_that_declines(book: Book) -> None:
    bad = facts(book, queries_3m=9, queries_6m=9)
    assert decision.check_policy(bad, book).verdict == "decline"
    lucky = next(key for n in range(1_000) if decision.draw_bps("cn-micro", "queries_3m_many", key := f"p-{n}") < 100)
    assert decision.check_policy(bad, book, draw_key=lucky).verdict != "decline"
    listed = replace(bad, facts={**bad.facts, "is_dishonest_listed": True})
    found = decision.check_policy(listed, book, draw_key=lucky)
    assert found.verdict == "decline"
    assert [r.code for r in found.reasons] == ["POL-COU-DISHONEST"]


def test_the_draw_is_another_at_every_rule_and_in_every_pack() -> None:
    keys = [f"p-{n}" for n in range(2_000)]
    draws = [
        {key for key in keys if decision.draw_bps(pack, rule, key) < 500}
        for pack, rule in (("a", "r"), ("a", "s"), ("b", "r"))
    ]
    assert all(70 <= len(drawn) <= 130 for drawn in draws)
    assert len(draws[0] & draws[1]) < 20 and len(draws[0] & draws[2]) < 20


def test_rules_of_law_and_lists_let_nobody_through(book: Book) -> None:
    bound = {rule.name for rule in book.policy.rules if rule.basis != "house"}
    assert bound >= {"dishonest", "executed", "restricted", "purpose_forbidden"}
    assert not [rule.name for rule in book.policy.rules if rule.learn_bps and rule.name in bound]


# --- the flow laid open


@pytest.mark.parametrize("name", ["cn-micro", "us-sba"])
def test_POL_04_the_flow_of_a_pack_is_laid_open_each_step_after_those_it_needs(name: str) -> None:
    book = load_rulebook(name, locked=False).at(date(2005, 6, 1) if name == "us-sba" else SOUND.applied_on)
    steps = decision.lay_out_flow(book)
    known = {*book.declarations}
    for step in steps:
        assert set(step.reads) <= known, f"{step.name} reads what nobody made yet"
        known |= set(step.makes)
    assert {"tier", "lane", "points"} <= known
    rules = [rule for policy in (book.policy, book.strategy) for rule in policy.rules]
    told = {step.name: step for step in steps if step.kind == "rule"}
    assert set(told) == {rule.name for rule in rules if not rule.name.endswith(decision.UNDECIDED)}
    assert all(told[rule.name].then == rule.then for rule in rules if rule.name in told)


def test_the_lane_stage_of_cn_micro_in_its_order(book: Book) -> None:
    steps = [(s.kind, s.name) for s in decision.lay_out_flow(book) if s.stage == "lane"]
    assert steps[:2] == [("table", "tier"), ("tree", "grey_zone_lane")]
    assert {name for kind, name in steps if kind == "rule"} == {
        "amount_instant", "fraud_points_low", "grey_zone_call", "grey_zone_visit",
    }  # fmt: skip


# --- versions by part


def test_POL_04_each_part_of_a_rulebook_has_a_version_of_its_own(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "rulebook" / "cn-micro", tmp_path / "cn-micro")
    shutil.copy(ROOT / "rulebook" / "reasons.yaml", tmp_path)

    def versions() -> Mapping[Any, str]:
        return load_rulebook(folder).at(date(2026, 3, 2)).versions

    before = versions()
    assert set(before) == {"policy", "strategy", "cards", "fraud", "limit", "price", "product", "line"}
    assert len(set(before.values())) == len(before)
    touched = {
        "policy/bureau/overdue_months_24m_max.yaml": {"policy"},
        "policy/flow/steady_swing_bps_max.yaml": {"strategy"},
        "strategies/grey_zone.yaml": {"strategy"},
        "tables/tier.csv": {"strategy"},
        "tables/limit_by_tier.csv": {"limit"},
        "policy/price/lgd_bps.yaml": {"price"},
        "policy/identity/gate_form_seconds_min.yaml": {"fraud"},
        "policy/network/strong_tie_bad.yaml": {"policy", "fraud"},
        "cards/fraud/v001/card.json": {"cards", "fraud"},
        "cards/bureau/v001/card.json": {"cards"},
        "products.yaml": {"product"},
        "line.yaml": {"line"},
        "policy/use/use_proof_days.yaml": {"line"},
    }
    for place, parts in touched.items():
        path = folder / place
        text = path.read_text(encoding="utf-8")
        path.write_text(text + "\n", encoding="utf-8")
        after = versions()
        assert {part for part in before if before[part] != after[part]} == parts, place
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", ["cn-micro", "us-sba"])
def test_every_file_that_decides_belongs_to_a_part(name: str) -> None:
    rulebook = load_rulebook(name, locked=False)
    covered = frozenset[str]().union(*rulebook.part_files.values())
    deciding = {
        p for p in rulebook.files if p.startswith(("policy/", "tables/", "strategies/", "products", "line", "live"))
    }
    assert deciding - covered == set()
