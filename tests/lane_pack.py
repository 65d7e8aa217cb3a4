"""A small sound pack with a lane stage, built in a folder of its own, for tests that plant faults in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from creditfactory.gateways.rulebook import check_rulebook

UNIT = Path(__file__).resolve().parent / "packs" / "unit"
PAPERS = "reference:\n  2026-01-01: {title: A test}\nreview_by: 2027-01-01\n"
HEAD = "description: {en: A test, zh: 测试}\nowner: credit-policy\n"


def write(pack: Path, place: str, text: str) -> None:
    path = pack / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def change(pack: Path, place: str, good: str, bad: str) -> None:
    text = (pack / place).read_text(encoding="utf-8")
    assert good in text, "the change can be made"
    write(pack, place, text.replace(good, bad, 1))


def rule(pack: Path, place: str, when: str, *, head: str = "", more: str = "") -> None:
    body = f"kind: rule\n{head}values:\n  2026-01-01:\n    when: {when}\n    then: lane_b\n    missing: lane_b\n"
    write(pack, place, f"{HEAD}{body}    reason: POL-TEST-NIGHT\n{more}{PAPERS}")


TREE = """kind: tree
output: {name: watch, type: str, words: [A, B, C]}
values:
  2026-01-01:
    if: tier <= watch_tier_max
    then: A
    else:
      if: is_executed or overdue_now_cents > 100
      then: C
      else: B
missing: lane_c
"""


def build_lane_pack(parent: Path) -> Path:
    """A sound pack with a lane stage: a grade by points, a tree upon it, two rules that read both."""
    folder = Path(shutil.copytree(UNIT, parent / "unit"))
    grade = "step: lane\nhit: unique\ninputs: [points]\noutputs: [{name: tier, type: int}, {name: lane, type: str}]\n"
    write(folder, "tables/grade.yaml", f"{HEAD}{grade}values: {{2026-01-01: grade.csv}}\n{PAPERS}")
    write(folder, "tables/grade.csv", "points,tier,lane\n>= 560,1,A\n[500..560),2,B\n< 500,3,C\n")
    write(folder, "strategies/watch.yaml", HEAD + TREE + PAPERS)
    write(folder, "policy/lane/watch_tier_max.yaml", f"{HEAD}unit: count\nvalues: {{2026-01-01: 1}}\n{PAPERS}")
    rule(folder, "policy/lane/watched.yaml", "watch == 'C'", head="stage: lane\n")
    rule(folder, "policy/lane/called.yaml", "watch == 'B' and points < 540", head="stage: lane\n")
    return folder


def found(pack: Path, kind: str = "fault") -> list[str]:
    return [f"{f.place}: {f.what}" for f in check_rulebook(pack).findings if f.kind == kind]
