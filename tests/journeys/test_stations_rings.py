"""A ring in sight is stopped before bureau and money, and everybody in it hears of it (IDF-01, GRA-01)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from creditfactory import decision, records, stations
from creditfactory.kernel import BadInput, Reason
from creditfactory.records import tables
from creditfactory.stations import ring_review, s20_contract
from tests.walking import Line, Walk, open_town, use_addresses, world

pytestmark = pytest.mark.django_db
HONEST = 0
Word = Literal["clear", "refer", "stop"]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with open_town(tmp_path_factory.mktemp("town")) as addresses:
        yield addresses


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, town: Path) -> Line:
    use_addresses(monkeypatch, town)
    return Line()


@pytest.fixture
def picture(monkeypatch: pytest.MonkeyPatch) -> list[records.NeighbourRecord]:
    """Who stands in the picture that the analyst is shown."""
    shown = [records.NeighbourRecord("A-0", "W-0", ("device",), 1)]
    monkeypatch.setattr(records, "list_neighbours", lambda **_: tuple(shown))
    return shown


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> dict[str, Word]:
    """What the network card says of everybody, while the test runs."""
    word: dict[str, Word] = {"verdict": "clear"}

    def check(*_: object) -> decision.RingCheck:
        code = {"stop": "POL-NET-POINTS", "refer": "POL-NET-LOOK"}.get(word["verdict"])
        reasons = (Reason(code, {"points": 500, "line": 610}),) if code else ()
        return decision.RingCheck(verdict=word["verdict"], points=500 if code else 700, reasons=reasons)

    monkeypatch.setattr(decision, "check_ring", check)
    monkeypatch.setattr(decision, "is_fraud_around", lambda _: True)
    return word


def _asked_bureau(walk: Walk) -> bool:
    return tables.Question.objects.filter(application_id=walk.id, party="bureau").exists()


def test_a_ring_is_stopped_before_the_bureau_is_asked(line: Line, says: dict[str, Word]) -> None:
    says["verdict"] = "stop"
    walk = line.run(world(HONEST, reference="ring-stop"))
    seen = walk.seen("data_pull")
    assert (seen.outcome, seen.codes) == ("declined", ("POL-NET-POINTS",))
    assert not _asked_bureau(walk)


@pytest.mark.parametrize(("verdict", "is_stopped"), [("pass", False), ("reject", True)])
def test_the_analyst_decides_before_the_bureau_is_asked(
    line: Line, says: dict[str, Word], picture: list[records.NeighbourRecord], verdict: str, is_stopped: bool
) -> None:
    """Whoever is let pass goes on; whoever is not ends here, and is known as a fraud from then on."""
    says["verdict"] = "refer"
    walk = line.run(world(HONEST, reference=f"ring-{verdict}"))
    assert walk.where == ("waiting", "data_pull", "work:ring_review")
    assert not _asked_bureau(walk)
    walk.work("ring_review", {"verdict": verdict, "note": "called all four"}, by="lu")
    seen = walk.seen("data_pull")
    known = tables.KnownOutcome.objects.filter(application_id=walk.id, kind="fraud").exists()
    assert (seen.outcome == "declined", known) == (is_stopped, is_stopped)
    assert ("POL-NET-ANALYST" in seen.codes) is is_stopped


@pytest.mark.parametrize(("second", "is_stopped"), [("pass", False), ("reject", True)])
def test_where_no_known_fraud_stands_around_a_second_analyst_has_to_see_the_ring_too(
    line: Line,
    says: dict[str, Word],
    picture: list[records.NeighbourRecord],
    monkeypatch: pytest.MonkeyPatch,
    second: str,
    is_stopped: bool,
) -> None:
    """One person's error takes nobody's loan: the second word is another person's, and it is the one that counts."""
    monkeypatch.setattr(decision, "is_fraud_around", lambda _: False)
    says["verdict"] = "refer"
    walk = line.run(world(HONEST, reference=f"ring-second-{second}"))
    walk.work("ring_review", {"verdict": "reject", "note": "one story"}, by="lu")
    assert walk.where == ("waiting", "data_pull", "work:ring_second")
    assert tables.WorkItem.objects.get(application_id=walk.id, kind="ring_second").maker == "lu"
    assert not _asked_bureau(walk) and not tables.KnownOutcome.objects.filter(application_id=walk.id).exists()
    walk.work("ring_second", {"verdict": second, "note": "looked again"}, by="he")
    known = tables.KnownOutcome.objects.filter(application_id=walk.id, kind="fraud").exists()
    assert (walk.seen("data_pull").outcome == "declined", known) == (is_stopped, is_stopped)


def test_work_on_rings_is_handed_in_like_any_other() -> None:
    for kind in ("ring_review", "ring_recheck", "ring_second", "ring_named"):
        stations.check_work(kind, {"verdict": "pass", "note": "a family"})
    stations.check_work("ring_loan", {"action": "call_in"})
    brief = {"neighbours": [{"number": "A-1"}]}
    stations.check_work("ring_review", {"verdict": "reject", "members": ["A-1"]}, brief)
    with pytest.raises(BadInput, match="A-2"):
        stations.check_work("ring_review", {"verdict": "reject", "members": ["A-2"]}, brief)
    with pytest.raises(BadInput, match="no ring was found"):
        stations.check_work("ring_review", {"verdict": "pass", "members": ["A-1"]}, brief)


def test_nobody_is_asked_about_one_who_stands_alone(
    line: Line, says: dict[str, Word], picture: list[records.NeighbourRecord]
) -> None:
    """An empty picture shows nothing: no piece of work, and the case goes on to a later look."""
    says["verdict"] = "refer"
    picture.clear()
    assert line.run(world(HONEST, reference="ring-alone")).hear_outside().state.station == "contract"


