"""How a person's few typed words find an application."""

from __future__ import annotations

from django.db.models import Q


def matches_text(text: str, path: str = "") -> Q:
    """Each word must stand in the number, the reference, the firm's name, its city or its channel."""
    condition = Q()
    for word in text.split()[:6]:
        either = Q()
        for column in ("number", "reference", "trade_name", "city", "channel"):
            either |= Q(**{f"{path}{column}__icontains": word})
        condition &= either
    return condition
