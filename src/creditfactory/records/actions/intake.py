"""Taking an application in: once per reference, with its person in the vault and its first job in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, connection, transaction

from creditfactory.records import queue, vault
from creditfactory.records.actions.edges import add_edges
from creditfactory.records.actions.tenants import TenantRecord
from creditfactory.records.audit import write_event
from creditfactory.records.tables import Application, Dossier


@dataclass(frozen=True, slots=True)
class NewApplication:
    """What is known of an application when it comes in; ``dossier`` is the dossier's JSON, its person by token."""

    reference: str
    pack: str
    rulebook: str
    dossier: str
    person_token: str
    amount_cents: int
    currency: str
    applied_at: datetime
    applied_on: object
    trade_name: str = ""
    city: str = ""
    industry: str = ""
    channel: str = ""
    edges: tuple[tuple[str, str], ...] = ()
    release_id: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number under which an application stands, and whether it is new."""

    application_id: int
    number: str
    is_new: bool


def seal_person(*, tenant: TenantRecord, facts: dict[str, str], at: datetime) -> tuple[str, bytes]:
    """Put a person into the vault; see :func:`creditfactory.records.vault.seal_person`."""
    return vault.seal_person(tenant.id, facts, at=at)


@transaction.atomic
def submit_application(
    *, tenant: TenantRecord, new: NewApplication, first_station: str, received_at: datetime, by: str, start: bool = True
) -> Receipt:
    """Take an application in; the same reference again gives the first one's number and changes nothing."""
    known = _find_receipt(tenant, new.reference)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _take_in(tenant, new, first_station, received_at, by, start)
    except IntegrityError:
        known = _find_receipt(tenant, new.reference)
        if known is None:
            raise
        return known


def _find_receipt(tenant: TenantRecord, reference: str) -> Receipt | None:
    row = Application.objects.filter(tenant_id=tenant.id, reference=reference).values_list("id", "number").first()
    return Receipt(row[0], row[1], is_new=False) if row else None


def _take_in(
    tenant: TenantRecord, new: NewApplication, first_station: str, received_at: datetime, by: str, start: bool
) -> Receipt:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('application_number')")
        sequence = cursor.fetchone()[0]
    number = f"A-{new.applied_on:%y%m%d}-{sequence:05d}"
    rows = Application.objects.bulk_create(
        [
            Application(
                tenant_id=tenant.id,
                number=number,
                reference=new.reference,
                pack=new.pack,
                rulebook=new.rulebook,
                release_id=new.release_id,
                person_token=new.person_token,
                trade_name=new.trade_name[:160],
                city=new.city[:80],
                industry=new.industry[:16],
                channel=new.channel[:120],
                amount_cents=new.amount_cents,
                currency=new.currency,
                applied_at=new.applied_at,
                applied_on=new.applied_on,
                received_at=received_at,
                entered_at=received_at,
                station=first_station,
            )
        ],
        ignore_conflicts=False,
    )
    application = rows[0]
    Dossier.objects.bulk_create([Dossier(application=application, body=new.dossier)])
    add_edges(tenant_id=tenant.id, application_id=application.id, edges=new.edges, at=received_at)
    write_event(
        tenant=tenant.code,
        by=by,
        action="application_submitted",
        object_kind="application",
        object_key=number,
        at=received_at,
        reference=new.reference,
        wall=datetime.now(UTC).isoformat(),
    )
    if start:
        queue.advance(application.id)
    return Receipt(application.id, number, is_new=True)
