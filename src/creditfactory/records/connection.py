"""When the database is away: which errors say so, and how to come back."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, connection

DATABASE_AWAY = (OperationalError, InterfaceError)
"""What is raised while the server is gone, starting, or shutting down."""


def forget_connection() -> None:
    """Drop a connection that has died, so that the next act opens a new one."""
    close_old_connections()
    connection.close()


def run_prepared(sql: str, values: Any = None) -> psycopg.Cursor[Any]:
    """Run a statement of the hot path as one the server has prepared: parsed and planned once a connection.

    It runs in whatever transaction Django has open; errors come out as Django's own.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        return cursor.execute(sql, values, prepare=True)
