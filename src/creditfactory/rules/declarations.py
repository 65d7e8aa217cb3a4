"""What the rulebook knows of a fact before it reads one: its type, its unit, its range and its allowed words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Literal, NoReturn

from creditfactory.kernel import BadInput, Scalar, UnknownName

LabelType = Literal["int", "float", "bool", "str", "date"]
LABEL_TYPES: tuple[LabelType, ...] = ("int", "float", "bool", "str", "date")

NUMBER_LIMIT = 10**15
"""Beyond this a number is no fact about a small firm but a fault; below it whole numbers and floats agree exactly."""

State = Literal["known", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One fact that rules may read. Dates travel as ISO text; ``words`` empty means any text.

    A ``protected`` fact (sex, ethnicity, marriage, religion) may be read only where the pack's law allows it.
    """

    name: str
    type: LabelType
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    words: tuple[str, ...] = ()
    nullable: bool = True
    protected: bool = False

    @property
    def lowest(self) -> float:
        """The least number that is a fact and not a fault."""
        return -NUMBER_LIMIT if self.minimum is None else self.minimum

    @property
    def highest(self) -> float:
        """The greatest number that is a fact and not a fault."""
        return NUMBER_LIMIT if self.maximum is None else self.maximum


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named, dated value that policy owners set, as it stands on one day."""

    name: str
    value: Any
    unit: str = ""


def read_value(declaration: Declaration, value: Any) -> tuple[State, Scalar]:
    """Read one fact as declared: known with its value, missing, or broken; never guessed, never turned into another.

    >>> overdue = Declaration("overdue_now_cents", "int", minimum=0)
    >>> [read_value(overdue, v)[0] for v in (12, None, "12", 12.0, True, -1, float("nan"))]
    ['known', 'missing', 'broken', 'broken', 'broken', 'broken', 'broken']
    """
    if value is None:
        return "missing", None
    kind = declaration.type
    if kind == "float" and type(value) is int:
        value = float(value) if abs(value) <= NUMBER_LIMIT else math.inf
    if type(value).__name__ != ("str" if kind == "date" else kind):
        return "broken", None
    if kind in ("int", "float"):
        return ("known", value) if declaration.lowest <= value <= declaration.highest else ("broken", None)
    if kind == "str" and declaration.words and value not in declaration.words:
        return "broken", None
    if kind == "date" and not is_iso_date(value):
        return "broken", None
    return "known", value


def is_iso_date(text: str) -> bool:
    """Whether a text is a calendar date as ``2026-01-31``, which sorts as dates do."""
    if len(text) != 10:
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_KEYS = {
    "type", "unit", "minimum", "maximum", "words", "nullable", "protected", "description", "source", "polarity",
    "reason",
}  # fmt: skip
"""What a pack may say of a label of its own; the last three are for the cards that ask it."""


def read_declarations(raw: Mapping[str, Any], *, place: str) -> dict[str, Declaration]:
    """Read declarations from a ``labels.yaml``: ``{name: {type, unit, minimum, maximum, words, nullable}}``."""
    found = {}
    for name, part in raw.items():
        where = f"{place}: {name}"
        if not isinstance(name, str) or not name.isidentifier():
            refuse(where, repr(name), "a plain name of letters, digits and _")
        if not isinstance(part, Mapping) or part.get("type") not in LABEL_TYPES:
            refuse(where, repr(part), f"a type, one of {', '.join(LABEL_TYPES)}")
        unknown = set(part) - _KEYS
        if unknown:
            refuse(where, repr(min(unknown)), ", ".join(sorted(_KEYS)))
        found[str(name)] = Declaration(
            name=str(name),
            type=part["type"],
            unit=str(part.get("unit", "")),
            minimum=part.get("minimum"),
            maximum=part.get("maximum"),
            words=tuple(str(w) for w in part.get("words", ())),
            nullable=bool(part.get("nullable", True)),
            protected=bool(part.get("protected", False)),
        )
    return found


def refuse(place: str, found: str, expected: str) -> NoReturn:
    """Refuse what cannot be read, in one sentence."""
    raise BadInput(place=place, found=found[:120], expected=expected)


def refuse_name(place: str, name: str, catalogue: Iterable[str], what: str) -> NoReturn:
    """Refuse an unknown name and give the nearest known one."""
    near = get_close_matches(name, list(catalogue), n=1)
    raise UnknownName(place=place, found=repr(name), expected=f"{what}; did you mean {near[0]!r}?" if near else what)
