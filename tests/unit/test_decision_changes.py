"""What differs between two rulebooks, told in words: every kind of part, both languages, and by its days."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from creditfactory import decision
from creditfactory.decision import RulebookChange
from creditfactory.gateways.rulebook import load_rulebook, read_notes

ROOT = Path(__file__).resolve().parents[2]
PACKS = ("cn-micro", "us-sba")


@cache
def shipped(pack: str = "cn-micro") -> decision.Rulebook:
    return load_rulebook(ROOT / "rulebook" / pack, locked=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the pack that may be written at."""
    shutil.copytree(ROOT / "rulebook", tmp_path / "rulebook")
    return tmp_path / "rulebook" / "cn-micro"


def change(folder: Path, place: str, old: str, new: str) -> None:
    text = (folder / place).read_text("utf-8")
    assert old in text, f"{place} does not say {old!r}"
    (folder / place).write_text(text.replace(old, new, 1), encoding="utf-8")


def compare(folder: Path) -> tuple[RulebookChange, ...]:
    return decision.compare_rulebooks(shipped(), load_rulebook(folder, locked=False), read_notes(folder))


def test_a_parameter_from_a_day(folder: Path) -> None:
    """The issue's own example: a parameter, its old and its new value, and the day."""
    change(folder, "policy/bureau/overdue_months_24m_max.yaml", "2025-01-01: 5", "2025-01-01: 5\n  2026-07-01: 4")
    [found] = compare(folder)
    assert (found.kind, found.name, found.on, found.until) == (
        "parameter", "overdue_months_24m_max", date(2026, 7, 1), None,
    )  # fmt: skip
    assert found.words == {
        "en": "Months overdue allowed in the last 24 (overdue_months_24m_max): 5 → 4 from 1 July 2026",
        "zh": "近24个月累计逾期月数上限(overdue_months_24m_max):5 → 4,自2026年7月1日起",
    }


def test_a_change_that_ends_says_until_when(folder: Path) -> None:
    place = "policy/bureau/overdue_months_24m_max.yaml"
    change(folder, place, "2025-01-01: 5", "2025-01-01: 5\n  2026-07-01: 4\n  2027-01-01: 5")
    [found] = compare(folder)
    assert (found.on, found.until) == (date(2026, 7, 1), date(2027, 1, 1))
    assert found.words["en"].endswith("5 → 4 from 1 July 2026 to 31 December 2026")


def test_two_stretches_are_two_changes(folder: Path) -> None:
    place = "policy/bureau/overdue_months_24m_max.yaml"
    change(folder, place, "2025-01-01: 5", "2025-01-01: 5\n  2026-07-01: 4\n  2027-01-01: 3")
    assert [(c.on, c.until) for c in compare(folder)] == [
        (date(2026, 7, 1), date(2027, 1, 1)), (date(2027, 1, 1), None),
    ]  # fmt: skip


def test_a_rule_part_by_part(folder: Path) -> None:
    place = "policy/bureau/overdue_months.yaml"
    change(folder, place, "then: decline", "then: refer")
    change(folder, place, "missing: refer", "missing: lane_c")
    change(folder, place, "> overdue_months_24m_max", ">= overdue_months_24m_max")
    words = [c.words["en"] for c in compare(folder)]
    assert len(words) == 3
    assert any("condition: has_bureau_record and overdue_months_24m > " in w and " → " in w for w in words)
    assert any("what follows: declined → a person decides" in w for w in words)
    assert any("where a fact is unknown: a person decides → visited (lane C)" in w for w in words)


def test_a_rule_that_comes_and_one_that_goes(folder: Path) -> None:
    (folder / "policy/bureau/overdue_run.yaml").rename(folder / "policy/bureau/overdue_run_new.yaml")
    found = {c.name: c.words for c in compare(folder) if c.kind == "rule"}
    assert "new rule: where" in found["overdue_run_new"]["en"] and "新增规则" in found["overdue_run_new"]["zh"]
    assert "rule ended" in found["overdue_run"]["en"] and "规则停用" in found["overdue_run"]["zh"]


def test_a_table_row_by_row(folder: Path) -> None:
    lines = (folder / "tables/tier.csv").read_text("utf-8").splitlines()
    (folder / "tables/tier.csv").write_text("\n".join(lines).replace("[595..615)", "[600..615)") + "\n", "utf-8")
    found = [c for c in compare(folder) if c.kind == "table"]
    assert len(found) == 1 and found[0].name == "tier"
    assert re.search(r"row \d+ changed .*points: \[595\.\.615\) → \[600\.\.615\)", found[0].words["en"])
    assert re.search(r"第\d+行.*points \[595\.\.615\) → \[600\.\.615\)", found[0].words["zh"])


