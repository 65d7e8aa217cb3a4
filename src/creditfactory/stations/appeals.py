"""A person looks again: whoever was declined may ask for it, whatever decided (PIPL art. 24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from creditfactory import gateways, records
from creditfactory.kernel import Refused

APPEAL_TIME = timedelta(days=3)
APPEAL_ROLE = "credit_officer"


def appeal(application_id: int, *, why: str) -> None:
    """Open a piece of work for a person other than the one who reviewed before; refused while nothing was declined.

    The decision stands until that person has looked: an application that was wrongly declined is handed in anew.
    """
    record = records.load_case(application_id)
    if record is None or record.status != "declined":
        raise Refused("There is no decline here that could be looked at again.")
    earlier = [record.work[kind].by for kind in ("second_review", "review") if kind in record.work]
    last = records.find_visit(application_id=application_id)
    now = records.read_clock(record.tenant_id).now
    brief = {
        "why": why[:500],
        "declined_at": "" if last is None else last.station,
        "reasons": [] if last is None else [reason["code"] for reason in last.reasons],
    }
    records.open_work(
        case=replace(record, station="final_review"),
        order=records.WorkOrder(
            kind="appeal", role=APPEAL_ROLE, brief=gateways.dump_value(brief), reasons="[]",
            due_at=now + APPEAL_TIME, maker=earlier[0] if earlier else "",
        ),
        at=now,
    )  # fmt: skip
