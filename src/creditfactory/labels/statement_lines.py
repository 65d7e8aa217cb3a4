"""All accounts' statement lines as columns, made once for everything that walks over them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain
from typing import TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from creditfactory.application import BankStatement, FlowSort
from creditfactory.labels import kernels_statements
from creditfactory.labels.tables import SUM_MAX, Ints, number_tokens, pack_column

T = TypeVar("T")

SORTS: tuple[str, ...] = get_args(FlowSort)
_PLACE = {word: place for place, word in enumerate(SORTS)}
_EPOCH = date(1970, 1, 1).toordinal()
_HOLD_MAX = 10**15


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

    def find_lines(self, number: int, sorts: frozenset[str], after: date) -> list[int]:
        """The lines of a statement that pay out for one of these reasons after a day, by their place in it."""
        asked = np.array([word in sorts for word in SORTS], np.bool_)
        part = slice(int(self.offsets[number]), int(self.offsets[number + 1]))
        is_meant = asked[self.sorts[part]] & (self.flows[part] < 0)
        is_meant &= self.days[part] > after.toordinal() - _EPOCH
        found: list[int] = np.flatnonzero(is_meant).tolist()
        return found


def read_lines(statements: Sequence[BankStatement]) -> StatementLines:
    """The columns of statements; columns of unequal length are a fault and raise ValueError."""
    sizes = [_measure(statement) for statement in statements]
    size = sum(sizes)
    party, parties = number_tokens(_join([s.party or ("",) * len(s.on) for s in statements]), size)
    flows, is_held = _read_flows([s.flow_cents for s in statements], size)
    sorts = map(_PLACE.__getitem__, _join([s.sort or ("other",) * len(s.on) for s in statements]))
    return StatementLines(
        statements=tuple(statements),
        offsets=np.array((0, *accumulate(sizes)), np.int64),
        days=pack_column("q", np.int64, map(date.toordinal, _join([s.on for s in statements])), size) - _EPOCH,
        minutes=pack_column("q", np.int64, _join([s.minute or (-1,) * len(s.on) for s in statements]), size),
        flows=flows,
        sorts=pack_column("B", np.uint8, sorts, size),
        party=party,
        parties=parties,
        is_exact=is_held and kernels_statements.sum_sizes(flows) <= SUM_MAX,
    )


def _measure(statement: BankStatement) -> int:
    size = len(statement.on)
    for column in (statement.minute, statement.flow_cents, statement.party, statement.sort):
        if len(column) != size and (column or column is statement.flow_cents):
            raise ValueError(f"statement {statement.account!r}: columns of {size} and of {len(column)} lines")
    return size


def _read_flows(columns: list[tuple[int, ...]], size: int) -> tuple[Ints, bool]:
    """The flows as far as a column can hold them, and whether it holds them all."""
    try:
        return pack_column("q", np.int64, _join(columns), size), True
    except struct.error:
        return np.array([max(-_HOLD_MAX, min(_HOLD_MAX, flow)) for flow in _join(columns)], np.int64), False


def _join(columns: list[tuple[T, ...]]) -> Iterable[T]:
    return columns[0] if len(columns) == 1 else chain.from_iterable(columns)
