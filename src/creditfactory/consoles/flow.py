"""Where the boxes and lines of a flow go: ranks one after the other, nothing on top of anything, lines round the rest.

Pure arithmetic: no page, no language, no colour. A rank that does not fit the room is broken into several lines.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

Direction = Literal["across", "down"]
Point = tuple[float, float]

BOX_WIDTH, LINE_HEIGHT, BOX_PADDING = 108, 15, 8
RANK_GAP, BOX_GAP, LANE_WIDTH = 26, 10, 7
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Box:
    """One step: its code, which rank it stands in, the lines written in it (the first ``heads`` name it), and marks."""

    code: str
    rank: int
    lines: tuple[str, ...]
    heads: int = 1
    tone: str = ""
    kind: str = ""
    is_decisive: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One step leads to another."""

    source: str
    target: str
    is_decisive: bool = False


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box with its corner and its size."""

    box: Box
    x: float
    y: float
    width: float
    height: float

    @property
    def text_lines(self) -> tuple[tuple[float, str, bool], ...]:
        """Each line with the height of its foot, and whether it belongs to the name."""
        foot = self.y + BOX_PADDING + 11
        return tuple((foot + n * LINE_HEIGHT, text, n < self.box.heads) for n, text in enumerate(self.box.lines))

    @property
    def text_x(self) -> float:
        """Where the lines begin."""
        return self.x + BOX_PADDING


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A line as an SVG path."""

    link: Link
    path: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything placed, within ``width`` by ``height``; the links that matter come last, so that they lie on top."""

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    links: tuple[PlacedLink, ...]


@dataclass(frozen=True, slots=True)
class _Lane:
    """A narrow slot that keeps a rank open for lines that pass it on their way to ``target``."""

    target: str
    side: str


_Slot = Box | _Lane


def lay_out(boxes: Sequence[Box], links: Iterable[Link], *, direction: Direction, room: float = 10_000.0) -> Layout:
    """Place every box and draw every link; ``room`` is how wide a rank may be when ranks go ``down``.

    Links between boxes that are not there, or that do not lead onward, are left out.

    >>> placed = lay_out((Box("a", 0, ("A",)), Box("b", 1, ("B",))), [Link("a", "b")], direction="across")
    >>> [(p.box.code, p.x, p.y) for p in placed.boxes], placed.links[0].path
    ([('a', 2.0, 2.0), ('b', 136.0, 2.0)], 'M110.0 17.5C123.0 17.5 123.0 17.5 136.0 17.5')
    """
    ranks = _fill_ranks(boxes, direction, room)
    where = {slot.code: index for index, rank in enumerate(ranks) for slot in rank}
    kept = [k for k in links if k.source in where and k.target in where and where[k.source] < where[k.target]]
    slots: list[list[_Slot]] = [list(rank) for rank in ranks]
    passing = {link: _open_lanes(slots, where, link) for link in kept}
    placed, along, width, height = _place(slots, direction)
    drawn = sorted(kept, key=lambda link: link.is_decisive)
    return Layout(
        width=width,
        height=height,
        boxes=tuple(p for rank in placed for p in rank.values() if isinstance(p, PlacedBox)),
        links=tuple(PlacedLink(link, _draw(link, passing[link], where, placed, along, direction)) for link in drawn),
    )


def _fill_ranks(boxes: Sequence[Box], direction: Direction, room: float) -> list[list[Box]]:
    """The boxes by rank; going down, as many lines for a rank as it needs."""
    by_rank: dict[int, list[Box]] = {}
    for box in boxes:
        by_rank.setdefault(box.rank, []).append(box)
    rows = [by_rank[rank] for rank in sorted(by_rank)]
    if direction == "across":
        return rows
    many = max(1, int((room - 2 * LANE_WIDTH + BOX_GAP) // (BOX_WIDTH + BOX_GAP)))
    lines: list[list[Box]] = []
    for row in rows:
        count = -(-len(row) // many)
        size = -(-len(row) // count)
        lines += [row[first : first + size] for first in range(0, len(row), size)]
    return lines


def _open_lanes(slots: list[list[_Slot]], where: dict[str, int], link: Link) -> list[tuple[int, _Lane]]:
    """Lanes through the ranks between source and target, shared by all that go the same way on the same side."""
    first, last = where[link.source], where[link.target]
    if last - first < 2:
        return []
    rank = [slot for slot in slots[first] if isinstance(slot, Box)]
    place = next(index for index, slot in enumerate(rank) if slot.code == link.source)
    side = "before" if (place + 0.5) / len(rank) <= 0.5 else "after"
    lane = _Lane(link.target, side)
    for index in range(first + 1, last):
        if lane not in slots[index]:
            slots[index].insert(0 if side == "before" else len(slots[index]), lane)
    return [(index, lane) for index in range(first + 1, last)]


_Placed = dict[str | _Lane, "PlacedBox | Point"]
"""What stands in one rank: a box, or the middle of a lane."""


def _size(slot: _Slot, direction: Direction) -> float:
    """How much of its rank a slot takes."""
    if isinstance(slot, _Lane):
        return LANE_WIDTH
    return _height(slot) if direction == "across" else BOX_WIDTH


def _height(box: Box) -> float:
    return 2 * BOX_PADDING + LINE_HEIGHT * len(box.lines)


def _place(slots: list[list[_Slot]], direction: Direction) -> tuple[list[_Placed], list[Point], float, float]:
    """Every slot in its place, each rank in the middle; ``along`` is where each rank begins and ends."""
    spans = [sum(_size(s, direction) for s in rank) + BOX_GAP * (len(rank) - 1) for rank in slots]
    widest = max(spans, default=0.0)
    placed: list[_Placed] = []
    along: list[Point] = []
    start = 2.0
    for rank, span in zip(slots, spans, strict=True):
        tall = max((_height(s) for s in rank if isinstance(s, Box)), default=0.0)
        depth = BOX_WIDTH if direction == "across" else tall
        across = 2.0 + (widest - span) / 2
        here: _Placed = {}
        for slot in rank:
            size = _size(slot, direction)
            if isinstance(slot, _Lane):
                here[slot] = (start + depth / 2, across + size / 2)
            elif direction == "across":
                here[slot.code] = PlacedBox(slot, start, across, BOX_WIDTH, size)
            else:
                here[slot.code] = PlacedBox(slot, across, start, BOX_WIDTH, tall)
            across += size + BOX_GAP
        placed.append(here)
        along.append((start, start + depth))
        start += depth + RANK_GAP
    length, breadth = max(start - RANK_GAP, 2.0) + 2.0, widest + 4.0
    return placed, along, *((length, breadth) if direction == "across" else (breadth, length))


def _draw(
    link: Link, lanes: list[tuple[int, _Lane]], where: dict[str, int], placed: list[_Placed], along: list[Point],
    direction: Direction,
) -> str:  # fmt: skip
    """The path from the source's far side, straight through its lanes, to the target's near side."""
    source, target = placed[where[link.source]][link.source], placed[where[link.target]][link.target]
    assert isinstance(source, PlacedBox) and isinstance(target, PlacedBox)
    points = [(along[where[link.source]][1], _middle(source, direction))]
    for index, lane in lanes:
        spot = placed[index][lane]
        assert isinstance(spot, tuple)
        points += [(along[index][0], spot[1]), (along[index][1], spot[1])]
    points.append((along[where[link.target]][0], _middle(target, direction)))
    path = _point("M", points[0], direction)
    for number, (one, other) in enumerate(pairwise(points)):
        if number % 2:  # inside a lane
            path += _point("L", other, direction)
            continue
        half = (one[0] + other[0]) / 2
        path += _point("C", (half, one[1]), direction) + _point(" ", (half, other[1]), direction)
        path += _point(" ", other, direction)
    return path


def _middle(placed: PlacedBox, direction: Direction) -> float:
    return placed.y + placed.height / 2 if direction == "across" else placed.x + placed.width / 2


def _point(letter: str, point: Point, direction: Direction) -> str:
    x, y = point if direction == "across" else (point[1], point[0])
    return f"{letter}{x:.1f} {y:.1f}"


def text_width(text: str, size: float = 12) -> float:
    """About how wide a text is when set: a Chinese sign is a square, a Latin one a little over half of it.

    >>> text_width("信审", 12), round(text_width("Tier", 12), 1)
    (24, 26.4)
    """
    return sum(size if unicodedata.east_asian_width(sign) in "WF" else size * 0.55 for sign in text)


def break_text(text: str, *, width: float = BOX_WIDTH - 2 * BOX_PADDING, lines: int = 2, size: float = 12) -> list[str]:
    """A text on so many lines at most, broken between words (between signs in Chinese), the rest as an ellipsis.

    >>> break_text("Business and cash flow", width=92)
    ['Business and', 'cash flow']
    >>> break_text("经营与现金流评分卡", width=60, lines=2)
    ['经营与现金', '流评分卡']
    >>> break_text("an answer far too long for any box of ours", width=60, lines=2)
    ['an answer', 'far too…']
    """
    pieces = _pieces(text)
    done: list[str] = []
    line = ""
    for piece in pieces:
        if text_width((line + piece).rstrip(), size) <= width or not line.strip():
            line += piece
            continue
        done.append(line.strip())
        line = piece.lstrip()
    done.append(line.strip())
    if len(done) > lines:
        done = [*done[: lines - 1], done[lines - 1] + ELLIPSIS]
    return [_cut(one, width, size) for one in done if one]


def _pieces(text: str) -> list[str]:
    """Words with the space after them; every Chinese sign by itself."""
    pieces: list[str] = []
    is_open = False
    for sign in text:
        if unicodedata.east_asian_width(sign) in "WF":
            pieces.append(sign)
            is_open = False
        elif is_open:
            pieces[-1] += sign
            is_open = sign != " "
        else:
            pieces.append(sign)
            is_open = sign != " "
    return pieces


def _cut(line: str, width: float, size: float) -> str:
    if text_width(line, size) <= width:
        return line
    short = line.removesuffix(ELLIPSIS)
    while short and text_width(short + ELLIPSIS, size) > width:
        short = short[:-1]
    return short.rstrip() + ELLIPSIS


def mark_path(boxes: Iterable[Box], links: Iterable[Link], decisive: frozenset[str]) -> tuple[list[Box], list[Link]]:
    """The same with what decided marked: the boxes named, and every link between two of them."""
    marked = [replace(box, is_decisive=box.code in decisive) for box in boxes]
    return marked, [replace(k, is_decisive=k.source in decisive and k.target in decisive) for k in links]
