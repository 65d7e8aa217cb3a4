"""The network card's building sample: simulated years whose tactics are drawn at random, and the card fitted on them.

Run `python benchmarks/network_card.py gather OUT.parquet --years 8 --first 1` and
`python benchmarks/network_card.py fit SAMPLE.parquet --out rulebook/cn-micro/cards/network_fraud/v003`.
No tactics file that the card is judged by is read here.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from creditfactory import gateways, identity, lab, labels, network
from creditfactory.application import Dossier
from creditfactory.batches.card_recipe import describe_labels
from creditfactory.world import load_market, make_person
from creditfactory.world.applications import draw_instant, make_dossier, show_tokens
from creditfactory.world.market import Market
from creditfactory.world.staff import WRONGLY_NAMED
from creditfactory.world.tactics import Crowd, Group, Looks, Span, Tactics, Thing
from detection import ASKED_AFTER_THE_BUREAU, DUE_DAYS, House, set_market

PER_YEAR = 3_500
THINGS: tuple[Thing, ...] = ("device", "ip", "phone", "address", "employer", "contact", "card", "company", "paper")
LOOKS_AT: tuple[tuple[float, float], ...] = ((0.0, 1.0), (30.0, 0.5), (96.0, 0.5))
"""Hours after applying at which an applicant counts as seen, and with what weight."""
ASKED = (
    "top_payer_share_bps", "contradictions", "round_trip_share_bps", "inflow_swing_bps", "papers__all__findings",
    "telecom__number__tenure_months", "form_seconds", "typing_ms_median", "device__behaviour__pastes",
    "network__community__bad_share__all", "network__hop1__bad_share__all", "network__proximity__frauds__all",
    "network__community__one_agent__all", "network__employer__others__30d", "network__address__others__30d",
    "network__ip__others__90d", "network__pair__closest__all", "network__ring__strong_people__all",
    "network__ring__device_agent__all",
)  # fmt: skip
"""What the card may ask. Shares of known bads, not their number: one error in a bookkeeper's forty customers is little."""
DROPPED = {"telecom": 0.12, "bank_flow": 0.12, "registry": 0.08, "contacts": 0.05, "tax": 0.08}
"""How often a source is left silent in the sample, so that an outage has points of its own."""


WRONGLY_TAKEN = 0.004
"""How often somebody honest is known as a fraud by a person's error: one in twenty of those who are looked at."""


def draw_tactics(year: int, applicants: int) -> Tactics:
    """A year's tactics drawn at random: makes, sizes, tempos, what is shared, and whom the honest are mistaken for."""
    draw = random.Random(f"network-card:{year}")
    groups = [_draw_robots(draw, n) for n in range(2)] + [_draw_ring(draw, n) for n in range(5)]
    groups += [_draw_lent(draw, n) for n in range(2)] + [_draw_brokers(draw)] + list(_draw_honest(draw))
    kinds: Any = {"honest": 0.95, "hides_debt": 0.05}
    return Tactics(tactics=f"drawn-{year}", applicants=applicants, groups=tuple(groups),
                   crowd=Crowd(kinds=kinds, night=draw.uniform(0.02, 0.06)))  # fmt: skip


def _draw_shares(draw: random.Random, low: int, high: int) -> tuple[dict[Thing, float], dict[Thing, int]]:
    things = draw.sample(("device", "ip", "address", "employer", "contact", "card", "paper"), draw.randint(low, high))
    shares: dict[Thing, float] = {thing: draw.uniform(0.15, 0.9) for thing in things}  # type: ignore[misc]
    for rare in ("phone", "company"):
        if draw.random() < 0.15:
            shares[rare] = draw.uniform(0.05, 0.3)  # type: ignore[index]
    return shares, {thing: draw.randint(1, 5) for thing in shares}


def _draw_robots(draw: random.Random, number: int) -> Group:
    shares, pool = _draw_shares(draw, 2, 4)
    looks = Looks(hand=draw.choice(("dumb", "solver", "humanised")), papers=draw.choice(("stolen", "invented")),
                  liveness_passes=draw.uniform(0, 0.15), defaults=1.0, proxy=draw.uniform(0, 0.6),
                  new_phone=draw.uniform(0.4, 1), shares=shares, pool=pool)  # fmt: skip
    return Group(code=f"robots-{number}", make="robot", life="robot", share=0.01, looks=looks,
                 size=Span(low=8, high=40), tempo_days=Span(low=0.3, high=draw.uniform(3, 60)))  # fmt: skip


