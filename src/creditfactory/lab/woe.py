"""Weight of evidence: what belonging to a class says about being good, in log-odds against the whole sample."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from creditfactory.lab.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Tally:
    """Good and bad in each class: weighted, in rows, and the weights squared (for how many rows they are worth)."""

    good: Floats
    bad: Floats
    good_rows: Floats
    bad_rows: Floats
    good_squares: Floats
    bad_squares: Floats

    @property
    def rows(self) -> Floats:
        """Rows in each class."""
        return self.good_rows + self.bad_rows

    @property
    def good_rows_effective(self) -> float:
        """How many equally weighted good rows would know as much: (Σw)² / Σw²."""
        return float(self.good.sum() ** 2 / self.good_squares.sum()) if self.good_squares.sum() else 0.0

    @property
    def bad_rows_effective(self) -> float:
        """How many equally weighted bad rows would know as much."""
        return float(self.bad.sum() ** 2 / self.bad_squares.sum()) if self.bad_squares.sum() else 0.0

    def half_row(self) -> tuple[float, float]:
        """Half a good and half a bad row, in weights: added to each class so that an empty one stays finite."""
        return (
            float(self.good.sum()) / self.good_rows_effective / 2,
            float(self.bad.sum()) / self.bad_rows_effective / 2,
        )

    def reorder(self, order: npt.NDArray[np.int64]) -> Tally:
        """The same classes in another order, or some of them."""
        return Tally(
            self.good[order], self.bad[order], self.good_rows[order], self.bad_rows[order],
            self.good_squares[order], self.bad_squares[order],
        )  # fmt: skip

    def gather(self, starts: npt.NDArray[np.int64]) -> Tally:
        """The same counts with neighbouring classes taken together, each run from one start to the next."""
        return Tally(*(np.add.reduceat(getattr(self, one.name), starts) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """For each class: weight of evidence, share of the sample and bad rate; ``iv`` sums what the whole can tell."""

    woe: Floats
    share: Floats
    bad_rate: Floats
    iv: float

    @classmethod
    def nothing(cls, count: int) -> Evidence:
        """Evidence not yet gathered."""
        zeros = np.zeros(count)
        return cls(zeros, zeros, zeros, 0.0)

    def cap_at_average(self, place: int, own: Flags) -> Evidence:
        """The same evidence with one class held to the average of the others that have evidence of their own."""
        others = own.copy()
        others[place] = False
        average = float(np.average(self.woe[others], weights=self.share[others]))
        woe = self.woe.copy()
        woe[place] = min(woe[place], average)
        return Evidence(woe, self.share, self.bad_rate, self.iv)


def tally_classes(codes: npt.NDArray[np.int64], count: int, bad: Flags, weight: Floats) -> Tally:
    """Count good and bad in each class."""

    def sums(of: Floats) -> Floats:
        return np.asarray(np.bincount(codes, weights=of, minlength=count), dtype=np.float64)

    good = (~bad).astype(np.float64)
    was_bad = bad.astype(np.float64)
    return Tally(
        sums(weight * good), sums(weight * was_bad), sums(good), sums(was_bad),
        sums(weight**2 * good), sums(weight**2 * was_bad),
    )  # fmt: skip


def weigh_evidence(tally: Tally, own: Flags) -> Evidence:
    """Weight of evidence ln(share of good / share of bad) of each class, half a row added to both.

    Classes without evidence of their own (``own`` False: too few rows) take the least favourable weight of those
    that have it: what nobody has seen is never good news.
    """
    good_half, bad_half = tally.half_row()
    woe = np.log(tally.good + good_half) - np.log(tally.bad + bad_half)
    woe = woe - np.log(tally.good.sum() / tally.bad.sum())
    woe = np.where(own, woe, woe[own].min())
    all_rows = tally.good + tally.bad
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(all_rows > 0, tally.bad / all_rows, np.nan)
    gaps = tally.good / tally.good.sum() - tally.bad / tally.bad.sum()
    return Evidence(woe, all_rows / all_rows.sum(), rate, float((gaps * woe)[own].sum()))
