"""What a card is made of: a frame with its outcome, the plan, the sha256 of its file, and features told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from creditfactory import lab, labels


@dataclass(frozen=True, slots=True)
class Recipe:
    """One card to be made."""

    frame: pl.DataFrame
    plan: lab.CardPlan
    data_sha256: str

    def build(self) -> lab.BuiltCard:
        """The card; one whose role is loss has shares for its outcome."""
        if self.plan.role == "loss":
            return lab.build_loss_card(self.frame, self.plan, data_sha256=self.data_sha256)
        return lab.build_card(self.frame, self.plan, data_sha256=self.data_sha256)


def describe_labels(names: Iterable[str], *, reasons: Mapping[str, str] | None = None) -> dict[str, lab.Feature]:
    """Features that are labels of the catalogue, in the catalogue's words; ``reasons`` where the code is another.

    >>> describe_labels(["sba_employees"])["sba_employees"].reason
    'SCO-SBA-EMPLOYEES'
    """
    found = {}
    for name in names:
        label = labels.CATALOGUE[name]
        found[name] = lab.Feature(
            label=name,
            definition=label.meaning,
            source=label.source,
            as_of=lab.KNOWN_AT_APPLICATION,
            unit=label.unit,
            reason=(reasons or {}).get(name, lab.name_reason(name)),
            polarity=label.polarity,
        )
    return found
