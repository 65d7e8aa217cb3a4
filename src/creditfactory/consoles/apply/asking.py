"""Reading papers and judging faces through the identity gateway; where nobody answers, a person will look."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Any

import structlog

from creditfactory import gateways, stations
from creditfactory.kernel import BadInput, Misconfigured, Unavailable

log = structlog.get_logger("apply")
ACTS = ("turn_left", "turn_right", "blink", "open_mouth")
COLOURS = ("#f4f4f4", "#ffd9d2", "#d5e8ff", "#dcf5d8", "#fff2c4")
ACT_MS, ACTS_ASKED, SECONDS_VALID = 2_400, 3, 90


def _ask(part: str, kind: str, key: str, request: dict[str, Any]) -> dict[str, Any] | None:
    """One question to the identity party; None where it cannot be asked, or does not know the question."""
    try:
        answer = gateways.ask(f"identity:{part}", kind, key, request, address_book=stations.read_addresses())
    except (BadInput, Misconfigured, Unavailable) as fault:
        log.info("identity_not_asked", kind=kind, why=type(fault).__name__)
        return None
    return dict(answer.body) if answer.status == "answered" else None


def read_paper(handle: str, paper: str, picture: bytes, digest: str, *, at: datetime) -> dict[str, Any] | None:
    """What a paper says, field by field with the reader's certainty; None where no machine reads it."""
    request = {
        "application": handle, "asked_at": at.isoformat(), "paper": paper, "session": handle,
        "image": base64.b64encode(picture).decode(),
    }  # fmt: skip
    return _ask("papers", "read", f"{handle}:read:{paper}:{digest[:16]}", request)


def draw_challenge(handle: str, *, at: datetime) -> dict[str, Any]:
    """What to do before the camera, in an order nobody knew: the identity party's own, or ours where it sets none."""
    asked = {"application": handle, "asked_at": at.isoformat(), "session": handle}
    set_by_party = _ask("camera", "challenge", f"{handle}:challenge:{secrets.token_hex(6)}", asked)
    if set_by_party is not None:
        return {**set_by_party, "is_ours": False}
    chance = secrets.SystemRandom()
    acts = ["straight", *chance.sample(ACTS, ACTS_ASKED)]
    steps = [
        {"act": act, "colour": chance.choice(COLOURS), "from_ms": place * ACT_MS, "until_ms": (place + 1) * ACT_MS}
        for place, act in enumerate(acts)
    ]
    return {
        "nonce": secrets.token_hex(12), "steps": steps, "frames_per_second": 5, "pixels_longest": 480,
        "seconds_valid": SECONDS_VALID, "is_ours": True,
    }  # fmt: skip


def judge_frames(
    handle: str, nonce: str, source: str, frames: list[tuple[int, bytes]], *, at: datetime
) -> dict[str, Any] | None:
    """Whether somebody did live what was asked; None where no machine judges it."""
    request = {
        "application": handle, "asked_at": at.isoformat(), "session": handle, "nonce": nonce, "source": source,
        "frames": [{"at_ms": ms, "image": base64.b64encode(picture).decode()} for ms, picture in frames],
    }  # fmt: skip
    return _ask("camera", "liveness", f"{handle}:liveness:{nonce}", request)


def compare_faces(handle: str, nonce: str, *, at: datetime) -> dict[str, Any] | None:
    """The face of the sitting against the one on the paper; it never decides by itself."""
    request = {"application": handle, "asked_at": at.isoformat(), "session": handle}
    return _ask("faces", "compare", f"{handle}:compare:{nonce}", request)
