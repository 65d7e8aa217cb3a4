"""The commands ``creditfactory partners …``: keys with which outside systems sign their requests."""

from __future__ import annotations

import argparse
import getpass
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from creditfactory.kernel import Refused

Run = Callable[[argparse.Namespace], int | None]
SECRET_BYTES = 32


def add_arguments(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The four acts, each with an example."""
    _act(kinds, "list", _run_list, help="print each key as a JSON line, without its secret",
         example="creditfactory partners list --tenant demo")  # fmt: skip
    add = _act(kinds, "add", _run_add, help="give a partner a key; its secret is printed once and never again",
               example="creditfactory partners add harbour --tenant demo --role broker --rights decide")  # fmt: skip
    add.add_argument("key", metavar="KEY", help="the key's name, which the partner sends with each request")
    add.add_argument("--party", metavar="CODE", help="who signs with it: a channel's code, a bank's (the key's name)")
    add.add_argument("--role", default="broker", choices=("broker", "staff", "party"), help="which doors it opens")
    add.add_argument(
        "--rights", default="", metavar="A,B", help="decide: a decision at once; explain: staff's words and traces"
    )
    add.add_argument("--per-minute", type=_read_count, metavar="N", help="the most requests a minute (the house's own)")
    for name, run, what in (
        ("rotate", _run_rotate, "give a key a new secret; the old one is refused from now on"),
        ("close", _run_close, "close a key for good; nothing signed with it is taken any more"),
    ):
        act = _act(kinds, name, run, help=what, example=f"creditfactory partners {name} harbour --tenant demo")
        act.add_argument("key", metavar="KEY", help="the key's name")


def _act(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Run, *, help: str, example: str
) -> argparse.ArgumentParser:
    parser = kinds.add_parser(
        name, help=help, description=help[0].upper() + help[1:] + ".",
        epilog=f"example:\n  {example}", formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--tenant", default="demo", metavar="CODE", help="the factory (demo)")
    parser.set_defaults(run=run)
    return parser


def _read_count(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 8 and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a whole number from 1 up")


def _open(arguments: argparse.Namespace) -> tuple[Any, Any, str, datetime]:
    """The records, the factory named, who asks, and the instant."""
    from creditfactory.service.running import find_factory
    from creditfactory.service.setting_up import set_up_django

    set_up_django(find_factory())
    from creditfactory import records

    tenant = records.find_tenant(arguments.tenant)
    if tenant is None:
        known = ", ".join(t.code for t in records.list_tenants()) or "none"
        raise Refused(f"There is no factory {arguments.tenant!r} here; open are: {known}.")
    return records, tenant, f"terminal:{getpass.getuser()}"[:64], datetime.now(UTC)


def _run_list(arguments: argparse.Namespace) -> None:
    records, tenant, _, _ = _open(arguments)
    for row in records.list_partners(tenant.id):
        told = {**asdict(row), "created_at": row.created_at.isoformat()}
        print(json.dumps(told, ensure_ascii=False))


def _run_add(arguments: argparse.Namespace) -> None:
    records, tenant, by, at = _open(arguments)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    rights = tuple(right.strip() for right in arguments.rights.split(",") if right.strip())
    records.add_partner(
        tenant=tenant, key=arguments.key, party=arguments.party or arguments.key, role=arguments.role, rights=rights,
        per_minute_max=arguments.per_minute, secret=secret, by=by, at=at,
    )  # fmt: skip
    print(json.dumps({"key": arguments.key, "secret": secret, "role": arguments.role, "rights": list(rights)}))


def _run_rotate(arguments: argparse.Namespace) -> None:
    records, tenant, by, at = _open(arguments)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    records.rotate_partner(tenant=tenant, key=arguments.key, secret=secret, by=by, at=at)
    print(json.dumps({"key": arguments.key, "secret": secret}))


def _run_close(arguments: argparse.Namespace) -> None:
    records, tenant, by, at = _open(arguments)
    records.close_partner(tenant=tenant, key=arguments.key, by=by, at=at)
    print(json.dumps({"key": arguments.key, "is_open": False}))
