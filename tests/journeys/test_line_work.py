"""Work items, questions and timers of the line: what people, outside parties and the clock may do.

Shows FAC-01 (queue, four eyes, rework, no station by-passed), ORG-01 (roles), DEC-09 (authority), FAC-02 (due times).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from creditfactory import records, stations
from creditfactory.kernel import Refused, Stale
from creditfactory.records import tables
from creditfactory.records.reads.held import list_held
from tests.walking import (
    ONLINE_OK,
    Line,
    Walk,
    bare,
    call_back,
    open_town,
    reach,
    say_sales,
    together,
    use_addresses,
    world,
)

HONEST, BETWEEN, LARGE = 0, 56, 7
ONE_AT_A_TIME = pytest.mark.django_db
MANY_AT_ONCE = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with open_town(tmp_path_factory.mktemp("slow"), speed="0.001") as addresses:
        yield addresses


def actions(walk: Walk) -> list[str]:
    """What the history says was done with an application's work, in order."""
    events = tables.AuditEvent.objects.filter(object_key=walk.number, action__startswith="work_")
    return list(events.order_by("id").values_list("action", flat=True))


# --- claiming ----------------------------------------------------------------------------------


@MANY_AT_ONCE
def test_twenty_people_claim_one_piece_of_work_and_one_has_it(line: Line) -> None:
    walk = reach(line, BETWEEN, "online_check")
    item = walk.find_work("online_check")
    found = together(lambda n: records.claim_work(item_id=item.pk, by=f"officer-{n}", at=walk.now), 20)
    winners = [f"officer-{n}" for n, result in enumerate(found) if result is None]
    assert len(winners) == 1
    assert all(isinstance(result, Stale) for result in found if result is not None)
    item.refresh_from_db()
    assert (item.status, item.claimed_by, actions(walk)) == ("claimed", winners[0], ["work_claimed"])


@MANY_AT_ONCE
def test_eight_people_take_what_is_next_and_none_gets_what_another_has(line: Line) -> None:
    walks = [line.run(world(BETWEEN, reference=f"next-{n}")) for n in range(8)]
    taken = together(
        lambda n: records.take_next_work(
            tenant_id=line.tenant.id, roles=["online_officer"], by=f"officer-{n}", at=walks[0].now
        ),
        8,
    )
    ids = [work.id for work in taken if work is not None]
    assert len(ids) == len(set(ids)) == 8


@MANY_AT_ONCE
def test_the_same_reference_handed_in_by_eight_at_once_is_one_application(line: Line) -> None:
    receipts = together(lambda _: line.take_in(world(HONEST)), 8)
    assert len({walk.number for walk in receipts}) == 1
    assert tables.Application.objects.count() == tables.Dossier.objects.count() == 1


@MANY_AT_ONCE
def test_four_workers_on_one_application_leave_each_visit_once(line: Line) -> None:
    walk = line.take_in(world(BETWEEN))
    assert together(lambda _: stations.run_segment(walk.id), 4) == [None] * 4
    visits = list(tables.Visit.objects.filter(application_id=walk.id).order_by("sequence").values_list("station"))
    assert [station for (station,) in visits] == list(stations.CODES[:13])
    assert tables.WorkItem.objects.filter(application_id=walk.id).count() == 1


