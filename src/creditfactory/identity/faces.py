"""The face on the paper and the face before the camera: alike enough, or a matter for a person."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

from creditfactory.kernel import Reason

STEPS: tuple[tuple[float, int], ...] = ((0.0, 10_000), (0.35, 8_000), (0.6, 4_000), (1.0, 0))
"""Distance of two face vectors and the similarity told for it, straight lines between; 0.6 is the model's own line
for one person, and two different people at 0.42 have been reported, so only below 0.35 do two faces count as one."""
SAME_BPS = 8_000
DIFFERENT_BPS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMatch:
    """Same, unsure or different, with the similarity in basis points; none of them decides alone."""

    verdict: Literal["same", "unsure", "different"]
    similarity_bps: int | None = None
    reasons: tuple[Reason, ...] = ()


def measure_similarity(distance: float) -> int:
    """The similarity told for a distance between two face vectors.

    >>> measure_similarity(0.0), measure_similarity(0.35), measure_similarity(0.6), measure_similarity(1.4)
    (10000, 8000, 4000, 0)
    """
    for (near, high), (far, low) in itertools.pairwise(STEPS):
        if distance <= far:
            return round(high + (low - high) * (max(distance, near) - near) / (far - near))
    return STEPS[-1][1]


def judge_faces(distance: float | None, *, faces_on_paper: int, faces_in_portrait: int) -> FaceMatch:
    """Whether the two pictures show one person; where a face is missing or there are several, a person looks.

    >>> judge_faces(0.2, faces_on_paper=1, faces_in_portrait=1).verdict
    'same'
    >>> judge_faces(0.42, faces_on_paper=1, faces_in_portrait=1).reasons
    (Reason(code='IDM-UNSURE', facts={'similarity_bps': 6880}),)
    >>> judge_faces(None, faces_on_paper=0, faces_in_portrait=1).reasons
    (Reason(code='IDM-NO-FACE', facts={'of': 'paper'}),)
    """
    missing = [Reason("IDM-NO-FACE", {"of": of}) for of, count in (
        ("paper", faces_on_paper), ("portrait", faces_in_portrait)) if count == 0]  # fmt: skip
    if missing or distance is None:
        return FaceMatch(verdict="unsure", reasons=tuple(missing) or (Reason("IDM-NO-FACE", {"of": "paper"}),))
    similarity = measure_similarity(distance)
    if similarity < DIFFERENT_BPS:
        reasons = (Reason("IDM-DIFFERENT", {"similarity_bps": similarity}),)
        return FaceMatch(verdict="different", similarity_bps=similarity, reasons=reasons)
    if faces_in_portrait > 1:
        return FaceMatch(verdict="unsure", similarity_bps=similarity, reasons=(Reason("IDM-SEVERAL"),))
    if similarity < SAME_BPS:
        reasons = (Reason("IDM-UNSURE", {"similarity_bps": similarity}),)
        return FaceMatch(verdict="unsure", similarity_bps=similarity, reasons=reasons)
    return FaceMatch(verdict="same", similarity_bps=similarity)
