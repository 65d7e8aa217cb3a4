"""Random tables: the bits answer as a person reading row by row would, alone and within a policy."""

from __future__ import annotations

import itertools
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import rules

COLUMNS = (
    rules.Declaration("n", "int", minimum=0, maximum=6),
    rules.Declaration("w", "str", words=("A", "B", "C")),
    rules.Declaration("b", "bool"),
    rules.Declaration("f", "float", minimum=0, maximum=3),
)
OUTPUTS = (rules.Output("grade", "str", ("X", "Y", "Z")), rules.Output("share", "int"))
COUNT = (rules.Output("share", "int"),)
point = st.integers(0, 6).map(str)
fraction = st.sampled_from(["0", "0.5", "1", "1.5", "2.75", "3"])


def spans(number: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(number, number).map(lambda ends: sorted(ends, key=float))
    return st.one_of(
        number,
        st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "="]), number),
        st.builds(lambda o, p, c: f"{o}{p[0]}..{p[1]}{c}", st.sampled_from("[("), pair, st.sampled_from("])")),
    )


def cells(plain: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(plain, min_size=1, max_size=2).map(", ".join)
    return st.one_of(st.just("-"), plain, several, several.map("not({})".format), st.just("missing"))


row = st.tuples(
    cells(spans(point)),
    cells(st.sampled_from(["A", '"B"', "C"])),
    cells(st.sampled_from(["true", "false"])),
    cells(spans(fraction)),
    st.sampled_from(["X", "Y", "Z"]),
    st.integers(0, 2),
)
facts = st.fixed_dictionaries(
    {
        "n": st.sampled_from([*range(7), None, 7, "3", 2.0, True]),
        "w": st.sampled_from(["A", "B", "C", None, "D", 1]),
        "b": st.sampled_from([True, False, None, 1]),
        "f": st.sampled_from([0.0, 0.5, math.nextafter(0.5, 0), 1, 1.5, 2.75, 3.0, None, math.nan, 3.1]),
    }
)
hits = st.sampled_from(sorted(rules.HIT_POLICIES.values()))


def build(rows: list[tuple[Any, ...]], hit: Any) -> rules.Table:
    made = tuple(
        rules.Row(i, tuple(rules.read_cell(c, d, place="t") for c, d in zip(r, COLUMNS, strict=False)), tuple(r[4:]))
        for i, r in enumerate(rows, start=2)
    )
    if hit in ("C+", "C<", "C>", "C#"):
        made = tuple(rules.Row(r.line, r.cells, r.answers[1:]) for r in made)
    outputs = COUNT if hit in ("C+", "C<", "C>", "C#") else OUTPUTS
    return rules.build_table("t", hit=hit, inputs=COLUMNS, outputs=outputs, rows=made)


def read_by_hand(table: rules.Table, values: dict[str, Any]) -> tuple[str, tuple[int, ...]]:
    """The verdict and the lines that speak, read row by row."""
    states = {d.name: rules.read_value(d, values[d.name]) for d in COLUMNS}
    certain, doubtful = [], []
    for r in table.rows:
        answers: list[bool | None] = []
        for cell, d in zip(r.cells, COLUMNS, strict=True):
            state, value = states[d.name]
            if state == "known":
                answers.append(cell.lets_through(value))  # type: ignore[arg-type]
            elif state == "missing":
                answers.append(True if cell.any or cell.missing else None)
            else:
                answers.append(None)
        if False not in answers:
            (doubtful if None in answers else certain).append(r)
    if doubtful and not (table.hit == "F" and certain and certain[0].line < doubtful[0].line):
        return ("error" if any(s == "broken" for s, _ in states.values()) else "missing"), ()
    if not certain:
        return ("found" if table.hit == "C#" else "none"), ()
    if (table.hit == "U" and len(certain) > 1) or (table.hit == "A" and len({r.answers for r in certain}) > 1):
        return "error", tuple(r.line for r in certain)
    ranked = sorted(certain, key=lambda r: "XYZ".index(str(r.answers[0]))) if table.hit in "PO" else certain
    spoken = ranked[:1] if table.hit in ("U", "A", "P", "F") else ranked
    return "found", tuple(r.line for r in spoken)


@settings(max_examples=400)
@given(st.lists(row, min_size=1, max_size=7), hits, st.lists(facts, min_size=1, max_size=6))
def test_a_table_answers_as_read_row_by_row(rows: list[Any], hit: Any, people: list[dict[str, Any]]) -> None:
    table = build(rows, hit)
    policy = rules.compile_policy([rules.TableStep(table)], {d.name: d for d in COLUMNS})
    for values in people:
        answer = table.look_up(values)
        assert (answer.verdict, answer.rows) == read_by_hand(table, values)
        by_line = {r.line: r.answers for r in table.rows}
        if answer.verdict == "found" and hit in ("U", "A", "P", "F"):
            assert tuple(answer.outputs.values()) == by_line[answer.rows[0]]
        if answer.verdict == "found" and hit in ("C", "R", "O"):
            assert answer.outputs["share"] == tuple(by_line[line][1] for line in answer.rows)
        if answer.verdict != "found":
            assert answer.outputs == {} and answer.consequence == "refer" and answer.reasons
        told = tuple(answer.outputs.get(o.name) for o in table.outputs)
        assert policy.run(values).outputs == told == policy.trace(values).outputs


@settings(max_examples=200)
@given(st.lists(row, min_size=1, max_size=5), st.sampled_from(["U", "F", "A"]))
def test_gaps_overlaps_and_silent_rows_are_those_found_by_trying_everything(rows: list[Any], hit: Any) -> None:
    table = build(rows, hit)
    tries = itertools.product(
        range(7), "ABC", (True, False), (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.75, 2.9, 3.0)
    )
    spoke: set[int] = set()
    gap = overlap = False
    for values in tries:
        matching = [r for r in table.rows if all(c.lets_through(v) for c, v in zip(r.cells, values, strict=True))]
        spoke |= {r.line for r in (matching[:1] if hit == "F" else matching)}
        gap |= not matching
        overlap |= len(matching) > 1 if hit == "U" else hit == "A" and len({r.answers for r in matching}) > 1
    faults = rules.check_table(table)
    for_missing = {r.line for r in table.rows if any(c.missing for c in r.cells)}
    silent = {f.lines[0] for f in faults if f.kind == "unreachable"}
    assert silent == {r.line for r in table.rows} - spoke - for_missing
    assert (any(f.kind == "gap" for f in faults), any(f.kind == "overlap" for f in faults)) == (gap, overlap)
