"""The outside parties as processes of their own: signed questions in, answers and signed call-backs out.

Start one, several or all of them on one port; the path's first part names the party, the second the question:

    python -m creditfactory.world.parties --party bank --port 8101 --seed 7 --keys keys.json \
        --callback http://127.0.0.1:8000
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from creditfactory.kernel import CreditFactoryError
from creditfactory.world.answers import (
    Body,
    NotAnswered,
    Repayment,
    decide_as_bank,
    decide_as_insurer,
    draw_minutes,
    need,
    need_instant,
    pay_out,
    plan_repayments,
    settle_claim,
)
from creditfactory.world.bureau_house import Hop, OutcomeFile
from creditfactory.world.camera import KINDS as SITTING_KINDS
from creditfactory.world.camera import answer_sitting
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.desk import Desk, Matter, read_digest
from creditfactory.world.market import Faults, Market, load_market
from creditfactory.world.signatures import Doorkeeper, read_keys
from creditfactory.world.sources import SOURCES, evidence_for, list_accounts

QUESTIONS: dict[str, dict[str, str]] = {
    "bureau": {"report": "bureau"}, "registry": {"extract": "registry"}, "court": {"search": "court"},
    "tax": {"record": "tax", "invoices": "invoices"},
    "bank_flow": {"statements": "bank_flow", "lines": "statements"},
    "utilities": {"bills": "utilities"}, "telecom": {"record": "telecom"},
    "identity": {"check": "identity"}, "messages": {"send": "messages"},
    "licensed_bureau": {"report": "bureau"},
}  # fmt: skip
"""What each source is asked, and which of this world's answers that is."""
NEEDS_CONSENT = ("bureau", "tax", "bank_flow", "utilities", "telecom")
LATER = {
    "bank": {"recommend": "decision"},
    "insurer": {"review": "decision", "claim": "claim"},
    "custodian": {"disburse": "receipt"},
}
PARTIES = (*QUESTIONS, *LATER)
BODY_BYTES_MAX = 16_000_000


