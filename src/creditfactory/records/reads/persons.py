"""A person as every screen may show it."""

from __future__ import annotations

from dataclasses import dataclass

from creditfactory.kernel import Refused
from creditfactory.records.vault import mask_person


@dataclass(frozen=True, slots=True)
class MaskedPerson:
    """Surname and last digits; all empty when the vault knows nothing, ``is_erased`` when the key is gone."""

    name: str = ""
    id_number: str = ""
    phone: str = ""
    is_erased: bool = False


def read_masked_person(token: str) -> MaskedPerson:
    """The person behind a token, masked."""
    try:
        known = mask_person(token)
        return MaskedPerson(known.get("name", ""), known.get("id_number", ""), known.get("phone", ""))
    except Refused:
        return MaskedPerson(is_erased=True)
