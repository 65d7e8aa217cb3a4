"""Making a database ready: tables, the line's moves, and a factory for each pack."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from creditfactory.kernel import BadInput


def set_up_django(environment: Mapping[str, str]) -> None:
    """Give this process the same settings as its children, and load Django."""
    os.environ.update(environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditfactory.service.settings")
    import django

    from creditfactory.service.logs import set_up_logging

    set_up_logging()
    django.setup()


def make_tables() -> None:
    """Bring the database to the code's shape, keep the line's table of moves, and give each factory its rulebook.

    A factory made before rulebooks were kept takes the pack on disk as its version 1; no other is touched.
    """
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from creditfactory import publishing, records, stations

    records.save_line_moves(moves=stations.draw_moves())
    for tenant in records.list_tenants():
        publishing.adopt_shipped_pack(tenant, read_officers())


def read_officers(
    fallback: tuple[str, str] = ("set-up: policy owner", "set-up: chief risk officer"),
) -> tuple[str, str]:
    """The two persons who stand for the rulebook a factory comes with: ``CREDITFACTORY_OFFICERS=name,name``."""
    named = [name.strip() for name in os.environ.get("CREDITFACTORY_OFFICERS", "").split(",") if name.strip()]
    if not named:
        return fallback
    if len(named) != 2 or named[0].casefold() == named[1].casefold():
        raise BadInput(
            place="CREDITFACTORY_OFFICERS", found=", ".join(named), expected="two different persons, such as 'guo,lin'"
        )
    return named[0], named[1]


def open_factory(  # type: ignore[no-untyped-def]
    code: str,
    name: str,
    pack: str,
    *,
    business_on: date,
    hour: int,
    utc_offset_hours: int,
    speed: float,
    officers: tuple[str, str],
):
    """Open a factory whose clock begins at an hour of its own day; one that is already open keeps its clock.

    The pack it comes with is put in force as version 1 on the word of two officers.
    """
    from creditfactory import publishing, records

    begins = datetime.combine(business_on, time(hour), tzinfo=UTC) - timedelta(hours=utc_offset_hours)
    tenant = records.open_tenant(
        code=code,
        name=name,
        pack=pack,
        now=begins,
        business_on=business_on,
        speed=speed,
        by="set-up",
        utc_offset_minutes=60 * utc_offset_hours,
    )
    publishing.adopt_shipped_pack(tenant, read_officers(officers))
    return tenant
