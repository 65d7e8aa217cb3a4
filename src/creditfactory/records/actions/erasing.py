"""Erasing a person: the key is destroyed, the indexes go, and the network forgets what the person touched."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from creditfactory.records.actions.edges import forget_edges
from creditfactory.records.audit import write_event
from creditfactory.records.tables import Person


@transaction.atomic
def erase_person(*, tenant: str, token: str, why: str, by: str, at: datetime) -> bool:
    """Erase a person for good; False if there is none of that token, or it was erased before.

    What the law keeps (dossiers, decisions, loans) stays under the token, and says nothing of who that was.
    """
    erased = Person.objects.filter(token=token, tenant__code=tenant, erased_at__isnull=True).update(
        key_wrapped=None, sealed=None, id_number_index=None, phone_index=None, erased_at=at
    )
    if not erased:
        return False
    applications = forget_edges(person_token=token, at=at)
    write_event(
        tenant=tenant, by=by, action="person_erased", object_kind="person", object_key=token, at=at, why=why[:200],
        applications=applications,
    )  # fmt: skip
    return True
