"""A million applicants: the policy in columns beside zen-engine and beside our own live twin, on one core, in one run.

    python benchmarks/columns_vs_zen.py [--rows 1000000] [--zen 20000] [--repeats 5] [--no-twin]

First every output of the two back ends is compared on records of which a fifth of the facts is unknown (``--no-twin``
leaves that out), and every answer of columns and zen-engine on records of which all is known, since zen-engine raises
on an unknown fact. Then each is timed by the processor time of one core, Polars held to one thread, the best of the
repeats kept. It ends with one JSON line.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
import zen

from creditfactory import rules
from policy_of_the_benchmark import COUNTS, FLAGS, MONEY, SHARES, WORDS, build_graph, build_ours

PART = 50_000


def make_records(count: int, unknown_share: float, seed: int = 20261122) -> pl.DataFrame:
    """Made-up records, evenly spread so that every rule, row and leaf is met, each fact unknown in a share of them."""
    chance = np.random.default_rng(seed)
    columns = []
    for name, (low, high) in {**MONEY, **COUNTS}.items():
        columns.append(pl.Series(name, chance.integers(low, high, count, endpoint=True)))
    for name, (start, end) in SHARES.items():
        columns.append(pl.Series(name, chance.uniform(start, end, count).round(4)))
    for name in FLAGS:
        columns.append(pl.Series(name, chance.random(count) < 0.3))
    for name, words in WORDS.items():
        columns.append(pl.Series(name, words).gather(chance.integers(0, len(words), count)).cast(pl.String))
    frame = pl.DataFrame(columns)
    if not unknown_share:
        return frame
    known = {f"known {name}": chance.random(count) >= unknown_share for name in frame.columns}
    return frame.with_columns(pl.DataFrame(known)).select(
        pl.when(pl.col(f"known {name}")).then(pl.col(name)).alias(name) for name in frame.columns
    )


def each_row(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """One record after the other, without holding them all."""
    for start in range(0, frame.height, PART):
        yield from frame.slice(start, PART).to_dicts()


def compare_twins(policy: rules.Policy, found: pl.DataFrame, records: pl.DataFrame) -> int:
    """How many records get another verdict or value from columns than from the live twin."""
    different, places = 0, range(len(policy.rules))
    for start in range(0, found.height, PART):
        told = found.slice(start, PART).rows()
        for row, one in zip(told, each_row(records.slice(start, PART)), strict=True):
            run = policy.run(one)
            verdicts = {note >> 2: note & 3 for note in run.notes}
            different += row != (*(verdicts.get(place, 0) for place in places), *run.outputs)
    return different


def compare_with_zen(policy: rules.Policy, engine: Any, found: pl.DataFrame, records: pl.DataFrame) -> int:
    """How many records get another answer from columns than from zen-engine."""
    different = 0
    for row, one in zip(found.iter_rows(named=True), each_row(records), strict=True):
        theirs = engine.evaluate("policy", one)["result"]
        hits = [rule.name for rule in policy.rules if row[f"rule:{rule.name}"] == 1]
        names = ("points", "grade", "rate_bps", "lane", "limit_cents")
        different += theirs["hits"] != hits or any(theirs[name] != row[name] for name in names)
    return different


def cost(call: Callable[[], Any], rows: int, repeats: int) -> float:
    """Microseconds of processor time for one row, the best of some repeats."""
    best = float("inf")
    for _ in range(repeats):
        began = time.process_time()
        call()
        best = min(best, time.process_time() - began)
    return best / rows * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--zen", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-twin", action="store_true")
    chosen = parser.parse_args()
    policy = build_ours()
    columns = rules.compile_columns(policy)
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"policy": build_graph()}}})
    known, worn = make_records(chosen.rows, 0.0), make_records(chosen.rows, 0.2)
    few = known.head(chosen.zen)
    beside_zen = compare_with_zen(policy, engine, columns.run(few), few)
    beside_twin = 0 if chosen.no_twin else compare_twins(policy, columns.run(worn), worn)
    if beside_zen or beside_twin:
        print(f"{beside_zen} beside zen-engine and {beside_twin} beside the live twin differ", file=sys.stderr)
        return 1
    few_rows, few_worn = few.to_dicts(), worn.head(chosen.zen).to_dicts()
    micros = {
        "columns": cost(lambda: columns.run(known), chosen.rows, chosen.repeats),
        "columns_a_fifth_unknown": cost(lambda: columns.run(worn), chosen.rows, chosen.repeats),
        "zen": cost(lambda: [engine.evaluate("policy", one) for one in few_rows], len(few_rows), chosen.repeats),
        "live": cost(lambda: [policy.run(one) for one in few_rows], len(few_rows), chosen.repeats),
        "live_a_fifth_unknown": cost(lambda: [policy.run(o) for o in few_worn], len(few_worn), chosen.repeats),
    }
    for name, value in micros.items():
        print(f"{name:26} {value:8.3f} µs a row, {1e6 / value:12,.0f} rows a second", file=sys.stderr)
    figures: dict[str, Any] = {f"{name}_us": round(value, 3) for name, value in micros.items()}
    figures |= {
        "rows_a_second": round(1e6 / micros["columns"]),
        "rows_a_second_a_fifth_unknown": round(1e6 / micros["columns_a_fifth_unknown"]),
        "ratio_zen": round(micros["zen"] / micros["columns"], 1),
        "ratio_zen_a_fifth_unknown": round(micros["zen"] / micros["columns_a_fifth_unknown"], 1),
        "rows": chosen.rows,
        "compared_with_live_twin": 0 if chosen.no_twin else chosen.rows,
        "compared_with_zen": chosen.zen,
        "different_answers": beside_zen + beside_twin,
        "memory_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
