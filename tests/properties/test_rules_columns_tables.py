"""Tables, points and trees in columns, and whole rulebooks: each row gets what one applicant gets."""

from __future__ import annotations

import math
import random
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditfactory import rules
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.kernel import BadInput
from creditfactory.rules import columns_tables

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from test_rules_agree import LABELS, PARAMETERS, condition, worn
from test_rules_columns import as_told, assert_same, run_singly
from test_tables_agree import COLUMNS, OUTPUTS, facts, hits, row

from policy_of_the_benchmark import build_ours, make_applicants

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
DATED = rules.Declaration("d", "date")
MADE = rules.Declaration("n2", "int", minimum=2, maximum=11)
date_cells = st.sampled_from(["-", ">= 2020-02-29", "[2020-01-01..2020-02-29)", "not(2020-02-29)", "missing"])
made_cells = st.sampled_from(["-", "4", "[3..9)", "not(> 9)"])
dates = st.sampled_from([None, "2020-02-28", "2020-02-29", "2020-03-01", "2020-02-30", 5])


def as_frame(people: list[dict[str, Any]], names: list[str]) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(n, [p.get(n) for p in people], dtype=pl.Object) for n in names])


@st.composite
def tables(draw: st.DrawFn) -> rules.Table:
    """A table of any hit policy over numbers, words, flags, fractions, dates and a value named within the policy."""
    hit = draw(hits)
    is_single = hit in ("C+", "C<", "C>", "C#")
    outputs = OUTPUTS[1:] if is_single else OUTPUTS
    inputs = (*COLUMNS, DATED, MADE)
    made = []
    for line, drawn in enumerate(draw(st.lists(row, min_size=1, max_size=7)), start=2):
        texts = (*drawn[:4], draw(date_cells), draw(made_cells))
        cells = tuple(rules.read_cell(c, d, place="t") for c, d in zip(texts, inputs, strict=True))
        made.append(rules.Row(line, cells, tuple(drawn[5:]) if is_single else tuple(drawn[4:])))

    def fallback() -> rules.Fallback:
        if hit in ("R", "O", "C") or draw(st.booleans()):
            return rules.Fallback(draw(st.sampled_from(["refer", "decline"])))
        return rules.Fallback("none", (9,) if is_single else ("Z", 9))

    return rules.build_table(
        "t", hit=hit, inputs=inputs, outputs=outputs, rows=tuple(made), missing=fallback(), no_match=fallback()
    )


@st.composite
def people_of_tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = draw(st.lists(facts, min_size=1, max_size=9))
    return [{**one, "d": draw(dates), "n2": draw(st.sampled_from([1, 2, 4, 9, 11, 12, None, 3.0]))} for one in found]


def plain(answer: rules.TableAnswer, table: rules.Table) -> tuple[Any, ...]:
    return (*(answer.outputs.get(o.name) for o in table.outputs), answer.verdict)


@settings(calm, max_examples=150)
@given(tables(), people_of_tables())
def test_POL_04_a_table_over_a_frame_answers_as_it_does_for_one(
    table: rules.Table, people: list[dict[str, Any]]
) -> None:
    found = rules.look_up_frame(table, as_frame(people, [d.name for d in table.inputs]))
    assert found.columns == [*(o.name for o in table.outputs), "verdict"]
    assert as_told(found.rows()) == as_told([plain(table.look_up(one), table) for one in people])


