"""The fine counts beside the shipped cards are theirs: they give back the divergence that the card claims."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from creditfactory.lab import BinningRules, find_starts, read_fine, tune

PACKS = Path(__file__).resolve().parents[2] / "rulebook"
FOLDERS = sorted(place.parent for place in PACKS.glob("*/cards/*/*/fine.json.gz"))


@pytest.mark.parametrize("folder", FOLDERS, ids=["-".join(f.parts[-4:]) for f in FOLDERS])
def test_each_question_as_it_stands_gives_the_card_s_own_divergence(folder: Path) -> None:
    """SCR-03: what fine tuning starts from is the card, for every question of every card that has counts."""
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    fine = read_fine((folder / "fine.json.gz").read_bytes())
    claimed = card["performance"].get("train", {}).get("divergence")
    for raw in card["characteristics"]:
        question = fine.questions[raw["label"]]
        own = find_starts(question, raw)
        told = tune(card, fine, raw["label"], starts=own, shape=question.units.shape, rules=BinningRules())
        assert not told.is_changed and len(told.classes) == len(raw["bins"])
        if question.rest_of == card["version"] and claimed is not None:
            assert told.now.card_divergence == pytest.approx(claimed, abs=2e-5)
        assert told.now.iv == pytest.approx(raw["iv"], abs=2e-5)
