"""The borrower's page in a real browser: by hand from facts to status, both languages, on a phone, without a camera."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from creditfactory import records, stations
from creditfactory.application import DeviceSession, find_evidence
from creditfactory.records import tables
from creditfactory.stations.case import open_case
from tests.apply_door import FACTS, open_door
from tests.apply_visitors import AGENT, ARGUMENTS, CAMERA, DESK, PHONE, Hands
from tests.walking import Line, open_town, use_addresses

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium fonts-noto-cjk"),
    pytest.mark.django_db(transaction=True),
]
SHOTS = os.environ.get("APPLY_SHOTS", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop running in this thread
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *CAMERA])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with open_town(tmp_path_factory.mktemp("town")) as path:
        yield path


@pytest.fixture
def line(town: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    from creditfactory.service.words import compile_words

    compile_words()
    use_addresses(monkeypatch, town)
    line = Line()
    open_door(line)
    return line


class Visitor:
    """One browser window; whatever the browser complains about is kept."""

    def __init__(self, browser: Any, address: str, *, size: dict[str, int] = DESK, locale: str = "en-GB",
                 scheme: str = "light", **more: Any) -> None:  # fmt: skip
        self.address, self.faults = address, []
        self.context = browser.new_context(
            viewport=size, locale=locale, color_scheme=scheme, user_agent=AGENT, timezone_id="Asia/Shanghai", **more
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._note_stranger)

    def _note_stranger(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked {request.url}")


@pytest.fixture
def visit(browser: Any, live_server: Any) -> Iterator[Any]:
    opened: list[Visitor] = []

    def open_visitor(**options: Any) -> Visitor:
        opened.append(Visitor(browser, live_server.url, **options))
        return opened[-1]

    yield open_visitor
    for visitor in opened:
        visitor.context.close()


def find_application(link: str) -> tables.Application:
    return tables.Application.objects.get(applysession__link_index=records.blind_index("apply_link", link))


def read_session(application: tables.Application) -> DeviceSession:
    record = records.load_case(application.pk)
    assert record is not None
    session = find_evidence(open_case(record).dossier, DeviceSession)
    assert session is not None
    return session


def test_by_hand_with_the_camera_from_the_first_page_to_the_status(line: Line, visit: Any, tmp_path: Path) -> None:
    """IDF-01 to IDF-03: a borrower at a real browser with a camera comes to the line with what hands did counted."""
    who = visit()
    hands = Hands(who.page, who.address, seed=1, scale=0.5)
    hands.apply(tmp_path)
    assert who.faults == []
    application = find_application(hands.link)
    session = read_session(application)
    assert session.behaviour is not None and session.marks is not None
    assert session.behaviour.proof_bits == 14 and (session.behaviour.keys or 0) > 40
    assert session.typing_ms_median is not None and session.is_trap_filled is False
    kept = records.list_papers_of(application_id=application.pk)
    assert {row.kind for row in kept} >= {"id_card_front", "id_card_back", "licence", "frame"}
    stations.run_segment(application.pk)
    who.page.reload()
    assert "about" not in who.page.url


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("zh-CN", "dark")])
def test_every_step_fits_a_phone_and_names_every_control(line: Line, visit: Any, locale: str, scheme: str) -> None:
    who = visit(size=PHONE, locale=locale, scheme=scheme, has_touch=True)
    who.page.goto(f"{who.address}/apply/")
    who.page.click("button.wide")
    who.page.wait_for_url("**/facts/")
    link = who.page.url.split("/")[4]
    tables.ApplySession.objects.update(step="offer")
    nameless = """[...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')].filter(e =>
      !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length || e.title))
      .map(e => e.outerHTML.slice(0, 120))"""
    for step in ("facts", "consents", "papers", "camera", "firm", "offer"):
        who.page.goto(f"{who.address}/apply/{link}/{step}/")
        over = who.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{step} is {over} px wider than the phone"
        assert who.page.evaluate(nameless) == [], step
        assert who.page.evaluate("document.documentElement.lang") == ("zh-hans" if locale == "zh-CN" else "en")
    assert who.faults == []


def test_what_is_typed_stands_there_again_after_the_page_was_left(line: Line, visit: Any) -> None:
    who = visit(size=PHONE)
    who.page.goto(f"{who.address}/apply/")
    who.page.click("button.wide")
    who.page.wait_for_url("**/facts/")
    address = who.page.url
    who.page.type("#f_name", FACTS["name"])
    who.page.type("#f_phone", "1390013")
    who.page.goto("about:blank")
    other = visit(size=DESK)
    other.page.goto(address)
    assert other.page.locator("#f_name").count() == 0
    assert FACTS["name"] not in other.page.content()
    who.page.goto(address)
    assert (who.page.input_value("#f_name"), who.page.input_value("#f_phone")) == (FACTS["name"], "1390013")


def test_while_the_network_is_away_the_page_keeps_and_sends_later(line: Line, visit: Any) -> None:
    who = visit(size=PHONE)
    who.page.goto(f"{who.address}/apply/")
    who.page.click("button.wide")
    who.page.wait_for_url("**/facts/")
    who.context.set_offline(True)
    who.page.type("#f_name", FACTS["name"])
    who.page.wait_for_selector("[data-kept]:has-text('No connection')")
    who.context.set_offline(False)
    who.page.wait_for_selector("[data-kept]:text-is('Kept')", timeout=20_000)
    found = records.find_session(link=who.page.url.split("/")[4])
    assert found is not None and found.draft["name"] == FACTS["name"]


def test_without_a_camera_photographs_do_and_go_to_a_person(line: Line, visit: Any, tmp_path: Path) -> None:
    """The way without getUserMedia: a file for each act; nobody is refused for it."""
    who = visit(size=PHONE)
    who.page.add_init_script("delete Navigator.prototype.mediaDevices")
    hands = Hands(who.page, who.address, seed=5, scale=0.05)
    hands.begin()
    hands.facts()
    hands.consents("camera")
    hands.papers(tmp_path)
    who.page.click("[data-open]")
    who.page.wait_for_selector("[data-told]:has-text('No camera')")
    who.page.click("[data-photos]")
    who.page.wait_for_selector("[data-photo-list] input")
    for field in who.page.query_selector_all("[data-photo-list] input"):
        field.set_input_files(str(next(tmp_path.glob("id_card_front*.jpg"))))
    who.page.wait_for_selector("[data-camera][data-done]")
    hands.onward("firm")
    assert who.faults == []