@settings(calm, max_examples=150)
@given(tables(), people_of_tables(), st.booleans())
def test_a_table_within_a_policy_breaks_and_gives_what_follows_the_same(
    table: rules.Table, people: list[dict[str, Any]], is_listed: bool
) -> None:
    labels = {d.name: d for d in (*COLUMNS, DATED)}
    named = rules.read_derived({"n2": ("n * 2", "n2")}, labels, {})
    known = {**labels, "n2": rules.Declaration("n2", "int"), "grade": rules.Declaration("grade", "str")}
    known["share"] = rules.Declaration("share", "int")
    steps: list[Any] = [*named.values(), rules.TableStep(table)]
    texts = ["n2 > 6"]
    if table.hit not in ("R", "O", "C"):
        texts += ["share > 1", "not (share * n == 2)"]
        texts += ["grade == 'X'", "grade in ['Y', 'Z'] or b"] if len(table.outputs) == 2 else []
        steps += rules.read_derived({"twice": ("share * 2 if b else 7", "twice")}, known, {}).values()
    read = [rules.read_condition(t, known, {}, place=t) for t in texts]
    steps += [rules.Rule(f"r{i}", when, "decline", "refer", "POL-TEST") for i, when in enumerate(read)]
    steps.append(
        rules.Rule("undecided", rules.OneOf(rules.Name(table.outputs[0].name, "int"), ()), "refer", "refer", "X")
    )
    policy = rules.compile_policy(steps, known)
    with pytest.MonkeyPatch.context() as patch:
        if is_listed:
            patch.setattr(columns_tables, "SETS_KEPT_MAX", 1)
        assert_same(policy, as_frame(people, list(labels)), people)


def test_a_table_over_no_rows_and_without_its_columns() -> None:
    cell = rules.read_cell("< 3", COLUMNS[0], place="t")
    table = rules.build_table(
        "t", hit="C", inputs=COLUMNS[:1], outputs=OUTPUTS[1:], rows=(rules.Row(2, (cell,), (5,)),)
    )
    assert rules.look_up_frame(table, pl.DataFrame({"n": pl.Series([], dtype=pl.Int64)})).rows() == []
    assert rules.look_up_frame(table, pl.DataFrame({"x": [1, 2]})).rows() == [(None, "missing")] * 2
    assert rules.look_up_frame(table, pl.DataFrame({"n": [2, 4, 7]}))["verdict"].to_list() == ["found", "none", "error"]


def test_an_output_called_verdict_is_refused() -> None:
    cell = rules.read_cell("< 3", COLUMNS[0], place="t")
    output = (rules.Output("verdict", "str"),)
    table = rules.build_table("t", hit="U", inputs=COLUMNS[:1], outputs=output, rows=(rules.Row(2, (cell,), ("x",)),))
    with pytest.raises(BadInput, match="an output called verdict"):
        rules.look_up_frame(table, pl.DataFrame({"n": [1]}))


# --- points

number = st.one_of(st.integers(-40, 40), st.sampled_from([0.25, 0.5, -7.5, 1e-300]))
some_points = st.integers(-90, 90)


@st.composite
def questions(draw: st.DrawFn) -> rules.PointsQuestion:
    label = draw(st.sampled_from(["i1", "i2", "f1", "f2", "w1", "b1", "share"]))
    missing = draw(st.one_of(st.none(), some_points))
    if label == "w1":
        listed = draw(st.lists(st.sampled_from(["A", "B", "C"]), min_size=1, max_size=3, unique=True))
        bands = tuple(rules.PointsBand(draw(some_points), words=(w,)) for w in listed)
        return rules.PointsQuestion(label, bands, missing, draw(st.one_of(st.none(), some_points)))
    starts = [None, *sorted(draw(st.sets(number, max_size=30)))]
    bands = tuple(rules.PointsBand(draw(some_points), start=start) for start in starts)
    return rules.PointsQuestion(label, bands, missing)


@settings(calm, max_examples=200)
@given(
    st.lists(questions(), min_size=1, max_size=4, unique_by=lambda q: q.label), st.lists(worn(), min_size=1, max_size=9)
)
def test_points_are_those_of_one_applicant(asked: list[rules.PointsQuestion], people: list[dict[str, Any]]) -> None:
    named = rules.read_derived({"share": ("i1 / i2", "share")}, LABELS, {})
    known = {**LABELS, "share": rules.Declaration("share", "float"), "sum": rules.Declaration("sum", "int")}
    when = rules.read_condition("sum > 10 or b2", known, {}, place="r")
    steps = [*named.values(), rules.PointsStep("sum", 3, tuple(asked)), rules.Rule("r", when, "decline", "refer", "X")]
    assert_same(rules.compile_policy(steps, known), as_frame(people, list(LABELS)), people)


