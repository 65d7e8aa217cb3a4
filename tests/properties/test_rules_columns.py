"""The same policy in columns: whatever the rules and whatever the rows, every verdict and every value is the same."""

from __future__ import annotations

import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from creditfactory import rules
from creditfactory.kernel import BadInput
from creditfactory.rules import columns, columns_facts

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_rules_agree import LABELS, PARAMETERS, build_policy, policy_texts, worn

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def run_singly(policy: rules.Policy, people: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Every verdict as its place in VERDICTS and every output, one applicant at a time."""
    found = []
    for labels in people:
        run = policy.run(labels)
        verdicts = {note >> 2: note & 3 for note in run.notes}
        found.append((*(verdicts.get(i, 0) for i in range(len(policy.rules))), *run.outputs))
    return found


def as_told(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Values with their types, so that 1, 1.0 and True differ."""
    return [tuple((type(v), v) if not isinstance(v, list | tuple) else ("list", *v) for v in row) for row in rows]


def assert_same(policy: rules.Policy, frame: pl.DataFrame, people: list[dict[str, Any]]) -> None:
    found = rules.compile_columns(policy).run(frame)
    assert found.columns == [*(f"rule:{r.name}" for r in policy.rules), *policy.outputs]
    assert all(found.schema[f"rule:{r.name}"] == pl.UInt8 for r in policy.rules)
    assert as_told(found.rows()) == as_told(run_singly(policy, people))


def as_labels(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows as one applicant's labels are written: dates as ISO text where the label is a date."""
    dated = [n for n in frame.columns if frame.schema[n] == pl.Date and n.startswith("d")]
    return frame.with_columns(pl.col(dated).dt.to_string("%Y-%m-%d")).to_dicts()


@settings(calm, max_examples=150)
@given(policy_texts(), st.lists(worn(), min_size=1, max_size=12))
def test_any_policy_on_rows_of_any_kind(texts: tuple[list[str], str, str], people: list[dict[str, Any]]) -> None:
    policy, _ = build_policy(*texts)
    frame = pl.DataFrame([pl.Series(name, [p.get(name) for p in people], dtype=pl.Object) for name in LABELS])
    assert_same(policy, frame, people)


# --- columns of every type, right and wrong

fractions = st.one_of(
    st.none(), st.floats(-11, 11), st.sampled_from([0.25, math.nextafter(0.25, 0), math.nan, math.inf, -0.0, 1e300])
)
WHOLE_TYPES = (pl.Int8, pl.Int16, pl.Int64, pl.Int64, pl.UInt8, pl.UInt64, pl.Int128)
words = st.one_of(st.none(), st.sampled_from(["A", "B", "C", "D", "", "汉"]))
iso_dates = st.sampled_from(
    [
        None,
        "2020-02-28",
        "2020-02-29",
        "2020-03-01",
        "2020-02-30",
        "20200229",
        "0001-01-01",
        "10000-01-01",
        " 2020-01-01",
    ]
)
days = st.one_of(
    st.none(), st.dates(), st.sampled_from([date(2020, 2, 28), date(2020, 2, 29), date(2020, 3, 1), date(1, 1, 1)])
)


def fit(value: int | None, kind: Any) -> int | None:
    """A number that a column's type can hold, or nothing."""
    low, high = {
        pl.Int8: (-128, 127),
        pl.UInt8: (0, 255),
        pl.Int16: (-(2**15), 2**15 - 1),
        pl.UInt64: (0, 2**64 - 1),
    }.get(kind, (-(2**63), 2**63 - 1))
    return value if kind == pl.Int128 or value is None or low <= value <= high else None


@st.composite
def column(draw: st.DrawFn, name: str, count: int) -> pl.Series:
    """A column for a label: mostly of its own type, in one of the forms it may come in, sometimes of another."""
    kind = LABELS[name].type
    if draw(st.integers(0, 9)) == 0:
        kind = draw(st.sampled_from(["int", "float", "bool", "str", "date", "null", "time", "list"]))

    def some(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    match kind:
        case "int":
            whole = draw(st.sampled_from(WHOLE_TYPES))
            values = st.one_of(st.none(), st.integers(-52, 52), st.sampled_from([2**62, -(2**63), 2**64 - 1, 2**100]))
            return pl.Series(name, [fit(v, whole) for v in some(values)], dtype=whole)
        case "float":
            return pl.Series(name, some(fractions), dtype=draw(st.sampled_from([pl.Float64, pl.Float64, pl.Float32])))
        case "bool":
            return pl.Series(name, some(st.one_of(st.none(), st.booleans())), dtype=pl.Boolean)
        case "str":
            texts = draw(
                st.sampled_from([pl.String, pl.String, pl.Categorical, pl.Enum(["D", "C", "A", "B", "", "汉"])])
            )
            return pl.Series(name, some(words), dtype=texts)
        case "date" if draw(st.booleans()):
            return pl.Series(name, some(days), dtype=pl.Date)
        case "date":
            return pl.Series(name, some(iso_dates), dtype=draw(st.sampled_from([pl.String, pl.Categorical])))
        case "null":
            return pl.Series(name, [None] * count)
        case "time":
            return pl.Series(name, some(st.one_of(st.none(), st.datetimes())), dtype=pl.Datetime)
        case _:
            return pl.Series(name, some(st.one_of(st.none(), st.just([1]))), dtype=pl.List(pl.Int64))


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    """Rows in columns of every type, some of them absent, and one that nobody asked for."""
    count = draw(st.integers(1, 9))
    there = [name for name in LABELS if draw(st.integers(0, 11))]
    return pl.DataFrame([*(draw(column(name, count)) for name in there), pl.Series("else", [1] * count)])


@settings(calm, max_examples=150)
@given(policy_texts(), frames())
def test_any_policy_on_columns_of_any_type(texts: tuple[list[str], str, str], frame: pl.DataFrame) -> None:
    policy, _ = build_policy(*texts)
    assert_same(policy, frame, as_labels(frame))


# --- numbers far out, where 64 bits and floats end

PARAMETERS = {**PARAMETERS, "p_day": rules.Parameter("p_day", date(2020, 2, 29))}
WIDE = {name: rules.Declaration(name, d.type) for name, d in LABELS.items()}
far = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.integers(-(10**15), 10**15),
    st.sampled_from([10**15, -(10**15), 10**15 - 1, 10**15 + 1, 2**31, 3 * 10**9, -3037000500]),
)
far_fractions = st.one_of(
    st.none(),
    st.floats(-2e15, 2e15),
    st.sampled_from([1e15, math.nextafter(1e15, 2e15), 0.0, -0.0, 5e-324, 1e-300, 0.5, -0.5, 2.5, 0.49999999999999994]),
)
CUBES = " * ".join(["f1"] * 22)
PRODUCTS = (
    "i1 * i2 * i3 > i1 * i1",
    "(i1 * i2) // i3 > 0",
    "(i1 * i2) % i3 == 1",
    "i1 * i2 > f1 * f2",
    "(i1 * i2 * i3) / (i1 + 1) > f1",
    "round_half_up(i1 * i2) == i1 * i2",
    "min(i1 * i2, i3 * i3) == max(i1, i2) * 3",
    "abs(i1 * i2) in [1, 2, 3]",
    "i1 * i2 - i2 * i1 == 0",
    f"floor({CUBES} - {CUBES}) > 0",
    "ceil(f1 / f2) > 0",
    "round_half_up(f1) > round_half_up(-f1)",
    "0.1 + 0.2 + f1 > 0.6000000000000001",
    "f1 + 0.1 + 0.2 + 0.3 <= f2",
    "i1 * 10 + 1 > f1 * 10.0",
    "round_half_up(i1 * i2 + 1) == i1 * i2 + 1",
)


def build_wide(texts: list[str], numbers: list[str]) -> rules.Policy:
    written = {f"n{i}": (text, text) for i, text in enumerate(numbers)}
    try:
        named = rules.read_derived(written, WIDE, PARAMETERS)
        known = {**WIDE, **{n: rules.Declaration(n, d.value.type) for n, d in named.items()}}
        when = [rules.read_condition(text, known, PARAMETERS, place=text) for text in texts]
    except BadInput as fault:
        assert fault.expected == "a divisor that is not zero", fault
        reject()
    steps = [rules.Rule(f"r{i}", w, "decline", "refer", "POL-TEST") for i, w in enumerate(when)]
    return rules.compile_policy([*named.values(), *steps], known)


@st.composite
def far_frames(draw: st.DrawFn) -> pl.DataFrame:
    count = draw(st.integers(1, 9))
    each = {
        "int": far,
        "float": far_fractions,
        "bool": st.sampled_from([True, False, None]),
        "str": words,
        "date": iso_dates,
    }
    kinds = {"int": pl.Int64, "float": pl.Float64, "bool": pl.Boolean, "str": pl.String, "date": pl.String}
    return pl.DataFrame(
        [
            pl.Series(n, draw(st.lists(each[d.type], min_size=count, max_size=count)), dtype=kinds[d.type])
            for n, d in WIDE.items()
        ]
    )


@settings(calm, max_examples=150)
@given(policy_texts(), st.lists(st.sampled_from(PRODUCTS), max_size=4), far_frames())
def test_numbers_beyond_64_bits_are_as_exact_as_ours(
    texts: tuple[list[str], str, str], products: list[str], frame: pl.DataFrame
) -> None:
    numbers = [texts[1], "i1 * i2 * i3", "(i1 * i2) // i3", "i1 / i2", "f1 * f2", "floor(f1 * f2)", "i1 - i2 - i3"]
    conditions = [*texts[0], texts[2], *products, "n1 > 0", "n2 == 3", "n5 <= n1", "n4 < 0.5"]
    assert_same(build_wide(conditions, numbers), frame, frame.to_dicts())


@pytest.mark.parametrize("text", PRODUCTS)
def test_each_product_at_each_edge(text: str) -> None:
    edges = [0, 1, -1, 7, 10**15, -(10**15), 3037000500, 94906267, 2**31, None]
    rows = [{"i1": a, "i2": b, "i3": c} for a in edges for b in edges for c in (1, -7, 0, 10**15)]
    part = [1e15, -1e15, 0.5, -0.5, -0.0, 2.5, 1e-300, None]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("i1", "i2", "i3"), pl.Int64)).with_columns(
        f1=pl.Series([part[i % 8] for i in range(len(rows))], dtype=pl.Float64),
        f2=pl.Series([part[i // 8 % 8] for i in range(len(rows))], dtype=pl.Float64),
        b1=pl.Series([i % 3 == 0 for i in range(len(rows))]),
    )
    assert_same(build_wide([text], ["(i1 * i2 * i3) / (i1 * i2 + 7)", "i1 * i2 - i3"]), frame, frame.to_dicts())


@settings(calm, max_examples=100)
@given(far_frames())
def test_words_and_dates_are_chosen_and_compared_alike(frame: pl.DataFrame) -> None:
    chosen = ["w1 if i1 > 0 else 'B'", "d1 if b1 else p_day", "d1 if w1 == 'A' else d1", "b2 if i1 / i2 > 0.5 else b1"]
    texts = ["n0 == w1", "n0 in ['A', '汉']", "n1 > d1 or n1 == '2020-02-29'", "n2 in ['2020-02-29']", "n3", "b1 == n3"]
    assert_same(build_wide(texts, chosen), frame, frame.to_dicts())


# --- thresholds, one unit or one ulp to either side

threshold = st.one_of(st.integers(-50, 50), st.floats(-10, 10, allow_subnormal=True))


@settings(calm, max_examples=200)
@given(threshold, st.sampled_from(["<", "<=", ">", ">="]), st.booleans())
@example(threshold=0.1, sign="<", is_reversed=False)
def test_a_threshold_and_its_neighbours(threshold: float, sign: str, is_reversed: bool) -> None:
    near = [threshold, math.nextafter(threshold, -math.inf), math.nextafter(threshold, math.inf)]
    near += [math.floor(threshold), math.ceil(threshold), threshold - 1, threshold + 1, 50, -50, 51]
    frame = pl.DataFrame(
        {"i1": pl.Series([round(x) for x in near], dtype=pl.Int64), "f1": pl.Series(near, dtype=pl.Float64)}
    )
    texts = [f"{threshold!r} {sign} {n}" if is_reversed else f"{n} {sign} {threshold!r}" for n in ("i1", "f1")]
    read = [rules.read_condition(t, LABELS, {}, place=t) for t in texts]
    steps = [rules.Rule(f"r{i}", when, "decline", "refer", "POL-TEST") for i, when in enumerate(read)]
    cell = rules.read_cell(f"{sign} {threshold!r}", LABELS["f1"], place="t")
    row = rules.Row(2, (cell,), ("in",))
    table = rules.build_table("t", hit="F", inputs=(LABELS["f1"],), outputs=(rules.Output("o", "str"),), rows=(row,))
    bands = (rules.PointsBand(1), rules.PointsBand(2, start=threshold))
    questions = tuple(rules.PointsQuestion(n, bands, missing_points=-5) for n in ("i1", "f1"))
    more = [rules.TableStep(table), rules.PointsStep("points", 0, questions)]
    assert_same(rules.compile_policy([*steps, *more], LABELS), frame, frame.to_dicts())


# --- slabs and blocks


def test_rows_keep_their_places_over_slabs_and_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "SLAB", 16)
    monkeypatch.setattr(columns, "BLOCK", 5)
    policy = build_wide(["i1 * i2 > i3", "w1 == 'A' or missing(d1)", "b1"], ["i1 * i2", "i1 / i3", "i2"])
    frame = pl.DataFrame(
        {
            "i1": [10**15 if i % 13 == 0 else i for i in range(101)],
            "i2": [None if i % 7 == 0 else 10**6 * i for i in range(101)],
            "i3": [i % 3 for i in range(101)],
            "w1": [[None, "A", "B"][i % 3] for i in range(101)],
            "b1": [i > 40 for i in range(101)],
        }
    )
    assert_same(policy, frame, frame.to_dicts())
    assert_same(policy, frame.head(0), [])
    assert rules.compile_columns(policy).run(frame.head(0)).schema == rules.compile_columns(policy).run(frame).schema


def test_a_policy_runs_again_as_if_for_the_first_time() -> None:
    policy = build_wide(["w1 == 'A'", "b1 and w1 not in ['B', 'C']"], ["i1 + i2"])
    compiled = rules.compile_columns(policy)
    for texts in (["A", "B", "x"], ["y", "A", "x"], [None, "C", "z"]):
        frame = pl.DataFrame({"w1": texts, "b1": [True] * 3, "i1": [1, 2, 3], "i2": [1, 2, None]})
        assert as_told(compiled.run(frame).rows()) == as_told(run_singly(policy, frame.to_dicts()))


def test_many_listed_words_and_few_are_read_alike() -> None:
    listed = tuple(f"word {i}" for i in range(columns_facts.WORDS_TRIED_MAX + 3))
    for words_of_label in (listed, listed[:3]):
        label = rules.Declaration("w", "str", words=words_of_label)
        when = rules.read_condition("w in ['word 1', 'word 2']", {"w": label}, {}, place="w")
        policy = rules.compile_policy([rules.Rule("r", when, "decline", "refer", "POL-TEST")], {"w": label})
        for dtype in (pl.String, pl.Categorical):
            frame = pl.DataFrame({"w": pl.Series([*listed, "else", "", None], dtype=dtype)})
            assert_same(policy, frame, frame.to_dicts())


def test_a_range_that_64_bits_cannot_hold_is_refused() -> None:
    label = rules.Declaration("i", "int", maximum=10**30)
    when = rules.read_condition("i > 5", {"i": label}, {}, place="i")
    policy = rules.compile_policy([rules.Rule("r", when, "decline", "refer", "POL-TEST")], {"i": label})
    with pytest.raises(BadInput, match="whole numbers within"):
        rules.compile_columns(policy)
