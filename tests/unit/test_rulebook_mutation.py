"""Scoring a rulebook's own cases: planted gaps are found and named, proven equivalents counted apart (POL-04)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from creditfactory.cli import main
from creditfactory.gateways.rulebook import MutationScore, check_rulebook
from creditfactory.gateways.rulebook.loading import read_pack
from creditfactory.gateways.rulebook.mutants import mutate_text
from creditfactory.gateways.rulebook.mutation import score_cases
from creditfactory.gateways.rulebook.table_mutants import mutate_cell, show_cell
from creditfactory.rules import Declaration, read_cell

UNIT = Path(__file__).resolve().parents[1] / "packs" / "unit"
WHOLE = """
cases:
  - name: Months overdue
    like: good_shop
    as_of: 2026-07-01
    rows:
      - {labels: {overdue_months_24m: 4}, expect: {rules: {overdue_months: clear}}}
      - {labels: {overdue_months_24m: 5}, expect: {rules: {overdue_months: [hit, decline]}}}
      - {labels: {overdue_months_24m: null}, expect: {rules: {overdue_months: [missing, refer]}}}
      - {as_of: 2026-06-30, labels: {overdue_months_24m: 5}, expect: {rules: {overdue_months: clear}}}
      - {as_of: 2026-06-30, labels: {overdue_months_24m: 6}, expect: {rules: {overdue_months: hit}}}
  - name: An enforced debt
    like: good_shop
    as_of: 2026-07-01
    rows:
      - {labels: {is_executed: true}, expect: {rules: {executed: [hit, decline]}}}
      - {labels: {is_executed: null}, expect: {rules: {executed: [missing, lane_c]}}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(UNIT, tmp_path / "unit"))
    for path in folder.glob("cases/*.yaml"):
        path.unlink()
    return folder


def write(pack: Path, place: str, text: str) -> None:
    (pack / place).write_text(text, encoding="utf-8")


def change(pack: Path, place: str, good: str, bad: str) -> None:
    text = (pack / place).read_text(encoding="utf-8")
    assert good in text, "the change can be made"
    write(pack, place, text.replace(good, bad, 1))


def score(pack: Path) -> MutationScore:
    checked = check_rulebook(pack, mutation=True)
    assert checked.is_sound and checked.cases_failed == 0, checked.findings
    assert checked.mutation is not None
    return checked.mutation


def of(score: MutationScore, file: str) -> list[str]:
    return [one.what for one in score.survived if f"{file}.yaml" in one.place]


def test_a_pack_without_cases_notices_nothing(pack: Path) -> None:
    found = score(pack)
    assert found.caught == 0 and found.share == 0 and len(found.survived) > 50
    assert found.mutants == len(found.survived) + len(found.equivalent)


def test_cases_on_both_sides_and_for_the_unknown_notice_every_change_to_their_rules(pack: Path) -> None:
    write(pack, "cases/some.yaml", WHOLE)
    found = score(pack)
    assert of(found, "overdue_months") == of(found, "executed") == of(found, "overdue_months_24m_max") == []
    assert of(found, "overdue_now") and found.caught >= 20


@pytest.mark.parametrize(
    ("row", "missed", "shown_by"),
    [
        ("labels: {overdue_months_24m: 4}", ["4 becomes 3"], "overdue_months_24m: 4"),
        ("labels: {is_executed: true}", ["then: decline becomes lane_b"], "is_executed: true"),
        ("labels: {is_executed: null}", ["missing: lane_c becomes clear"], "is_executed: null"),
        ("as_of: 2026-06-30, labels: {overdue_months_24m: 6}", ["5 becomes 6"], "overdue_months_24m: 6"),
    ],
)
def test_a_planted_gap_is_named_with_the_facts_that_would_show_it(
    pack: Path, row: str, missed: list[str], shown_by: str
) -> None:
    lines = [line for line in WHOLE.splitlines() if f"{{{row}" not in line]
    assert len(lines) == len(WHOLE.splitlines()) - 1
    write(pack, "cases/some.yaml", "\n".join(lines))
    survived = {one.what: one for one in score(pack).survived if "executed" in one.place or "overdue_m" in one.place}
    assert set(missed) <= set(survived)
    assert all(shown_by in survived[what].shown_by for what in missed)


def test_the_suggested_case_can_be_written_down_and_closes_the_gap(pack: Path) -> None:
    write(pack, "cases/some.yaml", WHOLE)
    gap = next(one for one in score(pack).survived if one.what == "industry in night_industries becomes industry not in night_industries")  # fmt: skip # noqa: E501
    case = f"cases:\n  - {{name: Suggested, like: good_shop, as_of: 2026-07-01, {gap.shown_by}}}\n"
    write(pack, "cases/suggested.yaml", case)
    assert gap.what not in of(score(pack), "night_catering")


