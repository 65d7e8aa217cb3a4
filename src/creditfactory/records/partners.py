"""Partners' keys and the nonces they have used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from creditfactory.records import vault
from creditfactory.records.tables import PartnerKey, UsedNonce


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """An outside party's key: whose factory it speaks to, as which party, in which role."""

    tenant_id: int
    tenant: str
    key: str
    party: str
    role: str
    secret: str


def load_partner(key: str) -> PartnerRecord | None:
    """The partner that signs with this key, if the key is open."""
    row = PartnerKey.objects.select_related("tenant").filter(key=key, is_open=True).first()
    if row is None:
        return None
    secret = vault.unwrap_secret(row.secret_wrapped).decode()
    return PartnerRecord(row.tenant_id, row.tenant.code, row.key, row.party, row.role, secret)


def use_nonce(*, key: str, nonce: str, at: datetime) -> bool:
    """Note that a key has used a nonce; False if it had used it before."""
    try:
        with transaction.atomic():
            UsedNonce.objects.create(key=key, nonce=nonce[:64], used_at=at)
    except IntegrityError:
        return False
    return True


def forget_nonces(*, older_than: timedelta, at: datetime) -> int:
    """Forget nonces that lie outside the clock window and could not be replayed any more."""
    return UsedNonce.objects.filter(used_at__lt=at - older_than).delete()[0]
