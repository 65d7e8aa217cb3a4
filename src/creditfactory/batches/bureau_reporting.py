"""The month's report to the credit bureau: accounts opened, how each stood, closed, what was put right; told once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from creditfactory import gateways, portfolio, records, stations
from creditfactory.kernel import Refused, Unavailable, month_end

LINES_A_BATCH = 500
BUREAU = "bureau"


@dataclass(frozen=True, slots=True)
class Told:
    """What a month's report came to: lines new, taken and refused, and how many are still to be told."""

    month: str
    made: int
    taken: int
    refused: int
    left: int


def report_month(tenant: records.TenantRecord, month: date, *, at: datetime, may_send: bool = True) -> Told:
    """Make a month's lines, tell all that are untold, and keep what the bureau said of each.

    Running it again makes no line twice and tells none twice that was taken; a batch that found no ear is told by
    the next run under the same keys. A month that has not ended yet is refused.
    """
    last = month_end(month)
    if last >= at.date():
        raise Refused(f"The month {month:%Y-%m} has not ended yet; report it from {last} on.")
    made = records.save_bureau_lines(
        tenant_id=tenant.id, at=at,
        lines=[*_make_lines(tenant.id, last.replace(day=1), last), *_make_corrections(tenant.id, last)],
    )  # fmt: skip
    taken = refused = 0
    party = stations.name_bureau_party(tenant, last)
    while may_send and (lines := records.list_bureau_lines(tenant_id=tenant.id, limit=LINES_A_BATCH)):
        receipt = _tell(tenant, party, lines, at)
        if receipt is None:
            break
        taken += len(receipt["taken"])
        refused += len(receipt["refused"])
    left = len(records.list_bureau_lines(tenant_id=tenant.id, limit=10**6))
    return Told(f"{last:%Y-%m}", made, taken, refused, left)


def _make_lines(tenant_id: int, first: date, last: date) -> Iterator[records.BureauLine]:
    """Each loan's lines of one month."""
    for loan in records.list_loans_at(tenant_id=tenant_id, first=first, on=last):
        has_ended = loan.ended_on is not None and loan.ended_on <= last
        late = loan.first_unpaid_on is not None and loan.first_unpaid_on <= last and loan.overdue_cents > 0
        days = (last - loan.first_unpaid_on).days if late and loan.first_unpaid_on is not None else 0
        letter = portfolio.read_bureau_status(
            days,
            is_charged_off=has_ended and loan.status == "charged_off",
            is_repaid=has_ended and loan.status == "paid",
        )
        if first <= loan.disbursed_on <= last:
            opened = {"status": "N", "balance_cents": loan.principal_cents, "due_cents": 0, "overdue_cents": 0}
            yield _write_line(loan, "opened", first, f"{loan.number}:opened", opened)
        facts = {
            "status": letter, "balance_cents": 0 if letter == "C" else max(0, loan.balance_cents),
            "due_cents": loan.due_cents, "overdue_cents": loan.overdue_cents if letter not in "NC" else 0,
        }  # fmt: skip
        yield _write_line(loan, "status", first, f"{loan.number}:{first:%Y-%m}", facts)
        if has_ended:
            yield _write_line(loan, "closed", first, f"{loan.number}:closed", facts)


def _write_line(
    loan: records.LoanAtMonthEnd, kind: str, month: date, key: str, facts: Mapping[str, Any]
) -> records.BureauLine:
    body = {
        "key": key, "kind": kind, "person": {"token": loan.person_token}, "account": loan.number,
        "month": month.isoformat(), "lender": loan.lender, "opened_on": loan.disbursed_on.isoformat(),
        "closed_on": loan.ended_on.isoformat() if kind == "closed" and loan.ended_on else None,
        "principal_cents": loan.principal_cents, **facts,
    }  # fmt: skip
    return records.BureauLine(loan_id=loan.id, kind=kind, month=month, key=key, body=json.dumps(body))


def _make_corrections(tenant_id: int, last: date) -> Iterator[records.BureauLine]:
    """A line for each objection that was found right, naming the line it puts right."""
    for objection in records.list_upheld_objections(tenant_id=tenant_id):
        wrong = records.find_bureau_line(tenant_id=tenant_id, key=objection.line_key)
        if wrong is None:
            continue
        facts = {n: objection.result[n] for n in ("status", "balance_cents", "overdue_cents") if n in objection.result}
        key = f"{objection.line_key}:correction:{objection.id}"
        body = {**wrong.body, **facts, "key": key, "kind": "correction", "corrects": objection.line_key}
        yield records.BureauLine(
            loan_id=wrong.loan_id, kind="correction", month=last.replace(day=1), number=objection.id % 32_000, key=key,
            body=json.dumps(body),
        )  # fmt: skip


def _tell(
    tenant: records.TenantRecord, party: str, lines: list[tuple[str, str, str]], at: datetime
) -> Mapping[str, Any] | None:
    """One batch told; None where nobody listens. The key is that of its lines, so that telling it again is no other."""
    digest = hashlib.sha256("".join(key for key, _, _ in lines).encode()).hexdigest()[:24]
    batch = f"{tenant.code}-{digest}"
    request = {
        "batch": batch, "asked_at": at.isoformat(), "institution": tenant.code,
        "lines": [stations.name_person(json.loads(body)) for _, _, body in lines],
    }  # fmt: skip
    try:
        answer = gateways.ask(party, "outcomes", f"outcomes:{batch}", request, address_book=stations.read_addresses())
    except Unavailable:
        return None
    if answer.status != "answered":
        raise Refused(f"The bureau refused the batch {batch}: {answer.body.get('code')} {answer.body.get('message')}")
    refused = {str(line["key"]): str(line["code"]) for line in answer.body.get("refused") or ()}
    taken = [str(key) for key in answer.body.get("taken") or ()]
    if not refused and not taken:
        return None
    records.save_bureau_receipt(tenant_id=tenant.id, batch=batch, taken=taken, refused=refused, at=at)
    return {"taken": taken, "refused": refused}
