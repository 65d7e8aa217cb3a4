"""One label shown at work: the lines it was made from, where its window begins and ends, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from creditfactory.application import Dossier
from creditfactory.labels import plain_reference
from creditfactory.labels.computing import plan_pack
from creditfactory.labels.known import find_known
from creditfactory.labels.planning import Part, Plan
from creditfactory.labels.reference_table import LAST_DAY, make_reference_table
from creditfactory.labels.tables import DAY, Table, number_minute, pack_table

LINES_SHOWN = 3


def show_lines(name: str, dossier: Dossier, as_of: datetime) -> dict[str, Any] | None:
    """How a label of a family came about in a dossier, told by the plain reference; None where it is no such label.

    ``window`` is on the applicant's own clock, its end not included; ``lines`` counts those taken, the last of them
    shown.
    """
    found = _find_part(name, dossier.pack)
    if found is None:
        return None
    plan, part = found
    told = plan.shape.read(find_known(dossier, as_of))
    if told is None:
        return {"value": None, "why_missing": plan.shape.absent}
    table = pack_table(plan.shape, told)
    events = plain_reference.list_events(table, 0)
    return _show(plan, part, table, events, number_minute(as_of, dossier.utc_offset_minutes))


def show_made_up(name: str, pack: str = "cn-micro") -> dict[str, Any] | None:
    """The same from a made-up table in which every cut finds something."""
    found = _find_part(name, pack)
    if found is None:
        return None
    plan, part = found
    table, events = _make_up(pack, plan.shape.code)
    return _show(plan, part, table, events, (LAST_DAY + 1) * DAY - 1)


@cache
def _make_up(pack: str, shape: str) -> tuple[Table, list[plain_reference.Event]]:
    plan = next(plan for plan in plan_pack(pack).plans if plan.shape.code == shape)
    table = make_reference_table(plan)
    return table, plain_reference.list_events(table, 0)


def _show(plan: Plan, part: Part, table: Table, events: list[plain_reference.Event], as_of: int) -> dict[str, Any]:
    reach = (int(table.reaches_from[0]), int(table.reaches_to[0]))
    end = as_of + 1 if plan.shape.ends == "as_of" else min(as_of + 1, reach[1])
    start = plain_reference.find_start(part.window, end)
    taken = [
        event
        for event in events
        if event.minute < end and (start is None or event.minute >= start) and plain_reference.belongs(event, part.cut)
    ]
    shown: dict[str, Any] = {
        "window": {"from": None if start is None else _tell_minute(start), "until": _tell_minute(end)},
        "lines": len(taken),
        "last_lines": [
            {"at": _tell_minute(event.minute), "amount": event.amount, **event.words} for event in taken[-LINES_SHOWN:]
        ],
    }
    try:
        return {"value": plain_reference.tell(part, plan.shape, events, reach, as_of), **shown}
    except plain_reference.Unknown as why:
        return {"value": None, "why_missing": str(why), **shown}


def _tell_minute(minute: int) -> str:
    at = datetime.combine(plain_reference.EPOCH, datetime.min.time()) + timedelta(minutes=minute)
    return at.isoformat(sep=" ", timespec="minutes")


def _find_part(name: str, pack: str) -> tuple[Plan, Part] | None:
    return _find_parts(pack).get(name)


@cache
def _find_parts(pack: str) -> Mapping[str, tuple[Plan, Part]]:
    return {part.label.name: (plan, part) for plan in plan_pack(pack).plans for part in plan.parts}
