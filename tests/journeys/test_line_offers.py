"""Offers on the line: what a reviewer overrides stands on record, and whoever repaid pays less the next time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from creditfactory import decision, stations
from creditfactory.kernel import BadInput
from creditfactory.records import tables
from tests.walking import ONLINE_OK, VISIT_OK, Line, Walk, open_town, say_sales, use_addresses, world

pytestmark = pytest.mark.django_db
HONEST = 0
WHY = "the bureau's report was seen on paper and shows no query"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Parties that have decided as soon as they are asked again."""
    with open_town(tmp_path_factory.mktemp("quick")) as addresses:
        yield addresses


def half_known() -> dict[str, Any]:
    """An honest applicant of whom the bureau does not say how often lenders asked."""
    whole = world(HONEST)
    for record in whole["evidence"]:
        if record["kind"] == "bureau":
            record["queries_3m"] = None
    return whole


def through_checks(walk: Walk) -> Walk:
    """Every check by people that the case's lane asks for, fine."""
    for kind in ("online_check", "phone_check", "site_visit"):
        if walk.state.waits_for == f"work:{kind}":
            said = {"online_check": ONLINE_OK, "phone_check": say_sales(walk), "site_visit": VISIT_OK}[kind]
            walk.work(kind, said, by=f"by-{kind}")
    return walk


def reviewed(line: Line) -> Walk:
    """Such an applicant with every check by people fine, before the credit officer."""
    walk = through_checks(line.run(half_known()))
    assert walk.where == ("waiting", "final_review", "work:review"), walk.where
    return walk


def test_an_approval_without_a_needed_fact_states_its_exception_and_keeps_it() -> None:
    """DEC-09, law 4: the machine makes no offer without the fact; a person may, saying why, and it can be counted."""
    walk = reviewed(Line())
    lane = walk.seen("lane").result
    assert isinstance(lane, decision.LaneChoice)
    assert (lane.lane, "queries_3m" in lane.facts_needed) == ("C", True)
    brief = json.loads(walk.find_work("review").brief)
    assert "queries_3m" in brief["facts_needed"]
    with pytest.raises(BadInput, match="exception: found nothing, expected why"):
        stations.check_work("review", {"decision": "approve"}, brief)
    stations.check_work("review", {"decision": "decline", "reason": "REV-DECLINED"}, brief)
    stations.check_work("review", {"decision": "approve", "exception": WHY}, brief)
    walk.work("review", {"decision": "approve", "exception": WHY}, by="li")
    assert walk.seen("final_review").result.exception == WHY
    seen = walk.seen("offer")
    assert (seen.outcome, seen.result.limit.parts["review"]) == ("done", walk.state.amount_cents)


def test_an_approval_that_states_no_exception_makes_no_offer() -> None:
    """Law 4: even where a form lets it through, unknown is never yes."""
    walk = reviewed(Line()).work("review", {"decision": "approve"}, by="li")
    seen = walk.seen("offer")
    assert (seen.outcome, seen.codes) == ("declined", ("OFR-FACTS-NEEDED",))


def borrow_again(line: Line, first: Walk) -> Walk:
    """The same person's next application, two months after the last loan ended."""
    ended = tables.Loan.objects.get(application_id=first.id)
    day = (ended.ended_on or ended.matures_on) + timedelta(days=60)
    moved = (day - first.state.applied_on).days
    whole = json.loads(json.dumps(world(HONEST)))
    whole["reference"] += "-again"

    def later(text: str) -> str:
        from datetime import datetime

        return (datetime.fromisoformat(text) + timedelta(days=moved)).isoformat()

    whole["applied_at"] = later(whole["applied_at"])
    for row in (*whole["evidence"], *whole["consents"]):
        for name in ("obtained_at", "signed_at"):
            if name in row:
                row[name] = later(row[name])
    return line.run(whole)


@pytest.mark.parametrize(
    ("late_days", "off"),
    [pytest.param(0, 60, id="on time"), pytest.param(4, 24, id="four days late"), pytest.param(20, 0, id="late")],
)
def test_whoever_repaid_a_loan_here_pays_less_for_the_next(
    monkeypatch: pytest.MonkeyPatch, quick: Path, late_days: int, off: int
) -> None:
    """POL-07: by own loans repaid and the most days ever late, counted from what came in."""
    use_addresses(monkeypatch, quick)
    monkeypatch.setattr(decision, "draw_questions", lambda *_, **__: ())  # who answers them is another test's
    line = Line()
    first = line.run(world(HONEST)).borrow()
    assert first.seen("labels").result["own_loans_repaid"] == 0
    assert "renewal" not in first.seen("offer").result.offer.candidates[0].price.components
    for row in first.owed():
        late = late_days if row.number == 3 else 0
        first.pay(f"R-{row.number}", row.principal_cents + row.interest_cents, row.due_on + timedelta(days=late))
    assert tables.Loan.objects.get(application_id=first.id).status == "paid"
    again = through_checks(borrow_again(line, first)).work("review", {"decision": "approve"}, by="li")
    known = again.seen("labels").result
    assert (known["own_loans_repaid"], known["own_arrears_days_max"]) == (1, late_days)
    components = again.seen("offer").result.offer.candidates[0].price.components
    assert components.get("renewal", 0) == -off
