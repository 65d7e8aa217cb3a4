"""Running a factory: for real, or as a demo with a simulated market around it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from creditfactory.kernel import Misconfigured, Refused
from creditfactory.service.importing import installation_secrets
from creditfactory.service.installation import Installation
from creditfactory.service.setting_up import make_tables, open_factory, set_up_django
from creditfactory.service.supervisor import (
    ChildSpec,
    Supervisor,
    check_database,
    check_port,
    free_port,
    supervise,
    wait_for_port,
    web_spec,
    worker_specs,
)

Say = Callable[[str], None]

DEMO_TENANT, DEMO_PACK, DEMO_MARKET = "demo", "cn-micro", "cn-micro"
DEMO_DAY = date(2026, 11, 23)
DEMO_HOUR, DEMO_OFFSET_HOURS = 9, 8
DEMO_NAMES_LISTED = 1_000
WEB_DOOR_SECONDS = 180
"""How long a first start may take on a small and busy machine, where the labels are compiled once."""
PARTIES = ("bank", "custodian", "insurer")
HOP = "licensed_bureau"
"""The licensed bureau before the credit bureau: a process of its own, which asks the bureau in its own name."""


def run_serve(*, host: str, port: int, workers: int, data_dir: Path | None, say: Say) -> int:
    """Run database, workers and web until told to stop; leave no process behind."""
    installation = Installation(data_dir)
    environment = {**installation_secrets(installation), "CREDITFACTORY_HOSTS": _hosts(host)}
    with supervise(installation, environment, check=lambda: check_port(host, port)) as supervisor:
        _open_house(supervisor, host, port, workers)
        say(f"Credit Factory: http://{host}:{port}  (data in {installation.data_dir}; Ctrl-C stops)")
        supervisor.run_until_told()
        say("Stopping.")
    say("Stopped; nothing is left running.")
    return 0


def run_demo(
    *, host: str, port: int, workers: int, data_dir: Path | None, speed: float, rate: float, seed: int, say: Say
) -> int:
    """Run a whole factory with its market: people apply, machines and people work, banks answer."""
    installation = Installation(data_dir)
    kept = installation_secrets(installation)
    own = installation.read_secrets()
    addresses = installation.data_dir / "addresses.json"
    environment = {
        **kept,
        "CREDITFACTORY_HOSTS": _hosts(host),
        "CREDITFACTORY_DEMO": "1",
        "CREDITFACTORY_DEMO_PASSWORD": own["demo_password"],
        "CREDITFACTORY_ADDRESSES": str(addresses),
    }
    say("Starting the demo; the first start makes its database and takes a few seconds.")
    with supervise(installation, environment, check=lambda: check_port(host, port)) as supervisor:
        ports = {name: free_port() for name in ("sources", HOP, *PARTIES)}
        keys = _write_keys(installation, addresses, ports)
        _open_house(
            supervisor, host, port, workers, prepare=lambda: _open_demo(keys, own["demo_password"], speed, seed)
        )
        _open_market(supervisor, ports, url=f"http://127.0.0.1:{port}", speed=speed, rate=rate, seed=seed)
        say(_welcome(host, port, own["demo_password"], speed, supervisor.log_path))
        supervisor.run_until_told()
        say("Stopping.")
        _rest_clock()
    say("Stopped; nothing is left running. The next start finds everything as it was.")
    return 0


def _hosts(host: str) -> str:
    return ",".join(
        dict.fromkeys((host, "127.0.0.1", "localhost", *os.environ.get("CREDITFACTORY_HOSTS", "").split(",")))
    )


def _open_house(
    supervisor: Supervisor, host: str, port: int, workers: int, *, prepare: Callable[[], None] = lambda: None
) -> None:
    """Tables, then workers and web; returns when the web door answers."""
    set_up_django(supervisor.environment)
    make_tables()
    prepare()
    supervisor.installation.write_where(
        pid=os.getpid(), url=f"http://{host}:{port}", database_url=supervisor.database_url
    )
    supervisor.add(web_spec(host, port))
    for spec in worker_specs(workers, concurrency=4):
        supervisor.add(spec)
    asked = host if host != "0.0.0.0" else "127.0.0.1"  # noqa: S104  the address to ask is loopback
    if not wait_for_port(asked, port, seconds=WEB_DOOR_SECONDS):
        raise Refused(
            f"The web door at {host}:{port} did not open within {WEB_DOOR_SECONDS} s; see the messages above."
        )


def _write_keys(installation: Installation, addresses: Path, ports: dict[str, int]) -> dict[str, str]:
    """Keys for the factory and its outside parties, and the address book that names where each is reached."""
    keys = installation.keep(
        "keys.json", lambda: {name: secrets.token_urlsafe(32) for name in ("factory", "people", *PARTIES)}
    )
    sources = (
        "bureau", "registry", "court", "tax", "bank_flow", "utilities", "telecom", "identity", "messages",
    )  # fmt: skip
    book: dict[str, dict[str, object]] = {}
    for party in (*sources, HOP, *PARTIES):
        port = ports[party if party in ports else "sources"]
        book[party] = {"url": f"http://127.0.0.1:{port}/{party}", "key_id": "factory", "secret": keys["factory"]}
    own = installation.keep("hop.json", lambda: {HOP: secrets.token_urlsafe(32)})
    shared = installation.data_dir / "party_keys.json"
    for file, content in ((shared, {**keys, **own}), (addresses, book)):
        file.touch(0o600)
        file.write_text(json.dumps(content), encoding="utf-8")
    return keys


def _open_demo(keys: dict[str, str], password: str, speed: float, seed: int) -> None:
    """The demo's factory: its clock from this minute on, its channels, funders, partners and people."""
    from creditfactory import gateways, records
    from creditfactory.funding import FunderFacts
    from creditfactory.world import list_names, load_market

    tenant = open_factory(
        DEMO_TENANT, "Demo", DEMO_PACK, business_on=DEMO_DAY, hour=DEMO_HOUR, utc_offset_hours=DEMO_OFFSET_HOURS,
        speed=speed, officers=("guo", "lin"),
    )  # fmt: skip
    clock = records.read_clock(tenant.id)
    records.set_clock(tenant.id, now=clock.now, business_on=clock.business_on, speed=speed)
    market = load_market(DEMO_MARKET)
    for channel in market.channels:
        records.save_channel(
            tenant=tenant, code=channel.code, name=channel.name, kind=channel.kind, grade=channel.grade,
            status="admitted", quota_cents=channel.quota_cents, deposit_cents=channel.deposit_cents,
            deposit_required_cents=channel.deposit_required_cents, since=DEMO_DAY - timedelta(days=400),
        )  # fmt: skip
    records.save_channel(
        tenant=tenant, code="apply-page", name="自助申请", kind="direct", grade="A", status="admitted",
        quota_cents=5_000_000_000, deposit_cents=0, deposit_required_cents=0, since=DEMO_DAY - timedelta(days=400),
    )  # fmt: skip
    since = DEMO_DAY - timedelta(days=500)
    known = [
        records.NewListEntry(code, "id_number", number, match, since)
        for code, number, match in list_names(market, seed, DEMO_NAMES_LISTED)
    ]
    records.save_list_entries(tenant=tenant, entries=known, by="demo")
    for row in market.list_funders():
        terms = gateways.load_plain(FunderFacts, row)
        records.save_funder(
            tenant=tenant, code=terms.code, name=terms.name, kind=terms.kind, terms=gateways.dump_value(terms)
        )
    at = datetime.now(UTC)
    for name, role in (("people", "market"), *((party, "party") for party in PARTIES)):
        records.save_partner_key(tenant=tenant, key=name, party=name, role=role, secret=keys[name], at=at)
    records.create_demo_users(tenant=tenant.code, password=password)