def _find_ring(line: Line, says: dict[str, Word], picture: list[records.NeighbourRecord], *members: Walk) -> Walk:
    """A further case in which the analyst finds a ring and ticks these."""
    says["verdict"] = "refer"
    picture[:] = [records.NeighbourRecord(walk.number, walk.state.reference, ("device",), 1) for walk in members]
    walk = line.run(world(HONEST, reference="ring-found"))
    says["verdict"] = "clear"
    found = {"verdict": "reject", "members": [member.number for member in members], "note": "one story"}
    return walk.work("ring_review", found, by="lu")


def _is_known_fraud(walk: Walk) -> bool:
    return tables.KnownOutcome.objects.filter(application_id=walk.id, kind="fraud").exists()


@pytest.mark.parametrize("verdict", ["pass", "reject"])
def test_a_case_on_its_way_that_is_named_goes_to_a_second_analyst(
    line: Line, says: dict[str, Word], picture: list[records.NeighbourRecord], verdict: str
) -> None:
    """Recalled wherever it stands, never by the one who named it; known as a fraud by the second word alone."""
    walk = line.run(world(HONEST, reference="ring-flight")).hear_outside()
    assert walk.where == ("waiting", "contract", "contract_signed")
    finder = _find_ring(line, says, picture, walk)
    assert finder.state.status == "declined"
    assert _is_known_fraud(finder)
    assert not _is_known_fraud(walk)
    assert walk.go().where == ("waiting", "contract", "work:ring_named")
    assert walk.find_work("ring_named").maker == "lu"
    walk.work("ring_named", {"verdict": verdict, "note": "seen"}, by="tan")
    is_stopped = verdict == "reject"
    assert (walk.state.status == "declined", _is_known_fraud(walk)) == (is_stopped, is_stopped)
    if is_stopped:
        assert walk.seen("contract").codes == ("POL-NET-NAMED",)
        assert walk.seen("contract").facts[0] == {"case": finder.number}
    else:
        assert walk.where == ("waiting", "contract", "contract_signed")


def test_after_the_cards_own_stop_a_person_traces_the_others(
    line: Line, says: dict[str, Word], picture: list[records.NeighbourRecord]
) -> None:
    """The card's word alone makes nobody a known fraud; the analyst's does, and the others hear of it."""
    walk = line.run(world(HONEST, reference="ring-flight")).hear_outside()
    says["verdict"] = "stop"
    picture[:] = [records.NeighbourRecord(walk.number, walk.state.reference, ("device",), 1)]
    stopped = line.run(world(HONEST, reference="ring-stopped"))
    says["verdict"] = "clear"
    assert (stopped.state.status, _is_known_fraud(stopped)) == ("declined", False)
    stopped.work("ring_trace", {"verdict": "reject", "members": [walk.number], "note": "one story"}, by="lu")
    assert _is_known_fraud(stopped)
    assert walk.go().where == ("waiting", "contract", "work:ring_named")


def test_a_ring_is_named_whole_or_not_at_all(
    line: Line, says: dict[str, Word], picture: list[records.NeighbourRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between naming the others and ending the case, nothing has happened; the next try does both."""
    walk = line.run(world(HONEST, reference="ring-flight")).hear_outside()
    name, killed = records.name_ring, []

    def die_after(**told: object) -> object:
        name(**told)  # type: ignore[arg-type]
        if not killed:
            killed.append(True)
            raise KeyboardInterrupt
        return None

    monkeypatch.setattr(ring_review.records, "name_ring", die_after)
    with pytest.raises(KeyboardInterrupt):
        _find_ring(line, says, picture, walk)
    finder = tables.Application.objects.get(reference="ring-found")
    assert finder.status == "moving"
    assert not tables.CallBack.objects.filter(kind=records.NAMED).exists()
    stations.run_segment(finder.pk)
    finder.refresh_from_db()
    assert finder.status == "declined"
    assert tables.CallBack.objects.get(kind=records.NAMED).application_id == walk.id


def test_a_borrower_who_is_named_is_handed_to_early_warning(
    line: Line, says: dict[str, Word], picture: list[records.NeighbourRecord]
) -> None:
    """EWS-01: paid already: known as a fraud at once, no proof of use is waited for, and a person is asked."""
    walk = line.run(world(HONEST, reference="ring-paid")).borrow()
    assert walk.where == ("waiting", "use_check", "use_proof")
    finder = _find_ring(line, says, picture, walk)
    assert _is_known_fraud(walk)
    assert walk.go().where == ("waiting", "early_warning", "work:ring_loan")
    assert walk.seen("use_check").codes == ("USE-RING",)
    assert finder.number in walk.find_work("ring_loan").brief
    walk.work("ring_loan", {"action": "call_in", "note": "spoke to the bank"}, by="gao")
    assert walk.where == ("waiting", "early_warning", "loan_event")


def test_a_ring_seen_by_the_last_look_is_not_paid(
    line: Line, says: dict[str, Word], picture: list[records.NeighbourRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """IDF-01: signed already, and somebody has come to stand around since: no order goes out."""
    walk = line.run(world(HONEST, reference="ring-late")).hear_outside()
    monkeypatch.setattr(s20_contract, "check_ring", lambda *_, **__: None)
    says["verdict"] = "stop"
    walk.tell("contract_signed", {"confirmed_cost_table": True})
    assert (walk.state.status, walk.seen("disbursement").codes) == ("declined", ("POL-NET-POINTS",))
    assert not tables.Question.objects.filter(application_id=walk.id, kind="disburse").exists()
