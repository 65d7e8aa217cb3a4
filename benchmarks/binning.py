"""3,000 columns by 100,000 rows binned, beside optbinning on all of them: ``python benchmarks/binning.py --other PY``.

``PY`` is a Python of its own that has optbinning (``python -m venv ob && ob/bin/pip install optbinning``); without it
only our own side is measured. Both are asked for the same: monotone classes (either way) of at least 5 % of the known
rows each, at most 10 of them. Information value is measured on rows neither has seen: shares of the holdout against
the training rows' weight of evidence, so that classes drawn by noise count against whoever drew them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from creditfactory.lab.binning import BinningRules
from creditfactory.lab.wide import bin_wide

OTHER = """
import json, sys, time
import numpy as np
from optbinning import OptimalBinning
folder, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
columns, bad = np.load(folder + "/train.npy", mmap_mode="r"), np.load(folder + "/bad.npy")
values = [np.asarray(columns[i], dtype=np.float64) for i in range(first, last)]
started = time.perf_counter()
cuts = []
for column in values:
    binner = OptimalBinning(dtype="numerical", solver="cp", monotonic_trend="auto_asc_desc", min_bin_size=0.05,
                            max_n_bins=10)
    binner.fit(column, bad)
    cuts.append([float(c) for c in binner.splits])
print(json.dumps({"seconds": time.perf_counter() - started, "cuts": cuts}))
"""


def make_market(columns: int, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """An invented market: a tenth is bad, most columns say little, one in six nothing, a twentieth is missing."""
    chance = np.random.default_rng(seed)
    bad = chance.random(rows) < 0.10
    market = np.empty((columns, rows), dtype=np.float32)
    for i in range(columns):
        own = np.random.default_rng([7, i])
        strength = 0.0 if i % 6 == 0 else own.exponential(0.07)
        values = chance.standard_normal(rows, dtype=np.float32)
        values += np.float32(strength) * bad * (1 if i % 2 else -1)
        if i % 3 == 0:
            values = np.exp(values)
        if i % 7 == 0:
            values = np.round(values * 4)
        values[chance.random(rows) < 0.05] = np.nan
        market[i] = values
    return market, bad


def measure_iv(train: np.ndarray, bad: np.ndarray, held: np.ndarray, held_bad: np.ndarray, cuts: np.ndarray) -> float:
    """Information value on unseen rows, with the weight of evidence of the training rows; missing is a class."""

    def share(values: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        codes = np.where(np.isnan(values), len(cuts) + 1, np.searchsorted(cuts, values, side="right"))
        good = np.bincount(codes[~outcome], minlength=len(cuts) + 2)
        return good, np.bincount(codes[outcome], minlength=len(cuts) + 2)

    good, evil = share(train, bad)
    woe = np.log((good + 0.5) / good.sum()) - np.log((evil + 0.5) / evil.sum())
    new_good, new_evil = share(held, held_bad)
    return float(((new_good / new_good.sum() - new_evil / new_evil.sum()) * woe).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--columns", type=int, default=3_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--other", help="a Python that has optbinning")
    parser.add_argument("--most", type=int, default=128, help="fine classes of a column")
    parser.add_argument("--price", type=float, default=0.01, help="what one more class must add")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    train, bad = make_market(asked.columns, asked.rows, 1)
    held, held_bad = make_market(asked.columns, asked.rows, 2)
    names = [f"c{i}" for i in range(asked.columns)]
    weight = np.ones(asked.rows)
    rules = BinningRules(share_min=0.05, bins_max=10, class_price=asked.price)
    bin_wide(train[:8], names[:8], bad, weight, shape="monotone", rules=rules, most=asked.most)
    seconds = []
    for _ in range(asked.repeats):
        started = time.perf_counter()
        found = bin_wide(train, names, bad, weight, shape="monotone", rules=rules, most=asked.most)
        seconds.append(time.perf_counter() - started)
    ours = [measure_iv(train[i], bad, held[i], held_bad, c) for i, c in enumerate(found.cuts)]
    told = {
        "columns": asked.columns, "rows": asked.rows, "seconds": [round(s, 2) for s in seconds],
        "holdout_iv": round(sum(ours), 4), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "of_which_the_columns_mb": (train.nbytes + held.nbytes) >> 20,
    }  # fmt: skip
    if asked.other:
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder, "train.npy"), train)
            np.save(Path(folder, "bad.npy"), bad)
            script = Path(folder, "other.py")
            script.write_text(OTHER)
            halves = [(0, asked.columns // 2), (asked.columns // 2, asked.columns)]
            started = time.perf_counter()
            running = [
                subprocess.Popen([asked.other, str(script), folder, str(a), str(b)], stdout=subprocess.PIPE)
                for a, b in halves
            ]
            answers = [json.loads(one.communicate()[0].splitlines()[-1]) for one in running]
            wall = time.perf_counter() - started
        cuts = [c for answer in answers for c in answer["cuts"]]
        theirs = [measure_iv(train[i], bad, held[i], held_bad, np.array(c)) for i, c in enumerate(cuts)]
        fitted = max(answer["seconds"] for answer in answers)
        told |= {
            "optbinning_seconds_on_two_processes": round(fitted, 1), "with_start_and_reading": round(wall, 1),
            "optbinning_holdout_iv": round(sum(theirs), 4), "times_faster": round(fitted / min(seconds), 1),
            "share_of_its_iv": round(sum(ours) / sum(theirs), 4),
        }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main()
