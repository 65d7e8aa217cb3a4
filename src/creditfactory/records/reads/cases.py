"""Applications: a list to search, and everything about one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from creditfactory.records.reads.filters import matches_text
from creditfactory.records.reads.ledger import LoanFile, read_loan_of
from creditfactory.records.tables import (
    Application,
    AuditEvent,
    DeadLetter,
    Dossier,
    Question,
    Tenant,
    Visit,
    WorkItem,
)

PAGE_ROWS = 50
COUNTED_TO = 10_000


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One application as a list shows it."""

    id: int
    number: str
    reference: str
    trade_name: str
    city: str
    industry: str
    channel: str
    amount_cents: int
    currency: str
    pack: str
    applied_at: datetime
    applied_on: date
    received_at: datetime
    status: str
    station: str
    waits_for: str
    entered_at: datetime
    due_at: datetime | None
    lane: str
    tier: str
    points: int | None
    decided_at: datetime | None
    money_at: datetime | None
    ended_at: datetime | None
    reason: str
    tenant_id: int = 0


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a search; ``total`` is counted up to ten thousand only, ``is_more`` says that there are more."""

    rows: tuple[CaseRow, ...]
    total: int
    is_more: bool
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class VisitRow:
    """What one station found, with its text as kept."""

    sequence: int
    station: str
    outcome: str
    lane: str
    next_station: str
    result: Any
    result_text: str
    reasons: tuple[dict[str, Any], ...]
    actor: str
    rulebook: str
    entered_at: datetime
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question to an outside party and how it stands."""

    party: str
    kind: str
    station: str
    status: str
    attempts: int
    last_error: str
    asked_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One piece of work of this application, open or done."""

    id: int
    station: str
    kind: str
    role: str
    status: str
    claimed_by: str
    completed_by: str
    opened_at: datetime
    due_at: datetime
    completed_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One act in the history."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything about one application that its page shows."""

    row: CaseRow
    person_token: str
    rulebook: str
    dossier: dict[str, Any]
    visits: tuple[VisitRow, ...]
    questions: tuple[QuestionRow, ...]
    work: tuple[WorkRow, ...]
    events: tuple[EventRow, ...]
    held_why: str
    held_at: datetime | None
    loan: LoanFile | None

    @property
    def is_in_play(self) -> bool:
        """Whether it still stands somewhere on the line."""
        return self.row.status in ("moving", "waiting", "held")


def find_cases(
    tenant_id: int, *, text: str = "", status: str = "", station: str = "", lane: str = "", reason: str = "",
    city: str = "", channel: str = "", page: int = 1,
) -> CasePage:  # fmt: skip
    """The applications that match, latest received first."""
    wanted = {"status": status, "station": station, "lane": lane, "reason": reason, "city": city, "channel": channel}
    rows = Application.objects.filter(tenant_id=tenant_id, **{name: value for name, value in wanted.items() if value})
    if text:
        rows = rows.filter(matches_text(text))
    total = rows.order_by()[: COUNTED_TO + 1].count()
    counted = min(total, COUNTED_TO)
    pages = max(1, -(-counted // PAGE_ROWS))
    page = min(max(1, page), pages)
    first = (page - 1) * PAGE_ROWS
    shown = rows.order_by("-received_at", "-id")[first : first + PAGE_ROWS]
    return CasePage(tuple(case_row(row) for row in shown), counted, total > COUNTED_TO, page, pages)


def find_factory_of_case(number: str) -> str | None:
    """The factory in which an application of that number stands."""
    return Tenant.objects.filter(application__number=number).values_list("code", flat=True).first()


def read_case(tenant_id: int, number: str) -> CaseFile | None:
    """One application with all that was found, asked, done and posted; None if the factory has no such one."""
    found = Application.objects.filter(tenant_id=tenant_id, number=number).select_related("tenant").first()
    if found is None:
        return None
    body = Dossier.objects.filter(application=found).values_list("body", flat=True).first()
    held = DeadLetter.objects.filter(application=found, resumed_at__isnull=True).order_by("-held_at").first()
    visits = Visit.objects.filter(application=found).order_by("sequence")
    questions = Question.objects.filter(application=found).order_by("asked_at", "id")
    work = WorkItem.objects.filter(application=found).order_by("opened_at", "id")
    loan = read_loan_of(found.pk)
    keys = [(("application", found.number))] + ([("loan", loan.number)] if loan else [])
    return CaseFile(
        row=case_row(found),
        person_token=found.person_token,
        rulebook=found.rulebook,
        dossier=json.loads(body) if body else {},
        visits=tuple(_visit_row(visit) for visit in visits),
        questions=tuple(
            QuestionRow(q.party, q.kind, q.station, q.status, q.attempts, q.last_error, q.asked_at, q.answered_at)
            for q in questions
        ),
        work=tuple(
            WorkRow(
                w.pk, w.station, w.kind, w.role, w.status, w.claimed_by, w.completed_by, w.opened_at, w.due_at,
                w.completed_at, w.note,
            )
            for w in work
        ),
        events=_read_events(found.tenant.code, keys),
        held_why=held.why if held else "",
        held_at=held.held_at if held else None,
        loan=loan,
    )  # fmt: skip


def case_row(of: Application) -> CaseRow:
    """The row of one application."""
    return CaseRow(
        id=of.pk, number=of.number, reference=of.reference, trade_name=of.trade_name, city=of.city,
        industry=of.industry, channel=of.channel, amount_cents=of.amount_cents, currency=of.currency, pack=of.pack,
        applied_at=of.applied_at, applied_on=of.applied_on, received_at=of.received_at, status=of.status,
        station=of.station, waits_for=of.waits_for, entered_at=of.entered_at, due_at=of.due_at, lane=of.lane,
        tier=of.tier, points=of.points, decided_at=of.decided_at, money_at=of.money_at, ended_at=of.ended_at,
        reason=of.reason, tenant_id=of.tenant_id,
    )  # fmt: skip


def _read_events(tenant: str, keys: Iterable[tuple[str, str]]) -> tuple[EventRow, ...]:
    rows: list[AuditEvent] = []
    for kind, key in keys:
        rows += AuditEvent.objects.filter(object_kind=kind, object_key=key, tenant=tenant).order_by("-id")[:100]
    rows.sort(key=lambda event: event.pk, reverse=True)
    return tuple(EventRow(event.at, event.actor, event.action, event.detail) for event in rows)


def _visit_row(visit: Visit) -> VisitRow:
    try:
        result = json.loads(visit.result) if visit.result else None
    except ValueError:
        result = visit.result
    return VisitRow(
        visit.sequence, visit.station, visit.outcome, visit.lane, visit.next_station, result, visit.result,
        tuple(json.loads(visit.reasons or "[]")), visit.actor, visit.rulebook, visit.entered_at, visit.started_at,
        visit.finished_at,
    )  # fmt: skip
