"""In which ways people and funders can decide otherwise than the machine, one by one."""

from __future__ import annotations

from typing import Any

import pytest

from creditfactory.records.reads.overrides import Kind, judge

AS_PROPOSED: dict[str, Any] = {
    "is_approved": True, "is_declined": False, "given_cents": 30_000_000, "asked_cents": 40_000_000,
    "proposed_cents": 30_000_000, "machine_says": ("pass", "pass", "clear"), "doubts": (), "exception": "",
    "lane": "C", "machine_lane": "C", "funder_change": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("differs", "kinds"),
    [
        ({}, ()),
        ({"machine_says": ("refer", "pass", "clear")}, ("against_refer",)),
        ({"machine_says": ("pass", "refer", "clear")}, ("against_refer",)),
        ({"machine_says": ("pass", "pass", "refer")}, ("against_refer",)),
        ({"doubts": ("doubt",)}, ("against_refer",)),
        ({"is_approved": False, "is_declined": True, "given_cents": None}, ("against_pass",)),
        ({"is_approved": False, "is_declined": True, "doubts": ("fail",)}, ()),
        ({"is_approved": False, "is_declined": True, "machine_says": ("refer", "", "")}, ()),
        ({"exception": "known for years"}, ("exception",)),
        ({"given_cents": 29_699_999}, ("amount_below",)),
        ({"given_cents": 29_700_000}, ()),
        ({"given_cents": 30_300_000}, ()),
        ({"given_cents": 30_300_001}, ("amount_above",)),
        ({"given_cents": 40_000_000}, ()),
        ({"proposed_cents": None, "given_cents": 1}, ()),
        ({"machine_lane": "B"}, ("lane",)),
        ({"machine_lane": "", "lane": "C"}, ()),
        ({"funder_change": "amount_cents:1:2"}, ("funder_alter",)),
        ({"given_cents": 1, "exception": "x", "doubts": ("doubt",)}, ("against_refer", "exception", "amount_below")),
    ],
)
def test_each_way_is_told_by_what_it_takes(differs: dict[str, Any], kinds: tuple[Kind, ...]) -> None:
    assert judge(**{**AS_PROPOSED, **differs}) == kinds