def test_a_change_that_nobody_could_tell_is_proven_and_counted_apart(pack: Path) -> None:
    """`> 24` where 24 is the most there is: no month more or less makes it true."""
    change(pack, "policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "overdue_months_24m > 24 or is_executed")
    read = read_pack(pack)
    found = score_cases(read.rulebook(), [])
    same = {one.what for one in found.equivalent if "overdue_now.yaml" in one.place}
    assert same == {"24 becomes 25"}
    assert "24 becomes 23" in of(found, "overdue_now") and "is_executed" not in same


def test_a_case_that_fails_anyway_scores_nothing(pack: Path) -> None:
    write(pack, "cases/some.yaml", WHOLE.replace("overdue_months_24m: 4}", "overdue_months_24m: 9}"))
    checked = check_rulebook(pack, mutation=True)
    assert checked.cases_failed == 1 and checked.mutation is None


def test_a_parameter_that_nothing_in_sight_reads_is_named_and_not_counted(pack: Path) -> None:
    words = "description: {en: Photos, zh: 照片}\nowner: field\nunit: count\nvalues: {2026-01-01: 4}\n"
    write(pack, "policy/bureau/visit_photos_min.yaml", words)
    found = score(pack)
    assert found.unseen == ("policy/bureau/visit_photos_min.yaml",) and of(found, "visit_photos_min") == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a <= 5", ["comparison", "threshold", "threshold"]),
        ("a == 'x'", ["logic"]),
        ("a in ('x', 'y')", ["logic", "word", "word"]),
        ("not (a or b)", ["logic", "logic"]),
        ("1 <= a < 9", ["comparison", "comparison", "threshold", "threshold", "threshold", "threshold"]),
        ("a * 25 >= b", ["comparison", "threshold", "threshold"]),
    ],
)
def test_what_is_changed_in_a_condition(text: str, kinds: list[str]) -> None:
    found = list(mutate_text(text))
    assert sorted(kind for kind, _, _ in found) == sorted(kinds)
    assert len({changed for _, _, changed in found}) == len(found) and text not in {changed for _, _, changed in found}


@pytest.mark.parametrize(
    ("cell", "kind", "changed"),
    [
        ("[1..5)", "int", ["[0..4]", "[2..4]", "[1..3]", "[1..5]"]),
        ("< 60", "int", ["<= 58", "<= 60"]),
        (">= 0.5", "float", [">= 0.4999", ">= 0.5001", "> 0.5"]),
        ("true", "bool", ["not(true)"]),
        ("A,B", "str", ["B", "A"]),
        ("-", "int", []),
        ("missing", "int", ["-"]),
    ],
)
def test_what_is_changed_in_a_cell(cell: str, kind: str, changed: list[str]) -> None:
    declared = Declaration("x", kind)  # type: ignore[arg-type]
    read = read_cell(cell, declared, place="t.csv")
    assert [show_cell(one, declared) for one in mutate_cell(read, declared)] == changed


def test_the_command_tells_the_share_as_json_and_in_words(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(pack, "cases/some.yaml", WHOLE)
    assert main(["rulebook", "check", str(pack)]) == 0
    told = capsys.readouterr()
    whole = json.loads(told.out.splitlines()[-1])
    assert whole["kind"] == "mutation" and 0 < whole["share"] < 1
    assert whole["caught"] == sum(kind["caught"] for kind in whole["by_kind"].values())
    assert whole["mutants"] == whole["caught"] + whole["survived"] + whole["equivalent"]
    assert {"place", "what", "kind", "shown_by"} == set(whole["survivors"][0])
    assert "would slip through" in told.err and "A case that shows it: labels: {" in told.err
    assert main(["rulebook", "check", str(pack), "--no-mutation"]) == 0
    assert '"mutation"' not in capsys.readouterr().out


def test_missing_lighter_than_then_blocks_and_so_do_cards_that_reward_silence(pack: Path) -> None:
    """Not knowing must never do better than knowing."""
    change(pack, "policy/business/night_catering.yaml", "then: lane_b\n    missing: clear", "then: lane_c\n    missing: lane_b")  # fmt: skip # noqa: E501
    found = [str(f) for f in check_rulebook(pack).findings]
    assert any(f.startswith("fault") and "missing: lane_b is lighter than then: lane_c" in f for f in found)
    assert any("missing gives -30 points, the worst class -90; leaving it out helps" in f for f in found)