# --- trees


@st.composite
def trees(draw: st.DrawFn, answers: st.SearchStrategy[Any], depth: int = 3) -> rules.Branch | rules.Leaf:
    if not depth or draw(st.integers(0, 3)) == 0:
        return rules.Leaf(draw(answers))
    text = condition(draw, 1)
    try:
        when = rules.read_condition(text, LABELS, PARAMETERS, place=text)
    except BadInput:
        when = rules.read_condition("b1 or i1 / i2 > 1", LABELS, PARAMETERS, place=text)
    return rules.Branch(when, draw(trees(answers, depth - 1)), draw(trees(answers, depth - 1)))


KINDS: dict[str, st.SearchStrategy[Any]] = {
    "str": st.sampled_from(["PHONE", "VISIT", None]),
    "int": st.sampled_from([1, 2, None]),
    "bool": st.sampled_from([True, False]),
    "date": st.sampled_from(["2020-02-29", "2021-01-01"]),
}


@settings(calm, max_examples=150)
@given(st.data(), st.sampled_from(sorted(KINDS)), st.lists(worn(), min_size=1, max_size=9))
def test_a_tree_comes_to_the_same_leaf(data: st.DataObject, kind: Any, people: list[dict[str, Any]]) -> None:
    output = rules.Declaration("lane", kind)
    root = data.draw(trees(KINDS[kind]))
    tree = rules.TreeStep(output, root, missing=data.draw(KINDS[kind]))
    known = {**LABELS, "lane": output}
    texts = {"str": "lane == 'PHONE'", "int": "lane + 1 > 2", "bool": "not lane", "date": "lane > '2020-12-31'"}
    when = rules.read_condition(texts[kind], known, {}, place="r")
    policy = rules.compile_policy([tree, rules.Rule("r", when, "decline", "refer", "X")], known)
    assert_same(policy, as_frame(people, list(LABELS)), people)


def test_an_answer_beyond_all_measure_is_refused() -> None:
    tree = rules.TreeStep(rules.Declaration("t", "int"), rules.Leaf(10**16))
    with pytest.raises(BadInput, match="within ±10"):
        rules.compile_columns(rules.compile_policy([tree], {}))
    cell = rules.read_cell("< 3", COLUMNS[0], place="t")
    table = rules.build_table(
        "t", hit="C+", inputs=COLUMNS[:1], outputs=OUTPUTS[1:], rows=(rules.Row(2, (cell,), (10**16,)),)
    )
    with pytest.raises(BadInput, match="as large as"):
        rules.look_up_frame(table, pl.DataFrame({"n": [1]}))


# --- whole policies


def spoil(value: Any, chance: random.Random) -> Any:
    """A fact as it is, or unknown, or at times not as declared."""
    drawn = chance.random()
    return None if drawn < 0.2 else value if drawn < 0.97 else chance.choice(["?", -1, 10**17, math.nan, True])


def test_POL_04_the_policy_of_the_benchmark_is_the_same_on_thousands_of_records() -> None:
    policy = build_ours()
    chance = random.Random(7)
    known = make_applicants(3000, seed=7)
    assert_same(policy, pl.DataFrame(known), known)
    unknown = [{n: None if chance.random() < 0.2 else v for n, v in one.items()} for one in known]
    assert_same(policy, pl.DataFrame(unknown, infer_schema_length=None), unknown)
    spoilt = [{n: spoil(v, chance) for n, v in one.items()} for one in known]
    assert_same(policy, as_frame(spoilt, [d.name for d in policy.inputs]), spoilt)


