"""The table editor in a real browser: edit, paste, undo, faults at their cells, autosave, two writers at once."""

from __future__ import annotations

import pytest

from creditfactory import publishing, records
from tests.books import TIER, adopt, begin_draft, leave_cases_out, text_of_file
from tests.browser.test_pages import PHONE, browser, floor, pytestmark, visit  # noqa: F401

GRID = "/rulebook/{n}/tables/tier/"


@pytest.fixture
def tenant(floor: object, monkeypatch: pytest.MonkeyPatch) -> records.TenantRecord:  # noqa: F811
    leave_cases_out(monkeypatch)
    return adopt()


def cell(page: object, row: int, column: int) -> object:
    return page.locator(f"[name=c-{row}-{column}]")  # type: ignore[attr-defined]


def values(page: object) -> list[list[str]]:
    rows = page.locator("[data-rows] tr")  # type: ignore[attr-defined]
    return [[i.input_value() for i in rows.nth(r).locator("input").all()] for r in range(rows.count())]


def wait_text(visitor: object, text: str) -> None:
    for _ in range(100):
        if text in visitor.page.locator("[data-state]").inner_text():  # type: ignore[attr-defined]
            return
        visitor.page.wait_for_timeout(100)  # type: ignore[attr-defined]
    raise AssertionError(f"never said {text!r}: {visitor.page.locator('[data-state]').inner_text()!r}")  # type: ignore[attr-defined]


PASTE = """([selector, text]) => {
  const target = document.querySelector(selector); target.focus();
  const data = new DataTransfer(); data.setData('text/plain', text);
  target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_cells_are_edited_by_keyboard_kept_and_taken_back(visit: object, tenant: records.TenantRecord) -> None:  # noqa: F811
    """Arrows, Enter and Esc go through the cells; what is typed is kept in the draft; undo takes it back."""
    number = begin_draft(tenant)
    visitor = visit("hu")  # type: ignore[operator]
    page = visitor.page
    visitor.go(GRID.format(n=number))
    before = values(page)
    cell(page, 0, 1).click()  # type: ignore[attr-defined]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.name") == "c-1-2"
    page.keyboard.type("B")
    page.keyboard.press("Escape")
    assert values(page) == before, "Esc takes back what was typed in the cell"
    page.keyboard.type("B")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "c-2-2"
    wait_text(visitor, "Kept in the draft")
    assert "[615..630),2,B," in text_of_file(tenant, number, TIER)
    page.keyboard.press("Control+z")
    assert values(page) == before
    page.keyboard.press("Control+y")
    assert values(page)[1][2] == "B"
    page.keyboard.press("Control+z")
    wait_text(visitor, "Kept in the draft")
    assert "[615..630),2,A," in text_of_file(tenant, number, TIER)
    assert visitor.faults == []


def test_a_block_from_a_spreadsheet_is_pasted_and_undone(visit: object, tenant: records.TenantRecord) -> None:  # noqa: F811
    number = begin_draft(tenant)
    visitor = visit("hu")  # type: ignore[operator]
    page = visitor.page
    visitor.go(GRID.format(n=number))
    before = values(page)
    block = '>= 640\t1\tA\tfirst\r\n[615..640)\t2\tA\t"two\nlines"\r\n'
    page.evaluate(PASTE, ["[name=c-0-0]", block])
    assert values(page)[:2] == [[">= 640", "1", "A", "first"], ["[615..640)", "2", "A", "two lines"]]
    page.evaluate(PASTE, [f"[name=c-{len(before) - 1}-0]", "[500..560)\t6\tdecline\n< 500\t7\tdecline"])
    assert len(values(page)) == len(before) + 1, "a block that is longer than the table makes rows"
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert values(page) == before
    assert visitor.faults == []


def test_faults_stand_at_their_cells_and_gaps_above(visit: object, tenant: records.TenantRecord) -> None:  # noqa: F811
    """Each fault is named at its cell with what was found and expected; gaps and overlaps as one types."""
    number = begin_draft(tenant)
    visitor = visit("hu")  # type: ignore[operator]
    page = visitor.page
    visitor.go(GRID.format(n=number))
    cell(page, 1, 2).fill("D")  # type: ignore[attr-defined]
    page.keyboard.press("Enter")
    wait_text(visitor, "Cells to put right: 1")
    told = page.locator("td.wrong .cell-fault").inner_text()
    assert "D" in told and "A, B, C, decline" in told
    assert "[615..630),2,D," in text_of_file(tenant, number, TIER), "what is wrong is kept as well, not lost"
    cell(page, 1, 2).fill("A")  # type: ignore[attr-defined]
    cell(page, 0, 0).fill(">= 620")  # type: ignore[attr-defined]
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-marks] li.bad")
    assert "Rows 1, 2 both answer" in page.locator("[data-marks]").inner_text()
    cell(page, 0, 0).fill(">= 640")  # type: ignore[attr-defined]
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-marks] li.warn")
    assert "No row answers for" in page.locator("[data-marks]").inner_text()
    page.reload()
    assert values(page)[0][0] == ">= 640"
    assert visitor.faults == []


def test_two_writers_never_overwrite_each_other(visit: object, tenant: records.TenantRecord) -> None:  # noqa: F811
    """Whoever comes second is told kindly; the cells stay and he chooses."""
    number = begin_draft(tenant)
    visitor = visit("hu")  # type: ignore[operator]
    page = visitor.page
    visitor.go(GRID.format(n=number))
    theirs = text_of_file(tenant, number, TIER).replace(">= 630,1,A", ">= 630,1,B")
    publishing.edit_draft(tenant, number, TIER, theirs, by="guo")
    cell(page, 2, 2).fill("C")  # type: ignore[attr-defined]
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-stale]:not([hidden])")
    assert "changed by somebody else" in page.locator("[data-stale-text]").inner_text()
    assert values(page)[2][2] == "C" and text_of_file(tenant, number, TIER) == theirs
    page.click("[data-keep-mine]")
    wait_text(visitor, "Kept in the draft")
    assert "[595..615),3,C" in text_of_file(tenant, number, TIER)
    assert [fault for fault in visitor.faults if "409" not in fault] == []


def test_rows_come_go_and_move_and_a_draft_begins(visit: object, tenant: records.TenantRecord) -> None:  # noqa: F811
    visitor = visit("hu")  # type: ignore[operator]
    page = visitor.page
    visitor.go(GRID.format(n=1))
    before = values(page)
    cell(page, 2, 0).click()  # type: ignore[attr-defined]
    page.keyboard.press("Alt+ArrowUp")
    assert [row[0] for row in values(page)[1:3]] == [before[2][0], before[1][0]]
    page.keyboard.press("Control+Enter")
    assert values(page)[2] == ["", "", "", ""]
    page.keyboard.press("Control+Delete")
    cell(page, 0, 3).fill("changed by hand")  # type: ignore[attr-defined]
    page.keyboard.press("Tab")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert values(page)[0][3] == "changed by hand", "what is not kept yet outlives a reload"
    page.click("[data-act=save]")
    page.wait_for_url("**/rulebook/2/tables/tier/**")
    assert values(page)[0][3] == "changed by hand" and text_of_file(tenant, 1, TIER) != text_of_file(tenant, 2, TIER)
    assert visitor.faults == []


def test_a_phone_shows_rows_as_cards(visit: object, tenant: records.TenantRecord) -> None:  # noqa: F811
    visitor = visit("hu", PHONE)  # type: ignore[operator]
    for path in ("/rulebook/", "/rulebook/1/", GRID.format(n=1), "/rulebook/1/check/", "/rulebook/diff/"):
        visitor.go(path)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert visitor.faults == []