@ONE_AT_A_TIME
def test_work_is_released_completed_by_who_has_it_and_only_once(line: Line) -> None:
    walk = reach(line, BETWEEN, "online_check")
    item = walk.find_work("online_check")
    with pytest.raises(Stale, match="it is open"):
        records.complete_work(item_id=item.pk, result=ONLINE_OK, by="sun", at=walk.now)
    records.claim_work(item_id=item.pk, by="sun", at=walk.now)
    with pytest.raises(Stale, match="sun already has"):
        records.claim_work(item_id=item.pk, by="tan", at=walk.now)
    with pytest.raises(Stale, match="by sun"):
        records.release_work(item_id=item.pk, by="tan", at=walk.now)
    records.release_work(item_id=item.pk, by="sun", at=walk.now)
    records.claim_work(item_id=item.pk, by="tan", at=walk.now)
    records.complete_work(item_id=item.pk, result=ONLINE_OK, by="tan", at=walk.now)
    assert walk.where[0] == "moving", "the result wakes the application"
    with pytest.raises(Stale, match="it is done"):
        records.complete_work(item_id=item.pk, result=ONLINE_OK, by="tan", at=walk.now)
    assert walk.go().seen("online_check").actor == "tan"
    assert actions(walk) == ["work_claimed", "work_released", "work_claimed", "work_completed"]


@ONE_AT_A_TIME
def test_what_runs_out_soonest_comes_first_and_what_ran_out_is_late(line: Line) -> None:
    """FAC-01: each kind of work has its due time on the factory's own clock."""
    first = reach(line, BETWEEN, "online_check", reference="first")
    second = reach(line, BETWEEN, "phone_check", reference="second")
    assert first.find_work("online_check").due_at - first.find_work("online_check").opened_at == timedelta(minutes=15)
    assert second.find_work("phone_check").due_at - second.find_work("phone_check").opened_at == timedelta(minutes=20)
    roles = ["phone_officer", "online_officer"]
    taken = records.take_next_work(tenant_id=line.tenant.id, roles=roles, by="he", at=first.now)
    assert taken is not None
    assert taken.number == first.number
    assert records.count_late_work() == {"cn-micro": 0}
    first.pass_time(minutes=16)
    assert records.count_late_work() == {"cn-micro": 1}, "claimed work runs late as well"
    first.pass_time(minutes=5)
    assert records.count_late_work() == {"cn-micro": 2}
    assert first.where == ("waiting", "online_check", "work:online_check"), "late work is not lost work"


# --- four eyes, authority, rework --------------------------------------------------------------


@ONE_AT_A_TIME
def test_nobody_who_checked_a_case_reviews_it_and_the_database_says_so_too(line: Line) -> None:
    walk = reach(line, BETWEEN, "final_review")
    item = walk.find_work("review")
    assert item.maker == "by-phone_check"
    for maker in ("by-phone_check", "by-online_check"):
        with pytest.raises(Refused, match="another pair of eyes"):
            records.claim_work(item_id=item.pk, by=maker, at=walk.now)
        taken = records.take_next_work(tenant_id=line.tenant.id, roles=["credit_officer"], by=maker, at=walk.now)
        assert taken is None
    facts = {"status": "done", "completed_by": item.maker, "completed_at": walk.now, "result": "{}"}
    with pytest.raises(IntegrityError, match="maker_never_checks_own_work"), transaction.atomic():
        tables.WorkItem.objects.filter(id=item.pk).update(**facts)
    walk.work("review", {"decision": "approve"}, by="li")
    assert walk.seen("final_review").outcome == "done"


@ONE_AT_A_TIME
def test_even_claimed_behind_the_programs_back_ones_own_work_cannot_be_completed(line: Line) -> None:
    walk = reach(line, BETWEEN, "final_review")
    item = walk.find_work("review")
    tables.WorkItem.objects.filter(id=item.pk).update(status="claimed", claimed_by=item.maker, claimed_at=walk.now)
    with pytest.raises(Refused, match="another pair of eyes"):
        records.complete_work(item_id=item.pk, result={"decision": "approve"}, by=item.maker, at=walk.now)
    assert walk.where == ("waiting", "final_review", "work:review")


@ONE_AT_A_TIME
@pytest.mark.parametrize(("cents", "needs_second"), [(30_000_000, False), (30_000_100, True)])
def test_authority_ends_at_300_000(line: Line, cents: int, needs_second: bool) -> None:
    """DEC-09, ORG-01: a yuan above an officer's authority needs the chief risk officer, and another person."""
    walk = reach(line, LARGE, "final_review")
    walk.work("review", {"decision": "approve", "amount_cents": cents}, by="li")
    assert (walk.where[2] == "work:second_review") == needs_second
    if needs_second:
        item = walk.find_work("second_review")
        with pytest.raises(Refused, match="another pair of eyes"):
            records.claim_work(item_id=item.pk, by="li", at=walk.now)


