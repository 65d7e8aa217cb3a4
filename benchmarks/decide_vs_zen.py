"""One applicant at a time: our compiled policy beside zen-engine on the same policy and applicants, in one run.

    python benchmarks/decide_vs_zen.py [--applicants 2000] [--repeats 7]

Both are handed plain dictionaries. Ours checks the type, range and words of all 43 facts and gives missing verdicts;
zen-engine checks neither. First every answer of the two is compared; then each is timed by the processor time of one
core, the repeats interleaved, the best kept. It ends with one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import zen

from creditfactory.rules import Policy
from policy_of_the_benchmark import build_graph, build_ours, make_applicants


def compare(policy: Policy, engine: Any, people: list[dict[str, Any]]) -> int:
    """How many applicants get another answer; the trace and the fast twin must agree as well."""
    different = 0
    for one in people:
        run, traced = policy.run(one), policy.trace(one)
        theirs = engine.evaluate("policy", one)["result"]
        values = policy.values(run)
        hits = [policy.rules[n >> 2].name for n in run.notes]
        same = theirs["hits"] == hits and all(
            theirs[name] == values[name] for name in ("points", "grade", "rate_bps", "lane", "limit_cents")
        )
        different += not (same and traced.notes == run.notes and traced.outputs == run.outputs)
    return different


def cost(call: Callable[[dict[str, Any]], Any], people: list[dict[str, Any]]) -> float:
    """Microseconds of processor time for one applicant."""
    began = time.process_time()
    for one in people:
        call(one)
    return (time.process_time() - began) / len(people) * 1e6


def spread(call: Callable[[dict[str, Any]], Any], people: list[dict[str, Any]]) -> tuple[float, float]:
    """Median and 99th percentile of the wall time of one applicant, in microseconds."""
    taken = []
    for one in people:
        began = time.perf_counter()
        call(one)
        taken.append((time.perf_counter() - began) * 1e6)
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applicants", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=7)
    chosen = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    people = make_applicants(chosen.applicants)
    policy = build_ours()
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"policy": build_graph()}}})
    different = compare(policy, engine, people)
    if different:
        print(f"{different} of {len(people)} applicants get another answer: not comparable", file=sys.stderr)
        return 1
    unknown = [{k: v for i, (k, v) in enumerate(one.items()) if (i + n) % 5} for n, one in enumerate(people)]
    calls: dict[str, tuple[Callable[[dict[str, Any]], Any], list[dict[str, Any]]]] = {
        "ours": (policy.run, people),
        "zen": (lambda one: engine.evaluate("policy", one), people),
        "ours_traced": (policy.trace, people),
        "zen_traced": (lambda one: engine.evaluate("policy", one, {"trace": True}), people),
        "ours_a_fifth_unknown": (policy.run, unknown),
        "ours_verdicts_in_words": (policy.judge, people[:500]),
    }
    best = {name: min(cost(*call) for _ in range(2)) for name, call in calls.items()}
    for _ in range(chosen.repeats):
        for name, call in calls.items():
            best[name] = min(best[name], cost(*call))
    walls = {name: spread(*calls[name]) for name in ("ours", "zen", "ours_traced", "zen_traced")}
    for name, micros in best.items():
        print(f"{name:24} {micros:8.2f} µs", file=sys.stderr)
    figures: dict[str, Any] = {f"{name}_us": round(micros, 2) for name, micros in best.items()}
    figures |= {f"{name}_wall_p50_p99_us": [round(x, 1) for x in wall] for name, wall in walls.items()}
    figures |= {
        "ratio": round(best["zen"] / best["ours"], 1),
        "ratio_traced": round(best["zen_traced"] / best["ours_traced"], 1),
        "applicants": len(people),
        "different_answers": different,
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
