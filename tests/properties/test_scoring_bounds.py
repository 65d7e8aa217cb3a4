"""Whatever an unknown fact turns out to be, the points lie where the span said they could."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from creditfactory import decision, gateways, labels
from creditfactory.kernel import Scalar
from creditfactory.scoring import reach_of, score_cards, span_cards


@cache
def read_book() -> decision.Book:
    return gateways.load_rulebook("cn-micro").at(date(2026, 3, 2))


def values_of(name: str) -> st.SearchStrategy[Any]:
    label = labels.CATALOGUE[name]
    if label.type == "bool":
        return st.booleans()
    if label.words:
        return st.sampled_from(label.words)
    low, high = int(label.minimum or 0), int(label.maximum or 0)
    return st.integers(low, min(high, low + 200_000_000) if label.unit == "cents" else min(high, low + 30_000))


@st.composite
def applicants(draw: st.DrawFn) -> tuple[dict[str, Scalar], frozenset[str]]:
    """All labels that the cards read, known; and which of them are to be hidden."""
    names = sorted({n for card in read_book().cards.values() for n in card.labels if n in labels.CATALOGUE})
    facts = {name: draw(values_of(name)) for name in names}
    return facts, draw(st.frozensets(st.sampled_from(names), max_size=6))


@given(applicants())
def test_the_points_once_known_lie_within_the_span(applicant: tuple[dict[str, Scalar], frozenset[str]]) -> None:
    known, hidden = applicant
    book = read_book()
    spans = span_cards(book.cards, {name: None if name in hidden else value for name, value in known.items()})
    truth = score_cards(book.cards, known)
    for name, span in spans.items():
        answer = truth.master if name == "master" else truth.cards[name]
        assert answer is not None and answer.points is not None
        low, high = reach_of(book.cards[name])
        assert low <= span.low <= answer.points <= span.high <= high, name
        if not hidden & set(book.cards[name].labels) and name != "master":
            assert span.is_settled


def test_a_settled_span_is_the_score_itself() -> None:
    facts: dict[str, Scalar] = {}
    book = read_book()
    spans = span_cards(book.cards, facts)
    assert all(not span.is_settled for span in spans.values()), "nothing is known of nobody"
