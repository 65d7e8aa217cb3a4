"""Details that came in later, put into the dossier where they belong and read as strictly as the first ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from creditfactory.application import Dossier
from creditfactory.gateways.dossier_json import read_dossier, write_dossier
from creditfactory.gateways.values_json import load
from creditfactory.kernel import BadInput

T = TypeVar("T")

SECTIONS = ("request", "applicant", "business")
KEPT = {"applicant": ("token",)}
"""What nobody can change from outside."""


def merge_details(dossier: Dossier, details: Mapping[str, Any]) -> Dossier:
    """The dossier with ``request``, ``applicant``, ``business`` fields replaced and ``evidence`` added.

    Raises :class:`BadInput` naming the field where something does not fit; the dossier then stays as it was.
    """
    if not details:
        return dossier
    whole = json.loads(write_dossier(dossier))
    for section, fields in details.items():
        if section == "evidence":
            whole["evidence"] = [*whole.get("evidence", []), *fields]
            continue
        if section not in SECTIONS or not isinstance(fields, Mapping):
            raise BadInput(place=section, found="details", expected=f"one of {', '.join((*SECTIONS, 'evidence'))}")
        kept = {name: whole[section][name] for name in KEPT.get(section, ())}
        whole[section] = {**whole[section], **fields, **kept}
    return read_dossier(whole)


def load_plain(kind: type[T], plain: Any) -> T:
    """Read a value of this type from plain JSON values, as strictly as from its text."""
    return load(kind, json.dumps(plain, ensure_ascii=False, default=str))
