"""A divergence card of 200 characteristics on 100,000 applicants, and what 1,000 new outcomes cost to take in.

``python benchmarks/divergence.py`` counts and solves, then adds 1,000 outcomes to the counts and solves again, beside
counting and solving everything anew (the reference). Both must give the same whole points, to the last one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # on a machine shared with others two threads wait for each other

import numpy as np

from creditfactory.lab.divergence import DivergenceFit, Question, fit_divergence
from creditfactory.lab.fitting import Scale
from creditfactory.lab.moments import Layout, Moments, count_moments

CLASSES = 8


def make_codes(characteristics: int, rows: int, seed: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """An invented market in classes: most characteristics say little, neighbours say alike, a twentieth is missing."""
    chance = np.random.default_rng(seed)
    bad = chance.random(rows) < 0.10
    shared = chance.standard_normal((rows, characteristics // 10 + 1), dtype=np.float32)
    codes = []
    for i in range(characteristics):
        own = np.random.default_rng([7, i])
        shown = chance.standard_normal(rows, dtype=np.float32) + 0.6 * shared[:, i // 10]
        shown -= np.float32(own.exponential(0.15)) * bad
        code = np.searchsorted(np.linspace(-1.6, 1.6, CLASSES - 1), shown).astype(np.int64)
        code[chance.random(rows) < 0.05] = CLASSES
        codes.append(code)
    return codes, bad, chance.choice([1.0, 2.5], rows)


def round_points(found: DivergenceFit) -> np.ndarray:
    """Whole points, as a card has them."""
    return np.rint(Scale().factor * found.slope * found.weights).astype(np.int64)


def measure(act: Callable[[], object], repeats: int) -> tuple[float, float, object]:
    """Best and worst seconds of so many times, and what came out."""
    seconds, found = [], None
    for _ in range(repeats):
        started = time.perf_counter()
        found = act()
        seconds.append(time.perf_counter() - started)
    return min(seconds), max(seconds), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--characteristics", type=int, default=200)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    codes, bad, weight = make_codes(asked.characteristics, asked.rows + asked.new, asked.seed)
    questions = [
        Question(name=f"q{i}", classes=CLASSES, shape=("up", "free")[i % 2], own=(*(True,) * (CLASSES + 1), False))
        for i in range(asked.characteristics)
    ]
    layout = Layout.of([(q.name, CLASSES + 2) for q in questions])

    def count(part: slice) -> Moments:
        return count_moments(layout, [c[part] for c in codes], bad[part], weight[part])

    count(slice(0, 2_000))  # compiled, before the clock starts
    data_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    known, new = slice(0, asked.rows), slice(asked.rows, asked.rows + asked.new)
    counting = measure(lambda: count(known), 1)
    before = counting[2]
    assert isinstance(before, Moments)
    solving = measure(lambda: fit_divergence(before, questions), asked.repeats)
    first = solving[2]
    assert isinstance(first, DivergenceFit)

    def refresh() -> tuple[Moments, DivergenceFit]:
        after = before.add(count(new))
        return after, fit_divergence(after, questions, start=first.moving)

    adding = measure(refresh, asked.repeats)
    after, again = adding[2]  # type: ignore[misc]

    def rebuild() -> tuple[Moments, DivergenceFit]:
        whole = count(slice(0, asked.rows + asked.new))
        return whole, fit_divergence(whole, questions)

    anew = measure(rebuild, 1)
    whole, full = anew[2]  # type: ignore[misc]
    told = {
        "characteristics": asked.characteristics, "rows": asked.rows, "new": asked.new, "positions": layout.width,
        "count_seconds": round(counting[0], 3), "solve_seconds": round(solving[0], 3),
        "add_and_solve_seconds": round(adding[0], 3), "add_and_solve_worst": round(adding[1], 3),
        "rebuild_seconds": round(anew[0], 3), "times_faster_than_rebuild": round(anew[0] / adding[0], 1),
        "same_counts": bool(np.array_equal(after.meetings, whole.meetings)),
        "same_points": bool(np.array_equal(round_points(again), round_points(full))),
        "points_moved_by_the_new": int((round_points(again) != round_points(first)).sum()),
        "divergence": round(full.divergence, 4), "fault": max(again.fault, full.fault), "rounds": again.rounds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "of_which_before_counting_mb": data_mb,
    }  # fmt: skip
    assert told["same_counts"] and told["same_points"], told
    print(json.dumps(told))


if __name__ == "__main__":
    main()
