"""Who is caught: a market of planted robots, rings and brokers through the gate, the network, the labels and the policy.

Run `python benchmarks/detection.py --tactics FILE --seed N`. Everything happens in the order of time: an application
sees only what was known at its instant; a default enters when it became known. The factory never sees the truth; it is
held against it at the end. Written to stdout as JSON; a short table goes to stderr.
"""

from __future__ import annotations

import argparse
import heapq
import json
import statistics
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from creditfactory import application, decision, gateways, identity, labels, network
from creditfactory.application import BankFlow, DeviceSession, Dossier
from creditfactory.channel import HandedIn
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.kernel import Reason
from creditfactory.world import load_market, make_person
from creditfactory.world.applications import draw_instant, make_dossier, show_tokens
from creditfactory.world.market import Market
from creditfactory.world.population import Person
from creditfactory.world.staff import do_work
from detection_channels import Handed, measure_channels
from detection_report import PERSONS, Seen, report

FIRST_DAY = date(2026, 11, 23)
PAID = frozenset(
    {"bureau", "tax", "bank_flow", "telecom", "registry", "court", "bank_statement", "invoices", "utilities"}
)
"""Evidence that is asked of others after the gate; the bureau's report is the one that is paid by the piece."""
ASKED_AFTER_THE_BUREAU = frozenset({"bureau"})
"""Evidence that is asked for last; all else is known to the network card when it speaks."""
FRAUD = ("GTE-", "POL-NET-", "POL-FRD-", "PAP-", "POL-FLO-ROUND", "LST-")
"""Reasons that say fraud, by how their codes begin; all others are a matter of credit."""
DUE_DAYS = 31
HOURS_TO_PAY = {"A": 1.0, "B": 2.0, "C": 26.0}
"""From the decision to the money by lane, as the stations promise it; the look again comes just before the money."""
CONFIRMED = frozenset({"gate"}) | PERSONS
"""Stops that are known as fraud from then on; the card's own word is no proof, and feeds no later points."""
Ask = Callable[[str, list[dict[str, Any]]], dict[str, Any]]
"""A person looks (kind of work, the others in the picture as the form shows them) and hands in a result."""
MINUTES = {"ring_review": 20, "ring_recheck": 15, "ring_second": 15, "ring_named": 15, "ring_trace": 20}
"""After how long the analyst's word is in, as the market's staff needs at the median."""


