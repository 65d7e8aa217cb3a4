"""A pattern found around past applications: one or two conditions, how often they held, and how many turned out bad."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Literal

from creditfactory.network.indicators import INDICATORS, PLACE

Way = Literal["at_least", "at_most"]
Language = Literal["en", "zh"]
NORMAL_95 = 1.96
SIGNS: dict[Way, str] = {"at_least": ">=", "at_most": "<="}
WORDS: dict[Language, dict[Way, str]] = {
    "en": {"at_least": "at least", "at_most": "at most"},
    "zh": {"at_least": "不少于", "at_most": "不多于"},
}
UNITS: dict[Language, dict[str, str]] = {
    "en": {"count": "", "days": " days", "bps": " in 10,000", "ppm": " in a million", "hops": ""},
    "zh": {"count": "", "days": "天", "bps": "(万分之)", "ppm": "(百万分之)", "hops": "层"},
}


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """One indicator on one side of a line; an unknown value never meets it.

    >>> str(Condition("network__device__others__7d", "at_least", 2))
    'network__device__others__7d >= 2'
    """

    name: str
    way: Way
    value: int

    def __str__(self) -> str:
        return f"{self.name} {SIGNS[self.way]} {self.value}"

    def tell(self, language: Language) -> str:
        """The condition in words."""
        indicator = INDICATORS[PLACE[self.name]]
        said = indicator.zh if language == "zh" else indicator.en
        unit = UNITS[language][indicator.unit]
        line = f"{WORDS[language][self.way]} {self.value:,}{unit}"
        return f"{said} {line}" if language == "zh" else f"{said}: {line}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a pattern held among applications, and how many of those, and of all, turned out bad."""

    hits: int
    bads: int
    applications: int
    all_bads: int

    @property
    def precision(self) -> float:
        """The share of the hits that turned out bad."""
        return self.bads / self.hits if self.hits else 0.0

    @property
    def support(self) -> float:
        """The share of the applications in which the pattern held."""
        return self.hits / self.applications if self.applications else 0.0

    @property
    def base(self) -> float:
        """The share of all applications that turned out bad."""
        return self.all_bads / self.applications if self.applications else 0.0

    @property
    def lift(self) -> float:
        """How many times as often the hits turned out bad as all did.

        >>> Tally(hits=20, bads=15, applications=1000, all_bads=50).lift
        15.0
        """
        return self.precision / self.base if self.all_bads else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Within which the precision lies, 95 times of 100 (Wilson)."""
        return span_share(self.bads, self.hits)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Conditions that held together, found on the older half of the past and held up on the newer one.

    ``new_bads`` are the known bads that it hits and no rule stopped; ``chance`` is the newer half's chance of as many
    by luck alone, raised for how many were tried there; ``likes`` are other patterns that hit hardly any bad but these.
    """

    conditions: tuple[Condition, ...]
    found: Tally
    held: Tally
    new_bads: int
    chance: float
    likes: int = 0

    @property
    def code(self) -> str:
        """A name that the same conditions always have.

        >>> tally = Tally(1, 1, 1, 1)
        >>> Pattern((Condition("network__device__others__7d", "at_least", 2),), tally, tally, 1, 0.01).code
        'pattern_8467fba4'
        """
        return "pattern_" + hashlib.sha256(" and ".join(map(str, self.conditions)).encode()).hexdigest()[:8]

    @property
    def proven_bads(self) -> float:
        """The new bads at the least share that the newer half bears out: what patterns are ranked by."""
        return self.new_bads * self.held.interval[0]

    def tell(self, language: Language) -> str:
        """The pattern in words."""
        return (" · 且 " if language == "zh" else ", and ").join(one.tell(language) for one in self.conditions)


def span_share(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 per cent interval of a share; nothing known is anything from none to all.

    >>> tuple(round(end, 3) for end in span_share(9, 10)), span_share(0, 0)
    ((0.596, 0.982), (0.0, 1.0))
    """
    if whole == 0:
        return (0.0, 1.0)
    z = NORMAL_95
    share = part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    reach = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return (max(0.0, middle - reach), min(1.0, middle + reach))
