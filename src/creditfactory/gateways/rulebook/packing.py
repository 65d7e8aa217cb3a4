"""A rulebook as one parcel of files: taken from its folder, kept elsewhere, and read again exactly as it was."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from creditfactory.decision import Rulebook
from creditfactory.gateways.rulebook.checking import Checked, check_rulebook
from creditfactory.gateways.rulebook.files import (
    FILE_BYTES_MAX,
    SHARED_REASONS,
    digest_of,
    find_folder,
    list_files,
    read_yaml,
)
from creditfactory.gateways.rulebook.loading import default_folder, load_rulebook
from creditfactory.kernel import BadInput, Misconfigured, Refused

FILES_MAX, PARCEL_BYTES_MAX = 3_000, 60_000_000
SHARED_PLACE = f"../{SHARED_REASONS}"
PACK_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
PLACES = re.compile(
    r"(?:line\.yaml|live\.toml|products\.yaml|reasons\.yaml|labels\.yaml|pack\.yaml"
    r"|(?:policy|cases)/(?:[a-z0-9_-]+/)*[a-z0-9_-]+\.yaml"
    r"|(?:tables|strategies)/(?:[a-z0-9_-]+/)*[a-z0-9_-]+\.(?:yaml|csv)"
    r"|cards/[a-z0-9_-]+/[a-z0-9_.-]+/(?:card|features|findings|golden|manifest|scores)\.json"
    r"|cards/[a-z0-9_-]+/[a-z0-9_.-]+/(?:counts|fine|learnt|months|reference)\.json\.gz"
    r"|cards/[a-z0-9_-]+/[a-z0-9_.-]+/model_card\.md)"
)
"""Where a person may write within a pack, and in which kinds of files."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """All files of a pack by their place, the reasons shared by all packs among them; ``digest`` names what decides."""

    pack: str
    digest: str
    files: Mapping[str, bytes]


def pack_folder(pack_or_folder: str | Path) -> Parcel:
    """The parcel of a pack on disk, given by its folder or its name; what is no pack, or too much, is refused."""
    folder = find_folder(pack_or_folder, default_folder())
    found = list_files(folder)
    if "pack.yaml" not in found:
        raise BadInput(place=str(pack_or_folder), found="no pack.yaml", expected="the folder of a rulebook")
    if len(found) > FILES_MAX:
        raise BadInput(place=str(pack_or_folder), found=f"{len(found)} files", expected=f"at most {FILES_MAX}")
    about = read_yaml(found["pack.yaml"], "pack.yaml")
    if about.get("extends"):
        raise Refused(
            f"{pack_or_folder} extends {about['extends']!r}; a rulebook is published whole. Write its files out"
            " together in one folder, and leave `extends` out."
        )
    files = {place: path.read_bytes() for place, path in found.items()}
    return build_parcel(str(about.get("name")), files)


def build_parcel(pack: str, files: Mapping[str, bytes]) -> Parcel:
    """A parcel of these files, with the digest of what decides among them."""
    if not PACK_NAME.fullmatch(pack):
        raise BadInput(place="pack", found=repr(pack[:60]), expected="small letters, digits and -, such as 'cn-micro'")
    large = next((place for place, body in sorted(files.items()) if len(body) > FILE_BYTES_MAX), None)
    if large is not None:
        raise BadInput(place=large, found=f"{len(files[large])} bytes", expected=f"at most {FILE_BYTES_MAX}")
    whole = sum(len(body) for body in files.values())
    if whole > PARCEL_BYTES_MAX:
        raise BadInput(place=pack, found=f"{whole} bytes", expected=f"at most {PARCEL_BYTES_MAX} in all files together")
    hashes = {place: hashlib.sha256(body).hexdigest() for place, body in files.items()}
    return Parcel(pack, digest_of(hashes), dict(sorted(files.items())))


@contextmanager
def unpacked(pack: str, files: Mapping[str, bytes]) -> Iterator[Path]:
    """The parcel's files in a folder of their own, as they lay before, while it is read."""
    with tempfile.TemporaryDirectory(prefix="rulebook-") as name:
        folder = Path(name) / "packs" / pack
        for place, body in files.items():
            path = Path(name) / "packs" / SHARED_REASONS if place == SHARED_PLACE else folder / place
            if not path.resolve().is_relative_to((Path(name) / "packs").resolve()):
                raise Refused(f"{place!r} lies outside the pack.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder


def read_parcel(parcel: Parcel) -> Rulebook:
    """The rulebook in a parcel, read and type-checked whole; refused unless it is exactly the one that was kept."""
    with unpacked(parcel.pack, parcel.files) as folder:
        rulebook = load_rulebook(folder, locked=False)
    if rulebook.digest != parcel.digest:
        raise Misconfigured(
            f"The files kept for rulebook {parcel.digest[:12]}… read as {rulebook.digest[:12]}…: they are not those"
            " that were signed. Restore them from a backup."
        )
    return rulebook


def check_parcel(parcel: Parcel, *, mutation: bool = False) -> Checked:
    """Everything wrong with the rulebook in a parcel, what its own cases say and, if asked, how much they notice."""
    with unpacked(parcel.pack, parcel.files) as folder:
        return check_rulebook(folder, mutation=mutation)


def check_place(place: str) -> None:
    """Refuse a place where nobody may write: outside the pack, or a kind of file that a rulebook does not have.

    >>> check_place("tables/tier.csv")
    >>> check_place("../reasons.yaml")
    Traceback (most recent call last):
    creditfactory.kernel.errors.BadInput: ../reasons.yaml: found a place outside the pack's own files, ...
    """
    if ".." in place or not PLACES.fullmatch(place):
        raise BadInput(
            place=place[:80] or "place",
            found="a place outside the pack's own files",
            expected="such as policy/bureau/overdue_now.yaml, tables/tier.csv, strategies/…, cases/… or line.yaml",
        )
