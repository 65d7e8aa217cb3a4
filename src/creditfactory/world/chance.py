"""Chance that can be repeated: every draw hangs on the seed and on what it is drawn for, never on what came before."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A stream of draws for one purpose; the same seed and purpose always give the same stream.

    >>> Chance(7, "applicant:12").between(1, 6) == Chance(7, "applicant:12").between(1, 6)
    True
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self.seed = seed
        self._random = random.Random(f"{seed}:{purpose}")

    def share(self) -> float:
        """A number from 0 up to, but not including, 1."""
        return self._random.random()

    def happens(self, share: float) -> bool:
        """True in this share of all cases."""
        return self._random.random() < share

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return self._random.randint(low, high)

    def real(self, low: float, high: float) -> float:
        """A number between two bounds."""
        return self._random.uniform(low, high)

    def normal(self, mean: float = 0.0, spread: float = 1.0) -> float:
        """A draw from the bell curve."""
        return self._random.gauss(mean, spread)

    def around(self, median: float, spread: float) -> float:
        """A positive number whose logarithm is a bell curve around the median."""
        return median * math.exp(self._random.gauss(0.0, spread))

    def count(self, mean: float) -> int:
        """How often something happens that happens ``mean`` times on average (Poisson)."""
        limit, product, found = math.exp(-min(mean, 50.0)), self._random.random(), 0
        while product > limit:
            product *= self._random.random()
            found += 1
        return found

    def one_of(self, choices: Sequence[T]) -> T:
        """Any of them, all alike."""
        return self._random.choice(choices)

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """So many different ones of them."""
        return self._random.sample(choices, count)

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One of the keys, each in proportion to its weight."""
        return self._random.choices(list(weights), list(weights.values()))[0]


def hash_number(*parts: object, below: int) -> int:
    """A number from 0 up to ``below`` that depends on the parts alone.

    >>> hash_number(7, "bank", "A-1", below=100) == hash_number(7, "bank", "A-1", below=100)
    True
    """
    digest = hashlib.sha256("\n".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def log_odds(share: float) -> float:
    """The log-odds of a probability.

    >>> log_odds(0.5)
    0.0
    """
    return math.log(share / (1 - share))


def logistic(log_odds: float) -> float:
    """The probability behind log-odds.

    >>> logistic(0.0)
    0.5
    """
    return 1 / (1 + math.exp(-log_odds)) if log_odds >= 0 else math.exp(log_odds) / (1 + math.exp(log_odds))
