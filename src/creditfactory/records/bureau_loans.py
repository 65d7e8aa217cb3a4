"""How each loan stood at a month's end, for the bureau; and the objections that were found to be right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from creditfactory.records.tables import WorkItem

STANDING = """
SELECT l.id, l.number, a.person_token, b.code, l.principal_cents, l.disbursed_on, l.ended_on, l.status,
  l.principal_cents - COALESCE(r.principal, 0) AS balance,
  GREATEST(0, COALESCE(d.due, 0) - COALESCE(r.paid, 0)) AS overdue,
  (SELECT min(i.due_on) FROM instalment i
    WHERE i.loan_id = l.id AND i.due_through_cents > COALESCE(r.paid, 0)) AS first_unpaid_on,
  COALESCE(m.due, 0) AS due
FROM loan l JOIN application a ON a.id = l.application_id JOIN book b ON b.id = l.book_id
LEFT JOIN LATERAL (SELECT sum(principal_cents)::bigint AS principal,
    sum(principal_cents + interest_cents)::bigint AS paid
  FROM repayment WHERE loan_id = l.id AND "on" <= %(on)s) r ON true
LEFT JOIN LATERAL (SELECT max(due_through_cents) AS due FROM instalment
  WHERE loan_id = l.id AND due_on <= %(on)s) d ON true
LEFT JOIN LATERAL (SELECT sum(principal_cents + interest_cents)::bigint AS due FROM instalment
  WHERE loan_id = l.id AND due_on <= %(on)s AND due_on >= %(first)s) m ON true
WHERE l.tenant_id = %(tenant)s AND l.disbursed_on <= %(on)s AND (l.ended_on IS NULL OR l.ended_on >= %(first)s)
ORDER BY l.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanAtMonthEnd:
    """One loan as it stood on the last day of a month; ``first_unpaid_on`` is the first promise not yet kept."""

    id: int
    number: str
    person_token: str
    lender: str
    principal_cents: int
    disbursed_on: date
    ended_on: date | None
    status: str
    balance_cents: int
    overdue_cents: int
    first_unpaid_on: date | None
    due_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """An applicant's objection that an officer found right: which line, and how it should have read."""

    id: int
    line_key: str
    result: Mapping[str, Any]


def list_loans_at(*, tenant_id: int, first: date, on: date) -> list[LoanAtMonthEnd]:
    """The loans that ran in a month, as they stood on its last day."""
    names = list(LoanAtMonthEnd.__dataclass_fields__)
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"tenant": tenant_id, "first": first, "on": on})
        return [LoanAtMonthEnd(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def list_upheld_objections(*, tenant_id: int) -> list[Objection]:
    """Objections decided for the applicant, oldest first."""
    rows = WorkItem.objects.filter(application__tenant_id=tenant_id, kind="bureau_objection", status="done")
    found = []
    for item in rows.order_by("id"):
        result, brief = json.loads(item.result or "{}"), json.loads(item.brief or "{}")
        if result.get("verdict") == "wrong" and brief.get("line"):
            found.append(Objection(id=item.id, line_key=str(brief["line"]), result=result))
    return found
