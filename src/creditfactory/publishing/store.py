"""The rulebooks kept by a factory, read by their digest: the same digest is always the same rules."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from creditfactory import gateways, records
from creditfactory.decision import Book, Rulebook
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import UnknownName

OFFICERS = ("set-up: policy owner", "set-up: chief risk officer")
"""Who stands for the pack that a factory comes with, unless whoever sets it up names two persons."""


class _NotKept(UnknownName):
    """Nothing is kept under a digest; apart from an unknown name within a rulebook that is kept."""


@lru_cache(maxsize=16)
def load_rulebook(digest: str) -> Rulebook:
    """A kept rulebook over all its dates, read once by each process; an unknown digest is refused."""
    stored = records.find_rulebook(digest)
    if stored is None:
        raise _NotKept(place="rulebook", found=f"{digest[:12]}…", expected="the digest of a version kept here")
    return packs.read_parcel(packs.Parcel(stored.pack, stored.digest, stored.files))


def find_rulebook(digest: str) -> Rulebook | None:
    """A kept rulebook, or None where nothing is kept under this digest; one that is kept and broken is refused."""
    try:
        return load_rulebook(digest)
    except _NotKept:
        return None


def find_book(digest: str, on: date) -> Book | None:
    """The rules of a kept version on a day, for whoever shows a past case; None where nothing is kept under it."""
    rulebook = find_rulebook(digest)
    return None if rulebook is None else rulebook.at(on)


def adopt_shipped_pack(tenant: records.TenantRecord, officers: tuple[str, str] = OFFICERS) -> bool:
    """Put the pack on disk in force as version 1 of a factory that has no rulebook of its own yet.

    It is read and type-checked whole. False if the factory has one: what lies on disk never changes a running factory.
    """
    if records.load_releases(tenant.id):
        return False
    clock = records.read_clock(tenant.id)
    gateways.load_rulebook(tenant.pack)
    parcel = packs.pack_folder(tenant.pack)
    return records.adopt_first_version(
        tenant_id=tenant.id,
        pack=parcel.pack,
        files=parcel.files,
        digest=parcel.digest,
        report=_report_shipped(parcel),
        officers=officers,
        starts_on=clock.business_on,
        at=clock.now,
    )


def find_releases(tenant: records.TenantRecord) -> tuple[records.ReleaseRecord, ...]:
    """Everything at work in a factory; one that has no rulebook of its own yet takes the pack it came with."""
    found = records.load_releases(tenant.id)
    if found:
        return found
    adopt_shipped_pack(tenant)
    return records.load_releases(tenant.id)


def _report_shipped(parcel: packs.Parcel) -> dict[str, Any]:
    """What can be said of a shipped pack without running its cases again: they were run before it was shipped."""
    return {
        "is_sound": True,
        "findings": [],
        "cases_run": 0,
        "cases_failed": 0,
        "is_shipped": True,
        "digest": parcel.digest,
    }
