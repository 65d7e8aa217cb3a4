"""Call-backs at the API's door: what banks, the insurer and the custodian tell; and the factory's clock."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from creditfactory import gateways, records
from creditfactory.api.applications import partner_of
from creditfactory.api.faults import NotFound, list_faults
from creditfactory.api.servicing import take_repayment
from creditfactory.api.shapes import NAME_LENGTH_MAX, Clock
from creditfactory.api.shapes import Status as StatusTold
from creditfactory.api.signed import NotAllowed, open_to

router = Router()


@router.post(
    "/callbacks/{party}",
    response={200: StatusTold, 202: StatusTold, **list_faults(401, 403, 404, 409, 413, 415, 422, 429)},
    tags=["call-backs"],
    auth=open_to("any"),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
def take_call_back(request: HttpRequest, party: str) -> HttpResponse:
    """Take what a bank, an insurer or the custodian tells: an answer to a question of ours, or a repayment."""
    partner = partner_of(request)
    if partner.party != party.partition(":")[0]:
        raise NotAllowed(f"The key {partner.key} does not speak for {party[:NAME_LENGTH_MAX]!r}.")
    message = gateways.read_object(request.body)
    told = gateways.read_call_back(party, message)
    at = records.read_clock(partner.tenant_id).now
    if told.kind == "repayment":
        is_new = take_repayment(partner.tenant_id, told.value, at=at)
        return JsonResponse({"status": "taken" if is_new else "known"}, status=202 if is_new else 200)
    kept = json.dumps({"status": "answered", "body": dict(told.body)}, ensure_ascii=False, default=str)
    outcome = records.receive_answer(tenant_id=partner.tenant_id, party=party, key=told.key, body=kept, at=at)
    if outcome == "unknown":
        raise NotFound(f"No question {told.key!r} was put to {party}.")
    return JsonResponse({"status": outcome}, status=202 if outcome == "taken" else 200)


@router.get("/clock", response={200: Clock, **list_faults(401, 403, 429)}, tags=["clock"], auth=open_to("any"))
def read_clock(request: HttpRequest) -> dict[str, Any]:
    """What time it is in the factory, its business date, and how fast its clock runs."""
    reading = records.read_clock(partner_of(request).tenant_id)
    return {"now": reading.now.isoformat(), "business_on": reading.business_on.isoformat(), "speed": reading.speed}
