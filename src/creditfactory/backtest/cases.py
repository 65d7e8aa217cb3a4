"""Decided applicants beside what became of them: the few columns that every figure of a back-test is counted from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.decision import LANES

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Ratio = NDArray[np.float64]
BPS_WHOLE = 10_000
KEPT = (
    "verdict", "lane", "tier", "points", "probability", "stopped_at", "needs_facts", "product", "amount_cents",
    "annual_rate_bps", "term_months", "expected_loss_cents", "profit_cents", "policy_lane", "would_amount_cents",
)  # fmt: skip
"""Columns of a decision that figures need, beside the rules' verdicts."""


@dataclass(frozen=True)
class Cases:
    """One population decided by one rulebook, row by row, with its outcomes.

    ``default_loss_bps`` is what a bad loan loses of its amount where the population does not tell.
    """

    decided: pl.DataFrame
    population: pl.DataFrame
    default_loss_bps: int | None = None

    def __len__(self) -> int:
        return self.decided.height

    def take(self, rows: Flags) -> Cases:
        """Only some of the rows."""
        chosen = pl.Series(rows)
        return Cases(self.decided.filter(chosen), self.population.filter(chosen), self.default_loss_bps)

    @cached_property
    def weight(self) -> Ratio:
        """How many applicants each row stands for."""
        if "weight" not in self.population.columns:
            return np.ones(len(self))
        return self.population.get_column("weight").to_numpy().astype(np.float64)

    @cached_property
    def lane(self) -> NDArray[np.uint8]:
        """The lane as its place in A, B, C, decline."""
        return self.decided.get_column("lane").to_physical().to_numpy().astype(np.uint8)

    @cached_property
    def declined(self) -> Flags:
        """Where the machine says no."""
        is_declined: Flags = self.lane == LANES.index("decline")
        return is_declined

    @cached_property
    def amount(self) -> Whole:
        """What would be lent, in cents; 0 where nothing would."""
        return self.decided.get_column("amount_cents").to_numpy()

    @cached_property
    def lends(self) -> Flags:
        """Where the machine has an offer; in lanes B and C people still have to agree."""
        offered: Flags = self.amount > 0
        return offered

    @cached_property
    def known(self) -> Flags:
        """Where it is known what became of the loan."""
        return self._outcome("bad").is_not_null().to_numpy()

    @cached_property
    def bad(self) -> Flags:
        """Where it is known to have gone bad."""
        return self._outcome("bad").cast(pl.Boolean).fill_null(value=False).to_numpy()

    @cached_property
    def chance(self) -> Ratio:
        """The chance of bad that the cards give; not a number where they could not answer."""
        return self.decided.get_column("probability").cast(pl.Float64).to_numpy()

    @cached_property
    def expected_loss(self) -> Ratio:
        """Cents expected to be lost on each offer; not a number where the pack cannot say."""
        return self.decided.get_column("expected_loss_cents").cast(pl.Float64).to_numpy()

    @cached_property
    def profit(self) -> Ratio:
        """Cents expected to be left on each offer after loss and all costs."""
        return self.decided.get_column("profit_cents").cast(pl.Float64).to_numpy()

    @cached_property
    def loss(self) -> Ratio:
        """Cents that each offer would have lost as it turned out; not a number where that is unknown."""
        amount = self.amount.astype(np.float64)
        share = self._outcome("lost_share_bps").cast(pl.Float64).to_numpy() / BPS_WHOLE
        cents = self._outcome("lost_cents").cast(pl.Float64).to_numpy()
        assumed = np.nan if self.default_loss_bps is None else self.default_loss_bps / BPS_WHOLE
        lost = np.where(np.isnan(share), np.where(np.isnan(cents), amount * assumed, cents), amount * share)
        return np.where(self.known, np.where(self.bad, lost, 0.0), np.nan)

    @cached_property
    def earned(self) -> Ratio:
        """Cents left as it turned out: the carry that the price counts with, less what was really lost."""
        return self.profit + self.expected_loss - self.loss

    def _outcome(self, name: str) -> pl.Series:
        if name in self.population.columns:
            return self.population.get_column(name)
        return pl.Series(name, [None] * len(self), dtype=pl.Float64)
