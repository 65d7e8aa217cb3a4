"""A statement's lines as columns of numbers: packed once, when it is read, for all that walks over them."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

FLOW_MAX = 10**15
"""Beyond this a flow is held as this, and the column says that it does not hold them all."""
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, eq=False)
class LineColumns:
    """The lines of one statement in the order in which they are printed.

    ``days`` count from 1 January 1970, ``minutes`` are -1 where none is printed, ``sorts`` are places among the
    words of a sort, and ``party`` places among ``parties`` (-1: unknown). Where ``is_held`` is false a flow was beyond
    what a column holds.
    """

    days: Ints
    minutes: Ints
    flows: Ints
    sorts: NDArray[np.uint8]
    party: NDArray[np.int32]
    parties: tuple[str, ...]
    is_held: bool


def pack_lines(
    on: Sequence[date],
    minute: Sequence[int],
    flow_cents: Sequence[int],
    party: Sequence[str],
    sort: Iterable[int],
) -> LineColumns:
    """The columns of a statement whose columns are all as long as ``on``; ``sort`` gives the places of the words."""
    size = len(on)
    numbers = _new_numbers()
    packed = pack_column("i", np.int32, map(numbers.__getitem__, party), size)
    try:
        flows, is_held = pack_column("q", np.int64, flow_cents, size), True
    except struct.error:
        flows, is_held = np.array([max(-FLOW_MAX, min(FLOW_MAX, flow)) for flow in flow_cents], np.int64), False
    return LineColumns(
        days=pack_column("q", np.int64, map(date.toordinal, on), size) - _EPOCH,
        minutes=pack_column("q", np.int64, minute, size),
        flows=flows,
        sorts=np.frombuffer(bytearray(sort), np.uint8),
        party=packed,
        parties=tuple(numbers)[1:],
        is_held=is_held,
    )


def number_tokens(tokens: Iterable[str], size: int) -> tuple[NDArray[np.int32], int]:
    """Tokens numbered from 0 as they first appear, -1 for an empty one; and how many there are."""
    numbers = _new_numbers()
    return pack_column("i", np.int32, map(numbers.__getitem__, tokens), size), len(numbers) - 1


def _new_numbers() -> defaultdict[str, int]:
    """A number for each token as it is asked for; an empty one has -1 from the start."""
    return defaultdict(count().__next__, {"": -1})


def pack_column(code: str, form: type[Any], values: Iterable[int], size: int) -> NDArray[Any]:
    """Whole numbers as a column of their own, several times quicker than number by number.

    Raises struct.error where there are not ``size`` of them or one is beyond what the column holds.
    """
    return np.frombuffer(bytearray(struct.pack(f"{size}{code}", *values)), form) if size else np.zeros(0, form)