def _draw_ring(draw: random.Random, number: int) -> Group:
    shares, pool = _draw_shares(draw, 2, 6)
    life = draw.choice(("packaged", "packaged", "honest", "hides_debt"))
    looks = Looks(hand=draw.choice(("helped", "helped", "human")), defaults=draw.uniform(0.6, 0.95), shares=shares,
                  pool=pool, new_phone=draw.choice((0.0, draw.uniform(0.1, 0.8))), proxy=draw.uniform(0, 0.15))  # fmt: skip
    tempo = draw.uniform(4, 60)
    sleepers = draw.choice((0, 0, 1, 2))
    return Group(code=f"ring-{number}", make="ring", life=life, share=0.012, looks=looks, sleepers=sleepers,
                 size=Span(low=draw.randint(4, 9), high=draw.randint(10, 30)), sleeper_days=sleepers * 30,
                 from_day=60 if sleepers else 0, tempo_days=Span(low=tempo, high=tempo * draw.uniform(1.5, 4)))  # fmt: skip


def _draw_lent(draw: random.Random, number: int) -> Group:
    shares, pool = _draw_shares(draw, 2, 4)
    looks = Looks(hand=draw.choice(("helped", "human")), defaults=0.75, new_phone=draw.uniform(0, 0.6), shares=shares,
                  pool={thing: min(2, n) for thing, n in pool.items()})  # fmt: skip
    return Group(code=f"lent-{number}", make="borrowed_name", life="honest", share=0.005, looks=looks,
                 size=Span(low=2, high=6), tempo_days=Span(low=5, high=80))  # fmt: skip


def _draw_brokers(draw: random.Random) -> Group:
    looks = Looks(hand="helped", defaults=0.5, shares={"agent": 1.0, "device": draw.uniform(0.2, 0.6), "ip": 0.5,
                  "paper": draw.uniform(0.2, 0.7), "employer": 0.4}, pool={"device": 2, "paper": 2, "employer": 2})  # fmt: skip
    return Group(code="brokers", make="packaging", life="packaged", share=0.02, looks=looks,
                 size=Span(low=12, high=50), tempo_days=Span(low=40, high=250))  # fmt: skip


def _draw_honest(draw: random.Random) -> Iterator[Group]:
    """Households, halls, tablets, friends, bookkeepers, depots, masts, and those who apply at night."""
    u = draw.uniform
    many, few = Span(low=10, high=u(30, 110)), Span(low=2, high=u(4, 8))
    plain: tuple[tuple[str, float, Span, dict[Any, float], dict[Any, int], Any], ...] = (
        ("households", 0.03, few, {"address": u(0.7, 1), "device": u(0.2, 0.5), "ip": u(0.5, 0.9), "phone": 0.05,
                                   "contact": u(0.5, 0.9), "card": u(0, 0.05)}, {"contact": 3}, "human"),
        ("halls", 0.045, many, {"ip": u(0.6, 0.95), "address": u(0.3, 0.7), "employer": 0.12, "contact": 0.1,
                                "paper": u(0.1, 0.4)}, {"address": 3, "employer": 2, "contact": 5}, "human"),
        ("tablets", 0.03, many, {"agent": 1.0, "device": u(0.4, 0.8), "ip": u(0.4, 0.9)}, {}, "helped"),
        ("friends", 0.035, few, {"contact": u(0.4, 0.8), "ip": 0.1, "address": u(0, 0.1)}, {"contact": 4}, "human"),
        ("bookkeepers", 0.03, many, {"contact": u(0.2, 0.5), "device": u(0.1, 0.3), "ip": u(0.2, 0.6),
                                     "paper": u(0.1, 0.4)}, {}, "helped"),
        ("depots", 0.02, many, {"employer": u(0.5, 0.9), "ip": u(0.2, 0.5)}, {"ip": 2}, "human"),
        ("masts", 0.06, many, {"ip": 1.0}, {"ip": draw.randint(1, 4)}, "human"),
    )  # fmt: skip
    for code, share, size, shares, pool, hand in plain:
        looks = Looks(hand=hand, shares=shares, pool=pool, new_phone=0.2 if code == "depots" else 0.0)
        yield Group(code=code, make="look_alike", share=share, size=size, looks=looks,
                    tempo_days=Span(low=u(2, 40), high=u(60, 320)))  # fmt: skip
    yield Group(code="night", make="night", share=0.03, looks=Looks(at_night=1.0))


