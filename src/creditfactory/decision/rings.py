"""Rings: what the network card says of an applicant, before the bureau is paid and again before the money goes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from creditfactory import scoring
from creditfactory.decision.book import Book
from creditfactory.kernel import Reason
from creditfactory.labels import Labels

CARD = "network_fraud"
ALONE = "surroundings"
"""The card that reads nothing but who stands around: a clean hand and clean papers cannot outweigh a ring there."""
SEVERITY = {"unknown": 0, "clear": 1, "refer": 2, "stop": 3}
TOLD = 3
"""How many of the card's largest losses of points are told beside the verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingCheck:
    """Clear, to be looked at by the fraud analyst, stopped, or unknown where nobody looked around; with the points."""

    verdict: Literal["clear", "refer", "stop", "unknown"]
    points: int | None = None
    reasons: tuple[Reason, ...] = ()


def check_ring(labels: Labels, book: Book) -> RingCheck:
    """Points of the network card against the rulebook's two lines: below the lower one it ends, between them a person
    looks. Beside it, where it is in force, the card that reads the surroundings alone: the graver word of the two
    counts, and ``points`` are always the network card's.

    Where no such card is in force, or nobody looked who stands around, nothing is said here; policy has rules for that.

    >>> from types import SimpleNamespace
    >>> from creditfactory.scoring import read_card
    >>> card = read_card({"name": "network_fraud", "version": "v001", "target": "ring", "method": "expert",
    ...     "intercept_points": 600, "calibration": {"slope": -0.03, "intercept": 14}, "characteristics": [
    ...         {"label": "pairs", "type": "number", "missing": {"points": 0}, "bins": [
    ...             {"from": None, "to": 1, "points": 0}, {"from": 1, "to": 4, "points": -70},
    ...             {"from": 4, "to": None, "points": -150}]}]})
    >>> book = SimpleNamespace(cards={"network_fraud": card},
    ...     parameters={"network_points_stop": 500, "network_points_refer": 560})
    >>> [check_ring(SimpleNamespace(facts={"has_network_view": True, "pairs": n}), book).verdict for n in (0, 2, 9)]
    ['clear', 'refer', 'stop']
    >>> check_ring(SimpleNamespace(facts={"has_network_view": False, "pairs": 9}), book).verdict
    'unknown'
    """
    if labels.facts.get("has_network_view") is not True:
        return RingCheck(verdict="unknown")
    whole = _read_card(labels, book, CARD, "network")
    alone = _read_card(labels, book, ALONE, "surroundings")
    if whole.verdict == "unknown" or SEVERITY[alone.verdict] <= SEVERITY[whole.verdict]:
        return whole
    return replace(alone, points=whole.points)


def _read_card(labels: Labels, book: Book, name: str, lines: str) -> RingCheck:
    """One card against its two lines."""
    card = book.cards.get(name)
    stop, refer = book.parameters.get(f"{lines}_points_stop"), book.parameters.get(f"{lines}_points_refer")
    if card is None or stop is None or refer is None:
        return RingCheck(verdict="unknown")
    answer = scoring.score(card, labels.facts)
    if answer.points is None:
        return RingCheck(verdict="unknown", reasons=answer.reasons)
    if answer.points >= refer:
        return RingCheck(verdict="clear", points=answer.points)
    if answer.points < stop:
        told = (Reason("POL-NET-POINTS", {"points": answer.points, "line": stop}), *answer.reasons[:TOLD])
        return RingCheck(verdict="stop", points=answer.points, reasons=told)
    told = (Reason("POL-NET-LOOK", {"points": answer.points, "line": refer}), *answer.reasons[:TOLD])
    return RingCheck(verdict="refer", points=answer.points, reasons=told)


def check_hold(ring: RingCheck, labels: Labels, book: Book) -> tuple[Reason, ...]:
    """Why the money waits for so many hours and a second look, or nothing: a new customer with points in a grey band.

    A ring's first member stands alone; the others come within days. Whoever has repaid a loan here is not held, nor is
    anybody where the rulebook names no hours or no line. Nobody is declined by it.

    >>> from types import SimpleNamespace
    >>> new, known = SimpleNamespace(facts={"own_loans_repaid": 0}), SimpleNamespace(facts={"own_loans_repaid": 1})
    >>> book = SimpleNamespace(parameters={"payment_hold_points": 640, "payment_hold_hours": 72})
    >>> grey, clear = (RingCheck(verdict="clear", points=points) for points in (620, 700))
    >>> check_hold(grey, new, book)[0].code, check_hold(clear, new, book), check_hold(grey, known, book)
    ('POL-NET-HOLD', (), ())
    """
    hours, line = book.parameters.get("payment_hold_hours"), book.parameters.get("payment_hold_points")
    if not hours or line is None or ring.points is None or ring.points >= line:
        return ()
    if labels.facts.get("own_loans_repaid") not in (None, 0):
        return ()
    return (Reason("POL-NET-HOLD", {"points": ring.points, "line": line, "hours": hours}),)
