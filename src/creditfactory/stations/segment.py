"""Running an application from one wait to the next: station by station, a committed move each."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from creditfactory import gateways, publishing, records
from creditfactory.kernel import CreditFactoryError, Reason, Refused, Stale, Unavailable
from creditfactory.rules import ENGINE_VERSION
from creditfactory.stations import line, recorded
from creditfactory.stations.addresses import read_addresses
from creditfactory.stations.bureau_door import count_answer, name_source
from creditfactory.stations.case import Case, Context, open_case
from creditfactory.stations.flight import FlightRecorder
from creditfactory.stations.line_plan import read_line_plan
from creditfactory.stations.outcomes import (
    Absent,
    Ask,
    Done,
    Ended,
    NotApplicable,
    Outcome,
    Retry,
    Stop,
    Wait,
    dump_reasons,
    order_work,
)
from creditfactory.stations.plan import BY_CODE
from creditfactory.stations.registry import RUNS
from creditfactory.stations.ring_review import call_back_named
from creditfactory.stations.s21_disbursement import key_order
from creditfactory.stations.shadowing import is_decided_by_machine
from creditfactory.stations.sources import name_person
from creditfactory.stations.submitting import list_edges
from creditfactory.stations.uploaded import stands_for

log = structlog.get_logger("line")
SOURCE_PAUSE = timedelta(minutes=30)
"""How long a source that stays away is left in peace before it is asked again."""
recorder = FlightRecorder(os.environ.get("CREDITFACTORY_FLIGHT_RECORDER", ""))


@dataclass(frozen=True, slots=True)
class Today:
    """What holds on the factory's business date, whatever rules govern a case: its releases and its stop switches."""

    releases: tuple[records.ReleaseRecord, ...]
    stopped: Mapping[str, tuple[str, ...]]


def run_segment(application_id: int) -> None:
    """Move an application on until it waits, ends, or somebody else has moved it."""
    record = records.load_case(application_id)
    if record is None or record.status != "moving":
        return
    case: Case | None = open_case(record)
    clock = records.read_clock(record.tenant_id)
    with structlog.contextvars.bound_contextvars(case=record.number):
        try:
            today = read_today(record, clock)
        except CreditFactoryError as error:
            log.error("no_rulebook", exc_info=error)
            records.hold_application(case=record, why=str(error), attempts=1, at=max(clock.now, record.applied_at))
            return
        while case is not None:
            clock = clock.again()
            try:
                case = _step(case, clock, today)
            except Stale:
                return


def read_today(record: records.CaseRecord, clock: records.ClockReading) -> Today:
    """The releases of the case's factory, and the switches that its champion of today has off."""
    releases = publishing.find_releases(
        records.TenantRecord(record.tenant_id, record.tenant, record.tenant, record.pack)
    )
    on = max(clock.business_on, record.applied_on)
    champion = publishing.load_rulebook(publishing.choose_champion(releases, on).digest)
    return Today(releases, read_line_plan(champion.at(on)).stopped)


def read_context(case: Case, clock: records.ClockReading, today: Today | None = None) -> Context:
    """The rules the application was taken in under, and the instant: never earlier than it, on a clock at rest."""
    record = case.record
    held = today or read_today(record, clock)
    rulebook = publishing.find_rulebook(record.rulebook)
    if rulebook is None:
        log.warning("rulebook_not_kept", case=record.number, digest=record.rulebook)
        rulebook = publishing.load_rulebook(publishing.choose_champion(held.releases, record.applied_on).digest)
    book = rulebook.at(record.applied_on)
    return Context(
        book=book,
        plan=read_line_plan(book),
        now=max(clock.now, record.applied_at),
        on=max(clock.business_on, record.applied_on),
        stopped=held.stopped,
        is_watched=bool(publishing.list_shadows(held.releases, record.applied_on)),
    )


def _step(case: Case, clock: records.ClockReading, today: Today) -> Case | None:
    """One station: its outcome, written down."""
    code = case.record.station
    try:
        context = read_context(case, clock, today)
    except CreditFactoryError as error:
        log.error("no_rulebook", station=code, exc_info=error)
        records.hold_application(case=case.record, why=str(error), attempts=1, at=clock.now)
        return None
    recorder.enter(case.number, code)
    try:
        return _write(case, context, call_back_named(case, context) or find_outcome(case, context))
    except (Stale, *records.DATABASE_AWAY):
        raise
    except Exception as error:
        log.error("station_broke", station=code, exc_info=error)
        return _hold(case, context, f"{type(error).__name__}: {error}", 1)
    finally:
        recorder.leave(case.number, code)


