"""The forms of people's work hand in what the line reads; values are written as each language writes them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from creditfactory import decision, gateways, stations
from creditfactory.consoles import charts
from creditfactory.consoles.templatetags import show
from creditfactory.consoles.work_forms import Question, WorkForm, sections_of

AROUND = [{"number": "A-1", "reference": "W-1", "shares": ["device", "card"], "ties": 1},
          {"number": "A-2", "reference": "W-2", "shares": [], "ties": 2}]  # fmt: skip
BRIEF = {"facts_needed": ["queries_3m"], "questions": ["loans_open", "monthly_due"], "neighbours": AROUND}
ASKED = sorted(set(stations.FORMS) - {"data_entry"})


def fill(kind: str) -> dict[str, Any]:
    typed = {
        "yesno": "yes", "money": "1200", "number": "3", "text": "said", "long": "seen", "date": "2026-03-20",
        "percent": "32.5", "moment": "2026-03-20T14:30",
        "several": ["A-1"], "photos": '[{"what": "door", "digest": "ab", "distance_m": 9}]',
    }  # fmt: skip
    asked = sections_of(kind, BRIEF)
    return {q.name: typed.get(q.kind) or _choose(q) for section in asked for q in section.questions}


def _choose(question: Question) -> str:
    return question.choices[-1 if question.name == "verdict" else 0][0]


@pytest.mark.parametrize("kind", ASKED)
def test_a_form_asks_everything_that_its_station_reads_and_nothing_else(kind: str) -> None:
    """VER-01 to VER-03: no fact that the judgement reads is missing from the form, and none is handed in unread."""
    form = WorkForm(kind, BRIEF, fill(kind))
    assert form.is_valid(), form.errors
    stations.check_work(kind, form.read_result(), BRIEF)
    read = gateways.load_plain(stations.FORMS[kind], form.read_result())
    names = {q.name for section in sections_of(kind, BRIEF) for q in section.questions}
    assert {name.partition(".")[0] for name in names} == set(type(read).__dataclass_fields__)
    counts = {name.partition(".")[2] for name in names if name.startswith("counts.")}
    assert counts in (set(), set(decision.SiteCounts.__dataclass_fields__))


def test_the_others_of_a_picture_are_boxes_that_say_what_they_share() -> None:
    """GRA-01: a ring is found by ticking who belongs to it; nobody is ticked where none was found, and no stranger."""
    typed = {"verdict": "reject", "note": "one story", "members": ["A-2"]}
    form = WorkForm("ring_review", BRIEF, typed)
    assert form.is_valid() and form.read_result() == typed
    with translation.override("en"):
        assert [str(label) for _, label in form.fields["members"].choices] == [
            "A-1 · shares device, bank card or account", "A-2 · 2 ties away"]  # fmt: skip
    with translation.override("zh-hans"):
        assert "共用" in str(form.fields["members"].choices[0][1])
    for wrong in ({**typed, "verdict": "pass"}, {**typed, "members": ["A-3"]}):
        refused = WorkForm("ring_review", BRIEF, wrong)
        assert not refused.is_valid() and set(refused.errors) == {"members"}
    assert "members" not in WorkForm("ring_review", {"neighbours": []}, {}).fields


def test_photos_and_drawn_answers_are_handed_in_as_the_line_reads_them() -> None:
    """VER-02, VER-03: an answer stands under its question, a photo with its place; junk is refused."""
    form = WorkForm("phone_check", BRIEF, fill("phone_check"))
    assert form.is_valid() and form.read_result()["answers"] == {"loans_open": 3, "monthly_due": 120_000}
    visit = WorkForm("site_visit", {}, fill("site_visit"))
    assert visit.is_valid() and visit.read_result()["counts"]["margin_bps"] == 3_250
    assert visit.read_result()["photo_marks"][0]["distance_m"] == 9
    broken = WorkForm("site_visit", {}, {**fill("site_visit"), "photo_marks": '{"what": 1}'})
    assert not broken.is_valid() and set(broken.errors) == {"photo_marks"}


def test_a_review_asks_for_an_exception_only_where_facts_are_needed() -> None:
    """DEC-09: whoever approves while a fact is unknown says why."""
    brief = {"facts_needed": ["queries_3m"]}
    bare = WorkForm("review", brief, {"decision": "approve", "note": "yes"})
    assert not bare.is_valid() and set(bare.errors) == {"exception"}
    assert WorkForm("review", brief, {"decision": "approve", "note": "yes", "exception": "seen on paper"}).is_valid()
    assert WorkForm("review", brief, {"decision": "decline", "note": "no", "reason": "REV-DECLINED"}).is_valid()
    assert "exception" not in WorkForm("review", {}, {}).fields


@pytest.mark.parametrize(
    ("typed", "faulty"),
    [
        ({"decision": "decline", "note": "no"}, "reason"),
        ({"decision": "approve", "note": "yes", "amount_cents": "260001"}, "amount_cents"),
        ({"decision": "approve", "note": "yes", "amount_cents": "-1"}, "amount_cents"),
        ({"decision": "approve", "note": "yes", "amount_cents": "1e30"}, "amount_cents"),
        ({"decision": "approve", "note": "yes", "amount_cents": "NaN"}, "amount_cents"),
        ({"decision": "maybe", "note": "yes"}, "decision"),
        ({"decision": "approve"}, "note"),
        ({"decision": "approve", "note": "x" * 501}, "note"),
    ],
)
def test_a_review_is_refused_at_its_field(typed: dict[str, str], faulty: str) -> None:
    form = WorkForm("review", {"amount_cents": 26_000_000}, typed)
    assert not form.is_valid()
    assert set(form.errors) == {faulty}


def test_data_entry_asks_for_the_gaps_and_hands_them_in_where_they_belong() -> None:
    brief: dict[str, Any] = {
        "gaps": ["business.employees", "business.opened_on"],
        "doubts": ["applicant.declared_income_cents"],
    }
    typed = {"business.employees": "9", "business.opened_on": "2017-05-01", "applicant.declared_income_cents": "45000"}
    form = WorkForm("data_entry", brief, typed)
    assert form.is_valid(), form.errors
    assert form.read_result() == {
        "details": {
            "business": {"employees": 9, "opened_on": "2017-05-01"},
            "applicant": {"declared_income_cents": 4_500_000},
        },
    }


def test_amounts_shares_days_and_spans_follow_the_language() -> None:
    thin, hard = "\u202f", "\u00a0"
    span = timedelta(hours=2, minutes=5)
    with translation.override("en"):
        assert show.money(26_000_000, "CNY") == f"¥{hard}260,000"
        assert show.money(-50, "USD") == f"−${hard}0.50"
        assert show.short_money(2_860_000_000) == f"¥{hard}28.6{hard}m"
        assert show.percent(0.364) == f"36.4{thin}%"
        assert show.day(date(2026, 3, 12)) == f"12{hard}Mar{hard}2026"
        assert show.span(span) == "2 h 5 min"
    with translation.override("zh-hans"):
        assert show.money(26_000_000, "CNY") == f"¥{hard}260,000"
        assert show.short_money(2_860_000_000) == f"¥{hard}2,860{hard}万"
        assert show.percent(0.364) == "36.4%"
        assert show.day(date(2026, 3, 12)) == "2026年3月12日"
    assert show.percent(None) == show.money(None) == show.day(None) == "–"


def test_due_is_calm_soon_or_late() -> None:
    now = datetime(2026, 3, 12, 6, 32).astimezone()
    states = [show.due(now + timedelta(minutes=m), now).split('"')[1] for m in (30, 14, -1)]
    assert states == ["chip good", "chip warn", "chip bad"]


def test_line_ends_are_named_without_lying_on_each_other() -> None:
    rows = [{"name": str(n), "months_on_book": 12, "share": share} for n, share in enumerate((0.10, 0.101, 0.05, 0.0))]
    assert [row["name"] for row in charts._line_ends(rows)] == ["1", "2"]
