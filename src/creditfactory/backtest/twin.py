"""The sampled twin check: before any figure is believed, some rows are decided one by one and must agree."""

from __future__ import annotations

import numpy as np
import polars as pl

from creditfactory.backtest.sampling import draw_lots
from creditfactory.decision import Book, as_row, decide_labels
from creditfactory.kernel import Refused
from creditfactory.rules import VERDICTS


def choose_rows(height: int, count: int, *, seed: int = 0) -> list[int]:
    """So many rows of all, scattered, the same for the same seed.

    >>> choose_rows(5, 9), len(choose_rows(1_000, 20))
    ([0, 1, 2, 3, 4], 20)
    """
    if count >= height:
        return list(range(height))
    mixed = draw_lots(0, height, seed=seed)
    return sorted(np.argsort(mixed, kind="stable")[:count].tolist())


def check_twins(frame: pl.DataFrame, decided: pl.DataFrame, book: Book, rows: list[int]) -> int:
    """Decide these rows one by one; a single difference ends the back-test, since no figure could then be trusted."""
    for row in rows:
        facts = frame.row(row, named=True)
        many = decided.row(row, named=True)
        for name, wanted in as_row(decide_labels(facts, book)).items():
            got = many[name]
            if name.startswith("rule:"):
                got = VERDICTS[got]
            if got != wanted:
                raise Refused(
                    f"The two ways of deciding differ on row {row} in {name}: one by one {wanted!r}, together {got!r}. "
                    "No figure of this back-test can be trusted; please report the row and the rulebook "
                    f"({book.pack}, {book.digest[:12]}, {book.on.isoformat()})."
                )
    return len(rows)
