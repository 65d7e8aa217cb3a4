"""Applications at the API's door: handed in, listed, read, and what the borrower tells of them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import IntegrityError
from django.http import HttpRequest
from ninja import Query, Router, Status

from creditfactory import gateways, records, stations
from creditfactory.api.faults import NotFound, list_faults
from creditfactory.api.openapi import expect_body
from creditfactory.api.shapes import PAGE_LENGTH_MAX, Event, OfferTold, Page, State, Submitted
from creditfactory.api.shapes import Status as StatusTold
from creditfactory.api.signed import open_to
from creditfactory.api.telling import find_words_book, read_reasons, tell_offer, tell_reasons, tell_state
from creditfactory.application import Dossier
from creditfactory.decision import Offer
from creditfactory.kernel import BadInput, Refused
from creditfactory.records import PartnerRecord

NUMBER_LENGTH_MAX = 32
AHEAD_MAX, BEHIND_MAX = timedelta(days=1), timedelta(days=90)
PAGE_LENGTH = 50

router = Router(tags=["applications"])


def partner_of(request: HttpRequest) -> PartnerRecord:
    """Who signed the request: found by :func:`open_to` before anything else of it was read."""
    return request.auth  # type: ignore[attr-defined, no-any-return]


@router.post(
    "/applications",
    response={201: Submitted, 200: Submitted, **list_faults(401, 403, 409, 413, 415, 422, 429)},
    auth=open_to("broker"),
    openapi_extra=expect_body("Submission"),
)
def submit(request: HttpRequest) -> Status[Any]:
    """Hand in an application: the dossier's fields with ``person`` (name, id_number, phone) in place of the token.

    The same reference twice is one application: the second answer is 200 with the first one's number.
    """
    partner = partner_of(request)
    receipt, dossier = submit_signed(partner, request.body)
    told = {"case": receipt.number, "reference": dossier.reference, "is_new": receipt.is_new}
    return Status(201 if receipt.is_new else 200, told)


def submit_signed(
    partner: PartnerRecord, body: bytes, *, may_bring_sources: bool = False
) -> tuple[records.Receipt, Dossier]:
    """Read a submission whole, put its person into the vault, and bring it to the line."""
    submission = gateways.read_submission(body, may_bring_sources=may_bring_sources)
    clock = check_own(partner, submission.dossier)
    try:
        return _take_in(partner, submission, clock.now)
    except IntegrityError:  # handed in twice at the same moment: now the first is found
        return _take_in(partner, submission, clock.now)


def factory_of(partner: PartnerRecord) -> records.TenantRecord:
    """The factory that the partner speaks to."""
    return records.TenantRecord(partner.tenant_id, partner.tenant, "", partner.pack)


def check_own(partner: PartnerRecord, asked: Dossier) -> records.ClockReading:
    """Refuse a dossier of another pack, of another broker's channel, or of another time than now; gives the clock."""
    if asked.pack != partner.pack:
        raise BadInput(place="pack", found=repr(asked.pack[:60]), expected=repr(partner.pack))
    if partner.role == "broker" and asked.channel.company != partner.party:
        raise BadInput(place="channel.company", found=repr(asked.channel.company), expected=repr(partner.party))
    clock = records.read_clock(partner.tenant_id)
    now = clock.now
    if not now - BEHIND_MAX <= asked.applied_at <= now + AHEAD_MAX:
        raise BadInput(
            place="applied_at", found=asked.applied_at.isoformat(),
            expected=f"an instant of the last {BEHIND_MAX.days} days; it is {now.isoformat(timespec='minutes')} here",
        )  # fmt: skip
    return clock


def _take_in(partner: PartnerRecord, submission: gateways.Submission, at: datetime) -> tuple[records.Receipt, Dossier]:
    """Person and application together or not at all; a reference that stands for something else is refused."""
    tenant = factory_of(partner)
    with records.together():
        token, phone_index = records.seal_person(tenant=tenant, facts=submission.person, at=at)
        dossier = gateways.name_applicant(submission, token)
        receipt = stations.submit_dossier(
            tenant, dossier, by=partner.key, phone_index=phone_index, tokens=records.list_tokens(submission.person)
        )
        if not receipt.is_new:
            _check_same(partner, dossier, receipt)
    return receipt, dossier


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


