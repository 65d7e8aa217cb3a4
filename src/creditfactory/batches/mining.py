"""Indicator mining: every night the past is searched for new patterns around bad applications, and one is proposed.

What was found is kept in the audit log; the proposal is a draft of the rulebook, which two persons have to sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from creditfactory import gateways, publishing, records
from creditfactory.batches.mining_rules import write_rule
from creditfactory.decision import Book
from creditfactory.kernel import BadInput, Refused
from creditfactory.labels import Labels
from creditfactory.network import INDICATORS, Mined, Past, Pattern, Search, mine, to_instant
from creditfactory.records import reads
from creditfactory.rules import SEVERITY

ACTOR = "mining"
LIKE = "cases/like/sound_owner.yaml"
RIPE_DAYS = 60
"""By then a first instalment has been due for a month: who pays is told from who never meant to."""
LOOKED_AT_MAX = 50_000
LOOKS_A_TURN = 20
"""So many looks before decisions that wait for the network have their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningRun:
    """One run: over how much, what it found, and in which draft the best new pattern is proposed, if in any."""

    on: date
    applications: int
    bads: int
    tried: int
    candidates: int
    patterns: tuple[dict[str, Any], ...]
    ripe_days: int
    draft: int | None = None
    proposed: str = ""
    note: str = ""


def mine_network(
    tenant: records.TenantRecord, on: date | None = None, *, ripe_days: int = RIPE_DAYS, may_draft: bool = True
) -> MiningRun:
    """Search a factory's past as known at the end of a day, keep what was found, and draft a rule for the best of it.

    A day that has not come yet is refused: nobody knows its outcomes.
    """
    clock = records.read_clock(tenant.id)
    day = on or clock.business_on
    if day > clock.now.date() + timedelta(days=1):
        raise Refused(f"{day} has not come yet; the factory's clock stands at {clock.now:%Y-%m-%d %H:%M}.")
    known_by = min(datetime.combine(day + timedelta(days=1), time(), UTC), clock.now)
    past = gather_past(tenant, known_by=known_by, ripe_days=ripe_days)
    mined = mine(past, Search())
    draft, proposed, note = _propose(tenant, mined, day) if may_draft else (None, "", "")
    run = MiningRun(
        on=day, applications=mined.applications, bads=mined.bads, tried=mined.tried, candidates=mined.candidates,
        patterns=tuple(tell_pattern(pattern) for pattern in mined.patterns), ripe_days=ripe_days, draft=draft,
        proposed=proposed, note=note,
    )  # fmt: skip
    records.write_event(
        tenant=tenant.code, by=ACTOR, action="network_mined", object_kind=records.MINED, object_key=tenant.code,
        at=clock.now, **{**asdict(run), "on": day.isoformat()},
    )  # fmt: skip
    return run


def gather_past(tenant: records.TenantRecord, *, known_by: datetime, ripe_days: int) -> Past:
    """The past as mining takes it: values as of each application's own instant, outcomes known before one instant."""
    rows = records.list_ripe_applications(
        tenant_id=tenant.id, until=known_by - timedelta(days=ripe_days), known_by=known_by, most=LOOKED_AT_MAX
    )
    values = np.empty((len(rows), len(INDICATORS)), dtype=np.int64)
    instants = np.array([to_instant(row.applied_at) for row in rows], dtype=np.int64)
    for start in range(0, len(rows), LOOKS_A_TURN):
        with records.open_index(tenant.id) as index:
            for place in range(start, min(start + LOOKS_A_TURN, len(rows))):
                values[place], _ = index.look(rows[place].id, int(instants[place]))
    stopped = _find_stopped(tenant, [row.id for row in rows if row.is_bad and not row.is_declined], known_by.date())
    return Past(
        values=values, at=instants, is_bad=np.array([row.is_bad for row in rows], dtype=bool),
        is_stopped=np.array([row.is_declined or row.id in stopped for row in rows], dtype=bool),
    )  # fmt: skip


def _find_stopped(tenant: records.TenantRecord, bads: Sequence[int], on: date) -> set[int]:
    """Of those known as bad, whom the rules in force today would have declined or sent to a person."""
    if not bads:
        return set()
    releases = publishing.find_releases(tenant)
    book = publishing.load_rulebook(publishing.choose_champion(releases, on).digest).at(on)
    found: set[int] = set()
    for start in range(0, len(bads), 200):
        for application, text in records.list_label_snapshots(bads[start : start + 200]).items():
            with suppress(BadInput):  # labels of a form nobody knows any more: what today's rules say is not known
                if _is_stopped(book, gateways.load_value(Labels, text)):
                    found.add(application)
    return found


def _is_stopped(book: Book, taken: Labels) -> bool:
    hits = (said for said in book.policy.judge(taken.facts) if said.verdict == "hit")
    return any(SEVERITY[said.consequence] >= SEVERITY["refer"] for said in hits)


def tell_pattern(pattern: Pattern) -> dict[str, Any]:
    """A pattern as the log keeps it: conditions, words, and figures of both halves."""
    return {
        "code": pattern.code, "conditions": [asdict(condition) for condition in pattern.conditions],
        "en": pattern.tell("en"), "zh": pattern.tell("zh"), "found": asdict(pattern.found),
        "held": asdict(pattern.held), "precision": round(pattern.held.precision, 4),
        "precision_low": round(pattern.held.interval[0], 4), "precision_high": round(pattern.held.interval[1], 4),
        "lift": round(pattern.held.lift, 2), "support": round(pattern.held.support, 5),
        "new_bads": pattern.new_bads, "chance": float(f"{pattern.chance:.3g}"), "likes": pattern.likes,
    }  # fmt: skip


def _propose(tenant: records.TenantRecord, mined: Mined, on: date) -> tuple[int | None, str, str]:
    """Draft the best pattern that hits bads no rule stops and was never drafted before; its number, its code, a note.

    The draft stands beside the version in force; nothing of it holds before one person proposes and another approves.
    """
    before = {run.get("proposed") for run in records.list_mining_runs(tenant.code, most=1_000)}
    best = next((one for one in mined.patterns if one.new_bads and one.code not in before), None)
    if best is None:
        return None, "", "nothing new to propose"
    champion = publishing.choose_champion(publishing.find_releases(tenant), on)
    number = champion.number
    if reads.read_version_file(tenant.id, number, LIKE) is None:
        return None, "", "the rulebook in force has no sound owner for the cases of a network rule"
    kept = reads.read_version_file(tenant.id, number, "reasons.yaml") or ""
    title = f"Mined {on.isoformat()}: {best.tell('en')}"[:120]
    for place, text in write_rule(best, on=on, reasons=kept).items():
        number = publishing.edit_draft(tenant, number, place, text, by=ACTOR, title=title)
    return number, best.code, ""