@dataclass(slots=True)
class Gatherer:
    """One drawn year: everybody looked at several times, frauds known as investigators would come to know them."""

    market: Market
    seed: int
    house: House
    draw: random.Random
    rows: list[dict[str, Any]]

    def live(self, count: int) -> None:
        """The year in the order of time."""
        order = sorted((draw_instant(self.market, self.seed, index), index) for index in range(count))
        due: list[tuple[datetime, int, Any]] = []
        for place, (at, index) in enumerate(order):
            while due and due[0][0] <= at:
                self._happen(*heapq.heappop(due))
            person = make_person(self.market, self.seed, index)
            whole = gateways.read_dossier(make_dossier(self.market, self.seed, index, at=at))
            tokens = show_tokens(self.market, self.seed, index)
            self.house.gangs[place] = person.role.gang_name if person.role and person.role.group else None
            if self._is_stopped_at_gate(place, person, whole, tokens):
                continue
            kept = tuple(e for e in whole.evidence if e.kind not in ASKED_AFTER_THE_BUREAU
                         and self.draw.random() >= DROPPED.get(e.kind, 0.0))  # fmt: skip
            seen = replace(whole, evidence=kept)
            target = _tell_target(person)
            for hours, weight in LOOKS_AT:
                heapq.heappush(due, (at + timedelta(hours=hours + 0.2), place, (seen, target, weight)))
            month = person.truth.default_month
            if month is not None and not (target == 1 and self.draw.random() < 0.7):
                fraud = month <= 2 and person.truth.default_reason == "fraud"
                heapq.heappush(due, (at + timedelta(days=1 + DUE_DAYS * (month + 1)), place, fraud))
        while due:
            self._happen(*heapq.heappop(due))

    def _is_stopped_at_gate(self, place: int, person: Any, whole: Dossier, tokens: dict[str, str]) -> bool:
        before, book = self.house.enter(place, whole, tokens)
        gate = identity.check_front_gate(before, book.parameters, as_of=whole.applied_at + timedelta(minutes=12),
                                         velocity=self.house.count_velocity(before, tokens))  # fmt: skip
        self.house.remember(before, tokens)
        is_robot = person.truth.kind in ("robot", "impostor")
        if gate.verdict == "reject" or (gate.verdict == "refer" and is_robot and self.draw.random() < 0.95):
            if is_robot:
                self._know(place, whole.applied_at)
            return True
        return False

    def _know(self, place: int, at: datetime) -> None:
        self.house.index.turn([network.Turned(place, at, is_fraud=True)])

    def _happen(self, at: datetime, place: int, what: Any) -> None:
        if isinstance(what, bool):
            self.house.index.turn([network.Turned(place, at, is_fraud=what)])
            return
        seen, target, weight = what
        book = self.house.rulebook.at(seen.applied_on)
        view = self.house.index.look_around(place, as_of=at)
        found = labels.compute(seen, network=view, as_of=at, parameters=book.parameters).facts
        if target is not None:
            named = {name: found[name] for name in ASKED}
            self.rows.append({"year": self.seed, "gang": self.house.gangs[place], "bad": target, "weight": weight,
                              **named})  # fmt: skip
        if weight == 1.0 and target is not None:
            self._let_a_person_look(at, place, is_fraud=target == 1)

    def _let_a_person_look(self, at: datetime, place: int, *, is_fraud: bool) -> None:
        """What an analyst makes known: of a ring most who are in the picture, and now and then somebody honest."""
        picture = network.draw_neighbourhood(self.house.index, place, as_of=at)
        gang = self.house.gangs[place]
        same = [n.application for n in picture.applications if n.level and gang is not None
                and self.house.gangs[n.application] == gang and is_fraud]  # fmt: skip
        likely = (0.6, 0.85)[len(same) > 1] if same else WRONGLY_TAKEN if not is_fraud else 0.0
        if self.draw.random() >= likely:
            return
        beside = [n.application for n in picture.applications if n.level == 1 and n.application not in same]
        named = [n for n in same if self.draw.random() < 0.8]
        for number in (place, *named, *(n for n in beside if self.draw.random() < WRONGLY_NAMED)):
            self._know(number, at + timedelta(minutes=30))


def _tell_target(person: Any) -> int | None:
    """1 for rings, lent names and robots; None for brokers, doctored papers and others who are another's question."""
    group = person.role.group if person.role is not None else None
    if group is None:
        return 0 if person.truth.kind == "honest" else None
    if group.make in ("ring", "robot", "borrowed_name"):
        return 1
    return 0 if group.make in ("look_alike", "night") else None


def gather(out: Path, first: int, years: int, applicants: int) -> None:
    """Draw years, live them, and write every look as a row."""
    rows: list[dict[str, Any]] = []
    for year in range(first, first + years):
        market = set_market(replace(load_market("cn-micro", tactics="building"), cast=draw_tactics(year, applicants)))
        Gatherer(market, 400_000 + year, House(market.pack), random.Random(year), rows).live(applicants)
        print(f"year {year}: {len(rows):,} rows", file=sys.stderr, flush=True)
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(out)


SILENT: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.08, ("device__behaviour__",)), (0.08, ("device__marks__",)), (0.03, ("form_seconds", "typing_ms_median")),
    (0.05, ("papers__",)), (0.03, ("identity__", "is_phone_matched")),
)  # fmt: skip
"""How often what a page measures is unknown, so that a way in that measures less has points of its own."""


