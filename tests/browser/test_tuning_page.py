"""Classes drawn by hand in a real browser: a cut dragged, moved by keys, made by a click; on a phone, in the dark."""

from __future__ import annotations

import os

import pytest

from tests.books import adopt, leave_cases_out
from tests.browser.test_pages import DESK, PHONE, Visitor, browser, floor, pytestmark, visit  # noqa: F401
from tests.tuned_card import ADDRESS, lay_card

SHOTS = os.environ.get("TUNING_SHOTS")


@pytest.fixture
def draft(floor: object, monkeypatch: pytest.MonkeyPatch) -> int:  # noqa: F811
    leave_cases_out(monkeypatch)
    return lay_card(adopt())


def starts(who: Visitor) -> str:
    return str(who.page.locator("#tuned").get_attribute("data-starts"))


def figure(who: Visitor) -> str:
    return str(who.page.locator("#tuned-figures dd b").last.inner_text())


def test_a_cut_is_dragged_moved_by_keys_made_by_a_click_and_kept(draft: int, visit: object) -> None:  # noqa: F811
    """SCR-03: fine tuning by hand, with the effect at once, a link to send, and no change in place."""
    who: Visitor = visit("hu", DESK)  # type: ignore[operator]
    who.go(ADDRESS)
    page = who.page
    own, divergence = starts(who), figure(who)
    cut = page.locator("#cut-1")
    at = int(str(cut.get_attribute("aria-valuenow")))
    cut.focus()
    page.keyboard.press("ArrowLeft")
    who.wait(f"document.querySelector('#tuned').dataset.starts.split(',')[1] === '{at - 1}'")
    who.wait("document.activeElement.id === 'cut-1'")
    assert figure(who) != divergence and f"starts=0,{at - 1}" in page.url
    page.keyboard.press("ArrowRight")
    who.wait(f"document.querySelector('#tuned').dataset.starts === '{own}'")
    assert figure(who) == divergence
    box, handle = page.locator("[data-picture]").bounding_box(), cut.bounding_box()
    count = int(str(page.locator("#tuned").get_attribute("data-count")))
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 1 / count, handle["y"] + 60, steps=6)
    who.wait("document.querySelector('#cut-1').getAttribute('aria-valuenow') === '1'")
    page.mouse.up()
    who.wait("document.querySelector('#tuned').dataset.starts.split(',')[1] === '1'")
    dragged = starts(who)
    page.mouse.click(box["x"] + box["width"] * (count - 1) / count, box["y"] + 10)
    who.wait(f"document.querySelector('#tuned').dataset.starts === '{dragged},{count - 1}'")
    page.keyboard.press("Delete")
    who.wait(f"document.querySelector('#tuned').dataset.starts === '{dragged}'")
    page.locator("a", has_text="Join ↓").first.click()
    who.wait(f"document.querySelector('#tuned').dataset.starts !== '{dragged}'")
    page.select_option("#shape", "valley")
    who.wait("document.querySelector('#tuned').dataset.shape === 'valley'")
    page.reload()
    assert page.locator("#tuned").get_attribute("data-shape") == "valley", "what was drawn stands in the address"
    page.goto(who.address + f"{ADDRESS}?starts={dragged}&shape=up")
    page.fill("#why", "Nobody asks once only, so one and two are alike")
    page.click(".tuning-keep button.main")
    page.wait_for_url("**/application/v102/")
    assert "v102" in page.locator(".messages").inner_text()
    assert who.faults == []


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "dark"), ("zh-CN", "light")])
def test_the_page_fits_a_phone_in_both_languages_and_themes(
    draft: int,
    visit: object,  # noqa: F811
    locale: str,
    scheme: str,
) -> None:
    who: Visitor = visit("hu", PHONE, locale=locale, scheme=scheme)  # type: ignore[operator]
    who.go(ADDRESS)
    assert who.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert who.page.locator(".cut").count() >= 1
    assert ("整卡离散度" in who.page.locator("#tuned").inner_text()) is (locale == "zh-CN")
    if SHOTS:
        who.page.screenshot(path=f"{SHOTS}/phone-{locale}-{scheme}.png", full_page=True)
        who.page.set_viewport_size(DESK)
        who.page.screenshot(path=f"{SHOTS}/desk-{locale}-{scheme}.png", full_page=True)
    assert who.faults == []
