"""The pages in a real browser: keys, claims, clocks, themes, languages, a phone's width; no fault in the console."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

import pytest

from tests.floor import PASSWORD, Floor, lay_floor

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium fonts-noto-cjk"),
    pytest.mark.django_db(transaction=True),
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop running in this thread
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def floor(settings: object) -> Floor:
    from creditfactory.service.words import compile_words

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    compile_words()
    return lay_floor()


class Visitor:
    """One person at a browser; whatever the browser complains about is kept."""

    def __init__(
        self, browser: object, address: str, size: dict[str, int], scheme: str = "light", locale: str = "en-GB"
    ) -> None:
        self.address = address
        self.context = browser.new_context(viewport=size, color_scheme=scheme, locale=locale)  # type: ignore[attr-defined]
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._note_stranger)

    def _note_stranger(self, request: object) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):  # type: ignore[attr-defined]
            self.faults.append(f"asked {request.url}")  # type: ignore[attr-defined]

    def sign_in(self, name: str) -> None:
        self.go("/sign-in/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", PASSWORD)
        self.page.click(".stack button.main")
        self.page.wait_for_selector("header .menu")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def wait(self, script: str) -> None:
        """Until it is so; asked from outside, because the page's policy lets nobody evaluate text inside."""
        for _ in range(150):
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"still not so: {script}")


@pytest.fixture
def visit(browser: object, live_server: object) -> Iterator[object]:
    visitors: list[Visitor] = []

    def open_visitor(name: str, size: dict[str, int] = DESK, **options: str) -> Visitor:
        visitor = Visitor(browser, live_server.url, size, **options)  # type: ignore[attr-defined]
        visitors.append(visitor)
        visitor.sign_in(name)
        return visitor

    yield open_visitor
    for visitor in visitors:
        visitor.context.close()


def test_the_queue_is_worked_by_keys_alone(floor: Floor, visit: object) -> None:
    who = visit("ma")  # type: ignore[operator]
    who.go("/work/")
    who.page.keyboard.press("j")
    who.page.keyboard.press("j")
    assert who.page.get_attribute("tr.here", "id") == f"work-{floor.phone_item}", "the second to run out"
    who.page.keyboard.press("c")
    who.wait(f"document.querySelector('#work-{floor.phone_item} [data-claim]')?.textContent === 'Release'")
    assert who.page.get_attribute("tr.here", "id") == f"work-{floor.phone_item}", "the place is kept after the claim"
    who.page.keyboard.press("k")
    who.page.keyboard.press("j")
    who.page.keyboard.press("Enter")
    who.page.wait_for_url(f"**/work/{floor.phone_item}/")
    who.page.go_back()
    who.wait(f"document.querySelector('tr.here')?.id === 'work-{floor.phone_item}'")
    who.page.keyboard.press("?")
    assert who.page.is_visible("#help")
    who.page.keyboard.press("Escape")
    who.page.keyboard.press("/")
    assert who.page.evaluate("document.activeElement.id") == "find"
    who.page.keyboard.type("恒通电子2")
    who.page.wait_for_url(re.compile(r"text="))
    who.wait("document.querySelectorAll('[data-row]').length === 1")
    who.page.reload()
    assert who.page.input_value("#find") == "恒通电子2", "the filter lives in the address"
    assert who.page.locator("[data-row]").count() == 1
    assert who.faults == []


def test_what_was_typed_survives_leaving_and_is_cleared_by_signing_out(floor: Floor, visit: object) -> None:
    who = visit("ma")  # type: ignore[operator]
    who.go(f"/work/{floor.phone_item}/")
    who.page.keyboard.press("c")
    who.page.wait_for_selector("form[data-draft] button.main:not([disabled])")
    who.page.check("#id_was_reached_0")
    who.page.fill("#id_purpose_said", "steel pipes for spring")
    who.go("/work/")
    who.go(f"/work/{floor.phone_item}/")
    assert who.page.input_value("#id_purpose_said") == "steel pipes for spring"
    assert who.page.is_checked("#id_was_reached_0")
    assert who.page.is_visible("[data-draft-note]")
    who.page.click(".menu summary")
    who.page.click(".menu button")
    who.page.wait_for_url("**/sign-in/**")
    assert who.page.evaluate("Object.keys(localStorage).length") == 0
    assert who.faults == []


def test_the_line_refreshes_itself_without_being_asked(floor: Floor, visit: object) -> None:
    from creditfactory.records import tables

    who = visit("lin")  # type: ignore[operator]
    who.go("/")
    before = who.page.inner_text("#station-policy")
    tables.Application.objects.filter(number=floor.phone_case).update(station="policy", status="moving")
    who.wait("!document.querySelector('#station-policy').innerText.includes('0 here')")
    assert "0 here" in before
    assert who.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_vintage_chart_is_drawn_in_the_page_s_theme_and_asks_no_other_server(
    floor: Floor, visit: object, scheme: str
) -> None:
    from creditfactory.records import tables

    tables.Loan.objects.update(disbursed_on="2024-03-12")
    who = visit("lin", scheme=scheme)  # type: ignore[operator]
    who.go("/loans/")
    who.page.wait_for_selector(".chart svg")
    ink = {"light": "#5d6675", "dark": "#98a2b3"}[scheme]
    assert ink in who.page.inner_html(".chart svg")
    assert who.faults == []


def test_theme_and_language_are_kept(floor: Floor, visit: object) -> None:
    who = visit("lin")  # type: ignore[operator]
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert who.page.evaluate(ground) == "rgb(246, 247, 249)"
    who.page.click("[data-theme-form] button")
    assert who.page.evaluate(ground) == "rgb(14, 17, 22)"
    who.page.click("button[name=language]")
    who.page.wait_for_selector("html[lang=zh-hans]")
    who.go("/work/")
    assert who.page.evaluate(ground) == "rgb(14, 17, 22)"
    assert who.page.inner_text("h1") == "工作"
    assert who.faults == []


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_every_page_fits_a_phone(floor: Floor, visit: object, locale: str) -> None:
    who = visit("lin", PHONE, locale=locale)  # type: ignore[operator]
    pages = ["/", "/work/", f"/work/{floor.phone_item}/", f"/work/{floor.site_item}/", "/cases/",
             f"/cases/{floor.phone_case}/", f"/cases/{floor.loan_case}/",
             "/loans/", "/held/", f"/history/{floor.run}/"]  # fmt: skip
    for path in pages:
        who.go(path)
        over = who.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{path} is {over} px wider than the phone"
    assert who.faults == []


def test_every_control_has_a_name_for_those_who_cannot_see_it(floor: Floor, visit: object) -> None:
    who = visit("lin")  # type: ignore[operator]
    nameless = """[...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')].filter(e =>
      !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length || e.title))
      .map(e => e.outerHTML.slice(0, 120))"""
    for path in ("/", "/work/", f"/work/{floor.site_item}/", f"/cases/{floor.loan_case}/", "/loans/"):
        who.go(path)
        assert who.page.evaluate(nameless) == [], path
        ids = who.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids)), f"{path}: an id stands twice"
