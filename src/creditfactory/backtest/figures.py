"""The figures of a population under one rulebook: who gets what, by which lane, at what work, loss and profit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from creditfactory.backtest.cases import Cases, Flags, Ratio
from creditfactory.backtest.intervals import Share, measure_share
from creditfactory.decision import LANES, STATIONS

MINUTES: Mapping[str, Mapping[str, int]] = {
    "B": {"online_check": 15, "phone_check": 20, "final_review": 15},
    "C": {"online_check": 15, "phone_check": 20, "site_visit": 240, "final_review": 30},
}
"""Minutes of people's work in a lane, by the stations' promises; half a working day for a visit is a house rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What people have to do: calls and visits, all their minutes, and how many fall on a day."""

    calls: float
    visits: float
    minutes: float
    days: int | None
    calls_a_day: float | None
    visits_a_day: float | None
    calls_a_day_p95: float | None
    visits_a_day_p95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the offers turned out, on those of whom it is known; ``known_share`` says how many that are."""

    known_share: float | None
    bad_rate: Share
    expected_bad_rate: float | None
    expected_on_known: float | None
    loss_cents: float | None
    earned_cents: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of one population, or of one part of it; counts are weighted."""

    rows: int
    applications: float
    approved: float
    offered: float
    offered_share: float | None
    declined: float
    lanes: Mapping[str, float]
    needs_facts: float
    amount_cents: float
    amount_average_cents: float | None
    annual_rate_average: float | None
    expected_loss_cents: float | None
    profit_cents: float | None
    outcome: Outcome
    workload: Workload


def measure(cases: Cases) -> Figures:
    """Count everything once."""
    weight, lends = cases.weight, cases.lends
    total = float(weight.sum())
    amount = weight * cases.amount
    lent = float(amount.sum())
    rate = cases.decided.get_column("annual_rate_bps").cast(pl.Float64).to_numpy() / 10_000
    verdict = cases.decided.get_column("verdict").cast(pl.String)
    offered = float(weight[lends].sum())
    return Figures(
        rows=len(cases),
        applications=total,
        approved=float(weight[(verdict == "approve").to_numpy()].sum()),
        offered=offered,
        offered_share=offered / total if total else None,
        declined=float(weight[cases.declined].sum()),
        lanes={name: float(weight[cases.lane == place].sum()) for place, name in enumerate(LANES)},
        needs_facts=float(weight[cases.decided.get_column("needs_facts").to_numpy() & ~cases.declined].sum()),
        amount_cents=lent,
        amount_average_cents=lent / offered if offered else None,
        annual_rate_average=float(np.nansum(amount * rate)) / lent if lent else None,
        expected_loss_cents=add_up(weight * cases.expected_loss, lends),
        profit_cents=add_up(weight * cases.profit, lends),
        outcome=_measure_outcome(cases),
        workload=measure_workload(cases),
    )


def _measure_outcome(cases: Cases) -> Outcome:
    weight, lends = cases.weight, cases.lends
    seen = lends & cases.known
    offered, known = float(weight[lends].sum()), float(weight[seen].sum())
    return Outcome(
        known_share=known / offered if offered else None,
        bad_rate=measure_share(cases.bad[seen], weight[seen]),
        expected_bad_rate=average(cases.chance, weight, lends),
        expected_on_known=average(cases.chance, weight, seen),
        loss_cents=add_up(weight * cases.loss, seen),
        earned_cents=add_up(weight * cases.earned, seen),
    )


def measure_workload(cases: Cases) -> Workload:
    """Calls, visits and minutes of all that people have to look at; declined cases cost them nothing."""
    weight = cases.weight
    calls = np.where((cases.lane == 1) | (cases.lane == 2), weight, 0.0)
    visits = np.where(cases.lane == 2, weight, 0.0)
    minutes = sum(
        sum(MINUTES[lane].values()) * float(weight[cases.lane == LANES.index(lane)].sum()) for lane in MINUTES
    )
    if "applied_on" not in cases.population.columns or not len(cases):
        nothing: dict[str, Any] = dict.fromkeys(("calls_a_day", "visits_a_day", "calls_a_day_p95", "visits_a_day_p95"))
        return Workload(calls=float(calls.sum()), visits=float(visits.sum()), minutes=minutes, days=None, **nothing)
    by_day = (
        pl.DataFrame({"on": cases.population.get_column("applied_on"), "calls": calls, "visits": visits})
        .group_by("on")
        .agg(pl.col("calls", "visits").sum())
    )
    days = by_day.height
    return Workload(
        calls=float(calls.sum()),
        visits=float(visits.sum()),
        minutes=minutes,
        days=days,
        calls_a_day=float(calls.sum()) / days,
        visits_a_day=float(visits.sum()) / days,
        calls_a_day_p95=_quantile(by_day, "calls"),
        visits_a_day_p95=_quantile(by_day, "visits"),
    )


def _quantile(by_day: pl.DataFrame, name: str) -> float | None:
    found = by_day.get_column(name).quantile(0.95, "nearest")
    return None if found is None else float(found)


def measure_funnel(cases: Cases) -> dict[str, float]:
    """How many reach each station that can say no, then those with an offer, and those approved by machine."""
    stopped = cases.decided.get_column("stopped_at").to_physical().to_numpy()
    weight = cases.weight
    left = float(weight.sum())
    funnel = {"applications": left}
    for place, station in enumerate(STATIONS):
        if station:
            left -= float(weight[stopped == place].sum())
            funnel[station] = left
    funnel["offer_made"] = float(weight[cases.lends].sum())
    funnel["approved_by_machine"] = float(weight[cases.lends & (cases.lane == 0)].sum())
    return funnel


def measure_by(cases: Cases, groups: pl.Series) -> dict[str, Figures]:
    """The same figures for each group, in the groups' order; rows without a group count as unknown."""
    named = groups.cast(pl.String).fill_null("unknown")
    order = named.unique().sort().to_list()
    return {str(name): measure(cases.take((named == name).to_numpy())) for name in order}


def add_up(cents: Ratio, rows: Flags) -> float | None:
    """A sum over some rows, or nothing where it cannot be told of any of them.

    >>> add_up(np.array([1.0, 2.0]), np.array([True, False])), add_up(np.array([np.nan]), np.array([True]))
    (1.0, None)
    """
    chosen = cents[rows]
    if not len(chosen) or np.isnan(chosen).all():
        return None
    return float(np.nansum(chosen))


def average(values: Ratio, weight: Ratio, rows: Flags) -> float | None:
    """The weighted average over those rows where there is a value."""
    held = rows & ~np.isnan(values)
    total = float(weight[held].sum())
    return float((weight[held] * values[held]).sum()) / total if total else None
