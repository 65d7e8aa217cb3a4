"""Reading a card: points, the chance of bad they stand for, and where points were lost."""

from creditfactory.scoring.bounds import CardSpan, reach_of, span_card, span_cards
from creditfactory.scoring.card import NUMBER_LIMIT, Bin, Card, Characteristic, read_card
from creditfactory.scoring.columns import score_frame
from creditfactory.scoring.score import CardPart, CardScore, Scores, find_bin, read_bin, score, score_cards

__all__ = [
    "NUMBER_LIMIT",
    "Bin",
    "Card",
    "CardPart",
    "CardScore",
    "CardSpan",
    "Characteristic",
    "Scores",
    "find_bin",
    "reach_of",
    "read_bin",
    "read_card",
    "score",
    "score_cards",
    "score_frame",
    "span_card",
    "span_cards",
]
