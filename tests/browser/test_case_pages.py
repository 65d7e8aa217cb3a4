"""The pages of one case in a real browser: the flow by keys, what if without a mouse, one printed page, a phone."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_pages import DESK, PHONE, Visitor, browser, floor, pytestmark, visit  # noqa: F401
from tests.floor import Floor
from tests.judged import Judged, lay_cases

A4 = {"width": 726, "height": 1055}
"""What is left of a sheet within its margins, in a browser's pixels."""


@pytest.fixture
def judged(floor: Floor) -> Judged:  # noqa: F811
    from django.core.cache import cache

    cache.clear()
    return lay_cases()


def open_pages(judged: Judged) -> list[str]:
    case = f"/cases/{judged.cut}"
    return [f"{case}/portrait/", f"{case}/why/", f"{case}/what-if/", f"{case}/", "/overrides/?period=365",
            f"/labels/queries_1m/?case={judged.visit}"]  # fmt: skip


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_case_page_fits_a_phone_and_complains_of_nothing(
    judged: Judged,
    visit: object,  # noqa: F811
    locale: str,
    scheme: str,
) -> None:
    who: Visitor = visit("lin", PHONE, locale=locale, scheme=scheme)  # type: ignore[operator]
    for path in open_pages(judged):
        who.go(path)
        who.page.wait_for_load_state("networkidle")
        over = who.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{path} is {over} px wider than the phone"
    assert who.faults == []


def test_every_control_has_a_name_and_every_id_stands_once(judged: Judged, visit: object) -> None:  # noqa: F811
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    nameless = """[...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')].filter(e =>
      !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length || e.title))
      .map(e => e.outerHTML.slice(0, 120))"""
    for path in open_pages(judged):
        who.go(path)
        who.page.wait_for_load_state("networkidle")
        assert who.page.evaluate(nameless) == [], path
        ids = who.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids)), f"{path}: an id stands twice"


def test_the_flow_is_walked_by_keys_and_a_box_opens_its_step(judged: Judged, visit: object) -> None:  # noqa: F811
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    who.go(f"/cases/{judged.cut}/why/")
    box = who.page.locator(".flow.across a.box[href='#step-policy']")
    assert not who.page.locator("#step-policy").evaluate("e => e.open")
    box.focus()
    assert who.page.evaluate("document.activeElement.getAttribute('href')") == "#step-policy"
    who.page.keyboard.press("Tab")
    follower = who.page.evaluate("document.activeElement.closest('.box') !== null")
    assert follower, "from one box to the next by Tab"
    who.page.keyboard.press("Shift+Tab")
    who.page.keyboard.press("Enter")
    who.wait("document.getElementById('step-policy').open")
    assert who.page.evaluate("document.activeElement.closest('details').id") == "step-policy"
    assert who.page.url.endswith("#step-policy"), "the address can be sent"
    who.go(f"/cases/{judged.cut}/why/#step-card-master")
    who.wait("document.getElementById('step-card-master').open")
    assert who.faults == []


def test_keys_lead_from_page_to_page_and_are_told(judged: Judged, visit: object) -> None:  # noqa: F811
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    who.go(f"/cases/{judged.cut}/")
    for key, page in (("2", "portrait"), ("3", "why"), ("4", "what-if")):
        who.page.keyboard.press(key)
        who.page.wait_for_url(re.compile(f"/{page}/$"))
        who.page.wait_for_load_state("networkidle")
    who.page.keyboard.press("?")
    assert "case, risk portrait, why, what if" in who.page.inner_text("#help")
    who.page.keyboard.press("Escape")
    who.page.keyboard.press("1")
    who.page.wait_for_url(re.compile(rf"/{judged.cut}/$"))
    assert who.faults == []


def test_what_if_is_asked_and_mended_without_a_mouse(judged: Judged, visit: object) -> None:  # noqa: F811
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    who.go(f"/cases/{judged.visit}/what-if/")
    who.page.wait_for_load_state("networkidle")
    field = "#f-requested_amount_cents"
    who.page.focus(field)
    who.page.keyboard.type("lots")
    who.page.keyboard.press("Enter")
    who.page.wait_for_selector("#e-requested_amount_cents")
    who.page.wait_for_load_state("networkidle")
    assert who.page.input_value(field) == "lots", "what was typed stays to be mended"
    who.page.focus(field)
    who.page.keyboard.press("Control+a")
    who.page.keyboard.type("150000")
    who.page.keyboard.press("Enter")
    who.page.wait_for_selector("tr.changed")
    assert "¥\u00a0150,000" in who.page.inner_text("#answer")
    who.page.wait_for_selector("[hx-get$='/smallest/'] .reasons a")
    who.page.reload()
    who.page.wait_for_load_state("networkidle")
    assert who.page.input_value(field) == "150000", "the address holds it"
    assert [fault for fault in who.faults if "422" not in fault] == []


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_portrait_prints_on_one_sheet(judged: Judged, visit: object, locale: str) -> None:  # noqa: F811
    who: Visitor = visit("lin", DESK, locale=locale)  # type: ignore[operator]
    for number in (judged.cut, judged.visit, judged.policy, judged.new):
        who.go(f"/cases/{number}/portrait/")
        sheets = re.findall(rb"/Type\s*/Page[^s]", who.page.pdf(prefer_css_page_size=True, print_background=True))
        assert len(sheets) == 1, f"{number} takes {len(sheets)} sheets"
    who.page.set_viewport_size(A4)
    who.page.emulate_media(media="print")
    assert not who.page.is_visible(".tabs")


def test_the_monitor_is_read_by_rows_and_narrowed_in_place(judged: Judged, visit: object) -> None:  # noqa: F811
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    who.go("/overrides/?period=365")
    assert who.page.locator("[data-row]").count() == 3
    who.page.select_option("#kind", "amount_below")
    who.wait("document.querySelectorAll('[data-row]').length === 1")
    assert "kind=amount_below" in who.page.url and "period=365" in who.page.url
    who.page.locator("h1").click()
    who.page.keyboard.press("j")
    who.page.keyboard.press("Enter")
    who.page.wait_for_url(re.compile(rf"/{judged.cut}/why/"))
    assert who.faults == []
