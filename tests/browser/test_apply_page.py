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
