"""The picture of a characteristic's fine counts with the classes drawn over them, laid out for a template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from creditfactory import lab
from creditfactory.lab import FineQuestion

WOE_TOP, WOE_FOOT = 14.0, 108.0
BAR_TOP, BAR_FOOT = 128.0, 226.0
DOTS_ROWS = 20
"""A fine class of fewer rows shows no dot of its own: chance would place it."""


@dataclass(frozen=True)
class Bar:
    """One fine class: where it stands (percent), how high all and bad of it are, its own evidence, and its words."""

    x: float
    width: float
    y: float
    height: float
    bad_y: float
    bad_height: float
    middle: float
    dot: float | None
    told: str


@dataclass(frozen=True)
class Step:
    """One class: from where to where (percent), how high its evidence lies, and its words."""

    x: float
    end: float
    y: float
    told: str
    worth: str

    @property
    def middle(self) -> float:
        """Half way along."""
        return (self.x + self.end) / 2

    @property
    def label(self) -> float:
        """Where its figure stands: over the line, under it where the line is high up."""
        return self.y - 7 if self.y > WOE_TOP + 10 else self.y + 17


@dataclass(frozen=True)
class Handle:
    """A cut that can be moved: its place among the fine classes, between which places it may lie, and its words."""

    at: int
    x: float
    least: int
    most: int
    told: str


@dataclass(frozen=True)
class TuningPicture:
    """Bars of the fine classes below, steps of evidence above, handles between them."""

    bars: tuple[Bar, ...]
    steps: tuple[Step, ...]
    handles: tuple[Handle, ...]
    zero: float
    count: int
    cuts: tuple[str, ...]


def draw_picture(
    question: FineQuestion, tuned: lab.Tuned, name: Callable[[lab.TunedClass], str], cuts: Sequence[str]
) -> TuningPicture:
    """Lay the picture out; ``cuts`` names each border between fine classes."""
    count = len(question.units)
    good, bad = question.counts[:count, 0], question.counts[:count, 1]
    rows = question.counts[:count, 2] + question.counts[:count, 3]
    mass = good + bad
    whole = question.counts[:, :2].sum(axis=0)
    own = np.log((good + 0.5) / (bad + 0.5)) - np.log(whole[0] / whole[1])
    reach = max(0.2, *(abs(one.woe) for one in tuned.classes))
    top = float(mass.max()) or 1.0

    def height(woe: float) -> float:
        held = max(-1.15, min(1.15, woe / reach))
        return round((WOE_TOP + WOE_FOOT) / 2 - held * (WOE_FOOT - WOE_TOP) / 2.3, 2)

    slot = 100 / count
    bars = []
    for i in range(count):
        tall, bad_tall = (BAR_FOOT - BAR_TOP) * mass[i] / top, (BAR_FOOT - BAR_TOP) * bad[i] / top
        share = mass[i] / mass.sum()
        told = (
            f"{_name_unit(cuts, i, count)} · {int(rows[i]):,} · {share:.1%} · {bad[i] / mass[i] if mass[i] else 0:.1%}"
        )
        dot = height(float(own[i])) if rows[i] >= DOTS_ROWS else None
        bars.append(Bar(
            _short(i * slot + slot * 0.06), _short(slot * 0.88), _short(BAR_FOOT - tall), _short(tall),
            _short(BAR_FOOT - bad_tall), _short(bad_tall), _short((i + 0.5) * slot), dot, told,
        ))  # fmt: skip
    steps = [
        Step(_short(c.first * slot), _short(c.end * slot), height(c.woe), name(c), f"{c.woe:+.2f}".replace("-", "−"))
        for c in tuned.classes
    ]
    borders = (0, *tuned.starts[1:], count)
    handles = [
        Handle(at, _short(at * slot), borders[i] + 1, borders[i + 2] - 1, cuts[at - 1])
        for i, at in enumerate(tuned.starts[1:])
    ]
    return TuningPicture(tuple(bars), tuple(steps), tuple(handles), height(0.0), count, tuple(cuts))


def _name_unit(cuts: Sequence[str], place: int, count: int) -> str:
    low, high = cuts[place - 1] if place else "…", cuts[place] if place + 1 < count else "…"
    return f"{low} – {high}"


def _short(value: float) -> float:
    return round(float(value), 3)
