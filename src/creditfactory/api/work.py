"""Work at the API's door: claimed and handed in by the desks of other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from creditfactory import records, stations
from creditfactory.api.applications import find_own, partner_of
from creditfactory.api.faults import NotFound, list_faults
from creditfactory.api.shapes import NAME_LENGTH_MAX, Complete, Take, Taken
from creditfactory.api.shapes import Status as StatusTold
from creditfactory.api.signed import open_to
from creditfactory.kernel import BadInput
from creditfactory.records.actions.people import ROLE_BY_CODE

STAFF_ROLES = "staff"
ID_MAX = 2**63 - 1

router = Router(tags=["work"])


@router.post(
    "/work/take",
    response={200: Taken, 204: None, **list_faults(401, 403, 409, 413, 415, 422, 429)},
    auth=open_to(STAFF_ROLES),
)
def take_work(request: HttpRequest, take: Take) -> Status[Any]:
    """Claim what runs out soonest in a role's queue; 204 when there is nothing to do."""
    partner = partner_of(request)
    if take.role not in ROLE_BY_CODE:
        raise BadInput(place="role", found=repr(take.role[:40]), expected="one of " + ", ".join(ROLE_BY_CODE))
    taken = records.take_next_work(
        tenant_id=partner.tenant_id, roles=[take.role], by=_check_name("by", take.by),
        at=records.read_clock(partner.tenant_id).now,
    )  # fmt: skip
    if taken is None:
        return Status(204, None)
    found = find_own(partner, taken.number)
    told = {
        "number": taken.id, "case": taken.number, "reference": found.reference, "station": taken.station,
        "kind": taken.kind, "brief": taken.brief, "due_at": taken.due_at.isoformat(),
    }  # fmt: skip
    return Status(200, told)


@router.post(
    "/work/{number}/complete",
    response={200: StatusTold, **list_faults(401, 403, 404, 409, 413, 415, 422, 429)},
    auth=open_to(STAFF_ROLES),
)
def complete_work(request: HttpRequest, number: int, done: Complete) -> dict[str, Any]:
    """Hand in the result of a piece of work that one has claimed."""
    partner = partner_of(request)
    order = records.find_work_order(tenant_id=partner.tenant_id, item_id=number) if number <= ID_MAX else None
    if order is None:
        raise NotFound(f"There is no piece of work {number} here.")
    by = _check_name("by", done.by)
    stations.check_work(order[0], done.result, order[1])
    records.complete_work(item_id=number, result=done.result, by=by, at=records.read_clock(partner.tenant_id).now)
    return {"status": "done"}


def _check_name(place: str, name: str) -> str:
    if not 0 < len(name.strip()) <= NAME_LENGTH_MAX:
        raise BadInput(
            place=place, found=f"a text of {len(name)} characters", expected=f"1 to {NAME_LENGTH_MAX} characters"
        )
    return name
