"""A share of visits is made twice, by another person; what two people say differently is told and measured (VER-04)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from creditfactory import decision, records
from creditfactory.kernel import Refused
from creditfactory.records import reads, tables
from creditfactory.stations import segment
from tests.walking import VISIT_OK, Line, Walk, reach

pytestmark = pytest.mark.django_db


def draw_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every visit is made twice."""
    plain_plan, plain_context = segment.read_line_plan, segment.read_context

    def plan(book: Any) -> Any:
        held = plain_plan(book)
        return replace(held, roles={**held.roles, "second_visit": "field_investigator"})

    def context(*parts: Any) -> Any:
        found = plain_context(*parts)
        parameters = {**found.book.parameters, "second_visit_share_bps": 10_000}
        return replace(found, book=replace(found.book, parameters=parameters))

    monkeypatch.setattr(segment, "read_line_plan", plan)
    monkeypatch.setattr(segment, "read_context", context)


def find_lane_c(line: Line) -> Walk:
    """Somebody of the market who is visited."""
    for who in range(60):
        walk = _try(line, who)
        if walk is not None:
            return walk
    raise AssertionError("nobody of the first sixty is visited")


def _try(line: Line, who: int) -> Walk | None:
    try:
        walk = reach(line, who, "site_visit")
    except AssertionError:
        return None
    return walk if walk.where[2] == "work:site_visit" else None


def test_a_second_investigator_goes_unasked_and_what_differs_is_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """VER-04: the first cannot be the second; agreement on each question is measured from the pairs."""
    draw_all(monkeypatch)
    line = Line()
    walk = find_lane_c(line)
    graded = {**VISIT_OK, "character_grade": 2, "product_grade": 2, "backing_grade": 1}
    walk.work("site_visit", graded, by="zhu")
    assert walk.where[2] == "work:second_visit"
    item = walk.find_work("second_visit")
    with pytest.raises(Refused, match="your own work"):
        records.claim_work(item_id=item.pk, by="zhu", at=walk.now)
    walk.work("second_visit", {**graded, "backing_grade": 3}, by="zhao")
    seen = walk.seen("site_visit")
    assert seen.outcome == "done" and seen.result.verdict == "doubt" and "VIS-SECOND-DIFFERS" in seen.codes
    assert (seen.result.facts["second_by"], seen.result.facts["second_differs"]) == ("zhao", 1)
    pairs = reads.list_visit_pairs(line.tenant.id)
    assert [(pair.first_by, pair.second_by) for pair in pairs] == [("zhu", "zhao")]
    found = decision.measure_agreement([(p.first.get("backing_grade"), p.second.get("backing_grade")) for p in pairs])
    assert (found.cases, found.same) == (1, 0)
    assert [(p.name, p.visits) for p in reads.list_investigators(line.tenant.id)] == [("zhu", 1)]


def test_no_second_visit_is_asked_for_where_none_is_drawn() -> None:
    line = Line()
    walk = find_lane_c(line)
    walk.work("site_visit", VISIT_OK, by="zhu")
    assert walk.seen("site_visit").outcome == "done"
    assert not tables.WorkItem.objects.filter(application_id=walk.id, kind="second_visit").exists()
