"""One sitting of an applicant: what is asked of the camera, and what papers, camera and faces say when put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from creditfactory.application import IdentityCheck, PaperCheck
from creditfactory.identity.documents import PaperFindings, check_stated
from creditfactory.identity.faces import FaceMatch
from creditfactory.identity.liveness import Act, Asked, Liveness
from creditfactory.identity.paper_text import FieldFound, Paper
from creditfactory.kernel import Reason

ACTS: tuple[Act, ...] = ("turn_left", "turn_right", "blink", "open_mouth")
COLOURS = ("#ffffff", "#ffd9a0", "#a8d0ff", "#b8f0b0", "#f0b8e8")
ACTS_ASKED = 3
STRAIGHT_MS = 1_500
ACT_MS = (2_200, 2_400, 2_600, 2_800, 3_000)


def draw_challenge(chance: int) -> tuple[tuple[Asked, ...], tuple[str, ...]]:
    """Three of four acts in an order, with lengths and a colour of the screen each, all read off one large number.

    The number is drawn by the caller; 24 orders, five lengths and five colours an act, so a film made before does
    not fit. A straight look comes first.

    >>> acts, colours = draw_challenge(2**64 - 1)
    >>> [one.act for one in acts], acts[0].until_ms, len(colours)
    (['straight', 'open_mouth', 'turn_left', 'turn_right'], 1500, 4)
    """
    left = list(ACTS)
    asked = [Asked(act="straight", from_ms=0, until_ms=STRAIGHT_MS)]
    colours = [COLOURS[0]]
    for _ in range(ACTS_ASKED):
        chance, place = divmod(chance, len(left))
        chance, length = divmod(chance, len(ACT_MS))
        chance, colour = divmod(chance, len(COLOURS))
        start = asked[-1].until_ms
        asked.append(Asked(act=left.pop(place), from_ms=start, until_ms=start + ACT_MS[length]))
        colours.append(COLOURS[colour])
    return tuple(asked), tuple(colours)


def join_identity_check(
    *,
    obtained_at: datetime,
    papers: Mapping[Paper, tuple[Mapping[str, FieldFound], PaperFindings]],
    liveness: Liveness | None,
    face: FaceMatch | None,
    faces_seen_before: int | None,
    is_camera: bool,
    name: str | None = None,
    id_number: str | None = None,
) -> IdentityCheck:
    """Everything of one sitting as the one piece of evidence.

    No authority was asked: whether the document is genuine and whose name and phone it is stays unknown, so that by
    itself this evidence never passes anybody and, but for frames that were injected or played again, rejects nobody.
    An unsure sitting counts as not done. ``is_number_consistent`` holds the printed number against itself, its
    printed birthday and sex, and what the applicant typed.
    """
    front = papers.get("id_card_front")
    consistent = front[1].is_number_consistent if front else None
    if front and check_stated(front[0], name=name, id_number=id_number):
        consistent = False
    shares = [findings.confidence for _, findings in papers.values() if findings.confidence is not None]
    copies = [findings.is_copied for paper, (_, findings) in papers.items() if paper != "licence"]
    told = liveness.verdict if liveness else "unsure"
    return IdentityCheck(
        obtained_at=obtained_at,
        liveness="not_done" if told == "unsure" else told,
        face_similarity_bps=face.similarity_bps if face else None,
        is_injected=liveness.is_injected if liveness else None,
        is_replayed=liveness.is_replayed if liveness else None,
        challenges_asked=liveness.challenges_asked if liveness else None,
        challenges_passed=liveness.challenges_passed if liveness else None,
        faces_seen_before=faces_seen_before,
        document_confidence=min(shares, default=None),
        is_document_copied=True if True in copies else None if None in copies or not copies else False,
        is_number_consistent=consistent,
        method="camera" if is_camera else "files",
    )


def join_authority(authority: IdentityCheck, sitting: IdentityCheck) -> IdentityCheck:
    """The authority's word on document, name and phone, with the sitting's own camera: the newer of the two instants.

    >>> from datetime import UTC
    >>> at = datetime(2026, 11, 22, tzinfo=UTC)
    >>> said = IdentityCheck(obtained_at=at, is_document_valid=True, is_name_matched=True, liveness="passed")
    >>> seen = IdentityCheck(obtained_at=at, liveness="failed", method="camera")
    >>> both = join_authority(said, seen)
    >>> both.is_name_matched, both.liveness
    (True, 'failed')
    """
    return replace(
        sitting,
        obtained_at=max(authority.obtained_at, sitting.obtained_at),
        is_document_valid=authority.is_document_valid,
        is_name_matched=authority.is_name_matched,
        is_phone_matched=authority.is_phone_matched,
    )


def build_paper_check(
    *,
    obtained_at: datetime,
    paper: Paper,
    digest: str,
    likeness: str | None,
    confidence: int | None,
    reasons: tuple[Reason, ...],
    seen_before: int | None,
) -> PaperCheck:
    """A paper's reading as evidence: what was found out about it, without a word of what it says of a person."""
    return PaperCheck(
        obtained_at=obtained_at, paper=paper, digest=digest, likeness=likeness, confidence=confidence,
        findings=tuple(reason.code for reason in reasons), seen_before=seen_before,
    )  # fmt: skip
