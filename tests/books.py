"""A factory floor with a rulebook of its own: the shipped pack without its cases as version 1, signed by two."""

from __future__ import annotations

from pathlib import Path

import pytest

from creditfactory import publishing, records
from creditfactory.gateways import rulebook as packs
from creditfactory.records import reads

TIER = "tables/tier.csv"
OVERDUE = "policy/bureau/overdue_months_24m_max.yaml"


def leave_cases_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped pack without its own examples, which take their time and are shown elsewhere."""
    plain = packs.pack_folder

    def pack(folder: str | Path) -> packs.Parcel:
        parcel = plain(folder)
        kept = {place: body for place, body in parcel.files.items() if not place.startswith("cases/")}
        return packs.build_parcel(parcel.pack, kept)

    monkeypatch.setattr(packs, "pack_folder", pack)


def adopt(code: str = "cn-micro") -> records.TenantRecord:
    """Put the shipped pack in force as version 1; guo proposed it and lin approved."""
    tenant = records.find_tenant(code)
    assert tenant is not None
    publishing.adopt_shipped_pack(tenant, officers=("guo", "lin"))
    return tenant


def text_of_file(tenant: records.TenantRecord, number: int, place: str) -> str:
    """A file's text."""
    text = reads.read_version_file(tenant.id, number, place)
    assert text is not None
    return text


def begin_draft(tenant: records.TenantRecord, *, by: str = "hu", allowed: int = 4) -> int:
    """A draft that allows fewer months overdue."""
    text = text_of_file(tenant, 1, OVERDUE).replace("2025-01-01: 5", f"2025-01-01: {allowed}")
    return publishing.edit_draft(tenant, 1, OVERDUE, text, by=by, title="Fewer months overdue")
