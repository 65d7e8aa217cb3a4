"""Walking one application along the real line: submitted, run station by station, told of events, worked on by people.

The workers' queue is left alone: a test runs each segment itself, in its own transaction, and so sees every stop.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import close_old_connections, connection

from creditfactory import gateways, records, stations
from creditfactory.application import Dossier
from creditfactory.batches import end_business_day
from creditfactory.funding import FunderFacts
from creditfactory.gateways.sba import SbaLoan, read_sba
from creditfactory.records import tables
from creditfactory.stations.addresses import read_addresses
from creditfactory.stations.outcomes import Absent, Ended
from creditfactory.world.applications import make_application, make_dossier
from creditfactory.world.market import load_market
from tests.journeys.test_world_parties import open_parties

ROOT = Path(__file__).resolve().parents[1]
SBA = ROOT.parent / "shared" / "data" / "sba" / "sba_7a_30k.parquet"
SEED = 7
MARKET = load_market()

ONLINE_OK = {
    "is_licence_genuine": True, "is_address_found": True, "is_address_matching": True, "is_trading_online": True,
    "is_phone_in_service": True, "is_phone_shared_with_others": False, "are_pictures_reused": False,
    "new_court_cases": 0,
}  # fmt: skip
PHONE_OK = {
    "was_reached": True, "recording": "R-1", "is_identity_answered": True, "is_purpose_confirmed": True,
    "is_consent_read_back": True, "was_fee_taken_by_broker": False, "was_form_filled_by_other": False,
    "sounds_coached": False,
}  # fmt: skip
VISIT_OK = {
    "is_controller_present": True, "is_operating": True, "is_licence_original_seen": True, "is_purpose_plausible": True,
    "photos": 6, "distance_m": 20, "initial_capital_cents": 50_000_000, "profits_retained_cents": 20_000_000,
    "withdrawals_cents": 5_000_000, "assets_cents": 90_000_000, "debts_shown_cents": 25_000_000,
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What one station left: the way out, the reasons' codes, and the room's own typed result."""

    station: str
    outcome: str
    codes: tuple[str, ...]
    result: Any
    lane: str
    actor: str
    facts: tuple[Mapping[str, Any], ...]


class Walk:
    """One application on its way."""

    def __init__(self, tenant: records.TenantRecord, receipt: records.Receipt) -> None:
        self.tenant, self.id, self.number = tenant, receipt.application_id, receipt.number

    @property
    def state(self) -> tables.Application:
        """The application as it stands now."""
        return tables.Application.objects.get(id=self.id)

    @property
    def where(self) -> tuple[str, str, str]:
        """Status, station, and what is waited for."""
        state = self.state
        return state.status, state.station, state.waits_for

    def go(self) -> Walk:
        """Run the line on to the next wait or the end."""
        stations.run_segment(self.id)
        return self

    def seen(self, station: str) -> Seen:
        """The last visit to a station."""
        visit = tables.Visit.objects.filter(application_id=self.id, station=station).order_by("-sequence").first()
        assert visit is not None, f"{station} was never left; the case is {self.where}"
        reasons = json.loads(visit.reasons)
        plain = json.loads(visit.result)
        shape = next(
            (s for s in (Absent, Ended) if set(plain) == set(s.__dataclass_fields__)), stations.RESULTS[station]
        )
        result = gateways.load_value(shape, visit.result)
        facts = tuple(reason["facts"] for reason in reasons)
        codes = tuple(reason["code"] for reason in reasons)
        return Seen(station, visit.outcome, codes, result, visit.lane, visit.actor, facts)

    def tell(self, kind: str, body: Mapping[str, Any], *, key: str = "") -> bool:
        """What the borrower tells through the market's door; False if this key was told before."""
        gateways.check_event(kind, body)
        is_new = records.receive_call_back(
            application_id=self.id, source="people", kind=kind, key=key or f"{self.number}:{time.monotonic_ns()}",
            body=json.dumps(body), at=self.now,
        )  # fmt: skip
        self.go()
        return is_new

    @property
    def now(self) -> datetime:
        """What the factory's clock shows."""
        return records.read_clock(self.tenant.id).now

    def find_work(self, kind: str) -> tables.WorkItem:
        """The open or claimed piece of work of a kind."""
        return tables.WorkItem.objects.get(application_id=self.id, kind=kind, status__in=("open", "claimed"))

    def work(self, kind: str, result: Mapping[str, Any], *, by: str = "ma") -> Walk:
        """A person claims a piece of work, hands it in, and the line goes on."""
        item = self.find_work(kind)
        stations.check_work(kind, result)
        records.claim_work(item_id=item.pk, by=by, at=self.now)
        records.complete_work(item_id=item.pk, result=dict(result), by=by, at=self.now)
        return self.go()

    def pass_time(self, **span: float) -> Walk:
        """Let the factory's clock run on, and let go off what is due by then."""
        clock = records.read_clock(self.tenant.id)
        later = clock.now + timedelta(**span)
        records.set_clock(self.tenant.id, now=later, business_on=max(clock.business_on, later.date()), speed=0)
        for timer_id, application_id in records.find_due_timers():
            records.fire_timer(timer_id=timer_id, application_id=application_id, at=later)
        return self.go()

    def hear_outside(self) -> Walk:
        """Ask again, every half hour of the factory's clock, until no outside party is waited for."""
        for _ in range(40):
            if not self.state.waits_for.startswith("answer:"):
                return self
            time.sleep(0.02)
            self.pass_time(minutes=31)
        raise AssertionError(f"nobody answers: {self.where}")

    def sign(self) -> Walk:
        """The borrower reads the cost table and signs the contract; then the custodian is waited for."""
        assert self.where == ("waiting", "contract", "contract_signed"), self.where
        self.tell("contract_signed", {"confirmed_cost_table": True})
        return self.hear_outside()

    def borrow(self) -> Walk:
        """From the first stop to the money: the bank is heard, the contract signed, the payment made."""
        walk = self.hear_outside().sign()
        assert walk.state.money_at is not None, walk.where
        return walk

    def close_until(self, day: date) -> Walk:
        """Close every business day before this one, let go off what is due in its morning, and run the line."""
        clock = records.read_clock(self.tenant.id)
        now = datetime.combine(day, clock_time(2), tzinfo=UTC)
        records.set_clock(self.tenant.id, now=now, business_on=clock.business_on, speed=0)
        end_business_day(self.tenant.id, day - timedelta(days=1))
        return self.pass_time(minutes=1)

    @property
    def loan(self) -> tables.Loan:
        """The loan that came of it."""
        return tables.Loan.objects.get(application_id=self.id)

    def owed(self) -> list[tables.Instalment]:
        """The loan's promised payments."""
        return list(tables.Instalment.objects.filter(loan=self.loan).order_by("number"))

    def pay(self, receipt: str, cents: int, on: date) -> bool | None:
        """Money comes in on the loan, as the custodian tells it; then the line looks whether it concerns the case."""
        booked = stations.book_repayment(
            self.tenant.id, self.loan.number, receipt=receipt, cents=cents, on=on, at=self.now
        )
        self.go()
        return booked