class Office:
    """One process's parties: what they know, how they fall short, what they still have to tell."""

    def __init__(
        self, market: Market, seed: int, parties: tuple[str, ...], desk: Desk, *, faults: float,
        upstream: str | None = None, secret: str = "",
    ) -> None:  # fmt: skip
        self.outcomes = OutcomeFile()
        self.hop = Hop(ask_here=self.answer, upstream=upstream, secret=secret)
        self.market = market
        self.seed = seed
        self.parties = parties
        self.desk = desk
        self._fault_factor = faults
        self._tries: Counter[str] = Counter()
        self._plans: dict[str, Iterator[tuple[int, Repayment]]] = {}
        self._waiting: dict[str, tuple[int, Repayment]] = {}
        self._lock = threading.Lock()

    def habits(self, party: str) -> Faults:
        """How a party falls short."""
        parties = self.market.parties
        named = {"bank": parties.bank, "insurer": parties.insurer, "custodian": parties.custodian}
        return named.get(party, parties.sources)

    def stumble(self, party: str, kind: str, key: str) -> bool:
        """Whether this try at this key is met by a fault; a slow answer sleeps here, an unavailable party says so."""
        habits, name = self.habits(party), f"{party}:{kind}:{key}"
        chance = Chance(self.seed, f"fault:{name}")
        is_down = chance.happens(habits.unavailable * self._fault_factor)
        is_slow = chance.happens(habits.slow * self._fault_factor)
        failing = chance.between(1, 2)
        with self._lock:
            self._tries[name] += 1
            tries = self._tries[name]
        if is_slow and tries == 1:
            time.sleep(habits.slow_seconds)
        return is_down and tries <= failing

    def answer(self, party: str, kind: str, key: str, body: Body) -> tuple[int, Body]:
        """Status and body for one question."""
        if party not in self.parties:
            raise NotAnswered("UNKNOWN-PARTY", f"{party[:40]!r} is not answered here")
        if self.stumble(party, kind, key):
            return 503, {"code": "UNAVAILABLE", "message": "please ask again"}
        if party in LATER:
            return self._answer_later(party, kind, key, body)
        if party == "licensed_bureau":
            return self.hop.answer(kind, key, body)
        if party == "identity" and kind in SITTING_KINDS:
            return 200, answer_sitting(self.market, self.seed, kind, body)
        if (party, kind) == ("bureau", "outcomes"):
            return 200, self.outcomes.take(body)
        source = QUESTIONS[party].get(kind)
        if source is None:
            raise NotAnswered("UNKNOWN-QUESTION", f"{party} answers {', '.join(QUESTIONS[party])}")
        application, asked_at = need(body, "application", str), need_instant(body)
        if party in NEEDS_CONSENT and not body.get("consent"):
            raise NotAnswered("NO-CONSENT", f"{party} answers only with the signed consent's version")
        if source in SOURCES:
            return 200, evidence_for(self.market, self.seed, application, source, asked_at=asked_at)
        if source == "statements":
            accounts = list_accounts(self.market, self.seed, application, asked_at=asked_at)
            return 200, {"accounts": accounts}
        number = hash_number(self.seed, "message", key, below=10**12)
        is_sent = not Chance(self.seed, f"message:{key}").happens(0.01)
        return 200, {"reference": f"M{number:012d}", "verdict": "sent" if is_sent else "failed"}

    def _answer_later(self, party: str, kind: str, key: str, body: Body) -> tuple[int, Body]:
        if kind == "status":
            matter = self.desk.find(party, need(body, "key", str))
            if matter is None:
                raise NotAnswered("UNKNOWN-KEY", "no question came with this key")
            return self._say(matter)
        tells = LATER[party].get(kind)
        if tells is None:
            raise NotAnswered("UNKNOWN-QUESTION", f"{party} answers {', '.join(LATER[party])}, status")
        digest = read_digest(body)
        known = self.desk.find(party, key)
        if known is not None and known.digest != digest:
            raise NotAnswered("KEY-REUSED", "another question came with this key")
        matter = known or self.desk.accept(
            self._take_up(party, kind, key, digest, body), kind=tells, copies=self._draw_copies(party, key)
        )
        return self._say(matter)

    def _take_up(self, party: str, kind: str, key: str, digest: str, body: Body) -> Matter:
        application = body.get("application")
        if party == "bank":
            answer, names = decide_as_bank(self.market, self.seed, body), (body["funder"], application)
        elif party == "custodian":
            answer, names = pay_out(self.market, self.seed, key, body), ("pay", key)
        elif kind == "claim":
            answer, names = settle_claim(self.market, self.seed, body), ("claim", key)
        else:
            answer, names = decide_as_insurer(self.market, self.seed, body), ("cover", application)
        minutes = draw_minutes(self.habits(party), self.seed, *names)
        return Matter(party, key, kind, digest, body, answer, time.time() + self.desk.seconds(minutes))

    def _draw_copies(self, party: str, key: str) -> int:
        habits, chance = self.habits(party), Chance(self.seed, f"copies:{party}:{key}")
        if chance.happens(habits.lost * self._fault_factor):
            return 0
        return 2 if chance.happens(habits.duplicate * self._fault_factor) else 1

    def _say(self, matter: Matter) -> tuple[int, Body]:
        left = matter.due - time.time()
        if left <= 0:
            return 200, matter.answer
        minutes = max(1, round(left / self.desk.seconds(1.0)))
        return 202, {"ticket": f"{matter.party}:{matter.digest[:16]}", "due_minutes": minutes}

    def tell_repayments(self, today: str) -> int:
        """Tell of every repayment that has reached the funders by this day; how many were new."""
        told = 0
        for matter in self.desk.list_matters("custodian"):
            if matter.answer.get("verdict") != "paid" or not matter.request.get("instalments"):
                continue
            application, loan = str(matter.request["application"]), matter.answer["loan"]
            for place, payment in self._list_payments(matter, until=today):
                key = f"{matter.key}/repayment/{place}"
                number = hash_number(self.seed, "repayment", loan, place, below=10**12)
                body = {
                    "application": application, "loan": loan, "receipt": f"P{number:012d}",
                    "amount_cents": payment.amount_cents, "paid_on": payment.on.isoformat(), "number": payment.number,
                }  # fmt: skip
                told += self.desk.tell("custodian", key, "repayment", body, due=time.time())
        return told

    def _list_payments(self, matter: Matter, *, until: str) -> Iterator[tuple[int, Repayment]]:
        """The payments of one loan that have fallen due since the last look, each with its place in the plan."""
        if matter.key not in self._plans:
            instalments = list(matter.request["instalments"])
            plan = plan_repayments(self.market, self.seed, str(matter.request["application"]), instalments)
            self._plans[matter.key] = iter(enumerate(plan, start=1))
        while True:
            found = self._waiting.pop(matter.key, None) or next(self._plans[matter.key], None)
            if found is None:
                return
            if found[1].on.isoformat() > until:
                self._waiting[matter.key] = found
                return
            yield found

    def watch_clock(self, *, pause_seconds: float) -> None:
        """Follow the factory's business clock and tell of repayments as days go by."""
        while True:
            status, body = self.desk.send("custodian", "GET", "/api/v1/clock")
            today = read_business_day(body) if status == 200 else None
            if today is not None:
                self.tell_repayments(today)
            time.sleep(pause_seconds)


