"""Setting a factory up: tenant, clock, books, channels, funders, partner keys, the line's table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from creditfactory.records import vault
from creditfactory.records.audit import write_event
from creditfactory.records.clock import set_clock
from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import Channel, Clock, Funder, PartnerKey, Tenant


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """A factory, as the rest of the house knows it."""

    id: int
    code: str
    name: str
    pack: str


def _record(tenant: Tenant | None) -> TenantRecord | None:
    return None if tenant is None else TenantRecord(tenant.id, tenant.code, tenant.name, tenant.pack)


@transaction.atomic
def open_tenant(
    *,
    code: str,
    name: str,
    pack: str,
    now: datetime,
    business_on: date,
    speed: float,
    by: str,
    utc_offset_minutes: int = 0,
) -> TenantRecord:
    """Open a factory with its clock, or find it; a clock that already runs is left alone."""
    tenant, is_new = Tenant.objects.get_or_create(code=code, defaults={"name": name, "pack": pack})
    if is_new or not Clock.objects.filter(tenant=tenant).exists():
        set_clock(tenant.id, now=now, business_on=business_on, speed=speed)
        Clock.objects.filter(tenant=tenant).update(utc_offset_minutes=utc_offset_minutes)
        write_event(tenant=code, by=by, action="tenant_opened", object_kind="tenant", object_key=code, pack=pack)
    return TenantRecord(tenant.id, tenant.code, tenant.name, tenant.pack)


def find_tenant(code: str) -> TenantRecord | None:
    """The factory of that code, if it is open."""
    return _record(Tenant.objects.filter(code=code).first())


def list_tenants() -> list[TenantRecord]:
    """The factories on this installation, the oldest first."""
    return [TenantRecord(t.id, t.code, t.name, t.pack) for t in Tenant.objects.order_by("id")]


@transaction.atomic
def save_line_moves(*, moves: Iterable[tuple[str, str, str, str]]) -> None:
    """Keep the line's table of (station, outcome, lane, next station); moves once allowed stay on record."""
    with connection.cursor() as cursor:
        stations, outcomes, lanes, nexts = zip(*moves, strict=True)
        cursor.execute(
            "INSERT INTO line_move (station, outcome, lane, next_station)"
            " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            [list(stations), list(outcomes), list(lanes), list(nexts)],
        )


def find_or_open_book(*, tenant_id: int, code: str, name: str, kind: str) -> int:
    """The id of a balance sheet, opened when it is not yet known."""
    row = run_prepared(
        "SELECT id FROM book WHERE tenant_id = %s::bigint AND code = %s", [tenant_id, code[:80]]
    ).fetchone()
    if row is None:
        row = run_prepared(
            "INSERT INTO book (tenant_id, code, name, kind) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (tenant_id, code) DO UPDATE SET name = book.name RETURNING id",
            [tenant_id, code[:80], name[:160], kind],
        ).fetchone()
    assert row is not None
    return int(row[0])


def save_channel(*, tenant: TenantRecord, code: str, **facts: object) -> None:
    """Keep a broker company or direct door."""
    Channel.objects.update_or_create(tenant_id=tenant.id, code=code, defaults=facts)


@transaction.atomic
def save_funder(*, tenant: TenantRecord, code: str, name: str, kind: str, terms: str) -> None:
    """Keep a funder and its balance sheet; ``terms`` is the funding room's facts as JSON text."""
    book_id = find_or_open_book(tenant_id=tenant.id, code=code, name=name, kind=kind)
    Funder.objects.update_or_create(
        tenant_id=tenant.id, code=code, defaults={"name": name, "kind": kind, "terms": terms, "book_id": book_id}
    )


def save_partner_key(*, tenant: TenantRecord, key: str, party: str, role: str, secret: str, at: datetime) -> None:
    """Give a partner a key to sign with; the secret is kept wrapped."""
    PartnerKey.objects.update_or_create(
        key=key,
        defaults={
            "tenant_id": tenant.id, "party": party, "role": role, "secret_wrapped": vault.wrap_secret(secret.encode()),
            "created_at": at,
        },
    )  # fmt: skip
