"""The benchmark's policy answered by another engine: where every fact is known, both must say the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
zen = pytest.importorskip("zen", reason="zen-engine is a development dependency")

from policy_of_the_benchmark import build_graph, build_ours, make_applicants  # noqa: E402  beside the benchmarks


def test_POL_04_rules_tables_points_and_tree_answer_as_zen_engine_does() -> None:
    policy = build_ours()
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"policy": build_graph()}}})
    lanes, hits = set(), set()
    for one in make_applicants(2000):
        run = policy.run(one)
        values = policy.values(run)
        told = engine.evaluate("policy", one)["result"]
        names = [policy.rules[note >> 2].name for note in run.notes]
        assert told["hits"] == names
        for name in ("points", "grade", "rate_bps", "lane", "limit_cents"):
            assert told[name] == values[name]
        lanes.add(values["lane"])
        hits.update(names)
    assert len(hits) == len(policy.rules) and {"PHONE", "VISIT", "REFER", "DECLINE"} <= lanes, "the sample meets it all"


def test_law_4_a_missing_fact_leaves_our_table_unanswered_where_theirs_goes_on_to_the_next_row() -> None:
    policy = build_ours()
    one = {name: value for name, value in make_applicants(1)[0].items() if name != "debt_cents"}
    values = policy.values(policy.run(one))
    assert values["debt_to_income"] is None and values["points"] is None
    assert values["grade"] is None and values["lane"] is None and values["limit_cents"] is None
