"""Is a broker making customers up: what repeats among the applications of one agent, and what to do about it (ACQ-09).

Each sign is a share of the agent's recent applications. It counts only when even the low end of what the share may
truly be lies above the house's line: three applications prove nothing, thirty do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Any, Literal

from creditfactory.kernel import BPS_WHOLE, Reason

Step = Literal["none", "watch", "deposit_up", "quota", "suspend"]
STEPS: tuple[Step, ...] = ("none", "watch", "deposit_up", "quota", "suspend")
"""What can be proposed, from nothing to closing the door; a person decides."""

DEFAULTS: Mapping[str, Any] = {
    "packaging_days": 120,
    "packaging_applications_min": 8,
    "packaging_lines": {
        "template": 1_000, "device": 2_500, "ip": 6_000, "employer": 2_000, "bunching": 4_000, "even": 2_500,
        "first_payment": 600, "stopped": 1_500,
    },
    "packaging_points": {
        "template": 40, "device": 15, "ip": 5, "employer": 25, "bunching": 15, "even": 25, "first_payment": 40,
        "stopped": 25,
    },
    "packaging_steps": {"watch": 25, "deposit_up": 45, "quota": 65, "suspend": 90},
    "packaging_thresholds_cents": (30_000_000, 50_000_000),
    "packaging_bunch_bps": 400,
    "packaging_even_swing_bps": 450,
    "packaging_prior_applications": 5,
}  # fmt: skip
"""The house's lines; a pack's parameters of the same names go before these."""
CODES: Mapping[str, str] = {
    "template": "CHP-TEMPLATE", "device": "CHP-DEVICE", "ip": "CHP-IP", "employer": "CHP-EMPLOYER",
    "bunching": "CHP-BUNCHING", "even": "CHP-EVEN", "first_payment": "CHP-FIRST-PAYMENT", "stopped": "CHP-STOPPED",
}  # fmt: skip
Z_LOW = 1.645
"""One-sided 95 %: how far below the share found the true one may lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One application an agent handed in, as the house knows it; all tokens are blind, what is unknown is None.

    ``swing_bps`` is how far the months of the statements lie apart (standard deviation of the mean month).
    ``is_first_payment_bad`` is None until the first payment's outcome is known, and ``outcome_at`` says since when.
    """

    application: str
    person: str
    at: datetime
    amount_cents: int
    device: str | None = None
    ip: str | None = None
    employer: str | None = None
    papers: tuple[str, ...] = ()
    swing_bps: int | None = None
    is_stopped_for_fraud: bool = False
    is_first_payment_bad: bool | None = None
    outcome_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagingSign:
    """One share: how many of how many, drawn towards the house's own, with the low and high end of what it may be."""

    name: str
    found: int
    of: int
    share_bps: int
    low_bps: int
    high_bps: int
    line_bps: int

    @property
    def is_hit(self) -> bool:
        """Whether even the low end lies above the line."""
        return self.low_bps > self.line_bps


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What an agent's applications show, and the step proposed; never more than watching while they are few."""

    agent: str
    as_of: datetime
    applications: int
    signs: tuple[PackagingSign, ...]
    points: int
    step: Step
    reasons: tuple[Reason, ...] = ()


