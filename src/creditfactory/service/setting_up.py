"""Making a database ready: tables, the line's moves, and a factory for each pack."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta


def set_up_django(environment: Mapping[str, str]) -> None:
    """Give this process the same settings as its children, and load Django."""
    os.environ.update(environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditfactory.service.settings")
    import django

    from creditfactory.service.logs import set_up_logging

    set_up_logging()
    django.setup()


def make_tables() -> None:
    """Bring the database to the code's shape, and keep the line's table of moves."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from creditfactory import records, stations

    records.save_line_moves(moves=stations.draw_moves())


def open_factory(code: str, name: str, pack: str, *, business_on: date, hour: int, utc_offset_hours: int, speed: float):  # type: ignore[no-untyped-def]
    """Open a factory whose clock begins at an hour of its own day; one that is already open keeps its clock."""
    from creditfactory import records

    begins = datetime.combine(business_on, time(hour), tzinfo=UTC) - timedelta(hours=utc_offset_hours)
    return records.open_tenant(
        code=code,
        name=name,
        pack=pack,
        now=begins,
        business_on=business_on,
        speed=speed,
        by="set-up",
        utc_offset_minutes=60 * utc_offset_hours,
    )
