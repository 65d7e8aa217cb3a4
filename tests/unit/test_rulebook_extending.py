"""A pack that extends another: the other's files but for those it brings itself or drops; historical packs say why."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from creditfactory.gateways.rulebook import check_rulebook, load_rulebook, write_lock
from creditfactory.kernel import BadInput

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "tests" / "packs" / "unit"
ABOUT = "name: night\ncurrency: CNY\nlaw: A pack that differs from another in two files.\nextends: unit\n"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """Two packs side by side: the whole one, and one that extends it with other tier rows and one rule less."""
    shutil.copytree(UNIT, tmp_path / "unit")
    night = tmp_path / "night"
    (night / "tables").mkdir(parents=True)
    (night / "pack.yaml").write_text(ABOUT + "drops: [policy/bureau/executed.yaml]\n", encoding="utf-8")
    rows = (UNIT / "tables" / "tier.csv").read_text(encoding="utf-8").replace("T1,0.18", "T1,0.19")
    (night / "tables" / "tier.csv").write_text(rows, encoding="utf-8")
    return tmp_path


def test_POL_01_a_pack_that_extends_another_has_its_files_but_for_its_own_and_those_it_drops(packs: Path) -> None:
    base, night = (load_rulebook(packs / name) for name in ("unit", "night"))
    day = date(2026, 7, 1)
    assert {r.name for r in base.at(day).policy.rules} - {r.name for r in night.at(day).policy.rules} == {"executed"}
    asked = {"points": 750, "industry": "retail"}
    rates = [book.at(day).table("tier").look_up(asked).outputs["annual_rate"] for book in (base, night)]
    assert rates == ["0.18", "0.19"]
    assert night.pack == "night" and night.digest != base.digest
    assert night.files["policy/bureau/overdue_now.yaml"] == base.files["policy/bureau/overdue_now.yaml"]


def test_the_lock_of_such_a_pack_covers_the_files_of_the_other(packs: Path) -> None:
    write_lock(packs / "night")
    assert load_rulebook(packs / "night").pack == "night"
    rule = packs / "unit" / "policy" / "bureau" / "overdue_now.yaml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("> 0", "> 1"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"policy/bureau/overdue_now\.yaml: found other content"):
        load_rulebook(packs / "night")


def test_a_pack_that_extends_a_pack_of_the_house_reads_its_labels(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rulebook" / "cn-micro", tmp_path / "cn-micro")
    shutil.copy(ROOT / "rulebook" / "reasons.yaml", tmp_path)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "pack.yaml").write_text(ABOUT.replace("unit", "cn-micro"), encoding="utf-8")
    assert "applied_minute_of_day" in load_rulebook(mine).declarations


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ("extends: nowhere", "pack.yaml: extends: found 'nowhere', expected the folder of a pack beside this one"),
        ("extends: ../unit", "expected the folder of a pack beside this one"),
        ("extends: night", "found a circle (night → night)"),
        ("extends: [unit]", "expected the folder of a pack beside this one"),
        ("extends: unit\ndrops: [policy/nothing.yaml]", "found 'policy/nothing.yaml', expected a file of the pack it"),
        ("extends: unit\ndrops: tables", "pack.yaml: drops: found 'tables', expected a list of files"),
        ("extends: unit\nhistorical: perhaps", "pack.yaml: historical: found 'perhaps', expected true or false"),
        ("extends: unit\nhistorical: true", "pack.yaml: why"),
    ],
)
def test_what_cannot_be_extended_is_refused(packs: Path, about: str, sentence: str) -> None:
    text = ABOUT.replace("extends: unit", about)
    (packs / "night" / "pack.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_rulebook(packs / "night")
    assert sentence in str(refused.value)


def test_two_packs_that_extend_each_other_are_refused(packs: Path) -> None:
    about = packs / "unit" / "pack.yaml"
    about.write_text(about.read_text(encoding="utf-8") + "extends: night\n", encoding="utf-8")
    with pytest.raises(BadInput, match="a circle"):
        load_rulebook(packs / "night")


def test_a_historical_pack_says_so_and_why(packs: Path) -> None:
    why = "historical: true\nwhy: {en: As it was in 2017, zh: 2017年的做法}\n"
    (packs / "night" / "pack.yaml").write_text(ABOUT + why, encoding="utf-8")
    assert load_rulebook(packs / "night").is_historical and not load_rulebook(packs / "unit").is_historical


def test_CMP_01_a_pack_that_lets_protected_attributes_decide_must_be_historical(packs: Path) -> None:
    allowed = ABOUT + "protected_labels: allowed\n"
    (packs / "night" / "pack.yaml").write_text(allowed, encoding="utf-8")
    fault = "fault · pack.yaml: protected_labels: protected attributes may decide"
    assert any(str(f).startswith(fault) for f in check_rulebook(packs / "night").findings)
    why = "historical: true\nwhy: {en: As it was in 2017, zh: 2017年的做法}\n"
    (packs / "night" / "pack.yaml").write_text(allowed + why, encoding="utf-8")
    assert not any(str(f).startswith(fault) for f in check_rulebook(packs / "night").findings)
