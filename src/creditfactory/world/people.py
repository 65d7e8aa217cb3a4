"""The people of the market at work: they apply, sign, and as staff they empty the work queues, all through the web API.

python -m creditfactory.world.people --url http://127.0.0.1:8000 --seed 7 --rate 12 --keys keys.json
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import math
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from creditfactory.kernel import BadInput, CreditFactoryError, Unavailable
from creditfactory.world.applications import make_application
from creditfactory.world.chance import Chance
from creditfactory.world.factory_api import FactoryApi
from creditfactory.world.market import Market, load_market
from creditfactory.world.population import name_reference, read_reference
from creditfactory.world.signatures import read_keys
from creditfactory.world.staff import do_work, draw_work_minutes

STEPS = {
    "consents_signed": "consents", "details_submitted": "details", "contract_signed": "contract",
    "use_proof": "use_proof",
}  # fmt: skip
ALIVE = ("moving", "waiting", "held", "open", "running")
CLOCK_SECONDS = 0.2


@dataclass(order=True, slots=True)
class Errand:
    """Something a borrower will look at or do at a real instant."""

    due: float
    order: int
    case: str = field(compare=False)
    reference: str = field(compare=False)
    step: str | None = field(compare=False, default=None)
    looks: int = field(compare=False, default=0)


@dataclass(slots=True)
class Counts:
    """What the people of the market have done so far."""

    submitted: int = 0
    refused: int = 0
    signed: int = 0
    worked: int = 0
    faults: int = 0


class Town:
    """All simulated people of one market, and the one clock they live by."""

    def __init__(
        self, market: Market, seed: int, api: FactoryApi, *, rate: float, speed: float, diary: Path | None
    ) -> None:
        self.market = market
        self.seed = seed
        self.api = api
        self.rate = rate
        self.counts = Counts()
        self.stopping = threading.Event()
        self._speed = speed
        self._now: datetime | None = None
        self._read_at = 0.0
        self._diary = diary
        self._errands: list[Errand] = []
        self._known: set[str] = set()
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._queues = {role: threading.Lock() for role in market.staff}
        self._empty_until: dict[str, float] = {}

    # the clock

    def read_clock(self) -> datetime | None:
        """The factory's business time, as it said within the last moment; None while it cannot be reached."""
        with self._lock:
            if self._now is not None and time.monotonic() - self._read_at < CLOCK_SECONDS:
                return self._now
        try:
            status, body = self.api.send("GET", "/api/v1/clock")
            now = datetime.fromisoformat(body["now"]) if status == 200 else None
            speed = float(body.get("speed") or self._speed)
        except (CreditFactoryError, KeyError, ValueError, TypeError):
            return None
        with self._lock:
            self._now, self._read_at, self._speed = now, time.monotonic(), speed
        return now

    def seconds(self, minutes: float) -> float:
        """Real seconds for simulated minutes."""
        return minutes * 60 / max(self._speed, 0.001)

    def rest(self, seconds: float) -> bool:
        """Wait so long; False when the town is closing."""
        return not self.stopping.wait(max(0.0, seconds))

    # applying

    def apply_all(self, *, first: int, count: int | None) -> None:
        """Applications one after the other, at the market's daily rhythm; those handed in before cost no time."""
        number = max(first, self.remember())
        chance = Chance(self.seed, f"arrivals:{number}")
        while not self.stopping.is_set() and (count is None or number < first + count):
            now = self.read_clock()
            if now is None:
                self.rest(1.0)
                continue
            try:
                status, body = self.api.send("POST", "/api/v1/applications", self.build_submission(number, now))
            except Unavailable:
                self.rest(1.0)
                continue
            if status >= 500 or status in (401, 403, 429):
                self.counts.faults += 1
                print(f"people: applying was answered with status {status}", file=sys.stderr, flush=True)
                self.rest(2.0)
                continue
            self._note_submission(number, status, body)
            number += 1
            if status == 201:
                self.rest(self.seconds(60 / self._arrivals(now)) * -math.log(1.0 - chance.share()))

    def build_submission(self, number: int, now: datetime) -> dict[str, Any]:
        """The submission of this number at this instant."""
        return make_application(self.market, self.seed, number, at=now)

    def _note_submission(self, number: int, status: int, body: dict[str, Any]) -> None:
        if status not in (200, 201) or "case" not in body:
            self.counts.refused += 1
            print(f"people: application {number} was refused: {json.dumps(body)[:300]}", file=sys.stderr, flush=True)
            return
        self.counts.submitted += status == 201
        self._write_diary(number=number, case=str(body["case"]))
        self.follow(str(body["case"]), name_reference(self.seed, number))

    def _arrivals(self, now: datetime) -> float:
        """Applications in a simulated hour at this time of day."""
        local = now + timedelta(minutes=self.market.utc_offset_minutes)
        return max(0.01, self.rate * self.market.arrivals[local.hour])

    def remember(self) -> int:
        """Follow the cases of an earlier life again; the number of the first applicant who has not applied yet."""
        following, upcoming = 0, {}
        for row in self._read_diary():
            if "number" in row:
                following = max(following, int(row["number"]) + 1)
                upcoming[str(row["case"])] = name_reference(self.seed, int(row["number"]))
            else:
                upcoming.pop(str(row.get("done")), None)
        for case, reference in upcoming.items():
            self.follow(case, reference)
        return following

    def _read_diary(self) -> list[dict[str, Any]]:
        if self._diary is None or not self._diary.is_file():
            return []
        rows = []
        for line in self._diary.read_text("utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if row.get("seed") == self.seed:
                rows.append(row)
        return rows

    def _write_diary(self, **row: object) -> None:
        if self._diary is not None:
            with self._lock, self._diary.open("a", encoding="utf-8") as diary:
                diary.write(json.dumps({"seed": self.seed, **row}) + "\n")

    # borrowing

    def follow(self, case: str, reference: str) -> None:
        """Have this borrower look after the case from now on."""
        with self._lock:
            if case in self._known:
                return
            self._known.add(case)
            heapq.heappush(self._errands, Errand(time.time() + 0.5, next(self._order), case, reference))

    def run_errands(self) -> None:
        """Borrowers look how far their case is, and sign when it is their turn."""
        while not self.stopping.is_set():
            with self._lock:
                is_due = bool(self._errands) and self._errands[0].due <= time.time()
                errand = heapq.heappop(self._errands) if is_due else None
            if errand is None:
                self.rest(0.1)
                continue
            try:
                again = self.run_errand(errand)
            except Unavailable:
                again = 2.0
            if again is None:
                self._write_diary(done=errand.case)
            else:
                errand.due, errand.looks = time.time() + again, errand.looks + 1
                with self._lock:
                    heapq.heappush(self._errands, errand)

    def run_errand(self, errand: Errand) -> float | None:
        """One look or one step; after how many real seconds to come back, None when there is nothing left to do."""
        if errand.step is not None:
            self._take_step(errand, errand.step)
            errand.step, errand.looks = None, 0
            return max(0.5, self.seconds(1))
        status, body = self.api.send("GET", f"/api/v1/applications/{quote(errand.case)}")
        if status == 404:
            return None
        waits_for = body.get("waits_for") or ""
        if status != 200 or (body.get("status") not in ALIVE and waits_for not in STEPS):
            return max(2.0, self.seconds(30)) if status != 200 and errand.looks < 50 else None
        if waits_for not in STEPS:
            patience = 1 + errand.looks / 3 if waits_for.startswith("work:") else 1.0
            return None if waits_for == "loan_event" else min(30.0, max(1.0, self.seconds(1.5)) * patience)
        habit = self.market.borrowers[STEPS[waits_for]]
        chance = Chance(self.seed, f"borrower:{waits_for}:{errand.reference}")
        if chance.happens(habit.never):
            if waits_for != "contract_signed" or chance.happens(0.5):
                return None
            errand.step = "withdrawn"
        else:
            errand.step = waits_for
        return self.seconds(chance.around(habit.minutes_median, habit.spread))

    def _take_step(self, errand: Errand, step: str) -> None:
        body = self.build_step(errand.reference, step)
        message = {"kind": step, "key": f"{errand.reference}:{step}", "body": body}
        status, found = self.api.send("POST", f"/api/v1/applications/{quote(errand.case)}/events", message)
        if 200 <= status < 300:
            self.counts.signed += 1
        elif status != 409:
            self.counts.faults += 1
            print(f"people: {step} was answered {status} {json.dumps(found)[:200]}", file=sys.stderr, flush=True)

    def build_step(self, reference: str, step: str) -> dict[str, Any]:
        """What the borrower sends with a step."""
        known = read_reference(reference)
        number = known[1] if known else 0
        now = self.read_clock()
        stamp = now.isoformat() if now else None
        if step == "consents_signed":
            return {"consents": [{"kind": kind, "signed_at": stamp} for kind in self.market.consents]}
        if step == "details_submitted":
            whole = make_application(self.market, self.seed, number)
            return {section: whole[section] for section in ("request", "applicant", "business")}
        if step == "contract_signed":
            return {"confirmed_cost_table": True}
        if step == "use_proof":
            return self._show_use(reference, number)
        return {"why": "another offer was better"}

    def _show_use(self, reference: str, number: int) -> dict[str, Any]:
        whole = make_application(self.market, self.seed, number)["request"]
        chance = Chance(self.seed, f"use:{reference}")
        purpose = "securities" if chance.happens(0.015) else whole["purpose"]
        return {"purpose": purpose, "amount_cents": int(whole["amount_cents"] * chance.real(0.7, 1.0))}

    # working

    def work(self, role: str, by: str) -> None:
        """One person of the staff: take the next piece of work, do it, hand it in."""
        chance = Chance(self.seed, f"staff:{by}")
        self.rest(chance.real(0.1, 1.0))
        while not self.stopping.is_set():
            item = self._take_item(role, by)
            if item is None:
                self.rest(chance.real(0.2, 0.6))
                continue
            self._do_item(item, by)

    def _take_item(self, role: str, by: str) -> dict[str, Any] | None:
        """The next piece of work, or None; one look into an empty queue is enough for everybody of the role."""
        with self._queues[role]:
            if self._empty_until.get(role, 0.0) > time.monotonic():
                return None
            try:
                status, item = self.api.send("POST", "/api/v1/work/take", {"role": role, "by": by})
            except Unavailable:
                status, item = 0, {}
            if status == 200 and item.get("number") is not None:
                return item
            if status not in (0, 204, 404):
                self.counts.faults += 1
            self._empty_until[role] = time.monotonic() + max(1.0, self.seconds(1))
            return None

    def _do_item(self, item: dict[str, Any], by: str) -> None:
        kind, number = str(item.get("kind")), item["number"]
        reference = item.get("reference") or self._find_reference(str(item.get("case")))
        if not self.rest(self.seconds(draw_work_minutes(self.market, self.seed, kind, reference))):
            return
        result = do_work(self.market, self.seed, reference, kind, item.get("brief") or {}, by=by)
        if result is None:
            print(f"people: nobody has learnt {kind!r}; number {number} stays with {by}", file=sys.stderr, flush=True)
            return
        status, body = self._hand_in(f"/api/v1/work/{quote(str(number))}/complete", {"by": by, "result": result})
        if 200 <= status < 300:
            self.counts.worked += 1
        else:
            self.counts.faults += 1
            print(f"people: {kind} {number} answered {status} {json.dumps(body)[:200]}", file=sys.stderr, flush=True)

    def _hand_in(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Hand a result in, again and again while the factory is away: work once done is not lost."""
        while True:
            try:
                status, found = self.api.send("POST", path, body)
            except Unavailable:
                status, found = 0, {}
            if 0 < status < 500 or not self.rest(1.0):
                return status, found

    def _find_reference(self, case: str) -> str:
        try:
            status, body = self.api.send("GET", f"/api/v1/applications/{quote(case)}")
        except Unavailable:
            return case
        return str(body.get("reference") or case) if status == 200 else case


def read_arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line's words."""
    said = (__doc__ or "").partition("\n")[0]
    reader = argparse.ArgumentParser(prog="python -m creditfactory.world.people", description=said)
    reader.add_argument("--url", required=True, help="the factory's web address")
    reader.add_argument("--keys", required=True, help="JSON file {key id: secret}")
    reader.add_argument("--key-id", default="people", help="the key these people sign with")
    reader.add_argument("--seed", type=int, default=7)
    reader.add_argument("--market", default="cn-micro", help="a market's name or a YAML file")
    reader.add_argument("--tactics", help="a tactics file, or the name of one of this world's own")
    reader.add_argument("--rate", type=float, default=12.0, help="applications in a simulated hour, on average")
    reader.add_argument("--speed", type=float, default=60.0, help="used until the factory's clock says otherwise")
    reader.add_argument("--first", type=int, default=0, help="number of the first application")
    reader.add_argument("--count", type=int, help="stop applying after so many")
    reader.add_argument("--state", help="file that remembers the cases over a restart")
    reader.add_argument("--no-staff", action="store_true", help="leave the work queues to real people")
    reader.add_argument("--borrowers", type=int, default=2, help="threads that borrowers share")
    return reader.parse_args(words)


def open_town(arguments: argparse.Namespace) -> tuple[Town, list[threading.Thread]]:
    """The town and its threads, not yet started."""
    market, keys = load_market(arguments.market, tactics=arguments.tactics), read_keys(arguments.keys)
    if arguments.key_id not in keys:
        known = ", ".join(keys)
        raise BadInput(place="--key-id", found=repr(arguments.key_id), expected=f"one of {known}")
    diary = Path(arguments.state) if arguments.state else None
    api = FactoryApi(arguments.url, arguments.key_id, keys[arguments.key_id])
    town = Town(market, arguments.seed, api, rate=arguments.rate, speed=arguments.speed, diary=diary)
    jobs: list[tuple[Any, dict[str, Any]]] = [(town.apply_all, {"first": arguments.first, "count": arguments.count})]
    jobs += [(town.run_errands, {})] * arguments.borrowers
    if not arguments.no_staff:
        jobs += [
            (town.work, {"role": role, "by": f"sim-{role}-{number}"})
            for role, people in market.staff.items()
            for number in range(1, people + 1)
        ]
    return town, [threading.Thread(target=job, kwargs=words, daemon=True) for job, words in jobs]


def main(words: list[str] | None = None) -> int:
    """Bring the town to life until told to stop; what was done is said at the end."""
    try:
        town, threads = open_town(read_arguments(words))
    except CreditFactoryError as fault:
        print(fault, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: town.stopping.set())
    for thread in threads:
        thread.start()
    town.stopping.wait()
    for thread in threads:
        thread.join(2)
    town.api.close()
    counts = town.counts
    print(json.dumps({name: getattr(counts, name) for name in Counts.__slots__}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
