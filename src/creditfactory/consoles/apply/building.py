"""From what was typed to a submission: the same form in which brokers hand in, read by the same reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError

from creditfactory import decision, gateways, publishing, records, stations
from creditfactory.consoles.apply.fields import FACTS, FIRM, Field
from creditfactory.consoles.apply.measured import build_device_session
from creditfactory.consoles.apply.visits import OWN_CHANNEL, Visit

ELSEWHERE, OTHER = "elsewhere", "other"


def build_submission(visit: Visit, *, at: datetime, agent: str) -> dict[str, Any]:
    """The whole submission; what was left empty is left out."""
    draft, house = visit.draft, visit.house
    whole: dict[str, Any] = {
        "pack": house.tenant.pack, "reference": f"OWN-{visit.session.id:08d}", "applied_at": at.isoformat(),
        "utc_offset_minutes": house.clock.utc_offset_minutes,
        "person": {}, "request": {"currency": house.book.parameters.get("currency", "CNY")}, "applicant": {},
        "business": {}, "channel": {"kind": "direct", "company": OWN_CHANNEL},
        "consents": [
            {"kind": kind, "signed_at": signed["at"], "version": signed["version"]}
            for kind, signed in draft.get("consents", {}).items()
        ],
    }  # fmt: skip
    for field in (*FACTS, *FIRM):
        value = read_value(field, str(draft.get(field.name, "")))
        if value is not None and field.place:
            part, _, name = field.place.partition(".")
            whole[part][name] = value
    number = whole["person"].get("id_number", "")
    if len(number) == 18:
        whole["applicant"]["born_on"] = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    device = build_device_session(draft, device=visit.session.device, ip=visit.session.ip, at=at, agent=agent)
    whole["evidence"] = [device, *(check for name, check in draft.items() if name.startswith("check_"))]
    return whole


def read_value(field: Field, text: str) -> Any:
    """An answer as the dossier has it: cents, whole numbers, yes and no; None where it says nothing."""
    if not text or (field.kind == "select" and field.name == "industry" and text == OTHER):
        return None
    if field.kind == "money":
        return int(text) * 100
    if field.kind == "number" or field.name == "term":
        return int(text)
    if field.kind == "choice":
        return text == "yes"
    return text


def indicate(visit: Visit, *, at: datetime, agent: str) -> decision.Indication:
    """What the applicant's own words lead one to expect; nobody is asked anything."""
    submission = _read(visit, at=at, agent=agent)
    dossier = gateways.name_applicant(submission, visit.session.person_token or "unnamed")
    release = publishing.choose_release(
        publishing.find_releases(visit.house.tenant), dossier.applied_on, dossier.applicant.token
    )
    return decision.indicate_offer(dossier, publishing.load_rulebook(release.digest).at(dossier.applied_on))


def _read(visit: Visit, *, at: datetime, agent: str) -> gateways.Submission:
    body = json.dumps(build_submission(visit, at=at, agent=agent), ensure_ascii=False).encode()
    return gateways.read_submission(body, may_bring_sources=True)  # what is in it the house found out itself


def hand_in(visit: Visit, *, agent: str) -> records.Receipt:
    """Bring the application to the line, once: handed in again it is the same application."""
    submission = _read(visit, at=visit.house.clock.now, agent=agent)
    try:
        return _take_in(visit, submission)
    except IntegrityError:  # handed in twice at the same moment: now the first is found
        return _take_in(visit, submission)


def _take_in(visit: Visit, submission: gateways.Submission) -> records.Receipt:
    tenant, at = visit.house.tenant, submission.dossier.applied_at
    with records.together():
        token, phone_index = records.seal_person(tenant=tenant, facts=submission.person, at=at)
        dossier = gateways.name_applicant(submission, token)
        receipt = stations.submit_dossier(tenant, dossier, by="borrower", phone_index=phone_index, start=False)
        records.close_session(session_id=visit.session.id, application_id=receipt.application_id, at=at)
        records.advance(receipt.application_id)
    return receipt


def seal(visit: Visit, *, at: datetime) -> str:
    """Put the person into the vault, once consent to keep the facts is given; gives the token."""
    facts = {name: str(visit.draft.get(name, "")) for name in ("name", "id_number", "phone")}
    token, _ = records.seal_person(tenant=visit.house.tenant, facts=facts, at=at)
    records.name_session_person(session_id=visit.session.id, token=token)
    return token


def with_draft(visit: Visit, changes: Mapping[str, Any]) -> Visit:
    """The visit as it stands after these changes, without asking the records again."""
    return replace(visit, session=replace(visit.session, draft={**visit.draft, **changes}))


def today_of(visit: Visit) -> date:
    """The factory's day."""
    return visit.house.clock.business_on
