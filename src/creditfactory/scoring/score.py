"""Scoring one applicant: points by question, the chance of bad they stand for, and where points were lost."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field

from creditfactory.kernel import Reason, Scalar
from creditfactory.scoring.card import NUMBER_LIMIT, Bin, Card, Characteristic

REASONS_GIVEN = 4
"""How many of the largest losses of points are told; more would blur the message."""

SPOKEN = {True: "yes", False: "no"}
"""How a yes-or-no label reads where a card asks for words."""


@dataclass(frozen=True, slots=True)
class CardPart:
    """What one question gave: the value read, the class it fell into, the points, and the most it could have given."""

    label: str
    value: Scalar
    bin: str
    points: int
    best_points: int


@dataclass(frozen=True, slots=True)
class CardScore:
    """One card's answer; ``points`` is None where a label is absent or broken, and the reasons say which."""

    card: str
    version: str
    points: int | None
    probability: float | None
    parts: tuple[CardPart, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether the card could not answer."""
        return self.points is None


@dataclass(frozen=True, slots=True)
class Scores:
    """All cards' answers, and the master card's over them where the pack has one."""

    cards: Mapping[str, CardScore] = field(default_factory=dict)
    master: CardScore | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def final(self) -> CardScore | None:
        """The answer that grades the applicant: the master card's, or the only card's, or none."""
        if self.master is not None:
            return self.master
        return next(iter(self.cards.values())) if len(self.cards) == 1 else None


def score(card: Card, labels: Mapping[str, Scalar]) -> CardScore:
    """Score one applicant; an absent or broken label stops the card rather than being scored as if it were fine.

    >>> from creditfactory.scoring import read_card
    >>> card = read_card({"name": "shop", "version": "v001", "target": "default", "method": "expert",
    ...     "intercept_points": 500, "calibration": {"slope": -0.02, "intercept": 8}, "characteristics": [
    ...         {"label": "years_open", "type": "number", "missing": {"points": -10}, "bins": [
    ...             {"from": None, "to": 2, "points": 5, "reason": "SCO-YOUNG"},
    ...             {"from": 2, "to": None, "points": 30}]}]})
    >>> score(card, {"years_open": 1}).points, score(card, {"years_open": None}).points, score(card, {}).points
    (505, 490, None)
    >>> score(card, {"years_open": 1}).reasons
    (Reason(code='SCO-YOUNG', facts={'label': 'years_open', 'value': 1, 'points': 5, 'best_points': 30}),)
    """
    parts: list[CardPart] = []
    losses: list[tuple[int, int, Reason]] = []
    faults: list[Reason] = []
    total = card.intercept_points
    for place, characteristic in enumerate(card.characteristics):
        label = characteristic.label
        found = read_bin(characteristic, labels)
        if found is None:
            faults.append(_fault(card, characteristic, labels))
            continue
        name, chosen = found
        best = characteristic.best_points
        total += chosen.points
        parts.append(CardPart(label, labels[label], name, chosen.points, best))
        if chosen.points < best:
            facts: dict[str, Scalar] = {"label": label, "value": labels[label], "points": chosen.points}
            code = chosen.reason or "SCO-POINTS-LOST"
            losses.append((chosen.points - best, place, Reason(code, {**facts, "best_points": best})))
    if faults:
        return CardScore(card.name, card.version, None, None, tuple(parts), tuple(faults))
    reasons = tuple(reason for _, _, reason in sorted(losses, key=lambda x: x[:2])[:REASONS_GIVEN])
    return CardScore(card.name, card.version, total, card.probability(total), tuple(parts), reasons)


def score_cards(cards: Mapping[str, Card], labels: Mapping[str, Scalar]) -> Scores:
    """Score one applicant on every card in force, then on the master card, which reads the other cards' points.

    A card that could not answer leaves its points unknown to the master card and its reasons among the reasons.
    """
    answers = {name: score(card, labels) for name, card in cards.items() if card.role != "master"}
    masters = [card for card in cards.values() if card.role == "master"]
    assert len(masters) <= 1, "a rulebook has at most one master card in force"
    master = None
    if masters:
        points: dict[str, Scalar] = {
            f"{name}_points": answer.points for name, answer in answers.items() if answer.points is not None
        }
        master = score(masters[0], ChainMap(points, labels))  # type: ignore[arg-type]
    every = [*answers.values(), *([master] if master else [])]
    faults = tuple(reason for answer in every if answer.is_missing for reason in answer.reasons)
    told = master if master is not None else next(iter(answers.values()), None) if len(answers) == 1 else None
    return Scores(answers, master, faults or (told.reasons if told else ()))


def read_bin(characteristic: Characteristic, labels: Mapping[str, Scalar]) -> tuple[str, Bin] | None:
    """The class an applicant falls into with its name, or None where a label is absent or broken.

    >>> from creditfactory.scoring import read_card
    >>> asked = read_card({"name": "bureau", "version": "v001", "target": "default", "method": "expert",
    ...     "intercept_points": 500, "calibration": {"slope": -0.02, "intercept": 8}, "characteristics": [
    ...         {"label": "queries_3m", "type": "number", "missing": {"points": -10}, "applies": "has_record",
    ...          "absent": {"points": 5}, "bins": [{"from": None, "to": None, "points": 30}]}]}).characteristics[0]
    >>> [read_bin(asked, {"queries_3m": None, "has_record": known})[1].points for known in (True, False, None)]
    [-10, 5, -10]
    """
    if characteristic.label not in labels:
        return None
    if characteristic.applies is not None:
        if characteristic.applies not in labels:
            return None
        known = labels[characteristic.applies]
        if known is False and characteristic.absent is not None:
            return "not applicable", characteristic.absent
        if known is not True:
            return find_bin(characteristic, None) if known is None else None
    return find_bin(characteristic, labels[characteristic.label])


def find_bin(characteristic: Characteristic, value: Scalar) -> tuple[str, Bin] | None:
    """The class a value falls into with its name, or None where the card has no class for it or it is broken."""
    if value is None:
        return None if characteristic.missing is None else ("missing", characteristic.missing)
    if characteristic.kind == "number":
        if type(value) not in (int, float):
            return None
        assert isinstance(value, int | float)
        if not math.isfinite(value) or abs(value) > NUMBER_LIMIT:
            return None
        for special in characteristic.special:
            if value in special.values:
                return special.name, special
        ends = [b.end for b in characteristic.bins[:-1]]
        chosen = characteristic.bins[bisect_right(ends, value)]  # type: ignore[type-var]
        return chosen.name, chosen
    word = SPOKEN[value] if isinstance(value, bool) else value
    if not isinstance(word, str):
        return None
    for chosen in characteristic.bins:
        if word in chosen.words:
            return chosen.name, chosen
    return None if characteristic.other is None else ("other", characteristic.other)


def _fault(card: Card, characteristic: Characteristic, labels: Mapping[str, Scalar]) -> Reason:
    """Which label stopped the card, and whether it is absent, missing or broken."""
    label, applies = characteristic.label, characteristic.applies
    if label in labels and applies is not None and not isinstance(labels.get(applies), bool):
        label = applies
    facts: dict[str, Scalar] = {"card": card.name, "label": label}
    if label not in labels:
        return Reason("SCO-FACT-ABSENT", facts)
    value = labels[label]
    if value is None:
        return Reason("SCO-FACT-MISSING", facts)
    return Reason("SCO-FACT-BROKEN", {**facts, "value": repr(value)[:40]})
