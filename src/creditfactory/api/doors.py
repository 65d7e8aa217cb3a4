"""The API's addresses: applications, their events, work, call-backs, the clock."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema, Status
from pydantic import ConfigDict

import creditfactory
from creditfactory import gateways, records, stations
from creditfactory.api.faults import NotFound, StrictParser, add_fault_handlers
from creditfactory.api.servicing import take_repayment
from creditfactory.api.signed import NotAllowed, open_to
from creditfactory.application import Dossier
from creditfactory.kernel import BadInput, Refused
from creditfactory.records import PartnerRecord
from creditfactory.records.actions.people import ROLE_BY_CODE

EVENTS = ("consents_signed", "details_submitted", "contract_signed", "withdrawn", "use_proof")
EVENT_KEY_LENGTH_MAX = 100
NAME_LENGTH_MAX = 64
NUMBER_LENGTH_MAX = 32
AHEAD_MAX, BEHIND_MAX = timedelta(days=1), timedelta(days=90)
STAFF_ROLES = "staff"

api = NinjaAPI(
    title="Credit Factory",
    version=creditfactory.__version__,
    urls_namespace="api",
    parser=StrictParser(),
    docs_url=None,
)
add_fault_handlers(api)


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


def _partner(request: HttpRequest) -> PartnerRecord:
    """Who signed the request: found by :func:`open_to` before anything else of it was read."""
    return request.auth  # type: ignore[attr-defined, no-any-return]


@api.post(
    "/v1/applications",
    response={201: Submitted, 200: Submitted, 401: Fault, 422: Fault},
    tags=["applications"],
    auth=open_to("broker"),
)
def submit(request: HttpRequest) -> Status[Any]:
    """Hand in an application: the dossier's fields with ``person`` (name, id_number, phone) in place of the token."""
    partner = _partner(request)
    receipt, reference = submit_signed(partner, request.body)
    told = {"case": receipt.number, "reference": reference, "is_new": receipt.is_new}
    return Status(201 if receipt.is_new else 200, told)


def submit_signed(partner: PartnerRecord, body: bytes) -> tuple[records.Receipt, str]:
    """Read a submission whole, put its person into the vault, and bring it to the line."""
    submission = gateways.read_submission(body)
    tenant = records.find_tenant(partner.tenant)
    assert tenant is not None, "a key belongs to a factory"
    if submission.pack != tenant.pack:
        raise BadInput(place="pack", found=repr(submission.pack[:60]), expected=repr(tenant.pack))
    asked = submission.dossier
    if partner.role == "broker" and asked.channel.company != partner.party:
        raise BadInput(place="channel.company", found=repr(asked.channel.company), expected=repr(partner.party))
    now = records.read_clock(tenant.id).now
    if not now - BEHIND_MAX <= asked.applied_at <= now + AHEAD_MAX:
        raise BadInput(
            place="applied_at", found=asked.applied_at.isoformat(),
            expected=f"an instant of the last {BEHIND_MAX.days} days; it is {now.isoformat(timespec='minutes')} here",
        )  # fmt: skip
    try:
        return _take_in(partner, tenant, submission), asked.reference
    except IntegrityError:  # handed in twice at the same moment: now the first is found
        return _take_in(partner, tenant, submission), asked.reference


def _take_in(partner: PartnerRecord, tenant: records.TenantRecord, submission: gateways.Submission) -> records.Receipt:
    """Person and application together or not at all; a reference that stands for something else is refused."""
    with records.together():
        token, phone_index = records.seal_person(
            tenant=tenant, facts=submission.person, at=records.read_clock(tenant.id).now
        )
        dossier = gateways.name_applicant(submission, token)
        receipt = stations.submit_dossier(tenant, dossier, by=partner.key, phone_index=phone_index)
        if not receipt.is_new:
            _check_same(partner, dossier, receipt)
    return receipt


def _check_same(partner: PartnerRecord, dossier: Dossier, receipt: records.Receipt) -> None:
    first = records.load_case(receipt.application_id)
    state = records.find_application(tenant_id=partner.tenant_id, number=receipt.number)
    assert first is not None and state is not None, "a known reference has its application"
    stands = (first.person_token, first.applied_at, state.amount_cents, state.currency, state.channel)
    given = (
        dossier.applicant.token, dossier.applied_at, dossier.request.amount_cents, dossier.request.currency,
        dossier.channel.company,
    )  # fmt: skip
    if stands != given:
        raise Refused(
            f"The reference {dossier.reference} already stands for another application; hand this one in under a"
            " reference of its own."
        )


def _find(partner: PartnerRecord, number: str) -> records.ApplicationState:
    """The application of that number, if it is this partner's to see."""
    is_number = len(number) <= NUMBER_LENGTH_MAX and not gateways.is_broken(number)
    found = records.find_application(tenant_id=partner.tenant_id, number=number) if is_number else None
    if found is None or (partner.role == "broker" and found.channel != partner.party):
        raise NotFound(f"There is no application {number[:NUMBER_LENGTH_MAX]!r} here.")
    return found


