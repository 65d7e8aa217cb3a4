"""Cards go out as PMML and as a workbook, and PMML comes in; nothing is written over and nothing half-written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from creditfactory.cli import main

RULEBOOK = Path(__file__).resolve().parents[2] / "rulebook"
CARD = RULEBOOK / "cn-micro" / "cards" / "bureau" / "v001"
FITTED = RULEBOOK / "tw-cards" / "cards" / "behaviour" / "v001"


def test_a_card_goes_out_and_comes_back_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SCR-02: what another house is given says the same of everybody."""
    assert main(["cards", "export", str(CARD), "--out", str(tmp_path / "card.pmml")]) == 0
    assert main(["cards", "import", str(tmp_path / "card.pmml"), "--out", str(tmp_path / "back" / "v001")]) == 0
    assert json.loads(capsys.readouterr().out) == {"card": "bureau", "version": "v001", "characteristics": 6}
    sent, back = (json.loads((at / "card.json").read_text("utf-8")) for at in (CARD, tmp_path / "back" / "v001"))
    for mine, theirs in zip(sent["characteristics"], back["characteristics"], strict=True):
        assert [b["points"] for b in mine["bins"]] == [b["points"] for b in theirs["bins"]]
    assert main(["cards", "export", str(CARD)]) == 0
    assert capsys.readouterr().out.startswith("<?xml")
    assert main(["cards", "export", str(CARD), "--to", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == sent


def test_the_workbook_holds_the_whole_folder_and_no_formula(tmp_path: Path) -> None:
    """SCR-02: classes, meanings in both languages, figures and golden applicants; a formula is text."""
    place = tmp_path / "v001"
    shutil.copytree(FITTED, place)
    card = json.loads((place / "card.json").read_text("utf-8"))
    features = json.loads((place / "features.json").read_text("utf-8"))
    features["features"][0]["definition"]["en"] = "=HYPERLINK(1)"
    asked = [c["label"] for c in card["characteristics"]]
    assert asked[0] == features["features"][0]["label"]
    (place / "features.json").write_text(json.dumps(features), "utf-8")
    assert main(["cards", "export", str(place), "--to", "xlsx", "--out", str(tmp_path / "card.xlsx")]) == 0
    book = load_workbook(tmp_path / "card.xlsx")
    told = {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book}
    assert list(told) == ["card", "facts", "features", "performance", "golden"]
    assert set(asked) <= {row[0] for row in told["card"]}
    assert [row[0] for row in told["features"]] == asked and told["features"][0][2] == "'=HYPERLINK(1)"
    assert told["features"][1][1] == features["features"][1]["definition"]["zh"]
    figures = {row[0]: row[1:] for row in told["performance"]}
    assert figures["auc"] == tuple(card["performance"][name]["auc"] for name in ("train", "holdout"))
    golden = json.loads((place / "golden.json").read_text("utf-8"))["applicants"]
    assert [row[-2] for row in told["golden"]] == [one["points"] for one in golden]
    assert any(row[0] == "limit" and "尚未经第二人签署" in str(row[2]) for row in told["facts"])
    assert "f" not in {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}


def test_a_card_without_its_other_files_is_written_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "v001").mkdir()
    shutil.copy(CARD / "card.json", tmp_path / "v001")
    assert main(["cards", "export", str(tmp_path / "v001"), "--to", "xlsx", "--out", str(tmp_path / "card.xlsx")]) == 0
    assert load_workbook(tmp_path / "card.xlsx")["golden"].max_row == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["export", str(CARD), "--to", "xlsx"], "--out: found nothing"),
        (["export", str(CARD), "--out", str(CARD / "card.json")], "a file that is there already"),
        (["export", "nowhere"], "found no such file, expected a card's folder"),
        (["import", "nowhere.pmml", "--out", "x"], "found no such file, expected a PMML file"),
        (["import", str(CARD / "card.json"), "--out", str(CARD)], "a folder that is there already"),
        (["import", str(CARD / "card.json"), "--out", "never-made"], "XML that cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cards", *words]) == 1
    assert says in capsys.readouterr().err and not Path("never-made").exists()
