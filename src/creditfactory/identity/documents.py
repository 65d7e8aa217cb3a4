"""A paper judged: what it says fits together, is in force and is the paper that was asked for, or a person looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from creditfactory.identity.numbers import Sex, check_id_number, is_credit_code
from creditfactory.identity.paper_text import LONG_TERM, REQUIRED, FieldFound, Paper
from creditfactory.kernel import Reason

PAPER_LINES: Mapping[str, Any] = {"confidence_min": 85, "sharpness_min": 45, "chroma_min": 3}
"""From where on a reading is sure, a picture sharp, a paper in colour."""
SEXES: Mapping[str, Sex] = {"男": "male", "女": "female"}
KEPT_BACK = ("sex",)
"""Printed, held against the number, and not handed on: what the law protects decides nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperMarks:
    """What the picture itself showed: sharpness and colour as measured, and what its QR codes say."""

    sharpness: int | None = None
    chroma: int | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFindings:
    """Read, doubtful or unreadable; ``is_number_consistent`` is None where there was no number to hold against."""

    verdict: Literal["read", "doubtful", "unreadable"]
    reasons: tuple[Reason, ...]
    confidence: int | None
    is_number_consistent: bool | None
    is_copied: bool | None


def judge_paper(
    paper: Paper,
    fields: Mapping[str, FieldFound],
    marks: PaperMarks,
    *,
    on: date,
    seen: tuple[Reason, ...] = (),
    found: Paper | None = None,
    lines: Mapping[str, Any] = PAPER_LINES,
) -> PaperFindings:
    """What speaks against a paper on this day; a paper in good order is ``read``, which does not say it is genuine.

    ``found`` is the paper its words tell of, ``seen`` what was found of earlier uses of the same picture.
    """
    if found is not None and found != paper:
        return _tell_unreadable(Reason("IDP-WRONG-PAPER", {"paper": found}))
    missing = [Reason("IDP-FIELD", {"field": name}) for name in REQUIRED[paper] if name not in fields]
    is_blurred = marks.sharpness is not None and marks.sharpness < lines["sharpness_min"]
    if len(missing) == len(REQUIRED[paper]):
        return _tell_unreadable(Reason("IDP-BLUR") if is_blurred else Reason("IDP-UNREADABLE"))
    unsure = [
        Reason("IDP-DOUBT", {"field": name, "confidence": one.confidence})
        for name, one in fields.items()
        if one.confidence < lines["confidence_min"] and name in REQUIRED[paper]
    ]
    against, is_consistent = _check_content(paper, fields, marks, on)
    is_copied = None if marks.chroma is None else marks.chroma < lines["chroma_min"]
    copied = [Reason("IDP-COPY")] if is_copied else []
    blurred = [Reason("IDP-BLUR")] if is_blurred and (missing or unsure) else []
    reasons = (*against, *seen, *copied, *missing, *unsure, *blurred)
    return PaperFindings(
        verdict="doubtful" if reasons else "read",
        reasons=reasons,
        confidence=min((one.confidence for name, one in fields.items() if name in REQUIRED[paper]), default=None),
        is_number_consistent=is_consistent,
        is_copied=is_copied,
    )


def _tell_unreadable(why: Reason) -> PaperFindings:
    return PaperFindings(
        verdict="unreadable", reasons=(why,), confidence=None, is_number_consistent=None, is_copied=None
    )


def check_stated(
    fields: Mapping[str, FieldFound], *, name: str | None = None, id_number: str | None = None
) -> tuple[Reason, ...]:
    """Where what the applicant typed differs from what is printed; a field that was not read says nothing.

    >>> card = {"name": FieldFound(text="张伟", confidence=99)}
    >>> check_stated(card, name="张 伟"), check_stated(card, name="张玮")
    ((), (Reason(code='IDP-STATED', facts={'field': 'name'}),))
    """
    found = []
    for field, stated in (("name", name), ("id_number", id_number)):
        printed = fields.get(field)
        if stated is not None and printed is not None and _bare(stated) != _bare(printed.text):
            found.append(Reason("IDP-STATED", {"field": field}))
    return tuple(found)


def _bare(text: str) -> str:
    return "".join(text.split()).replace("·", "").replace("•", "").upper()


def _check_content(
    paper: Paper, fields: Mapping[str, FieldFound], marks: PaperMarks, on: date
) -> tuple[list[Reason], bool | None]:
    """What the fields say against one another and against the day."""
    if paper == "id_card_front":
        if "id_number" not in fields:
            return [], None
        born, sex = fields.get("born_on"), fields.get("sex")
        found = check_id_number(
            fields["id_number"].text,
            born_on=date.fromisoformat(born.text) if born else None,
            sex=SEXES.get(sex.text) if sex else None,
            on=on,
        )
        return list(found), not found
    if paper == "id_card_back":
        return _check_days(fields, on), None
    code = fields.get("credit_code")
    in_codes = [text for text in marks.codes if code is not None and code.text in text.upper()]
    found_list = []
    if code is not None and not is_credit_code(code.text):
        found_list.append(Reason("IDP-CREDIT-CODE"))
    if code is not None and marks.codes and not in_codes:
        found_list.append(Reason("IDP-QR"))
    return found_list, None if code is None else not found_list


def _check_days(fields: Mapping[str, FieldFound], on: date) -> list[Reason]:
    """A card that has run out, or does not hold yet."""
    start, until = fields.get("valid_from"), fields.get("valid_until")
    if until is not None and until.text != LONG_TERM and date.fromisoformat(until.text) < on:
        return [Reason("IDP-EXPIRED", {"valid_until": until.text})]
    if start is not None and date.fromisoformat(start.text) > on:
        return [Reason("IDP-NOT-YET", {"valid_from": start.text})]
    return []
