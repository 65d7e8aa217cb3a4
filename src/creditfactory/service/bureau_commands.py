"""``creditfactory bureau``: report outcomes to the credit bureau, object to what was told, see what was spent."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime

from creditfactory.kernel import BadInput, UnknownName
from creditfactory.service.compliance_commands import reach_factory

EXAMPLE = """example:
  creditfactory bureau report --tenant demo --month 2026-11
  creditfactory bureau spent --tenant demo
  creditfactory bureau object A-261123-00007 --line L-000012:2026-11 --why "paid on the 3rd, receipt attached"
"""


def add_bureau(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Set up ``creditfactory bureau``."""
    parser = commands.add_parser(
        "bureau", help="report outcomes to the bureau, object, see what was spent", epilog=EXAMPLE,
        description="What passes between the factory and the credit bureau.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    kinds = parser.add_subparsers(dest="kind", required=True)
    report = kinds.add_parser("report", help="make and tell a month's lines", epilog=EXAMPLE,
                              formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    report.add_argument("--month", required=True, metavar="YYYY-MM", help="the month to report")
    report.add_argument("--make-only", action="store_true", help="make the lines and tell nobody yet")
    spent = kinds.add_parser("spent", help="paid questions by month and purpose", epilog=EXAMPLE,
                             formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    objected = kinds.add_parser("object", help="take an applicant's objection to a line", epilog=EXAMPLE,
                                formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    objected.add_argument("number", help="the case's number")
    objected.add_argument("--line", required=True, help="the key of the line told to the bureau")
    objected.add_argument("--why", required=True, help="what the applicant says")
    for one in (report, spent, objected):
        one.add_argument("--tenant", default="demo", metavar="CODE", help="the factory (demo)")
        one.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked and print it as JSON."""
    reach_factory()
    from creditfactory import records, stations
    from creditfactory.batches.bureau_reporting import report_month
    from creditfactory.records import reads

    tenant = records.find_tenant(arguments.tenant)
    if tenant is None:
        known = ", ".join(t.code for t in records.list_tenants()) or "none"
        raise UnknownName(place="--tenant", found=repr(arguments.tenant), expected=f"a factory that is open: {known}")
    if arguments.kind == "spent":
        account = reads.read_bureau_account(tenant.id)
        print(json.dumps([asdict(month) for month in account.months], default=str))
        return 0
    if arguments.kind == "object":
        found = records.find_application(tenant_id=tenant.id, number=arguments.number)
        if found is None:
            raise UnknownName(place="number", found=repr(arguments.number[:40]), expected="the number of a case")
        stations.object_to_bureau(found.id, line=arguments.line, why=arguments.why)
        print(json.dumps({"number": arguments.number, "line": arguments.line, "status": "open"}))
        return 0
    told = report_month(
        tenant, _read_month(arguments.month), at=records.read_clock(tenant.id).now, may_send=not arguments.make_only
    )
    print(json.dumps(asdict(told)))
    print(f"{told.month}: {told.made} lines new, {told.taken} taken, {told.refused} refused.", file=sys.stderr)
    return 1 if told.refused or (told.left and not arguments.make_only) else 0


def _read_month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise BadInput(place="--month", found=repr(text[:40]), expected="a month like 2026-11") from None
