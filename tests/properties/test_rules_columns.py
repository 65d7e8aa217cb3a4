"""The same policy in columns: whatever the rules and whatever the rows, every verdict and every value is the same."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditfactory import rules

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_rules_agree import LABELS, build_policy, policy_texts, worn

PLAIN = {"int": pl.Int64, "float": pl.Float64, "bool": pl.Boolean, "str": pl.String, "date": pl.String}


def run_singly(policy: rules.Policy, people: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Every verdict as its place in VERDICTS and every output, one applicant at a time."""
    found = []
    for labels in people:
        run = policy.run(labels)
        verdicts = {note >> 2: note & 3 for note in run.notes}
        found.append((*(verdicts.get(i, 0) for i in range(len(policy.rules))), *run.outputs))
    return found


def as_told(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Values with their types, so that 1, 1.0 and True differ, and 0.0 from -0.0 does not."""
    return [
        tuple((type(v), v) if not isinstance(v, list | tuple) else ("list", *map(repr, v)) for v in row) for row in rows
    ]


def assert_same(policy: rules.Policy, frame: pl.DataFrame, people: list[dict[str, Any]]) -> None:
    found = rules.compile_columns(policy).run(frame)
    names = [*(f"rule:{r.name}" for r in policy.rules), *policy.outputs]
    assert found.columns == names
    assert all(found.schema[f"rule:{r.name}"] == pl.UInt8 for r in policy.rules)
    assert as_told(found.rows()) == as_told(run_singly(policy, people))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policy_texts(), st.lists(worn(), min_size=1, max_size=12))
def test_any_policy_on_rows_of_any_kind(texts: tuple[list[str], str, str], people: list[dict[str, Any]]) -> None:
    policy, _ = build_policy(*texts)
    columns = [pl.Series(name, [p.get(name) for p in people], dtype=pl.Object) for name in LABELS]
    assert_same(policy, pl.DataFrame(columns), people)
