"""Trying a card: a field for each answer it asks for, and what the rulebook's own scorer makes of what was typed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from creditfactory import scoring
from creditfactory.consoles.card_shelf import ShelfCard
from creditfactory.kernel import Scalar
from creditfactory.lab import Voice

SCALES = {"cents": 100, "bps": 100}
"""Money is typed in whole units and shares in per cent; labels hold hundredths of them."""

PLAIN = ("", "count", "share", "word", "yes or no", "as in the data", "code")
"""Units that need no word beside the field."""
OTHER = "?"
"""What stands for a word that the card has never seen."""


@dataclass(frozen=True)
class Field:
    """One answer the card asks for, as typed; ``fault`` says what is wrong with it."""

    label: str
    name: str
    unit: str
    choices: tuple[tuple[str, str], ...]
    typed: str
    fault: str = ""


@dataclass(frozen=True)
class Answer:
    """What the card says: its points, the chance, the parts with what they lost, and the reasons."""

    fields: tuple[Field, ...]
    score: scoring.CardScore
    odds: float | None
    parts: tuple[tuple[str, str, int, int], ...]
    most: int


def try_card(card: ShelfCard, typed: Mapping[str, str]) -> Answer:
    """Score what was typed; what was left open is unknown, and what cannot be read is told at its field."""
    read, voice = card.folder.card, card.voice
    flags = {q.applies for q in read.characteristics if q.applies}
    values: dict[str, Scalar] = {}
    fields = []
    for label in read.labels:
        text = typed.get(label, "").strip()[:60]
        question = next((q for q in read.characteristics if q.label == label), None)
        choices = _list_choices(label, question, flags, voice)
        value, fault = _read_answer(label, text, choices, flags, voice)
        values[label] = value
        name = voice.name_label(label, card.folder.features.get(label))
        fields.append(Field(label, name, "" if choices else _say_unit(label, voice), choices, text, fault))
    answer = scoring.score(read, values)
    names = {field.label: field.name for field in fields}
    parts = tuple((names[p.label], _name_class(p, read, voice), p.points, p.best_points) for p in answer.parts)
    chance = answer.probability
    odds = None if chance is None or chance <= 1e-9 else (1 - chance) / chance
    return Answer(tuple(fields), answer, odds, parts, max((abs(p.points) for p in answer.parts), default=1))


def recall_golden(card: ShelfCard, number: int) -> dict[str, str]:
    """A golden applicant's answers as somebody would type them; nothing where there is no such one."""
    if not 0 < number <= len(card.folder.golden):
        return {}
    typed = {}
    known = {w for q in card.folder.card.characteristics for one in q.bins for w in one.words}
    for label, value in (card.folder.golden[number - 1].get("labels") or {}).items():
        if isinstance(value, bool):
            typed[label] = "yes" if value else "no"
        elif isinstance(value, int | float):
            typed[label] = f"{value / SCALES.get(card.voice.unit(label), 1):.10g}"
        elif value is not None:
            typed[label] = str(value) if str(value) in known else OTHER
    return typed


def _say_unit(label: str, voice: Voice) -> str:
    unit = voice.unit(label)
    if unit in ("cents", "bps"):
        return voice.currency if unit == "cents" else "%"
    return "" if unit in PLAIN else voice.code(unit)


def _list_choices(
    label: str, question: scoring.Characteristic | None, flags: set[str], voice: Voice
) -> tuple[tuple[str, str], ...]:
    """The words to choose from; none for a number."""
    if label in flags:
        return (("yes", voice("yes")), ("no", voice("no")))
    if question is None or question.kind == "number":
        return ()
    known = [(word, voice.value(label, word)) for one in question.bins for word in one.words]
    return (*known, *(((OTHER, voice("any other")),) if question.other else ()))


def _read_answer(
    label: str, text: str, choices: tuple[tuple[str, str], ...], flags: set[str], voice: Voice
) -> tuple[Scalar, str]:
    if not text:
        return None, ""
    if label in flags:
        return {"yes": True, "no": False}.get(text), ""
    if choices:
        return text, ""
    try:
        number = float(text.replace(",", "").replace("\uff0c", "").rstrip("%"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e12:
        return None, _("“{text}” is no number; type one such as 12.5.").format(text=text)
    scale = SCALES.get(voice.unit(label), 1)
    value = number * scale
    return (round(value) if scale != 1 or value == int(value) else value), ""


def _name_class(part: scoring.CardPart, card: scoring.Card, voice: Voice) -> str:
    question = next(q for q in card.characteristics if q.label == part.label)
    named = dict(zip((name for name, _one in question.classes), voice.name_bins(question), strict=True))
    return named[part.bin][0] if part.bin in named else part.bin
