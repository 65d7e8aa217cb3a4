"""A card's folder as it is read again: the card, what it asks, its golden applicants, its manifest and its figures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from creditfactory import scoring
from creditfactory.kernel import BadInput
from creditfactory.lab.artefact import FINDINGS, SCORES
from creditfactory.lab.counts import COUNTS, Counts, open_packed, take_counts
from creditfactory.lab.curves import ScoreCounts, read_score_counts
from creditfactory.lab.forms import (
    CARD_FILE,
    FEATURES_FILE,
    FINDINGS_FILE,
    GOLDEN_FILE,
    MANIFEST_FILE,
    SCORES_FILE,
    Form,
    read_formed,
)
from creditfactory.lab.tuning import points_of
from creditfactory.scoring import Card

SAMPLES = ("train", "holdout")


@dataclass(frozen=True)
class CardFolder:
    """The files of one card's folder by name; every one but ``card.json`` may be absent, and then says nothing."""

    place: str
    files: Mapping[str, bytes]

    @cached_property
    def raw(self) -> Mapping[str, Any]:
        """``card.json`` as it stands."""
        found: Mapping[str, Any] = self._read("card.json", CARD_FILE)
        return found

    @cached_property
    def card(self) -> Card:
        """The card as the rulebook's own reader has it."""
        return scoring.read_card(self.raw, place=f"{self.place}: card.json")

    @cached_property
    def features(self) -> Mapping[str, Mapping[str, Any]]:
        """What each characteristic means, by label."""
        return {f["label"]: f for f in self._read("features.json", FEATURES_FILE, {"features": []})["features"]}

    @property
    def units(self) -> Mapping[str, str]:
        """What each characteristic is counted in, by label."""
        return {label: told["unit"] for label, told in self.features.items()}

    @cached_property
    def golden(self) -> Sequence[Mapping[str, Any]]:
        """The made-up applicants with the points that every reader of the card must reach."""
        found: Sequence[Mapping[str, Any]] = self._read("golden.json", GOLDEN_FILE, {"applicants": []})["applicants"]
        return found

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What the card was made from; empty where nobody wrote it down."""
        found: Mapping[str, Any] = self._read("manifest.json", MANIFEST_FILE, {})
        return found

    @cached_property
    def findings(self) -> Mapping[str, Any]:
        """What was found while the card was made: left out and why, doubts, each question's worth, by hand."""
        found: Mapping[str, Any] = self._read(FINDINGS, FINDINGS_FILE, {})
        return found

    @cached_property
    def counts(self) -> Counts | None:
        """The counts of the card's own questions; None for a card that has none, or whose questions were drawn anew."""
        if COUNTS not in self.files:
            return None
        place = f"{self.place}: {COUNTS}"
        known = take_counts(open_packed(self.files[COUNTS], place=place), place=place)
        widths = {c.label: c.width for c in known.classes}
        asked = {q["label"]: len(points_of(q)) for q in self.raw["characteristics"]}
        return known.take(list(asked)) if asked.items() <= widths.items() else None

    @property
    def plan(self) -> Mapping[str, Any]:
        """The plan it was built by, as its manifest has it."""
        plan: Mapping[str, Any] = self.manifest.get("plan", {})
        return plan

    @cached_property
    def scores(self) -> Mapping[str, ScoreCounts]:
        """How the points fell on the training rows and on the holdout, where they were counted."""
        told = self._read(SCORES, SCORES_FILE, {})
        place = f"{self.place}: {SCORES}"
        return {name: read_score_counts(told[name], place=place) for name in SAMPLES if name in told}

    @cached_property
    def model_card(self) -> str:
        """The model card's text."""
        return self.files.get("model_card.md", b"").decode("utf-8", errors="replace")

    @property
    def purpose(self) -> Any:
        """What the card is for: from its plan, else the first paragraph of its model card."""
        paragraphs = [p.strip() for p in self.model_card.split("\n\n")]
        told = next((p for p in paragraphs if p and not p.startswith(("#", "-", "|", "**"))), "")
        return self.plan.get("purpose") or told

    @property
    def owner(self) -> str:
        """Who answers for it."""
        found = re.search(r"\*\*Owner:\*\* (.+)", self.model_card)
        return str(self.plan.get("owner") or self.raw.get("owner") or (found[1].strip() if found else ""))

    @property
    def limits(self) -> Sequence[Any]:
        """Where the card ends: from its plan, and what its model card says under that heading."""
        _, _, told = self.model_card.partition("## Limits")
        listed = [line[2:].strip() for line in told.split("\n## ")[0].splitlines() if line.startswith("- ")]
        planned = self.plan.get("limits") or ()
        doubts = [{"en": one["en"], "zh": one["zh"]} for one in self.findings.get("warnings", ())]
        said = {text for one in (*planned, *doubts) for text in (one.values() if isinstance(one, dict) else [one])}
        return [*planned, *doubts, *(one for one in listed if one not in said)]

    def check_golden(self) -> tuple[int, list[str]]:
        """Score the golden applicants anew: how many come out equal to the point and the chance, and those that do not.

        The difference is told in a sentence each.
        """
        equal, wrong = 0, []
        for number, one in enumerate(self.golden, start=1):
            answer = scoring.score(self.card, one["labels"])
            chance = one.get("probability")
            same = answer.points == one["points"] and (
                chance is None or (answer.probability is not None and abs(answer.probability - chance) < 1e-9)
            )
            equal += same
            if not same:
                wrong.append(f"#{number}: {answer.points} ≠ {one['points']}")
        return equal, wrong

    def _read(self, name: str, form: Form, nothing: Any = None) -> Any:
        """A file of the folder in its form; ``nothing`` stands for one that is not there."""
        if name not in self.files and nothing is not None:
            return nothing
        return read_formed(self.files.get(name, b""), form, place=f"{self.place}: {name}")


def read_folder(folder: Path) -> CardFolder:
    """The folder of a card on disk; a place that holds no card is refused."""
    if not (folder / "card.json").is_file():
        raise BadInput(place=str(folder), found="no card.json", expected="a card's folder with card.json in it")
    try:
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    except OSError as failure:
        found = failure.strerror or type(failure).__name__
        raise BadInput(place=str(folder), found=found, expected="a card's folder that can be read") from failure
    return CardFolder(str(folder), files)
