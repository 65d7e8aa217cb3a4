"""A submission at the web door: a dossier that names its person, who is put into the vault before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from creditfactory.application import DeviceSession, Dossier
from creditfactory.gateways.details import PARTS, check_consents, check_details
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.read_faults import show_found
from creditfactory.gateways.strict_json import is_broken, read_json, show_name
from creditfactory.kernel import BadInput, UnknownName

UNNAMED = "unnamed"
PERSON_FIELDS = ("name", "id_number", "phone")
PERSON_MAY = ("address", "card_number", "employer")
"""What a submission may tell of its person beside; sealed like the rest, seen by the network as blind tokens only."""
PHONE = re.compile(r"1[3-9][0-9]{9}")
PROVINCES = frozenset(
    (
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43"),
        *("44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83"),
    )
)
"""The first two digits of an identity number: who gave it."""
ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
ASKED_BY_US = frozenset(
    {"identity", "bureau", "registry", "court", "tax", "bank_flow", "utilities", "telecom", "paper"}
)
ENTITY_LENGTH_MAX = 80
LENGTHS_MAX: Mapping[str, int] = {
    "reference": 80, "channel.company": 40, "channel.agent": 39, "business.trade_name": 160, "business.city": 80,
    "business.industry": 16,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Submission:
    """A dossier whose applicant has no token yet, and the person to be sealed."""

    dossier: Dossier
    person: dict[str, str] = field(repr=False)

    @property
    def pack(self) -> str:
        """The pack it asks to be decided by."""
        return self.dossier.pack


def read_submission(body: bytes, *, may_bring_sources: bool = False) -> Submission:
    """Read a submission whole, or say which field does not fit; nothing of it is kept before this has passed.

    ``may_bring_sources`` lets whoever hands it in bring what bureau, registry and other sources said, too.
    """
    whole = read_json(body)
    if not isinstance(whole, dict):
        raise BadInput(place="body", found=show_found(whole), expected="an application: a group of fields in braces")
    person = whole.pop("person", None)
    applicant = whole.get("applicant")
    if isinstance(applicant, Mapping):
        if "token" in applicant:
            raise BadInput(place="applicant.token", found="a token", expected="none: the vault gives it")
        whole["applicant"] = {**applicant, "token": UNNAMED}
    dossier = read_dossier(whole)
    _check_columns(dossier)
    if not may_bring_sources:
        _check_own_evidence(dossier)
    return Submission(dossier, _read_person(person, dossier.applicant.born_on))


def _check_columns(dossier: Dossier) -> None:
    """What the records keep in columns of their own fits there, so that nothing is cut or breaks later."""
    if dossier.request.amount_cents < 1:
        raise BadInput(place="request.amount_cents", found="0", expected="an amount above nothing")
    texts: dict[str, str | None] = {"reference": dossier.reference, "channel.company": dossier.channel.company,
             "channel.agent": dossier.channel.agent, "business.trade_name": dossier.business.trade_name,
             "business.city": dossier.business.city, "business.industry": dossier.business.industry}  # fmt: skip
    for index, record in enumerate(dossier.evidence):
        if isinstance(record, DeviceSession):
            texts |= {f"evidence[{index}].device": record.device, f"evidence[{index}].ip": record.ip}
    for place, text in texts.items():
        most = LENGTHS_MAX.get(place, ENTITY_LENGTH_MAX)
        if text is not None and len(text) > most:
            raise BadInput(place=place, found=f"{len(text)} characters", expected=f"at most {most} characters")


def _check_own_evidence(dossier: Dossier) -> None:
    """A borrower or broker shows the borrower's own papers; what an outside source says, the factory asks itself."""
    for index, record in enumerate(dossier.evidence):
        if record.kind in ASKED_BY_US or getattr(record, "origin", "upload") != "upload":
            raise BadInput(
                place=f"evidence[{index}].kind",
                found=repr(record.kind),
                expected="papers of the borrower's own; the factory asks this source itself",
            )


