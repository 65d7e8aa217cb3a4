"""A submission at the web door: a dossier that names its person, who is put into the vault before anything is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from stdnum.cn import ric
from stdnum.exceptions import ValidationError as NumberFault

from creditfactory.application import Consent, Dossier
from creditfactory.gateways.details import SECTIONS, load_plain
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.kernel import BadInput

UNNAMED = "unnamed"
PERSON_FIELDS = ("name", "id_number", "phone")
PHONE = re.compile(r"1[3-9]\d{9}")
BODY_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Submission:
    """A dossier whose applicant has no token yet, and the person to be sealed."""

    dossier: Dossier
    person: dict[str, str] = field(repr=False)

    @property
    def pack(self) -> str:
        """The pack it asks to be decided by."""
        return self.dossier.pack


def read_submission(body: bytes) -> Submission:
    """Read a submission whole, or say which field does not fit; nothing of it is kept before this has passed."""
    if len(body) > BODY_BYTES_MAX:
        raise BadInput(place="body", found=f"{len(body):,} bytes", expected=f"at most {BODY_BYTES_MAX:,} bytes")
    try:
        whole = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadInput(place=f"byte {error.start}", found="bytes that are not UTF-8", expected="UTF-8 text") from None
    except (ValueError, RecursionError):
        read_dossier(body)
        raise BadInput(place="body", found="something that is not JSON", expected="a JSON object") from None
    if not isinstance(whole, dict):
        raise BadInput(place="body", found=type(whole).__name__, expected="a JSON object")
    person = whole.pop("person", None)
    applicant = whole.get("applicant")
    if isinstance(applicant, Mapping):
        if "token" in applicant:
            raise BadInput(place="applicant.token", found="a token", expected="none: the vault gives it")
        whole["applicant"] = {**applicant, "token": UNNAMED}
    dossier = read_dossier(whole)
    return Submission(dossier, _read_person(person, dossier.applicant.born_on))


def _read_person(person: object, born_on: date | None) -> dict[str, str]:
    """Name, ID number and phone, each valid in form; the birth date on the ID number is the applicant's own."""
    if not isinstance(person, Mapping):
        raise BadInput(
            place="person", found="nothing" if person is None else type(person).__name__, expected="an object"
        )
    for name in person:
        if name not in PERSON_FIELDS:
            raise BadInput(
                place=f"person.{name}", found="an unknown field", expected="one of " + ", ".join(PERSON_FIELDS)
            )
    facts: dict[str, str] = {}
    for name in PERSON_FIELDS:
        value = person.get(name)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= 80:
            found = "nothing" if value in (None, "") else type(value).__name__
            raise BadInput(place=f"person.{name}", found=found, expected="text of 1 to 80 characters")
        facts[name] = value.strip()
    try:
        facts["id_number"] = ric.validate(facts["id_number"])
    except NumberFault:
        raise BadInput(
            place="person.id_number", found="a number that fails its check", expected="a resident identity number"
        ) from None
    if born_on is not None and ric.get_birth_date(facts["id_number"]) != born_on:
        raise BadInput(
            place="applicant.born_on", found="another day than the identity number's", expected="the same birth date"
        )
    if not PHONE.fullmatch(facts["phone"]):
        raise BadInput(place="person.phone", found="another form", expected="a mobile number of 11 digits")
    return facts


def name_applicant(submission: Submission, token: str) -> Dossier:
    """The dossier with the vault's token in place of the person."""
    return replace(submission.dossier, applicant=replace(submission.dossier.applicant, token=token))


def check_event(kind: str, body: Mapping[str, Any]) -> None:
    """Refuse a borrower's message that does not fit its kind, naming the field, before it is kept."""
    if kind == "consents_signed":
        rows = body.get("consents", [])
        if not isinstance(rows, list):
            raise BadInput(place="body.consents", found=type(rows).__name__, expected="a list of signed consents")
        for row in rows:
            load_plain(Consent, row)
    elif kind == "details_submitted":
        for section in body:
            if section not in (*SECTIONS, "evidence"):
                raise BadInput(place=f"body.{section}", found="details", expected=", ".join((*SECTIONS, "evidence")))
    elif kind == "use_proof":
        amount = body.get("amount_cents")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
            raise BadInput(place="body.amount_cents", found=type(amount).__name__, expected="a whole number of cents")
        if not isinstance(body.get("purpose"), str):
            raise BadInput(place="body.purpose", found=type(body.get("purpose")).__name__, expected="a purpose as text")
