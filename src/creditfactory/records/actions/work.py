"""Work for people: opened by the line, claimed by one, completed by one, returned for rework."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from creditfactory.kernel import Refused, Stale
from creditfactory.records.actions.edges import add_outcome
from creditfactory.records.actions.moves import wake
from creditfactory.records.actions.rings import TRACED, name_ring
from creditfactory.records.audit import write_event
from creditfactory.records.cases import CaseRecord
from creditfactory.records.tables import WorkItem

REVIEWED_AT = "final_review"
CHECKS = ("online_check", "phone_check", "site_visit")
"""What a final review may send back for rework."""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What a station asks of a person: ``brief`` and ``reasons`` are JSON text; ``maker`` may not complete it."""

    kind: str
    role: str
    brief: str
    reasons: str
    due_at: datetime
    maker: str = ""


@dataclass(frozen=True, slots=True)
class TakenWork:
    """A piece of work that somebody has just claimed."""

    id: int
    application_id: int
    number: str
    station: str
    kind: str
    brief: dict[str, Any]
    due_at: datetime


def open_work(*, case: CaseRecord, order: WorkOrder, at: datetime) -> None:
    """Put a piece of work into the queue of its role; one that is already open stays as it is."""
    WorkItem.objects.bulk_create(
        [
            WorkItem(
                application_id=case.id,
                station=case.station,
                kind=order.kind,
                role=order.role,
                brief=order.brief,
                reasons=order.reasons,
                opened_at=at,
                due_at=order.due_at,
                maker=order.maker,
            )
        ],
        ignore_conflicts=True,
    )


def _event(item: WorkItem, *, by: str, action: str, at: datetime, **detail: Any) -> None:
    write_event(
        tenant=item.application.tenant.code, by=by, action=action, object_kind="application",
        object_key=item.application.number, at=at, work_item=item.id, kind=item.kind, **detail,
    )  # fmt: skip


def _leave_out_own(items: QuerySet[WorkItem], by: str) -> QuerySet[WorkItem]:
    """Of these pieces of work, those that do not check anything of one's own in the same application."""
    own = WorkItem.objects.filter(application_id=OuterRef("application_id"), status="done", completed_by=by)
    return items.exclude(maker=by).exclude(~Q(maker="") & Exists(own))


def _claim(item_id: int, *, by: str, at: datetime) -> bool:
    return (
        _leave_out_own(WorkItem.objects.filter(id=item_id, status="open", claimed_by=""), by).update(
            status="claimed", claimed_by=by, claimed_at=at, version=F("version") + 1
        )
        == 1
    )


@transaction.atomic
def claim_work(*, item_id: int, by: str, at: datetime) -> None:
    """Take a piece of work for oneself; refused when somebody has it, or when it checks one's own work."""
    if not _claim(item_id, by=by, at=at):
        item = WorkItem.objects.filter(id=item_id).first()
        if item is None:
            raise Refused("There is no such piece of work.")
        if not _leave_out_own(WorkItem.objects.filter(id=item_id), by).exists():
            raise Refused("This checks your own work; it needs another pair of eyes.")
        if item.claimed_by == by:
            return
        raise Stale(f"{item.claimed_by or 'Somebody'} already has this piece of work.")
    _event(_get(item_id), by=by, action="work_claimed", at=at)


@transaction.atomic
def release_work(*, item_id: int, by: str, at: datetime) -> None:
    """Give a claimed piece of work back to the queue."""
    item = _mine(item_id, by)
    item.status, item.claimed_by, item.claimed_at = "open", "", None
    item.version += 1
    item.save(update_fields=["status", "claimed_by", "claimed_at", "version"])
    _event(item, by=by, action="work_released", at=at)


def take_next_work(*, tenant_id: int, roles: Iterable[str], by: str, at: datetime) -> TakenWork | None:
    """Claim what runs out soonest among the queues of these roles; what one has claimed already comes first.

    None when there is nothing to do.
    """
    mine = WorkItem.objects.filter(
        application__tenant_id=tenant_id, role__in=list(roles), status="claimed", claimed_by=by
    ).order_by("due_at", "id")
    for held in mine.select_related("application")[:1]:
        return _taken(held)
    open_items = _leave_out_own(
        WorkItem.objects.filter(application__tenant_id=tenant_id, role__in=list(roles), status="open"), by
    ).order_by("due_at", "id")
    for item_id in open_items.values_list("id", flat=True)[:20]:
        with transaction.atomic():
            if _claim(item_id, by=by, at=at):
                item = _get(item_id)
                _event(item, by=by, action="work_claimed", at=at)
                return _taken(item)
    return None


