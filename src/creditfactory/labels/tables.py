"""The events of one source as columns: what happened when, how much, with whom, settled by what was known."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, chain, repeat
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from creditfactory.application import number_tokens, pack_column
from creditfactory.labels.label import Source

DAY = 1_440
"""Minutes in a day."""
SUM_MAX = 9 * 10**14
"""Beyond this sum (in cents, nine trillion yuan) a source is at fault: what is made from it is unknown."""
_EPOCH = date(1970, 1, 1).toordinal()

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the events of one source look like.

    ``columns`` are the columns of words by which events can be told apart, each with all its words (at most 255).
    ``ends`` says where windows end: at the instant looked from (``as_of``), or where the record ends if that is
    earlier (``record``): a statement printed last week says nothing of this week. ``absent`` is the code of
    :data:`~creditfactory.labels.WHY_MISSING` where the source gave nothing at all. ``read`` tells the events
    of one dossier from what is known of it, None where nothing is.
    """

    code: str
    source: Source
    absent: str
    columns: Mapping[str, tuple[str, ...]]
    read: Callable[[Any], Draft | Table | None]
    ends: Literal["as_of", "record"] = "record"
    unit: str = "cents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """The settled events of sources one after the other, each oldest first.

    Source ``i`` has the events ``offsets[i]`` up to ``offsets[i + 1]``. ``happened`` is in minutes since 1970 on
    the applicant's own clock; an event without a minute counts as the first of its day. ``party`` numbers the other
    sides from 0 for each source, -1 where unknown. ``words`` holds one row for each column of the shape: the place
    of the event's word. The record knows everything from ``reaches_from`` on and up to ``reaches_to`` (not included);
    where there is no record both are 0.
    """

    offsets: Ints
    happened: Ints
    amounts: Ints
    party: NDArray[np.int32]
    words: NDArray[np.uint8]
    reaches_from: Ints
    reaches_to: Ints
    parties: Ints = field(default_factory=lambda: np.zeros(1, np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Events):
    """The events of one kind of source, for one applicant or for many one after the other."""

    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The events of one source as its paper tells them, to be packed into columns with those of others.

    ``amounts`` are 0 and ``parties`` unknown where left out; ``words`` are told column by column, in words or by the
    words' places. ``reaches_from`` is the first day the record knows all of and ``reaches_to`` the last, as numbers.
    """

    shape: Shape
    days: Sequence[date]
    amounts: Sequence[int] = ()
    parties: Sequence[str] = ()
    words: Sequence[Sequence[str] | bytes]
    reaches_from: int
    reaches_to: int


def pack_drafts(drafts: Sequence[Draft]) -> Events:
    """The events of drafts as columns, those of all made together, which costs a third of making each by itself."""
    sizes = [len(draft.days) for draft in drafts]
    size, columns = sum(sizes), max(len(draft.shape.columns) for draft in drafts)
    words: list[list[bytes]] = [[] for _ in range(columns)]
    party = np.full(size, -1, np.int32)
    parties = np.zeros(len(drafts), np.int64)
    amounts: list[Iterable[int]] = []
    ends = tuple(accumulate(sizes, initial=0))
    for number, (draft, held) in enumerate(zip(drafts, sizes, strict=True)):
        allowed = tuple(draft.shape.columns.values())
        for row, each, said in zip(words, allowed, draft.words, strict=False):
            row.append(said if isinstance(said, bytes) else place_words(each, said))
        for row in words[len(allowed) :]:
            row.append(bytes(held))
        if draft.parties:
            party[ends[number] : ends[number + 1]], parties[number] = number_tokens(draft.parties, held)
        amounts.append(draft.amounts or repeat(0, held))
    return _settle(
        Events(
            offsets=np.array(ends, np.int64),
            happened=number_days(tuple(chain.from_iterable([draft.days for draft in drafts]))) * DAY,
            amounts=_read_amounts(tuple(chain.from_iterable(amounts)), size),
            party=party,
            words=np.frombuffer(bytearray(b"".join(chain.from_iterable(words))), np.uint8).reshape(columns, size),
            reaches_from=np.array([draft.reaches_from * DAY for draft in drafts], np.int64),
            reaches_to=np.array([(draft.reaches_to + 1) * DAY for draft in drafts], np.int64),
            parties=parties,
        ),
        sizes,
    )


def _settle(events: Events, sizes: Sequence[int]) -> Events:
    """Each source's events oldest first; those of one minute stay as they stood."""
    source = np.repeat(np.arange(len(sizes)) << 40, sizes) + events.happened
    if not (source[1:] < source[:-1]).any():
        return events
    order = np.argsort(source, kind="stable")
    return replace(
        events, happened=events.happened[order], amounts=events.amounts[order], party=events.party[order],
        words=events.words[:, order],
    )  # fmt: skip


def join_events(held: Sequence[Events], columns: int) -> Events:
    """Events one after the other, with so many columns of words; those that a source does not have hold its first."""
    if len(held) == 1 and len(held[0].words) == columns:
        return held[0]
    ends = np.cumsum([0, *(len(one.happened) for one in held)]).tolist()
    words = np.zeros((columns, ends[-1]), np.uint8)
    for one, first, last in zip(held, ends, ends[1:], strict=False):
        words[: len(one.words), first:last] = one.words
    offsets = [np.zeros(1, np.int64), *(one.offsets[1:] + first for one, first in zip(held, ends, strict=False))]
    return Events(
        offsets=np.concatenate(offsets),
        happened=np.concatenate([one.happened for one in held]),
        amounts=np.concatenate([one.amounts for one in held]),
        party=np.concatenate([one.party for one in held]),
        words=words,
        reaches_from=np.concatenate([one.reaches_from for one in held]),
        reaches_to=np.concatenate([one.reaches_to for one in held]),
        parties=np.concatenate([one.parties for one in held]),
    )  # fmt: skip


