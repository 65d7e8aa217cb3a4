"""Which factories there are, what day it is in each, and in which money it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from creditfactory.records.clock import read_clock
from creditfactory.records.tables import Channel, Funder, Tenant

CURRENCY_OF_PACK = {"us-sba": "USD"}


@dataclass(frozen=True, slots=True)
class Factory:
    """One factory as its pages know it; ``now`` and ``business_on`` are its own clock's."""

    id: int
    code: str
    name: str
    pack: str
    currency: str
    now: datetime
    business_on: date
    speed: float
    utc_offset_minutes: int


def list_factories(codes: frozenset[str] | None = None) -> tuple[Factory, ...]:
    """The factories with a clock, all or those named, the simulated market's first."""
    tenants = Tenant.objects.filter(clock__isnull=False).select_related("clock").order_by("pk")
    if codes is not None:
        tenants = tenants.filter(code__in=codes)
    return tuple(_factory(tenant) for tenant in tenants)


def read_partner_names(tenant_id: int) -> dict[str, str]:
    """What a factory's channels and funders are called, by their codes."""
    channels = Channel.objects.filter(tenant_id=tenant_id).values_list("code", "name")
    return {**dict(channels), **dict(Funder.objects.filter(tenant_id=tenant_id).values_list("code", "name"))}


def _factory(tenant: Tenant) -> Factory:
    clock = read_clock(tenant.pk)
    return Factory(
        id=tenant.pk,
        code=tenant.code,
        name=tenant.name,
        pack=tenant.pack,
        currency=CURRENCY_OF_PACK.get(tenant.pack, "CNY"),
        now=clock.now,
        business_on=clock.business_on,
        speed=clock.speed,
        utc_offset_minutes=tenant.clock.utc_offset_minutes,
    )
