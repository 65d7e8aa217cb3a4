"""What a card is made of: a frame with its outcome, the plan, and the sha256 of the file it all came from."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from creditfactory import lab


@dataclass(frozen=True, slots=True)
class Recipe:
    """One card to be made; ``live_from`` where the pack's live file is to put it in force from a day on."""

    frame: pl.DataFrame
    plan: lab.CardPlan
    data_sha256: str

    def build(self) -> lab.BuiltCard:
        """The card; one whose role is loss has shares for its outcome."""
        if self.plan.role == "loss":
            return lab.build_loss_card(self.frame, self.plan, data_sha256=self.data_sha256)
        return lab.build_card(self.frame, self.plan, data_sha256=self.data_sha256)