class Line:
    """One factory with the market's channels and funders, its clock at rest."""

    def __init__(self, pack: str = "cn-micro", *, funders: tuple[str, ...] = ()) -> None:
        read_addresses.cache_clear()
        if not tables.LedgerAccount.objects.exists():
            with connection.cursor() as cursor:
                cursor.execute(import_module("creditfactory.records.migrations.0002_guards").ACCOUNTS)
        records.save_line_moves(moves=stations.draw_moves())
        self.tenant = records.open_tenant(
            code=pack, name=pack, pack=pack, now=datetime(1990, 1, 1, tzinfo=UTC), business_on=date(1990, 1, 1),
            speed=0, by="test",
        )  # fmt: skip
        if pack == "cn-micro":
            self._open_market(funders)

    def _open_market(self, funders: tuple[str, ...]) -> None:
        for channel in MARKET.channels:
            records.save_channel(
                tenant=self.tenant, code=channel.code, name=channel.name, kind=channel.kind, grade=channel.grade,
                status="admitted", quota_cents=channel.quota_cents, deposit_cents=channel.deposit_cents,
                deposit_required_cents=channel.deposit_required_cents, since=date(2025, 1, 1),
            )  # fmt: skip
        for row in MARKET.list_funders():
            if not funders or row["code"] in funders:
                terms = gateways.load_plain(FunderFacts, row)
                records.save_funder(
                    tenant=self.tenant, code=terms.code, name=terms.name, kind=terms.kind,
                    terms=gateways.dump_value(terms),
                )  # fmt: skip

    def set_clock(self, now: datetime, on: date | None = None) -> None:
        """Set the factory's clock, at rest."""
        records.set_clock(self.tenant.id, now=now, business_on=on or now.date(), speed=0)

    def take_in(self, dossier: Dossier | Mapping[str, Any], *, person: Mapping[str, str] | None = None) -> Walk:
        """Submit a dossier a quarter of an hour after it was written; ``person`` goes into the vault first."""
        read = dossier if isinstance(dossier, Dossier) else gateways.read_dossier(dict(dossier))
        self.set_clock(read.applied_at + timedelta(minutes=15), read.applied_on)
        phone_index = b""
        if person is not None:
            token, phone_index = records.seal_person(tenant=self.tenant, facts=dict(person), at=read.applied_at)
            read = replace(read, applicant=replace(read.applicant, token=token))
        return Walk(self.tenant, stations.submit_dossier(self.tenant, read, by="people", phone_index=phone_index))

    def run(self, dossier: Dossier | Mapping[str, Any]) -> Walk:
        """Submit a dossier and run the line to its first stop."""
        return self.take_in(dossier).go()


