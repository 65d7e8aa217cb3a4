"""Brokers screened week by week, as the house would have known them, and held against who was planted (ACQ-09)."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from creditfactory import channel
from creditfactory.channel import STEPS, HandedIn

WEEK = timedelta(days=7)
GANG_MIN = 8
"""An agent with fewer applications of a kind can be told from chance by nobody."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One application as the house knows it, and whether it was planted by a packaging broker, which it does not."""

    agent: str
    seen: HandedIn
    is_planted: bool


def measure_channels(rows: Sequence[Handed], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Each agent screened every week from the first application to the last; who was proposed what, and when."""
    by_agent: dict[str, list[Handed]] = defaultdict(list)
    for row in rows:
        by_agent[row.agent].append(row)
    begin, end = min(row.seen.at for row in rows), max(row.seen.at for row in rows)
    everybody = [row.seen for row in rows]
    house: dict[int, dict[str, int]] = {}
    first: dict[str, dict[str, datetime]] = {}
    for agent, own in by_agent.items():
        if len(own) < GANG_MIN:
            continue
        first[agent] = {}
        seen = [row.seen for row in own]
        day = own[0].seen.at + WEEK
        while day <= end + WEEK:
            month = (day - begin).days // 30
            if month not in house:
                house[month] = channel.measure_house(
                    everybody, as_of=begin + timedelta(days=30 * month), parameters=parameters
                )
            told = channel.screen_agent(agent, seen, as_of=day, house=house[month], parameters=parameters)
            for step in STEPS[1 : STEPS.index(told.step) + 1]:
                first[agent].setdefault(step, day)
            day += WEEK
    return _hold_against_truth(by_agent, first)


def _hold_against_truth(
    by_agent: Mapping[str, list[Handed]], first: Mapping[str, Mapping[str, datetime]]
) -> dict[str, Any]:
    planted = {agent for agent in first if sum(row.is_planted for row in by_agent[agent]) >= GANG_MIN}
    partly = {agent for agent in first if any(row.is_planted for row in by_agent[agent])}
    steps: dict[str, Any] = {}
    for step in STEPS[1:]:
        named = {agent for agent in first if step in first[agent]}
        days = []
        for agent in named & planted:
            started = next(row.seen.at for row in by_agent[agent] if row.is_planted)
            days.append(max(0.0, (first[agent][step] - started).total_seconds() / 86_400))
        steps[step] = {
            "proposed": len(named), "right": len(named & partly),
            "precision": round(len(named & partly) / len(named), 4) if named else None,
            "recall": round(len(named & planted) / len(planted), 4) if planted else None,
            "days_median": round(statistics.median(days), 1) if days else None,
        }  # fmt: skip
    return {"agents_screened": len(first), "planted": len(planted), "steps": steps}
