"""What `rulebook check` sees in the language itself, each fault by its file, row and column (issue 3; POL-04)."""

from __future__ import annotations

import ast
import shutil
from datetime import date
from pathlib import Path

import pytest

import creditfactory
from creditfactory import labels
from creditfactory.decision import PARAMETERS_BY_ENGINE, TABLES_BY_ENGINE
from creditfactory.gateways.rulebook import Finding, check_rulebook, load_rulebook
from creditfactory.gateways.rulebook.findings import check_language
from creditfactory.gateways.rulebook.loading import read_pack
from creditfactory.kernel import BadInput
from creditfactory.rules import UNITS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(creditfactory.__file__).parent
PAPERS = "reference:\n  2026-01-01: {title: A test}\nreview_by: 2027-01-01\n"
HEAD = "description: {en: A test, zh: 测试}\nowner: credit-policy\n"


def write(pack: Path, place: str, text: str) -> None:
    path = pack / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def change(pack: Path, place: str, good: str, bad: str) -> None:
    text = (pack / place).read_text(encoding="utf-8")
    assert good in text, "the change can be made"
    write(pack, place, text.replace(good, bad, 1))


def rule(pack: Path, place: str, when: str, *, head: str = "", more: str = "") -> None:
    body = f"kind: rule\n{head}values:\n  2026-01-01:\n    when: {when}\n    then: lane_b\n    missing: lane_b\n"
    write(pack, place, f"{HEAD}{body}    reason: POL-TEST-NIGHT\n{more}{PAPERS}")


TREE = """kind: tree
output: {name: watch, type: str, words: [A, B, C]}
values:
  2026-01-01:
    if: tier <= watch_tier_max
    then: A
    else:
      if: is_executed or overdue_now_cents > 100
      then: C
      else: B
missing: lane_c
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A sound pack with a lane stage: a grade by points, a tree upon it, two rules that read both."""
    folder = Path(shutil.copytree(ROOT / "tests" / "packs" / "unit", tmp_path / "unit"))
    grade = "step: lane\nhit: unique\ninputs: [points]\noutputs: [{name: tier, type: int}, {name: lane, type: str}]\n"
    write(folder, "tables/grade.yaml", f"{HEAD}{grade}values: {{2026-01-01: grade.csv}}\n{PAPERS}")
    write(folder, "tables/grade.csv", "points,tier,lane\n>= 560,1,A\n[500..560),2,B\n< 500,3,C\n")
    write(folder, "strategies/watch.yaml", HEAD + TREE + PAPERS)
    write(folder, "policy/lane/watch_tier_max.yaml", f"{HEAD}unit: count\nvalues: {{2026-01-01: 1}}\n{PAPERS}")
    rule(folder, "policy/lane/watched.yaml", "watch == 'C'", head="stage: lane\n")
    rule(folder, "policy/lane/called.yaml", "watch == 'B' and points < 540", head="stage: lane\n")
    return folder


def found(pack: Path, kind: str = "fault") -> list[str]:
    return [f"{f.place}: {f.what}" for f in check_rulebook(pack).findings if f.kind == kind]


def test_the_pack_itself_is_sound(pack: Path) -> None:
    assert found(pack) == []
    book = load_rulebook(pack, locked=False).at(date(2026, 2, 2))
    assert [r.name for r in book.strategy.rules] == ["grade_undecided", "watch_undecided", "called", "watched"]
    assert book.strategy.outputs == ("tier", "lane", "watch")


# --- units

UNITS_THAT_CLASH = [
    ("overdue_months_24m > debt_cents", "column 22: found months beside cents"),
    ("debt_cents + overdue_months_24m > 3", "column 14: found cents beside months"),
    ("min(debt_cents, overdue_months_24m) > 3", "column 1: found cents beside months"),
    ("(debt_cents if is_executed else overdue_months_24m) > 3", "column 2: found cents beside months"),
    ("0 < overdue_months_24m < debt_cents", "column 26: found months beside cents"),
    ("abs(debt_cents - 5) > overdue_months_24m_max", "column 23: found cents beside months"),
]


@pytest.mark.parametrize(("when", "sentence"), UNITS_THAT_CLASH)
def test_numbers_of_two_units_never_meet(pack: Path, when: str, sentence: str) -> None:
    rule(pack, "policy/bureau/clash.yaml", f'"{when}"')
    assert [f for f in found(pack) if f.startswith(f"policy/bureau/clash.yaml: values.2026-01-01.when, {sentence}")]


