"""The packs' own cases, scored: of every small change to a rulebook that matters, they notice 95 in 100 (POL-04)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from creditfactory.gateways.rulebook import Checked, check_rulebook

RULEBOOK = Path(__file__).resolve().parents[2] / "rulebook"
PACKS = ("cn-micro", "us-sba")
SHARE_MIN = 0.95


@cache
def checked(pack: str) -> Checked:
    return check_rulebook(RULEBOOK / pack, mutation=True)


@pytest.mark.parametrize("pack", PACKS)
def test_the_cases_of_a_pack_notice_what_a_slip_of_the_pen_could_do(pack: str) -> None:
    found = checked(pack).mutation
    assert found is not None, checked(pack).findings
    assert found.share >= SHARE_MIN, [f"{one.place}: {one.what}" for one in found.survived]
    assert found.mutants > 250 and len(found.equivalent) < found.mutants / 20


@pytest.mark.parametrize("pack", PACKS)
def test_every_change_to_a_rule_or_a_tree_is_noticed(pack: str) -> None:
    """Boundaries on both sides, what follows, and for each rule what it does with a fact that nobody knows."""
    found = checked(pack).mutation
    assert found is not None
    missed = [f"{one.place}: {one.what}" for one in found.survived if "/price/" not in one.place]
    assert [m for m in missed if m.startswith("policy/") and ".yaml: values" in m] == []
    for kind in ("comparison", "threshold", "logic", "then", "missing", "dropped"):
        caught, tried = found.kinds[kind]
        assert caught == tried, kind
    assert found.kinds["missing"][1] >= 4 * found.kinds["dropped"][1]


def test_no_rule_or_card_of_cn_micro_lets_silence_help() -> None:
    notes = [str(finding) for finding in checked("cn-micro").findings]
    assert not [n for n in notes if "an unknown fact passes" in n or "leaving it out helps" in n]
