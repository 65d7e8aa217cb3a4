"""A decision at once: a whole dossier in, the machine's decision out, in one request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from creditfactory import decision, gateways, publishing, records
from creditfactory.api.applications import check_own, factory_of, partner_of, submit_signed
from creditfactory.api.faults import list_faults
from creditfactory.api.shapes import DecisionTold
from creditfactory.api.signed import open_to
from creditfactory.api.telling import tell_decision
from creditfactory.application import Dossier
from creditfactory.decision import Book
from creditfactory.records import PartnerRecord

router = Router(tags=["decisions"])
RIGHT = "decide"


@router.post(
    "/decisions",
    response={200: DecisionTold, 201: DecisionTold, **list_faults(401, 403, 409, 413, 415, 422, 429)},
    auth=open_to("any", right=RIGHT),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"anyOf": [{"$ref": "#/components/schemas/Dossier"},
                                         {"$ref": "#/components/schemas/Submission"}]}
                }
            },
        }
    },
)  # fmt: skip
def decide_at_once(request: HttpRequest, store: bool = False) -> Status[Any]:
    """Decide on a dossier with all its evidence, by the rules in force, priced at the standard cost of money.

    *approve* is the machine lane's yes, *refer* means that people must look, *decline* is a no with its reasons.
    Nothing is kept of it but an event, unless ``store`` is true: then the body is a submission (with ``person``), it
    becomes a case of the line as well, and the answer names it (201, or 200 where the reference was known).
    """
    partner = partner_of(request)
    receipt = None
    if store:
        receipt, dossier = submit_signed(partner, request.body, may_bring_sources=True)
        clock = records.read_clock(partner.tenant_id)
    else:
        dossier = gateways.read_dossier(request.body)
        clock = check_own(partner, dossier)
    book, made = decide_now(partner, dossier, clock)
    if receipt is None:
        records.note_decision_at_once(
            tenant=partner.tenant, by=partner.key, reference=dossier.reference, verdict=made.verdict,
            rulebook=made.rulebook, at=made.as_of, reasons=[reason.code for reason in made.reasons],
        )  # fmt: skip
    told = tell_decision(made, book, partner, receipt=receipt)
    return Status(201 if receipt is not None and receipt.is_new else 200, told)


def decide_now(partner: PartnerRecord, dossier: Dossier, clock: records.ClockReading) -> tuple[Book, decision.Decision]:
    """The machine's decision from what is known now: the dossier, and the channel as it stands here."""
    now = max(clock.now, dossier.applied_at)
    channel = records.load_channel_facts(
        tenant_id=partner.tenant_id, code=dossier.channel.company, on=clock.business_on, at=now
    )
    book = find_rules(partner, dossier)
    return book, decision.decide(dossier, book, channel=channel, as_of=now)


def find_rules(partner: PartnerRecord, dossier: Dossier) -> Book:
    """The rules that govern an application of that day by that person here: the version in force, or its challenger."""
    releases = publishing.find_releases(factory_of(partner))
    release = publishing.choose_release(releases, dossier.applied_on, dossier.applicant.token)
    return publishing.load_rulebook(release.digest).at(dossier.applied_on)