UNITS_THAT_AGREE = [
    "debt_cents > 12 * income_cents",
    "debt_cents / income_cents > overdue_months_24m + 3",
    "debt_cents - income_cents > 90_000_000",
    "debt_cents * overdue_months_24m > income_cents",
    "night_share > debt_cents / 1000",
]


@pytest.mark.parametrize("when", UNITS_THAT_AGREE)
def test_a_product_a_quotient_and_a_plain_number_stand_beside_any_unit(pack: Path, when: str) -> None:
    rule(pack, "policy/bureau/agree.yaml", f'"{when}"')
    assert found(pack) == []


def test_a_named_value_has_the_unit_it_is_made_of_or_the_one_it_says(pack: Path) -> None:
    place = "policy/business/free_cents.yaml"
    text = "{}kind: derived\nunit: {}\nvalues:\n  2026-01-01: {{value: {}}}\n{}"
    write(pack, place, text.format(HEAD, "cents", "income_cents - debt_cents", PAPERS))
    rule(pack, "policy/business/free.yaml", '"free_cents < overdue_months_24m"')
    assert "column 14: found cents beside months" in found(pack)[0]
    write(pack, place, text.format(HEAD, "months", "income_cents - debt_cents", PAPERS))
    assert (
        found(pack)[0] == f"{place}: values.2026-01-01: found unit months, expected cents, which is what it is made of"
    )
    write(pack, place, text.format(HEAD, "months", "debt_cents / income_cents", PAPERS))
    rule(pack, "policy/business/free.yaml", '"free_cents > overdue_months_24m + 9"')
    assert found(pack) == []


def test_a_unit_nobody_knows_and_a_number_without_one(pack: Path) -> None:
    change(pack, "policy/bureau/overdue_months_24m_max.yaml", "unit: months", "unit: month")
    change(pack, "labels.yaml", "unit: cents, minimum: 0}", "unit: cts, minimum: 0}")
    faults = found(pack)
    assert "policy/bureau/overdue_months_24m_max.yaml: unit: unknown unit 'month'; did you mean 'months'?" in faults
    change(pack, "policy/bureau/overdue_months_24m_max.yaml", "unit: month", "unit: months")
    assert found(pack)[0].startswith("labels.yaml: overdue_now_cents: unknown unit 'cts'; did you mean")
    assert any(n.startswith("policy/business/debt_share_max.yaml: unit: a number without") for n in found(pack, "note"))


@pytest.mark.parametrize("name", ["cn-micro", "us-sba"])
def test_every_label_and_every_parameter_of_the_house_has_a_unit(name: str) -> None:
    rulebook = load_rulebook(name, locked=False)
    units = {d.name: d.unit for d in labels.declarations(name).values()}
    units |= {n: v.unit for n, dated in rulebook.parameters.items() for _, v in dated.versions if v is not None}
    assert {name: unit for name, unit in units.items() if unit not in UNITS} == {}


# --- what can never hit, always hits, or adds nothing


@pytest.mark.parametrize(
    ("when", "what"),
    [
        ("overdue_months_24m > 24", "can never hit"),
        ("overdue_now_cents < 0", "can never hit"),
        ("overdue_months_24m > 3 and overdue_months_24m < 4", "can never hit"),
        ("is_executed and not is_executed", "can never hit"),
        ("industry == 'retail' and industry in ['catering', 'transport']", "can never hit"),
        ("industry in ['retail', 'catering', 'transport', 'other']", "always hits"),
        ("overdue_months_24m >= 0", "always hits"),
        ("overdue_months_24m > 2 or overdue_months_24m <= 2", "always hits"),
        ("debt_cents + 1 > 0", "always hits"),
        ("night_share > 1.0", "can never hit"),
    ],
)
def test_a_rule_that_never_or_always_hits_is_named(pack: Path, when: str, what: str) -> None:
    rule(pack, "policy/bureau/odd.yaml", f'"{when}"')
    place = "policy/bureau/odd.yaml: values.2026-01-01.when"
    assert [f for f in found(pack) if f.startswith(place) and what in f]


@pytest.mark.parametrize(
    "when",
    [
        "overdue_months_24m > 23",
        "overdue_months_24m == 24",
        "night_share >= 1.0",
        "missing(industry)",
        "debt_share > 1.0",
    ],
)
def test_a_rule_that_hits_at_the_very_end_of_a_range_is_fine(pack: Path, when: str) -> None:
    rule(pack, "policy/bureau/edge.yaml", f'"{when}"')
    assert found(pack) == []


