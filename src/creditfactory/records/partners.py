"""Partners' keys and the nonces they have used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from creditfactory.records import vault
from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import PartnerKey, UsedNonce

ROLES = ("broker", "staff", "party", "market")
"""What a key's holder is: a channel's broker, a person's desk, an outside party, the demo's whole market."""
RIGHTS = ("decide", "explain")
"""What a key may do beyond its role: have a decision at once; read staff's words and the engines' traces with it."""


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """An outside party's key: whose factory it speaks to, as which party, in which role, with which rights."""

    tenant_id: int
    tenant: str
    key: str
    party: str
    role: str
    secret: str
    rights: frozenset[str] = frozenset()
    per_minute_max: int | None = None
    pack: str = ""


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner's key as people may see it: without its secret."""

    key: str
    party: str
    role: str
    rights: tuple[str, ...]
    per_minute_max: int | None
    is_open: bool
    created_at: datetime


FIND_PARTNER = """
SELECT k.tenant_id, t.code, k.key, k.party, k.role, k.secret_wrapped, k.rights, k.per_minute_max, t.pack
FROM partner_key k JOIN tenant t ON t.id = k.tenant_id WHERE k.key = %s AND k.is_open
"""
KEEP_NONCE = "INSERT INTO used_nonce (key, nonce, used_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


def load_partner(key: str) -> PartnerRecord | None:
    """The partner that signs with this key, if the key is open."""
    row = run_prepared(FIND_PARTNER, [key]).fetchone()
    if row is None:
        return None
    tenant_id, tenant, name, party, role, wrapped, rights, per_minute_max, pack = row
    secret = vault.unwrap_secret(wrapped).decode()
    return PartnerRecord(tenant_id, tenant, name, party, role, secret, frozenset(rights.split()), per_minute_max, pack)


def list_partners(tenant_id: int) -> list[PartnerRow]:
    """Every key of a factory, open and closed, by name."""
    return [
        PartnerRow(
            row.key, row.party, row.role, tuple(row.rights.split()), row.per_minute_max, row.is_open, row.created_at
        )
        for row in PartnerKey.objects.filter(tenant_id=tenant_id).order_by("key")
    ]


def use_nonce(*, key: str, nonce: str, at: datetime) -> bool:
    """Note that a key has used a nonce; False if it had used it before."""
    return run_prepared(KEEP_NONCE, [key, nonce[:64], at]).rowcount == 1


def forget_nonces(*, older_than: timedelta, at: datetime) -> int:
    """Forget nonces that lie outside the clock window and could not be replayed any more."""
    return UsedNonce.objects.filter(used_at__lt=at - older_than).delete()[0]
