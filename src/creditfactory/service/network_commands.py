"""``creditfactory network``: search the past for patterns around bad applications, and list what was found."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import date

from creditfactory.kernel import BadInput, UnknownName
from creditfactory.service.compliance_commands import reach_factory

EXAMPLE = """example:
  creditfactory network mine --tenant demo
  creditfactory network mine --tenant demo --on 2027-01-31 --ripe-days 90 --no-draft
  creditfactory network mined --tenant demo
"""


def add_network(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Set up ``creditfactory network``."""
    parser = commands.add_parser(
        "network", help="search the past for patterns around bad applications", epilog=EXAMPLE,
        description="What past applications that turned out bad had around them, and a rule proposed for it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    found = acts.add_parser(
        "mine", help="search now, keep what is found, draft a rule for the best new pattern", epilog=EXAMPLE,
        description="Search now, keep what is found, and draft a rule for the best new pattern; two persons sign it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    found.add_argument("--on", metavar="DATE", help="look from the end of this day (the factory's business date)")
    found.add_argument("--ripe-days", type=int, default=60, metavar="N", help="younger ones are left out (60)")
    found.add_argument("--no-draft", action="store_true", help="draft no rule")
    kept = acts.add_parser("mined", help="print what the last runs found, a JSON line each", epilog=EXAMPLE,
                           description="Print what the last runs found, a JSON line each, newest first.",
                           formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    for one in (found, kept):
        one.add_argument("--tenant", default="demo", metavar="CODE", help="the factory (demo)")
        one.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked and print it as JSON."""
    on = _read_day(arguments.on) if arguments.act == "mine" and arguments.on else None
    if arguments.act == "mine" and not 0 <= arguments.ripe_days <= 3_650:
        raise BadInput(place="--ripe-days", found=str(arguments.ripe_days), expected="days from 0 to 3650")
    reach_factory()
    from creditfactory import records

    tenant = records.find_tenant(arguments.tenant)
    if tenant is None:
        known = ", ".join(t.code for t in records.list_tenants()) or "none"
        raise UnknownName(place="--tenant", found=repr(arguments.tenant), expected=f"a factory that is open: {known}")
    if arguments.act == "mined":
        for kept in records.list_mining_runs(tenant.code):
            print(json.dumps(kept, ensure_ascii=False))
        return 0
    from creditfactory.batches.mining import mine_network

    found = mine_network(tenant, on, ripe_days=arguments.ripe_days, may_draft=not arguments.no_draft)
    print(json.dumps(asdict(found), ensure_ascii=False, default=str))
    drafted = f"; draft {found.draft} proposes the best new one" if found.draft else f"; {found.note or 'no draft'}"
    print(
        f"{found.on}: {len(found.patterns)} patterns among {found.applications:,} applications with {found.bads:,} bad,"
        f" of {found.tried:,} tried{drafted}.",
        file=sys.stderr,
    )
    return 0


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(place="--on", found=repr(text[:40]), expected="a day like 2026-11-23") from None
