"""The same picture handed in twice: to the byte, or so alike that it is the same photograph made smaller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from creditfactory.kernel import Reason

LIKENESS_BITS = 256
BITS_APART_MAX = 14
"""Of 256: re-saved and smaller copies lie below, other papers far above (measured: docs/identity.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPicture:
    """A picture handed in before: whose application, what it was of, its digest and its likeness (both hex)."""

    application: str
    what: str
    digest: str
    likeness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """In how many other applications the same picture lies, and whether one is the same to the byte."""

    applications: tuple[str, ...] = ()
    is_exact: bool = False
    reasons: tuple[Reason, ...] = ()


def count_bits_apart(one: str, other: str) -> int:
    """In how many bits two likenesses differ.

    >>> count_bits_apart("0f", "0e"), count_bits_apart("ff", "00")
    (1, 8)
    """
    return (int(one, 16) ^ int(other, 16)).bit_count()


def find_duplicates(
    application: str, what: str, digest: str, likeness: str | None, seen: Iterable[SeenPicture], *, code: str
) -> Duplicates:
    """Other applications in which this picture was handed in already; the same applicant trying again is none.

    A likeness finds the same photograph again, also where a figure in it was altered; it does not find that.

    >>> old = SeenPicture(application="a-1", what="licence", digest="d1", likeness="00" * 32)
    >>> find_duplicates("a-2", "licence", "d2", "00" * 31 + "03", [old], code="IDP-SEEN").applications
    ('a-1',)
    >>> find_duplicates("a-1", "licence", "d1", "00" * 32, [old], code="IDP-SEEN").applications
    ()
    """
    found: dict[str, bool] = {}
    for other in seen:
        if other.application == application or other.what != what:
            continue
        is_exact = other.digest == digest
        if is_exact or (likeness is not None and count_bits_apart(likeness, other.likeness) <= BITS_APART_MAX):
            found[other.application] = found.get(other.application, False) or is_exact
    reasons = (Reason(code, {"applications": len(found)}),) if found else ()
    return Duplicates(applications=tuple(found), is_exact=any(found.values()), reasons=reasons)
