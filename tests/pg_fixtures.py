"""A database for the tests that want one: PostgreSQL of this process's own, gone when the last of them is done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import psycopg
import pytest

from tests.pg_plugin import DATA_DIR, OWN_SERVER


@pytest.fixture(scope="session")
def postgres() -> Iterator[None]:
    """The running server; in it, and nowhere else, the append-only tables may be emptied between tests."""
    if OWN_SERVER:
        yield
        return
    private = DATA_DIR / "private"
    DATA_DIR.mkdir(mode=0o755, exist_ok=True)
    private.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(private))  # a library warns where there is none
    from creditfactory.service.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(DATA_DIR)
    server.start()
    with psycopg.connect(
        host=str(server.socket_dir), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute("ALTER ROLE postgres SET creditfactory.allow_truncate = 'on'")
    yield
    server.stop()
    shutil.rmtree(DATA_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The server runs before Django makes the tests' database in it."""
