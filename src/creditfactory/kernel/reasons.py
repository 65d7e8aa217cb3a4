"""Why: the coded reasons that every outcome carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Scalar = str | int | float | bool | None
"""What a fact can be once it is handed around: text, whole number, ratio, yes or no, or unknown."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One coded reason with the facts that fill its words; the words live in the rulebook's ``reasons.yaml``.

    >>> Reason("BUR-OVERDUE-NOW", {"overdue_now_cents": 12_300})
    Reason(code='BUR-OVERDUE-NOW', facts={'overdue_now_cents': 12300})
    """

    code: str
    facts: Mapping[str, Scalar] = field(default_factory=dict)
