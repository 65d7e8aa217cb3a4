"""Pictures as plain marks in a frame: drawn once, shown as SVG on a page and as vectors in a PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Tone = Literal["good", "bad", "accent", "muted", "rule", "ink", "soft"]

PAPER: Mapping[Tone, str] = {
    "good": "#12805c", "bad": "#c8372d", "accent": "#0f6fde", "soft": "#b9d3f6", "muted": "#5d6675", "rule": "#e4e7ec",
    "ink": "#14181f",
}  # fmt: skip
"""The colours of each tone on white, for PDF and notebooks; pages have their own in both themes."""
NOTEBOOK_STYLE = "".join(f".f-{tone}{{fill:{c}}}.s-{tone}{{stroke:{c}}}" for tone, c in PAPER.items())


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle; ``tip`` says its figures."""

    x: float
    y: float
    width: float
    height: float
    tone: Tone
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    tone: Tone
    width: float = 1.6
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with its figures."""

    x: float
    y: float
    tone: Tone
    radius: float = 3.0
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """A word at a place; ``y`` is the line it stands on."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    tone: Tone = "muted"
    size: float = 10.0


Mark = Bar | Trace | Dot | Say


@dataclass(frozen=True, slots=True)
class Picture:
    """Marks in a frame of so many units, y downwards; ``told`` says it to those who cannot see it."""

    width: float
    height: float
    told: str
    marks: tuple[Mark, ...]

    def _repr_svg_(self) -> str:
        """How a notebook shows it: with colours of its own, since no page's style stands around."""
        body = "".join(_draw(mark) for mark in self.marks)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="640" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'font-family="sans-serif"><title>{escape(self.told)}</title><style>{NOTEBOOK_STYLE}</style>{body}</svg>'
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """The room inside the axes of a picture, and where a value lies in it."""

    left: float
    top: float
    width: float
    height: float
    low: float
    high: float
    floor: float
    ceiling: float

    def x(self, value: float) -> float:
        """Where a value lies from left to right."""
        return self.left + self.width * (value - self.low) / ((self.high - self.low) or 1)

    def y(self, value: float) -> float:
        """Where a value lies from top to bottom.

        >>> Frame(0, 0, 100, 50, 0, 1, 0, 1).y(1), Frame(0, 0, 100, 50, 0, 1, 0, 1).y(0)
        (0.0, 50.0)
        """
        return self.top + self.height - self.height * (value - self.floor) / ((self.ceiling - self.floor) or 1)

    def rules(self, values: Sequence[float], texts: Sequence[str]) -> list[Mark]:
        """Lines across at the values, named at the left."""
        marks: list[Mark] = []
        for value, text in zip(values, texts, strict=True):
            y, ends = self.y(value), (self.left, self.left + self.width)
            marks += [Trace(((ends[0], y), (ends[1], y)), "rule", 0.8), Say(self.left - 5, y + 3.5, text, "end")]
        return marks


def find_steps(top: float, count: int = 4) -> list[float]:
    """Round values from 0 up to about the top, for the lines of an axis.

    >>> find_steps(0.093)
    [0.0, 0.05, 0.1]
    """
    size = 10.0**-12
    for power in range(-6, 10):
        for lead in (1, 2, 5):
            size = lead * 10.0**power
            if top / size <= count - 1:
                break
        else:
            continue
        break
    steps = [0.0]
    while steps[-1] < top - size * 1e-6:
        steps.append(round(steps[-1] + size, 10))
    return steps


def write_svg(picture: Picture, *, kind: str = "picture") -> str:
    """The picture as SVG; colours come by class from the page's style, so that both themes follow."""
    body = "".join(_draw(mark) for mark in picture.marks)
    return (
        f'<svg class="{escape(kind)}" viewBox="0 0 {picture.width:g} {picture.height:g}" role="img" '
        f'aria-label="{escape(picture.told)}">{body}</svg>'
    )


def _draw(mark: Mark) -> str:
    match mark:
        case Bar():
            tip = f"<title>{escape(mark.tip)}</title>" if mark.tip else ""
            return (
                f'<rect class="f-{mark.tone}" x="{mark.x:.1f}" y="{mark.y:.1f}" width="{max(mark.width, 0):.1f}" '
                f'height="{max(mark.height, 0):.1f}">{tip}</rect>'
            )
        case Trace():
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in mark.points)
            dashed = ' stroke-dasharray="4 3"' if mark.is_dashed else ""
            return (
                f'<polyline class="s-{mark.tone}" points="{path}" fill="none" stroke-width="{mark.width:g}"{dashed}/>'
            )
        case Dot():
            tip = f"<title>{escape(mark.tip)}</title>" if mark.tip else ""
            return (
                f'<circle class="f-{mark.tone}" cx="{mark.x:.1f}" cy="{mark.y:.1f}" r="{mark.radius:g}">{tip}</circle>'
            )
        case Say():
            return (
                f'<text class="f-{mark.tone}" x="{mark.x:.1f}" y="{mark.y:.1f}" text-anchor="{mark.anchor}" '
                f'font-size="{mark.size:g}">{escape(mark.text)}</text>'
            )