@api.get(
    "/v1/applications/{number}",
    response={200: State, 401: Fault, 404: Fault},
    tags=["applications"],
    auth=open_to("broker"),
)
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
    auth=open_to("broker"),
)
def tell_event(request: HttpRequest, number: str, event: Event) -> Status[Any]:
    """Tell what the borrower did: signed consents or contract, gave details, proved the use, or withdrew."""
    partner = _partner(request)
    found = _find(partner, number)
    if event.kind not in EVENTS:
        raise BadInput(place="kind", found=repr(event.kind[:40]), expected="one of " + ", ".join(EVENTS))
    if not 0 < len(event.key) <= EVENT_KEY_LENGTH_MAX:
        raise BadInput(
            place="key", found=f"{len(event.key)} characters", expected=f"1 to {EVENT_KEY_LENGTH_MAX} characters"
        )
    gateways.check_event(event.kind, event.body)
    if event.kind == "withdrawn":
        if found.status == "withdrawn":
            return Status(200, {"status": "known"})
        stations.withdraw(found.id, by=partner.key, why=event.body.get("why", ""))
        return Status(202, {"status": "withdrawn"})
    is_new = records.receive_call_back(
        application_id=found.id, source=partner.key, kind=event.kind, key=f"{found.id}:{event.key}",
        body=json.dumps(event.body, ensure_ascii=False), at=records.read_clock(partner.tenant_id).now,
    )  # fmt: skip
    return Status(202, {"status": "taken"}) if is_new else Status(200, {"status": "known"})


@api.post(
    "/v1/work/take", response={200: Taken, 204: None, 401: Fault, 409: Fault}, tags=["work"], auth=open_to(STAFF_ROLES)
)
def take_work(request: HttpRequest, take: Take) -> Status[Any]:
    """Claim what runs out soonest in a role's queue; 204 when there is nothing to do."""
    partner = _partner(request)
    if take.role not in ROLE_BY_CODE:
        raise BadInput(place="role", found=repr(take.role[:40]), expected="one of " + ", ".join(ROLE_BY_CODE))
    taken = records.take_next_work(
        tenant_id=partner.tenant_id, roles=[take.role], by=_check_name("by", take.by),
        at=records.read_clock(partner.tenant_id).now,
    )  # fmt: skip
    if taken is None:
        return Status(204, None)
    found = _find(partner, taken.number)
    told = {
        "number": taken.id, "case": taken.number, "reference": found.reference, "station": taken.station,
        "kind": taken.kind, "brief": taken.brief, "due_at": taken.due_at.isoformat(),
    }  # fmt: skip
    return Status(200, told)


@api.post(
    "/v1/work/{number}/complete",
    response={200: dict[str, Any], 401: Fault, 404: Fault, 409: Fault, 422: Fault},
    tags=["work"],
    auth=open_to(STAFF_ROLES),
)
def complete_work(request: HttpRequest, number: int, done: Complete) -> dict[str, Any]:
    """Hand in the result of a piece of work that one has claimed."""
    partner = _partner(request)
    kind = records.find_work_kind(tenant_id=partner.tenant_id, item_id=number)
    if kind is None:
        raise NotFound(f"There is no piece of work {number} here.")
    by = _check_name("by", done.by)
    stations.check_work(kind, done.result)
    records.complete_work(item_id=number, result=done.result, by=by, at=records.read_clock(partner.tenant_id).now)
    return {"status": "done"}


def _check_name(place: str, name: str) -> str:
    if not 0 < len(name.strip()) <= NAME_LENGTH_MAX:
        raise BadInput(
            place=place, found=f"a text of {len(name)} characters", expected=f"1 to {NAME_LENGTH_MAX} characters"
        )
    return name


@api.post(
    "/v1/callbacks/{party}",
    response={200: dict[str, Any], 202: dict[str, Any], 401: Fault, 404: Fault, 409: Fault, 422: Fault},
    tags=["call-backs"],
    auth=open_to("any"),
)
def take_call_back(request: HttpRequest, party: str) -> HttpResponse:
    """Take what a bank, an insurer or the custodian tells: an answer to a question of ours, or a repayment."""
    partner = _partner(request)
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


@api.get("/v1/clock", response={200: dict[str, Any], 401: Fault}, tags=["clock"], auth=open_to("any"))
def read_clock(request: HttpRequest) -> dict[str, Any]:
    """What time it is in the factory, its business date, and how fast its clock runs."""
    reading = records.read_clock(_partner(request).tenant_id)
    return {"now": reading.now.isoformat(), "business_on": reading.business_on.isoformat(), "speed": reading.speed}
