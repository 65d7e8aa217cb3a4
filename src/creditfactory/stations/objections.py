"""An applicant says that what we told the bureau is wrong: a person looks, within the days the law gives (C.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from creditfactory import gateways, publishing, records
from creditfactory.kernel import Refused
from creditfactory.stations.bureau_door import BUREAU
from creditfactory.stations.line_plan import LinePlan, read_line_plan

OBJECTION_ROLE = "senior_credit_officer"


def object_to_bureau(application_id: int, *, line: str, why: str) -> None:
    """Open the piece of work that answers an objection to one line told to the bureau; refused for an unknown line.

    What is found wrong goes out as a correction with the next month's report; the line objected to stays as it was.
    """
    record = records.load_case(application_id)
    if record is None:
        raise Refused("There is no such case.")
    told = records.find_bureau_line(tenant_id=record.tenant_id, key=line, application_id=application_id)
    if told is None:
        raise Refused(f"Nothing was told to the bureau under {line[:80]!r} in this case.")
    now = records.read_clock(record.tenant_id).now
    plan = find_plan(records.TenantRecord(record.tenant_id, record.tenant, record.tenant, record.pack), now.date())
    brief = {
        "line": line, "why": why[:500], "month": str(told.body.get("month", "")),
        "status": str(told.body.get("status", "")), "balance_cents": told.body.get("balance_cents"),
        "overdue_cents": told.body.get("overdue_cents"),
    }  # fmt: skip
    records.open_work(
        case=replace(record, station=record.station or "collection"),
        order=records.WorkOrder(
            kind="bureau_objection", role=OBJECTION_ROLE, brief=gateways.dump_value(brief), reasons="[]",
            due_at=now + timedelta(days=plan.objection_days),
        ),
        at=now,
    )  # fmt: skip


def find_plan(tenant: records.TenantRecord, on: date) -> LinePlan:
    """The line as the factory's champion of a day has it."""
    releases = publishing.find_releases(tenant)
    return read_line_plan(publishing.load_rulebook(publishing.choose_champion(releases, on).digest).at(on))


def name_bureau_party(tenant: records.TenantRecord, on: date) -> str:
    """Whom a factory speaks to about credit: the licensed bureau where its line says so, else the bureau."""
    return find_plan(tenant, on).bureau_via or BUREAU
