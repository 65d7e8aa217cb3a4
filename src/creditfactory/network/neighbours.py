"""The first look around: how many earlier applications share something with this one, and how they turned out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from creditfactory.network.indicators import INDICATORS

Tie = Literal["phone", "device", "ip", "address", "employer", "card", "contact", "agent", "company", "paper"]
"""What two applications can have in common."""

STRONG_TIES: tuple[Tie, ...] = ("device", "phone", "card")
"""Ties that two strangers should never share."""

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """One other application that shares a tie with this one.

    ``is_same_applicant`` marks the person's own earlier applications; ``bad_known_at`` is the instant at which the
    neighbour was known to have defaulted or to be a fraud, None while nothing bad is known.
    """

    application: str
    tie: Tie
    applied_at: datetime
    is_same_applicant: bool = False
    bad_known_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkView:
    """What was known around an applicant at one instant; counts leave out the applicant's own applications.

    ``own_loans_repaid`` and ``own_arrears_days_max`` are the applicant's own record with this house: None where nobody
    looked, or where there is no such loan. ``values`` are the index's numbers by name
    (:data:`~creditfactory.network.INDICATORS`), None where the application touches nothing of the kind; it is empty
    where only listed neighbours were counted.
    """

    as_of: datetime
    device_others: int = 0
    ip_others_30d: int = 0
    phone_others: int = 0
    card_others: int = 0
    address_others: int = 0
    agent_others_30d: int = 0
    agent_bads: int = 0
    strong_tie_bads: int = 0
    own_applications_90d: int = 0
    own_loans_repaid: int | None = None
    own_arrears_days_max: int | None = None
    values: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLoan:
    """An earlier loan of the applicant's own here: repaid in full or not, and the most days it was ever late."""

    is_repaid: bool
    arrears_days_max: int


def look_around(
    neighbours: tuple[Neighbour, ...], *, as_of: datetime, own_loans: tuple[OwnLoan, ...] | None = None
) -> NetworkView:
    """Count the neighbours known by ``as_of``; a default that became known later does not colour this view.

    ``own_loans`` is how the applicant's own earlier loans stood at that instant; None where nobody looked.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> other = Neighbour(application="A-1", tie="device", applied_at=noon - timedelta(days=9),
    ...                   bad_known_at=noon + timedelta(days=1))
    >>> view = look_around((other,), as_of=noon)
    >>> view.device_others, view.strong_tie_bads
    (1, 0)
    >>> look_around((other,), as_of=noon + timedelta(days=2)).strong_tie_bads
    1
    """
    known = [n for n in neighbours if n.applied_at < as_of]
    others = [n for n in known if not n.is_same_applicant]

    def count(tie: Tie, *, since: datetime | None = None) -> int:
        return len({n.application for n in others if n.tie == tie and (since is None or n.applied_at >= since)})

    bad = [n for n in others if n.bad_known_at is not None and n.bad_known_at <= as_of]
    own = {n.application for n in known if n.is_same_applicant and n.applied_at >= as_of - 3 * RECENT}
    return NetworkView(
        as_of=as_of,
        device_others=count("device"),
        ip_others_30d=count("ip", since=as_of - RECENT),
        phone_others=count("phone"),
        card_others=count("card"),
        address_others=count("address"),
        agent_others_30d=count("agent", since=as_of - RECENT),
        agent_bads=len({n.application for n in bad if n.tie == "agent"}),
        strong_tie_bads=len({n.application for n in bad if n.tie in STRONG_TIES}),
        own_applications_90d=len(own),
        own_loans_repaid=None if own_loans is None else sum(loan.is_repaid for loan in own_loans),
        own_arrears_days_max=max((loan.arrears_days_max for loan in own_loans or ()), default=None),
    )


_NAMES = tuple(indicator.name for indicator in INDICATORS)
_UNKNOWN = -(2**62)


def summarise_values(
    numbers: Sequence[int], strong_tie_bads: int, *, as_of: datetime, own_loans: tuple[OwnLoan, ...] | None = None
) -> NetworkView:
    """The view that an index's numbers come to: every number by name, and the first ones by their own."""
    values = {name: None if number == _UNKNOWN else number for name, number in zip(_NAMES, numbers, strict=True)}
    return NetworkView(
        as_of=as_of,
        device_others=values["network__device__others__all"] or 0,
        ip_others_30d=values["network__ip__others__30d"] or 0,
        phone_others=values["network__phone__others__all"] or 0,
        card_others=values["network__card__others__all"] or 0,
        address_others=values["network__address__others__all"] or 0,
        agent_others_30d=values["network__agent__others__30d"] or 0,
        agent_bads=values["network__agent__bads__all"] or 0,
        strong_tie_bads=strong_tie_bads,
        own_applications_90d=values["network__own__applications__90d"] or 0,
        own_loans_repaid=None if own_loans is None else sum(loan.is_repaid for loan in own_loans),
        own_arrears_days_max=max((loan.arrears_days_max for loan in own_loans or ()), default=None),
        values=values,
    )