def test_a_threshold_outside_the_range_is_found_on_the_day_from_which_it_holds(pack: Path) -> None:
    change(pack, "policy/bureau/overdue_months_24m_max.yaml", "2026-07-01: 4", "2026-07-01: 24")
    place, test = (
        "policy/bureau/overdue_months.yaml: values.2026-01-01.when",
        "overdue_months_24m > overdue_months_24m_max",
    )
    never = "can never hit, whatever its facts are within their ranges, from 2026-07-01 on"
    assert found(pack) == [f"{place}: {test!r} {never}"]


def test_a_test_that_adds_nothing_is_named_by_its_column(pack: Path) -> None:
    rule(pack, "policy/bureau/idle.yaml", '"is_executed and overdue_now_cents >= 0"')
    expected = "policy/bureau/idle.yaml: values.2026-01-01.when, column 17: the test of overdue_now_cents always holds"
    assert [f for f in found(pack) if f.startswith(expected)]


def test_a_product_that_nobody_can_have_is_named(pack: Path) -> None:
    change(pack, "products.yaml", "requested_cents >= 10_000_000", "requested_cents < 0")
    assert found(pack)[0].startswith("products.yaml: products[1].eligible: ")


def test_points_that_no_card_can_give(pack: Path) -> None:
    change(pack, "policy/lane/called.yaml", "points < 540", "points > 600")
    expected = "policy/lane/called.yaml: values.2026-01-01.when: \"watch == 'B' and points > 600\" can never hit"
    assert found(pack)[0].startswith(expected)
    change(pack, "policy/lane/called.yaml", "points > 600", "points >= 600")
    assert found(pack) == []


def test_two_rules_that_ask_the_same_are_named(pack: Path) -> None:
    rule(pack, "policy/bureau/twin.yaml", "is_executed")
    twin = "asks the very same as executed (policy/bureau/executed.yaml: values.2026-01-01)"
    assert found(pack) == [f"policy/bureau/twin.yaml: values.2026-01-01.when: {twin}"]


# --- tables


def test_a_row_that_says_what_others_say_is_named(pack: Path) -> None:
    change(pack, "tables/tier.csv", "[600..700)", "[600..650),retail,T1,0.20,\n>= 700,retail,T1,0.18,\n[600..700)")
    assert "tables/tier.csv, line 4: this row can never speak" in found(pack)
    change(pack, "tables/tier.csv", ">= 700,retail,T1,0.18,\n", "")
    change(pack, "tables/tier.csv", "[600..650),retail,T1,0.20,", "[600..650),retail,T2,0.21,")
    assert found(pack) == ["tables/tier.csv, line 3: without this row the table says the same to everybody"]


def test_a_column_that_no_row_asks_about_is_named(pack: Path) -> None:
    write(pack, "tables/tier.csv", "points,industry,tier,annual_rate\n>= 700,-,T1,0.18\n< 700,-,T3,0.24\n")
    assert found(pack) == ["tables/tier.csv, column industry: no row asks about it"]


def test_a_gap_blocks_unless_the_table_says_what_then_holds(pack: Path) -> None:
    assert any("no row answers for points <= 550" in note for note in found(pack, "note"))
    change(pack, "tables/tier.yaml", "no_match: decline\n", "")
    gap = "no row answers for points <= 550, industry = retail"
    assert found(pack) == [f"tables/tier.csv: {gap}, and tables/tier.yaml does not say no_match"]


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


# --- names that nobody reads, papers


def test_a_parameter_that_nothing_reads_blocks(pack: Path) -> None:
    write(pack, "policy/bureau/forgotten_max.yaml", f"{HEAD}unit: count\nvalues: {{2026-01-01: 3}}\n{PAPERS}")
    assert found(pack) == [
        "policy/bureau/forgotten_max.yaml: nothing reads forgotten_max: no rule, tree, product or engine"
    ]


