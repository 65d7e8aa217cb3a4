"""The vault: persons sealed with a key of their own, found again by a blind index, erased by losing the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import unicodedata
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import IntegrityError, transaction

from creditfactory.kernel import Misconfigured, Refused
from creditfactory.records.tables import ListEntry, Person

NONCE_BYTES = 12


def _master_key() -> bytes:
    text = settings.VAULT_KEY
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Misconfigured(
            "CREDITFACTORY_VAULT_KEY: found "
            f"{'nothing' if not text else f'{len(key)} bytes'}, expected 32 bytes in URL-safe base64."
        )
    return key


def _derive(purpose: str) -> bytes:
    return hmac.new(_master_key(), purpose.encode(), hashlib.sha256).digest()


def _seal(key: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _open(key: bytes, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)


def wrap_secret(secret: bytes) -> bytes:
    """A secret sealed with the installation's own key."""
    return _seal(_derive("wrap"), secret)


def unwrap_secret(wrapped: bytes) -> bytes:
    """The secret that :func:`wrap_secret` sealed."""
    return _open(_derive("wrap"), bytes(wrapped))


def blind_index(kind: str, value: str) -> bytes:
    """What stands for a value in a search: equal for equal values, and says nothing of them without the key."""
    return hmac.new(_derive(f"index:{kind}"), value.strip().upper().encode(), hashlib.sha256).digest()


def list_tokens(facts: dict[str, str]) -> dict[str, str]:
    """Blind tokens for what of a person others may share: phone, address, card and employer, as far as told.

    Two ways of writing one address or number (spaces, letters large or small, full or half width) are one token.
    """
    told = {"phone": "phone", "address": "address", "card": "card_number", "employer": "employer"}
    plain = {kind: "".join(unicodedata.normalize("NFKC", facts.get(name, "")).split()) for kind, name in told.items()}
    return {kind: blind_index(kind, text).hex() for kind, text in plain.items() if text}


def seal_person(tenant_id: int, facts: dict[str, str], *, at: datetime) -> tuple[str, bytes]:
    """Put a person into the vault, or find the one already there by ID number.

    ``facts`` holds ``name``, ``id_number`` and ``phone`` (others are kept too). Returns the person's token and the
    blind index of the phone, which the network may count by.
    """
    id_index = blind_index("id_number", facts["id_number"])
    phone_index = blind_index("phone", facts.get("phone", ""))
    known = Person.objects.filter(tenant_id=tenant_id, id_number_index=id_index).values_list("token", flat=True).first()
    if known:
        return known, phone_index
    key = secrets.token_bytes(32)
    token = f"P-{secrets.token_hex(12)}"
    try:
        with transaction.atomic():
            Person.objects.create(
                token=token,
                tenant_id=tenant_id,
                key_wrapped=wrap_secret(key),
                sealed=_seal(key, json.dumps(facts, ensure_ascii=False).encode()),
                id_number_index=id_index,
                phone_index=phone_index,
                created_at=at,
            )
    except IntegrityError:
        return Person.objects.get(tenant_id=tenant_id, id_number_index=id_index).token, phone_index
    return token, phone_index


def open_person(token: str) -> dict[str, str]:
    """Who a token stands for; the caller writes the audit event. An erased person cannot be opened."""
    person = Person.objects.filter(token=token).first()
    if person is None:
        return {}
    if person.key_wrapped is None or person.sealed is None:
        raise Refused("This person was erased; the key is gone and nothing can be shown.")
    facts: dict[str, str] = json.loads(_open(unwrap_secret(person.key_wrapped), bytes(person.sealed)))
    return facts


def seal_for_person(token: str, plain: bytes) -> bytes:
    """Bytes sealed with a person's own key: a paper, a frame; erasing the person makes them unreadable."""
    return _seal(_person_key(token), plain)


def open_for_person(token: str, sealed: bytes) -> bytes:
    """What :func:`seal_for_person` sealed; the caller writes the audit event."""
    return _open(_person_key(token), bytes(sealed))


def _person_key(token: str) -> bytes:
    wrapped = Person.objects.filter(token=token).values_list("key_wrapped", flat=True).first()
    if wrapped is None:
        raise Refused("This person was erased, or never known here; the key is gone and nothing can be shown.")
    return unwrap_secret(wrapped)


def make_key() -> bytes:
    """A fresh key, wrapped: for something that is not yet anybody's."""
    return wrap_secret(secrets.token_bytes(32))


def seal_with(key_wrapped: bytes, plain: bytes) -> bytes:
    """Bytes sealed with a wrapped key."""
    return _seal(unwrap_secret(key_wrapped), plain)


def open_with(key_wrapped: bytes, sealed: bytes) -> bytes:
    """What :func:`seal_with` sealed with the same key."""
    return _open(unwrap_secret(key_wrapped), bytes(sealed))


def mask_person(token: str) -> dict[str, str]:
    """The same person as every screen may show: surname, last digits."""
    facts = open_person(token)
    return {
        "name": facts["name"][:1] + "*" * max(1, len(facts["name"]) - 1) if facts.get("name") else "",
        "id_number": "*" * 14 + facts["id_number"][-4:] if facts.get("id_number") else "",
        "phone": facts["phone"][:3] + "****" + facts["phone"][-4:] if facts.get("phone") else "",
    }


def find_list_hits(tenant_id: int, person_token: str, on: object) -> list[ListEntry]:
    """The lists on which a person stands on a day, by ID number or phone."""
    person = Person.objects.filter(token=person_token).values("id_number_index", "phone_index").first()
    if person is None:
        return []
    indexes = [bytes(index) for index in person.values() if index]
    entries = ListEntry.objects.filter(tenant_id=tenant_id, subject_index__in=indexes, since__lte=on)
    return [entry for entry in entries if entry.until is None or entry.until >= on]
