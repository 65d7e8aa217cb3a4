"""What applications can have in common: the kinds of things they touch, and how much each one ties them together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that applications touch.

    ``strong`` are things two strangers should never share. A walk from neighbour to neighbour goes through ``walked``
    kinds, a share of it by ``weight``; of what is not strong, only where it is no hub.
    """

    code: str
    en: str
    zh: str
    weight: int
    is_strong: bool = False

    @property
    def is_walked(self) -> bool:
        """Whether a walk from neighbour to neighbour goes through it."""
        return self.weight > 0


KINDS: tuple[Kind, ...] = (
    Kind("person", "person", "本人", 4),
    Kind("phone", "phone number", "手机号", 4, is_strong=True),
    Kind("device", "device", "设备", 4, is_strong=True),
    Kind("ip", "network address", "IP地址", 1),
    Kind("address", "home or shop address", "住址或经营地址", 2),
    Kind("employer", "employer", "工作单位", 1),
    Kind("card", "bank card or account", "银行卡或账户", 4, is_strong=True),
    Kind("contact", "telephone number of a contact or their own", "联系人或本人号码", 2),
    Kind("agent", "agent", "中介", 0),
    Kind("company", "company or licence", "企业或证照", 4, is_strong=True),
    Kind("paper", "picture of a paper", "材料图像", 4, is_strong=True),
)
"""Every kind; its place in this list is its number in the index and must never change: add at the end."""

NUMBER: dict[str, int] = {kind.code: number for number, kind in enumerate(KINDS)}
PERSON = NUMBER["person"]

HUB = 200
"""With more applications than this in the walk's time a thing is a hub: not walked, or if strong only its newest."""

RARE = 8
"""What at most so many others touch is rare: a bookkeeper's number or a hall's address is not."""

WALK_DAYS = 730
"""Ties older than this are not walked through."""

VISITS_MAX = 400
"""The most other applications that one look around visits."""

LINKS_MAX = 5_000
"""The most ties that one look around reads on its walk."""

OWN_MAX = 200
"""The most earlier applications of the person's own that are told from others."""

COMMUNITY_MAX = 60
"""The most other applications that a community holds."""


def find_key(kind: str, token: str) -> int:
    """The number under which the index knows a thing: 63 bits of a hash over its kind and token, the same everywhere.

    >>> find_key("phone", "a1") == find_key("phone", "a1"), find_key("phone", "a1") == find_key("card", "a1")
    (True, False)
    """
    digest = hashlib.sha256(f"{kind}\x1f{token}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
