"""A table of ours written as DMN gives the same answers; where a fact is unknown or broken it gives none."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import rules
from creditfactory.decision import Dated, DerivedText, Rulebook
from creditfactory.gateways import dmn
from creditfactory.gateways.dmn.xml_writing import write_model
from creditfactory.gateways.rulebook.to_dmn import build_model

DAY = date(2026, 1, 1)
COLUMNS = (
    rules.Declaration("n", "int", minimum=0, maximum=6),
    rules.Declaration("w", "str", words=("A", "B", "C")),
    rules.Declaration("b", "bool"),
    rules.Declaration("f", "float", minimum=0, maximum=3),
    rules.Declaration("d", "date"),
)
OUTPUTS = (
    rules.Output("grade", "str", ("X", "Y", "Z")),
    rules.Output("share", "int"),
    rules.Output("yearly", "rate"),
)
COUNT = (rules.Output("share", "int"),)
DAYS = ["2025-12-31", "2026-01-01", "2026-02-28"]


def spans(points: list[str]) -> st.SearchStrategy[str]:
    point = st.sampled_from(points)
    pair = st.tuples(point, point).map(sorted)
    return st.one_of(
        point,
        st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "="]), point),
        st.builds(lambda o, p, c: f"{o}{p[0]}..{p[1]}{c}", st.sampled_from("[("), pair, st.sampled_from("])")),
    )


def cells(plain: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(plain, min_size=1, max_size=2).map(", ".join)
    return st.one_of(st.just("-"), plain, several, several.map("not({})".format), st.just("missing"))


row = st.tuples(
    cells(spans([str(n) for n in range(7)])),
    cells(st.sampled_from(["A", '"B"', "C"])),
    cells(st.sampled_from(["true", "false"])),
    cells(spans(["0", "0.5", "1", "1.5", "2.75", "3"])),
    cells(spans(DAYS)),
    st.sampled_from(["X", "Y", "Z"]),
    st.integers(-2, 2),
    st.sampled_from(["0.18", "0.2"]),
)
known = {
    "n": st.integers(0, 6),
    "w": st.sampled_from(["A", "B", "C"]),
    "b": st.booleans(),
    "f": st.sampled_from([0, 0.25, 0.5, 1, 1.25, 1.5, 2.75, 3]),
    "d": st.sampled_from([*DAYS, "2024-02-29"]),
}
odd = {
    "n": st.sampled_from([None, 7, -1, "3"]),
    "w": st.sampled_from([None, "D", 1]),
    "b": st.sampled_from([None, 1, "true"]),
    "f": st.sampled_from([None, 3.5, -0.001, "1"]),
    "d": st.sampled_from([None, "2026-02-30", 20260101, True]),
}
known_facts = st.fixed_dictionaries(known)
any_facts = st.fixed_dictionaries({name: st.one_of(known[name], odd[name]) for name in known})
hits = st.sampled_from(sorted(rules.HIT_POLICIES.values()))


def build(rows: list[tuple[Any, ...]], hit: Any, *, with_default: bool) -> rules.Table:
    only_share = hit in ("C+", "C<", "C>", "C#")
    outputs = COUNT if only_share else OUTPUTS
    made = tuple(
        rules.Row(
            line,
            tuple(rules.read_cell(cell, column, place="t") for cell, column in zip(r, COLUMNS, strict=False)),
            (r[6],) if only_share else tuple(r[5:]),
        )
        for line, r in enumerate(rows, start=2)
    )
    default = rules.Fallback("none", (0,) if only_share else ("Z", 0, "0.36"))
    fallback = default if with_default else rules.Fallback()
    return rules.build_table("t", hit=hit, inputs=COLUMNS, outputs=outputs, rows=made, no_match=fallback)


def evaluate(table: rules.Table, facts: list[dict[str, Any]], derived: dict[str, str] | None = None) -> list[Any]:
    rulebook = Rulebook(
        pack="unit", digest="", currency="", law="", declarations={c.name: c for c in COLUMNS}, parameters={},
        derived={name: Dated(((DAY, DerivedText(name, text, name)),)) for name, text in (derived or {}).items()},
        rules={}, tables={"t": Dated(((DAY, table),))}, cards=(), products=(), reasons={}, line=Dated(()),
    )  # fmt: skip
    model = dmn.Model(dmn.read_model(write_model(build_model(rulebook, DAY))))
    names = model.decisions
    assert dmn.check_decisions(model, names) == []
    evaluator = dmn.Evaluator(model, names, is_all=True, at=None, say=lambda words: None)
    lines = list(evaluator.evaluate(json.dumps(fact) for fact in facts))
    assert evaluator.failed == 0
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def expected(table: rules.Table, facts: dict[str, Any]) -> Any:
    """What our table's answer is in DMN's terms."""
    answer = table.look_up(facts)
    if answer.verdict == "none" and not answer.outputs and table.hit == "C":
        return []
    if answer.verdict == "error" or not answer.outputs:
        return None

    def plain(name: str, value: Any) -> Any:
        kind = next(o.type for o in table.outputs if o.name == name)
        return Decimal(str(value)) if kind in ("int", "rate") else value

    outputs = answer.outputs
    if table.hit in ("C", "R", "O") and answer.verdict == "found":
        listed = [dict(zip(outputs, parts, strict=True)) for parts in zip(*outputs.values(), strict=True)]  # type: ignore[arg-type]
        return [{name: plain(name, value) for name, value in one.items()} for one in listed]
    made = {name: plain(name, value) for name, value in outputs.items()}
    return made if len(table.outputs) > 1 else next(iter(made.values()))


def is_odd(column: rules.Declaration, facts: dict[str, Any]) -> bool:
    return rules.read_value(column, facts[column.name])[0] != "known"


def is_nothing(value: Any) -> bool:
    """Whether a DMN answer says nothing: null, or null in every column."""
    return value is None or (isinstance(value, dict) and set(value.values()) == {None})


@settings(max_examples=60)
@given(st.lists(row, min_size=1, max_size=6), hits, st.booleans(), st.lists(known_facts, min_size=1, max_size=6))
def test_where_all_is_known_the_answers_are_the_same(
    rows: list[Any], hit: Any, with_default: bool, people: list[dict[str, Any]]
) -> None:
    """What goes out as DMN decides as it does here."""
    table = build(rows, hit, with_default=with_default)
    for facts, found in zip(people, evaluate(table, people), strict=True):
        assert found["t"] == expected(table, facts), (table, facts)


@settings(max_examples=60)
@given(
    st.lists(row, min_size=1, max_size=5), st.sampled_from("UAPF"), st.booleans(),
    st.lists(any_facts, min_size=1, max_size=6),
)  # fmt: skip
def test_an_unknown_or_broken_fact_never_makes_an_answer(
    rows: list[Any], hit: Any, with_default: bool, people: list[dict[str, Any]]
) -> None:
    """Where our table says missing or error, the DMN table says nothing; it never says more than ours."""
    table = build(rows, hit, with_default=with_default)
    for facts, found in zip(people, evaluate(table, people), strict=True):
        answer = table.look_up(facts)
        asks_for_missing = any(cell.missing for r in table.rows for cell in r.cells)
        if any(all(r.cells[at].any for r in table.rows) and is_odd(column, facts) for at, column in enumerate(COLUMNS)):
            continue  # a column that no row tests is looked at by us all the same
        if answer.verdict in ("missing", "error") and not asks_for_missing:
            assert is_nothing(found["t"]), (facts, found)
        if not is_nothing(found["t"]) and answer.verdict == "found" and not asks_for_missing:
            assert found["t"] == expected(table, facts)


VALUES = {
    "half": "n / 2",
    "third": "n // 3 + n % 3 - (-n)",
    "is_low": "n < 3 and not b",
    "is_grade": "w in ['A', 'B'] or w == 'C'",
    "least": "min(n, 4) if b else max(n, 2) * 10",
    "half_up": "round_half_up(f * 2) + floor(f) - ceil(f) + abs(n - 3)",
    "is_late": "d >= '2026-01-01'",
    "late_grade": "n != 3 and 1 <= n < 5",
}


@settings(max_examples=60)
@given(st.lists(any_facts, min_size=1, max_size=6))
def test_named_values_are_the_same_or_unknown_alike(people: list[dict[str, Any]]) -> None:
    table = build([("-", "-", "-", "-", "-", "X", 1, "0.18")], "F", with_default=False)
    derived = rules.read_derived({n: (t, n) for n, t in VALUES.items()}, {c.name: c for c in COLUMNS}, {})
    policy = rules.compile_policy(list(derived.values()), {c.name: c for c in COLUMNS})
    for facts, found in zip(people, evaluate(table, people, VALUES), strict=True):
        ours = policy.values(policy.run(facts))
        for name in VALUES:
            wanted = ours.get(name)
            got = found[name]
            assert (got is None) == (wanted is None), (name, facts, got, wanted)
            if wanted is not None and not isinstance(wanted, bool):
                assert abs(got - Decimal(str(wanted))) < Decimal("1e-12"), (name, facts)
            else:
                assert got == wanted, (name, facts)
