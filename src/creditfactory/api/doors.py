"""The API's addresses: applications, their events, work, call-backs, the clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

import creditfactory
from creditfactory import gateways, records, stations
from creditfactory.api.servicing import take_repayment
from creditfactory.api.signed import NotSigned, read_partner
from creditfactory.kernel import BadInput, CreditFactoryError, Refused, Stale
from creditfactory.records import PartnerRecord

EVENTS = ("consents_signed", "details_submitted", "contract_signed", "withdrawn", "use_proof")
STAFF_ROLES = "staff"

api = NinjaAPI(title="Credit Factory", version=creditfactory.__version__, urls_namespace="api")


class Fault(Schema):
    """What is wrong with a request: the place, what was found, what was expected."""

    place: str | None = None
    found: str | None = None
    expected: str | None = None
    message: str


class Submitted(Schema):
    """The number under which an application stands."""

    case: str
    reference: str
    is_new: bool


class State(Schema):
    """Where an application stands."""

    case: str
    reference: str
    status: str
    station: str
    waits_for: str
    lane: str
    reason: str


class Event(Schema):
    """What a borrower tells of an application; the same key twice is one event."""

    model_config = ConfigDict(extra="forbid")
    kind: str
    key: str
    body: dict[str, Any] = {}


class Take(Schema):
    """Who wants to work, in which role."""

    model_config = ConfigDict(extra="forbid")
    role: str
    by: str


class Taken(Schema):
    """A piece of work, with what is known for it."""

    number: int
    case: str
    reference: str
    station: str
    kind: str
    brief: dict[str, Any]
    due_at: str


class Complete(Schema):
    """The result of a piece of work."""

    model_config = ConfigDict(extra="forbid")
    by: str
    result: dict[str, Any]


def _fault(status: int, error: Exception) -> JsonResponse:
    body: dict[str, Any] = {"message": str(error)}
    if isinstance(error, BadInput):
        body |= {"place": error.place, "found": error.found, "expected": error.expected}
    return JsonResponse(body, status=status)


@api.exception_handler(NotSigned)
def _not_signed(request: HttpRequest, error: NotSigned) -> HttpResponse:
    return JsonResponse({"message": str(error), "fault": error.fault}, status=401)


@api.exception_handler(CreditFactoryError)
def _refused(request: HttpRequest, error: CreditFactoryError) -> HttpResponse:
    status = 422 if isinstance(error, BadInput) else 409 if isinstance(error, (Stale, Refused)) else 503
    return _fault(status, error)


Door = Callable[..., Any]


def signed(role: str) -> Callable[[Door], Door]:
    """Open a door to partners of a role only; the partner is handed in as ``request.partner``."""

    def close(door: Door) -> Door:
        @wraps(door)
        def open_door(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
            partner = read_partner(request)
            if role not in (partner.role, "any") and partner.role != "market":
                raise Refused(f"The key {partner.key} may not use this door; it is for {role} keys.")
            request.partner = partner  # type: ignore[attr-defined]
            return door(request, *arguments, **named)

        return open_door

    return close


def _partner(request: HttpRequest) -> PartnerRecord:
    return request.partner  # type: ignore[attr-defined, no-any-return]


@api.post("/v1/applications", response={201: Submitted, 200: Submitted, 401: Fault, 422: Fault}, tags=["applications"])
@signed("broker")
def submit(request: HttpRequest) -> tuple[int, dict[str, Any]]:
    """Hand in an application: the dossier's fields with ``person`` (name, id_number, phone) in place of the token."""
    partner = _partner(request)
    receipt, reference = submit_signed(partner, request.body)
    return (201 if receipt.is_new else 200), {
        "case": receipt.number, "reference": reference, "is_new": receipt.is_new,
    }  # fmt: skip


def submit_signed(partner: PartnerRecord, body: bytes) -> tuple[records.Receipt, str]:
    """Read a submission whole, put its person into the vault, and bring it to the line."""
    submission = gateways.read_submission(body)
    tenant = records.find_tenant(partner.tenant)
    assert tenant is not None, "a key belongs to a factory"
    if submission.pack != tenant.pack:
        raise BadInput(place="pack", found=repr(submission.pack), expected=repr(tenant.pack))
    with records.together():
        token, phone_index = records.seal_person(
            tenant=tenant, facts=submission.person, at=records.read_clock(tenant.id).now
        )
        dossier = gateways.name_applicant(submission, token)
        receipt = stations.submit_dossier(tenant, dossier, by=partner.key, phone_index=phone_index)
    return receipt, dossier.reference


def _find(partner: PartnerRecord, number: str) -> records.ApplicationState:
    found = records.find_application(tenant_id=partner.tenant_id, number=number)
    if found is None or (partner.role == "broker" and found.channel != partner.party):
        raise _NotFound(number)
    return found


class _NotFound(Exception):
    def __init__(self, number: str) -> None:
        super().__init__(f"There is no application {number} here.")


@api.exception_handler(_NotFound)
def _not_found(request: HttpRequest, error: _NotFound) -> HttpResponse:
    return _fault(404, error)


