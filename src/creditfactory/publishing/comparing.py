"""What differs between two versions of a factory's rulebook: in words, and file by file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from creditfactory import decision, records
from creditfactory.decision import Note, Rulebook, RulebookChange
from creditfactory.gateways import rulebook as packs
from creditfactory.publishing.steps import find_version


def load_version(tenant: records.TenantRecord, number: int) -> Rulebook:
    """The rulebook of a version, a draft's as well; one that cannot be read is refused by its first fault."""
    return _open(_read(tenant, number))[0]


def compare_versions(tenant: records.TenantRecord, older: int, newer: int) -> tuple[RulebookChange, ...]:
    """Every difference between two versions in words, by the day from which it holds."""
    before, _ = _open(_read(tenant, older))
    after, notes = _open(_read(tenant, newer))
    return decision.compare_rulebooks(before, after, notes)


def compare_files(tenant: records.TenantRecord, older: int, newer: int) -> dict[str, str]:
    """What changed between two versions file by file, as unified differences by place, the order of the places."""
    before, after = _read(tenant, older), _read(tenant, newer)
    changed = {}
    for place in sorted(before.files.keys() | after.files.keys()):
        if before.hashes.get(place) != after.hashes.get(place):
            old, new = (_lines(stored.files.get(place)) for stored in (before, after))
            changed[place] = "\n".join(difflib.unified_diff(old, new, f"v{older}", f"v{newer}", lineterm="", n=2))
    return changed


def open_digest(digest: str) -> tuple[Rulebook, Mapping[str, Note]] | None:
    """A kept rulebook with its notes by its whole digest or the beginning of it; None where none is kept."""
    stored = records.find_rulebook(digest)
    return None if stored is None else _open(stored)


def open_version(tenant: records.TenantRecord, number: int) -> tuple[Rulebook, Mapping[str, Note]]:
    """A version's rulebook with what its files say beside what they decide."""
    return _open(_read(tenant, number))


def _open(stored: records.StoredRulebook) -> tuple[Rulebook, Mapping[str, Note]]:
    rulebook = packs.read_parcel(packs.Parcel(stored.pack, stored.digest, stored.files))
    with packs.unpacked(stored.pack, stored.files) as folder:
        return rulebook, packs.read_notes(folder)


def _read(tenant: records.TenantRecord, number: int) -> records.StoredRulebook:
    return records.read_stored_rulebook(find_version(tenant, number).row.id)


def _lines(body: bytes | None) -> list[str]:
    return [] if body is None else body.decode("utf-8-sig", "replace").splitlines()
