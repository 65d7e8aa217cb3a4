"""The whole catalogue: every label has its meaning in both languages, its range, its way, and an example computed."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from creditfactory import labels
from creditfactory.cli import main
from creditfactory.labels.computing import plan_pack
from creditfactory.labels.plain_reference import tell_all
from creditfactory.labels.planning import WHY_CODES, Plan, measure
from creditfactory.labels.reference_table import LAST_DAY, make_reference_table
from creditfactory.labels.tables import DAY
from creditfactory.service.reference_applicants import each_taken, show_example

MICRO = labels.list_labels("cn-micro")
WITHOUT_EXAMPLE = 3
"""Labels that no reference applicant has: their example says why it is unknown."""


def test_there_are_more_than_three_thousand() -> None:
    """LAB-01."""
    assert len(MICRO) > 3_000
    assert len({label.name for label in MICRO}) == len(MICRO)


def test_every_label_has_its_meaning_in_both_languages() -> None:
    """LAB-01: no template left open, no Chinese in the English or English words in the Chinese, no two alike."""
    for label in MICRO:
        assert set(label.meaning) == {"en", "zh"}, label.name
        assert not re.search(r"[{}]", "".join(label.meaning.values())), label.name
        assert re.search(r"[\u4e00-\u9fff]", label.meaning["zh"]), label.name
        assert not re.search(r"[\u4e00-\u9fff]", label.meaning["en"]), label.name
    for language in ("en", "zh"):
        told = Counter(label.meaning[language] for label in MICRO if label.cut)
        assert [meaning for meaning, times in told.items() if times > 1] == []


def test_every_label_of_a_family_has_an_owner_a_law_and_a_range() -> None:
    """LAB-01."""
    for label in MICRO:
        if label.family:
            assert label.owner, label.name
            assert label.legal_basis, label.name
            assert label.sensitivity in ("public", "internal", "financial", "personal", "sensitive"), label.name
        if label.type == "int":
            assert label.minimum is not None, label.name
            assert label.maximum is not None, label.name
            assert label.minimum < label.maximum, label.name


def test_every_label_has_a_computed_example() -> None:
    """LAB-01: a value found for an applicant of the reference population, or on a made-up table of its source."""
    known = {name for taken in each_taken() for name, value in taken.facts.items() if value is not None}
    assert len(known) > len(MICRO) * 3 // 4
    lacking = []
    for number, label in enumerate(MICRO):
        if label.name in known and number % 50:  # its example is that value; some are shown in full below
            continue
        shown = show_example(label)
        assert shown["of"], label.name
        if shown["value"] is None:
            assert shown["why_missing"] in labels.WHY_MISSING, label.name
            lacking.append(label.name)
    assert len(lacking) <= WITHOUT_EXAMPLE, lacking


@pytest.mark.parametrize("plan", plan_pack("cn-micro").plans, ids=lambda plan: plan.shape.code)
def test_every_label_of_every_family_equals_the_plain_reference(plan: Plan) -> None:
    """LAB-01: on a table in which every cut finds something."""
    as_of = (LAST_DAY + 1) * DAY - 1
    table = make_reference_table(plan, lines=500)
    values, why = measure(plan, table, table.reaches_to - 1)
    codes = [plan.shape.absent if place == 1 else code for place, code in enumerate(WHY_CODES)]
    fast = [(None, codes[c]) if c else (v, "") for v, c in zip(values[0].tolist(), why[0].tolist(), strict=True)]
    slow = tell_all(plan, table, 0, as_of)
    assert [(p.label.name, a, b) for p, a, b in zip(plan.parts, fast, slow, strict=True) if a != b] == []
    assert sum(code == "" for _, code in fast) > len(fast) // 2


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["labels", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_catalogue_is_listed_searched_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """LAB-01."""
    assert int(ask(capsys, "list", "--count")[1]) == len(MICRO)
    names = [json.loads(line)["name"] for line in ask(capsys, "list", "--family", "invoice")[1].splitlines()]
    assert names == [label.name for label in MICRO if label.family == "invoice"]
    found = [json.loads(line) for line in ask(capsys, "list", "--search", "销售回款 近90天")[1].splitlines()]
    assert len(found) > 5
    assert all("销售回款" in one["meaning"]["zh"] and "近90天" in one["meaning"]["zh"] for one in found)
    code, out, err = ask(capsys, "list", "--family", "banks")
    assert (code, out) == (1, "")
    assert "--family" in err


def test_one_label_is_explained_with_its_way_and_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """LAB-01."""
    code, out, _ = ask(capsys, "explain", "bank__sale__sum_cents__90d")
    told = json.loads(out)
    assert code == 0
    assert told["lineage"]["field"] == "evidence[bank_statement]"
    example = told["example"]
    assert example["value"] > 0
    assert example["lines"] >= len(example["last_lines"]) > 0
    assert all(line["sort"] == "sale" and line["direction"] == "in" for line in example["last_lines"])
    code, out, err = ask(capsys, "explain", "bank__sale__sum_cents__91d")
    assert (code, out) == (1, "")
    assert "bank__sale__sum_cents__91d" in err


def test_a_dossiers_labels_are_computed_as_known_at_an_instant(capsys: pytest.CaptureFixture[str]) -> None:
    """LAB-01: point in time, from the command line."""
    path = "docs/examples/cn-micro-approve.json"
    code, out, _ = ask(capsys, "compute", path, "--only", "queries_*")
    now = json.loads(out)
    assert code == 0
    assert set(now["labels"]) == {"queries_1m", "queries_3m", "queries_6m", "queries_unmet_6m"} - set(now["unknown"])
    before = json.loads(ask(capsys, "compute", path, "--only", "queries_*", "--as-of", "2020-01-01T00:00:00+08:00")[1])
    assert before["labels"] == {}
    assert set(before["unknown"].values()) == {"no_bureau"}
    for words in (("--as-of", "yesterday"), ("--as-of", "2026-01-01"), ("--only", "no_such*")):
        code, out, err = ask(capsys, "compute", path, *words)
        assert (code, out) == (1, "")
        assert words[0] in err
