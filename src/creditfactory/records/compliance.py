"""What a check of the law looks at: each standing loan and each offer, with the papers behind it, as they were kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class DealRecord:
    """A loan or an offer with what was kept of it; ``dossier`` is its text, each other part the JSON of its visit."""

    application: str
    loan: str | None
    on: date
    applied_on: date
    principal_cents: int
    dossier: str
    offer: dict[str, Any]
    contract: dict[str, Any] | None
    asked_on: date | None
    phone_check: dict[str, Any] | None
    signed: dict[str, Any] | None
    contacts: tuple[datetime, ...] = field(default=())


STOCK = """
SELECT a.number, l.number, l.disbursed_on, a.applied_on, l.principal_cents, d.body, o.result, c.result, p.business_on,
  h.result,
  (SELECT b.body FROM call_back b WHERE b.application_id = a.id AND b.kind = 'contract_signed'
     ORDER BY b.id DESC LIMIT 1),
  (SELECT json_agg(w.completed_at) FROM work_item w WHERE w.application_id = a.id AND w.kind = 'collection'
     AND w.status = 'done')
FROM loan l JOIN application a ON a.id = l.application_id JOIN dossier d ON d.application_id = a.id
LEFT JOIN LATERAL (SELECT result FROM visit v WHERE v.application_id = a.id AND v.station = 'offer'
  AND v.outcome = 'done' ORDER BY v.sequence DESC LIMIT 1) o ON true
LEFT JOIN LATERAL (SELECT result FROM visit v WHERE v.application_id = a.id AND v.station = 'contract'
  AND v.outcome = 'done' ORDER BY v.sequence DESC LIMIT 1) c ON true
LEFT JOIN LATERAL (SELECT business_on FROM visit v WHERE v.application_id = a.id AND v.station = 'data_pull'
  ORDER BY v.sequence LIMIT 1) p ON true
LEFT JOIN LATERAL (SELECT result FROM visit v WHERE v.application_id = a.id AND v.station = 'phone_check'
  AND v.outcome = 'done' ORDER BY v.sequence DESC LIMIT 1) h ON true
WHERE l.tenant_id = %(tenant)s AND l.disbursed_on <= %(on)s AND (l.ended_on IS NULL OR l.ended_on > %(on)s)
ORDER BY l.id
"""

OFFERS = """
SELECT a.number, NULL, o.business_on, a.applied_on, a.amount_cents, d.body, o.result, NULL, p.business_on, h.result,
  NULL, NULL
FROM visit o JOIN application a ON a.id = o.application_id JOIN dossier d ON d.application_id = a.id
LEFT JOIN LATERAL (SELECT business_on FROM visit v WHERE v.application_id = a.id AND v.station = 'data_pull'
  ORDER BY v.sequence LIMIT 1) p ON true
LEFT JOIN LATERAL (SELECT result FROM visit v WHERE v.application_id = a.id AND v.station = 'phone_check'
  AND v.outcome = 'done' ORDER BY v.sequence DESC LIMIT 1) h ON true
WHERE a.tenant_id = %(tenant)s AND o.station = 'offer' AND o.outcome = 'done'
  AND o.business_on >= %(since)s AND o.business_on <= %(on)s
ORDER BY o.id
"""


def each_standing_loan(tenant_id: int, on: date) -> Iterator[DealRecord]:
    """Every loan that stood on the books on a day, in the order it was booked."""
    return _each(STOCK, {"tenant": tenant_id, "on": on})


def each_offer(tenant_id: int, since: date, on: date) -> Iterator[DealRecord]:
    """Every offer made from one day to another, both included."""
    return _each(OFFERS, {"tenant": tenant_id, "since": since, "on": on})


def _each(query: str, facts: dict[str, object]) -> Iterator[DealRecord]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, facts)
        while rows := cursor.fetchmany(CHUNK):
            for number, loan, on, applied_on, cents, dossier, offer, contract, asked_on, phone, signed, at in rows:
                yield DealRecord(
                    number, loan, on, applied_on, cents, dossier, _read(offer) or {}, _read(contract), asked_on,
                    _read(phone), _read(signed), tuple(datetime.fromisoformat(instant) for instant in _list(at)),
                )  # fmt: skip


def _read(text: str | None) -> dict[str, Any] | None:
    return json.loads(text) if text else None


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return json.loads(value) if isinstance(value, str) else list(value)