@ONE_AT_A_TIME
@pytest.mark.parametrize(("redone", "outcome"), [(True, "done"), (False, "declined")])
def test_a_check_sent_back_is_done_anew_judged_anew_and_reviewed_anew(line: Line, redone: bool, outcome: str) -> None:
    """FAC-01, the rework loop: along the line's table, a visit for each step; the second answer can still decline."""
    walk = reach(line, BETWEEN, "final_review")
    sales = say_sales(walk)
    item = walk.find_work("review")
    records.claim_work(item_id=item.pk, by="li", at=walk.now)
    due_at = walk.now + timedelta(minutes=20)
    with pytest.raises(Refused, match="Say what should be done again"):
        records.return_work(item_id=item.pk, note=" ", by="li", at=walk.now, due_at=due_at)
    records.return_work(item_id=item.pk, note="call the landlord", by="li", at=walk.now, due_at=due_at)
    walk.go()
    assert walk.where == ("waiting", "phone_check", "work:phone_check")
    back = walk.seen("final_review")
    assert (back.outcome, back.codes, back.facts) == ("returned", ("REV-RETURNED",), ({"check": "phone_check"},))
    again = walk.find_work("phone_check")
    assert (again.note, again.due_at, again.returned_from.completed_by) == (
        "call the landlord", due_at, "by-phone_check",
    )  # fmt: skip
    walk.work("phone_check", {**sales, "is_purpose_confirmed": redone}, by="guan")
    assert walk.seen("phone_check").outcome == outcome
    if redone:
        assert walk.find_work("review").maker == "guan"
        walk.work("review", {"decision": "approve"}, by="li")
        assert walk.seen("final_review").outcome == "done"
        passed = tables.Visit.objects.filter(application_id=walk.id, station="online_check").count()
        assert passed == 2, "no station is skipped in silence"


@ONE_AT_A_TIME
def test_a_second_review_that_sends_back_undoes_the_first_and_nothing_else_can_be_sent_back(line: Line) -> None:
    walk = reach(line, LARGE, "final_review")
    sales = say_sales(walk)
    walk.work("review", {"decision": "approve"}, by="li")
    item = walk.find_work("second_review")
    records.claim_work(item_id=item.pk, by="lin", at=walk.now)
    records.return_work(item_id=item.pk, note="sales?", by="lin", at=walk.now, due_at=walk.now)
    walk.go().work("phone_check", sales, by="guan")
    assert walk.where == ("waiting", "final_review", "work:review"), "approved on the old call no more"

    other = reach(line, BETWEEN, "phone_check")
    item = other.find_work("phone_check")
    records.claim_work(item_id=item.pk, by="ma", at=other.now)
    with pytest.raises(Refused, match="could be sent back"):
        records.return_work(item_id=item.pk, note="again", by="ma", at=other.now, due_at=other.now)


# --- withdraw, expire --------------------------------------------------------------------------


@ONE_AT_A_TIME
def test_an_applicant_withdraws_at_any_station_before_the_money_and_open_work_is_closed(line: Line) -> None:
    walk = reach(line, BETWEEN, "online_check")
    item = walk.find_work("online_check")
    records.claim_work(item_id=item.pk, by="sun", at=walk.now)
    stations.withdraw(walk.id, by="wu", why="sold the shop")
    seen = walk.seen("online_check")
    assert (seen.outcome, seen.codes, seen.actor, walk.state.status) == (
        "withdrawn", ("LIN-WITHDRAWN",), "wu", "withdrawn",
    )  # fmt: skip
    item.refresh_from_db()
    assert (item.status, item.claimed_by) == ("cancelled", "")
    with pytest.raises(Stale, match="it is cancelled"):
        records.complete_work(item_id=item.pk, result=ONLINE_OK, by="sun", at=walk.now)
    with pytest.raises(Refused, match="ended already"):
        stations.withdraw(walk.id, by="wu")


