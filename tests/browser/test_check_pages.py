"""Pages of checks by people and of the bureau in a real browser: they fit, complain of nothing, and mark as typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import DESK, PHONE, Visitor, browser, floor, pytestmark, visit  # noqa: F401
from tests.floor import Floor


def list_pages(floor: Floor) -> list[str]:  # noqa: F811
    return [f"/work/{floor.site_item}/", f"/work/{floor.phone_item}/", "/bureau/", "/checks/"]


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_pages_of_checks_fit_and_complain_of_nothing(
    floor: Floor,  # noqa: F811
    visit: object,  # noqa: F811
    locale: str,
    scheme: str,
    size: dict[str, int],
) -> None:
    who: Visitor = visit("lin", size, locale=locale, scheme=scheme)  # type: ignore[operator]
    for path in list_pages(floor):
        who.go(path)
        who.page.wait_for_load_state("networkidle")
        over = who.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{path} is {over} px wider than the screen"
    assert who.faults == []


def test_contradictions_are_marked_as_they_are_typed_and_counts_become_accounts(
    floor: Floor,  # noqa: F811
    visit: object,  # noqa: F811
) -> None:
    """VER-03: two ways of counting sales that lie apart are told beside the form before it is handed in."""
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    who.go(f"/work/{floor.site_item}/")
    marks = who.page.locator("#marks")
    for name, value in (
        ("counts.customers_a_day", "80"), ("counts.ticket_cents", "50"), ("counts.days_open", "26"),
        ("counts.till_day_cents", "900"),
    ):  # fmt: skip
        who.page.fill(f'[name="{name}"]', value)
    expect(marks).to_contain_text("104,000", timeout=20_000)
    assert "Sales a month" in marks.inner_text()
    who.page.check('input[name="is_operating"][value="no"]')
    expect(marks).to_contain_text("VIS-NOT-OPERATING", timeout=20_000)
    assert who.faults == []


def test_a_photo_is_noted_with_its_fingerprint_and_time(floor: Floor, visit: object) -> None:  # noqa: F811
    """VER-03: a chosen picture leaves fingerprint and instant in the form; without a position it says so."""
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    who.go(f"/work/{floor.site_item}/")
    picture = {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": b"a picture of a door"}
    who.page.set_input_files("#id_photo_marks_files", picture)
    field = who.page.locator("[name=photo_marks]")
    expect(field).to_have_value(re.compile("digest"), timeout=20_000)
    held = field.input_value()
    assert '"what":"door.jpg"' in held and '"distance_m":null' in held
