"""Tables as steps, trees, stages and shares to learn from: what the rulebook reads of them and what it refuses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.kernel import BadInput
from tests.lane_pack import HEAD, PAPERS, TREE, build_lane_pack, change, found, rule, write


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A sound pack with a lane stage, to plant faults in."""
    return build_lane_pack(tmp_path)


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        ("inputs: [points]", "inputs: [point]", "tables/grade.yaml: inputs[1]: found 'point'"),
        ("step: lane", "step: policy", "tables/grade.yaml: inputs[1]: found 'points'"),
        ("step: lane", "step: lunch", "tables/grade.yaml: step: found 'lunch', expected policy or lane"),
        ("hit: unique", "hit: collect", "tables/grade.yaml: hit: found C, expected a hit policy with one answer"),
        ("[points]", "[{name: points, type: str}]", "tables/grade.yaml: inputs: found points as str, expected int"),
        ("{name: tier,", "{name: debt_share,", "tables/grade.yaml: found 'debt_share', which is already a name"),
        ("{name: tier,", "{name: debt_share_max,", "found 'debt_share_max', which is already a name"),
        ("values:", "no_match: decline\nvalues:", "tables/grade.yaml: no_match: found decline, expected the same as"),
    ],
)
def test_a_table_that_cannot_be_a_step_is_refused(pack: Path, good: str, bad: str, sentence: str) -> None:
    change(pack, "tables/grade.yaml", good, bad)
    if bad.startswith("{name: "):
        change(pack, "tables/grade.csv", "tier", bad.removeprefix("{name: ").removesuffix(","))
    elif "type: str" in bad:
        write(pack, "tables/grade.csv", "points,tier,lane\nx,1,A\n")
    with pytest.raises(BadInput) as refused:
        load_rulebook(pack, locked=False)
    assert sentence in str(refused.value)


# --- trees


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        (
            "is_executed or overdue_now_cents > 100",
            "tier == 1",
            "watch.yaml: values.2026-01-01.else.if: nobody who comes",
        ),
        ("is_executed or overdue_now_cents > 100", "tier > 1", "watch.yaml: values.2026-01-01.else.if: everybody who"),
        (
            "then: C",
            "then: B",
            "watch.yaml: values.2026-01-01.else.if: 'is_executed or overdue_now_cents > 100' leads to",
        ),
        ("tier <= watch_tier_max", "tier < 9", "watch.yaml: values.2026-01-01.if: everybody who comes to 'tier < 9'"),
    ],
)
def test_answers_of_a_tree_that_nobody_gets_are_named(pack: Path, good: str, bad: str, sentence: str) -> None:
    change(pack, "strategies/watch.yaml", good, bad)
    if "watch_tier_max" in good:
        (pack / "policy" / "lane" / "watch_tier_max.yaml").unlink()
    assert [f for f in found(pack) if sentence in f], found(pack)


def test_a_rule_that_waits_for_an_answer_the_tree_never_gives_can_never_hit(pack: Path) -> None:
    change(pack, "strategies/watch.yaml", "then: C", "then: A")
    assert [f for f in found(pack) if f.startswith("policy/lane/watched.yaml") and "can never hit" in f]


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        (
            "tier <=",
            "teir <=",
            "watch.yaml: values.2026-01-01.if, column 1: found 'teir', expected a declared label or",
        ),
        (
            "overdue_now_cents > 100",
            "tier > 'B'",
            "values.2026-01-01.else.if, column 23: found int compared with str",
        ),
        ("overdue_now_cents > 100", "overdue_now_cents > overdue_months_24m", "column 36: found cents beside months"),
        ("tier <= watch_tier_max", "tier + 1", "watch.yaml: values.2026-01-01.if: found 'tier + 1', which gives int"),
        ("overdue_now_cents > 100", "missing(industry)", "no missing(…) in a fork"),
        ("then: A", "then: D", "watch.yaml: values.2026-01-01.then: found 'D', expected one of A, B, C for watch"),
        ("then: A", "then: 3", "watch.yaml: values.2026-01-01.then: found '3'"),
        ("then: A", "then: {if: is_executed, then: A}", "watch.yaml: values.2026-01-01.then: found"),
        (
            "missing: lane_c",
            "missing: lane_z",
            "watch.yaml: missing: found 'lane_z', expected one of A, B, C for watch",
        ),
        ("missing: lane_c\n", "", "watch.yaml: missing: found nothing, expected what holds where a fact is unknown"),
        ("kind: tree", "kind: bush", "watch.yaml: kind: found 'bush', expected tree"),
        ("name: watch,", "name: tier,", "watch.yaml: values.2026-01-01: found 'tier', which is already a name"),
        ("is_executed or", "is_female or", "found 'is_female', a protected attribute"),
        ("missing: lane_c", "missing: lane_c\nodd: 1", "watch.yaml: found 'odd', expected only"),
        ("words: [A, B, C]", "words: [A, B, yes]", "watch.yaml: output.words: found"),
        ("type: str", "type: text", "watch.yaml: output: found"),
    ],
)
def test_a_tree_that_cannot_be_read_is_refused_by_its_place(pack: Path, good: str, bad: str, sentence: str) -> None:
    change(pack, "strategies/watch.yaml", good, bad)
    with pytest.raises(BadInput) as refused:
        load_rulebook(pack, locked=False)
    assert sentence.replace("found '3'", "found 3") in str(refused.value)


