"""Somebody lives before the camera and does what was asked just now; pictures and recordings do not."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, pstdev
from typing import Any, Literal

from creditfactory.kernel import Reason, Scalar

Act = Literal["straight", "turn_left", "turn_right", "blink", "open_mouth"]

LIVENESS_LINES: Mapping[str, Any] = {
    "turn_min": 0.22,
    "blink_share_max": 0.62,
    "blink_open_min": 0.80,
    "mouth_min": 0.12,
    "late_ms_max": 700,
    "early_ms_min": 120,
    "frames_min": 30,
    "gap_ms_max": 1_000,
    "face_share_min": 0.80,
    "same_frames_share_max": 0.40,
    "still_share_max": 0.97,
    "clockwork_ms_max": 0.6,
    "jump_share_max": 0.35,
    "astray_frames_min": 2,
    "faces_apart_max": 0.4,
    "hop_yaw": 0.15,
    "hop_mouth": 0.08,
    "hop_share_max": 0.18,
}
"""Where each sign begins to count; docs/identity.md says on what they were measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One act and when the page asked for it, in milliseconds after the first frame."""

    act: Act
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSigns:
    """What was measured in one frame.

    ``yaw`` is the nose's place between the cheeks (-1 to 1, above 0 towards the person's own left), ``eyes`` and
    ``mouth`` how far they stand open by their width, ``still_share`` the share of the picture that has not changed by
    a single grey level since the frame before, ``place`` the face's middle and width as shares of the picture.
    """

    at_ms: int
    digest: str
    faces: int
    yaw: float | None = None
    eyes: float | None = None
    mouth: float | None = None
    still_share: float | None = None
    place: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What is known of the sitting beside its frames: nonce, waiting time by our own clock, frames seen elsewhere.

    ``faces_apart`` is the largest distance between the straight face and the faces that did the acts.
    """

    is_nonce_ours: bool
    waited_ms: int
    valid_ms: int
    frames_seen_before: int
    source: Literal["camera", "files"]
    faces_apart: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """Passed, failed, or unsure and then a person's matter; with the acts counted and the signs read."""

    verdict: Literal["passed", "unsure", "failed"]
    challenges_asked: int
    challenges_passed: int
    is_injected: bool | None
    is_replayed: bool | None
    reasons: tuple[Reason, ...]
    signals: Mapping[str, Scalar]


def judge_liveness(
    asked: Sequence[Asked], frames: Sequence[FrameSigns], sitting: Sitting, lines: Mapping[str, Any] = LIVENESS_LINES
) -> Liveness:
    """Passed only where every act was done in its own time and nothing speaks of injected or replayed frames.

    Photographs handed in as files can show acts, never a life: they are at best unsure.
    """
    replays = _check_replay(sitting)
    injections = _check_injection(asked, frames, sitting, lines) if sitting.source == "camera" else []
    doubts = [Reason("IDV-FILES")]
    if sitting.source == "camera":
        doubts = [*_check_doubts(frames, lines), *_check_order(asked, frames, lines)]
    if sitting.faces_apart is not None and sitting.faces_apart > lines["faces_apart_max"]:
        doubts.append(Reason("IDV-FACE-CHANGED"))
    acts = [one for one in asked if one.act != "straight"]
    misses = _check_acts(asked, frames, sitting, lines)
    verdict: Literal["passed", "unsure", "failed"] = "passed"
    if replays or injections or misses:
        verdict = "failed"
    elif doubts:
        verdict = "unsure"
    passed = len(acts) - len({reason.facts["number"] for reason in misses if "number" in reason.facts})
    if any("number" not in reason.facts for reason in misses):
        passed = 0
    is_known = sitting.source == "camera" and bool(frames)
    shares = [frame.still_share for frame in frames if frame.still_share is not None]
    return Liveness(
        verdict=verdict,
        challenges_asked=len(acts),
        challenges_passed=passed,
        is_injected=bool(injections) if is_known else None,
        is_replayed=bool(replays) if frames else None,
        reasons=(*replays, *injections, *misses, *doubts),
        signals={"frames": len(frames), "still_share": round(median(shares), 4) if shares else None},
    )


