"""A card's folder as it is read again: the card, what it asks, its golden applicants, its manifest and its figures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from creditfactory import scoring
from creditfactory.kernel import BadInput
from creditfactory.lab.artefact import SCORES
from creditfactory.lab.curves import ScoreCounts, read_score_counts
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
        found = self._json("card.json")
        if not isinstance(found, dict):
            raise BadInput(place=f"{self.place}: card.json", found=_found(found), expected="a card as a JSON object")
        return found

    @cached_property
    def card(self) -> Card:
        """The card as the rulebook's own reader has it."""
        return scoring.read_card(self.raw, place=f"{self.place}: card.json")

    @cached_property
    def features(self) -> Mapping[str, Mapping[str, Any]]:
        """What each characteristic means, by label."""
        told = self._json("features.json")
        listed = told.get("features") if isinstance(told, dict) else None
        return {str(f.get("label")): f for f in listed or () if isinstance(f, dict)}

    @property
    def units(self) -> Mapping[str, str]:
        """What each characteristic is counted in, by label."""
        return {label: str(told.get("unit") or "") for label, told in self.features.items()}

    @cached_property
    def golden(self) -> Sequence[Mapping[str, Any]]:
        """The made-up applicants with the points that every reader of the card must reach."""
        told = self._json("golden.json")
        listed = told.get("applicants") if isinstance(told, dict) else None
        return [one for one in listed or () if isinstance(one, dict)]

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What the card was made from; empty where nobody wrote it down."""
        told = self._json("manifest.json")
        return told if isinstance(told, dict) else {}

    @property
    def plan(self) -> Mapping[str, Any]:
        """The plan it was built by, as its manifest has it."""
        plan = self.manifest.get("plan")
        return plan if isinstance(plan, dict) else {}

    @cached_property
    def scores(self) -> Mapping[str, ScoreCounts]:
        """How the points fell on the training rows and on the holdout, where they were counted."""
        told = self._json(SCORES)
        if not isinstance(told, dict):
            return {}
        place = f"{self.place}: {SCORES}"
        return {name: read_score_counts(told[name], place=place) for name in SAMPLES if told.get(name)}

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
        said = {text for one in planned for text in (one.values() if isinstance(one, dict) else [one])}
        return [*planned, *(one for one in listed if one not in said)]

    def check_golden(self) -> tuple[int, list[str]]:
        """Score the golden applicants anew: how many come out equal to the point and the chance, and those that do not.

        The difference is told in a sentence each.
        """
        equal, wrong = 0, []
        for number, one in enumerate(self.golden, start=1):
            labels = one.get("labels")
            answer = scoring.score(self.card, labels if isinstance(labels, dict) else {})
            chance = one.get("probability")
            same = answer.points == one.get("points") and (
                chance is None or (answer.probability is not None and abs(answer.probability - chance) < 1e-9)
            )
            equal += same
            if not same:
                wrong.append(f"#{number}: {answer.points} ≠ {one.get('points')}")
        return equal, wrong

    def _json(self, name: str) -> Any:
        if name not in self.files:
            return None
        try:
            return json.loads(self.files[name].decode("utf-8"))
        except (ValueError, RecursionError) as fault:
            raise BadInput(place=f"{self.place}: {name}", found=str(fault)[:120], expected="JSON") from fault


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


def _found(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
