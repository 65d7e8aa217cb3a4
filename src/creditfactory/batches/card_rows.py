"""What became of those who were lent to, beside what each card read of them on the day it scored them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from creditfactory import gateways, records, scoring
from creditfactory.decision import Book
from creditfactory.kernel import BadInput
from creditfactory.labels import Labels

ROWS_MAX = 10_000
GOOD_MIN = 100
"""Fewer outcomes than this are counted and nothing is said of them."""
FRAUD_CARDS = ("fraud", "network_fraud")
FRAUD_KINDS = ("fraud", "first_payment_default")
CREDIT_KINDS = ("late_90", "charge_off", "first_payment_default", "fraud")
SNAPSHOTS_A_TURN = 500


@dataclass(frozen=True, slots=True)
class CardRows:
    """Matured outcomes: the labels a card reads, ``bad``, the ``day`` of application, ``matured_on`` and ``lane``."""

    frame: pl.DataFrame

    @property
    def rows(self) -> int:
        """How many."""
        return self.frame.height

    @property
    def bads(self) -> int:
        """How many of them turned out bad."""
        return int(self.frame.get_column("bad").sum()) if self.frame.height else 0

    def since(self, day: date) -> CardRows:
        """Those that matured after a day."""
        return CardRows(self.frame.filter(pl.col("matured_on") > day))

    def before(self, day: date) -> CardRows:
        """Those that matured on or before a day."""
        return CardRows(self.frame.filter(pl.col("matured_on") <= day))


def gather_rows(tenant: records.TenantRecord, book: Book, *, on: date, rules: Mapping[str, Any]) -> dict[str, CardRows]:
    """For every card in force the matured outcomes with what it reads, as of each application's own instant."""
    facts: dict[int, Mapping[str, Any]] = {}
    found: dict[str, CardRows] = {}
    for days, kinds, cards in _group_cards(book, rules):
        matured = records.list_matured_outcomes(tenant_id=tenant.id, on=on, days=days, kinds=kinds, most=ROWS_MAX)
        _open_labels(facts, [one.application_id for one in matured], book)
        kept = [one for one in matured if one.application_id in facts]
        frame = _lay_out(kept, facts, book)
        for card in cards:
            found[card.name] = CardRows(frame.filter(scoring.score_frame(card, frame).is_not_null()))
    return found


def _group_cards(
    book: Book, rules: Mapping[str, Any]
) -> list[tuple[int, tuple[str, ...], list[scoring.Card]]]:  # fmt: skip
    fraud = [card for name, card in book.cards.items() if name in FRAUD_CARDS]
    credit = [card for name, card in book.cards.items() if name not in FRAUD_CARDS]
    groups = [
        (int(rules["outcome_days"]), CREDIT_KINDS, credit), (int(rules["fraud_outcome_days"]), FRAUD_KINDS, fraud)
    ]  # fmt: skip
    return [group for group in groups if group[2]]


def _open_labels(facts: dict[int, Mapping[str, Any]], applications: Sequence[int], book: Book) -> None:
    """Add the labels that cards read of applications not opened yet; a form nobody knows any more is left out."""
    wanted = {label for card in book.cards.values() for label in card.labels}
    fresh = [key for key in applications if key not in facts]
    for start in range(0, len(fresh), SNAPSHOTS_A_TURN):
        for key, text in records.list_label_snapshots(fresh[start : start + SNAPSHOTS_A_TURN]).items():
            with suppress(BadInput):
                taken = gateways.load_value(Labels, text).facts
                facts[key] = {label: taken.get(label) for label in wanted if label in taken}


def _lay_out(
    matured: Sequence[records.MaturedOutcome], facts: Mapping[int, Mapping[str, Any]], book: Book
) -> pl.DataFrame:
    """A frame with a column for every label that a card reads, and the points of each card for the master card."""
    labels = sorted({label for card in book.cards.values() for label in card.labels})
    columns: dict[str, Any] = {
        "bad": pl.Series("bad", [int(one.is_bad) for one in matured], dtype=pl.Int8),
        "day": pl.Series("day", [one.applied_on for one in matured], dtype=pl.Date),
        "matured_on": pl.Series("matured_on", [one.matured_on for one in matured], dtype=pl.Date),
        "lane": pl.Series("lane", [one.lane or "-" for one in matured], dtype=pl.String),
    }
    for label in labels:
        if any(label in facts[one.application_id] for one in matured):
            values = [facts[one.application_id].get(label) for one in matured]
            columns[label] = pl.Series(label, values, strict=False)
    frame = pl.DataFrame(columns)
    points = [
        scoring.score_frame(card, frame).alias(f"{name}_points")
        for name, card in book.cards.items()
        if card.role != "master" and f"{name}_points" in labels
    ]
    return frame.with_columns(points) if points else frame