def world(index: int, **changed: Any) -> dict[str, Any]:
    """The whole dossier of one person of the simulated market, every source asked; sections may be changed."""
    return change(make_dossier(MARKET, SEED, index), **changed)


def reach(line: Line, who: int, station: str, **changed: Any) -> Walk:
    """A person of the market brought to one of the stations where people work, with every check before it fine."""
    walk = line.run(world(who, **changed))
    for kind, result in (("online_check", ONLINE_OK), ("phone_check", say_sales(walk)), ("site_visit", VISIT_OK)):
        if walk.state.station == station:
            return walk
        if walk.state.waits_for == f"work:{kind}":
            walk.work(kind, result, by=f"by-{kind}")
    assert walk.state.station == station, walk.where
    return walk


def say_sales(walk: Walk, *, times: float = 1.0) -> dict[str, Any]:
    """A phone check in which the applicant names the sales that the statements show, or so many times as much."""
    shown = walk.seen("cash_flow").result.verified_monthly_sales_cents
    return {**PHONE_OK, "sales_monthly_said_cents": int(shown * times)}


def call_back(walk: Walk, **body: Any) -> str:
    """The party that is waited for calls back."""
    question = tables.Question.objects.get(application_id=walk.id, status="accepted")
    kept = {"status": "answered", "body": {"application": walk.state.reference, **body}}
    outcome = records.receive_answer(
        tenant_id=walk.tenant.id, party=question.party, key=question.key, body=json.dumps(kept), at=walk.now
    )
    walk.go()
    return outcome


def bare(index: int, **changed: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The same person's submission as it comes in, with no outside source asked yet; and who it is."""
    submission = make_application(MARKET, SEED, index)
    person = submission.pop("person")
    signed = submission["applied_at"]
    submission["applicant"] = {"token": "unnamed", **submission["applicant"]}
    submission["consents"] = [{"kind": kind, "signed_at": signed} for kind in MARKET.consents]
    return change(submission, **changed), person


def example(name: str, **changed: Any) -> dict[str, Any]:
    """A dossier of docs/examples."""
    return change(json.loads((ROOT / "docs" / "examples" / f"{name}.json").read_text("utf-8")), **changed)


def change(dossier: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A dossier with some fields of its sections changed; a section that is a list is replaced."""
    for section, fields in changed.items():
        held = dossier.get(section)
        dossier[section] = {**held, **fields} if isinstance(held, dict) else fields
    return dossier


@cache
def past_loans(fy: int) -> tuple[SbaLoan, ...]:
    """The real SBA loans of a fiscal year, in the order of approval."""
    return read_sba(SBA, fy, fy)[0]


@contextmanager
def open_town(
    folder: Path, *, party: str = "all", speed: str = "1000000", payment_fails: str = "0.0"
) -> Iterator[Path]:
    """The outside parties as a process of their own on loopback, and the address book that names them.

    A party that the process does not play is asked there too, and refuses. Which payments fail hangs on the order's
    key, and so on the order of the tests: none does, unless a test asks for it.
    """
    market = (ROOT / "src/creditfactory/world/markets/cn-micro.yaml").read_text("utf-8")
    assert "payment_fails: 0.008" in market
    file = folder / "market.yaml"
    file.write_text(market.replace("payment_fails: 0.008", f"payment_fails: {payment_fails}"), "utf-8")
    words = ("--party", party, "--faults", "0", "--speed", speed, "--seed", str(SEED), "--market", str(file))
    with open_parties(folder, *words) as (book, _):
        some = next(iter(book.addresses.values()))
        url = some.url.rsplit("/", 1)[0]
        addresses = {
            name: {"url": f"{url}/{name}", "key_id": some.key_id, "secret": some.secret}
            for name in (
                "bureau",
                "licensed_bureau",
                "registry",
                "court",
                "tax",
                "bank_flow",
                "utilities",
                "telecom",
                "identity",
                "bank",
                "insurer",
                "custodian",
            )
        }
        path = folder / "addresses.json"
        path.write_text(json.dumps(addresses), encoding="utf-8")
        yield path


def use_addresses(monkeypatch: Any, path: Path) -> None:
    """Have the stations ask the parties that this address book names."""
    monkeypatch.setenv("CREDITFACTORY_ADDRESSES", str(path))
    read_addresses.cache_clear()


def together(act: Callable[[int], Any], times: int) -> list[Any]:
    """Do a thing so many times at once, each in a thread and on a connection of its own; errors are results."""
    start, found = threading.Barrier(times), [None] * times

    def run(place: int) -> None:
        close_old_connections()
        start.wait(30)
        try:
            found[place] = act(place)
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found
