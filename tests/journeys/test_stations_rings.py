"""A ring in sight is stopped before anything is paid, and once more before the money goes out (IDF-01, GRA-01)."""

from __future__ import annotations

from typing import Literal

import pytest

from creditfactory import decision, stations
from creditfactory.kernel import Reason
from creditfactory.records import tables
from tests.walking import Line, Walk, world

pytestmark = pytest.mark.django_db
HONEST = 0
Word = Literal["clear", "refer", "stop"]


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> dict[str, Word]:
    """What the network card says of everybody, while the test runs."""
    word: dict[str, Word] = {"verdict": "clear"}

    def check(*_: object) -> decision.RingCheck:
        code = {"stop": "POL-NET-POINTS", "refer": "POL-NET-LOOK"}.get(word["verdict"])
        reasons = (Reason(code, {"points": 500, "line": 610}),) if code else ()
        return decision.RingCheck(verdict=word["verdict"], points=500 if code else 700, reasons=reasons)

    monkeypatch.setattr(decision, "check_ring", check)
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
    line: Line, says: dict[str, Word], verdict: str, is_stopped: bool
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


def test_work_on_rings_is_handed_in_like_any_other() -> None:
    for kind in ("ring_review", "ring_recheck"):
        stations.check_work(kind, {"verdict": "pass", "note": "a family"})
