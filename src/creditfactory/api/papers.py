"""Papers at the API's door: one file for an application of one's own, read at once."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status

from creditfactory import stations
from creditfactory.api.applications import find_own, partner_of
from creditfactory.api.faults import list_faults
from creditfactory.api.signed import open_to
from creditfactory.gateways import papers

router = Router(tags=["applications"])
UPLOAD = {
    "type": "object", "additionalProperties": False, "required": ["name", "content"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 2000},
        "kind": {"type": "string", "enum": ["bank_statement", "bureau_report", "invoices"]},
        "holder": {"type": "string", "enum": ["owner", "firm"]},
        "content": {"type": "string", "format": "byte", "description": "The file as base64."},
    },
}  # fmt: skip


class PaperTold(Schema):
    """What became of a file: whether it counts, waits for a person, or could not be read, with the sentence why."""

    status: Literal["counts", "waits", "refused"]
    why: str = ""


@router.post(
    "/applications/{number}/papers",
    response={202: PaperTold, **list_faults(401, 403, 404, 409, 413, 415, 422, 429)},
    auth=open_to("broker"),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": UPLOAD}}}},
)
def hand_in_paper(request: HttpRequest, number: str) -> Status[Any]:
    """Hand in a bank statement, a list of invoices or a credit report, up to 700 kB as base64.

    A file that was read without a doubt counts from the next weighing of sources; a doubtful one waits for a person;
    one that could not be read whole is told in one sentence and never counts.
    """
    partner = partner_of(request)
    found = find_own(partner, number)
    upload = papers.read_upload(request.body)
    taken = stations.take_paper(
        found.id, upload.content, name=upload.name, by=partner.key, kind=upload.kind, holder=upload.holder
    )
    status = "refused" if taken.fault else "counts" if taken.counts else "waits"
    return Status(202, {"status": status, "why": taken.fault})