def _taken(item: WorkItem) -> TakenWork:
    return TakenWork(
        item.id, item.application_id, item.application.number, item.station, item.kind, json.loads(item.brief),
        item.due_at,
    )  # fmt: skip


@transaction.atomic
def complete_work(*, item_id: int, result: dict[str, Any], by: str, at: datetime) -> None:
    """Hand in the result of a claimed piece of work and wake its application."""
    item = _mine(item_id, by)
    item.status, item.completed_by, item.completed_at = "done", by, at
    item.result = json.dumps(result, ensure_ascii=False)
    item.version += 1
    try:
        with transaction.atomic():
            item.save(update_fields=["status", "completed_by", "completed_at", "result", "version"])
    except IntegrityError as error:
        raise Refused("This checks your own work; it needs another pair of eyes.") from error
    _event(item, by=by, action="work_completed", at=at)
    if item.kind == TRACED and result.get("verdict") == "reject":
        _tell_ring(item, result, by=by, at=at)
    wake(application_id=item.application_id)


def _tell_ring(item: WorkItem, result: dict[str, Any], *, by: str, at: datetime) -> None:
    """A ring confirmed around a case that the card has ended: the case is a known fraud, and the others hear of it."""
    app = item.application
    add_outcome(tenant_id=app.tenant_id, application_id=app.id, kind="fraud", known_at=at)
    around = [str(other["number"]) for other in json.loads(item.brief).get("neighbours") or ()]
    members = [str(number) for number in result.get("members") or ()]
    name_ring(
        tenant_id=app.tenant_id, tenant=app.tenant.code, case=app.number, members=members, around=around, by=by, at=at
    )


@transaction.atomic
def return_work(*, item_id: int, note: str, by: str, at: datetime, due_at: datetime) -> None:
    """Send the work that led here back for rework: the earlier check is opened again with a note.

    ``item_id`` is the claimed review; the latest completed check of the same application is done anew, and whatever
    was reviewed on the strength of it is reviewed anew.
    """
    item = _mine(item_id, by)
    if not note.strip():
        raise Refused("Say what should be done again, so that the next person knows.")
    earlier = (
        WorkItem.objects.filter(application_id=item.application_id, status="done", kind__in=CHECKS)
        .order_by("-completed_at", "-id")
        .first()
    )
    if item.station != REVIEWED_AT or earlier is None:
        raise Refused("No earlier piece of work could be sent back.")
    WorkItem.objects.filter(application_id=item.application_id, station=item.station, status="done").update(
        status="returned"
    )
    earlier.status = "returned"
    earlier.save(update_fields=["status"])
    WorkItem.objects.create(
        application_id=item.application_id, station=earlier.station, kind=earlier.kind, role=earlier.role,
        brief=earlier.brief, reasons=earlier.reasons, opened_at=at, due_at=due_at, note=note[:500],
        returned_from=earlier,
    )  # fmt: skip
    item.status, item.claimed_by, item.claimed_at = "cancelled", "", None
    item.save(update_fields=["status", "claimed_by", "claimed_at"])
    _event(item, by=by, action="work_returned", at=at, to=earlier.kind, note=note[:200])
    wake(application_id=item.application_id)


def cancel_work(*, application_id: int) -> None:
    """Close whatever is still open for an application that has ended, but for the tracing of its ring."""
    still = WorkItem.objects.filter(Q(application_id=application_id), status__in=("open", "claimed"))
    still.exclude(kind=TRACED).update(status="cancelled", claimed_by="", claimed_at=None, version=F("version") + 1)


def _get(item_id: int) -> WorkItem:
    return WorkItem.objects.select_related("application__tenant").get(id=item_id)


def _mine(item_id: int, by: str) -> WorkItem:
    item = (
        WorkItem.objects.select_for_update(of=("self",))
        .select_related("application__tenant")
        .filter(id=item_id)
        .first()
    )
    if item is None:
        raise Refused("There is no such piece of work.")
    if item.status != "claimed" or item.claimed_by != by:
        raise Stale(
            f"You do not have this piece of work: it is {item.status}"
            + (f" by {item.claimed_by}." if item.claimed_by else ".")
        )
    return item
