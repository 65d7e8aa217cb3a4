"""A worker process: takes jobs from the queue and does them, until it is told to stop."""

from __future__ import annotations

import os

import django


def main() -> None:
    """Run one worker; ``CREDITFACTORY_WORKER_CONCURRENCY`` jobs at a time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditfactory.service.settings")
    django.setup()
    from procrastinate.contrib.django import app

    from creditfactory import labels
    from creditfactory.service.compiling import announce_compiling
    from creditfactory.service.logs import set_up_logging

    set_up_logging()
    announce_compiling()
    labels.warm()
    _warm_network()
    concurrency = int(os.environ.get("CREDITFACTORY_WORKER_CONCURRENCY", "2"))
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(concurrency=concurrency, name=f"worker-{os.getpid()}")


def _warm_network() -> None:
    """Build the network's indexes before the first job wants one; while the database is away the first job does it."""
    from django.db import close_old_connections

    from creditfactory import records

    try:
        records.warm_network([tenant.id for tenant in records.list_tenants()])
    except records.DATABASE_AWAY:
        close_old_connections()


if __name__ == "__main__":
    main()
