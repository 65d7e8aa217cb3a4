"""A borrower at the page: a session that is begun, kept as it is typed, taken up again by its link, and handed in."""

from __future__ import annotations

import contextlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import transaction

from creditfactory.kernel import Refused
from creditfactory.records import vault
from creditfactory.records.actions.tenants import TenantRecord
from creditfactory.records.audit import write_event
from creditfactory.records.tables import ApplySession, AuditEvent

LINK_BYTES = 16
DRAFT_BYTES_MAX = 500_000
TRIES_MAX = 5


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session as the page needs it; ``draft`` is what was typed and measured so far."""

    id: int
    tenant_id: int
    step: str
    nonce: str
    draft: dict[str, Any]
    device: str
    ip: str
    trace: str
    person_token: str | None
    application_id: int | None
    began_at: datetime
    until: datetime


@transaction.atomic
def begin_session(
    *, tenant: TenantRecord, step: str, draft: dict[str, Any], device: str, ip: str, at: datetime, days: int, by: str
) -> str:
    """Open a session and give the secret of its link, which is kept nowhere."""
    link = secrets.token_hex(LINK_BYTES)
    key = vault.make_key()
    session = ApplySession.objects.create(
        tenant_id=tenant.id, link_index=vault.blind_index("apply_link", link), key_wrapped=key,
        sealed=vault.seal_with(key, json.dumps(draft, ensure_ascii=False).encode()), step=step,
        nonce=secrets.token_hex(12), device=device, ip=ip, began_at=at, touched_at=at, until=at + timedelta(days=days),
    )  # fmt: skip
    write_event(
        tenant=tenant.code, by=by, action="apply_begun", object_kind="apply_session", object_key=str(session.pk), at=at
    )
    return link


def find_session(*, link: str) -> SessionRecord | None:
    """The session behind a link, or None; what has run out is found too, so that the page can say so."""
    if not link or len(link) != 2 * LINK_BYTES:
        return None
    row = ApplySession.objects.filter(link_index=vault.blind_index("apply_link", link)).first()
    if row is None:
        return None
    draft: dict[str, Any] = {}
    if row.key_wrapped is not None and row.sealed is not None:
        draft = json.loads(vault.open_with(row.key_wrapped, row.sealed))
    return SessionRecord(
        row.pk, row.tenant_id, row.step, row.nonce, draft, row.device, row.ip, row.trace, row.person_id,
        row.application_id, row.began_at, row.until,
    )  # fmt: skip


@transaction.atomic
def save_draft_of(*, session_id: int, changes: dict[str, Any], at: datetime) -> None:
    """Keep what was typed as it was typed; a session that was handed in or has run out is left alone."""
    row = ApplySession.objects.select_for_update().get(pk=session_id)
    if row.key_wrapped is None or row.application_id is not None or at > row.until:
        return
    draft = _merged(row, changes)
    _keep(row, draft, at)


@transaction.atomic
def take_step(
    *, session_id: int, nonce: str, step: str, changes: dict[str, Any], at: datetime, trace: str | None = None
) -> str | None:
    """Move a session on if the nonce is the one it waits for, and give the next nonce.

    None where the nonce is another: the step was sent twice, or somebody plays a recording.
    """
    row = ApplySession.objects.select_for_update().get(pk=session_id)
    if row.key_wrapped is None or row.application_id is not None:
        return None
    if not secrets.compare_digest(row.nonce, nonce):
        ApplySession.objects.filter(pk=row.pk).update(refused=min(row.refused + 1, 30_000))
        return None
    row.step, row.nonce = step, secrets.token_hex(12)
    if trace is not None:
        row.trace = trace
    _keep(row, _merged(row, changes), at)
    return row.nonce


def _merged(row: ApplySession, changes: dict[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(vault.open_with(row.key_wrapped, row.sealed)) if row.sealed is not None else {}
    return {**held, **changes}


def _keep(row: ApplySession, draft: dict[str, Any], at: datetime) -> None:
    text = json.dumps(draft, ensure_ascii=False).encode()
    if len(text) > DRAFT_BYTES_MAX:
        raise Refused("More was typed than one application can hold; shorten the longest field and try again.")
    row.sealed, row.touched_at = vault.seal_with(row.key_wrapped, text), at
    row.save(update_fields=["sealed", "touched_at", "step", "nonce", "trace"])


def list_secrets(session: SessionRecord) -> dict[str, str]:
    """What only the borrower knows of a session: the last four characters of phone and ID number, as far as typed.

    Nothing where nothing was typed yet, or where the person was erased.
    """
    known: dict[str, str] = {}
    if session.person_token:
        with contextlib.suppress(Refused):
            known = vault.open_person(session.person_token)
    told = {name: str(session.draft.get(name) or known.get(name) or "") for name in ("phone", "id_number")}
    return {name: value.strip()[-4:].upper() for name, value in told.items() if len(value.strip()) >= 4}


@transaction.atomic
def try_secrets(*, session: SessionRecord, typed: dict[str, str], at: datetime) -> Literal["right", "wrong", "locked"]:
    """Whether somebody on another device knows what the borrower knows; after five wrong answers a day not even then.

    ``at`` is the true time, whatever the factory's clock shows.
    """
    ApplySession.objects.select_for_update().get(pk=session.id)
    about = {"object_kind": "apply_session", "object_key": str(session.id), "action": "apply_not_recognised"}
    if AuditEvent.objects.filter(**about, at__gt=at - timedelta(days=1)).count() >= TRIES_MAX:
        return "locked"
    asked = list_secrets(session)
    given = {name: typed.get(name, "").strip().upper() for name in asked}
    is_right = bool(asked) and all(secrets.compare_digest(given[name].encode(), asked[name].encode()) for name in asked)
    action = "apply_recognised" if is_right else "apply_not_recognised"
    write_event(tenant="", by="borrower", at=at, **{**about, "action": action})
    return "right" if is_right else "wrong"


def name_session_person(*, session_id: int, token: str) -> None:
    """Note whose session it is, once consent to keep the person's facts is given."""
    ApplySession.objects.filter(pk=session_id).update(person_id=token)


@transaction.atomic
def close_session(*, session_id: int, application_id: int, at: datetime) -> None:
    """The session became an application: what was typed is forgotten here, the link leads to the status."""
    ApplySession.objects.filter(pk=session_id).update(
        application_id=application_id, key_wrapped=None, sealed=None, touched_at=at, step="status"
    )


def count_sessions(*, tenant_id: int, ip: str, since: datetime) -> int:
    """Sessions that an address has begun since an instant."""
    return ApplySession.objects.filter(tenant_id=tenant_id, ip=ip, began_at__gte=since).count()


def name_sitting(link: str) -> str:
    """The name of a session before outside parties: unguessable, and nobody finds the link from it."""
    return vault.blind_index("apply_link", link).hex()[:32]


def find_session_handle(application_id: int) -> str | None:
    """The camera sitting's name of the session that an application came from, or None where it came another way."""
    row = ApplySession.objects.filter(application_id=application_id).values_list("link_index", flat=True).first()
    return None if row is None else bytes(row).hex()[:32]


@transaction.atomic
def forget_old_sessions(*, at: datetime, by: str) -> int:
    """Destroy what was typed in sessions that have run out unfinished; gives how many."""
    old = ApplySession.objects.filter(until__lt=at, key_wrapped__isnull=False, application__isnull=True)
    gone = old.update(key_wrapped=None, sealed=None)
    if gone:
        write_event(
            tenant="", by=by, action="apply_forgotten", object_kind="apply_session", object_key="", at=at, sessions=gone
        )
    return gone
