"""Past decisions made again from what was kept, and held against what was decided: the same to the last bit, or not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from creditfactory import gateways, publishing, records
from creditfactory.kernel import Reason, Refused
from creditfactory.rules import ENGINE_VERSION
from creditfactory.stations.case import Case, Context, Inputs, open_case
from creditfactory.stations.line_plan import read_line_plan
from creditfactory.stations.outcomes import Absent, Done, Ended, NotApplicable, Outcome, Stop, dump_reasons
from creditfactory.stations.segment import find_outcome

REPLAYED = ("policy", "scores", "lane", "offer")
"""The stations whose answers are the machine's decision."""
ENDED_BY_OTHERS = ("withdrawn", "expired")
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a decision made again is not what was decided."""

    station: str
    path: str
    stored: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Replay:
    """One application's decision made again.

    ``status`` is same, different, or not_kept, where something that it rested on was not kept (``why`` says what).
    ``engines`` are the engine versions that decided then, where they are not the one that decides here.
    """

    number: str
    status: str
    visits: int
    rulebook: str
    engines: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    why: str = ""


def replay_application(application_id: int) -> Replay:
    """Make every decision of one application again from its snapshot, its dossier and the rulebook kept for it."""
    record = records.load_case(application_id)
    if record is None:
        raise Refused("There is no such application.")
    visits = records.load_past_visits(application_id)
    case = open_case(record)
    found: list[Difference] = []
    engines, made = set(), 0
    for place, visit in enumerate(visits):
        if visit.station not in REPLAYED or visit.outcome in ENDED_BY_OTHERS:
            continue
        if visit.engine != ENGINE_VERSION:
            engines.add(visit.engine or "unknown")
        missing = _find_missing(visit)
        if missing:
            return Replay(record.number, "not_kept", made, visit.rulebook, tuple(sorted(engines)), why=missing)
        before = visits[:place]
        found += compare(visit.station, _as_kept(visit), _make_again(case, before, visit))
        made += 1
    status = "different" if found else "same"
    return Replay(record.number, status, made, record.rulebook, tuple(sorted(engines)), tuple(found))


def _find_missing(visit: records.PastVisit) -> str:
    if visit.station == "offer" and not visit.inputs:
        return "the funders' terms of that instant were not kept with the offer"
    if publishing.find_rulebook(visit.rulebook) is None:
        return f"no rulebook is kept under {visit.rulebook[:12]}…"
    return ""


def _make_again(case: Case, before: Sequence[records.PastVisit], visit: records.PastVisit) -> dict[str, Any]:
    """What the station says today of the case as it stood then."""
    book = publishing.load_rulebook(visit.rulebook).at(case.record.applied_on)
    inputs = gateways.load_value(Inputs, visit.inputs) if visit.inputs else Inputs()
    context = Context(
        book=book, plan=read_line_plan(book), now=visit.started_at, on=visit.business_on, stopped=inputs.stopped,
        given=inputs,
    )  # fmt: skip
    lane_before = before[-1].lane if before else ""
    known = {v.station: records.VisitRecord(v.station, v.outcome, v.result, v.actor, v.finished_at) for v in before}
    record = replace(case.record, station=visit.station, lane=lane_before, visits=known)
    return _tell_outcome(find_outcome(replace(case, record=record, fresh={}), context), lane_before)


def _tell_outcome(outcome: Outcome, lane: str) -> dict[str, Any]:
    """An outcome as the line would write it down."""
    reasons: tuple[Reason, ...]
    if isinstance(outcome, Done):
        way_out, result, reasons, lane = outcome.exit, outcome.result, outcome.reasons, outcome.lane or lane
    elif isinstance(outcome, NotApplicable):
        absent = Absent(outcome.why.code, dict(outcome.why.facts))
        way_out, result, reasons = "not_applicable", absent, (outcome.why,)
    elif isinstance(outcome, Stop):
        ended = outcome.result if outcome.result is not None else Ended(outcome.how)
        way_out, result, reasons = outcome.how, ended, outcome.reasons
    else:
        return {"outcome": type(outcome).__name__}
    return {
        "outcome": way_out,
        "lane": lane,
        "reasons": json.loads(dump_reasons(reasons)),
        "result": json.loads(gateways.dump_value(result)),
    }


def _as_kept(visit: records.PastVisit) -> dict[str, Any]:
    return {
        "outcome": visit.outcome,
        "lane": visit.lane,
        "reasons": json.loads(visit.reasons),
        "result": json.loads(visit.result),
    }


def compare(station: str, stored: Any, now: Any) -> list[Difference]:
    """Every place where two JSON values differ; a whole number is not the same as a float, nor True as 1.

    >>> compare("lane", {"tier": 2, "lane": "A"}, {"tier": 3, "lane": "A"})
    [Difference(station='lane', path='tier', stored=2, now=3)]
    >>> [d.path for d in compare("lane", {"reasons": [{"n": 1}]}, {"reasons": [{"n": 1.0}, {}]})]
    ['reasons[0].n', 'reasons[1]']
    """
    return [Difference(station, path, a, b) for path, a, b in _walk("", stored, now)]


def _walk(path: str, stored: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(stored, dict) and isinstance(now, dict):
        for key in sorted(stored.keys() | now.keys()):
            place = f"{path}.{key}" if path else key
            if key not in stored or key not in now:
                yield place, stored.get(key, "(not there)"), now.get(key, "(not there)")
            else:
                yield from _walk(place, stored[key], now[key])
    elif isinstance(stored, list) and isinstance(now, list):
        for index in range(max(len(stored), len(now))):
            if index >= len(stored) or index >= len(now):
                pair = [part[index] if index < len(part) else "(not there)" for part in (stored, now)]
                yield f"{path}[{index}]", pair[0], pair[1]
            else:
                yield from _walk(f"{path}[{index}]", stored[index], now[index])
    elif type(stored) is not type(now) or stored != now:
        yield path, stored, now


@dataclass(slots=True)
class ReplayTotals:
    """Many decisions made again, counted; the first differences are shown with their application and path."""

    replayed: int = 0
    same: int = 0
    different: int = 0
    not_kept: int = 0
    other_engine: int = 0
    visits: int = 0

    def count(self, replay: Replay) -> None:
        """Add one application."""
        self.replayed += 1
        self.visits += replay.visits
        self.same += replay.status == "same"
        self.different += replay.status == "different"
        self.not_kept += replay.status == "not_kept"
        self.other_engine += bool(replay.engines)


def sum_up(replays: Iterator[Replay]) -> dict[str, Any]:
    """The result of replaying many: counts, rulebooks, and the first differences by path."""
    totals, rulebooks = ReplayTotals(), dict[str, int]()
    shown: list[dict[str, Any]] = []
    engines: dict[str, int] = {}
    for replay in replays:
        totals.count(replay)
        rulebooks[replay.rulebook] = rulebooks.get(replay.rulebook, 0) + 1
        for engine in replay.engines:
            engines[engine] = engines.get(engine, 0) + 1
        if replay.status != "same" and len(shown) < SHOWN:
            shown.append(tell_replay(replay))
    told: dict[str, Any] = {name: getattr(totals, name) for name in ReplayTotals.__dataclass_fields__}
    return {**told, "engine": ENGINE_VERSION, "other_engines": engines, "rulebooks": rulebooks, "first": shown}


def tell_replay(replay: Replay) -> dict[str, Any]:
    """One application's replay as plain JSON, its first differences by path."""
    told: dict[str, Any] = {"application": replay.number, "status": replay.status, "rulebook": replay.rulebook}
    if replay.engines:
        told["decided_by_engine"] = list(replay.engines)
    if replay.why:
        told["why"] = replay.why
    if replay.differences:
        told["differences"] = [
            {"station": d.station, "path": d.path, "stored": d.stored, "now": d.now} for d in replay.differences[:SHOWN]
        ]
    return {**told, "visits": replay.visits}
