"""Details that came in later, put into the dossier where they belong and read as strictly as the first ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from creditfactory.application import Dossier
from creditfactory.gateways.dossier_json import read_dossier, write_dossier
from creditfactory.gateways.read_faults import show_found
from creditfactory.gateways.values_json import load
from creditfactory.kernel import BadInput, UnknownName

T = TypeVar("T")

SECTIONS = ("request", "applicant", "business")
PARTS = (*SECTIONS, "evidence")
KEPT = {"applicant": ("token", "born_on")}
"""What nobody can change from outside once it is known: the vault gives the one, the identity number the other."""

_BLANK = {
    "pack": "blank", "reference": "blank", "applied_at": "2026-01-01T00:00:00Z",
    "request": {"amount_cents": 1, "currency": "CNY"}, "applicant": {"token": "blank"}, "business": {},
    "channel": {"kind": "direct", "company": "blank"},
}  # fmt: skip


def merge_details(dossier: Dossier, details: Mapping[str, Any]) -> Dossier:
    """The dossier with ``request``, ``applicant``, ``business`` fields replaced and ``evidence`` added.

    Raises :class:`BadInput` naming the field where something does not fit; the dossier then stays as it was.
    """
    if not details:
        return dossier
    return read_dossier(_merge(json.loads(write_dossier(dossier)), details))


def check_details(details: Mapping[str, Any]) -> Dossier:
    """Refuse details that would fit into no dossier, naming the field; what fits is given back in a blank one.

    >>> check_details({"business": {"opened_on": "soon"}})
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: business.opened_on: found 'soon', expected a date like 2026-01-31
    """
    applicant = details.get("applicant")
    if isinstance(applicant, Mapping) and "token" in applicant:
        raise BadInput(place="applicant.token", found="a token", expected="none: the vault gives it")
    dossier = read_dossier(_merge(_BLANK, details))
    if dossier.request.amount_cents < 1:
        raise BadInput(place="request.amount_cents", found="0", expected="an amount above nothing")
    return dossier


def check_consents(rows: list[Any]) -> None:
    """Refuse signed consents that would fit into no dossier, naming the row and field."""
    read_dossier({**_BLANK, "consents": rows})


def _merge(whole: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(whole)
    for section, fields in details.items():
        if section not in PARTS:
            raise UnknownName(place=repr(section[:60]), found="details", expected=f"one of {', '.join(PARTS)}")
        if section == "evidence":
            if not isinstance(fields, list | tuple):
                raise BadInput(place=section, found=show_found(fields), expected="a list of evidence")
            merged["evidence"] = [*whole.get("evidence", []), *fields]
            continue
        if not isinstance(fields, Mapping):
            raise BadInput(place=section, found=show_found(fields), expected="a group of fields in braces")
        kept = {name: whole[section][name] for name in KEPT.get(section, ()) if name in whole[section]}
        merged[section] = {**whole[section], **fields, **kept}
    return merged


def load_plain(kind: type[T], plain: Any) -> T:
    """Read a value of this type from plain JSON values, as strictly as from its text."""
    return load(kind, json.dumps(plain, ensure_ascii=False, default=str))