def pack_table(shape: Shape, told: Draft | Table) -> Table:
    """The table of one source by itself."""
    return told if isinstance(told, Table) else _as_table(shape, pack_drafts([told]))


def _as_table(shape: Shape, events: Events) -> Table:
    return Table(shape=shape, **{name: getattr(events, name) for name in Events.__dataclass_fields__})


def make_table(
    shape: Shape,
    *,
    days: Iterable[int] | Ints,
    minutes: Iterable[int] | Ints | None = None,
    amounts: Iterable[int] | Ints | None = None,
    parties: Sequence[str] | NDArray[np.int32] | None = None,
    words: Mapping[str, Iterable[str] | NDArray[np.uint8]],
    reaches_from: int,
    reaches_to: int,
) -> Table:
    """The table of one applicant from plain columns.

    ``days`` are day numbers (:func:`number_day`), ``minutes`` minutes of the day (below 0 where none is known),
    ``amounts`` whole numbers (0 where left out), ``parties`` tokens, empty where unknown, or their numbers;
    ``reaches_from`` is the first day the record knows all of and ``reaches_to`` the last. A column of ``words`` may
    hold the words, or their places among the column's words.
    """
    day = days if isinstance(days, np.ndarray) else np.fromiter(days, np.int64)
    happened = day * DAY
    size = len(day)
    if minutes is not None:
        minute = minutes if isinstance(minutes, np.ndarray) else np.fromiter(minutes, np.int64, size)
        happened += np.maximum(minute, 0)
    amount = np.zeros(size, np.int64) if amounts is None else _read_amounts(amounts, size)
    party, known = _number_parties(parties, size)
    coded = np.empty((len(shape.columns), size), np.uint8)
    for row, (name, allowed) in enumerate(shape.columns.items()):
        said = words[name]
        if isinstance(said, np.ndarray):
            coded[row] = said
            continue
        coded[row] = np.frombuffer(place_words(allowed, said), np.uint8)
    if size > 1 and (happened[1:] < happened[:-1]).any():
        happened, amount, party, coded = put_in_order(happened, amount, party, coded)
    return Table(
        shape=shape,
        offsets=np.array((0, size), np.int64),
        happened=happened,
        amounts=amount,
        party=party,
        words=coded,
        reaches_from=np.array((reaches_from * DAY,), np.int64),
        reaches_to=np.array(((reaches_to + 1) * DAY,), np.int64),
        parties=np.array((known,), np.int64),
    )


def put_in_order(
    happened: Ints, amounts: Ints, party: NDArray[np.int32], words: NDArray[np.uint8]
) -> tuple[Ints, Ints, NDArray[np.int32], NDArray[np.uint8]]:
    """The columns of events oldest first; events of one minute stay as they stood."""
    order = np.argsort(happened, kind="stable")
    return happened[order], amounts[order], party[order], np.take(words, order, axis=1)


def place_words(allowed: tuple[str, ...], said: Iterable[str]) -> bytes:
    """A column of words as their places among those that there are."""
    return bytes(map(_place_words(allowed).__getitem__, said))


@lru_cache(maxsize=256)
def _place_words(words: tuple[str, ...]) -> Mapping[str, int]:
    return {word: place for place, word in enumerate(words)}


def join_tables(shape: Shape, tables: Sequence[Table | None]) -> Table:
    """The tables of many applicants one after the other; one without any record is there with nothing in it."""
    held = [table if table is not None else _make_empty(shape) for table in tables]
    return _as_table(shape, join_events(held, len(shape.columns)))


def _make_empty(shape: Shape) -> Table:
    nothing = np.zeros(1, np.int64)
    return Table(
        shape=shape, offsets=np.zeros(2, np.int64), happened=nothing[:0], amounts=nothing[:0],
        party=np.zeros(0, np.int32), words=np.zeros((len(shape.columns), 0), np.uint8), reaches_from=nothing,
        reaches_to=nothing, parties=nothing,
    )  # fmt: skip


def _read_amounts(amounts: Iterable[int] | Ints, size: int) -> Ints:
    """Whole numbers; what no column can hold counts as the greatest that can, which is beyond :data:`SUM_MAX`."""
    try:
        found = amounts if isinstance(amounts, np.ndarray) else pack_column("q", np.int64, amounts, size)
    except struct.error:
        found = np.array([max(-SUM_MAX - 1, min(SUM_MAX + 1, int(a))) for a in amounts], np.int64)
    return np.minimum(np.maximum(found, -SUM_MAX - 1), SUM_MAX + 1)


def _number_parties(parties: Sequence[str] | NDArray[np.int32] | None, size: int) -> tuple[NDArray[np.int32], int]:
    if parties is None:
        return np.full(size, -1, np.int32), 0
    if isinstance(parties, np.ndarray):
        return parties, int(parties.max(initial=-1)) + 1
    return number_tokens(parties, size)


def number_day(day: date) -> int:
    """The number of a day, 0 for 1 January 1970.

    >>> number_day(date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH


def number_days(days: Sequence[date]) -> Ints:
    """The numbers of many days."""
    return pack_column("q", np.int64, map(date.toordinal, days), len(days)) - _EPOCH


def number_minute(at: datetime, utc_offset_minutes: int) -> int:
    """The minute of an instant on the applicant's own clock, since 1970."""
    local = at + timedelta(minutes=utc_offset_minutes)
    return (local.toordinal() - _EPOCH) * DAY + local.hour * 60 + local.minute
