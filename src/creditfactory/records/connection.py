"""When the database is away: which errors say so, and how to come back."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, close_old_connections, connection

DATABASE_AWAY = (OperationalError, InterfaceError)
"""What is raised while the server is gone, starting, or shutting down."""


def forget_connection() -> None:
    """Drop a connection that has died, so that the next act opens a new one."""
    close_old_connections()
    connection.close()
