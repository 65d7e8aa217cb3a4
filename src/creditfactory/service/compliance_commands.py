"""``creditfactory compliance``: stock and new business held against the law of their days, rule by rule."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date

from creditfactory.kernel import BadInput, UnknownName

EXAMPLE = """example:
  creditfactory compliance --tenant demo --on 2026-11-23
  creditfactory compliance --tenant us-sba --on 2010-12-31 --since 2010-01-01
"""


def add_compliance(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Set up ``creditfactory compliance``."""
    parser = commands.add_parser(
        "compliance", help="hold loans and offers against the law of their days", epilog=EXAMPLE,
        description="Hold every standing loan and every new offer against the law of its day, rule by rule.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--tenant", default="demo", metavar="CODE", help="the factory (demo)")
    parser.add_argument("--on", metavar="DATE", help="the day (the factory's business date)")
    parser.add_argument("--since", metavar="DATE", help="offers from this day on (the month's first)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the report as JSON, breaches by rule and date; exit 1 if there is one."""
    on, since = (_read_day(f"--{name}", getattr(arguments, name)) for name in ("on", "since"))
    reach_factory()
    from creditfactory import records
    from creditfactory.batches.compliance import check_compliance

    tenant = records.find_tenant(arguments.tenant)
    if tenant is None:
        known = ", ".join(t.code for t in records.list_tenants()) or "none"
        raise UnknownName(place="--tenant", found=repr(arguments.tenant), expected=f"a factory that is open: {known}")
    day = on or records.read_clock(tenant.id).business_on
    if since is not None and since > day:
        raise BadInput(place="--since", found=since.isoformat(), expected=f"{day} or earlier")
    report = check_compliance(tenant, day, since)
    print(json.dumps(report, ensure_ascii=False, default=str))
    for rule in report["rules"]:
        counts = f"{rule['kept']} kept, {rule['broken']} broken, {rule['unknown']} unknown"
        print(f"{rule['words']['en']}: {counts}", file=sys.stderr)
    return 1 if report["breaches"] else 0


def reach_factory() -> None:
    """Speak to the factory that runs here, or whose database ``DATABASE_URL`` names."""
    from creditfactory.service.running import find_factory
    from creditfactory.service.setting_up import set_up_django

    set_up_django(find_factory())


def _read_day(place: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(place=place, found=repr(text[:40]), expected="a day like 2026-11-23") from None