@api.get("/v1/applications/{number}", response={200: State, 401: Fault, 404: Fault}, tags=["applications"])
@signed("broker")
def read_state(request: HttpRequest, number: str) -> dict[str, Any]:
    """Where an application stands."""
    found = _find(_partner(request), number)
    return {
        "case": found.number, "reference": found.reference, "status": found.status, "station": found.station,
        "waits_for": found.waits_for, "lane": found.lane, "reason": found.reason,
    }  # fmt: skip


@api.post(
    "/v1/applications/{number}/events",
    response={202: dict[str, Any], 200: dict[str, Any], 401: Fault, 404: Fault, 409: Fault, 422: Fault},
    tags=["applications"],
)
@signed("broker")
def tell_event(request: HttpRequest, number: str, event: Event) -> tuple[int, dict[str, Any]]:
    """Tell what the borrower did: signed consents or contract, gave details, proved the use, or withdrew."""
    partner = _partner(request)
    found = _find(partner, number)
    if event.kind not in EVENTS:
        raise BadInput(place="kind", found=repr(event.kind[:40]), expected="one of " + ", ".join(EVENTS))
    if not 0 < len(event.key) <= 120:
        raise BadInput(place="key", found=f"{len(event.key)} characters", expected="1 to 120")
    if event.kind == "withdrawn":
        stations.withdraw(found.id, by=partner.key)
        return 202, {"status": "withdrawn"}
    gateways.check_event(event.kind, event.body)
    is_new = records.receive_call_back(
        application_id=found.id, source=partner.key, kind=event.kind, key=f"{partner.tenant}:{event.key}"[:120],
        body=json.dumps(event.body, ensure_ascii=False), at=records.read_clock(partner.tenant_id).now,
    )  # fmt: skip
    return (202 if is_new else 200), {"status": "taken" if is_new else "known"}


@api.post("/v1/work/take", response={200: Taken, 204: None, 401: Fault, 409: Fault}, tags=["work"])
@signed(STAFF_ROLES)
def take_work(request: HttpRequest, take: Take) -> tuple[int, dict[str, Any] | None]:
    """Claim what runs out soonest in a role's queue; 204 when there is nothing to do."""
    partner = _partner(request)
    taken = records.take_next_work(
        tenant_id=partner.tenant_id, roles=[take.role], by=take.by[:64], at=records.read_clock(partner.tenant_id).now
    )
    if taken is None:
        return 204, None
    found = _find(partner, taken.number)
    return 200, {
        "number": taken.id, "case": taken.number, "reference": found.reference, "station": taken.station,
        "kind": taken.kind, "brief": taken.brief, "due_at": taken.due_at.isoformat(),
    }  # fmt: skip


@api.post(
    "/v1/work/{number}/complete",
    response={200: dict[str, Any], 401: Fault, 404: Fault, 409: Fault, 422: Fault},
    tags=["work"],
)
@signed(STAFF_ROLES)
def complete_work(request: HttpRequest, number: int, done: Complete) -> dict[str, Any]:
    """Hand in the result of a piece of work that one has claimed."""
    partner = _partner(request)
    kind = records.find_work_kind(tenant_id=partner.tenant_id, item_id=number)
    if kind is None:
        raise _NotFound(str(number))
    stations.check_work(kind, done.result)
    records.complete_work(
        item_id=number, result=done.result, by=done.by[:64], at=records.read_clock(partner.tenant_id).now
    )
    return {"status": "done"}


@api.post(
    "/v1/callbacks/{party}",
    response={200: dict[str, Any], 202: dict[str, Any], 401: Fault, 404: Fault, 409: Fault, 422: Fault},
    tags=["call-backs"],
)
@signed("any")
def take_call_back(request: HttpRequest, party: str) -> HttpResponse:
    """Take what a bank, an insurer or the custodian tells: an answer to a question of ours, or a repayment."""
    partner = _partner(request)
    if partner.party != party.partition(":")[0]:
        raise Refused(f"The key {partner.key} does not speak for {party}.")
    message = _read_object(request.body)
    told = gateways.read_call_back(party, message)
    at = records.read_clock(partner.tenant_id).now
    if told.kind == "repayment":
        is_new = take_repayment(partner.tenant_id, told.value, at=at)
        return JsonResponse({"status": "taken" if is_new else "known"}, status=202 if is_new else 200)
    kept = json.dumps({"status": "answered", "body": dict(told.body)}, ensure_ascii=False, default=str)
    outcome = records.receive_answer(party=party, key=told.key, body=kept, at=at)
    status = {"taken": 202, "known": 200, "unknown": 404}[outcome]
    return JsonResponse({"status": outcome}, status=status)


def _read_object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput(place="body", found="something that is not JSON", expected="a JSON object") from None
    if not isinstance(found, dict):
        raise BadInput(place="body", found=type(found).__name__, expected="a JSON object")
    return found


@api.get("/v1/clock", response={200: dict[str, Any], 401: Fault}, tags=["clock"])
@signed("any")
def read_clock(request: HttpRequest) -> dict[str, Any]:
    """What time it is in the factory, its business date, and how fast its clock runs."""
    reading = records.read_clock(_partner(request).tenant_id)
    return {"now": reading.now.isoformat(), "business_on": reading.business_on.isoformat(), "speed": reading.speed}
