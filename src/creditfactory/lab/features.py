"""What each characteristic of a card means, where it comes from and from when on it is known: the card's dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Words = Mapping[str, str]

KNOWN_AT_APPLICATION: Words = {
    "en": "As known at the instant of the application; what was gathered or happened later is not read",
    "zh": "以申请时点已知为准;其后取得的资料与发生的事项不读取",
}
NOT_STATED: Words = {
    "en": "Not stated: whoever signs the card makes sure that it was known at the decision",
    "zh": "未说明:签署人须确认该值在决策时点已知",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One characteristic in words: its definition and as-of rule in Chinese and English, source, unit, reason code.

    ``polarity`` says how credit officers read a high value or a yes: premium, neutral or adverse.
    """

    label: str
    definition: Words
    source: str
    as_of: Words
    unit: str
    reason: str
    polarity: str = "neutral"

    def as_json(self) -> dict[str, Any]:
        """The feature as it stands in ``features.json``."""
        return {name: dict(v) if isinstance(v, Mapping) else v for name, v in asdict(self).items()}


def name_reason(label: str) -> str:
    """The reason code for points lost on a label.

    >>> name_reason("sba_employees")
    'SCO-SBA-EMPLOYEES'
    """
    return "SCO-" + label.upper().replace("_", "-")


def describe_column(label: str) -> Feature:
    """A feature of which only the column is known: what it means and when it was known, the signer makes sure of."""
    return Feature(
        label=label,
        definition={"en": f"Column {label} of the data handed in", "zh": f"所提供数据的 {label} 列"},
        source="the data handed in",
        as_of=NOT_STATED,
        unit="as in the data",
        reason=name_reason(label),
    )