def test_trees_that_need_each_other_are_refused(pack: Path) -> None:
    other = TREE.replace("name: watch", "name: other").replace("tier <= watch_tier_max", "watch == 'A'")
    write(pack, "strategies/other.yaml", HEAD + other + PAPERS)
    change(pack, "strategies/watch.yaml", "tier <= watch_tier_max", "other == 'A'")
    with pytest.raises(BadInput, match="in a circle"):
        load_rulebook(pack, locked=False)


def test_a_tree_deeper_than_anybody_reads_is_refused(pack: Path) -> None:
    node = "A"
    for _ in range(14):
        node = f"{{if: is_executed, then: {node}, else: B}}"
    write(
        pack,
        "strategies/deep.yaml",
        f"{HEAD}kind: tree\noutput: {{type: str}}\nvalues: {{2026-01-01: {node}}}\nmissing: refer\n",
    )
    with pytest.raises(BadInput, match="more than 12 questions one after another"):
        load_rulebook(pack, locked=False)


# --- stages, protected attributes, the share to learn from


def test_points_are_known_at_the_lane_only(pack: Path) -> None:
    change(pack, "policy/lane/called.yaml", "stage: lane\n", "")
    assert "policy/lane/called.yaml: values.2026-01-01.when, column 1: found 'watch'" in found(pack)[0]


@pytest.mark.parametrize("place", ["rule", "table"])
def test_CMP_01_a_protected_attribute_decides_nowhere(pack: Path, place: str) -> None:
    if place == "rule":
        rule(pack, "policy/lane/sex.yaml", "is_female", head="stage: lane\n")
    else:
        change(pack, "tables/tier.yaml", "- industry", "- is_female")
        write(pack, "tables/tier.csv", "points,is_female,tier,annual_rate\n-,true,T1,0.18\n-,false,T2,0.2\n")
    assert any("'is_female', a protected attribute" in fault for fault in found(pack))


@pytest.mark.parametrize(
    ("head", "more", "sentence"),
    [
        (
            "",
            "    learn_bps: 100\n",
            "learn_bps: found 100, expected no share to learn from, except at a rule of policy",
        ),
        ("", "    learn_bps: 1001\n", "learn_bps: found 1001, expected a whole number from 0 to 1000"),
        ("", "    learn_bps: 0.5\n", "learn_bps: found 0.5, expected a whole number"),
        ("stage: soon\n", "", "stage: found 'soon', expected policy or lane"),
        ("basis: whim\n", "", "basis: found 'whim', expected house or law or list"),
    ],
)
def test_what_a_rule_may_not_say_is_refused(pack: Path, head: str, more: str, sentence: str) -> None:
    rule(pack, "policy/bureau/odd.yaml", "night_share > 0.9", head=head, more=more)
    assert any(sentence in fault for fault in found(pack)), found(pack)


def test_nobody_is_let_through_a_rule_of_law_without_a_word(pack: Path) -> None:
    place = "policy/bureau/executed.yaml"
    text = (pack / place).read_text(encoding="utf-8")
    words = "POL-LEARN: {precedence: 1, borrower: {en: A., zh: 一}, staff: {en: B, zh: 二}}\n"
    assert "POL-LEARN has no words" in found_with(
        pack, place, text.replace("then: decline", "then: decline, learn_bps: 50")
    )
    write(pack, "reasons.yaml", (pack / "reasons.yaml").read_text(encoding="utf-8") + words)
    law = text.replace("kind: rule", "kind: rule\nbasis: law").replace("then: decline", "then: decline, learn_bps: 50")
    assert "learn_why: found nothing, expected why some may be let through although the law" in found_with(
        pack, place, law
    )
    said = law.replace("learn_bps: 50", "learn_bps: 50, learn_why: A trial the regulator approved")
    assert found_with(pack, place, said) == ""
    rules = load_rulebook(pack, locked=False).at(date(2026, 2, 2)).policy.rules
    assert {(r.learn_bps, r.basis) for r in rules if r.name == "executed"} == {(50, "law")}


def found_with(pack: Path, place: str, text: str) -> str:
    write(pack, place, text)
    return "\n".join(found(pack))
