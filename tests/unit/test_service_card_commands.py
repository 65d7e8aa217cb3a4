"""Cards go out as PMML and as a workbook, and PMML comes in; nothing is written over and nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from creditfactory.cli import main

CARD = Path(__file__).resolve().parents[2] / "rulebook" / "cn-micro" / "cards" / "bureau" / "v001"


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


def test_the_workbook_holds_every_class(tmp_path: Path) -> None:
    assert main(["cards", "export", str(CARD), "--to", "xlsx", "--out", str(tmp_path / "card.xlsx")]) == 0
    sheet = load_workbook(tmp_path / "card.xlsx")["card"]
    told = {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert {c["label"] for c in json.loads((CARD / "card.json").read_text("utf-8"))["characteristics"]} <= told


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
