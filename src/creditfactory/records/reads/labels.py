"""The label snapshots of recent applications, as they were kept, for pictures of how a label is spread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creditfactory.records.tables import Visit


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One application's labels: whose, from which day, under which pack, and the text they were kept in."""

    number: str
    applied_on: date
    pack: str
    text: str


def list_snapshots(tenant_id: int, *, limit: int) -> tuple[SnapshotRow, ...]:
    """The latest snapshots of a factory, newest first; one that was taken anew counts once, as it stands last."""
    rows = (
        Visit.objects.filter(application__tenant_id=tenant_id, station="labels", outcome="done")
        .order_by("-id")
        .values_list("application__number", "application__applied_on", "application__pack", "result")[:limit]
    )
    found: dict[str, SnapshotRow] = {}
    for number, applied_on, pack, text in rows:
        found.setdefault(number, SnapshotRow(number, applied_on, pack, text))
    return tuple(found.values())
