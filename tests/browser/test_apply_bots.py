"""Programs of several makes at the borrower's page, and what the gate makes of each; people beside them (IDF-03).

What each is caught by, and which one is not, stands in docs/front-gate.md.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from creditfactory import gateways, identity, records, stations
from creditfactory.kernel import Reason
from creditfactory.records import tables
from tests.apply_door import make_number, open_door
from tests.apply_visitors import AGENT, ARGUMENTS, CAMERA, Hands
from tests.browser.test_apply_page import CHROMIUM, find_application, sync_api
from tests.journeys.test_apply_door import Borrower
from tests.walking import Line, open_town, use_addresses

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium fonts-noto-cjk"),
    pytest.mark.django_db(transaction=True),
]
SCALE = float(os.environ.get("APPLY_SCALE", "0.4"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with open_town(tmp_path_factory.mktemp("town")) as path:
        yield path


@pytest.fixture
def line(town: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    use_addresses(monkeypatch, town)
    line = Line()
    open_door(line)
    return line


def judge(application: tables.Application) -> tuple[str, set[str], identity.FrontGate]:
    """What the gate says of an application, and the parties that were asked up to then."""
    stations.run_segment(application.pk)
    application.refresh_from_db()
    visit = tables.Visit.objects.filter(application=application, station="front_gate").first()
    asked = set(tables.Question.objects.filter(application=application).values_list("party", flat=True))
    if visit is not None:
        gate = gateways.load_value(identity.FrontGate, visit.result)
        return gate.verdict, asked, gate
    work = tables.WorkItem.objects.get(application=application, kind="gate_review")
    brief = json.loads(work.brief)
    reasons = tuple(gateways.load_plain(Reason, r) for r in json.loads(work.reasons))
    gate = identity.FrontGate(
        verdict="refer", reasons=reasons, signals=brief["signals"], points=brief["points"], hits=brief["hits"]
    )
    return "refer", asked, gate


def codes(gate: identity.FrontGate) -> set[str]:
    return {reason.code for reason in gate.reasons}


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_api.sync_playwright() as opened:
        yield opened


@pytest.fixture
def open_page(playwright: Any, live_server: Any) -> Iterator[Any]:
    """A page of a browser that says it is driven, or of one that hides it."""
    opened: list[Any] = []

    def open_one(*, hides: bool, agent: str | None = AGENT) -> Any:
        arguments = [*ARGUMENTS, *CAMERA, *(["--disable-blink-features=AutomationControlled"] if hides else [])]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        opened.append(browser)
        more = {"user_agent": agent} if agent else {}
        return browser.new_context(locale="en-GB", timezone_id="Asia/Shanghai", **more).new_page()

    yield open_one
    for browser in opened:
        browser.close()


class Program(Hands):
    """The same way through the page without hands: fields are set, buttons pressed by script."""

    def rest(self, low: float, high: float) -> None:
        return

    def reach(self, selector: str) -> None:
        self.page.evaluate("(s) => document.querySelector(s).click()", selector)

    def type(self, selector: str, text: str) -> None:
        self.page.fill(selector, text)

    def choose(self, selector: str, value: str) -> None:
        self.page.select_option(selector, value)


def test_a_plain_poster_of_forms_goes_to_a_person_and_costs_no_query(line: Line) -> None:
    verdict, asked, gate = judge(Borrower().apply())
    assert (verdict, asked) == ("refer", {"identity"})
    assert {"GTE-FAST-FORM", "GTE-UNKNOWN"} <= codes(gate)


def test_a_poster_that_fills_what_nobody_sees_is_stopped_before_anybody_is_asked(line: Line) -> None:
    """IDF-01: not even the identity authority is asked."""
    verdict, asked, gate = judge(Borrower().apply(website="http://x"))
    assert (verdict, asked) == ("reject", set())
    assert "GTE-TRAP" in codes(gate)


def test_a_flood_of_posters_from_one_address_is_stopped_by_its_own_number(line: Line) -> None:
    verdicts = []
    for place in range(14):
        borrower = Borrower()
        borrower.person = {"id_number": make_number(place), "phone": f"139{place:08d}"}
        verdicts.append(judge(borrower.apply())[0])
    assert verdicts[0] == "refer" and verdicts[-1] == "reject", verdicts


def test_a_poster_that_does_the_work_is_still_without_hands(line: Line) -> None:
    borrower = Borrower()
    page = borrower.client.get(borrower.at("facts")).content.decode()
    task = re.search(r'name="task" value="([^"]+)"', page)
    assert task is not None
    answer = identity.find_answer(task[1])
    verdict, asked, gate = judge(borrower.apply(task=task[1], answer=answer, measured="{}"))
    assert (verdict, asked) == ("refer", {"identity"})
    assert {"GTE-FAST-FORM", "GTE-UNKNOWN"} <= codes(gate)


def test_a_browser_that_says_it_is_driven_is_stopped(
    line: Line, open_page: Any, live_server: Any, tmp_path: Path
) -> None:
    program = Program(open_page(hides=False, agent=None), live_server.url, seed=1)
    program.apply(tmp_path, face="person")
    verdict, asked, gate = judge(find_application(program.link))
    assert (verdict, asked) == ("reject", set())
    assert {"GTE-AUTOMATED", "GTE-HEADLESS"} & codes(gate)


def test_a_hidden_program_that_sets_fields_is_stopped_by_points(
    line: Line,
    open_page: Any,
    live_server: Any,
    tmp_path: Path,
) -> None:
    program = Program(open_page(hides=True), live_server.url, seed=2)
    program.apply(tmp_path, face="person")
    verdict, asked, gate = judge(find_application(program.link))
    assert (verdict, asked) == ("reject", set()), (gate.points, gate.hits, gate.reasons)
    assert {"GTE-POINTS", "GTE-NO-HAND"} <= codes(gate)


def test_a_hidden_program_that_types_evenly_goes_to_a_person(
    line: Line,
    open_page: Any,
    live_server: Any,
    tmp_path: Path,
) -> None:
    program = Hands(open_page(hides=True), live_server.url, seed=3, is_even=True, scale=SCALE)
    program.apply(tmp_path, face="person")
    verdict, _, gate = judge(find_application(program.link))
    assert verdict in ("refer", "reject")
    assert "GTE-EVEN-TYPING" in codes(gate), (gate.signals, gate.hits)


@pytest.mark.parametrize("seed", [11, 12])
def test_people_pass(line: Line, open_page: Any, live_server: Any, tmp_path: Path, seed: int) -> None:
    """And so does a program that plays a person's rhythm as well as these hands do: that is the limit of signals."""
    hands = Hands(open_page(hides=True), live_server.url, seed=seed, scale=SCALE)
    hands.apply(tmp_path)
    verdict, _, gate = judge(find_application(hands.link))
    assert "GTE-POINTS" not in codes(gate) and not {r for r in codes(gate) if r in STOPS}, gate
    assert gate.points < 30, (gate.points, gate.hits, gate.signals)
    assert verdict in ("pass", "refer")