@dataclass(slots=True)
class Velocities:
    """How often a device, an address of the net, a phone and a person came before, by window."""

    seen: dict[tuple[str, str], deque[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(deque))

    def count(self, kind: str, token: str, at: datetime, days: float, *, persons: str | None = None) -> int:
        """Applications within so many days before, or other persons where the own one is given."""
        since = at - timedelta(days=days)
        rows = [who for when, who in self.seen[kind, token] if when >= since]
        return len(rows) if persons is None else len({who for who in rows if who != persons})

    def add(self, kind: str, token: str, at: datetime, person: str) -> None:
        """One more."""
        rows = self.seen[kind, token]
        rows.append((at, person))
        while rows and rows[0][0] < at - timedelta(days=91):
            rows.popleft()


class House:
    """A factory in memory: gate, network, labels and policy, and no truth."""

    def __init__(self, pack: str) -> None:
        self.rulebook = load_rulebook(pack, locked=False)
        self.index = network.NetworkIndex()
        self.velocities = Velocities()
        self.references: dict[int, str] = {}
        self.everyone: list[Seen] = []
        self.caught = Counter[str]()
        self.in_flight: dict[int, tuple[Seen, Ask]] = {}
        self.gangs: dict[int, str | None] = {}

    def enter(self, number: int, whole: Dossier, tokens: dict[str, str]) -> tuple[Dossier, decision.Book]:
        """Tie an applicant into the network; what is known of it before any source was asked, and its rules."""
        before = replace(whole, evidence=tuple(e for e in whole.evidence if e.kind not in PAID))
        touches = network.list_touches(before, tokens)
        self.index.add(network.Tie(number, kind, token, whole.applied_at) for kind, token in touches)
        return before, self.rulebook.at(whole.applied_on)

    def judge(self, seen: Seen, whole: Dossier, tokens: dict[str, str], ask: Ask) -> None:
        """One application from the gate to policy; ``ask`` says whether a person who looks lets it pass."""
        at = whole.applied_at + timedelta(minutes=12)
        before, book = self.enter(seen.number, whole, tokens)
        velocity = self.count_velocity(before, tokens)
        gate = identity.check_front_gate(before, book.parameters, as_of=at, velocity=velocity)
        self.remember(before, tokens)
        seen.was_referred = gate.verdict == "refer"
        if gate.verdict == "reject":
            return self._stop(seen, "gate", gate.reasons, at)
        if gate.verdict == "refer" and ask("gate_review", [])["verdict"] != "pass":
            return self._stop(seen, "analyst", gate.reasons, at)
        view = self.index.look_around(seen.number, as_of=at)
        seen.around = _tell_around(view)
        first = labels.compute(before, network=view, as_of=at, parameters=book.parameters)
        certain = decision.check_before_asking(first, book)
        if certain:
            return self._stop(seen, "before_asking", certain, at)
        early = decision.check_ring(first, book)
        if early.verdict == "stop":
            return self._stop_by_card(seen, "network", early, at, ask)
        free = labels.compute(_leave_out_bureau(whole), network=view, as_of=at, parameters=book.parameters)
        if self._is_ring(seen, free, book, at, ask, ("network", "ring_analyst")):
            return None
        certain = decision.check_before_asking(free, book)
        if certain:
            return self._stop(seen, "before_bureau", certain, at)
        seen.bureau_queries = 1
        snapshot = labels.compute(whole, network=view, as_of=at, parameters=book.parameters)
        verdict = decision.check_policy(snapshot, book)
        seen.was_referred = seen.was_referred or any(r.code.startswith(FRAUD) for r in verdict.reasons)
        if verdict.verdict == "decline":
            return self._stop(seen, "policy", verdict.reasons, at)
        seen.reasons = tuple(reason.code for reason in verdict.reasons)
        seen.lane = verdict.lane_floor
        self.in_flight[seen.number] = (seen, ask)
        return None

    def look_again(self, seen: Seen, whole: Dossier, at: datetime, ask: Ask) -> None:
        """Before the money goes out: who has come to stand around since? Who is not stopped now is paid."""
        if seen.part is not None:
            return
        book = self.rulebook.at(whole.applied_on)
        view = self.index.look_around(seen.number, as_of=at)
        if _tell_around(view) != seen.around:
            found = labels.compute(_leave_out_bureau(whole), network=view, as_of=at, parameters=book.parameters)
            certain = decision.check_before_asking(found, book)
            if any(reason.code.startswith("POL-NET-") for reason in certain):
                self._stop(seen, "again", certain, at)
            else:
                self._is_ring(seen, found, book, at, ask, ("again", "again_analyst"))
        self.in_flight.pop(seen.number, None)
        seen.paid_at = at if seen.part is None else None

    def _is_ring(
        self, seen: Seen, found: labels.Labels, book: decision.Book, at: datetime, ask: Ask, parts: tuple[str, str]
    ) -> bool:
        """The network card's word, and the analyst's where it asks for one; points as before are not asked twice."""
        ring = decision.check_ring(found, book)
        seen.points = ring.points
        if ring.verdict == "stop":
            self._stop_by_card(seen, parts[0], ring, at, ask)
        elif ring.verdict == "refer":
            alone = decision.is_fraud_around(found)
            kind = "ring_review" if parts[0] == "network" else "ring_recheck"
            self._show_analyst(seen, at, ask, kind, parts[1], alone=alone)
        return seen.part is not None

    def _show_analyst(self, seen: Seen, at: datetime, ask: Ask, kind: str, part: str, *, alone: bool = True) -> None:
        """The analyst looks at the picture, and a second where no known fraud stands around; a ring found ends the
        case, and everybody ticked hears of it."""
        others = self._list_others(seen, at)
        if kind != "ring_named":
            if not others or not _is_news(seen, others):
                return
            seen.was_referred = True
            seen.shown = (seen.points, frozenset(str(other["number"]) for other in others))
        said = ask(kind, others)
        if said["verdict"] == "pass":
            return
        done = at + timedelta(minutes=MINUTES[kind])
        if not alone:
            said, done = ask("ring_second", others), done + timedelta(minutes=MINUTES["ring_second"])
            if said["verdict"] == "pass":
                return
        self._stop(seen, part, (Reason("POL-NET-ANALYST"),), done)
        for name in said.get("members", ()):
            self._name(self.everyone[int(name)], done)

    def _stop_by_card(self, seen: Seen, part: str, ring: decision.RingCheck, at: datetime, ask: Ask) -> None:
        """The card ends it; then the analyst looks who stands around, and only that makes anybody a known fraud."""
        self._stop(seen, part, ring.reasons, at)
        others = self._list_others(seen, at)
        said = ask("ring_trace", others) if others else {"verdict": "pass"}
        if said["verdict"] != "pass":
            done = at + timedelta(minutes=MINUTES["ring_trace"])
            self._know(seen, done)
            for name in said.get("members", ()):
                self._name(self.everyone[int(name)], done)

    def _list_others(self, seen: Seen, at: datetime) -> list[dict[str, Any]]:
        picture = network.draw_neighbourhood(self.index, seen.number, as_of=at)
        shared = network.list_shared(picture)
        return [{"number": str(n.application), "reference": self.references[n.application],
                 "shares": shared[n.application], "ties": n.level} for n in picture.applications if n.level]  # fmt: skip

    def _name(self, other: Seen, at: datetime) -> None:
        """A case on its way goes to a second analyst; who was paid, or ended, is known as a fraud at once."""
        if other.named_at is not None or other.is_known_fraud:
            return
        other.named_at = at
        if other.number in self.in_flight and other.part is None:
            self._show_analyst(other, at, self.in_flight[other.number][1], "ring_named", "named")
        else:
            self._know(other, at)

    def _know(self, seen: Seen, at: datetime) -> None:
        seen.is_known_fraud = True
        self.index.turn([network.Turned(seen.number, at, is_fraud=True)])

    def hear(self, seen: Seen, at: datetime, *, is_fraud: bool) -> None:
        """A loan turned out bad."""
        self.index.turn([network.Turned(seen.number, at, is_fraud=is_fraud)])

    def _stop(self, seen: Seen, part: str, reasons: tuple[Any, ...], at: datetime) -> None:
        seen.part, seen.reasons = part, tuple(dict.fromkeys(reason.code for reason in reasons))
        seen.is_fraud_stop = any(code.startswith(FRAUD) for code in seen.reasons)
        self.in_flight.pop(seen.number, None)
        seen.stopped_at = at
        role = seen.person.role
        if seen.is_fraud_stop and role is not None and role.gang_name is not None:
            self.caught[role.gang_name] += 1
        if seen.is_fraud_stop and part in CONFIRMED:
            self._know(seen, at)

    def count_velocity(self, dossier: Dossier, tokens: dict[str, str]) -> identity.Velocity:
        session = application.find_evidence(dossier, DeviceSession)
        assert session is not None, "this world always shows a device"
        at, who, count = dossier.applied_at, dossier.applicant.token, self.velocities.count
        return identity.Velocity(
            device_applications_1d=count("device", session.device, at, 1),
            device_persons_30d=count("device", session.device, at, 30, persons=who),
            ip_applications_1h=count("ip", session.ip, at, 1 / 24),
            ip_persons_1d=count("ip", session.ip, at, 1, persons=who),
            phone_persons_90d=count("phone", tokens["phone"], at, 90, persons=who),
            person_applications_7d=count("person", who, at, 7),
        )

    def remember(self, dossier: Dossier, tokens: dict[str, str]) -> None:
        session = application.find_evidence(dossier, DeviceSession)
        assert session is not None, "this world always shows a device"
        who = dossier.applicant.token
        for kind, token in (
            ("device", session.device),
            ("ip", session.ip),
            ("phone", tokens["phone"]),
            ("person", who),
        ):
            self.velocities.add(kind, token, dossier.applied_at, who)


def _is_news(seen: Seen, others: list[dict[str, Any]]) -> bool:
    """Whether points have fallen, or somebody who shares a thing is new, since the analyst last looked."""
    if seen.shown is None:
        return True
    points, known = seen.shown
    has_fallen = seen.points is not None and points is not None and seen.points < points
    return has_fallen or any(other["shares"] and other["number"] not in known for other in others)


def _leave_out_bureau(whole: Dossier) -> Dossier:
    """The dossier as it stands before the bureau, which is asked last, has been asked."""
    return replace(whole, evidence=tuple(e for e in whole.evidence if e.kind not in ASKED_AFTER_THE_BUREAU))


def _tell_around(view: network.NetworkView) -> tuple[int | None, ...]:
    """Who stands around, and how many of them are known to be bad: where neither has changed nothing is looked at."""
    names = ("network__reach__applications__all", "network__reach__bads__all", "network__hop1__applications__all")
    return tuple(view.values[name] for name in names)


def live(market: Market, seed: int, count: int, *, say: Callable[[str], None]) -> list[Seen]:
    """The market's year: each applicant in the order of time, outcomes as they become known, gangs that learn."""
    house = House(market.pack)
    order = sorted((draw_instant(market, seed, index), index) for index in range(count))
    everyone = house.everyone
    pending: list[tuple[datetime, int, bool]] = []
    unpaid: list[tuple[datetime, int]] = []
    waiting: dict[int, tuple[Dossier, Ask]] = {}
    came = Counter[str]()
    begun = time.perf_counter()

    def pass_time(until: datetime) -> None:
        while min(pending[0][0] if pending else until, unpaid[0][0] if unpaid else until) < until:
            if pending and (not unpaid or pending[0][0] <= unpaid[0][0]):
                known, number, is_fraud = heapq.heappop(pending)
                house.hear(everyone[number], known, is_fraud=is_fraud)
                continue
            due, number = heapq.heappop(unpaid)
            late, (dossier, again) = everyone[number], waiting.pop(number)
            house.look_again(late, dossier, due, again)
            month = late.person.truth.default_month
            if late.part is None and month is not None:
                fraud = month <= 2 and late.person.truth.default_reason == "fraud"
                heapq.heappush(pending, (due + timedelta(days=DUE_DAYS * (month + 1)), number, fraud))

    for place, (at, index) in enumerate(order):
        pass_time(at)
        person = make_person(market, seed, index)
        knows = _knows_it_is_caught(person, came, house.caught)
        whole = gateways.read_dossier(make_dossier(market, seed, index, at=at, is_caught=knows))
        seen = Seen(number=place, at=at, person=person)
        everyone.append(seen)
        tokens = show_tokens(market, seed, index, is_caught=knows)
        house.references[place] = person.reference
        ask = _ask_person(market, seed, person)
        house.judge(seen, whole, tokens, ask)
        _note_for_channel(seen, whole, tokens)
        if person.role is not None and person.role.gang_name is not None:
            came[person.role.gang_name] += 1
        if seen.part is None:
            waiting[place] = (whole, ask)
            heapq.heappush(unpaid, (at + timedelta(hours=HOURS_TO_PAY[seen.lane]), place))
        if place % 2_000 == 1_999:
            say(f"{place + 1:,} of {count:,} applicants, {time.perf_counter() - begun:.0f} s")
    pass_time(order[-1][0] + timedelta(days=10))
    return everyone


def _note_for_channel(seen: Seen, whole: Dossier, tokens: dict[str, str]) -> None:
    """What the house keeps of the application for its broker's screening; the statements' swing once they were asked."""
    path, session = whole.channel, application.find_evidence(whole, DeviceSession)
    if path.agent is None or path.kind == "direct" or session is None:
        return
    flow = application.find_evidence(whole, BankFlow) if seen.bureau_queries else None
    swing = None
    if flow is not None and len(flow.monthly_inflow_cents) > 3:
        swing = round(
            10_000 * statistics.pstdev(flow.monthly_inflow_cents) / statistics.mean(flow.monthly_inflow_cents)
        )
    month = seen.person.truth.default_month
    known = seen.at + timedelta(days=2 * DUE_DAYS) if seen.part is None else None
    papers = [token for kind, token in network.list_touches(whole, {}) if kind == "paper"]
    seen.agent = f"{path.company}/{path.agent}"
    seen.handed = HandedIn(
        application=whole.reference, person=whole.applicant.token, at=whole.applied_at, device=session.device,
        amount_cents=whole.request.amount_cents, ip=session.ip, employer=tokens["employer"], papers=tuple(papers),
        swing_bps=swing, is_stopped_for_fraud=seen.is_fraud_stop,
        is_first_payment_bad=None if known is None else month == 1, outcome_at=known,
    )  # fmt: skip


def _knows_it_is_caught(person: Person, came: Counter[str], caught: Counter[str]) -> bool:
    role = person.role
    if role is None or role.group is None or role.gang_name is None:
        return False
    name = role.gang_name
    return any(
        change.caught_share is not None
        and came[name] >= change.at_least
        and caught[name] >= change.caught_share * came[name]
        for change in role.group.changes
    )


def _ask_person(market: Market, seed: int, person: Person) -> Ask:
    """The simulated fraud analyst: errs once in twenty in both directions, and knows what the picture shows."""

    def ask(kind: str, others: list[dict[str, Any]]) -> dict[str, Any]:
        found = do_work(market, seed, person.reference, kind, {"neighbours": others}, by="analyst")
        assert found is not None, f"nobody has learnt {kind}"
        return found

    return ask


def set_market(market: Market, level: str = "session") -> Market:
    """The market whose year begins on the first day, told in so much detail."""
    assert market.cast is not None, "tactics were named"
    anchor = FIRST_DAY + timedelta(days=market.cast.days)
    areas = tuple(replace(area, last=area.last + 3) for area in market.birth_areas)
    details: Any = replace(market.details, level=level)
    return replace(market, anchor=anchor, birth_areas=areas, details=details)


def main(words: list[str] | None = None) -> int:
    """Run the market and say who was caught."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    reader.add_argument("--tactics", default="building", help="a tactics file, or the name of one of the world's own")
    reader.add_argument("--seed", type=int, default=101)
    reader.add_argument("--applicants", type=int, help="applicants over the same days (as the tactics file says)")
    reader.add_argument("--market", default="cn-micro")
    reader.add_argument("--details", choices=("session", "whole"), default="session")
    told = reader.parse_args(words)
    market = load_market(told.market, tactics=told.tactics)
    assert market.cast is not None, "tactics were named"
    if told.applicants:
        market = replace(market, cast=replace(market.cast, applicants=told.applicants))
        assert market.cast is not None, "tactics were named"
    market = set_market(market, told.details)
    assert market.cast is not None, "tactics were named"
    count = market.cast.applicants
    begun = time.perf_counter()
    everyone = live(market, told.seed, count, say=lambda words: print(words, file=sys.stderr, flush=True))
    found = {"tactics": market.cast.tactics, "seed": told.seed, "details": told.details,
             "seconds": round(time.perf_counter() - begun, 1), **report(everyone)}  # fmt: skip
    handed = [Handed(s.agent, s.handed, s.make == "packaging") for s in everyone if s.agent and s.handed]
    book = load_rulebook(market.pack, locked=False).at(market.anchor)
    found["channels"] = measure_channels(handed, book.parameters)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    for code, group in found["by_tactic"].items():
        print(f"{code:24} {group['applicants']:6} stopped {group['share']:7.2%} (machine {group['by_machine_share']:7.2%})"
              f" to a person {group['sent_to_a_person_share']:7.2%}  {group['at']} {list(group['reasons'].items())[:4]}",
              file=sys.stderr)  # fmt: skip
    for name in ("robots", "rings", "robots_and_rings", "lent_names", "honest"):
        row = found[name]
        print(f"{name} ({row['applicants']}): stopped {row['share']:.2%}, machine {row['by_machine_share']:.2%}, kept from money"
              f" {row['kept_from_money_share']:.2%}, named after paying {row['named_after_paying_share']:.2%}, to a person"
              f" {row['sent_to_a_person_share']:.2%} {row['at']}",
              file=sys.stderr)  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