def read_business_day(body: bytes) -> str | None:
    """The factory's business date in its clock's words, else the day of its instant, else None.

    >>> read_business_day(b'{"now": "2026-11-03T20:00:00+00:00", "business_on": "2026-11-04"}')
    '2026-11-04'
    """
    try:
        found = json.loads(body)
        day = found.get("business_on") or datetime.fromisoformat(found["now"]).date().isoformat()
        return date.fromisoformat(day).isoformat()
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


class QuestionHandler(BaseHTTPRequestHandler):
    """The counter where questions are handed in."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536
    timeout = 120
    office: Office
    doorkeeper: Doorkeeper

    def do_GET(self) -> None:
        """Only whether the office is open."""
        if self.path == "/healthz":
            self._reply(200, {"status": "ok", "parties": list(self.office.parties), "seed": self.office.seed})
        else:
            self._reply(404, {"code": "UNKNOWN-PATH", "message": "ask POST /{party}/{question}"})

    def do_POST(self) -> None:
        """One question."""
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= BODY_BYTES_MAX:
            self.close_connection = True
            self._reply(413, {"code": "TOO-LARGE", "message": f"a question has up to {BODY_BYTES_MAX} bytes"})
            return
        body = self.rfile.read(length)
        fault = self.doorkeeper.check(dict(self.headers.items()), "POST", self.path, body)
        if fault is not None:
            self._reply(401, {"code": "BAD-SIGNATURE", "message": fault})
            return
        try:
            self._reply(*self._answer(body))
        except NotAnswered as refusal:
            self._reply(409 if refusal.code == "KEY-REUSED" else 422, {"code": refusal.code, "message": str(refusal)})

    def _answer(self, text: bytes) -> tuple[int, Body]:
        key = self.headers.get("Idempotency-Key", "")
        if not 0 < len(key) <= 200:
            raise NotAnswered("NO-KEY", "the header Idempotency-Key names the question, with up to 200 characters")
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            raise NotAnswered("BAD-REQUEST", "the question is not JSON") from None
        if not isinstance(body, dict):
            raise NotAnswered("BAD-REQUEST", "the question is not a JSON object")
        parts = self.path.strip("/").split("/")
        party, kind = (parts[0], parts[1]) if len(parts) == 2 else (self.office.parties[0], parts[-1])
        return self.office.answer(party, kind, key, body)

    def _reply(self, status: int, body: Body) -> None:
        text = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: questions hold personal facts."""


