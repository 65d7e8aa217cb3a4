"""Random policies and applicants: the fast way, the careful way, the trace and the slow reference all agree."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from creditfactory import rules
from creditfactory.kernel import BadInput
from creditfactory.rules.expressions import names_read

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reference"))
import plain_rules

LABELS = {
    "i1": rules.Declaration("i1", "int", minimum=-50, maximum=50),
    "i2": rules.Declaration("i2", "int", minimum=0, maximum=9),
    "i3": rules.Declaration("i3", "int", minimum=1, maximum=50),
    "f1": rules.Declaration("f1", "float", minimum=-10, maximum=10),
    "f2": rules.Declaration("f2", "float", minimum=0, maximum=1),
    "b1": rules.Declaration("b1", "bool"),
    "b2": rules.Declaration("b2", "bool"),
    "w1": rules.Declaration("w1", "str", words=("A", "B", "C")),
    "d1": rules.Declaration("d1", "date"),
}
PARAMETERS = rules.known_parameters({"p_int": 3, "p_share": 0.5, "p_words": ("A", "B")})

Draw = st.DrawFn
ATOMS = ("b1", "b2", "w1 == 'A'", "w1 != 'B'", "w1 in p_words", "w1 not in ['C']", "i1 in [1, 2, 3]", "b1 == b2")
ATOMS += ("d1 > '2020-02-29'", "d1 == '2020-02-29'", "(b2 if b1 else i1 > 0)", "not b1", "f1 > 0 or b1")


def pick(draw: Draw, *choices: str) -> str:
    return draw(st.sampled_from(choices))


def whole(draw: Draw, depth: int = 2) -> str:
    """The text of a whole number."""
    form = draw(st.integers(0, 9)) if depth else 9
    if form <= 3:
        return f"({whole(draw, depth - 1)} {pick(draw, '+', '-', '*', '//', '%')} {whole(draw, depth - 1)})"
    if form == 4:
        return f"{pick(draw, 'min', 'max')}({whole(draw, depth - 1)}, {whole(draw, depth - 1)})"
    if form == 5:
        return f"{pick(draw, 'abs', '-', 'floor', 'ceil', 'round_half_up')}({whole(draw, depth - 1)})"
    if form == 6:
        return f"({whole(draw, depth - 1)} if b1 else {whole(draw, depth - 1)})"
    if form == 7:
        return f"{pick(draw, 'floor', 'ceil', 'round_half_up')}({fraction(draw, 0)})"
    return pick(draw, "i1", "i2", "i3", "p_int", "0", "1", "-7", "12")


def fraction(draw: Draw, depth: int = 2) -> str:
    """The text of a fraction."""
    form = draw(st.integers(0, 7)) if depth else 7
    if form <= 2:
        return f"({fraction(draw, depth - 1)} {pick(draw, '+', '-', '*', '/')} {fraction(draw, depth - 1)})"
    if form <= 4:
        return f"({whole(draw, depth - 1)} / {whole(draw, depth - 1)})"
    if form == 5:
        return f"({fraction(draw, depth - 1)} if i1 > 3 else {fraction(draw, depth - 1)})"
    return pick(draw, "f1", "f2", "p_share", "0.25", "3.5")


def condition(draw: Draw, depth: int = 2) -> str:
    """The text of a condition."""
    form = draw(st.integers(0, 9)) if depth else draw(st.integers(4, 9))
    if form <= 2:
        return f"({condition(draw, depth - 1)} {pick(draw, 'and', 'or')} {condition(draw, depth - 1)})"
    if form == 3:
        return f"(not {condition(draw, depth - 1)})"
    if form <= 5:
        return f"({whole(draw)} {pick(draw, '<', '<=', '>', '>=', '==', '!=')} {whole(draw)})"
    if form <= 7:
        return f"({fraction(draw)} {pick(draw, '<', '<=', '>', '>=')} {pick(draw, fraction(draw), whole(draw, 1))})"
    return f"({pick(draw, *ATOMS)})"


@st.composite
def policy_texts(draw: Draw) -> tuple[list[str], str, str]:
    """Up to three rules, a named number and a named yes or no."""
    endings = ("", "", "", " or missing(i1)", " or (missing(w1) and b1)")
    texts = [condition(draw) + pick(draw, *endings) for _ in range(draw(st.integers(1, 3)))]
    return texts, fraction(draw), condition(draw)


edges = [0.0, 0.25, math.nextafter(0.25, 0), math.nextafter(0.25, 1), 0.5, 1.0, -0.0, 5e-324, 1e-300]
good: dict[str, st.SearchStrategy[Any]] = {
    "i1": st.integers(-50, 50),
    "i2": st.integers(0, 9),
    "i3": st.integers(1, 50),
    "f1": st.one_of(st.floats(-10, 10), st.sampled_from(edges), st.integers(-10, 10)),
    "f2": st.one_of(st.floats(0, 1), st.sampled_from(edges)),
    "b1": st.booleans(),
    "b2": st.booleans(),
    "w1": st.sampled_from(["A", "B", "C"]),
    "d1": st.sampled_from(["2020-02-28", "2020-02-29", "2020-03-01"]),
}
BAD: dict[str, list[Any]] = {
    "i1": [51, 1.0, True, "1", math.nan, 10**30, [1]],
    "i2": [-1, 10, 2.0, False, "2"],
    "i3": [0, "x", 3.0],
    "f1": [math.nan, math.inf, -math.inf, 11.0, "0.5", True],
    "f2": [-0.1, 1.1, math.nan, 10**400],
    "b1": [0, 1, "true", 1.0],
    "b2": ["yes"],
    "w1": ["D", "a", "", 1, True],
    "d1": ["2020-02-30", "20200229", "2020-2-9", 20200229, "soon"],
}
applicants = st.fixed_dictionaries(good)


@st.composite
def worn(draw: st.DrawFn) -> dict[str, Any]:
    """An applicant some of whose facts are absent, unknown or broken."""
    facts = draw(applicants)
    for name in draw(st.sets(st.sampled_from(sorted(LABELS)), max_size=4)):
        how = draw(st.sampled_from(["absent", "unknown", "broken"]))
        if how == "absent":
            del facts[name]
        else:
            facts[name] = None if how == "unknown" else draw(st.sampled_from(BAD[name]))
    return facts


def build_policy(texts: list[str], number: str, flag: str) -> tuple[rules.Policy, dict[str, rules.Derived]]:
    """A policy of the given rules, two named values and three rules upon those; a plain division by 0 is no policy."""
    written = {"named": (number, "named"), "flag": (flag, "flag")}
    try:
        named = rules.read_derived(written, LABELS, PARAMETERS)
        for text in texts:
            rules.read_condition(text, LABELS, PARAMETERS, place=text)
    except BadInput as fault:
        assert fault.expected == "a divisor that is not zero", fault
        reject()
    known = {**LABELS, **{n: rules.Declaration(n, d.value.type) for n, d in named.items()}}
    every = [*texts, "named > p_int", "flag and named <= 0.5", "not flag"]
    read = [rules.read_condition(text, known, PARAMETERS, place=text) for text in every]
    steps = [rules.Rule(f"r{i}", when, "decline", "refer", "POL-TEST") for i, when in enumerate(read)]
    return rules.compile_policy([*steps, *named.values()], known), named


def judge_slowly(policy: rules.Policy, named: dict[str, rules.Derived], labels: dict[str, Any]) -> list[str]:
    facts: dict[str, Any] = {}
    broken: set[str] = set()
    for name, declared in LABELS.items():
        state, facts[name] = rules.read_value(declared, labels.get(name))
        if state == "broken":
            broken.add(name)
    roots = {name: {name} for name in LABELS}
    for name, step in named.items():
        value, faults = step.value, list[str]()
        read = plain_rules.decide if value.type == "bool" else plain_rules.number
        facts[name] = read(value, facts, faults)
        roots[name] = set().union(*(roots[n] for n in names_read(value))) | {name}
        if faults:
            broken.add(name)
    return [
        plain_rules.judge(r.when, facts, broken, set().union(*(roots[n] for n in names_read(r.when)), set()))
        for r in policy.rules
    ]


def verdicts(policy: rules.Policy, notes: tuple[int, ...]) -> list[str]:
    found = {n >> 2: rules.VERDICTS[n & 3] for n in notes}
    assert len(found) == len(notes), "one note for each rule that is not clear"
    return [found.get(i, "clear") for i in range(len(policy.rules))]


@settings(max_examples=400, deadline=None)
@given(policy_texts(), st.lists(worn(), min_size=1, max_size=8))
def test_fast_careful_traced_and_reference_agree(
    texts: tuple[list[str], str, str], people: list[dict[str, Any]]
) -> None:
    policy, named = build_policy(*texts)
    careful = policy.run.__globals__["careful"]  # type: ignore[attr-defined]
    for labels in people:
        run, traced = policy.run(labels), policy.trace(labels)
        assert (run.notes, run.outputs) == (traced.notes, traced.outputs) == tuple(careful(labels))
        assert verdicts(policy, run.notes) == judge_slowly(policy, named, labels)
        told = {e[1]: e[2] for e in traced.entries if e[0] == "rule"}
        assert [told[r.name] for r in policy.rules] == [v.verdict for v in policy.judge(labels)]
        assert [told[r.name] for r in policy.rules] == verdicts(policy, run.notes)


@settings(max_examples=300, deadline=None)
@given(policy_texts(), worn(), st.sampled_from(sorted(LABELS)), st.data())
def test_losing_a_fact_never_clears_a_rule(
    texts: tuple[list[str], str, str], labels: dict[str, Any], lost: str, data: st.DataObject
) -> None:
    policy, _ = build_policy(*texts)
    before = verdicts(policy, policy.run(labels).notes)
    without = {name: value for name, value in labels.items() if name != lost}
    worse = [without, {**labels, lost: None}, {**labels, lost: data.draw(st.sampled_from(BAD[lost]))}]
    for changed in worse:
        after = verdicts(policy, policy.run(changed).notes)
        assert not [
            r.name for r, b, a in zip(policy.rules, before, after, strict=True) if b != "clear" and a == "clear"
        ]
