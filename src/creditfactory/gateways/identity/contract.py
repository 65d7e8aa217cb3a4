"""The identity authority and the camera check: is the document real, and is it this person.

Five questions, each a part of its own: an address book that knows ``identity:papers``, ``identity:camera`` or
``identity:faces`` sends that part to another vendor; what it does not know goes to ``identity``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from creditfactory.application import IdentityCheck
from creditfactory.gateways.exchange import Exchange, PartyReason, Person

PaperName = Literal["id_card_front", "id_card_back", "licence"]
Act = Literal["straight", "turn_left", "turn_right", "blink", "open_mouth"]
IMAGE_LETTERS_MAX = 4_000_000
FRAMES_MAX = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRequest:
    """One check of name, number and phone, with the camera session it belongs to."""

    application: str
    asked_at: datetime
    person: Person
    session: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRequest:
    """One photographed paper to be read: a JPEG or PNG in base64."""

    application: str
    asked_at: datetime
    paper: PaperName
    image: str = field(repr=False)
    session: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadField:
    """One field read off a paper, with the reader's own certainty in per cent."""

    name: str
    text: str = field(repr=False)
    confidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperReading:
    """What a paper says, and what speaks against it; dates are ISO, ``valid_until`` may be ``long_term``.

    Sex and ethnicity, though printed, are not handed on: they serve only to hold the number against the paper.
    """

    obtained_at: datetime
    paper: PaperName
    verdict: Literal["read", "doubtful", "unreadable"]
    fields: tuple[ReadField, ...] = ()
    codes: tuple[str, ...] = field(default=(), repr=False)
    reasons: tuple[PartyReason, ...] = ()
    confidence: int | None = None
    is_number_consistent: bool | None = None
    is_copied: bool | None = None
    digest: str
    likeness: str | None = None
    seen_before: int | None = None
    millis: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRequest:
    """What shall this person do before the camera? The session is the asker's own name for the sitting."""

    application: str
    asked_at: datetime
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeStep:
    """One act, to be asked for from ``from_ms`` to ``until_ms`` after the first frame, on a screen of this colour."""

    act: Act
    colour: str
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """Acts in an order that nobody knew before, good for one sitting until ``seconds_valid`` have passed."""

    obtained_at: datetime
    session: str
    nonce: str
    steps: tuple[ChallengeStep, ...]
    frames_per_second: int
    pixels_longest: int
    seconds_valid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFrame:
    """One frame, ``at_ms`` after the first: a JPEG in base64, as the camera saw it and not mirrored."""

    at_ms: int
    image: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessRequest:
    """The frames of one sitting, taken by the page's camera, or photographs handed in as files."""

    application: str
    asked_at: datetime
    session: str
    nonce: str
    source: Literal["camera", "files"]
    frames: tuple[CameraFrame, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessAnswer:
    """Whether somebody did live what was asked; ``portrait`` is the best straight face of the sitting, a JPEG."""

    obtained_at: datetime
    verdict: Literal["passed", "unsure", "failed"]
    challenges_asked: int
    challenges_passed: int
    is_injected: bool | None = None
    is_replayed: bool | None = None
    reasons: tuple[PartyReason, ...] = ()
    portrait: str | None = field(default=None, repr=False)
    frames_read: int = 0
    millis: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceRequest:
    """The face on the paper against the face of the sitting; what is not handed in is taken from the session."""

    application: str
    asked_at: datetime
    session: str | None = None
    paper: str | None = field(default=None, repr=False)
    portrait: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAnswer:
    """How alike the two faces are; whoever cannot be told apart for certain is ``unsure`` and goes to a person."""

    obtained_at: datetime
    verdict: Literal["same", "unsure", "different"]
    similarity_bps: int | None = None
    reasons: tuple[PartyReason, ...] = ()
    seen_before: int | None = None
    millis: int | None = None


def check_reading(reading: PaperReading) -> str | None:
    """A doubt without a reason, or a paper read with no field, is no answer."""
    if reading.verdict == "read" and not reading.fields:
        return "a paper is read without a field"
    if reading.verdict != "read" and not reading.reasons:
        return f"a paper is {reading.verdict} without a reason"
    return _check_confidence((reading.confidence, *(one.confidence for one in reading.fields)))


def check_challenge(challenge: Challenge) -> str | None:
    """Acts follow one another in time, and there is at least one."""
    at = 0
    for step in challenge.steps:
        if not at <= step.from_ms < step.until_ms:
            return f"the act {step.act} does not follow the one before it"
        at = step.until_ms
    return None if challenge.steps and challenge.nonce else "no act or no nonce"


def check_liveness_answer(answer: LivenessAnswer) -> str | None:
    """A pass with an act missed, or a no without a reason, is no answer."""
    if answer.verdict == "passed" and not 0 < answer.challenges_asked == answer.challenges_passed:
        return f"passed with {answer.challenges_passed} of {answer.challenges_asked} acts"
    if answer.verdict == "passed" and (answer.is_injected or answer.is_replayed):
        return "passed, and yet injected or replayed"
    return None if answer.verdict == "passed" or answer.reasons else f"{answer.verdict} without a reason"


def check_face_answer(answer: FaceAnswer) -> str | None:
    """The same face without a measure, or a doubt without a reason, is no answer."""
    if answer.verdict == "same":
        return "the same face without a similarity" if answer.similarity_bps is None else None
    return None if answer.reasons else f"{answer.verdict} without a reason"


def _check_confidence(shares: tuple[int | None, ...]) -> str | None:
    wrong = [share for share in shares if share is not None and not 0 <= share <= 100]
    return f"a confidence is {wrong[0]}" if wrong else None


EXCHANGES = (
    Exchange("check", IdentityRequest, IdentityCheck),
    Exchange("read", PaperRequest, PaperReading, check=check_reading),
    Exchange("challenge", ChallengeRequest, Challenge, check=check_challenge),
    Exchange("liveness", LivenessRequest, LivenessAnswer, check=check_liveness_answer),
    Exchange("compare", FaceRequest, FaceAnswer, check=check_face_answer),
)
