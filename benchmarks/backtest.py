"""A whole rulebook over made-up past applicants, in columns: rows a second, and the same one by one.

`python benchmarks/backtest.py --rows 1000000` prints a table to the error stream and one JSON line to the output.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date

import numpy as np
import polars as pl

from creditfactory import backtest, decision, rules
from creditfactory.gateways.populations import DTYPES, read_line
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.world import load_market, make_dossier

DAY = date(2026, 11, 1)


def make_population(rows: int, people: int, seed: int) -> pl.DataFrame:
    """So many applicants: those of the simulated market, each with two labels taken from somebody else."""
    rulebook, market = load_rulebook("cn-micro", locked=False), load_market("cn-micro")
    made = [
        read_line(json.dumps(make_dossier(market, seed, i), ensure_ascii=False).encode(), rulebook, DAY, place="market")
        for i in range(people)
    ]
    schema = {name: DTYPES[d.type] for name, d in rulebook.declarations.items()}
    schema |= {"gate_verdict": pl.String, "intake_verdict": pl.String}
    whole = pl.DataFrame([{name: row.get(name) for name in schema} for row in made], schema=schema)
    chance = np.random.default_rng(seed)
    frame = whole[chance.integers(0, people, rows)]
    for name in chance.choice(list(rulebook.declarations), 20, replace=False).tolist():
        moved = chance.random(rows) < 0.1
        frame = frame.with_columns(pl.when(pl.Series(moved)).then(whole[name][chance.integers(0, people, rows)])
                                   .otherwise(pl.col(name)).alias(name))  # fmt: skip
    return frame


def best_of(repeats: int, work: object) -> float:
    """The least processor time of some runs."""
    least = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        work()  # type: ignore[operator]
        least = min(least, time.process_time() - start)
    return least


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--chunk", type=int, default=100_000)
    arguments = parser.parse_args()
    frame = make_population(arguments.rows, arguments.people, seed=7)
    book = load_rulebook("cn-micro", locked=False).at(DAY)
    chunks = [frame.slice(start, arguments.chunk) for start in range(0, frame.height, arguments.chunk)]
    decided = [decision.decide_frame(chunk, book) for chunk in chunks]
    compared = sum(
        backtest.check_twins(chunk, answer, book, backtest.choose_rows(chunk.height, 500))
        for chunk, answer in zip(chunks, decided, strict=True)
    )
    column_policy = rules.compile_columns(book.policy)
    policy = best_of(arguments.repeats, lambda: [column_policy.run(chunk) for chunk in chunks])
    whole = best_of(arguments.repeats, lambda: [decision.decide_frame(chunk, book) for chunk in chunks])
    few = frame.head(500).to_dicts()
    single = best_of(arguments.repeats, lambda: [decision.decide_labels(facts, book) for facts in few]) / len(few)
    found = {
        "rows": frame.height,
        "compared_one_by_one": compared,
        "rules": len(book.policy.rules),
        "policy_rows_a_second": round(frame.height / policy),
        "whole_rows_a_second": round(frame.height / whole),
        "single_a_second": round(1 / single),
        "times_faster_than_one_by_one": round(single * frame.height / whole, 1),
    }
    for name, value in found.items():
        print(f"{name:32} {value:>14,}", file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
