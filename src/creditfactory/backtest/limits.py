"""Limits that a strategy must keep to: `bad_rate<=0.04, visits_per_day<=40`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from creditfactory.kernel import BadInput

NAMES: Mapping[str, str] = {
    "bad_rate": "share of the loans made that go bad",
    "bad_rate_machine": "the same of those that nobody looks at (lane A)",
    "calls_per_day": "applicants called a day",
    "visits_per_day": "businesses visited a day",
    "loans_per_day": "loans made a day",
    "amount_per_day": "cents lent a day: a funder's quota",
    "amount": "cents lent in all",
}
"""What can be limited."""
_ONE = re.compile(r"\s*([a-z_]+)\s*<=\s*([0-9][0-9_]*(?:\.[0-9]+)?)\s*")


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One limit: a name of :data:`NAMES` and the most that it may be."""

    name: str
    most: float


def read_ceilings(text: str, *, place: str = "--optimise") -> tuple[Ceiling, ...]:
    """Read limits, each once.

    >>> read_ceilings("bad_rate<=0.04, visits_per_day<=40")
    (Ceiling(name='bad_rate', most=0.04), Ceiling(name='visits_per_day', most=40.0))
    """
    found: dict[str, Ceiling] = {}
    for part in text.split(","):
        match = _ONE.fullmatch(part)
        if match is None or match[1] not in NAMES or match[1] in found:
            raise BadInput(place=place, found=repr(part.strip()[:60]), expected=f"NAME<=NUMBER, of {', '.join(NAMES)}")
        most = float(match[2])
        if not math.isfinite(most) or (match[1].startswith("bad_rate") and most > 1):
            raise BadInput(place=place, found=repr(part.strip()), expected="a share up to 1, such as bad_rate<=0.04")
        found[match[1]] = Ceiling(match[1], most)
    return tuple(found.values())
