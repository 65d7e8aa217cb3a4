"""What pages show of the cards at work: night by night what was found, and what came of every refresh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from creditfactory.records.tables import CardRefresh, CardWatch, RulebookVersion


@dataclass(frozen=True, slots=True)
class CardWatchRow:
    """One card on one day; ``number`` is the version of the rulebook that was in force."""

    id: int
    on: date
    card: str
    version: str
    number: int
    window_from: date
    window_to: date
    rows: int
    bads: int
    verdict: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CardRefreshRow:
    """One attempt to refresh a card; ``draft`` is the rulebook version it is proposed in, ``status`` that one's now."""

    id: int
    on: date
    card: str
    parent: str
    version: str
    rows: int
    bads: int
    passed: bool
    why: str
    gates: list[dict[str, Any]]
    draft: int | None
    figures: dict[str, Any]
    status: str = ""


def list_card_watch(tenant_id: int, card: str = "", *, most: int = 60) -> tuple[CardWatchRow, ...]:
    """What the last nights found about a card, or about all of them, newest first."""
    found = CardWatch.objects.filter(tenant_id=tenant_id, **({"card": card} if card else {})).order_by("-on", "card")
    names = list(CardWatchRow.__slots__)
    return tuple(CardWatchRow(*row) for row in found.values_list(*names)[:most])


def list_card_refreshes(tenant_id: int, card: str = "", *, most: int = 60) -> tuple[CardRefreshRow, ...]:
    """The last attempts to refresh a card, or any of them, newest first, with what has become of each proposal."""
    found = CardRefresh.objects.filter(tenant_id=tenant_id, **({"card": card} if card else {})).order_by("-on", "card")
    names = [name for name in CardRefreshRow.__slots__ if name != "status"]
    rows = [CardRefreshRow(*row) for row in found.values_list(*names)[:most]]
    drafts = [row.draft for row in rows if row.draft is not None]
    versions = RulebookVersion.objects.filter(tenant_id=tenant_id, number__in=drafts)
    status = dict(versions.values_list("number", "status"))
    return tuple(replace(row, status=status.get(row.draft or 0, "")) for row in rows)