def _open_market(
    supervisor: Supervisor, ports: dict[str, int], *, url: str, speed: float, rate: float, seed: int
) -> None:
    """The outside parties and the people, each a process of its own."""
    data = supervisor.installation.data_dir
    state = data / "market"
    keys, shared = str(data / "keys.json"), str(data / "party_keys.json")
    state.mkdir(exist_ok=True)
    for party, port in ports.items():
        supervisor.add(
            ChildSpec(
                name=f"party:{party}",
                argv=(
                    sys.executable, "-m", "creditfactory.world.parties", "--party", party, "--port", str(port),
                    "--seed", str(seed), "--speed", str(speed), "--callback", url, "--keys", shared,
                    "--state", str(state / party),
                    *(("--upstream", f"http://127.0.0.1:{ports['sources']}") if party == HOP else ()),
                ),
                grace_seconds=3.0,
            )
        )  # fmt: skip
    for port in ports.values():
        wait_for_port("127.0.0.1", port, seconds=15)
    supervisor.add(
        ChildSpec(
            name="people",
            argv=(
                sys.executable, "-m", "creditfactory.world.people", "--url", url, "--keys", keys, "--seed", str(seed),
                "--rate", str(rate), "--speed", str(speed), "--state", str(state / "people.json"),
            ),
            end=signal.SIGTERM,
            grace_seconds=3.0,
        )
    )  # fmt: skip