def find_outcome(case: Case, context: Context) -> Outcome:
    """What the case's station says of it; a station that the pack does not have says why."""
    code = case.record.station
    why = context.plan.absent.get(code)
    if why is not None:
        return NotApplicable(why=Reason("LIN-ABSENT", {"station": code, "why": why["en"], "why_zh": why["zh"]}))
    try:
        return RUNS[code](case, context)
    except Unavailable as error:
        return Retry(why=str(error))


def _write(case: Case, context: Context, outcome: Outcome) -> Case | None:
    if isinstance(outcome, Done):
        return _move(case, context, outcome, exit=outcome.exit, result=outcome.result, reasons=outcome.reasons)
    if isinstance(outcome, NotApplicable):
        result: object = Absent(outcome.why.code, dict(outcome.why.facts))
        return _move(case, context, outcome, exit="not_applicable", result=result, reasons=(outcome.why,))
    if isinstance(outcome, Stop):
        result = outcome.result if outcome.result is not None else Ended(outcome.how)
        return _move(case, context, outcome, exit=outcome.how, result=result, reasons=outcome.reasons)
    if isinstance(outcome, Ask):
        return _ask(case, context, outcome)
    if isinstance(outcome, Wait):
        return _wait(case, context, outcome)
    return _retry(
        case, context, why=outcome.why, attempts=records.count_retries(case.record.id, case.record.station) + 1
    )


def _move(
    case: Case, context: Context, outcome: Done | NotApplicable | Stop, *, exit: str, result: object, reasons: Any
) -> Case | None:
    """Write visit and move in one statement; with an effect or new evidence, all in one transaction."""
    code = case.record.station
    done = outcome if isinstance(outcome, Done) else None
    lane = (done.lane if done is not None and done.lane else None) or case.record.lane
    following, status = line.follow(code, exit, lane)
    move = records.Move(
        station=code,
        outcome=exit,
        next_station=following,
        status=status,
        lane=lane,
        visit_lane=lane,
        result=gateways.dump_value(result),
        reasons=dump_reasons(reasons),
        first_reason=reasons[0].code if reasons else "",
        actor=getattr(outcome, "actor", "machine"),
        business_on=context.on,
        rulebook=context.book.digest,
        started_at=context.now,
        finished_at=context.now,
        tier=done.tier if done is not None else None,
        points=done.points if done is not None else None,
        is_decision=status == "declined" or (code == "offer" and exit == "done"),
        is_money=code == line.MONEY_OUT and exit == "done",
        engine=ENGINE_VERSION,
        inputs="" if context.inputs is None else gateways.dump_value(context.inputs),
    )
    dossier = done.dossier if done is not None else None
    is_shown = context.is_watched and is_decided_by_machine(code, exit)
    effect = None if isinstance(outcome, NotApplicable) else outcome.effect
    if is_shown or effect is not None or dossier is not None:
        with records.together():
            if dossier is not None:
                records.save_dossier(case=case.record, body=gateways.dump_value(dossier))
                records.add_edges(
                    tenant_id=case.record.tenant_id, application_id=case.record.id, edges=list_edges(dossier),
                    at=context.now,
                )  # fmt: skip
            if effect is not None:
                move = replace(move, book_id=effect())
            records.save_move(case=case.record, move=move)
            if is_shown:
                records.defer("shadow", queue="shadow", priority=-1, application_id=case.record.id)
    else:
        records.save_move(case=case.record, move=move)
    if not following:
        records.cancel_work(application_id=case.record.id)
        log.info("ended", station=code, outcome=exit, status=status)
        return None
    record = replace(
        case.record,
        station=following,
        lane=lane,
        version=case.record.version + 1,
        visits_made=case.record.visits_made + 1,
        entered_at=move.finished_at,
        book_id=move.book_id or case.record.book_id,
    )
    fresh = {**case.fresh, code: result} if exit != "not_applicable" else case.fresh
    return replace(case, record=record, fresh=fresh, dossier=dossier or case.dossier)