def draw_label(declared: rules.Declaration, chance: random.Random, near: list[float]) -> Any:
    """A value for a label: often at or beside a number that the policy names, now and then outside its range."""
    if declared.type == "bool":
        return chance.random() < 0.4
    if declared.type == "str":
        return chance.choice([*declared.words, "?"] if declared.words else ["", "retail", "?", "72"])
    if declared.type == "date":
        return date.fromordinal(chance.randint(730_000, 740_000)).isoformat()
    if chance.random() < 0.6:
        value = chance.choice(near) + (chance.choice([-1, 0, 0, 1]) if declared.type == "int" else 0)
        value = math.nextafter(value, chance.choice([-9e15, value, 9e15])) if declared.type == "float" else value
    else:
        low, high = max(declared.lowest, -(10**9)), min(declared.highest, 10**9)
        value = chance.uniform(low, high)
    return round(value) if declared.type == "int" else float(value)


def find_numbers(policy: rules.Policy) -> list[float]:
    """Every number that a policy's rules and named values name."""
    found: set[float] = {0, 1, 12}
    for step in policy.steps:
        for whole in [getattr(step, "when", None), getattr(step, "value", None)]:
            for part in rules.walk(whole) if whole is not None else ():
                value = getattr(part, "value", None)
                found |= {value} if isinstance(value, int | float) and not isinstance(value, bool) else set()
                listed = getattr(part, "values", ())
                found |= {v for v in listed if isinstance(v, int) and not isinstance(v, bool)}
    return sorted(found)


@pytest.mark.parametrize("pack", ["cn-micro", "us-sba"])
def test_POL_04_whole_rulebooks_judge_a_frame_as_they_judge_one(pack: str) -> None:
    rulebook = load_rulebook(pack, locked=False)
    chance = random.Random(pack)
    days = [d for d in rulebook.change_days if rulebook.first_day is not None and d >= rulebook.first_day]
    hit = set()
    for day in days[-2:]:
        book = rulebook.at(day)
        strategy = getattr(book, "strategy", None)
        for policy in [book.policy] + ([strategy] if strategy is not None else []):
            near = find_numbers(policy)
            people = [{d.name: draw_label(d, chance, near) for d in policy.inputs} for _ in range(400)]
            people = [
                {n: None if chance.random() < 0.15 * (i % 3) else v for n, v in p.items()} for i, p in enumerate(people)
            ]
            kinds = {"int": pl.Int64, "float": pl.Float64, "bool": pl.Boolean, "str": pl.String, "date": pl.String}
            frame = pl.DataFrame(people, schema={d.name: kinds[d.type] for d in policy.inputs}, orient="row")
            assert_same(policy, frame, people)
            lost = frame.drop(frame.columns[::3])
            assert_same(policy, lost, lost.to_dicts())
            seen = [row[: len(policy.rules)] for row in run_singly(policy, people)]
            hit |= {verdict for row in seen for verdict in row}
    assert hit == {0, 1, 2, 3}, "the rows meet every verdict"


@pytest.mark.parametrize("pack", ["cn-micro", "us-sba"])
def test_every_table_of_a_rulebook_answers_a_frame_as_it_answers_one(pack: str) -> None:
    rulebook = load_rulebook(pack, locked=False)
    chance = random.Random(pack)
    for table in rulebook.at(rulebook.change_days[-1]).tables.values():
        if any(o.name == "verdict" for o in table.outputs):
            continue
        cuts = [float(c[0]) for column in table.columns for c in column.cuts if not isinstance(c[0], str)] or [0.0]
        people = [
            {d.name: None if chance.random() < 0.1 else draw_label(d, chance, cuts) for d in table.inputs}
            for _ in range(300)
        ]
        found = rules.look_up_frame(table, as_frame(people, [d.name for d in table.inputs]))
        assert as_told(found.rows()) == as_told([plain(table.look_up(one), table) for one in people])
