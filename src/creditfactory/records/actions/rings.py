"""A ring confirmed: its members are called back before paying, told to early warning after, and known as frauds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from creditfactory.records.actions.edges import add_outcome
from creditfactory.records.actions.moves import IN_PLAY, wake
from creditfactory.records.actions.questions import receive_call_back
from creditfactory.records.audit import write_event
from creditfactory.records.connection import run_prepared

NAMED = "ring_named"
"""The call-back by which a case, or a loan, hears that somebody has found it to belong to a ring."""
TRACED = "ring_trace"
"""The piece of work that stays open when the card has ended a case: who else belongs to it?"""
MAY_WAIT_ON = "contract_signed"
"""What a case waits for that looks around again once it is woken."""

LOCK_ALL = """
SELECT a.id, a.number, a.status, a.waits_for, a.money_at IS NOT NULL OR EXISTS (
  SELECT 1 FROM question q WHERE q.application_id = a.id AND q.kind = 'disburse')
FROM application a WHERE a.tenant_id = %s::bigint AND a.number = ANY(%s::text[]) ORDER BY a.id FOR UPDATE OF a
"""


@dataclass(frozen=True, slots=True)
class NamedRing:
    """What came of naming a ring, by case numbers: called back before paying, lent to already, known from earlier."""

    called_back: tuple[str, ...]
    lent_to: tuple[str, ...]
    earlier: tuple[str, ...]


@transaction.atomic
def name_ring(
    *, tenant_id: int, tenant: str, case: str, members: Sequence[str], around: Sequence[str], by: str, at: datetime
) -> NamedRing:
    """Have every named member of a ring found in a case hear of it, once however often it is said.

    Who has no money yet is called back: a second person looks before it goes on, and only that person's word makes it
    a known fraud. Who has been paid, or ended earlier, is known to the network as a fraud from this instant. Of the
    others ``around``, those who wait just before the money look around anew. All rows are locked in one order, so that
    two rings confirmed at once never wait for each other.
    """
    others = [number for number in dict.fromkeys((*members, *around)) if number != case]
    rows = run_prepared(LOCK_ALL, [tenant_id, [case, *others]]).fetchall()
    called_back: list[str] = []
    lent_to: list[str] = []
    earlier: list[str] = []
    body = json.dumps({"case": case, "by": by}, ensure_ascii=False)
    for application_id, number, status, waits_for, is_paid in rows:
        if number == case:
            continue
        if number not in members:
            if status == "waiting" and waits_for == MAY_WAIT_ON:
                wake(application_id=application_id)
            continue
        is_alive = status in IN_PLAY
        (lent_to if is_paid else called_back if is_alive else earlier).append(number)
        if is_paid or not is_alive:
            add_outcome(tenant_id=tenant_id, application_id=application_id, kind="fraud", known_at=at)
        if is_alive:
            receive_call_back(
                application_id=application_id, source="factory", kind=NAMED, key=f"{number}:ring:{case}",
                body=body, at=at,
            )  # fmt: skip
    write_event(
        tenant=tenant, by=by, action="ring_named", object_kind="application", object_key=case, at=at,
        called_back=called_back, lent_to=lent_to, earlier=earlier,
    )  # fmt: skip
    return NamedRing(tuple(called_back), tuple(lent_to), tuple(earlier))
