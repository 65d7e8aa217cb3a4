"""All accounts' statement lines as columns, made once for everything that walks over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from creditfactory.application import FLOW_SORTS, BankStatement, LineColumns, number_tokens
from creditfactory.labels import kernels_statements
from creditfactory.labels.tables import SUM_MAX, Ints

T = TypeVar("T", bound=np.generic)

SORTS = FLOW_SORTS
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatementLines:
    """The lines of some statements, one account after the other, in the order in which they are printed.

    Statement ``i`` has the lines ``offsets[i]`` up to ``offsets[i + 1]``; ``minutes`` are -1 where none is printed,
    ``party`` numbers the other sides (-1: unknown) and ``sorts`` holds places among :data:`SORTS`. Where ``is_exact``
    is false an amount is beyond what columns are trusted with, and is not to be summed.
    """

    statements: tuple[BankStatement, ...]
    offsets: Ints
    days: Ints
    minutes: Ints
    flows: Ints
    sorts: NDArray[np.uint8]
    party: NDArray[np.int32]
    parties: int
    is_exact: bool

    def find_lines(self, number: int, least_cents: Mapping[str, int], after: date) -> list[int]:
        """The lines of a statement after a day that pay out at least so much for one of these reasons, by place."""
        least = _list_least(tuple(least_cents.items()))
        part = slice(int(self.offsets[number]), int(self.offsets[number + 1]))
        is_meant = -self.flows[part] >= least[self.sorts[part]]
        is_meant &= self.days[part] > after.toordinal() - _EPOCH
        found: list[int] = np.flatnonzero(is_meant).tolist()
        return found


@lru_cache(maxsize=16)
def _list_least(least_cents: tuple[tuple[str, int], ...]) -> Ints:
    """The least amount of each sort; one that is not asked for never has it."""
    asked = dict(least_cents)
    return np.array([asked.get(word, np.iinfo(np.int64).max) for word in SORTS], np.int64)


def read_lines(statements: Sequence[BankStatement]) -> StatementLines:
    """The columns of statements; columns of unequal length are a fault and raise ValueError."""
    held = [statement.columns for statement in statements]
    flows = _join([one.flows for one in held])
    party, parties = _number_parties(held)
    return StatementLines(
        statements=tuple(statements),
        offsets=np.array((0, *accumulate(len(one.days) for one in held)), np.int64),
        days=_join([one.days for one in held]),
        minutes=_join([one.minutes for one in held]),
        flows=flows,
        sorts=_join([one.sorts for one in held]),
        party=party,
        parties=parties,
        is_exact=all(one.is_held for one in held) and kernels_statements.sum_sizes(flows) <= SUM_MAX,
    )


def _number_parties(held: Sequence[LineColumns]) -> tuple[NDArray[np.int32], int]:
    """The other sides of all accounts numbered together: who deals with two of them is one."""
    if len(held) == 1:
        return held[0].party, len(held[0].parties)
    tokens = [token for one in held for token in (*one.parties, "")]  # a place of -1 is the empty one at the end
    numbers, known = number_tokens(tokens, len(tokens))
    ends = accumulate(len(one.parties) + 1 for one in held)
    parts = [numbers[end - len(one.parties) - 1 : end][one.party] for one, end in zip(held, ends, strict=True)]
    return np.concatenate(parts), known


def _join(columns: list[NDArray[T]]) -> NDArray[T]:
    return columns[0] if len(columns) == 1 else np.concatenate(columns)