def _check_replay(sitting: Sitting) -> list[Reason]:
    """A challenge answered with another's nonce, out of its time, or with frames handed in before."""
    found = []
    if not sitting.is_nonce_ours:
        found.append(Reason("IDV-NONCE"))
    if sitting.waited_ms > sitting.valid_ms:
        found.append(Reason("IDV-LATE", {"seconds": sitting.waited_ms // 1000}))
    if sitting.frames_seen_before:
        found.append(Reason("IDV-SEEN", {"frames": sitting.frames_seen_before}))
    return found


def _check_injection(
    asked: Sequence[Asked], frames: Sequence[FrameSigns], sitting: Sitting, lines: Mapping[str, Any]
) -> list[Reason]:
    """What no camera does: time that runs backwards or faster than ours, one frame over and over."""
    found = []
    times = [frame.at_ms for frame in frames]
    if any(later <= earlier for earlier, later in itertools.pairwise(times)) or (times and times[0] < 0):
        found.append(Reason("IDV-TIMES"))
    elif times and times[-1] - times[0] > sitting.waited_ms:
        found.append(Reason("IDV-EARLY", {"seconds": (times[-1] - times[0]) // 1000}))
    elif asked and sitting.waited_ms < asked[-1].from_ms:
        found.append(Reason("IDV-EARLY", {"seconds": asked[-1].from_ms // 1000}))
    if _count_hops(frames, lines) > lines["hop_share_max"] * len(frames):
        found.append(Reason("IDV-SHUFFLED"))
    if len(frames) > 1:
        share = 1 - len({frame.digest for frame in frames}) / len(frames)
        if share > lines["same_frames_share_max"]:
            found.append(Reason("IDV-SAME-FRAMES", {"share": round(100 * share)}))
    return found


def _count_hops(frames: Sequence[FrameSigns], lines: Mapping[str, Any]) -> int:
    """How often head or mouth is elsewhere from one frame to the next: frames put together in another order do so."""
    seen = [(f.yaw, f.mouth) for f in frames if f.yaw is not None and f.mouth is not None]
    return sum(
        abs(a[0] - b[0]) > lines["hop_yaw"] or abs(a[1] - b[1]) > lines["hop_mouth"]
        for a, b in itertools.pairwise(seen)
    )


def _check_doubts(frames: Sequence[FrameSigns], lines: Mapping[str, Any]) -> list[Reason]:
    """What a camera seldom does, and an honest one may: a person looks."""
    found = []
    if frames and max(frame.faces for frame in frames) > 1:
        found.append(Reason("IDV-FACES"))
    times = [frame.at_ms for frame in frames]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    if len(gaps) >= 10 and pstdev(gaps) < lines["clockwork_ms_max"]:
        found.append(Reason("IDV-CLOCKWORK"))
    shares = [frame.still_share for frame in frames if frame.still_share is not None]
    if len(shares) >= 10 and median(shares) > lines["still_share_max"]:
        found.append(Reason("IDV-FROZEN", {"share": round(100 * median(shares))}))
    places = [frame.place for frame in frames if frame.place is not None]
    jumps = sum(
        abs(a[0] - b[0]) + abs(a[1] - b[1]) > lines["jump_share_max"] or not 0.6 < a[2] / max(b[2], 1e-6) < 1.6
        for a, b in itertools.pairwise(places)
    )
    if jumps:
        found.append(Reason("IDV-JUMP", {"times": jumps}))
    return found


def _check_acts(
    asked: Sequence[Asked], frames: Sequence[FrameSigns], sitting: Sitting, lines: Mapping[str, Any]
) -> list[Reason]:
    """Every act that was not seen in its time, or was seen in another's; none where all was as asked."""
    seen = [frame for frame in frames if frame.yaw is not None and frame.eyes is not None and frame.mouth is not None]
    if sitting.source == "camera":
        times = [frame.at_ms for frame in frames]
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        covers = bool(times) and bool(asked) and times[-1] >= asked[-1].until_ms - lines["gap_ms_max"]
        if len(frames) < lines["frames_min"] or max(gaps, default=0) > lines["gap_ms_max"] or not covers:
            return [Reason("IDV-FEW", {"frames": len(frames)})]
    if not frames or len(seen) < lines["face_share_min"] * len(frames):
        return [Reason("IDV-NO-FACE", {"share": round(100 * len(seen) / max(1, len(frames)))})]
    rest = _find_rest(asked, seen)
    found = []
    for number, one in enumerate(asked):
        window = [f for f in seen if one.from_ms <= f.at_ms <= one.until_ms + lines["late_ms_max"]]
        if one.act != "straight" and not _shows(one.act, window, rest, lines):
            found.append(Reason("IDV-ACT", {"act": one.act, "number": number}))
    return found


def _check_order(asked: Sequence[Asked], frames: Sequence[FrameSigns], lines: Mapping[str, Any]) -> list[Reason]:
    """Acts seen while others were asked for: doing everything all the time is no answer. Blinks are free."""
    seen = [frame for frame in frames if frame.yaw is not None and frame.eyes is not None and frame.mouth is not None]
    if not seen:
        return []
    rest = _find_rest(asked, seen)
    found = []
    acts: tuple[Act, ...] = ("turn_left", "turn_right", "open_mouth")
    for act in acts:
        own = [one for one in asked if one.act == act]
        others = [f for f in seen if not _is_near(f, own, lines)]
        if len([f for f in others if _shows(act, [f], rest, lines)]) >= lines["astray_frames_min"]:
            found.append(Reason("IDV-ORDER", {"act": act}))
    return found


@dataclass(frozen=True, slots=True)
class _Rest:
    """The face at rest: what each sign is measured against."""

    yaw: float
    eyes: float
    mouth: float


def _find_rest(asked: Sequence[Asked], seen: Sequence[FrameSigns]) -> _Rest:
    """The face as it was while it was asked to look straight, else over all frames."""
    calm = [f for f in seen if any(a.act == "straight" and a.from_ms <= f.at_ms <= a.until_ms for a in asked)]
    used = calm if len(calm) >= 3 else list(seen)
    return _Rest(
        median(f.yaw for f in used if f.yaw is not None),
        median(f.eyes for f in used if f.eyes is not None),
        median(f.mouth for f in used if f.mouth is not None),
    )


def _is_near(frame: FrameSigns, asked: Sequence[Asked], lines: Mapping[str, Any]) -> bool:
    """Whether the frame lies in the time of one of these acts, with what comes late; a start too early is not in it."""
    return any(a.from_ms + lines["early_ms_min"] <= frame.at_ms <= a.until_ms + lines["late_ms_max"] for a in asked)


def _shows(act: Act, frames: Sequence[FrameSigns], rest: _Rest, lines: Mapping[str, Any]) -> bool:
    """Whether an act is seen in these frames; a turn counts by the nose's place, never by an angle."""
    if act in ("turn_left", "turn_right"):
        sign = 1 if act == "turn_left" else -1
        return any(sign * (f.yaw - rest.yaw) >= lines["turn_min"] for f in frames if f.yaw is not None)
    if act == "open_mouth":
        return any(f.mouth - rest.mouth >= lines["mouth_min"] for f in frames if f.mouth is not None)
    if act == "blink":
        closed = [
            f.at_ms for f in frames
            if f.eyes is not None and f.eyes <= rest.eyes * lines["blink_share_max"]
            and f.yaw is not None and abs(f.yaw - rest.yaw) < lines["turn_min"]
        ]  # fmt: skip
        opened = [f.at_ms for f in frames if f.eyes is not None and f.eyes >= rest.eyes * lines["blink_open_min"]]
        return bool(closed) and any(at < max(closed) for at in opened) and any(at > min(closed) for at in opened)
    return True
