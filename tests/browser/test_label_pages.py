"""The catalogue of labels in a real browser: found while typing, drawn, on a phone and in the dark."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from creditfactory import gateways, labels
from creditfactory.consoles import label_figures
from creditfactory.records import reads
from creditfactory.world import load_market, make_dossier
from tests.browser.test_pages import DESK, PHONE, Visitor, browser, floor, pytestmark, visit  # noqa: F401
from tests.floor import Floor

SHOWN = (
    "bank__sale__sum_cents__90d", "queries_3m", "device__marks__is_phone",
    "cross__invoiced_to_banked_sale__bps__quarter", "is_female",
)  # fmt: skip


@pytest.fixture(scope="module")
def snapshots() -> tuple[reads.SnapshotRow, ...]:
    """Sixty applicants of the simulated market, twenty a month."""
    market, rows = load_market(), []
    for number in range(60):
        dossier = gateways.read_dossier(make_dossier(market, 11, number))
        taken = labels.compute(dossier, as_of=dossier.applied_at + timedelta(hours=1))
        day = date(2026, 1 + number // 20, 1 + number % 20)
        rows.append(reads.SnapshotRow(f"A-{number}", day, "cn-micro", gateways.dump_value(taken)))
    return tuple(rows)


@pytest.fixture
def filled(
    floor: Floor,  # noqa: F811
    snapshots: tuple[reads.SnapshotRow, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.core.cache import cache

    cache.clear()
    monkeypatch.setattr(label_figures.reads, "list_snapshots", lambda tenant_id, limit: snapshots)


def test_labels_are_found_while_typing_and_the_link_can_be_sent(filled: None, visit: object) -> None:  # noqa: F811
    """LAB-01: a searchable registry, without a button to press."""
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    who.go("/labels/")
    who.page.keyboard.press("/")
    who.page.keyboard.type("sales received 90 days largest")
    who.page.locator("#found a", has_text="90 days").first.wait_for()
    who.page.wait_for_function("document.querySelectorAll('#found tbody tr').length < 50")
    assert "text=sales" in who.page.url, "what was typed stands in the address"
    who.page.locator("#family").select_option("bank")
    who.page.wait_for_url(re.compile("family=bank"))
    names = who.page.locator("#found tbody .mono").all_text_contents()
    assert "bank__sale__max_cents__90d" in names
    assert all(name.startswith("bank__") for name in names)
    assert who.faults == []


def test_a_label_shows_its_spread_its_months_and_an_example(filled: None, visit: object) -> None:  # noqa: F811
    """LAB-03: spread and stability, as pictures and as tables."""
    who: Visitor = visit("lin", DESK)  # type: ignore[operator]
    who.go("/labels/bank__sale__sum_cents__90d/")
    expect(who.page.locator("[data-chart] svg")).to_have_count(2)
    told = who.page.locator("text=For example")
    told.wait_for()
    rows = who.page.locator("tr", has_text="2026-0").all_text_contents()
    assert len(rows) == 3
    assert who.faults == []


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_label_page_fits_a_phone(
    filled: None,
    visit: object,  # noqa: F811
    locale: str,
    scheme: str,
) -> None:
    who: Visitor = visit("lin", PHONE, locale=locale, scheme=scheme)  # type: ignore[operator]
    for path in ("/labels/", "/labels/?text=bank", *(f"/labels/{name}/" for name in SHOWN)):
        who.go(path)
        who.page.wait_for_load_state("networkidle")
        over = who.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{path} is {over} px wider than the phone"
        ids = who.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids)), f"{path}: an id stands twice"
    assert who.faults == []