STOPS = {"GTE-AUTOMATED", "GTE-HEADLESS", "GTE-EMULATOR", "GTE-TRAP", "GTE-RECORDED"}


def test_a_recorded_session_played_again_is_stopped(
    line: Line,
    open_page: Any,
    live_server: Any,
    tmp_path: Path,
) -> None:
    """IDF-03: neither into the same session (its nonce is used) nor into a new one (the rhythm was seen)."""
    page = open_page(hides=True)
    sent: list[tuple[str, str]] = []
    page.on("request", lambda r: sent.append((r.url, r.post_data or "")) if r.method == "POST" else None)
    hands = Hands(page, live_server.url, seed=21, scale=SCALE)
    hands.apply(tmp_path, face="person")
    first = find_application(hands.link)
    judge(first)
    recorded = [
        re.search(r'name="measured"\r\n\r\n(.*?)\r\n--', body, re.S) for url, body in sent if url.endswith("/facts/")
    ]
    measured = next(found[1] for found in recorded if found)
    again = Client().post(f"/apply/{hands.link}/facts/", {"nonce": "x" * 24, "measured": measured})
    assert again.status_code in (302, 403) and measured not in again.content.decode(), "another device is asked first"
    assert find_application(hands.link) == first, "a finished session takes nothing"
    thief = Borrower()
    page_text = thief.client.get(thief.at("facts")).content.decode()
    task = re.search(r'name="task" value="([^"]+)"', page_text)
    assert task is not None
    second = thief.apply(task=task[1], answer=identity.find_answer(task[1]), measured=measured)
    verdict, asked, gate = judge(second)
    assert (verdict, asked) == ("reject", set())
    assert "GTE-RECORDED" in codes(gate)
    assert records.count_velocity(application_id=first.pk, at=first.applied_at).trace_sessions == 0
