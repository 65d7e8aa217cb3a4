"""What unknown facts could still change: the fewest and the most points a card could give once they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from creditfactory.kernel import Scalar
from creditfactory.scoring.card import Bin, Card, Characteristic
from creditfactory.scoring.score import read_bin

Span = tuple[int, int]
"""The fewest and the most points."""


@dataclass(frozen=True, slots=True)
class CardSpan:
    """Between which points one card's answer lies; ``open`` names each unknown label with what it could give."""

    card: str
    low: int
    high: int
    open: Mapping[str, Span] = field(default_factory=dict)

    @property
    def is_settled(self) -> bool:
        """Whether nothing that is unknown could change the points."""
        return self.low == self.high


def span_card(card: Card, labels: Mapping[str, Scalar], *, points: Mapping[str, Span] | None = None) -> CardSpan:
    """The card's points if every unknown or broken label were the worst, and the best, it could be.

    ``points`` gives the spans of labels that are other cards' points, for a master card.

    >>> from creditfactory.scoring import read_card
    >>> card = read_card({"name": "shop", "version": "v001", "target": "default", "method": "expert",
    ...     "intercept_points": 500, "calibration": {"slope": -0.02, "intercept": 8}, "characteristics": [
    ...         {"label": "years_open", "type": "number", "missing": {"points": -10}, "bins": [
    ...             {"from": None, "to": 2, "points": 5}, {"from": 2, "to": None, "points": 30}]}]})
    >>> span = span_card(card, {"years_open": None})
    >>> span.low, span.high, span.open
    (505, 530, {'years_open': (5, 30)})
    >>> span_card(card, {"years_open": 9}).is_settled
    True
    """
    low = high = card.intercept_points
    unknown: dict[str, Span] = {}
    for characteristic in card.characteristics:
        label = characteristic.label
        within = (points or {}).get(label)
        if within is not None:
            least, most = _between(characteristic, within)
        else:
            known = _read_known(characteristic, labels)
            least, most = (known, known) if known is not None else _any(characteristic, labels)
            if known is None:
                unknown[label] = (least, most)
        low, high = low + least, high + most
    return CardSpan(card.name, low, high, unknown)


def span_cards(cards: Mapping[str, Card], labels: Mapping[str, Scalar]) -> dict[str, CardSpan]:
    """Every card's span; the master card's follows from theirs, each taken at its worst and best by itself."""
    spans = {name: span_card(card, labels) for name, card in cards.items() if card.role != "master"}
    points = {f"{name}_points": (span.low, span.high) for name, span in spans.items()}
    for name, card in cards.items():
        if card.role == "master":
            spans[name] = span_card(card, labels, points=points)
    return spans


def reach_of(card: Card) -> Span:
    """The fewest and the most points the card can give to anybody."""
    spans = [_ends([one for _, one in characteristic.classes]) for characteristic in card.characteristics]
    return card.intercept_points + sum(s[0] for s in spans), card.intercept_points + sum(s[1] for s in spans)


def _read_known(characteristic: Characteristic, labels: Mapping[str, Scalar]) -> int | None:
    """The points of what is known, None where the answer is missing or broken."""
    value = labels.get(characteristic.label)
    applies = True if characteristic.applies is None else labels.get(characteristic.applies)
    if applies is None or (applies is True and value is None):
        return None
    found = read_bin(characteristic, labels)
    return None if found is None else found[1].points


def _any(characteristic: Characteristic, labels: Mapping[str, Scalar]) -> Span:
    """Whatever the answer turns out to be, once it is known; also that the question does not apply, if that is open."""
    bins = list(characteristic.answers)
    is_open = characteristic.applies is not None and not isinstance(labels.get(characteristic.applies), bool)
    if characteristic.absent is not None and is_open:
        bins.append(characteristic.absent)
    return _ends(bins)


def _ends(bins: list[Bin]) -> Span:
    points = [one.points for one in bins]
    return min(points), max(points)


def _between(characteristic: Characteristic, within: Span) -> Span:
    """What the classes give that any number within the span could fall into."""
    low, high = within
    met = [
        one.points
        for one in characteristic.bins
        if (one.start is None or one.start <= high) and (one.end is None or one.end > low)
    ]
    met += [one.points for one in characteristic.special if any(low <= value <= high for value in one.values)]
    return min(met), max(met)
