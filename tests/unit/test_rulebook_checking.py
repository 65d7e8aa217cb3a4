"""`rulebook check`: all faults at once, each by its place, and the rulebook's own cases."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from creditfactory.gateways.rulebook import check_rulebook, write_lock

UNIT = Path(__file__).resolve().parents[1] / "packs" / "unit"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(UNIT, tmp_path / "unit"))


def change(pack: Path, place: str, good: str, bad: str) -> None:
    text = (pack / place).read_text(encoding="utf-8")
    assert good in text, "the change can be made"
    (pack / place).write_text(text.replace(good, bad, 1), encoding="utf-8")


def faults(pack: Path) -> list[str]:
    return [str(f) for f in check_rulebook(pack).findings if f.kind == "fault"]


def test_a_sound_pack_has_notes_but_no_faults_and_all_its_cases_hold() -> None:
    checked = check_rulebook(UNIT)
    assert checked.is_sound and (checked.cases_run, checked.cases_failed) == (4, 0)
    notes = "\n".join(map(str, checked.findings))
    assert "no row answers for points <= 550" in notes and "an unknown fact passes, because" in notes


def test_faults_in_several_files_are_all_named_at_once(pack: Path) -> None:
    change(pack, "policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "overdue_nwo_cents > 0")
    change(pack, "policy/bureau/executed.yaml", "when: is_executed", "when: overdue_now_cents")
    change(pack, "products.yaml", "industry == 'retail'", "industry > 3")
    found = faults(pack)
    assert [f.split(":")[0] for f in found] == [
        "fault · policy/bureau/executed.yaml",
        "fault · policy/bureau/overdue_now.yaml",
        "fault · products.yaml",
    ]


def test_faults_in_files_that_cannot_be_read_hide_none_in_others(pack: Path) -> None:
    change(pack, "tables/tier.csv", "[600..700)", "600 to 700")
    change(pack, "policy/bureau/overdue_now.yaml", "then: decline", "then: no")
    change(pack, "reasons.yaml", "POL-TEST-DEBT", "POL-TEST-DEPT")
    found = "\n".join(faults(pack))
    assert "tables/tier.csv, line 3, column points" in found
    assert "overdue_now.yaml" in found and "POL-TEST-DEBT has no words, and rule debt_too_high gives it" in found


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        (">= 700,-", ">= 500,-", "tables/tier.csv, line 3: this row can never speak"),
        ("(550..700)", "[700..800)", "tables/tier.csv, line 4: this row can never speak"),
    ],
)
def test_a_row_that_can_never_speak_is_named(pack: Path, good: str, bad: str, sentence: str) -> None:
    change(pack, "tables/tier.csv", good, bad)
    assert f"fault · {sentence}" in faults(pack)


def test_rows_that_both_answer_in_a_unique_table_are_named_with_an_example(pack: Path) -> None:
    change(pack, "tables/tier.yaml", "hit: first", "hit: unique")
    assert faults(pack) == []
    change(pack, "tables/tier.csv", "(550..700)", "(550..700]")
    expected = (
        "tables/tier.csv, lines 2 and 4: these rows both answer for points >= 700 and <= 700, industry = transport"
    )
    assert f"fault · {expected}" in faults(pack)


@pytest.mark.parametrize(
    ("place", "good", "bad", "sentence"),
    [
        ("policy/bureau/overdue_months_24m_max.yaml", "07-01: 4", "07-01: 5", "verdict is pass, expected decline"),
        ("policy/bureau/overdue_months.yaml", "> overdue", ">= overdue", "verdict is decline, expected pass"),
        ("policy/bureau/overdue_months.yaml", "missing: refer", "missing: lane_b", "verdict is pass, expected refer"),
        (
            "cases/overdue_months.yaml",
            "overdue_months: missing",
            "overdue_month: missing",
            "overdue_month is not there",
        ),
        ("cases/overdue_months.yaml", "labels: {overdue_months_24m: 5}", "labels: {overdue_month: 5}", "did you mean"),
        ("cases/overdue_months.yaml", "like: good_shop", "like: good_shops", "did you mean 'good_shop'"),
        ("cases/overdue_months.yaml", "without: [overdue_months_24m]", "without: [x]", "a fact that the case has"),
        ("cases/overdue_months.yaml", "as_of: 2026-06-30", "as_of: 2020-06-30", "no policy in force on 2020-06-30"),
        (
            "cases/overdue_months.yaml",
            "reasons: []",
            "reasons: [POL-TEST-DEBT]",
            "reasons are none, expected POL-TEST-DEBT",
        ),
    ],
)
def test_POL_04_a_case_that_does_not_hold_says_how(pack: Path, place: str, good: str, bad: str, sentence: str) -> None:
    change(pack, place, good, bad)
    checked = check_rulebook(pack)
    assert checked.cases_failed == 1 and not checked.is_sound
    assert sentence in "\n".join(faults(pack))


def test_a_locked_pack_is_checked_against_its_lock_when_asked(pack: Path) -> None:
    write_lock(pack)
    assert check_rulebook(pack, locked=True).is_sound
    change(pack, "policy/business/debt_share_max.yaml", "0.7", "0.8")
    assert not check_rulebook(pack, locked=True).is_sound and check_rulebook(pack).is_sound
