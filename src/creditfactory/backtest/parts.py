"""What each of the five parts is worth: policy, strategy, cards, fraud and automation, each left out in turn (POL-04).

The baseline is the house that has rules only and looks at every file (POL-06).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from creditfactory.backtest.cases import Cases
from creditfactory.backtest.figures import Figures, measure
from creditfactory.decision import Book, decide_frame, declare_score_facts
from creditfactory.rules import Policy, Rule, TableStep, compile_policy, names_made, names_read, names_wanted
from creditfactory.scoring import Card, find_bin

Part = Literal["policy", "strategy", "cards", "fraud", "automation"]
PARTS: tuple[Part, ...] = ("policy", "strategy", "cards", "fraud", "automation")
FRAUD_CARD = "fraud"
LIFTS: dict[Part, dict[str, str]] = {
    "strategy": {"A": "C", "B": "C"},
    "automation": {"A": "B"},
}
"""Without a strategy every file is visited; without automation nobody is approved without a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typical:
    """The points of the applicant in the middle, which stand in where a card is left out."""

    final: int
    fraud: int | None

    @classmethod
    def of(cls, decided: pl.DataFrame) -> Typical:
        """Taken from a frame of decisions."""
        middle = decided.get_column("points").median()
        fraud = decided.get_column("fraud_points").median() if "fraud_points" in decided.columns else None
        return cls(final=_whole(middle) or 0, fraud=_whole(fraud))


def measure_parts(
    frame: pl.DataFrame, book: Book, *, fraud_rules: Collection[str], default_loss_bps: int | None = None
) -> dict[str, Figures]:
    """The figures of a population with the whole system, without each part, and with rules only."""
    whole = decide_frame(frame, book)
    typical = Typical.of(whole)
    found = {"whole": measure(Cases(whole, frame, default_loss_bps))}
    for part in PARTS:
        decided = _decide_without(frame, book, {part}, typical, fraud_rules)
        found[f"without_{part}"] = measure(Cases(decided, frame, default_loss_bps))
    rules_only: set[Part] = {"strategy", "cards", "fraud", "automation"}
    decided = _decide_without(frame, book, rules_only, typical, fraud_rules)
    found["rules_only"] = measure(Cases(decided, frame, default_loss_bps))
    return found


def _decide_without(
    frame: pl.DataFrame, book: Book, parts: set[Part], typical: Typical, fraud_rules: Collection[str]
) -> pl.DataFrame:
    if "policy" in parts:
        kept = [rule.name for rule in book.policy.rules if rule.name in fraud_rules]
        book = replace(book, policy=keep_rules(book.policy, kept, book))
    if "fraud" in parts:
        book = _without_fraud(book, typical, fraud_rules)
        frame = frame.drop("gate_verdict", strict=False)
    if "cards" in parts:
        book = _without_cards(book, typical)
    decided = decide_frame(frame, book)
    for part, lift in LIFTS.items():
        if part in parts:
            lane = decided.get_column("lane").cast(pl.String).replace(lift).cast(decided.schema["lane"])
            verdict = decided.get_column("verdict").cast(pl.String).replace({"approve": "refer"})
            decided = decided.with_columns(lane, verdict.cast(decided.schema["verdict"]))
    return decided


def keep_rules(policy: Policy, names: Collection[str], book: Book) -> Policy:
    """The policy with only some of its rules; what it names stays."""
    steps = [step for step in policy.steps if not isinstance(step, Rule) or step.name in names]
    made = {declared.name: declared for declared in policy.inputs} | dict(book.declarations)
    return compile_policy(steps, made)


def _without_fraud(book: Book, typical: Typical, fraud_rules: Collection[str]) -> Book:
    """No fraud rules and no fraud card: on the master card everybody counts as the applicant in the middle."""
    policy = keep_rules(book.policy, [r.name for r in book.policy.rules if r.name not in fraud_rules], book)
    reads = f"{FRAUD_CARD}_points"
    cards = {name: card for name, card in book.cards.items() if name != FRAUD_CARD}
    for name, card in cards.items():
        asked = [c for c in card.characteristics if c.label == reads]
        if asked:
            found = find_bin(asked[0], typical.fraud)
            stand_in = 0 if found is None else found[1].points
            rest = tuple(c for c in card.characteristics if c.label != reads)
            cards[name] = replace(card, characteristics=rest, intercept_points=card.intercept_points + stand_in)
    return replace(book, policy=policy, cards=cards, strategy=_without_readers(book.strategy, {reads}, book))


def _without_cards(book: Book, typical: Typical) -> Book:
    """One card that gives everybody the points of the applicant in the middle, and no rule that reads another card."""
    final = next((card for card in book.cards.values() if card.role == "master"), None)
    final = final or next(iter(book.cards.values()), None)
    if final is None:
        return book
    flat: Card = replace(final, role="admission", characteristics=(), intercept_points=typical.final)
    scored = set(declare_score_facts(book.cards)) - {"points", "probability_bps"}
    return replace(book, cards={flat.name: flat}, strategy=_without_readers(book.strategy, scored, book))


def _without_readers(strategy: Policy, names: Collection[str], book: Book) -> Policy:
    """The strategy without the steps that read some names, and without those that read what these made."""
    gone = set(names)
    kept = []
    for step in strategy.steps:
        wanted = names_read(step.when) if isinstance(step, Rule) else names_wanted(step)
        if gone & set(wanted) and not isinstance(step, TableStep):
            gone |= set(names_made(step))
        else:
            kept.append(step)
    known = {declared.name: declared for declared in strategy.inputs} | dict(book.declarations)
    return compile_policy(kept, known)


def _whole(value: object) -> int | None:
    return round(value) if isinstance(value, int | float) else None