def _read_person(person: object, born_on: date | None) -> dict[str, str]:
    """Name, ID number and phone, each valid in form; the birth date on the ID number is the applicant's own.

    What was found is never said of a person: the sentence may end up in somebody's log.
    """
    if not isinstance(person, Mapping):
        found = "nothing" if person is None else f"a {type(person).__name__}"
        raise BadInput(place="person", found=found, expected="an object with " + ", ".join(PERSON_FIELDS))
    for name in person:
        if name not in PERSON_FIELDS + PERSON_MAY:
            raise UnknownName(
                place=f"person.{show_name(name)}", found="an unknown field",
                expected="one of " + ", ".join(PERSON_FIELDS + PERSON_MAY),
            )  # fmt: skip
    facts: dict[str, str] = {}
    for name in (*PERSON_FIELDS, *(name for name in PERSON_MAY if name in person)):
        value = person.get(name)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= 80 or is_broken(value):
            found = "nothing" if value in (None, "") else "a text that does not fit" if isinstance(value, str) else (
                f"a {type(value).__name__}"
            )  # fmt: skip
            raise BadInput(place=f"person.{name}", found=found, expected="text of 1 to 80 characters, none broken")
        facts[name] = value.strip()
    facts["id_number"] = facts["id_number"].upper()
    if not is_id_number(facts["id_number"]):
        raise BadInput(
            place="person.id_number", found="a number that fails its check",
            expected="a resident identity number of 18 characters",
        )  # fmt: skip
    if born_on is not None and ric.get_birth_date(facts["id_number"]) != born_on:
        raise BadInput(
            place="applicant.born_on", found="another day than the identity number's", expected="the same birth date"
        )
    if not PHONE.fullmatch(facts["phone"]):
        raise BadInput(place="person.phone", found="another form", expected="a mobile number of 11 digits")
    return facts


def is_id_number(text: str) -> bool:
    """Whether a text is a resident identity number: its check digit fits, its birth date and its province exist.

    The county is not held against the birth year: a number names the county that gave it, often long after birth.

    >>> is_id_number("44030319800101007X"), is_id_number("440303198001010070"), is_id_number("99030319800101007X")
    (True, False, False)
    """
    if not ID_NUMBER.fullmatch(text) or text[:2] not in PROVINCES or ric.calc_check_digit(text) != text[-1]:
        return False
    try:
        ric.get_birth_date(text)
    except ValidationError:
        return False
    return True


def name_applicant(submission: Submission, token: str) -> Dossier:
    """The dossier with the vault's token in place of the person."""
    return replace(submission.dossier, applicant=replace(submission.dossier.applicant, token=token))


def check_event(kind: str, body: Mapping[str, Any]) -> None:
    """Refuse a borrower's message that does not fit its kind, naming the field, before it is kept."""
    known = EVENT_FIELDS[kind]
    for name in body:
        if name not in known:
            raise UnknownName(
                place=f"body.{show_name(name)}", found="an unknown field", expected="one of " + ", ".join(known)
            )
    try:
        _CHECKS[kind](body)
    except BadInput as fault:
        raise type(fault)(place=f"body.{fault.place}", found=fault.found, expected=fault.expected) from None


def _check_consents(body: Mapping[str, Any]) -> None:
    _expect(body, "refused", bool, "true or false", is_needed=False)
    if not body.get("refused"):
        _expect(body, "consents", list, "a list of signed consents")
    check_consents(body.get("consents", []))


def _check_details(body: Mapping[str, Any]) -> None:
    dossier = check_details(body)
    _check_columns(dossier)
    _check_own_evidence(dossier)


def _check_signature(body: Mapping[str, Any]) -> None:
    _expect(body, "confirmed_cost_table", bool, "true or false")


def _check_proof(body: Mapping[str, Any]) -> None:
    _expect(body, "amount_cents", int, "a whole number of cents from 0 up")
    _expect(body, "purpose", str, "a purpose as text")
    if body["amount_cents"] < 0:
        raise BadInput(
            place="amount_cents", found=str(body["amount_cents"]), expected="a whole number of cents from 0 up"
        )


def _check_withdrawal(body: Mapping[str, Any]) -> None:
    _expect(body, "why", str, "the reason as text", is_needed=False)


def _check_appeal(body: Mapping[str, Any]) -> None:
    _expect(body, "why", str, "what the applicant asks to be looked at again, as text")


def _expect(body: Mapping[str, Any], name: str, kind: type, expected: str, *, is_needed: bool = True) -> None:
    value = body.get(name)
    if (value is None and name not in body and not is_needed) or type(value) is kind:
        return
    raise BadInput(place=name, found="nothing" if name not in body else show_found(value), expected=expected)


EVENT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "consents_signed": ("consents", "refused"),
    "details_submitted": PARTS,
    "contract_signed": ("confirmed_cost_table",),
    "withdrawn": ("why",),
    "appeal": ("why",),
    "use_proof": ("purpose", "amount_cents"),
}
_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "consents_signed": _check_consents,
    "details_submitted": _check_details,
    "contract_signed": _check_signature,
    "withdrawn": _check_withdrawal,
    "appeal": _check_appeal,
    "use_proof": _check_proof,
}
