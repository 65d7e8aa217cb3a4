"""What owners wrote, by date and not yet read against a day's parameters: rules, named values, strategy trees."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Generic, Literal, TypeVar

from creditfactory.kernel import Scalar
from creditfactory.rules import Consequence, Declaration

T = TypeVar("T")
Stage = Literal["policy", "lane"]
STAGES: tuple[Stage, ...] = ("policy", "lane")
"""Policy looks at the labels; the lane is chosen after scoring, and its rules may read points and tier as well."""


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value with the days from which each version holds, oldest first; None ends it.

    >>> months = Dated(((date(2026, 1, 1), 5), (date(2026, 7, 1), 4)))
    >>> months.on(date(2025, 12, 31)), months.on(date(2026, 6, 30)), months.on(date(2026, 7, 1))
    (None, 5, 4)
    """

    versions: tuple[tuple[date, T | None], ...]
    place: str = ""

    def on(self, day: date) -> T | None:
        """The version in force on a day, or None before the first and after an end."""
        index = bisect_right([start for start, _ in self.versions], day)
        return self.versions[index - 1][1] if index else None

    @property
    def starts(self) -> tuple[date, ...]:
        """The days on which something changes."""
        return tuple(start for start, _ in self.versions)


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as its owner wrote it; see :class:`creditfactory.rules.Rule` for what its parts mean."""

    name: str
    when: str
    then: str
    missing: str
    reason: str
    why: str = ""
    description: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    place: str = ""
    stage: Stage = "policy"
    learn_bps: int = 0
    basis: str = "house"


@dataclass(frozen=True, slots=True)
class DerivedText:
    """A named value as its owner wrote it."""

    name: str
    value: str
    place: str = ""
    unit: str = ""
    description: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForkText:
    """One fork of a tree: a condition, and what follows where it holds and where it does not."""

    when: str
    then: ForkText | Scalar
    otherwise: ForkText | Scalar
    place: str = ""


@dataclass(frozen=True, slots=True)
class TreeText:
    """A strategy tree as its owner wrote it, with what holds where a fork cannot be decided: an answer or a lane."""

    name: str
    output: Declaration
    root: ForkText
    missing_answer: Scalar = None
    missing_then: Consequence = "none"
    description: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    place: str = ""

    def forks(self) -> Iterator[ForkText]:
        """Every fork, from the root down, yes before no."""
        waiting: list[ForkText | Scalar] = [self.root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ForkText):
                yield node
                waiting += [node.otherwise, node.then]


@lru_cache(maxsize=10_000)
def mentions(text: str) -> frozenset[str]:
    """Every name in an expression's text, words in quotes left out.

    >>> sorted(mentions("queries_1m > queries_1m_max and purpose != 'stock'"))
    ['and', 'purpose', 'queries_1m', 'queries_1m_max']
    """
    return frozenset(re.findall(r"[A-Za-z_]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", text)))


def mentioned_in(written: object) -> frozenset[str]:
    """Every name that a rule, a named value or a tree mentions."""
    match written:
        case RuleText(when=when):
            return mentions(when)
        case DerivedText(value=value):
            return mentions(value)
        case TreeText():
            return frozenset[str]().union(*(mentions(fork.when) for fork in written.forks()))
        case _:
            return frozenset()
