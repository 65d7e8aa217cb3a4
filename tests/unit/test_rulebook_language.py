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
from creditfactory.gateways.rulebook import Finding, load_rulebook
from creditfactory.gateways.rulebook.findings import check_language
from creditfactory.gateways.rulebook.loading import read_pack
from creditfactory.rules import UNITS
from tests.lane_pack import HEAD, PAPERS, build_lane_pack, change, found, rule, write

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(creditfactory.__file__).parent


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A sound pack with a lane stage, to plant faults in."""
    return build_lane_pack(tmp_path)


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


def test_a_row_that_no_card_can_reach_is_named(pack: Path) -> None:
    change(pack, "tables/grade.csv", ">= 560,1,A", "> 600,0,A\n[560..600],1,A")
    row = "nothing that the cards, named values or other steps give comes to this row"
    assert found(pack) == [f"tables/grade.csv, line 2: {row}, from 2026-02-01 on"]


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