@ONE_AT_A_TIME
def test_a_held_application_can_be_withdrawn_and_leaves_the_list_of_the_held(
    line: Line, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    walk = line.run(world(HONEST))
    assert walk.where[:2] == ("held", "funder_decision"), "no address book: a matter for the operator"
    assert [row.number for row in list_held(line.tenant.id)] == [walk.number]
    stations.withdraw(walk.id, by="wu")
    assert walk.state.status == "withdrawn"
    assert list_held(line.tenant.id) == ()
    assert not records.resume_application(application_id=walk.id, by="lin", at=walk.now)


@ONE_AT_A_TIME
def test_once_the_payment_is_ordered_nobody_withdraws(monkeypatch: pytest.MonkeyPatch, slow: Path) -> None:
    """The custodian may have paid before it says so: a withdrawal then would leave money out and no loan."""
    use_addresses(monkeypatch, slow)
    walk = Line(funders=("ntb2",)).run(world(HONEST))
    terms = {"amount_cents": 14_000_000, "annual_rate": "0.2", "term_months": 24, "reasons": []}
    call_back(walk, verdict="approve", **terms)
    walk.tell("contract_signed", {"confirmed_cost_table": True})
    assert walk.where == ("waiting", "disbursement", "answer:custodian")
    with pytest.raises(Refused, match="has been ordered"):
        stations.withdraw(walk.id, by="wu")
    call_back(walk, verdict="paid", amount_cents=14_000_000, paid_on=walk.now.date().isoformat(), receipt="R-1")
    assert walk.loan.principal_cents == 14_000_000
    with pytest.raises(Refused, match="repaid early"):
        stations.withdraw(walk.id, by="wu")


@ONE_AT_A_TIME
def test_a_timer_goes_off_once_and_not_before_its_time_and_is_called_off_by_what_was_waited_for(line: Line) -> None:
    walk = line.run(world(HONEST, consents=[]))
    assert records.find_due_timers() == []
    walk.pass_time(days=2, hours=23)
    assert walk.where == ("waiting", "consent", "consents_signed")
    line.set_clock(walk.now + timedelta(hours=2))
    ((timer, application),) = records.find_due_timers()
    assert [records.fire_timer(timer_id=timer, application_id=application, at=walk.now) for _ in range(2)] == [
        True, False,
    ]  # fmt: skip
    assert walk.go().state.status == "expired"

    other = line.run(world(BETWEEN, consents=[]))
    other.tell("consents_signed", {"consents": world(BETWEEN)["consents"]})
    assert other.where[1] == "online_check"
    line.set_clock(other.now + timedelta(days=9))
    assert records.find_due_timers() == []


# --- questions, call-backs, retries ------------------------------------------------------------


@ONE_AT_A_TIME
def test_a_party_that_is_down_is_asked_again_later_each_time_then_the_case_is_held_and_resumed(
    line: Line, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Six attempts, each wait twice the last; then a person resumes it, and the same question is answered."""
    with open_town(tmp_path, party="sources") as addresses:
        pass
    use_addresses(monkeypatch, addresses)
    dossier, person = bare(HONEST)
    walk, waits = line.take_in(dossier, person=person), []
    for _ in range(6):
        walk.go()
        state = walk.state
        if state.status == "held":
            break
        assert (state.status, state.station, state.waits_for) == ("waiting", "front_gate", "retry")
        waits.append((state.due_at - walk.now).total_seconds())
        walk.pass_time(seconds=waits[-1])
    assert waits == [30, 60, 120, 240, 480]
    (held,) = list_held(line.tenant.id)
    assert (held.number, held.station, held.attempts) == (walk.number, "front_gate", 6)
    assert "identity could not be reached" in held.why
    walk.pass_time(days=1)
    assert walk.state.status == "held", "no timer moves what is held"

    with open_town(tmp_path, party="sources") as addresses:
        use_addresses(monkeypatch, addresses)
        assert records.resume_application(application_id=walk.id, by="lin", at=walk.now)
        assert not records.resume_application(application_id=walk.id, by="lin", at=walk.now)
        walk.go()
    assert walk.seen("front_gate").outcome == "done"
    question = tables.Question.objects.get(application_id=walk.id, party="identity")
    assert (question.status, question.attempts) == ("answered", 1)
    assert list_held(line.tenant.id)[0].resumed_by == "lin"


@ONE_AT_A_TIME
def test_a_question_is_one_question_under_its_key_however_often_the_line_comes_by(
    line: Line, monkeypatch: pytest.MonkeyPatch, slow: Path
) -> None:
    use_addresses(monkeypatch, slow)
    walk = line.run(world(HONEST))
    first = tables.Question.objects.get(application_id=walk.id)
    assert (first.status, first.attempts, walk.where[2]) == ("accepted", 1, f"answer:{first.party}")
    for _ in range(2):
        walk.pass_time(minutes=31)
    (kept,) = tables.Question.objects.filter(application_id=walk.id)
    assert (kept.key, kept.request, kept.status, kept.attempts) == (first.key, first.request, "accepted", 3)
    assert walk.where[0] == "waiting", "the bank knows the key, and did not take it for another question"


@ONE_AT_A_TIME
def test_a_call_back_that_comes_twice_is_taken_once_and_a_strangers_not_at_all(
    line: Line, monkeypatch: pytest.MonkeyPatch, slow: Path
) -> None:
    use_addresses(monkeypatch, slow)
    walk = line.run(world(HONEST))
    question = tables.Question.objects.get(application_id=walk.id)

    def answer(verdict: str, *, party: str = question.party, key: str = question.key) -> str:
        body = json.dumps({"status": "answered", "body": {"verdict": verdict, "reasons": [{"code": "BANK-OWN-VIEW"}]}})
        return records.receive_answer(tenant_id=walk.tenant.id, party=party, key=key, body=body, at=walk.now)

    assert answer("decline", party="insurer") == answer("decline", key="no-such-key") == "unknown"
    assert walk.where[0] == "waiting"
    assert [answer("decline"), answer("approve")] == ["taken", "known"]
    assert json.loads(tables.Question.objects.get(key=question.key).answer)["body"]["verdict"] == "decline"
    assert walk.go().where == ("waiting", "funder_decision", walk.where[2])
    assert walk.where[2] != f"answer:{question.party}", "the next bank is asked"


@ONE_AT_A_TIME
def test_what_a_borrower_tells_twice_under_one_key_is_told_once(line: Line) -> None:
    walk = line.run(world(HONEST, consents=[]))
    signed = {"consents": world(HONEST)["consents"]}
    assert [walk.tell("consents_signed", signed, key="k-1") for _ in range(2)] == [True, False]
    assert tables.CallBack.objects.filter(application_id=walk.id).count() == 1
    assert tables.Visit.objects.filter(application_id=walk.id, station="consent").count() == 1


@ONE_AT_A_TIME
def test_what_comes_in_while_the_line_is_about_to_wait_is_not_slept_through(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = line.take_in(world(HONEST, consents=[]))
    save = records.save_waiting

    def tell_just_before(**named: Any) -> None:
        if named["waits_for"] == "consents_signed":
            body = json.dumps({"consents": world(HONEST)["consents"]})
            records.receive_call_back(
                application_id=walk.id, source="people", kind="consents_signed", key="just-then", body=body, at=walk.now
            )
        save(**named)

    monkeypatch.setattr(records, "save_waiting", tell_just_before)
    walk.go()
    assert walk.where[0] == "moving", "woken at once"
