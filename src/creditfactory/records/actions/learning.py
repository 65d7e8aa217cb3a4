"""Keeping what a night found out about the cards; a night that is run again changes nothing but its own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from creditfactory.records.audit import write_event
from creditfactory.records.tables import CardRefresh, CardWatch

WATCHED = "card_watch"
"""Under this kind the audit log keeps that cards were watched and refreshed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWatch:
    """One card's figures of a night."""

    card: str
    version: str
    number: int
    window_from: date
    window_to: date
    rows: int
    bads: int
    verdict: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefresh:
    """One attempt to refresh a card; ``why`` says in a code or a sentence what came of it."""

    card: str
    parent: str
    version: str
    rows: int
    bads: int
    passed: bool
    why: str
    gates: Sequence[Mapping[str, Any]]
    draft: int | None
    figures: Mapping[str, Any]


@transaction.atomic
def save_card_watch(*, tenant_id: int, tenant: str, on: date, watch: NewWatch, by: str, at: datetime) -> None:
    """Keep a card's figures of a day; run again, the day's row is written anew."""
    told = {name: getattr(watch, name) for name in NewWatch.__slots__ if name != "card"}
    CardWatch.objects.update_or_create(tenant_id=tenant_id, on=on, card=watch.card, defaults=told)
    write_event(
        tenant=tenant, by=by, action="card_watched", object_kind=WATCHED, object_key=watch.card, at=at,
        on=on.isoformat(), version=watch.version, rows=watch.rows, bads=watch.bads, verdict=watch.verdict,
    )  # fmt: skip


@transaction.atomic
def save_card_refresh(*, tenant_id: int, tenant: str, on: date, refresh: NewRefresh, by: str, at: datetime) -> None:
    """Keep an attempt to refresh a card, with its gates and the draft it is proposed in."""
    told = {name: getattr(refresh, name) for name in NewRefresh.__slots__ if name != "card"}
    CardRefresh.objects.update_or_create(tenant_id=tenant_id, on=on, card=refresh.card, defaults=told)
    write_event(
        tenant=tenant, by=by, action="card_refreshed", object_kind=WATCHED, object_key=refresh.card, at=at,
        on=on.isoformat(), version=refresh.version, passed=refresh.passed, why=refresh.why, draft=refresh.draft,
    )  # fmt: skip
