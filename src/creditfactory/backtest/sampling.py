"""A sample of a population that passes by: the same rows for the same seed, however it is cut into chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

_STEP = 0x9E3779B97F4A7C15
_MIX = 0xBF58476D1CE4E5B9


def draw_lots(start: int, count: int, *, seed: int = 0) -> NDArray[np.uint64]:
    """A lot for each row by its number: scattered over all whole numbers of 64 bits, the same for the same seed."""
    mixed = (np.arange(start, start + count, dtype=np.uint64) + np.uint64(seed + 1)) * np.uint64(_STEP)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(_MIX)
    return mixed ^ (mixed >> np.uint64(27))


class Sample:
    """Keeps at most so many rows of all that pass: those with the lowest lots.

    >>> sample = Sample(2)
    >>> [frame.height for frame in sample.watch([pl.DataFrame({"n": range(5)}), pl.DataFrame({"n": range(5, 9)})])]
    [5, 4]
    >>> sample.take().height
    2
    """

    def __init__(self, most: int, *, seed: int = 0) -> None:
        self.most, self.seed, self.seen = most, seed, 0
        self.parts: list[pl.DataFrame] = []
        self.line = np.iinfo(np.uint64).max

    def watch(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Hand every frame on, and keep a few of its rows."""
        for frame in frames:
            lots = draw_lots(self.seen, frame.height, seed=self.seed)
            chosen = np.flatnonzero(lots <= self.line)
            self.parts.append(frame[chosen].with_columns(pl.Series("_lot", lots[chosen])))
            self.seen += frame.height
            if sum(part.height for part in self.parts) > 2 * self.most:
                self._thin()
            yield frame

    def take(self) -> pl.DataFrame:
        """The rows kept, in the order in which they passed."""
        self._thin()
        return self.parts[0].drop("_lot") if self.parts else pl.DataFrame()

    def _thin(self) -> None:
        if not self.parts:
            return
        whole = pl.concat(self.parts, how="diagonal_relaxed")
        if whole.height > self.most:
            lots = whole.get_column("_lot").to_numpy()
            self.line = np.partition(lots, self.most - 1)[self.most - 1]
            whole = whole.filter(pl.Series(lots <= self.line))
        self.parts = [whole]
