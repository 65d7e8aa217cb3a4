"""Names on lists: own black list, courts, sanctions; an exact hit stops, a likeness goes to a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from creditfactory.kernel import Reason

ListName = Literal[
    "sanctions", "money_laundering", "court_dishonest", "own_fraud", "own_default", "politically_exposed"
]

STOPPING: frozenset[str] = frozenset({"sanctions", "money_laundering", "court_dishonest", "own_fraud"})
"""Lists on which an exact match ends the application; on any other, known or not, a person looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHit:
    """One entry found on a list; ``match`` is exact when number and name both agree."""

    list_name: str
    match: Literal["exact", "similar"]
    entry: str
    score_bps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCheck:
    """The verdict over all hits, with the hits kept."""

    verdict: Literal["clear", "refer", "reject"]
    hits: tuple[ListHit, ...] = ()
    reasons: tuple[Reason, ...] = ()


def check_lists(hits: tuple[ListHit, ...]) -> ListCheck:
    """An exact hit on a stopping list rejects, any other hit is referred to a person, none is clear.

    >>> check_lists(()).verdict
    'clear'
    >>> check_lists((ListHit(list_name="sanctions", match="similar", entry="s-1"),)).verdict
    'refer'
    >>> check_lists((ListHit(list_name="sanctions", match="exact", entry="s-1"),)).verdict
    'reject'
    """
    stops = [h for h in hits if h.match == "exact" and h.list_name in STOPPING]
    looks = [h for h in hits if h not in stops]
    reasons = [Reason("LST-EXACT", {"list_name": h.list_name}) for h in stops]
    reasons += [Reason("LST-SIMILAR", {"list_name": h.list_name, "match": h.match}) for h in looks]
    verdict: Literal["clear", "refer", "reject"] = "reject" if stops else "refer" if looks else "clear"
    return ListCheck(verdict=verdict, hits=hits, reasons=tuple(reasons))
