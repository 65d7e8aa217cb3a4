"""The parts that documents are made of: sentences, lists, tables and pictures, in chapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from creditfactory.lab.pictures import Picture


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or two; ``tone`` good, warn or bad where it means something."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what stands for them."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Several sentences of equal weight."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``words`` says which columns hold words, all others hold figures; ``bars`` the column drawn as bars."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})
    bars: Mapping[int, tuple[float, ...]] | None = None
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its title."""

    picture: Picture
    title: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A picture with its table: side by side where there is room."""

    figure: Figure
    table: Table


Block = Paragraph | Facts | Listing | Table | Figure | Beside


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter; ``code`` is its place in an address."""

    code: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole document in one language."""

    title: str
    language: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the folder itself does not know: the reasons' words, the pack's currency, who signed, fairness figures.

    ``reasons`` by code hold ``{"borrower": {"zh", "en"}, "staff": {...}}``; ``fairness`` by protected column the rows
    of a comparison.
    """

    reasons: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None
    currency: str = ""
    approvals: Sequence[tuple[str, str]] = ()
    fairness: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
