"""Rings: what the network card says of an applicant, before the bureau is paid and again before the money goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from creditfactory import scoring
from creditfactory.decision.book import Book
from creditfactory.kernel import Reason
from creditfactory.labels import Labels

CARD = "network_fraud"
HAND = ("device__behaviour__", "form_seconds", "typing_ms_median")
"""How the form was filled in, by how the labels' names begin."""
HUBS = ("device", "ip", "contact", "address", "paper")
"""The kinds of thing that honest people share by the dozen."""
TIES = ("device", "phone", "card", "contact", "employer", "company", "paper", "agent")
"""The kinds of thing by which people belong together; a house and an address of the net are shared by strangers."""
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
    looks. Another's hand on the form ends nothing by itself, and nothing ends alone whoever shares a hub: bookkeepers
    and agents fill in for many honest people, and one error would colour them all. They go to a person instead.

    Where no such card is in force, or nobody looked who stands around, nothing is said here; policy has rules for that.

    >>> from types import SimpleNamespace
    >>> from creditfactory.scoring import read_card
    >>> asked = [{"label": label, "type": "number", "missing": {"points": 0}, "bins": [
    ...     {"from": None, "to": 1, "points": 0}, {"from": 1, "to": 4, "points": -70},
    ...     {"from": 4, "to": None, "points": -150}]} for label in ("pairs", "device__behaviour__pastes")]
    >>> card = read_card({"name": "network_fraud", "version": "v001", "target": "ring", "method": "expert",
    ...     "intercept_points": 600, "calibration": {"slope": -0.03, "intercept": 14}, "characteristics": asked})
    >>> book = SimpleNamespace(cards={"network_fraud": card},
    ...     parameters={"network_points_stop": 500, "network_points_refer": 560, "network_points_hand": 550})
    >>> def look(pairs, pastes=0, has_network_view=True):
    ...     known = {"has_network_view": has_network_view, "pairs": pairs, "device__behaviour__pastes": pastes}
    ...     return check_ring(SimpleNamespace(facts=known), book).verdict
    >>> [look(pairs) for pairs in (0, 2, 9)], look(0, pastes=9), look(2, pastes=9)
    (['clear', 'refer', 'stop'], 'refer', 'stop')
    >>> look(9, has_network_view=False)
    'unknown'
    """
    card = book.cards.get(CARD)
    stop, refer = book.parameters.get("network_points_stop"), book.parameters.get("network_points_refer")
    if labels.facts.get("has_network_view") is not True or card is None or stop is None or refer is None:
        return RingCheck(verdict="unknown")
    answer = scoring.score(card, labels.facts)
    if answer.points is None:
        return RingCheck(verdict="unknown", reasons=answer.reasons)
    if answer.points >= refer:
        return RingCheck(verdict="clear", points=answer.points)
    if answer.points < stop and _may_end(card, labels, book, answer.points):
        told = (Reason("POL-NET-POINTS", {"points": answer.points, "line": stop}), *answer.reasons[:TOLD])
        return RingCheck(verdict="stop", points=answer.points, reasons=told)
    told = (Reason("POL-NET-LOOK", {"points": answer.points, "line": refer}), *answer.reasons[:TOLD])
    return RingCheck(verdict="refer", points=answer.points, reasons=told)


def _may_end(card: scoring.Card, labels: Labels, book: Book, points: int) -> bool:
    """Whether the machine may end it alone: no hub is shared, something besides the hand on the form speaks, and a
    known fraud stands around or the points are below a graver line. Frauds who share nothing but a house or an address
    of the net may be strangers behind the same mast: they end nobody, whatever the points."""
    hand, alone = book.parameters.get("network_points_hand"), book.parameters.get("network_points_alone")
    if is_fraud_around(labels):
        if not is_tied(labels):
            return False
    elif alone is not None and points >= alone:
        return False
    return not is_at_hub(labels, book) and (hand is None or _count_without_hand(card, labels, points) < hand)


def is_at_hub(labels: Labels, book: Book) -> bool:
    """Whether a thing is shared that has long served many: a bookkeeper's number, a branch's tablet, a hall's
    address of the net. A ring's things are new, or serve few.

    >>> from types import SimpleNamespace
    >>> book = SimpleNamespace(parameters={"network_hub_people": 10, "network_hub_days": 90})
    >>> def look(people, days):
    ...     known = {"network__device__people__all": people, "network__device__age__all": days}
    ...     return is_at_hub(SimpleNamespace(facts=known), book)
    >>> look(40, 300), look(40, 20), look(3, 300), look(None, None)
    (True, False, False, False)
    """
    people, days = book.parameters.get("network_hub_people"), book.parameters.get("network_hub_days")
    if people is None or days is None:
        return False
    return any(
        (labels.facts.get(f"network__{kind}__people__all") or 0) >= people
        and (labels.facts.get(f"network__{kind}__age__all") or 0) >= days
        for kind in HUBS
    )


def is_fraud_around(labels: Labels) -> bool:
    """Whether a known fraud shares a thing with the applicant: then one analyst's word is enough for a no. Where the
    picture alone speaks a second has to see it too, since an honest family looks like a ring now and then.

    >>> from types import SimpleNamespace
    >>> [is_fraud_around(SimpleNamespace(facts={"network__hop1__frauds__all": n})) for n in (2, 0, None)]
    [True, False, False]
    """
    frauds = labels.facts.get("network__hop1__frauds__all")
    return isinstance(frauds, int) and frauds > 0


def is_tied(labels: Labels) -> bool:
    """Whether anybody shares more with the applicant than a house or an address of the net.

    >>> from types import SimpleNamespace
    >>> def look(**people):
    ...     facts = {f"network__{kind}__people__all": count for kind, count in people.items()}
    ...     return is_tied(SimpleNamespace(facts=facts))
    >>> look(ip=2, address=1), look(ip=2, device=1), look()
    (False, True, False)
    """
    found = (labels.facts.get(f"network__{kind}__people__all") for kind in TIES)
    return any(isinstance(people, int) and people > 0 for people in found)


def _count_without_hand(card: scoring.Card, labels: Labels, points: int) -> int:
    """The card's points as if nothing had been measured of how the form was filled in; its own where a question of it
    has no points for unknown."""
    hand = {label: None for label in card.labels if label.startswith(HAND)}
    without = scoring.score(card, {**labels.facts, **hand}).points
    return points if without is None else without
