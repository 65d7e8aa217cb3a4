"""Keeping what passed between factory and bureau: every need of a report counted once, every line told once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import BureauRecord

COUNT = """
INSERT INTO bureau_query (
  tenant_id, application_id, person_token, purpose, party, key, outcome, why, consent, consent_signed_at, price_cents,
  asked_at, business_on, report_at, source_key)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (key) DO NOTHING
"""
FIND_REPORT = """
SELECT b.key, q.answer FROM bureau_query b JOIN question q ON q.key = b.key
WHERE b.tenant_id = %s AND b.person_token = %s AND b.purpose = %s AND b.outcome = 'paid'
  AND b.report_at >= %s AND b.report_at <= %s
ORDER BY b.report_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauNeed:
    """One need of a bureau report and how it was met: paid, reused, refused or withheld."""

    tenant_id: int
    application_id: int
    person_token: str
    purpose: str
    party: str
    key: str
    outcome: str
    why: str = ""
    consent: str = ""
    consent_signed_at: datetime | None = None
    price_cents: int = 0
    asked_at: datetime
    business_on: date
    report_at: datetime | None = None
    source_key: str = ""


@dataclass(frozen=True, slots=True)
class HeldReport:
    """An answer of the bureau that was paid for before, and the key it was asked under."""

    key: str
    answer: Mapping[str, Any]


def count_bureau_query(need: BureauNeed) -> bool:
    """Count a need once; False if the same key was counted before."""
    values = [getattr(need, name) for name in BureauNeed.__slots__]
    return run_prepared(COUNT, values).rowcount == 1


def find_bureau_report(
    *, tenant_id: int, person_token: str, purpose: str, since: datetime, until: datetime
) -> HeldReport | None:
    """The latest report on a person that was paid for, for the same purpose, obtained between two instants."""
    row = run_prepared(FIND_REPORT, [tenant_id, person_token, purpose, since, until]).fetchone()
    return None if row is None else HeldReport(row[0], json.loads(row[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauLine:
    """One line for the bureau about one loan; ``number`` tells corrections of one month apart."""

    loan_id: int
    kind: str
    month: date
    number: int = 0
    key: str
    body: str


@transaction.atomic
def save_bureau_lines(*, tenant_id: int, lines: Iterable[BureauLine], at: datetime) -> int:
    """Keep lines that are to be told; those made before stay as they are. How many are new."""
    before = BureauRecord.objects.filter(tenant_id=tenant_id).count()
    BureauRecord.objects.bulk_create(
        [
            BureauRecord(
                tenant_id=tenant_id, loan_id=line.loan_id, kind=line.kind, month=line.month, number=line.number,
                body=line.body, key=line.key, made_at=at,
            )
            for line in lines
        ],
        ignore_conflicts=True,
        batch_size=2_000,
    )  # fmt: skip
    return BureauRecord.objects.filter(tenant_id=tenant_id).count() - before


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line that was made for the bureau."""

    loan_id: int
    body: Mapping[str, Any]


def find_bureau_line(*, tenant_id: int, key: str, application_id: int | None = None) -> KeptLine | None:
    """The line of this key, if it is of this factory (and of this case); None otherwise."""
    rows = BureauRecord.objects.filter(tenant_id=tenant_id, key=key)
    row = (rows if application_id is None else rows.filter(loan__application_id=application_id)).first()
    return None if row is None else KeptLine(row.loan_id, json.loads(row.body))


def list_bureau_lines(*, tenant_id: int, limit: int) -> list[tuple[str, str, str]]:
    """Lines not yet told, openings first: key, kind and body."""
    made = BureauRecord.objects.filter(tenant_id=tenant_id, status="made")
    order = {"opened": 0, "status": 1, "closed": 2, "correction": 3}
    rows = list(made.order_by("month", "id").values_list("key", "kind", "body")[: 4 * limit])
    return sorted(rows, key=lambda row: order[row[1]])[:limit]


@transaction.atomic
def save_bureau_receipt(
    *, tenant_id: int, batch: str, taken: Iterable[str], refused: Mapping[str, str], at: datetime
) -> None:
    """Note which lines the bureau took and which it did not, with its own code."""
    lines = BureauRecord.objects.filter(tenant_id=tenant_id, status="made")
    lines.filter(key__in=list(taken)).update(status="taken", batch=batch, sent_at=at)
    for key, code in refused.items():
        lines.filter(key=key).update(status="refused", batch=batch, sent_at=at, answer=code[:200])