def screen_agent(
    agent: str,
    handed_in: Sequence[HandedIn],
    *,
    as_of: datetime,
    house: Mapping[str, int] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Screening:
    """The signs among an agent's applications of the last months as known at ``as_of``, and the step they call for.

    ``house`` gives the house's own share in basis points of a sign where it is measured; a line is never below twice
    that, so that what everybody does is held against nobody.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> same = [HandedIn(application=f"A-{n}", person=f"p{n}", at=noon, amount_cents=29_500_000, papers=("lease-1",))
    ...         for n in range(12)]
    >>> seen = screen_agent("fast-cash/g1", same, as_of=noon + timedelta(days=1))
    >>> seen.step, [reason.code for reason in seen.reasons]
    ('deposit_up', ['CHP-TEMPLATE', 'CHP-BUNCHING'])
    """
    read = {**DEFAULTS, **{name: (parameters or {})[name] for name in DEFAULTS if name in (parameters or {})}}
    since = as_of - timedelta(days=read["packaging_days"])
    known = [one for one in handed_in if since <= one.at < as_of]
    counts = _count_signs(known, as_of, read)
    signs = tuple(
        measure_sign(
            name, found, of, prior_bps=(house or {}).get(name, 0), prior=read["packaging_prior_applications"],
            line_bps=max(read["packaging_lines"][name], 2 * (house or {}).get(name, 0)),
        )
        for name, (found, of) in counts.items()
    )  # fmt: skip
    hit = [sign for sign in signs if sign.is_hit]
    points = sum(read["packaging_points"][sign.name] for sign in hit)
    step: Step = "none"
    for name in STEPS[1:]:
        if points >= read["packaging_steps"][name]:
            step = name
    if len(known) < read["packaging_applications_min"] and step != "none":
        step = "watch"
    reasons = tuple(
        Reason(CODES[s.name], {"agent": agent, "found": s.found, "of": s.of, "low_bps": s.low_bps}) for s in hit
    )
    return Screening(
        agent=agent, as_of=as_of, applications=len(known), signs=signs, points=points, step=step, reasons=reasons
    )


def measure_house(
    handed_in: Sequence[HandedIn], *, as_of: datetime, parameters: Mapping[str, Any] | None = None
) -> dict[str, int]:
    """The house's own share of each sign, over all agents together: what a sign is worth must be rare elsewhere."""
    read = {**DEFAULTS, **{name: (parameters or {})[name] for name in DEFAULTS if name in (parameters or {})}}
    since = as_of - timedelta(days=read["packaging_days"])
    known = [one for one in handed_in if since <= one.at < as_of]
    plain = ("bunching", "even", "first_payment", "stopped")
    counts = _count_signs(known, as_of, read)
    return {name: BPS_WHOLE * counts[name][0] // counts[name][1] if counts[name][1] else 0 for name in plain}


def measure_sign(name: str, found: int, of: int, *, prior_bps: int, prior: int, line_bps: int) -> PackagingSign:
    """A share drawn towards the house's own by ``prior`` applications, with Wilson's interval around it.

    >>> few, many = (measure_sign("device", n, n, prior_bps=500, prior=10, line_bps=3_000) for n in (2, 20))
    >>> few.is_hit, many.is_hit
    (False, True)
    """
    whole = of + prior
    share = (found + prior_bps * prior / BPS_WHOLE) / whole if whole else 0.0
    square = Z_LOW * Z_LOW
    middle = (share + square / (2 * whole)) / (1 + square / whole) if whole else 0.0
    half = (
        Z_LOW * sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
        if whole
        else 0.0
    )
    return PackagingSign(
        name=name, found=found, of=of, share_bps=round(BPS_WHOLE * share), line_bps=line_bps,
        low_bps=max(0, round(BPS_WHOLE * (middle - half))), high_bps=min(BPS_WHOLE, round(BPS_WHOLE * (middle + half))),
    )  # fmt: skip


def _count_signs(known: Sequence[HandedIn], as_of: datetime, read: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """For each sign, how many applications show it, of how many for which it can be told."""
    told = [one for one in known if one.is_first_payment_bad is not None and one.outcome_at is not None]
    told = [one for one in told if one.outcome_at is not None and one.outcome_at <= as_of]
    steady = [one.swing_bps for one in known if one.swing_bps is not None]
    return {
        "template": _count_shared(known, lambda one: one.papers),
        "device": _count_shared(known, lambda one: (one.device,) if one.device else ()),
        "ip": _count_shared(known, lambda one: (one.ip,) if one.ip else ()),
        "employer": _count_shared(known, lambda one: (one.employer,) if one.employer else ()),
        "bunching": (sum(_is_bunched(one.amount_cents, read) for one in known), len(known)),
        "even": (sum(swing < read["packaging_even_swing_bps"] for swing in steady), len(steady)),
        "first_payment": (sum(bool(one.is_first_payment_bad) for one in told), len(told)),
        "stopped": (sum(one.is_stopped_for_fraud for one in known), len(known)),
    }


def _count_shared(known: Sequence[HandedIn], tell: Callable[[HandedIn], Collection[str]]) -> tuple[int, int]:
    """How many applications show something that another person through the same agent showed too."""
    people: dict[str, set[str]] = defaultdict(set)
    for one in known:
        for token in tell(one):
            people[token].add(one.person)
    shared = Counter(any(len(people[token]) > 1 for token in tell(one)) for one in known if tell(one))
    return shared[True], shared[True] + shared[False]


def _is_bunched(amount_cents: int, read: Mapping[str, Any]) -> bool:
    """Whether a sum lies just under, or on, one of the sums at which more would be asked."""
    return any(
        0 <= line - amount_cents <= line * read["packaging_bunch_bps"] // BPS_WHOLE
        for line in read["packaging_thresholds_cents"]
    )
