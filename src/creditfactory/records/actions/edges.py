"""The network's truth: what an application touches, how it turned out, and forgetting both when a person is erased."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from creditfactory.network import find_key
from creditfactory.records.connection import run_prepared
from creditfactory.records.vault import blind_index

ADD_EDGES = """
INSERT INTO edge (tenant_id, application_id, seen_at, kind, entity, key)
SELECT %s::bigint, %s::bigint, %s::timestamptz, t.kind, t.entity, t.key
FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS t(kind, entity, key)
WHERE NOT EXISTS (SELECT 1 FROM forgotten_application f WHERE f.application_id = %s::bigint)
ON CONFLICT (application_id, key) DO NOTHING
"""
ADD_OUTCOME = """
INSERT INTO known_outcome (tenant_id, application_id, kind, known_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (application_id, kind) DO NOTHING
"""
NAMED = ("company",)
LIMIT = 64
"""The most things one application may touch: more than this is no application but an attack on the network."""


def add_edges(*, tenant_id: int, application_id: int, edges: Iterable[tuple[str, str]], at: datetime) -> None:
    """Say what an application touches, as pairs of kind and token; what was said before stays as it was.

    A firm's name is made blind here; all other tokens are blind already.
    """
    blind = ((kind, blind_index(kind, token).hex() if kind in NAMED else token[:80]) for kind, token in edges)
    told = list(dict.fromkeys(blind))[:LIMIT]
    if not told:
        return
    kinds, tokens = [kind for kind, _ in told], [token for _, token in told]
    keys = [find_key(kind, token) for kind, token in told]
    run_prepared(ADD_EDGES, [tenant_id, application_id, at, kinds, tokens, keys, application_id])


def add_outcome(*, tenant_id: int, application_id: int, kind: str, known_at: datetime) -> None:
    """Say that an application turned out bad, at the instant at which it became known; said twice it is one."""
    run_prepared(ADD_OUTCOME, [tenant_id, application_id, kind, known_at])


@transaction.atomic
def forget_edges(*, person_token: str, at: datetime) -> int:
    """Take all that a person's applications touch out of the network; returns how many applications that were."""
    found = run_prepared(
        "INSERT INTO forgotten_application (tenant_id, application_id, forgotten_at)"
        " SELECT tenant_id, id, %s FROM application WHERE person_token = %s"
        " ON CONFLICT (application_id) DO NOTHING RETURNING application_id",
        [at, person_token],
    ).fetchall()
    ids = [row[0] for row in found]
    run_prepared("DELETE FROM edge WHERE application_id = ANY(%s::bigint[])", [ids])
    run_prepared("DELETE FROM known_outcome WHERE application_id = ANY(%s::bigint[])", [ids])
    return len(ids)
