"""The five questions answered on this machine: engines measure, the identity room judges, nothing leaves the house."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from creditfactory import identity as room
from creditfactory.application import IdentityCheck
from creditfactory.gateways.exchange import PartyReason
from creditfactory.gateways.identity.contract import (
    FRAMES_MAX,
    Challenge,
    ChallengeRequest,
    ChallengeStep,
    FaceAnswer,
    FaceRequest,
    IdentityRequest,
    LivenessAnswer,
    LivenessRequest,
    PaperName,
    PaperReading,
    PaperRequest,
    ReadField,
)
from creditfactory.gateways.identity_local.face_measures import FrameFace, measure_face
from creditfactory.gateways.identity_local.face_points import FaceFinder
from creditfactory.gateways.identity_local.face_vectors import FaceReader, Likeness, measure_distance
from creditfactory.gateways.identity_local.paper_reading import PaperReader, read_codes
from creditfactory.gateways.identity_local.pictures import (
    Photograph,
    Picture,
    measure_chroma,
    measure_likeness,
    measure_sharpness,
    measure_stillness,
    read_picture,
    write_picture,
)
from creditfactory.gateways.identity_local.seen import SeenBefore
from creditfactory.kernel import BadInput, Reason, Refused

SITTINGS_MAX = 2_000
FRAMES_PER_SECOND = 10
FRAME_PIXELS = 480
SECONDS_VALID = 90
_BYTES_OF_CHANCE = 16


@dataclass(slots=True)
class Sitting:
    """What one sitting has brought so far; it lives in memory and is forgotten with the process."""

    application: str
    nonce: str = ""
    asked: tuple[room.Asked, ...] = ()
    issued: float = 0.0
    is_used: bool = False
    is_camera: bool = False
    papers: dict[PaperName, tuple[dict[str, room.FieldFound], room.PaperFindings]] = field(default_factory=dict)
    card: Likeness | None = None
    portrait: Picture | None = None
    liveness: room.Liveness | None = None
    face: room.FaceMatch | None = None
    faces_seen_before: int | None = None


class Office:
    """Answers the contract's five questions with the engines of the extra ``[identity]``."""

    def __init__(self, state: Path | None = None, *, on: date | None = None) -> None:
        self._papers = PaperReader()
        self._finder = FaceFinder()
        self._faces = FaceReader()
        self._seen = SeenBefore(state, on=on)
        self._sittings: OrderedDict[str, Sitting] = OrderedDict()
        self._lock = threading.Lock()

    def find_answerer(self, kind: str) -> Callable[[Any], Any] | None:
        """Who answers this kind of question."""
        kinds: dict[str, Callable[[Any], Any]] = {
            "read": self.read_paper, "challenge": self.draw_challenge, "liveness": self.judge_liveness,
            "compare": self.compare_faces, "check": self.check_identity,
        }  # fmt: skip
        return kinds.get(kind)

    def _open(self, session: str, application: str) -> Sitting:
        """The sitting of this name, begun where there was none; another application's is refused."""
        with self._lock:
            found = self._sittings.get(session)
            if found is None:
                found = self._sittings[session] = Sitting(application)
                while len(self._sittings) > SITTINGS_MAX:
                    self._sittings.popitem(last=False)
            self._sittings.move_to_end(session)
        if found.application != application:
            raise Refused("This sitting belongs to another application; begin a new one.")
        return found

    def _find(self, session: str | None, application: str) -> Sitting | None:
        with self._lock:
            found = self._sittings.get(session) if session is not None else None
        if found is not None and found.application != application:
            raise Refused("This sitting belongs to another application; begin a new one.")
        return found

    def read_paper(self, request: PaperRequest) -> PaperReading:
        """One paper read, held against itself and against the pictures of other applications."""
        start = time.perf_counter()
        photo = read_picture(request.image)
        on = request.asked_at.date()
        likeness = measure_likeness(photo.pixels)
        lines, codes = self._papers.read_lines(photo.pixels), read_codes(photo.pixels)
        fields = room.read_paper_fields(request.paper, lines)
        seen = self._seen.take_picture(
            request.application, request.paper, photo.digest, likeness, code="IDP-SEEN", on=on
        )
        marks = room.PaperMarks(
            sharpness=measure_sharpness(photo.pixels), chroma=measure_chroma(photo.pixels), codes=codes
        )
        findings = room.judge_paper(
            request.paper, fields, marks, on=on, seen=seen.reasons, found=room.find_paper(lines)
        )
        if request.session is not None:
            sitting = self._open(request.session, request.application)
            sitting.papers[request.paper] = (fields, findings)
            if request.paper == "id_card_front":
                sitting.card = self._faces.read_face(photo.pixels)
        told = fields if findings.verdict != "unreadable" else {}
        return PaperReading(
            obtained_at=request.asked_at, paper=request.paper, verdict=findings.verdict,
            fields=tuple(ReadField(name=name, text=one.text, confidence=one.confidence)
                         for name, one in told.items() if name not in room.KEPT_BACK),
            codes=codes, reasons=_tell(findings.reasons), confidence=findings.confidence,
            is_number_consistent=findings.is_number_consistent, is_copied=findings.is_copied, digest=photo.digest,
            likeness=likeness, seen_before=len(seen.applications), millis=_count_millis(start),
        )  # fmt: skip

    def draw_challenge(self, request: ChallengeRequest) -> Challenge:
        """Acts that nobody could know before; the clock of their answering is ours and begins now."""
        asked, colours = room.draw_challenge(int.from_bytes(secrets.token_bytes(_BYTES_OF_CHANCE), "big"))
        sitting = self._open(request.session, request.application)
        sitting.nonce, sitting.asked, sitting.issued = secrets.token_hex(16), asked, time.monotonic()
        sitting.is_used = False
        return Challenge(
            obtained_at=request.asked_at, session=request.session, nonce=sitting.nonce,
            steps=tuple(ChallengeStep(act=one.act, colour=colour, from_ms=one.from_ms, until_ms=one.until_ms)
                        for one, colour in zip(asked, colours, strict=True)),
            frames_per_second=FRAMES_PER_SECOND, pixels_longest=FRAME_PIXELS, seconds_valid=SECONDS_VALID,
        )  # fmt: skip

    def judge_liveness(self, request: LivenessRequest) -> LivenessAnswer:
        """The frames of a sitting held against what was asked; a challenge is good for one answer."""
        start = time.perf_counter()
        if not 0 < len(request.frames) <= FRAMES_MAX:
            raise BadInput(place="frames", found=f"{len(request.frames)} frames", expected=f"1 to {FRAMES_MAX}")
        sitting = self._find(request.session, request.application)
        if sitting is None or not sitting.asked:
            raise Refused("No challenge was asked for in this sitting; ask for one and film it.")
        waited = time.monotonic() - sitting.issued
        is_ours = secrets.compare_digest(request.nonce, sitting.nonce) and not sitting.is_used
        sitting.is_used = True
        photos = [
            read_picture(frame.image, place=f"frames.{place}.image", side_max=2 * FRAME_PIXELS)
            for place, frame in enumerate(request.frames)
        ]
        known = self._seen.take_frames(request.session, (photo.digest for photo in photos), on=request.asked_at.date())
        signs, faces = self._measure_frames(request, photos)
        portrait = _choose_portrait(sitting.asked, signs, faces)
        told = room.judge_liveness(
            sitting.asked, signs,
            room.Sitting(is_nonce_ours=is_ours, waited_ms=round(1000 * waited), valid_ms=1000 * SECONDS_VALID,
                         frames_seen_before=known, source=request.source,
                         faces_apart=self._measure_apart(sitting.asked, signs, faces, photos, portrait)),
        )  # fmt: skip
        sitting.liveness, sitting.is_camera = told, request.source == "camera"
        sitting.portrait = None if portrait is None else photos[portrait].pixels
        return LivenessAnswer(
            obtained_at=request.asked_at, verdict=told.verdict, challenges_asked=told.challenges_asked,
            challenges_passed=told.challenges_passed, is_injected=told.is_injected, is_replayed=told.is_replayed,
            reasons=_tell(told.reasons), frames_read=len(photos), millis=_count_millis(start),
            portrait=None if sitting.portrait is None else write_picture(sitting.portrait),
        )  # fmt: skip

    def _measure_frames(
        self, request: LivenessRequest, photos: list[Photograph]
    ) -> tuple[list[room.FrameSigns], list[FrameFace]]:
        signs, faces = [], []
        for place, (frame, photo) in enumerate(zip(request.frames, photos, strict=True)):
            face = measure_face(self._finder, photo.pixels)
            still = measure_stillness(photos[place - 1].pixels, photo.pixels) if place else None
            signs.append(room.FrameSigns(
                at_ms=frame.at_ms, digest=photo.digest, faces=face.faces, yaw=face.yaw, eyes=face.eyes,
                mouth=face.mouth, still_share=still, place=face.place,
            ))  # fmt: skip
            faces.append(face)
        return signs, faces

    def _measure_apart(
        self,
        asked: tuple[room.Asked, ...],
        signs: list[room.FrameSigns],
        faces: list[FrameFace],
        photos: list[Photograph],
        portrait: int | None,
    ) -> float | None:
        """How far the faces that did the acts lie from the straight one: nobody else may do them for the portrait."""
        if portrait is None:
            return None
        straight = self._faces.read_face(photos[portrait].pixels).vector
        apart = []
        for one in asked:
            within = [
                p for p, f in enumerate(signs) if one.from_ms <= f.at_ms <= one.until_ms and faces[p].yaw is not None
            ]
            if one.act == "straight" or not within:
                continue
            calmest = min(within, key=lambda place: abs(faces[place].yaw or 0.0) - (faces[place].eyes or 0.0))
            distance = _measure(straight, self._faces.read_face(photos[calmest].pixels).vector)
            if distance is not None:
                apart.append(distance)
        return max(apart, default=None)

    def compare_faces(self, request: FaceRequest) -> FaceAnswer:
        """The face on the paper against the face of the sitting; the portrait is held against other applications'."""
        start = time.perf_counter()
        sitting = self._find(request.session, request.application)
        card = sitting.card if sitting else None
        if request.paper is not None:
            card = self._faces.read_face(read_picture(request.paper, place="paper").pixels)
        pixels = sitting.portrait if sitting else None
        if request.portrait is not None:
            pixels = read_picture(request.portrait, place="portrait").pixels
        person = self._faces.read_face(pixels) if pixels is not None else None
        distance = None
        if card is not None and person is not None:
            distance = _measure(card.vector, person.vector)
        match = room.judge_faces(
            distance, faces_on_paper=card.faces if card else 0, faces_in_portrait=person.faces if person else 0
        )
        seen = 0
        if pixels is not None:
            content = hashlib.sha256(pixels.tobytes()).hexdigest()
            found = self._seen.take_picture(
                request.application, "portrait", content, measure_likeness(pixels), code="IDM-SEEN",
                on=request.asked_at.date(),
            )  # fmt: skip
            seen = len(found.applications)
            if found.reasons:
                verdict = "unsure" if match.verdict == "same" else match.verdict
                match = room.FaceMatch(
                    verdict=verdict, similarity_bps=match.similarity_bps, reasons=(*match.reasons, *found.reasons)
                )
        if sitting is not None:
            sitting.face, sitting.faces_seen_before = match, seen
        return FaceAnswer(
            obtained_at=request.asked_at, verdict=match.verdict, similarity_bps=match.similarity_bps,
            reasons=_tell(match.reasons), seen_before=seen, millis=_count_millis(start),
        )  # fmt: skip

    def check_identity(self, request: IdentityRequest) -> IdentityCheck:
        """The sitting as one piece of evidence; without a sitting nothing is known, and nothing is told."""
        sitting = self._find(request.session, request.application)
        if sitting is None:
            return IdentityCheck(obtained_at=request.asked_at)
        return room.join_identity_check(
            obtained_at=request.asked_at, papers=dict(sitting.papers), liveness=sitting.liveness, face=sitting.face,
            faces_seen_before=sitting.faces_seen_before, is_camera=sitting.is_camera, name=request.person.name,
            id_number=request.person.id_number,
        )  # fmt: skip


def _measure(one: npt.NDArray[np.float64] | None, other: npt.NDArray[np.float64] | None) -> float | None:
    return None if one is None or other is None else measure_distance(one, other)


def _choose_portrait(asked: tuple[room.Asked, ...], signs: list[room.FrameSigns], faces: list[FrameFace]) -> int | None:
    """The place of the straightest frame with open eyes, of those where a straight look was asked for if there are."""
    seen = [place for place, face in enumerate(faces) if face.yaw is not None and face.faces == 1]
    calm = [
        place for place in seen
        if any(a.act == "straight" and a.from_ms <= signs[place].at_ms <= a.until_ms for a in asked)
    ]  # fmt: skip
    if not (calm or seen):
        return None
    return min(calm or seen, key=lambda place: abs(faces[place].yaw or 0.0) - (faces[place].eyes or 0.0))


def _tell(reasons: tuple[Reason, ...]) -> tuple[PartyReason, ...]:
    return tuple(
        PartyReason(code=reason.code, facts={k: _plain(v) for k, v in reason.facts.items()}) for reason in reasons
    )


def _plain(value: Any) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _count_millis(start: float) -> int:
    return round(1000 * (time.perf_counter() - start))
