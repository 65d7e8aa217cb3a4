"""Over whole rulebooks: what nobody knows, or what is broken, never clears a rule (law 4)."""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import rules
from creditfactory.gateways.rulebook import load_rulebook

ROOT = Path(__file__).resolve().parents[2]
PACKS = [ROOT / "tests" / "packs" / "unit", *sorted(p.parent for p in (ROOT / "rulebook").glob("*/policy"))]
BROKEN: dict[str, list[Any]] = {
    "int": ["1", 1.0, True, math.nan, 10**16, [1]],
    "float": ["0.5", True, math.nan, math.inf, -math.inf, 1e16],
    "bool": [0, 1, "true", "false", "yes"],
    "str": [1, True, ["a"]],
    "date": ["2026-02-30", "soon", 20260101, date(2026, 1, 1)],
}


@cache
def policy_of(pack: Path) -> rules.Policy:
    rulebook = load_rulebook(pack, locked=False)
    assert rulebook.first_day is not None
    return rulebook.at(max(rulebook.first_day, date(2026, 7, 1))).policy


def known(declared: rules.Declaration) -> st.SearchStrategy[Any]:
    low, high = max(declared.lowest, -(10**9)), min(declared.highest, 10**9)
    if declared.type == "int":
        return st.one_of(
            st.integers(math.ceil(low), math.floor(high)), st.integers(math.ceil(low), math.ceil(low) + 12)
        )
    if declared.type == "float":
        return st.floats(low, high)
    if declared.type == "bool":
        return st.booleans()
    if declared.type == "date":
        return st.dates(date(1990, 1, 1), date(2027, 1, 1)).map(date.isoformat)
    return st.sampled_from(declared.words) if declared.words else st.sampled_from(["", "A", "C", "D", "house", "51"])


def verdicts(policy: rules.Policy, labels: dict[str, Any]) -> list[str]:
    run = policy.run(labels)
    assert run == tuple(policy.run.__globals__["careful"](labels))  # type: ignore[attr-defined]
    assert run == tuple(policy.trace(labels)[1:])
    found = {n >> 2: rules.VERDICTS[n & 3] for n in run.notes}
    return [found.get(i, "clear") for i in range(len(policy.rules))]


@pytest.mark.parametrize("pack", PACKS, ids=[p.name for p in PACKS])
@settings(max_examples=100)
@given(st.data())
def test_dropping_or_mistyping_any_label_never_clears_a_rule(pack: Path, data: st.DataObject) -> None:
    policy = policy_of(pack)
    labels = data.draw(st.fixed_dictionaries({d.name: st.one_of(st.none(), known(d), known(d)) for d in policy.inputs}))
    before = verdicts(policy, labels)
    for lost in policy.inputs:
        broken = data.draw(st.sampled_from(BROKEN[lost.type]))
        misspelt = {(f"{name}_" if name == lost.name else name): value for name, value in labels.items()}
        for worse in (misspelt, {**labels, lost.name: None}, {**labels, lost.name: broken}):
            after = verdicts(policy, worse)
            cleared = [
                r.name for r, b, a in zip(policy.rules, before, after, strict=True) if b != "clear" and a == "clear"
            ]
            assert not cleared, f"losing {lost.name} clears {cleared}"


@pytest.mark.parametrize("pack", PACKS, ids=[p.name for p in PACKS])
def test_nothing_known_clears_no_rule(pack: Path) -> None:
    policy = policy_of(pack)
    assert "clear" not in verdicts(policy, {})
    assert policy.consequence(policy.run({})) in ("refer", "decline")


@pytest.mark.parametrize("pack", PACKS, ids=[p.name for p in PACKS])
def test_a_broken_fact_does_no_less_than_refer(pack: Path) -> None:
    policy = policy_of(pack)
    labels: dict[str, Any] = {d.name: BROKEN[d.type][0] for d in policy.inputs}
    grave = {rules.SEVERITY[v.consequence] for v in policy.judge(labels)}
    assert min(grave) >= rules.SEVERITY["refer"]