class Counterhall(ThreadingHTTPServer):
    """The server; a thread for each connection."""

    daemon_threads = True
    request_queue_size = 256


def read_arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line's words."""
    reader = argparse.ArgumentParser(
        prog="python -m creditfactory.world.parties", description=(__doc__ or "").split("\n")[0]
    )
    reader.add_argument("--party", default="all", help="comma-separated names, 'sources' or 'all'")
    reader.add_argument("--port", type=int, default=0, help="0 takes any free port and says which")
    reader.add_argument("--host", default="127.0.0.1")
    reader.add_argument("--seed", type=int, default=7)
    reader.add_argument("--market", default="cn-micro", help="a market's name or a YAML file")
    reader.add_argument("--tactics", help="a tactics file, or the name of one of this world's own")
    reader.add_argument("--speed", type=float, default=60.0, help="simulated seconds in one real second")
    reader.add_argument("--callback", help="the factory's URL, for call-backs and its clock")
    reader.add_argument("--keys", required=True, help="JSON file {key id: secret}; call-backs are signed as the party")
    reader.add_argument("--state", help="folder that keeps what was accepted over a restart")
    reader.add_argument("--faults", type=float, default=1.0, help="0 for none, 1 as the market says, 5 for five times")
    reader.add_argument("--upstream", help="URL of the office that plays the bureau, for the licensed bureau")
    reader.add_argument("--clock-seconds", type=float, default=2.0, help="pause between looks at the factory's clock")
    return reader.parse_args(words)


def choose_parties(words: str) -> tuple[str, ...]:
    """The parties a word stands for.

    >>> choose_parties("bank,court")
    ('bank', 'court')
    """
    named: list[str] = []
    for word in words.split(","):
        named += PARTIES if word == "all" else QUESTIONS if word == "sources" else [word]
    unknown = [word for word in named if word not in PARTIES]
    if unknown:
        raise SystemExit(f"--party: there is no {unknown[0]!r}; known are {', '.join(PARTIES)}, sources, all")
    return tuple(dict.fromkeys(named))


def open_office(arguments: argparse.Namespace) -> tuple[Counterhall, Office]:
    """Build the office and its counter; the caller serves and closes."""
    market, keys = load_market(arguments.market, tactics=arguments.tactics), read_keys(arguments.keys)
    if not 0 < arguments.speed <= 1_000_000:
        raise SystemExit("--speed: expected a number above 0")
    parties = choose_parties(arguments.party)
    journal = Path(arguments.state) / f"{'-'.join(parties)[:80]}.jsonl" if arguments.state else None
    desk = Desk(url=arguments.callback, keys=keys, speed=arguments.speed, journal=journal)
    office = Office(
        market, arguments.seed, parties, desk, faults=arguments.faults, upstream=arguments.upstream,
        secret=keys.get("licensed_bureau", ""),
    )  # fmt: skip
    counter = type("OpenCounter", (QuestionHandler,), {"office": office, "doorkeeper": Doorkeeper(keys)})
    return Counterhall((arguments.host, arguments.port), counter), office


def main(words: list[str] | None = None) -> int:
    """Open the office, say where, serve until told to stop."""
    arguments = read_arguments(words)
    try:
        hall, office = open_office(arguments)
    except CreditFactoryError as fault:
        print(fault, file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"port {arguments.port} cannot be opened: {fault.strerror}; choose another with --port", file=sys.stderr)
        return 1
    office.desk.start()
    if "custodian" in office.parties and arguments.callback:
        watch = threading.Thread(
            target=office.watch_clock, kwargs={"pause_seconds": arguments.clock_seconds}, daemon=True
        )
        watch.start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=hall.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
    port = hall.server_address[1]
    print(
        json.dumps({"parties": list(office.parties), "port": port, "url": f"http://{arguments.host}:{port}"}),
        flush=True,
    )
    stop.wait()
    hall.shutdown()
    office.desk.close()
    hall.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