def _ask(case: Case, context: Context, ask: Ask) -> Case | None:
    """Commit the question, ask it outside any transaction, keep the answer, and let the station look again."""
    request_text, status, attempts = records.open_question(
        case=case.record, party=ask.party, kind=ask.kind, key=ask.key,
        request=json.dumps(ask.request, ensure_ascii=False, default=str), at=context.now,
    )  # fmt: skip
    if status == "answered":
        kept = records.load_answer(ask.key)
        return None if kept is None else case.with_answer(ask.key, kept)
    if status == "given_up":
        return _hold(case, context, f"{ask.party} could not be asked {ask.kind}", attempts)
    request: Mapping[str, Any] = json.loads(request_text)
    try:
        if ask.party == "recorded":
            answer = recorded.answer(case, ask.kind, request)
        else:
            said = gateways.ask(
                ask.party, ask.kind, ask.key, name_person(request),
                address_book=read_addresses(),
            )  # fmt: skip
            answer = {"status": said.status, "body": dict(said.body)}
    except CreditFactoryError as error:
        is_last = attempts >= context.plan.backoff.attempts or not isinstance(error, Unavailable)
        way = context.plan.find_way(name_source(ask)) if is_last and isinstance(error, Unavailable) else ""
        has_paper = bool(way) and stands_for(case, context, name_source(ask))
        may_go_on = has_paper or (way in ("go_on", "stop") and name_source(ask) in context.plan.sources)
        if way == "wait" and not has_paper and _may_wait(request, context):
            records.save_failed_attempt(key=ask.key, error=str(error), give_up=False)
            log.warning("waits_for_source", station=case.record.station, party=ask.party, why=str(error))
            _pause(case, "retry", context.now + SOURCE_PAUSE)
            return None
        records.save_failed_attempt(key=ask.key, error=str(error), give_up=is_last and not may_go_on)
        if may_go_on:
            log.warning("went_on_without", station=case.record.station, party=ask.party, why=str(error))
            refused = {"status": "refused", "body": {"code": "UNAVAILABLE", "message": str(error)}}
            records.save_answer(key=ask.key, body=json.dumps(refused, ensure_ascii=False), at=context.now)
            return case.with_answer(ask.key, refused)
        if is_last:
            return _hold(case, context, str(error), attempts)
        return _retry(case, context, why=str(error), attempts=attempts)
    if answer["status"] == "accepted":
        records.save_accepted(key=ask.key)
        _pause(case, f"answer:{ask.party}"[:40], context.now + timedelta(minutes=30))
        return None
    at = context.now if ask.party == "recorded" else records.read_clock(case.record.tenant_id).now
    with records.together():
        records.save_answer(key=ask.key, body=json.dumps(answer, ensure_ascii=False, default=str), at=at)
        count_answer(case, context, ask, answer, at)
    return case.with_answer(ask.key, answer)


def _may_wait(request: Mapping[str, Any], context: Context) -> bool:
    """Whether a source that stays away may be waited for still, from the first time it was asked."""
    asked_at = datetime.fromisoformat(str(request["asked_at"])) if request.get("asked_at") else context.now
    return context.now - asked_at < timedelta(hours=context.plan.sources_wait_hours)


def _wait(case: Case, context: Context, wait: Wait) -> None:
    if wait.work is not None:
        records.open_work(
            case=case.record,
            order=order_work(wait.work, wait.reasons),
            at=context.now,
        )
    _pause(case, wait.waits_for, wait.due_at)


def _retry(case: Case, context: Context, *, why: str, attempts: int) -> None:
    """Come back later, later each time; after the last attempt put the case on the dead-letter list."""
    if attempts >= context.plan.backoff.attempts:
        _hold(case, context, why, attempts)
        return
    log.warning("retry", station=case.record.station, why=why, attempts=attempts)
    _pause(case, "retry", context.now + timedelta(seconds=context.plan.backoff.wait_seconds(attempts)))


def _hold(case: Case, context: Context, why: str, attempts: int) -> None:
    log.error("held", station=case.record.station, why=why, attempts=attempts)
    records.hold_application(case=case.record, why=why, attempts=attempts, at=context.now)


def _pause(case: Case, waits_for: str, due_at: Any) -> None:
    """Let the case wait; if what it waits for came in meanwhile, wake it at once."""
    records.save_waiting(case=case.record, waits_for=waits_for, due_at=due_at)
    if records.has_news(case.record, answers_known=len(case.answers)):
        records.wake(application_id=case.record.id)


def withdraw(application_id: int, *, by: str, why: str = "") -> None:
    """Withdraw an application on its applicant's word; refused once the money has gone out."""
    record = records.load_case(application_id)
    if record is None or record.status not in ("moving", "waiting", "held"):
        raise Refused("This application has ended already; there is nothing to withdraw.")
    if BY_CODE[record.station].number > BY_CODE[line.MONEY_OUT].number:
        raise Refused("The money has gone out; the loan can be repaid early, but not withdrawn.")
    if key_order(record.number) in record.answers:
        raise Refused("The payment has been ordered; once it is there the loan can be repaid early, but not withdrawn.")
    reason = Reason("LIN-WITHDRAWN", {"why": why[:200]})
    stop = Stop(how="withdrawn", reasons=(reason,), actor=by[:64])
    with records.together():
        context = read_context(open_case(record), records.read_clock(record.tenant_id))
        _move(open_case(record), context, stop, exit=stop.how, result=Ended(stop.how), reasons=stop.reasons)
        records.write_event(
            tenant=record.tenant, by=by, action="application_withdrawn", object_kind="application",
            object_key=record.number, at=context.now, why=why[:200],
        )  # fmt: skip