def _rest_clock() -> None:
    """Let the demo's clock stand while nobody runs it, so that nothing falls late overnight."""
    from creditfactory import records

    with contextlib.suppress(*records.DATABASE_AWAY):  # a database that is away keeps the clock as it was
        tenant = records.find_tenant(DEMO_TENANT)
        if tenant is not None:
            clock = records.read_clock(tenant.id)
            records.set_clock(tenant.id, now=clock.now, business_on=clock.business_on, speed=0)


def _welcome(host: str, port: int, password: str, speed: float, log_path: Path) -> str:
    from creditfactory import records

    shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104  what to type into a browser
    people = ", ".join(
        f"{user.username} ({user.role.name_en.lower()})"
        for user in records.list_demo_users()
        if user.role.code in ("chief_risk_officer", "credit_officer", "phone_officer", "fraud_analyst")
    )
    return (
        f"\n  Credit Factory runs at   http://{shown}:{port}\n"
        f"  Sign in as               {people}\n"
        f"  Password                 {password}\n"
        f"  One minute of the demo   {60 / speed:g} s of yours; what happens is written to {log_path}\n"
        f"  Ctrl-C stops everything.\n"
    )


def close_business_day(tenant_code: str, on: date | None) -> dict[str, Any]:
    """Close a business day of the factory that runs here, or whose database ``DATABASE_URL`` names."""
    set_up_django(find_factory())
    from creditfactory import records
    from creditfactory.batches import end_business_day

    tenant = records.find_tenant(tenant_code)
    if tenant is None:
        known = ", ".join(t.code for t in records.list_tenants()) or "none"
        raise Refused(f"There is no factory {tenant_code!r} here; open are: {known}.")
    return end_business_day(tenant.id, on)


def run_worker(concurrency: int) -> int:
    """Run one more worker of the factory that runs here, or whose database ``DATABASE_URL`` names."""
    found = find_factory()
    addresses = Path(found["CREDITFACTORY_DATA"]) / "addresses.json"
    if addresses.exists():  # without it every question to an outside party would be held
        os.environ.setdefault("CREDITFACTORY_ADDRESSES", str(addresses))
    os.environ.update({**found, "CREDITFACTORY_WORKER_CONCURRENCY": str(concurrency)})
    from creditfactory.service import worker

    worker.main()
    return 0


def find_factory() -> dict[str, str]:
    """The settings of a factory whose database answers; said in one sentence if there is none."""
    installation = Installation()
    environment = installation_secrets(installation)
    given = os.environ.get("DATABASE_URL")
    url = given or installation.read_where().get("database_url")
    if not isinstance(url, str):
        raise Refused("No factory runs here and DATABASE_URL is not set; start one with: creditfactory serve")
    try:
        check_database(url)
    except Misconfigured:
        if given:
            raise
        raise Refused(
            f"The factory in {installation.data_dir} does not run any more; start it with: creditfactory serve"
        ) from None
    return {**environment, "DATABASE_URL": url}
