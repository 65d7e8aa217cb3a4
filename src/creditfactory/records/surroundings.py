"""The network's index of a factory, kept in this process: built from the tables once, and brought up to date each look.

The tables are the truth. A row says which transaction wrote it; a look reads every row written by a transaction that
had not ended when the last one read, so that a row which commits late is never missed, and one read twice is one.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
from django.db import connection

from creditfactory.network import KINDS, NetworkIndex, NetworkView, OwnLoan, draw_neighbourhood, list_shared
from creditfactory.records.connection import run_prepared

READ_NEWS = """
SELECT 0, application_id, key, array_position(%(kinds)s::text[], kind::text)::bigint,
  (extract(epoch FROM seen_at) * 1000000)::bigint, written_in = pg_current_xact_id_if_assigned()
FROM edge WHERE tenant_id = %(tenant)s::bigint AND written_in >= %(from)s::text::xid8
UNION ALL
SELECT 1, application_id, (kind = 'fraud')::int::bigint, 0, (extract(epoch FROM known_at) * 1000000)::bigint,
  written_in = pg_current_xact_id_if_assigned()
FROM known_outcome WHERE tenant_id = %(tenant)s::bigint AND written_in >= %(from)s::text::xid8
UNION ALL
SELECT 2, application_id, 0, 0, 0, written_in = pg_current_xact_id_if_assigned()
FROM forgotten_application WHERE tenant_id = %(tenant)s::bigint AND written_in >= %(from)s::text::xid8
UNION ALL
SELECT 3, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0, 0, 0, NULL
"""
COPY_EDGES = """
COPY (SELECT application_id, key, COALESCE(array_position({kinds}::text[], kind::text), 0)::bigint, seen_at
  FROM edge WHERE tenant_id = {tenant}) TO STDOUT (FORMAT BINARY)
"""
COPY_OUTCOMES = """
COPY (SELECT application_id, 0::bigint, (kind = 'fraud')::int::bigint, known_at
  FROM known_outcome WHERE tenant_id = {tenant}) TO STDOUT (FORMAT BINARY)
"""
ROW = np.dtype([("n", ">i2"), ("l1", ">i4"), ("a", ">i8"), ("l2", ">i4"), ("b", ">i8"), ("l3", ">i4"), ("c", ">i8"),
                ("l4", ">i4"), ("d", ">i8")])  # fmt: skip
HEAD = 19
"""Length of the head of the server's binary form, without its extension."""
PIECE_ROWS = 500_000
FROM_2000 = 946_684_800_000_000
"""The server counts microseconds from the year 2000, the index from 1970."""


@dataclass(slots=True)
class KeptIndex:
    """One factory's index: ``read_from`` is the oldest transaction that had not ended at the last reading."""

    index: NetworkIndex = field(default_factory=NetworkIndex)
    read_from: int = -1
    turn: threading.Lock = field(default_factory=threading.Lock)


_kept: dict[tuple[str, str, int], KeptIndex] = {}
_door = threading.Lock()


@contextmanager
def open_index(tenant_id: int) -> Iterator[NetworkIndex]:
    """The factory's index with all that is committed now, for one look; threads take turns.

    What the transaction at hand has written itself is seen too; because it may yet be taken back, the index is then
    built anew the next time.
    """
    kept = _find(tenant_id)
    with kept.turn:
        if kept.read_from < 0:
            _build(kept, tenant_id)
        is_own_seen = _read_news(kept, tenant_id)
        try:
            yield kept.index
        finally:
            if is_own_seen:
                kept.index, kept.read_from = NetworkIndex(), -1


def look_around(
    *, tenant_id: int, application_id: int, at: datetime, own_loans: tuple[OwnLoan, ...] | None = None
) -> NetworkView:
    """What was known around an application at an instant, from everything committed by now."""
    with open_index(tenant_id) as index:
        return index.look_around(application_id, as_of=at, own_loans=own_loans)


@dataclass(frozen=True, slots=True)
class NeighbourRecord:
    """Another application in the picture: what it shares with the applicant, and over how many ties it is reached."""

    number: str
    reference: str
    shares: tuple[str, ...]
    ties: int


def list_neighbours(*, tenant_id: int, application_id: int, at: datetime) -> tuple[NeighbourRecord, ...]:
    """The other applications in the picture of the neighbourhood, the closest first."""
    with open_index(tenant_id) as index:
        picture = draw_neighbourhood(index, application_id, as_of=at)
    shared = list_shared(picture)
    found = run_prepared(
        "SELECT id, number, reference FROM application WHERE id = ANY(%s::bigint[])", [list(shared)]
    ).fetchall()
    named = {row[0]: (str(row[1]), str(row[2])) for row in found}
    return tuple(
        NeighbourRecord(*named[node.application], shared[node.application], node.level)
        for node in picture.applications
        if node.level and node.application in named
    )


