"""The grey zone: whom rules would neither take nor refuse, and what telling them apart is worth (POL-05, POL-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from creditfactory.backtest.cases import Cases, Flags
from creditfactory.backtest.figures import add_up, average
from creditfactory.backtest.intervals import Share, measure_share

ZONES = ("accept", "grey", "reject")
"""By traditional rules: no rule speaks; one refers or asks for a closer look; one declines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One zone: how many, how many of them the system lends to, how these turned out and what they pay."""

    applications: float
    offered: float
    bad_rate_all: Share
    bad_rate: Share
    expected_bad_rate: float | None
    annual_rate_average: float | None
    earned_cents: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualRisk:
    """At the bad rate of those whom rules alone take, how many more the cards can take, of accept and grey together.

    Counted only on those of whom it is known how they turned out.
    """

    bad_rate: float | None
    rules_only: float
    with_cards: float
    extra: float
    extra_share: float | None
    from_grey: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GreyPrice:
    """What good customers of the grey zone pay, against one price for all that earns the same on the zone."""

    flat_rate: float | None
    good_rate: float | None
    bad_rate: float | None
    saved_cents_a_year: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GreyZone:
    """The three zones, and what the system adds in the middle one."""

    zones: Mapping[str, Zone]
    equal_risk: EqualRisk
    price: GreyPrice


def measure_grey(cases: Cases) -> GreyZone:
    """Zones by policy alone, as it speaks on its own without cards and strategy."""
    floor = cases.decided.get_column("policy_lane").to_physical().to_numpy()
    masks: dict[str, Flags] = {"accept": floor == 0, "grey": (floor == 1) | (floor == 2), "reject": floor == 3}
    return GreyZone(
        zones={name: _measure_zone(cases, rows) for name, rows in masks.items()},
        equal_risk=_compare_at_equal_risk(cases, masks),
        price=_compare_price(cases, masks["grey"]),
    )


def _measure_zone(cases: Cases, rows: Flags) -> Zone:
    weight, lent = cases.weight, rows & cases.lends
    seen = lent & cases.known
    return Zone(
        applications=float(weight[rows].sum()),
        offered=float(weight[lent].sum()),
        bad_rate_all=measure_share(cases.bad[rows & cases.known], weight[rows & cases.known]),
        bad_rate=measure_share(cases.bad[seen], weight[seen]),
        expected_bad_rate=average(cases.chance, weight, lent),
        annual_rate_average=_rate(cases, lent),
        earned_cents=add_up(weight * cases.earned, seen),
    )


def _compare_at_equal_risk(cases: Cases, masks: Mapping[str, Flags]) -> EqualRisk:
    """Take from accept and grey the surest first until the bad rate is that of accept."""
    weight, known = cases.weight, cases.known
    taken = masks["accept"] & known
    base, base_bads = float(weight[taken].sum()), float(weight[taken & cases.bad].sum())
    if base == 0:
        return EqualRisk(bad_rate=None, rules_only=0.0, with_cards=0.0, extra=0.0, extra_share=None, from_grey=0.0)
    line = base_bads / base
    pool = np.flatnonzero((masks["accept"] | masks["grey"]) & known & ~np.isnan(cases.chance))
    order = pool[np.argsort(cases.chance[pool], kind="stable")]
    count, bads = np.cumsum(weight[order]), np.cumsum(weight[order] * cases.bad[order])
    ends = np.append(np.diff(cases.chance[order]) > 0, True) if len(order) else np.zeros(0, dtype=np.bool_)
    fits = np.flatnonzero(ends & (bads <= line * count + 1e-9))
    last = int(fits[-1]) + 1 if len(fits) else 0
    with_cards = float(count[last - 1]) if last else 0.0
    chosen = order[:last]
    return EqualRisk(
        bad_rate=line,
        rules_only=base,
        with_cards=with_cards,
        extra=with_cards - base,
        extra_share=(with_cards - base) / base,
        from_grey=float(weight[chosen[masks["grey"][chosen]]].sum()),
    )


def _compare_price(cases: Cases, grey: Flags) -> GreyPrice:
    seen = grey & cases.lends & cases.known
    good, bad = seen & ~cases.bad, seen & cases.bad
    flat, good_rate = _rate(cases, seen), _rate(cases, good)
    owed = float((cases.weight * cases.amount)[good].sum())
    saved = None if flat is None or good_rate is None else (flat - good_rate) * owed
    return GreyPrice(flat_rate=flat, good_rate=good_rate, bad_rate=_rate(cases, bad), saved_cents_a_year=saved)


def _rate(cases: Cases, rows: Flags) -> float | None:
    """The average rate, weighted by amount."""
    rate = cases.decided.get_column("annual_rate_bps").cast(float).to_numpy() / 10_000
    return average(rate, cases.weight * cases.amount, rows)