REASONS = (
    ("network__", "SCO-SHARED"), ("device__", "SCO-FORM"), ("form_seconds", "SCO-FORM"), ("typing", "SCO-FORM"),
    ("contradictions", "SCO-CONTRADICTION"), ("declared_to", "SCO-CONTRADICTION"), ("channel", "SCO-CHANNEL"),
    ("top_payer", "SCO-ONE-PAYER"), ("round_trip", "SCO-ROUND-TRIP"), ("chain", "SCO-ROUND-TRIP"),
    ("inflow", "SCO-SWING"), ("invoiced", "SCO-INVOICES"), ("licence", "SCO-LICENCE"), ("registry", "SCO-LICENCE"),
    ("business", "SCO-LICENCE"), ("linkage", "SCO-LICENCE"), ("", "SCO-IDENTITY"),
)  # fmt: skip
"""Which words a lost point is told in, by how the label's name begins."""


PURPOSE = (
    "Points for the chance that an applicant belongs to a ring, a robot's batch or lends a name, read from who stands "
    "around and from what device, hand, telephone, papers and statements showed before the bureau is asked. Used before "
    "the bureau is paid, before the contract and before the money goes out (`decision.check_ring`): below "
    "`network_points_stop` it ends, unless the points without the hand on the form reach `network_points_hand`; below "
    "`network_points_refer` the fraud analyst looks at the neighbourhood."
)
LIMITS = (
    (
        "Built on simulated years of 3,000 applicants each, whose tactics were drawn at random (makes, sizes, tempos, "
        "what is shared); no real ring was seen. Its target is planted fraud as investigators would confirm it: members of "
        "rings, robots that passed the gate, lent names. Packaging brokers, doctored papers and single impostors were left "
        "out of the sample as undecided. Four in a thousand of the honest are known as frauds by an error, and colour "
        "their neighbours as a real error would."
    ),
    (
        "Every applicant counts as seen soon after applying and, at half weight each, thirty and ninety-six hours later; a "
        "share of all measurements and sources was made unknown, so that silence has points of its own."
    ),
    (
        "The holdout is drawn by rows: other looks at the same applicant, and others of the same gang, may stand in the "
        "building sample. Fresh tactics are the true test (docs/world.md)."
    ),
    (
        "A form filled in by another hand costs points, though it never ends a case by itself. A ring whose members fill "
        "in for themselves, with nothing odd on statement and telephone, has the points of anybody until a second one comes."
    ),
)


def silence(frame: pl.DataFrame) -> pl.DataFrame:
    """The sample with some of the measurements taken away, always the same ones."""
    for number, (share, prefixes) in enumerate(SILENT):
        draw = random.Random(number)
        is_kept = pl.Series([draw.random() >= share for _ in range(frame.height)])
        named = [name for name in frame.columns if name.startswith(prefixes)]
        frame = frame.with_columns(pl.when(is_kept).then(pl.col(name)).otherwise(None).alias(name) for name in named)
    return frame


def fit(samples: list[Path], out: Path) -> None:
    """The card, by logistic regression on weight of evidence: a question whose sign turns beside the others goes."""
    asked = ("year", "gang", "bad", "weight", *ASKED)
    frame = silence(pl.concat([pl.read_parquet(sample).select(asked) for sample in samples], how="vertical_relaxed"))
    reasons = {name: next(code for start, code in REASONS if name.startswith(start)) for name in ASKED}
    data = hashlib.sha256("".join(lab.hash_file(sample) for sample in samples).encode()).hexdigest()
    plan = lab.CardPlan(
        target="bad", name="network_fraud", version=out.name, exclude=("year", "gang"), weight="weight",
        method="logistic", holdout_share=0.1, seed=3, unknown_max=0.99, rules=lab.BinningRules(share_min=0.01),
        owner="modelling", purpose=PURPOSE,
        limits=LIMITS, features=describe_labels(reasons, reasons=reasons),
    )  # fmt: skip
    built = lab.build_card(frame, plan, data_sha256=data if len(samples) > 1 else lab.hash_file(samples[0]))
    lab.write_card(built, out)
    print(built.summary(), file=sys.stderr)


def main(words: list[str] | None = None) -> int:
    """Gather the sample, or fit the card."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    what = reader.add_subparsers(dest="what", required=True)
    gathers = what.add_parser("gather")
    gathers.add_argument("out", type=Path)
    gathers.add_argument("--first", type=int, default=1)
    gathers.add_argument("--years", type=int, default=8)
    gathers.add_argument("--applicants", type=int, default=PER_YEAR)
    fits = what.add_parser("fit")
    fits.add_argument("samples", type=Path, nargs="+")
    fits.add_argument("--out", type=Path, required=True)
    told = reader.parse_args(words)
    if told.what == "gather":
        gather(told.out, told.first, told.years, told.applicants)
    else:
        fit(told.samples, told.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
