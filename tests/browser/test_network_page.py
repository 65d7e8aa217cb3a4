"""The picture of a neighbourhood in a real browser: fits a phone, walked by keys, light and dark, in both languages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.test_pages import DESK, PHONE, Visitor, browser, floor, pytestmark, visit  # noqa: F401
from tests.floor import Floor
from tests.journeys.test_consoles_network import lay_ring
from tests.judged import lay_cases

SHOTS = os.environ.get("CREDITFACTORY_SHOTS")


@pytest.fixture
def case(floor: Floor) -> str:  # noqa: F811
    return lay_ring(lay_cases().visit, others=20).number


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("zh-CN", "dark")])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_picture_fits_and_is_walked_by_keys(
    case: str,
    visit: object,  # noqa: F811
    locale: str,
    scheme: str,
    size: dict[str, int],
) -> None:
    """GRA-01: every application of the picture is reached by keys and named, and opens its own picture."""
    who: Visitor = visit("lin", size, locale=locale, scheme=scheme)  # type: ignore[operator]
    who.go(f"/cases/{case}/network/?known=now")
    who.page.wait_for_load_state("networkidle")
    assert who.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if SHOTS:
        who.page.screenshot(path=Path(SHOTS) / f"network-{locale}-{size['width']}.png", full_page=True)
    apps = who.page.locator("svg.net-picture a.app")
    assert apps.count() >= 8
    names = apps.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert all(names) and len(set(names)) == len(names)
    bad = who.page.locator("svg.net-picture a.app.fraud")
    bad.focus()
    who.page.keyboard.press("Enter")
    who.page.wait_for_url("**/cases/A-260000/network/")
    assert who.faults == []
