"""Which version governs: the champion of a day, or for a stable share of applicants the challenger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from creditfactory.kernel import BPS_WHOLE, Refused

if TYPE_CHECKING:
    from creditfactory.records import ReleaseRecord


def choose_champion(releases: Sequence[ReleaseRecord], on: date) -> ReleaseRecord:
    """The champion of a day: the last that starts on or before it; before the first of all, the first."""
    champions = [release for release in releases if release.role == "champion"]
    if not champions:
        raise Refused("This factory has no rulebook in force; publish one and let a second person approve it.")
    begun = [release for release in champions if release.starts_on <= on]
    if not begun:
        return min(champions, key=lambda release: (release.starts_on, release.id))
    return max(begun, key=lambda release: (release.starts_on, release.id))


def choose_release(releases: Sequence[ReleaseRecord], on: date, token: str) -> ReleaseRecord:
    """The release that governs an application of that day by that person, the same however often it is asked."""
    for release in releases:
        if release.role == "challenger" and release.is_live(on) and draw_share(release.id, token) < release.share_bps:
            return release
    return choose_champion(releases, on)


def list_shadows(releases: Sequence[ReleaseRecord], on: date) -> tuple[ReleaseRecord, ...]:
    """The versions that decide beside the one in force on a day."""
    return tuple(release for release in releases if release.role == "shadow" and release.is_live(on))


def draw_share(release_id: int, token: str) -> int:
    """Where a person falls among 10,000 equal parts, drawn anew for each release and never again after.

    >>> draw_share(7, "person-1") == draw_share(7, "person-1"), draw_share(7, "person-1") == draw_share(8, "person-1")
    (True, False)
    """
    return int(hashlib.sha256(f"{release_id}|{token}".encode()).hexdigest(), 16) % BPS_WHOLE
