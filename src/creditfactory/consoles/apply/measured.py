"""What the page measured of a session, as evidence: counts and times, never what was typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from creditfactory import identity

TRAP = "website"
"""A field that nobody sees; only a program fills it in."""
GAPS_MAX, POINTS_MAX, MEASURED_BYTES_MAX = 300, 300, 24_000
COUNTS = ("pastes", "corrections", "focus_losses", "keys", "touches", "scrolls", "tilt_changes", "autofilled", "moves")
PLATFORMS = ("android", "ios", "windows", "macos", "linux", "harmony", "other")


def read_measured(text: str) -> dict[str, Any]:
    """What a page sent of one step, made safe: numbers within bounds, nothing else; empty where it is not readable."""
    if not text or len(text) > MEASURED_BYTES_MAX:
        return {}
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(raw, dict):
        return {}
    found: dict[str, Any] = {name: _whole(raw.get(name)) for name in COUNTS}
    found["gaps"] = [n for n in _list(raw.get("gaps"), GAPS_MAX) if isinstance(n, int) and 0 <= n < 10**7]
    found["strokes"] = _read_strokes(raw.get("strokes"))
    found["pauses"] = [n for n in _list(raw.get("pauses"), 100) if isinstance(n, int) and 0 <= n < 10**7]
    found["field_ms"] = [n for n in _list(raw.get("field_ms"), 60) if isinstance(n, int) and 0 <= n < 10**8]
    found["marks"] = _read_marks(raw.get("marks"))
    found["proof_ms"] = _whole(raw.get("proof_ms"))
    return found


def _whole(value: Any) -> int | None:
    return min(value, 10**6) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _list(value: Any, most: int) -> list[Any]:
    return value[:most] if isinstance(value, list) else []


def _read_strokes(value: Any) -> list[list[tuple[int, int]]]:
    strokes, left = [], POINTS_MAX
    for stroke in _list(value, 200):
        points = [
            (p[0], p[1]) for p in _list(stroke, left) if isinstance(p, list) and len(p) == 2
            and all(isinstance(c, int) and abs(c) < 10**5 for c in p)
        ]  # fmt: skip
        left -= len(points)
        if points:
            strokes.append(points)
    return strokes


def _read_marks(value: Any) -> dict[str, Any]:
    raw = value if isinstance(value, dict) else {}
    flags = ("is_automated", "is_headless", "is_emulator", "has_camera", "has_touch")
    found: dict[str, Any] = {name: raw.get(name) if isinstance(raw.get(name), bool) else None for name in flags}
    for name in ("screen_pixels", "cores", "memory_gb"):
        found[name] = raw[name] if isinstance(raw.get(name), int) and 0 <= raw[name] < 10**9 else None
    zone = raw.get("zone_minutes")
    found["zone_minutes"] = zone if isinstance(zone, int) and abs(zone) <= 900 else None
    for name in ("browser", "language", "canvas"):
        found[name] = str(raw[name])[:40] if isinstance(raw.get(name), str) else None
    found["platform"] = raw["platform"] if raw.get("platform") in PLATFORMS else None
    return found


def add_up(steps: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The steps of one session together: counts added, rhythms joined, the marks of the last step that has some.

    Of the pages' tasks the longest counts: by luck a browser finds one answer in no time, but not each of them.

    >>> add_up({"facts": {"proof_ms": 400}, "wish": {"proof_ms": 6}, "name": {}})["proof_ms"]
    400
    """
    whole: dict[str, Any] = dict.fromkeys(COUNTS)
    whole |= {"gaps": [], "strokes": [], "pauses": [], "field_ms": [], "marks": {}, "proof_ms": None}
    for step in steps.values():
        for name in COUNTS:
            if step.get(name) is not None:
                whole[name] = (whole[name] or 0) + step[name]
        for name in ("gaps", "strokes", "pauses", "field_ms"):
            whole[name] = [*whole[name], *step.get(name, [])]
        if any(value is not None for value in step.get("marks", {}).values()):
            whole["marks"] = step["marks"]
        if step.get("proof_ms") is not None:
            whole["proof_ms"] = max(step["proof_ms"], whole["proof_ms"] or 0)
    return whole


def measure_trace(step: Mapping[str, Any]) -> str:
    """The digest of one step's rhythm: the same again is a recording."""
    strokes = [[(int(p[0]), int(p[1])) for p in stroke] for stroke in step.get("strokes", [])]
    return identity.measure_rhythm(step.get("gaps", []), strokes, step.get("pauses", [])).trace


def build_device_session(draft: Mapping[str, Any], *, device: str, ip: str, at: datetime, agent: str) -> dict[str, Any]:
    """The session as the dossier's evidence; a page that measured nothing (no script) leaves all of it unknown."""
    steps: Mapping[str, Mapping[str, Any]] = draft.get("measured", {})
    whole = add_up(steps)
    strokes = [[(int(p[0]), int(p[1])) for p in stroke] for stroke in whole["strokes"]]
    rhythm = identity.measure_rhythm(whole["gaps"], strokes, whole["pauses"])
    began = datetime.fromisoformat(draft["began_wall"])
    seconds = int((datetime.now(UTC) - began).total_seconds())
    marks = whole["marks"]
    is_measured = bool(steps) and bool(marks)
    headless = marks.get("is_headless")
    evidence: dict[str, Any] = {
        "kind": "device", "obtained_at": at.isoformat(), "device": device, "ip": ip,
        "typing_ms_median": rhythm.typing_ms_median, "form_seconds": seconds,
        "pointer_moves": whole["moves"] if is_measured else None,
        "is_headless": True if "headless" in agent.casefold() else headless,
        "is_emulator": marks.get("is_emulator"), "is_trap_filled": bool(draft.get("trap")),
    }  # fmt: skip
    if is_measured:
        evidence["behaviour"] = {
            "pastes": whole["pastes"], "corrections": whole["corrections"], "focus_losses": whole["focus_losses"],
            "keys": whole["keys"], "typing_spread_bps": rhythm.typing_spread_bps,
            "pointer_straight_bps": rhythm.pointer_straight_bps, "pointer_pause_ms": rhythm.pointer_pause_ms,
            "touches": whole["touches"], "scrolls": whole["scrolls"], "tilt_changes": whole["tilt_changes"],
            "proof_ms": whole["proof_ms"], "proof_bits": draft.get("proof_bits"),
            "fields_autofilled": whole["autofilled"], "field_seconds": [round(ms / 1000) for ms in whole["field_ms"]],
        }  # fmt: skip
        told = ("platform", "browser", "screen_pixels", "cores", "memory_gb", "zone_minutes", "language",
                "is_automated", "has_camera", "has_touch", "canvas")  # fmt: skip
        evidence["marks"] = {name: marks.get(name) for name in told}
    return evidence
