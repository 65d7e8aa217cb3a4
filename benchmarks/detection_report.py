"""What a simulated year's detection comes to: the truth held against what was done, by tactic, by kind, by gang."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditfactory.channel import HandedIn
from creditfactory.world.population import Person

PARTS = (
    "gate",
    "analyst",
    "before_asking",
    "network",
    "ring_analyst",
    "before_bureau",
    "policy",
    "again",
    "again_analyst",
    "named",
)
PERSONS = frozenset({"analyst", "ring_analyst", "again_analyst", "named"})
"""Stops that a person confirmed; all others are the machine's alone."""


@dataclass(slots=True)
class Seen:
    """What became of one applicant, with the truth beside it."""

    number: int
    at: datetime
    person: Person
    part: str | None = None
    reasons: tuple[str, ...] = ()
    is_fraud_stop: bool = False
    was_referred: bool = False
    bureau_queries: int = 0
    lane: str = "C"
    points: int | None = None
    around: tuple[int | None, ...] = ()
    shown: tuple[int | None, frozenset[str]] | None = None
    paid_at: datetime | None = None
    stopped_at: datetime | None = None
    named_at: datetime | None = None
    is_known_fraud: bool = False
    handed: HandedIn | None = None
    agent: str | None = None

    @property
    def is_stopped(self) -> bool:
        """Declined for a reason of fraud, by the machine or by a person it was handed to."""
        return self.is_fraud_stop

    @property
    def make(self) -> str:
        """What the applicant truly is."""
        role = self.person.role
        if role is not None and role.group is not None:
            return role.group.make
        return "honest" if self.person.truth.kind == "honest" else self.person.truth.kind


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def report(everyone: list[Seen]) -> dict[str, Any]:
    """The truth held against what was done."""
    by_code: dict[str, list[Seen]] = defaultdict(list)
    for seen in everyone:
        role = seen.person.role
        by_code[role.group.code if role is not None and role.group is not None else f"crowd: {seen.make}"].append(seen)
    dishonest = [s for s in everyone if s.make in ("robot", "ring", "borrowed_name", "doctored", "packaging")]
    honest = [s for s in everyone if s.make in ("honest", "look_alike", "night")]
    stopped = [s for s in everyone if s.part is not None]
    return {
        "applicants": len(everyone),
        "by_tactic": {code: _tell_group(rows) for code, rows in sorted(by_code.items())},
        "robots": _tell_group([s for s in dishonest if s.make == "robot"]),
        "rings": _tell_group([s for s in dishonest if s.make == "ring"]),
        "robots_and_rings": _tell_group([s for s in dishonest if s.make in ("robot", "ring")]),
        "lent_names": _tell_group([s for s in dishonest if s.make == "borrowed_name"]),
        "honest": _tell_group(honest),
        "rings_found": _tell_gangs(everyone, "ring"),
        "robot_gangs_found": _tell_gangs(everyone, "robot"),
        "bureau": {
            "queries": sum(s.bureau_queries for s in everyone),
            "spent_on_stopped_before_asking": sum(s.bureau_queries for s in stopped if s.part != "policy"),
            "spent_on_declined_by_policy_for_fraud": sum(
                s.bureau_queries for s in stopped if s.part == "policy" and s.is_fraud_stop
            ),
            "spent_on_declined_by_policy_for_credit": sum(
                s.bureau_queries for s in stopped if s.part == "policy" and not s.is_fraud_stop
            ),
        },
    }


def _tell_group(rows: list[Seen]) -> dict[str, Any]:
    stops = [s for s in rows if s.is_stopped]
    parts = Counter(s.part for s in stops)
    reasons = Counter(code for s in stops for code in s.reasons[:3])
    return {
        "applicants": len(rows), "stopped": len(stops), "share": _share(len(stops), len(rows)),
        "by_machine_share": _share(sum(s.part not in PERSONS for s in stops), len(rows)),
        "kept_from_money_share": _share(sum(s.part is not None for s in rows), len(rows)),
        "declined_for_credit_share": _share(sum(s.part is not None and not s.is_fraud_stop for s in rows), len(rows)),
        "sent_to_a_person_share": _share(sum(s.was_referred and not s.is_stopped for s in rows), len(rows)),
        "named_after_paying_share": _share(sum(s.paid_at is not None and s.is_known_fraud for s in rows), len(rows)),
        "named": sum(s.named_at is not None for s in rows),
        "at": {part: parts[part] for part in PARTS if parts[part]}, "reasons": dict(reasons.most_common(8)),
    }  # fmt: skip


def _tell_gangs(everyone: list[Seen], make: str) -> dict[str, Any]:
    """Each gang of five or more: after how many days the first was stopped, and who had been let through by then."""
    gangs: dict[str, list[Seen]] = defaultdict(list)
    for seen in everyone:
        role = seen.person.role
        if seen.make == make and role is not None and role.gang_name is not None:
            gangs[role.gang_name].append(seen)
    days, before, found = [], [], 0
    whole = {name: rows for name, rows in gangs.items() if len(rows) >= 5}
    for rows in whole.values():
        stops = [s.stopped_at for s in rows if s.is_stopped and s.stopped_at is not None]
        if not stops:
            before.append(1.0)
            continue
        found += 1
        days.append((min(stops) - rows[0].at).total_seconds() / 86_400)
        before.append(sum(s.paid_at is not None and s.paid_at < min(stops) for s in rows) / len(rows))
    return {
        "gangs": len(whole), "found": found, "found_share": _share(found, len(whole)),
        "days_to_first_stop_median": round(statistics.median(days), 2) if days else None,
        "days_to_first_stop_p90": round(sorted(days)[int(0.9 * (len(days) - 1))], 2) if days else None,
        "paid_before_mean": round(statistics.mean(before), 4) if before else None,
    }  # fmt: skip
