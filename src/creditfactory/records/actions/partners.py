"""Keys for partners: given, renewed, closed; each act leaves an event, and no secret is ever shown twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from creditfactory.kernel import BadInput, Refused
from creditfactory.records import vault
from creditfactory.records.actions.tenants import TenantRecord
from creditfactory.records.audit import write_event
from creditfactory.records.partners import RIGHTS, ROLES
from creditfactory.records.tables import PartnerKey

KEY_LENGTH_MAX = 64


@transaction.atomic
def add_partner(
    *,
    tenant: TenantRecord,
    key: str,
    party: str,
    role: str,
    rights: Iterable[str] = (),
    per_minute_max: int | None = None,
    secret: str,
    by: str,
    at: datetime,
) -> None:
    """Give a partner a new key; a key that is there already is never given again, to nobody."""
    given = tuple(dict.fromkeys(rights))
    if role not in ROLES:
        raise BadInput(place="role", found=repr(role[:40]), expected="one of " + ", ".join(ROLES))
    for right in given:
        if right not in RIGHTS:
            raise BadInput(place="rights", found=repr(right[:40]), expected="one of " + ", ".join(RIGHTS))
    for place, text in (("key", key), ("party", party)):
        if not 0 < len(text) <= KEY_LENGTH_MAX or not text.isascii() or not text.replace("-", "").isalnum():
            raise BadInput(
                place=place, found=repr(text[:40]), expected=f"1 to {KEY_LENGTH_MAX} letters, digits and hyphens"
            )
    try:
        with transaction.atomic():
            PartnerKey.objects.create(
                tenant_id=tenant.id, key=key, party=party, role=role, rights=" ".join(given),
                per_minute_max=per_minute_max, secret_wrapped=vault.wrap_secret(secret.encode()), created_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(f"The key {key} is there already; rotate it, or take another name.") from None
    _note(tenant, key, "partner_key_given", by, at, role=role, rights=list(given))


@transaction.atomic
def rotate_partner(*, tenant: TenantRecord, key: str, secret: str, by: str, at: datetime) -> None:
    """Give an open key a new secret; what is signed with the old one is refused from now on."""
    row = _find(tenant, key)
    if not row.is_open:
        raise Refused(f"The key {key} is closed; give the partner a new one.")
    row.secret_wrapped = vault.wrap_secret(secret.encode())
    row.save(update_fields=["secret_wrapped"])
    _note(tenant, key, "partner_key_rotated", by, at)


@transaction.atomic
def close_partner(*, tenant: TenantRecord, key: str, by: str, at: datetime) -> None:
    """Close a key; nothing signed with it is taken any more."""
    row = _find(tenant, key)
    if row.is_open:
        row.is_open = False
        row.save(update_fields=["is_open"])
        _note(tenant, key, "partner_key_closed", by, at)


def _find(tenant: TenantRecord, key: str) -> PartnerKey:
    row = PartnerKey.objects.select_for_update().filter(tenant_id=tenant.id, key=key).first()
    if row is None:
        raise Refused(f"The factory {tenant.code} has no key {key[:40]!r}.")
    return row


def _note(tenant: TenantRecord, key: str, action: str, by: str, at: datetime, **detail: object) -> None:
    write_event(tenant=tenant.code, by=by, action=action, object_kind="partner_key", object_key=key, at=at, **detail)


def note_decision_at_once(
    *, tenant: str, by: str, reference: str, verdict: str, rulebook: str, at: datetime, reasons: Iterable[str]
) -> None:
    """Leave an event of a decision that was given at once and kept nowhere else."""
    write_event(
        tenant=tenant, by=by, action="decided_at_once", object_kind="dossier", object_key=reference[:80], at=at,
        verdict=verdict, rulebook=rulebook, reasons=list(reasons)[:8],
    )  # fmt: skip
