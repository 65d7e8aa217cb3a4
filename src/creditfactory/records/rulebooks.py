"""Rulebooks as the line reads them: what is in force in a factory, and the files of a version by its digest."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import date

from creditfactory.kernel import BadInput
from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import RulebookFile, RulebookVersion


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A version put to work, with two persons behind it: in which role, for what share, from and until when."""

    id: int
    version_id: int
    number: int
    pack: str
    digest: str
    role: str
    share_bps: int
    starts_on: date
    ends_on: date | None

    def is_live(self, on: date) -> bool:
        """Whether it is at work on a day."""
        return self.starts_on <= on and (self.ends_on is None or on < self.ends_on)


LOAD_RELEASES = """
SELECT r.id, r.version_id, v.number, v.pack, v.digest, r.role, r.share_bps, r.starts_on, r.ends_on
FROM rulebook_release r JOIN rulebook_version v ON v.id = r.version_id
WHERE r.tenant_id = %s::bigint AND r.approved_by <> '' AND (r.ends_on IS NULL OR r.ends_on > r.starts_on)
ORDER BY r.starts_on, r.id
"""


def load_releases(tenant_id: int) -> tuple[ReleaseRecord, ...]:
    """Everything that is, was or will be at work in a factory, in the order of its days."""
    return tuple(ReleaseRecord(*row) for row in run_prepared(LOAD_RELEASES, [tenant_id]).fetchall())


@dataclass(frozen=True, slots=True)
class StoredRulebook:
    """A version's files by their place within the pack, as they were when it was stored."""

    pack: str
    digest: str
    hashes: dict[str, str]
    files: dict[str, bytes]


def find_rulebook(digest: str) -> StoredRulebook | None:
    """The files under a digest, which names all that can change a decision; an approved version's before a draft's."""
    found = RulebookVersion.objects.filter(digest=digest).order_by("id")
    version = found.filter(status="approved").first() or found.first()
    return read_stored_rulebook(version.pk) if version else None


def find_digests(beginning: str) -> list[str]:
    """The digests kept here that begin so, at most three."""
    return sorted(set(RulebookVersion.objects.filter(digest__startswith=beginning).values_list("digest", flat=True)))[
        :3
    ]


def read_stored_rulebook(version_id: int) -> StoredRulebook:
    """The files of one version."""
    version = RulebookVersion.objects.get(id=version_id)
    hashes: dict[str, str] = dict(version.files)
    bodies = dict(RulebookFile.objects.filter(digest__in=set(hashes.values())).values_list("digest", "body"))
    files = {place: open_body(place, hashed, bodies.get(hashed)) for place, hashed in sorted(hashes.items())}
    return StoredRulebook(version.pack, version.digest, hashes, files)


def open_body(place: str, digest: str, body: bytes | None) -> bytes:
    """A file as it was stored; one that is gone or damaged raises :class:`BadInput` with its place in the rulebook."""
    try:
        whole = None if body is None else zlib.decompress(bytes(body))
    except zlib.error:
        whole = None
    if whole is None or hashlib.sha256(whole).hexdigest() != digest:
        found = "no stored file" if body is None else "a stored file that is damaged"
        raise BadInput(
            place=place,
            found=found,
            expected=f"the one of digest {digest[:12]}; bring it back from a backup of the records",
        )
    return whole