def test_answers_values_tables_and_reasons_that_nothing_reads_are_noted(pack: Path) -> None:
    rule(pack, "policy/business/debt_too_high.yaml", "debt_cents > 12 * income_cents")
    (pack / "policy" / "business" / "debt_share_max.yaml").unlink()
    write(pack, "cases/overdue_months.yaml", "cases: []\n")
    change(pack, "tables/grade.yaml", "{name: lane, type: str}", "{name: lane, type: str}, {name: hint, type: str}")
    write(pack, "tables/grade.csv", "points,tier,lane,hint\n>= 560,1,A,x\n[500..560),2,B,y\n< 500,3,C,z\n")
    notes = found(pack, "note")
    assert "policy/business/debt_share.yaml: nothing reads debt_share: no rule, table, tree or product" in notes
    assert "tables/grade.yaml: outputs: nothing reads hint" in notes
    assert "reasons.yaml: POL-TEST-DEBT: no rule and no card gives it" in notes
    assert found(pack) == []
    shutil.copy(pack / "tables" / "tier.csv", pack / "tables" / "spare.csv")
    spare = (pack / "tables" / "tier.yaml").read_text(encoding="utf-8").replace("tier.csv", "spare.csv")
    write(pack, "tables/spare.yaml", spare)
    assert any(n.startswith("tables/spare.yaml: nothing looks spare up") for n in found(pack, "note"))


def test_a_tree_whose_answer_nothing_reads_blocks(pack: Path) -> None:
    for name in ("watched", "called"):
        (pack / "policy" / "lane" / f"{name}.yaml").unlink()
    assert found(pack) == ["strategies/watch.yaml: output: nothing reads watch: no rule and no other tree"]


def look(pack: Path, on: date | None) -> list[Finding]:
    read = read_pack(pack)
    return list(check_language(read.rulebook(), read, on=on))


def test_a_review_that_is_due_is_told_from_the_day_given(pack: Path) -> None:
    place = "strategies/watch.yaml: review_by"
    told = Finding("note", place, "was to be reviewed by 2027-01-01")
    assert told in look(pack, date(2027, 1, 2))
    assert told not in look(pack, date(2027, 1, 1)) and told not in look(pack, None)


def test_missing_papers_are_noted_for_each_dated_version(pack: Path) -> None:
    notes = found(pack, "note")
    assert "policy/bureau/overdue_months_24m_max.yaml: reference: no reference for what holds from 2026-07-01" in notes
    assert "policy/bureau/executed.yaml: review_by: no day of review" in notes
    change(pack, "strategies/watch.yaml", "review_by: 2027-01-01", "review_by: soon")
    assert found(pack) == ["strategies/watch.yaml: review_by: found 'soon', expected a day such as 2026-01-01"]


def test_a_pack_without_a_grade_is_told_that_all_go_to_people() -> None:
    notes = found(ROOT / "tests" / "packs" / "unit", "note")
    assert any(n.startswith("strategies: no table or tree with step: lane answers tier and lane") for n in notes)


@pytest.mark.parametrize("name", ["cn-micro", "us-sba"])
def test_POL_04_the_house_packs_have_no_fault(name: str) -> None:
    read = read_pack(ROOT / "rulebook" / name)
    assert read.faults == []
    assert [str(f) for f in check_language(read.rulebook(), read, on=date(2026, 11, 22)) if f.kind == "fault"] == []


# --- what the engines read by name is declared, and nothing else


def names_in_code() -> set[str]:
    """Every parameter that the code asks a rulebook for by its name."""
    names: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=base, attr="get" | "parameter"), args=[ast.Constant(value=str(name)), *_]
                ):
                    names |= {name} if _is_parameters(base, node) else set()
                case ast.Subscript(value=base, slice=ast.Constant(value=str(name))):
                    names |= {name} if _is_parameters(base, node) else set()
    return names


def _is_parameters(base: ast.expr, node: ast.AST) -> bool:
    text = ast.unparse(base)
    return text == "parameters" or text.endswith(".parameters") or ast.unparse(node).find(".parameter(") >= 0


def test_every_parameter_that_code_reads_is_declared_with_its_engine() -> None:
    missing = names_in_code() - PARAMETERS_BY_ENGINE.keys()
    assert missing == set(), "add these to decision/reads.py, or the check calls them unread"


def test_every_parameter_and_table_declared_as_read_stands_in_the_code() -> None:
    source = "\n".join(p.read_text(encoding="utf-8") for p in SOURCE.rglob("*.py") if p.name != "reads.py")
    forms = {"annual_rate_cap_": 'f"annual_rate_cap_{', "fit_weight_": 'f"fit_weight_{'}
    for name in (*PARAMETERS_BY_ENGINE, *TABLES_BY_ENGINE):
        prefix = next((form for start, form in forms.items() if name.startswith(start)), None)
        assert f'"{name}"' in source or (prefix is not None and prefix in source), name