def test_a_card_of_another_version_with_its_points(folder: Path) -> None:
    old = folder / "cards/bureau/v001"
    new = folder / "cards/bureau/v009"
    shutil.copytree(old, new)
    card = json.loads((new / "card.json").read_text("utf-8"))
    card["version"] = "v009"
    question = card["characteristics"][0]
    before = question["bins"][0]["points"]
    question["bins"][0]["points"] = before + 7
    (new / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with (folder / "live.toml").open("a", encoding="utf-8") as live:
        live.write('\n[[card]]\nname = "bureau"\nversion = "v009"\nfrom = 2026-07-01\n')
    words = [c.words for c in compare(folder) if c.kind == "card"]
    assert {
        "en": "card bureau: v001 → v009 from 1 July 2026 to 30 November 2026",
        "zh": "评分卡bureau:v001 → v009,自2026年7月1日起,至2026年11月30日止",
    } in words
    assert any(f"{question['label']}: " in w["en"] and f"{before} → {before + 7} points" in w["en"] for w in words)
    assert len(words) == 2


def test_a_product_the_line_and_a_reason(folder: Path) -> None:
    products = (folder / "products.yaml").read_text("utf-8")
    largest = re.search(r"amount_cents_max: (\d+)", products)
    assert largest
    change(folder, "products.yaml", largest[0], "amount_cents_max: 40000000")
    change(folder, "line.yaml", "stopped: {products: []", "stopped: {products: [flow]")
    code, old = next((code, w) for code, w in shipped().reasons.items() if code.startswith("POL-BUR"))
    for file in (folder / "reasons.yaml", folder.parent / "reasons.yaml"):
        if file.is_file() and old.staff["en"] in file.read_text("utf-8"):
            text = file.read_text("utf-8").replace(old.staff["en"], "Other words.", 1)
            file.write_text(text, encoding="utf-8")
    kinds = {c.kind: c.words["en"] for c in compare(folder)}
    assert "largest amount: 500,000.00 → 400,000.00" in kinds["product"]
    assert "stopped, products: added flow" in kinds["line"]
    assert kinds["reason"].startswith("POL-BUR") and "→ “Other words.”" in kinds["reason"], code


def test_a_tree_by_its_ways(folder: Path) -> None:
    place = "strategies/grey_zone.yaml"
    if not (folder / place).is_file():
        pytest.skip("the pack has no such tree")
    change(folder, place, 'then: "A"', 'then: "B"')
    [found] = [c for c in compare(folder) if c.kind == "strategy"]
    assert re.search(r"where .*: A → B", found.words["en"]) and re.search(r"当 .*:A → B", found.words["zh"])


def test_other_words_of_a_rule_are_no_change(folder: Path) -> None:
    change(folder, "policy/bureau/overdue_months.yaml", "owner: credit-policy", "owner: somebody-else")
    change(folder, "policy/bureau/overdue_months.yaml", "Not more than", "No more than")
    assert compare(folder) == ()


@pytest.mark.parametrize("pack", PACKS)
def test_a_rulebook_does_not_differ_from_itself(pack: str) -> None:
    assert decision.compare_rulebooks(shipped(pack), shipped(pack)) == ()


@pytest.mark.parametrize(("old", "new"), [PACKS, PACKS[::-1]])
def test_whole_packs_differ_in_both_languages(old: str, new: str) -> None:
    """Every kind of part finds its words, whatever the two packs have and lack."""
    changes = decision.compare_rulebooks(shipped(old), shipped(new))
    assert len(changes) > 200 and {c.kind for c in changes} >= {"parameter", "rule", "table", "card", "product", "line"}
    assert all(c.words["en"].strip() and c.words["zh"].strip() for c in changes)
    days = [c.on or date.min for c in changes]
    assert days == sorted(days)


def test_the_log_of_changes_with_their_law() -> None:
    """CMP-04: every dated change with its source, in order of its days, and only those of one law."""
    notes = read_notes(ROOT / "rulebook" / "cn-micro")
    entries = decision.list_log(shipped(), notes)
    assert [e.on for e in entries] == sorted(e.on for e in entries)
    dated = [e for e in entries if e.kind in ("parameter", "rule", "derived", "table", "strategy", "line")]
    assert [e.name for e in dated if not e.reference] == [], "a dated value without a source"
    law = decision.list_log(shipped(), notes, law="金规〔2025〕9号")
    assert law and len(law) < len(entries) and all("9号" in e.reference for e in law)
    assert any(e.on == date(2025, 10, 1) for e in law)
    assert decision.list_log(shipped(), notes, law="no such law") == ()
