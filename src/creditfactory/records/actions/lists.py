"""Names put on lists: own black list, courts, sanctions, devices; found again by blind index, never by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from creditfactory.records import vault
from creditfactory.records.actions.tenants import TenantRecord
from creditfactory.records.audit import write_event
from creditfactory.records.tables import ListEntry


@dataclass(frozen=True, slots=True)
class NewListEntry:
    """One name for a list: ``kind`` says what ``value`` is (id_number, phone, device); ``match`` exact or similar."""

    list_code: str
    kind: str
    value: str
    match: str
    since: date
    until: date | None = None


@transaction.atomic
def save_list_entries(*, tenant: TenantRecord, entries: Iterable[NewListEntry], by: str) -> int:
    """Put names on lists, each once; gives how many were new. Only their blind indexes are kept."""
    made = 0
    for entry in entries:
        index = entry.value.encode() if entry.kind == "device" else vault.blind_index(entry.kind, entry.value)
        _row, is_new = ListEntry.objects.get_or_create(
            tenant_id=tenant.id, list_code=entry.list_code, subject_kind=entry.kind, subject_index=index,
            defaults={"severity": entry.match, "since": entry.since, "until": entry.until},
        )  # fmt: skip
        made += is_new
    if made:
        write_event(
            tenant=tenant.code, by=by, action="list_entries_saved", object_kind="tenant", object_key=tenant.code,
            entries=made,
        )  # fmt: skip
    return made
