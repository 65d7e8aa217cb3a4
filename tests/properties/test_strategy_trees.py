"""Random trees, conditions and applicants: undecided forks, what can never hit, and a lane that only grows graver."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from creditfactory import decision, rules
from creditfactory.decision import LANES, Book
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.identity import FrontGate, ListCheck
from creditfactory.kernel import BadInput
from creditfactory.labels import CashFlow, Labels
from creditfactory.rules import Branch, Leaf, Name, OneOf, Rule, TreeStep
from creditfactory.scoring import CardScore, Scores

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reference"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import plain_rules
from test_rules_agree import LABELS, PARAMETERS, applicants, condition, worn

OUTPUT = rules.Declaration("answer", "str", words=("A", "B", "C"))


@st.composite
def conditions(draw: st.DrawFn) -> rules.Expression:
    """A condition that the language reads; a plain division by 0 is none."""
    text = condition(draw)
    try:
        return rules.read_condition(text, LABELS, PARAMETERS, place=text)
    except BadInput:
        reject()


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Branch | Leaf:
    """A tree up to three questions deep."""
    if depth == 0 or (depth < 3 and draw(st.booleans())):
        return Leaf(draw(st.sampled_from(OUTPUT.words)))
    return Branch(draw(conditions()), draw(trees(depth - 1)), draw(trees(depth - 1)))


def answer_slowly(node: Branch | Leaf, facts: dict[str, Any], broken: set[str], missing: str | None) -> str | None:
    """Walk a tree by hand: an undecided fork gives the answer for missing, or none where it reads what is broken."""
    while isinstance(node, Branch):
        faults: list[str] = []
        went = plain_rules.decide(node.when, facts, faults)
        if went is None:
            return None if faults or broken & set(rules.names_read(node.when)) else missing
        node = node.then if went else node.otherwise
    return str(node.answer)


@settings(max_examples=150, deadline=None)
@given(trees(), st.sampled_from([None, "C"]), st.lists(worn(), min_size=1, max_size=6))
def test_a_tree_answers_as_one_would_by_hand_fast_carefully_and_traced(
    root: Branch | Leaf, missing: str | None, people: list[dict[str, Any]]
) -> None:
    mute = Rule("answer_undecided", OneOf(Name("answer", "str"), ()), "refer", "refer", "POL-FACT-MISSING")
    policy = rules.compile_policy([TreeStep(OUTPUT, root, missing), mute], LABELS)
    for labels in people:
        run, traced = policy.run(labels), policy.trace(labels)
        assert (run.notes, run.outputs) == (traced.notes, traced.outputs)
        facts, broken = dict[str, Any](), set[str]()
        for name, declared in LABELS.items():
            state, facts[name] = rules.read_value(declared, labels.get(name))
            broken |= {name} if state == "broken" else set()
        told = policy.values(run)["answer"]
        assert told == answer_slowly(root, facts, broken, missing)
        verdict = policy.judge(labels)[0]
        assert (verdict.consequence == "refer") == (told is None), "a tree without an answer is never silent"
        path = policy.paths(traced)
        assert all(fork.went is not None for fork in path[:-1])
        if told is None or (path and path[-1].went is None):
            assert path[-1].went is None


@settings(max_examples=400, deadline=None)
@given(conditions(), st.lists(applicants, min_size=1, max_size=12))
def test_what_is_said_never_to_hit_never_hits_and_what_always_does_always_does(
    when: rules.Expression, people: list[dict[str, Any]]
) -> None:
    said = rules.find_answer(when, LABELS)
    policy = rules.compile_policy([Rule("r", when, "decline", "refer", "POL-TEST")], LABELS)
    for labels in people:
        verdict = policy.judge(labels)[0].verdict
        if said == "never":
            assert verdict in ("clear", "error"), "all facts are known, so nothing is missing"
        elif said == "always":
            assert verdict in ("hit", "error")


def test_the_property_can_fail() -> None:
    """Of a few plain conditions each kind of answer comes up."""
    texts = ("i2 > 9", "i2 >= 0", "i2 > 8", "b1 and not b1", "b1 or not b1", "w1 in ['A', 'B', 'C']", "i1 - i2 > 60")
    read = [rules.read_condition(text, LABELS, PARAMETERS, place=text) for text in texts]
    found = [rules.find_answer(when, LABELS) for when in read]
    assert found == ["never", "always", "sometimes", "never", "always", "always", "never"]


# --- the strategy of the house


@pytest.fixture(scope="module")
def book() -> Book:
    return load_rulebook("cn-micro", locked=False).at(date(2026, 3, 2))


KNOWN = st.fixed_dictionaries(
    {
        "contradictions": st.sampled_from([None, 0, 0, 0, 1, 3, "x"]),
        "inflow_months": st.sampled_from([None, 3, 11, 12, 24]),
        "inflow_swing_bps": st.sampled_from([None, 100, 5_000, 5_001, -1]),
        "requested_amount_cents": st.sampled_from([None, 10_000_000, 30_000_000, 30_000_001, 50_000_000]),
    }
)


@settings(max_examples=300, deadline=None)
@given(
    facts=KNOWN, points=st.one_of(st.none(), st.integers(500, 700)), fraud=st.one_of(st.none(), st.integers(540, 580))
)
def test_DEC_04_the_strategy_only_makes_the_lane_graver(
    book: Book, facts: dict[str, Any], points: int | None, fraud: int | None
) -> None:
    def choose(given: Book) -> decision.LaneChoice:
        chance = None if points is None else book.cards["master"].probability(points)
        master = CardScore("master", "v001", points, chance, (), ())
        scores = Scores(cards={"fraud": CardScore("fraud", "v001", fraud, None, (), ())}, master=master)
        policy = decision.PolicyVerdict(verdict="pass", lane_floor="A", verdicts=(), reasons=())
        cash = CashFlow(verified_monthly_income_cents=1, verified_monthly_sales_cents=1, months=12)
        held = Labels(pack="cn-micro", as_of=None, facts=facts)  # type: ignore[arg-type]
        gate, lists = FrontGate(verdict="pass", signals={}), ListCheck(verdict="clear")
        return decision.choose_lane(held, policy, scores, cash, gate, lists, given)

    steps = [s for s in book.strategy.steps if isinstance(s, rules.TableStep)]
    known = {d.name: d for d in book.strategy.inputs}
    bare = replace(book, strategy=rules.compile_policy(steps, known))
    whole, without = choose(book), choose(bare)
    assert whole.tier == without.tier
    if not whole.facts_needed:
        assert LANES.index(whole.lane) >= LANES.index(without.lane)
    else:
        assert whole.lane == "C", "low points beside a fact still needed wait for that fact"
    assert whole.lane == "A" or whole.reasons