def warm_network(tenant_ids: list[int]) -> None:
    """Build the indexes and have the compiled parts ready before the first application asks for them."""
    NetworkIndex.warm()
    for tenant_id in tenant_ids:
        with open_index(tenant_id):
            pass


def _find(tenant_id: int) -> KeptIndex:
    where = connection.settings_dict
    with _door:
        return _kept.setdefault((str(where.get("HOST")), str(where.get("NAME")), tenant_id), KeptIndex())


def _build(kept: KeptIndex, tenant_id: int) -> None:
    """Read the tables whole, in pieces, having first noted from which transaction on to read again."""
    kept.index = NetworkIndex()
    for table in ("edge", "known_outcome", "forgotten_application"):
        _settle(table, tenant_id)
    row = run_prepared("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone()
    assert row is not None, "a snapshot has its oldest transaction"
    for piece in _copy(COPY_EDGES, tenant_id):
        known = piece[piece["c"] > 0]
        kept.index.add_columns(
            known["a"].astype(np.int64), known["b"].astype(np.int64), (known["c"] - 1).astype(np.int32),
            known["d"].astype(np.int64) + FROM_2000,
        )  # fmt: skip
    for piece in _copy(COPY_OUTCOMES, tenant_id):
        kept.index.turn_columns(
            piece["a"].astype(np.int64), piece["d"].astype(np.int64) + FROM_2000, piece["c"].astype(np.int32)
        )  # fmt: skip
    kept.read_from = int(row[0])


def _settle(table: str, tenant_id: int) -> None:
    """Rows that came from another server's backup bear transactions not yet reached here: they are old ones."""
    ahead = (
        "tenant_id = %s AND written_in >= pg_snapshot_xmax(pg_current_snapshot())"
        " AND written_in IS DISTINCT FROM pg_current_xact_id_if_assigned()"
    )
    if run_prepared(f"SELECT 1 FROM {table} WHERE {ahead} LIMIT 1", [tenant_id]).fetchone() is not None:  # noqa: S608
        run_prepared(f"UPDATE {table} SET written_in = '3' WHERE {ahead}", [tenant_id])  # noqa: S608


def _copy(sql: str, tenant_id: int) -> Iterator[Any]:
    """Rows of four whole numbers in the server's binary form, in pieces."""
    connection.ensure_connection()
    kinds = "ARRAY[" + ", ".join(f"'{kind.code}'" for kind in KINDS) + "]"
    asked = sql.format(kinds=kinds, tenant=int(tenant_id)).encode()
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection) as cursor,
        cursor.copy(asked) as copy,
    ):
        held = bytearray()
        is_begun = False
        for block in copy:
            held += block
            if not is_begun and len(held) >= HEAD:
                (more,) = struct.unpack(">i", held[HEAD - 4 : HEAD])
                del held[: HEAD + more]
                is_begun = True
            if len(held) >= PIECE_ROWS * ROW.itemsize:
                yield _take_rows(held)
        yield _take_rows(held)


def _take_rows(held: bytearray) -> Any:
    """The whole rows of what is held, taken off it."""
    whole = len(held) // ROW.itemsize * ROW.itemsize
    rows = np.frombuffer(bytes(held[:whole]), dtype=ROW)
    del held[:whole]
    return rows


def _read_news(kept: KeptIndex, tenant_id: int) -> bool:
    """Take in what was written since the last reading; True if the transaction at hand wrote some of it itself."""
    told = {"tenant": tenant_id, "from": str(kept.read_from), "kinds": [kind.code for kind in KINDS]}
    rows = run_prepared(READ_NEWS, told).fetchall()
    edges = [row for row in rows if row[0] == 0 and row[3] is not None]
    if edges:
        told_edges = np.array([row[1:5] for row in edges], dtype=np.int64)
        kept.index.add_columns(
            np.ascontiguousarray(told_edges[:, 0]), np.ascontiguousarray(told_edges[:, 1]),
            (told_edges[:, 2] - 1).astype(np.int32), np.ascontiguousarray(told_edges[:, 3]),
        )  # fmt: skip
    outcomes = [row for row in rows if row[0] == 1]
    if outcomes:
        told_outcomes = np.array([row[1:5] for row in outcomes], dtype=np.int64)
        kept.index.turn_columns(
            np.ascontiguousarray(told_outcomes[:, 0]), np.ascontiguousarray(told_outcomes[:, 3]),
            told_outcomes[:, 1].astype(np.int32),
        )  # fmt: skip
    gone = [row[1] for row in rows if row[0] == 2]
    if gone:
        kept.index.forget(gone)
    kept.read_from = next(row[1] for row in rows if row[0] == 3)
    return any(row[5] for row in rows)
