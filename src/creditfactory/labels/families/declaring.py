"""How a single label is declared: its name from its parts, and owner, law and sensitivity from its source."""

from __future__ import annotations

from typing import Any, Literal

from creditfactory.labels.families.sources import SOURCES
from creditfactory.labels.label import Label, LabelType, Polarity, Source

CENTS_MAX = 10**15
BPS_MAX = 100_000_000
COUNT_MAX = 10_000_000
MONTHS_MAX = 2_400

Unit = Literal["cents", "bps", "count", "months", "days", "years", "seconds", "milliseconds", "metres", "points"]
_HIGH: dict[str, int] = {
    "cents": CENTS_MAX, "bps": BPS_MAX, "count": COUNT_MAX, "months": MONTHS_MAX, "days": 40_000, "years": 130,
    "seconds": COUNT_MAX, "milliseconds": COUNT_MAX, "metres": 50_000_000, "points": COUNT_MAX,
}  # fmt: skip


def declare(
    source: Source,
    parts: tuple[str, str, str],
    unit: str,
    en: str,
    zh: str,
    polarity: Polarity = "neutral",
    *,
    low: int = 0,
    high: int | None = None,
    window: str = "",
    packs: tuple[str, ...] = ("cn-micro",),
) -> Label:
    """One label of a family, cut and measure; a yes or no where the unit says so.

    >>> declare("device", ("device", "behaviour", "pastes"), "count", "Fields pasted into", "粘贴次数").name
    'device__behaviour__pastes'
    """
    card = SOURCES[source]
    is_flag = unit == "yes or no"
    kind: LabelType = "bool" if is_flag else "int"
    bounds: dict[str, Any] = {} if is_flag else {"minimum": low, "maximum": _HIGH[unit] if high is None else high}
    family, cut, measure = parts
    return Label(
        name="__".join(part for part in (*parts, window) if part),
        type=kind,
        unit=unit,
        meaning={"en": en, "zh": zh},
        source=source,
        packs=packs,
        polarity=polarity,
        family=family,
        cut=cut,
        measure=measure,
        window=window,
        owner=card.owner,
        legal_basis=card.legal_basis,
        sensitivity=card.sensitivity,
        **bounds,
    )