def find_own(partner: PartnerRecord, number: str) -> records.ApplicationState:
    """The application of that number, if it is this partner's to see."""
    is_number = len(number) <= NUMBER_LENGTH_MAX and not gateways.is_broken(number)
    found = records.find_application(tenant_id=partner.tenant_id, number=number) if is_number else None
    if found is None or (partner.role == "broker" and found.channel != partner.party):
        raise NotFound(f"There is no application {number[:NUMBER_LENGTH_MAX]!r} here.")
    return found


@router.get(
    "/applications",
    response={200: Page, **list_faults(401, 403, 404, 422, 429)},
    auth=open_to("broker"),
)
def list_own(
    request: HttpRequest,
    status: Literal["moving", "waiting", "held", "declined", "withdrawn", "expired", "closed"] | None = None,
    after: str | None = None,
    most: int = Query(PAGE_LENGTH, ge=1, le=PAGE_LENGTH_MAX),  # type: ignore[type-arg]
) -> Page:
    """One's own applications, the newest first; ``after`` is the last number of the page before."""
    partner = partner_of(request)
    before = None if after is None else find_own(partner, after).id
    found = records.list_applications(
        tenant_id=partner.tenant_id, channel=partner.party if partner.role == "broker" else None, status=status,
        before=before, most=most + 1,
    )  # fmt: skip
    told = [tell_state(state) for state in found[:most]]
    return Page(applications=told, next=told[-1].case if len(found) > most else None)


@router.get(
    "/applications/{number}",
    response={200: State, **list_faults(401, 403, 404, 429)},
    auth=open_to("broker"),
)
def read_state(request: HttpRequest, number: str) -> State:
    """Where an application stands, what it waits for, and the reasons of its last station in both languages.

    Ask as often as the pace of the key allows; a person's step or a bank's answer shows within a second.
    """
    partner = partner_of(request)
    found = find_own(partner, number)
    told = tell_state(found)
    last = records.find_visit(application_id=found.id)
    if last is not None and last.reasons:
        told.reasons = tell_reasons(read_reasons(last.reasons), find_words_book(found), partner)
    return told


@router.get(
    "/applications/{number}/offer",
    response={200: OfferTold, **list_faults(401, 403, 404, 409, 429)},
    auth=open_to("broker"),
)
def read_offer(request: HttpRequest, number: str) -> OfferTold:
    """What would be lent on an application; 409 while it has not come to the offer's station."""
    partner = partner_of(request)
    found = find_own(partner, number)
    visit = records.find_visit(application_id=found.id, station="offer")
    if visit is None:
        raise Refused(
            f"The application {found.number} has not come to an offer; read its state to see where it stands."
        )
    offer = gateways.load_value(Offer, json.dumps(visit.result["offer"]))
    told = tell_offer(offer, find_words_book(found), partner)
    told.case, told.due_at = found.number, None if found.due_at is None else found.due_at.isoformat()
    return told


@router.post(
    "/applications/{number}/events",
    response={202: StatusTold, 200: StatusTold, **list_faults(401, 403, 404, 409, 413, 415, 422, 429)},
    auth=open_to("broker"),
)
def tell_event(request: HttpRequest, number: str, event: Event) -> Status[Any]:
    """Tell what the borrower did: signed consents or contract, gave details, proved the use, withdrew, or appealed.

    An appeal asks a person to look again at a decline, whatever decided.
    """
    partner = partner_of(request)
    found = find_own(partner, number)
    gateways.check_event(event.kind, event.body)
    if event.kind == "withdrawn":
        if found.status == "withdrawn":
            return Status(200, {"status": "known"})
        stations.withdraw(found.id, by=partner.key, why=event.body.get("why", ""))
        return Status(202, {"status": "withdrawn"})
    if event.kind == "appeal" and found.status != "declined":
        raise Refused("There is no decline here that could be looked at again.")
    is_new = records.receive_call_back(
        application_id=found.id, source=partner.key, kind=event.kind, key=f"{found.id}:{event.key}",
        body=json.dumps(event.body, ensure_ascii=False), at=records.read_clock(partner.tenant_id).now,
    )  # fmt: skip
    if event.kind == "appeal" and is_new:
        stations.appeal(found.id, why=event.body["why"])
    return Status(202, {"status": "taken"}) if is_new else Status(200, {"status": "known"})
